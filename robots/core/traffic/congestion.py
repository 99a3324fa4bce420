"""How many robots may be under way at once: beyond a share of the nodes, more robots do less.

Start value about 8 % of the nodes, lowered while more than half of those under way stand still. Who has a turn keeps it
until its goal is reached; the others wait for theirs by age, off the lanes as far as others push them, so nobody waits
for ever. Source: traffic design 5.4, measured in 4.4.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, Final

from robots.core.traffic.state import RobotState

SHARE: Final = 0.08
PARKED_SHARE: Final = 0.1
"""A robot that waits for its turn stands in the way of others: it takes this share of a place from them."""
LEAST: Final = 12
"""Small sites are never throttled below this."""
CALM, LOWER, RAISE = 0.5, 0.98, 1.005
MEMORY: Final = 0.05
"""Weight of the newest cycle in the waiting share: some twenty cycles are remembered."""


class Cap:
    """`limit` robots may be under way; `active` are those that have their turn now."""

    def __init__(self, nodes: int, fixed: int | None = None) -> None:
        self._room = float(max(LEAST, round(SHARE * nodes)) if fixed is None else fixed)
        self._parked_share = PARKED_SHARE if fixed is None else 0.0
        self.most = self._room
        self.least = min(self.most, max(LEAST, self.most / 2))
        self.level = self.most
        self.waiting = 0.0
        self.active: set[str] = set()

    @property
    def limit(self) -> int:
        return int(self.level)

    def choose(self, ordered: Sequence[RobotState], lost: Container[str] = ()) -> None:
        """Give turns in the order of `ordered` (first is first); none to those `lost`, to whose goal no way leads."""
        parked = max(0.0, len(ordered) - self._room)
        self.most = max(self.least, self._room - self._parked_share * parked)
        self.level = min(self.level, self.most)
        going = [s for s in ordered if s.goal is not None and not s.reached and s.held is None and s.id not in lost]
        self.active = {s.id for s in going if s.id in self.active}
        for state in going:
            if len(self.active) >= self.limit:
                break
            self.active.add(state.id)

    def note(self, still: set[str]) -> None:
        """`still` did not get on this cycle: the more of those under way, the fewer turns there are next."""
        if len(self.active) < self.least:
            return
        share = len(self.active & still) / len(self.active)
        self.waiting += MEMORY * (share - self.waiting)
        self.level *= LOWER if self.waiting > CALM else RAISE
        self.level = min(self.most, max(self.least, self.level))

    def to_json(self) -> dict[str, Any]:
        return {"level": self.level, "waiting": self.waiting, "active": sorted(self.active)}

    def fill(self, data: dict[str, Any]) -> None:
        # what was kept may come from a time when another limit was fixed
        self.level = min(self.most, max(self.least, float(data["level"])))
        self.waiting, self.active = data["waiting"], set(data["active"])
