"""The generated files in front of the real Mosquitto: passwords, rules, certificates, the dynamic security plugin."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest

from fleet.supervisor import direct, mqtt, ports
from fleet.supervisor.broker_rules import Access, invited, robot_password
from fleet.supervisor.process import Program, wait_until
from fleet.supervisor.state import open_state
from robots.broker import dynsec, mosquitto
from tests.conftest import require

from .authority import Authority

SECRET, FLEET_PASSWORD = "a secret", "the fleet's"
A = Access("A", ("uagv/v2/acme/A",))
B = Access("robot-b", ("vda5050/v3/Maker & Söhne/B",), onboard=True)
WITH_CERTIFICATE = Access("C", ("uagv/v2/acme/C",), certificate="ab" * 32)
NEWCOMER = invited("N", manufacturer="acme")
EVERYBODY = (A, B, WITH_CERTIFICATE, NEWCOMER)
PORTS = {"passwords": 8883, "certificates": 8884, "fleet": 8885}


@dataclass
class Brokerage:
    """A running broker by the generated configuration, on free ports."""

    authority: Authority
    ports: dict[str, int]
    clients: list[paho.Client] = field(default_factory=list)

    def connect(self, port: str, user: str, **more: Any) -> Client:
        return Client(self, port, user, **more)


class Client:
    """An MQTT client over TLS that notes what arrives; `refused` when the broker does not let it in."""

    def __init__(
        self, brokerage: Brokerage, port: str, user: str, password: str | None = None, client_id: str = "",
        pair: tuple[Path, Path] | None = None,
    ) -> None:  # fmt: skip
        self.got: list[str] = []
        self.codes: list[Any] = []
        self.cut = threading.Event()
        self.client = client = paho.Client(
            paho.CallbackAPIVersion.VERSION2, client_id=client_id, reconnect_on_failure=False
        )
        brokerage.clients.append(client)
        if user:
            client.username_pw_set(user, robot_password(SECRET, user) if password is None else password)
        crt, key = map(str, pair) if pair else (None, None)
        client.tls_set(str(brokerage.authority.certificate), crt, key, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.on_connect = lambda _c, _d, _f, reason, _p: self.codes.append(reason)
        client.on_disconnect = lambda *_: self.cut.set()
        client.on_message = lambda _c, _d, message: self.got.append(message.topic)
        with contextlib.suppress(OSError):
            client.connect("127.0.0.1", brokerage.ports[port])
            client.loop_start()
            wait_until(lambda: self.codes or self.cut.is_set(), 5)

    @property
    def refused(self) -> bool:
        return not (self.codes and self.codes[0] == 0)

    def subscribe(self, *topics: str) -> None:
        done: list[Any] = []
        self.client.on_subscribe = lambda *arguments: done.append(arguments)
        self.client.subscribe([(topic, 1) for topic in topics])
        assert wait_until(lambda: done, 5)

    def publish(self, *topics: str) -> None:
        for topic in topics:
            self.client.publish(topic, "x", 1).wait_for_publish(5)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Brokerage]]:
    """Run Mosquitto by files that `manage.py robot broker-files` writes."""
    found = mqtt.installed()
    require(found, "no mosquitto on PATH: install the package mosquitto")
    running: list[tuple[Any, Program]] = []
    made: list[Brokerage] = []

    def run(files: Any) -> Brokerage:
        folder, state = tmp_path / "broker", open_state(tmp_path / "state")
        authority = Authority(folder)
        os.replace(authority.issue("broker")[0], folder / "broker.crt")
        chosen = dict(zip(PORTS, {ports.any_free() for _ in range(40)}, strict=False))
        for name, text in files(EVERYBODY, secret=SECRET, fleet_password=FLEET_PASSWORD, folder=str(folder)).items():
            for which, port in PORTS.items():
                text = text.replace(f"listener {port}", f"listener {chosen[which]} 127.0.0.1")
            (folder / name).write_text(text + ("user root\n" if name == "mosquitto.conf" else ""))
            (folder / name).chmod(0o600)
        program = Program(
            "mosquitto", (str(found), "-c", str(folder / "mosquitto.conf")), cwd=folder,
            ready=lambda: listens(chosen["passwords"]) and listens(chosen["fleet"]),
        )  # fmt: skip
        running.append((direct.start(state, program), program))
        made.append(Brokerage(authority, chosen))
        return made[-1]

    yield run
    for brokerage in made:
        for client in brokerage.clients:
            client.disconnect()
            client.loop_stop()
    for child, program in running:
        direct.stop(child, program)


def each_keeps_to_its_own(brokerage: Brokerage) -> None:
    """By effect: MQTT 3.1.1 acknowledges what it then drops."""
    fleet = brokerage.connect("fleet", "fleet", password=FLEET_PASSWORD, client_id="yardmaster-link-1")
    a = brokerage.connect("passwords", "A", client_id="A")
    b = brokerage.connect("passwords", "robot-b", client_id="robot-b")
    newcomer = brokerage.connect("passwords", "N", client_id="N")
    fleet.subscribe("#")
    a.subscribe("uagv/v2/acme/A/#", "uagv/v2/acme/A/order")
    b.subscribe(f"{B.prefixes[0]}/zoneSet", "yardmaster/v1/+/lease")
    newcomer.subscribe("uagv/v2/acme/N/#", "uagv/v2/acme/N/instantActions")
    strange = [f"{B.prefixes[0]}/state", "uagv/v2/acme/A/order", "uagv/v2/acme/C/state", "yardmaster/v1/demo/lease"]
    a.publish(*strange, "uagv/v2/other/A/state", "uagv/v2/acme/A/state")
    b.publish("uagv/v2/acme/A/state", f"{B.prefixes[0]}/state", f"{B.prefixes[0]}/visualization")
    newcomer.publish("uagv/v2/acme/N/order", "uagv/v2/acme/A/state", "uagv/v2/other/N/state", "uagv/v2/acme/N/state")
    newcomer.publish("vda5050/v3/acme/N/connection", "vda5050/v3/acme/N/visualization")
    fleet.publish("uagv/v2/acme/A/order", "uagv/v2/acme/N/order", "uagv/v2/acme/N/instantActions")
    fleet.publish(f"{B.prefixes[0]}/zoneSet", "yardmaster/v1/demo/lease")
    robots = {
        "uagv/v2/acme/A/state", f"{B.prefixes[0]}/state", f"{B.prefixes[0]}/visualization", "uagv/v2/acme/N/state",
        "vda5050/v3/acme/N/connection",
    }  # fmt: skip
    assert wait_until(lambda: len(fleet.got) >= 10 and len(b.got) >= 2 and newcomer.got and a.got, 5), fleet.got
    assert {topic for topic in fleet.got if topic.rsplit("/", 1)[-1] not in ("order", "zoneSet", "lease")} - {
        "uagv/v2/acme/N/instantActions"
    } == robots
    assert set(a.got) == {"uagv/v2/acme/A/order"}
    assert sorted(b.got) == sorted([f"{B.prefixes[0]}/zoneSet", "yardmaster/v1/demo/lease"])
    assert set(newcomer.got) == {"uagv/v2/acme/N/instantActions"}, "nobody has admitted it: no orders"
    assert brokerage.connect("passwords", "A", password="wrong").refused
    assert brokerage.connect("passwords", "nobody", password="x").refused


def test_passwords_and_access_rules(start: Callable[..., Brokerage]) -> None:
    brokerage = start(mosquitto.files)
    each_keeps_to_its_own(brokerage)
    assert brokerage.connect("fleet", "A").refused
    assert brokerage.connect("passwords", "C").refused, "it has a certificate, so it has no password"


def test_the_dynamic_security_plugin(start: Callable[..., Brokerage]) -> None:
    require(Path(dynsec.PLUGIN).exists(), "Mosquitto's dynamic security plugin is not installed")
    brokerage = start(dynsec.files)
    each_keeps_to_its_own(brokerage)
    victim = brokerage.connect("passwords", "A")
    for port in ("passwords", "fleet"):
        brokerage.connect(port, "robot-b", client_id="A")
    assert not victim.refused and not victim.cut.wait(0.3), "nobody cuts another's connection by naming its client id"
    assert brokerage.connect("fleet", "robot-b", client_id="yardmaster-link-1").refused


def test_client_certificates_of_the_authority_and_of_another(start: Callable[..., Brokerage], tmp_path: Path) -> None:
    brokerage = start(mosquitto.files)
    fleet = brokerage.connect("fleet", "fleet", password=FLEET_PASSWORD)
    fleet.subscribe("uagv/#")
    robot = brokerage.connect("certificates", "", pair=brokerage.authority.issue("C"), client_id="somebody")
    assert not robot.refused
    robot.publish("uagv/v2/acme/A/state", "uagv/v2/acme/C/order", "uagv/v2/acme/C/state")
    assert wait_until(lambda: fleet.got, 5) and fleet.got == ["uagv/v2/acme/C/state"]
    forger = Authority(tmp_path / "forger")
    assert brokerage.connect("certificates", "", pair=forger.issue("C")).refused
    assert brokerage.connect("certificates", "C").refused, "a password is no certificate"
    unknown = brokerage.connect("certificates", "", pair=brokerage.authority.issue("stranger"))
    unknown.publish("uagv/v2/acme/C/state")
    thief = brokerage.connect("certificates", "", pair=brokerage.authority.issue("D"), client_id="C")
    assert not thief.refused and not robot.cut.wait(0.3), "a certificate is good for its own client id only"
    assert fleet.got == ["uagv/v2/acme/C/state"]
