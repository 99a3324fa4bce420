"""The start page, Operations, its panels at their plain addresses, and the map's data."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET

from fleet.accounts.access import actor_of, can, sites_of
from robots.core.layout import layout_to_json
from robots.models import Robot
from robots.snapshots import layout_in_force

from .. import panels
from ..here import at_site, roles_text
from ..page import page


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
        "text": request.GET.get("text", "")[:1000],
    }
    for name in ("attention", "queue", "kpis"):
        context[name] = panels.render(name, site, actor, now)
    return page(request, "console/operations.html", context)


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
