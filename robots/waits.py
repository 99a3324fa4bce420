"""Why a robot does not go on: what it waits for, who holds that, since when, and what would end it.

Dispatch writes the reason beside what it granted (`RobotTraffic.waiting`). While no dispatch leader speaks, what stands
there may be long over, and then the honest answer is that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from fleet.accounts.models import Site

from .models import Robot, RobotTraffic

SILENT_AFTER = timedelta(seconds=6)
"""Beyond the end of the leader's lease (`missions.lease`, renewed every second): what is written is old."""
LONG = timedelta(minutes=1)
GOING = ("driving", "idle", "at_goal")
"""Kinds of reason that are no wait: nothing keeps the robot from anything."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who holds something or waits in turn: a robot (`id` is its public id) or somebody else by name (`id` "")."""

    serial: str
    name: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """`known` False: the record is old. `chain` goes from the holder to the root cause. `since` None: not recorded."""

    kind: str
    text: str
    resource: str = ""
    holder: Party | None = None
    since: datetime | None = None
    ends: str = ""
    chain: tuple[Party, ...] = ()
    known: bool = True

    @property
    def blocks(self) -> bool:
        """It would go on and cannot."""
        return self.kind not in GOING

    @property
    def in_traffic(self) -> bool:
        """It is known that it has somewhere to go and that others, or a rule, are in its way now."""
        return self.known and (self.kind.startswith("waiting_") or self.kind == "no_way")

    @property
    def place(self) -> str:
        """The node, crossing, door or zone without the word for which of them it is."""
        return self.resource.partition(":")[2] or self.resource

    def lasted(self, now: datetime) -> float:
        """Seconds since it began; 0 when nobody wrote down since when."""
        return max(0.0, (now - self.since).total_seconds()) if self.since else 0.0

    def long(self, now: datetime) -> bool:
        return self.blocks and self.since is not None and now - self.since >= LONG


UNKNOWN = Wait("unknown", "", known=False)


def dispatch_speaks(site: Site, now: datetime) -> bool:
    """Whether a dispatch leader keeps the site's traffic records up to date. One query."""
    return Site.objects.filter(pk=site.pk, dispatchlease__expires_at__gt=now - SILENT_AFTER).exists()


class Around:
    """What explaining the robots of one site needs beside their rows; each is asked for at most once, when needed."""

    def __init__(self, site: Site, now: datetime, robots: Iterable[Robot] | None = None) -> None:
        self.site, self.now = site, now
        self._robots = robots

    @cached_property
    def speaks(self) -> bool:
        return dispatch_speaks(self.site, self.now)

    @cached_property
    def parties(self) -> dict[str, Party]:
        if self._robots is not None:
            return {r.serial: Party(r.serial, r.name, r.public_id) for r in self._robots}
        rows = Robot.objects.filter(site=self.site).values_list("serial", "name", "public_id")
        return {serial: Party(serial, name, public_id) for serial, name, public_id in rows}

    def party(self, key: str) -> Party:
        """A robot by its serial; else an owner as `floor_requests.who` writes it, or any other name."""
        return self.parties.get(key) or Party(key, key.split(":", 2)[-1])

    def wait_of(self, traffic: RobotTraffic | None) -> Wait | None:
        """Why this robot does what it does; None when traffic has never had it."""
        if traffic is None or not traffic.waiting:
            return None
        wait = self._read(traffic.waiting)
        return wait if self.speaks else replace(wait, known=False)

    def _read(self, kept: Mapping[str, Any]) -> Wait:
        since, holder = kept.get("since"), str(kept.get("holder") or "")
        chain = tuple(self.party(str(key)) for key in kept.get("chain") or ())
        parties = (self.party(holder), *chain) if holder else chain
        return Wait(
            kind=str(kept.get("kind") or "unknown"),
            text=_named(str(kept.get("text") or ""), parties),
            resource=str(kept.get("resource") or ""),
            holder=parties[0] if holder else None,
            since=datetime.fromtimestamp(since, UTC) if isinstance(since, int | float) and since > 0 else None,
            ends=_named(str(kept.get("ends") or ""), parties),
            chain=chain,
        )


def plainly(text: str) -> str:
    """Owners by their names: dispatch writes them with kind and id before, see `floor_requests.who`."""
    return re.sub(r"\b(?:person|key):[\w-]+:", "", text)


def _named(text: str, parties: Iterable[Party]) -> str:
    """Dispatch writes serials; people know names."""
    for party in dict.fromkeys(parties):
        text = re.sub(rf"(?<![\w-]){re.escape(party.serial)}(?![\w-])", lambda _, name=party.name: name, text)
    return plainly(text)


def wait_json(wait: Wait | None, now: datetime) -> dict[str, Any] | None:
    """For REST: null for a robot that drives, everything else with its reason."""
    if wait is None:
        wait = UNKNOWN
    if wait.kind == "driving":
        return None
    return {
        "kind": wait.kind,
        "text": wait.text,
        "known": wait.known,
        "resource": wait.resource or None,
        "holder": (wait.holder.serial if wait.holder.id else wait.holder.name) if wait.holder else None,
        "holder_id": (wait.holder.id or None) if wait.holder else None,
        "since": wait.since,
        "waited_s": round(wait.lasted(now), 1) if wait.since else None,
        "ends": wait.ends,
        "chain": [{"serial": party.serial, "name": party.name, "id": party.id or None} for party in wait.chain],
    }
