"""What `bench ingest` measures: PostgreSQL, Valkey, Mosquitto, web and one or more links, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import psycopg

from fleet.supervisor import direct, ports
from fleet.supervisor.mqtt import Broker
from fleet.supervisor.postgres import Postgres
from fleet.supervisor.process import Program
from fleet.supervisor.programs import Address, environment, manage
from fleet.supervisor.state import REPO, open_state
from fleet.supervisor.valkey import Valkey
from tests.stack import OURS

from ._ingest_robots import MANUFACTURER, serial

SETUP = f"""
import sys, django
django.setup()
from fleet.accounts.models import Site
from robots.models import Robot, RobotType
from tests.bench._ingest_robots import serial
site = Site.objects.create(slug="demo", name="Demo", unattended=True)
kind = RobotType.objects.create(slug="bench", name="Bench", embodiment="cart", onboard=False, max_speed=1.5, length=0.8,
                                width=0.6, max_payload=100)
Robot.objects.bulk_create(
    Robot(site=site, type=kind, serial=serial(n), manufacturer={MANUFACTURER!r}, name=serial(n), live_index=n)
    for n in range(int(sys.argv[1]))
)
"""


class IngestStack:
    """A context manager. `robots` are registered; `links` processes serve them."""

    def __init__(self, robots: int, links: int = 1) -> None:
        self.robots, self.links = robots, links
        self.state = open_state(tempfile.mkdtemp(prefix="ym-ingest-", dir="/tmp"))
        self.children: dict[str, tuple[subprocess.Popen[bytes], Program]] = {}
        self.key = ""

    def __enter__(self) -> IngestStack:
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        for child, program in reversed(self.children.values()):
            direct.stop(child, program)
        shutil.rmtree(self.state.root, ignore_errors=True)

    def _start(self) -> None:
        database, store = Postgres(self.state), Valkey(self.state)
        broker = Broker(self.state, source="path", wanted_port=0)
        for program in (database.program(), store.program(), broker.program()):
            self.children[program.name] = (direct.start(self.state, program), program)
        services = {"DATABASE_URL": database.url, "REDIS_URL": store.url, "MQTT_URL": broker.url}
        address = Address("127.0.0.1", ports.any_free())
        mine = {name: value for name, value in os.environ.items() if name not in OURS}
        self.env = {**mine, **environment(self.state, address, (), services)} | {
            "YARDMASTER_REQUESTS_PER_MINUTE": "1000000",
            "YARDMASTER_MQTT_ROBOT_SECRET": broker.secret,
            "YARDMASTER_LOG_LEVEL": "WARNING",
        }
        self.url = f"http://127.0.0.1:{address.port}"
        self._run(manage("migrate", "-v", "0"))
        self._run((sys.executable, "-c", SETUP, str(self.robots)))
        key = manage("createkey", "--site", "demo", "--name", "bench", "--scopes", "robots:read")
        self.key = self._run(key).split()[-1]
        web = ("-m", "uvicorn", "fleet.asgi:application", "--port", str(address.port), "--log-level", "warning")
        options = ("--ws", "websockets-sansio", "--no-access-log")
        self.start("web", (sys.executable, *web, *options))
        for number in range(self.links):
            self.start_link(f"link{number + 1}")
        self.wait(lambda: self._answers() and self.served() == self.robots, 60, "web answers and all robots are served")

    def start(self, name: str, argv: tuple[str, ...]) -> None:
        program = Program(name, argv, env=self.env, cwd=REPO)
        self.children[name] = (direct.start(self.state, program), program)

    def start_link(self, name: str) -> None:
        self.start(name, manage("link", "--name", name))

    def kill(self, name: str) -> None:
        child, _ = self.children.pop(name)
        child.kill()
        child.wait()

    def _run(self, argv: tuple[str, ...]) -> str:
        done = subprocess.run(argv, env=self.env, cwd=REPO, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{argv}: {done.stderr[-2000:]}")
        return done.stdout

    def _answers(self) -> bool:
        try:
            self.robot_x(serial(0))
        except OSError:
            return False
        return True

    @staticmethod
    def wait(condition: Any, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError(f"did not happen within {seconds} s: {what}")
            time.sleep(0.05)

    # --- what is asked ------------------------------------------------------------------------------------------------

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.env["DATABASE_URL"], autocommit=True)

    def one(self, query: str, *arguments: Any) -> Any:
        with self.database() as connection:
            row = connection.execute(query, arguments).fetchone()  # type: ignore[call-overload]
            return row[0] if row else None

    def served(self) -> int:
        return int(
            self.one(
                "select count(*) from robots_robotlink l join robots_linkmember m on m.name = l.member"
                " where m.until > now()"
            )
        )

    def counted(self) -> int:
        return int(self.one("select count(*) from robots_history"))

    def figures(self) -> dict[str, Any]:
        """What the (only) link says of itself."""
        return dict(self.one("select figures from robots_linkmember where until > now() order by name limit 1") or {})

    def robot_x(self, name: str, known: dict[str, str] | None = None) -> float | None:
        known = self._ids if known is None else known
        request = urllib.request.Request(
            f"{self.url}/api/v1/robots/{known[name]}", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = json.loads(answer.read())
        return body.get("x_m")  # type: ignore[no-any-return]

    @property
    def _ids(self) -> dict[str, str]:
        if not hasattr(self, "_known"):
            with self.database() as connection:
                self._known = dict(connection.execute("select serial, public_id from robots_robot").fetchall())
        return self._known

    # --- what it costs ------------------------------------------------------------------------------------------------

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds so far by process; those of ended children of PostgreSQL included."""
        found: dict[str, float] = {}
        for name, (child, _) in self.children.items():
            process = psutil.Process(child.pid)
            times = process.cpu_times()
            total = times.user + times.system + times.children_user + times.children_system
            for below in process.children(recursive=True):
                try:
                    times = below.cpu_times()
                except psutil.Error:
                    continue
                total += times.user + times.system
            found[name] = total
        return found

    def rss_mb(self) -> float:
        """Of the links."""
        links = [child.pid for name, (child, _) in self.children.items() if name.startswith("link")]
        return round(sum(psutil.Process(pid).memory_info().rss for pid in links) / 1e6, 1)

    def log(self, name: str) -> str:
        return Path(self.state.logs / f"{name}.log").read_text(errors="replace")
