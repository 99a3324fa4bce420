"""Zones as the ledger sees them: the nodes inside, the lanes that lead in or cut through, and whether it is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from robots.core.geometry import Point, segment_distance
from robots.core.layout import NO_ENTRY_KINDS
from robots.core.traffic.holdings import LedgerError

if TYPE_CHECKING:
    from robots.core.layout import Zone
    from robots.core.routing import RoadMap

OPEN: Final = "open"
CLOSING: Final = "closing"
CLOSED: Final = "closed"
BORDER_M: Final = 1e-9


@dataclass(slots=True)
class ZoneState:
    """`entries` are edges that lead in from outside, or that touch the zone between two nodes outside.

    `for_ever`: the layout keeps robots out (human_only, closed); it cannot be opened at run time. `robots`: who keeps
    a closing zone from being closed. `resource`: of a release zone, what whoever is in it holds.
    """

    nodes: frozenset[int]
    entries: frozenset[int]
    for_ever: bool
    state: str
    robots: set[str] = field(default_factory=set)
    resource: int | None = None


class Zones:
    """The zones of a layout; `shut`: edge -> a zone that is not open and must not be entered by it."""

    def __init__(self, road: RoadMap) -> None:
        self.road = road
        self.of: dict[str, ZoneState] = {zone.id: _zone(road, zone) for zone in road.layout.zones}
        self.shut: dict[int, str] = {}
        self.refresh()

    def __iter__(self) -> Iterator[tuple[str, ZoneState]]:
        return iter(self.of.items())

    def refresh(self) -> None:
        self.shut = {edge: name for name, zone in self if zone.state != OPEN for edge in zone.entries}

    def close(self, name: str) -> None:
        if self.of[name].state == OPEN:
            self.of[name].state = CLOSING
            self.refresh()

    def open(self, name: str) -> None:
        """Raises LedgerError for a zone that the layout keeps robots out of."""
        if self.of[name].for_ever:
            raise LedgerError(f"{name} is closed to robots by the layout; change the layout to open it")
        self.of[name].state = OPEN
        self.refresh()

    def drain(self, robots: Iterable[str], touches: Callable[[str, ZoneState], bool]) -> None:
        """Look again whether `robots` touch closing zones; one that nobody touches any more is closed."""
        for zone in [zone for zone in self.of.values() if zone.state == CLOSING]:
            for robot in robots:
                (zone.robots.add if touches(robot, zone) else zone.robots.discard)(robot)
            zone.state = CLOSING if zone.robots else CLOSED

    def touched_by(self, zone: ZoneState, base: Sequence[int], beside: frozenset[int]) -> bool:
        """Whether a robot with this base is released into the zone."""
        if not zone.nodes.isdisjoint(base) or not zone.nodes.isdisjoint(beside):
            return True
        return any(self.road.edge_of.get(step) in zone.entries for step in pairwise(base))

    def blocked(self) -> frozenset[int]:
        """What is not open, as a block of the road map: nodes, and `~edge` for lanes that cut through a zone."""
        zones, ends = [zone for zone in self.of.values() if zone.state != OPEN], self.road.edge_ends
        through = {~edge for zone in zones for edge in zone.entries if ends[edge][1] not in zone.nodes}
        return frozenset(through).union(*(zone.nodes for zone in zones))


def _zone(road: RoadMap, zone: Zone) -> ZoneState:
    nodes = road.nodes_named(road.layout.nodes_in(zone))
    (x1, y1), (x2, y2) = ((pick(x for x, _ in zone.polygon), pick(y for _, y in zone.polygon)) for pick in (min, max))
    sides = list(pairwise([*zone.polygon, zone.polygon[0]]))
    entries = set()
    for edge, (start, end) in enumerate(road.edge_ends):
        if start in nodes:
            continue
        a, b = road.points[start], road.points[end]
        near = min(a[0], b[0]) <= x2 and max(a[0], b[0]) >= x1 and min(a[1], b[1]) <= y2 and max(a[1], b[1]) >= y1
        if end in nodes or (near and _touches(a, b, sides)):
            entries.add(edge)
    for_ever = zone.kind in NO_ENTRY_KINDS
    state = CLOSED if for_ever else OPEN
    return ZoneState(nodes, frozenset(entries), for_ever, state, resource=road.release_zones.get(zone.id))


def _touches(a: Point, b: Point, sides: Sequence[tuple[Point, Point]]) -> bool:
    return any(segment_distance(a, b, c, d) < BORDER_M for c, d in sides)
