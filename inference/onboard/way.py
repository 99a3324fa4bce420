"""The released way as a polyline: where the robot is on it, what it aims at, when a node is passed. Pure. Metres."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
PASS_RADIUS, PASS_BEFORE, CUT_BEFORE = 0.15, 0.05, 0.6


@dataclass(frozen=True, slots=True)
class Way:
    """`points[0]` is the last passed node (or where the robot stood), the others are released nodes ahead."""

    points: tuple[Point, ...]

    def along(self, x: float, y: float) -> float:
        """How far along the *first* segment the robot is. Later ones do not count: a way may retrace itself."""
        if len(self.points) < 2:
            return 0.0
        return _project((x, y), self.points[0], self.points[1])[0]

    def length_to(self, index: int) -> float:
        """From the start to point `index`."""
        return sum(math.dist(a, b) for a, b in pairwise(self.points[: index + 1]))

    def at(self, s: float) -> Point:
        """The point `s` m from the start, held at both ends."""
        left = max(0.0, s)
        for a, b in pairwise(self.points):
            step = math.dist(a, b)
            if left <= step and step > 0:
                t = left / step
                return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t
            left -= step
        return self.points[-1]

    def rest(self, s: float, end: int) -> tuple[Point, ...]:
        """The piece from `s` to point `end`, for drawing it into the picture."""
        done, ahead = 0.0, [self.at(s)]
        for i, (a, b) in enumerate(pairwise(self.points[: end + 1]), start=1):
            done += math.dist(a, b)
            if done > s:
                ahead.append(self.points[i])
        return tuple(ahead)

    def passed_first(self, x: float, y: float) -> bool:
        """Whether the robot has passed points[1] without stopping. A corner is passed when the next leg is nearer."""
        if len(self.points) < 2:
            return False
        node = self.points[1]
        length = math.dist(self.points[0], node)
        s, off = _project((x, y), self.points[0], node)
        if s >= length - PASS_BEFORE or math.dist((x, y), node) <= PASS_RADIUS:
            return True
        if len(self.points) == 2 or s < length - CUT_BEFORE:
            return False
        onward, off_next = _project((x, y), node, self.points[2])
        return onward > 0.0 and off_next < off


def _project(p: Point, a: Point, b: Point) -> tuple[float, float]:
    """(distance along ab, distance from ab), both within the segment."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    if length == 0:
        return 0.0, math.dist(p, a)
    s = min(max(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length, 0.0), length)
    return s, math.dist(p, (a[0] + dx / length * s, a[1] + dy / length * s))


def in_frame(x: float, y: float, theta: float, point: Point) -> Point:
    """A world point in the frame of a robot at (x, y, theta): metres ahead and to the left."""
    dx, dy = point[0] - x, point[1] - y
    return dx * math.cos(theta) + dy * math.sin(theta), dy * math.cos(theta) - dx * math.sin(theta)
