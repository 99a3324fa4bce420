"""REST for robot types and how their VDA 5050 differs from the text, under /api/v1. Behaviour lives in `types`."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.accounts.access import actor_of
from fleet.rest.pagination import paginate
from fleet.rest.permissions import requires
from fleet.rest.problems import Refused

from . import types
from .api import View
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.quirk_row import columns_of, standard_quirks
from .models import RobotType
from .wire import MAX_REASON, checked

EMBODIMENTS = ("cart", "forklift", "arm")
SKILLS = ("move", "pick", "drop", "scan", "inspect", "charge")
PLAIN = (
    "slug", "name", "embodiment", "skills", "max_speed", "max_rotation", "length", "width", "max_payload", "capacity",
    "onboard",
)  # fmt: skip


class QuirksIn(serializers.Serializer[Any]):
    """How its VDA 5050 differs from the text; what is left out stays as it is, or as the standard has it."""

    protocol = serializers.CharField(required=False, help_text="The version sent to it: 2.0.0, 2.1.0 or 3.0.0.")
    interface = serializers.CharField(required=False, help_text="Topic levels before the version.")
    major = serializers.CharField(
        required=False, allow_blank=True, help_text="Topic level of the version; empty: v2 or v3."
    )
    accepts = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Versions it may send, as 2.0; empty: the same major version.",
    )
    qos = serializers.DictField(
        child=serializers.IntegerField(), required=False, help_text="Topic -> QoS where it is not the standard's."
    )
    completion = serializers.CharField(required=False, help_text="When an order is done: standard, last_node, actions.")
    ignored_rejections = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="errorTypes of it that refuse no order."
    )
    numeric_ids = serializers.BooleanField(required=False, help_text="It takes only digits as ids.")
    deviation_padding = serializers.FloatField(
        required=False, help_text="m added to every allowed deviation, and to its contour in traffic; 0 to 0.2."
    )
    omit = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="Parts of an order not sent: deviation, theta, horizon, descriptors, speed.",
    )
    trust_factsheet = serializers.BooleanField(required=False, help_text="Send only what its factsheet declares.")
    words = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField()),
        required=False,
        help_text="Action parameter -> our value, or * for every other -> its value, for pick and drop.",
    )


class TypeOut(QuirksIn):
    slug = serializers.CharField()
    name = serializers.CharField()
    embodiment = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    max_speed = serializers.FloatField(help_text="m/s")
    max_rotation = serializers.FloatField(help_text="rad/s")
    length = serializers.FloatField(help_text="m, with the largest load")
    width = serializers.FloatField(help_text="m, with the largest load")
    max_payload = serializers.FloatField(help_text="kg")
    capacity = serializers.IntegerField(help_text="Units carried at once.")
    onboard = serializers.BooleanField(help_text="Runs our onboard worker.")
    topics = serializers.CharField(help_text="The first levels of its topics, as they follow from the rest.")


class TypeIn(QuirksIn):
    slug = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=80)
    embodiment = serializers.ChoiceField(choices=EMBODIMENTS)
    skills = serializers.ListField(child=serializers.ChoiceField(choices=SKILLS), min_length=1)
    max_speed = serializers.FloatField(min_value=0.01, max_value=20, help_text="m/s")
    max_rotation = serializers.FloatField(min_value=0.01, max_value=20, default=1.2, help_text="rad/s")
    length = serializers.FloatField(min_value=0.05, max_value=30, help_text="m, with the largest load")
    width = serializers.FloatField(min_value=0.05, max_value=30, help_text="m, with the largest load")
    max_payload = serializers.FloatField(min_value=0, max_value=1e6, help_text="kg")
    capacity = serializers.IntegerField(min_value=1, max_value=1000, default=1)
    onboard = serializers.BooleanField(default=False)


class TypePatch(QuirksIn):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class RobotTypes(View):
    permission_classes = [requires("view", scope="robots:read", change=("configure", None))]
    page_order = ("id",)

    @extend_schema(summary="Types of robots", responses=TypeOut(many=True))
    def get(self, request: Request) -> Response:
        return paginate(self, RobotType.objects.all(), type_json)

    @extend_schema(summary="Add a type of robot", request=TypeIn, responses={201: TypeOut})
    def post(self, request: Request) -> Response:
        given = checked(TypeIn, request.data)
        made = types.add_type(actor=actor_of(request), **given)
        return Response(type_json(made), status=201, headers={"Location": f"/api/v1/robot-types/{made.slug}"})


class RobotTypeDetail(View):
    permission_classes = [requires("view", scope="robots:read", change=("configure", None))]

    @extend_schema(summary="One type of robot", responses=TypeOut)
    def get(self, request: Request, kind: str) -> Response:
        return Response(type_json(_kind(kind)))

    @extend_schema(
        summary="Change how a type's VDA 5050 differs from the text",
        description="Needs the right at every site that has robots of the type. Version, topics and whatever an order "
        "is written with cannot change while a robot of the type has one.",
        request=TypePatch,
        responses=TypeOut,
    )
    def patch(self, request: Request, kind: str) -> Response:
        found = _kind(kind)
        given = checked(TypePatch, request.data)
        reason = given.pop("reason")
        self.refused = Refused("robot_type.quirks_changed", "", ("robot_type", kind))
        if fixed := sorted(request.data.keys() - TypePatch().fields.keys()):
            raise types.TypeRefused("Nothing was changed.", fields=dict.fromkeys(fixed, "This never changes."))
        return Response(type_json(types.change_quirks(found, actor_of(request), reason=reason, **given)))


def type_json(kind: RobotType) -> dict[str, Any]:
    try:
        scheme = types.quirks_of(kind).topics
    except LocalProtocolError:  # a row spoilt by hand: shown as it is, so that it can be put right
        scheme = standard_quirks(kind).topics
    plain = {name: getattr(kind, name) for name in PLAIN}
    return plain | columns_of(kind) | {"topics": f"{scheme.interface}/{scheme.major}"}


def _kind(slug: str) -> RobotType:
    found = RobotType.objects.filter(slug=slug).first()
    if found is None:
        raise Http404("There is no such robot type.")
    return found


urlpatterns = [
    path("robot-types", RobotTypes.as_view(), name="api-robot-types"),
    path("robot-types/<slug:kind>", RobotTypeDetail.as_view(), name="api-robot-type"),
]
