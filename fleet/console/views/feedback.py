""" "Not what I meant": what was meant, kept as evaluation data with consent, and deleted again on wish."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from missions import feedback
from missions.errors import FeedbackRefused, PlanInvalid
from missions.models import Interpretation, PlannerFeedback

from ..here import at_site, demand
from ..planform import plan_from_fields
from .composer import form_fields, kept


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """The reading as fields to correct (GET); keep the correction (POST)."""
    site, actor = at_site(request, slug, "dispatch")
    seen = get_object_or_404(Interpretation.objects.select_related("site"), site=site, public_id=public_id)
    context = {"seen": seen, "statement": feedback.STATEMENT, "allowed": site.keeps_feedback}
    if request.method == "GET":
        return render(request, "console/_feedback.html", form_fields(site, seen.plan) | context)
    decision = request.POST.get("decision", "plan")
    plan = plan_from_fields(request.POST, kept(request.POST.get("keep", "")))
    try:
        feedback.give(
            seen=seen, decision=decision, plan_json=plan, agreed=request.POST.get("agreed") == "1", actor=actor,
            now=timezone.now(),
        )  # fmt: skip
    except (FeedbackRefused, PlanInvalid) as error:
        rows = error.errors if isinstance(error, PlanInvalid) else [{"pointer": "", "detail": str(error)}]
        context |= {"errors": rows, "decision": decision}
        return render(request, "console/_feedback.html", form_fields(site, plan) | context, status=422)
    return render(request, "console/_feedback.html", context | {"site": site, "done": True})


@require_POST
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    entry = PlannerFeedback.objects.filter(public_id=public_id).select_related("site").first()
    if entry is not None:
        actor = demand(request, entry.site)
        if not feedback.may_delete(entry, actor):
            raise PermissionDenied("Only who gave it, a site admin or an ML engineer deletes an entry.")
        feedback.delete(entry=entry, actor=actor)
    messages.info(request, "Deleted.")
    return redirect(f"{reverse('settings')}?tab=planner")
