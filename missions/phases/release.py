"""Ways are planned and released, and what waits says for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robots.core.traffic.explain import sentence

from .. import reading
from ..apply import SYSTEM
from ..core import lifecycle as life

if TYPE_CHECKING:
    from ..apply import Desk

BLOCKED = (
    "waiting_for_robot", "waiting_for_place", "waiting_for_zone", "waiting_for_door", "waiting_for_turn", "no_way",
    "held",
)  # fmt: skip
BLOCKED_AFTER_S = 5.0


def release_ways(desk: Desk) -> None:
    """From the ends of all bases: plan, release what the ledger grants, and post the orders."""
    desk.floor.grant(desk.clock, desk.picture.robots)


def liveness(desk: Desk) -> None:
    """After robots became immovable: whether the rest can still all come to their ends, or which place to clear."""
    floor = desk.floor
    standing = frozenset((s.id, s.base[-1]) for s in floor.traffic.robots.values() if s.held is not None)
    if standing != desk.dispatcher.standing:
        desk.dispatcher.standing = standing
        floor.liveness = floor.traffic.liveness()
    if floor.liveness:
        desk.tell("", "liveness", floor.liveness)
    if floor.alarms.changed:
        desk.dispatcher.changed.add("attention")


def explain_waits(desk: Desk) -> None:
    """A mission whose robot is blocked for a while says by whom; one that moves again says so too."""
    for mission_id, attempt in desk.picture.attempts.items():
        mission, fact = desk.missions.get(mission_id), desk.facts.get(attempt.robot_id)
        if (
            mission is None
            or fact is None
            or not fact.reachable
            or mission.state not in (life.ASSIGNED, life.RUNNING, life.WAITING)
            or reading.memory_of(attempt.memory).phase != "drive"
        ):
            continue
        why = desk.floor.traffic.explain(fact.serial)
        blocked = why.kind in BLOCKED
        if blocked and desk.clock - why.since >= BLOCKED_AFTER_S:
            desk.wait(mission, sentence(fact.name, why.text))
        elif not blocked and mission.state == life.WAITING:
            desk.set_state(mission, life.RUNNING, "", "state", SYSTEM.name)
