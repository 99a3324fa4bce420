"""What people and systems ask of the floor (`FloorRequest`), applied by the dispatch leader; each answers in words."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.models import F, Q

from fleet.accounts.models import Site

from ..core.traffic import LedgerError, Traffic, UnexpectedReport
from ..errors import FloorRefused
from ..floor_requests import APPLY_WITHIN, same_person, stands
from ..models import FloorRequest
from .floor import Floor

log = logging.getLogger(__name__)

BLOCK_S = 600.0
DOOR_S = 120.0


def ready_requests(site: Site) -> list[FloorRequest]:
    """Those that can be applied, oldest first; of two-person kinds only what a second person has confirmed.

    Locked until the caller's transaction ends, so that nobody takes back what is being carried out; what somebody is
    just changing is left for the next cycle.
    """
    in_time = Q(expires_at=None) | Q(confirmed_at__lte=F("expires_at"))
    ready = ~Q(kind__in=FloorRequest.TWO_PERSONS) | (Q(confirmed_at__isnull=False) & in_time)
    open_ones = FloorRequest.objects.filter(ready, site=site, applied_at=None, withdrawn_at=None)
    return list(open_ones.select_for_update(skip_locked=True, of=("self",)).order_by("id"))


def apply(floor: Floor, request: FloorRequest, now: datetime) -> str:
    """Carry one out and write what became of it into the request; returns that text."""
    try:
        if request.kind in FloorRequest.TWO_PERSONS:
            _as_they_saw_it(floor, request, now)
        outcome = HANDLERS[request.kind](floor, request, now.timestamp())
    except KeyError as unknown:
        outcome = f"not done: there is no {unknown.args[0] if unknown.args else 'such place'} on this floor"
    except (FloorRefused, LedgerError, UnexpectedReport, ValueError, TypeError) as fault:
        # read again and again, one bad request would stop the whole site
        log.warning("%s %s: %s", request.kind, request.target, fault)
        outcome = f"not done: {fault}"
    request.applied_at, request.outcome = now, outcome[:300]
    request.save(update_fields=["applied_at", "outcome"])
    return outcome


def _close_zone(floor: Floor, request: FloorRequest, now: float) -> str:
    state = floor.traffic.set_zone(request.target, True, now)
    if state == "closed":
        return "closed"
    return "closing: nobody enters any more; closed once those inside have left"


def _open_zone(floor: Floor, request: FloorRequest, now: float) -> str:
    state = floor.traffic.set_zone(request.target, False, now)
    return "open" if state == "open" else f"stays {state}: the layout itself closes it"


def _take_door(floor: Floor, request: FloorRequest, now: float) -> str:
    until, owner = float(request.data.get("until") or now + DOOR_S), _owner(request)
    why_not = floor.traffic.take_door(request.target, owner, until, now)
    return f"not done: {why_not}" if why_not else "taken; no robot is let through until it is given back"


def _give_back_door(floor: Floor, request: FloorRequest, now: float) -> str:
    floor.traffic.give_back_door(request.target, _owner(request))
    return "given back"


def _owner(request: FloorRequest) -> str:
    """Whoever asks, unless the request names whose door it is."""
    return str(request.data.get("owner") or request.actor)


def _block(floor: Floor, request: FloorRequest, now: float) -> str:
    until = float(request.data.get("until") or now + BLOCK_S)
    floor.traffic.block(request.target, until, request.actor, now)
    return "blocked; what was released through it before stays released"


def _clear(floor: Floor, request: FloorRequest, now: float) -> str:
    floor.traffic.clear(request.target)
    return "cleared"


def _free_ahead(floor: Floor, request: FloorRequest, now: float) -> str:
    serial, at = _robot(floor.traffic, request), str(request.data.get("at") or "")
    floor.traffic.free_ahead(serial, at or floor.base(serial)[0], by=request.actor, confirmed_by=_second(request))
    floor.legs.pop(serial, None)
    floor.strayed.add(serial)  # the robot itself has confirmed nothing: it comes back by being admitted
    floor.written.touched.add(serial)
    return f"what was released to {serial} beyond {at or 'where it stands'} is free again"


def _retire(floor: Floor, request: FloorRequest, now: float) -> str:
    serial = _robot(floor.traffic, request)
    floor.traffic.retire(serial, by=request.actor, confirmed_by=_second(request))
    floor.left(serial)
    return f"{serial} is out of traffic and holds nothing"


def _robot(traffic: Traffic, request: FloorRequest) -> str:
    if request.target not in traffic.robots:
        raise ValueError(f"{request.target} is not in traffic")
    return request.target


def _as_they_saw_it(floor: Floor, request: FloorRequest, now: datetime) -> None:
    """Two persons vouch for what they see: not for later, and not against the robot's own word that it moves."""
    if request.confirmed_at is None or now - request.confirmed_at > APPLY_WITHIN:
        raise ValueError("it was confirmed too long ago, while dispatch was away: look again and ask anew")
    stands(floor.site, request.target, now, request.kind)


def _second(request: FloorRequest) -> str:
    if not request.confirmed_by or same_person(request.actor, request.confirmed_by):
        raise ValueError("a second, different person has to confirm this")
    return request.confirmed_by


HANDLERS: dict[str, Callable[[Floor, FloorRequest, float], str]] = {
    "close_zone": _close_zone,
    "open_zone": _open_zone,
    "take_door": _take_door,
    "give_back_door": _give_back_door,
    "block": _block,
    "clear": _clear,
    "free_ahead": _free_ahead,
    "retire": _retire,
}
