"""Polygons as zones need them: simple, counter-clockwise, inside a rectangle, and whether two of them overlap (m)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, pairwise

from robots.core.geometry import Point, inside, point_to_segment, segment_distance

TOUCH_M = 1e-6
Polygon = Sequence[Point]


def area(polygon: Polygon) -> float:
    """m², above 0 for counter-clockwise corners (the shoelace formula)."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in _sides(polygon)) / 2


def tidy(polygon: Polygon) -> tuple[Point, ...]:
    """The same corners counter-clockwise, without a corner that repeats the one before it."""
    corners = [b for a, b in pairwise([polygon[-1], *polygon]) if a != b] if polygon else []
    return tuple(corners if area(corners) > 0 else reversed(corners))


def simple(polygon: Polygon) -> bool:
    """At least three corners, an area, and no two sides that meet anywhere but in their common corner."""
    if len(polygon) < 3 or abs(area(polygon)) < TOUCH_M:
        return False
    sides = list(_sides(polygon))
    for (i, first), (j, second) in combinations(enumerate(sides), 2):
        if j == i + 1 or (i == 0 and j == len(sides) - 1):
            a, b, c = (*first, second[1]) if j == i + 1 else (*second, first[1])
            if point_to_segment(c, a, b) < TOUCH_M or point_to_segment(a, b, c) < TOUCH_M:
                return False
        elif segment_distance(*first, *second) < TOUCH_M:
            return False
    return True


def clipped(polygon: Polygon, width: float, height: float) -> tuple[Point, ...]:
    """What of `polygon` lies in the rectangle from (0, 0) to (width, height) (Sutherland and Hodgman).

    A polygon that is not convex may come back with sides that lie on each other: see `simple`.
    """
    corners = list(polygon)
    for axis, bound, keeps_below in ((0, 0.0, False), (0, width, True), (1, 0.0, False), (1, height, True)):
        corners = _cut(corners, _within(axis, bound, keeps_below), axis, bound)
    return tidy(corners)


def strictly_inside(point: Point, polygon: Polygon) -> bool:
    """In it and not on its border."""
    return inside(point, polygon) and min(point_to_segment(point, a, b) for a, b in _sides(polygon)) > TOUCH_M


def overlap(first: Polygon, second: Polygon) -> bool:
    """Whether two simple polygons have an area in common; a common border is none.

    If they have, a piece of the border of the one lies inside the other, unless they are the same.
    """
    if any(strictly_inside(p, b) for a, b in ((first, second), (second, first)) for p in _pieces(a, b)):
        return True
    return strictly_inside(_some_point(first), second)


def way_to_polygon(way: Sequence[Point], polygon: Polygon) -> float:
    """The least distance in m from a polyline (one point or more) to the polygon; 0 where it leads in."""
    if any(inside(point, polygon) for point in way):
        return 0.0
    legs = list(pairwise(way)) or [(way[0], way[0])]
    return min(segment_distance(*leg, *side) for leg in legs for side in _sides(polygon))


def _sides(polygon: Polygon) -> list[tuple[Point, Point]]:
    return list(pairwise([*polygon, polygon[0]])) if polygon else []


def _within(axis: int, bound: float, keeps_below: bool) -> Callable[[Point], bool]:
    return lambda point: point[axis] <= bound if keeps_below else point[axis] >= bound


def _cut(corners: list[Point], keeps: Callable[[Point], bool], axis: int, bound: float) -> list[Point]:
    found: list[Point] = []
    for a, b in pairwise([corners[-1], *corners]) if corners else ():
        if keeps(a) != keeps(b):
            along = (bound - a[axis]) / (b[axis] - a[axis])
            crossing = [a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1])]
            crossing[axis] = bound
            found.append((crossing[0], crossing[1]))
        if keeps(b):
            found.append(b)
    return found


def _pieces(polygon: Polygon, other: Polygon) -> list[Point]:
    """The middle of every piece into which the sides of `other` cut the sides of `polygon`."""
    found = []
    for (ax, ay), (bx, by) in _sides(polygon):
        cuts = {0.0, 1.0}
        for (cx, cy), (dx, dy) in _sides(other):
            turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
            if abs(turn) > 1e-12:
                cuts.add(((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / turn)
            squared = (bx - ax) ** 2 + (by - ay) ** 2
            cuts |= {
                ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / squared for x, y in ((cx, cy), (dx, dy)) if squared
            }
        for low, high in pairwise(sorted(cut for cut in cuts if 0.0 <= cut <= 1.0)):
            middle = (low + high) / 2
            found.append((ax + middle * (bx - ax), ay + middle * (by - ay)))
    return found


def _some_point(polygon: Polygon) -> Point:
    """A point strictly inside a simple polygon: in the middle of the widest stretch of a line through it."""
    ys = sorted({y for _, y in polygon})
    low, high = max(pairwise(ys), key=lambda pair: pair[1] - pair[0])
    y = (low + high) / 2
    xs = sorted(x1 + (y - y1) * (x2 - x1) / (y2 - y1) for (x1, y1), (x2, y2) in _sides(polygon) if (y1 > y) != (y2 > y))
    left, right = max(zip(xs[::2], xs[1::2], strict=True), key=lambda pair: pair[1] - pair[0])
    return (left + right) / 2, y
