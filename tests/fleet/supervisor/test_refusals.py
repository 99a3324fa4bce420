"""What the broker refused is found in its log and handed to the fleet, through the broker itself."""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from fleet.supervisor import direct, mqtt
from fleet.supervisor.broker_rules import REFUSED_TOPIC
from fleet.supervisor.process import Program, wait_until
from fleet.supervisor.refusals import MOST, Follower, counted, messages, refusal_in
from fleet.supervisor.state import REPO, open_state
from tests.conftest import require

DENIED = "1795247364: Denied PUBLISH from A (d0, q1, r0, m3, 'uagv/v2/acme/B/state', ... (1 bytes))"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (DENIED, ("publish", "A", "uagv/v2/acme/B/state")),
        (
            DENIED.replace("B/state", "B's ', ... (9 bytes))/x"),
            ("publish", "A", "uagv/v2/acme/B's ', ... (9 bytes))/x"),
        ),
        ("1795247364: Sending CONNACK to 10.0.0.7 (0, 5)", ("login", "10.0.0.7", "")),
        ("1795247364: Sending CONNACK to A (0, 0)", None),
        ("1795247364: Received PUBLISH from A (d0, q0, r0, m0, '1: Denied PUBLISH from B', ... (1 bytes))", None),
        (DENIED[12:], None),
        ("", None),
    ],
)
def test_a_line_of_the_log(line: str, found: Any) -> None:
    assert refusal_in(line) == found


def test_what_is_old_is_not_told_again() -> None:
    assert refusal_in(DENIED, since=1795247364) is not None
    assert refusal_in(DENIED, since=1795247365) is None


def test_refusals_are_counted_and_a_flood_is_bounded() -> None:
    found = counted([DENIED, DENIED, "noise", *(DENIED.replace("B/", f"B{n}/") for n in range(3 * MOST))])
    said = [json.loads(payload) for _, payload in messages(found)]
    assert len(said) == MOST
    assert said[0] == {"kind": "publish", "user": "A", "topic": "uagv/v2/acme/B/state", "count": 2}


def test_the_log_is_followed_into_its_next_file(tmp_path: Path) -> None:
    log = tmp_path / "mqtt.log"
    log.write_text("old\n")
    follower = Follower(log)
    assert follower.lines() == ["old"]
    with log.open("a") as file:
        file.write("one\ntw")
    assert follower.lines() == ["one"]
    with log.open("a") as file:
        file.write("o\nthree\n")
    log.rename(tmp_path / "mqtt.log.1")
    log.write_text("four\n")
    assert follower.lines() == ["two", "three", "four"]
    log.unlink()
    assert follower.lines() == []


def test_a_log_that_is_not_there_yet_is_followed_from_its_beginning(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "mqtt.log")
    assert follower.lines() == []
    (tmp_path / "mqtt.log").write_text("one\n")
    assert follower.lines() == ["one"]


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[mqtt.Broker, Any]]:
    """A broker as `up` starts it, and what follows its log."""
    require(mqtt.installed(), "no mosquitto on PATH: install the package mosquitto")
    state = open_state(tmp_path_factory.mktemp("refusals"))
    broker = mqtt.Broker(state, ("A", "B"), source="path", wanted_port=0)
    program = broker.program()
    child = direct.start(state, program)
    argv = (sys.executable, "-m", "fleet.supervisor.refusals", str(state.logs / "mqtt.log"))
    watcher = Program("refusals", argv, env={"MQTT_URL": broker.url}, cwd=REPO)
    watching = direct.start(state, watcher)
    yield broker, child
    direct.stop(watching, watcher)
    direct.stop(child, program)
    state.reset()


def connected(url: str, user: str, password: str, **options: Any) -> paho.Client:
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, **options)
    client.username_pw_set(user, password)
    client.connect("127.0.0.1", int(url.rpartition(":")[2]))
    client.loop_start()
    assert wait_until(client.is_connected, 5)
    return client


def test_what_a_robot_writes_as_another_reaches_nobody_and_the_fleet_is_told(running: tuple[mqtt.Broker, Any]) -> None:
    broker, child = running
    heard: list[tuple[str, bytes]] = []
    fleet = connected(broker.url, "fleet", broker.users()["fleet"])
    fleet.on_message = lambda _c, _u, message: heard.append((message.topic, message.payload))
    fleet.subscribe("#")
    robot = connected(broker.robots_url, "A", broker.users()["A"], client_id="B")

    def told() -> Counter[str]:
        found: Counter[str] = Counter()
        for topic, payload in heard:
            if topic == REFUSED_TOPIC:
                body = json.loads(payload)
                found[f"{body['kind']} {body['user']} {body['topic']}"] += body["count"]
        return found

    topic = "uagv/v2/acme/B/state"
    try:
        for _ in range(3):
            robot.publish(topic, b"{}", 1).wait_for_publish(5)
        assert not mqtt.answers(f"mqtt://A:wrong@127.0.0.1:{broker.port}")
        wanted = {f"publish A {topic}": 3, "login 127.0.0.1 ": 1}
        assert wait_until(lambda: told() == wanted, 20), told()
        assert topic not in {each for each, _ in heard}
        broker.admit(["C"], child.pid)
        assert wait_until(lambda: mqtt.answers(f"mqtt://C:{broker.users()['C']}@127.0.0.1:{broker.port}"), 5)
    finally:
        for client in (robot, fleet):
            client.disconnect()
            client.loop_stop()


def test_the_broker_goes_on_without_its_filter(running: tuple[mqtt.Broker, Any]) -> None:
    import psutil

    broker, child = running
    (sieve,) = [each for each in psutil.Process(child.pid).children() if "grep" in each.name()]
    sieve.send_signal(signal.SIGKILL)
    robot = connected(broker.robots_url, "A", broker.users()["A"])
    for _ in range(50):
        robot.publish("uagv/v2/acme/B/state", b"{}", 1).wait_for_publish(5)
    assert mqtt.answers(broker.url) and child.poll() is None
    robot.disconnect()
    robot.loop_stop()
