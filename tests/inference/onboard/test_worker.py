"""The worker as it is started, with a real broker of each kind: a program by Celery, an order by MQTT, a goodbye."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from inference.contract import ProgramStep, program_to_json
from inference.onboard.app import make_app
from tests.inference.onboard.helpers import action, demo_layout, floor, header, lease, order, program, route, write_key

R = "R-01"
ROOT = Path(__file__).parents[3]
SERVICES = ("mosquitto", "redis-server")


@pytest.fixture(scope="module")
def services() -> None:
    missing = [name for name in SERVICES if shutil.which(name) is None]
    if missing and os.environ.get("YARDMASTER_REQUIRE_SERVICES") != "1":
        pytest.skip(f"not on PATH: {', '.join(missing)}")
    assert not missing, f"not on PATH: {', '.join(missing)}"


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := what():
            return value
        time.sleep(0.02)
    raise AssertionError("did not come in time")


def reachable(port: int) -> bool:
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Place:
    """Brokers and a worker in one folder; everything ends with the test."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, []  # type: ignore[var-annotated]
        self.mqtt_port, self.redis_port = free_port(), free_port()
        write_key(folder)
        (folder / "floor.json").write_text(json.dumps(floor(2)))
        conf = folder / "mosquitto.conf"
        conf.write_text(f"listener {self.mqtt_port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n")
        self.start("mosquitto", "-c", str(conf))
        redis = (
            "redis-server",
            "--port",
            str(self.redis_port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
        )
        self.start(*redis)
        wait_for(lambda: reachable(self.mqtt_port) and reachable(self.redis_port))

    @property
    def redis_url(self) -> str:
        return f"redis://127.0.0.1:{self.redis_port}/0"

    def start(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{Path(command[0]).name}.log").open("ab")
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | env, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self.start(
            sys.executable, "-m", "celery", "-A", "inference.onboard.app", "worker", "--pool", "threads", "-c", "4",
            "-Q", "onboard.R-01,onboard.R-02", "-n", "onboard@%h", "--without-gossip", "--without-mingle", "-l", "INFO",
            YARDMASTER_STATE=str(self.folder),
            YARDMASTER_SIM_FLOOR=str(self.folder / "floor.json"),
            YARDMASTER_SIM_SPEED="3",
            REDIS_URL=self.redis_url,
            MQTT_URL=f"mqtt://127.0.0.1:{self.mqtt_port}",
        )  # fmt: skip

    def close(self) -> None:
        for process in reversed(self.processes):
            process.kill()
            process.wait(10)


class Fleet:
    """Listens to one robot and leases the floor every 0.3 s while `leasing`."""

    def __init__(self, port: int) -> None:
        self.state: dict[str, Any] = {}
        self.connection: queue.Queue[str] = queue.Queue()
        self.leasing = threading.Event()
        self._end = threading.Event()
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="fleet")
        self.client.on_message = self._heard
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self.client.subscribe([(f"uagv/v2/yardmaster/{R}/state", 0), (f"uagv/v2/yardmaster/{R}/connection", 1)])
        self._thread = threading.Thread(target=self._lease, daemon=True)
        self._thread.start()

    def _heard(self, client: Any, userdata: Any, message: mqtt.MQTTMessage) -> None:
        body = json.loads(message.payload)
        if message.topic.endswith("/state"):
            self.state = body
        else:
            self.connection.put(body["connectionState"])

    def _lease(self) -> None:
        counter = 0
        while not self._end.wait(0.3):
            if self.leasing.is_set():
                counter += 1
                self.client.publish("yardmaster/v1/demo/lease", lease(counter, epoch=int(time.time())))

    def send(self, topic: str, body: dict[str, Any]) -> None:
        self.client.publish(f"uagv/v2/yardmaster/{R}/{topic}", json.dumps(body))

    def status(self, action_id: str) -> str | None:
        return {a["actionId"]: a["actionStatus"] for a in self.state.get("actionStates", [])}.get(action_id)

    def errors(self) -> set[str]:
        return {e["errorType"] for e in self.state.get("errors", [])}

    def close(self) -> None:
        self._end.set()
        self._thread.join()
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def place(services: None, tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


@pytest.fixture
def fleet(place: Place) -> Iterator[Fleet]:
    fleet = Fleet(place.mqtt_port)
    yield fleet
    fleet.close()


@pytest.mark.slow
def test_a_mission_from_celery_and_mqtt_through_a_kill_to_the_goodbye(place: Place, fleet: Fleet) -> None:
    layout = demo_layout()
    home, goal = floor(1)["robots"][0]["node"], layout.station("charger-2").nodes[0]
    client = make_app(place.redis_url)
    worker = place.worker()
    assert fleet.connection.get(timeout=30) == "ONLINE"
    wait_for(lambda: fleet.state)
    assert (place.folder / "run" / "onboard.beat").exists()

    steps = (
        ProgramStep(0, "pick", goal, "charger-2", "totes", "Totes", 2),
        ProgramStep(1, "drop", home, "parking", "totes", "Totes", 2),
    )
    body = program_to_json(program("a1", R, *steps))
    for _ in range(2):
        answer = client.send_task("onboard.accept_program", [body], queue=f"onboard.{R}", task_id="program-a1")
        assert answer.get(timeout=15) == {"attempt": "a1", "stored": True, "serial": R}

    there = route(home, goal)
    fleet.send("order", order(R, "a1.0", there, actions={goal: [action("pick", "p", attempt="a1", step=0)]}))
    wait_for(lambda: fleet.state.get("orderId") == "a1.0")
    time.sleep(0.5)
    assert fleet.state["driving"] is False, "moved without a lease"
    fleet.leasing.set()
    wait_for(lambda: fleet.state["driving"])

    worker.kill()
    worker.wait(10)
    assert fleet.connection.get(timeout=20) == "CONNECTIONBROKEN"
    worker = place.worker()
    assert fleet.connection.get(timeout=30) == "ONLINE"
    wait_for(lambda: fleet.status("p") == "FINISHED", 40)
    assert [load["loadType"] for load in fleet.state["loads"]] == ["totes", "totes"] and not fleet.errors()

    back = route(goal, home)
    fleet.send("order", order(R, "a1.1", back, actions={home: [action("drop", "d", attempt="a1", step=1)]}))
    wait_for(lambda: fleet.status("d") == "FINISHED", 40)
    assert fleet.state["loads"] == []
    fleet.send("order", order(R, "a2.0", [home], actions={home: [action("pick", "q", attempt="a2", step=0)]}))
    wait_for(lambda: fleet.status("q") == "FAILED")
    assert "programMissing" in fleet.errors()

    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0
    assert fleet.connection.get(timeout=5) == "OFFLINE"


@pytest.mark.slow
def test_a_robot_of_3_0_that_is_shut_down_leaves_the_broker_and_the_others_stay(place: Place) -> None:
    file = place.folder / "floor.json"
    plan = json.loads(file.read_text())
    plan["robots"][0]["protocol"] = "3.0.0"
    file.write_text(json.dumps(plan))
    heard: queue.Queue[tuple[str, str]] = queue.Queue()
    listener = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="listener")
    listener.on_message = lambda c, u, m: heard.put((m.topic, json.loads(m.payload)["connectionState"]))
    listener.connect("127.0.0.1", place.mqtt_port)
    listener.loop_start()
    listener.subscribe([("vda5050/v3/+/+/connection", 1), ("uagv/v2/+/+/connection", 1)])
    worker = place.worker()
    mine, other = f"vda5050/v3/yardmaster/{R}/connection", "uagv/v2/yardmaster/R-02/connection"
    assert {heard.get(timeout=30), heard.get(timeout=30)} == {(mine, "ONLINE"), (other, "ONLINE")}
    body = header(0, R) | {"version": "3.0.0", "actions": [action("shutdown", "x", "NONE")]}
    listener.publish(f"vda5050/v3/yardmaster/{R}/instantActions", json.dumps(body))
    assert heard.get(timeout=10) == (mine, "OFFLINE")
    with pytest.raises(queue.Empty):  # neither a last will nor another try to connect, longer than any back-off
        heard.get(timeout=7)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0 and heard.get(timeout=5) == (other, "OFFLINE")
    listener.disconnect()
    listener.loop_stop()
