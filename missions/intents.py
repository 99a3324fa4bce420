"""What people asked for, carried out by dispatch: each handler answers in words, which the intent keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from . import reading
from .apply import Desk
from .core import lifecycle as life
from .core import requests
from .core.facts import Decision, EndAttempt, SetMission, SetStep
from .models import Attempt, Mission, MissionIntent

WAITS_FOR = {
    "wait": "waits as planned",
    "confirm": "waits for a person to confirm",
    "charge": "charges as planned",
}

Handler = Callable[[Desk, Mission, MissionIntent], str]


def _cancel(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    if mission.state in life.FINAL:
        return f"already {mission.state}"
    if _being_cancelled(desk, mission):
        return "it is being cancelled already"
    text = f"cancelled by {intent.actor}" + (f": {intent.reason}" if intent.reason else "")
    attempt = desk.picture.attempts.get(mission.pk)
    if attempt is None:
        desk.end_unstarted(mission, life.CANCELLED, text, intent.actor)
        return "cancelled"
    take_off(desk, mission, attempt, after=life.CANCELLED, text=text)
    if mission.state == life.PAUSED:
        desk.set_state(mission, life.RUNNING, text, "cancelling", intent.actor)
    else:
        desk.event(mission, "cancelling", text, intent.actor)
    mission.reason = f"{text}; waits until the robot confirms"
    return "the robot is told to stop; it ends when the robot confirms"


def _being_cancelled(desk: Desk, mission: Mission) -> bool:
    attempt = desk.picture.attempts.get(mission.pk)
    if attempt is None:
        return False
    memory = reading.memory_of(attempt.memory)
    return memory.phase == "cancel" and memory.after == life.CANCELLED


def take_off(desk: Desk, mission: Mission, attempt: Attempt, *, after: str, text: str) -> None:
    fact = reading.mission_fact(mission, attempt)
    desk.remember(attempt, requests.cancelled(fact, after=after, text=text))


def _pause(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    if not life.may_ask("pause", mission.state):
        return f"not possible while {mission.state}"
    attempt = desk.picture.attempts.get(mission.pk)
    if attempt is not None:
        memory = reading.memory_of(attempt.memory)
        if memory.phase == "cancel":
            return "it is being taken off its robot; wait for that"
        desk.remember(attempt, replace(memory, paused=True))
        desk.floor.instant(desk.robot(attempt.robot_id), "startPause", f"{attempt.public_id}.pause{intent.pk}")
    desk.set_state(mission, life.PAUSED, f"paused by {intent.actor}", "paused", intent.actor)
    return "paused"


def _resume(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    if mission.state != life.PAUSED:
        return f"not possible while {mission.state}"
    attempt = desk.picture.attempts.get(mission.pk)
    if attempt is None:
        desk.set_state(mission, life.QUEUED, "", "resumed", intent.actor)
        return "queued again"
    robot = desk.robot(attempt.robot_id)
    if robot.serial in desk.picture.held:
        mission.reason = f"{robot.name} is held by a software stop; resume the stop first"
        return mission.reason
    desk.floor.instant(robot, "stopPause", f"{attempt.public_id}.resume{intent.pk}")
    memory = replace(reading.memory_of(attempt.memory), paused=False)
    desk.remember(attempt, memory)
    waits = memory.phase in ("wait", "confirm", "charge")
    reason = WAITS_FOR.get(memory.phase, "") if waits else ""
    desk.set_state(mission, life.WAITING if waits else life.RUNNING, reason, "resumed", intent.actor)
    return "resumed"


def _retry(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    attempt = desk.picture.attempts.get(mission.pk)
    if attempt is None and mission.state == life.FAILED:
        desk.requeue(mission, intent.actor, intent.reason)
        return "queued as a new attempt"
    if attempt is None or reading.memory_of(attempt.memory).phase != "stuck":
        return "nothing to retry: it is not stuck"
    memory, decisions = requests.retried(reading.mission_fact(mission, attempt))
    desk.remember(attempt, memory)
    desk.carry_out(mission, decisions, actor=intent.actor)
    return "the step is tried again"


def _reassign(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    if _being_cancelled(desk, mission):
        return "it is being cancelled"
    wanted = intent.data.get("robot") or ""
    robot = desk.picture.robots.get(wanted)
    if wanted and robot is None:
        return f"there is no robot {wanted} at this site"
    attempt = desk.picture.attempts.get(mission.pk)
    fact = desk.facts.get(attempt.robot_id) if attempt else None
    if attempt and fact and fact.loaded:
        return f"{fact.name} carries the load; it cannot be handed over"
    if attempt and (fact is None or not fact.reachable):
        return "the robot may still act and cannot be asked; it keeps the mission until it or a person says"
    mission.pinned_robot = robot
    if attempt is not None:
        take_off(desk, mission, attempt, after=life.QUEUED, text=f"re-assigned by {intent.actor}")
        if mission.state == life.PAUSED:
            desk.set_state(mission, life.RUNNING, f"re-assigned by {intent.actor}", "reassigning", intent.actor)
    desk.event(mission, "reassigned", f"to {robot.name if robot else 'any robot'}", intent.actor)
    return "re-assigned"


def _prioritise(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    before, mission.priority = mission.priority, int(intent.data.get("priority", 0))
    desk.event(mission, "prioritised", f"{before} -> {mission.priority}", intent.actor)
    return "done"


def _settle(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    """A person's word in place of the robot's: the mission ends; what the robot holds stays held until it reports."""
    attempt = desk.picture.attempts.get(mission.pk)
    if attempt is None:
        return "no robot has it; cancel it instead"
    name, fact = desk.robot(attempt.robot_id).name, desk.facts.get(attempt.robot_id)
    if fact is not None and fact.reachable:
        return f"{name} can be asked; cancel the mission instead"
    text = f"ended by the word of {intent.actor}: {intent.reason}; {name} keeps its place until it reports"
    open_steps = [s.index for s in mission.steps.all() if s.state in ("pending", "active")]
    decisions: list[Decision] = [SetStep(mission.pk, index, "cancelled") for index in open_steps]
    decisions += [EndAttempt(mission.pk, "cancelled", text), SetMission(mission.pk, life.CANCELLED, text, "cancelled")]
    desk.carry_out(mission, decisions, actor=intent.actor)
    return "ended"


def _confirm(desk: Desk, mission: Mission, intent: MissionIntent) -> str:
    attempt = desk.picture.attempts.get(mission.pk)
    if attempt is None or reading.memory_of(attempt.memory).phase != "confirm":
        return "no step waits for a confirmation"
    memory, decisions = requests.confirmed(reading.mission_fact(mission, attempt))
    desk.remember(attempt, memory)
    desk.carry_out(mission, decisions, actor=intent.actor)
    return "confirmed"


HANDLERS: dict[str, Handler] = {
    "cancel": _cancel,
    "pause": _pause,
    "resume": _resume,
    "retry": _retry,
    "reassign": _reassign,
    "prioritise": _prioritise,
    "confirm": _confirm,
    "settle": _settle,
}
