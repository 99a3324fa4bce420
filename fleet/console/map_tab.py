"""Settings, Robot maps: the hosted files, which robots have them, and what each robot does about its maps next."""

from __future__ import annotations

from typing import Any

from fleet.accounts.models import Site
from robots.map_state import files_of, robots_of
from robots.maps import MAX_BYTES
from robots.models import RobotType
from robots.snapshots import layout_in_force

STEPS = {"downloadMap": "is told to load it", "enableMap": "is told to enable it", "deleteMap": "is told to delete it"}


def map_tab(site: Site) -> dict[str, Any]:
    robots = robots_of(site)
    return {
        "files": files_of(site, robots),
        "map_robots": [(one, STEPS.get(one.step.kind, one.step.why) if one.step else "") for one in robots],
        "robot_types": RobotType.objects.filter(robot__site=site).distinct().order_by("name"),
        "map_id": found[1].map_id if (found := layout_in_force(site)) else "",
        "most_mib": MAX_BYTES // 1_048_576,
    }
