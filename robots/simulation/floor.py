"""The simulated hall: shelves and walls, robots, people who walk and wait, what lies at the stations. Seeded.

No clock, no network: `World.step(dt)` (20 Hz in the onboard worker) moves everything by `dt` s. All robots are
arrays; names are resolved once. Units: m, rad, s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from robots.simulation.battery import Batteries, BatteryModel
from robots.simulation.kinematics import Drive, DriveLimits
from robots.simulation.people import People

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
Point = tuple[float, float]

FREE, WALL, RACK, KEEP_OUT = 0, 1, 2, 3
CELL = 0.1
"""Edge of a raster cell, m."""
CONDITIONS = ("ok", "empty", "full", "blocked", "damaged", "missing")


@dataclass(frozen=True, slots=True)
class FloorPlan:
    """`racks` and `walls` are boxes (x0, y0, x1, y1); `keep_out` are painted areas for people; `walks` closed paths."""

    bounds: Box
    racks: tuple[Box, ...] = ()
    walls: tuple[Box, ...] = ()
    keep_out: tuple[Box, ...] = ()
    walks: tuple[tuple[Point, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class RobotSpec:
    serial: str
    x: float
    y: float
    theta: float = 0.0
    battery: float = 90.0
    radius: float = 0.3


@dataclass(slots=True)
class Station:
    """What is at a station: its condition (one of CONDITIONS) and how many loads. None: nobody counts them."""

    condition: str = "ok"
    count: int | None = None


@dataclass(slots=True)
class LoadHandler:
    """The load device of one robot. `misses`: the chance (0..1) that a grip or a release fails and is noticed."""

    carrying: list[str] = field(default_factory=list)
    misses: float = 0.0


class World:
    """Everything physical. Indices follow `serials`."""

    def __init__(
        self,
        plan: FloorPlan,
        robots: Sequence[RobotSpec],
        *,
        seed: int,
        people: int | None = None,
        drive: DriveLimits | None = None,
        battery: BatteryModel | None = None,
        misses: float = 0.0,
        stations: Mapping[str, Station] | None = None,
    ) -> None:
        self.plan = plan
        self.random = np.random.default_rng(seed)
        self.serials = tuple(robot.serial for robot in robots)
        self.index = {serial: i for i, serial in enumerate(self.serials)}
        self.radius = np.array([robot.radius for robot in robots])
        x, y, theta = np.array([(r.x, r.y, r.theta) for r in robots], dtype=np.float64).reshape(-1, 3).T
        self.drive = Drive(x, y, theta, drive)
        self.batteries = Batteries(np.array([robot.battery for robot in robots]), battery)
        self.handlers = [LoadHandler(misses=misses) for _ in robots]
        self.stations: dict[str, Station] = dict(stations or {})
        self.people = People(plan.walks, len(plan.walks) if people is None else people, self.random)
        self.raster = rasterise(plan)
        self.time = 0.0

    def step(self, dt: float) -> None:
        before = self.drive.driven.copy()
        self.drive.step(dt)
        self.batteries.step(dt, self.drive.driven - before)
        self.people.step(dt, self.drive.x, self.drive.y, self.drive.v)
        self.time += dt

    def cells(self, x: Floats, y: Floats) -> NDArray[np.uint8]:
        """What is at these points; outside the hall is wall."""
        column = ((x - self.plan.bounds[0]) * (1 / CELL)).astype(np.int32)
        row = ((y - self.plan.bounds[1]) * (1 / CELL)).astype(np.int32)
        np.clip(column, 0, self.raster.shape[1] - 1, out=column)
        np.clip(row, 0, self.raster.shape[0] - 1, out=row)
        return self.raster[row, column]

    def pick(self, index: int, load: str, station: str | None = None) -> bool:
        """Grip one load. False: missed, or nothing is there; the load device is then as before."""
        handler = self.handlers[index]
        place = self.stations.get(station or "")
        if place is not None and (place.condition in ("empty", "blocked") or place.count == 0):
            return False
        if self.random.random() < handler.misses:
            return False
        handler.carrying.append(load)
        if place is not None and place.count is not None:
            place.count -= 1
        return True

    def drop(self, index: int, load: str | None = None, station: str | None = None) -> bool:
        """Put one load down (the last taken unless named). False: missed, or not carrying it."""
        handler = self.handlers[index]
        if not handler.carrying or (load is not None and load not in handler.carrying):
            return False
        if self.random.random() < handler.misses:
            return False
        handler.carrying.remove(load if load is not None else handler.carrying[-1])
        place = self.stations.get(station or "")
        if place is not None and place.count is not None:
            place.count += 1
        return True

    def place(self, index: int, x: float, y: float, theta: float) -> None:
        """Put a robot somewhere, standing (its journal says where it was, or a person moved it)."""
        drive = self.drive
        drive.x[index], drive.y[index], drive.theta[index] = x, y, theta
        drive.v[index] = drive.omega[index] = 0.0
        drive.command(index, 0.0, 0.0)


def rasterise(plan: FloorPlan) -> NDArray[np.uint8]:
    """The plan as cells of CELL m, with a border of wall. Later kinds cover earlier ones."""
    x0, y0, x1, y1 = plan.bounds
    rows, columns = int(np.ceil((y1 - y0) / CELL)) + 1, int(np.ceil((x1 - x0) / CELL)) + 1
    raster = np.full((rows, columns), FREE, dtype=np.uint8)
    for kind, boxes in ((KEEP_OUT, plan.keep_out), (RACK, plan.racks), (WALL, plan.walls)):
        for a, b, c, d in boxes:
            raster[
                max(0, round((b - y0) / CELL)) : max(0, round((d - y0) / CELL)),
                max(0, round((a - x0) / CELL)) : max(0, round((c - x0) / CELL)),
            ] = kind
    raster[[0, -1], :] = WALL
    raster[:, [0, -1]] = WALL
    return raster
