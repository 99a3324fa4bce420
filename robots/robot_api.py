"""REST for one robot's commands, factsheets and unusable messages, under /api/v1. Behaviour lives elsewhere."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.rest.idempotency import idempotent
from fleet.rest.pagination import paginate
from fleet.rest.permissions import demand, requires
from fleet.rest.problems import Refused
from fleet.rest.throttles import CommandThrottle

from . import robot_wire as out
from .api import View
from .api import _robot as robot_of
from .commanding import command
from .core.commands import RULES
from .models import BadMessage, Command, Factsheet
from .wire import checked


class RobotCommand(View):
    permission_classes = [requires("robots")]
    throttle_classes = [CommandThrottle]
    pointer = "/parameters"

    @extend_schema(
        summary="Give one robot a command",
        description="An instant action of VDA 5050. Refused where the robot's version or factsheet lacks it; the "
        "robot's `commands` lists what it takes. The same command while it is open is that command. `init_position` "
        "and `update_certificate` need a person.",
        request=out.CommandIn,
        responses={202: out.CommandOut},
    )
    @idempotent
    def post(self, request: Request, robot: str) -> Response:
        given = checked(out.CommandIn, request.data)
        found = robot_of(request, robot)
        actor = demand(request, RULES[given["kind"]].right, found.site)
        self.refused = Refused(f"robot.{given['kind']}", found.site.slug, ("robot", found.public_id))
        made = command(
            robot=found, kind=given["kind"], actor=actor, reason=given["reason"], parameters=given["parameters"]
        )
        return Response(out.command_json(made), status=202)


class RobotCommands(View):
    permission_classes = [requires("view", scope="robots:read")]
    page_order = ("created_at", "id")

    @extend_schema(summary="Commands to one robot, newest first", responses=out.CommandOut(many=True))
    def get(self, request: Request, robot: str) -> Response:
        return paginate(self, Command.objects.filter(robot=robot_of(request, robot)), out.command_json)


class RobotFactsheets(View):
    permission_classes = [requires("view", scope="robots:read")]
    page_order = ("received_at", "id")

    @extend_schema(summary="Factsheets of one robot, newest first", responses=out.FactsheetOut(many=True))
    def get(self, request: Request, robot: str) -> Response:
        return paginate(self, Factsheet.objects.filter(robot=robot_of(request, robot)), out.factsheet_json)


class RobotBadMessages(View):
    permission_classes = [requires("view", scope="robots:read")]
    page_order = ("received_at", "id")

    @extend_schema(summary="Messages of one robot that could not be used", responses=out.BadMessageOut(many=True))
    def get(self, request: Request, robot: str) -> Response:
        return paginate(self, BadMessage.objects.filter(robot=robot_of(request, robot)), out.bad_message_json)


urlpatterns = [
    path("robots/<str:robot>:command", RobotCommand.as_view(), name="api-robot-command"),
    path("robots/<str:robot>/commands", RobotCommands.as_view(), name="api-robot-commands"),
    path("robots/<str:robot>/factsheets", RobotFactsheets.as_view(), name="api-robot-factsheets"),
    path("robots/<str:robot>/bad-messages", RobotBadMessages.as_view(), name="api-robot-bad-messages"),
]
