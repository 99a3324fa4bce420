"""Link's writing of the history: COPY into daily partitions that are made ahead and dropped when they are old."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
import psycopg
from psycopg import sql

from .history import COLUMNS

DAYS_AHEAD = 2
REST_PERIOD_S = 60.0
"""How often `rest` is written although it did not change: so far back a reader looks."""
_NAMES = ", ".join(("robot_id", *COLUMNS))
_AGAIN = "history_again"
_WHAT_IS_NEW = f"insert into robots_history ({_NAMES}) select {_NAMES} from {_AGAIN} on conflict do nothing"  # noqa: S608
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})


class HistoryRow(NamedTuple):
    """A state to be kept. Times in s since 1970; `rest` as JSON, None = unchanged."""

    robot: int
    at: float
    sent_at: float | None
    header_id: int
    x: float | None
    y: float | None
    theta: float | None
    map_id: str
    battery: float | None
    flags: int
    order_id: str
    order_update_id: int
    last_node_id: str
    rest: bytes | None


class Last(NamedTuple):
    """The newest state of a robot in the history: a message that is not newer was read before."""

    header_id: int
    sent_at: float | None
    at: float


def write(connection: psycopg.Connection[Any], rows: Sequence[HistoryRow], *, again: bool) -> None:
    """All rows in one COPY. `again`: some may be there already (the answer to an earlier attempt got lost)."""
    if not rows:
        return
    target = _AGAIN if again else "robots_history"
    with connection.cursor() as cursor:
        if again:
            cursor.execute(f"create temporary table {target} (like robots_history) on commit drop")
        with cursor.copy(f"copy {target} ({_NAMES}) from stdin") as copy:
            copy.write(lines(rows))
        if again:
            cursor.execute(_WHAT_IS_NEW)


def lines(rows: Iterable[HistoryRow]) -> str:
    """Rows in COPY's text format."""
    return "".join([_line(row) for row in rows])


def _line(row: HistoryRow) -> str:
    (robot, at, sent_at, header_id, x, y, theta, map_id, battery, flags, order_id, update_id, node_id, rest) = row
    sent = "\\N" if sent_at is None else _time(sent_at)
    place = "\\N\t\\N\t\\N" if x is None else f"{x}\t{y}\t{theta}"
    level = "\\N" if battery is None else battery
    words = f"{_text(order_id)}\t{update_id}\t{_text(node_id)}"
    more = "\\N" if rest is None else rest.decode().replace("\\", "\\\\")
    return f"{robot}\t{_time(at)}\t{sent}\t{header_id}\t{place}\t{_text(map_id)}\t{level}\t{flags}\t{words}\t{more}\n"


@lru_cache(maxsize=4096)
def _time(moment: float) -> str:
    """What was read at once has one receipt time."""
    return datetime.fromtimestamp(moment, UTC).isoformat()


def _text(text: str) -> str:
    return text if text.isalnum() else text.translate(_ESCAPES)


def json_bytes(value: Any) -> bytes:
    """JSON that PostgreSQL takes: it knows no NUL character, which a robot may well send inside a text."""
    found = orjson.dumps(value)
    return orjson.dumps(_without_nul(value)) if b"\\u0000" in found else found


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, Mapping):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return [_without_nul(item) for item in value] if isinstance(value, list | tuple) else value


# --- partitions -------------------------------------------------------------------------------------------------------


def partition(day: date) -> str:
    return f"robots_history_{day:%Y%m%d}"


def make_partitions(connection: psycopg.Connection[Any], today: date) -> None:
    """Of today, yesterday (what was received before midnight) and the next days."""
    for offset in range(-1, DAYS_AHEAD + 1):
        day = today + timedelta(days=offset)
        connection.execute(
            sql.SQL("create table if not exists {} partition of robots_history for values from ({}) to ({})").format(
                sql.Identifier(partition(day)), *(sql.Literal(_midnight(day + timedelta(days=n))) for n in (0, 1))
            )
        )


def drop_partitions(connection: psycopg.Connection[Any], before: date) -> list[str]:
    """Drop the partitions of days before `before`; returns their names."""
    found = connection.execute(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
        " where i.inhparent = 'robots_history'::regclass and c.relname < %s order by 1",
        [partition(before)],
    ).fetchall()
    for (name,) in found:
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
    return [name for (name,) in found]


def _midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat()


def last_rows(connection: psycopg.Connection[Any], robots: Iterable[int]) -> dict[int, Last]:
    """The newest row of each robot, of the last two days."""
    rows = connection.execute(
        "select r.id, h.header_id, extract(epoch from h.sent_at)::float8, extract(epoch from h.at)::float8"
        " from unnest(%s::bigint[]) r(id) cross join lateral (select header_id, sent_at, at from robots_history"
        " where robot_id = r.id and at > now() - interval '2 days' order by at desc, header_id desc limit 1) h",
        [list(robots)],
    ).fetchall()
    return {robot: Last(header_id, sent_at, at) for robot, header_id, sent_at, at in rows}
