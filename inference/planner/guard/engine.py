"""Concepts in a text and the combinations of them that are refused.

A language module is data: for each concept (OFF, GUARD, PEOPLE, ...) the words and phrases that mean it. A rule is a
sequence of concepts with the most words that may stand between them. Everything works on tokens with dictionary
look-ups, never with backtracking, so that the time is linear in the length of the text whatever it says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from inference.planner.guard.plain import Words, words_of

ANY = -1  # all languages
# Bits of the languages that put the thing after what it is for: "scanner battery" (English, German, Chinese).
GOODS_FOLLOW = 0b1000011
# What does not count where only goods are spoken of.
THINGS = {
    "GUARD", "PEOPLE", "FOLK", "EXIT", "ZONE", "STOPNOUN", "STOP", "OFF", "BLOCK", "OVER", "HARM", "FORBID", "INJECT",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """`concept` said by the words [start, end), in the languages of the bits of `langs`. `named`: 0 outside of the
    site's names, 1 a name of one word, 2 in a longer one.
    """

    concept: str
    start: int
    end: int
    langs: int
    named: int


@dataclass(frozen=True, slots=True)
class Rule:
    """`parts` in this order, each within `gaps[i]` words after the one before. `mixed`: the words may be of different
    languages. `names`: the last part may also stand inside a site's name, if it follows close. `unless`: a concept
    among the nearest words that makes it harmless.
    """

    reason: str
    parts: tuple[str, ...]
    gaps: tuple[float, ...] = ()
    mixed: bool = False
    names: bool = False
    unless: tuple[str, ...] = ()


def rules(reason: str, *lines: str) -> list[Rule]:
    """Rules from lines such as "OFF ~5 GUARD mixed names unless CLEAR": `<n` in this order, `~n` in either order."""
    made: list[Rule] = []
    for line in lines:
        head, _, unless = line.partition(" unless ")
        words = head.split()
        flags = {w for w in words if w in ("mixed", "names")}
        words = [w for w in words if w not in flags]
        parts, marks = tuple(words[::2]), words[1::2]
        gaps = tuple(float(m[1:]) for m in marks)
        excused = tuple(unless.split())
        made.append(Rule(reason, parts, gaps, "mixed" in flags, "names" in flags, excused))
        if any(m[0] == "~" for m in marks):
            # Backwards only what stands in no name: "the Laser Row switch" is no order.
            made.append(Rule(reason, parts[::-1], gaps[::-1], "mixed" in flags, False, excused))
    return made


Phrase = tuple[tuple[str, ...], str, int]  # the words after the first, the concept, the languages


@dataclass(slots=True)
class Entry:
    """The phrases that begin with one word: of this word alone, by their second word, and with an open second word."""

    alone: list[Phrase] = field(default_factory=list)
    second: dict[str, list[Phrase]] = field(default_factory=dict)
    open: list[Phrase] = field(default_factory=list)

    def add(self, phrase: Phrase) -> None:
        rest = phrase[0]
        if not rest:
            self.alone.append(phrase)
        elif rest[0].endswith("*"):
            self.open.append(phrase)
        else:
            self.second.setdefault(rest[0], []).append(phrase)

    def at(self, words: list[str], after: int) -> Iterator[tuple[str, int, int]]:
        for _, concept, langs in self.alone:
            yield concept, after, langs
        if after >= len(words):
            return
        for phrases in (self.second.get(words[after], ()), self.open):
            for rest, concept, langs in phrases:
                if _follows(words, after, rest):
                    yield concept, after + len(rest), langs


@dataclass(slots=True)
class Lexicon:
    """First word of a phrase, whole or only its beginning -> its phrases. `sizes`: how long those beginnings are."""

    exact: dict[str, Entry] = field(default_factory=dict)
    begins: dict[str, Entry] = field(default_factory=dict)
    sizes: set[int] = field(default_factory=set)

    def add(self, concepts: Mapping[str, str], langs: int) -> None:
        """All phrases of one language; "|" or a line end separates them, "*" ends a word that may go on."""
        for concept, phrases in concepts.items():
            for phrase in phrases.replace("\n", "|").split("|"):
                words = words_of(phrase)
                if not words:
                    continue
                first, rest = words[0], tuple(words[1:])
                if first.endswith("*"):
                    self.sizes.add(len(first) - 1)
                    self.begins.setdefault(first[:-1], Entry()).add((rest, concept, langs))
                else:
                    self.exact.setdefault(first, Entry()).add((rest, concept, langs))

    def at(self, words: list[str], start: int) -> Iterator[tuple[str, int, int]]:
        """(concept, end, languages) of every phrase that begins with the word at `start`."""
        word = words[start]
        if (entry := self.exact.get(word)) is not None:
            yield from entry.at(words, start + 1)
        for size in self.sizes:
            if size <= len(word) and (entry := self.begins.get(word[:size])) is not None:
                yield from entry.at(words, start + 1)


def _follows(words: list[str], start: int, rest: tuple[str, ...]) -> bool:
    if start + len(rest) > len(words):
        return False
    return all(
        said.startswith(meant[:-1]) if meant.endswith("*") else said == meant
        for said, meant in zip(words[start : start + len(rest)], rest, strict=True)
    )


class Hits:
    """What a text says, by concept, in order of the text."""

    def __init__(self, said: Words, lexicon: Lexicon) -> None:
        self.said = said
        merged: dict[tuple[str, int, int], tuple[int, int]] = {}
        for start in range(len(said.words)):
            for concept, end, langs in lexicon.at(said.words, start):
                named = max(said.named[start:end])
                known = merged.get((concept, start, end))
                merged[(concept, start, end)] = (langs | known[0] if known else langs, named)
        self.of: dict[str, list[Hit]] = {}
        for (concept, start, end), (langs, named) in merged.items():
            self.of.setdefault(concept, []).append(Hit(concept, start, end, langs, named))
        self._without_goods()
        self.of["NAME"] = [Hit("NAME", at, at + 1, ANY, 0) for at, named in enumerate(said.named) if named]
        self.starts = {concept: [h.start for h in hits] for concept, hits in self.of.items()}

    def _without_goods(self) -> None:
        """ "scanner battery", "chalecos de seguridad", "people mover": what is spoken of is a thing to carry."""
        goods, whole = self.of.get("GOODS", []), self.of.get("GOODSWORD", [])
        if not goods and not whole:
            return
        after = {g.start: g.langs & GOODS_FOLLOW for g in goods}
        before = {g.end: g.langs for g in goods}
        links = {h.end: h.start for h in self.of.get("OF", ())}
        inside = {at for g in whole for at in range(g.start, g.end)}
        for concept in THINGS & self.of.keys():
            self.of[concept] = [
                hit
                for hit in self.of[concept]
                if hit.start not in inside
                and not hit.langs & after.get(hit.end, 0)
                and not hit.langs & before.get(links.get(hit.start, -1), 0)
            ]

    def breaks(self, rule: Rule) -> bool:
        first = self.of.get(rule.parts[0])
        if not first or not all(self.of.get(part) for part in rule.parts[1:]):
            return False
        alone = len(rule.parts) == 1
        return any((not h.named or (alone and h.named == 1)) and self._goes_on(rule, (h,), h.langs) for h in first)

    def _goes_on(self, rule: Rule, so_far: tuple[Hit, ...], langs: int) -> bool:
        if len(so_far) == len(rule.parts):
            return not self._excused(rule, so_far)
        last, gap = so_far[-1], rule.gaps[len(so_far) - 1]
        part = rule.parts[len(so_far)]
        where = self.said.where
        starts, hits = self.starts[part], self.of[part]
        for index in range(bisect_left(starts, last.end), len(starts)):
            hit = hits[index]
            between = where[hit.start] - where[last.end - 1] - 1.0
            if between > gap:
                break
            if hit.named and not (between <= 3.0 if rule.names else hit.named == 1 and between <= 2.0):
                continue
            shared = langs if rule.mixed else langs & hit.langs
            if shared and self._goes_on(rule, (*so_far, hit), shared):
                return True
        return False

    def _excused(self, rule: Rule, hits: tuple[Hit, ...]) -> bool:
        where = self.said.where
        low, high = where[hits[0].start] - 4.0, where[hits[-1].end - 1] + 3.0
        return any(
            low <= where[h.start] <= high and not h.named for concept in rule.unless for h in self.of.get(concept, ())
        )
