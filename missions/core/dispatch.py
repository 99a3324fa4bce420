"""One attempt of one mission, brought as far as the robot's own reports allow.

Pure: no clock, no chance, no rows. The shell (`missions.dispatcher`) builds the facts, carries the decisions out in one
transaction and sends what follows. Only what the robot reports counts as progress (VDA 5050 2.1, 6.10.6): neither a
sent message nor a finished Celery task does. One VDA 5050 order per leg: the drive to a step's node and the
actions there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import conditions
from . import lifecycle as life
from .facts import (
    Abandon,
    Decision,
    Drive,
    EndAttempt,
    Instant,
    LegAction,
    Memory,
    MissionFact,
    Nearest,
    Note,
    RobotFact,
    SendProgram,
    SetMission,
    SetStep,
    StepFact,
)

FINAL_ACTIONS = frozenset({"FINISHED", "FAILED"})
MAX_TRIES = 3
MAX_PROGRAM_TRIES = 5
DEFAULT_CHARGE_PCT = 80.0

# plan operation -> VDA 5050 action at the step's node (2.1, 6.8.1; scan and inspect are declared in the factsheet)
ACTION_OF = {"pick": "pick", "drop": "drop", "scan": "scan", "inspect": "inspect", "charge": "startCharging"}


@dataclass(slots=True)
class Desk:
    """The working copy of one attempt while it is advanced."""

    mission: MissionFact
    robot: RobotFact
    now: float
    nearest: Nearest
    memory: Memory
    steps: dict[int, StepFact]
    out: list[Decision] = field(default_factory=list)

    def set_step(self, index: int, state: str, result: Mapping[str, Any] | None = None) -> None:
        self.steps[index] = replace(self.steps[index], state=state, result=result)
        self.out.append(SetStep(self.mission.id, index, state, result))

    def set_mission(self, state: str, reason: str = "", kind: str = "state") -> None:
        self.mission = replace(self.mission, state=state)
        self.out.append(SetMission(self.mission.id, state, reason, kind))


def advance(mission: MissionFact, robot: RobotFact, now: float, nearest: Nearest) -> tuple[Memory, list[Decision]]:
    """Bring one attempt as far as the robot's reports allow. Returns its new memory and what is to be done."""
    desk = Desk(mission, robot, now, nearest, mission.memory, {s.index: s for s in mission.steps})
    handlers = {
        "next": _next,
        "drive": _drive,
        "wait": _wait,
        "confirm": _confirm,
        "charge": _charge,
        "cancel": _cancel,
        "stuck": _stuck,
    }
    for _ in range(len(mission.steps) * 2 + 4):  # each round ends a step or a phase; more would be a loop of ours
        if not handlers[desk.memory.phase](desk):
            break
    return desk.memory, desk.out


# --- phases of an attempt: True means that the next phase can be looked at in the same cycle ---


def _next(desk: Desk) -> bool:
    pending = [s for s in sorted(desk.steps.values(), key=lambda s: s.index) if s.state == "pending"]
    if not pending:
        desk.out.append(EndAttempt(desk.mission.id, "done"))
        desk.set_mission(life.COMPLETED, "", "completed")
        return False
    step = pending[0]
    if (why := conditions.unmet(step, desk.steps, desk.robot)) is not None:
        desk.set_step(step.index, "skipped", {"because": why})
        return True
    return _begin(desk, step)


def _begin(desk: Desk, step: StepFact) -> bool:
    now, memory = desk.now, desk.memory
    fresh = Memory(step=step.index, leg=memory.leg, since=now)
    if step.op == "report":
        desk.set_step(step.index, "done", None)
        desk.out.append(Note(desk.mission.id, "report", conditions.report(desk.steps), None))
        return True
    if step.op == "wait":
        if step.payload.get("until") == "confirmed":
            desk.memory = replace(fresh, phase="confirm")
            desk.set_mission(life.WAITING, "waits for a person to confirm", "waiting")
        else:
            seconds = float(step.payload.get("seconds") or 0.0)
            desk.memory = replace(fresh, phase="wait", until=now + seconds)
            desk.set_mission(life.WAITING, f"waits {seconds:g} s as planned", "waiting")
        desk.set_step(step.index, "active")
        return True
    if step.op == "patrol" and memory.step != step.index:
        memory = fresh
    goal = _goal(desk, step, memory)
    if goal is None:
        text = "no free charger" if step.op == "charge" else "no way to the place of the next step"
        if memory.text != text:
            desk.memory = replace(memory, text=text)
            desk.set_mission(life.WAITING, text, "waiting")
        return False
    if desk.robot.moving or (desk.robot.order_id and desk.robot.remaining):
        return False  # it still drives what was released before; a new order needs an idle robot (2.1, 6.6.2)
    if step.state != "active":
        desk.set_step(step.index, "active")
    _leg(desk, step, goal, replace(fresh, place=memory.place, round=memory.round, tries=memory.tries))
    if desk.mission.state == life.WAITING:
        desk.set_mission(life.RUNNING)
    return False


def _goal(desk: Desk, step: StepFact, memory: Memory) -> str | None:
    if step.op == "patrol":
        nodes = step.payload.get("nodes") or []
        return nodes[memory.place % len(nodes)] if nodes else None
    if step.op == "home":
        return desk.robot.home or desk.nearest(desk.robot, "parking")
    if step.op == "charge" and not step.payload.get("node"):
        return desk.nearest(desk.robot, "charger")
    return step.payload.get("node")


def _leg(desk: Desk, step: StepFact, goal: str, memory: Memory) -> None:
    number = memory.leg + 1
    order = f"{desk.mission.key}.{step.index}.{number}"
    actions: tuple[LegAction, ...] = ()
    if kind := ACTION_OF.get(step.op):
        parameters = {
            "attempt": desk.mission.key,
            "step": step.index,
            "stationName": step.payload.get("station") or goal,
            "loadType": step.payload.get("item"),
            "quantity": step.payload.get("qty"),
        }
        known = {key: value for key, value in parameters.items() if value is not None}
        actions = (LegAction(f"{order}.{kind}", kind, known),)
    first = (LegAction(f"{order}.stopCharging", "stopCharging"),) if desk.robot.charging else ()
    desk.out.append(Drive(desk.robot.id, order, goal, tuple(actions), first))
    ids = tuple(a.id for a in (*first, *actions))
    desk.memory = replace(
        memory, phase="drive", leg=number, order=order, goal=goal, actions=ids, since=desk.now, text=""
    )


def _drive(desk: Desk) -> bool:
    robot, memory = desk.robot, desk.memory
    step = desk.steps[memory.step]
    if memory.order in robot.rejected:
        return _failed(desk, step, "rejected", robot.fault or "the robot rejected the order", {})
    if robot.order_id != memory.order:
        return False
    if desk.mission.state == life.ASSIGNED:
        desk.set_mission(life.RUNNING, "", "started")
    failed = [robot.actions[a] for a in memory.actions if a in robot.actions and robot.actions[a].status == "FAILED"]
    if failed:
        result = failed[0].result
        error = str(result.get("error") or result.get("result") or "failed")
        return _failed(desk, step, error, str(result.get("text") or f"{step.op} did not succeed"), result)
    done = all(a in robot.actions and robot.actions[a].status == "FINISHED" for a in memory.actions)
    if not (done and robot.at == memory.goal and not robot.remaining and not robot.driving):
        return False
    result = dict(robot.actions[memory.actions[-1]].result) if memory.actions else {}
    if step.op == "patrol":
        return _patrolled(desk, step)
    if step.op == "charge":
        return _charging_began(desk, step)
    desk.set_step(step.index, "done", result or None)
    desk.memory = Memory(step=step.index, leg=memory.leg)
    return True


def _patrolled(desk: Desk, step: StepFact) -> bool:
    memory = desk.memory
    nodes = step.payload.get("nodes") or []
    place, rounds = memory.place + 1, memory.round
    if place >= len(nodes):
        place, rounds = 0, rounds + 1
    times, seconds = step.payload.get("times"), step.payload.get("seconds")
    began = memory.until if memory.until is not None else desk.now
    over = (
        (times is not None and rounds >= times)
        or (seconds is not None and desk.now - began >= seconds)
        or (
            times is None
            and seconds is None
            and desk.mission.deadline is not None
            and desk.now >= desk.mission.deadline
        )
    )
    if over:
        desk.set_step(step.index, "done", {"rounds": rounds})
        desk.memory = Memory(step=step.index, leg=memory.leg)
        return True
    goal = nodes[place]
    _leg(desk, step, goal, replace(memory, place=place, round=rounds, until=began, tries=0))
    return False


def _deadline_passed(desk: Desk) -> bool:
    return desk.mission.deadline is not None and desk.now >= desk.mission.deadline


def _charging_began(desk: Desk, step: StepFact) -> bool:
    last = all(s.state not in ("pending",) for s in desk.steps.values())
    if step.payload.get("to_pct") is None and last:
        # "then go and charge" ends the mission once the robot charges; it stays there, free for the next one
        desk.set_step(step.index, "done", {"charging": True, "battery_pct": desk.robot.battery})
        desk.memory = Memory(step=step.index, leg=desk.memory.leg)
        return True
    target = float(step.payload.get("to_pct") or DEFAULT_CHARGE_PCT)
    desk.memory = replace(desk.memory, phase="charge", until=target)
    desk.set_mission(life.WAITING, f"charges to {target:g} %", "waiting")
    return True


def _charge(desk: Desk) -> bool:
    target = desk.memory.until or DEFAULT_CHARGE_PCT
    if desk.robot.battery is None or desk.robot.battery < target:
        return False
    desk.set_step(desk.memory.step, "done", {"battery_pct": desk.robot.battery})
    desk.memory = Memory(step=desk.memory.step, leg=desk.memory.leg)
    return True


def _wait(desk: Desk) -> bool:
    if desk.memory.until is not None and desk.now < desk.memory.until:
        return False
    desk.set_step(desk.memory.step, "done", None)
    desk.memory = Memory(step=desk.memory.step, leg=desk.memory.leg)
    desk.set_mission(life.RUNNING, "", "state")
    return True


def _confirm(desk: Desk) -> bool:
    return False  # ends by a person's `confirm`, see `confirmed`


def _stuck(desk: Desk) -> bool:
    return False  # ends by a person's retry, re-assign or cancel


def _cancel(desk: Desk) -> bool:
    """Wait for the robot's own word that it stands and has nothing left (2.1, 6.6.3), then end the attempt.

    An order that was sent and not confirmed yet may still arrive: it is waited for, then cancelled.
    """
    robot, memory = desk.robot, desk.memory
    sent = bool(memory.order) and robot.sent_order == memory.order
    if sent and memory.order not in robot.rejected:
        if robot.order_id != memory.order:
            return False
        if robot.remaining or robot.driving or _unfinished(robot, memory.actions):
            answer = robot.actions.get(f"{memory.order}.cancel{memory.cancels}")
            if memory.cancels == 0 or (answer and answer.status == "FAILED" and memory.cancels < MAX_TRIES):
                desk.memory = replace(memory, cancels=memory.cancels + 1)
                desk.out.append(Instant(robot.id, "cancelOrder", f"{memory.order}.cancel{memory.cancels + 1}"))
            return False
    if memory.order:
        desk.out.append(Abandon(robot.id, robot.at))
    _end_cancelled(desk)
    return False


def _end_cancelled(desk: Desk) -> None:
    memory = desk.memory
    text = memory.text + (f"; {desk.robot.name} still carries its load" if desk.robot.loaded else "")
    desk.out.append(EndAttempt(desk.mission.id, "cancelled", text))
    for step in list(desk.steps.values()):
        if memory.after == life.CANCELLED and step.state in ("pending", "active"):
            desk.set_step(step.index, "cancelled")
        elif step.state == "active":
            desk.set_step(step.index, "pending")
    desk.set_mission(memory.after, text, memory.after)


def _unfinished(robot: RobotFact, actions: Sequence[str]) -> bool:
    return any(a in robot.actions and robot.actions[a].status not in FINAL_ACTIONS for a in actions)


def _failed(desk: Desk, step: StepFact, error: str, text: str, result: Mapping[str, Any]) -> bool:
    memory = desk.memory
    tries = memory.tries + 1
    if error == "programMissing" and tries <= MAX_PROGRAM_TRIES:
        desk.out.append(SendProgram(desk.mission.id, "the robot says it has no program for this attempt"))
        return _again(desk, step, tries, text)
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
        return _again(desk, step, tries, text)
    if desk.robot.loaded or desk.robot.fault:
        return _ask_person(desk, f"{text}, {tries - 1} tries. {desk.robot.name} needs a decision.")
    desk.set_step(step.index, "failed", dict(result) or {"error": error})
    desk.out.append(Abandon(desk.robot.id, desk.robot.at))
    desk.out.append(EndAttempt(desk.mission.id, "failed", text))
    desk.set_mission(life.FAILED, f"{text}, after {tries - 1} tries", "failed")
    return False


def _again(desk: Desk, step: StepFact, tries: int, text: str) -> bool:
    if desk.robot.remaining or desk.robot.driving:
        return False
    desk.out.append(Note(desk.mission.id, "retry", f"{text}; try {tries} of step {step.index + 1}", None))
    _leg(desk, step, desk.memory.goal, replace(desk.memory, tries=tries))
    return False


def _ask_person(desk: Desk, text: str) -> bool:
    desk.memory = replace(desk.memory, phase="stuck", text=text)
    desk.set_mission(life.FAILING, text, "needs_decision")
    return False
