"""What the planner may name and what the validator checks against: one site at one instant, built from rows."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Site
from inference.contract import Named, Plan, Vocabulary
from robots.core.layout import Layout
from robots.core.routing import RoadMap
from robots.core.traffic import audit
from robots.models import Item, LayoutVersion, Robot
from robots.snapshots import RobotView, layout_in_force, layout_of, robot_views

from .core import lifecycle as life
from .core import world as known


def force(site: Site) -> tuple[LayoutVersion | None, Layout | None]:
    """The layout in force, or (None, None) while none is published."""
    return layout_in_force(site) or (None, None)


def vocabulary(site: Site, now: datetime) -> Vocabulary:
    """Names of the site's places, items and robots: all a planner may use."""
    _, layout = force(site)
    places = tuple(Named(s.id, s.name, tuple(s.aliases), s.kind) for s in layout.stations) if layout else ()
    taken = {place.id for place in places}  # a zone of a station's id is the same place: asking which would be no help
    areas = [zone for zone in layout.zones if zone.id not in taken] if layout else []
    zones = tuple(Named(z.id, z.name, (), f"zone:{z.kind}") for z in areas)
    items = tuple(Named(i.slug, i.name, tuple(i.aliases)) for i in site.items.order_by("slug"))
    robots = tuple(
        Named(r.serial, r.name, tuple(r.aliases), r.type.embodiment)
        for r in site.robots.select_related("type").filter(in_service=True)
    )
    body = [[(n.id, n.name, n.aliases) for n in group] for group in (places, items, robots)]
    digest = hashlib.sha256(json.dumps(body).encode()).hexdigest()
    return Vocabulary(
        site=site.slug,
        now=now.astimezone(site.zone).strftime("%H:%M"),
        places=places + zones,
        items=items,
        robots=robots,
        hash=digest,
    )


def names(site: Site) -> dict[str, str]:
    """id -> name of every station, zone, item and robot, for reading back."""
    _, layout = force(site)
    found = {s.id: s.name for s in layout.stations} if layout else {}
    found |= {z.id: z.name for z in layout.zones} if layout else {}
    found |= dict(Item.objects.filter(site=site).values_list("slug", "name"))
    found |= dict(Robot.objects.filter(site=site).values_list("serial", "name"))
    return found


def world(site: Site, actor: Actor, now: datetime, plan: Plan, version: LayoutVersion | None = None) -> known.World:
    """What the validator checks `plan` against, built from rows: of the items, only those the plan names."""
    version = version or force(site)[0]
    wanted = {step.item for step in plan.steps if step.item}
    items = list(site.items.filter(slug__in=wanted).prefetch_related("stock")) if wanted else []
    rights = {known.RIGHT_DISPATCH, known.RIGHT_PRIORITISE} if can(actor, "dispatch", site) else set()
    waiting = site.missions.filter(state__in=life.OPEN).exclude(robot=None).values_list("robot__serial", "number")
    busy = {serial: f"M-{number}" for serial, number in waiting}
    return known.World(
        site=site.slug,
        now=now.astimezone(site.zone),
        stations=_stations(version) if version else {},
        items={i.slug: known.Item(i.slug, i.name, i.unit_mass) for i in items},
        robots={v.serial: _robot(v, busy.get(v.serial)) for v in robot_views(site, now)},
        stock={i.slug: {row.station: row.quantity for row in i.stock.all()} for i in items},
        rights=frozenset(rights),
        open_missions=dict.fromkeys(busy, 1),
    )


_places: dict[str, dict[str, known.Station]] = {}


def _stations(version: LayoutVersion) -> dict[str, known.Station]:
    """Places of one layout version. Versions never change, so the last one asked for is kept."""
    if version.hash not in _places:
        found = _read_stations(layout_of(version))
        _places.clear()
        _places[version.hash] = found
    return _places[version.hash]


def _read_stations(layout: Layout) -> dict[str, known.Station]:
    human = {n for z in layout.zones if z.kind == "human_only" for n in layout.nodes_in(z)}
    closed = {n for z in layout.zones if z.kind == "closed" for n in layout.nodes_in(z)}
    reached = _reachable(layout)
    inside = {z.id: set(layout.nodes_in(z)) for z in layout.zones}
    found = {
        s.id: known.Station(
            id=s.id,
            name=s.name,
            kind=s.kind,
            node=s.nodes[0] if s.nodes else None,
            reachable=bool(set(s.nodes) & reached),
            closed=bool(set(s.nodes) & closed),
            human_only=bool(set(s.nodes) & human),
            capacity=s.capacity,
            zones=frozenset(zone for zone, nodes in inside.items() if set(s.nodes) & nodes),
        )
        for s in layout.stations
    }
    for zone in layout.zones:
        found.setdefault(zone.id, known.Station(zone.id, zone.name, "zone", None, human_only=zone.kind == "human_only"))
    return found


def _reachable(layout: Layout) -> set[str]:
    """Nodes that robots can be sent to: all but traps, from which no way leads back."""
    road = RoadMap(layout)
    verdict = audit(road, 1)
    return set(road.names) - {road.names[n] for n in verdict.traps | road.no_entry}


def _robot(view: RobotView, busy: str | None) -> known.Robot:
    return known.Robot(
        id=view.serial,
        name=view.name,
        type=view.type,
        skills=frozenset(view.skills),
        battery=view.battery,
        mode=view.operating_mode or "AUTOMATIC",
        available=view.in_service,
        payload=view.max_payload,
        units=view.capacity,
        busy=busy,
        loaded=bool(view.loads),
    )
