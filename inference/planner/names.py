"""The site's names, looked up by word, by stem, by letters and by Chinese characters: built once per vocabulary and
language; and the nearest name to a misspelt word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from inference.contract import Named, Vocabulary
from inference.planner.inflection import stems
from inference.planner.lexicon import phrases
from inference.planner.quantities import merged, number_words
from inference.planner.text import fold, stem, tokenize, words_of

KINDS = ("place", "item", "robot")
LINKS = frozenset({"of", "the", "de", "la", "el", "du", "des", "der", "und", "and", "do", "da", "d", "z", "l", "le"})
Row = tuple[str, Named]
_K = TypeVar("_K")
BagRow = tuple[str, Named, frozenset[str]]


@dataclass(slots=True)
class Index:
    """Everything looked up by word, built once per vocabulary and language.

    `full` exact keys; `bags` the same words in any order; `by_word` which records have a word; `letters` keys with the
    spaces left out; `joined` two words written as one; `by_stem` words by their stems; `han` parts of Chinese names.
    """

    full: dict[tuple[str, ...], list[Row]] = field(default_factory=dict)
    bags: dict[tuple[str, ...], list[Row]] = field(default_factory=dict)
    by_word: dict[str, list[BagRow]] = field(default_factory=dict)
    letters: dict[str, list[Row]] = field(default_factory=dict)
    joined: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by_stem: dict[str, list[str]] = field(default_factory=dict)
    han: dict[str, list[Row]] = field(default_factory=dict)
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
                key = _key(label, numbers, lang)
                if key:
                    _add(index, key, kind, named)
                    words.update(dict.fromkeys(w for w in key if len(w) >= 3 and w.isalpha()))
    for word in words:
        for form in stems(word, lang):
            index.by_stem.setdefault(form, []).append(word)
    index.words = tuple(w for w in words if len(w) >= 4)
    index.known = _verbs(lang)
    return index


@lru_cache(maxsize=32)
def plain_words(vocabulary: Vocabulary) -> frozenset[str]:
    """All folded words of all names, and codes such as "b4": what must not decide which language a text is in."""
    records = (*vocabulary.places, *vocabulary.items, *vocabulary.robots)
    words: set[str] = set()
    for named in records:
        for label in (named.name, *named.aliases):
            key = words_of(label)
            words.update(key, (a + b for a, b in pairwise(key) if len(a) == 1 and b.isdigit()))
    return frozenset(words)


def _key(label: str, numbers: dict[str, int], lang: str) -> tuple[str, ...]:
    tokens = [t for t in merged(tokenize(label), lang, label) if t.is_word or t.is_number]
    return tuple(norm(t.norm, numbers) for t in tokens)


@lru_cache(maxsize=16)
def _verbs(lang: str) -> tuple[str, ...]:
    """One-word verbs: the only known words a typing error is corrected to ("night" must not become "nicht")."""
    table, _ = phrases(lang)
    return tuple(
        sorted(
            key[0]
            for key, cats in table.items()
            if len(key) == 1 and len(key[0]) >= 5 and any(c[:2] == "v:" or c == "unknown_time" for c in cats)
        )
    )


def _sayable(identifier: str) -> bool:
    """Ids such as "row-3" are also spoken; bare numbers, long opaque ids and single everyday words are not."""
    if len(identifier) > 24 or not any(c.isalpha() for c in identifier):
        return False
    return 2 <= len(words_of(identifier)) <= 3


def norm(word: str, numbers: dict[str, int]) -> str:
    return str(numbers[word]) if word in numbers else stem(word)


def is_han(word: str) -> bool:
    return "\u3400" <= word[:1] <= "\u9fff"


def _add(index: Index, key: tuple[str, ...], kind: str, named: Named) -> None:
    entry = (kind, named)
    for table, spelled in ((index.full, key), (index.bags, tuple(sorted(w for w in key if w not in LINKS)))):
        _into(table, spelled, entry)
    index.longest = max(index.longest, len(key))
    if any(is_han(w) for w in key):
        _add_han(index, key, entry)
    letters = "".join(key)
    if len(letters) >= 4 and any(c.isalpha() for c in letters):
        _into(index.letters, letters, entry)
    bag = frozenset(key)
    for word in bag - LINKS:
        rows3 = index.by_word.setdefault(word, [])
        if (kind, named, bag) not in rows3:
            rows3.append((kind, named, bag))
    for i in range(len(key) - 1):
        if key[i].isalpha() and key[i + 1].isalpha() and len(key[i]) > 1 and len(key[i + 1]) > 1:
            index.joined.setdefault(key[i] + key[i + 1], (key[i], key[i + 1]))


def _into(table: dict[_K, list[Row]], key: _K, entry: Row) -> None:
    rows = table.setdefault(key, [])
    if entry not in rows:
        rows.append(entry)


def _add_han(index: Index, key: tuple[str, ...], entry: Row) -> None:
    """ "3号货架" is also said "货架3" and "货架3号"; the parts of the name alone are kept for what is said short."""
    labels = [w for w in key if not is_han(w)]
    chars = "".join(w for w in key if is_han(w))
    core = chars.replace("号", "")
    if len(labels) == 1 and len(core) >= 1 and (labels[0].isdigit() or len(labels[0]) == 1):
        for spelled in (
            (labels[0], "号", *core),
            (*core, labels[0]),
            (*core, labels[0], "号"),
            (labels[0], *core),
            (*core, "第", labels[0]),
        ):
            _into(index.full, spelled, entry)
            index.longest = max(index.longest, len(spelled))
    for start in range(len(core) - 1):
        _into(index.han, core[start:], entry)
    if labels and len(core) >= 2:
        _into(index.han, core, entry)
    for end in range(2, len(core)):
        if len(core) - end == 1:
            _into(index.han, "^" + core[:end], entry)


def closest(norm: str, words: Sequence[str], *, short: int, near: bool = False) -> tuple[str | None, int]:
    """The one nearest word within the allowed edits (1 up to seven letters, else 2; with `near`, one more and also in
    short words, because the words beside it belong to the same name), or None when none or two are nearest.
    """
    allowed = (1 if len(norm) < 8 else 2) + (near and 6 <= len(norm) < 8)
    found = _candidates(norm, words, short, allowed, near)
    if not found:
        return None, 99
    best = min(distance for _, distance in found)
    nearest = [word for word, distance in found if distance == best]
    if len(nearest) > 1:
        # Of two equally near words the one that a slip of the finger makes.
        nearest = [word for word in nearest if _slip(norm, word)]
    return (nearest[0], best) if len(nearest) == 1 else (None, 99)


def _candidates(norm: str, words: Sequence[str], short: int, allowed: int, near: bool) -> list[tuple[str, int]]:
    out = []
    for word, distance, _ in process.extract_iter(norm, words, scorer=OSA.distance, score_cutoff=allowed):
        if len(word) < (3 if near else short) or (word[0] != norm[0] and len(norm) < 6 and not near):
            continue
        # Of so short a word only swapped or doubled letters are taken for an error: "half" is not "hall".
        if len(norm) == 4 and not near and sorted(word) != sorted(norm):
            continue
        if len(norm) < 4 and not (near and _slip(norm, word)):
            continue
        out.append((word, int(distance)))
    return out


_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = {
    a + b
    for r, row in enumerate(_ROWS)
    for c, a in enumerate(row)
    for other in (row, _ROWS[r - 1] if r else "", _ROWS[r + 1] if r < 2 else "")
    for b in other[max(0, c - 1) : c + 2]
    if a != b
}


def _slip(typed: str, word: str) -> bool:
    """Whether `typed` is `word` with letters swapped, doubled, left out of a double, or the key beside hit."""
    if len(typed) == len(word):
        differing = [(a, b) for a, b in zip(typed, word, strict=True) if a != b]
        if len(differing) == 2 and differing[0] == differing[1][::-1]:
            return True
        return len(differing) == 1 and "".join(differing[0]) in _BESIDE
    longer, shorter = (typed, word) if len(typed) > len(word) else (word, typed)
    return any(longer[i] == longer[i - 1] and longer[:i] + longer[i + 1 :] == shorter for i in range(1, len(longer)))


def suggestions(text: str, records: Sequence[Named], limit: int = 4) -> tuple[Named, ...]:
    """Up to `limit` records whose names look most like `text`, best first (for the options of a question)."""
    wanted = fold(text)
    scored = [
        (max(fuzz.WRatio(wanted, fold(label)) for label in (n.name, *n.aliases)), -i, n) for i, n in enumerate(records)
    ]
    return tuple(n for _, _, n in sorted(scored, key=lambda row: row[:2], reverse=True)[:limit])
