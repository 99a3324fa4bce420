"""How the floor stands as dispatch wrote it down last: zones, doors, obstacles, alarms. Read by pages and REST."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fleet.accounts.models import Site

from .core.layout import NO_ENTRY_KINDS, Layout, Zone
from .models import FloorRequest, RobotTraffic, SiteTraffic
from .snapshots import layout_in_force
from .waits import dispatch_speaks


@dataclass(frozen=True, slots=True)
class ZoneView:
    """`state` open, closing (robots are still inside) or closed; `by_layout`: for ever, people cannot open it."""

    id: str
    name: str
    kind: str
    state: str
    by_layout: bool
    inside: tuple[str, ...] = ()
    since: datetime | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DoorView:
    """`owner` as `floor_requests.who` writes it, "" for nobody. Past `until` it is overdue and stays taken."""

    id: str
    name: str
    kind: str
    owner: str = ""
    until: datetime | None = None
    overdue: bool = False


@dataclass(frozen=True, slots=True)
class BlockView:
    """A node or edge reported blocked; cleared by itself at `until`. `reason`: what a person says stands there."""

    name: str
    until: datetime | None
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AlarmView:
    """What dispatch wants a person to look at; `robot` a serial or ""."""

    robot: str
    kind: str
    text: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class FloorView:
    """`known` False: dispatch is silent (or never ran), so all of this is the last that was known."""

    site: Site
    known: bool
    at: datetime | None
    zones: tuple[ZoneView, ...] = ()
    doors: tuple[DoorView, ...] = ()
    blocks: tuple[BlockView, ...] = ()
    misplaced: Mapping[str, tuple[str, ...]] | None = None
    alarms: tuple[AlarmView, ...] = ()
    liveness: str = ""


def floor_view(site: Site, now: datetime) -> FloorView:
    """The floor of one site. Three to six queries."""
    found = layout_in_force(site)
    layout = found[1] if found else None
    row = SiteTraffic.objects.filter(site=site).first()
    kept: Mapping[str, Any] = row.snapshot if row else {}
    liveness = kept.get("liveness")
    return FloorView(
        site=site,
        known=dispatch_speaks(site, now),
        at=row.updated_at if row else None,
        zones=_zones(site, layout, kept) if layout else (),
        doors=tuple(_door(door, kept, now) for door in layout.doors) if layout else (),
        blocks=_blocks(site, kept),
        misplaced={serial: tuple(nodes or ()) for serial, nodes in sorted(_table(kept, "misplaced").items())},
        alarms=tuple(_alarm(alarm) for alarm in kept.get("alarms") or ()),
        liveness=liveness if isinstance(liveness, str) else "",
    )


def _table(kept: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = kept.get(name)
    return found if isinstance(found, Mapping) else {}


def _zones(site: Site, layout: Layout, kept: Mapping[str, Any]) -> tuple[ZoneView, ...]:
    states = {zone.id: _zone_state(zone, kept) for zone in layout.zones}
    shut = [zone for zone in layout.zones if states[zone.id] != "open" and zone.kind not in NO_ENTRY_KINDS]
    asked = _asked(site, [zone.id for zone in shut])
    inside = _inside(site, layout, [zone for zone in shut if states[zone.id] == "closing"])
    return tuple(_zone(zone, states[zone.id], inside.get(zone.id, ()), asked.get(zone.id)) for zone in layout.zones)


def _zone(zone: Zone, state: str, inside: tuple[str, ...], asked: FloorRequest | None) -> ZoneView:
    by_layout = zone.kind in NO_ENTRY_KINDS
    if asked is None:
        return ZoneView(zone.id, zone.name, zone.kind, state, by_layout, inside)
    since = asked.applied_at or asked.created_at
    return ZoneView(zone.id, zone.name, zone.kind, state, by_layout, inside, since, asked.actor, asked.reason)


def _zone_state(zone: Zone, kept: Mapping[str, Any]) -> str:
    if zone.kind in NO_ENTRY_KINDS:
        return "closed"
    state = str(_table(kept, "zones").get(zone.id, "open"))
    return state if state in ("open", "closing", "closed") else "open"


def _blocks(site: Site, kept: Mapping[str, Any]) -> tuple[BlockView, ...]:
    """With the reason of whoever told it last; robots that met an obstacle give none."""
    blocks = _table(kept, "blocks")
    rows = FloorRequest.objects.filter(site=site, kind="block", target__in=list(blocks), applied_at__isnull=False)
    asked = {(row.target, row.actor): row.reason for row in rows.order_by("id")} if blocks else {}
    found = []
    for name, block in sorted(blocks.items()):
        by = str(block.get("by") or "")
        found.append(BlockView(name, _moment(block.get("until")), by, asked.get((name, by), "")))
    return tuple(found)


def _asked(site: Site, zones: list[str]) -> dict[str, FloorRequest]:
    """The newest request that closed each of `zones`."""
    if not zones:
        return {}
    rows = FloorRequest.objects.filter(site=site, kind="close_zone", target__in=zones, applied_at__isnull=False)
    return {row.target: row for row in rows.order_by("id")}


def _inside(site: Site, layout: Layout, zones: list[Zone]) -> dict[str, tuple[str, ...]]:
    """Serials of the robots whose released way touches each of `zones`."""
    if not zones:
        return {}
    ways = [
        (serial, {str(visit.get("node", "")) for visit in base})
        for serial, base in RobotTraffic.objects.filter(robot__site=site).values_list("robot__serial", "base")
    ]
    found = {}
    for zone in zones:
        nodes = layout.nodes_in(zone)
        found[zone.id] = tuple(sorted(serial for serial, way in ways if way & nodes))
    return found


def _door(door: Any, kept: Mapping[str, Any], now: datetime) -> DoorView:
    taken = _table(kept, "doors").get(door.id) or {}
    until = _moment(taken.get("until"))
    owner = str(taken.get("owner") or "")
    overdue = bool(owner) and until is not None and until < now
    kind = getattr(door, "kind", "door")
    return DoorView(door.id, door.name or door.id, kind, owner, until if owner else None, overdue)


def _alarm(alarm: Mapping[str, Any]) -> AlarmView:
    return AlarmView(
        str(alarm.get("robot") or ""), str(alarm.get("kind") or ""), str(alarm.get("text") or ""),
        _moment(alarm.get("since")),
    )  # fmt: skip


def _moment(seconds: Any) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
