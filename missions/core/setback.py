"""What does not go as planned: actions that fail, orders refused or lost, missions taken off their robot.

What was released stays held until the robot itself says that it stands and has nothing left (VDA 5050 2.1, 6.6.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import conditions
from . import lifecycle as life
from .desk import FINAL_ACTIONS, Desk, carries, free, leg, unfinished
from .facts import Abandon, EndAttempt, Instant, Memory, Note, SendProgram, StepFact

MAX_TRIES = 3
MAX_PROGRAM_TRIES = 5
RETRIABLE = "RETRIABLE"
ANSWER_S = 20.0
SAID = {"retry": "try again", "skipRetry": "go on without"}
RETRY_AFTER_S = 1.0
"""s from one order of a step to the next: what refuses an order at once may not do so a moment later."""


def rejected(desk: Desk, step: StepFact) -> bool:
    """The robot never had this order: what was released with it lies ahead of where it stands."""
    _give_back(desk)
    return failed(desk, step, "rejected", desk.robot.fault or desk.robot.why or "the robot rejected the order", {})


def renew(desk: Desk) -> bool:
    """An order that cannot go on: wait for the robot's word that it stands, give back what lies ahead, send anew."""
    robot, memory = desk.robot, desk.memory
    ours = robot.order_id == memory.order
    if ours and (robot.remaining or unfinished(robot, memory.actions)):
        _ask_to_cancel(desk)
    if robot.remaining or robot.driving or not robot.automatic or (ours and unfinished(robot, memory.actions)):
        return False
    answer = robot.actions.get(f"{memory.order}.cancel{memory.cancels}")
    answered = (answer is not None and answer.status in FINAL_ACTIONS) or robot.ended == memory.order
    if ours and memory.cancels and not answered:
        return False  # it stands, but only its answer tells that nothing of the order is still on its way
    _give_back(desk)
    text = robot.fault or robot.why or "the robot lost its order, or could not go on with it"
    return failed(desk, desk.steps[memory.step], "lost", text, {})


def cancel(desk: Desk) -> bool:
    """Wait for the robot's own word that it stands and has nothing left (2.1, 6.6.3), then end the attempt.

    An order or an update that was sent and not confirmed yet may still arrive: it is cancelled too, and the robot's
    answer to the cancel, which comes after it, is waited for.
    """
    robot, memory = desk.robot, desk.memory
    sent = bool(memory.order) and robot.sent_order == memory.order
    if sent and memory.order not in robot.rejected:
        if robot.order_id != memory.order:
            if memory.order != robot.broken or robot.remaining or robot.driving:
                return False
        elif not _at_rest(desk):
            return False
    if memory.order:
        _give_back(desk)
    if memory.paused and not robot.held:
        desk.out.append(Instant(robot.id, "stopPause", f"{desk.mission.key}.letgo"))
    _end_cancelled(desk)
    return False


def _at_rest(desk: Desk) -> bool:
    """Whether the order is over for good; asks for that when it is not."""
    robot, memory = desk.robot, desk.memory
    busy = bool(robot.remaining) or robot.driving or unfinished(robot, memory.actions)
    if not (busy or robot.moving or robot.pending or memory.cancels):
        return True
    answer = robot.actions.get(f"{memory.order}.cancel{memory.cancels}")
    if memory.cancels == 0 or (busy and answer is not None and answer.status == "FAILED"):
        _ask_to_cancel(desk)
        return False
    # a robot may show its answer only for a moment (2.1, 6.10.6 names no time): link has seen it in every state
    return not busy and (robot.ended == memory.order or (answer is not None and answer.status in FINAL_ACTIONS))


def failed(desk: Desk, step: StepFact, error: str, text: str, result: Mapping[str, Any]) -> bool:
    """An action failed, or the order did: try again, look for a person, or give up; says what and why."""
    memory = desk.memory
    tries = memory.tries + 1
    if error == "programMissing" and tries <= MAX_PROGRAM_TRIES:
        desk.out.append(SendProgram(desk.mission.id, "the robot says it has no program for this attempt"))
        return _later(desk, tries, text)
    if error == "missing" and conditions.wanted_later(desk.steps, step.index, "missing"):
        desk.set_step(step.index, "failed", result or {"result": "missing"})
        desk.memory = Memory(step=step.index, leg=memory.leg)
        return True
    if error == "interrupted":
        # begun before a restart and not finished: never repeated silently (a person must look)
        return _ask_person(
            desk, f"{desk.robot.name} restarted in the middle of step {step.index + 1}. Look, then retry or cancel."
        )
    if tries <= MAX_TRIES and not desk.robot.fault:
        return _later(desk, tries, text)
    if carries(desk) or desk.robot.fault:
        return _ask_person(desk, f"{text}, {tries - 1} tries. {desk.robot.name} needs a decision.")
    desk.set_step(step.index, "failed", dict(result) or {"error": error})
    _give_back(desk)
    desk.out.append(EndAttempt(desk.mission.id, "failed", text))
    desk.set_mission(life.FAILED, f"{text}, after {tries - 1} tries", "failed")
    return False


def answer_retriable(desk: Desk) -> bool:
    """An action failed and the robot waits to be told (3.0, 6.6.9): it tries again, then goes on without it.

    What is skipped turns FAILED, and is dealt with as that.
    """
    robot, memory = desk.robot, desk.memory
    waiting = next(a for a in memory.actions if a in robot.actions and robot.actions[a].status == RETRIABLE)
    name = f"{memory.order}.answer"
    last = robot.actions.get(f"{name}{memory.asked}")
    if memory.asked and (last is None or last.status not in FINAL_ACTIONS):
        if memory.since is None or desk.now - memory.since < ANSWER_S:
            return False
        desk.memory = replace(memory, phase="renew")  # it does not take the answer either: the order is cancelled
        return True
    kind = "retry" if memory.asked < MAX_TRIES else "skipRetry"
    desk.memory = replace(memory, asked=memory.asked + 1, since=desk.now)
    desk.out.append(Instant(robot.id, kind, f"{name}{memory.asked + 1}", {"actionId": waiting}))
    desk.out.append(Note(desk.mission.id, "retry", f"{robot.name} could not do it; it is told to {SAID[kind]}", None))
    return False


def again(desk: Desk) -> bool:
    """The next try of a step, as a new order, once the robot is free for one."""
    memory = desk.memory
    if not free(desk.robot) or (memory.since is not None and desk.now - memory.since < RETRY_AFTER_S):
        return False
    text = f"{memory.text}; try {memory.tries} of step {memory.step + 1}"
    desk.out.append(Note(desk.mission.id, "retry", text, None))
    leg(desk, desk.steps[memory.step], memory.goal, memory)
    return False


def _later(desk: Desk, tries: int, text: str) -> bool:
    desk.memory = replace(desk.memory, phase="again", tries=tries, text=text)
    return True


def _give_back(desk: Desk) -> None:
    """Free what lies ahead of the robot, once: afterwards the attempt has no order and the robot stands."""
    desk.out.append(Abandon(desk.robot.id, desk.robot.at, desk.memory.order))
    desk.robot = replace(desk.robot, moving=False)
    desk.memory = replace(desk.memory, order="", actions=(), cancels=0)


def _ask_to_cancel(desk: Desk) -> None:
    memory = desk.memory
    answer = desk.robot.actions.get(f"{memory.order}.cancel{memory.cancels}")
    if memory.cancels == 0 or (answer and answer.status == "FAILED" and memory.cancels < MAX_TRIES):
        desk.memory = replace(memory, cancels=memory.cancels + 1)
        desk.out.append(Instant(desk.robot.id, "cancelOrder", f"{memory.order}.cancel{memory.cancels + 1}"))


def _end_cancelled(desk: Desk) -> None:
    memory = desk.memory
    sure = "still carries" if desk.robot.loaded else "may still carry"
    text = memory.text + (f"; {desk.robot.name} {sure} its load" if carries(desk) else "")
    desk.out.append(EndAttempt(desk.mission.id, "cancelled", text))
    for step in list(desk.steps.values()):
        if memory.after == life.CANCELLED and step.state in ("pending", "active"):
            desk.set_step(step.index, "cancelled")
        elif step.state == "active":
            desk.set_step(step.index, "pending")
    desk.set_mission(memory.after, text, memory.after)


def _ask_person(desk: Desk, text: str) -> bool:
    desk.memory = replace(desk.memory, phase="stuck", text=text)
    desk.set_mission(life.FAILING, text, "needs_decision")
    return False
