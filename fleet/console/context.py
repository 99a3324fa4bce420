"""What the frame of every page shows: person, sites, screens, stops, notices. A template context processor."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse

from fleet.accounts.access import actor_of, can, sites_of
from fleet.accounts.models import Role, Site, User

from .stopping import standing, stop_problem

log = logging.getLogger(__name__)

SCREENS = (
    ("missions", "Missions", "view"),
    ("robots", "Robots", "view"),
    ("models", "Models", "view"),
    ("audit", "Audit", "audit"),
    ("settings", "Settings", "view"),
)


@dataclass(frozen=True, slots=True)
class NavItem:
    name: str
    url: str
    here: bool


def frame(request: HttpRequest) -> dict[str, Any]:
    """`frame` for templates. Without a person, or without a database, only what needs neither."""
    try:
        return {"frame": _frame(request) | {"here": _here(request)}}
    except DatabaseError:
        return {"frame": {"theme": "auto", "notices": notices(), "here": _here(request)}}


def _here(request: HttpRequest) -> str:
    """Where the language switch comes back to: this page; the start page if it is the answer to a form."""
    return request.get_full_path() if request.method == "GET" else "/"


def _frame(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_authenticated:
        return {"theme": "auto", "notices": notices()}
    actor = actor_of(request)
    sites = list(sites_of(actor))
    site = chosen_site(request, sites)
    return {
        "theme": user.theme,
        "shortcuts": user.shortcuts,
        "person": user,
        "sites": sites,
        "site": site,
        "nav": _nav(request, site, actor),
        "role_name": _role_name(actor, site),
        "may_stop": site is not None and can(actor, "stop", site),
        "stops": standing(site.slug) if site else [],
        "stop_broken": stop_problem() if site else "",
        "notices": notices(),
    }


def chosen_site(request: HttpRequest, sites: list[Site]) -> Site | None:
    """The site of the page; else the one last looked at; else the first."""
    shown = getattr(request, "site", None)
    if isinstance(shown, Site):
        if request.session.get("site") != shown.slug:
            request.session["site"] = shown.slug
        return shown
    last = request.session.get("site")
    return next((s for s in sites if s.slug == last), sites[0] if sites else None)


def _nav(request: HttpRequest, site: Site | None, actor: Any) -> list[NavItem]:
    if site is None:
        return []
    name = request.resolver_match.url_name if request.resolver_match else ""
    items = [NavItem("Operations", reverse("operations", args=[site.slug]), name == "operations")]
    for key, title, right in SCREENS:
        if can(actor, right, site):
            items.append(NavItem(title, reverse(key), bool(name) and (name == key or name + "s" == key)))
    return items


def _role_name(actor: Any, site: Site | None) -> str:
    if actor.superuser:
        return "Superuser"
    role = actor.roles.get(site.pk) if site else None
    return Role(role).label if role else "No role"


def notices() -> list[dict[str, str]]:
    """What the supervisor process wants people to know, such as a broker that is only good for a demonstration."""
    path = settings.STATE_DIR / "run" / "notices.json"
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read: %s", path, error)
        return []
    rows = found if isinstance(found, list) else []
    return [
        {"title": str(row.get("title", "")), "text": str(row.get("text", "")), "level": str(row.get("level", "info"))}
        if isinstance(row, dict)
        else {"title": "", "text": str(row), "level": "info"}
        for row in rows
    ]
