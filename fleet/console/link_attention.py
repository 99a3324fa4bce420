"""What needs a person at the edge of the fleet: robots that want to join, and what the broker refused."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse

from fleet.accounts.models import Site
from missions.snapshots import AttentionRow
from robots import admission, joining
from robots.models import BrokerRefusal, JoinRequest, Robot

JOINS_EACH = 2
"""Up to so many that wait have a row each; more share one, or a new broker's crowd would hide everything else."""
REFUSALS_EACH = 3


def rows(site: Site, now: datetime) -> list[AttentionRow]:
    return [*_joins(), *_refusals(site)]


def _joins() -> list[AttentionRow]:
    waiting = list(joining.open_requests().order_by("first_at")[:200])
    if len(waiting) <= JOINS_EACH:
        return [_join(row) for row in waiting]
    what = f"{len(waiting)} unknown robots want to join"
    return [AttentionRow(3, "join", what, "", waiting[0].first_at, "Look", reverse("joins"))]


def _join(row: JoinRequest) -> AttentionRow:
    where = f"{row.manufacturer}, VDA 5050 {row.version}" if row.version else row.manufacturer
    what = f"{row.serial} wants to join"
    return AttentionRow(3, "join", what, where, row.first_at, "Look", reverse("join", args=[row.public_id]))


def _refusals(site: Site) -> list[AttentionRow]:
    found = admission.unseen(site)
    address = reverse("joins") + "#refusals"
    if len(found) > REFUSALS_EACH:
        what = f"The broker refused {len(found)} different things"
        return [AttentionRow(2, "broker", what, "", min(row.first_at for row, _ in found), "Look", address)]
    return [
        AttentionRow(2, "broker", _refusal(row, victim), row.topic, row.first_at, "Look", address)
        for row, victim in found
    ]


def _refusal(row: BrokerRefusal, victim: Robot | None) -> str:
    who = row.robot.name if row.robot else row.user
    if row.kind == "login":
        return f"{who} cannot log in at the broker: wrong name or password"
    if row.kind == "identity":
        return f"{who} names another robot in its messages"
    if row.kind == "publish" and victim is not None:
        return f"{who} tried to write as {victim.name}"
    return f"{who} tried what it may not at the broker"
