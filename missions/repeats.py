"""Missions that repeat: when one round is completed, the next is queued as a mission of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .core import lifecycle as life
from .models import Mission, Step
from .numbering import take_number

if TYPE_CHECKING:
    from .apply import Desk


def next_round(desk: Desk, mission: Mission) -> Mission | None:
    """The next round of `mission`, or None when it does not repeat or the last round is done."""
    repeat = mission.plan.get("repeat")
    if not repeat or ("times" in repeat and mission.round >= repeat["times"]):
        return None
    site, number = take_number(mission.site_id)
    began = mission.not_before or mission.created_at
    due = max(desk.now, began + timedelta(seconds=repeat["every_s"])) if "every_s" in repeat else None
    length = mission.deadline - mission.created_at if mission.deadline else None
    following = Mission.objects.create(
        site=site,
        number=number,
        text=mission.text,
        plan=mission.plan,
        readback=mission.readback,
        interpretation=mission.interpretation,
        requested_by=mission.requested_by,
        requested_by_user=mission.requested_by_user,
        priority=mission.priority,
        pinned_robot=mission.pinned_robot,
        not_before=due,
        deadline=(due or desk.now) + length if length else None,
        repeat_of=mission.repeat_of or mission,
        round=mission.round + 1,
    )
    Step.objects.bulk_create(
        Step(mission=following, index=s.index, op=s.op, line=s.line, payload=s.payload) for s in mission.steps.all()
    )
    desk.event(following, "created", f"round {following.round} of {mission.label}", "dispatch", None, "", life.QUEUED)
    return following
