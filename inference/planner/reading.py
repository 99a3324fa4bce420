"""A text read into atoms: names, values, known phrases and unknown words, in order, each with its span.

Atoms are marked `used` as later stages give them a meaning; what stays unused is what the plan would drop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from inference.contract import PlanRequest, Vocabulary
from inference.planner.language import detect
from inference.planner.lexicon import SENTENCE_ENDS, phrases
from inference.planner.linker import Linker, Mention
from inference.planner.names import plain_words
from inference.planner.quantities import (
    ORDINALS_PL,
    REPEATED,
    Clock,
    merged,
    number_words,
    read_clock,
    read_duration,
    read_every,
    read_number,
    read_percent,
)
from inference.planner.text import Token, listed, tokenize

_CLOCK_LEADS = listed(
    "at by before until till after a avant vers um gegen bis vor las ab from nach antes desde hasta for pour "
    "starting around about as ao al pelas das para sobre hacia ate apos depois jusqu apres des spatestens "
    "punkt kurz o przed po do od okolo kolo na godzina godzinie godziny"
)
# "a las tres", "à une heure", "às três": an article may stand between the preposition and the hour.
_ARTICLES_OF_HOURS = frozenset(["las", "la", "as", "a", "les", "the", "godzina", "godzinie", "godziny"])
_ARTICLES = frozenset(["a", "an", "ein", "eine", "einen", "einer", "einem", "una", "un", "une", "um", "uma"])
_TIMES = {"twice": 2, "thrice": 3, "zweimal": 2, "dreimal": 3, "dwukrotnie": 2, "trzykrotnie": 3}


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
    vocabulary = request.vocabulary
    tokens = tokenize(request.text)
    lang = detect(tokens, request.language, plain_words(vocabulary))
    tokens = _chat_spelling(merged(tokens, lang, request.text), lang, vocabulary)
    linker = Linker(tokens, vocabulary, lang, request.text)
    tokens = linker.tokens
    linker.whole_names()
    values = _values(tokens, linker, lang)
    blocked = [False] * len(tokens)
    for atom in values:
        blocked[atom.first : atom.last] = [atom.kind != "number"] * (atom.last - atom.first)
    linker.parts_of_names(blocked)
    linker.others()
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


def _chat_spelling(tokens: list[Token], lang: str, vocabulary: Vocabulary) -> list[Token]:
    """ "b4 three" is "before three", except at a site that has a place B4."""
    if lang != "en" or not any(t.norm == "b" for t in tokens) or "b4" in plain_words(vocabulary):
        return tokens
    out: list[Token] = []
    for n, token in enumerate(tokens):
        if out and token.raw == "4" and out[-1].norm == "b" and out[-1].end == token.start and n + 1 < len(tokens):
            first = out.pop()
            token = Token("before", first.raw + token.raw, first.start, token.end)
        out.append(token)
    return out


def _atom(text: str, tokens: list[Token], kind: str, first: int, last: int) -> Atom:
    start, end = tokens[first].start, tokens[last - 1].end
    return Atom(kind, first, last, start, end, text[start:end])


def _values(tokens: list[Token], linker: Linker, lang: str) -> list[Atom]:
    out: list[Atom] = []
    taken = linker.taken
    i = 0
    while i < len(tokens):
        atom = None if taken[i] else _value_at(tokens, i, lang)
        if atom is not None and any(taken[i : atom.last]):
            atom = _count_at(tokens, i, lang)  # "deux M4": two of them, not two minutes
        if atom is None or any(taken[i : atom.last]) or _is_ordinal_of_a_place(atom, linker):
            i += 1
            continue
        out.append(atom)
        i = atom.last
    return out


def _is_ordinal_of_a_place(atom: Atom, linker: Linker) -> bool:
    """ "do trzeciej rampy" is the third ramp, no hour: a word of a name follows at once."""
    if linker.lang != "pl" or atom.kind != "clock" or linker.tokens[atom.last - 1].norm not in ORDINALS_PL:
        return False
    return atom.last < len(linker.norms) and linker.norms[atom.last] in linker.index.by_word


def _value(tokens: list[Token], i: int, kind: str, last: int, value: int = 0, clock: Clock | None = None) -> Atom:
    start, end = tokens[i].start, tokens[last - 1].end
    return Atom(kind, i, last, start, end, " ".join(t.raw for t in tokens[i:last]), value=value, clock=clock)


def _value_at(tokens: list[Token], i: int, lang: str) -> Atom | None:
    made = partial(_value, tokens, i)
    before = tokens[i - 1].norm if i else ""
    norm = tokens[i].norm
    if percent := read_percent(tokens, i, lang):
        return made("percent", percent[1], percent[0])
    led = before in _CLOCK_LEADS or (before in _ARTICLES_OF_HOURS and i > 1 and tokens[i - 2].norm in _CLOCK_LEADS)
    led = led or (before == "de" and i > 1 and tokens[i - 2].norm == "partir")
    clock = read_clock(tokens, i, lang, bare=False, led=led)
    duration = read_duration(tokens, i, lang)
    if clock is not None and (duration is None or led or clock[1] > duration[1] or _surely_a_clock(tokens, i)):
        return made("clock", clock[1], clock=clock[0])
    if duration is not None:
        return made("duration", duration[1], duration[0])
    if unit := read_every(tokens, i, lang):
        return made("duration", unit[1], unit[0])
    if norm in REPEATED:
        atom = made("duration", i + 1, REPEATED[norm])
        atom.cats = phrases(lang)[0].get((norm,), frozenset())
        return atom
    return _count_at(tokens, i, lang)


def _surely_a_clock(tokens: list[Token], i: int) -> bool:
    """What looks like a stretch of time as well but is said of times of day: "1600 hours", "14h30", "meio-dia"."""
    token = tokens[i]
    if token.norm in ("meio", "mid"):
        return i == 0 or tokens[i - 1].norm not in _ARTICLES
    if not token.is_number or not token.raw.isdigit():
        return False
    if len(token.raw) == 4:
        return i + 1 < len(tokens) and tokens[i + 1].norm in ("hours", "hrs", "h", "uhr")
    parted = i + 2 < len(tokens) and tokens[i + 1].norm == "h" and tokens[i + 1].end == tokens[i + 2].start
    return parted and len(tokens[i + 2].raw) == 2 and 6 <= int(token.norm) < 24


def _count_at(tokens: list[Token], i: int, lang: str) -> Atom | None:
    """A number, also as "twice" or "dreimal"; an article alone is none."""
    made = partial(_value, tokens, i)
    norm = tokens[i].norm
    times = _TIMES.get(norm) or _german_times(norm, lang)
    if times is not None:
        atom = made("number", i + 1, times)
        atom.cats = phrases(lang)[0].get((norm,), frozenset()) or frozenset({f"rep:{times}"})
        return atom
    number = read_number(tokens, i, lang)
    if number is None or (norm in _ARTICLES and number[1] == i + 1):
        return None
    last = number[1]
    if last < len(tokens) and tokens[last].norm == "x" and not _joins_number(tokens, last):
        last += 1
    return made("number", last, number[0])


def _german_times(norm: str, lang: str) -> int | None:
    """ "viermal", "zehnmal"."""
    if lang != "de" or not norm.endswith("mal") or norm == "einmal":
        return None
    return number_words(lang).get(norm.removesuffix("mal"))


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
