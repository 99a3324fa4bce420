"""Who may press stop, told without the database, and how a stop that stands is shown.

A page hands the browser a signed pass beside the session cookie. While the database is away nobody can be looked up;
the pass still says who presses and at which sites. It is bound to the session cookie, so signing out ends it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from fleet.accounts.access import actor_of, can, current_site, sites_of
from robots import stop as stop_path

COOKIE = "yardmaster_stop"
SALT = "fleet.console.stopping"
UNSENT = "The broker does not answer: a stop is written down and sent as soon as it does. Use the physical red button."


def give_pass(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let this browser stop its sites for one shift, even without the database."""
    session = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not session or _read_pass(request) is not None:
        return
    actor = actor_of(request)
    zones = {site.slug: site.time_zone for site in sites_of(actor) if can(actor, "stop", site)}
    value = signing.dumps({"id": actor.id, "name": actor.name, "sites": zones, "to": _tag(session)}, salt=SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=settings.SESSION_COOKIE_AGE,
        path="/",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Strict",
    )


@dataclass(frozen=True, slots=True)
class Stopper:
    """Who presses, as the stop path writes it (`person:<id>:<name>`), and the zone of the site's clock."""

    actor: str
    zone: ZoneInfo


def stopper(request: HttpRequest, slug: str) -> Stopper:
    """Asks the pass first: that takes no time and no database. PermissionError: nobody is signed in."""
    known = _read_pass(request)
    if known is not None and slug in known["sites"]:
        return Stopper(f"person:{known['id']}:{known['name']}", ZoneInfo(known["sites"][slug]))
    actor = actor_of(request)
    site = current_site(request, slug)
    if not can(actor, "stop", site):
        raise PermissionDenied(f"You have no role at {site.name} that may stop it.")
    return Stopper(f"person:{actor.id}:{actor.name}", site.zone)


def _read_pass(request: HttpRequest) -> dict[str, Any] | None:
    value, session = request.COOKIES.get(COOKIE), request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    if not value or not session:
        return None
    try:
        found = signing.loads(value, salt=SALT, max_age=settings.SESSION_COOKIE_AGE)
    except (signing.BadSignature, json.JSONDecodeError):
        return None
    return found if isinstance(found, dict) and found.get("to") == _tag(session) else None


def _tag(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()[:24]


# --- how it is shown --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StopShown:
    """One standing stop for a page: names instead of keys, datetimes instead of seconds."""

    id: str
    scope: str
    zone: str
    names: str
    requested_at: datetime
    requested_by: str
    lines: tuple[Any, ...]
    confirmed: int
    waiting: int
    no_answer: int
    unreachable: int


def standing(slug: str) -> list[StopShown]:
    """The stops that stand at the site, oldest first, from the stop path's own memory."""
    return [shown_stop(stop) for stop in stop_path.controller().status(slug).stops]


def shown_stop(stop: Any) -> StopShown:
    return StopShown(
        id=stop.id,
        scope=stop.scope,
        zone=stop.zone,
        names=", ".join(line.name for line in stop.lines) or "no robot",
        requested_at=datetime.fromtimestamp(stop.requested_at, UTC),
        requested_by=stop.requested_by.split(":", 2)[-1],
        lines=stop.lines,
        confirmed=len(stop.confirmed),
        waiting=len(stop.waiting),
        no_answer=len(stop.no_answer),
        unreachable=len(stop.cannot_be_commanded),
    )


def stop_problem() -> str:
    """Why a stop cannot be sent just now, or an empty string."""
    return "" if stop_path.controller().can_stop() else UNSENT
