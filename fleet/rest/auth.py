"""Who calls: a program with a key, or a person's browser session with its CSRF token."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from rest_framework import authentication, exceptions

from fleet.accounts.access import key_actor, person_actor
from fleet.accounts.keys import PREFIX, hash_key
from fleet.accounts.models import ApiKey

from .problems import Problem

LAST_USED_PERIOD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyPrincipal:
    """What `request.user` is when a program calls: nobody of `User`, but authenticated."""

    key: ApiKey
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True

    @property
    def pk(self) -> str:
        return self.key.public_id

    def __str__(self) -> str:
        return self.key.name


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer ymk_...`, bound to one site, until it expires or is revoked."""

    def authenticate(self, request: Any) -> tuple[KeyPrincipal, ApiKey] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret.startswith(PREFIX):
            raise exceptions.AuthenticationFailed("Authorization must read `Bearer ymk_...`.")
        now = timezone.now()
        key = ApiKey.objects.filter(hash=hash_key(secret)).first()
        # One sentence for every cause: who holds a dead key need not learn whether it ever lived.
        if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            raise exceptions.AuthenticationFailed("The key is unknown, expired or revoked.")
        _note_use(key, now)
        request._request.actor = key_actor(key)
        return KeyPrincipal(key), key

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="yardmaster"'


def _note_use(key: ApiKey, now: datetime) -> None:
    due = now - LAST_USED_PERIOD
    if key.last_used_at is None or key.last_used_at <= due:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=due)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: Any, reason: str) -> str:
        return reason


def demand_csrf_token(request: Any) -> None:
    """Problem 403 where a request that changes something with a session's cookie lacks the page's token."""
    check = _CsrfCheck(lambda _request: None)  # type: ignore[arg-type, return-value]
    check.process_request(request._request)
    if reason := check.process_view(request._request, None, (), {}):
        raise Problem("csrf_failed", str(reason))


class SessionAuthentication(authentication.BaseAuthentication):
    """The signed-in person of the browser session; whatever changes something needs the CSRF token."""

    def authenticate(self, request: Any) -> tuple[Any, None] | None:
        user = getattr(request._request, "user", None)
        if user is None or not user.is_authenticated or not user.is_active:
            return None
        demand_csrf_token(request)
        request._request.actor = person_actor(user)
        return user, None
