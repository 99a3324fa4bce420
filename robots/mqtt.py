"""The fleet's MQTT connection: the only place outside the onboard worker that knows paho.

What was measured of paho 2.2 and is answered here: one exception in a callback kills its network thread for good while
`is_connected()` stays true and `publish()` keeps returning success (so every callback is wrapped, and `connected` is
judged by a message to ourselves that came back, not by the flag); `disconnect()` followed at once by `loop_stop()` may
never send DISCONNECT (so `stop` waits for it); without TCP_NODELAY a message may wait 40 ms for an acknowledgement.
"""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from .errors import BrokerAddressError

log = logging.getLogger(__name__)

HEARTBEAT_S = 2.0
HEARTBEAT_LOST_S = 5.0
REBUILD_AFTER_S = 10.0
KEEP_ALIVE_S = 15
INBOX_LIMIT = 20_000
SELF_TOPIC = "yardmaster/v1/self"

Handler = Callable[[str, bytes, bool], None]


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int
    user: str | None
    password: str | None
    tls: bool


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker publishes when this connection breaks."""

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = True


def address_of(url: str) -> Address:
    """Read `mqtt://user:password@host:port` or `mqtts://...`. Raises BrokerAddressError."""
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise BrokerAddressError(f"MQTT_URL must look like mqtt://user:password@host:1883, not {parts.scheme}://...")
    tls = parts.scheme == "mqtts"
    user = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return Address(parts.hostname, parts.port or (8883 if tls else 1883), user, password, tls)


class Inbox:
    """A bounded queue between the network thread and the handler. Full: the oldest goes, and is counted."""

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self.limit = limit
        self.dropped = 0
        self._messages: deque[tuple[str, bytes, bool]] = deque()
        self._ready = threading.Condition()
        self._closed = False

    def put(self, topic: str, payload: bytes, retained: bool) -> None:
        with self._ready:
            if len(self._messages) >= self.limit:
                self._messages.popleft()
                self.dropped += 1
            self._messages.append((topic, payload, retained))
            self._ready.notify()

    def take(self) -> tuple[str, bytes, bool] | None:
        """The next message; waits for it. None when closed."""
        with self._ready:
            while not self._messages and not self._closed:
                self._ready.wait()
            return self._messages.popleft() if self._messages else None

    def close(self) -> None:
        with self._ready:
            self._closed = True
            self._messages.clear()
            self._ready.notify_all()


class Mqtt:
    """One connection that keeps itself up. `on_message(topic, payload, retained)` runs on a thread of its own.

    `on_up` is called each time the connection works (again), also on a thread of its own; retained messages are
    received anew then, because the session is a clean one.
    """

    def __init__(
        self,
        client_id: str,
        url: str,
        on_message: Handler,
        *,
        will: Will | None = None,
        on_up: Callable[[], None] | None = None,
    ) -> None:
        self.client_id = client_id
        self.address = address_of(url)
        self.inbox = Inbox()
        self.round_trip_s: float | None = None
        self._handler = on_message
        self._on_up = on_up
        self._will = will
        self._filters: dict[str, int] = {}
        self._self_topic = f"{SELF_TOPIC}/{client_id}"
        self._lock = threading.RLock()
        self._client: paho.Client | None = None
        self._heard_at = float("-inf")
        self._built_at = float("-inf")
        self._up = threading.Event()
        self._down = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._build()
        for work, name in ((self._keep, "keep"), (self._handle, "handle")):
            thread = threading.Thread(target=work, name=f"mqtt-{name}-{self.client_id}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout: float = 3.0) -> None:
        """Say goodbye to the broker (so that no last will is sent), then end the threads."""
        self._stopping.set()
        client = self._client
        if client is not None:
            self._down.clear()
            if client.is_connected() and client.disconnect() == paho.MQTT_ERR_SUCCESS:
                self._down.wait(timeout)
            client.loop_stop()
        self.inbox.close()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout)

    def subscribe(self, *filters: str, qos: int = 0) -> None:
        """Remembered, and renewed at each reconnect."""
        with self._lock:
            new = [name for name in filters if name not in self._filters]
            self._filters |= dict.fromkeys(new, qos)
            if new and self._client is not None and self._client.is_connected():
                self._client.subscribe([(name, qos) for name in new])

    # --- use ----------------------------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """True when a message to ourselves came back within the last seconds."""
        return time.monotonic() - self._heard_at < HEARTBEAT_LOST_S and self._up.is_set()

    def wait_connected(self, timeout: float) -> bool:
        return self._up.wait(timeout) and self.connected

    def publish(self, topic: str, payload: bytes | str, *, qos: int = 0, retain: bool = False) -> bool:
        """True when it was handed to a working connection. It says nothing about the receiver."""
        client = self._client
        if client is None or not self.connected:
            return False
        return bool(client.publish(topic, payload, qos=qos, retain=retain).rc == paho.MQTT_ERR_SUCCESS)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=self.client_id, protocol=paho.MQTTv311)
        client.max_queued_messages_set(INBOX_LIMIT)
        if self.address.user:
            client.username_pw_set(self.address.user, self.address.password)
        if self.address.tls:
            client.tls_set()
        if self._will:
            client.will_set(self._will.topic, self._will.payload, self._will.qos, self._will.retain)
        client.on_connect = self._guarded(self._connected)
        client.on_disconnect = self._guarded(self._disconnected)
        client.on_message = self._guarded(self._message)
        client.on_socket_open = self._guarded(_no_delay)
        _jitter(client)
        with self._lock:
            self._client, self._built_at = client, time.monotonic()
        client.connect_async(self.address.host, self.address.port, keepalive=KEEP_ALIVE_S)
        client.loop_start()

    def _guarded(self, work: Callable[..., None]) -> Callable[..., None]:
        def callback(*arguments: Any) -> None:
            try:
                work(*arguments)
            except Exception:  # an exception here would end paho's network thread for good
                log.exception("%s: %s failed", self.client_id, work.__name__)

        return callback

    def _connected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            log.warning("%s: the broker refuses: %s", self.client_id, reason)
            return
        with self._lock:
            filters = [(self._self_topic, 0), *self._filters.items()]
        client.subscribe(filters)
        self._ping(client)

    def _disconnected(self, client: paho.Client, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if client is not self._client:
            return
        self._heard_at = float("-inf")
        self._up.clear()
        self._down.set()
        _jitter(client)
        if not self._stopping.is_set():
            log.warning("%s: connection to the broker lost: %s", self.client_id, reason)

    def _message(self, client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        if message.topic != self._self_topic:
            self.inbox.put(message.topic, message.payload, message.retain)
            return
        if client is not self._client:
            return
        now = time.monotonic()
        self.round_trip_s = now - float(message.payload)
        self._heard_at = now
        if not self._up.is_set():
            self._up.set()
            if self._on_up is not None:
                threading.Thread(target=self._guarded(self._on_up), daemon=True).start()

    def _ping(self, client: paho.Client) -> None:
        client.publish(self._self_topic, repr(time.monotonic()))

    def _keep(self) -> None:
        while not self._stopping.wait(HEARTBEAT_S):
            self._guarded(self._check)()

    def _check(self) -> None:
        client, now = self._client, time.monotonic()
        if client is None:
            return
        quiet = now - max(self._heard_at, self._built_at)
        # The flag says up and the heart does not beat: the network thread is dead or hangs. It cannot be repaired.
        if quiet > (REBUILD_AFTER_S if client.is_connected() else 6 * REBUILD_AFTER_S):
            log.warning("%s: no heartbeat for %.0f s, starting over", self.client_id, quiet)
            self._up.clear()
            threading.Thread(target=client.loop_stop, daemon=True).start()
            client.disconnect()
            self._build()
        elif client.is_connected():
            self._ping(client)

    def _handle(self) -> None:
        while (message := self.inbox.take()) is not None:
            self._guarded(self._handler)(*message)


def _no_delay(_client: paho.Client, _data: Any, connection: Any) -> None:
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _jitter(client: paho.Client) -> None:
    """Doubling from a random start: a fleet must not come back in one instant."""
    low, high = random.uniform(0.2, 0.8), random.uniform(4.0, 8.0)  # noqa: S311 - spreads load, guards nothing
    client.reconnect_delay_set(min_delay=low, max_delay=high)  # type: ignore[arg-type]
