"""One attempt of one mission, brought as far as the robot's own reports allow.

Pure: no clock, no chance, no rows. The shell (`missions.dispatcher`) builds the facts, carries the decisions out in one
transaction and sends what follows. Only what the robot reports counts as progress (VDA 5050 2.1, 6.10.6): neither a
sent message nor a finished Celery task does. One VDA 5050 order per leg: the drive to a step's node and the
actions there.
"""

from __future__ import annotations

from dataclasses import replace

from . import conditions
from . import lifecycle as life
from .desk import Desk, free, goal_of, leg, place_at
from .facts import Decision, EndAttempt, Memory, MissionFact, Nearest, Note, RobotFact, StepFact
from .gauge import GOOD
from .setback import MAX_TRIES, RETRIABLE, again, answer_retriable, cancel, failed, rejected, renew

__all__ = ["MAX_TRIES", "NO_CHARGER", "advance"]

DEFAULT_CHARGE_PCT = 80.0
NO_CHARGER = "no free charger"


def advance(mission: MissionFact, robot: RobotFact, now: float, nearest: Nearest) -> tuple[Memory, list[Decision]]:
    """Bring one attempt as far as the robot's reports allow. Returns its new memory and what is to be done."""
    desk = Desk(mission, robot, now, nearest, mission.memory, {s.index: s for s in mission.steps})
    handlers = {
        "next": _next,
        "drive": _drive,
        "again": again,
        "renew": renew,
        "wait": _wait,
        "confirm": _confirm,
        "charge": _charge,
        "cancel": cancel,
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
    goal = goal_of(desk, step, memory)
    if goal is None:
        text = NO_CHARGER if step.op == "charge" else "no way to the place of the next step"
        if memory.text != text:
            desk.memory = replace(memory, text=text)
            desk.set_mission(life.WAITING, text, "waiting")
        return False
    if not free(desk.robot):
        return False  # it still does what was released before; a new order needs an idle robot (2.1, 6.6.2)
    if step.state != "active":
        desk.set_step(step.index, "active")
    leg(desk, step, goal, replace(fresh, place=memory.place, round=memory.round, tries=memory.tries))
    if desk.mission.state == life.WAITING:
        desk.set_mission(life.RUNNING)
    return False


def _drive(desk: Desk) -> bool:
    robot, memory = desk.robot, desk.memory
    step = desk.steps[memory.step]
    if memory.order in robot.rejected:
        return rejected(desk, step)
    if memory.order == robot.broken:
        desk.memory = replace(memory, phase="renew")
        return True
    if robot.order_id != memory.order:
        return False
    if desk.mission.state == life.ASSIGNED:
        desk.set_mission(life.RUNNING, "", "started")
    bad = [robot.actions[a] for a in memory.actions if a in robot.actions and robot.actions[a].status == "FAILED"]
    if bad:
        result = bad[0].result
        error = str(result.get("error") or result.get("result") or "failed")
        return failed(desk, step, error, str(result.get("text") or f"{step.op} did not succeed"), result)
    if any(a in robot.actions and robot.actions[a].status == RETRIABLE for a in memory.actions):
        return answer_retriable(desk)
    done = all(a in robot.actions and robot.actions[a].status == "FINISHED" for a in memory.actions)
    if not (robot.at == memory.goal and not robot.remaining and not robot.driving and not robot.moving):
        return False
    if not done:
        return _send_to_act(desk, step)
    result = dict(robot.actions[memory.actions[-1]].result) if memory.actions else {}
    if step.op == "patrol":
        return _patrolled(desk, step)
    if step.op == "charge":
        return _charging_began(desk, step)
    desk.set_step(step.index, "done", result or None)
    desk.memory = Memory(step=step.index, leg=memory.leg)
    return True


def _send_to_act(desk: Desk, step: StepFact) -> bool:
    """It came to its goal by making way for another, without the actions: they come in an order of their own."""
    if desk.memory.actions[-1] not in desk.robot.actions:
        leg(desk, step, desk.memory.goal, desk.memory)
    return False


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
    goal = place_at(desk, nodes[place])
    leg(desk, step, goal, replace(memory, place=place, round=rounds, until=began, tries=0))
    return False


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
    target = min(desk.memory.until or DEFAULT_CHARGE_PCT, GOOD if desk.robot.coarse else 100.0)
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
