"""From a site's layout to a simulated hall: its racks and walls, and people who walk where its zones and lanes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from robots.core.layout import Layout
from robots.simulation.battery import BatteryModel
from robots.simulation.floor import CONDITIONS, Box, FloorPlan, Point, RobotSpec, Station, World

WALL_HALF = 0.08
"""Half the thickness of a drawn wall, m."""


def plan_of(layout: Layout, *, crossers: int = 2, seed: int = 0) -> FloorPlan:
    """One person walks round in every human-only zone, `crossers` more walk to and fro along lanes of the road map."""
    racks = tuple((r.x, r.y, r.x + r.width, r.y + r.height) for r in layout.racks)
    walls = tuple(
        (
            min(w.x1, w.x2) - WALL_HALF,
            min(w.y1, w.y2) - WALL_HALF,
            max(w.x1, w.x2) + WALL_HALF,
            max(w.y1, w.y2) + WALL_HALF,
        )
        for w in layout.walls
    )
    zones = tuple(_bounds(z.polygon) for z in layout.zones if z.kind == "human_only")
    width = layout.width or max((n.x for n in layout.nodes), default=1.0) + 2
    height = layout.height or max((n.y for n in layout.nodes), default=1.0) + 2
    return FloorPlan(
        bounds=(0.0, 0.0, width, height),
        racks=racks,
        walls=walls,
        keep_out=zones,
        walks=tuple(_round(zone) for zone in zones) + _crossings(layout, crossers, np.random.default_rng(seed)),
    )


def build_world(
    layout: Layout,
    robots: Sequence[RobotSpec],
    *,
    seed: int,
    crossers: int = 2,
    misses: float = 0.0,
    charge_factor: float = 1.0,
    stations: Mapping[str, Mapping[str, Any]] | None = None,
) -> World:
    """`stations`: what lies where, {"rack-a1": {"condition": "ok", "count": 12}}; others are ok, uncounted."""
    found = {}
    for name, row in (stations or {}).items():
        condition = str(row.get("condition", "ok"))
        if condition not in CONDITIONS:
            raise ValueError(f"station {name}: condition {condition!r} must be one of {', '.join(CONDITIONS)}")
        found[name] = Station(condition, row.get("count"))
    return World(
        plan_of(layout, crossers=crossers, seed=seed),
        robots,
        seed=seed,
        misses=misses,
        battery=BatteryModel(factor=charge_factor),
        stations=found,
    )


def _bounds(polygon: Sequence[Point]) -> Box:
    xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
    return min(xs), min(ys), max(xs), max(ys)


def _round(zone: Box, margin: float = 0.4) -> tuple[Point, ...]:
    x0, y0, x1, y1 = zone
    mx, my = min(margin, (x1 - x0) / 2), min(margin, (y1 - y0) / 2)
    return ((x0 + mx, y0 + my), (x1 - mx, y0 + my), (x1 - mx, y1 - my), (x0 + mx, y1 - my))


def _crossings(
    layout: Layout, count: int, random: np.random.Generator, steps: int = 24
) -> tuple[tuple[Point, ...], ...]:
    """Walks of up to `steps` lanes, there and back, half a metre beside the middle of the lane."""
    onward: dict[str, list[str]] = {}
    for edge in layout.edges:
        onward.setdefault(edge.start, []).append(edge.end)
    through = sorted(node for node, ends in onward.items() if len(ends) > 1)
    place = {node.id: (node.x, node.y) for node in layout.nodes}
    walks = []
    for _ in range(count if through else 0):
        at = through[int(random.integers(len(through)))]
        way, seen = [place[at]], {at}
        for _ in range(steps):
            choices = [n for n in onward.get(at, []) if n not in seen and len(onward.get(n, [])) > 1]
            choices = choices or [n for n in onward.get(at, []) if n not in seen and onward.get(n)]
            if not choices:
                break
            at = choices[int(random.integers(len(choices)))]
            seen.add(at)
            way.append(place[at])
        if len(way) > 2:
            beside = [(x + 0.5, y + 0.5) for x, y in way]
            walks.append(tuple(beside + beside[-2:0:-1]))
    return tuple(walks)
