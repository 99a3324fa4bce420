"""`manage.py up` itself: from an empty folder to three completed missions, alone in it, and gone without a trace."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from fleet.supervisor.process import leftovers
from tests.flows.yard import Yard, until
from tests.stack import REPO, Stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="ym-up-", dir="/tmp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def up(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs to its end."""
    env = Stack(4, speed=6, state=state).environment() | {"YARDMASTER_PLANNER": "compact"}
    argv = [sys.executable, str(REPO / "manage.py"), "up", "--port", "0", *arguments]
    return subprocess.run(argv, env=env, cwd=REPO, capture_output=True, text=True, timeout=240, check=False)


def processes_of(state: Path) -> list[str]:
    """What still runs for that folder: by its mark, or by the folder on its command line (PostgreSQL hides it)."""
    found = {process.pid: process for process in leftovers(str(state))}
    for process in psutil.process_iter(["cmdline"]):
        if any(str(state) in word for word in process.info["cmdline"] or ()):
            found[process.pid] = process
    return [f"{process.pid} {process.name()}" for process in found.values()]


def test_the_check_passes_from_an_empty_folder_and_leaves_nothing_running(folder: Path) -> None:
    ended = up(folder, "--check", "--robots", "4")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    figures = json.loads(line)
    assert figures["ok"] is True and figures["missions"] == 3 and figures["restarts"] == {}
    assert len(figures["completed_s"]) == 3 and figures["ready_s"] > 0
    assert processes_of(folder) == []


def test_a_second_up_in_the_same_folder_refuses_and_disturbs_nothing(yard: Yard) -> None:
    before = {process.pid for group in yard.stack.processes().values() for process in group}
    refused = up(yard.stack.state)
    assert refused.returncode == 1
    assert (
        "runs already in" in refused.stderr + refused.stdout and "YARDMASTER_STATE" in refused.stderr + refused.stdout
    )
    after = {process.pid for group in yard.stack.processes().values() for process in group}
    assert before == after
    yard.until_mission(yard.send("R-01 go to pack 1"), "completed")


def test_a_signal_stops_everything(folder: Path) -> None:
    stack = Stack(4, speed=6, state=folder)
    with stack:
        assert processes_of(folder)
        stack.child.send_signal(signal.SIGTERM)
        until(lambda: stack.child.poll() is not None, 15, stack.said)
        assert stack.child.returncode == 0 and "stopped in" in stack.said()
        assert processes_of(folder) == []


def test_a_killed_up_takes_its_processes_along_and_the_next_one_starts(folder: Path) -> None:
    stack = Stack(4, speed=6, state=folder)
    with stack:
        stack.child.kill()
        stack.child.wait()
    with Stack(4, speed=6, state=folder) as again:
        assert again.call("GET", "/api/v1/robots?site=demo")["data"]
    assert processes_of(folder) == []
