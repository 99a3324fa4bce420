"""Stop, how the stop goes, and the screen on which a person resumes. Stopping asks no database."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fleet.accounts.access import can
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from robots import stop as stop_path
from robots.errors import RobotsError
from robots.live import page_changed

from ..here import at_site, demand, roles_text
from ..page import page
from ..stopping import Stopper, shown_stop, standing, stop_problem, stopper

SCOPES = ("site", "zone", "robot")


@login_not_required  # the signed pass or the session says who presses; see `stopping`
@require_POST
def stop(request: HttpRequest, slug: str) -> HttpResponse:
    """One press: the whole site, a zone (`zone`) or one robot (`robot`, its public id)."""
    try:
        who = stopper(request, slug)
    except PermissionError:
        return redirect("login")
    scope = request.POST.get("scope", "site")
    refused = ""
    try:
        if scope not in SCOPES:
            raise RobotsError(f"A stop is for a site, a zone or a robot, not for {scope!r}.")
        controller = stop_path.controller()
        serials = _serials(controller, slug, request.POST.get("robot", "")) if scope == "robot" else None
        zone = request.POST.get("zone") if scope == "zone" else None
        controller.stop(scope, slug, actor=who.actor, zone=zone, serials=serials, reason=request.POST.get("reason", ""))
    except RobotsError as error:
        refused = str(error)
    return _panel(request, slug, who, refused=refused)


def _serials(controller: Any, slug: str, robot: str) -> list[str]:
    found = [card.serial for card in controller.roster.at_site(slug) if card.public_id == robot]
    if not found:
        raise RobotsError("The stop path knows no such robot at this site.")
    return found


@login_not_required
@require_GET
def stop_status(request: HttpRequest, slug: str) -> HttpResponse:
    """How the stops go, counted from the robots' own reports; the panel asks every half second."""
    try:
        who = stopper(request, slug)
    except PermissionError:
        return redirect("login")
    return _panel(request, slug, who)


def _panel(request: HttpRequest, slug: str, who: Stopper, *, refused: str = "") -> HttpResponse:
    context = {"stops": standing(slug), "slug": slug, "refused": refused, "unsent": stop_problem(), "site": who}
    status = 422 if refused else 200
    plain = request.method == "POST" and request.headers.get("X-Requested-With") != "fetch"
    if plain:
        return render(request, "console/stop.html", context, status=status)
    return HttpResponse(render_to_string("console/_stop_status.html", context), status=status)


@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest, slug: str) -> HttpResponse:
    """Tick, say why, look again, resume: never automatic, never by one press."""
    site, actor = at_site(request, slug)
    context: dict[str, Any] = {"site": site, "errors": [], "who_may_resume": roles_text("resume")}
    if request.method == "POST":
        demand(request, site, "resume")
        wanted = _wanted(request, slug)
        if not wanted["errors"] and request.POST.get("confirm") == "yes":
            try:
                who = f"person:{actor.id}:{actor.name}"
                controller = stop_path.controller()
                controller.resume(wanted["stop"], wanted["serials"], actor=who, reason=wanted["reason"])
            except RobotsError as error:
                wanted["errors"] = [str(error), *error.problems]
                asked = Refused("stop.resume", site.slug, ("stop", wanted["stop"]))
                note_command(request, asked, " ".join(wanted["errors"]))
            else:
                page_changed(site.pk, "stop")
                return redirect("operations", slug)
        context["errors"] = wanted["errors"]
        context["review"] = None if wanted["errors"] else wanted
    controller = stop_path.controller()
    context["stops"] = [_with_rows(controller, stop) for stop in controller.status(slug).stops]
    context["can"] = {"resume": can(actor, "resume", site)}
    return page(request, "console/resume.html", context, status=422 if context["errors"] else 200)


def _wanted(request: HttpRequest, slug: str) -> dict[str, Any]:
    chosen = request.POST.get("stop", "")
    serials = request.POST.getlist("serial")
    reason = request.POST.get("reason", "").strip()
    stops = {stop.id: stop for stop in standing(slug)}
    names = {line.serial: line.name for line in stops[chosen].lines} if chosen in stops else {}
    errors = []
    if chosen not in stops:
        errors.append("That stop does not stand any more.")
    elif not serials:
        errors.append("Tick at least one robot.")
    elif unknown := [serial for serial in serials if serial not in names]:
        errors.append(f"{', '.join(unknown)} is not held by this stop any more.")
    if not reason:
        errors.append("Say why it is safe to go on: a reason is required to resume.")
    listed = ", ".join(names.get(serial, serial) for serial in serials)
    return {
        "stop": chosen,
        "serials": serials,
        "reason": reason,
        "names": listed,
        "errors": errors,
    }


def _with_rows(controller: Any, stop: Any) -> dict[str, Any]:
    shown = shown_stop(stop)
    latch = controller.book.latches.get(stop.id)
    rows = [
        {"line": line, "blocked": controller.why_not(latch, line.serial) if latch else "not held any more"}
        for line in stop.lines
    ]
    return {
        "id": shown.id, "scope": shown.scope, "zone": shown.zone, "names": shown.names,
        "requested_at": shown.requested_at, "requested_by": shown.requested_by, "rows": rows,
    }  # fmt: skip
