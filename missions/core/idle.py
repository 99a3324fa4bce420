"""Robots without a mission: they charge when low and leave the lanes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .facts import Drive, LegAction, Nearest, RobotFact

PARK_AFTER_S = 4.0
IDLE_CHARGE_PCT = 35.0


def idle_moves(robots: Sequence[RobotFact], now: float, nearest: Nearest, parked: Callable[[str], bool]) -> list[Drive]:
    """Robots without a mission: charge when low, otherwise leave the lanes for a free parking place."""
    moves = []
    for robot in robots:
        if not robot.reachable or not robot.automatic or robot.paused or robot.held or robot.moving or robot.charging:
            continue
        if robot.idle_since is None or now - robot.idle_since < PARK_AFTER_S or robot.fault:
            continue
        order = f"idle.{robot.serial}.{int(now * 1000)}"
        if robot.battery is not None and robot.battery < IDLE_CHARGE_PCT:
            charger = nearest(robot, "charger")
            if charger is not None:
                action = LegAction(f"{order}.startCharging", "startCharging")
                moves.append(Drive(robot.id, order, charger, (action,)))
                continue
        if not parked(robot.at):
            place = nearest(robot, "parking")
            if place is not None and place != robot.at:
                moves.append(Drive(robot.id, order, place))
    return moves
