"""The working copy of one attempt while it is advanced, and the one way in which a robot is given a leg."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import skills
from .facts import Decision, Drive, LegAction, Memory, MissionFact, Nearest, RobotFact, SetMission, SetStep, StepFact

FINAL_ACTIONS = frozenset({"FINISHED", "FAILED"})


@dataclass(slots=True)
class Desk:
    """Facts as they were read, memory and steps as they change, and what was decided so far."""

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


def free(robot: RobotFact) -> bool:
    """By its own word and by what was released to it, it may be given a new order (2.1, 6.6.2)."""
    busy = robot.moving or robot.driving or robot.acting or robot.pending
    return not (busy or (robot.order_id and robot.remaining))


def carries(desk: Desk) -> bool:
    """By the robot's own word; where it reports no loads, by what the mission's steps have put on it."""
    return desk.robot.loaded or (not desk.robot.loads_known and skills.carried(desk.steps) > 0)


def unfinished(robot: RobotFact, actions: Sequence[str]) -> bool:
    return any(a in robot.actions and robot.actions[a].status not in FINAL_ACTIONS for a in actions)


def goal_of(desk: Desk, step: StepFact, memory: Memory) -> str | None:
    """The node a step is done at; None when there is none at the moment."""
    if step.op == "patrol":
        nodes = step.payload.get("nodes") or []
        return place_at(desk, nodes[memory.place % len(nodes)]) if nodes else None
    if step.op == "home":
        return desk.robot.home or desk.nearest(desk.robot, "parking")
    if step.op == "charge" and not step.payload.get("node"):
        return desk.nearest(desk.robot, "charger")
    node = step.payload.get("node")
    return place_at(desk, node) if node else None


def place_at(desk: Desk, node: str) -> str:
    """The nearest free place of the station that `node` belongs to; `node` itself when all are taken."""
    return desk.nearest(desk.robot, f"at:{node}") or node


def leg(desk: Desk, step: StepFact, goal: str, memory: Memory) -> None:
    """Send the robot to `goal` for `step`, by an order whose id was never used; `free` must hold."""
    number = memory.leg + 1
    order = f"{desk.mission.key}.{step.index}.{number}"
    actions = skills.actions(order, desk.mission.key, goal, step, desk.steps, desk.robot.speech)
    in_order = desk.robot.charging and desk.robot.speech.unplug == "order"
    first = (LegAction(f"{order}.stopCharging", "stopCharging"),) if in_order else ()
    desk.out.append(Drive(desk.robot.id, order, goal, actions, first))
    ids = tuple(a.id for a in (*first, *actions))
    desk.memory = replace(
        memory, phase="drive", leg=number, order=order, goal=goal, actions=ids, since=desk.now, text="", asked=0
    )
