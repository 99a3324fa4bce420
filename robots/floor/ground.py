"""The ground that traffic stands on: a published layout and the vehicle types of the site, as one road map."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fleet.accounts.models import Site

from ..core.footprint import VehicleType
from ..core.layout import Layout
from ..core.routing import RoadMap
from ..core.traffic import AdmissionRefused, Traffic
from ..models import RobotType
from .orders import ON_LANE_M


def types_of(kinds: Iterable[RobotType]) -> tuple[VehicleType, ...]:
    """What the road map has to know of the robot types of a site, each once."""
    found = {k.slug: vehicle_of(k) for k in kinds}
    return tuple(found[slug] for slug in sorted(found))


def vehicle_of(kind: RobotType) -> VehicleType:
    """The type as traffic reckons with it: padded deviations let it report a node so much farther off.

    What that report frees it may still reach into by as much, so its contour counts as grown to every side.
    """
    grown = 2 * kind.deviation_padding
    return VehicleType(kind.slug, kind.length + grown, kind.width + grown, kind.max_speed)


def types_at(site: Site) -> tuple[VehicleType, ...]:
    """The vehicle types of the robots registered at the site. One query."""
    return types_of(RobotType.objects.filter(robot__site=site).distinct())


def types_to_json(types: Sequence[VehicleType]) -> list[dict[str, Any]]:
    return [{"id": t.id, "length": t.length, "width": t.width, "max_speed": t.max_speed} for t in types]


def types_from_json(rows: Sequence[dict[str, Any]]) -> tuple[VehicleType, ...]:
    return tuple(VehicleType(**row) for row in rows)


def road_of(layout: Layout, types: Sequence[VehicleType]) -> RoadMap:
    return RoadMap(layout, types=types)


def carry_over(old: Traffic, new: Traffic, now: float, types: Mapping[str, str]) -> str:
    """Every robot, closed zone, taken door and blocked place onto a new ground; why one of them cannot be, or "".

    `types` by serial. What the new ground does not have is left behind, but never a place that a robot stands on.
    """
    kept = old.snapshot()
    if why_not := _places_carried_over(old, new, kept, now):
        return why_not
    for serial, row in sorted(kept["ledger"]["robots"].items()):
        (at, *lane), beside = row["base"], row["beside"]  # at rest: on a node, or on the lane to the next
        for node in (at, *lane, *beside):
            if node not in new.road.index:
                return f"{serial} cannot stay where it stands: {node} is not a node of the new layout"
            moved = math.dist(old.road.points[old.road.index[node]], new.road.points[new.road.index[node]])
            if moved > ON_LANE_M:
                return f"{serial} cannot stay where it stands: {node} lies {moved:.1f} m elsewhere in the new layout"
        try:
            new.admit(serial, at, now, vehicle_type=types.get(serial), beside=beside, to=lane[0] if lane else None)
        except AdmissionRefused as refusal:
            return f"{serial} cannot stay where it stands: {refusal}"
    for serial, nodes in kept["misplaced"].items():
        new.misplaced(serial, [node for node in nodes if node in new.road.index], now)
    return ""


def _places_carried_over(old: Traffic, new: Traffic, kept: Mapping[str, Any], now: float) -> str:
    zones = {zone.id for zone in new.road.layout.zones}
    for zone, state in old.zones().items():
        if state != "open" and zone in zones:
            new.set_zone(zone, True, now)
    doors = {door.id for door in new.road.layout.doors}
    for door, taken in kept.get("doors", {}).items():
        # as of before it was due: an overdue door is still theirs
        if door in doors and (why_not := new.take_door(door, taken["owner"], taken["until"], taken["until"] - 1.0)):
            return f"{door} cannot stay taken: {why_not}"
    places = {*new.road.names, *new.road.edge_names}
    for place, block in kept.get("blocks", {}).items():
        if place in places:
            new.block(place, block["until"], block["by"], now)
    return ""
