"""Fixtures for every test: the services, started when the first test asks for them, and `require`."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import psycopg
import pytest
import pytest_django
from psycopg import sql

from fleet.supervisor import direct, ports
from fleet.supervisor.mqtt import Broker, answers, installed
from fleet.supervisor.process import Program
from fleet.supervisor.state import open_state
from tests import environment

# In CI the same examples each time: a change is judged by what it changed. Elsewhere every run looks for new ones.
hypothesis.settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

TEST_DATABASE = f"test_yardmaster_{os.getpid()}"


def require(condition: object, reason: str) -> None:
    """Skip the test unless `condition` holds; with YARDMASTER_REQUIRE=all (as in CI) fail it instead."""
    if condition:
        return
    if os.environ.get("YARDMASTER_REQUIRE") == "all":
        pytest.fail(f"needed here, because YARDMASTER_REQUIRE=all: {reason}")
    pytest.skip(reason)


@pytest.fixture(name="require")
def _require() -> Callable[[object, str], None]:
    return require


@pytest.fixture(scope="session")
def shared_material() -> Path:
    """The folder `../shared` with standards and data sets; the test is skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("no ../shared beside the repository")
    return folder


@pytest.fixture(scope="session")
def postgres() -> str:
    """The URL of a running PostgreSQL."""
    if not environment.EXTERNAL_DATABASE:
        direct.ensure(environment.SHARED, environment.POSTGRES.program(), environment.POSTGRES.ready)
        _drop_databases_of_dead_runs()
    return os.environ["DATABASE_URL"]


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    """The URL of a running Valkey or Redis of this test run."""
    if environment.EXTERNAL_REDIS:
        yield os.environ["REDIS_URL"]
        return
    program = environment.VALKEY.program()
    child = direct.start(environment.RUN, program)
    yield environment.VALKEY.url
    direct.stop(child, program)


@pytest.fixture(scope="session")
def services(postgres: str, valkey: str) -> dict[str, str]:
    """PostgreSQL and Valkey, running."""
    return {"DATABASE_URL": postgres, "REDIS_URL": valkey}


@dataclass(frozen=True)
class RunningBroker:
    """A Mosquitto of this test run. Robots T-01 to T-12 may log in; `url` is the fleet's own."""

    broker: Broker
    child: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        return self.broker.port

    @property
    def url(self) -> str:
        return self.broker.url

    def password(self, user: str) -> str:
        return self.broker.users()[user]


@pytest.fixture(scope="session")
def mosquitto() -> Iterator[RunningBroker]:
    """A real broker on a free port, with the users and access rules that `manage.py up` gives it."""
    require(installed(), "no mosquitto on PATH: install the package mosquitto")
    state = open_state(tempfile.mkdtemp(prefix="ym-mqtt-", dir="/tmp"))
    broker = Broker(state, tuple(f"T-{number:02d}" for number in range(1, 13)), source="path", wanted_port=0)
    program = broker.program()
    child = direct.start(state, program)
    yield RunningBroker(broker, child)
    direct.stop(child, program)
    shutil.rmtree(state.root, ignore_errors=True)


@pytest.fixture(scope="session")
def open_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real broker that lets anybody do anything."""
    found = installed()
    require(found, "no mosquitto on PATH: install the package mosquitto")
    assert found is not None
    state = open_state(tmp_path_factory.mktemp("open-mosquitto"))
    port = ports.any_free()
    config = state.run / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type error\n")
    argv = (str(found), "-c", str(config))
    program = Program("mosquitto", argv, ready=lambda: answers(f"mqtt://127.0.0.1:{port}"), env={}, account=None)
    child = direct.start(state, program)
    yield port
    direct.stop(child, program)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(services: dict[str, str]) -> None:
    """What pytest-django asks for before it makes the test database."""
    from django.db import connections

    for alias in connections:
        settings = connections[alias].settings_dict
        settings.setdefault("TEST", {})["NAME"] = TEST_DATABASE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """The test database. Tests that commit are cleaned up by TRUNCATE, which the ledger refuses: only here it may."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("alter table ledger_entry disable trigger ledger_no_truncate")


def _drop_databases_of_dead_runs() -> None:
    url = environment.POSTGRES.url
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute("select datname from pg_database where datname like 'test_yardmaster_%'").fetchall()
        for (name,) in rows:
            owner = name.removeprefix("test_yardmaster_").split("_")[0]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                with contextlib.suppress(psycopg.Error):
                    connection.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium browser."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    require(found, "no chromium on PATH: install the package chromium")
    assert found is not None
    return found
