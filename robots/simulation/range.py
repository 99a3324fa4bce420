"""A robot's range sensors: free distance from its edge to people, robots ahead and fixed things ahead, in m."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robots.simulation.floor import RACK, WALL, World
from robots.simulation.people import RADIUS as PERSON_RADIUS

Floats = NDArray[np.float64]
REACH = 4.0
"""Farther than this nothing is reported: the distance is infinite."""
_STEPS = np.arange(0.05, REACH, 0.1)


@dataclass(frozen=True, slots=True)
class Clearances:
    """One value a robot asked for. `person` all round; `robot` and `obstacle` in the direction of travel."""

    person: Floats
    robot: Floats
    obstacle: Floats


def clearances(world: World, indices: NDArray[np.int64]) -> Clearances:
    drive, radius = world.drive, world.radius[indices]
    x, y, theta = drive.x[indices], drive.y[indices], drive.theta[indices]
    cos, sin = np.cos(theta), np.sin(theta)
    return Clearances(
        _people(world, x, y, radius), _robots(world, indices, x, y, cos, sin), _fixed(world, x, y, cos, sin, radius)
    )


def _people(world: World, x: Floats, y: Floats, radius: Floats) -> Floats:
    if not len(world.people.x):
        return np.full(len(x), np.inf)
    distance = np.hypot(x[:, None] - world.people.x, y[:, None] - world.people.y).min(axis=1)
    return _seen(distance - radius - PERSON_RADIUS)


def _robots(world: World, indices: NDArray[np.int64], x: Floats, y: Floats, cos: Floats, sin: Floats) -> Floats:
    """A robot counts as ahead when its body overlaps the strip this one is about to drive through."""
    dx, dy = world.drive.x - x[:, None], world.drive.y - y[:, None]
    forward = dx * cos[:, None] + dy * sin[:, None]
    across = np.abs(dy * cos[:, None] - dx * sin[:, None])
    reach = world.radius[indices][:, None] + world.radius
    ahead = (forward > 0) & (across < reach)
    ahead[np.arange(len(indices)), indices] = False
    gap = np.where(ahead, np.hypot(dx, dy) - reach, np.inf)
    return _seen(gap.min(axis=1))


def _fixed(world: World, x: Floats, y: Floats, cos: Floats, sin: Floats, radius: Floats) -> Floats:
    """Three parallel beams: the middle and three quarters of the half width to each side."""
    side = radius[:, None] * np.array([-0.75, 0.0, 0.75])
    start_x, start_y = x[:, None] - sin[:, None] * side, y[:, None] + cos[:, None] * side
    along = radius[:, None] + _STEPS
    px = start_x[:, :, None] + (cos[:, None] * along)[:, None, :]
    py = start_y[:, :, None] + (sin[:, None] * along)[:, None, :]
    cells = world.cells(px, py)
    hit = ((cells == WALL) | (cells == RACK)).any(axis=1)
    first = np.where(hit.any(axis=1), _STEPS[hit.argmax(axis=1)], np.inf)
    return _seen(first)


def _seen(distance: Floats) -> Floats:
    return np.where(distance < REACH, np.maximum(distance, 0.0), np.inf)
