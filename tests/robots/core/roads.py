"""Small road maps for tests: ladders, rings, trees and one-way mixes, with layout ids a person can follow."""

from __future__ import annotations

import random
from collections.abc import Iterable

from robots.core.layout import Edge, Layout, Node, Station, Zone


def layout(points: dict[str, tuple[float, float]], lanes: Iterable[str], zones: tuple[Zone, ...] = ()) -> Layout:
    """`lanes` are "a-b" for two-way and "a>b" for one-way."""
    edges = []
    for lane in lanes:
        if ">" in lane:
            a, b = lane.split(">")
            edges.append(Edge(lane, a, b))
        else:
            a, b = lane.split("-")
            edges += [Edge(f"{a}>{b}", a, b), Edge(f"{b}>{a}", b, a)]
    nodes = tuple(Node(name, x, y) for name, (x, y) in points.items())
    stations = (Station("s", "Bench", "packing", (nodes[-1].id,), nodes[-1].x, nodes[-1].y),)
    return Layout("Test floor", "1", nodes, tuple(edges), stations, zones, map_id="m")


def ring(count: int = 8) -> Layout:
    """A one-way ring on a rectangle of two rows, with a two-way stub `s` at its first node."""
    half = count // 2
    points = {f"r{i}": (2.0 * i, 0.0) for i in range(half)}
    points |= {f"r{half + i}": (2.0 * (half - 1 - i), 2.0) for i in range(count - half)}
    points["s"] = (0.0, -2.0)
    return layout(points, [*(f"r{i}>r{(i + 1) % count}" for i in range(count)), "r0-s"])


def ladder(width: int = 5, zones: tuple[Zone, ...] = ()) -> Layout:
    """Two two-way rows joined by rungs, with a stub at the end."""
    points = {f"{row}{i}": (2.0 * i, 2.0 * (row == "b")) for row in "ab" for i in range(width)}
    points["s"] = (-2.0, 0.0)
    lanes = [f"{row}{i}-{row}{i + 1}" for row in "ab" for i in range(width - 1)]
    return layout(points, [*lanes, *(f"a{i}-b{i}" for i in range(width)), "a0-s"], zones)


def scattered(seed: int) -> Layout:
    """A connected grid with holes; some lanes one-way, some nodes so close or crossing that footprints overlap."""
    rng = random.Random(seed)
    size = rng.randint(3, 5)
    step = rng.choice([0.9, 1.5, 2.0])
    spots = [(i, j) for i in range(size) for j in range(size)]
    points = {f"n{i}{j}": (step * i, step * j) for i, j in spots}
    lanes: list[str] = []
    joined, rest = {spots[0]}, set(spots[1:])
    while rest:
        i, j = rng.choice(sorted(joined))
        ways = [s for s in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1), (i + 1, j + 1)) if s in rest]
        if ways:
            new = rng.choice(ways)
            joined.add(new)
            rest.discard(new)
            lanes.append(f"n{i}{j}-n{new[0]}{new[1]}")
    for i, j in spots:
        for k, m in ((i + 1, j), (i, j + 1), (i + 1, j + 1)):
            lane = f"n{i}{j}{'>' if rng.random() < 0.4 else '-'}n{k}{m}"
            if (
                (k, m) in joined
                and rng.random() < 0.35
                and not any({lane[:3], lane[4:]} == {e[:3], e[4:]} for e in lanes)
            ):
                lanes.append(lane)
    corner = ((-1.0, -1.0), (1.2, -1.0), (1.2, 1.2), (-1.0, 1.2))
    return layout(points, lanes, (Zone("corner", "Corner", "area", corner),))
