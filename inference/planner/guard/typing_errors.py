"""A word of the guard's behind a typing error: one letter too few, too many, wrong, or two changed round."""

from __future__ import annotations

from collections.abc import Iterable, Set

SHORTEST = 6


class Spelling:
    """Finds the nearest of `words` for a word that is none of `known`."""

    def __init__(self, words: Iterable[str], known: Set[str]) -> None:
        self.known = known
        self.near: dict[str, str] = {}
        for word in sorted(words):
            if len(word) >= SHORTEST:
                for short in _without_one(word):
                    self.near.setdefault(short, word)

    def mend(self, said: str) -> str:
        """`said` itself where it is known or like nothing."""
        if len(said) < SHORTEST or not said.isascii() or said in self.known or not said.isalpha():
            return said
        if any(said[:size] in self.near for size in range(SHORTEST, len(said)) if said[:size] in self.known):
            return said
        for short in _without_one(said):
            meant = self.near.get(short)
            if meant is not None and abs(len(meant) - len(said)) <= 1 and meant[0] == said[0]:
                return meant
        return said


def _without_one(word: str) -> list[str]:
    return [word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]
