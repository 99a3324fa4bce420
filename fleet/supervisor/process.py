"""One program: how it is started, when it counts as ready, how it and all its children are ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from fleet.supervisor.accounts import Account

# Every process of ours carries this variable, so that leftovers of a killed supervisor can be told from others'.
MARK = "YARDMASTER_SUPERVISED_BY"
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class HealthAddress:
    """Where a web process is asked whether it lives. `name` is the Host header, `tls` is not verified (it is us)."""

    host: str
    port: int
    name: str = "127.0.0.1"
    path: str = "/healthz"
    tls: bool = False


@dataclass(frozen=True)
class Program:
    """What to run. `stage` orders start and stop: a higher stage starts later and stops earlier."""

    name: str
    argv: tuple[str, ...]
    stage: int = 0
    env: Mapping[str, str] = field(default_factory=dict)
    without_env: tuple[str, ...] = ()
    cwd: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 2.0
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 30.0
    # Progress: the name of its progress file, and for how many seconds that may stay untouched.
    beat: str | None = None
    beat_limit: float = 5.0
    # Progress: where it must answer HTTP at least once in `health_limit` seconds.
    health: HealthAddress | None = None
    health_limit: float = 15.0
    prepare: Callable[[], None] | None = None


def spawn(program: Program, output: int | IO[bytes], *, mark: str, follow_us: bool = True) -> subprocess.Popen[bytes]:
    """Start `program` in its own session. `follow_us`: it is told to stop when we die, however we die."""
    account = program.account
    environment = {**os.environ, **program.env, MARK: mark}
    for name in program.without_env:
        environment.pop(name, None)

    def in_child() -> None:
        # After the change of account, because that clears it; before exec, because the program may not know us.
        if follow_us and _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(program.stop_signal), 0, 0, 0)

    return subprocess.Popen(
        program.argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=program.cwd or "/",
        env=environment,
        start_new_session=True,
        preexec_fn=in_child,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def family(pid: int) -> list[psutil.Process]:
    """The process and everything below it, and what shares its session; parents first."""
    found: dict[int, psutil.Process] = {}
    with contextlib.suppress(psutil.Error, OSError):
        # We made it leader of a session; another process that has got its number by now is none of ours.
        top = psutil.Process(pid) if os.getsid(pid) == pid else None
        found = {process.pid: process for process in ([top, *top.children(recursive=True)] if top else [])}
    for process in psutil.process_iter():
        # A child whose parent died belongs to init, but it stays in the session we gave its program.
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid not in found and os.getsid(process.pid) == pid:
                found[process.pid] = process
    return list(found.values())


def kill_all(processes: Iterable[psutil.Process], seconds: float = 3.0) -> None:
    """SIGKILL to all, collected before, because children of a killed parent can no longer be found."""
    processes = [process for process in processes if process.pid != os.getpid()]
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    all_gone(processes, seconds)


def all_gone(processes: Iterable[psutil.Process], seconds: float) -> bool:
    """Wait until the processes have ended, without collecting our children's exit statuses: those are Popen's."""
    return wait_until(lambda: not any(lives(process) for process in processes), seconds)


def lives(process: psutil.Process) -> bool:
    """Whether the process still runs: one that ended and waits for its parent (or init) to notice does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def stop_family(pid: int, stop_signal: signal.Signals, seconds: float) -> bool:
    """Ask the process to stop, kill it and its children after `seconds`. Returns whether it went by itself."""
    processes = family(pid)
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).send_signal(stop_signal)
        psutil.Process(pid).send_signal(signal.SIGCONT)
    top = [process for process in processes if process.pid == pid]
    went = all_gone(top, seconds)
    kill_all(processes)
    return went


def leftovers(mark: str) -> list[psutil.Process]:
    """Processes of an earlier supervisor of the same state folder (their environment carries our mark)."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
    return found


def wait_until(condition: Callable[[], bool], seconds: float, step: float = 0.02) -> bool:
    """Look at `condition` every `step` seconds until it holds; False when `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True
