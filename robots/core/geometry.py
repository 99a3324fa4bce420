"""Plane geometry for layouts, footprints and zones: metres, radians, counter-clockwise positive."""

from __future__ import annotations

import math
from collections.abc import Sequence

Point = tuple[float, float]


def distance(a: Point, b: Point) -> float:
    return math.hypot(b[0] - a[0], b[1] - a[1])


def heading(a: Point, b: Point) -> float:
    """Direction from `a` to `b` in rad, -pi..pi."""
    return math.atan2(b[1] - a[1], b[0] - a[0])


def turn(before: float, after: float) -> float:
    """The smallest turn between two headings in rad, 0..pi."""
    return abs(math.remainder(after - before, math.tau))


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Whether `point` lies in `polygon`, its border included (a robot on the border of a zone is in the zone)."""
    x, y = point
    within = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        if point_to_segment(point, (x1, y1), (x2, y2)) < 1e-9:
            return True
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            within = not within
    return within


def point_to_segment(point: Point, a: Point, b: Point) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    squared = dx * dx + dy * dy
    if squared == 0.0:
        return distance(point, a)
    along = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / squared
    along = min(1.0, max(0.0, along))
    return math.hypot(point[0] - a[0] - along * dx, point[1] - a[1] - along * dy)


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the open segments ab and cd cross at one inner point."""
    return _side(a, b, c) * _side(a, b, d) < 0.0 and _side(c, d, a) * _side(c, d, b) < 0.0


def segment_distance(a: Point, b: Point, c: Point, d: Point) -> float:
    """The least distance between the segments ab and cd; a segment of length 0 is a point."""
    if segments_cross(a, b, c, d):
        return 0.0
    return min(
        point_to_segment(a, c, d), point_to_segment(b, c, d), point_to_segment(c, a, b), point_to_segment(d, a, b)
    )
