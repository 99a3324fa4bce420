"""A hall for the tests of allocation: nodes on a grid, robots and missions with sensible values."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from missions.core.allocation import Candidate, Column, Distance, Wanted

SKILLS = frozenset({"move", "pick", "drop", "report", "charge"})


def metres(robot: int, start: str, goal: str) -> float | None:
    """Nodes are named "x,y" in metres; "x,y!" cannot be reached. Ways are as in a hall of crossing aisles."""
    if goal.endswith("!"):
        return None
    (a, b), (c, d) = (tuple(float(v) for v in node.rstrip("!").split(",")) for node in (start, goal))
    return abs(a - c) + abs(b - d)


def robot(number: int, node: str = "0,0", **changes: Any) -> Candidate:
    values: dict[str, Any] = {
        "robot": number,
        "name": f"R-{number:02d}",
        "node": node,
        "battery": 80.0,
        "charging": False,
        "skills": SKILLS,
        "capacity": 4,
        "payload": 100.0,
    }
    return Candidate(**{**values, **changes})


def wanted(number: int, *stops: str, **changes: Any) -> Wanted:
    values: dict[str, Any] = {
        "mission": number,
        "priority": 0,
        "deadline": None,
        "age": 0.0,
        "first_node": stops[0] if stops else None,
        "ops": frozenset({"pick", "drop"}),
        "quantity": 1,
        "load": 10.0,
        "stops": stops,
    }
    return Wanted(**{**values, **changes})


def columns(fleet: Sequence[Candidate]) -> Column:
    """`metres` for many robots at once."""
    places = {r.node: tuple(float(v) for v in r.node.split(",")) for r in fleet}

    def column(goal: str, robots: Sequence[Candidate]) -> Sequence[float]:
        if goal.endswith("!"):
            return [math.inf] * len(robots)
        x, y = (float(v) for v in goal.split(","))
        found: Sequence[float] = np.abs(np.array([places[r.node] for r in robots]) - (x, y)).sum(axis=1)
        return found

    return column


def crowd(robots: int, missions: int, seed: int = 1) -> tuple[list[Candidate], list[Wanted], Distance]:
    """A large fleet: stations at 200 nodes, a tenth of the robots charging, a tenth of the missions urgent."""
    chance = random.Random(seed)
    nodes = [f"{chance.randrange(300)},{chance.randrange(200)}" for _ in range(2 * robots)]
    fleet = [
        robot(
            n,
            chance.choice(nodes),
            battery=chance.uniform(5, 100),
            charging=chance.random() < 0.1,
            type=chance.choice(("cart", "lift")),
        )
        for n in range(robots)
    ]
    work = [
        wanted(
            1000 + n,
            *chance.sample(nodes[:200], 2),
            age=chance.uniform(0, 900),
            priority=int(chance.random() < 0.1),
            load=chance.uniform(0, 90),
        )
        for n in range(missions)
    ]
    return fleet, work, metres
