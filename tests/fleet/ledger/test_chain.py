"""The database chains the entries, refuses every change, and shows what a superuser does to it all the same."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from fleet.ledger import reading
from fleet.ledger.core import START, chained
from fleet.ledger.models import Entry
from fleet.ledger.services import record

VERIFIER = Path(__file__).resolve().parents[3] / "deploy" / "verify_ledger.py"


def some(count: int = 3, site: str = "demo") -> list[Entry]:
    return [
        record(
            action="mission.dispatched",
            actor="dispatch",
            site=site,
            target=("mission", f"mis_{n}"),
            before={"state": "waiting", "n": 0.1 + n},
            after={"state": "running", "who": 'Ünï "quoted"\r\n\u2028', "list": [1, 2.50, None, True]},
            reason=f"line one\r\nline {n}",
        )
        for n in range(count)
    ]


@pytest.mark.django_db
def test_the_database_numbers_times_and_chains() -> None:
    one, two = some(2)
    assert (one.seq, two.seq) == (1, 2)
    assert one.prev_hash == START and two.prev_hash == one.hash
    assert two.hash == chained(one.hash, two.canonical)
    assert abs((datetime.now(UTC) - two.at).total_seconds()) < 60
    assert (one.actor_kind, one.actor_name) == ("system", "dispatch")
    assert reading.check() is None
    assert reading.head() == (2, two.hash)


@pytest.mark.django_db
def test_what_the_application_sends_as_number_time_or_hash_counts_for_nothing() -> None:
    some(1)
    old = datetime(2001, 1, 1, tzinfo=UTC)
    forged = Entry.objects.create(seq=900, at=old, hash="0" * 64, action="x", actor_kind="system")
    forged.refresh_from_db()
    assert forged.seq == 2 and forged.at > old
    assert reading.check() is None


@pytest.mark.django_db
def test_several_rows_in_one_statement_are_chained_too() -> None:
    Entry.objects.bulk_create([Entry(action="a", actor_kind="system") for _ in range(3)])
    assert list(Entry.objects.values_list("seq", flat=True)) == [1, 2, 3]
    assert reading.check() is None


@pytest.mark.django_db
def test_a_name_with_nul_or_too_long_does_not_make_the_act_unrecordable() -> None:
    entry = record(action="x", actor="robot:" + "r\x00" * 200, reason="a\x00b", target=("robot", "t" * 200))
    assert entry.actor_kind == "robot" and "\x00" not in entry.reason
    assert reading.check() is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entry set reason = 'never happened' where seq = 2",
        "update ledger_entry set reason = 'nothing matches' where seq = 99",
        "delete from ledger_entry where seq = 2",
        "delete from ledger_entry",
    ],
)
def test_change_and_deletion_are_refused(statement: str) -> None:
    some()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 3


@pytest.mark.django_db
def test_truncation_is_refused() -> None:
    some()
    with connection.cursor() as cursor:  # the tests' own clean-up switches this one off (tests/conftest.py)
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table ledger_entry enable trigger ledger_no_truncate")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute("truncate ledger_entry")
    assert Entry.objects.count() == 3


@pytest.mark.django_db
def test_the_orm_cannot_change_an_entry_either() -> None:
    entry = some(1)[0]
    entry.reason = "other"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.save()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        entry.delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("update ledger_entry set reason = 'never happened' where seq = 3", 3),
        ("update ledger_entry set after = '{}' where seq = 2", 2),
        ("update ledger_entry set at = at - interval '1 hour' where seq = 4", 4),
        ("update ledger_entry set canonical = replace(canonical, 'mis_1', 'mis_9') where seq = 2", 2),
        ("delete from ledger_entry where seq = 2", 2),
        ("delete from ledger_entry where seq = 1", 1),
        ("update ledger_entry set seq = -seq where seq in (2, 3); "
         "update ledger_entry set seq = 5 + seq where seq in (-2, -3)", 2),
    ],
)  # fmt: skip
def test_what_a_superuser_edits_with_the_triggers_off_is_found(statement: str, first_bad: int) -> None:
    some(5)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table ledger_entry disable trigger user")
        cursor.execute(statement)
        cursor.execute("alter table ledger_entry enable trigger user")
        cursor.execute("alter table ledger_entry disable trigger ledger_no_truncate")
    bad = reading.check()
    assert bad is not None and bad.seq == first_bad
    with pytest.raises(CommandError, match=f"row {first_bad} is the first bad one") as failure:
        call_command("ledger", "verify", stdout=StringIO())
    assert failure.value.returncode == 1


@pytest.mark.django_db
def test_a_cut_tail_is_found_against_a_noted_head() -> None:
    rows = some(3)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("alter table ledger_entry disable trigger ledger_no_change")
        cursor.execute("delete from ledger_entry where seq = 3")
        cursor.execute("alter table ledger_entry enable trigger ledger_no_change")
    call_command("ledger", "verify", stdout=StringIO())
    with pytest.raises(CommandError, match="row 3 is the first bad one"):
        call_command("ledger", "verify", head=f"3:{rows[-1].hash}", stdout=StringIO())


@pytest.mark.django_db
def test_an_export_passes_the_stand_alone_verifier_and_a_changed_one_does_not(tmp_path: Path) -> None:
    some(2)
    some(2, site="north")
    file = tmp_path / "ledger.jsonl"
    call_command("ledger", "export", str(file), stdout=StringIO())
    assert file.stat().st_mode & 0o077 == 0
    assert _alone(file) == (0, "ok: 4 rows (0 withheld)")
    lines = file.read_text(encoding="utf-8").split("\n")
    file.write_text("\n".join(line.replace("line 1", "line 7") for line in lines), encoding="utf-8")
    assert _alone(file) == (1, "BAD row 2: its text does not match its hash")
    call_command("ledger", "export", str(file), site="north", stdout=StringIO())
    assert _alone(file) == (0, "ok: 4 rows (2 withheld)")
    assert "demo" not in file.read_text(encoding="utf-8")


def _alone(file: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), str(file)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip().split(", head")[0]


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_leave_no_gap_and_no_fork() -> None:
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                with transaction.atomic():
                    some(1)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert reading.head() is not None and reading.head()[0] == 40  # type: ignore[index]
    assert reading.check() is None


@pytest.mark.django_db(transaction=True)
def test_an_act_that_is_rolled_back_leaves_no_entry_and_no_gap() -> None:
    with transaction.atomic():
        some(1)
        transaction.set_rollback(True)
    some(1)
    assert list(Entry.objects.values_list("seq", flat=True)) == [1]
