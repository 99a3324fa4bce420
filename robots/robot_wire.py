"""The JSON of one robot in full: what it reported last, its clock, its software, who serves it; and its lists."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from rest_framework import serializers

from fleet.accounts.models import Site

from .commanding import offered, situation_of
from .core.commands import RULES
from .core.readable import Change, changes, readable
from .models import BadMessage, Command, Factsheet, Robot, RobotLink, RobotState
from .snapshots import RobotView
from .wire import MAX_REASON, RobotOut, robot_json


class InformationOut(serializers.Serializer[Any]):
    type = serializers.CharField()
    level = serializers.CharField()
    description = serializers.CharField()


class MapOut(serializers.Serializer[Any]):
    map_id = serializers.CharField()
    map_version = serializers.CharField()
    status = serializers.CharField(help_text="ENABLED or DISABLED")


class ZoneSetOut(serializers.Serializer[Any]):
    zone_set_id = serializers.CharField()
    map_id = serializers.CharField()
    status = serializers.CharField(help_text="ENABLED or DISABLED")


class ActionStateOut(serializers.Serializer[Any]):
    action_id = serializers.CharField()
    action_type = serializers.CharField()
    status = serializers.CharField(
        help_text="WAITING, INITIALIZING, RUNNING, PAUSED, RETRIABLE (waits for the command retry or skip_retry), "
        "FINISHED or FAILED."
    )
    result = serializers.CharField()


class ClockOut(serializers.Serializer[Any]):
    """Nothing is decided by a robot's clock; these are for people who compare its log with ours."""

    sent_at = serializers.DateTimeField(allow_null=True, help_text="Of its last state, by the robot's clock.")
    received_at = serializers.DateTimeField(allow_null=True, help_text="Of its last state, by ours.")
    offset_s = serializers.FloatField(allow_null=True, help_text="How far its clock is ahead of ours, estimated.")
    spread_s = serializers.FloatField(allow_null=True, help_text="How sure `offset_s` is, to both sides.")


class SoftwareOut(serializers.Serializer[Any]):
    key = serializers.CharField()
    value = serializers.CharField()


class LinkOut(serializers.Serializer[Any]):
    member = serializers.CharField(help_text="Name of the link process that serves it.")
    since = serializers.DateTimeField()
    epoch = serializers.IntegerField(help_text="Grows with every takeover.")


class OfferedOut(serializers.Serializer[Any]):
    kind = serializers.CharField()
    parameters = serializers.ListField(child=serializers.CharField(), help_text="A trailing ? marks an optional one.")
    why_not = serializers.CharField(help_text="Why it cannot be given now, or empty.")


class RobotFull(RobotOut):
    protocol = serializers.CharField(help_text="The VDA 5050 version that is sent to it: a setting of its type.")
    protocol_reported = serializers.CharField(help_text="The version in the header of its last state, or empty.")
    map_id = serializers.CharField()
    last_node_sequence_id = serializers.IntegerField()
    order_id = serializers.CharField(help_text="As reported; it stays after the order has ended.")
    order_update_id = serializers.IntegerField()
    actions = ActionStateOut(many=True)
    information = InformationOut(many=True, help_text="For people only: no program may act on it (VDA 5050 6.6.4).")
    maps = MapOut(many=True)
    zone_sets = ZoneSetOut(many=True)
    zone_requests = serializers.ListField(child=serializers.DictField())
    edge_requests = serializers.ListField(child=serializers.DictField())
    planned_path = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()), help_text="Its own plan as [x, y] in m."
    )
    intermediate_path = serializers.ListField(
        child=serializers.ListField(), help_text="Where it is going next, as [x, y, expected time or null]."
    )
    clock = ClockOut()
    software = SoftwareOut(many=True, help_text="From its last factsheet.")
    link = LinkOut(allow_null=True, help_text="null: no link serves it just now.")
    problem = serializers.CharField(help_text="What was wrong with its last bad message, or empty.")
    problem_at = serializers.DateTimeField(allow_null=True)
    commands = OfferedOut(many=True, help_text="What its version and its factsheet support.")


class CommandIn(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=sorted(RULES))
    parameters = serializers.DictField(
        required=False, default=dict, help_text="By the standard's own names, such as mapId. See `commands` of a robot."
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class CommandOut(serializers.Serializer[Any]):
    """Confirmed by the robot's own state, never by having been sent."""

    id = serializers.CharField()
    kind = serializers.CharField()
    parameters = serializers.DictField()
    state = serializers.CharField(help_text="created, sent, acknowledged, effective, failed or timed_out.")
    note = serializers.CharField()
    actor = serializers.CharField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class BadMessageOut(serializers.Serializer[Any]):
    """A message that could not be used, kept for the engineer; the oldest are forgotten."""

    received_at = serializers.DateTimeField()
    topic = serializers.CharField()
    kind = serializers.CharField(help_text="TOO_LARGE, NOT_JSON, WRONG_VERSION, WRONG_CONTENT ...")
    text = serializers.CharField(help_text="What is wrong with it.")
    size_bytes = serializers.IntegerField()
    header_id = serializers.IntegerField(allow_null=True)
    payload = serializers.CharField(help_text="Its first 8 kB as text; what cannot be seen is escaped.")
    payload_base64 = serializers.CharField(help_text="The same bytes as they came.")


class ChangeOut(serializers.Serializer[Any]):
    path = serializers.CharField()
    before = serializers.CharField(help_text="As JSON; empty: it was not there.")
    after = serializers.CharField(help_text="As JSON; empty: it is gone.")


class FactsheetOut(serializers.Serializer[Any]):
    received_at = serializers.DateTimeField()
    version = serializers.CharField(help_text="The VDA 5050 version it is written in.")
    hash = serializers.CharField()
    document = serializers.DictField()
    changes = ChangeOut(many=True, help_text="Against the factsheet before it; empty for the first.")


def robot_full_json(robot: Robot, view: RobotView, site: Site, now: datetime) -> dict[str, Any]:
    state = getattr(robot, "state", None) or RobotState(robot=robot)
    served = RobotLink.objects.filter(robot=robot).first()
    situation = situation_of(robot)
    sheet = situation.factsheet
    return robot_json(view, site, now) | {
        "protocol": robot.type.protocol,
        "protocol_reported": state.protocol,
        "map_id": state.map_id,
        "last_node_sequence_id": state.last_node_sequence_id,
        "order_id": state.order_id,
        "order_update_id": state.order_update_id,
        "actions": [
            {name: row.get(name) or "" for name in ("action_id", "action_type", "status", "result")}
            for row in state.action_states
        ],
        "information": [information_json(row) for row in state.information],
        "maps": state.maps,
        "zone_sets": state.zone_sets,
        "zone_requests": state.zone_requests,
        "edge_requests": state.edge_requests,
        "planned_path": state.planned_path,
        "intermediate_path": state.intermediate_path,
        "clock": {
            "sent_at": state.sent_at,
            "received_at": state.state_at,
            "offset_s": state.clock_offset,
            "spread_s": state.clock_spread,
        },
        "software": [{"key": row.key, "value": row.value} for row in sheet.versions] if sheet else [],
        "link": {"member": served.member, "since": served.since, "epoch": served.epoch} if served else None,
        "problem": state.problem,
        "problem_at": state.problem_at,
        "commands": [
            {
                "kind": rule.kind,
                "parameters": [p.key if p.needed else f"{p.key}?" for p in rule.parameters],
                "why_not": why,
            }
            for rule, why in offered(situation)
        ],
    }


def information_json(row: dict[str, Any]) -> dict[str, str]:
    return {
        "type": str(row.get("type") or row.get("info_type") or ""),
        "level": str(row.get("level") or ""),
        "description": str(row.get("description") or row.get("descriptor") or ""),
    }


def command_json(command: Command) -> dict[str, Any]:
    same = ("kind", "parameters", "state", "note", "actor", "reason", "created_at", "sent_at", "acknowledged_at",
            "finished_at")  # fmt: skip
    return {"id": command.public_id} | {name: getattr(command, name) for name in same}


def bad_message_json(row: BadMessage) -> dict[str, Any]:
    payload = bytes(row.payload)
    return {
        "received_at": row.received_at,
        "topic": row.topic,
        "kind": row.kind,
        "text": row.text,
        "size_bytes": row.size,
        "header_id": row.header_id,
        "payload": readable(payload),
        "payload_base64": base64.b64encode(payload).decode(),
    }


def factsheet_json(row: Factsheet) -> dict[str, Any]:
    older = Factsheet.objects.filter(robot_id=row.robot_id, received_at__lt=row.received_at).first()
    found: list[Change] = changes(older.document, row.document) if older else []
    return {
        "received_at": row.received_at,
        "version": row.version,
        "hash": row.hash,
        "document": row.document,
        "changes": [{"path": c.path, "before": c.before, "after": c.after} for c in found],
    }
