"""Who may stop by REST, decided without the database wherever it was decided a moment ago (`accounts.remembered`).

A view: `authentication_classes = [StopAuthentication]`, `permission_classes = [MayStop]`, `throttle_classes = []`, and
`stop_site(request)`. Pages have the signed pass of `fleet.console.stopping`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from rest_framework import authentication, permissions
from rest_framework.request import Request

from fleet.accounts.access import actor_of, can, credential_of, current_site
from fleet.accounts.remembered import MEMORY, LetIn, SiteCard
from fleet.accounts.rights import Actor

from .auth import ApiKeyAuthentication, SessionAuthentication, demand_csrf_token
from .permissions import forbidden
from .problems import DATABASE_DOWN


@dataclass(frozen=True, slots=True)
class StopPrincipal:
    """`request.user` on the stop path; whoever needs the row reads it later."""

    actor: Actor
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True

    @property
    def pk(self) -> str:
        return self.actor.id


def recall(request: Any, slug: str) -> LetIn | None:
    """The caller, if it was let in at this site lately; no database."""
    credential = credential_of(request)
    return MEMORY.recall(credential, slug, time.monotonic()) if credential else None


def _asked(request: Any, slug: str) -> LetIn:
    actor = actor_of(request)
    site = current_site(request, slug)
    if not can(actor, "stop", site):
        raise forbidden("stop", actor, site)
    return LetIn(actor, SiteCard(site.pk, site.slug, site.name), time.monotonic())


def _after_failure(request: Any, slug: str) -> LetIn | None:
    MEMORY.database_is_down(time.monotonic())
    return recall(request, slug)


class StopAuthentication(authentication.BaseAuthentication):
    """A key, or a session with its CSRF token: remembered first, then asked for in the usual way."""

    def authenticate(self, request: Any) -> tuple[Any, Any] | None:
        slug = request.parser_context["kwargs"].get("site", "")
        known = recall(request, slug)
        if known is None:
            try:
                return ApiKeyAuthentication().authenticate(request) or SessionAuthentication().authenticate(request)
            except DATABASE_DOWN:
                known = _after_failure(request, slug)
                if known is None:
                    raise
        if known.actor.kind == "person":
            demand_csrf_token(request)
        request._request.actor = known.actor
        request._request.stop_site = known.site
        return StopPrincipal(known.actor), None

    def authenticate_header(self, request: Any) -> str:
        return ApiKeyAuthentication().authenticate_header(request)


class MayStop(permissions.BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return False  # REST framework answers 401
        if getattr(request._request, "stop_site", None) is None:
            request._request.stop_site = _asked(request, view.kwargs["site"]).site
        return True


def stop_site(request: Request) -> SiteCard:
    """The site that `MayStop` has let the caller into."""
    card: SiteCard = request._request.stop_site  # type: ignore[attr-defined]
    return card
