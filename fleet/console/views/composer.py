"""The composer: what a text means, the same as a form, and dispatching exactly what was shown."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fleet.accounts.models import Site
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from missions import services, site_facts
from missions.errors import (
    InterpretationChanged,
    InterpretationExpired,
    InterpretationUnknown,
    NotDispatchable,
    PlanInvalid,
    PlannerUnavailable,
)
from missions.models import Interpretation

from ..here import at_site
from ..planform import form_context, plan_from_fields
from ..reading import preview_context, unaccepted


@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Read the text and show what was understood. Without a planner: the form, and why."""
    site, actor = at_site(request, slug, "dispatch")
    text = request.POST.get("text", "")
    now = timezone.now()
    try:
        seen = services.interpret(site=site, text=text, actor=actor, now=now)
    except PlannerUnavailable as error:
        return _form(request, site, None, why=str(error), status=503)
    except PlanInvalid as error:
        return _form(request, site, None, errors=error.errors, status=422)
    return render(request, "console/_preview.html", preview_context(seen, now))


@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """The plan as fields (GET, `?from=` an interpretation); the fields checked and shown like any reading (POST)."""
    site, actor = at_site(request, slug, "dispatch")
    now = timezone.now()
    if request.method == "GET":
        seen = Interpretation.objects.filter(site=site, public_id=request.GET.get("from", "")).first()
        return _form(request, site, seen.plan if seen else None)
    plan = plan_from_fields(request.POST, _kept(request.POST.get("keep", "")))
    try:
        seen = services.interpret_form(
            site=site, plan_json=plan, text=request.POST.get("text", ""), actor=actor, now=now
        )
    except PlanInvalid as error:
        return _form(request, site, plan, errors=error.errors, status=422)
    return render(request, "console/_preview.html", preview_context(seen, now))


def _kept(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _form(
    request: HttpRequest, site: Site, plan: dict[str, Any] | None, *, status: int = 200, errors: Any = (), why: str = ""
) -> HttpResponse:
    vocabulary = site_facts.vocabulary(site, timezone.now())
    keep = {key: plan[key] for key in ("start", "deadline", "repeat") if plan and plan.get(key)}
    context = form_context(plan, vocabulary)
    context |= {"site": site, "errors": errors, "why": why, "keep": json.dumps(keep)}
    return render(request, "console/_stepform.html", context, status=status)


@require_POST
def dispatch(request: HttpRequest, slug: str) -> HttpResponse:
    """Consent to the reading that was shown: by its id and hash, before it expires, with every unsure part accepted."""
    site, actor = at_site(request, slug, "dispatch")
    given = request.POST.get("interpretation_id", "")
    seen = Interpretation.objects.filter(site=site, public_id=given).first()
    if seen is not None and (open_parts := unaccepted(seen, request.POST.get("accepted", ""))):
        return JsonResponse({"detail": f"Accept or change first: {', '.join(open_parts)}."}, status=422)
    try:
        mission = services.create(
            interpretation_id=given, hash=request.POST.get("hash", ""), actor=actor, now=timezone.now(), site=site
        )
    except (InterpretationChanged, InterpretationExpired, InterpretationUnknown, NotDispatchable) as error:
        note_command(request, Refused("mission.dispatch", site.slug, ("interpretation", given)), str(error))
        if isinstance(error, NotDispatchable):
            return JsonResponse({"detail": str(error)}, status=422)
        difference = error.difference if isinstance(error, InterpretationChanged) else [str(error)]
        return JsonResponse({"detail": str(error), "difference": difference}, status=409)
    return JsonResponse(
        {
            "label": mission.label,
            "public_id": mission.public_id,
            "url": reverse("mission", args=[mission.public_id]),
            "cancel_url": reverse("mission_request", args=[mission.public_id, "cancel"]),
        },
        status=201,
    )
