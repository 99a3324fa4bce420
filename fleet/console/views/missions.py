"""The list of missions and one mission's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fleet.language.said import said
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from missions import services, snapshots
from missions.core import lifecycle as life
from missions.errors import IntentRefused
from missions.models import Mission
from missions.waiting import with_waits
from robots.models import Robot

from .. import panels
from ..here import demand, some_site
from ..page import page

PAGE = 40
PRIORITIES = {"low": -1, "normal": 0, "high": 1}


@require_GET
def missions(request: HttpRequest) -> HttpResponse:
    site, _ = some_site(request)
    now = timezone.now()
    query = {name: request.GET.get(name, "").strip() for name in ("state", "robot", "text")}
    late = request.GET.get("late") == "1"
    found = with_waits(Mission.objects.filter(site=site).select_related("site", "robot").prefetch_related("steps"))
    if query["state"] == "open":
        found = found.filter(state__in=life.OPEN)
    elif query["state"] in life.WORDS:
        found = found.filter(state=query["state"])
    if query["robot"]:
        found = found.filter(robot__public_id=query["robot"])
    if query["text"]:
        label = query["text"].upper().removeprefix("M-")
        number = Q(number=int(label)) if label.isascii() and label.isdigit() and len(label) < 9 else Q()
        words = Q(text__icontains=query["text"]) | Q(readback__icontains=query["text"])
        found = found.filter(words | number if number else words)
    if late:
        over = Q(finished_at__isnull=False, finished_at__gt=F("deadline"))
        coming = Q(finished_at__isnull=True) & (Q(deadline__lt=now) | Q(eta__gt=F("deadline")))
        found = found.filter(over | coming).exclude(state=life.CANCELLED)
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "site": site,
        "now": now,
        "rows": snapshots.rows(shown.object_list, now),
        "pages": shown,
        "query": query,
        "late": late,
        "filtered": late or any(query.values()),
        "states": life.WORDS,
        "robots": Robot.objects.filter(site=site),
        "address": _address(request),
    }
    return page(request, "console/missions.html", context)


def _address(request: HttpRequest) -> str:
    kept = request.GET.copy()
    kept.pop("page", None)
    return kept.urlencode()


def _mission(public_id: str) -> Mission:
    return get_object_or_404(Mission.objects.select_related("site"), public_id=public_id)


@require_GET
def mission(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _mission(public_id)
    actor = demand(request, found.site)
    now = timezone.now()
    context: dict[str, Any] = {
        "site": found.site,
        "mission": found,
        "part": panels.render(f"mission:{public_id}", found.site, actor, now, csrf_token=get_token(request)),
        "robots": Robot.objects.filter(site=found.site, in_service=True),
        "priorities": PRIORITIES,
    }
    return page(request, "console/mission.html", context)


@require_GET
def mission_part(request: HttpRequest, public_id: str) -> HttpResponse:
    found = _mission(public_id)
    actor = demand(request, found.site)
    html = panels.render(f"mission:{public_id}", found.site, actor, timezone.now(), csrf_token=get_token(request))
    if html is None:
        raise Http404("There is no such mission.")
    return HttpResponse(html)


@require_POST
def mission_request(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    """Cancel, pause, resume, retry, reassign, prioritise or confirm: written down for dispatch to act on."""
    if kind not in life.INTENTS:
        raise Http404(f"A mission cannot be asked to {kind}.")
    found = _mission(public_id)
    actor = demand(request, found.site, "dispatch")
    script = request.headers.get("X-Requested-With") == "fetch"
    try:
        data = _data(request, found, kind)
        reason = request.POST.get("reason", "").strip()
        services.request(mission=found, kind=kind, actor=actor, reason=reason, data=data, now=timezone.now())
    except (IntentRefused, ValueError) as error:
        note_command(request, Refused(f"mission.{kind}", found.site.slug, ("mission", public_id)), str(error))
        if script:
            return JsonResponse({"detail": said(error)}, status=409)
        messages.error(request, f"Not done: {error}")
    else:
        if script:
            return JsonResponse({"detail": said(f"{found.label}: {kind} asked for.")}, status=202)
        messages.info(request, f"{found.label}: {kind} asked for. Dispatch acts on it within a second.")
    return redirect("mission", public_id)


def _data(request: HttpRequest, mission: Mission, kind: str) -> dict[str, Any]:
    if kind == "reassign" and (wanted := request.POST.get("robot")):
        robot = Robot.objects.filter(site=mission.site, public_id=wanted).first()
        if robot is None:
            raise ValueError("there is no such robot at this site.")
        return {"robot": robot.serial}
    if kind == "prioritise":
        given = request.POST.get("priority", "")
        if given not in PRIORITIES:
            raise ValueError("a priority is low, normal or high.")
        return {"priority": PRIORITIES[given]}
    return {}
