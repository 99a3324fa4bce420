"""What Ctrl+K finds. It only gives addresses; nothing is sent to a robot from here."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from fleet.accounts.access import Actor, actor_of, can, sites_of
from fleet.accounts.models import Site
from fleet.language.said import said
from missions.models import Mission
from robots.models import Robot

from ..context import SCREENS

MOST = 8


@require_GET
def palette(request: HttpRequest) -> JsonResponse:
    actor = actor_of(request)
    sites = list(sites_of(actor))
    text = request.GET.get("q", "").strip()[:80]
    results = [
        {"name": name, "kind": said("screen"), "url": url}
        for name, url in ((said(english), url) for english, url in _screens(actor, sites))
        if text.lower() in name.lower()
    ]
    if text:
        robots = Robot.objects.filter(site__in=sites).filter(Q(name__icontains=text) | Q(serial__icontains=text))
        results += [
            {"name": r.name, "kind": said("robot"), "url": reverse("robot", args=[r.public_id])} for r in robots[:MOST]
        ]
        number = text.upper().removeprefix("M-")
        wanted = Q(text__icontains=text)
        if number.isascii() and number.isdigit() and len(number) < 9:
            wanted |= Q(number=int(number))
        missions = Mission.objects.filter(site__in=sites).filter(wanted)[:MOST]
        results += [
            {"name": f"{m.label} {m.text[:70]}", "kind": said("mission"), "url": reverse("mission", args=[m.public_id])}
            for m in missions
        ]
    return JsonResponse({"results": results[:20]})


def _screens(actor: Actor, sites: list[Site]) -> Iterator[tuple[str, str]]:
    for site in sites:
        yield f"Operations {site.name}", reverse("operations", args=[site.slug])
        yield f"Resume after a stop, {site.name}", reverse("resume", args=[site.slug])
    for key, name, right in SCREENS:
        if any(can(actor, right, site) for site in sites):
            yield name, reverse(key)
    yield "API documentation", reverse("api-docs")
