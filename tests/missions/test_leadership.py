"""One leader per site, in real processes: when it is killed, a standby leads within five seconds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from missions.models import DispatchLease
from robots.models import SiteTraffic
from tests.missions.floor import make_site

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REPO = Path(__file__).parents[2]
TAKE_OVER_S = 5.0


@pytest.fixture
def start() -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a dispatch process on the test's own database."""
    running: list[subprocess.Popen[bytes]] = []
    url = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))

    def begin() -> subprocess.Popen[bytes]:
        running.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "dispatch"],
                cwd=REPO,
                env={**os.environ, "DATABASE_URL": database},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.wait()


def leader() -> str:
    found = DispatchLease.objects.first()
    return found.holder if found else ""


def until(true: Callable[[], bool], seconds: float) -> float:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"nothing within {seconds:g} s; the leader is {leader()!r}"
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_standby_takes_over_from_a_killed_leader(start: Callable[[], subprocess.Popen[bytes]]) -> None:
    make_site(1)
    first = start()
    until(lambda: leader().endswith(f":{first.pid}"), 60)
    second = start()
    until(lambda: Path(f"/proc/{second.pid}/task").exists() and _listens(second.pid), 60)
    assert leader().endswith(f":{first.pid}"), "one leader at a time"
    before = SiteTraffic.objects.get().epoch
    first.send_signal(signal.SIGKILL)
    took = until(lambda: leader().endswith(f":{second.pid}"), TAKE_OVER_S)
    until(lambda: SiteTraffic.objects.get().epoch > before, TAKE_OVER_S - took)


def _listens(pid: int) -> bool:
    """The standby has come as far as looking for sites: it waits for notifications in the database."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where query ilike 'listen%yardmaster_dispatch%'")
        return bool(cursor.fetchone()[0] >= 2)
