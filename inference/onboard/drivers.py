"""What moves when the worker decides: simulated hardware here, a real robot's driver elsewhere.

A hardware driver is a class with the methods of `Driver`; `drivers.for_config` is where it is chosen. Methods are
called from the runtime's thread only and must return at once; work that takes time is started and asked for later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from inference.onboard.config import Config
from inference.onboard.factsheet import type_of
from robots.core.layout import Layout
from robots.simulation import camera
from robots.simulation.build import build_world
from robots.simulation.floor import RobotSpec, World
from robots.simulation.range import clearances

Point = tuple[float, float]
WORK_SECONDS = {"pick": 3.0, "drop": 2.5, "scan": 1.5, "inspect": 2.5, "detectObject": 1.0, "finePositioning": 1.0}
EACH_FURTHER_LOAD = 0.8


@dataclass(frozen=True, slots=True)
class Body:
    """The robot's own senses: m, rad, m/s, rad/s, percent."""

    x: float
    y: float
    theta: float
    v: float
    omega: float
    battery: float
    charging: bool
    loads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranges:
    """Free distance in m, see `robots.core.safety.Situation`."""

    person: float
    robot: float
    obstacle: float


@dataclass(frozen=True, slots=True)
class Work:
    """A pick, drop, scan, ... the hardware is asked to do. `load` and `station` as the order names them.

    `quantity` None: one, and for a drop everything that is carried (of `load`, where it is named).
    """

    action_id: str
    kind: str
    station: str | None = None
    load: str | None = None
    quantity: int | None = None

    def count(self, carrying: Sequence[str]) -> int:
        """How many loads it moves, for a robot that carries `carrying`."""
        if self.quantity is not None or self.kind != "drop":
            return self.quantity or 1
        return max(1, sum(load == self.load for load in carrying) if self.load in carrying else len(carrying))


@dataclass(frozen=True, slots=True)
class WorkDone:
    """`ok` False: `error` is a short code such as pickMissed, `text` says it in plain words. `count`: loads counted."""

    action_id: str
    ok: bool
    error: str = ""
    text: str = ""
    count: int | None = None


class Driver(Protocol):
    """`instant` True: the robot is at its goal at once (bench only)."""

    instant: bool

    def body(self, serial: str) -> Body: ...
    def ranges(self, serials: Sequence[str]) -> dict[str, Ranges]: ...
    def frames(self, serials: Sequence[str], ways: Sequence[Sequence[Point]]) -> Any: ...
    def station_frame(self, serial: str, station: str | None) -> Any: ...
    def command(self, serial: str, v: float, omega: float) -> None: ...
    def place(self, serial: str, x: float, y: float, theta: float) -> None: ...
    def restore(self, serial: str, body: Body) -> None: ...
    def charge(self, serial: str, on: bool) -> bool: ...
    def begin(self, serial: str, work: Work) -> None: ...
    def abort(self, serial: str, action_id: str) -> None: ...
    def step(self, dt: float) -> None: ...
    def done(self) -> list[tuple[str, WorkDone]]: ...


class SimulatedDriver:
    """All robots of the worker in one simulated hall. Time is what `step` adds up."""

    instant = False

    def __init__(self, world: World, capacity: dict[str, int] | None = None) -> None:
        self.world = world
        self._capacity = capacity or {}
        self._working: dict[str, tuple[Work, float]] = {}
        self._done: list[tuple[str, WorkDone]] = []

    def body(self, serial: str) -> Body:
        w, i = self.world, self.world.index[serial]
        d, b = w.drive, w.batteries
        return Body(
            float(d.x[i]), float(d.y[i]), float(d.theta[i]), float(d.v[i]), float(d.omega[i]),
            float(b.percent[i]), bool(b.charging[i]), tuple(w.handlers[i].carrying),
        )  # fmt: skip

    def ranges(self, serials: Sequence[str]) -> dict[str, Ranges]:
        if not serials:
            return {}
        seen = clearances(self.world, self._indices(serials))
        values = zip(seen.person.tolist(), seen.robot.tolist(), seen.obstacle.tolist(), strict=True)
        return {serial: Ranges(*row) for serial, row in zip(serials, values, strict=True)}

    def frames(self, serials: Sequence[str], ways: Sequence[Sequence[Point]]) -> Any:
        return camera.render(self.world, self._indices(serials), ways)

    def station_frame(self, serial: str, station: str | None) -> Any:
        place = self.world.stations.get(station or "")
        return camera.station_view(place.condition if place else "ok", self.world.random)

    def command(self, serial: str, v: float, omega: float) -> None:
        if v > 0:
            self.world.batteries.charging[self.world.index[serial]] = False
        self.world.drive.command(self.world.index[serial], v, omega)

    def place(self, serial: str, x: float, y: float, theta: float) -> None:
        self.world.place(self.world.index[serial], x, y, theta)

    def restore(self, serial: str, body: Body) -> None:
        i = self.world.index[serial]
        self.world.place(i, body.x, body.y, body.theta)
        self.world.batteries.percent[i] = body.battery
        self.world.batteries.charging[i] = body.charging
        self.world.handlers[i].carrying[:] = body.loads

    def charge(self, serial: str, on: bool) -> bool:
        """False when the robot is moving: it cannot be connected to a charger then."""
        i = self.world.index[serial]
        if on and self.world.drive.v[i] > 0.01:
            return False
        self.world.batteries.charging[i] = on
        return True

    def begin(self, serial: str, work: Work) -> None:
        carrying = self.world.handlers[self.world.index[serial]].carrying
        further = max(0, min(work.count(carrying), 20) - 1)
        seconds = WORK_SECONDS.get(work.kind, 1.0) + EACH_FURTHER_LOAD * further
        self._working[serial] = (work, self.world.time + seconds)

    def abort(self, serial: str, action_id: str) -> None:
        working = self._working.get(serial)
        if working is not None and working[0].action_id == action_id:
            del self._working[serial]

    def step(self, dt: float) -> None:
        self.world.step(dt)
        for serial, (work, until) in list(self._working.items()):
            if self.world.time >= until:
                del self._working[serial]
                self._done.append((serial, self._finish(serial, work)))

    def done(self) -> list[tuple[str, WorkDone]]:
        finished, self._done = self._done, []
        return finished

    def _finish(self, serial: str, work: Work) -> WorkDone:
        i, place = self.world.index[serial], self.world.stations.get(work.station or "")
        carrying = self.world.handlers[i].carrying
        quantity = work.count(carrying)
        if work.kind == "pick":
            if len(carrying) + quantity > self._capacity.get(serial, 12):
                return WorkDone(work.action_id, False, "pickNoRoom", "the load area has no room for so many loads")
            for _ in range(quantity):
                if not self.world.pick(i, work.load or "load", work.station):
                    return WorkDone(work.action_id, False, "pickMissed", "the gripper closed and held nothing")
        if work.kind == "drop":
            for _ in range(quantity):
                named = work.load if work.load in carrying else None
                if not self.world.drop(i, named, work.station):
                    return WorkDone(
                        work.action_id, False, "dropMissed", "the load is not on the robot or did not leave it"
                    )
        return WorkDone(work.action_id, True, count=place.count if place else None)

    def _indices(self, serials: Sequence[str]) -> Any:
        return np.array([self.world.index[serial] for serial in serials], dtype=np.int64)


class InstantDriver(SimulatedDriver):
    """Robots that are where they should be at once and finish every work at once: measures the fleet, not the floor."""

    instant = True

    def begin(self, serial: str, work: Work) -> None:
        carrying = self.world.handlers[self.world.index[serial]].carrying
        quantity = work.count(carrying)
        if work.kind == "pick":
            carrying.extend([work.load or "load"] * quantity)
        if work.kind == "drop":
            del carrying[-quantity:]
        self._done.append((serial, WorkDone(work.action_id, True)))

    def step(self, dt: float) -> None:
        self.world.batteries.step(dt, np.zeros(len(self.world.serials)))


def for_config(config: Config, layout: Layout) -> Driver:
    """The driver this worker's settings ask for."""
    floor = config.floor
    rows = [row for row in floor["robots"] if row["serial"] in config.serials]
    specs, capacity = [], {}
    for row in rows:
        kind = type_of(str(row.get("type", "cart")))
        x, y = row.get("x"), row.get("y")
        if x is None or y is None:
            node = layout.node(row["node"])
            x, y = node.x, node.y
        theta, battery = float(row.get("theta") or 0.0), float(row.get("battery", 90.0))
        specs.append(RobotSpec(row["serial"], float(x), float(y), theta, battery, kind.radius))
        capacity[row["serial"]] = kind.capacity
    seed, factor = int(floor.get("seed", 1)), float(floor.get("time_factor") or 20.0)
    world = build_world(
        layout, specs, seed=seed, crossers=0 if config.instant else int(floor.get("crossers", 2)),
        misses=float(floor.get("misses", 0.0)), charge_factor=factor, stations=floor.get("stations"),
    )  # fmt: skip
    return (InstantDriver if config.instant else SimulatedDriver)(world, capacity)
