"""Points on a NURBS trajectory (VDA 5050 3.0 section 7.3), by Cox and de Boor."""

from __future__ import annotations

from collections.abc import Sequence

from robots.core.geometry import Point
from robots.core.vda5050.messages import Trajectory

MOST = 200


def sampled(trajectory: Trajectory, count: int = 24) -> tuple[Point, ...]:
    """`count` points from its start to its end, at most 200; empty where knots and control points do not fit.

    A weight that is missing or not above 0 counts as 1.
    """
    degree, knots, controls = trajectory.degree, trajectory.knots, trajectory.control_points
    if not 1 <= degree < len(controls) or len(knots) != len(controls) + degree + 1 or list(knots) != sorted(knots):
        return ()
    low, high = knots[degree], knots[len(controls)]
    if not low < high:
        return ()
    weights = [c.weight if c.weight is not None and c.weight > 0 else 1.0 for c in controls]
    rows = [(c.x * w, c.y * w, w) for c, w in zip(controls, weights, strict=True)]
    count = max(2, min(MOST, count))
    found = []
    for number in range(count):
        at = low + (high - low) * number / (count - 1)
        x, y, w = _at(degree, knots, rows, at)
        found.append((x / w, y / w))
    return tuple(found)


def _at(
    degree: int, knots: Sequence[float], rows: Sequence[tuple[float, float, float]], at: float
) -> tuple[float, float, float]:
    span = degree
    while span < len(rows) - 1 and at >= knots[span + 1]:
        span += 1
    near = [list(rows[span - degree + i]) for i in range(degree + 1)]
    for level in range(1, degree + 1):
        for i in range(degree, level - 1, -1):
            first = knots[span - degree + i]
            width = knots[i + 1 + span - level] - first
            share = (at - first) / width if width > 0 else 0.0
            near[i] = [(1 - share) * a + share * b for a, b in zip(near[i - 1], near[i], strict=True)]
    return near[degree][0], near[degree][1], near[degree][2]
