"""A leg for a robot: traffic gets its goal, the robot its order as soon as a piece is granted."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from robots.legs import Leg

from .core.facts import Drive
from .eta import estimate
from .models import Mission

if TYPE_CHECKING:
    from .apply import Desk

CHARGING = "is charging"
PRIORITY_BONUS_S = 60.0


def drive(desk: Desk, move: Drive, mission: Mission | None) -> None:
    """`mission` None: the robot goes to park or charge, and stays free for a mission on its way."""
    robot, floor = desk.robot(move.robot), desk.floor
    slow = mission is not None and mission.plan.get("speed") == "slow"
    leg = Leg(
        order=move.order,
        goal=move.goal,
        actions=tuple(asdict(a) for a in move.actions),
        first=tuple(asdict(a) for a in move.first),
        speed=robot.type.max_speed / 2 if slow else None,
        horizon=mission is not None,
    )
    avoid: set[str] = set()
    if mission is not None:
        avoid.update(*(floor.layout.nodes_of_place(place) for place in mission.plan.get("avoid") or ()))
    if floor.held(robot.serial) == CHARGING:
        floor.hold(robot.serial, "")
    bonus = PRIORITY_BONUS_S * mission.priority if mission else 0.0
    floor.drive(robot.serial, leg, desk.clock, avoid=avoid, bonus=bonus)
    desk.dispatcher.idle_since.pop(robot.serial, None)
    if mission:
        mission.eta = estimate(mission, floor, robot, desk.now)
