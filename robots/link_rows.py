"""Link's reading of the database, and what it writes there now and then: commands, bookkeeping of what was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import BigIntegerField, Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from fleet.accounts.models import Site

from . import link_store
from .core.status import Facts
from .live import page_changed
from .models import Command, Factsheet, Robot, RobotLink, RobotState, StopLatch
from .stop_roster import Card, card_of

COMMAND_TIMEOUT = timedelta(seconds=30)
LONG_TIMEOUT = timedelta(minutes=10)
LONG = ("download_map", "update_certificate", "init_position")
"""What a robot that has begun it may take its time for."""
OPEN_STATES = ("created", "sent", "acknowledged")
Report = tuple[Facts, Mapping[str, tuple[str, str]]]


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


def configured() -> list[Configured]:
    """Every robot of every site. One query."""
    rows = Robot.objects.select_related("site", "type")
    return [Configured(card_of(robot, live=False), robot.site_id, robot.live_index) for robot in rows]


def stored_states(pks: Iterable[int]) -> dict[int, dict[str, Any]]:
    return {row["robot_id"]: row for row in RobotState.objects.filter(robot_id__in=list(pks)).values()}


def newest_factsheets(pks: Iterable[int]) -> dict[int, tuple[str, str, dict[str, Any]]]:
    """Robot -> (version, hash, document) of the last factsheet it sent."""
    rows = Factsheet.objects.filter(robot_id__in=list(pks)).order_by("robot_id", "-received_at").distinct("robot_id")
    return {row.robot_id: (row.version, row.hash, row.document) for row in rows}


def fingerprint() -> str:
    """Changes whenever a robot, a robot type or a site does: reading a thousand robots anew takes much longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select md5((select coalesce(string_agg(r::text, '' order by r.id), '') from robots_robot r)"
            " || (select coalesce(string_agg(t::text, '' order by t.id), '') from robots_robottype t)"
            " || (select coalesce(string_agg(s.id || s.slug, ' ' order by s.id), '') from accounts_site s))"
        )
        return str(cursor.fetchone()[0])


def watch_sites() -> list[SiteWatch]:
    """Two small queries, several times a second: their answer is what proves that the database lives."""
    held: dict[int, set[str]] = {}
    for site_id, serials in StopLatch.objects.filter(released_at__isnull=True).values_list("site_id", "held"):
        held.setdefault(site_id, set()).update(serials)
    rows = Site.objects.values_list("pk", "slug", "unattended", "supervised_at")
    return [SiteWatch(*row, held=frozenset(held.get(row[0], ()))) for row in rows]


def served_by(member: str) -> Q:
    """Outbox rows of the robots that `member` serves, by what the database says of it."""
    robot = Cast(KeyTextTransform("robot", OuterRef("payload")), BigIntegerField())
    return Q(Exists(RobotLink.objects.filter(member=member, robot_id=robot)))


class NotOurs(Exception):
    """Another link serves these robots now."""

    def __init__(self, robots: frozenset[int]) -> None:
        super().__init__(f"{len(robots)} robots are served by another link")
        self.robots = robots


def keep_snapshots(
    robots: Collection[int],
    take: Callable[[], link_store.Batch],
    *,
    member: str,
    owned: Callable[[], Mapping[int, int]],
) -> None:
    """Write the rows of `robots`, which something was sent to, in the caller's transaction: it counts as sent then.

    Without it the next link would not know what a robot must confirm, and a lost order would stay lost. Raises NotOurs
    when `member` serves one of them no more: nothing counts as sent then, and whoever serves it sends it (again).
    """
    with connection.cursor() as cursor:
        version = link_store.lock(cursor)
        believed = owned()
        mine = link_store.still_mine(cursor, member, believed)
        if lost := frozenset(robots) - (believed.keys() if mine is None else mine):
            raise NotOurs(lost)
        batch = take()
        link_store.write_states(cursor, batch, version)
        link_store.keep_factsheets(cursor, batch)
        link_store.wake_dispatch(cursor, batch)
    tell_pages(batch)


def tell_pages(batch: link_store.Batch) -> None:
    for site_pk, robots in batch.urgent.items():
        page_changed(site_pk, "robots", *(f"robot:{public_id}" for public_id in robots))


def command_sent(action_ids: Iterable[str], at: datetime) -> None:
    Command.objects.filter(action_id__in=list(action_ids), state="created").update(state="sent", sent_at=at)


def command_unsent(action_ids: Iterable[str], why: str, at: datetime) -> None:
    """What may not be said to this robot now is told to whoever asked for it, and not tried again."""
    refused = Command.objects.filter(action_id__in=list(action_ids), state="created")
    refused.update(state="failed", note=why[:300], finished_at=at)


def follow_commands(report: Callable[[int], Report | None], now: datetime) -> int:
    """Advance the open commands of the robots served here by what each robot reports; returns how many changed.

    `report`: pk -> (facts, action id -> (status, result)), None for robots of other links. Confirmed by the robot's own
    words or timed out, never by having been sent.
    """
    changed = 0
    for command in Command.objects.filter(state__in=OPEN_STATES).select_related("robot"):
        found = report(command.robot_id)
        if found is None:
            continue
        facts, actions = found
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
    elif now - command.created_at > (LONG_TIMEOUT if status and command.kind in LONG else COMMAND_TIMEOUT):
        command.state, command.note = "timed_out", "The robot did not confirm it in time."
    else:
        return False
    if action is not None and command.acknowledged_at is None:
        command.acknowledged_at = now
    if command.state != "acknowledged":
        command.finished_at = now
    return True
