"""The zone set of a layout: what a robot of VDA 5050 3.0 may know of our zones (3.0 sections 6.4.1, 6.4.2, 6.4.4).

Our traffic keeps every robot's base to the zones, whatever it knows of them. A zone set tells a robot that finds its
own way between nodes what it has to mind there. LINE_GUIDED is not made: our edges carry no trajectories.
Zones that people close while the site runs are not in it. A set is immutable and takes a distribution and an enabling
to change, and BLOCKED is judged by the robot's contour, so robots on a lane beside a zone closed for an hour would have
to stop; traffic shuts the zone at once, for robots of every version, and requests to enter it are not granted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from robots.core.layout_parts import Layout
from robots.core.layout_parts import Zone as LayoutZone
from robots.core.polygons import clipped, overlap, simple, tidy, way_to_polygon

from .messages import ReleaseLoss, Vertex, Zone, ZoneSet, ZoneType
from .reports import ZoneSetInfo

TYPE_OF: Final = {
    "human_only": ZoneType.BLOCKED,
    "closed": ZoneType.BLOCKED,
    "release": ZoneType.RELEASE,
    "speed": ZoneType.SPEED_LIMIT,
    "directed": ZoneType.DIRECTED,
    "penalty": ZoneType.PENALTY,
}
"""Kinds without an entry (area) only give a place its name."""
RANK: Final = {kind: rank for rank, kind in enumerate(dict.fromkeys(TYPE_OF.values()))}
RELEASE_LOSS: Final = ReleaseLoss.STOP
"""A robot that loses its grant stands where it is: that place stays taken until it reports another, so nothing it does
then was not foreseen. CONTINUE would drive on through a zone closed for a reason, EVACUATE along a way nobody reserved.
"""
ONE_WAY: Final = (ZoneType.DIRECTED, ZoneType.BIDIRECTED)
CONTOUR: Final = (ZoneType.BLOCKED, ZoneType.RELEASE)


@dataclass(frozen=True, slots=True)
class MadeSet:
    """`zone_set` may be without zones. `findings` are for people."""

    zone_set: ZoneSet
    findings: tuple[str, ...] = ()


def zone_set_of(
    layout: Layout,
    *,
    owner: str = "",
    supported: Iterable[ZoneType] | None = None,
    most: int | None = None,
    reach: float = 0.0,
) -> MadeSet:
    """The zones of `layout` that a robot supports (None: all types), at most `most` of them, as an immutable set.

    Its id follows from the content and from `owner` (the site), so the same zones always have the same id.
    `reach` (m, half the width of a robot) is used to tell of lanes so close to a zone that its contour is in the zone.
    """
    types = set(ZoneType) if supported is None else set(supported)
    findings: list[str] = []
    zones: list[Zone] = []
    for given in sorted(layout.zones, key=lambda zone: RANK.get(TYPE_OF.get(zone.kind, ZoneType.ACTION), len(RANK))):
        kind = TYPE_OF.get(given.kind)
        if kind is None or kind not in types:
            continue
        zone = _zone(layout, given, kind, findings)
        if zone is not None and _may_join(zone, zones, findings):
            zones.append(zone)
    if most is not None and len(zones) > most:
        names = ", ".join(zone.zone_id for zone in zones[most:])
        findings.append(f"The robot takes {most} zones at most; it is not told of {names}.")
        zones = zones[:most]
    findings += _too_close(layout, zones, reach)
    return MadeSet(_named(ZoneSet("", layout.map_id, tuple(zones)), owner), tuple(findings))


def zone_types(zone_set: ZoneSet) -> list[str]:
    return sorted({str(zone.zone_type) for zone in zone_set.zones})


def penalty(factor: float) -> float:
    """Our factor (1: as dear as anywhere, without limit) as a penaltyFactor (0: no penalty .. 1: only if no other way).

    The share of the dearer price that is penalty: twice as dear is 0.5, ten times 0.9.
    """
    return 1.0 - 1.0 / max(1.0, factor)


def _zone(layout: Layout, given: LayoutZone, kind: ZoneType, findings: list[str]) -> Zone | None:
    corners = tidy(given.polygon)
    if layout.width > 0 and layout.height > 0:
        kept = clipped(corners, layout.width, layout.height)
        if kept != corners and any(not (0 <= x <= layout.width and 0 <= y <= layout.height) for x, y in corners):
            findings.append(f"{given.name} reaches beyond the map; robots are told of the part on it.")
            corners = kept
    if not simple(corners):
        findings.append(f"{given.name} is left out: its corners must make one area without crossing sides.")
        return None
    zone = Zone(given.id, kind, tuple(Vertex(x, y) for x, y in corners), given.name or None)
    match kind:
        case ZoneType.RELEASE:
            return replace(zone, release_loss=RELEASE_LOSS)
        case ZoneType.SPEED_LIMIT:
            return replace(zone, maximum_speed=given.max_speed)
        case ZoneType.PENALTY:
            return replace(zone, factor=penalty(given.factor or 1.0))
        case ZoneType.DIRECTED:
            # ours closes lanes more than 90 degrees off it: deviating is allowed, driving against it is not
            return replace(zone, direction=given.direction, limitation="RESTRICTED" if given.strict else "SOFT")
    return zone


def _may_join(zone: Zone, others: Sequence[Zone], findings: list[str]) -> bool:
    """DIRECTED and BIDIRECTED zones never overlap (6.4.4): of two that do, the first in the layout is kept."""
    if zone.zone_type not in ONE_WAY:
        return True
    for other in others:
        if other.zone_type in ONE_WAY and overlap(_points(zone), _points(other)):
            findings.append(
                f"{zone.descriptor or zone.zone_id} is left out: it overlaps {other.descriptor or other.zone_id}, "
                "and two zones with a direction must not."
            )
            return False
    return True


def _too_close(layout: Layout, zones: Sequence[Zone], reach: float) -> list[str]:
    """Lanes outside a zone on which a robot's contour is inside it: a robot of 3.0 stops or asks there."""
    if reach <= 0:
        return []
    at = {node.id: (node.x, node.y) for node in layout.nodes}
    found = []
    for zone in zones:
        if zone.zone_type not in CONTOUR:
            continue
        gaps = ((way_to_polygon([at[e.start], at[e.end]], _points(zone)), e.id) for e in layout.edges)
        near = sorted(edge for gap, edge in gaps if 0.0 < gap < reach)
        if near:
            lanes = f"{near[0]} and {len(near) - 1} more" if len(near) > 1 else near[0]
            found.append(f"Lane {lanes} lies so close to {zone.descriptor or zone.zone_id} that a robot on it "
                         f"is partly inside; leave at least {reach:.2f} m between them.")  # fmt: skip
    return found


def _points(zone: Zone) -> list[tuple[float, float]]:
    return [(vertex.x, vertex.y) for vertex in zone.vertices]


def _named(zone_set: ZoneSet, owner: str) -> ZoneSet:
    content = [
        [z.zone_id, z.zone_type, _points(z), z.descriptor, z.maximum_speed, z.release_loss, z.factor, z.direction,
         z.limitation]
        for z in zone_set.zones
    ]  # fmt: skip
    text = json.dumps([owner, zone_set.map_id, content], separators=(",", ":"))
    return replace(zone_set, zone_set_id=f"zones-{hashlib.sha256(text.encode()).hexdigest()[:24]}")


@dataclass(frozen=True, slots=True)
class SetStep:
    """`kind`: zoneSet (send it), enableZoneSet or deleteZoneSet."""

    kind: str
    zone_set_id: str


def next_step(reported: Sequence[ZoneSetInfo], wanted: ZoneSet, ours: Container[str]) -> SetStep | None:
    """What brings a robot nearer to having `wanted` enabled and nothing else of `ours`; None: it has (6.4.2).

    A set without zones is sent only to put one out of force. One that is enabled is never deleted.
    """
    here = {info.zone_set_id: info.status for info in reported if info.map_id == wanted.map_id}
    others = sorted(name for name in here if name != wanted.zone_set_id and name in ours)
    if wanted.zones or any(here[name] == "ENABLED" for name in others):
        if wanted.zone_set_id not in here:
            return SetStep("zoneSet", wanted.zone_set_id)
        if here[wanted.zone_set_id] != "ENABLED":
            return SetStep("enableZoneSet", wanted.zone_set_id)
    old = next((name for name in others if here[name] != "ENABLED"), None)
    return SetStep("deleteZoneSet", old) if old is not None else None
