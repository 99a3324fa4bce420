"""What goes in and out of the REST operations of missions."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers

from inference.contract import ORIGINS
from robots.waits import plainly, wait_json
from robots.wire import WaitOut

from . import snapshots
from .core import lifecycle as life
from .models import Mission
from .waiting import Waits


class EditIn(serializers.Serializer[Any]):
    """An answer or a changed part: these characters of the text mean this record."""

    start = serializers.IntegerField(min_value=0)
    end = serializers.IntegerField(min_value=0)
    id = serializers.CharField(max_length=200)


class InterpretIn(serializers.Serializer[Any]):
    site = serializers.CharField(help_text="Slug or id of the site.")
    text = serializers.CharField(help_text="What is to be done, in plain words.", allow_blank=True, default="")
    language = serializers.CharField(required=False, allow_null=True, default=None)
    plan = serializers.JSONField(required=False, allow_null=True, default=None, help_text="A plan instead of words.")
    origin = serializers.CharField(
        required=False, allow_null=True, default=None,
        help_text=f"Where the text comes from: {', '.join(ORIGINS)}. Left out: written by the caller.",
    )  # fmt: skip
    origins = serializers.JSONField(
        required=False, allow_null=True, default=None,
        help_text="Parts that come from elsewhere: [{start, end, origin}], in characters.",
    )  # fmt: skip
    edits = EditIn(many=True, required=False, default=list)


class InterpretationOut(serializers.Serializer[Any]):
    """The preview: what was understood, how sure, and what speaks against it."""

    interpretation_id = serializers.CharField()
    site = serializers.CharField()
    text = serializers.CharField()
    decision = serializers.ChoiceField(choices=["plan", "ask", "refuse"])
    reason = serializers.CharField(allow_null=True)
    readback = serializers.CharField()
    plan = serializers.JSONField(allow_null=True)
    slots = serializers.ListField(child=serializers.JSONField())
    ignored_spans = serializers.ListField(child=serializers.JSONField())
    edits = serializers.ListField(child=serializers.JSONField())
    warnings = serializers.ListField(child=serializers.JSONField())
    blocked = serializers.CharField(allow_null=True)
    clarification = serializers.JSONField(allow_null=True)
    message = serializers.CharField(allow_null=True)
    alternatives = serializers.ListField(child=serializers.JSONField())
    confidence = serializers.JSONField()
    to_accept = serializers.ListField(child=serializers.JSONField())
    tainted = serializers.ListField(child=serializers.JSONField())
    model = serializers.JSONField()
    places = serializers.ListField(child=serializers.CharField())
    dispatchable = serializers.BooleanField()
    hash = serializers.CharField()
    expires_at = serializers.DateTimeField()


class MissionIn(serializers.Serializer[Any]):
    interpretation_id = serializers.CharField()
    hash = serializers.CharField(
        help_text="The hash that came with the interpretation: consent to exactly that reading."
    )
    accepted = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, default=list, max_length=100,
        help_text="Medium confidence: the parts of `to_accept` that were looked at, by number or name.",
    )  # fmt: skip
    approve_tainted = serializers.BooleanField(
        required=False, default=False, help_text="A person has read the parts in `tainted` and approves them."
    )


class ApprovalOut(serializers.Serializer[Any]):
    """A reading and what became of the request to approve it."""

    interpretation_id = serializers.CharField()
    site = serializers.CharField()
    state = serializers.ChoiceField(choices=["not_asked", "waiting", "approved", "declined"])
    text = serializers.CharField()
    tainted = serializers.ListField(child=serializers.JSONField())
    mission = serializers.CharField(allow_null=True)


class RequestIn(serializers.Serializer[Any]):
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    robot = serializers.CharField(required=False, help_text="reassign: serial of the robot, or none for any.")
    priority = serializers.IntegerField(required=False, min_value=-10, max_value=10, help_text="prioritise: -10..10.")


class MissionOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    label = serializers.CharField()
    site = serializers.CharField()
    state = serializers.ChoiceField(choices=sorted(life.MOVES))
    reason = serializers.CharField()
    text = serializers.CharField()
    readback = serializers.CharField()
    plan = serializers.JSONField()
    steps = serializers.ListField(child=serializers.JSONField())
    robot = serializers.CharField(allow_null=True)
    waiting = WaitOut(allow_null=True, help_text="null while it goes on and once it has ended.")
    priority = serializers.IntegerField()
    late = serializers.BooleanField()
    not_before = serializers.DateTimeField(allow_null=True)
    deadline = serializers.DateTimeField(allow_null=True)
    eta = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    requested_by = serializers.CharField()
    round = serializers.IntegerField()


def mission_json(mission: Mission, waits: Waits | None = None) -> dict[str, Any]:
    """One mission; a list passes the same `waits` for all, so that each site is asked once."""
    now = timezone.now()
    wait = (waits or Waits(now)).of(mission)
    data = {
        "id": mission.public_id,
        "label": mission.label,
        "site": mission.site.slug,
        "state": mission.state,
        "reason": plainly(mission.reason),
        "text": mission.text,
        "readback": mission.readback,
        "plan": mission.plan,
        "steps": [
            {
                "index": s.index,
                "op": s.op,
                "line": s.line,
                "state": s.state,
                "result": s.result,
                "started_at": s.started_at,
                "finished_at": s.finished_at,
            }
            for s in mission.steps.all()
        ],
        "robot": mission.robot.serial if mission.robot else None,
        "waiting": None if wait is None else wait_json(wait, now),
        "priority": mission.priority,
        "late": snapshots.is_late(mission, now),
        "not_before": mission.not_before,
        "deadline": mission.deadline,
        "eta": mission.eta,
        "created_at": mission.created_at,
        "started_at": mission.started_at,
        "finished_at": mission.finished_at,
        "requested_by": mission.requested_by,
        "round": mission.round,
    }
    return dict(MissionOut(data).data)
