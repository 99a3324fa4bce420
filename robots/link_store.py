"""Link's hot writes, past the ORM: current state by two bulk statements, history by COPY, in one transaction.

Every such transaction holds one advisory lock, as does the taking over of robots (`link_members`). So a link that lost
a robot can never write over its successor, and the version numbers of states become visible in their order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import psycopg

from fleet.listen import connection_parameters

from . import link_history
from .link_history import HistoryRow, json_bytes
from .models import RobotState

LOCK = 0x594D_4C4E
"""The advisory lock of all writers of robot states."""
DISPATCH_CHANNEL = "yardmaster_dispatch"

LIGHT = (
    "robot_id", "state_at", "visualization_at", "x", "y", "theta", "battery", "sent_at", "clock_offset", "clock_spread",
)  # fmt: skip
"""What changes with nearly every message. Times as s since 1970."""
_TIMES = frozenset({"state_at", "visualization_at", "sent_at"})
_COLUMNS = tuple(
    column.attname for column in RobotState._meta.concrete_fields if column.attname not in ("robot_id", "version")
)
_KEPT = frozenset({"link"})
"""Left as it is where a row says null."""


class Cursor(Protocol):
    """What psycopg's and Django's cursors have in common."""

    def execute(self, query: Any, params: Any = None, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


@dataclass(slots=True)
class Batch:
    """What one transaction writes. `urgent`: site -> public ids of robots about which dispatch is woken."""

    light: list[tuple[Any, ...]] = field(default_factory=list)
    full: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    history: list[HistoryRow] = field(default_factory=list)
    factsheets: dict[int, dict[str, Any]] = field(default_factory=dict)
    urgent: dict[int, list[str]] = field(default_factory=dict)

    @property
    def robots(self) -> set[int]:
        return {row[0] for row in self.light} | {row["robot_id"] for row in (*self.full, *self.new)}

    def only(self, robots: frozenset[int] | set[int]) -> Batch:
        """What of it is about these robots."""
        return Batch(
            [row for row in self.light if row[0] in robots],
            [row for row in self.full if row["robot_id"] in robots],
            [row for row in self.new if row["robot_id"] in robots],
            [row for row in self.history if row.robot in robots],
            {pk: sheet for pk, sheet in self.factsheets.items() if pk in robots},
            self.urgent,
        )


class Store:
    """One connection of its own, for one thread."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None

    def connection(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            where: dict[str, Any] = connection_parameters()
            self._connection = psycopg.connect(**where, autocommit=True, connect_timeout=3)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def write(
    connection: psycopg.Connection[Any],
    take: Callable[[], Batch],
    *,
    member: str,
    owned: Callable[[], Mapping[int, int]],
    again: bool = False,
) -> frozenset[int]:
    """Write what `take` gives; returns the robots that were not written because another link serves them now.

    `owned`: robot -> epoch, as `member` believes. `take` is called when the lock is held, so that what is taken later
    is written later, whoever writes. `again`: an earlier attempt may have been written. Raises psycopg.Error; then
    nothing was written, or it is not known.
    """
    with connection.transaction(), connection.cursor() as cursor:
        version = lock(cursor)
        believed = owned()
        batch = take()
        mine = still_mine(cursor, member, believed)
        lost = frozenset[int]() if mine is None else frozenset(batch.robots - mine)
        if mine is not None:
            batch = batch.only(mine)
        write_states(cursor, batch, version)
        link_history.write(connection, batch.history, again=again)
        keep_factsheets(cursor, batch)
        wake_dispatch(cursor, batch)
    return lost


def wake_dispatch(cursor: Cursor, batch: Batch) -> None:
    for site_pk in batch.urgent:
        cursor.execute("select pg_notify(%s, %s)", [DISPATCH_CHANNEL, str(site_pk)])


def lock(cursor: Cursor) -> int:
    """Wait for the other writers; returns the version number of what is written now. Held until the commit."""
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute("select nextval('robots_state_version')")
    return int(cursor.fetchone()[0])


def still_mine(cursor: Cursor, member: str, owned: Mapping[int, int]) -> set[int] | None:
    """None when `member` serves exactly what it believes, else the robots it may write. Needs the lock.

    Only `member` itself writes rows with its name and others only take them away, so equal sums mean equal rows.
    """
    cursor.execute("select count(*), coalesce(sum(epoch), 0) from robots_robotlink where member = %s", [member])
    if tuple(map(int, cursor.fetchone())) == (len(owned), sum(owned.values())):
        return None
    cursor.execute("select robot_id, epoch from robots_robotlink where member = %s", [member])
    return {pk for pk, epoch in cursor.fetchall() if owned.get(pk) == epoch}


def write_states(cursor: Cursor, batch: Batch, version: int) -> None:
    if batch.light:
        columns = zip(*batch.light, strict=True)
        cursor.execute(_UPDATE_LIGHT, [version, *map(array, columns)])
    for rows, statement in ((batch.full, _UPDATE_FULL), (batch.new, _INSERT)):
        if rows:
            cursor.execute(statement, [version, json_bytes(rows).decode()])


def array(values: Sequence[float | int | None]) -> str:
    """Numbers as an array literal of PostgreSQL; psycopg's own way costs five times as much."""
    return "{" + ",".join(["NULL" if value is None else repr(value) for value in values]) + "}"


def keep_factsheets(cursor: Cursor, batch: Batch) -> None:
    for pk, sheet in batch.factsheets.items():
        _keep_factsheet(cursor, pk, sheet)


def _keep_factsheet(cursor: Cursor, robot: int, sheet: Mapping[str, Any]) -> None:
    cursor.execute(
        "insert into robots_factsheet (robot_id, received_at, version, hash, document)"
        " select %s, now(), %s, %s, %s::jsonb where %s is distinct from"
        " (select hash from robots_factsheet where robot_id = %s order by received_at desc limit 1)",
        [robot, sheet["version"], sheet["hash"], json_bytes(sheet["document"]).decode(), sheet["hash"], robot],
    )


def _light_statement() -> str:
    names = ", ".join(LIGHT)
    sets = ", ".join(f"{n} = to_timestamp(n.{n})" if n in _TIMES else f"{n} = n.{n}" for n in LIGHT[1:])
    arrays = ", ".join("%s::bigint[]" if name == "robot_id" else "%s::float8[]" for name in LIGHT)
    return (
        f"update robots_robotstate s set version = %s, {sets}"  # noqa: S608 - names of columns
        f" from unnest({arrays}) as n({names}) where s.robot_id = n.robot_id"
    )


def _full_statement() -> str:
    sets = ", ".join(f"{n} = coalesce(n.{n}, s.{n})" if n in _KEPT else f"{n} = n.{n}" for n in _COLUMNS)
    return (
        f"update robots_robotstate s set version = %s, {sets}"  # noqa: S608
        " from jsonb_populate_recordset(null::robots_robotstate, %s::jsonb) n where s.robot_id = n.robot_id"
    )


def _insert_statement() -> str:
    names = ", ".join(_COLUMNS)
    values = ", ".join("coalesce(link, '{}'::jsonb)" if name in _KEPT else name for name in _COLUMNS)
    sets = ", ".join(f"{name} = excluded.{name}" for name in ("version", *_COLUMNS))
    return (
        f"insert into robots_robotstate (version, robot_id, {names}) select %s, robot_id, {values}"  # noqa: S608
        " from jsonb_populate_recordset(null::robots_robotstate, %s::jsonb)"
        f" on conflict (robot_id) do update set {sets}"
    )


_UPDATE_LIGHT, _UPDATE_FULL, _INSERT = _light_statement(), _full_statement(), _insert_statement()
