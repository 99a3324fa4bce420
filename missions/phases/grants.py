"""Robots of VDA 5050 3.0: the zone sets they have, and what they ask to enter (3.0 sections 6.4.2, 6.4.3, 6.6.10)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from robots.core.vda5050.codec import encode_body
from robots.core.vda5050.reports import ZoneSetInfo
from robots.core.vda5050.zone_sets import next_step
from robots.models import Robot, RobotState
from robots.zone_sets import VERSION, takes

from ..reported import reachable

if TYPE_CHECKING:
    from ..apply import Desk

TAKES_ZONES = ("AUTOMATIC", "SEMIAUTOMATIC")
"""Nothing is sent to a robot that a person has in hand, nor while it starts."""
TOLD_AFTER_S = 60.0
TRIES_TOLD = 4


def zone_sets(desk: Desk) -> None:
    """Each robot that takes zones gets the set of the layout that is driven on, enables it, and drops old ones."""
    for serial, robot in desk.picture.robots.items():
        state = desk.picture.states.get(serial)
        if state is None or not robot.type.protocol.startswith("3"):
            continue
        if state.operating_mode in TAKES_ZONES and reachable(state, desk.now):
            _one_set(desk, robot, state)


def _one_set(desk: Desk, robot: Robot, state: RobotState) -> None:
    dispatcher, floor, serial = desk.dispatcher, desk.floor, robot.serial
    of = takes(robot.type.protocol, dispatcher.reader.sheet(robot))
    if not of.types:
        return
    wanted = dispatcher.zone_sets.wanted(floor.version, floor.layout, of).zone_set
    reported = [ZoneSetInfo(row["zone_set_id"], row["map_id"], row["status"]) for row in state.zone_sets]
    step = next_step(reported, wanted, dispatcher.zone_sets.known())
    if step is None:
        dispatcher.patience.done(f"zones:{serial}")
        return
    if not dispatcher.patience.may(f"zones:{serial}", f"{step.kind}:{step.zone_set_id}", desk.clock):
        return
    if step.kind == "zoneSet":
        payload = {"robot": robot.pk, "type": "zoneSet", "body": encode_body(wanted, VERSION), "version": VERSION}
        floor.send("mqtt", f"zoneSet:{serial}:{step.zone_set_id}", payload)
    else:
        floor.instant(robot, step.kind, str(uuid.uuid4()), {"zoneSetId": step.zone_set_id})


def zone_requests(desk: Desk) -> None:
    """Answered in the order they came; before traffic releases ways, so what was left goes to whoever asked first."""
    heard = frozenset(s for s, state in desk.picture.states.items() if reachable(state, desk.now))
    known = desk.dispatcher.zone_sets.known
    requests, picture = desk.dispatcher.requests, desk.picture
    asking = any(state.zone_requests for state in picture.states.values())
    if requests.look(desk.floor, picture.robots, picture.states, heard, known() if asking else {}, desk.now):
        desk.dispatcher.changed.update({"floor", "robots"})
    for serial, (why, since) in requests.waiting.items():
        if desk.clock - since >= TOLD_AFTER_S:
            desk.tell(serial, "request", f"{desk.name(serial)} waits to be let in: {why}")
    _told(desk)


def _told(desk: Desk) -> None:
    """What a person has to know: a node that a robot gave up, a zone set that it does not take."""
    for serial, robot in desk.picture.robots.items():
        state = desk.picture.states.get(serial)
        if state is None:
            continue
        if node := unreachable_node(state):
            text = f"{robot.name} has no way to {node} and will not try again: send it elsewhere or cancel its mission"
            desk.tell(serial, "unreachable", text)
        if desk.dispatcher.patience.tries(f"zones:{serial}") >= TRIES_TOLD:
            desk.tell(serial, "zone_set", f"{robot.name} has not enabled the zones of the layout, though told to")


def unreachable_node(state: RobotState) -> str:
    """The node that the robot says it cannot reach (NODE_UNREACHABLE, 3.0 section 6.4.5), "" while it says nothing."""
    for error in state.errors:
        if str(error.get("type", "")).replace("_", "").casefold() == "nodeunreachable":
            references = {row.get("key"): str(row.get("value")) for row in error.get("references", ())}
            return references.get("nodeId") or "a node of its order"
    return ""
