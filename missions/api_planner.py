"""REST around the reading of words: a site's planner, readings that wait for approval, and wrong readings."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.accounts import services as accounts
from fleet.accounts.access import Actor, actor_of, can, current_site, sites_of
from fleet.accounts.models import Planner, Site
from fleet.rest.pagination import paginate
from fleet.rest.permissions import demand, forbidden, requires
from fleet.rest.problems import Problem

from . import feedback, services
from .errors import MissionError
from .models import Interpretation, PlannerFeedback
from .planning import chain
from .problems import as_problem
from .understanding import installation_planner
from .wire import ApprovalOut


class PlannerOut(serializers.Serializer[Any]):
    """Who reads the site's words. `planner` is blank where the installation's is used, `in_use` says which that is."""

    site = serializers.CharField()
    planner = serializers.CharField(allow_blank=True)
    in_use = serializers.CharField()
    fallbacks = serializers.ListField(child=serializers.CharField())
    choices = serializers.ListField(child=serializers.CharField())
    keeps_feedback = serializers.BooleanField()


class PlannerIn(serializers.Serializer[Any]):
    planner = serializers.CharField(allow_blank=True, max_length=40, required=False)
    keeps_feedback = serializers.BooleanField(required=False)
    reason = serializers.CharField(allow_blank=True, max_length=300, required=False, default="")


def planner_json(site: Site) -> dict[str, Any]:
    used = site.planner or installation_planner()
    return {
        "site": site.slug, "planner": site.planner, "in_use": used, "fallbacks": chain(used)[1:],
        "choices": list(Planner.values), "keeps_feedback": site.keeps_feedback,
    }  # fmt: skip


class SitePlanner(APIView):
    permission_classes = [requires("view", change=("configure", None))]

    @extend_schema(
        operation_id="planner_show", summary="Who reads a site's words", responses=PlannerOut, tags=["planner"]
    )
    def get(self, request: Request, site: str) -> Response:
        return Response(planner_json(current_site(request, site)))

    @extend_schema(
        operation_id="planner_choose", summary="Choose who reads a site's words", request=PlannerIn,
        responses=PlannerOut, tags=["planner"],
    )  # fmt: skip
    def put(self, request: Request, site: str) -> Response:
        """By a person with the role site_admin; no key may. What is left out stays; the same again changes nothing."""
        found = current_site(request, site)
        actor = demand(request, "configure", found)
        if actor.kind != "person":
            raise forbidden("configure", Actor("key", actor.id, actor.name), found)
        given = PlannerIn(data=request.data)
        given.is_valid(raise_exception=True)
        body = given.validated_data
        try:
            accounts.set_reading(
                site=found, actor=actor, planner=body.get("planner"), keeps_feedback=body.get("keeps_feedback"),
                reason=body["reason"],
            )  # fmt: skip
        except ValidationError as error:
            detail = " ".join(error.messages)
            wrong = {"pointer": "/planner", "code": "unknown", "detail": detail}
            raise Problem("invalid", detail, errors=[wrong]) from error
        except PermissionDenied as error:
            raise Problem("forbidden", str(error)) from error
        return Response(planner_json(found))


def approval_json(seen: Interpretation) -> dict[str, Any]:
    mission = seen.mission_set.order_by("id").first()
    if mission is None:
        approved = seen.readings_for_approval.exclude(mission=None).order_by("id").first()
        mission = approved.mission_set.order_by("id").first() if approved else None
    state = "approved" if mission else "declined" if seen.settled_at else "waiting" if seen.asked_at else "not_asked"
    return {
        "interpretation_id": seen.public_id, "site": seen.site.slug, "state": state, "text": seen.text,
        "tainted": seen.tainted, "mission": mission.public_id if mission else None,
    }  # fmt: skip


def _reading(request: Request, id: str) -> Interpretation:
    found = Interpretation.objects.filter(site__in=sites_of(actor_of(request)), public_id=id)
    seen = found.select_related("site").first()
    if seen is None:
        raise Http404(f"There is no interpretation {id!r}.")
    return seen


class ReadingDetail(APIView):
    permission_classes = [requires("view", scope="missions:read")]

    @extend_schema(
        operation_id="interpretations_show", summary="What became of a reading", responses=ApprovalOut,
        tags=["missions"],
    )  # fmt: skip
    def get(self, request: Request, id: str) -> Response:
        """Whether a person has been asked to approve it, what they said, and the mission it became."""
        return Response(approval_json(_reading(request, id)))


class ReadingDecline(APIView):
    permission_classes = [requires("dispatch", scope="missions:write")]

    @extend_schema(
        operation_id="interpretations_decline", summary="Decline a reading that waits for approval", request=None,
        responses=ApprovalOut, tags=["missions"],
    )  # fmt: skip
    def post(self, request: Request, id: str) -> Response:
        """Nothing is dispatched of it any more. A second time changes nothing."""
        seen = _reading(request, id)
        actor = demand(request, "dispatch", seen.site, "missions:write")
        services.decline_approval(seen=seen, actor=actor, now=timezone.now())
        return Response(approval_json(_reading(request, id)))


class FeedbackIn(serializers.Serializer[Any]):
    interpretation_id = serializers.CharField()
    decision = serializers.ChoiceField(choices=["plan", "ask", "refuse"], help_text="What would have been right.")
    plan = serializers.JSONField(required=False, allow_null=True, default=None, help_text="The plan that was meant.")
    consent = serializers.BooleanField(help_text=feedback.STATEMENT)


class FeedbackOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    site = serializers.CharField()
    text = serializers.CharField()
    understood = serializers.JSONField()
    decision = serializers.CharField()
    correction = serializers.JSONField(allow_null=True)
    statement = serializers.CharField()
    given_by = serializers.CharField()
    created_at = serializers.DateTimeField()


def feedback_json(entry: PlannerFeedback) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in FeedbackOut().fields if name not in ("id", "site")}
    return dict(FeedbackOut({"id": entry.public_id, "site": entry.site.slug, **row}).data)


class CasesRenderer(BaseRenderer):
    """`?format=cases`: the entries as JSON lines in the form of evaluation cases."""

    media_type, format, charset = "application/x-ndjson", "cases", "utf-8"

    def render(self, data: Any, *_: Any) -> bytes:
        return (data if isinstance(data, str) else json.dumps(data)).encode()


class Feedback(APIView):
    permission_classes = [requires("models", change=("dispatch", "missions:write"))]
    renderer_classes = [JSONRenderer, CasesRenderer]

    @extend_schema(
        operation_id="planner_feedback_list",
        summary="Texts that were read wrongly",
        responses={
            (200, "application/json"): FeedbackOut(many=True),
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        },
        parameters=[OpenApiParameter("site", str)],
        tags=["planner"],
    )
    def get(self, request: Request) -> Response:
        """For ML engineers. `format=cases`: all of them as JSON lines in the form of evaluation cases."""
        actor = actor_of(request)
        found = PlannerFeedback.objects.filter(site__in=[s for s in sites_of(actor) if can(actor, "models", s)])
        if slug := request.query_params.get("site"):
            site = current_site(request, slug)
            demand(request, "models", site)
            found = found.filter(site=site)
        found = found.select_related("site")
        if request.accepted_renderer.format == CasesRenderer.format:
            headers = {"Content-Disposition": 'attachment; filename="planner-feedback.jsonl"'}
            return Response("".join(feedback.cases(found)), headers=headers)
        return paginate(self, found, feedback_json)

    @extend_schema(
        operation_id="planner_feedback_give", summary="Say what a text meant", request=FeedbackIn,
        responses={201: FeedbackOut}, tags=["planner"],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Kept only where the site allows it and with `consent` to the statement. Again: the entry is changed."""
        given = FeedbackIn(data=request.data)
        given.is_valid(raise_exception=True)
        body = given.validated_data
        seen = _reading(request, body["interpretation_id"])
        actor = demand(request, "dispatch", seen.site, "missions:write")
        try:
            entry = feedback.give(
                seen=seen, decision=body["decision"], plan_json=body["plan"], agreed=body["consent"], actor=actor,
                now=timezone.now(),
            )  # fmt: skip
        except MissionError as error:
            raise as_problem(error) from error
        return Response(feedback_json(entry), status=201)


class FeedbackDetail(APIView):
    permission_classes = [requires("view")]

    @extend_schema(
        operation_id="planner_feedback_delete", summary="Delete a wrong reading", request=None, responses={204: None},
        tags=["planner"],
    )  # fmt: skip
    def delete(self, request: Request, id: str) -> Response:
        """Whoever gave it, the site admin and ML engineers may."""
        actor = actor_of(request)
        entry = PlannerFeedback.objects.filter(site__in=sites_of(actor), public_id=id).select_related("site").first()
        if entry is None:
            raise Http404(f"There is no entry {id!r}.")
        if not feedback.may_delete(entry, actor):
            raise forbidden("models", actor, entry.site)
        feedback.delete(entry=entry, actor=actor)
        return Response(status=204)


urlpatterns = [
    path("sites/<str:site>/planner", SitePlanner.as_view()),
    path("interpretations/<str:id>:decline", ReadingDecline.as_view()),
    path("interpretations/<str:id>", ReadingDetail.as_view()),
    path("planner-feedback", Feedback.as_view()),
    path("planner-feedback/<str:id>", FeedbackDetail.as_view()),
]
