"""A floor that knows nothing of Traffic's insides: robots drive what they were released, with delays, and are watched.

The watcher keeps its own record of who holds what, from the answers alone, and measures distances between the robots.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from robots.core.layout import Layout
from robots.core.traffic import ExtendBase, Freed, Traffic

MOVE_TICKS = 3


@dataclass
class Body:
    """A robot's body: on `node`, `done` ticks along the edge to `queue[0]` if it is moving."""

    node: str
    order: str = ""
    sequence: int = 0
    queue: list[tuple[int, str]] = field(default_factory=list)
    done: int = 0
    work: int = 0
    arrived: int = 0
    moved: int = 0
    unsent: list[tuple[int, str, int]] = field(default_factory=list)


class Floor:
    """`delay`: chance that a robot loses a tick; `late`: chance that a report waits another tick."""

    def __init__(self, layout: Layout, traffic: Traffic, *, seed: int, delay: float = 0.1, late: float = 0.2) -> None:
        self.random = random.Random(seed)
        self.layout, self.traffic, self.delay, self.late = layout, traffic, delay, late
        self.points = {n.id: (n.x, n.y) for n in layout.nodes}
        self.ends = {e.id: (e.start, e.end) for e in layout.edges}
        self.bodies: dict[str, Body] = {}
        self.holder: dict[str, str] = {}
        self.now = 0
        self.nearest = math.inf

    def add(self, robot: str, node: str) -> None:
        self._take(robot, self.traffic.admit(robot, node, now=float(self.now)))
        self.bodies[robot] = Body(node)

    def _take(self, robot: str, resources: tuple[str, ...]) -> None:
        for resource in resources:
            assert resource not in self.holder, f"{resource} given to {robot} but held by {self.holder[resource]}"
            self.holder[resource] = robot

    def _give(self, freed: list[Freed]) -> None:
        for one in freed:
            for resource in one.resources:
                assert self.holder.pop(resource) == one.robot

    def receive(self, effect: ExtendBase) -> None:
        """What a mobile robot does with an order or its update: it must fit on what it already has."""
        self._take(effect.robot, effect.resources)
        body = self.bodies[effect.robot]
        first = effect.visits[0]
        if effect.new_order:
            assert not body.queue, "a new order while the old one still has released nodes"
            assert first.sequence_id == 0 and first.node == body.node
            body.order, body.sequence = effect.order_id, 0
        else:
            last = body.queue[-1] if body.queue else (body.sequence, body.node)
            assert effect.order_id == body.order and (first.sequence_id, first.node) == last
        for before, edge, visit in zip(effect.visits, effect.edges, effect.visits[1:], strict=False):
            assert visit.sequence_id == before.sequence_id + 2 == edge.sequence_id + 1
            assert self.ends[edge.edge] == (before.node, visit.node)
            body.queue.append((visit.sequence_id, visit.node))

    def tick(self, cycle: int = 3) -> None:
        self.now += 1
        for robot, body in self.bodies.items():
            self._drive(body)
            for report in list(body.unsent):
                if self.random.random() >= self.late:
                    self.report(robot, *report)
                    body.unsent.remove(report)
        self.watch()
        if self.now % cycle == 0:
            self.cycle()

    def report(self, robot: str, sequence: int, order: str, at: int) -> None:
        self._give(self.traffic.progress(robot, sequence, order_id=order, now=float(at)))

    def cycle(self) -> None:
        self.traffic.plan(float(self.now))
        for effect in self.traffic.release(float(self.now)):
            self.receive(effect)

    def _drive(self, body: Body) -> None:
        if not body.queue or self.random.random() < self.delay:
            return
        body.done += 1
        if body.done == MOVE_TICKS:
            body.sequence, body.node = body.queue.pop(0)
            body.done = 0
            body.moved += 1
            body.unsent.append((body.sequence, body.order, self.now))

    def where(self, body: Body) -> tuple[float, float]:
        x, y = self.points[body.node]
        if body.queue and body.done:
            to = self.points[body.queue[0][1]]
            part = body.done / MOVE_TICKS
            return x + (to[0] - x) * part, y + (to[1] - y) * part
        return x, y

    def watch(self) -> None:
        """Bodies keep their distance, and stand only on what they hold."""
        places = [(robot, self.where(body)) for robot, body in self.bodies.items()]
        for i, (robot, a) in enumerate(places):
            for other, b in places[:i]:
                gap = math.dist(a, b)
                self.nearest = min(self.nearest, gap)
                assert gap >= 2 * self.traffic.road.radius - 1e-6, f"{robot} and {other} are {gap:.2f} m apart"
        for robot, body in self.bodies.items():
            assert self.holder.get(f"node:{body.node}") == robot
            if body.queue and body.done:
                assert self.holder.get(f"node:{body.queue[0][1]}") == robot


def endless_missions(
    floor: Floor, choose: Callable[[str], str], *, ticks: int, work: int = 6, bound: int = 10**9
) -> dict[str, int]:
    """Give every robot a new goal whenever it is done; missions finished per robot. Fails if one waits `bound`."""
    finished = dict.fromkeys(floor.bodies, 0)
    goals: dict[str, tuple[str, int]] = {}
    legs = 0
    for _ in range(ticks):
        for robot, body in floor.bodies.items():
            state = floor.traffic.robots[robot]
            if robot not in goals and body.work <= 0 and len(state.base) == 1 and not body.queue and not body.unsent:
                legs += 1
                goals[robot] = (choose(robot), floor.now)
                floor.traffic.new_leg(robot, f"m{legs}")
                body.order, body.sequence = f"m{legs}", 0
                floor.traffic.set_goal(robot, goals[robot][0], now=float(floor.now))
            elif robot in goals and body.node == goals[robot][0] and not body.queue and not body.unsent:
                finished[robot] += 1
                body.work = floor.random.randint(0, work)
                del goals[robot]
                floor.traffic.set_goal(robot, None, now=float(floor.now))
                if body.work:
                    floor.traffic.set_immovable(robot, True, "is loading")
            elif body.work > 0:
                body.work -= 1
                if body.work == 0:
                    floor.traffic.set_immovable(robot, False)
            if robot in goals:
                assert floor.now - goals[robot][1] < bound, f"{robot} waits since {goals[robot]}: {state.wait}"
        floor.tick()
    return finished
