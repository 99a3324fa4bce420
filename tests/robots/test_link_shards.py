"""Real link processes, killed under load: what was to be sent is sent, nothing is read twice, robots go over."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from fleet.supervisor.mqtt import installed
from robots.core.vda5050.codec import encode_body
from robots.core.vda5050.messages import Node, NodePosition
from robots.core.vda5050.orders import new_order, visit
from robots.mqtt import Mqtt
from tests.bench._ingest_robots import serial
from tests.bench._ingest_stack import IngestStack
from tests.bench.ingest import Publisher
from tests.conftest import require
from tests.robots.fakes import eventually

ROBOTS = 40
TAKEOVER_S = 5.0

pytestmark = pytest.mark.slow


class Orders:
    """Every order on the wire: (order id, when)."""

    def __init__(self, url: str) -> None:
        self.heard: list[tuple[str, float]] = []
        self.mqtt = Mqtt("orders", url, self._message)
        self.mqtt.subscribe("uagv/v2/+/+/order")
        self.mqtt.start()
        assert self.mqtt.wait_connected(5)

    def _message(self, topic: str, payload: bytes, retained: bool) -> None:
        self.heard.append((json.loads(payload)["orderId"], time.monotonic()))

    def after(self, moment: float) -> set[str]:
        return {order for order, at in list(self.heard) if at > moment}


class Load:
    """States of all robots, five a second each, until it is told to end."""

    def __init__(self, stack: IngestStack) -> None:
        self.fleet = Publisher(stack.env["MQTT_URL"], ROBOTS, 10)
        self.fleet.ask("online")
        self.fleet.ask("rest")
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ends.is_set():
            self.fleet.ask("steady", 1, 5, 0)

    def end(self) -> None:
        self._ends.set()
        self._thread.join()
        self.fleet.close()


@pytest.fixture
def stack(request: pytest.FixtureRequest) -> Iterator[IngestStack]:
    require(installed(), "no mosquitto on PATH: install the package mosquitto")
    with IngestStack(ROBOTS, links=request.param) as made:
        yield made


@pytest.fixture
def load(stack: IngestStack) -> Iterator[Load]:
    made = Load(stack)
    yield made
    made.end()


@pytest.fixture
def orders(stack: IngestStack) -> Iterator[Orders]:
    made = Orders(stack.env["MQTT_URL"])
    yield made
    made.mqtt.stop()


def post(stack: IngestStack, robot: str, order_id: str) -> None:
    """As dispatch does: a row, and a word that it is there."""
    body = encode_body(new_order(order_id, [visit(Node("n1", 0, True, NodePosition(1.0, 1.0, "floor-1")))]), "2.1.0")
    with stack.database() as database, database.transaction():
        database.execute(
            "insert into outbox_message (kind, key, payload, created_at, attempts, next_try_at, error)"
            " select 'mqtt', %s, jsonb_build_object('robot', id, 'type', 'order', 'body', %s::jsonb,"
            " 'version', '2.1.0'), now(), 0, now(), '' from robots_robot where serial = %s",
            [order_id, json.dumps(body), robot],
        )
        database.execute("select pg_notify('yardmaster_outbox', 'mqtt')")


def all_sent(stack: IngestStack) -> bool:
    return not stack.one("select count(*) from outbox_message where sent_at is null")


def read_twice(stack: IngestStack) -> Any:
    return stack.one("select count(*) - count(distinct (robot_id, header_id)) from robots_history")


@pytest.mark.parametrize("stack", [1], indirect=True)
def test_a_killed_link_loses_no_order_and_reads_no_state_twice(stack: IngestStack, load: Load, orders: Orders) -> None:
    eventually(lambda: stack.counted() > 5 * ROBOTS, 20)
    sent = {f"sent-{n}" for n in range(10)}
    for n in range(10):
        post(stack, serial(n), f"sent-{n}")
    eventually(lambda: all_sent(stack), 10)
    stack.kill("link1")
    killed = time.monotonic()
    waiting = {f"waiting-{n}" for n in range(10, 20)}
    for n in range(10, 20):
        post(stack, serial(n), f"waiting-{n}")
    stack.start_link("link1")
    eventually(lambda: orders.after(killed) >= sent | waiting, 20, "orders nobody confirmed are sent again")
    assert all_sent(stack)
    before = stack.counted()
    eventually(lambda: stack.counted() > before + 2 * ROBOTS, 10)
    assert read_twice(stack) == 0
    assert "Traceback" not in stack.log("link1")


@pytest.mark.parametrize("stack", [2], indirect=True)
def test_the_robots_of_a_killed_link_are_taken_over_in_time(stack: IngestStack, load: Load, orders: Orders) -> None:
    of = "select count(*) from robots_robotlink where member like %s"
    eventually(lambda: stack.one(of, "link1.%") and stack.one(of, "link2.%"), 20, "both serve some")
    eventually(lambda: stack.one("select count(distinct robot_id) from robots_history") == ROBOTS, 20)
    theirs = stack.one(
        "select jsonb_agg(serial) from robots_robot r join robots_robotlink l on l.robot_id = r.id"
        " where l.member like 'link2.%%'"
    )
    for number, name in enumerate(theirs[:5]):
        post(stack, name, f"sent-{number}")
    eventually(lambda: all_sent(stack), 10)
    stack.kill("link2")
    killed, moment = time.monotonic(), stack.one("select now()")
    heard_again = (
        "select count(distinct robot_id) from robots_history h join robots_robot r on r.id = h.robot_id"
        " where r.serial = any(%s) and h.at > %s and exists (select from robots_robotlink l join robots_linkmember m"
        " on m.name = l.member where l.robot_id = r.id and l.member like 'link1.%%')"
    )
    eventually(lambda: stack.one(heard_again, theirs, moment) == len(theirs), TAKEOVER_S, "all are heard again")
    assert time.monotonic() - killed < TAKEOVER_S
    eventually(lambda: len(orders.after(killed)) == min(5, len(theirs)), 10, "their orders are sent again")
    stack.start_link("link2")
    eventually(lambda: stack.one(of, "link2.%") == len(theirs), 20, "it gets its share back")
    assert read_twice(stack) == 0
    assert "Traceback" not in stack.log("link1")
