"""Sign-ins, sign-outs and failed attempts go into the ledger."""

from __future__ import annotations

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from fleet.ledger import services as ledger

from .access import person_actor
from .models import User
from .remembered import MEMORY


def _address(request: HttpRequest | None) -> dict[str, str]:
    return {"address": request.META.get("REMOTE_ADDR", "")} if request else {}


def _named(username: object) -> str:
    """The name tried, if somebody has it. Otherwise it may be a password typed into the wrong field: not kept."""
    known = User.objects.filter(username=str(username)).values_list("username", flat=True).first()
    return known or "(unknown name)"


@receiver(user_logged_in)
def _signed_in(sender: object, request: HttpRequest, user: User, **_: Any) -> None:
    ledger.record(action="login.succeeded", actor=person_actor(user), target=("user", user.pk), after=_address(request))


@receiver(user_logged_out)
def _signed_out(sender: object, request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        MEMORY.forget("person", str(user.pk))
        ledger.record(action="logout", actor=person_actor(user), target=("user", user.pk), after=_address(request))


@receiver(user_login_failed)
def _failed(sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    name = _named(credentials.get("username"))
    ledger.record(action="login.failed", actor="login", after={"name": name, **_address(request)}, result="refused")


@receiver(user_locked_out)
def _locked_out(sender: object, request: HttpRequest, username: str, ip_address: str, **_: Any) -> None:
    after = {"name": _named(username), "address": ip_address}
    ledger.record(action="login.locked", actor="login", after=after, result="refused")
