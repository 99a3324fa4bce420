"""The composer: what a text means, the same as a form, and dispatching exactly what was shown."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from fleet.accounts.access import Actor
from fleet.accounts.models import Site, User
from fleet.language.said import all_said, said
from fleet.rest.problems import Refused
from fleet.rest.refusals import note_command
from missions import phrases, services, site_facts, understanding
from missions.errors import (
    ApprovalNeeded,
    InterpretationChanged,
    InterpretationExpired,
    InterpretationUnknown,
    NotAccepted,
    NotDispatchable,
    PlanInvalid,
    PlannerUnavailable,
)
from missions.models import Interpretation, Mission

from ..here import at_site
from ..planform import form_context, plan_from_fields
from ..reading import preview_context


@require_POST
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """Read the text and show what was understood. Without a planner: the form, and why."""
    site, actor = at_site(request, slug, "dispatch")
    now = timezone.now()
    try:
        seen = _read(request, site, actor)
    except PlannerUnavailable as error:
        return _form(request, site, None, why=str(error), status=503)
    except PlanInvalid as error:
        return _form(request, site, None, errors=error.errors, status=422)
    except InterpretationUnknown as error:
        return _form(request, site, None, why=str(error), status=409)
    return render(request, "console/_preview.html", preview_context(seen, now))


def _read(request: HttpRequest, site: Site, actor: Actor) -> Interpretation:
    """A text, a mission once more, or another reading of a text that was shown."""
    given, now = request.POST, timezone.now()
    if repeated := given.get("repeat"):
        mission = get_object_or_404(Mission.objects.select_related("interpretation"), site=site, public_id=repeated)
        return understanding.interpret_repeat(site=site, mission=mission, actor=actor, now=now)
    if (number := given.get("alternative", "")).isdigit() and len(number) < 4:
        return understanding.interpret_alternative(
            site=site, interpretation_id=given.get("from", ""), number=int(number), actor=actor, now=now
        )
    said = understanding.Said(
        given.get("text", ""),
        given.get("origin") or None,
        _json(given.get("origins", ""), None),
        _edits(_json(given.get("edits", ""), [])),
        approves=waiting(site, given.get("approve", "")),
    )
    return understanding.interpret(site=site, said=said, actor=actor, now=now)


def waiting(site: Site, public_id: str) -> Interpretation | None:
    """The reading that a program asked a person to approve, while nobody has decided."""
    if not public_id:
        return None
    found = Interpretation.objects.filter(site=site, public_id=public_id, settled_at=None)
    return found.exclude(asked_at=None).first()


def _json(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text) if text else otherwise
    except ValueError:
        return otherwise


def _edits(given: Any) -> list[dict[str, Any]]:
    """Answers as the page sends them; whatever has not their form is no answer."""
    rows = given if isinstance(given, list) else []
    return [
        {"start": row["start"], "end": row["end"], "id": str(row.get("id"))}
        for row in rows
        if isinstance(row, dict) and all(type(row.get(key)) is int for key in ("start", "end"))
    ]


@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, slug: str) -> HttpResponse:
    """The plan as fields (GET, `?from=` an interpretation); the fields checked and shown like any reading (POST)."""
    site, actor = at_site(request, slug, "dispatch")
    now = timezone.now()
    if request.method == "GET":
        seen = Interpretation.objects.filter(site=site, public_id=request.GET.get("from", "")).first()
        return _form(request, site, seen.plan if seen else None, seen=seen)
    seen = Interpretation.objects.filter(site=site, public_id=request.POST.get("from", "")).first()
    plan = plan_from_fields(request.POST, kept(request.POST.get("keep", "")))
    text = request.POST.get("text", "")
    # Words that were foreign in the reading stay foreign when its fields are corrected.
    foreign = seen.tainted if seen is not None and seen.text == text.strip() else []
    parts = [{key: part[key] for key in ("start", "end", "origin")} for part in foreign]
    said = understanding.Said(text, parts=parts or None, approves=seen.approves if seen is not None else None)
    try:
        made = understanding.interpret_form(site=site, plan_json=plan, said=said, actor=actor, now=now)
    except PlanInvalid as error:
        return _form(request, site, plan, errors=error.errors, status=422, seen=seen)
    return render(request, "console/_preview.html", preview_context(made, now))


def kept(text: str) -> dict[str, Any]:
    """What the form has no field for, as it came with the form."""
    found = _json(text, {})
    return found if isinstance(found, dict) else {}


def form_fields(site: Site, plan: dict[str, Any] | None) -> dict[str, Any]:
    """The context of the form's template."""
    keep = {key: plan[key] for key in ("start", "deadline", "repeat") if plan and plan.get(key)}
    return form_context(plan, site_facts.vocabulary(site, timezone.now())) | {"site": site, "keep": json.dumps(keep)}


def _form(
    request: HttpRequest, site: Site, plan: dict[str, Any] | None, *, status: int = 200, errors: Any = (),
    why: str = "", seen: Interpretation | None = None,
) -> HttpResponse:  # fmt: skip
    context = form_fields(site, plan)
    context |= {"errors": errors, "why": why, "source": seen.public_id if seen is not None else ""}
    return render(request, "console/_stepform.html", context, status=status)


@require_POST
def dispatch(request: HttpRequest, slug: str) -> HttpResponse:
    """Consent to the reading that was shown: by its id and hash, before it expires, with every unsure part accepted."""
    site, actor = at_site(request, slug, "dispatch")
    given = request.POST.get("interpretation_id", "")
    try:
        mission = services.create(
            interpretation_id=given,
            hash=request.POST.get("hash", ""),
            actor=actor,
            now=timezone.now(),
            site=site,
            accepted=request.POST.get("accepted", "").split(","),
            approved=request.POST.get("approved") == "1",
        )
    except (NotAccepted, ApprovalNeeded) as error:
        return JsonResponse({"detail": said(error)}, status=422)
    except (InterpretationChanged, InterpretationExpired, InterpretationUnknown, NotDispatchable) as error:
        note_command(request, Refused("mission.dispatch", site.slug, ("interpretation", given)), str(error))
        if isinstance(error, NotDispatchable):
            return JsonResponse({"detail": " ".join(all_said(error.reasons))}, status=422)
        difference = error.difference if isinstance(error, InterpretationChanged) else [str(error)]
        told = all_said(difference)
        return JsonResponse({"detail": " ".join(told), "difference": told}, status=409)
    if (
        isinstance(request.user, User)
        and mission.interpretation
        and mission.interpretation.draft.get("model") != "form"
    ):
        phrases.remember(user=request.user, site=site, text=mission.text, now=timezone.now())
    return JsonResponse(
        {
            "label": mission.label,
            "public_id": mission.public_id,
            "url": reverse("mission", args=[mission.public_id]),
            "cancel_url": reverse("mission_request", args=[mission.public_id, "cancel"]),
            "feedback_url": reverse("composer_feedback", args=[site.slug, given]) if site.keeps_feedback else "",
        },
        status=201,
    )


@require_POST
def decline(request: HttpRequest, slug: str) -> HttpResponse:
    """A person says no to words that a program brought. Said twice is said once."""
    site, actor = at_site(request, slug, "dispatch")
    seen = get_object_or_404(Interpretation, site=site, public_id=request.POST.get("interpretation_id", ""))
    services.decline_approval(seen=seen, actor=actor, now=timezone.now())
    return JsonResponse({"detail": said("Declined. Nothing was sent.")})
