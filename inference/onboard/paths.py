"""What a freely navigating robot tells of its plan (VDA 5050 3.0 section 6.8). Pure. Metres, m/s, s since 1970."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from robots.core.geometry import heading
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import ControlPoint, Trajectory
from robots.core.vda5050.reports import PlannedPath, Waypoint

Point = tuple[float, float]
SEEN = 6.0
"""m ahead that the robot perceives: as far as its waypoints reach."""
SLOWEST = 0.1


def planned(here: Point, ahead: Sequence[Point], nodes: tuple[str, ...]) -> PlannedPath | None:
    """The rest of the base as a clamped NURBS of degree 1, from where the robot is; None where there is no way left."""
    points = _distinct((here, *ahead[1:]))
    if len(points) < 2:
        return None
    spans = len(points) - 1
    knots = (0.0, *(round(i / spans, 6) for i in range(spans + 1)), 1.0)
    controls = tuple(ControlPoint(round(x, 3), round(y, 3)) for x, y in points)
    return PlannedPath(Trajectory(1, knots, controls), nodes)


def intermediate(here: Point, ahead: Sequence[Point], speed: float, wall: float) -> tuple[Waypoint, ...]:
    """The points of the way within sight, with the time at which the robot will be there at `speed`."""
    points = _distinct((here, *ahead[1:]))
    found, gone = [_waypoint(here, None, wall)], 0.0
    for a, b in pairwise(points):
        step = math.dist(a, b)
        share = min(1.0, (SEEN - gone) / step)
        gone += step * share
        at = (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)
        found.append(_waypoint(at, heading(a, b), wall + gone / max(SLOWEST, speed)))
        if gone >= SEEN:
            break
    return tuple(found)


def _waypoint(at: Point, theta: float | None, wall: float) -> Waypoint:
    return Waypoint(round(at[0], 3), round(at[1], 3), None if theta is None else round(theta, 4), timestamp(wall))


def _distinct(points: Sequence[Point]) -> list[Point]:
    kept = [points[0]]
    for point in points[1:]:
        if math.dist(kept[-1], point) > 0.005:
            kept.append(point)
    return kept
