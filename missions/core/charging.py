"""When a robot charges, when it leaves its charger, and what a mission costs its battery. Percent, m, s, kg.

The levels are those of the VDA 5050 3.0 factsheet (`mobileRobotConfiguration.batteryCharging`): at or below the
critical level a robot gets orders to a charger only; idle below the desired minimum it may charge; at the desired
maximum it leaves. Fleet control forecasts a mission with a margin, because detours and waiting cost charge too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ENOUGH_ABOVE_MINIMUM_PCT = 15.0
"""A robot this far above its desired minimum can do without its charger when another needs it."""

MARGIN = 1.5
"""A mission is forecast to need this many times what its way alone costs: robots wait and make detours."""

KEEP_FREE = 1
"""Chargers kept for robots at their critical level, where a site has more than one."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Percent; `minimum_time` in s. The defaults hold for a robot whose factsheet names no levels (all of 2.1)."""

    critical: float = 15.0
    minimum: float = 35.0
    maximum: float = 95.0
    minimum_time: float = 0.0

    @property
    def enough(self) -> float:
        """From here on a robot that charges may go to work, or make room for one that is low."""
        return min(self.maximum, self.minimum + ENOUGH_ABOVE_MINIMUM_PCT)


@dataclass(frozen=True, slots=True)
class Energy:
    """What a robot type uses: percent a km, percent an hour that it is on, share more per km at its full payload.

    The defaults lie above an ordinary cart with a lithium pack (4 % a km, 3 % an hour).
    """

    per_km: float = 5.0
    per_hour: float = 4.0
    loaded: float = 0.5


def levels_of(factsheet: Mapping[str, Any] | None) -> Levels:
    """The levels a factsheet names; what it lacks, or what contradicts itself, is the default."""
    usual = Levels()
    given = _part(_part(factsheet, "mobileRobotConfiguration"), "batteryCharging")
    levels = Levels(
        critical=_number(given.get("criticalLowChargingLevel"), usual.critical),
        minimum=_number(given.get("minimumDesiredChargingLevel"), usual.minimum),
        maximum=_number(given.get("maximumDesiredChargingLevel"), usual.maximum),
        minimum_time=_number(given.get("minimumChargingTime"), usual.minimum_time, math.inf),
    )
    if levels.critical < levels.minimum < levels.maximum:
        return levels
    return Levels(minimum_time=levels.minimum_time)


def _part(document: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    found = (document or {}).get(name)
    return found if isinstance(found, Mapping) else {}


def _number(value: Any, usual: float, top: float = 100.0) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0.0 <= value <= top
    return float(value) if good and math.isfinite(value) else usual


def need(
    energy: Energy, metres: float, *, speed: float = 1.0, seconds: float = 0.0, load: float = 0.0, payload: float = 0.0
) -> float:
    """Percent that driving `metres` with `load` kg (of `payload` kg at most) and standing for `seconds` costs."""
    share = min(1.0, load / payload) if payload > 0 else 0.0
    hours = (metres / speed + seconds) / 3600
    return metres / 1000 * energy.per_km * (1 + energy.loaded * share) + hours * energy.per_hour


USUAL = Levels()


@dataclass(frozen=True, slots=True)
class Charge:
    """A robot as the queue for chargers sees it. `since`: when it began to charge, None = it does not, or unknown."""

    robot: int
    battery: float
    levels: Levels = USUAL
    charging: bool = False
    since: float | None = None

    @property
    def must(self) -> bool:
        """At or below the critical level: nothing else may be asked of it."""
        return self.battery <= self.levels.critical

    @property
    def may(self) -> bool:
        """Idle below its desired minimum: it charges when a charger is to be had."""
        return self.battery < self.levels.minimum

    @property
    def full(self) -> bool:
        return self.battery >= self.levels.maximum

    def long_enough(self, now: float) -> bool:
        """It has charged for as long as its maker asks at least."""
        return not self.charging or self.since is None or now - self.since >= self.levels.minimum_time


def queue(robots: Sequence[Charge]) -> list[Charge]:
    """Who needs a charger, most urgent first: the least above its own critical level."""
    wanting = (r for r in robots if not r.charging and (r.must or r.may))
    return sorted(wanting, key=lambda r: (r.battery - r.levels.critical, r.robot))


def may_take(robot: Charge, free: int, leavers: int, chargers: int) -> bool:
    """Whether it may take one of `free` chargers: one stays for critical robots where the site has several.

    A charger counts as kept when its occupant can leave at once (`leavers`).
    """
    if free <= 0:
        return False
    return robot.must or chargers <= KEEP_FREE or free - 1 + leavers >= KEEP_FREE


def can_leave(robot: Charge, now: float, *, critical: bool = False) -> bool:
    """Whether it can do without its charger when asked: with enough, or above its minimum for a critical robot."""
    if not robot.charging:
        return not robot.may
    level = robot.levels.minimum if critical else robot.levels.enough
    return robot.battery >= level and robot.long_enough(now)
