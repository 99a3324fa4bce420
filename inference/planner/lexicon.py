"""The lookup tables of the rules planner: folded phrase to categories, per language of the text."""

from __future__ import annotations

from functools import lru_cache

from inference.planner.text import words_of
from inference.planner.words import COLLISIONS, ENGLISH_VERBS, FILLERS, PHRASES, PREPOSITIONS

SENTENCE_ENDS = frozenset(".;!?:\n")


def _forms(verb: str) -> list[str]:
    base = verb[:-1] if verb.endswith("e") else verb
    double = verb + verb[-1] if verb in ("ship", "drop", "put", "get", "grab", "stop", "scan", "transfer") else base
    return [verb, verb + ("es" if verb.endswith(("ch", "sh", "o", "ss")) else "s"), double + "ing", double + "ed"]


@lru_cache(maxsize=8)
def phrases(lang: str) -> tuple[dict[tuple[str, ...], frozenset[str]], int]:
    """Folded phrase -> its categories for a text in `lang`, and the length of the longest phrase in words."""
    table: dict[tuple[str, ...], set[str]] = {}

    def add(category: str, phrase: str) -> None:
        key = (phrase,) if phrase in ("&", "+") else words_of(phrase)
        table.setdefault(key, set()).add(category)

    for category, verbs in ENGLISH_VERBS.items():
        for verb in verbs.split():
            for form in _forms(verb):
                add(category, form)
    for category, listed in PHRASES.items():
        for phrase in listed.split("|"):
            add(category, phrase)
    for category, listed in PREPOSITIONS.get(lang, PREPOSITIONS["en"]).items():
        for phrase in listed.split("|"):
            add(category, phrase)
    if lang != "en":
        # Loan words in a foreign sentence keep their English prepositions where they do not collide.
        for category, listed in PREPOSITIONS["en"].items():
            for phrase in listed.split("|"):
                if words_of(phrase) not in table:
                    add(category, phrase)
    for word in FILLERS.split():
        key = words_of(word)
        if key:
            table.setdefault(key, set()).add("filler")
    _settle(table, lang)
    return {key: frozenset(cats) for key, cats in table.items()}, max(map(len, table))


def _settle(table: dict[tuple[str, ...], set[str]], lang: str) -> None:
    for entry in COLLISIONS.get(lang, COLLISIONS["en"]).split(";"):
        word, _, cats = entry.partition("=")
        if cats:
            table[words_of(word)] = set(cats.split(","))
        else:
            table.pop(words_of(word), None)
