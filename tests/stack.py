"""A whole Yardmaster in a state folder of its own, for benchmarks and flow tests: started, asked, measured, stopped."""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from fleet.supervisor import ports

REPO = Path(__file__).resolve().parents[1]
START_S = 180.0
LOG = "up.log"
OURS = (
    "DATABASE_URL", "REDIS_URL", "MQTT_URL", "DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE",
    "YARDMASTER_SITE", "YARDMASTER_SECRET_KEY", "YARDMASTER_MQTT_ROBOT_SECRET", "YARDMASTER_DB_POOL",
    "YARDMASTER_TESTING", "YARDMASTER_TEST_STATE",
)  # fmt: skip


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "model": platform.processor() or platform.machine(),
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
    }


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie, rounded to 0.1."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


class Stack:
    """`manage.py up` as a child. A context manager; `instant` robots acknowledge and arrive at once.

    `speed`: how many times faster than real time the robots are simulated. A `state` folder that is given is kept.
    """

    def __init__(
        self,
        robots: int,
        *,
        instant: bool = False,
        state_hz: float = 1.0,
        speed: float = 1.0,
        state: Path | None = None,
    ) -> None:
        self.robots, self.instant, self.state_hz, self.speed = robots, instant, state_hz, speed
        self.own = state is None
        self.state = state or Path(tempfile.mkdtemp(prefix="ym-stack-", dir="/tmp"))
        self.env: dict[str, str] = {}
        self.url = ""
        self.ready_s = 0.0

    def environment(self) -> dict[str, str]:
        """What `manage.py up` of this stack is started with."""
        # What names a service, a site or an account is `up`'s to decide, not the test run's that started us.
        env = {k: v for k, v in os.environ.items() if k not in OURS}
        return env | {
            "YARDMASTER_BOOTSTRAP": "0",
            "YARDMASTER_STATE": str(self.state),
            "YARDMASTER_SIM_INSTANT": "1" if self.instant else "0",
            "YARDMASTER_SIM_STATE_HZ": str(self.state_hz),
            "YARDMASTER_SIM_SPEED": str(self.speed),
            "YARDMASTER_REQUESTS_PER_MINUTE": "1000000",
            "YARDMASTER_COMMANDS_PER_MINUTE": "1000000",
        }

    def __enter__(self) -> Stack:
        began = time.monotonic()
        arguments = ("--robots", str(self.robots), "--port", str(ports.any_free()))
        self.log = (self.state / LOG).open("wb")
        self.child = subprocess.Popen(
            [sys.executable, str(REPO / "manage.py"), "up", "--quiet", *arguments],
            env=self.environment(),
            cwd=REPO,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        while "login:" not in (shown := self.said()):
            if self.child.poll() is not None or time.monotonic() - began > START_S:
                raise RuntimeError(f"`up` did not get ready: {shown[-2000:]}")
            time.sleep(0.05)
        self.ready_s = time.monotonic() - began
        self.env = json.loads((self.state / "run" / "environment.json").read_text())
        self.url = f"http://127.0.0.1:{self.env['YARDMASTER_PORT']}"
        self.key = (self.state / "check.key").read_text().strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self.own:
            shutil.rmtree(self.state, ignore_errors=True)

    def stop(self) -> float:
        """Seconds from the signal to the end."""
        began = time.monotonic()
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()
        self.log.close()
        return time.monotonic() - began

    def said(self) -> str:
        """What `up` has printed so far."""
        return (self.state / LOG).read_text(errors="replace")

    def call(self, method: str, path: str, body: Any = None) -> Any:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            said = error.read().decode(errors="replace")[:500]
            raise RuntimeError(f"{method} {path}: {error.code} {said}") from error

    def processes(self) -> dict[str, list[psutil.Process]]:
        """Every process of the stack under the name that `up` gives it."""
        found: dict[str, list[psutil.Process]] = {"supervisor": [psutil.Process(self.child.pid)]}
        for process in psutil.Process(self.child.pid).children(recursive=True):
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue
            found.setdefault(_name(line, process), []).append(process)
        return found

    def cpu_s(self) -> float:
        """CPU seconds of all processes so far."""
        total = 0.0
        for group in self.processes().values():
            for process in group:
                try:
                    times = process.cpu_times()
                except psutil.Error:
                    continue
                total += times.user + times.system
        return total

    def memory_mb(self) -> dict[str, float]:
        """Proportional memory (shared pages counted once) per process, and the total."""
        found: dict[str, float] = {}
        for name, group in self.processes().items():
            size = 0.0
            for process in group:
                try:
                    size += process.memory_full_info().pss
                except (psutil.Error, AttributeError):
                    continue
            found[name] = round(size / 1e6, 1)
        found["total"] = round(sum(found.values()), 1)
        return found


def _name(line: str, process: psutil.Process) -> str:
    for word, name in (
        ("uvicorn", "web"),
        ("inference.onboard.app", "onboard"),
        ("-Q planner", "worker"),
        (" beat ", "beat"),
        ("manage.py link", "link"),
        ("manage.py dispatch", "dispatch"),
        ("mosquitto", "mqtt"),
        ("valkey", "valkey"),
        ("redis", "valkey"),
        ("postgres", "postgres"),
    ):
        if word in line:
            return name
    return process.name()
