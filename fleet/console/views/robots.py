"""The list of robots and one robot's page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from missions.core import lifecycle as life
from missions.models import Mission
from robots import joining, services
from robots.core.commands import RULES
from robots.errors import CommandInvalid, CommandRefused, RobotRefused
from robots.models import Robot
from robots.snapshots import robot_views

from .. import command_forms, panels, robot_page
from ..here import demand, roles_text, some_site
from ..page import page
from ..robot_page import state_word
from .floor import take_refused


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    site, _ = some_site(request)
    now = timezone.now()
    text, state = request.GET.get("text", "").strip().lower(), request.GET.get("state", "")
    working = {
        mission.robot_id: mission
        for mission in Mission.objects.filter(site=site, state__in=life.ACTIVE, robot__isnull=False)
    }
    everyone = [(view, state_word(view)) for view in robot_views(site, now)]
    rows = [
        {"view": view, "word": word, "mission": working.get(view.pk)}
        for view, word in everyone
        if (not text or text in f"{view.name} {view.serial} {view.type_name}".lower()) and (not state or state == word)
    ]
    words = sorted({word for _, word in everyone})
    context = {
        "site": site, "now": now, "rows": rows, "text": text, "state": state, "words": words, "total": len(everyone),
        "joining": joining.open_requests().count(),
    }  # fmt: skip
    return page(request, "console/robots.html", context)


def _robot(public_id: str) -> Robot:
    return get_object_or_404(Robot.objects.select_related("site", "type"), public_id=public_id)


@require_GET
def robot(request: HttpRequest, public_id: str) -> HttpResponse:
    return _page(request, _robot(public_id))


def _page(request: HttpRequest, found: Robot, asked: command_forms.Asked | None = None) -> HttpResponse:
    """The page; `asked`: a command that was refused, with what was typed."""
    public_id = found.public_id
    actor = demand(request, found.site)
    part = panels.render(f"robot:{public_id}", found.site, actor, timezone.now(), csrf_token=get_token(request))
    if part is None:
        raise Http404("There is no such robot.")
    context = {
        "site": found.site,
        "robot": found,
        "part": part,
        "who_may": roles_text("robots"),
        "who_may_floor": roles_text("floor"),
        "way": robot_page.way_of(found),
        "confirming": robot_page.confirming(found, actor, request.GET.get("confirm", ""), timezone.now()),
        "refused": take_refused(request, request.GET.get("confirm", "")),
        "command_forms": command_forms.forms(found, actor, asked),
    }
    return page(request, "console/robot.html", context, status=422 if asked else 200)


@require_POST
def robot_service(request: HttpRequest, public_id: str) -> HttpResponse:
    """Out of service, or back. It finishes what it does; nothing new is given to it."""
    found = _robot(public_id)
    actor = demand(request, found.site, "robots")
    wanted = request.POST.get("in_service") == "yes"
    reason = request.POST.get("reason", "").strip()
    if not wanted and not reason:
        messages.error(request, "Say why the robot is taken out of service.")
        return redirect("robot", public_id)
    try:
        services.set_in_service(robot=found, in_service=wanted, actor=actor, reason=reason)
    except RobotRefused as error:
        note_command(request, Refused("robot.in_service", found.site.slug, ("robot", found.public_id)), str(error))
        messages.error(request, str(error))
        return redirect("robot", public_id)
    messages.info(request, f"{found.name} is {'back in' if wanted else 'out of'} service.")
    return redirect("robot", public_id)


@require_POST
def robot_ask(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    """Give the robot a command by a kind of `core.commands.RULES`. The command log says what became of it."""
    if kind not in RULES:
        raise Http404(f"A robot cannot be asked for {kind}.")
    found = _robot(public_id)
    rule = RULES[kind]
    actor = demand(request, found.site, rule.right)
    given = {key[2:]: text for key, text in request.POST.items() if key.startswith("p_")}
    reason = request.POST.get("reason", "").strip()
    try:
        services.command(robot=found, kind=kind, actor=actor, reason=reason, parameters=given)
    except (CommandInvalid, CommandRefused) as error:
        note_command(request, Refused(f"robot.{kind}", found.site.slug, ("robot", found.public_id)), str(error))
        if rule.kind in command_forms.kinds(found):
            return _page(request, found, command_forms.Asked(kind, given, reason, error))
        messages.error(request, str(error))
        return redirect("robot", public_id)
    messages.info(
        request, f"{found.name}: {kind.replace('_', ' ')} written down; the command log shows what becomes of it."
    )
    return redirect("robot", public_id)
