"""What language a text is in: one of those the planners read, or "xx" for one they do not.

By the script first (Han, kana, Hangul, Cyrillic, ...), then by small words, each counting the more the fewer languages
share it, then by letters only some languages write. Words of the site's own names can be left out (`ignore`), so that
English dock names in a Polish sentence do not decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from functools import cache

from inference.planner.smallwords import FOREIGN, KNOWN
from inference.planner.text import Token, tokenize

SUPPORTED = ("en", "de", "es", "fr", "pl", "pt", "zh")
UNKNOWN = "xx"

# Letters that few languages write, with their weight for each that does (folding would lose them, so raw text is seen).
_LETTERS: dict[str, dict[str, float]] = {
    "ł": {"pl": 2.0}, "ą": {"pl": 2.0}, "ę": {"pl": 2.0}, "ż": {"pl": 2.0}, "ź": {"pl": 2.0}, "ś": {"pl": 2.0},
    "ć": {"pl": 1.5}, "ń": {"pl": 1.5}, "ó": {"pl": 0.4, "es": 0.5, "pt": 0.3, "cs": 0.3, "hu": 0.4, "ca": 0.4},
    "ã": {"pt": 2.0}, "õ": {"pt": 2.0}, "ê": {"fr": 0.8, "pt": 0.8}, "â": {"fr": 0.6, "pt": 0.8, "ro": 0.8},
    "ç": {"fr": 0.7, "pt": 1.0, "tr": 0.8, "ca": 0.5}, "à": {"fr": 1.0, "pt": 0.8, "it": 0.8, "ca": 0.7},
    "è": {"fr": 1.0, "it": 0.9, "ca": 0.7}, "ù": {"fr": 1.0, "it": 0.9}, "û": {"fr": 1.0}, "î": {"fr": 0.8, "ro": 1.0},
    "ë": {"fr": 0.3, "nl": 0.3}, "œ": {"fr": 1.5}, "ô": {"fr": 0.8, "pt": 0.6},
    "ñ": {"es": 2.0}, "¿": {"es": 2.0}, "¡": {"es": 2.0}, "í": {"es": 0.5, "pt": 0.5, "cs": 0.6, "hu": 0.3, "ca": 0.3},
    "á": {"es": 0.6, "pt": 0.6, "cs": 0.6, "hu": 0.7}, "é": {"fr": 0.6, "es": 0.4, "pt": 0.5, "cs": 0.4, "hu": 0.6},
    "ú": {"es": 0.5, "pt": 0.5, "cs": 0.4, "hu": 0.4}, "ý": {"cs": 1.5},
    "ß": {"de": 2.5}, "ä": {"de": 0.9, "sv": 0.9, "fi": 0.9},
    "ö": {"de": 0.7, "sv": 0.8, "fi": 0.6, "tr": 0.6, "hu": 0.7},
    "ü": {"de": 0.9, "tr": 0.8, "hu": 0.6, "es": 0.1}, "å": {"sv": 1.5, "no": 1.2, "da": 1.2},
    "ø": {"no": 1.5, "da": 1.5},
    "æ": {"no": 1.2, "da": 1.5}, "ı": {"tr": 2.5}, "ş": {"tr": 1.5, "ro": 1.0}, "ğ": {"tr": 2.5}, "ă": {"ro": 2.0},
    "ș": {"ro": 2.0}, "ț": {"ro": 2.0}, "ţ": {"ro": 1.5}, "ř": {"cs": 2.5}, "ě": {"cs": 2.5}, "ů": {"cs": 2.5},
    "č": {"cs": 1.5}, "š": {"cs": 1.5}, "ž": {"cs": 1.5}, "ő": {"hu": 2.5}, "ű": {"hu": 2.5}, "ì": {"it": 1.0},
    "ò": {"it": 1.0, "ca": 0.7}, "đ": {"vi": 2.5}, "ư": {"vi": 2.0}, "ơ": {"vi": 2.0}, "·": {"ca": 1.0},
}  # fmt: skip
# Groups of letters within words, as rough second evidence: what else a text is made of than small words.
_ENDINGS: tuple[tuple[str, str, float], ...] = (
    ("en", r"(?:ing|tion|ly|ght|sh|th|ck|ness|ould)$|^(?:wh|th|kn)", 0.35),

    ("de", r"(?:ung|ungen|lich|keit|heit|isch|chen|tz|pf|eln|ern|ier(?:t|en))$", 0.4),
    ("de", r"^(?:ge|ver|ein|auf|zer|sch)\w{3}|sch", 0.3),
    ("es", r"(?:cion|ciones|amos|emos|mente|illo|illa|ando|iendo|ado|ada|dad|eras?)$|^(?:ll|h[aeiu])", 0.3),
    ("fr", r"(?:eux|euse|eaux?|tion|ment|ez|ons|oir|aire|que|ette|ier|iere)$|oi|eau|ou[a-z]", 0.3),
    ("pt", r"(?:cao|coes|mente|ando|endo|agem|eira|eiro|inho|inha|dade|os|ar|ou)$|lh|nh", 0.3),

    ("pl", r"(?:ow|owi|ami|ach|ego|emu|ych|ymi|osc|nie|iec|aj|uj|dz|sz|cz|wac)$", 0.35),
    ("pl", r"sz|cz|rz|dz|^(?:prz|na|po|wy|od)\w{3}", 0.3),
    ("nl", r"ij|(?:aan|een|oor|eer|tje|heid|aar|oom|uis|lijk)$|^(?:ge|ver|be)\w{3}|aa|ee(?=[a-z])|oe", 0.35),
    ("it", r"(?:zione|mente|ando|endo|ello|ella|etti|etto|are|ere|ire|gli|cchi|ali|ini)$|zz|cch|gli", 0.35),
    ("fi", r"(?:ssa|sta|lla|lta|lle|ksi|nen|an|in|aa|uu|ii)$|aa|ii|uu|yy|kk", 0.35),
    ("hu", r"(?:ban|ben|nak|nek|hoz|hez|bol|rol|val|vel|ok|ek|ot|et|at)$|sz|gy|cs|zs", 0.25),
    ("tr", r"(?:lar|ler|dan|den|yor|mak|mek|ip|lari|leri|nda|nde|dir)$", 0.35),
    ("ro", r"(?:ul|ului|ilor|elor|este|eaza|esc|ati|uri)$", 0.3),
)  # fmt: skip
_ENDINGS_COMPILED = tuple((lang, re.compile(pattern), weight) for lang, pattern, weight in _ENDINGS)
_KANA = re.compile(r"[\u3041-\u30fa\u30fd-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u06ff\u0900-\u0e7f\u10a0-\u10ff\u1780-\u17ff]")
_LATIN_SOLID = 2.2


@cache
def _weights() -> dict[str, dict[str, float]]:
    """Folded small word -> weight per language: less for each language that shares it."""
    table: dict[str, dict[str, float]] = {}
    for lang, words in (*KNOWN.items(), *FOREIGN.items()):
        for word in words:
            table.setdefault(word, {})[lang] = 0.0
    for row in table.values():
        ours = sum(lang in KNOWN for lang in row)
        # A word shared with foreign languages tells less, and the same for each of them.
        weight = 1.0 / (max(1, ours) + 0.2 * (len(row) - ours))
        for lang in row:
            row[lang] = weight
    return table


def _scores(tokens: Sequence[Token], ignore: Collection[str]) -> tuple[dict[str, float], dict[str, int]]:
    scores: dict[str, float] = {}
    hits: dict[str, int] = {}
    table = _weights()
    for token in tokens:
        norm = token.norm
        row = table.get(norm)
        known_name = norm in ignore
        if row is not None and not (known_name and len(norm) > 2):
            factor = (0.35 if len(norm) == 1 else 1.0) * (0.3 if known_name else 1.0)
            for lang, weight in row.items():
                scores[lang] = scores.get(lang, 0.0) + weight * factor
                hits[lang] = hits.get(lang, 0) + 1
        if known_name or not token.is_word:
            continue
        if row is None and len(norm) >= 4 and norm.isascii():
            for lang, pattern, weight in _ENDINGS_COMPILED:
                if pattern.search(norm):
                    scores[lang] = scores.get(lang, 0.0) + weight
        for char in dict.fromkeys(unicodedata.normalize("NFC", token.raw.lower())):
            for lang, weight in _LETTERS.get(char, {}).items():
                scores[lang] = scores.get(lang, 0.0) + weight
    return scores, hits


def _scripts(tokens: Sequence[Token], ignore: Collection[str]) -> tuple[int, int, int]:
    """(Han characters, kana and Hangul characters, characters of other scripts) outside of the site's names."""
    han = kana = other = 0
    for token in tokens:
        if token.norm in ignore:
            continue
        han += bool(_HAN.match(token.raw))
        kana += bool(_KANA.match(token.raw)) + 2 * bool(_HANGUL.match(token.raw))
        other += len(_OTHER_SCRIPT.findall(token.raw))
    return han, kana, other


def detect(text: str | Sequence[Token], hint: str | None = None, ignore: Collection[str] = ()) -> str:
    """The language's code, or "xx" where the evidence is of another language than ours.

    `hint` (what the requester's page is in, "de" or "de-AT") settles draws and texts without evidence; without it
    those are English. `ignore` are folded words of names.
    """
    tokens = tokenize(text) if isinstance(text, str) else text
    base = (hint or "").lower()[:2]
    fallback = base if base in SUPPORTED else "en"
    han, kana, other = _scripts(tokens, ignore)
    scores, hits = _scores(tokens, ignore)
    latin = max(scores.values(), default=0.0)
    if kana >= 2 or (kana and han > kana):
        return UNKNOWN if latin < _LATIN_SOLID * 1.5 or kana > latin * 2 else _best(scores, hits, fallback)
    if other > 3 and other > 2 * latin:
        return UNKNOWN
    if han and (han * 0.6 > latin or latin < 1.0):
        return "zh"
    if (
        not scores
        and ignore
        and any(_HAN.match(t.raw) for t in tokens)
        and not any(t.is_word and t.raw.isascii() for t in tokens)
    ):
        return "zh"
    return _best(scores, hits, fallback)


def _best(scores: dict[str, float], hits: dict[str, int], fallback: str) -> str:
    ours = {lang: scores.get(lang, 0.0) for lang in KNOWN}
    if fallback in ours:
        ours[fallback] += 0.3
    best = max(ours, key=lambda lang: (ours[lang], lang == fallback, lang == "en"))
    foreign = max((lang for lang in scores if lang not in KNOWN), key=lambda lang: scores[lang], default=None)
    if foreign is not None:
        evidence = scores[foreign]
        if evidence >= 1.3 and hits.get(foreign, 0) >= 1 and evidence > ours[best] * 1.15 + 0.35:
            return UNKNOWN
    if ours[best] <= 0.3:
        return fallback
    return best
