"""Settings, Robot maps: the hosted files, which robots have them, and what each robot does about its maps next."""

from __future__ import annotations

from typing import Any

from fleet.accounts.models import Site
from robots.map_state import RobotMaps, files_of, robots_of
from robots.maps import MAX_BYTES
from robots.models import RobotType
from robots.snapshots import layout_in_force

STEPS = {"downloadMap": "is told to load it", "enableMap": "is told to enable it", "deleteMap": "is told to delete it"}


def map_tab(site: Site) -> dict[str, Any]:
    robots = robots_of(site)
    return {
        "files": files_of(site, robots),
        "map_robots": [
            (one, STEPS.get(one.step.kind, one.step.why) if one.step else "", _failed(one)) for one in robots
        ],
        "robot_types": RobotType.objects.filter(robot__site=site).distinct().order_by("name"),
        "map_id": found[1].map_id if (found := layout_in_force(site)) else "",
        "most_mib": MAX_BYTES // 1_048_576,
    }


def _failed(one: RobotMaps) -> str:
    """What the robot says of its last try at the step, "" unless it failed: its own words."""
    states = one.robot.state.action_states if one.step else []
    tries = [row for row in states if one.step and row.get("action_type") == one.step.kind]
    if not tries or tries[-1].get("status") != "FAILED":
        return ""
    return str(tries[-1].get("result") or "?")
