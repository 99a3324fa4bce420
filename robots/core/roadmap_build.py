"""The lanes of a road map, made from a layout: which there are, how fast and how dear they are, for which type."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from robots.core.geometry import Point, heading, inside, turn
from robots.core.layout import Edge, Layout, Node, Zone

AGAINST: Final = 3.0
"""How much dearer a lane against a directed zone is, where the zone does not say: traffic design, section 4.4."""
FREE_CELLS: Final = frozenset(".SEG")
Ends = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lanes:
    """The nodes and edges of a map by int, as the layout has them."""

    nodes: list[Node]
    edges: list[Edge]
    points: list[Point]
    ends: list[Ends]
    headings: list[float]


def lies_in(points: Sequence[Point], ends: Ends, polygon: Sequence[Point]) -> bool:
    """Whether the edge starts, ends or has its middle in the polygon."""
    a, b = points[ends[0]], points[ends[1]]
    return inside(a, polygon) or inside(b, polygon) or inside(((a[0] + b[0]) / 2, (a[1] + b[1]) / 2), polygon)


def against(zone: Zone, heading: float) -> bool:
    """Whether driving along `heading` (rad) is against a directed zone: more than 90 degrees off its direction."""
    return turn(zone.direction or 0.0, heading) > math.pi / 2 + 1e-6


def factors(layout: Layout, lanes: Lanes) -> tuple[float, ...]:
    """Per edge, how much dearer than its travel time it counts: its own factor, penalty zones, directed zones."""
    found = [max(1.0, edge.factor) for edge in lanes.edges]
    for zone in layout.zones:
        if zone.kind not in ("penalty", "directed"):
            continue
        factor = max(1.0, zone.factor or (AGAINST if zone.kind == "directed" else 1.0))
        for i, ends in enumerate(lanes.ends):
            if zone.kind == "directed" and not against(zone, lanes.headings[i]):
                continue
            if lies_in(lanes.points, ends, zone.polygon):
                found[i] *= factor
    return tuple(found)


def may_use(types: tuple[str, ...] | None, kind: str) -> bool:
    return types is None or kind in types


def numbered(layout: Layout, vehicle_type: str | None) -> Lanes:
    """What that type (None: any type at all) may use, without the lanes against a strictly directed zone."""

    def usable(types: tuple[str, ...] | None) -> bool:
        return types is None or (vehicle_type in types if vehicle_type is not None else bool(types))

    nodes = [n for n in layout.nodes if usable(n.vehicle_types)]
    index = {n.id: i for i, n in enumerate(nodes)}
    made = Lanes(nodes, [], [(n.x, n.y) for n in nodes], [], [])
    strict = [z for z in layout.zones if z.kind == "directed" and z.strict]
    for edge in layout.edges:
        if usable(edge.vehicle_types) and edge.start in index and edge.end in index:
            ends = (index[edge.start], index[edge.end])
            way = heading(made.points[ends[0]], made.points[ends[1]])
            if not any(against(z, way) and lies_in(made.points, ends, z.polygon) for z in strict):
                made.edges.append(edge)
                made.ends.append(ends)
                made.headings.append(way)
    return made


def driven(lanes: Lanes, kind: str) -> list[bool]:
    """Per edge, whether that vehicle type may drive it: the edge and both its nodes are open to it."""
    on = [may_use(node.vehicle_types, kind) for node in lanes.nodes]
    return [
        may_use(edge.vehicle_types, kind) and on[a] and on[b]
        for edge, (a, b) in zip(lanes.edges, lanes.ends, strict=True)
    ]


def zone_limits(layout: Layout, lanes: Lanes) -> list[float]:
    """Per edge, the lowest speed that a speed zone allows on it in m/s, inf where there is none."""
    found = [math.inf] * len(lanes.ends)
    for zone in layout.zones:
        if zone.kind == "speed" and zone.max_speed:
            for i, ends in enumerate(lanes.ends):
                if zone.max_speed < found[i] and lies_in(lanes.points, ends, zone.polygon):
                    found[i] = zone.max_speed
    return found


def speeds(lanes: Lanes, speed: float, kind: str, zones: Sequence[float]) -> tuple[float, ...]:
    """Per edge in m/s, for a vehicle of type `kind` that drives `speed` at most."""
    limits = (e.use_of(kind).max_speed if e.uses else e.max_speed for e in lanes.edges)
    return tuple(min(speed, limit or speed, zone) for limit, zone in zip(limits, zones, strict=True))


def grid_layout(rows: Sequence[str], cell: float) -> Layout:
    """A Moving AI map as a layout: a node "row,column" per free cell, and an edge each way between neighbours."""
    free = {
        (row, column): f"{row},{column}"
        for row, line in enumerate(rows) for column, mark in enumerate(line) if mark in FREE_CELLS
    }  # fmt: skip
    nodes = tuple(Node(name, column * cell, (len(rows) - 1 - row) * cell) for (row, column), name in free.items())
    edges = []
    for (row, column), name in free.items():
        for other in (free.get((row, column + 1)), free.get((row + 1, column))):
            if other is not None:
                edges += [Edge(f"{name}>{other}", name, other), Edge(f"{other}>{name}", other, name)]
    return Layout("Grid", "1", nodes, tuple(edges))
