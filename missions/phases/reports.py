"""What robots said since the last cycle, and what ground they drive on."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from robots.floor.whereabouts import beside, node_to_admit, sight_of
from robots.models import Robot, RobotState

from .. import reported
from ..core.desk import free
from ..core.facts import RobotFact
from ..core.gauge import Gauge

if TYPE_CHECKING:
    from ..apply import Desk

log = logging.getLogger(__name__)

TRY_AGAIN_S = 5.0
"""With all robots standing, how often to try roads that their places ruled out."""


def relayout(desk: Desk) -> None:
    """A layout published since comes into force once no mission is under way; else everybody is told why it waits."""
    dispatcher, floor = desk.dispatcher, desk.floor
    dispatcher.old_layout = ""
    robots, reader = desk.picture.robots, dispatcher.reader
    limit = reader.limit if reader.ground[0] == floor.version.hash else floor.limit
    floor.resize(sum(robot.in_service or floor.known(serial) for serial, robot in robots.items()), limit)
    if not floor.outdated(dispatcher.reader.ground, desk.picture.robots):
        dispatcher.no_roads = ""
        return
    under_way = [m.label for m in desk.picture.missions if m.pk in desk.picture.attempts]
    busy, newcomers = under_way or floor.drives(), _only_newcomers(desk)
    if newcomers and dispatcher.no_roads and (busy or desk.clock - dispatcher.roads_tried_at < TRY_AGAIN_S):
        return
    why = f"{', '.join(under_way)} under way" if under_way else floor.change_layout(desk.clock, desk.picture.robots)
    dispatcher.no_roads = why if newcomers and not busy else ""
    dispatcher.roads_tried_at = desk.clock
    if why and not dispatcher.no_roads:
        new = "a new layout is published" if dispatcher.reader.ground[0] != floor.version.hash else "a new robot type"
        dispatcher.old_layout = f"{new} and waits: {why}"
    elif not why:
        log.info("site %s drives on layout %d now", desk.site.slug, floor.version.number)


def _only_newcomers(desk: Desk) -> bool:
    """Only robots that are not in traffic need other roads: while the others' places rule these out, they drive on."""
    floor, (digest, kinds) = desk.floor, desk.dispatcher.reader.ground
    now = {kind.id: kind for kind in kinds}
    led = {serial: robot.type.slug for serial, robot in desk.picture.robots.items()}
    return (
        digest == floor.version.hash
        and all(now.get(kind.id, kind) == kind for kind in floor.types)
        and all(robot.type == led.get(robot.id, robot.type) for robot in floor.traffic.robots.values())
    )


def reports(desk: Desk) -> None:
    """Progress frees what is behind robots. One that this leader has not heard yet is left as it was recorded."""
    floor = desk.floor
    for serial, robot in desk.picture.robots.items():
        state = desk.picture.states.get(serial)
        if state is None or state.state_at is None or not floor.known(serial):
            continue
        if not floor.recovery.heard(floor, robot, state):
            desk.unheard[robot.pk] = serial
            continue
        floor.fitted(robot, desk.dispatcher.reader.sheet(robot))
        floor.stands(serial, state.x, state.y)
        desk.trouble[serial] = floor.progress(serial, state.order_id, state.last_node_sequence_id, desk.clock)
        desk.facts[robot.pk] = robot_fact(desk, robot, state)


def admissions(desk: Desk) -> None:
    """Robots that are not in traffic are admitted where they stand; those that cannot be are in others' way there."""
    floor = desk.floor
    for serial, robot in desk.picture.robots.items():
        state = desk.picture.states.get(serial)
        if state is None or state.state_at is None or floor.known(serial):
            continue
        retired = floor.retired_at(serial)
        if retired is not None and state.state_at <= retired:
            continue  # two persons vouched that it has left: what it said before does not put it back
        sight = sight_of(state, floor.layout.map_id)
        ready = robot.in_service and reported.reachable(state, desk.now) and state.localized
        if ready and robot.type.slug not in {kind.id for kind in floor.types}:
            late = f"a {robot.type.name} yet"
            why = desk.dispatcher.no_roads
            floor.refused[serial] = (
                f"the roads cannot be laid out for {late}: {why}" if why
                else f"the roads are not laid out for {late}; they are once all stand"
            )  # fmt: skip
            ready = False
        node = node_to_admit(floor, sight) if ready else ""
        if node and floor.admit(robot, node, desk.clock, beside=beside(floor, sight, node)):
            floor.fitted(robot, desk.dispatcher.reader.sheet(robot))
            floor.stands(serial, state.x, state.y)
            desk.facts[robot.pk] = robot_fact(desk, robot, state)
        else:
            desk.strangers[serial] = sight


def robot_fact(desk: Desk, robot: Robot, state: RobotState) -> RobotFact:
    """What is known of it, and for how long it has had nothing to do."""
    held, since = robot.serial in desk.picture.held, desk.dispatcher.idle_since
    speech = desk.dispatcher.reader.declared(robot).speech(onboard=robot.type.onboard)
    fact = reported.robot_fact(robot, state, desk.floor, held, since.get(robot.serial), desk.now, speech)
    gauges = desk.dispatcher.gauges
    gauges[robot.serial] = gauges.get(robot.serial, Gauge(desk.clock)).shows(fact.battery, desk.clock)
    fact = replace(fact, coarse=gauges[robot.serial].coarse)
    charging = desk.dispatcher.charging_since
    if fact.charging:
        charging.setdefault(robot.pk, desk.clock)
    else:
        charging.pop(robot.pk, None)
    busy = robot.pk in desk.busy or not free(fact)
    if busy or robot.serial in desk.floor.legs:
        since.pop(robot.serial, None)
        return replace(fact, idle_since=None)
    return replace(fact, idle_since=since.setdefault(robot.serial, desk.clock))
