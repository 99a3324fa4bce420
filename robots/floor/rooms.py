"""Traffic's ledger as the rules for zone and corridor requests see it (`core.grants.Rooms`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.geometry import Point
from ..core.polygons import Polygon, way_to_polygon

if TYPE_CHECKING:
    from .floor import Floor


class LedgerRooms:
    """What is granted here is held in the ledger and recorded with it, so no base leads anybody else in."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.ledger, self.road = floor.traffic.ledger, floor.traffic.road

    def led_in(self, serial: str, zone: str) -> bool:
        return self.road.release_zones.get(zone) in self.ledger.held(serial)

    def inside(self, zone: str) -> frozenset[str]:
        resource = self.road.release_zones.get(zone)
        return frozenset() if resource is None else self.ledger.who_has(resource)

    def waiting(self, zone: str) -> Mapping[str, float]:
        name, robots = f"zone:{zone}", self.floor.traffic.robots
        return {s: state.wait.since for s, state in robots.items() if state.wait.resource == name}

    def take_zones(self, serial: str, key: str, zones: Sequence[str]) -> str:
        found = self.road.release_zones
        return self._take(serial, key, [found[zone] for zone in zones if zone in found])

    def take_area(self, serial: str, key: str, area: Polygon) -> str:
        """Every node on which, and the end of every lane along which, a robot could touch the area.

        Whoever drives a lane holds the node at its end, so nobody else is led along the lane either.
        """
        if key in self.ledger.grants(serial):
            return ""
        radius, near = self.road.radius, _box(area, self.road.radius)
        nodes = set()
        for node, point in enumerate(self.road.points):
            if _meets((point, point), near) and way_to_polygon([point], area) < radius:
                nodes.add(node)
        for a, b in self.road.edge_ends:
            lane = self.road.points[a], self.road.points[b]
            if b not in nodes and _meets(lane, near) and way_to_polygon(lane, area) < radius:
                nodes.add(b)
        return self._take(serial, key, sorted(nodes))

    def give_back(self, serial: str, key: str) -> None:
        if self.ledger.ungrant(serial, key):
            self.floor.written.touched.add(serial)

    def _take(self, serial: str, key: str, resources: Sequence[int]) -> str:
        if self.ledger.grants(serial).get(key, frozenset()) >= set(resources):
            return ""
        if refused := self.ledger.grant(serial, key, resources):
            return refused.text
        self.floor.written.touched.add(serial)
        return ""


def corridor_area(line: Sequence[Point], left: float, right: float) -> tuple[Point, ...]:
    """What lies up to `left` and `right` m beside a straight line, and as far beyond its ends (3.0 section 6.1.5)."""
    (x1, y1), (x2, y2) = line[0], line[-1]
    length = max(1e-9, ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    beyond = max(left, right)
    ax, ay, bx, by = x1 - ux * beyond, y1 - uy * beyond, x2 + ux * beyond, y2 + uy * beyond
    return (
        (ax + uy * right, ay - ux * right), (bx + uy * right, by - ux * right),
        (bx - uy * left, by + ux * left), (ax - uy * left, ay + ux * left),
    )  # fmt: skip


def way_of(floor: Floor, serial: str, here: Point | None) -> tuple[Point, ...]:
    """From where the robot is to the end of its base."""
    state = floor.traffic.robots.get(serial)
    ahead = [floor.traffic.road.points[node] for node in state.base] if state else []
    if here is None:
        return tuple(ahead)
    if len(ahead) < 2:
        return (here, *ahead)
    # between the first two nodes of its base it has left the first behind
    return (here, *ahead[1:]) if _between(here, ahead[0], ahead[1]) else (here, *ahead)


def _between(point: Point, a: Point, b: Point) -> bool:
    return (point[0] - a[0]) * (b[0] - a[0]) + (point[1] - a[1]) * (b[1] - a[1]) > 0.0


def _box(area: Polygon, margin: float) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in area], [y for _, y in area]
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def _meets(line: Sequence[Point], box: tuple[float, float, float, float]) -> bool:
    (a, b) = line[0], line[1]
    return (
        max(a[0], b[0]) >= box[0]
        and max(a[1], b[1]) >= box[1]
        and min(a[0], b[0]) <= box[2]
        and min(a[1], b[1]) <= box[3]
    )
