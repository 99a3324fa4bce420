"""REST for robots that want to join and for what the broker refused, under /api/v1. Behaviour lives in `admission`.

Keys may read (`robots:read`); deciding takes a person with the right to configure the site, because somebody has to
have looked at the machine.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from fleet.accounts.access import actor_of, current_site
from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.rest.idempotency import idempotent
from fleet.rest.pagination import paginate
from fleet.rest.permissions import demand, forbidden, requires
from fleet.rest.problems import Problem, Refused, add_type
from fleet.rest.throttles import CommandThrottle

from . import admission, joining
from .api import SITE, View
from .api import _robot as robot_of
from .api import _site as site_of
from .models import BrokerRefusal, JoinRequest, RobotType
from .wire import MAX_REASON, checked

for _row in (
    ("join_refused", 422, "The robot cannot be admitted like this", "`errors` names every reason."),
    ("join_conflict", 409, "Somebody decided before, or what the robot says has changed", "Read the request again."),
):
    add_type(*_row)

TYPE = OpenApiParameter("type", str, description="Slug of a robot type: `findings` then compare it with the robot.")


class FindingOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    blocking = serializers.BooleanField(help_text="Stands against admission.")


class JoinOut(serializers.Serializer[Any]):
    """A robot that nobody has admitted, in its own words."""

    id = serializers.CharField()
    manufacturer = serializers.CharField()
    serial = serializers.CharField()
    interface = serializers.CharField(help_text="Topic levels before the version.")
    major = serializers.CharField()
    version = serializers.CharField(help_text="VDA 5050 version in its last header; empty: unknown.")
    connection = serializers.CharField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    position = serializers.DictField(allow_null=True)
    problem = serializers.CharField()
    state = serializers.CharField(help_text="waiting, admitted or refused.")
    robot = serializers.CharField(allow_null=True, help_text="Id of the robot it became.")
    decided_at = serializers.DateTimeField(allow_null=True)
    decided_by = serializers.CharField()
    reason = serializers.CharField()


class JoinFull(JoinOut):
    factsheet = serializers.DictField(allow_null=True)
    findings = FindingOut(many=True, help_text="What does not fit the `type` asked for; empty without one.")
    consent = serializers.CharField(allow_null=True, help_text="Send it with `:admit`: it names what was shown here.")


class AdmitIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site.")
    type = serializers.CharField(help_text="Slug of its type.")
    consent = serializers.CharField(help_text="`consent` of the request, read with this site and type.")
    name = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)
    login = serializers.CharField(required=False, default="", allow_blank=True, max_length=64)
    certificate = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=10_000, help_text="PEM, or its SHA-256."
    )
    aliases = serializers.ListField(child=serializers.CharField(max_length=60), required=False, default=list)
    home = serializers.CharField(required=False, default="", allow_blank=True, max_length=60)


class DecideIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site where you have the right to configure.")
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=MAX_REASON)


class AdmittedOut(JoinOut):
    in_service = serializers.BooleanField(help_text="False: it does not know where it is.")


class LoginOut(serializers.Serializer[Any]):
    broker = serializers.CharField()
    user = serializers.CharField()
    password = serializers.CharField(help_text="Empty: it logs in with its certificate.")
    topics = serializers.CharField()
    version = serializers.CharField()
    known = serializers.BooleanField(allow_null=True, help_text="Whether the broker lets it in; null: by its files.")


class RefusalOut(serializers.Serializer[Any]):
    """What the broker refused."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=["publish", "subscribe", "login", "identity"])
    user = serializers.CharField()
    topic = serializers.CharField()
    robot = serializers.CharField(allow_null=True, help_text="Id of the robot that did it.")
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    count = serializers.IntegerField()
    seen_at = serializers.DateTimeField(allow_null=True)
    seen_by = serializers.CharField()


class Joins(View):
    permission_classes = [requires("view", scope="robots:read")]
    page_order = ("last_at", "id")

    @extend_schema(
        summary="Robots that want to join",
        parameters=[SITE, OpenApiParameter("all", bool, description="Also those that were decided about.")],
        responses=JoinOut(many=True),
    )
    def get(self, request: Request) -> Response:
        site_of(request)
        everything = request.query_params.get("all", "").lower() in ("1", "true")
        rows = JoinRequest.objects.all() if everything else joining.open_requests()
        return paginate(self, rows.select_related("robot"), join_json)


class JoinDetail(View):
    permission_classes = [requires("view", scope="robots:read")]

    @extend_schema(summary="One robot that wants to join", parameters=[SITE, TYPE], responses=JoinFull)
    def get(self, request: Request, join: str) -> Response:
        site, row = site_of(request), _join(join)
        slug = request.query_params.get("type", "")
        look = joining.look(row, _type(slug), site, timezone.now()) if slug else None
        found = [{"code": f.code, "text": f.text, "blocking": f.blocking} for f in look.findings] if look else []
        more = {"factsheet": row.factsheet, "findings": found, "consent": look.consent if look else None}
        return Response(join_json(row) | more)


class JoinAdmit(View):
    permission_classes = [requires("configure")]
    throttle_classes = [CommandThrottle]

    @extend_schema(
        summary="Admit a robot to a site",
        description="People only. It becomes a robot of the type and may be sent orders; without a known position on "
        "the layout it is out of service. Its login is shown by `POST /robots/{robot}:credentials`.",
        request=AdmitIn,
        responses={201: AdmittedOut},
    )
    @idempotent
    def post(self, request: Request, join: str) -> Response:
        given = checked(AdmitIn, request.data)
        site, actor, row = *_person(request, given["site"]), _join(join)
        self.refused = Refused("robot.admit", site.slug, ("join_request", row.public_id))
        robot = admission.admit(
            request=row, site=site, kind=_type(given["type"]), name=given["name"], actor=actor,
            consent=given["consent"], now=timezone.now(), login=given["login"], certificate=given["certificate"],
            aliases=given["aliases"], home=given["home"],
        )  # fmt: skip
        row.refresh_from_db()
        address = f"/api/v1/robots/{robot.public_id}"
        body = join_json(row) | {"in_service": robot.in_service}
        return Response(body, status=201, headers={"Location": address})


class JoinRefuse(View):
    permission_classes = [requires("configure")]
    throttle_classes = [CommandThrottle]

    @extend_schema(summary="Refuse a robot", description="People only; a reason.", request=DecideIn, responses=JoinOut)
    @idempotent
    def post(self, request: Request, join: str) -> Response:
        given = checked(DecideIn, request.data)
        site, actor, row = *_person(request, given["site"]), _join(join)
        self.refused = Refused("robot.join_refuse", site.slug, ("join_request", row.public_id))
        done = admission.refuse(request=row, actor=actor, site=site, reason=given["reason"], now=timezone.now())
        return Response(join_json(done))


class JoinReconsider(View):
    permission_classes = [requires("configure")]
    throttle_classes = [CommandThrottle]

    @extend_schema(summary="Let a refused robot wait again", request=DecideIn, responses=JoinOut)
    @idempotent
    def post(self, request: Request, join: str) -> Response:
        given = checked(DecideIn, request.data)
        site, actor, row = *_person(request, given["site"]), _join(join)
        self.refused = Refused("robot.join_reconsider", site.slug, ("join_request", row.public_id))
        return Response(join_json(admission.reconsider(request=row, actor=actor, site=site, now=timezone.now())))


class RobotCredentials(View):
    permission_classes = [requires("configure")]
    throttle_classes = [CommandThrottle]

    @extend_schema(
        summary="What to enter in the robot",
        description="People only. The audit ledger keeps who asked; the reply is kept nowhere.",
        request=None,
        responses=LoginOut,
    )
    def post(self, request: Request, robot: str) -> Response:
        found = robot_of(request, robot, "configure")
        actor = actor_of(request)
        if actor.kind != "person":
            raise forbidden("configure", actor, found.site)
        login = admission.credentials(robot=found, actor=actor)
        body = {name: getattr(login, name) for name in ("broker", "user", "password", "topics", "version", "known")}
        return Response(body, headers={"Cache-Control": "no-store"})


class Refusals(View):
    permission_classes = [requires("view", scope="robots:read")]

    @extend_schema(
        summary="What the broker refused and nobody has looked at",
        description="Newest first: a robot that wrote as another, a login that failed.",
        parameters=[SITE],
        responses=RefusalOut(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = admission.unseen(site_of(request))
        return Response({"data": [refusal_json(row) for row, _ in rows], "next_cursor": None})


class RefusalSeen(View):
    permission_classes = [requires("configure")]
    throttle_classes = [CommandThrottle]

    @extend_schema(summary="Note that you have looked at it", request=DecideIn, responses=RefusalOut)
    @idempotent
    def post(self, request: Request, id: str) -> Response:
        site, actor = _person(request, checked(DecideIn, request.data)["site"])
        row = BrokerRefusal.objects.filter(public_id=id).select_related("robot", "robot__site").first()
        if row is None or site not in admission.concerned(row):
            raise Http404("There is no such refusal.")
        return Response(refusal_json(admission.seen(refusal=row, actor=actor, site=site, now=timezone.now())))


def join_json(row: JoinRequest) -> dict[str, Any]:
    plain = {
        name: getattr(row, name)
        for name in (
            "manufacturer", "serial", "interface", "major", "version", "connection", "first_at", "last_at", "position",
            "problem", "state", "decided_at", "decided_by", "reason",
        )
    }  # fmt: skip
    return {"id": row.public_id, **plain, "robot": row.robot.public_id if row.robot else None}


def refusal_json(row: BrokerRefusal) -> dict[str, Any]:
    names = ("kind", "user", "topic", "first_at", "last_at", "count", "seen_at", "seen_by")
    plain = {name: getattr(row, name) for name in names}
    return {"id": row.public_id, **plain, "robot": row.robot.public_id if row.robot else None}


def _join(public_id: str) -> JoinRequest:
    row = JoinRequest.objects.filter(public_id=public_id).select_related("robot").first()
    if row is None:
        raise Http404("There is no such request to join.")
    return row


def _type(slug: str) -> RobotType:
    kind = RobotType.objects.filter(slug=slug).first()
    if kind is None:
        error = {"pointer": "/type", "code": "unknown", "detail": f"There is no robot type {slug}."}
        raise Problem("invalid", error["detail"], errors=[error])
    return kind


def _person(request: Request, slug: str) -> tuple[Site, Actor]:
    """The site, and who decides there. Problem 403 for a key, whatever its scopes."""
    site = current_site(request, slug)
    actor = demand(request, "configure", site)
    if actor.kind != "person":
        raise Problem(
            "forbidden", "A person has to have looked at the robot: no key decides who joins.",
            needs={"right": "configure", "roles": ["site_admin"], "scopes": []}, site=site.slug,
        )  # fmt: skip
    return site, actor


urlpatterns = [
    path("robots/joins", Joins.as_view(), name="api-joins"),
    path("robots/joins/<str:join>:admit", JoinAdmit.as_view(), name="api-join-admit"),
    path("robots/joins/<str:join>:refuse", JoinRefuse.as_view(), name="api-join-refuse"),
    path("robots/joins/<str:join>:reconsider", JoinReconsider.as_view(), name="api-join-reconsider"),
    path("robots/joins/<str:join>", JoinDetail.as_view(), name="api-join"),
    path("robots/<str:robot>:credentials", RobotCredentials.as_view(), name="api-robot-credentials"),
    path("broker_refusals", Refusals.as_view(), name="api-broker-refusals"),
    path("broker_refusals/<str:id>:seen", RefusalSeen.as_view(), name="api-broker-refusal-seen"),
]
