"""The site's names, looked up by word: built once per vocabulary and language; and the nearest name to a misspelt
word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from inference.contract import Named, Vocabulary
from inference.planner.lexicon import phrases
from inference.planner.quantities import number_words
from inference.planner.text import fold, stem, words_of

KINDS = ("place", "item", "robot")
LINKS = frozenset({"of", "the", "de", "la", "el", "du", "des", "der", "und", "and"})


@dataclass(slots=True)
class Index:
    """Everything looked up by word, built once per vocabulary and language."""

    full: dict[tuple[str, ...], list[tuple[str, Named]]] = field(default_factory=dict)
    bags: dict[tuple[str, ...], list[tuple[str, Named]]] = field(default_factory=dict)
    by_word: dict[str, list[tuple[str, Named, frozenset[str]]]] = field(default_factory=dict)
    joined: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    longest: int = 1


@lru_cache(maxsize=32)
def index_of(vocabulary: Vocabulary, lang: str) -> Index:
    index = Index()
    numbers = number_words(lang)
    words: dict[str, None] = {}
    for kind, records in zip(KINDS, (vocabulary.places, vocabulary.items, vocabulary.robots), strict=True):
        for named in records:
            for label in (named.name, *named.aliases, named.id if _sayable(named.id) else ""):
                key = tuple(norm(word, numbers) for word in words_of(label))
                if key:
                    _add(index, key, kind, named)
                    words.update(dict.fromkeys(w for w in key if len(w) >= 4 and w.isalpha()))
    index.words = tuple(words)
    index.known = tuple(sorted(_verbs(lang)))
    return index


def _verbs(lang: str) -> set[str]:
    """One-word verbs: the only known words a typing error is corrected to ("night" must not become "nicht")."""
    table, _ = phrases(lang)
    return {
        key[0]
        for key, cats in table.items()
        if len(key) == 1 and len(key[0]) >= 5 and any(c[:2] == "v:" or c == "unknown_time" for c in cats)
    }


def _sayable(identifier: str) -> bool:
    """Ids such as "row-3" are also spoken; bare numbers and long opaque ids are not."""
    return any(c.isalpha() for c in identifier) and 1 <= len(words_of(identifier)) <= 3 and len(identifier) <= 24


def norm(word: str, numbers: dict[str, int]) -> str:
    return str(numbers[word]) if word in numbers else stem(word)


def _add(index: Index, key: tuple[str, ...], kind: str, named: Named) -> None:
    entry = (kind, named)
    for table, spelled in ((index.full, key), (index.bags, tuple(sorted(w for w in key if w not in LINKS)))):
        rows = table.setdefault(spelled, [])
        if entry not in rows:
            rows.append(entry)
    index.longest = max(index.longest, len(key))
    bag = frozenset(key)
    for word in bag - LINKS:
        rows3 = index.by_word.setdefault(word, [])
        if (kind, named, bag) not in rows3:
            rows3.append((kind, named, bag))
    for i in range(len(key) - 1):
        if key[i].isalpha() and key[i + 1].isalpha() and len(key[i]) > 1 and len(key[i + 1]) > 1:
            index.joined.setdefault(key[i] + key[i + 1], (key[i], key[i + 1]))


def closest(norm: str, words: Sequence[str], *, short: int) -> tuple[str | None, int]:
    """The one nearest word within the allowed edits (1 up to seven letters, else 2), or None when none or two are
    nearest.
    """
    allowed = 1 if len(norm) < 8 else 2
    best, best_d, tie = None, allowed + 1, False
    for word in words:
        if len(word) < short or abs(len(word) - len(norm)) > allowed or (word[0] != norm[0] and len(norm) < 6):
            continue
        if len(norm) == 4 and sorted(word) != sorted(norm):
            continue  # of so short a word only swapped letters are taken for an error: "half" is not "hall"
        distance = OSA.distance(norm, word, score_cutoff=best_d)
        if distance < best_d:
            best, best_d, tie = word, distance, False
        elif distance == best_d and distance <= allowed and word != best:
            tie = True
    return (None, 99) if best is None or tie else (best, best_d)


def suggestions(text: str, records: Sequence[Named], limit: int = 4) -> tuple[Named, ...]:
    """Up to `limit` records whose names look most like `text`, best first (for the options of a question)."""
    wanted = fold(text)
    scored = [
        (max(fuzz.WRatio(wanted, fold(label)) for label in (n.name, *n.aliases)), -i, n) for i, n in enumerate(records)
    ]
    return tuple(n for _, _, n in sorted(scored, key=lambda row: row[:2], reverse=True)[:limit])
