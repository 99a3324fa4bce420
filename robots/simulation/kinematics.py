"""Differential drive, all robots at once: commanded (v, omega) reached under acceleration limits, pose integrated.

Units: m, rad, s. Angles stay within (-pi, pi] (VDA 5050 6.7). No clock: `step` is told how much time passed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DriveLimits:
    """m/s, rad/s, m/s2 speeding up, m/s2 slowing down, rad/s2."""

    max_speed: float = 1.6
    max_rotation: float = 1.8
    acceleration: float = 0.9
    deceleration: float = 1.4
    angular_acceleration: float = 4.0


class Drive:
    """Poses and speeds of `n` robots, one array each."""

    def __init__(self, x: Floats, y: Floats, theta: Floats, limits: DriveLimits | None = None) -> None:
        self.limits = limits or DriveLimits()
        self.x, self.y, self.theta = (np.array(a, dtype=np.float64) for a in (x, y, theta))
        self.v, self.omega = np.zeros_like(self.x), np.zeros_like(self.x)
        self.v_command, self.omega_command = np.zeros_like(self.x), np.zeros_like(self.x)
        self.driven = np.zeros_like(self.x)

    def command(self, index: int, v: float, omega: float) -> None:
        """What the wheels are asked for until the next command. Non-finite numbers stop the robot."""
        ok = np.isfinite(v) and np.isfinite(omega)
        self.v_command[index], self.omega_command[index] = (v, omega) if ok else (0.0, 0.0)

    def step(self, dt: float) -> None:
        """Advance by `dt` s, along a circular arc (exact for constant speeds)."""
        lim = self.limits
        wanted = np.clip(self.v_command, 0.0, lim.max_speed)
        change = np.clip(wanted - self.v, -lim.deceleration * dt, lim.acceleration * dt)
        turn = np.clip(self.omega_command, -lim.max_rotation, lim.max_rotation) - self.omega
        self.v = self.v + change
        self.omega = self.omega + np.clip(turn, -lim.angular_acceleration * dt, lim.angular_acceleration * dt)
        half = self.theta + self.omega * dt / 2
        bend = np.sinc(self.omega * dt / (2 * np.pi))
        self.x += self.v * dt * bend * np.cos(half)
        self.y += self.v * dt * bend * np.sin(half)
        self.theta = wrap(self.theta + self.omega * dt)
        self.driven += self.v * dt


def wrap(angle: Floats) -> Floats:
    """Angles into (-pi, pi]."""
    return -((-angle + np.pi) % (2 * np.pi) - np.pi)
