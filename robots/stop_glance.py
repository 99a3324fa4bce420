"""A second look at a state that was read in full before: most of what a robot says a second later is the same.

The stop path hears every state of every robot and needs five things of it. Where these are word for word those of the
last state that was read in full, only the position and the time are new, and reading the rest again tells nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

WATCHED = (
    "paused", "driving", "operatingMode", "safetyState", "nodeStates", "version", "manufacturer", "serialNumber",
)  # fmt: skip
POSITIONS = ("agvPosition", "mobileRobotPosition")
"""As 2.x and 3.0 call it."""
LARGEST = 64 * 1024


class Glance(NamedTuple):
    """`words`: what must be the same. `place`: x and y in m; None: the state has none."""

    words: bytes
    place: tuple[float, float] | None


def glance(payload: bytes) -> Glance | None:
    """None for whatever is not plainly a state: then it is read in full, and judged there."""
    if len(payload) > LARGEST:
        return None
    try:
        body: Any = orjson.loads(payload)
        words = orjson.dumps([body.get(key) for key in WATCHED])
    except (orjson.JSONDecodeError, TypeError, AttributeError):
        return None
    at = next((body[key] for key in POSITIONS if key in body), None)
    if at is None:
        return Glance(words, None)
    if not isinstance(at, dict):
        return None
    x, y = at.get("x"), at.get("y")
    if type(x) not in (float, int) or type(y) not in (float, int):
        return None
    return Glance(words, (float(x), float(y)))
