"""When a mission will be done, as a plain estimate: driving at the lanes' speeds plus a fixed time per action."""

from __future__ import annotations

from datetime import datetime, timedelta

from robots.core.routing import UNREACHABLE
from robots.floor import Floor
from robots.models import Robot

from .models import Mission

ACTION_S = 8.0
DRIVING = 1.3  # waiting for others and turning, measured on the demonstration site


def estimate(mission: Mission, floor: Floor, robot: Robot, now: datetime) -> datetime | None:
    """From where the robot's base ends through the places of all steps that are not finished; None when unknown."""
    road, here, seconds = floor.traffic.road, floor.end(robot.serial), 0.0
    for step in mission.steps.all():
        if step.state in ("done", "skipped", "failed", "cancelled"):
            continue
        places = list(step.payload.get("nodes") or []) or [step.payload.get("node")]
        for node in places:
            if node is None or node not in road.index:
                continue
            leg = road.distances(road.index[node])[road.index[here]]
            if leg == UNREACHABLE:
                return None
            seconds += leg * DRIVING
            here = node
        seconds += float(step.payload.get("seconds") or 0.0) or (
            0.0 if step.op in ("move", "home", "report") else ACTION_S
        )
    return now + timedelta(seconds=seconds)
