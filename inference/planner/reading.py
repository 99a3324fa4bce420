"""A text read into atoms: names, values, known phrases and unknown words, in order, each with its span.

Atoms are marked `used` as later stages give them a meaning; what stays unused is what the plan would drop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from inference.contract import PlanRequest
from inference.planner.lexicon import SENTENCE_ENDS, phrases
from inference.planner.linker import Linker, Mention
from inference.planner.quantities import Clock, read_bare_unit, read_clock, read_duration, read_number, read_percent
from inference.planner.text import Token, detect_language, tokenize

_CLOCK_LEADS = frozenset(
    [
        "at",
        "by",
        "before",
        "until",
        "till",
        "after",
        "a",
        "avant",
        "vers",
        "um",
        "gegen",
        "bis",
        "vor",
        "las",
        "ab",
        "from",
        "nach",
        "antes",
        "desde",
        "hasta",
        "for",
        "pour",
        "starting",
    ]
)
_EVERY = frozenset(["every", "each", "per", "jede", "jeden", "jedes", "alle", "cada", "chaque"])
_ARTICLES = frozenset(["a", "an", "ein", "eine", "einen", "einer", "una", "un", "une"])


@dataclass(slots=True)
class Atom:
    """kind: name | clock | duration | percent | number | phrase | word | punct. `cats` are the lexicon's categories."""

    kind: str
    first: int
    last: int
    start: int
    end: int
    text: str
    cats: frozenset[str] = frozenset()
    value: int = 0
    clock: Clock | None = None
    mention: Mention | None = None
    used: bool = False

    def has(self, *cats: str) -> bool:
        return any(cat in self.cats for cat in cats)

    @property
    def verb(self) -> str | None:
        return next((cat[2:] for cat in sorted(self.cats) if cat.startswith("v:")), None)

    @property
    def filler(self) -> bool:
        return "filler" in self.cats

    def is_name(self, kind: str) -> bool:
        return self.mention is not None and self.mention.kind == kind


@dataclass(slots=True)
class Reading:
    request: PlanRequest
    lang: str
    tokens: list[Token]
    atoms: list[Atom]
    fuzzy: bool = False
    factors: list[float] = field(default_factory=list)

    def after(self, i: int) -> Atom | None:
        return self.atoms[i + 1] if i + 1 < len(self.atoms) else None

    def before(self, i: int) -> Atom | None:
        return self.atoms[i - 1] if i > 0 else None

    def names(self, kind: str) -> Iterator[tuple[int, Atom]]:
        return ((i, atom) for i, atom in enumerate(self.atoms) if atom.is_name(kind))


def read(request: PlanRequest) -> Reading:
    """Tokens, names, values, phrases: in that order, because a name may hold a number and a value may hold a small
    word.
    """
    tokens = tokenize(request.text)
    lang = detect_language(tokens, request.language)
    linker = Linker(tokens, request.vocabulary, lang, request.text)
    tokens = linker.tokens
    linker.whole_names()
    values = _values(tokens, linker.taken, lang)
    blocked = [False] * len(tokens)
    for atom in values:
        blocked[atom.first : atom.last] = [atom.kind != "number"] * (atom.last - atom.first)
    linker.parts_of_names(blocked)
    owner: dict[int, Mention] = {m.first: m for m in linker.mentions}
    valued = {a.first: a for a in values if not any(linker.taken[a.first : a.last])}
    atoms: list[Atom] = []
    i = 0
    while i < len(tokens):
        if i in owner:
            m = owner[i]
            atom = _atom(request.text, tokens, "name", m.first, m.last)
            atom.mention = m
        elif i in valued:
            atom = valued[i]
        else:
            atom = _phrase(request.text, tokens, i, lang, owner, valued)
        atoms.append(atom)
        i = atom.last
    return Reading(request, lang, tokens, atoms, fuzzy=bool(linker.fuzzy))


def _atom(text: str, tokens: list[Token], kind: str, first: int, last: int) -> Atom:
    start, end = tokens[first].start, tokens[last - 1].end
    return Atom(kind, first, last, start, end, text[start:end])


def _values(tokens: list[Token], taken: list[bool], lang: str) -> list[Atom]:
    out: list[Atom] = []
    i = 0
    while i < len(tokens):
        atom = None if taken[i] else _value_at(tokens, i, lang)
        if atom is None or any(taken[i : atom.last]):
            i += 1
            continue
        out.append(atom)
        i = atom.last
    return out


def _value_at(tokens: list[Token], i: int, lang: str) -> Atom | None:
    def made(kind: str, last: int, value: int = 0, clock: Clock | None = None) -> Atom:
        start, end = tokens[i].start, tokens[last - 1].end
        return Atom(kind, i, last, start, end, " ".join(t.raw for t in tokens[i:last]), value=value, clock=clock)

    before = tokens[i - 1].norm if i else ""
    if percent := read_percent(tokens, i, lang):
        return made("percent", percent[1], percent[0])
    clock = read_clock(tokens, i, lang, bare=False)
    if clock is not None and (before in _CLOCK_LEADS or read_duration(tokens, i, lang) is None):
        return made("clock", clock[1], clock=clock[0])
    if duration := read_duration(tokens, i, lang):
        return made("duration", duration[1], duration[0])
    if before in _EVERY and (unit := read_bare_unit(tokens, i)):
        return made("duration", unit[1], unit[0])
    number = read_number(tokens, i, lang)
    if number is None or (tokens[i].norm in _ARTICLES and number[1] == i + 1 and tokens[i].norm != "une"):
        return None
    last = number[1]
    if last < len(tokens) and tokens[last].norm == "x" and not _joins_number(tokens, last):
        last += 1
    return made("number", last, number[0])


def _joins_number(tokens: list[Token], i: int) -> bool:
    """Whether the "x" at `i` is more than a multiplication sign ("3 x pallets" is, "x7" is not)."""
    return i + 1 < len(tokens) and tokens[i + 1].is_number


def _phrase(
    text: str, tokens: list[Token], i: int, lang: str, owner: dict[int, Mention], valued: dict[int, Atom]
) -> Atom:
    table, longest = phrases(lang)
    stop = next(
        (n for n in range(i + 1, min(i + longest, len(tokens)) + 1) if n in owner or n in valued),
        min(i + longest, len(tokens)),
    )
    for last in range(stop, i, -1):
        cats = table.get(tuple(t.norm for t in tokens[i:last]))
        if cats is not None:
            atom = _atom(text, tokens, "phrase", i, last)
            atom.cats = cats
            return atom
    norm = tokens[i].norm
    kind = "punct" if norm in SENTENCE_ENDS or norm in ",()%&+¿¡" else "word"
    return _atom(text, tokens, kind, i, i + 1)
