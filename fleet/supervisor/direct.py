"""Services without a supervisor: started by a test or a benchmark, stopped by it, or left running for the next one."""

from __future__ import annotations

import contextlib
import fcntl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program, spawn, stop_family
from fleet.supervisor.state import State


def start(state: State, program: Program, *, follow_us: bool = True, log: str | None = None) -> subprocess.Popen[bytes]:
    """Start `program` and wait until it is ready. A start that fails is tried again for its `ready_seconds`,
    because a killed PostgreSQL may hold its shared memory for a moment.
    """
    path = state.logs / f"{log or program.name}.log"
    deadline = time.monotonic() + program.ready_seconds
    while True:
        if program.prepare:
            program.prepare()
        with path.open("ab") as output:
            child = spawn(program, output, mark=str(state.root), follow_us=follow_us)
        while child.poll() is None and time.monotonic() < deadline:
            if program.ready is None or program.ready():
                return child
            time.sleep(0.02)
        if time.monotonic() >= deadline:
            stop(child, program)
            raise ServiceError(program.name, f"did not become ready: {tail(path)}")
        time.sleep(0.2)


def ensure(state: State, program: Program, ready: Callable[[], bool]) -> None:
    """Start `program` unless it runs already, and leave it running after us; safe against others doing the same."""
    with locked(state, program.name):
        if not ready():
            start(state, program, follow_us=False)


def stop(child: subprocess.Popen[bytes], program: Program) -> None:
    """Ask the program to stop; kill it and its children when it does not."""
    if child.poll() is None:
        stop_family(child.pid, program.stop_signal, program.stop_seconds)
    child.wait()


@contextlib.contextmanager
def locked(state: State, name: str) -> Iterator[None]:
    with (state.run / f"{name}.start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def tail(path: Path, lines: int = 8) -> str:
    """The last lines of a log file, for an error message."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        return " | ".join(file.read()[-4000:].decode(errors="replace").splitlines()[-lines:])
    return "(no log)"
