"""Simulated robots for `bench traffic`, and one who watches where they are and what they were released.

A move takes `MOVE` ticks, a quarter turn as many more, and every robot loses each tick with a given probability. A
robot reports a node when it has arrived there. The watch shares nothing with Traffic: it looks at the bodies alone.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.spatial import cKDTree

from robots.core.geometry import Point

MOVE = 3
EAST = 0.0


class Body:
    """One robot: at `node`, `turning` and `moving` ticks away from the first of `queue` (node, sequence id)."""

    __slots__ = ("at", "came", "facing", "moving", "node", "order", "queue", "sequence", "step", "turning", "x", "y")

    def __init__(self, node: int, point: Point) -> None:
        self.node = self.came = node
        self.at = point
        self.x, self.y = point
        self.facing = EAST
        self.order = ""
        self.sequence = 0
        self.queue: deque[tuple[int, int]] = deque()
        self.turning = self.moving = 0
        self.step: tuple[float, float] = (0.0, 0.0)

    @property
    def part(self) -> float:
        """How much of the way to the next node is behind it, 0 to 1."""
        return (MOVE - self.moving) / MOVE if self.moving else 0.0


class Bodies:
    def __init__(self, points: Sequence[Point], starts: Sequence[int], *, delay: float, seed: int) -> None:
        self.points = points
        self.delay = delay
        self.random = random.Random(seed)
        self.bodies = [Body(node, points[node]) for node in starts]
        self.moves = 0

    def send(self, robot: int, order: str, new_order: bool, visits: Iterable[tuple[int, int]]) -> str:
        """What a mobile robot does with an order or its update: it must fit on what it has; "" or what is wrong."""
        body = self.bodies[robot]
        (first, start), *rest = visits
        if new_order:
            if body.queue or start != body.node or first != 0:
                return f"robot {robot} is given a new order while it drives, or not where it stands"
            body.order, body.sequence = order, 0
        else:
            last = (body.queue[-1][1], body.queue[-1][0]) if body.queue else (body.sequence, body.node)
            if order != body.order or (first, start) != last:
                return f"robot {robot} is given an update that does not begin where its base ends"
        for sequence, node in rest:
            body.queue.append((node, sequence))
        return ""

    def tick(self) -> list[int]:
        """Everybody drives one tick; gives those that have arrived at a node."""
        arrived = []
        chance, delay = self.random.random, self.delay
        for number, body in enumerate(self.bodies):
            if not body.queue:
                continue
            late = delay > 0.0 and chance() < delay
            if late:
                continue
            if body.turning == 0 and body.moving == 0:
                self._set_off(body)
            if body.turning > 0:
                body.turning -= 1
                continue
            body.moving -= 1
            body.x += body.step[0]
            body.y += body.step[1]
            if body.moving == 0:
                body.node, body.sequence = body.queue.popleft()
                body.x, body.y = body.at = self.points[body.node]
                self.moves += 1
                arrived.append(number)
        return arrived

    def _set_off(self, body: Body) -> None:
        to = self.points[body.queue[0][0]]
        dx, dy = to[0] - body.x, to[1] - body.y
        heading = math.atan2(dy, dx)
        bend = abs(heading - body.facing) % math.tau
        quarters = min(bend, math.tau - bend) / (math.pi / 2)
        body.facing = heading
        body.turning = round(MOVE * quarters)
        body.moving = MOVE
        body.step = dx / MOVE, dy / MOVE


class Watch:
    """Counts what must never be: two robots at one node, a node released to two, two robots nearer than they may be.

    `least` is the distance (m) that two robots must keep from centre to centre.
    """

    def __init__(self, bodies: Bodies, least: float) -> None:
        self.bodies = bodies
        self.least = least
        self.nearest = math.inf
        self.violations = 0
        self.examples: list[str] = []

    def look(self) -> None:
        standing: dict[int, int] = {}
        allowed: dict[int, int] = {}
        for number, body in enumerate(self.bodies.bodies):
            occupied = [body.node]
            if body.queue and 0 < body.moving < MOVE:
                occupied.append(body.queue[0][0])
            for node in occupied:
                if standing.setdefault(node, number) != number:
                    self._count(f"robots {standing[node]} and {number} are both at node {node}")
            for node in {body.node, *(node for node, _ in body.queue)}:
                if allowed.setdefault(node, number) != number:
                    self._count(f"node {node} is released to robots {allowed[node]} and {number}")
        if len(self.bodies.bodies) > 1:
            places = np.array([(body.x, body.y) for body in self.bodies.bodies])
            nearest = float(cKDTree(places).query(places, k=2)[0][:, 1].min())
            self.nearest = min(self.nearest, nearest)
            if nearest < self.least - 1e-6:
                self._count(f"two robots are {nearest:.3f} apart, {self.least:.3f} is the least")

    def note(self, problem: str) -> None:
        if problem:
            self._count(problem)

    def _count(self, problem: str) -> None:
        self.violations += 1
        if len(self.examples) < 5:
            self.examples.append(problem)
