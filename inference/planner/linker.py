"""Finds the site's names in a token list: exact names, coordinated numbers, parts of names, typing errors.

Order of trust: a whole name or alias; "docks 1 and 3" from one family; part of a name (one record: linked with less
confidence; several: an ambiguous mention with its candidates); a family word with a number no record has ("Row 12"):
an unknown mention, never the nearest record. Typing errors are corrected word by word before that, only for words of
four letters or more that are neither names nor known words. Deterministic; records are tried in the vocabulary's order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.contract import Named, Vocabulary
from inference.planner.lexicon import phrases
from inference.planner.names import KINDS, LINKS, closest, index_of
from inference.planner.names import norm as normal
from inference.planner.quantities import VALUE_WORDS, number_words, read_bare_unit
from inference.planner.text import Token, stem

_JOINERS = frozenset({"and", "und", "y", "et", "e", "&", "+", ","})
_RANGES = frozenset({"to", "through", "thru", "bis", "al", "until"})
# Words for sorts of things and places ("pallet", "dock"): everyday words, yet part of many names.
_SORTS = frozenset({"container", "place_word"})
_EVERY = frozenset(
    [
        "all",
        "every",
        "each",
        "both",
        "alle",
        "jede",
        "jeden",
        "jedes",
        "todos",
        "todas",
        "cada",
        "tous",
        "toutes",
        "chaque",
    ]
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Words [first, last) of the tokens that name something. Exactly one of `named` (linked) or not: then `status`
    says why.

    status: linked | partial | ambiguous | unknown | group (several records meant at once: `members`).
    """

    kind: str
    first: int
    last: int
    status: str
    named: Named | None = None
    candidates: tuple[Named, ...] = ()
    members: tuple[Named, ...] = ()
    also: tuple[tuple[str, Named], ...] = ()
    confidence: float = 1.0


class Linker:
    """One pass over one text. `tokens` may come back corrected (`norm` only; spans stay those of the text)."""

    def __init__(self, tokens: list[Token], vocabulary: Vocabulary, lang: str, text: str) -> None:
        self.text = text
        self.index = index_of(vocabulary, lang)
        self.lang = lang
        self.lexicon, _ = phrases(lang)
        self.numbers = number_words(lang)
        self.fuzzy: set[int] = set()
        self.tokens = self._corrected(tokens)
        self.norms = [normal(t.norm, self.numbers) for t in self.tokens]
        self.taken = [False] * len(self.tokens)
        self.mentions: list[Mention] = []

    def whole_names(self) -> None:
        """Link whole names, longest first at each position, and the numbers coordinated with them."""
        i = 0
        while i < len(self.tokens):
            found = None if self.taken[i] else self._whole_at(i)
            if found is None:
                i += 1
                continue
            self._take(found)
            i = found.last if found.named is None else self._coordinated(found)

    def parts_of_names(self, blocked: Sequence[bool]) -> None:
        """Link parts of names among the tokens that are neither taken nor `blocked` (tokens read as values)."""
        i = 0
        while i < len(self.tokens):
            found = None if self.taken[i] or blocked[i] else self._part_at(i, blocked)
            if found is None:
                i += 1
                continue
            self._take(found)
            i = found.last

    def _take(self, mention: Mention) -> None:
        if any(i in self.fuzzy for i in range(mention.first, mention.last)):
            mention = replace(mention, confidence=mention.confidence * 0.87)
        self.mentions.append(mention)
        for i in range(mention.first, mention.last):
            self.taken[i] = True

    # --- whole names

    def _whole_at(self, i: int) -> Mention | None:
        if self.tokens[i].norm in LINKS and len(self.norms[i]) > 1:
            return None
        for length in range(min(self.index.longest + 1, len(self.tokens) - i), 0, -1):
            key = tuple(self.norms[i : i + length])
            if any(self.taken[i : i + length]):
                continue
            rows = self.index.full.get(key)
            if rows is None and length > 1 and key[-1] not in LINKS:
                rows = self.index.bags.get(tuple(sorted(w for w in key if w not in LINKS)))
                if rows is not None and any(w in LINKS and not (0 < n < length - 1) for n, w in enumerate(key)):
                    rows = None
            if rows and (length > 1 or self._stands_alone(i)):
                return self._mention(rows, i, i + length)
        return None

    def _stands_alone(self, i: int) -> bool:
        """A one-word name that is also an everyday word or number counts only where it is written as a name."""
        token = self.tokens[i]
        if token.is_number or len(token.norm) == 1:
            return token.is_word and token.raw.isupper() and (token.norm,) not in self.lexicon
        cats = self.lexicon.get((token.norm,))
        if cats is None or cats == {"container"}:
            return True
        before = self.tokens[i - 1].norm if i else ""
        led = any(c.startswith("p:") for c in self.lexicon.get((before,), frozenset())) or before in (
            "the",
            "der",
            "die",
            "das",
            "dem",
            "den",
            "el",
            "la",
            "le",
        )
        return led or (i > 0 and token.raw[:1].isupper() and before not in (".", "!", "?", "\n", ";", ":"))

    def _mention(self, rows: list[tuple[str, Named]], first: int, last: int) -> Mention:
        kind, named = rows[0]
        same = tuple(dict.fromkeys(n for k, n in rows if k == kind))
        if len(same) > 1:
            return Mention(kind, first, last, "ambiguous", candidates=same)
        return Mention(kind, first, last, "linked", named, also=tuple((k, n) for k, n in rows if k != kind))

    def _coordinated(self, mention: Mention) -> int:
        """ "Row 3 and 9", "rows 3, 5 and 9", "rows 3 to 6": link the bare numbers or letters that follow."""
        key = self.norms[mention.first : mention.last]
        i = mention.last
        if len(key) < 2 or not (key[-1].isdigit() or len(key[-1]) == 1):
            return i
        head, last_number = tuple(key[:-1]), key[-1]
        if self._dashed(i) and self._plural(mention.first) and last_number.isdigit():
            rows = self.index.full.get((*head, self.norms[i]))
            if rows is not None and rows[0][0] == mention.kind and 0 < int(self.norms[i]) - int(last_number) <= 40:
                self._take(
                    replace(self._mention(rows, i, i + 1), members=self._inside(head, last_number, self.norms[i]))
                )
                i += 1
        while i + 1 < len(self.tokens):
            joiner, value = self.tokens[i].norm, i + 1
            if joiner == "," and self.tokens[value].norm in _JOINERS and value + 1 < len(self.tokens):
                value += 1
            if joiner not in _JOINERS and joiner not in _RANGES:
                break
            if not self._is_label(value) or self._counts_something(value):
                break
            rows = self.index.full.get((*head, self.norms[value]))
            if rows is None or rows[0][0] != mention.kind:
                if self._is_label(value) and joiner in _JOINERS and not self.tokens[value].norm.isalpha():
                    family = self._family(head, mention.kind)
                    self._take(Mention(mention.kind, value, value + 1, "unknown", candidates=family))
                    i = value + 1
                    continue
                break
            if joiner in _RANGES and last_number.isdigit() and self.norms[value].isdigit():
                if not key[0] or not self._plural(mention.first):
                    break
                self._between(head, mention, int(last_number), int(self.norms[value]), i)
            self._take(self._mention(rows, value, value + 1))
            last_number = self.norms[value]
            i = value + 1
        return i

    def _plural(self, i: int) -> bool:
        return stem(self.tokens[i].norm) != self.tokens[i].norm

    def _between(self, head: tuple[str, ...], mention: Mention, low: int, high: int, at: int) -> None:
        """The records strictly between two ends of a range, all at the position of the range word."""
        if 0 < high - low <= 40 and (members := self._inside(head, str(low), str(high))):
            self._take(Mention(mention.kind, at, at + 1, "group", members=members))

    def _inside(self, head: tuple[str, ...], low: str, high: str) -> tuple[Named, ...]:
        keys = [(*head, str(n)) for n in range(int(low) + 1, int(high))]
        return tuple(self.index.full[key][0][1] for key in keys if key in self.index.full)

    def _dashed(self, i: int) -> bool:
        """Whether the number at `i` follows the one before it with a dash: "docks 1-3"."""
        if i >= len(self.tokens) or self.taken[i] or not self.tokens[i].is_number:
            return False
        return self.text[self.tokens[i - 1].end : self.tokens[i].start].strip() in ("-", "\u2013", "\u2014")

    def _is_label(self, i: int) -> bool:
        token = self.tokens[i]
        return not self.taken[i] and (self.norms[i].isdigit() or (len(token.norm) == 1 and token.raw.isupper()))

    def _counts_something(self, i: int) -> bool:
        """A number that starts "3 pallets", "20 minutes" or "90 %" counts; it does not name."""
        after = i + 1
        if after >= len(self.tokens):
            return False
        norm = self.tokens[after].norm
        if (
            norm in ("%", ":", "percent", "prozent")
            or read_bare_unit(self.tokens, after)
            or norm in ("h", "s", "m", "am", "pm", "x")
        ):
            return True
        cats = self.lexicon.get((norm,), frozenset())
        if "container" in cats or "rep_unit" in cats:
            return True
        rows = self.index.by_word.get(self.norms[after], [])
        return any(kind == "item" for kind, _, _ in rows)

    def _family(self, head: tuple[str, ...], kind: str) -> tuple[Named, ...]:
        rows = self.index.by_word.get(head[0], [])
        return tuple(dict.fromkeys(named for k, named, bag in rows if k == kind and set(head) <= bag))

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
            if not narrowed or self.norms[step] in used:
                break
            rows, last = narrowed, step + 1
            used.add(self.norms[step])
        kind = self._kind(rows, i)
        found = tuple(dict.fromkeys(named for k, named, _ in rows if k == kind))
        if (
            last < len(self.tokens)
            and not blocked[last]
            and self._is_label(last)
            and not self._counts_something(last)
            and not any(self.norms[n].isdigit() for n in range(i, last))
        ):
            return Mention(kind, i, last + 1, "unknown", candidates=found)
        if all(len(w) == 1 for w in used) or not any(w.isalpha() for w in used):
            return None
        if all(self._everyday(n) for n in range(i, last)) or self._only_contains(i, last):
            return None
        if len(found) == 1:
            return Mention(kind, i, last, "partial", found[0], confidence=0.92)
        if (self._plural(i) and any(self.tokens[n].norm in _EVERY for n in range(max(0, i - 3), i))) or (
            i and self.tokens[i - 1].norm in _EVERY - {"both"}
        ):
            return Mention(kind, i, last, "group", candidates=found, members=found, confidence=0.95)
        return Mention(kind, i, last, "ambiguous", candidates=found)

    def _may_start(self, i: int) -> bool:
        token = self.tokens[i]
        if not token.is_word or token.norm in LINKS:
            return False
        following = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
        if len(token.norm) == 1:
            return bool(
                following and following.is_number and following.start - token.end <= 1 and token.norm not in ("a", "h")
            )
        if (token.norm,) not in self.lexicon:
            return True
        # "charging station", "storage b": an everyday word starts a part of a name only with another word of that name.
        cats = self.lexicon[(token.norm,)]
        if cats & _SORTS:
            return True
        if following is None or cats <= {"filler"}:
            return False
        return any(self.norms[i + 1] in row[2] for row in self.index.by_word.get(self.norms[i], []))

    def _everyday(self, i: int) -> bool:
        """A known word with another job than to say what sort of thing or place is meant."""
        cats = self.lexicon.get((self.tokens[i].norm,))
        return cats is not None and not cats & _SORTS

    def _only_contains(self, first: int, last: int) -> bool:
        """ "a pallet of tape", "Kiste bin 77": the container word before an item is not itself the item."""
        if any("container" not in self.lexicon.get((self.tokens[n].norm,), frozenset()) for n in range(first, last)):
            return False
        after = last + (last < len(self.tokens) and self.tokens[last].norm in ("of", "de", "mit", "with", "d", "von"))
        if after >= len(self.tokens):
            return False
        if self.taken[after]:
            return any(m.kind == "item" and m.first <= after < m.last for m in self.mentions)
        return after > last or any(kind == "item" for kind, _, _ in self.index.by_word.get(self.norms[after], []))

    def _kind(self, rows: list[tuple[str, Named, frozenset[str]]], i: int) -> str:
        kinds = [k for k in KINDS if any(row[0] == k for row in rows)]
        if len(kinds) > 1:
            before = self.lexicon.get((self.tokens[i - 1].norm,), frozenset()) if i else frozenset()
            place_led = any(c in ("p:to", "p:from", "p:at") for c in before)
            return (
                "place" if place_led and "place" in kinds else next(k for k in ("item", "place", "robot") if k in kinds)
            )
        return kinds[0]

    # --- typing errors

    def _corrected(self, tokens: list[Token]) -> list[Token]:
        out: list[Token] = []
        for token in tokens:
            norm = token.norm
            if (
                not token.is_word
                or len(norm) < 4
                or (norm,) in self.lexicon
                or norm in self.numbers
                or norm in VALUE_WORDS
                or stem(norm) in self.index.by_word
            ):
                out.append(token)
                continue
            if parts := self.index.joined.get(stem(norm)):
                cut = token.start + len(parts[0])
                self.fuzzy.update((len(out), len(out) + 1))
                out.append(Token(parts[0], token.raw, token.start, min(cut, token.end)))
                out.append(Token(parts[1], token.raw, min(cut, token.end), token.end))
                continue
            name, name_d = closest(stem(norm), self.index.words, short=4)
            word, word_d = closest(norm, self.index.known, short=5)
            best = name if name is not None and name_d <= word_d else word
            if best is not None and not (
                name is not None and word is not None and name_d == word_d and name != word and word_d > 0
            ):
                self.fuzzy.add(len(out))
                token = replace(token, norm=best)
            out.append(token)
        return out
