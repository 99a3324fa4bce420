"""What a generated sentence means, and that meaning as plan tokens over the slots the linker found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inference.contract import Named
from inference.core.plan_tokens import MISSION, OPS, SHAPES
from inference.planner.compact.slots import Slotted
from inference.training.grammar import GrammarFileError


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the meaning: a head of `SHAPES` with its slots by marker; `condition`: kind and percentage slot;
    `kinds`: the only kinds of slot that will do, where the head alone would take others too.
    """

    head: str
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    condition: tuple[str, ...] = ()
    kinds: str = ""


@dataclass(slots=True)
class Spoken:
    """A text in pieces, each a slot (by its label) or words, and its meaning: words, or one decision."""

    pieces: list[tuple[str, str]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    decision: str = "PLAN"

    def say(self, text: str, slot: str = "") -> None:
        if text:
            self.pieces.append((text, slot))

    def add(self, other: Spoken) -> None:
        self.pieces += other.pieces
        self.words += other.words
        if self.decision == "PLAN" or other.decision.startswith("REFUSE"):
            self.decision = other.decision


def encode(
    spoken: Spoken,
    bound: Mapping[str, tuple[Named, ...]],
    slotted: Slotted,
    spans: Mapping[str, tuple[int, int]],
) -> tuple[str, ...] | None:
    """The target tokens: labels replaced by the slots the linker found at their place; None where it did not."""
    if spoken.decision != "PLAN":
        return (spoken.decision, "END")
    found: dict[str, str] = {}

    def slot(label: str, kinds: str) -> str | None:
        if label not in found:
            if label not in spans:
                return None
            start, end = spans[label]
            fits = [
                s for s in slotted.slots.values()
                if s.label[0] in kinds and _meets(slotted, s.label, start, end)
                and (label not in bound or [n.id for n in s.named] == [n.id for n in bound[label]])
            ]  # fmt: skip
            if len(fits) != 1:
                return None
            found[label] = fits[0].label
        return found[label]

    out = ["PLAN"]
    ordered = sorted((w for w in spoken.words if w.head in MISSION), key=lambda w: MISSION.index(w.head))
    for word in [*ordered, *(w for w in spoken.words if w.head in OPS)]:
        if word.condition:
            out.append(f"IF.{word.condition[0]}")
            for label in word.condition[1:]:
                token = slot(label, "CN")
                if token is None:
                    return None
                out.append(token)
        out.append(word.head)
        parts = dict(word.parts)
        known = {marker for marker, _, _ in SHAPES[word.head]}
        if set(parts) - known:
            raise GrammarFileError(f"{word.head} takes no {', '.join(sorted(set(parts) - known))}")
        for marker, kinds, _ in SHAPES[word.head]:
            if marker not in parts:
                continue
            out += [marker] if marker else []
            for label in parts[marker]:
                token = slot(label, word.kinds or kinds)
                if token is None:
                    return None
                out.append(token)
    return (*out, "END")


def _meets(slotted: Slotted, label: str, start: int, end: int) -> bool:
    """Whether a token of the slot lies within [start, end) of the text."""
    return any(
        word == f"<{label}>" and span[0] < end and start < span[1]
        for word, span in zip(slotted.words, slotted.spans, strict=True)
    )
