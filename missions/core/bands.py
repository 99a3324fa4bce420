"""How sure a reading is, in three bands with consequences: run, ask, or leave it. Thresholds come with the draft.

A missing or malformed confidence counts as low: nothing is dispatched on it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RUN_AT, ASK_AT = 0.9, 0.6
SURE, UNSURE = 0.9, 0.5
WHOLE = "reading"


def _share(value: object) -> float | None:
    """A number of 0..1, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)


def level_of(confidence: object, run_at: object = None, ask_at: object = None) -> str:
    """high | medium | low. Without thresholds of its own a draft is judged by RUN_AT and ASK_AT."""
    value = _share(confidence)
    if value is None:
        return "low"
    run = RUN_AT if run_at is None else _share(run_at)
    ask = ASK_AT if ask_at is None else _share(ask_at)
    if run is not None and value >= run:
        return "high"
    return "medium" if ask is not None and value >= ask else "low"


def mark_of(slot: Mapping[str, Any]) -> str:
    """✓, ? or ✗ of one slot. A slot without a value or a confidence is ✗."""
    value = _share(slot.get("confidence"))
    if value is None or slot.get("value") is None:
        return "✗"
    return "✓" if value >= SURE else "?" if value >= UNSURE else "✗"


def marks(slots: Sequence[Mapping[str, Any]], level: str) -> list[str]:
    """A mark for each slot. A medium reading with no doubtful part shows its weakest one as `?`: there is a doubt."""
    found = [mark_of(slot) for slot in slots]
    if level == "medium" and slots and not set(found) & {"?", "✗"}:
        least = min(_share(slot.get("confidence")) or 0.0 for slot in slots)
        found = ["?" if (_share(slot.get("confidence")) or 0.0) == least else "✓" for slot in slots]
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """A part that a person must accept: `index` of the slot as text, or WHOLE; `name` of the slot; its words."""

    index: str
    name: str
    text: str


def to_accept(slots: Sequence[Mapping[str, Any]], level: str) -> list[Part]:
    """What must be accepted before a medium reading may be dispatched; nothing at other levels."""
    if level != "medium":
        return []
    open_parts = [
        Part(str(index), str(slot["name"]), str(slot["text"]))
        for index, (slot, mark) in enumerate(zip(slots, marks(slots, level), strict=True))
        if mark != "✓"
    ]
    return open_parts or [Part(WHOLE, WHOLE, "the reading as a whole")]


def not_accepted(parts: Sequence[Part], accepted: Collection[object]) -> list[Part]:
    """The parts that `accepted` does not cover. An entry is a slot's number, or a name that covers all of that name."""
    given = {str(entry).strip() for entry in accepted}
    return [part for part in parts if part.index not in given and part.name not in given]
