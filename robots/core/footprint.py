"""What a vehicle covers of the floor at a node and along an edge, and whether two such footprints overlap.

A footprint is a few convex shapes. A shape is the hull of its points grown by a margin, so a circle is one point, and
a rectangle that may stand a little beside its lane is four points and the position error. Metres and radians.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from robots.core.geometry import Point, distance, point_to_segment, turn

POSITION_ERROR: Final = 0.1
"""m; how far beside its lane, or short of a node that it reports as reached, a robot may stand."""
SAME_HEADING: Final = math.radians(2.0)
SWING: Final = math.radians(15.0)
"""Between two headings of a bend a body is drawn at steps of at most this."""
TOUCHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class VehicleType:
    """`length` and `width` in m around the control point in the middle, load included; `max_speed` in m/s.

    `turns`: it can rotate where it stands (differential drive), so it may do so wherever its lanes bend or lead back.
    """

    id: str
    length: float
    width: float
    max_speed: float
    turns: bool = True

    @property
    def radius(self) -> float:
        """The circle that holds it in every heading, position error included."""
        return math.hypot(self.length, self.width) / 2 + POSITION_ERROR


@dataclass(frozen=True, slots=True)
class Shape:
    """The convex hull of `points` (one, two, or a polygon in order) grown by `margin`."""

    points: tuple[Point, ...]
    margin: float
    centre: Point = field(init=False, compare=False, repr=False)
    reach: float = field(init=False, compare=False, repr=False)
    axes: tuple[Point, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        count = len(self.points)
        centre = (sum(p[0] for p in self.points) / count, sum(p[1] for p in self.points) / count)
        object.__setattr__(self, "centre", centre)
        object.__setattr__(self, "reach", max(distance(centre, p) for p in self.points) + self.margin)
        object.__setattr__(self, "axes", _axes(self.points))

    def covers(self, point: Point) -> bool:
        return _nearer(self, Shape((point,), 0.0), self.margin + TOUCHING)


Footprint = tuple[Shape, ...]


def circle(at: Point, radius: float) -> Shape:
    return Shape((at,), radius)


def rectangle(start: Point, end: Point, along: float, across: float, facing: float, margin: float) -> Shape:
    """Swept from `start` to `end` in direction `facing`: `along` m before and behind, `across` m to both sides."""
    fx, fy = math.cos(facing) * along, math.sin(facing) * along
    sx, sy = -math.sin(facing) * across, math.cos(facing) * across
    return Shape(
        (
            (start[0] - fx + sx, start[1] - fy + sy), (start[0] - fx - sx, start[1] - fy - sy),
            (end[0] + fx - sx, end[1] + fy - sy), (end[0] + fx + sx, end[1] + fy + sy),
        ),
        margin,
    )  # fmt: skip


def along_edge(
    kind: VehicleType, start: Point, end: Point, facing: float, orientation: float, turns: bool
) -> Footprint:
    """The floor swept on a straight edge, tail and nose at its ends included; `turns`: it may rotate on the edge.

    `facing` is the edge's direction, `orientation` the body's heading against it.
    """
    if turns:
        return (Shape((start, end), kind.radius),)
    along, across = _half(kind, orientation)
    return (rectangle(start, end, along, across, facing, POSITION_ERROR),)


def anywhere(types: Iterable[VehicleType]) -> float:
    """The radius (m) within which every footprint of these types stays around its node or the line of its edge."""
    return max(kind.radius + _slack(kind) for kind in types)


def _slack(kind: VehicleType) -> float:
    """How far the corner of a body between two drawn headings may lie outside both."""
    return math.hypot(kind.length, kind.width) / 2 * (1 - math.cos(SWING / 2))


def at_node(
    kind: VehicleType, at: Point, arriving: Sequence[float], leaving: Sequence[float], turns: bool
) -> Footprint:
    """The floor covered at a node, where the body has the headings `arriving` and `leaving` (rad).

    A type that can rotate there does so wherever two of them differ: then it needs the whole circle, and so it does
    where nothing says how it stands. A type that cannot rotate bends from one to another on its way.
    """
    headings = [*arriving, *leaving]
    if not headings:
        return (circle(at, kind.radius),)
    same = all(turn(headings[0], other) <= SAME_HEADING for other in headings[1:])
    if same:
        return (_standing(kind, at, headings[0]),)
    if turns and kind.turns:
        return (circle(at, kind.radius),)
    bends = {round(h, 6) for h in headings}
    for before in arriving:
        for after in leaving:
            if turn(before, after) < math.pi - SAME_HEADING:
                bends |= set(_between(before, after))
    return tuple(_standing(kind, at, heading, _slack(kind)) for heading in sorted(bends))


def _standing(kind: VehicleType, at: Point, heading: float, slack: float = 0.0) -> Shape:
    return rectangle(at, at, kind.length / 2, kind.width / 2, heading, POSITION_ERROR + slack)


def _between(before: float, after: float) -> Iterable[float]:
    bend = math.remainder(after - before, math.tau)
    steps = max(1, math.ceil(abs(bend) / SWING))
    return (round(math.remainder(before + bend * i / steps, math.tau), 6) for i in range(1, steps))


def _half(kind: VehicleType, orientation: float) -> tuple[float, float]:
    """Half the length and half the width of the body's box in the direction of travel."""
    c, s = abs(math.cos(orientation)), abs(math.sin(orientation))
    return (kind.length * c + kind.width * s) / 2, (kind.length * s + kind.width * c) / 2


def overlap(a: Footprint, b: Footprint) -> bool:
    """Whether the two share floor; touching does not count. Symmetric."""
    return any(_shapes_overlap(p, q) for p in a for q in b)


def _shapes_overlap(a: Shape, b: Shape) -> bool:
    between = distance(a.centre, b.centre)
    if between >= a.reach + b.reach - TOUCHING:
        return False
    if between < a.margin + b.margin - TOUCHING:
        return True
    return _nearer(a, b, a.margin + b.margin - TOUCHING)


def _nearer(a: Shape, b: Shape, limit: float) -> bool:
    """Whether the hulls of the two are less than `limit` apart. Separating axes settle most pairs at little cost."""
    meet = True
    for x, y in (*a.axes, *b.axes):
        one = [x * p[0] + y * p[1] for p in a.points]
        other = [x * p[0] + y * p[1] for p in b.points]
        gap = max(min(one) - max(other), min(other) - max(one))
        if gap >= limit:
            return False
        meet = meet and gap <= 0.0
    if meet and (a.axes or b.axes):
        return True
    # apart along some axis: then the least distance is between a corner of one and a side of the other
    sides = ((p, *side) for one, other in ((a, b), (b, a)) for p in one.points for side in _sides(other.points))
    return any(point_to_segment(*each) < limit for each in sides)


def _axes(points: Sequence[Point]) -> tuple[Point, ...]:
    """Directions (of length 1) along which two hulls that do not meet are apart: those across the sides of a hull."""
    found: list[Point] = []
    for (x1, y1), (x2, y2) in _sides(points):
        length = math.hypot(x2 - x1, y2 - y1)
        if length > 0.0:
            along = ((x2 - x1) / length, (y2 - y1) / length)
            # a segment has no sides across its ends, but may lie in line with another
            for x, y in [(-along[1], along[0]), along][: 2 if len(points) == 2 else 1]:
                if not any(abs(x * v - y * u) < 1e-12 for u, v in found):
                    found.append((x, y))
    return tuple(found)


def _sides(points: Sequence[Point]) -> list[tuple[Point, Point]]:
    if len(points) < 3:
        return [(points[0], points[-1])]
    return [(p, points[i - 1]) for i, p in enumerate(points)]
