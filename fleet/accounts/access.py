"""From a request to who acts and at which site. The table of rights itself is `fleet.accounts.rights`."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from .models import ApiKey, Site, User
from .remembered import MEMORY, SiteCard, credential_digest
from .rights import (
    RIGHTS,
    SCOPES,
    Actor,
    can,
    is_supervision,
    member,
    rights_at,
    roles_with,
    scopes_with,
)

__all__ = [
    "RIGHTS",
    "SCOPES",
    "Actor",
    "actor_of",
    "can",
    "credential_of",
    "current_site",
    "key_actor",
    "member",
    "person_actor",
    "remember",
    "rights_at",
    "roles_with",
    "scopes_with",
    "sites_of",
    "supervised",
]

SUPERVISION_PERIOD = timedelta(seconds=5)


def person_actor(user: User) -> Actor:
    """The actor of a person, with the roles of this moment: a role taken away counts from the next request."""
    roles = dict(user.memberships.values_list("site_id", "role"))
    return Actor("person", str(user.pk), user.get_username(), roles, frozenset(), frozenset(roles), user.is_superuser)


def key_actor(key: ApiKey) -> Actor:
    return Actor("key", key.public_id, key.name, {}, frozenset(key.scopes), frozenset({key.site_id}))


def actor_of(request: Any) -> Actor:
    """Who sent this request (Django's or REST framework's): a session's person or a key. PermissionError: nobody."""
    plain: HttpRequest = getattr(request, "_request", request)
    known = getattr(plain, "actor", None)
    if known is None:
        user = getattr(request, "user", None)
        if not isinstance(user, User) or not user.is_active:
            raise PermissionError("nobody is signed in")
        known = person_actor(user)
        plain.actor = known  # type: ignore[attr-defined]
    actor: Actor = known
    return actor


def sites_of(actor: Actor) -> QuerySet[Site]:
    """The sites that exist for this actor, by name."""
    sites = Site.objects.order_by("name", "id")
    return sites if actor.superuser else sites.filter(id__in=actor.site_ids)


def current_site(request: Any, slug: str) -> Site:
    """The site by slug or public id; 404 when it is not there or the actor is no member (it must not be told apart)."""
    actor = actor_of(request)
    site = sites_of(actor).filter(Q(slug=slug) | Q(public_id=slug)).first()
    if site is None:
        raise Http404(f"There is no site {slug!r}, or you are not a member of it.")
    remember(request, actor, site)
    if is_supervision(actor, site):
        supervised(site, timezone.now())
    return site


def remember(request: Any, actor: Actor, site: Site) -> None:
    """Note for the stop path that this caller was let in here (`remembered`)."""
    if (credential := credential_of(request)) is not None and can(actor, "stop", site):
        card = SiteCard(site.pk, site.slug, site.name)
        MEMORY.note(credential, (site.slug, site.public_id), actor, card, time.monotonic())


def credential_of(request: Any) -> str | None:
    """What identifies the caller in the memory of the stop path: a digest of its key or of its session's cookie."""
    plain: HttpRequest = getattr(request, "_request", request)
    scheme, _, secret = plain.headers.get("Authorization", "").partition(" ")
    if scheme:
        return credential_digest("key", secret.strip()) if scheme.lower() == "bearer" else None
    session = plain.COOKIES.get(settings.SESSION_COOKIE_NAME)
    return credential_digest("session", session) if session else None


def supervised(site: Site, now: datetime) -> None:
    """Note a supervisor's sign of life; written at most every five seconds. Call only for who may dispatch."""
    due = now - SUPERVISION_PERIOD
    if site.supervised_at is not None and due < site.supervised_at <= now:
        return
    old = Q(supervised_at__isnull=True) | Q(supervised_at__lte=due)
    ahead = Q(supervised_at__gt=now)  # the clock was set back: a sign of life from the future must not count for hours
    Site.objects.filter(old | ahead, pk=site.pk).update(supervised_at=now)
    site.supervised_at = now
