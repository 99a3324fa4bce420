"""Asking something of the floor from a page, and the second person's word. Dispatch carries it out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET, require_POST

from fleet.language.said import said
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from robots import floor_requests as asking
from robots.errors import RobotsError
from robots.models import FloorRequest, Robot

from .. import traffic_map
from ..here import at_site, demand

SEEN = ("seen_off", "seen_place")
REFUSED = "release_refused"
ASKED = "Asked for. Dispatch acts on it within a second."
SECOND = "Asked for. A second, different person has to confirm it within ten minutes."


@require_GET
def traffic_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The map's traffic layer: everything, or (`after`) what changed; without `robots` only zones, doors, obstacles."""
    site, _ = at_site(request, slug)
    given = request.GET.get("after", "")
    after = parse_datetime(given) if given else None
    if after is not None and after.tzinfo is None:
        after = None
    found = traffic_map.picture(site, timezone.now(), after=after, robots=request.GET.get("robots") == "1")
    return JsonResponse(found, headers={"Cache-Control": "no-store"})


@require_POST
def floor_ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Close or open a zone, report or clear an obstacle, give a door back."""
    kind, target = request.POST.get("kind", ""), request.POST.get("target", "").strip()
    if kind not in FloorRequest.KINDS or kind in FloorRequest.TWO_PERSONS:
        raise Http404(f"There is no {kind!r} to ask here.")
    site, actor = at_site(request, slug, asking.right_for(kind))
    data = {"seconds": _seconds(request)} if request.POST.get("minutes") else {}
    asked = Refused("floor.ask", site.slug, (kind, target))

    def act(now: datetime) -> str:
        asking.ask(
            site=site, kind=kind, target=target, actor=actor, now=now, data=data, reason=request.POST.get("reason", "")
        )
        return ASKED

    return _done(request, act, asked, reverse("operations", args=[site.slug]))


@require_POST
def floor_withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    row = _request(public_id)
    actor = demand(request, row.site, asking.right_for(row.kind))
    asked = Refused("floor.withdraw", row.site.slug, ("floor_request", row.public_id))

    def act(now: datetime) -> str:
        asking.withdraw(request=row, actor=actor, now=now, reason=request.POST.get("reason", ""))
        return "Withdrawn."

    return _done(request, act, asked, _back(row))


@require_POST
def robot_release(request: HttpRequest, public_id: str) -> HttpResponse:
    """The first person asks to free what a robot holds; every box about the floor has to be ticked."""
    robot = get_object_or_404(Robot.objects.select_related("site"), public_id=public_id)
    actor = demand(request, robot.site, "floor")
    at = request.POST.get("at", "")
    kind = "retire" if at == "" else "free_ahead"
    asked = Refused("floor.ask", robot.site.slug, (kind, robot.serial))

    def act(now: datetime) -> str:
        _look(request)
        asking.ask(
            site=robot.site, kind=kind, target=robot.serial, actor=actor, now=now, data={"at": at} if at else {},
            reason=request.POST.get("reason", ""),
        )  # fmt: skip
        return SECOND

    return _done(request, act, asked, reverse("robot", args=[public_id]))


@require_POST
def robot_release_confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """The second person has looked too."""
    row = _request(public_id)
    actor = demand(request, row.site, "floor")
    asked = Refused("floor.confirm", row.site.slug, ("floor_request", row.public_id))

    def act(now: datetime) -> str:
        _look(request)
        asking.confirm(request=row, actor=actor, now=now, reason=request.POST.get("reason", ""))
        return "Confirmed. Dispatch acts on it within a second."

    request.session.pop(REFUSED, None)
    return _done(request, act, asked, _back(row), again=row)


def take_refused(request: HttpRequest, public_id: str) -> dict[str, str] | None:
    """Why this person's word on a request was refused just now, and what they had written; told once."""
    if not public_id or request.session.get(REFUSED, {}).get("id") != public_id:
        return None
    kept: dict[str, str] = request.session.pop(REFUSED)
    return kept


def _request(public_id: str) -> FloorRequest:
    return get_object_or_404(FloorRequest.objects.select_related("site"), public_id=public_id)


def _look(request: HttpRequest) -> None:
    if not all(request.POST.get(name) == "yes" for name in SEEN):
        raise ValueError("Tick that you have looked yourself: nothing here can see it for you.")


def _seconds(request: HttpRequest) -> float | None:
    try:
        return 60.0 * int(request.POST.get("minutes", ""))
    except ValueError:
        return None


def _back(row: FloorRequest) -> str:
    robot = Robot.objects.filter(site=row.site, serial=row.target).first() if row.kind in row.TWO_PERSONS else None
    return reverse("robot", args=[robot.public_id]) if robot else reverse("operations", args=[row.site.slug])


def _done(
    request: HttpRequest, act: Callable[[datetime], str], asked: Refused, back: str, again: FloorRequest | None = None
) -> HttpResponse:
    """Carry it out and say so: to a script as JSON, else on the page it came from.

    `again`: the request whose confirmation, when refused, is put to the person again with the words they wrote.
    """
    script = request.headers.get("X-Requested-With") == "fetch"
    try:
        words = act(timezone.now())
    except (RobotsError, ValueError) as error:
        note_command(request, asked, str(error))
        if script:
            return JsonResponse({"detail": said(error)}, status=getattr(error, "status", 422))
        messages.error(request, f"Not done: {error}")
        if again is not None:
            text = request.POST.get("reason", "")[: asking.MAX_REASON]
            request.session[REFUSED] = {"id": again.public_id, "text": text, "why": str(error)}
            back = f"{back}?confirm={again.public_id}"
        return redirect(back)
    if script:
        return JsonResponse({"detail": said(words)}, status=202)
    messages.info(request, words)
    return redirect(back)
