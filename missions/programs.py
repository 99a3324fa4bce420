"""Mission programs to the onboard workers: by Celery through the outbox, idempotent by attempt, sent again."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from fleet.outbox.models import Message
from inference import contract

from . import reading
from .core import lifecycle as life
from .core import requests
from .models import Attempt

if TYPE_CHECKING:
    from .apply import Desk

BUNDLE = "compact-0"
BACK_OFF_S = (2, 4, 8, 16, 30)
ENVELOPE_VERSION = "1"
SUSPECT_S = 60.0


def task_id(attempt_key: str) -> str:
    return f"program-{attempt_key}"


def build(desk: Desk, attempt: Attempt) -> dict[str, Any]:
    """The program of an attempt: grounded steps, the text as typed, the pinned bundle, the envelope."""
    mission, robot = desk.missions[attempt.mission_id], desk.robot(attempt.robot_id)
    steps = tuple(
        contract.ProgramStep(
            index=s.index,
            op=s.op,
            node=s.payload.get("node"),
            station=s.payload.get("station"),
            item=s.payload.get("item"),
            item_name=s.payload.get("item_name"),
            qty=s.payload.get("qty"),
        )
        for s in mission.steps.all()
    )
    envelope = contract.Envelope(
        version=ENVELOPE_VERSION,
        max_speed=robot.type.max_speed / (2 if mission.plan.get("speed") == "slow" else 1),
        max_rotation=robot.type.max_rotation,
        person_clearance=1.0,
        max_payload=robot.type.max_payload,
        min_confidence=0.3,
        max_decision_age=0.5,
    )
    program = contract.MissionProgram(
        attempt=attempt.public_id,
        mission=mission.public_id,
        serial=robot.serial,
        instruction=mission.text,
        bundle=BUNDLE,
        envelope=envelope,
        steps=steps,
    )
    return contract.program_to_json(program)


def send(desk: Desk, attempt: Attempt, reason: str) -> None:
    """Post the program; never a second row while one is unsent. A reason means it is sent again, and is kept."""
    if attempt.program is None:
        attempt.program = build(desk, attempt)
    key = f"program:{attempt.public_id}"
    again = attempt.program_sends > 0
    if not again or not Message.objects.filter(kind="celery", key=key, sent_at=None).exists():
        payload = {
            "task": "onboard.accept_program",
            "args": [attempt.program],
            "queue": f"onboard.{desk.robot(attempt.robot_id).serial}",
            "task_id": task_id(attempt.public_id),
        }
        desk.floor.send("celery", key, payload)
    attempt.program_sends += 1
    attempt.program_sent_at = desk.now
    attempt.program_accepted_at = None
    attempt.save()
    if reason:
        desk.event(desk.missions[attempt.mission_id], "program_sent_again", reason, "dispatch")


def keep_sending(desk: Desk) -> None:
    """Programs nobody acknowledged: again with growing waits, then the attempt is taken off the robot."""
    limit = settings.YARDMASTER["program_timeout_s"]
    for attempt in list(desk.picture.attempts.values()):
        if attempt.program is None or attempt.program_accepted_at is not None or attempt.program_sent_at is None:
            continue
        if attempt.memory.get("phase") in ("cancel", "stuck"):
            continue
        mission, robot = desk.missions[attempt.mission_id], desk.robot(attempt.robot_id)
        if (desk.now - attempt.started_at).total_seconds() > limit:
            desk.dispatcher.suspects[robot.serial] = desk.now.timestamp() + SUSPECT_S
            text = f"{robot.name}'s onboard worker did not take the program within {limit:g} s"
            memory = requests.cancelled(reading.mission_fact(mission, attempt), after=life.QUEUED, text=text)
            desk.remember(attempt, memory)
            desk.event(mission, "program_timed_out", text, "dispatch")
        elif (desk.now - attempt.program_sent_at).total_seconds() > BACK_OFF_S[min(attempt.program_sends, 5) - 1]:
            send(desk, attempt, "not acknowledged yet")


def note_accepted(attempt_key: str, now: datetime) -> int:
    """The onboard worker's own answer: it has the program on its disk."""
    return Attempt.objects.filter(public_id=attempt_key, program_accepted_at=None).update(program_accepted_at=now)


def unacknowledged() -> list[str]:
    """Keys of attempts whose program was sent and not acknowledged."""
    waiting = Attempt.objects.filter(state="active", program_accepted_at=None).exclude(program_sent_at=None)
    return list(waiting.values_list("public_id", flat=True))
