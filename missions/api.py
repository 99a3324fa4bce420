"""REST for interpretations and missions, under /api/v1. Behaviour lives in `services`; this file only speaks HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.accounts.access import actor_of, current_site, sites_of
from fleet.rest.idempotency import idempotent
from fleet.rest.pagination import paginate
from fleet.rest.permissions import demand, requires
from fleet.rest.problems import Problem, Refused, add_type
from fleet.rest.throttles import CommandThrottle, DefaultThrottle

from . import services, snapshots
from .core import lifecycle as life
from .errors import (
    IntentRefused,
    InterpretationChanged,
    InterpretationExpired,
    InterpretationUnknown,
    MissionError,
    NotDispatchable,
    PlanInvalid,
    PlannerUnavailable,
)
from .models import Mission

for _row in (
    ("plan_invalid", 400, "The plan is not of the grammar", "`errors` names every place by JSON pointer."),
    (
        "planner_unavailable",
        503,
        "The planner did not answer",
        "Send `plan` instead of relying on `text`, or try again.",
    ),
    ("interpretation_unknown", 404, "There is no such interpretation", "Interpret the text again."),
    ("interpretation_expired", 409, "The preview is too old", "Interpret the text again and look at it."),
    ("interpretation_changed", 409, "The site changed since the preview", "`difference` says what; interpret again."),
    ("not_dispatchable", 409, "This reading may not become a mission", "`reasons` says why."),
    ("not_in_this_state", 409, "The mission is not in a state for this", "`detail` names the states in which it is."),
):
    add_type(*_row)

MAX_WAIT_S = 20.0
CALMING = ("cancel", "pause")  # never refused for want of the message store: they make a site safer


def refused(error: MissionError, kind: str, site: str, target: tuple[str, object]) -> Problem:
    """The problem of a command that was refused, which the ledger keeps."""
    problem = as_problem(error)
    problem.refused = Refused(f"mission.{kind}", site, target)
    return problem


def as_problem(error: MissionError) -> Problem:
    """The problem type of a mission error, with what it carries."""
    match error:
        case PlanInvalid():
            errors = [{**e, "code": "grammar"} for e in error.errors]
            return Problem("plan_invalid", "The request is not of the grammar.", errors=errors)
        case PlannerUnavailable():
            return Problem("planner_unavailable", str(error), headers={"Retry-After": "2"})
        case InterpretationChanged():
            return Problem("interpretation_changed", str(error), difference=error.difference)
        case NotDispatchable():
            return Problem("not_dispatchable", str(error), reasons=error.reasons)
        case InterpretationExpired() | InterpretationUnknown() | IntentRefused():
            return Problem(error.code, str(error))
    raise error


class InterpretIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site.")
    text = serializers.CharField(help_text="What is to be done, in plain words.", allow_blank=True, default="")
    language = serializers.CharField(required=False, allow_null=True, default=None)
    plan = serializers.JSONField(required=False, allow_null=True, default=None, help_text="A plan instead of words.")


class InterpretationOut(serializers.Serializer[Any]):
    """The preview: what was understood, how sure, and what speaks against it."""

    interpretation_id = serializers.CharField()
    site = serializers.CharField()
    text = serializers.CharField()
    decision = serializers.ChoiceField(choices=["plan", "ask", "refuse"])
    reason = serializers.CharField(allow_null=True)
    readback = serializers.CharField()
    plan = serializers.JSONField(allow_null=True)
    slots = serializers.ListField(child=serializers.JSONField())
    ignored_spans = serializers.ListField(child=serializers.JSONField())
    warnings = serializers.ListField(child=serializers.JSONField())
    clarification = serializers.JSONField(allow_null=True)
    message = serializers.CharField(allow_null=True)
    confidence = serializers.JSONField()
    model = serializers.JSONField()
    places = serializers.ListField(child=serializers.CharField())
    dispatchable = serializers.BooleanField()
    hash = serializers.CharField()
    expires_at = serializers.DateTimeField()


class MissionIn(serializers.Serializer[Any]):
    interpretation_id = serializers.CharField()
    hash = serializers.CharField(
        help_text="The hash that came with the interpretation: consent to exactly that reading."
    )


class RequestIn(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    robot = serializers.CharField(required=False, help_text="reassign: serial of the robot, or none for any.")
    priority = serializers.IntegerField(required=False, min_value=-10, max_value=10, help_text="prioritise: -10..10.")


class MissionOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    label = serializers.CharField()
    site = serializers.CharField()
    state = serializers.ChoiceField(choices=sorted(life.MOVES))
    reason = serializers.CharField()
    text = serializers.CharField()
    readback = serializers.CharField()
    plan = serializers.JSONField()
    steps = serializers.ListField(child=serializers.JSONField())
    robot = serializers.CharField(allow_null=True)
    priority = serializers.IntegerField()
    late = serializers.BooleanField()
    not_before = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True)
    eta = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    requested_by = serializers.CharField()
    round = serializers.IntegerField()


def mission_json(mission: Mission) -> dict[str, Any]:
    data = {
        "id": mission.public_id,
        "label": mission.label,
        "site": mission.site.slug,
        "state": mission.state,
        "reason": mission.reason,
        "text": mission.text,
        "readback": mission.readback,
        "plan": mission.plan,
        "steps": [
            {
                "index": s.index,
                "op": s.op,
                "line": s.line,
                "state": s.state,
                "result": s.result,
                "started_at": s.started_at,
                "finished_at": s.finished_at,
            }
            for s in mission.steps.all()
        ],
        "robot": mission.robot.serial if mission.robot else None,
        "priority": mission.priority,
        "late": snapshots.is_late(mission, timezone.now()),
        "not_before": mission.not_before,
        "deadline": mission.deadline,
        "eta": mission.eta,
        "created_at": mission.created_at,
        "started_at": mission.started_at,
        "finished_at": mission.finished_at,
        "requested_by": mission.requested_by,
        "round": mission.round,
    }
    return dict(MissionOut(data).data)


def visible(request: Request) -> QuerySet[Mission]:
    """Missions of the sites this caller is a member of."""
    return (
        Mission.objects.filter(site__in=sites_of(actor_of(request)))
        .select_related("site", "robot")
        .prefetch_related("steps")
    )


def find(request: Request, id: str) -> Mission:
    mission = visible(request).filter(public_id=id).first()
    if mission is None:
        raise Http404(f"There is no mission {id!r}.")
    return mission


class Interpret(APIView):
    permission_classes = [requires("dispatch", scope="missions:write")]

    @extend_schema(
        operation_id="missions_interpret", request=InterpretIn, responses={200: InterpretationOut}, tags=["missions"]
    )
    def post(self, request: Request) -> Response:
        """Read a text (or check a given plan) and show what it means. Moves nothing."""
        given = InterpretIn(data=request.data)
        given.is_valid(raise_exception=True)
        site = current_site(request, given.validated_data["site"])
        actor = demand(request, "dispatch", site, "missions:write")
        now = timezone.now()
        try:
            if given.validated_data["plan"] is not None:
                seen = services.interpret_form(
                    site=site,
                    plan_json=given.validated_data["plan"],
                    text=given.validated_data["text"],
                    actor=actor,
                    now=now,
                )
            else:
                seen = services.interpret(
                    site=site,
                    text=given.validated_data["text"],
                    actor=actor,
                    now=now,
                    language=given.validated_data["language"],
                )
        except MissionError as error:
            raise as_problem(error) from error
        return Response(snapshots.interpretation_view(seen))


class Missions(APIView):
    permission_classes = [requires("view", scope="missions:read", change=("dispatch", "missions:write"))]
    throttle_classes = [CommandThrottle]
    page_order = ("created_at", "id")

    @extend_schema(
        operation_id="missions_list",
        responses={200: MissionOut(many=True)},
        parameters=[OpenApiParameter("site", str), OpenApiParameter("state", str), OpenApiParameter("robot", str)],
        tags=["missions"],
    )
    def get(self, request: Request) -> Response:
        """Missions, newest first. Filters: site, state (comma-separated), robot (serial)."""
        found = visible(request)
        if slug := request.query_params.get("site"):
            found = found.filter(site=current_site(request, slug))
        if states := request.query_params.get("state"):
            wanted = states.split(",")
            if unknown := sorted(set(wanted) - set(life.MOVES)):
                detail = f"{', '.join(unknown)} is no state. The states are {', '.join(life.MOVES)}."
                raise Problem("invalid", detail, errors=[{"pointer": "/state", "code": "unknown", "detail": detail}])
            found = found.filter(state__in=wanted)
        if serial := request.query_params.get("robot"):
            found = found.filter(robot__serial=serial)
        return paginate(self, found, mission_json)

    @extend_schema(
        operation_id="missions_create",
        request=MissionIn,
        responses={201: MissionOut},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        tags=["missions"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Dispatch exactly the interpretation that was shown, by id and hash."""
        given = MissionIn(data=request.data)
        given.is_valid(raise_exception=True)
        seen = services.find_interpretation(given.validated_data["interpretation_id"])
        if seen is None:
            raise Problem("interpretation_unknown", "There is no such interpretation. Interpret the text again.")
        actor = demand(request, "dispatch", seen.site, "missions:write")
        try:
            mission = services.consent(seen=seen, hash=given.validated_data["hash"], actor=actor, now=timezone.now())
        except MissionError as error:
            raise refused(error, "dispatch", seen.site.slug, ("interpretation", seen.public_id)) from error
        return Response(
            mission_json(mission), status=201, headers={"Location": f"/api/v1/missions/{mission.public_id}"}
        )


class MissionDetail(APIView):
    permission_classes = [requires("view", scope="missions:read")]

    @extend_schema(operation_id="missions_show", responses={200: MissionOut}, tags=["missions"])
    def get(self, request: Request, id: str) -> Response:
        """One mission with its steps."""
        return Response(mission_json(find(request, id)))


class MissionRequest(APIView):
    """A person's or program's request about a mission; dispatch carries it out, so the answer is 202."""

    permission_classes = [requires("dispatch", scope="missions:write")]
    kind = ""

    @extend_schema(
        request=RequestIn,
        responses={202: MissionOut},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        tags=["missions"],
    )
    @idempotent
    def post(self, request: Request, id: str) -> Response:
        mission = find(request, id)
        actor = demand(request, "dispatch", mission.site, "missions:write")
        given = RequestIn(data=request.data)
        given.is_valid(raise_exception=True)
        data = {key: given.validated_data[key] for key in ("robot", "priority") if key in given.validated_data}
        if self.kind == "prioritise" and "priority" not in data:
            missing = {"pointer": "/priority", "code": "required", "detail": "Say which priority, -10 to 10."}
            raise Problem("invalid", "The body needs `priority`.", errors=[missing])
        try:
            services.request(
                mission=mission,
                kind=self.kind,
                actor=actor,
                now=timezone.now(),
                reason=given.validated_data["reason"],
                data=data,
            )
        except MissionError as error:
            raise refused(error, self.kind, mission.site.slug, ("mission", mission.public_id)) from error
        return Response(mission_json(find(request, id)), status=202)


def _request_view(kind: str) -> Any:
    described = extend_schema_view(post=extend_schema(description=f"Ask to {kind} the mission."))
    throttle = DefaultThrottle if kind in CALMING else CommandThrottle
    view = type(f"Mission{kind.title()}", (MissionRequest,), {"kind": kind, "throttle_classes": [throttle]})
    return described(view).as_view()


urlpatterns = [
    path("missions:interpret", Interpret.as_view()),
    path("missions", Missions.as_view()),
    *[path(f"missions/<str:id>:{kind}", _request_view(kind)) for kind in life.INTENTS],
    path("missions/<str:id>", MissionDetail.as_view()),
]
