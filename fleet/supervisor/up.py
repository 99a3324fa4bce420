"""`manage.py up`: everything that one machine needs, from nothing to a page that can be opened, and down again."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

import redis

from fleet.supervisor import check, ports, programs, services
from fleet.supervisor.console import Console
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import MARK, kill_all, leftovers
from fleet.supervisor.state import REPO, State, open_state, write_private
from fleet.supervisor.supervisor import Stopped, Supervisor

ROBOTS_SECONDS = 30.0


@dataclass(frozen=True)
class Options:
    robots: int = 12
    host: str = "127.0.0.1"
    port: int = 8000
    reset: bool = False
    check: bool = False
    quiet: bool = False


def run(options: Options) -> int:
    """Exit status: 0 after a clean stop or a passed check, 1 when something cannot be started or the check failed."""
    console = Console()
    try:
        address = programs.Address(options.host, options.port)
        address.check()
        state = open_state()
        with only_one(state):
            if options.reset:
                state.reset()
                state = open_state()
            with only_one(state) if options.reset else contextlib.nullcontext():
                return _up(options, state, console)
    except ServiceError as error:
        console.warn(f"yardmaster: {error}")
        return 1


def _up(options: Options, state: State, console: Console) -> int:
    supervisor = Supervisor(state, console)
    supervisor.handle_signals()
    began = time.monotonic()
    clear_leftovers(state, console)
    address = programs.Address(options.host, _port(state, options, console))
    _announce(state, address)
    try:
        env = _start(supervisor, options, state, console, address)
        if options.robots:
            _wait_for_robots(supervisor, env, console)
        if options.check:
            return check.run(address.url, state, console, supervisor, started_in=time.monotonic() - began)
        _welcome(state, console, address, time.monotonic() - began)
        console.show_processes = not options.quiet
        supervisor.run()
    except Stopped:
        pass
    except ServiceError as error:
        console.warn(f"yardmaster: {error}")
        return 1
    finally:
        console.show_processes = False
        if not options.check:
            console.say("stopping")
        seconds = supervisor.stop()
        (state.run / "environment.json").unlink(missing_ok=True)
        if not options.check:
            console.say(f"stopped in {seconds:.1f} s")
    return 0 if not options.check else 1


def _start(
    supervisor: Supervisor, options: Options, state: State, console: Console, address: programs.Address
) -> dict[str, str]:
    """Services, tables, the site, processes. Returns the environment of our processes."""
    serials = tuple(f"R-{number:02d}" for number in range(1, options.robots + 1))
    console.say(f"starting in {state.root} (first start takes longer)")
    chosen = services.choose(state, serials)
    for notice in chosen.notices:
        console.warn(f"NOTICE: {notice}")
    chosen.check_external()
    env = programs.environment(state, address, serials, chosen.environment)
    supervisor.start(chosen.programs)
    write_private(state.run / "environment.json", json.dumps(env))
    _step(supervisor, state, env, "migrate", "--noinput", "--skip-checks", "--verbosity", "0")
    if options.robots:  # without simulated robots there is no demonstration site either
        _step(supervisor, state, env, "seed", "--robots", str(options.robots))
    supervisor.start(programs.all_programs(state, address, serials, env))
    return env


def _step(supervisor: Supervisor, state: State, env: Mapping[str, str], command: str, *arguments: str) -> None:
    """A command of ours that runs to its end while the services are watched."""
    path = state.logs / f"{command}.log"
    with path.open("wb") as log:
        child = subprocess.Popen(
            programs.manage(command, *arguments),
            cwd=REPO,
            env={**os.environ, **env, MARK: str(state.root)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while child.poll() is None:
                supervisor.turn(0.05)
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
    if child.returncode:
        last = path.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise ServiceError(command, f"failed: {last[0][:500]} (log: {path})")


def _wait_for_robots(supervisor: Supervisor, env: Mapping[str, str], console: Console) -> None:
    """Until link has published a first picture of the site."""
    client = redis.Redis.from_url(env["REDIS_URL"], socket_timeout=2)
    deadline = time.monotonic() + ROBOTS_SECONDS
    key = f"live:{env['YARDMASTER_SITE']}:snapshot"
    while time.monotonic() < deadline:
        supervisor.turn(0.05)
        with contextlib.suppress(redis.RedisError):
            if client.exists(key):
                client.close()
                return
    console.warn(f"no robot has reported in {ROBOTS_SECONDS:.0f} s; see the logs of link and onboard")


def _welcome(state: State, console: Console, address: programs.Address, seconds: float) -> None:
    login = state.root / "login.txt"
    words = f"    login: {' / '.join(login.read_text().split())}" if login.exists() else ""
    console.say(f"ready in {seconds:.1f} s; logs in {state.logs}; Ctrl+C stops everything")
    console.headline(f"\n    {address.url}{words}\n")


def _port(state: State, options: Options, console: Console) -> int:
    """The port to serve on: the wanted one, or, if that is taken or 0, the one of last time or any free one."""
    if options.port and ports.is_free(options.port, options.host):
        return options.port
    port = ports.choose(state, "web", 0, options.host)
    if options.port:
        console.warn(f"port {options.port} is taken by another program; using {port}")
    return port


# --- one `up` for each state folder ---------------------------------------------------------------------------------


@contextlib.contextmanager
def only_one(state: State) -> Iterator[IO[str]]:
    """Hold the state folder. Raises ServiceError when another `up` holds it; a killed one holds nothing."""
    path = state.run / "up.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            who = lock.read().strip() or "another process"
            raise ServiceError(
                "up", f"Yardmaster runs already in {state.root}: {who}. Stop it, or set YARDMASTER_STATE"
            ) from None
        yield lock


def _announce(state: State, address: programs.Address) -> None:
    (state.run / "up.lock").write_text(f"process {os.getpid()}, {address.url}")


def clear_leftovers(state: State, console: Console) -> None:
    """End what a killed `up` left running. (PostgreSQL hides its environment; its `prepare` finds it by its folder.)"""
    found = leftovers(str(state.root))
    if not found:
        return
    console.say(f"ending {len(found)} processes that an earlier run left behind")
    for process in found:
        with contextlib.suppress(Exception):
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGCONT)
    deadline = time.monotonic() + 2
    while leftovers(str(state.root)) and time.monotonic() < deadline:
        time.sleep(0.1)
    kill_all(leftovers(str(state.root)))
