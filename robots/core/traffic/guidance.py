"""Which direction of a two-way lane robots should prefer: cost factors per edge, so that opposing streams part.

Default proposal: parallel aisles alternate (the first up, the next down, and so on), and so do the lanes of open floor
between them. Where the layout prefers a direction itself, by an edge's factor or a directed zone, that is kept. Factors
only steer routes: both directions stay open. Source of the idea: guidance graphs, arXiv 2402.01446.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

from robots.core.routing import RoadMap

AGAINST: Final = 3.0
QUIET_SHARE: Final = 0.05
"""Below this share of occupied nodes detours cost more than meeting costs: no preference."""
AXES: Final = 12
"""Lanes count as parallel when their directions fall into the same one of this many sectors of a half turn."""
NARROW_SHARE: Final = 0.25


def lane_factors(road: RoadMap, against: float = AGAINST, both_ways: Iterable[int] = ()) -> tuple[float, ...]:
    """The factors of the layout, times `against` on the edges against the proposal; each at least 1.

    Nodes in `both_ways` (dead ends) have no preferred direction: whoever goes in comes back the same way.
    """
    factors = list(road.factors)
    left_out = frozenset(both_ways)
    axes: dict[int, dict[int, list[int]]] = {}
    pitch = _pitch(road)
    for edge, (start, end) in enumerate(road.edge_ends):
        back = road.edge_of.get((end, start))
        if back is None or factors[edge] != factors[back] or start in left_out or end in left_out:
            continue
        axis = round(road.headings[edge] % math.pi / math.pi * AXES) % AXES
        axes.setdefault(axis, {}).setdefault(_offset(road, start, axis, pitch), []).append(edge)
    for axis, lines in axes.items():
        for line, forward in _directions(road, lines).items():
            for edge in lines[line]:
                if _forward(road.headings[edge], axis) != forward:
                    factors[edge] *= against
    return tuple(factors)


def _directions(road: RoadMap, lines: dict[int, list[int]]) -> dict[int, bool]:
    """Per line of parallel lanes whether forward is preferred: aisles alternate, and what lies between two of them."""
    found: dict[int, bool] = {}
    aisles = open_floor = 0
    for line in sorted(lines):
        narrow = sum(1 for edge in lines[line] if not _has_parallel(road, edge))
        if narrow > NARROW_SHARE * len(lines[line]):
            found[line] = aisles % 2 == 0
            aisles += 1
        else:
            found[line] = open_floor % 2 == 0
            open_floor += 1
    return found


def _has_parallel(road: RoadMap, edge: int) -> bool:
    """Whether another lane runs beside it, one node away: the edge is a side of a four-cornered ring."""
    start, end = road.edge_ends[edge]
    return any(
        (a, b) in road.edge_of
        for a in road.ahead[start] if a != end
        for b in road.ahead[end] if b not in (start, a)
    )  # fmt: skip


def _pitch(road: RoadMap) -> float:
    """Half the usual length of an edge (m): lanes nearer to each other than that count as one line."""
    lengths = sorted(road.lengths)
    return max(lengths[len(lengths) // 2] / 2, 0.01) if lengths else 1.0


def _offset(road: RoadMap, node: int, axis: int, pitch: float) -> int:
    angle = axis * math.pi / AXES
    x, y = road.points[node]
    return round((y * math.cos(angle) - x * math.sin(angle)) / pitch)


def _forward(heading: float, axis: int) -> bool:
    return math.cos(heading - axis * math.pi / AXES) > 0
