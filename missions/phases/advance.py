"""Attempts of missions, brought as far as their robots' own reports allow."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from .. import reading
from ..apply import SYSTEM
from ..core import dispatch
from ..core import lifecycle as life
from ..core.facts import Memory, RobotFact
from ..models import Attempt, Mission

if TYPE_CHECKING:
    from ..apply import Desk

log = logging.getLogger(__name__)


def advance_missions(desk: Desk) -> None:
    for mission_id, attempt in list(desk.picture.attempts.items()):
        if mission_id in desk.missions:
            _advance(desk, desk.missions[mission_id], attempt)


def begin_missions(desk: Desk) -> None:
    """What `assign_missions` has just given gets its first leg in the same cycle."""
    for mission_id in desk.started:
        _advance(desk, desk.missions[mission_id], desk.picture.attempts[mission_id])


def _advance(desk: Desk, mission: Mission, attempt: Attempt) -> None:
    robot = desk.facts.get(attempt.robot_id)
    if mission.state == life.PAUSED or desk.soon_heard(attempt.robot_id):
        return
    if robot is None or not robot.reachable:
        name = desk.robot(attempt.robot_id).name
        desk.wait(mission, f"no contact with {name}: what it does is unknown until it or a person says")
        return
    try:
        fact = reading.mission_fact(mission, attempt)
        if robot.serial in desk.floor.strayed and fact.memory.phase != "cancel":
            return  # it goes on from where it is admitted; until then the mission says why it waits
        robot = _with_lost_order(desk, robot, fact.memory)
        memory, decisions = dispatch.advance(fact, robot, desk.clock, desk.nearest)
        desk.remember(attempt, memory)
        desk.carry_out(mission, decisions, actor=SYSTEM.name)
    except (ValueError, LookupError, TypeError, AttributeError) as fault:
        # one mission that cannot go on must not hold up the others
        log.exception("%s cannot go on", mission.label)
        desk.stuck(mission, f"{robot.name} could not be sent on: {fault}")


def _with_lost_order(desk: Desk, robot: RobotFact, memory: Memory) -> RobotFact:
    """An order whose leg was given up (the robot was admitted anew, or freed by hand) can never be finished."""
    leg = desk.floor.legs.get(robot.serial)
    if memory.phase != "drive" or not memory.order or (leg is not None and leg.order == memory.order):
        return robot
    return replace(robot, broken=memory.order)
