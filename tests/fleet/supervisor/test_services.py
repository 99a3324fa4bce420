"""The three services for real: first start, restart after every kind of kill, who may do what."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import psutil
import psycopg
import pytest
import redis

from fleet.supervisor import apt, broker_rules, direct, mqtt, ports, services
from fleet.supervisor.errors import ServiceError
from fleet.supervisor.postgres import Postgres
from fleet.supervisor.process import kill_all, wait_until
from fleet.supervisor.state import State, open_state, private_folder
from fleet.supervisor.valkey import Valkey
from tests.conftest import RunningBroker, require


def test_postgres_keeps_commits_through_kills_of_every_kind(state: State) -> None:
    server = Postgres(state)
    program = server.program()
    child = direct.start(state, program)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("create table t (n int)")
        connection.execute("insert into t values (1)")
        assert connection.execute("show data_checksums").fetchone() == ("on",)
        assert connection.execute("show server_encoding").fetchone() == ("UTF8",)
        row = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone()
        assert row == (False,), "the application must not be able to switch off its own triggers"
    os.kill(child.pid, signal.SIGKILL)  # only the postmaster: its children may live on for a moment
    child.wait()
    child = direct.start(state, program)
    kill_all([*psutil.Process(child.pid).children(), psutil.Process(child.pid)])
    child.wait()
    (server.data / "postmaster.pid").write_text(f"{os.getppid()}\n{server.data}\n")  # its number is another's by now
    child = direct.start(state, program)
    with psycopg.connect(server.url) as connection:
        assert connection.execute("select n from t").fetchall() == [(1,)]
    direct.stop(child, program)
    assert child.returncode == 0


def test_postgres_wants_a_password_and_opens_no_port(state: State) -> None:
    server = Postgres(state)
    program = server.program()
    child = direct.start(state, program)
    try:
        wrong = server.url.replace(state.secret("postgres_password"), "wrong")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        listening = [found for found in psutil.Process(child.pid).net_connections("inet") if found.status == "LISTEN"]
        assert listening == []
        assert (state.keys / "postgres_password").stat().st_mode & 0o077 == 0
    finally:
        direct.stop(child, program)


def test_sockets_move_to_a_short_path_when_the_state_folder_has_a_long_one() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as top:
        Path(top).chmod(0o755)
        state = open_state(Path(top) / ("long" * 30))
        try:
            assert state.sockets.parent == Path("/tmp")
            assert state.sockets.stat().st_mode & 0o777 == 0o700
        finally:
            state.reset()
        assert not (Path("/tmp") / f"ym-{state.tag}").exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises((ServiceError, FileExistsError)):
        private_folder(tmp_path / "link")


def test_valkey_is_private_and_keeps_its_data(state: State) -> None:
    server = Valkey(state)
    program = server.program()
    child = direct.start(state, program)
    client = redis.Redis.from_url(server.url)
    client.rpush("queue", "work")
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert server.socket.stat().st_mode & 0o777 == 0o700
    assert wait_until(lambda: client.info("persistence")["aof_pending_bio_fsync"] == 0, 5)
    client.close()
    direct.stop(child, program)
    child = direct.start(state, program)
    client = redis.Redis.from_url(server.url)
    assert client.lrange("queue", 0, -1) == [b"work"]
    client.close()
    direct.stop(child, program)


class Robot:
    """An MQTT client that notes what arrives."""

    def __init__(self, port: int, user: str, password: str) -> None:
        self.got: list[str] = []
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self.client.username_pw_set(user, password)
        self.client.on_message = lambda _c, _u, message: self.got.append(message.topic)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert wait_until(self.client.is_connected, 5)

    def subscribe(self, *topics: str) -> None:
        done: list[Any] = []
        self.client.on_subscribe = lambda *arguments: done.append(arguments)
        self.client.subscribe([(topic, 1) for topic in topics])
        assert wait_until(lambda: done, 5)

    def publish(self, topic: str) -> None:
        self.client.publish(topic, "x", 1).wait_for_publish(5)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


def access_rules_hold(broker: mqtt.Broker) -> None:
    """By effect: MQTT 3.1.1 acknowledges what it then drops."""
    password = broker.users()
    fleet = Robot(broker.fleet_port, "fleet", password["fleet"])
    first, second = (Robot(broker.port, user, password[user]) for user in ("T-01", "T-02"))
    fleet.subscribe("#")
    first.subscribe("uagv/v2/maker/T-01/order", "yardmaster/v1/+/lease")
    second.subscribe("uagv/v2/maker/T-01/order", "uagv/v2/#", "yardmaster/v1/+/lease")
    strange = ("uagv/v2/maker/T-02/state", "uagv/v2/maker/T-01/order", "vda5050/v3/maker/T-01/responses")
    for topic in (*strange, "yardmaster/v1/demo/stop", "yardmaster/v1/demo/lease", "other"):
        first.publish(topic)
    first.publish("uagv/v2/maker/T-01/state")
    first.publish("vda5050/v3/maker/T-01/state")
    fleet.publish("uagv/v2/maker/T-01/order")
    fleet.publish("yardmaster/v1/demo/lease")
    try:
        assert wait_until(lambda: len(first.got) >= 2 and len(fleet.got) >= 4 and second.got, 5)
        # Order is kept per connection, so what was dropped above would have arrived before these.
        own = ["uagv/v2/maker/T-01/order", "uagv/v2/maker/T-01/state", "vda5050/v3/maker/T-01/state"]
        assert sorted(fleet.got) == [*own, "yardmaster/v1/demo/lease"]
        assert sorted(first.got) == ["uagv/v2/maker/T-01/order", "yardmaster/v1/demo/lease"]
        assert second.got == ["yardmaster/v1/demo/lease"]
    finally:
        for robot in (fleet, first, second):
            robot.close()


def test_mosquitto_keeps_robots_apart(mosquitto: RunningBroker) -> None:
    access_rules_hold(mosquitto.broker)
    assert not mqtt.answers(f"mqtt://127.0.0.1:{mosquitto.port}"), "nobody may log in without a name"
    assert not mqtt.answers(f"mqtt://T-01:{mosquitto.password('T-02')}@127.0.0.1:{mosquitto.port}")


def test_nobody_cuts_another_robots_or_the_fleets_connection_by_naming_its_client_id(mosquitto: RunningBroker) -> None:
    """A broker drops the older of two connections with one client id; Mosquitto 2.0 does not ask who they are."""
    fleet = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="yardmaster-link-1")
    fleet.username_pw_set("fleet", mosquitto.password("fleet"))
    cut: list[str] = []
    fleet.on_disconnect = lambda *_: cut.append("fleet")
    fleet.connect("127.0.0.1", mosquitto.broker.fleet_port)
    fleet.loop_start()
    assert wait_until(fleet.is_connected, 5)
    victim = Robot(mosquitto.port, "T-01", mosquitto.password("T-01"))
    victim.client.on_disconnect = lambda *_: cut.append("robot")
    for client_id in ("T-01", "yardmaster-link-1"):
        thief = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=client_id)
        thief.username_pw_set("T-02", mosquitto.password("T-02"))
        thief.connect("127.0.0.1", mosquitto.port)
        thief.loop_start()
        assert wait_until(thief.is_connected, 5)
        thief.disconnect()
        thief.loop_stop()
    assert victim.client.is_connected() and fleet.is_connected() and cut == []
    victim.close()
    fleet.disconnect()
    fleet.loop_stop()
    login = f"mqtt://fleet:{mosquitto.password('fleet')}@127.0.0.1:{mosquitto.port}"
    assert not mqtt.answers(login), "the fleet's login is not for robots' port"
    assert not mqtt.answers(mosquitto.url.replace("fleet:", "T-01:")), "nor a robot's for the fleet's"


def test_mosquitto_lets_new_robots_in_without_a_restart(mosquitto: RunningBroker) -> None:
    new = f"mqtt://N-01:{mqtt.robot_password(mosquitto.broker.secret, 'N-01')}@127.0.0.1:{mosquitto.port}"
    assert not mqtt.answers(new)
    mosquitto.broker.admit(["N-01"], mosquitto.child.pid)
    assert wait_until(lambda: mqtt.answers(new), 5)


def test_a_robot_that_is_admitted_gets_its_topics_without_a_new_login(mosquitto: RunningBroker) -> None:
    state, broker = mosquitto.broker.state, mosquitto.broker
    fleet = Robot(broker.fleet_port, "fleet", mosquitto.password("fleet"))
    fleet.subscribe("uagv/v2/acme/NEW/#")
    assert mqtt.admit_robot(state, broker_rules.invited("NEW", manufacturer="acme"))
    password = mqtt.robot_password(broker.secret, "NEW")
    login = f"mqtt://NEW:{password}@127.0.0.1:{broker.port}"
    assert wait_until(lambda: mqtt.answers(login), 5)
    robot = Robot(broker.port, "NEW", password)
    robot.subscribe("uagv/v2/acme/NEW/order")
    robot.publish("uagv/v2/acme/NEW/visualization")
    robot.publish("uagv/v2/acme/NEW/state")
    fleet.publish("uagv/v2/acme/NEW/order")
    assert wait_until(lambda: len(fleet.got) >= 2, 5)
    assert set(fleet.got) == {"uagv/v2/acme/NEW/state", "uagv/v2/acme/NEW/order"} and robot.got == []
    assert mqtt.admit_robot(state, broker_rules.Access("NEW", ("uagv/v2/acme/NEW",)))

    def heard() -> bool:
        fleet.publish("uagv/v2/acme/NEW/order")
        robot.publish("uagv/v2/acme/NEW/visualization")
        return bool(robot.got) and "uagv/v2/acme/NEW/visualization" in fleet.got

    try:
        assert wait_until(heard, 5)
        mqtt.dismiss_robot(state, "NEW")
        assert wait_until(lambda: not mqtt.answers(login), 5)
        assert "NEW" not in broker.users()
    finally:
        robot.close()
        fleet.close()


def test_amqtt_has_the_same_rules_and_says_what_it_is(state: State) -> None:
    broker = mqtt.Broker(state, ("T-01", "T-02"), source="amqtt", wanted_port=0)
    program = broker.program()
    assert broker.notice is not None
    assert "demonstration only" in broker.notice
    child = direct.start(state, program)
    try:
        access_rules_hold(broker)
        assert not mqtt.answers(broker.url.replace("fleet:", "fleet:x"))
    finally:
        direct.stop(child, program)


@pytest.mark.slow
def test_mosquitto_downloaded_and_unpacked_without_installing(state: State) -> None:
    require(apt.shutil.which("apt-get") and apt.shutil.which("dpkg-deb"), "not a system with apt")
    try:
        apt.unpacked("mosquitto", state.root / "mosquitto")
    except apt.Unavailable as error:
        require(False, f"the distribution's packages cannot be reached: {error}")
    broker = mqtt.Broker(state, ("T-01", "T-02"), source="download", wanted_port=0)
    program = broker.program()
    (binary,) = (part for part in program.argv if part.endswith("/mosquitto"))
    assert binary.startswith(str(state.home))
    child = direct.start(state, program)
    access_rules_hold(broker)
    direct.stop(child, program)


@pytest.mark.parametrize("serial", ["R:1", "R\n1", "R/1", "+", "", "R#", "fleet", "yardmaster-link-1"])
def test_serials_that_would_break_the_password_file_or_the_rules_are_refused(state: State, serial: str) -> None:
    with pytest.raises(ServiceError, match=r"cannot be an MQTT user name|a name of the fleet"):
        mqtt.Broker(state, (serial,))


def test_the_password_hash_is_what_mosquitto_passwd_writes(tmp_path: Path) -> None:
    tool = apt.shutil.which("mosquitto_passwd")
    require(tool, "no mosquitto_passwd on PATH")
    path = tmp_path / "passwords"
    subprocess.run([str(tool), "-c", "-b", str(path), "user", "secret"], check=True, capture_output=True)
    theirs = path.read_text().strip().removeprefix("user:")
    _, kind, iterations, salt, _ = theirs.split("$")
    assert (kind, int(iterations)) == ("7", broker_rules.ITERATIONS)
    import base64

    assert broker_rules.hashed("secret", base64.b64decode(salt)) == theirs


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_taken_port_is_replaced_by_a_free_one_that_is_remembered(state: State, taken_port: int) -> None:
    port = ports.choose(state, "mqtt", taken_port)
    assert port != taken_port
    assert ports.choose(state, "mqtt", taken_port) == port
    assert json.loads((state.root / "remembered.json").read_text()) == {"port.mqtt": port}


def test_an_external_service_that_does_not_answer_is_named_without_its_password(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "MQTT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MQTT_URL", "mqtt://fleet:hush@127.0.0.1:1")
    chosen = services.choose(state, ("R-01",))
    assert [program.name for program in chosen.programs] == ["postgres", "valkey"]
    with pytest.raises(ServiceError) as error:
        chosen.check_external()
    assert "MQTT_URL" in str(error.value)
    assert "hush" not in str(error.value)


def test_a_frozen_broker_does_not_block_the_readiness_check() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        began = time.monotonic()
        assert not mqtt.answers(f"mqtt://a:b@127.0.0.1:{silent.getsockname()[1]}", seconds=0.2)
        assert time.monotonic() - began < 2
