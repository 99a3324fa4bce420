"""What a linker holds of one text while it links: tokens, names, what is taken; and the tests several stages need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.contract import Named, Vocabulary
from inference.planner.lexicon import phrases
from inference.planner.names import BagRow, Row, index_of, is_han
from inference.planner.names import norm as normal
from inference.planner.quantities import ORDINALS_PL, VALUE_WORDS, number_words, read_bare_unit
from inference.planner.quantities.chinese import MEASURES
from inference.planner.spelling import NOUNS, SORTS, corrected, everyday
from inference.planner.text import Token, fold, listed, stem

EVERY = listed(
    "all every each both alle allen beide beiden jede jeden jedes jedem sämtliche samtliche todos todas cada "
    "ambos ambas tous toutes chaque wszystkie wszystkich wszystkim wszystkimi kazdy kazda kazdej kazdego "
    "kazdym oba obie obu"
)
BOTH = frozenset({"both", "beide", "beiden", "ambos", "ambas", "oba", "obie", "obu"})


@dataclass(frozen=True, slots=True)
class Mention:
    """Words [first, last) of the tokens that name something. Exactly one of `named` (linked) or not: then `status`
    says why.

    status: linked | partial | ambiguous | unknown | group (several records meant at once: `members`). `confidence` is
    how sure the reading of the words is, 0..1, whatever the status.
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


class Mentions:
    """The state of linking one text. `tokens` may come back corrected (`norm` only; spans stay those of the text)."""

    def __init__(self, tokens: Sequence[Token], vocabulary: Vocabulary, lang: str, text: str) -> None:
        self.text = text
        self.index = index_of(vocabulary, lang)
        self.lang = lang
        self.lexicon, _ = phrases(lang)
        self.numbers = number_words(lang)
        spelling = corrected(tokens, self.index, lang, self.lexicon, self.numbers)
        self.tokens, self.doubts, self.fuzzy = spelling.tokens, spelling.doubts, spelling.fuzzy
        self.norms = [normal(t.norm, self.numbers) for t in self.tokens]
        self.taken = [False] * len(self.tokens)
        self.mentions: list[Mention] = []
        for i in range(1, len(self.tokens)):
            if self.tokens[i].norm in ("un", "une", "um", "uma") and self._is_one(i):
                self.norms[i] = "1"
        if lang == "pl":
            # "rampa druga", "regał trzeci": behind the word for the sort of place an ordinal is its number.
            for i in range(1, len(self.tokens)):
                if self.tokens[i].norm in ORDINALS_PL and self.norms[i - 1] in self.index.by_word:
                    self.norms[i] = str(ORDINALS_PL[self.tokens[i].norm])

    def _is_one(self, i: int) -> bool:
        """ "quai un", "doca um": an article is the number one behind a family that has it, with nothing to count."""
        if not any("1" in bag for _, _, bag in self.index.by_word.get(self.norms[i - 1], ())):
            return False
        following = self.norm_at(i + 1)
        return not following.isalpha() or (everyday(following, self.lang) and not self.sort_word(i + 1))

    def take(self, mention: Mention) -> None:
        doubt = min((self.doubts[i] for i in range(mention.first, mention.last) if i in self.doubts), default=1.0)
        self.mentions.append(replace(mention, confidence=round(mention.confidence * doubt, 4)))
        for i in range(mention.first, mention.last):
            self.taken[i] = True

    def mention(self, rows: list[Row], first: int, last: int, confidence: float = 1.0) -> Mention:
        kind, named = rows[0]
        same = tuple(dict.fromkeys(n for k, n in rows if k == kind))
        if len(same) > 1:
            return Mention(kind, first, last, "ambiguous", candidates=same, confidence=confidence)
        also = tuple(row for row in rows if row[0] != kind)
        return Mention(kind, first, last, "linked", named, also=also, confidence=confidence)

    def norm_at(self, i: int) -> str:
        return self.tokens[i].norm if 0 <= i < len(self.tokens) else ""

    def cats(self, i: int) -> frozenset[str] | None:
        """The lexicon's categories of the word at `i`; None for a word that means nothing by itself."""
        norm = self.norm_at(i)
        found = self.lexicon.get((norm,))
        return frozenset({"filler"}) if found is None and everyday(norm, self.lang) else found

    def plural(self, i: int) -> bool:
        """Whether the word at `i` is written in another form than the name's."""
        token = self.tokens[i]
        return (
            stem(token.norm) != token.norm
            or (i in self.doubts and stem(fold(token.raw)) != token.norm)
            or (fold(token.raw) != token.norm and i not in self.fuzzy and self.doubts.get(i, 1.0) > 0.96)
        )

    def dashed(self, i: int) -> bool:
        """Whether the token at `i` follows the one before it with a dash: "docks 1-3"."""
        if i >= len(self.tokens) or self.taken[i]:
            return False
        return self.text[self.tokens[i - 1].end : self.tokens[i].start].strip() in ("-", "\u2013", "\u2014", "~")

    def is_label(self, i: int) -> bool:
        if i >= len(self.tokens) or self.taken[i]:
            return False
        token = self.tokens[i]
        return self.norms[i].isdigit() or (len(token.norm) == 1 and token.raw.isupper() and token.raw.isascii())

    def counts_something(self, i: int) -> bool:
        """A number that starts "3 pallets", "20 minutes" or "90 %" counts; it does not name."""
        after = i + 1
        if after >= len(self.tokens):
            return False
        norm = self.tokens[after].norm
        if norm in ("%", ":", "percent", "prozent", "procent", "h", "s", "m", "am", "pm", "x", "uhr", "mal"):
            return True
        if read_bare_unit(self.tokens, after) or (norm in MEASURES and norm not in ("号", "区", "楼")):
            return True
        if norm == "por" or norm == "pour":
            return self.norm_at(after + 1) in ("ciento", "cento", "cent")
        cats = self.lexicon.get((norm,), frozenset())
        if "container" in cats or "rep_unit" in cats:
            return True
        return any(kind == "item" for kind, _, _ in self.index.by_word.get(self.norms[after], []))

    def family(self, head: tuple[str, ...], kind: str) -> tuple[Named, ...]:
        rows: list[BagRow] = self.index.by_word.get(head[0], [])
        return tuple(dict.fromkeys(named for k, named, bag in rows if k == kind and set(head) <= bag))

    def sort_word(self, i: int) -> bool:
        return bool((self.cats(i) or frozenset()) & SORTS) or self.norm_at(i) in NOUNS

    def strange(self, i: int) -> bool:
        """Whether the token at `i` is a word that nothing is known of: no name, no value, no word of the language."""
        if i >= len(self.tokens) or self.taken[i] or not self.tokens[i].is_word or is_han(self.norm_at(i)):
            return False
        known = self.cats(i) is not None or self.norms[i] in self.index.by_word
        return not known and self.norm_at(i) not in VALUE_WORDS and self.norm_at(i) not in self.numbers
