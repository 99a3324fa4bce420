"""Death, hanging, slow stops: with real processes, because that is what the supervisor deals in."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import psutil
import pytest

from fleet.supervisor import supervisor as module
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program, lives, wait_until
from fleet.supervisor.state import State
from fleet.supervisor.supervisor import Stopped

from .conftest import Watched, beating


def child_of(watched: Watched) -> int:
    text = (watched.state.logs / "fake.log").read_text()
    return int(re.findall(r"child (\d+)", text)[-1])


def alive(pid: int) -> bool:
    try:
        return lives(psutil.Process(pid))
    except psutil.NoSuchProcess:
        return False


def test_a_killed_process_is_named_and_started_again(watched: Watched, tmp_path: Path) -> None:
    watched.supervisor.start([beating(watched.state, tmp_path)])
    first, orphan = watched.pid("fake"), child_of(watched)
    os.kill(first, signal.SIGKILL)
    watched.until(lambda: watched.is_ready("fake") and watched.pid("fake") != first)
    assert "fake was ended by SIGKILL; starting it again in 0.5 s" in watched.said.getvalue()
    assert not alive(orphan), "the children of the dead process must not live on"


def test_a_frozen_process_is_killed_with_its_children_and_started_again(watched: Watched, tmp_path: Path) -> None:
    watched.supervisor.start([beating(watched.state, tmp_path)])
    first, orphan = watched.pid("fake"), child_of(watched)
    os.kill(first, signal.SIGSTOP)
    watched.until(lambda: watched.supervisor.kept["fake"].restarts == 1)
    assert "fake made no progress for" in watched.said.getvalue()
    assert not alive(orphan)
    watched.until(lambda: watched.is_ready("fake"))


def test_the_pause_before_a_restart_doubles(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY", 0.05)
    dying = Program("fake", (sys.executable, "-c", "import sys; print('no luck'); sys.exit(3)"), ready_seconds=60)
    with pytest.raises(ServiceError) as error:
        watched.supervisor.start([dying])
    assert error.value.hop == "fake"
    assert "ended with exit status 3" in str(error.value)
    assert "no luck" in str(error.value)
    delays = re.findall(r"again in ([\d.]+) s", watched.said.getvalue())
    assert delays == ["0.05", "0.1", "0.2", "0.4", "0.8"]


def test_a_program_that_never_becomes_ready_is_named(watched: Watched) -> None:
    silent = Program(
        "mute", (sys.executable, "-c", "import time; time.sleep(600)"), ready=lambda: False, ready_seconds=0.5
    )
    with pytest.raises(ServiceError, match="mute"):
        watched.supervisor.start([silent])


def test_a_program_that_does_not_exist_is_named(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_DELAY", 0.05)
    with pytest.raises(ServiceError, match="nothing: could not be started"):
        watched.supervisor.start([Program("nothing", ("/no/such/program",))])


def test_stages_start_upwards_and_stop_downwards(watched: Watched, tmp_path: Path) -> None:
    order = tmp_path / "order"
    script = (
        "import signal, sys, time; log = open(sys.argv[2], 'a', buffering=1); print('up', sys.argv[1], file=log);"
        "signal.signal(signal.SIGTERM, lambda *_: (print('down', sys.argv[1], file=log), sys.exit(0)));"
        "print('set', flush=True); time.sleep(600)"
    )
    programs = [
        Program(name, (sys.executable, "-c", script, name, str(order)), stage) for stage, name in ((2, "b"), (0, "a"))
    ]
    watched.supervisor.start(programs)
    watched.until(lambda: all("set" in (watched.state.logs / f"{name}.log").read_text() for name in "ab"))
    watched.supervisor.stop()
    assert order.read_text().split("\n") == ["up a", "up b", "down b", "down a", ""]


def test_one_that_ignores_the_request_to_stop_is_killed_in_time(watched: Watched) -> None:
    script = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('set', flush=True); time.sleep(600)"
    )
    watched.supervisor.start([Program("deaf", (sys.executable, "-c", script), stop_seconds=0.5)])
    watched.until(lambda: "set" in (watched.state.logs / "deaf.log").read_text())
    pid = watched.pid("deaf")
    assert watched.supervisor.stop() < 3
    assert not alive(pid)
    assert "stopped: was ended by SIGKILL" in (watched.state.logs / "deaf.log").read_text()


def test_a_request_to_stop_ends_waiting(watched: Watched) -> None:
    watched.supervisor.stop_requests = 1
    with pytest.raises(Stopped):
        watched.supervisor.start([Program("any", ("sleep", "600"), ready=lambda: False)])


def test_a_clock_that_is_set_does_not_count_as_hanging(watched: Watched, tmp_path: Path) -> None:
    program = beating(watched.state, tmp_path)
    watched.supervisor.start([program])
    beat = watched.state.run / "fake.beat"
    os.utime(beat, (1, 1))  # as if the wall clock had jumped by decades
    assert module._modified(watched.state, "fake") is not None
    watched.supervisor.turn(0.05)
    assert watched.supervisor.kept["fake"].restarts == 0


def test_programs_end_when_their_supervisor_is_killed(state: State, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import subprocess, sys, time\n"
        "from fleet.supervisor.process import Program, spawn\n"
        "child = spawn(Program('x', ('sleep', '600')), subprocess.DEVNULL, mark='test')\n"
        "print(child.pid, flush=True); time.sleep(600)\n"
    )
    import subprocess

    from fleet.supervisor.state import REPO

    parent = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(REPO)}
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert wait_until(lambda: not alive(pid), 5)
