"""Robots are asked what they are and can do: most send a factsheet only when asked (VDA 5050 2.1, 6.15; 3.0, 6.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from robots.models import Robot

if TYPE_CHECKING:
    from ..apply import Desk

ANSWER_S = 5.0
"""How long a robot that has sent none gets no mission: what it cannot do is known by then, or never told."""


@dataclass(frozen=True, slots=True)
class Asked:
    """At `at` (POSIX s), during the connection that began at `connected`."""

    at: float
    connected: datetime | None


def factsheets(desk: Desk) -> None:
    """Once for each connection: what a robot is may have changed while it was away.

    One with our onboard worker publishes it by itself whenever it comes.
    """
    asked = desk.dispatcher.sheets_asked
    for fact in desk.facts.values():
        robot = desk.robot(fact.id)
        if robot.type.onboard or not fact.reachable:
            continue
        connected = desk.picture.states[fact.serial].connection_at
        before = asked.get(fact.serial)
        if before is None or before.connected != connected:
            asked[fact.serial] = Asked(desk.clock, connected)
            desk.floor.instant(robot, "factsheetRequest", f"{robot.public_id}.sheet{int(desk.clock * 1000)}")


def first_states(desk: Desk) -> None:
    """A robot that only tells when something happens (2.1, 6.10) may have come unheard: it is asked for its state."""
    asked = desk.dispatcher.states_asked
    for serial, robot in desk.picture.robots.items():
        state = desk.picture.states.get(serial)
        if robot.type.onboard or state is None or state.state_at is not None or state.connection != "online":
            continue
        if asked.get(serial) != state.connection_at:
            asked[serial] = state.connection_at
            desk.floor.instant(robot, "stateRequest", f"{robot.public_id}.state{int(desk.clock * 1000)}")


def awaited(desk: Desk, robot: Robot) -> bool:
    """Whether it has been asked just now and has never sent one."""
    asked = desk.dispatcher.sheets_asked.get(robot.serial)
    if robot.type.onboard or asked is None or desk.dispatcher.reader.sheet(robot):
        return False
    return desk.clock - asked.at < ANSWER_S
