"""What the road map and the robots on it say about places: nearest, taken, wanted, how far."""

from __future__ import annotations

from collections.abc import Set
from functools import cached_property
from typing import TYPE_CHECKING

from ..core.routing import DEFAULT_SPEED, UNREACHABLE
from ..core.traffic.blocks import strong_cuts

if TYPE_CHECKING:
    from .floor import Floor

RESTING = ("parking", "charger")


class Places:
    """Questions of allocation and idle robots, answered from memory. Nodes go by name.

    `around` is what `whereabouts.around` found near a point: most robots that are out of place stand still.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._resting = {n: s.kind for s in floor.layout.stations if s.kind in RESTING for n in s.nodes}
        self._of_kind: dict[str, frozenset[str]] = {}
        self.around: dict[tuple[float, float], frozenset[str]] = {}

    def resting(self, node: str) -> str:
        """`parking` or `charger` for a node where a robot without work is out of the way, else ""."""
        return self._resting.get(node, "")

    @property
    def shut(self) -> frozenset[str]:
        """Nodes in zones that are not open: nobody is sent there to rest, and who is idle there is sent away."""
        traffic = self._floor.traffic
        return frozenset(traffic.road.names[n] for n in traffic.ways.zones if n >= 0)

    def of(self, kind: str) -> frozenset[str]:
        """Nodes of the stations of this kind, or with `at:<node>` of the stations that this node belongs to."""
        node = kind.removeprefix("at:")
        if kind not in self._of_kind:
            stations = self._floor.layout.stations
            found = (s for s in stations if (s.kind == kind if node == kind else node in s.nodes))
            known = self._floor.traffic.road.index
            self._of_kind[kind] = frozenset(n for s in found for n in s.nodes if n in known)
        return self._of_kind[kind]

    @cached_property
    def _cuts(self) -> frozenset[str]:
        """Nodes of the core without which it falls apart: a robot that rests there is in everybody's way."""
        road, core = self._floor.traffic.road, self._floor.traffic.audit.core
        return frozenset(road.names[n] for n in strong_cuts(road.ahead, road.behind, core)) if core else frozenset()

    @property
    def bad(self) -> frozenset[str]:
        """Parking places and chargers that cut the roads in two when a robot stands there."""
        return self._cuts & self._resting.keys()

    @cached_property
    def _lay_by(self) -> frozenset[str]:
        """Nodes of the core that are no station's and that others can drive round."""
        road, core = self._floor.traffic.road, self._floor.traffic.audit.core
        stations = {n for s in self._floor.layout.stations for n in s.nodes}
        return frozenset(road.names[n] for n in core) - self._cuts - stations

    def aside(self, node: str, without: Set[str]) -> str | None:
        """The nearest node where a robot can wait without cutting the roads, when there is no parking place."""
        return self._nearest(node, self._lay_by - without - self.shut, self._floor.traffic.ways.zones)

    def leaving(self, places: Set[str]) -> int:
        """How many robots stand at one of `places` and are bound for somewhere else."""
        names = self._floor.traffic.road.names
        robots = self._floor.traffic.robots.values()
        return sum(s.goal is not None and names[s.end] in places and names[s.goal] not in places for s in robots)

    def taken(self, except_for: str) -> set[str]:
        """Nodes that other robots stand on, are released to, or are bound for."""
        names = self._floor.traffic.road.names
        found: set[str] = set()
        for serial, state in self._floor.traffic.robots.items():
            if serial != except_for:
                found.update(names[n] for n in state.base)
                if state.goal is not None:
                    found.add(names[state.goal])
        return found

    def nearest(self, node: str, kind: str, taken: set[str]) -> str | None:
        """The free node that is reached soonest from `node`: of stations of this kind, or with `at:` of one station.

        A place to rest or charge lies in no zone that is not open, and is reached without entering one.
        """
        if kind in RESTING:
            return self._nearest(node, self.of(kind) - taken - self.shut, self._floor.traffic.ways.zones)
        return self._nearest(node, self.of(kind) - taken, self._floor.traffic.road.no_entry)

    def _nearest(self, node: str, wanted: frozenset[str], closed: frozenset[int]) -> str | None:
        if not wanted:
            return None
        road = self._floor.traffic.road
        here = road.index[node]
        if len(wanted) <= 3:  # tables by goal are kept, a search from here is not
            seconds = {n: road.distances(road.index[n], closed)[here] for n in wanted}
            reached = [(s, n) for n, s in seconds.items() if s != UNREACHABLE]
        else:
            times = road.from_here(here, closed)
            reached = [(times[road.index[n]], n) for n in wanted if road.index[n] in times]
        return min(reached)[1] if reached else None

    def least_wanted(self, kind: str) -> str | None:
        """Of the places of one station (`at:<node>`) the one that the fewest robots are bound for."""
        traffic = self._floor.traffic
        goals = [traffic.road.names[s.goal] for s in traffic.robots.values() if s.goal is not None]
        return min(self.of(kind), key=lambda n: (goals.count(n), n), default=None)

    def metres(self, start: str, goal: str) -> float | None:
        """Driving from `start` to `goal` in metres at the usual speed; None when no way leads there."""
        road = self._floor.traffic.road
        if start not in road.index or goal not in road.index:
            return None
        seconds = road.distances(road.index[goal])[road.index[start]]
        return None if seconds == UNREACHABLE else seconds * DEFAULT_SPEED
