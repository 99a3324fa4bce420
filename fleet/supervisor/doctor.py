"""What `manage.py doctor` looks at. Every finding says what is wrong and what would be right."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil
from packaging.markers import Marker

from fleet.supervisor import mqtt, ports, postgres, services, up, valkey
from fleet.supervisor.accounts import service_account
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.state import REPO, State, open_state

NEEDED_DISK_GB = 2.0
NEEDED_MEMORY_GB = 3.0
NEEDED_FILES = 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """`verdict`: "ok", "note" (works, but you should know) or "BAD" (`up` will not work)."""

    verdict: str
    subject: str
    text: str


def examine() -> list[Finding]:
    """All findings, in the order in which `up` would meet them."""
    found = [*_machine(), *_packages()]
    try:
        state = open_state()
    except ServiceError as error:
        return [*found, Finding("BAD", "state folder", error.text)]
    found += [*_state(state), *_services(state), *_tools()]
    return found


def _machine() -> Iterator[Finding]:
    yield Finding("ok", "Python", f"{platform.python_version()} at {sys.executable}, {platform.machine()}")
    library, version = platform.libc_ver()
    if library == "glibc" and tuple(map(int, version.split(".")[:2])) < (2, 28):
        yield Finding(
            "BAD", "C library", f"glibc {version}; the services' binaries need 2.28 or newer: use a newer system"
        )
    memory = psutil.virtual_memory().available / 2**30
    verdict = "ok" if memory >= NEEDED_MEMORY_GB else "note"
    yield Finding(
        verdict,
        "memory",
        f"{memory:.1f} GB available; all processes with 12 robots take about {NEEDED_MEMORY_GB:.0f} GB",
    )
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if files != resource.RLIM_INFINITY and files < NEEDED_FILES:
        yield Finding(
            "note", "open files", f"the limit is {files}; raise it with `ulimit -n {NEEDED_FILES}` for many robots"
        )


def _packages() -> Iterator[Finding]:
    wrong = []
    for line in re.findall(r"^[A-Za-z0-9]\S*==[^\\\n]*", (REPO / "deploy/requirements.txt").read_text(), re.MULTILINE):
        pin, _, marker = line.partition(";")
        name, _, version = pin.strip().partition("==")
        if marker.strip() and not Marker(marker.strip()).evaluate():
            continue
        with contextlib.suppress(metadata.PackageNotFoundError):
            if metadata.version(name) == version:
                continue
        wrong.append(name)
    if wrong:
        yield Finding("BAD", "packages", f"not as locked: {', '.join(wrong)}; delete .venv and run manage.py again")
    else:
        yield Finding("ok", "packages", "as in deploy/requirements.txt")
    try:
        yield Finding("ok", "torch", metadata.version("torch"))
    except metadata.PackageNotFoundError:
        yield Finding("BAD", "torch", "not installed; delete .venv and run manage.py again")


def _state(state: State) -> Iterator[Finding]:
    free = shutil.disk_usage(state.root).free / 2**30
    verdict = "ok" if free >= NEEDED_DISK_GB else "BAD"
    yield Finding(verdict, "disk", f"{free:.1f} GB free at {state.root}; {NEEDED_DISK_GB:.0f} GB are needed")
    if account := service_account():
        where = (
            ""
            if state.home == state.root
            else f"; it cannot reach {state.root}, so services keep their data in {state.home}"
        )
        yield Finding("ok", "account", f"run as root; services run as {account.name}{where}")
    try:
        with up.only_one(state):
            verdict = "ok" if ports.is_free(8000) else "note"
            yield Finding(
                verdict, "port 8000", "free" if verdict == "ok" else "taken by another program; `up` will use another"
            )
    except ServiceError as error:
        yield Finding("ok", "up", error.text)


def _services(state: State) -> Iterator[Finding]:
    external: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("DATABASE_URL", "PostgreSQL", postgres.external_ready),
        ("REDIS_URL", "Valkey", valkey.external_ready),
        ("MQTT_URL", "MQTT broker", mqtt.answers),
    )
    for variable, subject, answers in external:
        if url := os.environ.get(variable):
            shown = services.without_password(url)
            if answers(url):
                yield Finding("ok", subject, f"{shown} answers")
            else:
                yield Finding("BAD", subject, f"{variable} is set, but nothing that accepts it answers at {shown}")
        elif variable == "DATABASE_URL":
            yield _runs(subject, lambda: postgres.Postgres(state).binary("postgres"))
        elif variable == "REDIS_URL":
            yield _runs(subject, lambda: valkey.Valkey(state).binary())
        elif found := mqtt.installed():
            yield Finding("ok", subject, f"mosquitto at {found}")
        elif shutil.which("apt-get"):
            yield Finding(
                "note",
                subject,
                "no mosquitto installed; `up` will download the package and unpack it in the state folder",
            )
        else:
            yield Finding(
                "note", subject, "no mosquitto; `up` will use amqtt, for demonstrations only: install mosquitto"
            )


def _runs(subject: str, binary: Callable[[], Path]) -> Finding:
    account = service_account()
    try:
        path = binary()
        done = subprocess.run(
            [str(path), "--version"],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, ServiceError) as error:
        return Finding("BAD", subject, f"cannot be run: {error}")
    if done.returncode:
        return Finding("BAD", subject, f"{path} does not run here: {(done.stderr or done.stdout).strip()[:200]}")
    return Finding("ok", subject, f"{done.stdout.strip().splitlines()[0][:60]} at {path}")


def _tools() -> Iterator[Finding]:
    if shutil.which("chromium") is None:
        yield Finding("note", "chromium", "not installed; only the browser tests need it")
