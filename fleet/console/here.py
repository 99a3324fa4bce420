"""From a page's request to its site and its actor, with the right the page needs."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone

from fleet.accounts.access import Actor, actor_of, can, current_site, member, sites_of, supervised
from fleet.accounts.models import Role, Site
from fleet.accounts.rights import is_supervision, roles_with
from fleet.rest.permissions import forbidden
from fleet.rest.refusals import note_refusal

__all__ = ["at_site", "demand", "roles_text", "some_site"]


def at_site(request: HttpRequest, slug: str, right: str = "view") -> tuple[Site, Actor]:
    """The site of the address and who asks. Http404 for non-members, PermissionDenied (noted) without the right."""
    site = current_site(request, slug)
    return site, demand(request, site, right)


def demand(request: HttpRequest, site: Site, right: str = "view") -> Actor:
    """The actor, if it has `right` at `site`; the page is from now on one of this site."""
    actor = actor_of(request)
    if not member(actor, site):
        raise Http404("There is nothing here, or it belongs to a site you are not a member of.")
    request.site = site  # type: ignore[attr-defined]
    if not can(actor, right, site):
        if right != "view":
            note_refusal(request, right, forbidden(right, actor, site))
        raise PermissionDenied(f"This needs the role {roles_text(right)} at {site.name}.")
    return actor


def some_site(request: HttpRequest, right: str = "view") -> tuple[Site, Actor]:
    """For pages without a site in their address: `?site=`, else the one last looked at, else the first."""
    actor = actor_of(request)
    wanted = request.GET.get("site") or request.session.get("site")
    sites = list(sites_of(actor))
    site = next((s for s in sites if s.slug == wanted), sites[0] if sites else None)
    if site is None:
        raise PermissionDenied("You have no role at any site yet. A site admin can give you one.")
    if is_supervision(actor, site):
        supervised(site, timezone.now())
    return site, demand(request, site, right)


def roles_text(right: str) -> str:
    """The roles that have `right`, as people write them."""
    return " or ".join(Role(role).label for role in roles_with(right))
