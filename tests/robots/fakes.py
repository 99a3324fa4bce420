"""A robot that speaks VDA 5050 over a real broker from inside the test, and a broker to speak over."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from robots.core.vda5050.events import PauseRequested
from robots.core.vda5050.reports import Connection, ConnectionState, Factsheet
from robots.core.vda5050.robot_side import RobotSettings, RobotSide
from robots.mqtt import Mqtt, Will

FACTSHEET = Factsheet(
    series_name="fake",
    kinematic="DIFF",
    robot_class="CARRIER",
    maximum_load_mass=100,
    maximum_speed=1.5,
    maximum_acceleration=1,
    maximum_deceleration=1,
    maximum_height=1,
    width=0.6,
    length=0.8,
)


def eventually(condition: Callable[[], object], seconds: float = 5.0, what: str = "") -> None:
    """Return as soon as `condition` holds; fail after `seconds`. For what real processes and sockets do."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"did not happen within {seconds} s: {what or condition}"
        threading.Event().wait(0.005)


class FakeRobot:
    """Obeys pause and resume at once unless `deaf`; drives nowhere by itself. Use `with`."""

    def __init__(
        self, serial: str, url: str, *, x: float = 1.0, y: float = 1.0, deaf: bool = False,
        settings: RobotSettings | None = None,
    ) -> None:  # fmt: skip
        self.serial, self.deaf = serial, deaf
        self.lock = threading.RLock()
        self.received: list[tuple[float, str, bytes]] = []
        self.side = RobotSide(serial, "acme", FACTSHEET, settings or RobotSettings(state_interval=1.0))
        self.side.set_pose(x, y, 0.0, "floor-1")
        self.side.set_battery(80.0, False)
        topic, payload, qos, retain = self.side.will(time.time())
        self.mqtt = Mqtt(f"fake-{serial}", url, self._message, will=Will(topic, payload, qos, retain))
        for topic, qos in self.side.subscriptions():
            self.mqtt.subscribe(topic, qos=qos)

    def __enter__(self) -> FakeRobot:
        self.mqtt.start()
        assert self.mqtt.wait_connected(5)
        with self.lock:
            self.side.connected(time.time())
            self._send()
        return self

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.side.disconnecting(time.time())
            self._send()
        self.mqtt.stop()

    def do(self, work: Callable[[RobotSide], object]) -> None:
        """Change something on the robot and let it report."""
        with self.lock:
            work(self.side)
            self.side.tick(time.time())
            self._send()

    def break_connection(self) -> None:
        """What the broker tells of a robot that vanished."""
        with self.lock:
            self.side.outbox.send(Connection(ConnectionState.CONNECTION_BROKEN), time.time())
            self._send()

    def _message(self, topic: str, payload: bytes, _retained: bool) -> None:
        self.received.append((time.monotonic(), topic, payload))
        if self.deaf:
            return
        with self.lock:
            now = time.time()
            for event in self.side.receive(topic, payload, now):
                if isinstance(event, PauseRequested):
                    self.side.set_driving(False)
            self.side.tick(now)
            self._send()

    def _send(self) -> None:
        for topic, payload, qos, retain in self.side.data_to_send():
            self.mqtt.publish(topic, payload, qos=qos, retain=retain)
