"""The JSON of the REST operations of this app: what goes in, what comes out. Units stand in the names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor

from .auditing import known
from .core.layout import Station
from .models import LayoutVersion
from .snapshots import RobotView
from .stop_status import SiteStops, StopStatus
from .waits import wait_json

JSON_OBJECT = OpenApiTypes.OBJECT
MAX_REASON = 300
NO_TEXTS: dict[str, Any] = {"description": "", "hint": "", "descriptions": {}, "hints": {}, "references": []}


class SiteOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    unattended = serializers.BooleanField()


class LayoutIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site.")
    document = serializers.DictField(help_text="A layout in our JSON, or LIF 1.0.")
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class PublishIn(serializers.Serializer[Any]):
    accept_limit = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1,
        help_text="Robots at once that you accept; needed, and exactly `audit.safe_robots`, where the audit refuses.",
    )  # fmt: skip


class AdviceOut(serializers.Serializer[Any]):
    text = serializers.CharField()
    to = serializers.CharField()
    one_way = serializers.BooleanField()
    gain = serializers.IntegerField(help_text="More robots that can never lock up.")
    freed = serializers.IntegerField(help_text="More nodes that several robots at a time can use.")

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()  # `from` is no name in Python
        return {"text": fields.pop("text"), "from": serializers.CharField(), **fields}


class AuditOut(serializers.Serializer[Any]):
    """Whether the robots in service can lock up on this layout."""

    fleet = serializers.IntegerField(help_text="Robots in service when it was asked.")
    verdict = serializers.ChoiceField(choices=["safe", "pockets", "refused"])
    safe_robots = serializers.IntegerField(help_text="How many of them can never lock up.")
    largest = serializers.IntegerField(help_text="The largest fleet that would not be refused.")
    unaided = serializers.IntegerField(help_text="The largest fleet for which no place is kept to one robot at a time.")
    pockets = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="Nodes of each pocket: one robot at a time may be in it.",
    )
    traps = serializers.ListField(
        child=serializers.CharField(), help_text="Nodes without a way back; no robot is sent there."
    )
    findings = serializers.ListField(child=serializers.CharField())
    advice = AdviceOut(allow_null=True, help_text="The lane whose opening would help most.")


class LayoutOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    site = serializers.CharField()
    number = serializers.IntegerField()
    hash = serializers.CharField()
    note = serializers.CharField()
    created_at = serializers.DateTimeField()
    published_at = serializers.DateTimeField(allow_null=True)
    audit = AuditOut()
    accepted_limit = serializers.IntegerField(
        allow_null=True, help_text="Robots at once that a person accepted, where the audit does not pass."
    )
    warnings = serializers.ListField(child=serializers.CharField(), required=False)


class LayoutFull(LayoutOut):
    document = serializers.DictField()


class StationOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    nodes = serializers.ListField(child=serializers.CharField())
    x_m = serializers.FloatField()
    y_m = serializers.FloatField()
    capacity = serializers.IntegerField(allow_null=True)


class PartyOut(serializers.Serializer[Any]):
    """A robot, or somebody else by name (then `id` is null)."""

    serial = serializers.CharField()
    name = serializers.CharField()
    id = serializers.CharField(allow_null=True)


class WaitOut(serializers.Serializer[Any]):
    """Why it does not move. `known` false: dispatch is silent, so this is the last that was known of it."""

    kind = serializers.CharField(
        help_text="idle, at_goal, held, no_way, waiting_for_place, waiting_for_robot, waiting_for_zone, "
        "waiting_for_door, waiting_for_turn, unknown; for a mission also queued, waiting, paused, failing."
    )
    text = serializers.CharField()
    known = serializers.BooleanField()
    resource = serializers.CharField(allow_null=True, help_text="node:, overlap:, door: or zone: and its name.")
    holder = serializers.CharField(allow_null=True, help_text="Serial of the robot, or the owner, that has it.")
    holder_id = serializers.CharField(allow_null=True, help_text="Public id, when the holder is a robot.")
    since = serializers.DateTimeField(allow_null=True)
    waited_s = serializers.FloatField(allow_null=True)
    ends = serializers.CharField(help_text="What would end it.")
    chain = PartyOut(many=True, help_text="From the holder to the root cause.")


class PairOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    value = serializers.CharField()


class ErrorOut(serializers.Serializer[Any]):
    """An error as the robot reports it."""

    type = serializers.CharField(help_text="errorType, in the words of its VDA 5050 version.")
    level = serializers.ChoiceField(
        choices=["WARNING", "URGENT", "CRITICAL", "FATAL"],
        help_text="CRITICAL: its order cannot go on. FATAL: a person is needed. 2.x knows WARNING and FATAL only.",
    )
    description = serializers.CharField()
    hint = serializers.CharField(help_text="What it advises, or empty.")
    descriptions = serializers.DictField(child=serializers.CharField(), help_text="Language -> text (3.0).")
    hints = serializers.DictField(child=serializers.CharField(), help_text="Language -> text (3.0).")
    references = PairOut(many=True, help_text="What it is about: nodeId, edgeId, orderId, actionId ...")


class RobotOut(serializers.Serializer[Any]):
    """Everything it reports is as old as `state_age_s`; null = unknown."""

    id = serializers.CharField()
    site = serializers.CharField()
    name = serializers.CharField()
    serial = serializers.CharField()
    manufacturer = serializers.CharField()
    type = serializers.CharField()
    skills = serializers.ListField(child=serializers.CharField())
    in_service = serializers.BooleanField()
    status = serializers.CharField()
    summary = serializers.CharField()
    commandable = serializers.BooleanField()
    stale = serializers.BooleanField()
    connection = serializers.CharField()
    operating_mode = serializers.CharField()
    held_by = serializers.ListField(child=serializers.CharField())
    x_m = serializers.FloatField(allow_null=True)
    y_m = serializers.FloatField(allow_null=True)
    heading_rad = serializers.FloatField(allow_null=True)
    battery_pct = serializers.FloatField(allow_null=True)
    charging = serializers.BooleanField()
    driving = serializers.BooleanField()
    paused = serializers.BooleanField()
    loads = serializers.IntegerField(allow_null=True)
    physical_stop = serializers.CharField()
    field_violation = serializers.BooleanField()
    errors = ErrorOut(many=True)
    last_node = serializers.CharField()
    released_path = serializers.ListField(child=serializers.CharField())
    waiting = WaitOut(allow_null=True, help_text="null while it drives.")
    state_age_s = serializers.FloatField(allow_null=True)


class ReasonIn(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class StopIn(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=["stopped"], help_text="Resuming is an operation of its own.")
    zone = serializers.CharField(required=False, allow_null=True, default=None, help_text="Only this zone.")
    robots = serializers.ListField(
        child=serializers.CharField(), required=False, default=list, max_length=500, help_text="Only these robots."
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class ResumeIn(serializers.Serializer[Any]):
    stop_id = serializers.CharField()
    robots = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=500)
    reason = serializers.CharField(max_length=MAX_REASON)


class StopLineOut(serializers.Serializer[Any]):
    robot = serializers.CharField()
    serial = serializers.CharField()
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=["confirmed", "waiting", "no_answer", "cannot_be_commanded"])
    why = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    x_m = serializers.FloatField(allow_null=True)
    y_m = serializers.FloatField(allow_null=True)
    released_path = serializers.ListField(child=serializers.CharField())


class StopOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    scope = serializers.ChoiceField(choices=["site", "zone", "robot"])
    zone = serializers.CharField()
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField()
    reason = serializers.CharField()
    confirmed = serializers.IntegerField()
    waiting = serializers.IntegerField()
    no_answer = serializers.IntegerField()
    cannot_be_commanded = serializers.IntegerField()
    robots = StopLineOut(many=True)


class SiteStopOut(serializers.Serializer[Any]):
    site = serializers.CharField()
    state = serializers.ChoiceField(choices=["stopped", "partly_stopped", "open"])
    sent = serializers.BooleanField(help_text="False: the broker does not answer, nothing can be sent just now.")
    stops = StopOut(many=True)


def checked(form: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The validated body. Raises the framework's ValidationError."""
    serializer = form(data=data)
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found


def who(actor: Actor) -> str:
    """How the stop path's journal names an actor: kind, id and name."""
    return f"{actor.kind}:{actor.id}:{actor.name}"


def site_json(site: Site) -> dict[str, Any]:
    return {
        "id": site.public_id,
        "slug": site.slug,
        "name": site.name,
        "time_zone": site.time_zone,
        "unattended": site.unattended,
    }


def layout_json(version: LayoutVersion) -> dict[str, Any]:
    return {
        "id": version.public_id,
        "site": version.site.slug,
        "number": version.number,
        "hash": version.hash,
        "note": version.note,
        "created_at": version.created_at,
        "published_at": version.published_at,
        "audit": known(version),
        "accepted_limit": version.accepted_limit,
    }


def station_json(station: Station) -> dict[str, Any]:
    return {
        "id": station.id,
        "name": station.name,
        "kind": station.kind,
        "aliases": list(station.aliases),
        "nodes": list(station.nodes),
        "x_m": station.x,
        "y_m": station.y,
        "capacity": station.capacity,
    }


def robot_json(view: RobotView, site: Site, now: datetime) -> dict[str, Any]:
    return {
        "id": view.id,
        "site": site.slug,
        "name": view.name,
        "serial": view.serial,
        "manufacturer": view.manufacturer,
        "type": view.type,
        "skills": list(view.skills),
        "in_service": view.in_service,
        "status": view.word.replace(" ", "_"),
        "summary": view.line,
        "commandable": view.commandable,
        "stale": view.stale,
        "connection": view.connection,
        "operating_mode": view.operating_mode,
        "held_by": list(view.held_by),
        "x_m": view.x,
        "y_m": view.y,
        "heading_rad": view.theta,
        "battery_pct": view.battery,
        "charging": view.charging,
        "driving": view.driving,
        "paused": view.paused,
        "loads": view.loads,
        "physical_stop": view.physical_stop,
        "field_violation": view.field_violation,
        "errors": [NO_TEXTS | error for error in view.errors],
        "last_node": view.last_node,
        "released_path": list(view.base),
        "waiting": wait_json(view.waiting, now),
        "state_age_s": view.state_age,
    }


def stops_json(site: str, found: SiteStops) -> dict[str, Any]:
    whole = any(stop.scope == "site" for stop in found.stops)
    return {
        "site": site,
        "state": "stopped" if whole else "partly_stopped" if found.stops else "open",
        "sent": found.can_stop,
        "stops": [_stop_json(stop) for stop in found.stops],
    }


def _stop_json(stop: StopStatus) -> dict[str, Any]:
    return {
        "id": stop.id,
        "scope": stop.scope,
        "zone": stop.zone,
        "requested_at": _time(stop.requested_at),
        "requested_by": stop.requested_by.split(":", 2)[-1],
        "reason": stop.reason,
        **{state: len(stop.of(state)) for state in ("confirmed", "waiting", "no_answer", "cannot_be_commanded")},
        "robots": [
            {
                "robot": line.robot,
                "serial": line.serial,
                "name": line.name,
                "state": line.state,
                "why": line.why,
                "confirmed_at": None if line.confirmed_at is None else _time(line.confirmed_at),
                "x_m": line.x,
                "y_m": line.y,
                "released_path": list(line.released_path),
            }
            for line in stop.lines
        ],
    }


def _time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
