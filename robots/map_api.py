"""The map server: files for robots under /maps (by signed link, no session), and REST for people under /api/v1."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View as PlainView
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.accounts.access import current_site
from fleet.accounts.models import Site, User
from fleet.rest.idempotency import idempotent
from fleet.rest.permissions import demand, requires
from fleet.rest.problems import Problem, Refused, add_type

from . import maps
from .api import SITE, View
from .map_state import FileRow, files_of, robots_of
from .models import MapFile, Robot, RobotType
from .wire import MAX_REASON, checked

add_type("map_refused", 422, "The map file cannot be used so", "`detail` says why and what would be right.")
ROOM_FOR_FORM = 64 * 1024


class MapRobotOut(serializers.Serializer[Any]):
    serial = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=("enabled", "loaded", "absent"))


class MapFileOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    site = serializers.CharField()
    map_id = serializers.CharField()
    map_version = serializers.CharField()
    robot_type = serializers.CharField(allow_null=True, help_text="Slug; null: for robots of any type.")
    size = serializers.IntegerField(help_text="bytes")
    sha256 = serializers.CharField()
    use = serializers.ChoiceField(choices=("hosted", "offered", "enabled", "withdrawn"))
    robots = MapRobotOut(many=True)
    created_at = serializers.DateTimeField()


class MapFileIn(serializers.Serializer[Any]):
    site = serializers.CharField()
    map_id = serializers.CharField(max_length=60)
    map_version = serializers.CharField(max_length=60)
    robot_type = serializers.SlugField(required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=MAX_REASON, allow_blank=True, default="")
    file = serializers.FileField(help_text="At most 16 MiB, sent to robots as it is.")


class MapActionIn(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=MAX_REASON, allow_blank=True, default="")


def map_json(row: FileRow) -> dict[str, Any]:
    file = row.file
    by_status = (("enabled", row.enabled), ("loaded", row.loaded), ("absent", row.without))
    return {
        "id": file.public_id,
        "site": file.site.slug,
        "map_id": file.map_id,
        "map_version": file.map_version,
        "robot_type": file.type.slug if file.type else None,
        "size": file.size,
        "sha256": file.sha256,
        "use": row.use,
        "robots": [_robot_json(robot, status) for status, robots in by_status for robot in robots],
        "created_at": file.created_at,
    }


def _robot_json(robot: Robot, status: str) -> dict[str, Any]:
    return {"serial": robot.serial, "name": robot.name, "status": status}


class Maps(View):
    permission_classes = [requires("view", change=("configure", "layouts:write"))]

    def get_parsers(self) -> list[Any]:
        return [MultiPartParser()]

    @extend_schema(summary="Map files for robots, and who has them", parameters=[SITE], responses=MapFileOut(many=True))
    def get(self, request: Request) -> Response:
        site = current_site(request, request.query_params.get("site", ""))
        demand(request, "view", site)
        rows = [map_json(row) for row in files_of(site, robots_of(site))]
        return Response({"data": rows, "next_cursor": None})

    @extend_schema(
        summary="Host a map file",
        description="Nothing is sent to robots by this. A version that is here already is never changed.",
        request={"multipart/form-data": MapFileIn},
        responses={201: MapFileOut},
    )
    def post(self, request: Request) -> Response:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > maps.MAX_BYTES + ROOM_FOR_FORM:
            raise Problem("map_refused", f"A map file has at most {maps.MAX_BYTES // 1_048_576} MiB.")
        given = checked(MapFileIn, request.data)
        site = current_site(request, given["site"])
        actor = demand(request, "configure", site)
        self.refused = Refused("map.added", site.slug, ("site", site.public_id))
        made = maps.add_file(
            site=site, map_id=given["map_id"], map_version=given["map_version"],
            content=given["file"].read(maps.MAX_BYTES + 1), type=robot_type(given["robot_type"]), actor=actor,
            reason=given["reason"], user=request.user if isinstance(request.user, User) else None,
        )  # fmt: skip
        return Response(_full(site, made), status=201, headers={"Location": f"/api/v1/maps/{made.public_id}"})


class MapDetail(View):
    permission_classes = [requires("view")]

    @extend_schema(summary="One map file", responses=MapFileOut)
    def get(self, request: Request, file: str) -> Response:
        found = _file(request, file, "view")
        return Response(_full(found.site, found))


class MapAction(View):
    """Offer, enable, withdraw: what robots are to do with the file; dispatch tells each of them when it can."""

    permission_classes = [requires("configure")]
    verb = "offer"

    @extend_schema(
        summary="Let robots load, drive on or delete a map version",
        description="`offer`: robots load it. `enable`: they drive on it; each enables it as soon as it stands, and "
        "gets no new order before. `release`: no version has to be enabled any more. `withdraw`: robots delete it.",
        request=MapActionIn,
        responses=MapFileOut,
    )
    @idempotent
    def post(self, request: Request, file: str) -> Response:
        found = _file(request, file, "configure")
        actor = demand(request, "configure", found.site)
        self.refused = Refused(f"map.{self.verb}", found.site.slug, ("map", found.public_id))
        VERBS[self.verb](file=found, actor=actor, reason=checked(MapActionIn, request.data)["reason"])
        return Response(_full(found.site, found))


VERBS: dict[str, Any] = {
    "offer": maps.offer,
    "enable": maps.enable,
    "release": maps.free_choice,
    "withdraw": maps.withdraw,
}


def robot_type(slug: str) -> RobotType | None:
    """None for "". Raises MapRefused for a type there is not."""
    if not slug:
        return None
    found = RobotType.objects.filter(slug=slug).first()
    if found is None:
        raise maps.MapRefused(f"There is no robot type {slug!r}.")
    return found


def _full(site: Site, file: MapFile) -> dict[str, Any]:
    return map_json(next(row for row in files_of(site, robots_of(site)) if row.file.pk == file.pk))


def _file(request: Request, public_id: str, right: str) -> MapFile:
    found = MapFile.objects.select_related("site", "type").defer("content").filter(public_id=public_id).first()
    if found is None:
        raise Http404("There is no such map file.")
    demand(request, right, found.site)
    return found


@method_decorator(login_not_required, name="dispatch")  # robots have no session: the token in the link says who fetches
class MapDownload(PlainView):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, site: str, map_id: str, map_version: str) -> HttpResponse:
        file = maps.file_of(site, map_id, map_version, request.GET.get("token", ""))
        if file is None:
            return HttpResponse("The link has ended or is not one of ours. Ask for the map anew.\n", status=403,
                                content_type="text/plain; charset=utf-8")  # fmt: skip
        response = HttpResponse(bytes(file.content), content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="{map_id}-{map_version}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        response["ETag"] = f'"{file.sha256}"'
        return response


urlpatterns = [
    path("maps", Maps.as_view(), name="api-maps"),
    *(path(f"maps/<str:file>:{verb}", MapAction.as_view(verb=verb), name=f"api-map-{verb}") for verb in VERBS),
    path("maps/<str:file>", MapDetail.as_view(), name="api-map"),
]
download_patterns = [
    path("maps/<slug:site>/<str:map_id>/<str:map_version>", MapDownload.as_view(), name="map_download")
]
