"""Unknown robots that want to join: who they say they are, and a person's decision. And what the broker refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fleet.accounts.access import can
from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from robots import admission, joining
from robots.admission import Login
from robots.broker import roster
from robots.core.joining import Place
from robots.core.layout_parts import Node
from robots.errors import RobotsError
from robots.models import BrokerRefusal, JoinRequest, Robot, RobotType
from robots.snapshots import layout_in_force

from ..here import demand, roles_text, some_site
from ..layout_picture import picture
from ..page import page

DECIDED_SHOWN = 20
T = TypeVar("T")


@require_GET
def joins(request: HttpRequest) -> HttpResponse:
    """Who waits, who was sent away, and what was refused."""
    return _list(request)


def _list(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    site, actor = some_site(request)
    refused = JoinRequest.objects.filter(state="refused").order_by("-decided_at")[:DECIDED_SHOWN]
    rows = [{"row": row, "victim": victim} for row, victim in admission.unseen(site)]
    context = {
        "site": site, "now": timezone.now(), "waiting": list(joining.open_requests()), "refused": list(refused),
        "refusals": rows, "may": can(actor, "configure", site), "who": roles_text("configure"), **more,
    }  # fmt: skip
    return page(request, "console/joins.html", context, status=status)


@require_GET
def join(request: HttpRequest, public_id: str) -> HttpResponse:
    """One robot: what it says of itself and, once a type is chosen, how that fits."""
    return _one(request, _request(public_id))


def _one(request: HttpRequest, row: JoinRequest, status: int = 200, **more: Any) -> HttpResponse:
    site, actor = some_site(request)
    given = request.POST if request.method == "POST" else request.GET
    types = list(RobotType.objects.order_by("name"))
    kind = next((each for each in types if each.slug == given.get("type", "")), None)
    waits = joining.open_requests().filter(pk=row.pk).exists()
    sheet, unreadable = joining.sheet_of(row)
    now, place = timezone.now(), joining.place_of(row)
    context = {
        "site": site, "now": now, "join": row, "waits": waits, "sheet": sheet, "unreadable": unreadable,
        "place": place, "drawing": _drawing(site, place), "silent": joining.stale(row, now), "types": types,
        "kind": kind, "look": joining.look(row, kind, site, now) if kind and waits else None,
        "may": can(actor, "configure", site), "who": roles_text("configure"),
        "login": given.get("login", "") or roster.possible_login(row.serial), "given": given, **more,
    }  # fmt: skip
    return page(request, "console/join.html", context, status=status)


@require_POST
def join_admit(request: HttpRequest, public_id: str) -> HttpResponse:
    """The answer shows what to enter in the robot; it can be asked for again on the robot's page."""
    row = _request(public_id)
    site, actor = _decider(request)
    kind = get_object_or_404(RobotType, slug=request.POST.get("type", ""))

    def act(now: datetime) -> Robot:
        return admission.admit(
            request=row, site=site, kind=kind, name=request.POST.get("name", ""), actor=actor,
            consent=request.POST.get("consent", ""), now=now, login=request.POST.get("login", ""),
            certificate=request.POST.get("certificate", ""), home=request.POST.get("home", "").strip(),
        )  # fmt: skip

    robot, why = _tried(request, act, Refused("robot.admit", site.slug, ("join_request", row.public_id)))
    if robot is None:
        return _one(request, row, 422, refused=why)
    return _login(request, robot, admission.credentials(robot=robot, actor=actor), made=True)


@require_POST
def join_refuse(request: HttpRequest, public_id: str) -> HttpResponse:
    row = _request(public_id)
    site, actor = _decider(request)

    def act(now: datetime) -> JoinRequest:
        reason = request.POST.get("reason", "")
        return admission.refuse(request=row, actor=actor, site=site, reason=reason, now=now)

    done, why = _tried(request, act, Refused("robot.join_refuse", site.slug, ("join_request", row.public_id)))
    return _told(request, f"{row.serial} is refused." if done else "", why)


@require_POST
def join_reconsider(request: HttpRequest, public_id: str) -> HttpResponse:
    row = _request(public_id)
    site, actor = _decider(request)

    def act(now: datetime) -> JoinRequest:
        return admission.reconsider(request=row, actor=actor, site=site, now=now)

    done, why = _tried(request, act, Refused("robot.join_reconsider", site.slug, ("join_request", row.public_id)))
    return _told(request, f"{row.serial} waits again." if done else "", why)


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """A login with which a robot may ask to join; its password is on this one answer."""
    site, actor = _decider(request)
    serial = request.POST.get("serial", "").strip()

    def act(now: datetime) -> Login:
        maker = request.POST.get("manufacturer", "").strip()
        return admission.invite(serial=serial, manufacturer=maker, actor=actor, site=site)

    login, why = _tried(request, act, Refused("robot.invite", site.slug, ("login", serial)))
    return _list(request, 422 if why else 200, login=login, problem=why, serial=serial)


@require_POST
def robot_login(request: HttpRequest, public_id: str) -> HttpResponse:
    """What to enter in a robot that is admitted; the ledger keeps who asked."""
    robot = get_object_or_404(Robot.objects.select_related("site", "type"), public_id=public_id)
    actor = demand(request, robot.site, "configure")

    def act(now: datetime) -> Login:
        return admission.credentials(robot=robot, actor=actor)

    login, why = _tried(request, act, Refused("robot.credentials", robot.site.slug, ("robot", robot.public_id)))
    return _told(request, "", why) if login is None else _login(request, robot, login)


@require_POST
def refusal_seen(request: HttpRequest, public_id: str) -> HttpResponse:
    site, actor = _decider(request)
    row = BrokerRefusal.objects.filter(public_id=public_id).select_related("robot", "robot__site").first()
    if row is None or site not in admission.concerned(row):
        raise Http404("There is no such refusal.")
    admission.seen(refusal=row, actor=actor, site=site, now=timezone.now())
    return _told(request, "Noted. It is raised again when it happens again.", "")


def _login(request: HttpRequest, robot: Robot, login: Login, made: bool = False) -> HttpResponse:
    return page(request, "console/join_login.html", {"site": robot.site, "robot": robot, "login": login, "made": made})


def _request(public_id: str) -> JoinRequest:
    row = JoinRequest.objects.filter(public_id=public_id).select_related("robot").first()
    if row is None:
        raise Http404("There is no such request to join any more.")
    return row


def _decider(request: HttpRequest) -> tuple[Site, Actor]:
    site, _ = some_site(request)
    return site, demand(request, site, "configure")


def _tried(request: HttpRequest, act: Callable[[datetime], T], asked: Refused) -> tuple[T | None, str]:
    try:
        return act(timezone.now()), ""
    except RobotsError as error:
        note_command(request, asked, str(error))
        return None, str(error)


def _told(request: HttpRequest, words: str, why: str) -> HttpResponse:
    if why:
        messages.error(request, why)
    else:
        messages.info(request, words)
    return redirect("joins")


def _drawing(site: Site, place: Place | None) -> dict[str, Any] | None:
    """The layout in force with a dot where it says that it stands."""
    known = layout_in_force(site)
    if known is None or place is None:
        return None
    here = Node(" here", place.x, place.y)
    layout = replace(known[1], nodes=(*known[1].nodes, here))
    return picture(layout, {"pockets": [], "traps": [here.id], "advice": None})
