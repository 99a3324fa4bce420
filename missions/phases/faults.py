"""Robots that cannot drive, are late, or are not where they should be (traffic design 5.6).

Nothing here frees what a robot holds: that takes its own report, a confirmed cancel, or two people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from robots.floor import whereabouts
from robots.floor.whereabouts import Sight, sight_of

from .. import reported
from ..core.facts import RobotFact
from ..driving import CHARGING, UNPLUGGING, unplugs
from .reports import robot_fact

if TYPE_CHECKING:
    from ..apply import Desk

OFF_NODE = "Bring it onto a node of the layout and back to automatic"

STRAYED = "is not where it was released to"
SURE_AFTER_S = 1.0
OBSTACLE_S = 60.0
"""How long a place stays blocked after a robot last said that something stands in its way."""

Hold = tuple[str, str]
FREE: Hold = ("", "busy")
OFFLINE: Hold = ("has no contact; it keeps what it holds", "offline")
UNHEARD: Hold = ("has not been heard since dispatch began anew", "busy")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where a robot says it is, though nothing was released to it there; in its report of `at`, since `since` s."""

    sight: Sight
    at: datetime | None
    since: float


def faults(desk: Desk) -> None:
    """Who strayed, who cannot drive, who is late, and what stands in whose way."""
    floor = desk.floor
    floor.alarms.begin()
    holds: dict[str, Hold] = dict.fromkeys(floor.traffic.robots, OFFLINE)
    holds |= {serial: UNHEARD for pk, serial in desk.unheard.items() if desk.soon_heard(pk)}
    conflicts: dict[str, str] = {}
    for serial, sight in desk.strangers.items():
        conflicts |= _stranger(desk, serial, sight)
    for fact in list(desk.facts.values()):
        sight = sight_of(desk.picture.states[fact.serial], floor.layout.map_id)
        strayed = _strayed(desk, fact, sight)
        if strayed is None:
            _obstacle(desk, fact)
            holds[fact.serial] = _hold(desk, desk.facts[fact.id])
        else:
            conflicts |= strayed
            holds[fact.serial] = (STRAYED, "misplaced")
    for serial, text in conflicts.items():
        if serial in holds and not holds[serial][0]:
            holds[serial] = (text, "conflict")
        desk.tell(serial, "conflict", f"{desk.name(serial)}: {text}")
    if desk.dispatcher.old_layout and desk.dispatcher.reader.ground[0] != floor.version.hash:
        desk.tell("", "layout", desk.dispatcher.old_layout)
    for serial, (reason, kind) in holds.items():
        floor.hold(serial, reason, kind)


def _stranger(desk: Desk, serial: str, sight: Sight) -> dict[str, str]:
    """A robot that is not in traffic: where it stands counts as taken, whoever it belongs to."""
    if sight.point is not None:
        nodes = whereabouts.around(desk.floor, sight.point)
    else:
        nodes = frozenset({sight.at} & desk.floor.traffic.road.index.keys())
    against = desk.floor.misplace(serial, nodes, desk.clock)
    why = desk.floor.refused.get(serial)
    if not why and nodes and not whereabouts.node_to_admit(desk.floor, sight):
        why = OFF_NODE if reported.reachable(desk.picture.states[serial], desk.now) else why
    if desk.picture.robots[serial].in_service and (why or against):
        desk.tell(serial, "misplaced", f"{desk.name(serial)} is not admitted where it stands: {why or _text(nodes)}")
    return _against(desk, serial, against)


def _strayed(desk: Desk, fact: RobotFact, sight: Sight) -> dict[str, str] | None:
    """None: it is where it was released to be, or has just been admitted where it stands. Else whom it obstructs."""
    floor, serial = desk.floor, fact.serial
    if _drives_ours(desk, fact) and not desk.trouble.get(serial):
        sight = replace(sight, point=None, at="")  # nodes tell where it is: its position may be older, or on a detour
    nodes = whereabouts.strays(floor, serial, sight)
    if desk.trouble.get(serial) and sight.at in floor.traffic.road.index:
        nodes |= {sight.at}
    unknown = not floor.traffic.road.index.keys() >= set(sight.listed)
    astray = bool(nodes) or unknown or whereabouts.left_its_way(floor, serial, sight)
    if serial not in floor.strayed and not (astray and (sight.listed or _sure(desk, fact, sight))):
        if not astray:
            desk.dispatcher.doubts.pop(serial, None)
        return None
    against = floor.misplace(serial, nodes, desk.clock)
    if _admitted(desk, fact, sight):
        return None
    if fact.automatic and fact.remaining and fact.order_id == floor.rows[serial].order_id:
        _cancel(desk, fact)
    told = f"{fact.name} {STRAYED}: {desk.trouble.get(serial) or _text(nodes)}"
    desk.tell(serial, "misplaced", f"{told}. {_way_back(desk, fact, sight)}")
    return _against(desk, serial, against)


def _sure(desk: Desk, fact: RobotFact, sight: Sight) -> bool:
    """A robot under fleet control may report a node before its position: it has to say the same twice, for a while."""
    if not fact.automatic:
        return True
    at = desk.picture.states[fact.serial].state_at
    seen = desk.dispatcher.doubts.get(fact.serial)
    if seen is None or seen.sight != sight:
        desk.dispatcher.doubts[fact.serial] = Doubt(sight, at, desk.clock)
        return False
    return at != seen.at and desk.clock - seen.since >= SURE_AFTER_S


def _drives_ours(desk: Desk, fact: RobotFact) -> bool:
    """It is under way by itself with the order that it was given: nobody moves it by hand."""
    under_way = fact.driving or bool(fact.remaining)
    return fact.automatic and under_way and fact.order_id == desk.floor.rows[fact.serial].order_id


def _cancel(desk: Desk, fact: RobotFact) -> None:
    """Once: nothing more is released to it, so it would wait for ever; it begins anew where it is admitted."""
    if desk.dispatcher.cancelled.get(fact.serial) != fact.order_id:
        desk.dispatcher.cancelled[fact.serial] = fact.order_id
        desk.floor.instant(desk.robot(fact.id), "cancelOrder", f"{fact.order_id}.cancel1")


def _admitted(desk: Desk, fact: RobotFact, sight: Sight) -> bool:
    """Back under fleet control, at rest, on a node that nobody else has: it begins anew from there."""
    at_rest = not (fact.driving or fact.remaining or fact.acting or fact.pending)
    if not (at_rest and fact.automatic and fact.reachable and not desk.trouble.get(fact.serial)):
        return False
    node = whereabouts.node_to_admit(desk.floor, sight)
    robot = desk.robot(fact.id)
    if not node or not desk.floor.admit(robot, node, desk.clock, whereabouts.beside(desk.floor, sight, node)):
        return False
    desk.dispatcher.idle_since.pop(fact.serial, None)  # whoever brought it there is still beside it
    desk.facts[fact.id] = robot_fact(desk, robot, desk.picture.states[fact.serial])
    return True


def _way_back(desk: Desk, fact: RobotFact, sight: Sight) -> str:
    if fact.remaining:
        ours = fact.order_id == desk.floor.rows[fact.serial].order_id
        return "It is told to stop" if ours else "It executes an order that was not released here: cancel it"
    if not whereabouts.node_to_admit(desk.floor, sight):
        return OFF_NODE
    if not fact.automatic:
        return "Switch it back to automatic"
    return f"It cannot stay there: {desk.floor.refused.get(fact.serial, 'it has to stand still')}"


def _against(desk: Desk, serial: str, others: list[str]) -> dict[str, str]:
    return {other: f"{desk.name(serial)} stands on the way that is released to it" for other in others}


def _text(nodes: frozenset[str]) -> str:
    return f"near {', '.join(sorted(nodes)[:3])}" if nodes else "beside the road map"


def _hold(desk: Desk, fact: RobotFact) -> Hold:
    """Why it cannot drive, and of what kind that is. While it can, time runs for it to move on."""
    if fact.id in desk.cancelling:
        reason = ("is being told to stop", "busy")
    elif not fact.reachable:
        reason = OFFLINE
    elif not fact.automatic:
        reason = ("is not under fleet control", "manual")
    elif fact.held:
        reason = ("is held by a software stop", "stopped")
    elif fact.paused:
        reason = ("is paused", "paused")
    elif fact.fault:
        reason = (fact.fault, "fault")
    elif desk.trouble.get(fact.serial):
        reason = (desk.trouble[fact.serial], "trouble")
    elif unplugs(desk, fact):
        reason = (UNPLUGGING, "busy")
    elif fact.serial in desk.dispatcher.maps.wrong and not (fact.remaining or fact.acting or fact.moving):
        reason = (desk.dispatcher.maps.wrong[fact.serial], "map")
    elif fact.charging and not fact.moving and fact.serial not in desk.floor.legs:
        reason = (CHARGING, "busy")
    else:
        reason = FREE
    going = not reason[0] and not fact.acting and fact.serial not in desk.dispatcher.requests.waiting
    late = desk.dispatcher.lateness.look(desk.floor, fact.serial, going, desk.clock)
    if late:
        desk.late[fact.serial] = f"does not move on to {late}"
        desk.tell(fact.serial, "late", f"{fact.name} does not move on to {late} although its way is released")
        return desk.late[fact.serial], "late"
    return reason


def _obstacle(desk: Desk, fact: RobotFact) -> None:
    """What a robot says stands in its way is blocked for others, for as long as it says so and a while longer."""
    said = reported.obstacle(desk.picture.states[fact.serial])
    if said is None:
        return
    floor, base = desk.floor, desk.floor.base(fact.serial)
    road = floor.traffic.road
    place = said if said in road.index or said in road.edge_names else ""
    if not place and len(base) > 1:
        place = road.edge_names[road.edge_of[road.index[base[0]], road.index[base[1]]]]
    until = desk.dispatcher.obstacles.get(place, 0.0)
    if place and until - desk.clock < OBSTACLE_S / 2:
        desk.dispatcher.obstacles[place] = desk.clock + OBSTACLE_S
        floor.traffic.block(place, desk.clock + OBSTACLE_S, fact.serial, desk.clock)
