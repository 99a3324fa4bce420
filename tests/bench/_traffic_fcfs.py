"""The usual baseline for `bench traffic`: each robot drives its shortest way, resources go to whoever asks first.

It uses the same ledger and the same robots as the real thing, so it collides with nobody; what it lacks is planning,
and so it locks up: the first circular wait is found and the run ends there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from robots.core.routing import RoadMap
from robots.core.traffic.ledger import Ledger
from tests.bench._traffic_bodies import Bodies, Watch
from tests.bench._traffic_tasks import Desk


class Baseline:
    def __init__(
        self, road: RoadMap, starts: Sequence[int], errands: Iterable[tuple[int, ...]], *, delay: float, seed: int
    ) -> None:
        self.road = road
        self.ledger = Ledger(road)
        self.bodies = Bodies(road.points, starts, delay=delay, seed=seed)
        self.watch = Watch(self.bodies, 2 * road.radius)
        self.desk = Desk(errands, len(starts), road.distances, reveal=1.5)
        self.names = [f"r{number:04d}" for number in range(len(starts))]
        self.legs = 0
        for name, node in zip(self.names, starts, strict=True):
            self.ledger.admit(name, node)
            self.ledger.begin(name, f"{name}.0")

    def go(self, ticks: int) -> dict[str, Any]:
        locked = None
        for tick in range(ticks):
            places = [self.ledger.nodes(name)[-1] for name in self.names]
            self.desk.assign(places, tick)
            self._release(tick)
            if tick % 10 == 0 and self._circle():
                locked = tick
                break
            for robot in self.bodies.tick():
                body = self.bodies.bodies[robot]
                self.ledger.traversed(self.names[robot], body.order, body.sequence)
                self.desk.arrive(robot, body.node, tick + 1)
            self.watch.look()
        return {
            "policy": "fcfs",
            "tasks": self.desk.finished,
            "ticks": ticks,
            "deadlocked_at_tick": locked,
            "violations": self.watch.violations,
            "min_distance": round(self.watch.nearest, 3),
        }

    def _release(self, tick: int) -> None:
        """One edge ahead of each robot, in the order of their numbers."""
        for robot, name in enumerate(self.names):
            while (task := self.desk.of.get(robot)) is not None and self.ledger.nodes(name) == (task.next,):
                self.desk.arrive(robot, task.next, tick)
            if task is None or len(self.ledger.nodes(name)) > 1:
                continue
            body = self.bodies.bodies[robot]
            here, node = body.node, self._next(body.node, task.next)
            if self.ledger.extend(name, node) is None:
                start, end = self.ledger.base(name)
                new = body.order == ""
                visits = [(start.sequence_id, here), (end.sequence_id, node)]
                self.watch.note(self.bodies.send(robot, f"{name}.0", new, visits))

    def _next(self, here: int, goal: int) -> int:
        table = self.road.distances(goal)
        return min(self.road.ahead[here], key=lambda node: (table[node] + self._cost(here, node), node))

    def _cost(self, start: int, end: int) -> float:
        return self.road.costs[self.road.edge_of[start, end]]

    def _circle(self) -> bool:
        """Whether some robots wait for each other in a circle: that never ends."""
        waits: dict[str, str] = {}
        for robot, name in enumerate(self.names):
            task, base = self.desk.of.get(robot), self.ledger.nodes(name)
            if task is None or len(base) > 1 or base == (task.next,):
                continue
            refusal = self.ledger.refusal(name, self._next(base[0], task.next))
            if refusal is not None and refusal.holder:
                waits[name] = refusal.holder
        for name in waits:
            seen, other = {name}, waits[name]
            while other in waits and other not in seen:
                seen.add(other)
                other = waits[other]
            if other in seen and len(self.ledger.nodes(other)) == 1:
                return True
        return False
