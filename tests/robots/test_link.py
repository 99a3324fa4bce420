"""Link between real robots' words over a real broker and real rows in PostgreSQL."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections, transaction

from fleet.accounts.models import Site
from fleet.listen import connection_parameters
from fleet.outbox.services import post
from robots import lease
from robots.core.frames import Status, decode
from robots.core.vda5050.actions import instant
from robots.core.vda5050.codec import encode, encode_body
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import Header, InstantActions, Node, NodePosition
from robots.core.vda5050.orders import new_order, visit
from robots.core.vda5050.reports import Connection, ConnectionState, OperatingMode
from robots.link import Link
from robots.live import snapshot_key
from robots.models import BadMessage, BrokerRefusal, Command, Factsheet, JoinRequest, Robot, RobotState, RobotType
from robots.mqtt import Mqtt
from tests.robots.fakes import FakeRobot, eventually

pytestmark = pytest.mark.django_db(transaction=True)


class Running:
    def __init__(self, link: Link) -> None:
        self.link = link
        self.thread = threading.Thread(target=link.run, daemon=True)
        link.start()
        self.thread.start()

    def stop(self) -> None:
        self.link.stop()
        self.thread.join(5)


@pytest.fixture
def site() -> Site:
    return Site.objects.create(slug="demo", name="Demo", unattended=True)


@pytest.fixture
def robot(site) -> Robot:
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1.5, length=0.8, width=0.6, max_payload=100
    )
    return Robot.objects.create(site=site, type=kind, serial="A", manufacturer="acme", name="Cart A", live_index=3)


@pytest.fixture
def link(broker, services, robot, closing) -> Link:
    running = Running(Link(mqtt_url=broker.url))
    closing(running)
    eventually(lambda: running.link.ready and running.link.robots)
    return running.link


def state() -> RobotState | None:
    return RobotState.objects.filter(robot__serial="A").first()


def send(robot: Robot, message) -> float:
    kind = "order" if hasattr(message, "nodes") else "instantActions"
    with transaction.atomic():
        post(kind="mqtt", payload={"robot": robot.pk, "type": kind, "body": encode_body(message)})
    return time.monotonic()


def standing_order(order_id: str):
    return new_order(order_id, [visit(Node("n1", 0, True, NodePosition(1.0, 1.0, "floor-1")))])


def test_what_a_robot_says_becomes_its_row(link, broker, robot):
    with FakeRobot("A", broker.url, x=4.0) as fake:
        eventually(lambda: (row := state()) and row.connection == "online" and row.state_at)
        row = state()
        assert (row.x, row.battery, row.operating_mode, row.paused) == (4.0, 80.0, "AUTOMATIC", False)
        version = row.version
        fake.do(lambda side: side.set_operating_mode(OperatingMode.MANUAL))
        eventually(lambda: state().operating_mode == "MANUAL")
        assert state().version > version
        eventually(lambda: Factsheet.objects.filter(robot=robot).count() == 1)
    eventually(lambda: state().connection == "offline")


def test_a_change_that_matters_wakes_dispatch(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        with psycopg.connect(**connection_parameters(), autocommit=True) as listening:
            listening.execute("listen yardmaster_dispatch")
            fake.do(lambda side: side.set_battery(79.8, True))
            woken = list(listening.notifies(timeout=3, stop_after=1))
    assert [notify.payload for notify in woken] == [str(robot.site_id)]


def test_an_outbox_row_is_on_the_wire_within_milliseconds_of_its_commit(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        took = []
        for number in range(20):
            before = len(fake.received)
            committed = send(robot, InstantActions((instant("stateRequest", f"ask-{number}"),)))
            eventually(lambda before=before: len(fake.received) > before)
            took.append(fake.received[before][0] - committed)
        took.sort()
        assert took[len(took) // 2] < 0.02, [round(t * 1000, 1) for t in took]


def test_an_order_is_confirmed_by_the_state_that_names_it(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        fake.do(lambda side: side.set_last_node("n1"))
        send(robot, standing_order("leg-1"))
        eventually(lambda: state().order_id == "leg-1")
        eventually(lambda: state().link["order"]["state"] in ("confirmed", "finished"))


def test_an_order_the_robot_did_not_hear_is_sent_again(link, broker, robot):
    with FakeRobot("A", broker.url, deaf=True) as fake:
        eventually(lambda: state() and state().state_at)
        send(robot, standing_order("leg-1"))
        eventually(lambda: sum(topic.endswith("/order") for _, topic, _ in fake.received) >= 2)
        first, second = [json.loads(p) for _, topic, p in fake.received if topic.endswith("/order")][:2]
        assert second["headerId"] == first["headerId"] + 1
        assert first["nodes"] == second["nodes"]
        fake.deaf = False
        eventually(lambda: state().order_id == "leg-1", seconds=8)


def test_an_unconfirmed_order_survives_a_restart_of_link(link, broker, robot, closing):
    with FakeRobot("A", broker.url, deaf=True) as fake:
        eventually(lambda: state() and state().state_at)
        send(robot, standing_order("leg-1"))
        eventually(lambda: state().link.get("side", {}).get("track"))
        link.stop()
        fake.deaf = False
        again = Running(Link(mqtt_url=broker.url))
        closing(again)
        eventually(lambda: state().order_id == "leg-1", seconds=8)


def test_an_order_that_would_break_the_protocol_is_not_sent_and_dispatch_is_told(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        body = encode_body(standing_order("leg-1")) | {"nodes": []}
        with transaction.atomic():
            row = post(kind="mqtt", payload={"robot": robot.pk, "type": "order", "body": body})
        eventually(lambda: state().link.get("order", {}).get("state") == "rejected")
        assert state().link["order"]["order_id"] == "leg-1" and state().problem
        row.refresh_from_db()
        assert row.sent_at is not None
        assert not [topic for _, topic, _ in fake.received if topic.endswith("/order")]


def test_a_command_is_followed_until_the_robot_confirms_it(link, broker, robot):
    from fleet.accounts.rights import Actor
    from robots.services import command

    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        made = command(robot=robot, kind="state_request", actor=Actor("person", "1", "anna"))
        assert made.state == "created"
        eventually(lambda: Command.objects.get(pk=made.pk).state == "effective")
        done = Command.objects.get(pk=made.pk)
        assert done.sent_at <= done.acknowledged_at <= done.finished_at
        fake.deaf = True
        made = command(robot=robot, kind="cancel_order", actor=Actor("person", "1", "anna"))
        eventually(lambda: Command.objects.get(pk=made.pk).state == "sent")
        Command.objects.filter(pk=made.pk).update(created_at=datetime.now(UTC) - timedelta(seconds=31))
        eventually(lambda: Command.objects.get(pk=made.pk).state == "timed_out")


def test_a_command_that_may_not_be_said_now_fails_with_the_reason(link, broker, robot):
    from fleet.outbox.services import post

    with FakeRobot("A", broker.url):
        eventually(lambda: state() and state().state_at)
        made = Command.objects.create(robot=robot, kind="trigger", action_id="t-1", actor="anna")
        action = {"actionType": "trigger", "actionId": "t-1", "blockingType": "NONE"}
        body = {"robot": robot.pk, "type": "instantActions", "body": {"actions": [action]}}
        post(kind="mqtt", payload=body, key="command:t-1")
        eventually(lambda: Command.objects.get(pk=made.pk).state == "failed")
        failed = Command.objects.get(pk=made.pk)
        assert failed.note and failed.finished_at and failed.sent_at is None


def test_what_takes_its_time_is_waited_for_once_it_has_begun(link, broker, robot):
    from robots.core.status import Facts
    from robots.link_rows import follow_commands

    began = datetime.now(UTC)
    slow = Command.objects.create(robot=robot, kind="download_map", action_id="m-1", actor="anna")
    quick = Command.objects.create(robot=robot, kind="log_report", action_id="l-1", actor="anna")

    def said(status):
        follow_commands(lambda pk: (Facts(), {"m-1": (status, ""), "l-1": (status, "")}), began + timedelta(seconds=40))

    said("RUNNING")
    said("RUNNING")
    assert [Command.objects.get(pk=c.pk).state for c in (slow, quick)] == ["acknowledged", "timed_out"]
    said("FINISHED")
    assert Command.objects.get(pk=slow.pk).state == "effective"


def test_a_bad_message_is_shown_and_does_no_harm(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        fake.mqtt.publish("uagv/v2/acme/A/state", b"{not json")
        eventually(lambda: "not JSON" in state().problem)
        fake.do(lambda side: side.set_battery(70.0, True))
        eventually(lambda: state().problem == "" and state().charging)
        eventually(BadMessage.objects.exists)
        kept = BadMessage.objects.get()
        assert (kept.kind, bytes(kept.payload), kept.size) == ("NOT_JSON", b"{not json", 9)


def test_who_wrote_as_another_is_recorded(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        other = Header(99, timestamp(time.time()), "2.1.0", "acme", "B")
        fake.mqtt.publish("uagv/v2/acme/A/connection", encode(Connection(ConnectionState.ONLINE), other))
        eventually(lambda: BrokerRefusal.objects.filter(kind="identity", user="A").exists())
        told = {"kind": "publish", "user": "A", "topic": "uagv/v2/acme/B/state", "count": 3}
        fake.mqtt.publish("yardmaster/v1/broker/refused", json.dumps(told))
        eventually(lambda: BrokerRefusal.objects.filter(kind="publish").exists())
        row = BrokerRefusal.objects.get(kind="publish")
        assert (row.user, row.topic, row.count, row.robot) == ("A", "uagv/v2/acme/B/state", 3, robot)
        fake.mqtt.publish("yardmaster/v1/broker/refused", b"nonsense")


def test_a_robot_under_another_prefix_is_told_to_the_engineer(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        fake.mqtt.publish("uagv/v3/acme/A/state", b"{}")
        eventually(lambda: BadMessage.objects.filter(kind="WRONG_TOPIC").exists())
        assert "its type says uagv/v2/acme/A" in BadMessage.objects.get().text
        assert not JoinRequest.objects.exists()


def test_a_robot_nobody_admitted_asks_to_join_with_what_it_says_of_itself(link, broker, robot):
    with FakeRobot("Z", broker.url, x=7.5):
        eventually(lambda: JoinRequest.objects.filter(manufacturer="acme", serial="Z").exists())
        eventually(lambda: (row := JoinRequest.objects.get()).factsheet and row.position)
        row = JoinRequest.objects.get()
        assert (row.state, row.connection, row.interface, row.major) == ("waiting", "online", "uagv", "v2")
        assert (row.factsheet["typeSpecification"]["seriesName"], row.position["x"]) == ("fake", 7.5)
    eventually(lambda: JoinRequest.objects.get().connection == "offline")
    assert not RobotState.objects.filter(robot__serial="Z").exists()


def test_a_robot_that_was_refused_stays_refused(link, broker, robot):
    at = datetime.now(UTC)
    JoinRequest.objects.create(manufacturer="acme", serial="Z", first_at=at, last_at=at, state="refused")
    with FakeRobot("Z", broker.url):
        eventually(lambda: JoinRequest.objects.get().connection == "online")
    assert JoinRequest.objects.get().state == "refused"


def test_it_goes_on_after_the_database_threw_it_out(link, broker, robot):
    with FakeRobot("A", broker.url) as fake:
        eventually(lambda: state() and state().state_at)
        with psycopg.connect(**connection_parameters(), autocommit=True) as admin:
            admin.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
        connection.close()
        fake.do(lambda side: side.set_battery(33.0, True))
        eventually(lambda: state().charging, seconds=10)
        before = len(fake.received)
        send(robot, InstantActions((instant("stateRequest", "after"),)))
        eventually(lambda: len(fake.received) > before)


class LeaseEars:
    def __init__(self, url: str) -> None:
        self.heard: list[dict] = []
        self.mqtt = Mqtt("ears", url, lambda t, p, r: self.heard.append(json.loads(p)))
        self.mqtt.subscribe(lease.topic("demo"))
        self.mqtt.start()
        assert self.mqtt.wait_connected(5)

    def stop(self) -> None:
        self.mqtt.stop()


def test_leases_are_signed_and_count_up(link, broker, closing):
    ears = closing(LeaseEars(broker.url))
    eventually(lambda: len(ears.heard) >= 3)
    key = lease.load_public_key(settings.STATE_DIR)
    assert all(lease.verify(message, key) for message in ears.heard)
    assert not lease.verify(ears.heard[0] | {"held": ["X"]}, key)
    counters = [(message["epoch"], message["counter"]) for message in ears.heard]
    assert counters == sorted(set(counters))


def test_no_lease_without_a_supervisor(link, broker, site, closing):
    ears = closing(LeaseEars(broker.url))
    eventually(lambda: ears.heard)
    Site.objects.update(unattended=False, supervised_at=datetime.now(UTC) - timedelta(hours=1))
    eventually(lambda: not link.sites[site.pk].unattended)
    count = len(ears.heard)
    eventually(lambda: link.robots, seconds=1)
    threading.Event().wait(0.8)
    assert len(ears.heard) <= count + 1
    Site.objects.update(supervised_at=datetime.now(UTC))
    eventually(lambda: len(ears.heard) > count + 2)


def test_no_lease_while_the_database_does_not_answer(link, broker, closing, monkeypatch):
    ears = closing(LeaseEars(broker.url))
    eventually(lambda: ears.heard)
    frozen = threading.Event()
    monkeypatch.setattr("robots.link_rows.watch_sites", lambda: frozen.wait(10) and [])
    monkeypatch.setattr("robots.link_store.write", lambda *_, **__: frozen.wait(10) and frozenset())
    monkeypatch.setattr("robots.link_members.Membership.renew", lambda *_, **__: frozen.wait(10))
    eventually(lambda: time.monotonic() - link._database_at > 1.05)
    count = len(ears.heard)
    threading.Event().wait(0.8)
    assert len(ears.heard) == count
    assert link._mqtt.connected, "the robots are still listened to"
    frozen.set()


def test_a_stop_on_the_retained_topic_withholds_the_lease_at_once(link, broker, closing):
    ears = closing(LeaseEars(broker.url))
    stop = {"seq": 1, "stops": [{"id": "stp_1", "scope": "robot", "serials": ["A"], "at": 1.0, "by": "x", "zone": ""}]}
    ears.mqtt.publish("yardmaster/v1/demo/stop", json.dumps(stop), qos=1, retain=True)
    eventually(lambda: ears.heard and ears.heard[-1]["held"] == ["A"], seconds=2)


def test_the_live_frames_show_it(link, broker, robot):
    with FakeRobot("A", broker.url, x=4.0, y=2.0) as fake:

        def seen():
            data = link._live._redis.get(snapshot_key(robot.site_id))
            return decode(data).blips if data else ()

        eventually(lambda: seen() and seen()[0].status is Status.IDLE)
        (blip,) = seen()
        assert (blip.index, blip.x, blip.y, blip.battery) == (3, 4.0, 2.0, 80.0)
        fake.do(lambda side: side.set_driving(True))
        eventually(lambda: seen()[0].status is Status.DRIVING)


@pytest.fixture(autouse=True)
def _no_leftover_connections() -> Iterator[None]:
    yield
    for other in connections.all():
        other.close()
    with psycopg.connect(**connection_parameters(), autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and pid <> pg_backend_pid()",
            [connection.settings_dict["NAME"]],
        )
