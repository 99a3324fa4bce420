"""Which robot for which mission: eligibility by rule, cost by distance, one robot each; says why.

The cost of a candidate is metres of driving plus penalties in metres, so that a person can read it. Pure: distances
are a function given by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

RESERVE_PCT = 15.0
LOW_PCT = 30.0
LOW_PENALTY_M = 40.0
CHARGING_PENALTY_M = 10.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A robot as allocation sees it. `blocked` says in plain words why it cannot take a mission now, or is empty."""

    robot: int
    name: str
    node: str
    battery: float | None
    charging: bool
    skills: frozenset[str]
    capacity: int
    payload: float
    blocked: str = ""
    loaded: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mission as allocation sees it: `first_node` None = anywhere; `load` kg and `quantity` units carried at most."""

    mission: int
    priority: int
    deadline: float | None
    age: float
    first_node: str | None
    ops: frozenset[str]
    quantity: int
    load: float
    pinned: int | None = None
    unloads: bool = False  # its first load handling puts something down: for the robot that carries it


@dataclass(frozen=True, slots=True)
class Part:
    """One candidate's cost for one mission, or why it is out."""

    robot: int
    name: str
    distance_m: float | None
    battery_penalty_m: float
    total_m: float | None
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    mission: int
    robot: int | None
    parts: tuple[Part, ...]
    text: str


Distance = Callable[[int, str, str], float | None]


def exclusion(robot: Candidate, mission: Wanted) -> str:
    """Why this robot cannot do this mission, or an empty string."""
    if mission.pinned is not None and mission.pinned != robot.robot:
        return "the mission names another robot"
    if robot.blocked:
        return robot.blocked
    if missing := sorted(mission.ops - robot.skills):
        return f"cannot {', '.join(missing)}"
    if mission.quantity > robot.capacity:
        return f"carries {robot.capacity} at once, {mission.quantity} wanted"
    if mission.load > robot.payload:
        return f"carries {robot.payload:g} kg, {mission.load:g} kg wanted"
    if robot.loaded and not (mission.unloads and mission.pinned == robot.robot):
        return "still carries a load"
    needs_charge_only = mission.ops <= {"charge", "move", "home", "report"} and "charge" in mission.ops
    if robot.battery is not None and robot.battery < RESERVE_PCT and not needs_charge_only:
        return f"battery {robot.battery:.0f} % is below the reserve of {RESERVE_PCT:.0f} %"
    if robot.battery is not None and robot.charging and robot.battery < LOW_PCT and not needs_charge_only:
        return f"charges to {LOW_PCT:.0f} % first, has {robot.battery:.0f} %"
    return ""


def weigh(robot: Candidate, mission: Wanted, distance: Distance) -> Part:
    """The cost of this robot for this mission, in metres."""
    if reason := exclusion(robot, mission):
        return Part(robot.robot, robot.name, None, 0.0, None, reason)
    metres = 0.0 if mission.first_node is None else distance(robot.robot, robot.node, mission.first_node)
    if metres is None:
        return Part(robot.robot, robot.name, None, 0.0, None, "no way there")
    penalty = CHARGING_PENALTY_M if robot.charging else 0.0
    if robot.battery is not None and robot.battery < LOW_PCT:
        penalty += LOW_PENALTY_M * (LOW_PCT - robot.battery) / LOW_PCT
    return Part(robot.robot, robot.name, round(metres, 1), round(penalty, 1), round(metres + penalty, 1))


def order_of(mission: Wanted) -> tuple[int, float, float, int]:
    """High priority first, then the earlier deadline, then the older mission."""
    return (
        -mission.priority,
        mission.deadline if mission.deadline is not None else float("inf"),
        -mission.age,
        mission.mission,
    )


def allocate(missions: Sequence[Wanted], robots: Sequence[Candidate], distance: Distance) -> list[Choice]:
    """A choice for each mission, most urgent first; a robot is given at most once."""
    taken: dict[int, str] = {}
    choices = []
    for mission in sorted(missions, key=order_of):
        parts = []
        for robot in robots:
            part = weigh(robot, mission, distance)
            if part.total_m is not None and robot.robot in taken:
                part = Part(robot.robot, robot.name, part.distance_m, part.battery_penalty_m, None, taken[robot.robot])
            parts.append(part)
        parts.sort(key=lambda p: (p.total_m is None, p.total_m or 0.0, p.name))
        best = parts[0] if parts and parts[0].total_m is not None else None
        if best:
            taken[best.robot] = "just given to a more urgent mission"
        choices.append(Choice(mission.mission, best.robot if best else None, tuple(parts), _text(best, parts)))
    return choices


def _text(best: Part | None, parts: Sequence[Part]) -> str:
    if best:
        return f"{best.name}: {best.distance_m:g} m away, cheapest of {sum(p.total_m is not None for p in parts)}."
    if not parts:
        return "This site has no robots."
    reasons: dict[str, int] = {}
    for part in parts:
        reasons[part.excluded] = reasons.get(part.excluded, 0) + 1
    listed = "; ".join(f"{count} × {reason}" for reason, count in sorted(reasons.items(), key=lambda r: -r[1])[:3])
    return f"No robot can take it now: {listed}."
