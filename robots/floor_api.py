"""REST for what is asked of the floor, under /api/v1: zones, doors, and requests. Behaviour lives elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.accounts.access import actor_of, current_site, sites_of
from fleet.accounts.rights import Actor
from fleet.rest.idempotency import idempotent
from fleet.rest.pagination import paginate
from fleet.rest.permissions import demand, requires
from fleet.rest.problems import Refused, add_type
from fleet.rest.throttles import CommandThrottle

from . import floor_requests as asking
from . import floor_wire as out
from .api import SITE, View
from .api import _site as site_of
from .floor_state import FloorView, floor_view
from .models import FloorRequest
from .waits import Around
from .wire import ReasonIn, checked

for _row in (
    ("floor_unknown", 422, "The floor has no such part", "Read its zones, doors and robots; `detail` says what."),
    ("floor_refused", 422, "This cannot be asked of the floor", "`detail` says why. Nothing was written down."),
    ("floor_conflict", 409, "Somebody was there before", "Read the requests and the floor again. Nothing changed."),
):
    add_type(*_row)

DATA = ("seconds", "at")


class FloorDetail(View):
    permission_classes = [requires("view", scope="robots:read")]

    @extend_schema(summary="The floor as dispatch sees it", parameters=[SITE], responses=out.FloorOut)
    def get(self, request: Request) -> Response:
        floor, around = _floor(request)
        return Response(out.floor_json(floor, around))


class Zones(View):
    permission_classes = [requires("view", scope="robots:read")]

    @extend_schema(summary="Zones with their state", parameters=[SITE], responses=out.ZoneOut(many=True))
    def get(self, request: Request) -> Response:
        floor, around = _floor(request)
        return Response({"data": [out.zone_json(z, floor, around) for z in floor.zones], "next_cursor": None})


class Doors(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="Doors and lifts with their owner", parameters=[SITE], responses=out.DoorOut(many=True))
    def get(self, request: Request) -> Response:
        floor, _ = _floor(request)
        return Response({"data": [out.door_json(door, floor) for door in floor.doors], "next_cursor": None})


class DoorTake(View):
    permission_classes = [requires("doors")]
    throttle_classes = [CommandThrottle]

    @extend_schema(
        summary="Take a door for a while",
        description="For the controller of a door, a lift or a crossing: while it is taken, no robot is sent through. "
        "Robots that were released through it already still pass: the door is yours once `GET /doors` names you as "
        "owner. After the lease it is overdue and stays taken; nothing is given back by silence.",
        request=out.DoorTakeIn,
        responses={202: out.FloorRequestOut},
    )
    @idempotent
    def post(self, request: Request, door: str) -> Response:
        given = checked(out.DoorTakeIn, request.data)
        return _ask(self, request, given["site"], "take_door", door, given["reason"], {"seconds": given["lease_s"]})


class DoorGiveBack(View):
    permission_classes = [requires("doors")]
    throttle_classes = [CommandThrottle]

    @extend_schema(summary="Give a door back", request=out.DoorGiveBackIn, responses={202: out.FloorRequestOut})
    @idempotent
    def post(self, request: Request, door: str) -> Response:
        given = checked(out.DoorGiveBackIn, request.data)
        return _ask(self, request, given["site"], "give_back_door", door, given["reason"], {})


class Requests(View):
    permission_classes = [requires("view", scope="robots:read", change=("view", None))]
    throttle_classes = [CommandThrottle]
    page_order = ("created_at", "id")

    @extend_schema(
        summary="What was asked of the floor, newest first",
        parameters=[SITE, OpenApiParameter("open", bool, description="Only what may still be carried out.")],
        responses=out.FloorRequestOut(many=True),
    )
    def get(self, request: Request) -> Response:
        site, now = site_of(request), timezone.now()
        rows = FloorRequest.objects.filter(site=site)
        if request.query_params.get("open", "").lower() in ("1", "true"):
            rows = asking.waiting(site, now)
        return paginate(self, rows.select_related("site"), lambda row: out.request_json(row, now))

    @extend_schema(
        summary="Ask something of the floor",
        description="Dispatch carries it out. `free_ahead` and `retire` free what a robot holds without its report: a "
        "second, different person has to confirm them within ten minutes. Keys ask for doors only.",
        request=out.FloorRequestIn,
        responses={202: out.FloorRequestOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        given = checked(out.FloorRequestIn, request.data)
        data = {name: given[name] for name in DATA if name in given}
        return _ask(self, request, given["site"], given["kind"], given["target"], given["reason"], data)


class RequestDetail(View):
    permission_classes = [requires("view", scope="robots:read")]

    @extend_schema(summary="One request", responses=out.FloorRequestOut)
    def get(self, request: Request, id: str) -> Response:
        row, _ = _request(request, id, "view")
        return Response(out.request_json(row, timezone.now()))


class RequestConfirm(View):
    permission_classes = [requires("floor")]
    throttle_classes = [CommandThrottle]

    @extend_schema(
        summary="Confirm as the second person",
        description="Only after you have seen yourself that what the request says is true on the floor.",
        request=ReasonIn,
        responses={202: out.FloorRequestOut},
    )
    @idempotent
    def post(self, request: Request, id: str) -> Response:
        row, actor = _request(request, id, "floor")
        reason, now = checked(ReasonIn, request.data)["reason"], timezone.now()
        self.refused = Refused("floor.confirm", row.site.slug, ("floor_request", row.public_id))
        done = asking.confirm(request=row, actor=actor, now=now, reason=reason)
        return Response(out.request_json(done, now), status=202)


class RequestWithdraw(View):
    permission_classes = [requires("doors")]
    throttle_classes = [CommandThrottle]

    @extend_schema(summary="Take a request back", request=ReasonIn, responses={202: out.FloorRequestOut})
    @idempotent
    def post(self, request: Request, id: str) -> Response:
        row, actor = _request(request, id, "doors")
        reason, now = checked(ReasonIn, request.data)["reason"], timezone.now()
        self.refused = Refused("floor.withdraw", row.site.slug, ("floor_request", row.public_id))
        done = asking.withdraw(request=row, actor=actor, now=now, reason=reason)
        return Response(out.request_json(done, now), status=202)


def _ask(
    view: View, request: Request, slug: str, kind: str, target: str, reason: str, data: dict[str, Any]
) -> Response:
    site, now = current_site(request, slug), timezone.now()
    actor = demand(request, asking.right_for(kind), site)
    view.refused = Refused("floor.ask", site.slug, (kind, target))
    made = asking.ask(site=site, kind=kind, target=target, actor=actor, now=now, data=data, reason=reason)
    address = f"/api/v1/floor_requests/{made.public_id}"
    return Response(out.request_json(made, now), status=202, headers={"Location": address})


def _floor(request: Request) -> tuple[FloorView, Around]:
    site, now = site_of(request), timezone.now()
    return floor_view(site, now), Around(site, now)


def _request(request: Request, id: str, right: str) -> tuple[FloorRequest, Actor]:
    sites = sites_of(actor_of(request))
    row = FloorRequest.objects.filter(public_id=id, site__in=sites).select_related("site").first()
    if row is None:
        raise Http404("There is no such request.")
    return row, demand(request, right, row.site)


urlpatterns = [
    path("floor", FloorDetail.as_view(), name="api-floor"),
    path("zones", Zones.as_view(), name="api-zones"),
    path("doors", Doors.as_view(), name="api-doors"),
    path("doors/<str:door>:take", DoorTake.as_view(), name="api-door-take"),
    path("doors/<str:door>:give_back", DoorGiveBack.as_view(), name="api-door-give-back"),
    path("floor_requests", Requests.as_view(), name="api-floor-requests"),
    path("floor_requests/<str:id>:confirm", RequestConfirm.as_view(), name="api-floor-request-confirm"),
    path("floor_requests/<str:id>:withdraw", RequestWithdraw.as_view(), name="api-floor-request-withdraw"),
    path("floor_requests/<str:id>", RequestDetail.as_view(), name="api-floor-request"),
]
