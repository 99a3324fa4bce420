"""The floor beside the map: zones that are closing or closed, taken doors, obstacles, and what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Site
from robots import floor_requests as asking
from robots.floor_state import floor_view
from robots.models import FloorRequest
from robots.waits import Around, Party, plainly

from .here import roles_text

SHOWN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class RequestShown:
    """One open request. `own`: this person asked, so another has to confirm."""

    id: str
    kind: str
    target: str
    at: str
    by: str
    reason: str
    created_at: datetime
    until: datetime | None
    confirmed_by: str
    state: str
    own: bool
    may_confirm: bool
    may_withdraw: bool


def shown(request: FloorRequest, actor: Actor, now: datetime) -> RequestShown:
    own = request.actor.split(":")[:2] == asking.who(actor).split(":")[:2]
    state, right = asking.state_of(request, now), can(actor, "floor", request.site_id)
    waits = state == "waiting_for_second_person"
    return RequestShown(
        id=request.public_id, kind=request.kind, target=request.target, at=str(request.data.get("at", "")),
        by=asking.name_of(request.actor), reason=request.reason, created_at=request.created_at,
        until=request.expires_at if waits else None, confirmed_by=asking.name_of(request.confirmed_by), state=state,
        own=own, may_confirm=waits and right and not own and actor.kind == "person", may_withdraw=right or own,
    )  # fmt: skip


def context(site: Site, actor: Actor, now: datetime) -> dict[str, Any]:
    floor, around = floor_view(site, now), Around(site, now)
    names = {part.id: part.name for part in (*floor.zones, *floor.doors)}
    requests = [shown(r, actor, now) for r in asking.open_requests(site, now)]
    zones = [zone for zone in floor.zones if zone.state != "open" and not zone.by_layout]
    doors = [door for door in floor.doors if door.owner]
    return {
        "floor": floor,
        "zones": [{"zone": z, "by": asking.name_of(z.by), "inside": _parties(z.inside, around)} for z in zones],
        "doors": [{"door": d, "owner": asking.name_of(d.owner)} for d in doors],
        "blocks": [{"block": b, "by": around.party(b.by).name} for b in floor.blocks],
        "asked": [(r, _target(r, names, around)) for r in requests],
        "failed": _not_done(site, now),
        "quiet": not (zones or doors or floor.blocks or requests or floor.liveness),
        "who_may_floor": roles_text("floor"),
    }


def _not_done(site: Site, now: datetime) -> list[FloorRequest]:
    """What dispatch could not carry out in the last minutes: whoever asked has to see it."""
    rows = FloorRequest.objects.filter(site=site, applied_at__gte=now - SHOWN, outcome__startswith="not ")
    found = list(rows.order_by("-id")[:3])
    for row in found:
        row.outcome = plainly(row.outcome)
    return found


def _parties(serials: tuple[str, ...], around: Around) -> list[Party]:
    return [around.party(serial) for serial in serials]


def _target(request: RequestShown, names: dict[str, str], around: Around) -> Party:
    if request.kind in FloorRequest.TWO_PERSONS:
        return around.party(request.target)
    return Party(request.target, names.get(request.target, request.target))
