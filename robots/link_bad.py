"""Messages that could not be used, kept for the engineer: the first 8 kB, so many per robot and minute, and no more."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from .core.vda5050.errors import Problem
from .link_columns import storable

BYTES_KEPT = 8192
KEPT_PER_ROBOT = 50
PER_MINUTE = 10
WAITING = 500
ROBOTS = 5000


@dataclass(frozen=True, slots=True)
class Bad:
    """`robot` None: nobody registered it. `at`: s since 1970."""

    robot: int | None
    at: float
    topic: str
    problem: Problem
    payload: bytes


@dataclass(slots=True)
class BadMessages:
    """What waits to be written. A robot that sends nothing else costs ten rows a minute; the rest is counted."""

    waiting: deque[Bad] = field(default_factory=deque)
    not_kept: int = 0
    _minutes: OrderedDict[int | None, tuple[int, int]] = field(default_factory=OrderedDict)

    def add(self, bad: Bad) -> None:
        minute = int(bad.at // 60)
        last, count = self._minutes.pop(bad.robot, (minute, 0))
        count = count + 1 if last == minute else 1
        self._minutes[bad.robot] = (minute, count)
        if len(self._minutes) > ROBOTS:
            self._minutes.popitem(last=False)
        if count > PER_MINUTE or len(self.waiting) >= WAITING:
            self.not_kept += 1
        else:
            self.waiting.append(bad)

    def take(self) -> list[Bad]:
        found = []
        while self.waiting:
            found.append(self.waiting.popleft())
        return found


def write(connection: psycopg.Connection[Any], found: list[Bad]) -> None:
    """Keep them, and of each robot the newest ones only. Raises psycopg.Error."""
    if not found:
        return
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            "insert into robots_badmessage (robot_id, received_at, topic, kind, text, payload, size, header_id)"
            " select %s, %s, %s, %s, %s, %s, %s, %s"
            " where %s::bigint is null or exists (select from robots_robot where id = %s)",
            [(*_columns(bad), bad.robot, bad.robot) for bad in found],
        )
        cursor.execute(
            "delete from robots_badmessage where id in (select id from (select id, row_number() over"
            " (partition by robot_id order by received_at desc, id desc) as n from robots_badmessage"
            " where robot_id = any(%s) or robot_id is null) t where n > %s)",
            [list({bad.robot for bad in found if bad.robot is not None}), KEPT_PER_ROBOT],
        )


def _columns(bad: Bad) -> tuple[Any, ...]:
    problem = bad.problem
    header_id = problem.header_id
    return (
        bad.robot,
        datetime.fromtimestamp(bad.at, UTC),
        storable(bad.topic, 300),
        str(problem.kind)[:20],
        storable(problem.text, 300),
        bad.payload[:BYTES_KEPT],
        len(bad.payload),
        header_id if header_id is not None and abs(header_id) < 2**62 else None,
    )
