"""Every pair of mission and robot: whether it is allowed, why not, and how far the robot has to drive.

Rows are missions, columns robots. The rules are applied to whole rows at a time: 1,000 robots and 1,500 missions are
a million and a half pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray

from .bids import Candidate, Column, Distance, ToCharger, Wanted, presses, urgency
from .charging import MARGIN

LOW_PENALTY_M = 40.0
CHARGING_PENALTY_M = 10.0
WAIT_M_PER_S = 1.0

Floats = NDArray[np.float64]
Codes = NDArray[np.uint8]


class Why(IntEnum):
    """Why a robot is out for a mission; the lower number is what is said when several apply."""

    FITS = 0
    PINNED = 1
    BLOCKED = 2
    TYPE = 3
    SKILL = 4
    QUANTITY = 5
    LOAD = 6
    LOADED = 7
    UNKNOWN = 8
    RESERVE = 9
    CHARGING = 10
    NO_WAY = 11
    NO_CHARGER = 12
    RANGE = 13


def due(mission: Wanted) -> float:
    return inf if mission.deadline is None else mission.deadline


def begins(mission: Wanted) -> str | None:
    """The first place that is known: where a mission begins "anywhere", its battery must still last to its stops."""
    return mission.first_node or (mission.stops[0] if mission.stops else None)


def charge_to(robot: Candidate, press: bool) -> float | None:
    """The level up to which a charging robot is left alone; None when it may go. `press`: for an urgent mission."""
    if not robot.charging or robot.battery is None or robot.battery >= robot.levels.maximum:
        return None
    level = robot.levels.minimum if press else robot.levels.enough
    if robot.battery < level:
        return level
    return robot.levels.maximum if not press and robot.charged_s < robot.levels.minimum_time else None


def charge_rule(robot: Candidate, press: bool) -> Why:
    """What the charge alone says about a robot, whatever the mission's way."""
    if robot.battery is None:
        return Why.UNKNOWN
    if robot.battery <= robot.levels.critical:
        return Why.RESERVE
    return Why.FITS if charge_to(robot, press) is None else Why.CHARGING


class Table:
    """The pairs of one allocation. `missions` are sorted, most urgent first; `codes` says which rule a pair fails.

    `metres` is the drive to the first stop (infinite where the pair is out), `battery_m` and `waiting_m` are penalties
    of each robot.
    """

    def __init__(
        self,
        missions: Sequence[Wanted],
        robots: Sequence[Candidate],
        distance: Distance,
        *,
        now: float | None = None,
        to_charger: ToCharger | None = None,
        column: Column | None = None,
    ) -> None:
        self.robots, self.now = list(robots), now
        self.urgency = {m.mission: urgency(m, now) for m in missions}
        self.missions = sorted(missions, key=lambda m: (-self.urgency[m.mission].total_m, due(m), m.mission))
        self.column_of = {robot.robot: i for i, robot in enumerate(self.robots)}
        self.fixed = {m.current: m.mission for m in self.missions if m.started and m.current in self.column_of}
        self._distance, self._to_charger, self._column = distance, to_charger, column
        self._traits()
        shape = (len(self.missions), len(self.robots))
        self.codes: Codes = np.zeros(shape, dtype=np.uint8)
        self.metres: Floats = np.full(shape, inf)
        self._reach: dict[str, Floats] = {}
        self._ways: dict[tuple[str, str, str], float] = {}
        self._fill()

    def _traits(self) -> None:
        """What the rules ask of the robots, as arrays: first of all robots, then of those that could take a mission."""
        robots = self.robots
        self.battery: Floats = np.array([np.nan if r.battery is None else r.battery for r in robots], dtype=float)
        minimum: Floats = np.array([r.levels.minimum for r in robots], dtype=float)
        charging = np.array([r.charging for r in robots], dtype=bool)
        low = np.nan_to_num(np.clip((minimum - self.battery) / minimum, 0.0, 1.0))
        self.battery_m: Floats = np.round(LOW_PENALTY_M * low, 1)
        waits: Floats = np.array([r.wait_s for r in robots], dtype=float)
        self.waiting_m: Floats = np.round(waits * WAIT_M_PER_S + CHARGING_PENALTY_M * charging, 1)
        self._blocked = np.array([bool(r.blocked) or r.robot in self.fixed for r in robots], dtype=bool)
        self._loaded = np.array([r.loaded for r in robots], dtype=bool)
        self._capacity: Floats = np.array([r.capacity for r in robots], dtype=float)
        self._payload: Floats = np.array([r.payload for r in robots], dtype=float)
        self._charge_rules = {
            press: np.array([charge_rule(r, press) for r in robots], dtype=np.uint8) for press in (False, True)
        }
        self._masks: dict[tuple[str, frozenset[str]], NDArray[np.bool_]] = {}
        self.able = np.flatnonzero(~self._blocked)
        self._able_robots = able = [robots[i] for i in self.able]
        self._slot = {robot.robot: slot for slot, robot in enumerate(able)}
        kinds = [robot.type for robot in able]
        self._kinds = {kind: able[kinds.index(kind)].robot for kind in dict.fromkeys(kinds)}  # one stands for its type
        numbers = {kind: number for number, kind in enumerate(self._kinds)}
        self._kind_of = np.array([numbers[kind] for kind in kinds], dtype=np.intp)
        # percent a metre, percent more a metre with a full load, percent a second
        self._rest: Floats = np.array([r.energy.per_hour / 3600 for r in able], dtype=float)
        self._rate: Floats = np.array([r.energy.per_km / 1000 for r in able], dtype=float)
        self._with_load: Floats = self._rate * np.array([r.energy.loaded for r in able], dtype=float)
        self._rate += self._rest / np.array([max(r.speed, 0.1) for r in able], dtype=float)
        self._per_kg: Floats = np.array([1 / r.payload if r.payload > 0 else 0.0 for r in able], dtype=float)
        self._charge: Floats = np.array([self.battery[i] - robots[i].levels.critical for i in self.able], dtype=float)

    # --- rows ---

    def _fill(self) -> None:
        for row, mission in enumerate(self.missions):
            codes = self.codes[row]
            codes[:] = self._rules(mission)
            if mission.pinned is not None:
                named = self.column_of.get(mission.pinned)
                code = Why.PINNED if named is None else self._may_unload(mission, named, Why(codes[named]))
                codes[:] = Why.PINNED
                if named is not None:
                    codes[named] = code
        if not len(self.able) or not self.missions:
            return
        reach = np.stack([self._reached(begins(m)) for m in self.missions])
        fits = self.codes[:, self.able]
        fits[(fits == Why.FITS) & np.isinf(reach)] = Why.NO_WAY
        self._in_range(reach, fits)
        self.codes[:, self.able] = fits
        self.metres[:, self.able] = np.where((fits == Why.FITS) | (fits == Why.RANGE), reach, inf)

    def _rules(self, mission: Wanted) -> Codes:
        """The rules that need no distance, the weakest first: a later one overwrites what is said."""
        if mission.charges_only:
            codes: Codes = np.zeros(len(self.robots), dtype=np.uint8)
        else:
            codes = self._charge_rules[presses(mission, self.now)].copy()
        codes[self._loaded] = Why.LOADED
        codes[mission.load > self._payload] = Why.LOAD
        codes[mission.quantity > self._capacity] = Why.QUANTITY
        codes[self._mask("skills", mission.ops)] = Why.SKILL
        if mission.types:
            codes[self._mask("types", mission.types)] = Why.TYPE
        codes[self._blocked] = Why.BLOCKED
        return codes

    def _mask(self, kind: str, asked: frozenset[str]) -> NDArray[np.bool_]:
        """The robots that lack one of the skills, or are of none of the types, asked for."""
        if (kind, asked) not in self._masks:
            skills = kind == "skills"
            lacks = [not asked <= r.skills if skills else r.type not in asked for r in self.robots]
            self._masks[kind, asked] = np.array(lacks, dtype=bool)
        return self._masks[kind, asked]

    def _may_unload(self, mission: Wanted, column: int, code: Why) -> Why:
        """A robot that carries something may do the mission that names it and puts the load down first."""
        if code != Why.LOADED or not mission.unloads or mission.charges_only:
            return code
        return charge_rule(self.robots[column], presses(mission, self.now))

    # --- ways and what they cost the battery ---

    def _reached(self, node: str | None) -> Floats:
        """Metres from each able robot to a node."""
        if node is None:
            return np.zeros(len(self.able))
        if node not in self._reach:
            if self._column is not None:
                found = np.asarray(self._column(node, self._able_robots), dtype=float)
            else:
                ways = (self._distance(r.robot, r.node, node) for r in self._able_robots)
                found = np.array([inf if way is None else way for way in ways], dtype=float)
            self._reach[node] = np.round(found, 1)
        return self._reach[node]

    def _in_range(self, reach: Floats, fits: Codes) -> None:
        """Battery: what is left after the mission and the way to a charger must not be below the critical level."""
        missions = self.missions
        inside = self._by_type([[self._inside(k, r, m.stops) for k, r in self._kinds.items()] for m in missions])
        home = self._homes()
        seconds = np.array([m.seconds for m in missions])[:, None]
        load = np.array([m.load for m in missions])[:, None]
        costs = self._rate * (reach + home + inside) + self._rest * seconds
        if load.any():
            costs += self._with_load * np.minimum(load * self._per_kg, 1.0) * np.where(np.isinf(inside), 0.0, inside)
        costs *= MARGIN
        for row, mission in enumerate(missions):
            if mission.current in self._slot:
                costs[row, self._slot[mission.current]] /= MARGIN  # what the margin is for has happened on its way
        free = (fits == Why.FITS) & ~np.array([m.charges_only for m in missions])[:, None]
        fits[free & ~(self._charge >= costs)] = Why.RANGE
        fits[free & np.isinf(home)] = Why.NO_CHARGER
        fits[free & np.isinf(inside)] = Why.NO_WAY

    def _homes(self) -> Floats:
        """Metres from the last stop of each mission to a charger, for each able robot."""
        if self._to_charger is None:
            return np.zeros((len(self.missions), len(self.able)))
        ends = [m.stops[-1] if m.stops else m.first_node for m in self.missions]
        kinds = self._kinds.items()
        home = self._by_type([[0.0 if e is None else self._home_from(k, r, e) for k, r in kinds] for e in ends])
        anywhere = [row for row, end in enumerate(ends) if end is None]
        if anywhere:  # it ends where it begins
            here = (self._to_charger(r.robot, r.node) for r in self._able_robots)
            home[anywhere] = [inf if way is None else way for way in here]
        return home

    def _by_type(self, metres: list[list[float]]) -> Floats:
        """Rows of missions by types of robot, to rows of missions by robots."""
        found: Floats = np.array(metres, dtype=float)[:, self._kind_of]
        return found

    def _inside(self, kind: str, robot: int, stops: tuple[str, ...]) -> float:
        total = 0.0
        for start, goal in pairwise(stops):
            if (kind, start, goal) not in self._ways:
                way = self._distance(robot, start, goal)
                self._ways[kind, start, goal] = inf if way is None else way
            total += self._ways[kind, start, goal]
        return total

    def _home_from(self, kind: str, robot: int, node: str) -> float:
        if (kind, node, "") not in self._ways and self._to_charger is not None:
            way = self._to_charger(robot, node)
            self._ways[kind, node, ""] = inf if way is None else way
        return self._ways[kind, node, ""]

    def worth(self, row: int) -> float:
        """How urgent a mission is in metres, whoever has it."""
        weighed = self.urgency[self.missions[row].mission]
        return weighed.total_m - weighed.kept_m

    def total(self, row: int, column: int) -> float | None:
        """The cost of a pair in metres as a person reads it; None when it is out."""
        if self.codes[row, column] != Why.FITS:
            return None
        return round(float(self.metres[row, column] + self.battery_m[column] + self.waiting_m[column]), 1)
