"""Text to tokens: folded words and whole numbers with their exact spans, and what language the words are in.

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
    r"|[%,;.:!?()&+\n\u00bf\u00a1]"
)
_ARROWS = frozenset({"->", "=>", "\u2192", "\u27a1"})
_ELISION = re.compile(r"(?:[ldjcsmtn]|qu|jusqu|lorsqu)['\u2019]", re.IGNORECASE)


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
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c) and c not in "'\u2019")


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


_MARKERS = {
    "de": (
        "der die das und oder bitte von vom zum zur nach mit dem den ein eine einen einer soll bring bringe "
        "bringen hol hole"
        " holen fahr fahre fahren wenn falls ist nicht dann danach bis vor um uhr ins im am auf aus dich mir "
        "jede alle lade prufe"
        " pruefe zahl zahle schau stell stelle nimm warte wo wie kannst konnte jemand ich wir brauche brauchen roboter"
    ),
    "es": (
        "el la los las del al y o por favor desde hasta luego despues lleva llevar trae traer recoge mueve "
        "ve cuenta si esta"
        " no que para con una un en antes cada entonces cuando donde puedes necesito avisame carga espera "
        "revisa inspecciona"
        " deja pon coge vuelve escanea despacio urgente lleve palets necesitamos alguien"
    ),
    "fr": (
        "le la les des du au aux et ou puis apporte apporter prends prendre va aller vers avant apres si est "
        "ne pas une un"
        " dans sur avec svp plait depose amene emmene verifie compte attends quand chaque jusqu quelqu "
        "besoin peux pouvez de"
        " rapporte deplace rends recharge toi robot"
    ),
    "en": (
        "the to from and then please of is it at in on with if when before by take bring move go get put "
        "check need you for"
        " into could can back me not every there after until"
    ),
}
LANGUAGES = tuple(_MARKERS)
_MARKER_SETS = {lang: frozenset(words.split()) for lang, words in _MARKERS.items()}


def detect_language(tokens: list[Token], hint: str | None = None) -> str:
    """The language whose small words occur most, English on a draw; a supported `hint` settles draws."""
    base = (hint or "").lower()[:2]
    scores = {lang: sum(t.norm in words for t in tokens) for lang, words in _MARKER_SETS.items()}
    best = max(scores.values(), default=0)
    tied = [lang for lang in ("en", "de", "es", "fr") if scores[lang] == best]
    return base if base in tied else tied[0]
