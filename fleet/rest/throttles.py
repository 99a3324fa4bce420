"""Limits per caller and minute (`fleet.limits` counts).

Stopping is never limited: its views set `throttle_classes = []` and touch no counter. When Valkey is down:
- `DefaultThrottle` lets pass. Reading what happens, cancelling, pausing and holding make a site safer, not busier.
- `CommandThrottle` refuses with 503. It guards what starts motion; without Valkey no mission could be carried out
  anyway (its program travels by Celery), and taking them unlimited would only heap them up.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.throttling import BaseThrottle

from fleet.accounts.access import actor_of
from fleet.limits import Policy, count

from .problems import unavailable

DEFAULT = Policy("default", settings.YARDMASTER["requests_per_minute"])
COMMANDS = Policy("commands", settings.YARDMASTER["commands_per_minute"], open_when_down=False)


class DefaultThrottle(BaseThrottle):
    """Everything that has no limit of its own."""

    _wait = 0.0

    def policy(self, request: Any) -> Policy:
        return DEFAULT

    def allow_request(self, request: Any, view: Any) -> bool:
        if not (request.user and request.user.is_authenticated):
            return True  # refused before this, or public
        actor = actor_of(request)
        verdict = count(self.policy(request), f"{actor.kind}:{actor.id}")
        if not verdict.counted:
            if not verdict.allowed:
                raise unavailable("Commands that start motion are refused while the message store is not reachable.")
            return True
        request._request.rate_limit = verdict
        self._wait = float(verdict.reset_s)
        return verdict.allowed

    def wait(self) -> float:
        return self._wait


class CommandThrottle(DefaultThrottle):
    """What starts motion: creating, retrying and resuming missions, resuming robots. Reading counts as usual."""

    def policy(self, request: Any) -> Policy:
        return DEFAULT if request.method in SAFE_METHODS else COMMANDS
