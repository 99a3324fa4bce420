"""Robots without a mission: they charge when low, make room at the chargers when full, and leave the lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .facts import Drive, LegAction, RobotFact

PARK_AFTER_S = 4.0
IDLE_CHARGE_PCT = 35.0
FULL_PCT = 95.0
ENOUGH_PCT = 50.0
"""From here on a robot that charges without a mission leaves its charger to one that waits for it."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """What there is room for.

    `nearest(robot, kind, without)`: the nearest free place of that kind; `resting(node)`: parking, charger or "";
    `wanted(serial)`: another waits for its place; `short`: missions that lack a charger.
    """

    nearest: Callable[[RobotFact, str, frozenset[str]], str | None]
    resting: Callable[[str], str]
    wanted: Callable[[str], bool]
    short: int = 0


def idle_moves(robots: Sequence[RobotFact], now: float, crowd: Crowd) -> list[Drive]:
    """Where robots without a mission go now; a place is given once, and to the emptiest robot first."""
    moves: list[Drive] = []
    ready = [r for r in robots if _ready(r, now)]
    waiting = crowd.short
    for robot in sorted(ready, key=lambda r: (r.battery is None, r.battery or 0.0, r.serial)):
        if robot.charging or not _low(robot):
            continue
        place = _free(robot, "charger", crowd, moves)
        if place is None:
            waiting += 1
            continue
        order = _order(robot, now)
        moves.append(_leg(robot, order, place, (LegAction(f"{order}.startCharging", "startCharging"),)))
    for robot in sorted(ready, key=lambda r: (-(r.battery or 0.0), r.serial)):
        if any(move.robot == robot.id for move in moves):
            continue
        kind = crowd.resting(robot.node)
        if kind == "parking" or (kind == "charger" and not _leaves(robot, waiting, crowd)):
            continue
        waiting -= kind == "charger"
        place = _free(robot, "parking", crowd, moves)
        if place is not None and place != robot.node:
            moves.append(_leg(robot, _order(robot, now), place))
    return moves


def _ready(robot: RobotFact, now: float) -> bool:
    if not robot.reachable or not robot.automatic or robot.paused or robot.held or robot.moving or robot.fault:
        return False
    return robot.idle_since is not None and now - robot.idle_since >= PARK_AFTER_S


def _leaves(robot: RobotFact, waiting: int, crowd: Crowd) -> bool:
    """Whether it makes room at a charger: when full, or when another needs the place and it can do without."""
    if robot.charging and robot.battery is not None and robot.battery >= FULL_PCT:
        return True
    asked = waiting > 0 or crowd.wanted(robot.serial)
    return asked and (not robot.charging or (robot.battery or 0.0) >= ENOUGH_PCT)


def _low(robot: RobotFact) -> bool:
    return robot.battery is not None and robot.battery < IDLE_CHARGE_PCT


def _free(robot: RobotFact, kind: str, crowd: Crowd, moves: Sequence[Drive]) -> str | None:
    return crowd.nearest(robot, kind, frozenset(move.goal for move in moves))


def _order(robot: RobotFact, now: float) -> str:
    return f"idle.{robot.serial}.{int(now * 1000)}"


def _leg(robot: RobotFact, order: str, goal: str, actions: tuple[LegAction, ...] = ()) -> Drive:
    first = (LegAction(f"{order}.stopCharging", "stopCharging"),) if robot.charging else ()
    return Drive(robot.id, order, goal, actions, first)
