"""What the robot page, the selection card and the map's path show of one robot."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fleet.accounts.access import Actor
from fleet.accounts.models import Site
from missions.core import lifecycle as life
from missions.models import Mission, MissionEvent
from robots.core.frames import Status
from robots.core.layout import Layout
from robots.models import Command, Factsheet, ResourceHold, Robot
from robots.snapshots import layout_in_force, robot_view

# of the kinds of `robots.core.traffic.explain`, those in which a robot that would go on cannot
WAITS = ("waiting_for_robot", "waiting_for_place", "no_way", "held")
WORKING = (Status.DRIVING, Status.ACTING)


def context(site: Site, actor: Actor, public_id: str, now: datetime) -> dict[str, Any] | None:
    """Everything of one robot; None when it is not this site's."""
    rows = Robot.objects.filter(site=site, public_id=public_id).select_related("site", "type", "state", "traffic")
    robot = rows.first()
    if robot is None:
        return None
    view = robot_view(robot, now)
    holds = list(ResourceHold.objects.filter(robot=robot).order_by("since"))
    in_force = layout_in_force(site)
    layout = in_force[1] if in_force else None
    wait = _wait(robot)
    open_mission = Mission.objects.filter(robot=robot, state__in=life.ACTIVE).prefetch_related("steps").first()
    steps = list(open_mission.steps.all()) if open_mission else []
    done = sum(step.state in ("done", "skipped", "failed", "cancelled") for step in steps)
    return {
        "robot": robot,
        "view": view,
        "word": state_word(view),
        "mission": open_mission,
        "mission_step": min(done + 1, len(steps)) if steps else 0,
        "mission_steps": len(steps),
        "holds": holds,
        "held_nodes": [hold.resource.partition(":")[2] for hold in holds if hold.resource.startswith("node:")],
        "goal": place_name(layout, view.goal),
        "last_place": place_name(layout, view.last_node),
        "commands": list(Command.objects.filter(robot=robot)[:10]),
        "events": list(
            MissionEvent.objects.filter(mission__robot=robot).select_related("mission").order_by("-id")[:10]
        ),
        "factsheet": Factsheet.objects.filter(robot=robot).first(),
        "waits": wait.get("text", ""),
        "waits_since": datetime.fromtimestamp(wait["since"], UTC) if wait.get("since") else None,
    }


def _wait(robot: Robot) -> dict[str, Any]:
    """Why it does not go on, or nothing: driving and being idle are explained too, but are no wait."""
    found = (getattr(robot, "traffic", None) and robot.traffic.waiting) or {}
    return found if found.get("kind") in WAITS else {}


def place_name(layout: Layout | None, node: str) -> str:
    """The station at the node, as people call it, else the node."""
    station = layout.station_at(node) if layout and node else None
    return f"{station.name} ({node})" if station else node


def state_word(view: Any) -> str:
    """The word that picks the symbol: a robot we do not hear is stale, whatever it last did."""
    if view.disconnected:
        return "disconnected"
    if view.stale:
        return "stale"
    if view.status is Status.ERROR:
        return "fault"
    if view.status in WORKING:
        return "working"
    return str(view.word).replace(" ", "-")


def path_of(robot: Robot) -> dict[str, list[str]]:
    """Node ids of its base (granted), its horizon (planned), and what it holds."""
    traffic = getattr(robot, "traffic", None)
    held = ResourceHold.objects.filter(robot=robot, resource__startswith="node:").values_list("resource", flat=True)
    return {
        "base": [str(visit.get("node", "")) for visit in traffic.base] if traffic else [],
        "horizon": [str(node) for node in traffic.horizon] if traffic else [],
        "holds": [resource.partition(":")[2] for resource in held],
    }
