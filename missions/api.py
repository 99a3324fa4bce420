"""REST for interpretations and missions, under /api/v1. Behaviour lives in `services`; this file only speaks HTTP."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.accounts.access import actor_of, current_site, sites_of
from fleet.rest.idempotency import idempotent
from fleet.rest.pagination import paginate
from fleet.rest.permissions import demand, requires
from fleet.rest.problems import Problem
from fleet.rest.throttles import CommandThrottle, DefaultThrottle

from . import api_planner, services, snapshots, understanding
from .core import lifecycle as life
from .errors import ApprovalNeeded, MissionError
from .models import Mission
from .problems import as_problem, refused
from .waiting import Waits, with_waits
from .wire import ApprovalOut, InterpretationOut, InterpretIn, MissionIn, MissionOut, RequestIn, mission_json

CALMING = ("cancel", "pause")  # never refused for want of the message store: they make a site safer


def visible(request: Request) -> QuerySet[Mission]:
    """Missions of the sites this caller is a member of."""
    found = Mission.objects.filter(site__in=sites_of(actor_of(request)))
    return with_waits(found.select_related("site", "robot").prefetch_related("steps"))


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
        body, now = given.validated_data, timezone.now()
        said = understanding.Said(
            body["text"], body["origin"], body["origins"], tuple(body["edits"]), body["language"]
        )  # fmt: skip
        try:
            if body["plan"] is not None:
                seen = understanding.interpret_form(
                    site=site, plan_json=body["plan"], said=said, actor=actor, now=now
                )  # fmt: skip
            else:
                seen = understanding.interpret(site=site, said=said, actor=actor, now=now)
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
        parameters=[OpenApiParameter(name, str) for name in ("site", "state", "robot", "interpretation")],
        tags=["missions"],
    )
    def get(self, request: Request) -> Response:
        """Missions, newest first. Filters: site, state (comma-separated), robot (serial), interpretation (id)."""
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
        if reading := request.query_params.get("interpretation"):
            own = Q(interpretation__public_id=reading)
            found = found.filter(own | Q(interpretation__approves__public_id=reading))
        waits = Waits(timezone.now())
        return paginate(self, found, lambda mission: mission_json(mission, waits))

    @extend_schema(
        operation_id="missions_create",
        request=MissionIn,
        responses={201: MissionOut, 202: ApprovalOut},
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)],
        tags=["missions"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Dispatch exactly the interpretation that was shown, by id and hash.

        A key whose words come from elsewhere gets 202: a person has been asked to read and approve them.
        """
        given = MissionIn(data=request.data)
        given.is_valid(raise_exception=True)
        seen = services.find_interpretation(given.validated_data["interpretation_id"])
        if seen is None:
            raise Problem("interpretation_unknown", "There is no such interpretation. Interpret the text again.")
        actor = demand(request, "dispatch", seen.site, "missions:write")
        body, now = given.validated_data, timezone.now()
        try:
            mission = services.consent(
                seen=seen, hash=body["hash"], actor=actor, now=now, accepted=body["accepted"],
                approved=body["approve_tainted"],
            )  # fmt: skip
        except ApprovalNeeded as error:
            if actor.kind == "person":
                raise refused(error, "dispatch", seen.site.slug, ("interpretation", seen.public_id)) from error
            waiting = services.ask_approval(seen=seen, actor=actor, now=now)
            address = f"/api/v1/interpretations/{waiting.public_id}"
            return Response(api_planner.approval_json(waiting), status=202, headers={"Location": address})
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
    *api_planner.urlpatterns,
]
