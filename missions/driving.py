"""A leg for a robot: traffic gets its goal, the robot its order as soon as a piece is granted.

A robot of another make need not take an order while it charges (VDA 5050 3.0, 7.8: not charging means ready for one).
It is told to stop charging first, by an instant action; one that does not is told in the order itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from robots.core.vda5050.words import usable
from robots.legs import Leg

from .core.facts import Drive, RobotFact
from .core.skills import Dialect
from .eta import estimate
from .models import Mission

if TYPE_CHECKING:
    from .apply import Desk

CHARGING = "is charging"
UNPLUGGING = "stops charging first"
UNPLUG_S = 15.0
PRIORITY_BONUS_S = 60.0


@dataclass(frozen=True, slots=True)
class Unplug:
    """It was told to stop charging for this leg, at `at` (POSIX s)."""

    order: str
    at: float


def drive(desk: Desk, move: Drive, mission: Mission | None) -> None:
    """`mission` None: the robot goes to park or charge, and stays free for a mission on its way."""
    robot, floor = desk.robot(move.robot), desk.floor
    slow = mission is not None and mission.plan.get("speed") == "slow"
    leg = Leg(
        order=move.order,
        goal=move.goal,
        actions=tuple(_spoken(desk, move)),
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
    if unplugs(desk, desk.facts[robot.pk]):
        floor.hold(robot.serial, UNPLUGGING)
    desk.dispatcher.idle_since.pop(robot.serial, None)
    if mission:
        mission.eta = estimate(mission, floor, robot, desk.now)


def unplugs(desk: Desk, fact: RobotFact) -> bool:
    """Whether its next order waits until it has stopped charging; it is told so once for each leg."""
    floor, serial, told = desk.floor, fact.serial, desk.dispatcher.unplugging
    leg = floor.legs.get(serial)
    waits = leg is not None and fact.charging and fact.speech.unplug == "instant"
    if leg is None or not waits or leg.first or floor.rows[serial].order_id == leg.order:
        told.pop(serial, None)
        return False
    asked, action = told.get(serial), f"{leg.order}.unplug"
    if asked is None or asked.order != leg.order:
        told[serial] = Unplug(leg.order, desk.clock)
        floor.instant(desk.robot(fact.id), "stopCharging", action)
        return True
    answer = fact.actions.get(action)
    if desk.clock - asked.at < UNPLUG_S and not (answer and answer.status == "FAILED"):
        return True
    first = {"id": f"{leg.order}.stopCharging", "type": "stopCharging", "parameters": {}}
    floor.legs[serial] = replace(leg, first=(first,))
    return False


def _spoken(desk: Desk, move: Drive) -> list[dict[str, Any]]:
    """The actions as the robot knows them; for one with our onboard worker as they are."""
    robot = desk.robot(move.robot)
    if robot.type.onboard:
        return [asdict(action) for action in move.actions]
    dialect = Dialect(usable(robot.type.words), desk.dispatcher.reader.declared(robot).load_types)
    stations = desk.floor.layout.stations
    kind = next((station.kind for station in stations if move.goal in station.nodes), "")
    return [asdict(dialect.say(action, kind)) for action in move.actions]
