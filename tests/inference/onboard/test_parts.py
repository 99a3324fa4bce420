"""The parts under the loop: settings, journal, lease, way."""

from __future__ import annotations

import json
import math
import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from inference.contract import ProgramStep, program_to_json
from inference.onboard.app import make_app
from inference.onboard.config import SettingError, celery_url, from_environment
from inference.onboard.journal import Journal, Journals, ProgramConflict
from inference.onboard.lease import LeaseGuard, LeaseVerifier
from inference.onboard.way import Way, in_frame
from tests.inference.onboard import helpers

# --- settings


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://h:6379/1", "redis://h:6379/1"),
        ("unix:///tmp/v.sock", "redis+socket:///tmp/v.sock?virtual_host=0"),
        ("unix:///tmp/v.sock?db=2", "redis+socket:///tmp/v.sock?virtual_host=2"),
    ],
)
def test_unix_sockets_are_spelt_as_kombu_wants_them(url: str, expected: str) -> None:
    assert celery_url(url) == expected


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    path = tmp_path / "floor.json"
    path.write_text(json.dumps(helpers.floor(3)))
    env = {"YARDMASTER_STATE": str(tmp_path), "YARDMASTER_SIM_FLOOR": str(path), "MQTT_URL": "mqtt://u:p%40@h:1884"}
    return env | more


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    config = from_environment(environment(tmp_path, YARDMASTER_SERIALS="R-02, R-03", YARDMASTER_SIM_SPEED="2"))
    assert config.serials == ("R-02", "R-03") and config.speed == 2.0 and not config.instant
    assert (config.broker.host, config.broker.port) == ("h", 1884)
    assert config.broker.credentials("R-02") == ("u", "p@")


def test_with_a_secret_every_robot_has_its_own_password(tmp_path: Path) -> None:
    broker = from_environment(environment(tmp_path, YARDMASTER_MQTT_ROBOT_SECRET="s")).broker
    one, two = broker.credentials("R-01"), broker.credentials("R-02")
    assert one is not None and two is not None and one[0] == "R-01" and len(one[1]) == 32 and one[1] != two[1]


@pytest.mark.parametrize(
    "change",
    [
        {"YARDMASTER_STATE": ""},
        {"MQTT_URL": "http://h"},
        {"YARDMASTER_SIM_FLOOR": "/nowhere.json"},
        {"YARDMASTER_SERIALS": "R-99"},
        {"YARDMASTER_SIM_SPEED": "fast"},
        {"YARDMASTER_SIM_SPEED": "0"},
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path, change: dict[str, str]) -> None:
    with pytest.raises(SettingError, match=next(iter(change))):
        from_environment(environment(tmp_path) | change)


def test_the_worker_has_the_options_that_were_measured_to_matter() -> None:
    conf = make_app("redis://h/0").conf
    assert conf.task_acks_late and conf.task_reject_on_worker_lost and conf.worker_prefetch_multiplier == 1
    options = conf.broker_transport_options
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (1, 1)
    assert options["socket_timeout"] and conf.accept_content == ["json"]


def test_the_worker_never_sets_django_up_nor_loads_the_fleet() -> None:
    """Not even where the fleet's settings are in the environment: a robot carries no fleet."""
    code = "import sys, inference.onboard.app as a, inference.onboard.runtime; a.app.loader.import_default_modules()"
    code += "; assert 'django.apps' not in sys.modules"
    code += "; assert not [m for m in sys.modules if m.split('.')[0] in ('fleet', 'missions')]"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env=os.environ | {"DJANGO_SETTINGS_MODULE": "fleet.settings"}
    )


# --- journal


def stored(attempt: str = "a1", qty: int = 1) -> dict[str, object]:
    step = ProgramStep(0, "pick", "N1", "receiving", "totes", "Totes", qty)
    return program_to_json(helpers.program(attempt, "R-01", step))


def test_a_program_is_stored_once_and_another_under_its_id_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    assert journal.store_program("a1", stored()) is True
    assert journal.store_program("a1", stored()) is False
    with pytest.raises(ProgramConflict):
        journal.store_program("a1", stored(qty=2))
    journal.close()
    assert Journal(tmp_path / "journal.db").program("a1") == json.loads(json.dumps(stored()))


def test_an_action_begins_once_and_its_first_end_stands(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    assert journal.begin_action("x") and not journal.begin_action("x")
    assert [a.id for a in journal.unfinished()] == ["x"]
    journal.end_action("x", "FINISHED", None, None)
    journal.end_action("x", "FAILED", "late", "late")
    record = journal.action("x")
    assert record is not None and (record.outcome, record.error) == ("FINISHED", None) and journal.unfinished() == []


def test_what_must_survive_a_power_cut_waits_for_the_disk(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    assert journal._db.execute("pragma synchronous").fetchone() == (2,)
    assert journal._db.execute("pragma journal_mode").fetchone() == ("wal",)


def test_journals_serve_several_threads_and_only_sensible_serials(tmp_path: Path) -> None:
    journals = Journals(tmp_path)
    threads = [
        threading.Thread(target=lambda i=i: journals.of("R-01").store_program(f"a{i}", stored(f"a{i}")))
        for i in range(8)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    rows = sqlite3.connect(tmp_path / "onboard" / "R-01" / "journal.db").execute("select count(*) from program")
    assert rows.fetchone() == (8,)
    for bad in ("", "..", "a/b"):
        with pytest.raises(ValueError, match="serial"):
            journals.of(bad)


# --- lease


@pytest.fixture
def guard(tmp_path: Path) -> LeaseGuard:
    helpers.write_key(tmp_path)
    return LeaseGuard("R-01", "demo", LeaseVerifier(tmp_path / "keys" / "lease.pub"))


def test_a_signed_lease_is_fresh_for_its_time(guard: LeaseGuard) -> None:
    assert not guard.fresh(0.0)
    assert guard.offer(helpers.lease(1), retained=False, received_at=10.0)
    assert guard.fresh(11.5) and not guard.fresh(11.51) and not guard.held


def test_repeats_forgeries_and_retained_copies_are_refused(guard: LeaseGuard) -> None:
    good = helpers.lease(5)
    assert guard.offer(good, retained=False, received_at=10.0)
    forged = json.loads(helpers.lease(6)) | {"ttl_ms": 4000}
    bad = [
        (good, False),
        (helpers.lease(4), False),
        (helpers.lease(6, site="other"), False),
        (json.dumps(forged).encode(), False),
        (helpers.lease(6), True),
        (b"[]", False),
        (b"\xff", False),
        (b"[" * 60000, False),
        (b"x" * 100000, False),
    ]
    for payload, retained in bad:
        assert not guard.offer(payload, retained=retained, received_at=11.0)
    assert guard.last == (1, 5) and not guard.fresh(11.6)


def test_without_a_key_nothing_is_accepted_and_a_new_key_is_taken_up(tmp_path: Path) -> None:
    guard = LeaseGuard("R-01", "demo", LeaseVerifier(tmp_path / "keys" / "lease.pub"))
    assert not guard.offer(helpers.lease(1), retained=False, received_at=0.0)
    helpers.write_key(tmp_path)
    assert guard.offer(helpers.lease(1), retained=False, received_at=0.0)


# --- way

CORNER = Way(((0.0, 0.0), (2.0, 0.0), (2.0, 2.0)))


def test_a_way_is_measured_and_drawn_from_where_the_robot_is() -> None:
    assert CORNER.along(0.5, 0.1) == 0.5 and CORNER.length_to(2) == 4.0
    assert CORNER.at(3.0) == (2.0, 1.0) and CORNER.at(9.0) == (2.0, 2.0)
    assert CORNER.rest(0.5, 2) == ((0.5, 0.0), (2.0, 0.0), (2.0, 2.0))
    assert CORNER.rest(0.5, 1) == ((0.5, 0.0), (2.0, 0.0))


def test_a_corner_counts_as_passed_at_the_node_or_once_the_next_leg_is_nearer() -> None:
    assert not CORNER.passed_first(1.0, 0.0) and not CORNER.passed_first(1.7, 0.05)
    assert CORNER.passed_first(1.96, 0.0) and CORNER.passed_first(1.9, 0.25)


def test_a_way_back_over_itself_is_not_taken_for_done() -> None:
    there_and_back = Way(((0.0, 0.0), (2.0, 0.0), (0.0, 0.0)))
    assert not there_and_back.passed_first(0.1, 0.0) and there_and_back.along(0.1, 0.0) == pytest.approx(0.1)


def test_a_point_in_the_robots_frame() -> None:
    assert in_frame(1.0, 1.0, math.pi / 2, (0.0, 3.0)) == pytest.approx((2.0, 1.0))
