"""MQTT for all robots of this worker: one paho client a robot, one thread and one selector for all of them.

Only the link's thread touches a client (paho 2.2 calls back from whoever writes). The worker exchanges values with it:
`Inbound` through a queue, `Outgoing` through `send`. Every callback is guarded: one exception in a paho callback ends
the network thread while `is_connected()` stays true.
"""

from __future__ import annotations

import logging
import queue
import random
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from inference.onboard.config import Broker

log = logging.getLogger(__name__)

KEEPALIVE = 5
FIRST_BACKOFF, LONGEST_BACKOFF = 0.25, 5.0
MAX_WAITING = 20_000
"""Outgoing messages kept while the link is busy; beyond it the oldest are dropped and counted."""
MAX_PAYLOAD = 256 * 1024


@dataclass(frozen=True, slots=True)
class Outgoing:
    serial: str
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Inbound:
    """`kind` up: connected and subscribed; down: connection lost; message. `at` is the link's monotonic clock."""

    serial: str
    kind: Literal["up", "down", "message"]
    at: float
    topic: str = ""
    payload: bytes = b""
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Station:
    """One robot on the broker: what it subscribes to and what the broker says for it when it vanishes."""

    serial: str
    subscriptions: tuple[tuple[str, int], ...]
    will: Outgoing


def _guarded(function: Callable[..., None]) -> Callable[..., None]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> None:
        try:
            function(*args, **kwargs)
        except Exception:
            log.exception("in the MQTT callback %s", function.__name__)

    return call


class _Port:
    """One client. All methods run in the link's thread."""

    def __init__(self, station: Station, broker: Broker, put: Callable[[Inbound], None], delay: float) -> None:
        self.station, self.broker, self.put = station, broker, put
        self.up = False
        self.failures = 0
        self.retry_at = time.monotonic() + delay
        self.leaving = False
        self.switched_off = False
        self.unconfirmed: set[int] = set()
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=station.serial, clean_session=True, reconnect_on_failure=False
        )
        client.connect_timeout = 2.0
        will = station.will
        client.will_set(will.topic, will.payload, will.qos, will.retain)
        if credentials := broker.credentials(station.serial):
            client.username_pw_set(*credentials)
        if broker.tls:
            client.tls_set()
        client.on_connect = _guarded(self._on_connect)
        client.on_subscribe = _guarded(self._on_subscribe)
        client.on_message = _guarded(self._on_message)
        client.on_disconnect = _guarded(self._on_disconnect)
        client.on_publish = _guarded(self._on_publish)
        self.client = client

    def connect(self) -> bool:
        """Try once. On failure the next attempt is set by a growing, jittered back-off."""
        try:
            self.client.connect(self.broker.host, self.broker.port, KEEPALIVE)
            return True
        except (OSError, ValueError) as error:
            self.later(str(error))
            return False

    def later(self, why: str) -> None:
        wait = min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** min(self.failures, 10)) * random.uniform(0.5, 1.0)  # noqa: S311 (jitter, no secret)
        self.failures += 1
        if self.failures in (1, 5) or self.failures % 50 == 0:
            log.warning("%s: no MQTT connection (%s); next try in %.1f s", self.station.serial, why, wait)
        self.retry_at = time.monotonic() + wait

    def open_socket(self) -> Any:
        """The open socket, or None between connections."""
        current = self.client.socket()
        return current if current is not None and current.fileno() >= 0 else None

    def drop(self) -> None:
        """Close after a fault; the broker then sends the last will, which is the truth."""
        if (current := self.open_socket()) is not None:
            current.close()
        self._on_disconnect(self.client, None, None, "fault", None)

    def go(self) -> None:
        """Disconnect, but not before the broker has confirmed the farewell."""
        if not self.leaving and not (self.up and self.unconfirmed):
            self.leaving = True
            self.client.disconnect()

    def send(self, message: Outgoing) -> None:
        info = self.client.publish(message.topic, message.payload, message.qos, message.retain)
        if message.qos and info.rc in (mqtt.MQTT_ERR_SUCCESS, mqtt.MQTT_ERR_NO_CONN):
            self.unconfirmed.add(info.mid)

    def _on_connect(self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self.later(str(reason))
            client.disconnect()
            return
        client.subscribe(list(self.station.subscriptions))

    def _on_subscribe(self, client: mqtt.Client, userdata: Any, mid: int, reasons: Any, properties: Any) -> None:
        if any(reason.is_failure for reason in reasons):
            log.error("%s: the broker refused a subscription; check its access rules", self.station.serial)
        self.failures, self.up = 0, True
        self.put(Inbound(self.station.serial, "up", time.monotonic()))

    def _on_message(self, client: mqtt.Client, userdata: Any, message: mqtt.MQTTMessage) -> None:
        if len(message.payload) <= MAX_PAYLOAD:
            at = time.monotonic()
            self.put(Inbound(self.station.serial, "message", at, message.topic, bytes(message.payload), message.retain))

    def _on_publish(self, client: mqtt.Client, userdata: Any, mid: int, reason: Any, properties: Any) -> None:
        self.unconfirmed.discard(mid)

    def _on_disconnect(self, client: mqtt.Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:
        if self.up:
            self.up = False
            self.put(Inbound(self.station.serial, "down", time.monotonic()))
        if not self.leaving:
            self.later(str(reason))


class Link:
    """The thread. `inbox` receives `Inbound` values; `stop` says goodbye properly before it disconnects."""

    def __init__(self, broker: Broker, stations: Sequence[Station], inbox: queue.SimpleQueue[Inbound]) -> None:
        self._ports = {
            station.serial: _Port(station, broker, inbox.put, i * 0.01) for i, station in enumerate(stations)
        }
        self._waiting: deque[Outgoing] = deque(maxlen=MAX_WAITING)
        self.dropped = 0
        self._selector = selectors.DefaultSelector()
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_out.setblocking(False)
        self._wake_in.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, None)
        self._registered: dict[str, socket.socket] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="onboard-link", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, messages: Iterable[Outgoing]) -> None:
        """Hand messages to the link. QoS 0 messages of a robot that is not connected are dropped, as MQTT has it."""
        before = len(self._waiting)
        for message in messages:
            self.dropped += len(self._waiting) == MAX_WAITING
            self._waiting.append(message)
        if len(self._waiting) != before:
            self._wake()

    def stop(self, farewells: Iterable[Outgoing] = (), timeout: float = 3.0) -> None:
        """Send `farewells`, wait until they are confirmed (at most `timeout` s), disconnect, end the thread."""
        self.send(farewells)
        self._stopping.set()
        self._wake()
        self._thread.join(timeout + 1.0)

    def leave(self, serial: str) -> None:
        """Disconnect one robot for good once all it had to say is out (3.0 shutdown)."""
        self._ports[serial].switched_off = True
        self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # the buffer is full of wake-ups: the thread will look anyway
            self._wake_out.send(b"x")

    def _run(self) -> None:
        misc_at = 0.0
        while not self._stopping.is_set():
            now = time.monotonic()
            for port in self._ports.values():
                if port.switched_off:
                    if not self._waiting:  # its farewell was handed over before it was told to leave
                        self._safely(port, port.go)
                elif port.open_socket() is None and now >= port.retry_at:
                    self._safely(port, port.connect)
            if now >= misc_at:
                misc_at = now + 0.5
                for port in self._ports.values():
                    self._safely(port, port.client.loop_misc)
            self._turn(0.25)
        self._farewell(time.monotonic() + 2.0)

    def _farewell(self, until: float) -> None:
        while time.monotonic() < until and (self._waiting or any(p.up and p.unconfirmed for p in self._ports.values())):
            self._turn(0.05)
        for port in self._ports.values():
            port.leaving = True
            self._safely(port, port.client.disconnect)
        while time.monotonic() < until and any(p.open_socket() for p in self._ports.values()):
            self._turn(0.05)
        self._selector.close()

    def _turn(self, timeout: float) -> None:
        """One round: write what waits, then read what is there."""
        while self._waiting:
            message = self._waiting.popleft()
            port = self._ports[message.serial]
            self._safely(port, port.send, message)
        self._watch()
        for key, events in self._selector.select(timeout):
            port = key.data
            if port is None:
                self._drain_wakeups()
                continue
            if events & selectors.EVENT_READ:
                self._safely(port, port.client.loop_read, 20)
            if events & selectors.EVENT_WRITE:
                self._safely(port, port.client.loop_write)

    def _watch(self) -> None:
        """Bring the selector in line with the clients' sockets, which come and go."""
        for serial, known in list(self._registered.items()):  # first, because a new socket may reuse an old number
            if known is not self._ports[serial].open_socket():
                self._selector.unregister(known)
                del self._registered[serial]
        for serial, port in self._ports.items():
            if (current := port.open_socket()) is None:
                continue
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if port.client.want_write() else 0)
            if serial not in self._registered:
                self._selector.register(current, events, port)
                self._registered[serial] = current
            elif self._selector.get_key(current).events != events:
                self._selector.modify(current, events, port)

    def _drain_wakeups(self) -> None:
        try:
            while self._wake_in.recv(4096):
                pass
        except BlockingIOError:
            return

    @staticmethod
    def _safely(port: _Port, call: Callable[..., Any], *args: Any) -> None:
        """A fault of one connection must not end the others: log it and let that one reconnect."""
        try:
            call(*args)
        except Exception:
            log.exception("%s: MQTT connection dropped", port.station.serial)
            port.drop()
