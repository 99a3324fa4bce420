"""Settings: you, the site, people and roles, keys, layouts. Every change is a service call with its ledger entry."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from fleet.accounts import services as people
from fleet.accounts.access import Actor, can
from fleet.accounts.models import ApiKey, Membership, Role, Site, User
from fleet.accounts.rights import SCOPES
from fleet.ledger import services as ledger
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from robots import services as robots
from robots.errors import LayoutRefused
from robots.models import LayoutVersion

from ..here import at_site, demand, roles_text, some_site
from ..layout_tab import layout_tab, pockets
from ..map_tab import map_tab
from ..page import page
from ..planner_tab import planner_tab
from ..type_tab import type_tab

TABS = {
    "you": "You",
    "site": "Site",
    "planner": "Planner",
    "people": "People and roles",
    "keys": "API keys",
    "layouts": "Layouts",
    "types": "Robot types",
    "maps": "Robot maps",
}
NEEDS = dict.fromkeys(TABS, "view") | {"people": "configure", "keys": "keys"}
LIFETIMES = {"30": "30 days", "90": "90 days", "365": "a year", "": "no end"}
MAX_LAYOUT_BYTES = 5_000_000


@require_GET
def settings_page(request: HttpRequest) -> HttpResponse:
    return _page(request, request.GET.get("tab", "you"))


def settings_answer(request: HttpRequest, tab: str, status: int = 200, **more: Any) -> HttpResponse:
    """A tab with what went wrong, for the views of single tabs in other files."""
    return _page(request, tab, status, **more)


def _page(request: HttpRequest, tab: str, status: int = 200, *, chosen: str = "", **more: Any) -> HttpResponse:
    site, actor = some_site(request)
    tab = tab if tab in TABS else "you"
    context: dict[str, Any] = {
        "site": site,
        "tab": tab,
        "tabs": TABS,
        "may": {right: can(actor, right, site) for right in ("configure", "keys")},
        "allowed": can(actor, NEEDS[tab], site),
        "who": roles_text(NEEDS[tab]),
        "who_configures": roles_text("configure"),
        **_parts(site, tab, actor, chosen or request.GET.get("version") or request.GET.get("type", "")),
        **more,
    }
    return page(request, "console/settings.html", context, status=status)


def _parts(site: Site, tab: str, actor: Actor, chosen: str) -> dict[str, Any]:
    if not can(actor, NEEDS[tab], site):
        return {}
    if tab == "site":
        return {"zones": sorted(available_timezones())}
    if tab == "planner":
        return planner_tab(site, actor)
    if tab == "people":
        rows = Membership.objects.filter(site=site).select_related("user").order_by("user__username")
        return {"members": rows, "roles": Role.choices, "actor_id": actor.id}
    if tab == "keys":
        keys = ApiKey.objects.filter(site=site).select_related("created_by").order_by("-created_at")
        return {"keys": keys, "scopes": SCOPES, "lifetimes": LIFETIMES, "now": timezone.now()}
    if tab == "layouts":
        return layout_tab(site, chosen)
    if tab == "types":
        return type_tab(site, actor, chosen)
    if tab == "maps":
        return map_tab(site)
    return {}


def _back(tab: str) -> HttpResponse:
    return redirect(f"{reverse('settings')}?tab={tab}")


def _words(error: ValidationError | PermissionDenied | LayoutRefused) -> list[str]:
    if isinstance(error, ValidationError):
        return list(error.messages)
    return [str(error), *getattr(error, "problems", [])]


@require_POST
def save_you(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # the login middleware lets nobody else in
    theme = request.POST.get("theme", "auto")
    user.theme = theme if theme in ("auto", "light", "dark") else "auto"
    user.shortcuts = request.POST.get("shortcuts") == "1"
    user.save(update_fields=["theme", "shortcuts"])
    messages.info(request, "Saved.")
    return _back("you")


@require_POST
def save_site(request: HttpRequest) -> HttpResponse:
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    new = {
        "name": request.POST.get("name", "").strip()[:80],
        "time_zone": request.POST.get("time_zone", ""),
        "unattended": request.POST.get("unattended") == "1",
    }
    if not new["name"]:
        return _page(request, "site", 422, errors=["A site needs a name."])
    try:
        ZoneInfo(str(new["time_zone"]))
    except (KeyError, ValueError, OSError):
        return _page(request, "site", 422, errors=[f"{new['time_zone']!r} is not a time zone. Example: Europe/Berlin."])
    before = {key: getattr(site, key) for key in new}
    if before != new:
        with transaction.atomic():
            Site.objects.filter(pk=site.pk).update(**new)
            ledger.record(
                action="site.changed", actor=actor, site=site, target=("site", site.public_id), before=before,
                after=new, reason=request.POST.get("reason", "").strip(),
            )  # fmt: skip
    messages.info(request, "Saved.")
    return _back("site")


@require_POST
def add_person(request: HttpRequest) -> HttpResponse:
    """A new person, or one who has an account already, with a role at this site."""
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    name = request.POST.get("username", "").strip()
    try:
        with transaction.atomic():
            user = User.objects.filter(username=name).first()
            if user is None:
                password = request.POST.get("password", "")
                user = people.create_user(username=name, password=password, actor=actor)
            people.set_role(user=user, site=site, role=request.POST.get("role") or None, actor=actor)
    except (ValidationError, PermissionDenied) as error:
        return _page(request, "people", 422, errors=_words(error), username=name, role=request.POST.get("role", ""))
    messages.info(request, f"{name} has the role now.")
    return _back("people")


@require_POST
def save_role(request: HttpRequest, user_id: int) -> HttpResponse:
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    user = get_object_or_404(User, pk=user_id, memberships__site=site)
    try:
        role = request.POST.get("role") or None
        people.set_role(user=user, site=site, role=role, actor=actor, reason=request.POST.get("reason", "").strip())
    except (ValidationError, PermissionDenied) as error:
        return _page(request, "people", 422, errors=_words(error))
    messages.info(request, f"{user.get_username()}: role changed.")
    return _back("people")


@require_POST
def add_key(request: HttpRequest) -> HttpResponse:
    """Make a key; its secret is on this one answer and nowhere else."""
    site, _ = some_site(request)
    actor = demand(request, site, "keys")
    days = request.POST.get("days", "")
    expires = timezone.now() + timedelta(days=int(days)) if days in LIFETIMES and days else None
    user = request.user if isinstance(request.user, User) else None
    try:
        key, secret = people.create_key(
            site=site, name=request.POST.get("name", ""), scopes=request.POST.getlist("scope"), actor=actor,
            expires_at=expires, created_by=user,
        )  # fmt: skip
    except (ValidationError, PermissionDenied) as error:
        return _page(request, "keys", 422, errors=_words(error))
    return _page(request, "keys", made=key, secret=secret)


@require_POST
def revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.select_related("site"), public_id=public_id)
    actor = demand(request, key.site, "keys")
    people.revoke_key(key=key, actor=actor, reason=request.POST.get("reason", "").strip())
    messages.info(request, f"The key “{key.name}” is revoked.")
    return _back("keys")


@require_POST
def add_layout(request: HttpRequest) -> HttpResponse:
    """Import LIF 1.0 or our own JSON as a new version; publishing is a second step."""
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > MAX_LAYOUT_BYTES:
        return _page(request, "layouts", 422, errors=["Choose a LIF or layout file of at most 5 MB."])
    try:
        document = json.loads(file.read().decode("utf-8-sig"))
        if not isinstance(document, dict):
            raise ValueError("the file is not a JSON object")
        user = request.user if isinstance(request.user, User) else None
        note = request.POST.get("note", "").strip()
        version, warnings = robots.import_layout(site=site, document=document, actor=actor, user=user, note=note)
    except LayoutRefused as error:
        return _page(request, "layouts", 422, errors=_words(error))
    except ValueError as error:
        return _page(request, "layouts", 422, errors=[f"The file is not JSON: {error}"])
    return _page(request, "layouts", chosen=version.public_id, imported=version, warnings=warnings)


@require_POST
def publish(request: HttpRequest, public_id: str) -> HttpResponse:
    version = get_object_or_404(LayoutVersion.objects.select_related("site"), public_id=public_id)
    actor = demand(request, version.site, "configure")
    typed = request.POST.get("accept_limit", "").strip()
    limit = int(typed) if typed.isdecimal() and len(typed) < 7 else -1 if typed else None
    try:
        made = robots.publish_layout(version=version, actor=actor, accept_limit=limit)
    except LayoutRefused as error:
        note_command(request, Refused("layout.published", version.site.slug, ("layout", public_id)), str(error))
        return _page(request, "layouts", 422, chosen=public_id, errors=[str(error)])
    messages.info(request, _published(made))
    return _back("layouts")


def _published(made: LayoutVersion) -> str:
    if made.accepted_limit is None:
        return f"Version {made.number} is in force."
    if made.accepted_limit == 1:
        return f"Version {made.number} is in force, with 1 robot at once at most."
    return f"Version {made.number} is in force, with at most {made.accepted_limit} robots at once."


@require_GET
def pockets_json(request: HttpRequest, slug: str) -> JsonResponse:
    """The layer of the operations map with the pockets of the layout in force."""
    site, _ = at_site(request, slug)
    return JsonResponse(dict(pockets(site)), headers={"Cache-Control": "no-store"})


@require_GET
def export_lif(request: HttpRequest, public_id: str) -> HttpResponse:
    version = get_object_or_404(LayoutVersion.objects.select_related("site"), public_id=public_id)
    demand(request, version.site)
    name = f"{version.site.slug}-{version.number}.lif.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return JsonResponse(robots.export_lif(version), headers=headers, json_dumps_params={"indent": 1})
