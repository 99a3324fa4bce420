"""Link's database work: read the robots, write their states in one statement, follow the command log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.outbox.services import notify

from .core.status import Facts
from .live import page_changed
from .models import Command, Factsheet, Robot, RobotState, StopLatch
from .stop_roster import Card, card_of

DISPATCH_CHANNEL = "yardmaster_dispatch"
COMMAND_TIMEOUT = timedelta(seconds=30)
OPEN_STATES = ("created", "sent", "acknowledged")
COLUMNS = tuple(field.attname for field in RobotState._meta.concrete_fields if field.attname not in ("robot_id",))


@dataclass(frozen=True, slots=True)
class Configured:
    card: Card
    site_pk: int
    live_index: int


@dataclass(frozen=True, slots=True)
class SiteWatch:
    """What the lease needs to know of a site. `seen_at`: last sign of life of a supervisor."""

    pk: int
    slug: str
    unattended: bool
    seen_at: datetime | None
    held: frozenset[str]


@dataclass(frozen=True, slots=True)
class Write:
    """One robot's row to write; `urgent` wakes dispatch, `factsheet` is kept when it differs from the last."""

    pk: int
    public_id: str
    site_pk: int
    row: dict[str, Any]
    urgent: bool
    factsheet: dict[str, Any] | None


def configured() -> list[Configured]:
    """Every robot of every site. One query."""
    rows = Robot.objects.select_related("site", "type")
    return [Configured(card_of(robot, live=False), robot.site_id, robot.live_index) for robot in rows]


def stored_states(pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    return {row["robot_id"]: row for row in RobotState.objects.filter(robot_id__in=list(pks)).values()}


def last_version() -> int:
    return int(RobotState.objects.aggregate(last=Max("version"))["last"] or 0)


def watch_sites() -> list[SiteWatch]:
    """Two small queries, several times a second: their answer is what proves that the database lives."""
    held: dict[int, set[str]] = {}
    for site_id, serials in StopLatch.objects.filter(released_at__isnull=True).values_list("site_id", "held"):
        held.setdefault(site_id, set()).update(serials)
    rows = Site.objects.values_list("pk", "slug", "unattended", "supervised_at")
    return [SiteWatch(*row, held=frozenset(held.get(row[0], ()))) for row in rows]


def write_states(writes: Sequence[Write], *, version: int) -> int:
    """All rows in one statement, in the order of their keys; returns the last version given. Raises django.db.Error."""
    rows = []
    for write in sorted(writes, key=lambda write: write.pk):
        version += 1
        rows.append(RobotState(robot_id=write.pk, version=version, **write.row))
    with transaction.atomic():
        RobotState.objects.bulk_create(rows, update_conflicts=True, unique_fields=["robot"], update_fields=COLUMNS)
        for write in writes:
            if write.factsheet is not None:
                _keep_factsheet(write.pk, write.factsheet)
        for site_pk in {write.site_pk for write in writes if write.urgent}:
            notify(DISPATCH_CHANNEL, str(site_pk))
            changed = [f"robot:{write.public_id}" for write in writes if write.urgent and write.site_pk == site_pk]
            page_changed(site_pk, "robots", *changed)
    return version


def _keep_factsheet(robot_pk: int, factsheet: Mapping[str, Any]) -> None:
    last = Factsheet.objects.filter(robot_id=robot_pk).values_list("hash", flat=True).first()
    if last != factsheet["hash"]:
        Factsheet.objects.create(robot_id=robot_pk, received_at=timezone.now(), **factsheet)


def command_sent(action_ids: Iterable[str], at: datetime) -> None:
    Command.objects.filter(action_id__in=list(action_ids), state="created").update(state="sent", sent_at=at)


def follow_commands(robots: Mapping[int, tuple[Facts, Mapping[str, tuple[str, str]]]], now: datetime) -> int:
    """Advance the open commands of these robots by what each robot reports; returns how many changed.

    `robots`: pk -> (facts, action id -> (status, result)). Confirmed by the robot's own words or timed out, never by
    having been sent.
    """
    changed = 0
    open_commands = Command.objects.filter(state__in=OPEN_STATES, robot_id__in=list(robots)).select_related("robot")
    for command in open_commands:
        facts, actions = robots[command.robot_id]
        if _advance(command, facts, actions.get(command.action_id), now):
            command.save(update_fields=["state", "acknowledged_at", "finished_at", "note"])
            page_changed(command.robot.site_id, f"robot:{command.robot.public_id}")
            changed += 1
    return changed


def _advance(command: Command, facts: Facts, action: tuple[str, str] | None, now: datetime) -> bool:
    status, result = action or ("", "")
    paused = {"hold": facts.paused and not facts.driving, "resume": not facts.paused}
    heard = facts.state_age is not None and now - timedelta(seconds=facts.state_age) >= command.created_at
    if status == "FAILED":
        command.state, command.note = "failed", result[:300] or "The robot reports that it failed."
    elif (status == "FINISHED" and command.kind not in paused) or (heard and paused.get(command.kind, False)):
        command.state = "effective"
    elif status and command.state != "acknowledged":
        command.state = "acknowledged"
    elif now - command.created_at > COMMAND_TIMEOUT:
        command.state, command.note = "timed_out", "The robot did not confirm it within 30 s."
    else:
        return False
    if action is not None and command.acknowledged_at is None:
        command.acknowledged_at = now
    if command.state != "acknowledged":
        command.finished_at = now
    return True
