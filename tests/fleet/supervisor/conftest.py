"""Supervisor tests use short real programs and a state folder with a short path (Unix sockets)."""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleet.supervisor.console import Console
from fleet.supervisor.process import Program
from fleet.supervisor.state import REPO, State, open_state
from fleet.supervisor.supervisor import Supervisor


@pytest.fixture
def state() -> Iterator[State]:
    folder = tempfile.mkdtemp(prefix="ym-sup-", dir="/tmp")
    yield open_state(folder)
    shutil.rmtree(folder, ignore_errors=True)


class Watched:
    """A supervisor with what it said, and `until`, which lets it work until something holds."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.said = io.StringIO()
        self.supervisor = Supervisor(state, Console(self.said))

    def until(self, condition: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s; the supervisor said: {self.said.getvalue()}"
            self.supervisor.turn(0.02)

    def pid(self, name: str) -> int:
        child = self.supervisor.kept[name].child
        assert child is not None
        return child.pid

    def is_ready(self, name: str) -> bool:
        return self.supervisor.kept[name].ready


@pytest.fixture
def watched(state: State) -> Iterator[Watched]:
    found = Watched(state)
    yield found
    found.supervisor.stop()


BEATING = """
import subprocess, sys, time
from fleet import progress
child = subprocess.Popen(["sleep", "600"])
print("child", child.pid, flush=True)
while True:
    progress.beat("fake")
    time.sleep(0.05)
"""


def beating(state: State, folder: Path, limit: float = 1.5) -> Program:
    """A program that shows progress and has a child of its own."""
    script = folder / "beating.py"
    script.write_text(BEATING)
    env = {"YARDMASTER_STATE": str(state.root), "PYTHONPATH": str(REPO)}
    return Program("fake", (sys.executable, str(script)), stage=3, env=env, beat="fake", beat_limit=limit)
