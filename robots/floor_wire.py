"""The JSON of the REST operations about the floor: what goes in, what comes out. Units stand in the names."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from .floor_requests import name_of, state_of
from .floor_state import BlockView, DoorView, FloorView, ZoneView
from .models import FloorRequest
from .waits import Around
from .wire import MAX_REASON, PartyOut

STATES = ("asked", "waiting_for_second_person", "applied", "withdrawn", "expired")


class FloorRequestIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site.")
    kind = serializers.ChoiceField(choices=FloorRequest.KINDS)
    target = serializers.CharField(
        max_length=60, help_text="A zone, a door, a node or lane, or (free_ahead, retire) a robot's serial."
    )
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)
    seconds = serializers.FloatField(required=False, help_text="take_door: the lease; block: how long. s")
    at = serializers.CharField(required=False, max_length=60, help_text="free_ahead: the node where it stands.")


class DoorTakeIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site.")
    lease_s = serializers.FloatField(help_text="For how long; take it again before the end to keep it.")
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class DoorGiveBackIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site.")
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=MAX_REASON)


class FloorRequestOut(serializers.Serializer[Any]):
    """`applied_at` and `outcome` are dispatch's: what became of it."""

    id = serializers.CharField()
    site = serializers.CharField()
    kind = serializers.CharField()
    target = serializers.CharField()
    data = serializers.JSONField()
    state = serializers.ChoiceField(choices=STATES)
    asked_by = serializers.CharField()
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    confirm_until = serializers.DateTimeField(allow_null=True)
    confirmed_by = serializers.CharField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    applied_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.CharField()


class ZoneOut(serializers.Serializer[Any]):
    """`state` closing: robots whose released way touches it (`inside`) still drive out; nobody else drives in."""

    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=["open", "closing", "closed"])
    by_layout = serializers.BooleanField(help_text="Closed for ever: only a new layout opens it.")
    known = serializers.BooleanField(help_text="False: dispatch is silent, this is the last that was known.")
    inside = PartyOut(many=True)
    since = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.CharField(allow_null=True)
    reason = serializers.CharField()


class DoorOut(serializers.Serializer[Any]):
    """Past `until` it is `overdue`, and stays taken until it is given back."""

    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    owner = serializers.CharField(allow_null=True)
    until = serializers.DateTimeField(allow_null=True)
    overdue = serializers.BooleanField()
    known = serializers.BooleanField()


class BlockOut(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="A node or a lane.")
    until = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField()


class MisplacedOut(serializers.Serializer[Any]):
    robot = PartyOut()
    nodes = serializers.ListField(child=serializers.CharField())


class FloorOut(serializers.Serializer[Any]):
    site = serializers.CharField()
    known = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True)
    zones = ZoneOut(many=True)
    doors = DoorOut(many=True)
    blocks = BlockOut(many=True)
    misplaced = MisplacedOut(many=True)
    liveness = serializers.CharField(help_text="Empty, or why robots could lock up as things stand.")


def request_json(row: FloorRequest, now: datetime) -> dict[str, Any]:
    return {
        "id": row.public_id,
        "site": row.site.slug,
        "kind": row.kind,
        "target": row.target,
        "data": row.data,
        "state": state_of(row, now),
        "asked_by": name_of(row.actor),
        "reason": row.reason,
        "created_at": row.created_at,
        "confirm_until": row.expires_at,
        "confirmed_by": name_of(row.confirmed_by) or None,
        "confirmed_at": row.confirmed_at,
        "withdrawn_at": row.withdrawn_at,
        "applied_at": row.applied_at,
        "outcome": row.outcome,
    }


def zone_json(zone: ZoneView, floor: FloorView, around: Around) -> dict[str, Any]:
    return {
        "id": zone.id,
        "name": zone.name,
        "kind": zone.kind,
        "state": zone.state,
        "by_layout": zone.by_layout,
        "known": floor.known or zone.by_layout,
        "inside": [_party(serial, around) for serial in zone.inside],
        "since": zone.since,
        "closed_by": name_of(zone.by) or None,
        "reason": zone.reason,
    }


def door_json(door: DoorView, floor: FloorView) -> dict[str, Any]:
    return {
        "id": door.id,
        "name": door.name,
        "kind": door.kind,
        "owner": name_of(door.owner) or None,
        "until": door.until,
        "overdue": door.overdue,
        "known": floor.known,
    }


def block_json(block: BlockView) -> dict[str, Any]:
    return {"name": block.name, "until": block.until, "by": name_of(block.by)}


def floor_json(floor: FloorView, around: Around) -> dict[str, Any]:
    return {
        "site": floor.site.slug,
        "known": floor.known,
        "at": floor.at,
        "zones": [zone_json(zone, floor, around) for zone in floor.zones],
        "doors": [door_json(door, floor) for door in floor.doors],
        "blocks": [block_json(block) for block in floor.blocks],
        "misplaced": [
            {"robot": _party(serial, around), "nodes": list(nodes)} for serial, nodes in (floor.misplaced or {}).items()
        ],
        "liveness": floor.liveness,
    }


def _party(serial: str, around: Around) -> dict[str, Any]:
    party = around.party(serial)
    return {"serial": party.serial, "name": party.name, "id": party.id or None}
