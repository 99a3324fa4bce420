"""Settings, Planner: the site admin's choice."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from fleet.accounts import services as accounts

from ..here import demand, some_site
from .settings import settings_answer


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Pressed twice it is saved once; a planner there is not is said so."""
    site, _ = some_site(request)
    actor = demand(request, site, "configure")
    try:
        changed = accounts.set_reading(
            site=site,
            actor=actor,
            planner=request.POST.get("planner", ""),
            keeps_feedback=request.POST.get("keeps_feedback") == "1",
            reason=request.POST.get("reason", "").strip(),
        )
    except (ValidationError, PermissionDenied) as error:
        words = list(error.messages) if isinstance(error, ValidationError) else [str(error)]
        return settings_answer(request, "planner", 422, errors=words)
    messages.info(request, "Saved." if changed else "Nothing was changed.")
    return redirect(f"{reverse('settings')}?tab=planner")
