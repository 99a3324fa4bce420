"""Each robot's table of seconds to its goal, made anew in slices: at most so many a cycle, the nearest robots first.

Only throughput depends on a table: a robot whose new table has to wait a cycle drives by its last one, and whoever has
none yet waits. So a closed zone on a large map costs several short cycles, not one long one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

from robots.core.routing import NOTHING, UNREACHABLE, RoadMap
from robots.core.traffic.state import RobotState
from robots.core.traffic.ways import Ways

NODES_PER_CYCLE: Final = 120_000
"""New table entries a cycle: some 15 ms. Small maps are never held up by it."""
KEPT_NODES: Final = 64 * 2**20
"""Entries (4 bytes each) of tables kept at hand; every robot keeps its own besides."""
Table = Sequence[float]
Key = tuple[int, frozenset[int], str, int]


class Tables:
    def __init__(self, road: RoadMap, ways: Ways) -> None:
        self.road = road
        self.ways = ways
        self.of: dict[str, tuple[Key, Table]] = {}
        self.behind: set[str] = set()
        """Robots for which there is no way round those that have stopped: they wait behind them."""
        self._kept: dict[Key, Table] = {}
        self._version = 0
        self._room = max(64, KEPT_NODES // max(1, len(road.names)))

    def use(self, road: RoadMap) -> None:
        """Route on `road`, the same map with other lane preferences; tables follow in slices."""
        self.road = road
        self._version += 1

    def refresh(self, ordered: Sequence[RobotState], stopped: frozenset[int]) -> None:
        """Make what is missing for `ordered` (most urgent first), as much as one cycle allows."""
        wanted = {s.id: self._key(s, stopped) for s in ordered if s.goal is not None}
        self.of = {robot: entry for robot, entry in self.of.items() if robot in wanted}
        missing = []
        for state in ordered:
            key = wanted.get(state.id)
            entry = self.of.get(state.id)
            if key is None or (entry is not None and entry[0] == key and self._fits(state, key)):
                continue
            if key in self._kept:
                self._give(state, key, stopped)
            else:
                missing.append(state)
        allowed = max(1, NODES_PER_CYCLE // max(1, len(self.road.names)))
        if len(missing) > allowed and stopped:
            missing.sort(key=lambda s: self._distance(s.end, stopped))
        for state in missing:
            key = wanted[state.id]
            if key in self._kept or allowed > 0:
                allowed -= key not in self._kept
                self._give(state, key, stopped)
            elif state.id in self.of and self.of[state.id][0][0] != state.goal:
                del self.of[state.id]

    def _fits(self, state: RobotState, key: Key) -> bool:
        """Whether there still is, or still is not, a way round stopped robots from where it has got to."""
        table = self._kept.get(key)
        return table is None or (table[state.end] == UNREACHABLE) == (state.id in self.behind)

    def _give(self, state: RobotState, key: Key, stopped: frozenset[int]) -> None:
        table = self._made(key)
        self.behind.discard(state.id)
        if stopped and table[state.end] == UNREACHABLE:
            table = self._made(self._key(state, NOTHING))
            self.behind.add(state.id)
        self.of[state.id] = key, table

    def _made(self, key: Key) -> Table:
        table = self._kept.get(key)
        if table is None:
            table = self._kept[key] = self.road.distances(key[0], key[1], key[2] or None, guided=True)
            if len(self._kept) > self._room:
                del self._kept[next(iter(self._kept))]
        else:
            self._kept[key] = self._kept.pop(key)  # used last, dropped last
        return table

    def table(self, state: RobotState) -> Table | None:
        """Seconds to its goal from every node, round stopped robots where there is a way round; None: not yet made."""
        entry = self.of.get(state.id)
        return entry[1] if entry is not None and entry[0][0] == state.goal else None

    def to(self, goal: int, vehicle_type: str = "") -> Table:
        """The table to `goal` that a robot without anything to avoid would drive by."""
        return self._made((goal, self.ways.block_for(goal, NOTHING), vehicle_type, self._version))

    def prepare(self, goal: int, vehicle_type: str = "") -> bool:
        """Whether the table had to be made."""
        before = (goal, self.ways.block_for(goal, NOTHING), vehicle_type, self._version) in self._kept
        self.to(goal, vehicle_type)
        return not before

    def seconds(self, state: RobotState) -> float:
        """Seconds to its goal from where its base ends; `UNREACHABLE` when there is no way or no table yet."""
        table = self.table(state)
        return UNREACHABLE if table is None else table[state.end]

    def _key(self, state: RobotState, stopped: frozenset[int]) -> Key:
        goal = state.goal
        assert goal is not None
        extra = state.avoid | (stopped - {goal}) if stopped else state.avoid
        return goal, self.ways.block_for(goal, extra), state.type, self._version

    def _distance(self, node: int, places: Iterable[int]) -> float:
        points = self.road.points
        return min((math.dist(points[node], points[p]) for p in places if p >= 0), default=0.0)
