"""Which robot for which mission: the pure assignment is asked, and its choices become attempts."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from robots.models import Robot

from .. import intents, reading
from ..core import lifecycle as life
from ..core.allocation import Candidate, Choice, Wanted, allocate
from ..core.facts import RobotFact
from ..models import Attempt, Mission
from .demand import ANY_TYPE, Demand
from .sheets import awaited

if TYPE_CHECKING:
    from ..apply import Desk

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 2.0
"""With nothing queued, how often to look whether a mission under way has a better robot by now."""


def assign_missions(desk: Desk) -> None:
    """Queued missions get robots; those not picked up yet may change theirs, by the way of a re-assignment."""
    queued = [m for m in desk.missions.values() if m.state == life.QUEUED and (m.not_before or desk.now) <= desk.now]
    if desk.dispatcher.old_layout:
        for mission in queued:
            desk.note_wait(mission, desk.dispatcher.old_layout, {})
        return
    under_way = _movable(desk)
    if not queued and (not under_way or desk.clock - desk.dispatcher.assigned_at < LOOK_AGAIN_S):
        return
    desk.dispatcher.assigned_at = desk.clock
    demand = Demand(desk, {attempt.robot_id for attempt in under_way.values()})
    wanted = _all_wanted(desk, queued, under_way)
    robots = [_candidate(desk, fact, under_way) for fact in desk.facts.values()]
    robots += [_absent(desk, robot) for robot in desk.picture.robots.values() if robot.pk not in desk.facts]
    choices = allocate(
        wanted,
        robots,
        desk.distance,
        now=desk.clock,
        to_charger=demand.to_charger if demand.has_chargers else None,
        rooms=demand.rooms(wanted),
        column=demand.column,
    )
    for choice in choices:
        _take(desk, choice)


def _take(desk: Desk, choice: Choice) -> None:
    mission = desk.missions[choice.mission]
    match choice.kind:
        case "start" if choice.robot is not None:
            _start(desk, mission, choice, choice.robot)
        case "wait":
            desk.note_wait(mission, choice.text, _record(choice))
        case "move" | "release":
            attempt = desk.picture.attempts[mission.pk]
            intents.take_off(desk, mission, attempt, after=life.QUEUED, text=choice.text)
            desk.event(mission, "reassigning", choice.text, "dispatch", _record(choice))
        case _:
            pass


def _start(desk: Desk, mission: Mission, choice: Choice, robot: int) -> None:
    """Not yet while the robot still has another mission (that one is being taken off it), or too many have one."""
    limit = desk.floor.limit
    if robot in desk.busy:
        desk.note_wait(mission, f"{desk.robot(robot).name} gets it once it has been taken off its other mission", {})
    elif limit is not None and len(desk.busy) >= limit:
        text = f"The layout was published for {limit} robots at once, and so many have a mission."
        desk.note_wait(mission, text, _record(choice))
    else:
        desk.start(mission, robot, _record(choice))


def _record(choice: Choice) -> dict[str, Any]:
    return {
        "text": choice.text,
        "candidates": [asdict(part) for part in choice.parts],
        "urgency": asdict(choice.urgency),
    }


def _movable(desk: Desk) -> dict[int, Attempt]:
    """Missions that a robot has but has not begun in earnest: nothing picked up, nothing released at its first stop."""
    found = {}
    for mission_id, attempt in desk.picture.attempts.items():
        mission, fact = desk.missions.get(mission_id), desk.facts.get(attempt.robot_id)
        if mission is None or fact is None or mission.state not in (life.ASSIGNED, life.RUNNING):
            continue
        if mission.pinned_robot_id == attempt.robot_id or fact.loaded or not fact.reachable:
            continue
        memory = reading.memory_of(attempt.memory)
        begun = any(step.state in ("done", "skipped", "failed") for step in mission.steps.all())
        committed = memory.phase != "drive" or memory.goal in desk.floor.base(fact.serial)
        acting = any(action in fact.actions for action in memory.actions)
        if not begun and not committed and not acting and not memory.paused:
            found[mission_id] = attempt
    return found


def _all_wanted(desk: Desk, queued: list[Mission], under_way: dict[int, Attempt]) -> list[Wanted]:
    """One mission whose rows cannot be read must not hold up the others: it stays queued and says so."""
    wanted = []
    for mission in [*queued, *(desk.missions[pk] for pk in under_way)]:
        attempt = under_way.get(mission.pk)
        try:
            wanted.append(_wanted(desk, mission, attempt.robot_id if attempt else None))
        except (ValueError, KeyError, TypeError) as fault:
            log.exception("%s cannot be allocated", mission.label)
            desk.note_wait(mission, f"its steps cannot be read: {fault}", {})
    return wanted


def _candidate(desk: Desk, fact: RobotFact, under_way: dict[int, Attempt]) -> Candidate:
    robot = desk.robot(fact.id)
    serial, dispatcher = fact.serial, desk.dispatcher
    movable = any(attempt.robot_id == fact.id for attempt in under_way.values())
    stray = desk.floor.held(serial) if serial in desk.floor.strayed else ""
    reasons = (
        (not robot.in_service, "out of service"),
        (not fact.reachable, "no contact"),
        (not fact.automatic, "not under fleet control"),
        (bool(fact.fault), fact.fault),
        (fact.held, "held by a software stop"),
        (fact.paused, "paused"),
        (bool(stray), stray),
        (serial in dispatcher.maps.wrong, dispatcher.maps.wrong.get(serial, "")),
        (fact.id in desk.cancelling, "is being told to stop"),
        (fact.id in desk.busy and not movable, "busy with another mission"),
        (dispatcher.suspects.get(serial, 0.0) > desk.clock, "did not take its last program"),
        (awaited(desk, robot), "has been asked what it can do"),
        (bool(desk.trouble.get(serial)), desk.trouble.get(serial, "")),
        (bool(desk.late.get(serial)), desk.late.get(serial, "")),
    )
    since = dispatcher.charging_since.get(fact.id)
    cannot = dispatcher.reader.declared(robot).cannot(robot.type.skills)
    return Candidate(
        robot=fact.id,
        name=fact.name,
        node=fact.node,
        battery=fact.battery,
        charging=fact.charging,
        skills=frozenset(robot.type.skills) - cannot | ANY_TYPE,
        capacity=robot.type.capacity,
        payload=robot.type.max_payload,
        blocked=next((text for applies, text in reasons if applies), ""),
        loaded=fact.loaded,
        type=robot.type.slug,
        levels=desk.levels(robot),
        speed=robot.type.max_speed,
        charged_s=float("inf") if since is None else desk.clock - since,
    )


def _absent(desk: Desk, robot: Robot) -> Candidate:
    """A robot that is not in traffic: never heard, or standing where another is registered."""
    if robot.pk in desk.unheard:
        why = "has not been heard since dispatch began anew"
    else:
        why = desk.floor.refused.get(robot.serial, "not on the floor: it has not reported a place of the layout")
    blocked = why if robot.in_service else "out of service"
    return Candidate(robot.pk, robot.name, "", None, False, frozenset(), 0, 0.0, blocked)


def _wanted(desk: Desk, mission: Mission, current: int | None) -> Wanted:
    steps = [s for s in mission.steps.all() if s.state in ("pending", "active")]
    stops = [n for s in steps if s.op != "wait" for n in (s.payload.get("nodes") or [s.payload.get("node")])[:20]]
    picks = [s.payload for s in steps if s.op == "pick"]
    return Wanted(
        mission=mission.pk,
        priority=mission.priority,
        deadline=mission.deadline.timestamp() if mission.deadline else None,
        age=(desk.now - mission.created_at).total_seconds(),
        first_node=stops[0] if stops else None,
        ops=frozenset(s.op for s in steps),
        quantity=max([int(p.get("qty") or 1) for p in picks], default=0),
        load=max([float(p.get("mass") or 0.0) for p in picks], default=0.0),
        pinned=mission.pinned_robot_id,
        unloads=next((s.op for s in steps if s.op in ("pick", "drop")), "") == "drop",
        stops=tuple(node for node in stops if node is not None),
        seconds=sum(float(s.payload.get("seconds") or 0.0) for s in steps),
        current=current,
    )
