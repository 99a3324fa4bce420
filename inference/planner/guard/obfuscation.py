"""What a text may hide: other spellings of its words, and what its codes say.

Every reading is only ever used to refuse. `spellings` gives the same words written plainly; `decoded` gives what stands
in base64, hex, URL or HTML escapes, character numbers, Morse, shifted or reversed letters.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Callable, Iterator

_LEET = str.maketrans("013457@$!|+€£", "oleastasilteL".lower())
_LEET_I = str.maketrans("013457@$!|+€£", "oieastasiiteL".lower())
_LEET_WORD = re.compile(r"(?<!\S)(?=\S*[A-Za-z])(?=\S*[0-9@$!|+€£])[A-Za-z0-9@$!|+€£'-]{3,40}(?=[\s.,;:?!]|$)")
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[ \t._*~|/\\-]{1,3}[^\W\d_](?![^\W_])){2,400}")
_INSIDE = re.compile(r"(?<=[^\W\d_])[._*~|/\\+\u00b7\u2022-]+(?=[^\W\d_])")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/_-]{8,1600}={0,2}(?![A-Za-z0-9+/=_-])")
_HEX = re.compile(r"(?<![0-9A-Za-z])(?:0x)?(?:[0-9a-fA-F]{2}[ :,-]?(?:0x|\\x)?){4,800}(?![0-9A-Za-z])")
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})|\\u\{?([0-9a-fA-F]{4,5})\}?|\\([0-7]{3})")
_BINARY = re.compile(r"(?<![0-9])(?:[01]{8}[ ,]?){3,200}(?![0-9])")
_DECIMAL = re.compile(r"(?<![0-9])(?:(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6])[ ,;]{1,2}){4,400}(?:[0-9]{2,3})(?![0-9])")
_MORSE = re.compile(r"(?<![\w.-])[.\-\u2013\u2212]{1,5}(?:[ /|]+[.\-\u2013\u2212]{1,5}){2,300}")
_PLAIN = re.compile(r"[A-Za-z]{2,}")
_VOWELS = frozenset("aeiouyAEIOUY")
_MORSE_CODES = (
    ".- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.."
)
_MORSE_AS = dict(zip(_MORSE_CODES.split(), "abcdefghijklmnopqrstuvwxyz", strict=True))
# Letters of other alphabets that look like Latin ones.
_ALIKE = str.maketrans(
    "абвгԁеёзікӏмнорсԛтуѵԝхујѕһгԍιαβγεηικνορτυχωϲοΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТХІЈЅɑɡıƖⱺѡꞮᴀʙᴄᴅᴇɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢƅɩօոսցһԁӏո",
    "abbrdee3iklmhopcqtyvwxyjshrgiabyenikvoptuxwcoabezhikmnoptyxabekmhopctxijsagiiowiabcdeghijklmnoprstuvwyzbionughdln",
)
_FOREIGN = re.compile(r"[\u0180-\u02af\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u1d00-\u1d7f\u2c60-\u2c7f\ua720-\ua7ff]")
MOST = 6


def spellings(text: str, known: Callable[[str], str]) -> Iterator[str]:
    """The text with look-alike letters, digits for letters, spaced-out and stretched words put right. `known` separates
    the words of letters run together.
    """
    if _FOREIGN.search(text):
        text = text.translate(_ALIKE)
        yield text
    if _SPACED.search(text):
        yield _SPACED.sub(lambda m: f" {known(re.sub(r'[^A-Za-z]', '', m.group()))} ", text)
        wide = re.split(r"[ \t]{2,}|\s[/|]\s", text)
        if len(wide) > 1:
            yield " ".join(re.sub(r"\s", "", w) if _SPACED.search(w) else w for w in wide)
    plain = text
    if _INSIDE.search(text):
        plain = _INSIDE.sub("", text)
        yield plain
    if _STRETCHED.search(plain):
        plain = _STRETCHED.sub(r"\1", plain)
        yield plain
    if _LEET_WORD.search(plain):
        for table in (_LEET, _LEET_I):
            yield _LEET_WORD.sub(lambda m, t=table: _leet(m.group(), t), plain)  # type: ignore[misc]


def _leet(word: str, table: dict[int, int]) -> str:
    """ "d1s4ble" in letters; "R-07", "A4" and "MX3" have more of a number than of a word and stay."""
    core = word.rstrip("!")
    signs = sum(not c.isalpha() for c in core)
    if len(core) < 4 and not signs:
        return word
    return core.translate(table) if 0 < signs <= len(core) - signs else word


def decoded(text: str) -> list[str]:
    """What the codes in a text say, at most `MOST`. Only what reads as letters is given."""
    found = list(dict.fromkeys(_candidates(text)))
    return found[:MOST]


def _candidates(text: str) -> Iterator[str]:
    if "%" in text and (out := urllib.parse.unquote(text, errors="replace")) != text:
        yield out
    if "&" in text and (out := html.unescape(text)) != text:
        yield out
    if "\\" in text and (out := _ESCAPED.sub(_escape, text)) != text:
        yield out
    for match in _BINARY.finditer(text):
        bits = re.sub(r"[^01]", "", match.group())
        yield from _readable(int(bits[i : i + 8], 2).to_bytes(1, "big") for i in range(0, len(bits) - 7, 8))
    for match in _DECIMAL.finditer(text):
        yield from _readable(bytes([min(255, int(n))]) for n in re.findall(r"[0-9]+", match.group()))
    for match in _HEX.finditer(text):
        digits = re.sub(r"0x|\\x|[^0-9a-fA-F]", "", match.group())
        yield from _readable([bytes.fromhex(digits[: len(digits) // 2 * 2])])
    for match in _BASE64.finditer(text):
        yield from _base64(match.group())
    for match in _MORSE.finditer(text):
        signs = re.sub(r"[\u2013\u2212]", "-", match.group())
        words = (w for w in re.split(r"\s*[/|]\s*|\s{2,}", signs))
        said = " ".join("".join(_MORSE_AS.get(c, "") for c in w.split()) for w in words).strip()
        if len(said) >= 3:
            yield said


def _escape(match: re.Match[str]) -> str:
    two, four, octal = match.groups()
    return chr(int(octal, 8) if octal else int(two or four, 16) % 0x110000)


def _readable(parts: Iterator[bytes] | list[bytes]) -> Iterator[str]:
    try:
        said = b"".join(parts).decode("utf-8")
    except UnicodeDecodeError:
        return
    letters = sum(c.isalpha() or c in " .,!?'\n-" for c in said)
    if len(said) >= 4 and said.isprintable() and letters >= 0.85 * len(said):
        yield said


def _base64(word: str) -> Iterator[str]:
    """One word as base64. Lower-case words alone are language, not code."""
    bare = word.rstrip("=")
    if not word.endswith("=") and (bare.islower() or bare.isupper() or bare.isdigit() or bare.istitle()):
        return
    standard = bare.replace("-", "+").replace("_", "/")
    try:
        yield from _readable([base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)])
    except (binascii.Error, ValueError):
        return


def is_message(said: str) -> bool:
    """Whether something decoded is speech: several words with vowels, or one long one."""
    words = _PLAIN.findall(said)
    if not said.isascii():
        return sum("\u3400" <= c <= "\u9fff" for c in said) >= 3
    return len(words) >= 2 and sum(bool(_VOWELS & set(w)) for w in words) >= 0.7 * len(words) and len(said) >= 8


_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_SHIFTS = [str.maketrans(_ALPHABET, _ALPHABET[n:] + _ALPHABET[:n]) for n in range(1, 26)]
_ATBASH = str.maketrans(_ALPHABET, _ALPHABET[::-1])


def disguised(text: str, telling: frozenset[str]) -> Iterator[str]:
    """The text with its letters shifted, mirrored or backwards, or its words backwards, where that uncovers words the
    guard knows (`telling`) that it does not show itself.
    """
    low = text.lower()
    words = _words(low)
    here = len(words & telling)
    backwards = low[::-1]
    for other in (backwards, *(low.translate(t) for t in (*_SHIFTS, _ATBASH))):
        there = sum(len(w) >= 4 for w in _words(other) & telling)
        if there > here and (there >= 2 or len(words) <= 3):
            yield other


def turned(text: str) -> str:
    """The words of a text in the opposite order."""
    return " ".join(reversed(text.split()))


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text))
