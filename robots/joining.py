"""What is known of a robot that wants to join, put side by side with the type and the site it is to be admitted to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from fleet.accounts.models import Site

from . import auditing
from .core.joining import Claim, Finding, Heard, Place, TypeFacts, conflict, findings, radius_of
from .core.vda5050.codec import decode_body, version_of
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.reports import Factsheet
from .core.vda5050.topics import Topic
from .models import JoinRequest, Robot, RobotType
from .snapshots import layout_in_force
from .types import quirks_of

SILENT_S = 75.0
"""Twice the longest time between two states (30 s, VDA 5050 6.6), and what its row may lag behind."""
FALLBACK_VERSION = {"v3": "3.0.0"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a person sees before consent. `consent` names exactly this; it changes when anything in it does."""

    findings: tuple[Finding, ...]
    localized: bool
    consent: str

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.blocking)


def open_requests() -> QuerySet[JoinRequest]:
    """Robots that nobody has decided about, and admitted ones whose robot has been deleted since; newest word first."""
    undecided = Q(state="waiting") | Q(state="admitted", robot__isnull=True)
    known = Robot.objects.filter(serial=OuterRef("serial"), manufacturer=OuterRef("manufacturer"))
    return JoinRequest.objects.filter(undecided).exclude(Exists(known))


def sheet_of(request: JoinRequest) -> tuple[Factsheet | None, str]:
    """Its factsheet, read, or why it cannot be."""
    if request.factsheet is None:
        return None, ""
    version = request.version or FALLBACK_VERSION.get(request.major, "2.1.0")
    try:
        found = decode_body(Topic.FACTSHEET, request.factsheet, version if version_of(version) else "2.1.0")
    except LocalProtocolError as error:
        return None, str(error)[:200]
    return (found, "") if isinstance(found, Factsheet) else (None, "it is something else")


def place_of(request: JoinRequest) -> Place | None:
    """Where it says that it is; None when it has not said so."""
    said: dict[str, Any] = request.position or {}
    x, y = said.get("x"), said.get("y")
    if not isinstance(x, int | float) or not isinstance(y, int | float):
        return None
    return Place(
        float(x), float(y), bool(said.get("localized")), str(said.get("map_id") or ""),
        str(said.get("last_node_id") or ""),
    )  # fmt: skip


def facts_of(kind: RobotType) -> TypeFacts:
    """Raises LocalProtocolError for a type that was spoilt by hand."""
    return TypeFacts(
        kind.name, quirks_of(kind), kind.length, kind.width, kind.max_speed, kind.max_payload, tuple(kind.skills)
    )


def look(request: JoinRequest, kind: RobotType, site: Site, now: datetime) -> Look:
    """Everything that speaks for and against admitting it as `kind` at `site`."""
    sheet, unreadable = sheet_of(request)
    heard = Heard(request.interface, request.major, request.version, sheet, unreadable)
    try:
        found = findings(heard, facts_of(kind))
    except LocalProtocolError as error:
        found = [Finding("type", f"The type {kind.name} cannot be used: {error}", blocking=True)]
    other = Robot.objects.filter(serial=request.serial).select_related("site").first()
    if other is not None:
        text = f"A robot with the serial number {request.serial} is registered already ({other.manufacturer})."
        found.insert(0, Finding("serial", text, blocking=True))
    place, where = _where(request, site, now)
    found += where
    if place is not None:
        radius = max(radius_of(kind.length, kind.width), radius_of(sheet.length, sheet.width) if sheet else 0.0)
        if (taken := conflict(place, radius, claims(site))) is not None:
            text = f"It stands where another robot is: {taken[0]} has {taken[1]}. Move one of them away first."
            found.insert(0, Finding("position", text, blocking=True))
    if warning := auditing.warning_before(site, kind):
        found.append(Finding("layout", warning))
    return Look(tuple(found), place is not None, _consent(request, kind, site, place is not None, found))


def _consent(request: JoinRequest, kind: RobotType, site: Site, localized: bool, found: Iterable[Finding]) -> str:
    said = [request.public_id, request.manufacturer, request.serial, request.version, request.factsheet]
    texts = sorted(f"{finding.code}: {finding.text}" for finding in found)
    seen = json.dumps([said, kind.slug, site.slug, localized, texts], sort_keys=True)
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


def _where(request: JoinRequest, site: Site, now: datetime) -> tuple[Place | None, list[Finding]]:
    """Its place on the site's floor, or None and why there is none; it then can only be admitted out of service."""
    place, known = place_of(request), layout_in_force(site)
    if stale(request, now):
        return None, [Finding("silent", "It is silent now: it can be admitted out of service only.")]
    if place is None or not place.localized:
        return None, [Finding("lost", "It does not know where it is: it can be admitted out of service only.")]
    if known is not None and place.map_id and known[1].map_id and place.map_id != known[1].map_id:
        text = f"It is on the map {place.map_id}, the layout in force is of {known[1].map_id}: out of service only."
        return None, [Finding("map", text)]
    return place, []


def claims(site: Site) -> list[Claim]:
    """The floor of every robot of the site. Two queries, and the layout's."""
    known = layout_in_force(site)
    spots = {node.id: (node.x, node.y) for node in known[1].nodes} if known else {}
    rows = Robot.objects.filter(site=site).select_related("type", "state", "traffic").prefetch_related("holds")
    found = []
    for robot in rows:
        state, traffic = getattr(robot, "state", None), getattr(robot, "traffic", None)
        held = {hold.resource.removeprefix("node:") for hold in robot.holds.all() if hold.resource.startswith("node:")}
        base = [str(visit.get("node", "")) for visit in (traffic.base if traffic else [])]
        if state is not None and state.last_node_id and _stands_at(state, spots):
            held.add(state.last_node_id)
        points = [spots[node] for node in held if node in spots]
        if state is not None and state.x is not None and state.y is not None:
            points.append((state.x, state.y))
        ways = [(spots[a], spots[b]) for a, b in pairwise(base) if a in spots and b in spots]
        radius = radius_of(robot.type.length, robot.type.width)
        found.append(Claim(robot.name, radius, tuple(points), tuple(ways), frozenset(held)))
    return found


def _stands_at(state: Any, spots: dict[str, tuple[float, float]]) -> bool:
    """Whether its last node is where it is, rather than one that it left long ago."""
    spot = spots.get(state.last_node_id)
    return spot is None or state.x is None or (abs(spot[0] - state.x) < 0.5 and abs(spot[1] - state.y) < 0.5)


def stale(request: JoinRequest, now: datetime) -> bool:
    """Whether it has been silent for so long that what it said may not be true any more."""
    return bool((now - request.last_at).total_seconds() > SILENT_S)
