"""Small random road maps: trees, ladders, rings, one-way mixes and tight ones, with zones, a door and vehicle types."""

from __future__ import annotations

import random
from functools import lru_cache

from robots.core.layout import Door, Edge, Layout, Node, Zone
from robots.core.routing import RoadMap, VehicleType

SHAPES = ("tree", "ladder", "ring", "mixed", "tight")
KINDS = ("area", "human_only", "release", "closed")


@lru_cache(maxsize=400)
def random_road(shape: str, seed: int) -> RoadMap:
    """A small connected map with a zone of each sort, a door and, now and then, two vehicle types."""
    rng = random.Random(f"{shape} {seed}")
    step = 0.8 if shape == "tight" else rng.choice([1.3, 2.0])
    pairs: list[tuple[int, int]]
    if shape == "ring":
        count = rng.randint(6, 9)
        half = count // 2
        spots = [(i, 0) for i in range(half)] + [(count - half - 1 - i, 1) for i in range(count - half)]
        pairs = [(i, (i + 1) % count) for i in range(count)]
    else:
        width = rng.randint(3, 4)
        height = 2 if shape == "ladder" else 3
        spots = [(i, j) for j in range(height) for i in range(width)]
        near = [
            (a, b) for a, (i, j) in enumerate(spots) for b, (k, m) in enumerate(spots)
            if a < b and max(abs(i - k), abs(j - m)) == 1 and (shape in ("mixed", "tight") or i == k or j == m)
        ]  # fmt: skip
        rng.shuffle(near)
        joined, pairs = {0}, []
        while len(joined) < len(spots):
            a, b = next(pair for pair in near if len(joined.intersection(pair)) == 1)
            joined.update((a, b))
            pairs.append((a, b))
        more = {"tree": 0.0, "ladder": 0.7}.get(shape, 0.3)
        pairs += [pair for pair in near if pair not in pairs and rng.random() < more]
    nodes = tuple(Node(f"n{i}", step * x, step * y) for i, (x, y) in enumerate(spots))
    edges = []
    for a, b in pairs:
        one_way = rng.random() < {"ring": 1.0, "mixed": 0.3, "tight": 0.3}.get(shape, 0.0)
        types = ("small",) if rng.random() < 0.1 else None
        edges.append(Edge(f"n{a}>n{b}", f"n{a}", f"n{b}", vehicle_types=types))
        if not one_way:
            edges.append(Edge(f"n{b}>n{a}", f"n{b}", f"n{a}", vehicle_types=types))
    zones = [_zone("corner", "area", -0.3, -0.3, 1.3, 1.3, step), _zone("strip", "area", 1.4, -0.3, 1.6, 9.0, step)]
    kind = rng.choice(KINDS)
    around = (0.7, -0.3, 9.0, 9.0) if kind == "release" else (1.7, 0.7, 2.3, 2.3)
    zones.append(_zone("third", kind, *around, step, 2 if kind == "release" else 1))
    passing = tuple(e.id for e in edges if {e.start, e.end} == {edges[-1].start, edges[-1].end})
    doors = (Door("gate", "Gate", 0.0, 0.0, 1.0, 0.0, passing),)
    layout = Layout("Floor", str(seed), nodes, tuple(edges), (), tuple(zones), doors=doors, map_id="m")
    types = (VehicleType("small", 0.6, 0.5, 1.0), VehicleType("long", 1.2, 0.6, 1.0, turns=False))
    return RoadMap(layout, types=types) if seed % 3 == 0 else RoadMap(layout)


def _zone(
    name: str, kind: str, x1: float, y1: float, x2: float, y2: float, step: float, capacity: int = 1
) -> Zone:  # fmt: skip
    corners = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    return Zone(name, name, kind, tuple((x * step, y * step) for x, y in corners), capacity=capacity)
