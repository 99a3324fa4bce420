"""Where a robot may drive at the moment: closed zones, shut doors, obstacles, pockets, misplaced robots."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from robots.core.routing import NOTHING, RoadMap
from robots.core.traffic.audit import Audit
from robots.core.traffic.state import RobotState


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something reported on a node or edge, believed until `until`; `by` is who reported it."""

    until: float
    by: str


class Ways:
    """`closed` is a block for `RoadMap.distances`, `zones` what of it the ledger refuses as closed zones.

    `gates` marks nodes that are not simply open to every robot.
    """

    def __init__(self, road: RoadMap, verdict: Audit) -> None:
        self.road = road
        self.audit = verdict
        self.zones: frozenset[int] = road.no_entry
        self.taken_doors: set[str] = set()
        self.obstacles: dict[str, Obstacle] = {}
        self.present: dict[str, frozenset[int]] = {}
        self.closed: frozenset[int] = NOTHING
        self.gates = bytes(len(road.names))
        self._edges = {name: edge for edge, name in enumerate(road.edge_names)}
        self._pocket_nodes = frozenset(node for pocket in verdict.pockets for node in pocket)
        self._blocks: dict[tuple[int, frozenset[int]], frozenset[int]] = {}
        self._door_edges = {door.id: self._known(door.edges) for door in road.layout.doors}
        self.refresh()

    def _known(self, edges: Iterable[str]) -> frozenset[int]:
        return frozenset(self._edges[name] for name in edges if name in self._edges)

    def block(self, place: str, until: float, by: str) -> None:
        """An obstacle on the node or edge called `place`. KeyError if there is neither."""
        if place not in self.road.index and place not in self._edges:
            raise KeyError(place)
        self.obstacles[place] = Obstacle(until, by)
        self.refresh()

    def clear(self, place: str) -> None:
        if self.obstacles.pop(place, None) is not None:
            self.refresh()

    def expire(self, now: float) -> None:
        """Forget obstacles whose time is over: nothing is owned through them, so nothing can be freed by it."""
        over = [place for place, obstacle in self.obstacles.items() if now >= obstacle.until]
        for place in over:
            del self.obstacles[place]
        if over:
            self.refresh()

    def refresh(self) -> None:
        index = self.road.index
        edges = {~self._edges[place] for place in self.obstacles if place in self._edges and place not in index}
        blocked = self.road.nodes_named(self.obstacles)
        present = frozenset[int]().union(*self.present.values())
        self.closed = self.zones | self.audit.traps | self.audit.avoid | edges | blocked | present
        taken = {self.road.edge_ends[edge][1] for door in self.taken_doors for edge in self._door_edges[door]}
        gates = bytearray(len(self.road.names))
        for place in self.closed | self._pocket_nodes | taken:
            gates[place if place >= 0 else self.road.edge_ends[~place][1]] = 1
        self.gates = bytes(gates)
        self._blocks = {}

    def door_of(self, edge: int) -> str:
        """The door taken by somebody else that this edge passes, or ""."""
        if not self.taken_doors:
            return ""
        return next((door for door in sorted(self.taken_doors) if edge in self._door_edges[door]), "")

    def open(self, state: RobotState, start: int, end: int) -> bool:
        """Whether this robot may drive that edge as far as closures and what it must avoid are concerned."""
        edge = self.road.edge_of[start, end]
        if not self.road.passable(edge, self.closed):
            return False
        return end not in state.avoid or start in state.avoid

    def block_for(self, goal: int, extra: frozenset[int]) -> frozenset[int]:
        """What a robot bound for `goal` may not enter: closed places, other pockets, and `extra`."""
        pocket = self.audit.pocket_of[goal]
        if len(self._blocks) > 4096:
            self._blocks = {}
        found = self._blocks.get((pocket, extra))
        if found is None:
            own = self.audit.pockets[pocket] if pocket >= 0 else NOTHING
            found = self._blocks[pocket, extra] = self.closed | (self._pocket_nodes - own) | extra
        return found

    def way_out(self, state: RobotState) -> int | None:
        """The core node next to the pocket the robot stands in that is cheapest to reach; None if all is closed."""
        pocket = self.audit.pockets[self.audit.pocket_of[state.end]]
        own = self.road.profile(state.type or None)
        times = self.road.from_here(state.end, self.closed | state.avoid, own)
        exits = [
            (times[node], node)
            for inner in pocket for node in own.ahead[inner] if self.audit.pocket_of[node] < 0 and node in times
        ]  # fmt: skip
        return min(exits)[1] if exits else None
