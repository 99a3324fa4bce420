from __future__ import annotations

import threading
import time

import pytest

from robots.errors import BrokerAddressError
from robots.mqtt import Mqtt, address_of
from robots.mqtt_inbox import Inbox
from tests.robots.fakes import eventually


def test_the_address():
    address = address_of("mqtts://us%40er:p%3Aw@broker.internal")
    assert (address.host, address.port, address.user, address.password, address.tls) == (
        "broker.internal",
        8883,
        "us@er",
        "p:w",
        True,
    )
    with pytest.raises(BrokerAddressError, match="mqtt://user:password@host:1883"):
        address_of("amqp://elsewhere")


def test_a_full_inbox_drops_the_oldest_and_counts():
    inbox = Inbox(limit=2)
    for number in range(3):
        inbox.put("t", str(number).encode(), False)
    assert inbox.dropped == 1
    assert inbox.take() == [("t", b"1", False, 0.0), ("t", b"2", False, 0.0)]
    inbox.close()
    assert inbox.take() == []


def test_publishing_without_a_broker_fails_at_once_and_says_so(closing):
    mqtt = closing(Mqtt("lonely", "mqtt://u:p@127.0.0.1:1", lambda *_: None))
    mqtt.start()
    assert not mqtt.connected
    assert mqtt.publish("t", b"x") is False


def test_a_failing_handler_does_not_end_the_connection(broker, closing):
    seen = []

    def handler(topic: str, payload: bytes, retained: bool) -> None:
        seen.append(payload)
        if payload == b"bad":
            raise ValueError("from the handler")

    mqtt = closing(Mqtt("handler", broker.url, handler))
    mqtt.subscribe("news/#", qos=1)
    mqtt.start()
    assert mqtt.wait_connected(5)
    for payload in (b"bad", b"good"):
        assert mqtt.publish("news/1", payload, qos=1)
    eventually(lambda: seen == [b"bad", b"good"])


def test_it_comes_back_by_itself_and_renews_its_subscriptions(broker, closing):
    seen, ups = [], []
    mqtt = closing(Mqtt("back", broker.url, lambda t, p, r: seen.append(p), on_up=lambda: ups.append(time.monotonic())))
    mqtt.subscribe("news", qos=1)
    mqtt.start()
    assert mqtt.wait_connected(5)
    broker.stop()
    eventually(lambda: not mqtt.connected)
    assert mqtt.publish("news", b"lost") is False
    broker.start()
    eventually(lambda: mqtt.connected, seconds=15)
    assert mqtt.publish("news", b"kept", qos=1)
    eventually(lambda: seen == [b"kept"])
    assert len(ups) == 2


def test_a_dead_network_thread_is_noticed_although_the_flag_says_connected(broker, closing, monkeypatch):
    monkeypatch.setattr("robots.mqtt.HEARTBEAT_S", 0.05)
    monkeypatch.setattr("robots.mqtt.HEARTBEAT_LOST_S", 0.3)
    monkeypatch.setattr("robots.mqtt.REBUILD_AFTER_S", 0.6)
    mqtt = closing(Mqtt("dead", broker.url, lambda *_: None))
    mqtt.start()
    assert mqtt.wait_connected(5)
    release, hung = threading.Event(), mqtt._client
    hung.arrived = lambda *_: release.wait(10)
    eventually(lambda: not mqtt.connected)
    assert hung.is_connected(), "the flag still says yes"
    eventually(lambda: mqtt.connected and mqtt._client is not hung)
    release.set()


def test_a_clean_stop_sends_no_last_will(broker, closing):
    from robots.mqtt import Will

    wills = []
    watcher = closing(Mqtt("watcher", broker.url, lambda t, p, r: wills.append(p)))
    watcher.subscribe("will", qos=1)
    watcher.start()
    assert watcher.wait_connected(5)
    for _ in range(3):
        leaving = Mqtt("leaving", broker.url, lambda *_: None, will=Will("will", b"broken", retain=False))
        leaving.start()
        assert leaving.wait_connected(5)
        leaving.stop()
    watcher.publish("will", b"end", qos=1)
    eventually(lambda: wills == [b"end"])
