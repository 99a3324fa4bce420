"""A linked reading as the model sees it: words and typed slots in order, and what each slot stands for.

Names and values are gone from the model's input, so a site's new vocabulary needs no training. Each input token is a
tuple of feature strings: words give their characters, slots give marks that no text can contain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from inference.contract import Named
from inference.core.plan_tokens import LIMITS
from inference.planner.quantities import read_clock
from inference.planner.reading import Atom, Reading
from inference.planner.text import fold, tokenize

MAX_WORDS = 128
_KIND = {"place": "P", "item": "I", "robot": "R"}
_VALUE = {"number": "N", "duration": "D", "clock": "T", "percent": "C"}
# Phrases of one number or one span of time that the linker reads as words.
_COUNTS = {"rep:2": 2, "rep:3": 3}
_SPANS = {"hourly": 3600, "daily": 86400}
MARK = "\x01"


@dataclass(frozen=True, slots=True)
class Slot:
    """What a slot stands for. `named`: records (several for a group such as "docks 1 to 3"); `value`: a number, seconds
    or percent; `clock`: "HH:MM" resolved against the site's now, where it can be read as a time of day.
    """

    label: str
    start: int
    end: int
    text: str
    named: tuple[Named, ...] = ()
    value: int | None = None
    clock: str | None = None
    confidence: float = 1.0
    candidates: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Slotted:
    """`features[i]` describes the i-th input token, at `spans[i]` of the text; `slots` by label in order of mention.

    `doubtful`: mentions that are not linked to one record (ambiguous or unknown), as (kind, status, candidates, span).
    `cut`: the text has more than MAX_WORDS tokens, so that its end is not seen.
    """

    features: tuple[tuple[str, ...], ...]
    spans: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    slots: Mapping[str, Slot]
    doubtful: tuple[tuple[str, str, tuple[Named, ...], tuple[int, int]], ...]
    cut: bool = False

    def counts(self) -> dict[str, int]:
        """How many slots of each kind there are."""
        found = dict.fromkeys(LIMITS, 0)
        for label in self.slots:
            found[label[0]] += 1
        return found


class _Builder:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.now = reading.request.vocabulary.now
        self.features: list[tuple[str, ...]] = []
        self.spans: list[tuple[int, int]] = []
        self.words: list[str] = []
        self.slots: dict[str, Slot] = {}
        self.keys: dict[tuple[object, ...], str] = {}
        self.doubtful: list[tuple[str, str, tuple[Named, ...], tuple[int, int]]] = []

    def put(self, word: str, features: tuple[str, ...], span: tuple[int, int]) -> None:
        self.words.append(word)
        self.features.append(features)
        self.spans.append(span)

    def word(self, word: str, span: tuple[int, int]) -> None:
        self.put(word, (word,), span)

    def mark(self, label: str, atom: Atom, *more: str) -> None:
        marks = (MARK + label, MARK + label[0], *(MARK + m for m in more))
        self.put(f"<{label}>", marks, (atom.start, atom.end))

    def label(self, kind: str, key: tuple[object, ...]) -> str | None:
        """The label of the slot with this key, or a fresh one; None when the sentence has too many of the kind."""
        if key in self.keys:
            return self.keys[key]
        n = sum(label[0] == kind for label in self.slots)
        if n >= LIMITS[kind]:
            return None
        self.keys[key] = label = f"{kind}{n}"
        return label

    def name(self, atom: Atom) -> None:
        mention = atom.mention
        assert mention is not None
        kind = _KIND[mention.kind]
        records = ((mention.named,) if mention.named is not None else ()) + tuple(
            m for m in mention.members if m != mention.named
        )
        if not records:
            self.doubtful.append((mention.kind, mention.status, mention.candidates, (atom.start, atom.end)))
            self.put(f"<{kind}?>", (MARK + kind, MARK + "?", MARK + kind + mention.status[:1]), (atom.start, atom.end))
            return
        label = self.label(kind, (kind, *(r.id for r in records)))
        if label is None:
            self.word(fold(atom.text), (atom.start, atom.end))
            return
        self.slots.setdefault(
            label,
            Slot(label, atom.start, atom.end, atom.text, records, confidence=mention.confidence,
                 candidates=mention.candidates + tuple(n for _, n in mention.also)),
        )  # fmt: skip
        self.mark(label, atom, *(("group",) if len(records) > 1 else ()))

    def value(self, kind: str, atom: Atom, value: int | None, clock: str | None) -> None:
        label = self.label(kind, (kind, atom.start))
        if label is None:
            self.word(fold(atom.text), (atom.start, atom.end))
            return
        self.slots[label] = Slot(label, atom.start, atom.end, atom.text, value=value, clock=clock, confidence=0.98)
        size = (
            ("hour" if value <= 12 else "day" if value <= 24 else "many") if kind == "N" and value is not None else ""
        )
        self.mark(label, atom, *((size,) if size else ()))


def delexicalise(reading: Reading) -> Slotted:
    """The reading's atoms as input tokens, at most MAX_WORDS of them."""
    build = _Builder(reading)
    for atom in reading.atoms:
        _put(build, reading, atom)
    return Slotted(
        tuple(build.features[:MAX_WORDS]),
        tuple(build.spans[:MAX_WORDS]),
        tuple(build.words[:MAX_WORDS]),
        build.slots,
        tuple(build.doubtful),
        cut=len(build.features) > MAX_WORDS,
    )


def _put(build: _Builder, reading: Reading, atom: Atom) -> None:
    if atom.mention is not None:
        build.name(atom)
    elif atom.kind in _VALUE:
        kind = _VALUE[atom.kind]
        clock = atom.clock.resolve(build.now) if atom.clock is not None else None
        if kind == "N":
            read = read_clock(reading.tokens, atom.first, reading.lang, bare=True)
            clock = read[0].resolve(build.now) if read is not None and read[1] == atom.last else None
        build.value(kind, atom, None if kind == "T" else atom.value, clock)
    elif times := next((n for cat, n in _COUNTS.items() if atom.has(cat)), None):
        build.value("N", atom, times, None)
    elif span := next((s for cat, s in _SPANS.items() if atom.has(cat)), None):
        build.value("D", atom, span, None)
    elif atom.kind == "punct":
        build.word(atom.text, (atom.start, atom.end))
    else:
        text = reading.request.text[atom.start : atom.end]
        for token in tokenize(text):
            build.word(token.norm, (atom.start + token.start, atom.start + token.end))
