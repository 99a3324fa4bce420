"""Which robot for which mission: eligibility by rule, least total cost over all pairs, and why, in words.

The cost of a pair is metres of driving plus penalties in metres, so that a person can read it. How urgent a mission is
counts in metres too and decides who waits when there are too few robots. Pure: distances are given by the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isinf

import numpy as np

from .bids import (
    STICKY_M,
    Candidate,
    Choice,
    Column,
    Distance,
    Kind,
    Part,
    ToCharger,
    Urgency,
    Wanted,
    presses,
    urgency,
)
from .charging import Energy, Levels
from .eligibility import Table, Why, charge_to
from .matching import Match, match

__all__ = [
    "SHOWN",
    "Candidate",
    "Choice",
    "Column",
    "Distance",
    "Energy",
    "Levels",
    "Part",
    "ToCharger",
    "Urgency",
    "Wanted",
    "allocate",
    "urgency",
]

SHOWN = 12
"""Candidates a choice lists: the chosen robot, then the cheapest, then those that are out."""
MORE_URGENT = "just given to a more urgent mission"
ANOTHER = "just given to another mission"

MANY = {
    Why.RESERVE: "battery at or below its critical level",
    Why.CHARGING: "charges first",
    Why.RANGE: "battery does not last for it and the way to a charger",
}
"""What is said of several robots whose own figures differ."""
PLAIN = {
    Why.PINNED: "the mission names another robot",
    Why.TYPE: "is of another type than the mission asks for",
    Why.LOADED: "still carries a load",
    Why.UNKNOWN: "its charge is unknown",
    Why.NO_WAY: "no way there",
    Why.NO_CHARGER: "no way from there to a charger",
}
WHY = tuple(Why)
FITS = Why.FITS
BY_GROUP = np.array([why in (Why.BLOCKED, Why.TYPE, Why.SKILL, Why.QUANTITY, Why.LOAD) for why in Why])
REASONS = 16


def allocate(
    missions: Sequence[Wanted],
    robots: Sequence[Candidate],
    distance: Distance,
    *,
    now: float | None = None,
    to_charger: ToCharger | None = None,
    rooms: Mapping[str, int] | None = None,
    column: Column | None = None,
) -> list[Choice]:
    """A choice for each mission, most urgent first; a robot is given at most once.

    As many missions as possible get a robot, then the most urgent ones, then by the least total cost. `rooms`: how many
    robots may be sent to a first node (absent: any number). `to_charger` None: the site has no charger.
    """
    table = Table(missions, robots, distance, now=now, to_charger=to_charger, column=column)
    return Teller(table, match(table, rooms or {})).choices()


class Teller:
    """Puts what was matched into choices, each with its candidates and a sentence."""

    def __init__(self, table: Table, found: Match) -> None:
        self.table, self.found = table, found
        self._row_of = {column: row for row, column in found.items()}
        self._by_name = sorted(range(len(table.robots)), key=lambda c: table.robots[c].name)
        self._taken = np.zeros(len(table.robots), dtype=bool)
        self._taken[list(self._row_of)] = True
        groups = {(r.blocked, r.type, r.skills, r.capacity, r.payload): 0 for r in table.robots}
        numbers = {traits: number for number, traits in enumerate(groups)}
        self._group = np.array([numbers[r.blocked, r.type, r.skills, r.capacity, r.payload] for r in table.robots])
        self._given = np.full(len(table.robots), -1)
        self._given[list(self._row_of)] = list(self._row_of.values())
        self._costs = table.battery_m + table.waiting_m
        self._battery: list[float] = table.battery_m.tolist()
        self._waiting: list[float] = table.waiting_m.tolist()

    def choices(self) -> list[Choice]:
        return [self._choice(row, mission) for row, mission in enumerate(self.table.missions)]

    def _choice(self, row: int, mission: Wanted) -> Choice:
        kind = self._kind(row, mission)
        column = self.found.get(row)
        robot = mission.current if kind == "keep" else None if column is None else self.table.robots[column].robot
        parts = tuple(self._part(row, mission, c) for c in self._shown(row, mission, column))
        text = self._text(row, mission, kind, column)
        return Choice(mission.mission, robot, parts, text, kind, mission.current, self.table.urgency[mission.mission])

    def _kind(self, row: int, mission: Wanted) -> Kind:
        column, now_has = self.found.get(row), mission.current
        if column is not None:
            chosen = self.table.robots[column].robot
            return "start" if now_has is None else "keep" if chosen == now_has else "move"
        if now_has is None:
            return "wait"
        given = not mission.started and self.table.column_of.get(now_has) in self._row_of
        return "release" if given else "keep"

    # --- candidates ---

    def _shown(self, row: int, mission: Wanted, column: int | None) -> list[int]:
        table = self.table
        first = [column] if column is not None else []
        for named in (mission.current, mission.pinned):
            if named is not None and named in table.column_of:
                first.append(table.column_of[named])
        fits = np.flatnonzero(table.codes[row] == FITS)
        costs = table.metres[row, fits] + self._costs[fits]
        nearest = fits[np.argsort(costs, kind="stable")]
        free: list[int] = nearest[~self._taken[nearest]][:SHOWN].tolist()
        shown = dict.fromkeys([*first, *free, *nearest[:SHOWN].tolist()])
        if len(shown) < SHOWN:
            shown.update(dict.fromkeys(self._by_name[: SHOWN + len(shown)]))
        return list(shown)[:SHOWN]

    def _part(self, row: int, mission: Wanted, column: int) -> Part:
        robot = self.table.robots[column]
        metres = float(self.table.metres[row, column])
        if reason := self._reason(row, column):
            return Part(robot.robot, robot.name, None if isinf(metres) else metres, 0.0, None, reason)
        if isinf(metres):
            return Part(robot.robot, robot.name, None, 0.0, None)  # it has begun the mission: nothing was compared
        battery, waiting = self._battery[column], self._waiting[column]
        kept = STICKY_M if mission.current == robot.robot else 0.0
        total = round(metres + battery + waiting, 1)
        return Part(robot.robot, robot.name, metres, battery, total, "", waiting, kept)

    def _reason(self, row: int, column: int) -> str:
        """Why this robot does not do this mission, or "" when it does or could."""
        table, mission, robot = self.table, self.table.missions[row], self.table.robots[column]
        if mission.started and mission.current == robot.robot:
            return ""
        why = WHY[table.codes[row, column]]
        if why == FITS:
            given = self._row_of.get(column)
            return "" if given is None or given == row else MORE_URGENT if given < row else ANOTHER
        if why == Why.BLOCKED:
            return robot.blocked or "busy with another mission"
        if why == Why.CHARGING:
            level = charge_to(robot, presses(mission, table.now))
            return f"charges to {level:.0f} % first, has {robot.battery:.0f} %"
        return self._rule(why, mission, robot)

    @staticmethod
    def _rule(why: Why, mission: Wanted, robot: Candidate) -> str:
        """What a rule says to a person. Figures as they are now."""
        charge = robot.battery or 0.0
        match why:
            case Why.SKILL:
                return f"cannot {', '.join(sorted(mission.ops - robot.skills))}"
            case Why.QUANTITY:
                return f"carries {robot.capacity} at once, {mission.quantity} wanted"
            case Why.LOAD:
                return f"carries {robot.payload:g} kg, {mission.load:g} kg wanted"
            case Why.RESERVE:
                return f"battery {charge:.0f} % is below the reserve of {robot.levels.critical:.0f} %"
            case Why.RANGE:
                return f"battery {charge:.0f} % does not last for it and the way to a charger"
            case _:
                return PLAIN[why]

    # --- sentences ---

    def _text(self, row: int, mission: Wanted, kind: Kind, column: int | None) -> str:
        if kind == "keep":
            return self._keeps(row, mission, column)
        if column is None:
            return self._nobody(row)
        robot = self.table.robots[column]
        if kind == "move" and mission.current is not None:
            return self._moves(row, column, mission.current)
        fits = self.table.codes[row] == FITS
        count = int((fits & ~self._taken).sum()) + 1
        text = f"{robot.name}: {self.table.metres[row, column]:g} m away, cheapest of {count}."
        nearer = np.where(fits & self._taken, self.table.metres[row], np.inf)
        best = int(np.argmin(nearer))
        if nearer[best] < self.table.metres[row, column]:
            return f"{text} {self.table.robots[best].name} is nearer and was {self._reason(row, best)}."
        return text

    def _keeps(self, row: int, mission: Wanted, column: int | None) -> str:
        table = self.table
        at = None if mission.current is None else table.column_of.get(mission.current)
        name = "The robot that has it" if at is None else table.robots[at].name
        if mission.started:
            return f"{name} has begun it and keeps it."
        if at is None or column is None:
            why = "it is not on the floor" if at is None else self._reason(row, at) or "no place is free"
            return f"{name} keeps it, for no other robot can take it now: {why}."
        others = np.where((table.codes[row] == FITS) & ~self._taken, table.metres[row] + self._costs, np.inf)
        best = int(np.argmin(others))
        saved = (table.total(row, at) or 0.0) - float(others[best])
        if saved > 0:
            return f"{name} keeps it: {table.robots[best].name} would save {saved:.0f} m, too little for a change."
        return f"{name} keeps it: {table.metres[row, at]:g} m away."

    def _moves(self, row: int, column: int, current: int) -> str:
        table, at = self.table, self.table.column_of.get(current)
        name = table.robots[column].name
        if at is None:
            return f"{name} takes it over: the robot that had it is not on the floor."
        had = table.robots[at].name
        if reason := self._reason(row, at):
            return f"{name} takes it over from {had}: {reason}."
        saved = (table.total(row, at) or 0.0) - (table.total(row, column) or 0.0)
        return f"{name} takes it over from {had}: that saves {saved:.0f} m."

    def _nobody(self, row: int) -> str:
        table = self.table
        if not table.robots:
            return "This site has no robots."
        fits = table.codes[row] == FITS
        if (fits & ~self._taken).any():
            return "It waits for a free place at its first stop, or for more urgent missions."
        # robots with the same reason in words have the same key
        codes = table.codes[row].astype(np.intp)
        keys = codes * (len(table.robots) + 2) + np.where(BY_GROUP[codes], self._group, fits & (self._given < row))
        counts = np.bincount(keys)
        common = np.argsort(-counts, kind="stable")[: min(REASONS, np.count_nonzero(counts))]
        reasons: dict[str, int] = {}
        for key in common:
            column, count = int(np.argmax(keys == key)), int(counts[key])
            why = WHY[codes[column]]
            text = MANY[why] if count > 1 and why in MANY else self._reason(row, column)
            reasons[text] = reasons.get(text, 0) + count
        listed = sorted(reasons.items(), key=lambda r: (-r[1], r[0]))[:3]
        return f"No robot can take it now: {'; '.join(f'{count} × {reason}' for reason, count in listed)}."
