"""The past of the robots: every state they sent, for days. Link writes it (`link_history`), incidents read it.

One row for each state, in daily partitions. What changes all the time is a column; the `rest` (actions, nodes, errors,
loads and what else a state says) is written when it changed, and in full at least once a minute.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag
from typing import Any

from django.db import connection

CHUNK = 2000


class Flag(IntFlag):
    """The column `flags`."""

    DRIVING = 1
    PAUSED = 2
    CHARGING = 4
    LOCALIZED = 8
    FIELD_VIOLATION = 16
    NEW_BASE_REQUEST = 32


REST = (
    "operating_mode", "physical_stop", "last_node_sequence_id", "node_states", "action_states", "loads", "errors",
    "information", "maps", "zone_sets", "zone_requests", "edge_requests", "planned_path", "intermediate_path",
    "protocol",
)  # fmt: skip
"""Columns of `RobotState` that `rest` holds, under their names."""

COLUMNS = (
    "at", "sent_at", "header_id", "x", "y", "theta", "map_id", "battery", "flags", "order_id", "order_update_id",
    "last_node_id", "rest",
)  # fmt: skip


_SELECT = (
    f"select {', '.join(COLUMNS)} from robots_history"  # noqa: S608 - names of columns
    " where robot_id = %s and at < %s and at >= %s and (at, header_id) > (%s, %s) order by at, header_id"
    f" limit {CHUNK}"
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A state as it was. `at`: receipt time; `sent_at`: by the robot's clock; x and y in m, theta in rad, battery in
    percent. `rest`: see `REST`; empty where nothing older is kept."""

    at: datetime
    sent_at: datetime | None
    header_id: int
    x: float | None
    y: float | None
    theta: float | None
    map_id: str
    battery: float | None
    flags: Flag
    order_id: str
    order_update_id: int
    last_node_id: str
    rest: Mapping[str, Any]


def states_between(robot: int, start: datetime, end: datetime) -> Iterator[Recorded]:
    """The states of the robot with this key that were received in [start, end), oldest first.

    Read in pieces, so that an hour costs no more memory than a minute.
    """
    rest = _rest_before(robot, start)
    at, header_id = start, -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_SELECT, [robot, end, at, at, header_id])
            rows = cursor.fetchall()
        for row in rows:
            at, header_id = row[0], row[2]
            rest = rest if row[12] is None else _json(row[12])
            yield Recorded(**dict(zip(COLUMNS, row, strict=True)) | {"flags": Flag(row[8]), "rest": rest})
        if len(rows) < CHUNK:
            return


def _rest_before(robot: int, moment: datetime) -> Mapping[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select rest from robots_history where robot_id = %s and at < %s and rest is not null"
            " order by at desc limit 1",
            [robot, moment],
        )
        row = cursor.fetchone()
    return {} if row is None else _json(row[0])


def _json(value: Any) -> Mapping[str, Any]:
    """Django leaves jsonb that no model field reads as text."""
    if isinstance(value, str):
        value = json.loads(value)
    return dict(value)
