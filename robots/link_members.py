"""Which link serves which robot: members with a lease, robots by rendezvous hashing, epochs that fence writes.

A member renews its lease by the database's clock and stops serving by its own monotonic one before the lease ends, so
two members never serve a robot at once. A robot goes over when its member is dead (its lease ended) or gave it up.
"""

from __future__ import annotations

import os
import platform
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import psutil
import psycopg

from .core.rendezvous import owner
from .link_store import LOCK

LEASE_S = 3.0
RENEW_S = 0.5
MARGIN_S = 0.5
"""So long before its lease ends a member stops serving: clocks drift, and what it began takes a moment."""
FORGET_S = 60.0


@dataclass(frozen=True, slots=True)
class Member:
    """A living link. `name` is of one process; `label` is what it is hashed by, the same after a restart.

    `sites`: whose motion lease it says it issues.
    """

    name: str
    label: str
    sites: frozenset[str] = field(default=frozenset(), compare=False)


def uptime() -> float:
    """s on a clock that nobody sets and that goes on while the machine sleeps: a lease ends meanwhile, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(slots=True)
class Membership:
    """This process among the links. For one thread, except `serving`, `names` and the lookups, which any may call.

    `label`: as `link --name` gave it.
    """

    label: str
    name: str = ""
    monotonic: Callable[[], float] = uptime
    members: tuple[Member, ...] = ()
    sites: frozenset[str] = frozenset()
    _until: float = float("-inf")
    _joined: bool = False
    _figures: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = self.name or f"{self.label}.{secrets.token_hex(4)}"

    # --- lookups ------------------------------------------------------------------------------------------------------

    @property
    def serving(self) -> bool:
        """Whether what this member was given is still its own."""
        return self.monotonic() < self._until

    @property
    def alone(self) -> bool:
        return len(self.members) <= 1

    def serves(self, key: str) -> bool:
        """Whether this member is the one for `key` (a serial number, a site, a duty)."""
        chosen = owner([member.label for member in self.members], key)
        return any(member.label == chosen and member.name == self.name for member in self.members)

    def issues(self, site: str) -> bool:
        """Whether it gives out this site's motion lease: it is the one, and nobody else says that he still does."""
        return (
            self.serving
            and self.serves(f"site {site}")
            and not any(site in member.sites for member in self.members if member.name != self.name)
        )

    # --- the database -------------------------------------------------------------------------------------------------

    def renew(self, connection: psycopg.Connection[Any], *, robots: int, figures: Mapping[str, Any]) -> None:
        """Stay a member (or become one) and see who else is. Raises psycopg.Error."""
        asked = self.monotonic()
        words = orjson.dumps({**figures, "label": self.label, "sites": sorted(self.sites), "process": _process()})
        with connection.transaction():
            if not self._joined:
                connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
                self._bury(connection)
            connection.execute(_RENEW, [self.name, LEASE_S, robots, words.decode()])
            rows = connection.execute(
                "select name, figures->>'label', figures->'sites' from robots_linkmember"
                " where until > now() order by name"
            ).fetchall()
            connection.execute("delete from robots_linkmember where until < now() - %s * interval '1 s'", [FORGET_S])
        self._joined = True
        self.members = tuple(_members(rows))
        self._until = asked + LEASE_S - MARGIN_S

    def _bury(self, connection: psycopg.Connection[Any]) -> None:
        """At start: members of this machine whose process is gone need not be waited for."""
        rows = connection.execute("select name, figures->'process' from robots_linkmember").fetchall()
        dead = [name for name, process in rows if _is_dead(process or {})]
        connection.execute("delete from robots_linkmember where name = any(%s)", [dead])

    def claim(self, connection: psycopg.Connection[Any], robots: Collection[int]) -> dict[int, int]:
        """Take over those of `robots` that no living member serves: robot -> epoch under which it may be written."""
        if not robots:
            return {}
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])
            rows = connection.execute(_CLAIM, {"robots": sorted(robots), "member": self.name}).fetchall()
        return dict(rows)

    def release(self, connection: psycopg.Connection[Any], robots: Mapping[int, int]) -> None:
        """Give up robots whose last state is written."""
        connection.execute(
            "update robots_robotlink set member = '' where member = %s and robot_id = any(%s)",
            [self.name, list(robots)],
        )

    def leave(self, connection: psycopg.Connection[Any]) -> None:
        """Give up everything: what this member served is free at once."""
        self._until = float("-inf")
        with connection.transaction():
            connection.execute("update robots_robotlink set member = '' where member = %s", [self.name])
            connection.execute("delete from robots_linkmember where name = %s", [self.name])
        self._joined = False


_RENEW = """
    insert into robots_linkmember (name, started_at, until, robots, figures)
    values (%s, now(), now() + %s * interval '1 s', %s, %s::jsonb)
    on conflict (name) do update set until = excluded.until, robots = excluded.robots, figures = excluded.figures
"""
_CLAIM = """
    insert into robots_robotlink as l (robot_id, member, epoch, since)
    select r.id, %(member)s, 1, now() from robots_robot r where r.id = any(%(robots)s)
    on conflict (robot_id) do update set member = excluded.member, epoch = l.epoch + 1, since = now()
    where not exists (select 1 from robots_linkmember m where m.name = l.member and m.until > now())
    returning robot_id, epoch
"""


def _members(rows: Iterable[tuple[str, str | None, list[str] | None]]) -> list[Member]:
    """Two processes that were given the same name are told apart by their own."""
    found = [(name, label or name, frozenset(sites or ())) for name, label, sites in rows]
    labels = [label for _, label, _ in found]
    return [Member(name, label if labels.count(label) == 1 else name, sites) for name, label, sites in found]


def _process() -> dict[str, Any]:
    return {"host": platform.node(), "pid": os.getpid(), "started": psutil.Process().create_time()}


def _is_dead(process: Mapping[str, Any]) -> bool:
    """True only when it ran on this machine and is certainly gone."""
    if process.get("host") != platform.node():
        return False
    try:
        return bool(abs(psutil.Process(process["pid"]).create_time() - process["started"]) > 1.0)
    except psutil.NoSuchProcess:
        return True
    except (psutil.Error, KeyError, TypeError):
        return False
