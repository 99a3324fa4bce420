"""One simulated run for `bench traffic`: the real Traffic on simulated robots, watched by two checkers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from robots.core.routing import RoadMap
from robots.core.traffic import Traffic
from robots.core.traffic.audit import Audit
from tests.bench._traffic_bodies import Bodies, Watch
from tests.bench._traffic_tasks import Desk
from tests.robots.core.traffic.checker import Checker

TICKS_PER_S = 3
"""A move takes three ticks and counts as one second."""
CYCLE = 3
SOON_S = 40.0


@dataclass(slots=True)
class Times:
    """CPU milliseconds of each call, and CPU seconds in all."""

    plan: list[float] = field(default_factory=list)
    release: list[float] = field(default_factory=list)
    assign: list[float] = field(default_factory=list)
    prepare: list[float] = field(default_factory=list)


class Run:
    """`lookahead` edges are released ahead of each robot: 1 where reports arrive at once, as they do here."""

    def __init__(
        self, road: RoadMap, verdict: Audit, starts: Sequence[int], errands: Iterable[tuple[int, ...]], *,
        delay: float, seed: int, lookahead: int = 1, active: int | None = None, reveal: float = 1.5,
    ) -> None:  # fmt: skip
        self.road = road
        self.traffic = Traffic(road, robots=len(starts), verdict=verdict, active=active)
        self.names = [f"r{number:04d}" for number in range(len(starts))]
        self.number = {name: number for number, name in enumerate(self.names)}
        self.bodies = Bodies(road.points, starts, delay=delay, seed=seed)
        self.watch = Watch(self.bodies, 2 * road.radius)
        self.checker = Checker(road)
        self.desk = Desk(errands, len(starts), self.traffic.tables.to, reveal=reveal)
        self.times = Times()
        self._resource = {name: resource for resource, name in enumerate(road.resources)}
        self.tick = 0
        self.longest_still = 0
        self._moved = 0
        self._here: list[int] = []
        for name, node in zip(self.names, starts, strict=True):
            self.traffic.admit(name, road.names[node])
            self.traffic.set_lookahead(name, lookahead)
            self.checker.admitted(name, node)

    @property
    def now(self) -> float:
        return self.tick / TICKS_PER_S

    def go(self, ticks: int) -> None:
        for _ in range(ticks):
            reported = False
            if self.tick % CYCLE == 0:
                self._cycle()
            here, self._here = self._here, []
            for robot in self.bodies.tick():
                reported = True
                self._report(robot)
            for robot in here:
                if self.desk.arrive(robot, self.bodies.bodies[robot].node, self.tick + 1):
                    self._send(robot)
            self.tick += 1
            if reported:
                self._moved = self.tick
                if self.tick % CYCLE:
                    self._release()
            if self.tick % CYCLE:
                self._prepare()
            self.longest_still = max(self.longest_still, self.tick - self._moved)
            self._look()

    def _cycle(self) -> None:
        robots = self.traffic.robots
        began = time.process_time()
        for robot in self.desk.assign([robots[name].end for name in self.names], self.tick):
            self._send(robot)
        planning = time.process_time()
        self.traffic.plan(self.now)
        done = time.process_time()
        self.times.assign.append((planning - began) * 1e3)
        self.times.plan.append((done - planning) * 1e3)
        self._release()

    def _prepare(self) -> None:
        """Between cycles: tables to the errands that come next, of the robots that are nearly there."""
        began = time.process_time()
        soon = []
        for robot, task in self.desk.of.items():
            if task.done + 1 < len(task.errands):
                seconds = self.traffic.tables.seconds(self.traffic.robots[self.names[robot]])
                if seconds < SOON_S:
                    soon.append((seconds, self.road.names[task.errands[task.done + 1]]))
        self.traffic.prepare(node for _, node in sorted(soon))
        self.times.prepare.append((time.process_time() - began) * 1e3)

    def _send(self, robot: int) -> None:
        """Its next goal. An errand at the very node where it stands takes a tick."""
        name, task = self.names[robot], self.desk.of.get(robot)
        if task is not None and self.traffic.robots[name].base == [task.next]:
            self._here.append(robot)
        self.traffic.set_goal(name, None if task is None else self.road.names[task.next], now=self.now)

    def _report(self, robot: int) -> None:
        name, body = self.names[robot], self.bodies.bodies[robot]
        self.checker.reported(name, body.order, body.sequence)
        freed = self.traffic.progress(name, body.sequence, order_id=body.order, now=self.now)
        for one in freed:
            self.checker.freed(name, [self._resource[resource] for resource in one.resources])
        if self.desk.arrive(robot, body.node, self.tick + 1):
            self._send(robot)

    def _release(self) -> None:
        began = time.process_time()
        effects = self.traffic.release(self.now)
        self.times.release.append((time.process_time() - began) * 1e3)
        for effect in effects:
            visits = [(visit.sequence_id, self.road.index[visit.node]) for visit in effect.visits]
            if effect.new_order:
                self.checker.began(effect.robot, effect.order_id)
            for sequence, node in visits[1:]:
                self.checker.granted(effect.robot, effect.order_id, sequence, node)
            self.watch.note(self.bodies.send(self.number[effect.robot], effect.order_id, effect.new_order, visits))

    def _look(self) -> None:
        self.watch.look()
        for name, body in zip(self.names, self.bodies.bodies, strict=True):
            if body.queue:
                self.checker.at(name, body.node, body.queue[0][0], body.part)

    @property
    def violations(self) -> list[str]:
        return self.watch.examples + self.checker.found + self.traffic.check()

    @property
    def violation_count(self) -> int:
        return self.watch.violations + len(self.checker.found) + len(self.traffic.check())

    def oldest(self) -> int:
        """The greatest age in ticks of a task, from being revealed to being finished, or to now if it is not."""
        return max([self.desk.oldest, *(self.tick - task.revealed for task in self.desk.of.values())], default=0)
