"""What robots said is kept once, in the order it came, and read back whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import connection as django_connection

from fleet.listen import connection_parameters
from robots import history, link_history
from robots.history import Flag, states_between
from robots.link_history import HistoryRow

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def database(services) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**connection_parameters(), autocommit=True) as made:
        link_history.make_partitions(made, TODAY.date())
        made.execute("delete from robots_history")
        yield made
    django_connection.close()


def row(n: int, *, robot: int = 7, rest: object = None, words: str = "o-1") -> HistoryRow:
    said = None if rest is None else link_history.json_bytes(rest)
    at = TODAY.timestamp() + n
    return HistoryRow(robot, at, at - 0.1, n, 1.0 + n, 2.0, 0.5, "floor-1", 80.0, 9, words, 3, "n-1", said)


def write(database: psycopg.Connection, *rows: HistoryRow, again: bool = False) -> None:
    with database.transaction():
        link_history.write(database, rows, again=again)


def read(start: float = 0, end: float = 1000) -> list[history.Recorded]:
    return list(states_between(7, TODAY + timedelta(seconds=start), TODAY + timedelta(seconds=end)))


def test_what_is_written_is_read(database):
    write(database, row(0, rest={"errors": [{"type": 'a "quoted" \\ one\n'}]}), row(1), row(2, robot=8))
    first, second = read()
    assert (first.x, first.header_id, first.order_update_id, first.battery) == (1.0, 0, 3, 80.0)
    assert first.flags == Flag.DRIVING | Flag.LOCALIZED
    assert first.sent_at == TODAY - timedelta(seconds=0.1)
    assert second.rest == first.rest == {"errors": [{"type": 'a "quoted" \\ one\n'}]}


def test_the_rest_is_that_of_the_last_row_that_has_one_even_before_the_start(database):
    write(database, row(0, rest={"n": 0}), row(1), row(2, rest={"n": 2}), row(3))
    assert [said.rest["n"] for said in read()] == [0, 0, 2, 2]
    assert [said.rest["n"] for said in read(start=1, end=2)] == [0]
    assert [said.header_id for said in read(start=1, end=3)] == [1, 2]


def test_long_times_are_read_in_pieces(database, monkeypatch):
    monkeypatch.setattr(history, "_SELECT", history._SELECT.replace(f"limit {history.CHUNK}", "limit 3"))
    monkeypatch.setattr(history, "CHUNK", 3)
    write(database, *(row(n, rest={} if n == 0 else None) for n in range(10)))
    assert [said.header_id for said in read()] == list(range(10))


def test_what_was_written_already_is_not_written_twice(database):
    write(database, row(0), row(1))
    with pytest.raises(psycopg.errors.UniqueViolation):
        write(database, row(1))
    write(database, row(1), row(2), again=True)
    assert [said.header_id for said in read()] == [0, 1, 2]


def test_words_that_would_break_the_copy_or_the_database_do_not(database):
    write(database, row(0, words="tab\there \\N and\nline \x00 end", rest={"text": "nul \x00 here"}))
    (said,) = read()
    assert said.order_id == "tab\there \\N and\nline  end"
    assert said.rest == {"text": "nul  here"}


def test_a_place_that_nobody_knows_is_null(database):
    write(database, row(0)._replace(x=None, y=None, theta=None, battery=None, sent_at=None))
    (said,) = read()
    assert (said.x, said.y, said.theta, said.battery, said.sent_at) == (None, None, None, None, None)


def test_the_newest_row_of_each_robot(database):
    write(database, row(0), row(5), row(2, robot=8))
    assert link_history.last_rows(database, [7, 8, 9]) == {
        7: (5, TODAY.timestamp() + 4.9, TODAY.timestamp() + 5),
        8: (2, TODAY.timestamp() + 1.9, TODAY.timestamp() + 2),
    }


def test_partitions_are_made_ahead_and_dropped_when_old(database):
    def names() -> list[str]:
        found = database.execute(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'robots_history'::regclass"
        )
        return sorted(name for (name,) in found.fetchall())

    link_history.make_partitions(database, date(2021, 3, 1))
    made = [f"robots_history_2021{day}" for day in ("0228", "0301", "0302", "0303")]
    assert [name for name in names() if "_2021" in name] == made
    link_history.make_partitions(database, date(2021, 3, 1))
    assert link_history.drop_partitions(database, date(2021, 3, 2)) == made[:2]
    assert link_history.drop_partitions(database, date(2022, 1, 1)) == made[2:]
    assert link_history.partition(TODAY.date()) in names()


def test_json_keeps_text_that_only_looks_like_a_nul():
    assert json.loads(link_history.json_bytes({"a": "\\u0000", "b": "x"})) == {"a": "\\u0000", "b": "x"}
