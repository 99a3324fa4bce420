"""REST for sites, layouts, stations, robots and stops, under /api/v1. Behaviour lives elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.accounts.access import actor_of, current_site, sites_of
from fleet.accounts.models import Site, User
from fleet.rest.idempotency import idempotent
from fleet.rest.pagination import paginate
from fleet.rest.permissions import demand, requires
from fleet.rest.problems import Problem, Refused, add_type
from fleet.rest.stop_access import MayStop, StopAuthentication, stop_site
from fleet.rest.throttles import CommandThrottle

from . import robot_wire as full
from . import services, snapshots
from . import stop as stop_path
from . import wire as out
from .errors import RobotsError
from .models import LayoutVersion, Robot

for _row in (
    ("layout_refused", 422, "The layout cannot be used", "`errors` names every fault; correct them all."),
    ("layout_not_safe", 422, "The fleet can lock up on this layout", "Accept the limit in `detail`, or open a lane."),
    ("robot_refused", 422, "The robot cannot be registered", "`detail` says why."),
    ("robot_type_refused", 422, "The robot type cannot be so", "`errors` names each value and what is wrong with it."),
    ("command_invalid", 422, "A value of the command will not do", "`errors` names each; correct them all."),
    ("command_refused", 409, "The robot cannot do this now", "`detail` says why. Read the robot's `commands`."),
    ("stop_refused", 422, "The stop names what does not exist", "Read the site's robots and zones. Nothing stopped."),
    ("resume_refused", 409, "These robots must not be resumed", "`errors` names each and why. Nobody was resumed."),
):
    add_type(*_row)

SITE = OpenApiParameter("site", str, required=True, description="Slug or id of the site.")


class View(APIView):
    """Turns our refusals into problems; `refused` is what the ledger keeps of one, `pointer` where its fields lie."""

    refused: Refused | None = None
    pointer = ""

    def handle_exception(self, error: Exception) -> Response:
        if isinstance(error, RobotsError):
            errors = [{"pointer": "", "code": error.code, "detail": text} for text in error.problems]
            if error.fields:
                errors = [
                    {"pointer": f"{self.pointer}/{name}", "code": error.code, "detail": text}
                    for name, text in error.fields.items()
                ]
            error = Problem(error.code, str(error), errors=errors, refused=self.refused)
        return super().handle_exception(error)


class Sites(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="Sites you may see", responses=out.SiteOut(many=True))
    def get(self, request: Request) -> Response:
        return paginate(self, sites_of(actor_of(request)), out.site_json)


class SiteDetail(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="One site", responses=out.SiteOut)
    def get(self, request: Request, site: str) -> Response:
        return Response(out.site_json(current_site(request, site)))


class Layouts(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="Layout versions, newest first", parameters=[SITE], responses=out.LayoutOut(many=True))
    def get(self, request: Request) -> Response:
        rows = LayoutVersion.objects.filter(site=_site(request)).select_related("site").defer("document")
        return paginate(self, rows, out.layout_json)

    @extend_schema(
        summary="Add a layout version",
        description="`document` is a layout in our own JSON or a LIF 1.0 file. It is not in force until published.",
        request=out.LayoutIn,
        responses={201: out.LayoutOut},
    )
    def post(self, request: Request) -> Response:
        given = out.checked(out.LayoutIn, request.data)
        site = current_site(request, given["site"])
        actor = demand(request, "configure", site)
        user = request.user if isinstance(request.user, User) else None
        version, warnings = services.import_layout(
            site=site, document=given["document"], actor=actor, user=user, note=given["note"]
        )
        address = f"/api/v1/layouts/{version.public_id}"
        return Response(out.layout_json(version) | {"warnings": warnings}, status=201, headers={"Location": address})


class LayoutDetail(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="One layout version with its document", responses=out.LayoutFull)
    def get(self, request: Request, layout: str) -> Response:
        version = _layout(request, layout)
        return Response(out.layout_json(version) | {"document": version.document})


class LayoutLif(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="A layout version as LIF 1.0", responses={200: out.JSON_OBJECT})
    def get(self, request: Request, layout: str) -> Response:
        return Response(services.export_lif(_layout(request, layout)))


class LayoutPublish(View):
    permission_classes = [requires("configure")]

    @extend_schema(
        summary="Put a layout version in force",
        description="Where `audit.verdict` is `refused`, the robots in service can lock up on the layout. Then "
        "`accept_limit` must name exactly `audit.safe_robots`: so many robots, and no more, drive at once.",
        request=out.PublishIn,
        responses=out.LayoutOut,
    )
    @idempotent
    def post(self, request: Request, layout: str) -> Response:
        version = _layout(request, layout)
        actor = demand(request, "configure", version.site)
        limit = out.checked(out.PublishIn, request.data)["accept_limit"]
        self.refused = Refused("layout.published", version.site.slug, ("layout", version.public_id))
        return Response(out.layout_json(services.publish_layout(version=version, actor=actor, accept_limit=limit)))


class Stations(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="Stations of the layout in force", parameters=[SITE], responses=out.StationOut(many=True))
    def get(self, request: Request) -> Response:
        found = snapshots.layout_in_force(_site(request))
        rows = [out.station_json(station) for station in found[1].stations] if found else []
        return Response({"data": rows, "next_cursor": None})


class Robots(View):
    permission_classes = [requires("view", scope="robots:read")]

    @extend_schema(summary="Robots of a site with their state", parameters=[SITE], responses=out.RobotOut(many=True))
    def get(self, request: Request) -> Response:
        site = _site(request)
        rows = Robot.objects.filter(site=site).select_related("site", "type", "state", "traffic")
        now = timezone.now()
        views = snapshots.viewer(site, now)
        return paginate(self, rows, lambda robot: out.robot_json(views(robot), site, now))


class RobotDetail(View):
    permission_classes = [requires("view", scope="robots:read")]

    @extend_schema(summary="One robot in full", responses=full.RobotFull)
    def get(self, request: Request, robot: str) -> Response:
        found = _robot(request, robot)
        now = timezone.now()
        return Response(full.robot_full_json(found, snapshots.robot_view(found, now), found.site, now))


class RobotHold(View):
    permission_classes = [requires("stop")]
    throttle_classes: list[Any] = []

    @extend_schema(
        summary="Hold one robot",
        description="A software stop of this robot: it stands until resumed. Not an emergency stop.",
        request=out.ReasonIn,
        responses={202: out.SiteStopOut},
    )
    def post(self, request: Request, robot: str) -> Response:
        found = _robot(request, robot, "stop")
        actor = actor_of(request)
        reason = out.checked(out.ReasonIn, request.data)["reason"]
        controller = stop_path.controller()
        controller.stop("robot", found.site.slug, serials=[found.serial], actor=out.who(actor), reason=reason)
        return Response(out.stops_json(found.site.slug, controller.status(found.site.slug)), status=202)


class RobotResume(View):
    permission_classes = [requires("resume")]
    throttle_classes = [CommandThrottle]

    @extend_schema(
        summary="Resume one robot",
        description="Clears the holds of this robot, not a stop of its site or zone. A reason is required.",
        request=out.ReasonIn,
        responses={202: out.SiteStopOut},
    )
    @idempotent
    def post(self, request: Request, robot: str) -> Response:
        found = _robot(request, robot)
        actor = demand(request, "resume", found.site)
        reason = out.checked(out.ReasonIn, request.data)["reason"]
        controller = stop_path.controller()
        holds = [
            stop.id
            for stop in controller.status(found.site.slug).stops
            if stop.scope == "robot" and any(line.serial == found.serial for line in stop.lines)
        ]
        self.refused = Refused("stop.resume", found.site.slug, ("robot", found.public_id))
        if not holds:
            raise Problem("resume_refused", f"{found.name} is not held by a hold of its own.", refused=self.refused)
        for stop in holds:
            controller.resume(stop, [found.serial], actor=out.who(actor), reason=reason)
        return Response(out.stops_json(found.site.slug, controller.status(found.site.slug)), status=202)


class SiteStop(View):
    """Takes no database for a caller it has let in before, and is never throttled."""

    authentication_classes = [StopAuthentication]
    permission_classes = [MayStop]
    throttle_classes: list[Any] = []

    @extend_schema(summary="The stops that stand at a site", responses=out.SiteStopOut)
    def get(self, request: Request, site: str) -> Response:
        slug = stop_site(request).slug
        return Response(out.stops_json(slug, stop_path.controller().status(slug)))

    @extend_schema(
        summary="Stop a site, a zone or robots (software stop)",
        description="Idempotent by nature: the desired state is `stopped`. It stands until resumed. Not an emergency "
        "stop: use the physical button if a person is in danger. `sent` is false while the broker does not answer; the "
        "stop is kept and sent as soon as it does. Confirmations are counted from the robots' own reports.",
        request=out.StopIn,
        responses={202: out.SiteStopOut},
    )
    def put(self, request: Request, site: str) -> Response:
        slug = stop_site(request).slug
        given = out.checked(out.StopIn, request.data)
        controller = stop_path.controller()
        zone, robots = given["zone"], given["robots"]
        serials = _serials(controller, slug, robots) if robots else None
        scope = "robot" if robots else "zone" if zone else "site"
        actor = out.who(actor_of(request))
        controller.stop(scope, slug, zone=zone, serials=serials, actor=actor, reason=given["reason"])
        return Response(out.stops_json(slug, controller.status(slug)), status=202)


class SiteResume(View):
    permission_classes = [requires("resume")]
    throttle_classes = [CommandThrottle]

    @extend_schema(
        summary="Resume robots after a stop",
        description="Names each robot; a reason is required. A robot with a physical stop, a violated protective field "
        "or no connection is refused, and then nobody is resumed.",
        request=out.ResumeIn,
        responses={202: out.SiteStopOut},
    )
    @idempotent
    def post(self, request: Request, site: str) -> Response:
        found = current_site(request, site)
        actor = demand(request, "resume", found)
        given = out.checked(out.ResumeIn, request.data)
        controller = stop_path.controller()
        serials = _serials(controller, found.slug, given["robots"])
        self.refused = Refused("stop.resume", found.slug, ("stop", given["stop_id"]))
        controller.resume(given["stop_id"], serials, actor=out.who(actor), reason=given["reason"])
        return Response(out.stops_json(found.slug, controller.status(found.slug)), status=202)


def _serials(controller: stop_path.StopController, site: str, robots: list[str]) -> list[str]:
    """Robots by public id or serial, told apart by the stop path's own memory."""
    by_id = {card.public_id: card.serial for card in controller.roster.at_site(site)}
    return [by_id.get(robot, robot) for robot in robots]


def _site(request: Request) -> Site:
    slug = request.query_params.get("site", "")
    if not slug:
        error = {"pointer": "/site", "code": "required", "detail": "Name the site."}
        raise Problem("invalid", "The query needs `site`: its slug or id.", errors=[error])
    site = current_site(request, slug)
    demand(request, "view", site)
    return site


def _layout(request: Request, public_id: str) -> LayoutVersion:
    version = LayoutVersion.objects.filter(public_id=public_id).select_related("site").first()
    if version is None:
        raise Http404("There is no such layout version.")
    demand(request, "view", version.site)
    return version


def _robot(request: Request, public_id: str, right: str = "view") -> Robot:
    rows = Robot.objects.filter(public_id=public_id).select_related("site", "type", "state", "traffic")
    robot = rows.first()
    if robot is None:
        raise Http404("There is no such robot.")
    demand(request, right, robot.site)
    return robot


urlpatterns = [
    path("sites", Sites.as_view(), name="api-sites"),
    path("sites/<str:site>/stop", SiteStop.as_view(), name="api-site-stop"),
    path("sites/<str:site>/stop:resume", SiteResume.as_view(), name="api-site-resume"),
    path("sites/<str:site>", SiteDetail.as_view(), name="api-site"),
    path("layouts", Layouts.as_view(), name="api-layouts"),
    path("layouts/<str:layout>:publish", LayoutPublish.as_view(), name="api-layout-publish"),
    path("layouts/<str:layout>/lif", LayoutLif.as_view(), name="api-layout-lif"),
    path("layouts/<str:layout>", LayoutDetail.as_view(), name="api-layout"),
    path("stations", Stations.as_view(), name="api-stations"),
    path("robots", Robots.as_view(), name="api-robots"),
    path("robots/<str:robot>:hold", RobotHold.as_view(), name="api-robot-hold"),
    path("robots/<str:robot>:resume", RobotResume.as_view(), name="api-robot-resume"),
    path("robots/<str:robot>", RobotDetail.as_view(), name="api-robot"),
]
