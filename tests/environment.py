"""Where the services of a test run are, decided before Django reads its settings (loaded by `-p` in pyproject.toml).

Nothing is started here: the addresses are known beforehand, the fixtures in `conftest.py` start what a test needs.
PostgreSQL is shared by all runs of one account (starting it takes longer than most tests), each run has a database of
its own in it. Valkey is started for each run, because its publish/subscribe channels cannot be kept apart.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from fleet.supervisor.postgres import Postgres
from fleet.supervisor.state import REPO, State, open_state
from fleet.supervisor.valkey import Valkey

# A crash of the shared test server costs a test run, not data: no need to wait for the disk.
FAST_AND_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _shared_folder() -> Path:
    tag = hashlib.sha256(str(REPO).encode()).hexdigest()[:6]
    return Path(os.environ.get("YARDMASTER_TEST_STATE") or f"/tmp/ym-test-{os.geteuid()}-{tag}")


SHARED: State = open_state(_shared_folder())


def _folder_of_this_run() -> str:
    for left in Path("/tmp").glob("ym-run-*"):  # of runs that were killed
        owner = left.name.split("-")[2]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(left, ignore_errors=True)
    return tempfile.mkdtemp(prefix=f"ym-run-{os.getpid()}-", dir="/tmp")


RUN: State = open_state(_folder_of_this_run())
_OWNER = os.getpid()
POSTGRES = Postgres(SHARED, settings=FAST_AND_FORGETFUL)
VALKEY = Valkey(RUN)
EXTERNAL_DATABASE = bool(os.environ.get("DATABASE_URL"))
EXTERNAL_REDIS = bool(os.environ.get("REDIS_URL"))


def _forget() -> None:
    if os.getpid() == _OWNER:
        shutil.rmtree(RUN.root, ignore_errors=True)


atexit.register(_forget)
# No broker listens on port 1: a test that needs one asks for the fixture `mosquitto`.
for name, value in {
    "DATABASE_URL": POSTGRES.url,
    "REDIS_URL": VALKEY.url,
    "MQTT_URL": "mqtt://fleet:unused@127.0.0.1:1",
    "YARDMASTER_STATE": str(RUN.root),
    "YARDMASTER_SECRET_KEY": "for-tests-only-" + "0" * 40,
    "YARDMASTER_MQTT_ROBOT_SECRET": "for-tests-only",
    "YARDMASTER_SITE": "demo",
    "YARDMASTER_TESTING": "1",
    "DJANGO_SETTINGS_MODULE": "fleet.settings",
    "YARDMASTER_DB_POOL": "0",  # a pool would hold connections to a database that the run wants to drop
    "OMP_NUM_THREADS": "1",
    # Flows are about missions; those about the learned planner choose it themselves.
    "YARDMASTER_PLANNER": "rules",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}.items():
    if name == "YARDMASTER_STATE":
        os.environ[name] = value
    else:
        os.environ.setdefault(name, value)
