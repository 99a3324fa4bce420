"""The start page, Operations, its panels at their plain addresses, and the map's data."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from fleet.accounts.access import actor_of, can, sites_of
from fleet.accounts.models import Site, User
from missions import phrases
from missions.core import stop_words
from missions.models import Interpretation
from robots.core.layout import NO_ENTRY_KINDS, Zone, layout_to_json
from robots.models import Robot
from robots.snapshots import layout_in_force

from .. import panels
from ..here import at_site, roles_text
from ..page import page
from . import composer


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """The only site, or the list of sites."""
    sites = list(sites_of(actor_of(request)))
    if len(sites) == 1:
        return redirect("operations", sites[0].slug)
    return page(request, "console/sites.html", {"sites": sites})


@require_GET
def operations(request: HttpRequest, slug: str) -> HttpResponse:
    site, actor = at_site(request, slug)
    now = timezone.now()
    context: dict[str, object] = {
        "site": site,
        "may_dispatch": can(actor, "dispatch", site),
        "who_may_dispatch": roles_text("dispatch"),
        "composer": _composer(request, site),
        "stop_words": stop_words.lists(),
        "zones": _closable(site),
    }
    for name in ("attention", "floor", "queue", "kpis"):
        context[name] = panels.render(name, site, actor, now)
    return page(request, "console/operations.html", context)


def _closable(site: Site) -> list[Zone]:
    """Zones that people may close and open; the others are closed by the layout."""
    found = layout_in_force(site)
    return [zone for zone in found[1].zones if zone.kind not in NO_ENTRY_KINDS] if found else []


def _composer(request: HttpRequest, site: Site) -> dict[str, object]:
    """What the composer begins with: a mission once more, words that wait for approval, or a text from a link.

    Only the first is the person's own; the others were typed by nobody here.
    """
    begin: dict[str, object] = {"text": "", "history": []}
    if isinstance(request.user, User):
        begin["history"] = phrases.history(request.user, site)
    query = request.GET
    if repeated := site.missions.filter(public_id=query.get("repeat", "")).first():
        return begin | {"text": repeated.text, "repeat": repeated.public_id, "label": repeated.label}
    if seen := composer.waiting(site, query.get("approve", "")):
        parts = [{key: part[key] for key in ("start", "end", "origin")} for part in seen.origins]
        return begin | {"text": seen.text, "origins": parts, "approve": seen.public_id, "by": seen.requested_by}
    if text := query.get("text", "").strip()[:1000]:
        return begin | {"text": text, "origins": [{"start": 0, "end": len(text), "origin": "import"}]}
    if found := Interpretation.objects.filter(site=site, public_id=query.get("feedback", "")).first():
        return begin | {"feedback": reverse("composer_feedback", args=[site.slug, found.public_id])}
    return begin


@require_GET
def panel(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One part of a page by itself: what the socket would push."""
    site, actor = at_site(request, slug)
    known = panels.known([name])
    html = panels.render(name, site, actor, timezone.now()) if known else None
    if html is None:
        raise Http404(f"There is no part {name!r} here.")
    return HttpResponse(html)


@require_GET
def layout_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The layout in force; its hash is the ETag, so a browser loads each version once."""
    site, _ = at_site(request, slug)
    found = layout_in_force(site)
    if found is None:
        raise Http404("This site has no published layout yet.")
    version, layout = found
    etag = f'"{version.hash}"'
    if etag in request.headers.get("If-None-Match", ""):
        return HttpResponseNotModified(headers={"ETag": etag})
    return JsonResponse(layout_to_json(layout), headers={"ETag": etag, "Cache-Control": "private, no-cache"})


@require_GET
def roster_json(request: HttpRequest, slug: str) -> HttpResponse:
    """Which robot is which number in the live frames."""
    site, _ = at_site(request, slug)
    rows = [
        {
            "index": robot.live_index,
            "id": robot.public_id,
            "name": robot.name,
            "type": robot.type.name,
            "embodiment": robot.type.embodiment,
            "length": robot.type.length,
            "width": robot.type.width,
        }
        for robot in Robot.objects.filter(site=site).select_related("type")
    ]
    return JsonResponse({"robots": rows})
