"""A person's answers and changed chips: they change what is read, and leave the text as it was typed.

An edit says that the characters [start, end) mean one record. The planner reads the text with those words replaced by
the record's name; what it found is then told in positions of the typed text again. Positions count code points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MAX_EDITS = 12


@dataclass(frozen=True, slots=True)
class Edit:
    """`said` is what the planner reads instead; `id` and `name` the chosen record. start == end adds at the end."""

    start: int
    end: int
    id: str
    name: str
    said: str


@dataclass(frozen=True, slots=True)
class Edited:
    """The text to read, and for each edit where its words lie in it."""

    text: str
    places: tuple[tuple[int, int, Edit], ...]


def apply(text: str, edits: Sequence[Edit]) -> Edited:
    """The text with every edit in place. Raises ValueError for edits outside the text or over each other."""
    out, at, length = [], 0, 0
    places = []
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if not 0 <= edit.start <= edit.end <= len(text) or edit.start < at:
            raise ValueError("the changed words are not those of the text")
        before = text[at : edit.start]
        gap = " " if edit.start == edit.end and (before or at) and not before.endswith(" ") else ""
        length += len(before) + len(gap)
        out += [before, gap, edit.said]
        places.append((length, length + len(edit.said), edit))
        length += len(edit.said)
        at = edit.end
    out.append(text[at:])
    return Edited("".join(out), tuple(places))


def told(span: Sequence[int], edited: Edited) -> tuple[int, int]:
    """A span of the text that was read as a span of the text that was typed; one that touches an edit covers it."""
    start, end = int(span[0]), int(span[1])
    return _back(start, edited, False), max(_back(start, edited, False), _back(end, edited, True))


def _back(at: int, edited: Edited, is_end: bool) -> int:
    shift = 0
    for start, end, edit in edited.places:
        gap = start - (edit.start + shift)  # the blank put before an added answer
        if at <= start - gap if is_end else at < start - gap:
            break
        if at <= end if is_end else at < end:
            return edit.end if is_end else edit.start
        shift = end - edit.end
    return at - shift


def draft_as_typed(draft: Mapping[str, Any], edited: Edited, typed: str) -> dict[str, Any]:
    """The draft with its spans and words as typed; what a person chose is certain."""
    chosen = {edit.id: edit for _, _, edit in edited.places}
    slots = []
    for slot in draft.get("slots", []):
        span = told(slot["span"], edited)
        edit = chosen.get(str(slot.get("value")))
        here = edit is not None and (edit.start, edit.end) == tuple(span)
        words = typed[span[0] : span[1]] or slot["text"]
        sure = {"confidence": 1.0, "chosen": True} if here else {}
        slots.append({**slot, "span": list(span), "text": words, **sure})
    ignored = [list(told(span, edited)) for span in draft.get("ignored", [])]
    return {**draft, "slots": slots, "ignored": [span for span in ignored if span[0] < span[1]]}
