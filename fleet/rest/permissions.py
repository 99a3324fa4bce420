"""Rights at the door of an operation: `permission_classes = [requires("dispatch", scope="missions:write")]`.

Where the site is known only inside the operation (from the body, from a row), call `demand(request, right, site)`.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from rest_framework import permissions

from fleet.accounts.access import actor_of, can, current_site, member, rights_at, roles_with, scopes_with, supervised
from fleet.accounts.models import Site
from fleet.accounts.rights import Actor, is_supervision

from .problems import Problem


def forbidden(right: str, actor: Actor, site: Site | None = None, scope: str | None = None) -> Problem:
    """403 that names who may: in the detail for a person, in `needs` for a program."""
    scopes = (scope,) if scope else scopes_with(right)
    roles = roles_with(right)
    who = f"the scope {' or '.join(scopes)}" if actor.kind == "key" and scopes else f"the role {' or '.join(roles)}"
    if actor.kind == "key" and not scopes:
        who = f"a person with the role {' or '.join(roles)}; no key may"
    place = f" at {site.name}" if site else ""
    needs = {"right": right, "roles": list(roles), "scopes": list(scopes)}
    return Problem("forbidden", f"This needs {who}{place}.", needs=needs, **({"site": site.slug} if site else {}))


def demand(request: Any, right: str, site: Site, scope: str | None = None) -> Actor:
    """The actor, if it has the right at the site. Http404 where it is no member; Problem 403 where the right lacks."""
    actor = actor_of(request)
    if not member(actor, site):
        raise Http404("There is nothing here, or it belongs to a site you are not a member of.")
    if not can(actor, right, site) or not _scope_held(actor, scope):
        raise forbidden(right, actor, site, scope)
    if is_supervision(actor, site):
        supervised(site, timezone.now())
    return actor


def _scope_held(actor: Actor, scope: str | None) -> bool:
    """Whether a key has the scope an operation asks for; what may write may read. People have no scopes."""
    if actor.kind != "key" or scope is None or scope in actor.scopes:
        return True
    area, _, verb = scope.partition(":")
    return verb == "read" and f"{area}:write" in actor.scopes


class _Requires(permissions.BasePermission):
    look: tuple[str, str | None] = ("view", None)
    change: tuple[str, str | None] = ("view", None)

    def has_permission(self, request: Any, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False  # REST framework answers 401
        right, scope = self.wanted(request)
        slug = view.kwargs.get("site")
        if slug is not None:
            demand(request, right, current_site(request, slug), scope)
            return True
        actor = actor_of(request)
        anywhere = actor.superuser or any(right in rights_at(actor, site) for site in actor.site_ids)
        if not anywhere or not _scope_held(actor, scope):
            raise forbidden(right, actor, None, scope)
        return True

    def wanted(self, request: Any) -> tuple[str, str | None]:
        return self.look if request.method in permissions.SAFE_METHODS else self.change

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        right, scope = self.wanted(request)
        demand(request, right, obj if isinstance(obj, Site) else obj.site, scope)
        return True


def requires(
    right: str, *, scope: str | None = None, change: tuple[str, str | None] | None = None
) -> type[permissions.BasePermission]:
    """A permission class. `scope` narrows it for keys where several scopes give the right (reading, above all).

    `change` is the (right, scope) of the methods that change something, where it differs:
    `requires("view", scope="missions:read", change=("dispatch", "missions:write"))`.
    """
    return type(f"Requires_{right}", (_Requires,), {"look": (right, scope), "change": change or (right, scope)})
