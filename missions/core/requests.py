"""What a person asked for, turned into the attempt's new memory and decisions."""

from __future__ import annotations

from dataclasses import replace

from . import lifecycle as life
from .facts import Decision, Memory, MissionFact, SetMission, SetStep


def cancelled(mission: MissionFact, *, after: str, text: str) -> Memory:
    """Begin to take the attempt off its robot; `after` is what the mission becomes once the robot confirms."""
    return replace(mission.memory, phase="cancel", after=after, text=text, cancels=0)


def confirmed(mission: MissionFact) -> tuple[Memory, list[Decision]]:
    """A person confirmed: the waiting step is done."""
    memory = mission.memory
    done = SetStep(mission.id, memory.step, "done", {"confirmed": True})
    return Memory(step=memory.step, leg=memory.leg), [done, SetMission(mission.id, life.RUNNING, "", "confirmed")]


def retried(mission: MissionFact) -> tuple[Memory, list[Decision]]:
    """A person looked and wants the stuck step tried again, as a new order on the same attempt."""
    memory = mission.memory
    pending = SetStep(mission.id, memory.step, "pending", None)
    return Memory(step=memory.step, leg=memory.leg), [pending, SetMission(mission.id, life.RUNNING, "", "retried")]
