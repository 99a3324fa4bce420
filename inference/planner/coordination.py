"""Names that share their words: "docks 1 and 3", "Regal 3 und 9", "rows 3 to 6", "R-01 through R-04", "3、5号货架"."""

from __future__ import annotations

from dataclasses import replace

from inference.contract import Named
from inference.planner.mentions import Mention, Mentions
from inference.planner.names import is_han
from inference.planner.text import listed

JOINERS = listed("and und y et e i oraz a & + , or oder o u ou lub albo sowie plus 和 与 跟 及 或")
_WEAK = frozenset({"a", "o", "u"})  # prepositions and articles of other languages
RANGES = frozenset(
    {"to", "through", "thru", "bis", "al", "until", "a", "à", "au", "ao", "ate", "do", "hasta", "po", "到", "至"}
)
_STRONG = frozenset({"through", "thru"})
_FROM = frozenset({"from", "von", "vom", "de", "desde", "depuis", "od", "z", "ze", "从"})
_MOST = 40


class Coordinating(Mentions):
    """Links what follows (or, in Chinese, precedes) a linked name and borrows its words."""

    def coordinated(self, mention: Mention) -> int:
        """Link the bare numbers or letters behind `mention`; returns the position behind the last of them."""
        key = self.norms[mention.first : mention.last]
        i = mention.last
        if key[-1] == "号" and len(key) > 2 and key[-2].isdigit():
            key = key[:-1]
        elif is_han(key[-1]):
            self._before(mention)
            return i
        if len(key) < 2 or not (key[-1].isdigit() or len(key[-1]) == 1):
            return i
        label = (key[-1],)
        if self.dashed(i) and (spread := self._dashed_range(mention, key, i)):
            i, label = spread, (self.norms[spread - 1],)
        while True:
            value = self._joined(i)
            ranged = value is None and self._ranging(mention, i)
            at = i + 1 if ranged else value
            if at is None or at >= len(self.tokens):
                return i
            found = self._borrowing(mention, key, at)
            if found is None:
                if not ranged and self._no_such(mention, key, at):
                    i = at + 1
                    continue
                return i
            if ranged:
                self._between(mention, key, label, found, i)
            self.take(found)
            label = (next(n for n in reversed(self.norms[: found.last]) if n != "号"),)
            i = found.last

    def _joined(self, i: int) -> int | None:
        """The position behind the joiner at `i` ("and", ", and"), or None where none stands."""
        if i + 1 >= len(self.tokens):
            return None
        joiner = self.tokens[i].norm
        if joiner not in JOINERS or (joiner in _WEAK and not self._own(joiner)):
            return None
        if joiner == "," and self.tokens[i + 1].norm in JOINERS:
            return i + 2
        return i + 1

    def _own(self, word: str) -> bool:
        return word in {"pl": ("a",), "es": ("o", "u")}.get(self.lang, ())

    def _ranging(self, mention: Mention, i: int) -> bool:
        """Whether the word at `i` spans a range: of a family in the plural, or with a word that only spans."""
        word = self.norm_at(i)
        if word not in RANGES or i + 1 >= len(self.tokens):
            return False
        if word in _STRONG or mention.kind == "robot":
            return True
        led = any(self.norm_at(n) in _FROM for n in (mention.first - 1, mention.first - 2))
        return (
            self.plural(mention.first)
            or any(self.plural(n) for n in range(mention.first, mention.last))
            or (self.plural_before(mention.first) and not led)
        )

    def plural_before(self, i: int) -> bool:
        """ "docks D1 to D4", "robots R-01 to R-04": a word for the sort, in the plural, stands before."""
        return i > 0 and self.sort_word(i - 1) and self.norm_at(i - 1).endswith(("s", "en", "e", "y"))

    def _borrowing(self, mention: Mention, key: list[str], at: int) -> Mention | None:
        """The name that the tokens from `at` on make with the first words of `key`, or in full."""
        if self.taken[at]:
            return None
        if key[0] == self.norms[at] and len(key) > 1:
            for length in range(min(self.index.longest, len(self.tokens) - at), 1, -1):
                rows = self.index.full.get(tuple(self.norms[at : at + length]))
                if rows is not None and rows[0][0] == mention.kind and not any(self.taken[at : at + length]):
                    return self.mention(rows, at, at + length)
            return None
        if not self.is_label(at):
            return None
        for head in range(len(key) - 1, 0, -1):
            for length in (3, 2, 1):
                if at + length > len(self.tokens) or any(self.taken[at : at + length]):
                    continue
                if length > 1 and not all(
                    self.tokens[n].start - self.tokens[n - 1].end <= 1 for n in range(at + 1, at + length)
                ):
                    continue
                rows = self.index.full.get((*key[:head], *self.norms[at : at + length]))
                if rows is None or rows[0][0] != mention.kind or self.counts_something(at + length - 1):
                    continue
                return self.mention(rows, at, at + length + (self.norm_at(at + length) == "号"), 0.99)
        return None

    def _no_such(self, mention: Mention, key: list[str], at: int) -> bool:
        """A number after "and" that the family has no record of: unknown, never the nearest."""
        if not self.norms[at].isdigit() or not self.is_label(at) or self.counts_something(at) or not key[-1].isdigit():
            return False
        if (
            self.tokens[at].is_word
            and self.norm_at(at + 1)
            and self.norm_at(at + 1).isalpha()
            and self.cats(at + 1) is None
        ):
            return False
        self.take(Mention(mention.kind, at, at + 1, "unknown", candidates=self.family(tuple(key[:-1]), mention.kind)))
        return True

    def _dashed_range(self, mention: Mention, key: list[str], i: int) -> int | None:
        """ "docks 1-3": the last name stands for those inside as well."""
        if not (self.plural(mention.first) or mention.kind == "robot") or not key[-1].isdigit():
            return None
        found = self._borrowing(mention, key, i)
        if found is None or not self.norms[found.last - 1].isdigit():
            return None
        gap = int(self.norms[found.last - 1]) - int(key[-1])
        if not 0 < gap <= _MOST:
            return None
        self.take(replace(found, members=self._inside(tuple(key[:-1]), key[-1], self.norms[found.last - 1])))
        return found.last

    def _between(self, mention: Mention, key: list[str], label: tuple[str, ...], found: Mention, at: int) -> None:
        """The records strictly between two ends of a range, all at the position of the range word."""
        low, high = label[0], self.norms[found.last - 1]
        if not (low.isdigit() and high.isdigit()):
            return
        if 0 < int(high) - int(low) <= _MOST and (members := self._inside(tuple(key[:-1]), low, high)):
            self.take(Mention(mention.kind, at, at + 1, "group", members=members, confidence=0.97))

    def _inside(self, head: tuple[str, ...], low: str, high: str) -> tuple[Named, ...]:
        keys = [(*head, str(n)) for n in range(int(low) + 1, int(high))]
        return tuple(self.index.full[key][0][1] for key in keys if key in self.index.full)

    def _before(self, mention: Mention) -> None:
        """ "3、5和9号货架", "三号和四号货架": in Chinese the shared word comes last."""
        first = mention.first
        tail = tuple(w for w in self.norms[first : mention.last] if is_han(w))
        if not self.norms[first].isdigit() or not tail:
            return
        found: list[Mention] = []
        while first >= 2 and self.tokens[first - 1].norm in (JOINERS | {"到", "至"}) and not self.taken[first - 1]:
            joiner = first - 1
            at = joiner - 1 - (self.norm_at(joiner - 1) == "号")
            if at < 0 or self.taken[at] or not self.norms[at].isdigit():
                break
            rows = self.index.full.get((self.norms[at], *tail)) or self.index.full.get((self.norms[at], "号", *tail))
            if rows is None:
                break
            if self.tokens[joiner].norm in ("到", "至") and self.norms[first].isdigit():
                inner = [
                    self.index.full[key][0][1]
                    for n in range(int(self.norms[at]) + 1, min(int(self.norms[first]), int(self.norms[at]) + _MOST))
                    if (key := (str(n), *tail)) in self.index.full
                ]
                if inner:
                    found.append(Mention(mention.kind, joiner, joiner + 1, "group", members=tuple(inner)))
            found.append(self.mention(rows, at, joiner))
            first = at
        for m in found:
            self.take(m)
