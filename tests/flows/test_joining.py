"""A robot that nobody knows, in front of the real processes: invited, heard, caught writing as another, admitted."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as paho
import pytest

from fleet.supervisor.process import wait_until
from fleet.supervisor.state import REPO
from robots.core.demo_site import demo_layout
from tests.flows.yard import Person, Yard, until

pytestmark = pytest.mark.slow
SERIAL, MAKER = "NEW-1", "acme"
LAYOUT = demo_layout()


class Newcomer:
    """It says that it is there and where it stands, as often as it is told to."""

    def __init__(self, url: str, password: str) -> None:
        self.count, self.got = 0, list[str]()
        self.client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="R-01")
        self.client.username_pw_set(SERIAL, password)
        self.client.on_message = lambda _c, _d, message: self.got.append(message.payload.decode())
        parts = urlsplit(url)
        self.client.connect(parts.hostname or "", parts.port or 1883)
        self.client.loop_start()
        assert wait_until(self.client.is_connected, 5)
        self.client.subscribe(f"uagv/v2/{MAKER}/{SERIAL}/#")

    def say(self, topic: str, body: dict[str, Any], *, to: str = f"{MAKER}/{SERIAL}", retain: bool = False) -> None:
        self.count += 1
        head = {
            "headerId": self.count, "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds")[:23] + "Z",
            "version": "2.1.0", "manufacturer": MAKER, "serialNumber": SERIAL,
        }  # fmt: skip
        self.client.publish(f"uagv/v2/{to}/{topic}", json.dumps(head | body), 1, retain).wait_for_publish(5)

    def stand(self, x: float, y: float) -> None:
        self.say("state", {
            "orderId": "", "orderUpdateId": 0, "lastNodeId": "", "lastNodeSequenceId": 0, "nodeStates": [],
            "edgeStates": [], "driving": False, "actionStates": [], "operatingMode": "AUTOMATIC", "errors": [],
            "batteryState": {"batteryCharge": 80.0, "charging": False}, "loads": [],
            "safetyState": {"eStop": "NONE", "fieldViolation": False},
            "agvPosition": {"x": x, "y": y, "theta": 0.0, "mapId": LAYOUT.map_id, "positionInitialized": True},
        })  # fmt: skip

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@pytest.fixture
def newcomer(yard: Yard) -> Iterator[Newcomer]:
    line = (sys.executable, str(REPO / "manage.py"), "robot", "invite", SERIAL, "--manufacturer", MAKER)
    done = subprocess.run(
        line, cwd=REPO, env={**os.environ, **yard.stack.env}, capture_output=True, text=True, check=True
    )
    said = done.stdout.split()
    robot = Newcomer(said[said.index("broker") + 1], said[said.index("password") + 1])
    yield robot
    robot.close()


def test_a_newcomer_is_heard_caught_and_sent_away(yard: Yard, newcomer: Newcomer) -> None:
    admin = Person(yard.stack.url, *(yard.stack.state / "admin.txt").read_text().split())
    states = len(yard.rows("select 1 from robots_badmessage"))
    node = next(node for node in LAYOUT.nodes if all(abs(node.x - x) + abs(node.y - y) > 3 for x, y in _poses(yard)))
    newcomer.say("connection", {"connectionState": "ONLINE"}, retain=True)
    newcomer.stand(node.x, node.y)

    def waiting() -> dict[str, Any] | None:
        rows = yard.stack.call("GET", "/api/v1/robots/joins?site=demo")["data"]
        return next((row for row in rows if row["serial"] == SERIAL and row["position"]), None)

    row = until(waiting, 20, "nobody heard it")
    assert (row["manufacturer"], row["version"], row["connection"]) == (MAKER, "2.1.0", "online")
    assert row["position"]["x"] == node.x

    # it writes as another: nothing arrives, somebody is told
    for _ in range(3):
        newcomer.say("state", {"orderId": "forged"}, to="yardmaster/R-01")

    def refusals() -> list[dict[str, Any]]:
        rows = yard.stack.call("GET", "/api/v1/broker_refusals?site=demo")["data"]
        return [each for each in rows if each["user"] == SERIAL and each["count"] >= 3]

    (refusal,) = until(refusals, 20, "the refusal was not recorded")
    assert (refusal["kind"], refusal["topic"]) == ("publish", "uagv/v2/yardmaster/R-01/state")
    assert len(yard.rows("select 1 from robots_badmessage")) == states, "its forgery has reached the link"
    assert yard.robots()["R-01"]["connection"] == "online", "it has cut nobody's connection by naming its client id"
    admin.sign_in()
    shown = admin.opener.open(yard.stack.url + "/ops/demo/", timeout=10).read().decode()
    assert f"{SERIAL} tried to write as" in shown and f"{SERIAL} wants to join" in shown

    # a person looks at the refusal, and sends it away
    admin.call("POST", f"/api/v1/broker_refusals/{refusal['id']}:seen", {"site": "demo"})
    admin.call("POST", f"/api/v1/robots/joins/{row['id']}:refuse", {"site": "demo", "reason": "not ours"})
    assert until(lambda: waiting() is None, 5)
    assert newcomer.got, "it told no factsheet and was not asked for it"
    assert all("factsheetRequest" in said for said in newcomer.got), "it was sent more before anybody had admitted it"
    heard = yard.rows("select last_at from robots_joinrequest where serial = %s", SERIAL)
    with contextlib.suppress(RuntimeError):  # the broker may have thrown it out already
        newcomer.stand(node.x, node.y)
    until(lambda: len(refusals()) == 0, 1)
    assert yard.rows("select last_at from robots_joinrequest where serial = %s", SERIAL) == heard, "its login is over"


def _poses(yard: Yard) -> list[tuple[float, float]]:
    return [(row["x_m"], row["y_m"]) for row in yard.robots().values() if row["x_m"] is not None]
