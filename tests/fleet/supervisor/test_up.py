"""`up` around its processes: one for each state folder, leftovers, what it needs to be open to the network."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.supervisor import ports, programs, up
from fleet.supervisor.console import Console
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.process import Program, spawn, wait_until
from fleet.supervisor.state import REPO, State


def test_a_second_up_in_the_same_folder_says_so(state: State) -> None:
    with up.only_one(state):
        up._announce(state, programs.Address("127.0.0.1", 8123))
        with pytest.raises(ServiceError, match=r"runs already in .*http://127.0.0.1:8123/"), up.only_one(state):
            pass
    with up.only_one(state):
        pass


def test_what_a_killed_up_left_behind_is_ended(state: State) -> None:
    script = (
        "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True); import time; time.sleep(600)"
    )
    left = spawn(
        Program("left", (sys.executable, "-c", script)), subprocess.PIPE, mark=str(state.root), follow_us=False
    )
    assert left.stdout is not None
    left.stdout.readline()
    other = subprocess.Popen(["sleep", "600"])
    said = io.StringIO()
    up.clear_leftovers(state, Console(said))
    assert left.wait(5) != 0
    assert wait_until(lambda: not up.leftovers(str(state.root)), 5)
    assert other.poll() is None
    assert "ending 2 processes" in said.getvalue()
    other.kill()
    other.wait()


def test_open_to_the_network_needs_names_and_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("YARDMASTER_ALLOWED_HOSTS", "YARDMASTER_TLS_CERT", "YARDMASTER_TLS_KEY", "YARDMASTER_BEHIND_PROXY"):
        monkeypatch.delenv(name, raising=False)
    programs.Address("127.0.0.1", 8000).check()
    address = programs.Address("0.0.0.0", 8000)
    with pytest.raises(ServiceError, match=r"YARDMASTER_ALLOWED_HOSTS.*YARDMASTER_TLS_CERT"):
        address.check()
    monkeypatch.setenv("YARDMASTER_ALLOWED_HOSTS", "yard.example")
    with pytest.raises(ServiceError, match="YARDMASTER_TLS_CERT"):
        address.check()
    monkeypatch.setenv("YARDMASTER_BEHIND_PROXY", "1")
    address.check()
    assert address.url == "https://yard.example/"


def test_robots_get_neither_the_database_nor_the_fleets_login(state: State) -> None:
    services = {
        "DATABASE_URL": "postgresql://x",
        "REDIS_URL": "unix:///x",
        "MQTT_URL": "mqtt://fleet:hush@127.0.0.1:1883",
        "YARDMASTER_MQTT_ROBOT_SECRET": "secret",
    }
    address = programs.Address("127.0.0.1", 8000)
    env = programs.environment(state, address, ("R-01", "R-02"), services)
    found = {program.name: program for program in programs.all_programs(state, address, ("R-01", "R-02"), env)}
    onboard = found["onboard"]
    assert onboard.env["MQTT_URL"] == "mqtt://127.0.0.1:1883"
    assert "DATABASE_URL" in onboard.without_env
    assert "onboard.R-01,onboard.R-02" in onboard.argv
    assert list(found) == ["web", "worker", "beat", "link", "dispatch", "onboard"]
    alone = programs.all_programs(state, address, (), env)
    assert [program.name for program in alone] == ["web", "worker", "beat", "link", "dispatch"]


def test_the_command_line_refuses_what_makes_no_sense() -> None:
    manage = [sys.executable, str(REPO / "manage.py")]
    done = subprocess.run([*manage, "up", "--robots", "-1"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "--robots must be from 0 to 500" in done.stderr
    done = subprocess.run([*manage, "up", "--check", "--robots", "0"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "--robots must be from 1 to 500" in done.stderr
    done = subprocess.run([*manage, "bench", "nonsense"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "there is no benchmark nonsense" in done.stderr


def test_port_0_means_any_free_one_and_a_taken_port_is_named(state: State) -> None:
    said = io.StringIO()
    chosen = up._port(state, up.Options(port=0), Console(said))
    assert chosen > 0 and ports.is_free(chosen) and said.getvalue() == ""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        assert up._port(state, up.Options(port=number), Console(said)) not in (0, number)
    assert f"port {number} is taken" in said.getvalue()


def test_state_files_are_private(state: State) -> None:
    state.secret("anything")
    state.remember(port=1)
    loose = [path for path in Path(state.root).rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert loose == []
