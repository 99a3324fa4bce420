"""Text to tokens: folded words and whole numbers with their exact spans.

Hyphens, quotes, slashes and the like separate tokens but are not tokens, so "R-07", "r7" and "R 7" all read r, 7.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\d+"
    r"|->|=>|\u2192|\u27a1"
    r"|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"  # one CJK character is one token, also when glued to a Latin letter
    r"|(?:(?![\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])[^\W\d_])+"
    r"(?:['\u2019](?:(?![\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af])[^\W\d_])+)*"
    r"|[%,;.:!?()&+\n\u00bf\u00a1\u3001\u3002\uff01\uff05\uff08\uff09\uff0c\uff1a\uff1b\uff1f]"
)
_ARROWS = frozenset({"->", "=>", "\u2192", "\u27a1"})
_ELISION = re.compile(r"(?:[ldjcsmtn]|qu|jusqu|lorsqu)['\u2019]", re.IGNORECASE)
# What decomposing leaves alone: apostrophes go, letters with a stroke lose it, Chinese stops become ours.
_SINGLE = str.maketrans({"'": None, "\u2019": None, "\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u0131": "i",
                         "\u00e6": "ae", "\u0153": "oe", "\u3002": ".", "\u3001": ","})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """`norm` is what is compared: casefolded, accents off, leading zeros off; `raw` is as typed, at [start, end)."""

    norm: str
    raw: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.norm.isdigit()

    @property
    def is_word(self) -> bool:
        return self.norm.isalpha()


def fold(text: str) -> str:
    """Casefolded, accents and apostrophes removed, so that typing habits do not separate equal words."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_SINGLE)
    return "".join(c for c in plain if not unicodedata.combining(c))


def tokenize(text: str) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text):
        raw, start = match.group(), match.start()
        if raw[0].isdigit():
            # Only ASCII digits survive as numbers; a number longer than nine digits stays text of its own.
            digits = "".join(str(unicodedata.digit(c, 0)) for c in raw)
            tokens.append(Token(digits.lstrip("0") or "0", raw, start, match.end()))
            continue
        if raw in _ARROWS:
            tokens.append(Token("to", raw, start, match.end()))
            continue
        elision = _ELISION.match(raw)
        if elision and elision.end() < len(raw):
            tokens.append(Token(fold(raw[: elision.end()]), raw[: elision.end()], start, start + elision.end()))
            raw, start = raw[elision.end() :], start + elision.end()
        if norm := fold(raw):
            tokens.append(Token(norm, raw, start, match.end()))
    return tokens


def listed(words: str) -> frozenset[str]:
    """The words of a list written as one string, folded as texts are."""
    return frozenset(fold(word) for word in words.split())


def words_of(phrase: str) -> tuple[str, ...]:
    """The folded words of a name or lexicon phrase, punctuation left out."""
    return tuple(t.norm for t in tokenize(phrase) if t.is_word or t.is_number)


def stem(word: str) -> str:
    """An English plural's singular (the same function is applied to names and texts, so over-stemming is harmless)."""
    if len(word) < 4 or word.isdigit():
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ves") and len(word) > 4:
        return word[:-3] + "f"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
