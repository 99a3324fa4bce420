"""The fleet's MQTT connection: the only place outside the onboard worker that knows paho.

What was measured of paho 2.2 and is answered here: one exception in a callback kills its network thread for good while
`is_connected()` stays true and `publish()` keeps returning success (so every callback is wrapped, and `connected` is
judged by a message to ourselves that came back, not by the flag); `disconnect()` followed at once by `loop_stop()` may
never send DISCONNECT (so `stop` waits for it); without TCP_NODELAY a message may wait 40 ms for an acknowledgement;
its way of reading costs more than all we do with a message (so `_Client` reads by itself).
"""

from __future__ import annotations

import contextlib
import logging
import random
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.exception import MalformedPacket

from .errors import BrokerAddressError
from .mqtt_inbox import INBOX_LIMIT, Arrived, Inbox

log = logging.getLogger(__name__)

HEARTBEAT_S = 2.0
HEARTBEAT_LOST_S = 5.0
REBUILD_AFTER_S = 10.0
KEEP_ALIVE_S = 15
READ_BYTES = 256 * 1024
FULL_BYTES, MANY_BYTES = 128 * 1024, 8 * 1024
"""A read of that much was late enough, for the broker throws away what waits too long; of this much: a crowd."""
BUSY_S = 0.02
GATHER_S, GATHER_MANY_S = 0.004, 0.015
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


class _Client(paho.Client):
    """paho, reading many messages with one system call.

    paho reads each packet with at least four `recv` and builds an object for it: measured 46 us a message. Here a read
    takes what the socket has, publications of QoS 0 go straight to `arrived`, and everything else is handed to paho
    packet by packet, as if it had read it.
    """

    arrived: Callable[[str, bytes, bool, float], None]
    _partial = b""
    _read_at = float("-inf")
    _size = 0
    _partial_of: object = None

    def loop_read(self, max_packets: int = 1) -> MQTTErrorCode:
        if self._sock is None:
            return MQTTErrorCode.MQTT_ERR_NO_CONN
        if self._partial_of is not self._sock:
            self._partial, self._partial_of = b"", self._sock
        self._gather()
        try:
            data = self._sock_recv(READ_BYTES)
        except BlockingIOError:
            return MQTTErrorCode.MQTT_ERR_SUCCESS
        except OSError:
            data = b""
        if not data:
            return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_CONN_LOST)
        self._size = len(data)
        with self._msgtime_mutex:
            self._last_bytes_received = time.monotonic()
        return self._packets(self._partial + data if self._partial else data)

    def _gather(self) -> None:
        """While messages come in a stream, let some more of them come: waking up for one costs as much as reading it.

        Something to be sent ends the wait at once.
        """
        busy = self._size < FULL_BYTES and time.monotonic() - self._read_at < BUSY_S
        if busy and self._sockpairR is not None:
            with contextlib.suppress(OSError, ValueError):
                select.select([self._sockpairR], [], [], GATHER_MANY_S if self._size >= MANY_BYTES else GATHER_S)
        self._read_at = time.monotonic()

    def _packets(self, data: bytes) -> MQTTErrorCode:
        """MQTT 3.1.1 section 2.2: one byte of type and flags, the remaining length in 1 to 4 bytes, the rest."""
        start, end, now = 0, len(data), time.time()
        while end - start >= 2:
            length, shift, body = 0, 0, start + 1
            while body < end:
                byte = data[body]
                length |= (byte & 127) << shift
                body += 1
                shift += 7
                if byte < 128:
                    break
                if shift == 28:
                    return self._loop_rc_handle(MQTTErrorCode.MQTT_ERR_PROTOCOL)
            else:
                break
            stop = body + length
            if stop > end:
                break
            command = data[start]
            start = stop
            if command & 0xF6 == 0x30 and length >= 2:
                text = body + 2 + (data[body] << 8 | data[body + 1])
                with contextlib.suppress(UnicodeDecodeError):  # section 1.5.3: no topic of ours
                    self.arrived(data[body + 2 : text].decode(), data[text:stop], bool(command & 1), now)
            elif rc := self._old_way(command, data[body:stop]):
                self._partial = data[start:]
                return self._loop_rc_handle(rc)
        self._partial = data[start:]
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _old_way(self, command: int, body: bytes) -> MQTTErrorCode:
        self._in_packet = _packet(command, body)
        try:
            return self._packet_handle()
        except MalformedPacket:
            return MQTTErrorCode.MQTT_ERR_PROTOCOL
        finally:
            self._in_packet = _packet(0, b"")


def _packet(command: int, body: bytes) -> Any:
    """What paho's own reading leaves in `_in_packet` once a packet is complete."""
    return {
        "command": command,
        "have_remaining": 1 if command else 0,
        "remaining_count": [],
        "remaining_mult": 1,
        "remaining_length": len(body),
        "packet": bytearray(body),
        "to_process": 0,
        "pos": 0,
    }


class Mqtt:
    """One connection that keeps itself up. `on_message(topic, payload, retained)` runs on a thread of its own.

    `on_batch` is called instead where it is given, with all that waits: for those who have thousands a second.
    `on_up` is called each time the connection works (again), also on a thread of its own; retained messages are
    received anew then, because the session is a clean one.
    """

    def __init__(
        self,
        client_id: str,
        url: str,
        on_message: Handler | None = None,
        *,
        on_batch: Callable[[list[Arrived]], None] | None = None,
        inbox_limit: int = INBOX_LIMIT,
        will: Will | None = None,
        on_up: Callable[[], None] | None = None,
    ) -> None:
        self.client_id = client_id
        self.address = address_of(url)
        self.inbox = Inbox(inbox_limit)
        self.round_trip_s: float | None = None
        self._handler = on_message
        self._on_batch = on_batch
        self._on_up = on_up
        self._will = will
        self._filters: dict[str, int] = {}
        self._self_topic = f"{SELF_TOPIC}/{client_id}"
        self._lock = threading.RLock()
        self._client: _Client | None = None
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

    def unsubscribe(self, *filters: str) -> None:
        with self._lock:
            gone = [name for name in filters if self._filters.pop(name, None) is not None]
            if gone and self._client is not None and self._client.is_connected():
                self._client.unsubscribe(gone)

    def listen_to(self, wanted: Mapping[str, int], *, keep: tuple[str, ...] = ()) -> None:
        """Subscribe to exactly these filters (with their QoS) and to those that begin with one of `keep`.

        New ones first, so that nothing is missed where one takes the place of another.
        """
        for qos in sorted(set(wanted.values())):
            self.subscribe(*(name for name, wants in wanted.items() if wants == qos), qos=qos)
        with self._lock:
            gone = [name for name in self._filters if name not in wanted and not name.startswith(keep)]
        if gone:
            self.unsubscribe(*gone)

    def refetch(self, filters: Sequence[str]) -> None:
        """Let the broker tell again what it keeps for these filters."""
        with self._lock:
            client = self._client
            if not filters or client is None or not client.is_connected():
                return
            client.subscribe([(name, 1) for name in filters])
            if passing := [name for name in filters if name not in self._filters]:
                client.unsubscribe(passing)

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
        client = _Client(CallbackAPIVersion.VERSION2, client_id=self.client_id, protocol=paho.MQTTv311)
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
        client.arrived = partial(self._arrived, client)
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
        self.inbox.put(message.topic, bytes(message.payload), message.retain, time.time())

    def _arrived(self, client: _Client, topic: str, payload: bytes, retained: bool, at: float) -> None:
        if topic != self._self_topic:
            self.inbox.put(topic, payload, retained, at)
        elif client is self._client:
            self._guarded(self._heard)(payload)

    def _heard(self, payload: bytes) -> None:
        now = time.monotonic()
        self.round_trip_s = now - float(payload)
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
        while batch := self.inbox.take():
            if self._on_batch is not None:
                self._guarded(self._on_batch)(batch)
                continue
            if self._handler is not None:
                handler = self._guarded(self._handler)
                for topic, payload, retained, _ in batch:
                    handler(topic, payload, retained)


def _no_delay(_client: paho.Client, _data: Any, connection: Any) -> None:
    if isinstance(connection, socket.socket):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _jitter(client: paho.Client) -> None:
    """Doubling from a random start: a fleet must not come back in one instant."""
    low, high = random.uniform(0.2, 0.8), random.uniform(4.0, 8.0)  # noqa: S311 - spreads load, guards nothing
    client.reconnect_delay_set(min_delay=low, max_delay=high)  # type: ignore[arg-type]
