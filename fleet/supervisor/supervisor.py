"""Start in order, wait for readiness, watch progress, restart with back-off, stop in reverse order.

One thread, one selector: the children's output, their exits and their progress are all looked at in `turn`. Children
are started from this thread only, because the kernel ties "tell me when my parent dies" to the thread that forked.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fleet import progress
from fleet.supervisor.console import Console, LogFile
from fleet.supervisor.direct import tail
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.health import HealthProbe
from fleet.supervisor.process import Program, family, kill_all, spawn, stop_family
from fleet.supervisor.state import State

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0
CALM_SECONDS = 60.0  # after this long without trouble the back-off starts anew
STOP_SECONDS = 9.0
LOOK_EVERY = 0.2


@dataclass
class Kept:
    """One program under supervision."""

    program: Program
    log: LogFile
    child: subprocess.Popen[bytes] | None = None
    probe: HealthProbe | None = None
    started: float = 0.0
    progressed: float = 0.0
    last_beat: int | None = None
    ready: bool = False
    failures: int = 0
    restarts: int = 0
    start_at: float | None = None
    reasons: list[str] = field(default_factory=list)


class Stopped(Exception):
    """A person asked to stop while something was being waited for."""


class Supervisor:
    """Keeps programs running. `clock` is monotonic seconds."""

    def __init__(self, state: State, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.state = state
        self.console = console
        self.clock = clock
        self.kept: dict[str, Kept] = {}
        self.stop_requests = 0
        self.selector = selectors.DefaultSelector()

    # --- starting ---------------------------------------------------------------------------------------------------

    def start(self, programs: Iterable[Program]) -> None:
        """Start stage by stage, each when the one before is ready.

        Raises ServiceError naming the program that did not become ready, Stopped when a person asked to stop.
        """
        programs = list(programs)
        for stage in sorted({program.stage for program in programs}):
            began = self.clock()
            names = [program.name for program in programs if program.stage == stage]
            for program in (program for program in programs if program.stage == stage):
                self.kept[program.name] = Kept(program, LogFile(self.state.logs, program.name))
                self._launch(self.kept[program.name])
            while waiting := [name for name in names if not self.kept[name].ready]:
                self.turn(0.03)
                for name in waiting:
                    self._give_up_if_late(self.kept[name], self.clock() - began)

    def _give_up_if_late(self, kept: Kept, waited: float) -> None:
        # A few quick failures are normal: a killed PostgreSQL may hold its shared memory for a moment.
        if kept.ready or (kept.failures < 5 and waited < 1.2 * kept.program.ready_seconds):
            return
        why = kept.reasons[-1] if kept.reasons else f"was not ready after {kept.program.ready_seconds:.0f} s"
        raise ServiceError(kept.program.name, f"{why}; last lines of {kept.log.path}: {tail(kept.log.path)}")

    def _launch(self, kept: Kept) -> None:
        program = kept.program
        kept.start_at = None
        try:
            if program.beat:
                progress.forget(program.beat, self.state.root)
            if program.prepare:
                program.prepare()
            kept.log.mark(f"start: {' '.join(program.argv)[:400]}")
            kept.child = spawn(program, subprocess.PIPE, mark=str(self.state.root))
        except (OSError, ServiceError) as error:
            self._failed(kept, f"could not be started ({error})")
            return
        kept.started = kept.progressed = self.clock()
        kept.last_beat, kept.ready = None, False
        kept.probe = HealthProbe(program.health, self.selector, self.clock) if program.health else None
        assert kept.child.stdout is not None
        os.set_blocking(kept.child.stdout.fileno(), False)
        self.selector.register(kept.child.stdout, selectors.EVENT_READ, kept)

    # --- watching ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Watch until a person asks to stop."""
        while True:
            try:
                self.turn(LOOK_EVERY)
            except Stopped:
                return

    def turn(self, seconds: float) -> None:
        """One round: read what the children said for up to `seconds`, then look at each of them."""
        if self.stop_requests:
            raise Stopped
        self._read(seconds)
        for kept in list(self.kept.values()):
            if kept.start_at is not None:
                if self.clock() >= kept.start_at:
                    self._launch(kept)
            elif kept.child is not None and (code := kept.child.poll()) is not None:
                self._failed(kept, _ended(code))
            else:
                self._look_at(kept)

    def _read(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            if isinstance(key.data, HealthProbe):
                key.data.read()
            else:
                self._read_output(key.data)

    def _read_output(self, kept: Kept) -> None:
        if kept.child is None or kept.child.stdout is None:
            return
        data = kept.child.stdout.read1(65536)  # type: ignore[attr-defined]
        if data:
            for line in kept.log.feed(data):
                self.console.process_line(kept.program.name, line)
        elif data == b"":
            self._forget_output(kept)

    def _look_at(self, kept: Kept) -> None:
        now, program = self.clock(), kept.program
        if program.beat:
            seen = _modified(self.state, program.beat)
            if seen is not None and seen != kept.last_beat:
                kept.last_beat, kept.progressed = seen, now
        if kept.probe:
            kept.probe.ask()
            kept.progressed = max(kept.progressed, kept.probe.answered)
        if not kept.ready:
            kept.ready, kept.progressed = self._is_ready(kept), now
            # Slow starts are allowed `ready_seconds`; only then does silence count as hanging.
            if not kept.ready and now - kept.started > program.ready_seconds:
                self._hung(kept, now - kept.started)
            return
        if kept.failures and now - kept.started > CALM_SECONDS:
            kept.failures = 0
        limit = program.beat_limit if program.beat else program.health_limit if program.health else None
        if limit is not None and now - kept.progressed > limit:
            self._hung(kept, now - kept.progressed)

    def _is_ready(self, kept: Kept) -> bool:
        program = kept.program
        if program.ready is not None:
            return program.ready()
        if kept.probe:
            return kept.probe.ready
        return kept.last_beat is not None if program.beat else self.clock() - kept.started > 0.3

    def _hung(self, kept: Kept, seconds: float) -> None:
        assert kept.child is not None
        processes = family(kept.child.pid)
        kill_all(processes)
        children = f" and its {len(processes) - 1} children" if len(processes) > 1 else ""
        self._failed(kept, f"made no progress for {seconds:.0f} s; killed it{children}")

    def _failed(self, kept: Kept, reason: str) -> None:
        """The program is not running (any more): clear up after it and start it again after a pause."""
        if kept.child is not None:
            self._drain(kept)
            kill_all(family(kept.child.pid))
            kept.child.wait()
        if kept.probe:
            kept.probe.close()
        kept.child, kept.probe, kept.ready = None, None, False
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2**kept.failures)
        kept.failures += 1
        kept.restarts += 1
        kept.reasons.append(reason)
        kept.start_at = self.clock() + delay
        kept.log.mark(reason)
        self.console.warn(f"{kept.program.name} {reason}; starting it again in {delay:g} s (log: {kept.log.path})")

    def _drain(self, kept: Kept) -> None:
        """What it said last is what tells why it died."""
        if kept.child is not None and kept.child.stdout is not None and not kept.child.stdout.closed:
            with contextlib.suppress(OSError, ValueError):
                while data := kept.child.stdout.read1(65536):  # type: ignore[attr-defined]
                    for line in kept.log.feed(data):
                        self.console.process_line(kept.program.name, line)
        self._forget_output(kept)

    def _forget_output(self, kept: Kept) -> None:
        if kept.child is not None and kept.child.stdout is not None and not kept.child.stdout.closed:
            with contextlib.suppress(KeyError):
                self.selector.unregister(kept.child.stdout)
            kept.child.stdout.close()

    # --- stopping ---------------------------------------------------------------------------------------------------

    def handle_signals(self) -> None:
        """Ctrl+C, SIGTERM and a closed terminal stop everything; the second time they kill it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: object) -> None:
        self.stop_requests += 1
        if self.stop_requests > 1:
            self.kill()
            os._exit(128 + number)

    def kill(self) -> None:
        """End everything at once."""
        processes = [process for kept in self.kept.values() if kept.child for process in family(kept.child.pid)]
        kill_all(processes)

    def stop(self) -> float:
        """Stop all, highest stage first; a stage that takes too long is killed. Returns the seconds it took."""
        began = self.clock()
        for stage in sorted({kept.program.stage for kept in self.kept.values()}, reverse=True):
            group = [kept for kept in self.kept.values() if kept.program.stage == stage and kept.child]
            for kept in group:
                assert kept.child is not None
                with contextlib.suppress(ProcessLookupError):
                    os.kill(kept.child.pid, kept.program.stop_signal)
            longest = max((kept.program.stop_seconds for kept in group), default=0.0)
            deadline = min(self.clock() + longest, max(began + STOP_SECONDS, self.clock() + 0.5))
            while self.clock() < deadline and any(kept.child and kept.child.poll() is None for kept in group):
                self._read(0.02)
            for kept in group:
                assert kept.child is not None
                stop_family(kept.child.pid, kept.program.stop_signal, 0.0)
                self._drain(kept)
                kept.child.wait()
                kept.log.mark(f"stopped: {_ended(kept.child.returncode)}")
        for kept in self.kept.values():
            kept.log.close()
            if kept.probe:
                kept.probe.close()
        self.kept.clear()
        return self.clock() - began


def _modified(state: State, beat: str) -> int | None:
    # Changes of the file's time are counted on our own monotonic clock: a clock that is set hangs nobody.
    try:
        return (state.run / f"{beat}.beat").stat().st_mtime_ns
    except OSError:
        return None


def _ended(code: int) -> str:
    if code >= 0:
        return f"ended with exit status {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"
