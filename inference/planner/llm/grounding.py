"""The text as a language model is shown it: which records it names, which values it says, which words are left over.

All of it comes from the linker; a model adds nothing here. Every number, time and name an answer may hold is listed
beforehand, so that what was not said cannot be answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference.contract import Named, PlanDraft, PlanRequest, Slot
from inference.core.grammar import MAX_SECONDS, MAX_TIMES
from inference.planner import guard
from inference.planner.modifiers import Modifiers, extract
from inference.planner.names import KINDS, suggestions
from inference.planner.quantities import Clock
from inference.planner.reading import Atom, Reading, read
from inference.planner.text import words_of

MAX_TEXT = 2000
MAX_CANDIDATES = 8
_ARTICLES = frozenset(["a", "an", "one", "ein", "eine", "einen", "einer", "un", "una", "uno", "une"])

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of the text that name something. `named` is the one record meant, else `candidates` may be meant.

    `members`: the records a group or range stands for ("all docks"). `span` is [start, end) in characters.
    """

    kind: str
    text: str
    span: Span
    named: Named | None
    candidates: tuple[Named, ...]
    members: tuple[Named, ...]
    confidence: float

    @property
    def meant(self) -> tuple[Named, ...]:
        """The records the words certainly stand for."""
        return (*self.members, *((self.named,) if self.named is not None else ()))

    @property
    def open(self) -> bool:
        return self.named is None and not self.members


@dataclass(frozen=True, slots=True)
class Value:
    """Words that say an amount or a time. `readings`: (kind, value), kind one of count, seconds, percent, clock."""

    text: str
    span: Span
    readings: tuple[tuple[str, int | str], ...]
    must_be_used: bool = True


@dataclass(frozen=True, slots=True)
class Grounded:
    """A request with everything the linker found. `one`: the text says "a" or "one" of something.

    `guesses` are records whose names look like words that were not linked (kind, record).
    """

    request: PlanRequest
    reading: Reading
    modifiers: Modifiers
    mentions: tuple[Mention, ...]
    values: tuple[Value, ...]
    words: tuple[Atom, ...]
    one: bool
    guesses: tuple[tuple[str, Named], ...] = ()

    @property
    def language(self) -> str:
        return self.reading.lang

    def records(self, kind: str) -> tuple[Named, ...]:
        """The records of a kind that the text names or may mean: certain ones first, without repetition."""
        certain = [n for m in self.mentions if m.kind == kind for n in m.meant]
        possible = [n for m in self.mentions if m.kind == kind and m.open for n in m.candidates[:MAX_CANDIDATES]]
        guessed = [n for k, n in self.guesses if k == kind]
        return tuple({n.id: n for n in (*certain, *possible, *guessed)}.values())

    def choices(self, kind: str) -> tuple[int | str, ...]:
        """The values of a kind (count, seconds, percent, clock) that the text says, in its order."""
        found = [v for value in self.values for k, v in value.readings if k == kind and _within(kind, v)]
        return tuple(dict.fromkeys([*([1] if kind == "count" and self.one else []), *found]))


def _within(kind: str, value: int | str) -> bool:
    """Whether the closed grammar can hold the value at all."""
    most = {"count": MAX_TIMES, "seconds": MAX_SECONDS, "percent": 100}
    return isinstance(value, str) or (0 if kind == "percent" else 1) <= value <= most[kind]


def screen(request: PlanRequest) -> PlanDraft | None:
    """The draft that needs no model: too long, empty, or refused by the guard on the text as typed; else None."""
    if not request.text.strip():
        return PlanDraft("ask", reason="not_understood", question="Say what should be done.", confidence=0.6)
    if len(request.text) > MAX_TEXT:
        question = f"The text is longer than {MAX_TEXT} characters. Please say it shorter."
        return PlanDraft("ask", reason="too_long", question=question, confidence=0.6)
    refusal = guard.check(request.text, guard.labels(request.vocabulary))
    # Words of small talk are the model's to judge; what would put people at risk never reaches it.
    if refusal is None or (refusal.reason == "out_of_scope" and _names_a_place(request)):
        return None
    return PlanDraft("refuse", reason=refusal.reason, question=refusal.message, confidence=0.97)


def ground(request: PlanRequest, guesses: int = 0) -> Grounded:
    """Everything the linker finds in the text; `guesses`: how many records of a kind to offer for words not linked."""
    reading = read(request)
    mentions = tuple(_mention(atom) for atom in reading.atoms if atom.mention is not None)
    modifiers = extract(reading)
    words = tuple(atom for atom in reading.atoms if atom.kind == "word" and not atom.filler and not atom.used)
    one = any(token.norm in _ARTICLES for token in reading.tokens)
    values = _values(reading, modifiers)
    return Grounded(request, reading, modifiers, mentions, values, words, one, _guesses(reading, words, guesses))


def _names_a_place(request: PlanRequest) -> bool:
    atoms = read(request).atoms
    named = any(a.mention is not None and a.mention.kind == "place" and a.mention.named is not None for a in atoms)
    return named and any(a.verb is not None for a in atoms)


def _mention(atom: Atom) -> Mention:
    found = atom.mention
    if found is None:
        raise ValueError("only an atom that names something is a mention")
    candidates = found.candidates if found.named is None else tuple(n for k, n in found.also if k == found.kind)
    return Mention(
        found.kind, atom.text, (atom.start, atom.end), found.named, candidates, found.members, found.confidence
    )


def _values(reading: Reading, modifiers: Modifiers) -> tuple[Value, ...]:
    out = [value for slot in modifiers.slots if (value := _said(slot)) is not None]
    for atom in reading.atoms:
        span = (atom.start, atom.end)
        if any(v.span[0] <= span[0] and span[1] <= v.span[1] for v in out):
            continue
        text = reading.request.text[span[0] : span[1]]
        if atom.kind == "number":
            # A number written as a word ("one of these") is more often idle talk than one in digits.
            out.append(Value(text, span, _of_number(atom.value, reading), atom.value > 1 or text[:1].isdigit()))
        elif atom.kind == "duration":
            out.append(Value(text, span, (("seconds", atom.value),)))
        elif atom.kind == "percent":
            out.append(Value(text, span, (("percent", atom.value),)))
        elif atom.kind == "clock" and atom.clock is not None:
            out.append(Value(text, span, (("clock", atom.clock.resolve(reading.request.vocabulary.now)),)))
        elif atom.has("c:full", "full_pct") and any(a.verb == "charge" for a in reading.atoms):
            out.append(Value(text, span, (("percent", 100),), must_be_used=False))
        elif atom.has("hourly", "daily"):
            out.append(Value(text, span, (("seconds", 3600 if atom.has("hourly") else 86_400),)))
        elif atom.has("rep:1", "rep:2", "rep:3"):
            times = 1 if atom.has("rep:1") else 2 if atom.has("rep:2") else 3
            out.append(Value(text, span, (("count", times),), must_be_used=times > 1))
    return tuple(sorted(out, key=lambda value: value.span))


def _said(slot: Slot) -> Value | None:
    """What a phrase of time or repetition says, as a value; None for the other modifiers."""
    if slot.name not in ("time", "duration", "repeat") or not isinstance(slot.value, dict):
        return None
    (key, value), *_ = slot.value.items()
    kind = {"at": "clock", "by": "clock", "times": "count"}.get(key, "seconds")
    return Value(slot.text, slot.span, ((kind, value),), must_be_used=(key, value) != ("times", 1))


def _of_number(number: int, reading: Reading) -> tuple[tuple[str, int | str], ...]:
    out: list[tuple[str, int | str]] = [("count", number)] if number >= 1 else []
    if number <= 100:
        out.append(("percent", number))
    if number <= 24:
        hour = number % 24
        clock = Clock(hour, 0, twelve=1 <= number <= 12)
        out.append(("clock", clock.resolve(reading.request.vocabulary.now)))
    return tuple(out)


def _guesses(reading: Reading, words: tuple[Atom, ...], limit: int) -> tuple[tuple[str, Named], ...]:
    unlinked = " ".join(atom.text for atom in words if len(atom.text) > 3)
    if not limit or not words_of(unlinked):
        return ()
    vocabulary = reading.request.vocabulary
    kinds = zip(KINDS, (vocabulary.places, vocabulary.items, vocabulary.robots), strict=True)
    return tuple((kind, n) for kind, records in kinds for n in suggestions(unlinked, records, limit))
