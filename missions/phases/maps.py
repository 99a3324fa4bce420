"""Which map a robot has: loaded ahead, enabled while it stands, no new order on the wrong one (3.0 section 6.3)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from robots.core.vda5050.map_sync import Step, next_step, wrong_map
from robots.core.vda5050.reports import MapInfo
from robots.maps import link_for, map_actions
from robots.models import Robot, RobotState

from ..core.desk import FINAL_ACTIONS, free
from ..reported import reachable

if TYPE_CHECKING:
    from ..apply import Desk

IN_HAND = ("AUTOMATIC", "SEMIAUTOMATIC")


def maps(desk: Desk) -> None:
    """A robot that reports no maps and declares no map actions is not concerned, and costs nothing."""
    hosted, reader = desk.dispatcher.maps, desk.dispatcher.reader
    hosted.wrong, hosted.steps = {}, {}
    concerned = []
    for serial, robot in desk.picture.robots.items():
        state = desk.picture.states.get(serial)
        actions = map_actions(reader.sheet(robot)) if state is not None else {}
        if state is not None and (state.maps or actions):
            concerned.append((robot, state, actions))
    if not concerned:
        return
    hosted.refresh(desk.clock)
    for robot, state, actions in concerned:
        _look(desk, robot, state, actions)


def _look(desk: Desk, robot: Robot, state: RobotState, actions: dict[str, frozenset[str]]) -> None:
    hosted, serial = desk.dispatcher.maps, robot.serial
    reported = [MapInfo(row["map_id"], row["map_version"], row["status"]) for row in state.maps]
    here = hosted.hosted(robot)
    if why := wrong_map(reported, here, desk.floor.layout.map_id):
        hosted.wrong[serial] = why
    step = next_step(
        reported, here, actions=frozenset(actions), standing=_stands(desk, robot, state), memory_full=_full(state)
    )
    if step is None:
        desk.dispatcher.patience.done(f"maps:{serial}")
        return
    hosted.steps[serial] = step
    if step.kind == "wait" or state.operating_mode not in IN_HAND or not reachable(state, desk.now):
        return
    if desk.dispatcher.patience.may(f"maps:{serial}", f"{step.kind}:{step.map_id}:{step.map_version}", desk.clock):
        _send(desk, robot, step, actions[step.kind])


def _send(desk: Desk, robot: Robot, step: Step, declared: frozenset[str]) -> None:
    parameters: dict[str, Any] = {"mapId": step.map_id, "mapVersion": step.map_version}
    if step.kind == "downloadMap":
        file = desk.dispatcher.maps.file(robot, step)
        if file is None:
            return
        parameters["mapDownloadLink"] = link_for(file, robot.serial)
        if "mapHash" in declared:  # optional: a robot refuses what it has not declared
            parameters["mapHash"] = file.sha256
    desk.floor.instant(robot, step.kind, str(uuid.uuid4()), parameters)


def _stands(desk: Desk, robot: Robot, state: RobotState) -> bool:
    """It has no order and does nothing, by its own word and by what was released to it."""
    fact = desk.facts.get(robot.pk)
    if fact is not None:
        return free(fact)
    return not (
        state.driving or state.node_states or any(a["status"] not in FINAL_ACTIONS for a in state.action_states)
    )


def _full(state: RobotState) -> bool:
    return any(str(e.get("type", "")).replace("_", "").casefold() == "insufficientmemory" for e in state.errors)
