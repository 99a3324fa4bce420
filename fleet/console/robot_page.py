"""What the robot page, the selection card and the map's path show of one robot."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fleet.accounts.access import Actor
from fleet.accounts.models import Site
from missions.core import lifecycle as life
from missions.models import Mission, MissionEvent
from robots import floor_requests as asking
from robots.core.frames import Status
from robots.core.layout import Layout
from robots.models import Command, FloorRequest, ResourceHold, Robot
from robots.snapshots import layout_in_force, robot_view

from . import floor_panel, robot_reports
from .here import roles_text

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
        "wait": view.waiting if view.waiting and view.waiting.blocks else None,
        "releases": _releases(robot, actor, now),
        "releasable": bool(holds) or len(view.base) > 0,
        "who_may_floor": roles_text("floor"),
        **robot_reports.context(robot, now),
    }


def _releases(robot: Robot, actor: Actor, now: datetime) -> list[floor_panel.RequestShown]:
    """Requests of two persons about this robot that are open."""
    rows = asking.waiting(robot.site, now).filter(kind__in=FloorRequest.TWO_PERSONS, target=robot.serial)
    return [floor_panel.shown(row, actor, now) for row in rows.order_by("id")]


def way_of(robot: Robot) -> list[tuple[str, str]]:
    """The nodes of its base with the names of the stations there."""
    in_force, traffic = layout_in_force(robot.site), getattr(robot, "traffic", None)
    layout = in_force[1] if in_force else None
    nodes = dict.fromkeys(str(visit.get("node", "")) for visit in traffic.base) if traffic else {}
    return [(node, place_name(layout, node)) for node in nodes if node]


def confirming(robot: Robot, actor: Actor, public_id: str, now: datetime) -> floor_panel.RequestShown | None:
    """The open request of this robot that the address asks to confirm."""
    found = (row for row in _releases(robot, actor, now) if row.id == public_id)
    return next((row for row in found if row.state == "waiting_for_second_person"), None)


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
