"""People on the floor: each walks a closed path, pauses now and then, and gives way to robots that are moving.

A person who meets a standing robot walks round it. Without that, a robot that waits for a person and a person who
waits for the robot would stand for ever.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Point = tuple[float, float]

RADIUS = 0.25
"""Of a person seen from above, m."""


class People:
    def __init__(self, walks: Sequence[Sequence[Point]], count: int, random: np.random.Generator) -> None:
        usable = [np.array(walk, dtype=np.float64) for walk in walks if len(walk) >= 2]
        count = count if usable else 0
        self.random = random
        self.walks = [usable[i % len(usable)] for i in range(count)]
        self.leg = np.array([int(random.integers(len(walk))) for walk in self.walks], dtype=np.int64)
        start = [walk[leg] for walk, leg in zip(self.walks, self.leg, strict=True)]
        self.x = np.array([p[0] for p in start])
        self.y = np.array([p[1] for p in start])
        self.speed = random.uniform(0.7, 1.3, count)
        self.waiting = random.uniform(0.0, 4.0, count)

    def step(self, dt: float, robots_x: Floats, robots_y: Floats, robots_v: Floats) -> None:
        for i, walk in enumerate(self.walks):
            if self.waiting[i] > 0:
                self.waiting[i] -= dt
                continue
            goal = walk[(self.leg[i] + 1) % len(walk)]
            dx, dy = goal[0] - self.x[i], goal[1] - self.y[i]
            left = float(np.hypot(dx, dy))
            step = self.speed[i] * dt
            if left <= step + 0.05:
                self.leg[i] = (self.leg[i] + 1) % len(walk)
                if self.random.random() < 0.3:
                    self.waiting[i] = self.random.uniform(2.0, 8.0)
                continue
            ux, uy = dx / left, dy / left
            side = self._meets(i, ux, uy, robots_x, robots_y, robots_v)
            if side is None:
                continue
            ux, uy = ux - uy * side, uy + ux * side
            norm = float(np.hypot(ux, uy))
            self.x[i] += ux / norm * step
            self.y[i] += uy / norm * step

    def _meets(self, i: int, ux: float, uy: float, rx: Floats, ry: Floats, rv: Floats) -> float | None:
        """0 to walk on, None to let a moving robot pass, +-1.5 to step aside (left positive) round a standing one."""
        if not len(rx):
            return 0.0
        dx, dy = rx - self.x[i], ry - self.y[i]
        ahead, across = dx * ux + dy * uy, dy * ux - dx * uy
        near = (ahead > -0.2) & (ahead < 1.8) & (np.abs(across) < 0.8)
        if not near.any():
            return 0.0
        if (rv[near] > 0.05).any():
            return None
        return 1.5 if float(across[near][np.argmin(ahead[near])]) <= 0 else -1.5
