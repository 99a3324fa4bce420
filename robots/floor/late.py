"""Robots that do not move on although their way is released (traffic design 5.6): safe, but in the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .floor import Floor

LATE_S = 20.0
SLOWLY = 3.0
"""A robot is late after `LATE_S`, and this many times what its next edge takes at full speed."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What it had last reported of which order, and since when. POSIX s."""

    order_id: str
    sequence_id: int
    since: float


class Lateness:
    """Seen from dispatch alone: no traversal reported with a released base."""

    def __init__(self) -> None:
        self._stands: dict[str, Stand] = {}

    def look(self, floor: Floor, serial: str, able: bool, now: float) -> str:
        """The node it should have reached by now, or "". `able` False: it cannot drive or acts, so no time runs."""
        state = floor.traffic.robots[serial]
        if not able or len(state.base) < 2 or state.order_id is None:
            self._stands.pop(serial, None)
            return ""
        known = self._stands.get(serial)
        if known is None or (known.order_id, known.sequence_id) != (state.order_id, state.first):
            known = self._stands[serial] = Stand(state.order_id, state.first, now)
        road = floor.traffic.road
        seconds = road.costs[road.edge_of[state.base[0], state.base[1]]]
        return road.names[state.base[1]] if now - known.since > LATE_S + SLOWLY * seconds else ""
