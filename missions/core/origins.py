"""Where words come from. What the requester did not write themselves is tainted: only a person may approve it.

A program's own text is its own (`api`), and it may vouch for what a person typed into it (`person`). In a person's
session only what that person typed is theirs. A WMS note, a scanned label or an imported list is nobody's order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inference.contract import ORIGINS

OWN = {"person": frozenset({"person"}), "key": frozenset({"person", "api"}), "system": frozenset({"person", "api"})}
DEFAULT = {"person": "person", "key": "api", "system": "api"}
WORDS = {
    "person": "typed by a person",
    "api": "written by a program",
    "wms": "a note of the warehouse system",
    "label": "read from a label",
    "import": "brought in from elsewhere",
}
MAX_PARTS = 50


class OriginError(ValueError):
    """An origin that cannot be. `pointer` is a JSON pointer into the request."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer


def origins_of(text: str, whole: str | None, parts: object, kind: str) -> list[dict[str, Any]]:
    """The origin of every character, as {start, end, origin} in order. `whole` is the default for the text (None: what
    the kind of requester writes), `parts` are exceptions. Raises OriginError."""
    default = whole or DEFAULT.get(kind, "api")
    if default not in ORIGINS:
        raise OriginError("/origin", f"{default!r} is no origin. The origins are {', '.join(ORIGINS)}.")
    found: list[dict[str, Any]] = []
    at = 0
    for index, part in enumerate(_parts(text, parts)):
        start, end, origin = part["start"], part["end"], part["origin"]
        if start < at:
            raise OriginError(f"/origins/{index}", "The parts must be in order and must not overlap.")
        if at < start:
            found.append({"start": at, "end": start, "origin": default})
        found.append({"start": start, "end": end, "origin": origin})
        at = end
    if at < len(text):
        found.append({"start": at, "end": len(text), "origin": default})
    return found


def _parts(text: str, parts: object) -> list[dict[str, Any]]:
    if parts is None:
        return []
    if not isinstance(parts, Sequence) or isinstance(parts, str) or len(parts) > MAX_PARTS:
        raise OriginError("/origins", f"`origins` is a list of at most {MAX_PARTS} parts.")
    for index, part in enumerate(parts):
        known = isinstance(part, Mapping) and part.get("origin") in ORIGINS
        if (
            not known
            or not all(type(part.get(key)) is int for key in ("start", "end"))
            or not 0 <= part["start"] < part["end"] <= len(text)
        ):
            detail = f"A part has `start` and `end` within the text and an `origin` of {', '.join(ORIGINS)}."
            raise OriginError(f"/origins/{index}", detail)
    return [dict(part) for part in parts]


def tainted(text: str, origins: Sequence[Mapping[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The parts the requester did not write: {start, end, origin, said, text}. Blank parts do not count."""
    own = OWN.get(kind, frozenset())
    return [
        {**part, "said": WORDS[part["origin"]], "text": text[part["start"] : part["end"]]}
        for part in origins
        if part["origin"] not in own and text[part["start"] : part["end"]].strip()
    ]
