"""What the map's traffic layer draws: who holds what, the granted and planned ways, zones, doors and obstacles.

With `after` only robots whose grants changed since then: dispatch touches a robot's row whenever it takes or frees
something, so nothing is missed that is written in that transaction.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from fleet.accounts.models import Site
from fleet.language.said import said
from robots.floor_requests import name_of
from robots.floor_state import FloorView, floor_view
from robots.models import ResourceHold, RobotTraffic
from robots.waits import Around, Wait

OVERLAP = timedelta(seconds=2)
"""A transaction that began before the last picture may have been committed after it."""


def picture(site: Site, now: datetime, *, after: datetime | None, robots: bool) -> dict[str, Any]:
    """The floor, and with `robots` what each of them (changed since `after`, if given) was granted."""
    around, floor = Around(site, now), floor_view(site, now)
    found: dict[str, Any] = {"known": floor.known, "now": now.isoformat(), **_floor(floor, around)}
    return found | _robots(site, around, after) if robots else found


def _floor(floor: FloorView, around: Around) -> dict[str, Any]:
    return {
        "zones": [
            {"id": z.id, "state": z.state, "inside": [around.party(serial).name for serial in z.inside]}
            for z in floor.zones
            if z.state != "open" and not z.by_layout
        ],
        "doors": [
            {"id": d.id, "owner": name_of(d.owner), "until": d.until, "overdue": d.overdue}
            for d in floor.doors
            if d.owner
        ],
        "blocks": [{"name": b.name, "until": b.until, "by": around.party(b.by).name} for b in floor.blocks],
        "misplaced": [
            {"name": around.party(serial).name, "nodes": list(nodes)}
            for serial, nodes in (floor.misplaced or {}).items()
        ],
    }


def _robots(site: Site, around: Around, after: datetime | None) -> dict[str, Any]:
    rows = RobotTraffic.objects.filter(robot__site=site).select_related("robot")
    if after is not None:
        rows = rows.filter(updated_at__gte=after - OVERLAP)
    rows = list(rows.defer("order", "leg"))
    held: dict[int, list[str]] = defaultdict(list)
    holds = ResourceHold.objects.filter(site=site)
    if after is not None:
        holds = holds.filter(robot__in=[row.robot_id for row in rows])
    for robot, resource in holds.order_by("resource").values_list("robot_id", "resource"):
        held[robot].append(resource)
    times = [row.updated_at for row in rows if row.updated_at]
    return {
        "full": after is None,
        "cursor": max([*times, after] if after else times).isoformat() if times or after else None,
        "robots": [
            {
                "index": row.robot.live_index,
                "base": [str(visit.get("node", "")) for visit in row.base],
                "horizon": [str(node) for node in row.horizon],
                "holds": held[row.robot_id],
                "wait": _wait(around.wait_of(row), row.robot.serial),
            }
            for row in rows
        ],
    }


def _wait(wait: Wait | None, serial: str) -> dict[str, Any] | None:
    if wait is None or not wait.blocks:
        return None
    other = wait.holder if wait.holder and wait.holder.serial != serial else None
    return {
        "text": said(wait.text),
        "place": wait.place,
        "holder": other.name if other else "",
        "since": wait.since,
        "ends": said(wait.ends),
        "known": wait.known,
    }
