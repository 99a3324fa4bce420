"""Tasks for `bench traffic`: errands in order, revealed a few at a time, given out at the least total distance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

AGE_WEIGHT = 0.05
"""Seconds of driving that a second of waiting counts for: no task is left over for ever."""
UNREACHABLE_S = 1e6
Table = Sequence[float]


@dataclass(slots=True)
class Task:
    errands: tuple[int, ...]
    revealed: int
    done: int = 0

    @property
    def next(self) -> int:
        return self.errands[self.done]


class Desk:
    """Which robot does what. `table_to(node)` gives seconds to a node from everywhere."""

    def __init__(
        self, errands: Iterable[tuple[int, ...]], robots: int, table_to: Callable[[int], Table], *, reveal: float
    ) -> None:
        self._rest = iter(errands)
        self._robots = robots
        self._table_to = table_to
        self._reveal = reveal
        self.open: list[Task] = []
        self.of: dict[int, Task] = {}
        self.finished = 0
        self.oldest = 0

    def reveal(self, tick: int) -> None:
        while len(self.open) + len(self.of) < self._reveal * self._robots:
            errands = next(self._rest, None)
            if errands is None:
                return
            self.open.append(Task(errands, tick))

    def arrive(self, robot: int, node: int, tick: int) -> bool:
        """The robot is at `node`: whether that was its next errand. A task without errands left is finished."""
        task = self.of.get(robot)
        if task is None or task.next != node:
            return False
        while task.done < len(task.errands) and task.next == node:
            task.done += 1
        if task.done == len(task.errands):
            del self.of[robot]
            self.finished += 1
            self.oldest = max(self.oldest, tick - task.revealed)
        return True

    def assign(self, places: Sequence[int], tick: int) -> list[int]:
        """Give open tasks to free robots, as many as there are of both, at the least total cost; gives those robots.

        `places[robot]` is where it is or will be.
        """
        self.reveal(tick)
        free = [robot for robot in range(self._robots) if robot not in self.of]
        if not free or not self.open:
            return []
        where = [places[robot] for robot in free]
        cost = np.empty((len(free), len(self.open)), dtype=np.float64)
        for column, task in enumerate(self.open):
            cost[:, column] = np.asarray(self._table_to(task.next))[where]
            cost[:, column] -= AGE_WEIGHT * (tick - task.revealed)
        cost[~np.isfinite(cost)] = UNREACHABLE_S
        rows, columns = linear_sum_assignment(cost)
        pairs = zip(rows.tolist(), columns.tolist(), strict=True)
        chosen = [(free[row], self.open[column]) for row, column in pairs if cost[row, column] < UNREACHABLE_S / 2]
        for robot, task in chosen:
            self.of[robot] = task
        given = {id(task) for _, task in chosen}
        self.open = [task for task in self.open if id(task) not in given]
        return [robot for robot, _ in chosen]
