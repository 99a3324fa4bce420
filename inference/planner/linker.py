"""Finds the site's names in a token list: exact names, coordinated numbers, parts of names, "the other one".

Order of trust: a whole name or alias; "docks 1 and 3" from one family; part of a name (one record: linked with less
confidence; several: an ambiguous mention with its candidates); a family word with a number no record has ("Row 12"):
an unknown mention, never the nearest record. Inflected, run-together and misspelt words are brought to the names'
words before that. Deterministic; records are tried in the vocabulary's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inference.contract import Named
from inference.planner.coordination import JOINERS, Coordinating
from inference.planner.mentions import BOTH, EVERY, Mention
from inference.planner.names import KINDS, LINKS, BagRow, Row, is_han
from inference.planner.smallwords import CHINESE
from inference.planner.spelling import SORTS, everyday
from inference.planner.text import listed

__all__ = ["Linker", "Mention"]

_LEADS = listed(
    "the der die das dem den el la le los las les o a os as no na nos nas ao do da dos das para em w we z ze "
    "od przy pod obok au du al del l"
)
_OTHER = listed(
    "other anderen andere anderes anderer anderem otro otra outro outra autre drugi druga drugie drugiej "
    "drugiego drugim druga inny inna innej 另"
)
_PARTICLES = listed("on up down off out over in through ahead together")
_SMALL_LETTERS = frozenset("aehiouwyz")
_ARTICLES = listed("the les los las os as die den der te tych tymi")
_NUMBER_SIGNS = listed("od from von nr no num numer number nummer numero numeri")
_HAN_EVERY = ("所有", "所有的", "全部", "全部的", "每个", "每一个", "各个", "每", "各")
_HAN_LEADS = frozenset("到去往在从回至向")


class Linker(Coordinating):
    """One pass over one text: `whole_names`, then `parts_of_names`, then `others`; then read `mentions`."""

    def whole_names(self) -> None:
        """Link whole names, longest first at each position, and the numbers coordinated with them."""
        i = 0
        while i < len(self.tokens):
            found = None if self.taken[i] else self._whole_at(i)
            if found is None:
                i += 1
                continue
            self.take(found)
            i = found.last if found.named is None else self.coordinated(found)

    def parts_of_names(self, blocked: Sequence[bool]) -> None:
        """Link parts of names among the tokens that are neither taken nor `blocked` (tokens read as values)."""
        i = 0
        while i < len(self.tokens):
            found = None
            if not self.taken[i] and not blocked[i]:
                found = self._han_part_at(i, blocked) if is_han(self.tokens[i].norm) else self._part_at(i, blocked)
            if found is None:
                i += 1
                continue
            self.take(found)
            i = self._listed(found, blocked) if found.named is None else found.last

    def others(self) -> None:
        """ "The other dock" is the one of exactly two that is not named elsewhere in the text."""
        named = {m.named.id for m in self.mentions if m.named is not None}
        for n, m in enumerate(self.mentions):
            if m.status != "ambiguous" or len(m.candidates) != 2 or not self._led_by_other(m.first):
                continue
            rest = [c for c in m.candidates if c.id not in named]
            if len(rest) == 1:
                self.mentions[n] = replace(m, status="partial", named=rest[0], confidence=round(m.confidence * 0.9, 4))

    def _led_by_other(self, i: int) -> bool:
        return any(self.norm_at(n) in _OTHER for n in range(max(0, i - 3 if self.lang == "zh" else i - 2), i))

    # --- whole names

    def _whole_at(self, i: int) -> Mention | None:
        if self.tokens[i].norm in LINKS and len(self.norms[i]) > 1:
            return None
        for length in range(min(self.index.longest + 1, len(self.tokens) - i), 0, -1):
            key = tuple(self.norms[i : i + length])
            if any(self.taken[i : i + length]):
                continue
            rows = self.index.full.get(key)
            sure = 1.0
            if rows is None and length > 1 and key[-1] not in LINKS and not any(is_han(w) for w in key):
                rows, sure = self._loosely(key)
            if rows and (length > 1 or self._stands_alone(i)) and not self._is_count(i, key):
                return self.mention(rows, i, i + length, sure)
            if length == 1 and len(key[0]) >= 6 and not self.cats(i):
                rows = self.index.letters.get(key[0])
                if rows and len({row[1] for row in rows}) == 1:
                    return self.mention(rows, i, i + 1, 0.97)
        return None

    def _loosely(self, key: tuple[str, ...]) -> tuple[list[Row] | None, float]:
        """The same words in another order, or the same letters with other spaces."""
        rows = self.index.bags.get(tuple(sorted(w for w in key if w not in LINKS)))
        linked = any(w in LINKS for w in key)
        # "swap the battery" is no "battery swap": with a small word between, the first word must not be a verb.
        verb_first = linked and ((key[0],) in self.lexicon or everyday(key[0], self.lang))
        if rows is not None and not verb_first and key[0] not in LINKS and key[-1] not in LINKS:
            return rows, 0.98
        letters = "".join(key)
        if (
            len(letters) >= 5
            and sum(c.isalpha() for c in letters) >= 3
            and all(self.lexicon.get((w,), SORTS) & SORTS for w in key)
        ):
            return self.index.letters.get(letters), 0.97
        return None, 1.0

    def _is_count(self, i: int, key: tuple[str, ...]) -> bool:
        """ "5 row" for "Row 5" turned round, or "a 3" for A-3 at a count: a number in front of a word counts."""
        first = self.tokens[i]
        if key[0].isdigit() and len(key) == 2 and key not in self.index.full:
            return True
        return (
            len(key) == 2
            and len(key[0]) == 1
            and key[1].isdigit()
            and (self.cats(i) is not None or key[0] in _SMALL_LETTERS)
            and first.raw.islower()
            and self.tokens[i + 1].start > first.end
        )

    def _stands_alone(self, i: int) -> bool:
        """A one-word name that is also an everyday word or number counts only where it is written as a name."""
        token = self.tokens[i]
        if token.is_number or len(token.norm) == 1:
            return token.is_word and token.raw.isupper() and self.cats(i) is None
        cats = self.cats(i)
        if cats is None or cats == {"container"}:
            return True
        before = self.norm_at(i - 1)
        led = any(c.startswith("p:") for c in self.lexicon.get((before,), frozenset())) or before in _LEADS
        if self.lang == "de" and not token.raw[:1].isupper():
            led = led and not cats - SORTS
        return led or (i > 0 and token.raw[:1].isupper() and before not in (".", "!", "?", "\n", ";", ":"))

    # --- parts of names

    def _part_at(self, i: int, blocked: Sequence[bool]) -> Mention | None:
        if not self._may_start(i):
            return None
        rows, last = list(self.index.by_word.get(self.norms[i], [])), i + 1
        if not rows:
            return None
        used = {self.norms[i]}
        while last < len(self.tokens) and not self.taken[last] and not blocked[last]:
            step = last + 1 if self.tokens[last].norm in LINKS and last + 1 < len(self.tokens) else last
            if self.taken[step] or blocked[step]:
                break
            narrowed = [row for row in rows if self.norms[step] in row[2]]
            if not narrowed or self.norms[step] in used or (self.norms[step].isdigit() and self.counts_something(step)):
                break
            rows, last = narrowed, step + 1
            used.add(self.norms[step])
        kind = self._kind(rows, i)
        found = tuple(dict.fromkeys(named for k, named, _ in rows if k == kind))
        if label := self._unknown_label(i, last, blocked):
            return Mention(kind, i, last + label, "unknown", candidates=found)
        if all(len(w) == 1 for w in used) or not any(w.isalpha() for w in used):
            return None
        if all(self._everyday(n) for n in range(i, last)) or self._only_contains(i, last):
            return None
        if kind == "item" and all(self.sort_word(n) for n in range(i, last)) and self._of_something(last):
            return None
        if last == i + 1 and self._means_itself(i):
            return None
        return self._several(kind, i, last, found)

    def _means_itself(self, i: int) -> bool:
        """ "the quality of the floor", "press on with it": an English word in its own sense, no part of a name."""
        following = self.norm_at(i + 1)
        leads = i == 0 or self.norm_at(i - 1) in JOINERS or not self.tokens[i - 1].is_word
        return following == "of" or (leads and following in _PARTICLES and self.tokens[i].raw.islower())

    def _of_something(self, i: int) -> bool:
        """ "pallets of wheat", "palettes d'avoine", "palety owsa": of something that is not known here."""
        return self.strange(i + (self.norm_at(i) in ("of", "de", "d", "mit", "with", "von", "z", "con", "com", "avec")))

    def _unknown_label(self, i: int, last: int, blocked: Sequence[bool]) -> int:
        """How many tokens a number or letter ("12", "C", "c4") behind a family word has that no record has; else 0."""
        if last >= len(self.tokens) or blocked[last] or self.taken[last]:
            return 0
        if any(self.norms[n].isdigit() for n in range(i, last)):
            return 0
        glued = last + 1 < len(self.tokens) and self.tokens[last].end == self.tokens[last + 1].start
        if glued and len(self.norm_at(last)) == 1 and self.norm_at(last).isalpha() and self.tokens[last + 1].is_number:
            return 0 if self.counts_something(last + 1) else 2
        if not self.is_label(last) or self.counts_something(last):
            return 0
        return int(self.norms[last].isdigit() or self.norm_at(last) not in self.numbers)

    def _several(self, kind: str, i: int, last: int, found: tuple[Named, ...]) -> Mention:
        if len(found) == 1:
            # "the boxes" may be the one sort of boxes that is known here, or any.
            general = all(self.sort_word(n) for n in range(i, last))
            return Mention(kind, i, last, "partial", found[0], confidence=0.75 if general else 0.92)
        near = {self.norm_at(n) for n in range(max(0, i - 3), i)} & EVERY
        directly = (
            self.norm_at(i - 1) in EVERY
            or (self.norm_at(i - 1) in _ARTICLES and self.norm_at(i - 2) in EVERY)
            or (i > 1 and self.norms[i - 1] == str(len(found)) and self.norm_at(i - 2) in (_ARTICLES | EVERY))
        )
        if directly or (near and any(self.plural(n) for n in range(i, last))):
            both = self.norm_at(i - 1) in BOTH or bool(near & BOTH)
            if not both or len(found) == 2:
                return Mention(kind, i, last, "group", candidates=found, members=found, confidence=0.95)
        return Mention(kind, i, last, "ambiguous", candidates=found)

    def _listed(self, mention: Mention, blocked: Sequence[bool]) -> int:
        """ "rampy od 1 do 3", "die Tore Nummer 2 und 4": the numbers of a family stand behind a small word."""
        skip = mention.last
        if mention.status != "ambiguous" or self.norm_at(skip) not in _NUMBER_SIGNS:
            return mention.last
        label = skip + 1 + (self.norm_at(skip + 1) == ".")
        if self.norm_at(skip) == "no" and label == skip + 1:
            return mention.last
        if label >= len(self.tokens) or not self.is_label(label) or self.counts_something(label):
            return mention.last
        head = tuple(self.norms[mention.first : mention.last])
        rows = self.index.full.get((*head, self.norms[label]))
        self.mentions.pop()
        for n in range(mention.first, mention.last):
            self.taken[n] = False
        if rows is None:
            self.take(Mention(mention.kind, mention.first, label + 1, "unknown", candidates=mention.candidates))
            return label + 1
        first = self.mention(rows, mention.first, label + 1, 0.97)
        self.take(first)
        return self._spread(head, first, label)

    def _spread(self, head: tuple[str, ...], first: Mention, label: int) -> int:
        key = [*head, self.norms[label]]
        at = label + 2
        found = self._borrowing(first, key, at) if at < len(self.tokens) else None
        if found is None or self.norm_at(label + 1) not in ("do", "to", "bis", "i", "and", "und", "oraz"):
            return first.last
        if self.norm_at(label + 1) in ("do", "to", "bis"):
            self._between(first, key, (self.norms[label],), found, label + 1)
        self.take(found)
        return found.last

    def _may_start(self, i: int) -> bool:
        token = self.tokens[i]
        if not token.is_word or token.norm in LINKS:
            return False
        following = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
        if len(token.norm) == 1:
            between = self.text[token.end : following.start] if following and following.is_number else "  "
            gap = 0 if between == "-" else len(between)
            return gap == 0 if token.norm in _SMALL_LETTERS else gap <= 1
        # "charging station", "storage b": an everyday word starts a part of a name only with another word of that name.
        cats = self.cats(i)
        if cats is None or cats & SORTS:
            return True
        if following is None or cats <= {"filler"}:
            return False
        return any(self.norms[i + 1] in row[2] for row in self.index.by_word.get(self.norms[i], []))

    def _everyday(self, i: int) -> bool:
        """A known word with another job than to say what sort of thing or place is meant."""
        cats = self.cats(i)
        return cats is not None and not cats & SORTS

    def _only_contains(self, first: int, last: int) -> bool:
        """ "a pallet of tape", "Kiste bin 77": the container word before an item is not itself the item."""
        if any("container" not in self.lexicon.get((self.tokens[n].norm,), frozenset()) for n in range(first, last)):
            return False
        after = last + (
            last < len(self.tokens) and self.tokens[last].norm in ("of", "de", "mit", "with", "d", "von", "z")
        )
        if after >= len(self.tokens):
            return False
        if self.taken[after]:
            return any(m.kind == "item" and m.first <= after < m.last for m in self.mentions)
        return after > last or any(kind == "item" for kind, _, _ in self.index.by_word.get(self.norms[after], []))

    def _kind(self, rows: list[BagRow], i: int) -> str:
        kinds = [k for k in KINDS if any(row[0] == k for row in rows)]
        if len(kinds) > 1:
            before = self.lexicon.get((self.norm_at(i - 1),), frozenset()) if i else frozenset()
            place_led = any(c in ("p:to", "p:from", "p:at") for c in before)
            return (
                "place" if place_led and "place" in kinds else next(k for k in ("item", "place", "robot") if k in kinds)
            )
        return kinds[0]

    # --- parts of Chinese names

    def _han_part_at(self, i: int, blocked: Sequence[bool]) -> Mention | None:
        """The longest part of a Chinese name that begins at `i`: "货架" alone, "货架9", "9号货架", "工作台"."""
        chars = ""
        best: tuple[str, list[Row], int] | None = None
        for n in range(i, min(i + 8, len(self.tokens))):
            if self.taken[n] or not is_han(self.tokens[n].norm):
                break
            chars += self.tokens[n].norm
            rows = self.index.han.get(chars)
            if rows is None and self.norm_at(i - 1) in _HAN_LEADS:
                rows = self.index.han.get("^" + chars)
            if rows is not None:
                best = chars, rows, n + 1
        if best is None or all(c in CHINESE for c in best[0]):
            return None
        chars, rows, last = best
        kind = rows[0][0]
        found = tuple(dict.fromkeys(named for k, named in rows if k == kind))
        first = i
        if i >= 2 and self.norm_at(i - 1) == "号" and self.norms[i - 2].isdigit() and not self.taken[i - 2]:
            return Mention(kind, i - 2, last, "unknown", candidates=found)
        if self.is_label(last) and not self.counts_something(last) and not blocked[last]:
            end = last + 1 + (self.norm_at(last + 1) == "号")
            return Mention(kind, first, end, "unknown", candidates=found)
        before = "".join(t.norm for t in self.tokens[max(0, i - 4) : i])
        if len(found) == 1:
            return Mention(kind, first, last, "partial", found[0], confidence=0.9)
        if before.endswith(_HAN_EVERY) or self.norm_at(last) in ("都", "全"):
            return Mention(kind, first, last, "group", candidates=found, members=found, confidence=0.95)
        return Mention(kind, first, last, "ambiguous", candidates=found)
