"""A text as the guard compares it: words without case, accents and invisible characters, and how far they are apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from inference.planner.text import fold, stem

_HAN = "\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+\*?|[.!?](?=\s|$|[\"'\u201d\u00bb)])|[;,:\n]")
_WIDE = re.compile(r"[\u3002\uff01\uff1f\u3001\uff0c\uff1b\uff1a]")
_WIDE_AS = {"。": ". ", "！": "! ", "？": "? ", "、": ", ", "，": ", ", "；": "; ", "：": ": "}
# "l'alarme", "t'arrête" are two words; "don't" is one.
_ELISION = re.compile(r"\b(qu|jusqu|lorsqu|puisqu|quoiqu|[ldjcsmtn])['\u2019\u02bc]", re.IGNORECASE)
_SENTENCE, _COMMA, _PAUSE = 100.0, 2.0, 4.0
_PAUSES = {".": _SENTENCE, "!": _SENTENCE, "?": _SENTENCE, "\n": _SENTENCE, ";": _SENTENCE, ":": _PAUSE, ",": _COMMA}


@dataclass(frozen=True, slots=True)
class Words:
    """`where` is each word's place, with pauses counted as words (a sentence's end as very many); `named`: 1 a name
    of the site of one word, 2 inside a longer one. `parts` are the runs [start, end) between marks of punctuation.
    """

    words: list[str]
    where: list[float]
    named: list[int]
    parts: list[tuple[int, int]]


def visible(text: str) -> str:
    """Compatibility forms resolved (full width, mathematical, circled letters), invisible characters dropped."""
    plain = unicodedata.normalize("NFKC", _WIDE.sub(lambda m: _WIDE_AS[m.group()], text))
    if plain.isascii():
        return plain
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in ("Cf", "Cc", "Mn", "Me", "Co"))


def words_of(phrase: str) -> list[str]:
    """The folded words of one phrase; a trailing "*" stays with its word."""
    return [t for t in _TOKEN.findall(folded(phrase)) if t not in _PAUSES]


def read(text: str, names: tuple[str, ...] = ()) -> Words:
    """The words of a text that went through `visible`; `names` are the site's, in any spelling."""
    words: list[str] = []
    where: list[float] = []
    parts: list[tuple[int, int]] = []
    place, began = 0.0, 0
    for token in _TOKEN.findall(folded(text)):
        pause = _PAUSES.get(token)
        if pause is None:
            place += 0.5 if "\u3400" <= token <= "\u9fff" else 1.0
            words.append(token.rstrip("*"))
            where.append(place)
            continue
        place += pause
        if began < len(words):
            parts.append((began, len(words)))
        began = len(words)
    if began < len(words):
        parts.append((began, len(words)))
    return Words(words, where, _named(words, names), parts)


def folded(text: str) -> str:
    return fold(_ELISION.sub(r"\1 ", text))


@lru_cache(maxsize=16)
def _index(names: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """First word's stem -> the names' words, longest first. One letter or digit alone is no name."""
    table: dict[str, set[tuple[str, ...]]] = {}
    for name in names:
        words = tuple(stem(w) for w in words_of(visible(name)))
        if words and (len(words) > 1 or len(words[0]) > 1):
            table.setdefault(words[0], set()).add(words)
    return {first: sorted(rows, key=lambda r: (-len(r), r)) for first, rows in table.items()}


def _named(words: Sequence[str], names: tuple[str, ...]) -> list[int]:
    marks = [0] * len(words)
    if not names:
        return marks
    index, stems = _index(names), [stem(w) for w in words]
    at = 0
    while at < len(words):
        size = next((len(n) for n in index.get(stems[at], ()) if tuple(stems[at : at + len(n)]) == n), 0)
        marks[at : at + size] = [min(size, 2)] * size
        at += max(1, size)
    return marks
