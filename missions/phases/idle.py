"""Robots without a mission: their legs end, broken orders are cancelled, and they go to park or charge."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ..core import idle
from ..core import lifecycle as life
from ..core.desk import FINAL_ACTIONS
from ..core.dispatch import NO_CHARGER
from ..core.facts import ActionFact, RobotFact
from ..driving import drive
from .release import BLOCKED

if TYPE_CHECKING:
    from ..apply import Desk

log = logging.getLogger(__name__)

GIVE_WAY_AFTER_S = 15.0


def settle_idle(desk: Desk) -> None:
    """A robot without a mission whose leg is over, can never be, or has been blocked for long rests again.

    So does one that is bound for a place in a zone that is being closed: it is sent elsewhere.
    """
    for fact in _unassigned(desk):
        _settle(desk, fact)


def _settle(desk: Desk, fact: RobotFact) -> None:
    serial, floor = fact.serial, desk.floor
    order = floor.rows[serial].order_id
    asked = desk.dispatcher.cancelled.get(serial) == order
    if order and fact.moving and (asked or order in ({fact.broken} | fact.rejected)):
        cancel = f"{order}.cancel1"
        answer = fact.actions.get(cancel)
        if fact.order_id == order and not asked and fact.remaining:
            desk.dispatcher.cancelled[serial] = order
            floor.instant(desk.robot(fact.id), "cancelOrder", cancel)
        elif asked and fact.order_id == order and not _answered(fact, order, answer):
            return  # only its answer tells that nothing of the order is still on its way
        elif not fact.remaining and not fact.driving:
            desk.trouble[serial] = floor.abandon(serial, fact.at, order) or desk.trouble.get(serial, "")
        return
    leg = floor.legs.get(serial)
    if leg is None or fact.moving:
        return
    why = floor.traffic.explain(serial)
    blocked = why.kind in BLOCKED and desk.clock - why.since >= GIVE_WAY_AFTER_S
    over = fact.order_id == order and not fact.remaining and not fact.driving and not fact.acting
    if blocked or leg.goal in floor.places.shut or (over and fact.at == leg.goal):
        floor.drop(serial, desk.clock)


def _answered(fact: RobotFact, order: str, answer: ActionFact | None) -> bool:
    """It may show its answer only for a moment: then link has seen it."""
    return fact.ended == order or (answer is not None and answer.status in FINAL_ACTIONS)


def park_and_charge(desk: Desk) -> None:
    """Idle robots leave the lanes, charge when low, and make room at the chargers when full."""
    if desk.dispatcher.old_layout:
        return
    dispatcher, places = desk.dispatcher, desk.floor.places
    idle_robots = [fact for fact in _unassigned(desk) if fact.serial not in desk.floor.strayed]
    if not any(fact.idle_since is not None for fact in idle_robots):
        return
    wanting = sum(m.state == life.WAITING and m.reason == NO_CHARGER for m in desk.missions.values())
    chargers = places.of("charger") - places.shut
    taken = places.taken(except_for="")
    crowd = idle.Crowd(
        desk.nearest,
        places.resting,
        desk.floor.wanted,
        short=wanting,
        levels={fact.id: desk.levels(desk.robot(fact.id)) for fact in idle_robots},
        bad=places.bad,
        shut=places.shut,
        chargers=len(chargers),
        free_chargers=len(chargers - taken),
        leaving=places.leaving(chargers),
        aside=lambda robot, without: places.aside(robot.node, places.taken(robot.serial) | without),
        charging_since=dispatcher.charging_since,
    )
    for move in idle.idle_moves(idle_robots, desk.clock, crowd):
        try:
            drive(desk, move, None)
        except (ValueError, KeyError):
            # one robot that cannot be sent to rest must not hold up the others
            log.exception("%s cannot be sent to %s", desk.robot(move.robot).serial, move.goal)


def _unassigned(desk: Desk) -> list[RobotFact]:
    return [f for f in desk.facts.values() if f.id not in desk.busy and desk.robot(f.id).in_service]
