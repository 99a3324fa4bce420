"""Where a robot may drive at the moment: closed zones, shut doors, pockets, and the tables that follow from them."""

from __future__ import annotations

from robots.core.routing import NOTHING, UNREACHABLE, RoadMap
from robots.core.traffic.audit import Audit
from robots.core.traffic.state import RobotState


class Ways:
    def __init__(self, road: RoadMap, verdict: Audit) -> None:
        self.road = road
        self.audit = verdict
        self.closed_zones: set[str] = set()
        self.shut_doors: set[str] = set()
        self.closed: frozenset[int] = NOTHING
        self._pocket_nodes = frozenset(node for pocket in verdict.pockets for node in pocket)
        self._blocks: dict[tuple[int, frozenset[int]], frozenset[int]] = {}
        self.refresh()

    def set_zone(self, zone: str, closed: bool) -> None:
        if zone not in {z.id for z in self.road.layout.zones}:
            raise KeyError(zone)
        (self.closed_zones.add if closed else self.closed_zones.discard)(zone)
        self.refresh()

    def set_door(self, door: str, shut: bool) -> None:
        if door not in {d.id for d in self.road.layout.doors}:
            raise KeyError(door)
        (self.shut_doors.add if shut else self.shut_doors.discard)(door)
        self.refresh()

    def refresh(self) -> None:
        layout = self.road.layout
        zones = [z for z in layout.zones if z.id in self.closed_zones]
        nodes = self.road.nodes_named(n for z in zones for n in layout.nodes_in(z))
        names = {edge: i for i, edge in enumerate(self.road.edge_names)}
        edges = frozenset(~names[e] for d in layout.doors if d.id in self.shut_doors for e in d.edges if e in names)
        self.closed = self.road.no_entry | self.audit.traps | nodes | edges
        self._blocks = {}

    def open(self, state: RobotState, start: int, end: int) -> bool:
        """Whether this robot may drive that edge as far as closures and what it must avoid are concerned."""
        edge = self.road.edge_of[start, end]
        return self.road.passable(edge, self.closed) and (end not in state.avoid or start in state.avoid)

    def table(self, state: RobotState, goal: int, stopped: frozenset[int] = NOTHING) -> list[float]:
        """Seconds to `goal` for this robot; round `stopped` nodes where there is a way round."""
        if stopped:
            around = self.road.distances(goal, self._block(goal, state.avoid | (stopped - {goal})))
            if around[state.end] != UNREACHABLE:
                return around
        return self.road.distances(goal, self._block(goal, state.avoid))

    def way_out(self, state: RobotState) -> int | None:
        """The core node next to the pocket the robot stands in that is cheapest to reach; None if all is closed."""
        pocket = self.audit.pockets[self.audit.pocket_of[state.end]]
        times = self.road.from_here(state.end, self.closed)
        exits = [
            (times[node], node)
            for inner in pocket for node in self.road.ahead[inner] if self.audit.pocket_of[node] < 0 and node in times
        ]  # fmt: skip
        return min(exits)[1] if exits else None

    def _block(self, goal: int, extra: frozenset[int]) -> frozenset[int]:
        """What a robot bound for `goal` may not enter: closed places, other pockets, and `extra`."""
        pocket = self.audit.pocket_of[goal]
        if len(self._blocks) > 4096:
            self._blocks = {}
        found = self._blocks.get((pocket, extra))
        if found is None:
            own = self.audit.pockets[pocket] if pocket >= 0 else NOTHING
            found = self._blocks[pocket, extra] = self.closed | (self._pocket_nodes - own) | extra
        return found
