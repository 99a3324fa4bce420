"""What the assignment asks of the floor: ways to first stops and to chargers, and how much room there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING

from robots.core.routing import DEFAULT_SPEED, UNREACHABLE

from ..core.allocation import Candidate, Wanted

if TYPE_CHECKING:
    from ..apply import Desk

ANY_TYPE = frozenset({"move", "home", "wait", "report", "patrol"})
"""What every robot can do, whatever its type's skills say."""
ONE_MORE = 1
"""Robots sent to a station beyond its free places: it comes near while another finishes there."""


class Demand:
    """Answers from one cycle's picture. `movable`: robots whose missions are up for assignment too."""

    def __init__(self, desk: Desk, movable: set[int]) -> None:
        self._desk, self._road = desk, desk.floor.traffic.road
        floor, names = desk.floor, self._road.names
        self._bound: dict[str, set[str]] = {}
        self._stands: dict[str, set[str]] = {}
        gone = {desk.robot(pk).serial for pk in movable}
        for serial, state in floor.traffic.robots.items():
            for node in state.base:
                self._stands.setdefault(names[node], set()).add(serial)
            if state.goal is not None:
                self._stands.setdefault(names[state.goal], set()).add(serial)
                if serial not in gone:
                    self._bound.setdefault(names[state.goal], set()).add(serial)
        self._chargers = sorted(floor.places.of("charger"))
        self.has_chargers = bool(self._chargers)

    def column(self, goal: str, robots: Sequence[Candidate]) -> list[float]:
        """Metres of driving to `goal` for each robot, at the usual speed."""
        index = self._road.index
        if goal not in index:
            return [inf] * len(robots)
        tables: dict[str, Sequence[float]] = {}
        found = []
        for robot in robots:
            if robot.node not in index:
                found.append(inf)
                continue
            if robot.type not in tables:
                tables[robot.type] = self._road.distances(index[goal], profile=self._road.profile(robot.type))
            seconds = tables[robot.type][index[robot.node]]
            found.append(inf if seconds == UNREACHABLE else seconds * DEFAULT_SPEED)
        return found

    def to_charger(self, robot: int, node: str) -> float | None:
        """Metres from `node` to the nearest charger that no other robot has; to the nearest at all when all are had."""
        serial = self._desk.robot(robot).serial
        free = [c for c in self._chargers if self._stands.get(c, set()) <= {serial}]
        metres = [m for c in free or self._chargers if (m := self._desk.distance(robot, node, c)) is not None]
        return min(metres, default=None)

    def rooms(self, wanted: Sequence[Wanted]) -> Mapping[str, int]:
        """How many more robots may be sent to the station of each first stop; nodes without a station have no limit."""
        rooms = {}
        for node in {mission.first_node for mission in wanted} - {None}:
            places = self._desk.floor.places.of(f"at:{node}") if node else frozenset()
            if node and places:
                bound = set().union(*(self._bound.get(place, set()) for place in places))
                rooms[node] = max(0, len(places) + ONE_MORE - len(bound))
        return rooms
