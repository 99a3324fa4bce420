"""Robots of another maker: real MQTT clients on the product's own robot side, doing what a test tells them to.

They drive straight from node to node, much faster than real ones, and know the one thing nobody else knows: where they
truly are at every moment. `Crew` moves them all in one thread and remembers how near any two ever came.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from robots.core.layout import Layout
from robots.core.vda5050.actions import ACTIONS
from robots.core.vda5050.events import BaseExtended, OrderAccepted, StartAction, StopAction
from robots.core.vda5050.reports import ActionStatus, Error, ErrorLevel, Factsheet, OperatingMode, Reference
from robots.core.vda5050.robot_side import RobotSettings, RobotSide

LENGTH_M, WIDTH_M = 0.6, 0.5
RADIUS_M = math.hypot(LENGTH_M, WIDTH_M) / 2
PACE = 6.0  # m/s
TICK_S = 0.03
ACTION_S = 0.3
OFFERED = ("pick", "drop", "startCharging", "stopCharging", "cancelOrder", "startPause", "stopPause")

SHEET = Factsheet(
    series_name="scripted",
    kinematic="DIFF",
    robot_class="CARRIER",
    maximum_load_mass=100.0,
    maximum_speed=1.5,
    maximum_acceleration=1.0,
    maximum_deceleration=1.4,
    maximum_height=1.0,
    width=WIDTH_M,
    length=LENGTH_M,
    actions=tuple(ACTIONS[name].declaration() for name in OFFERED),
)


@dataclass(frozen=True, slots=True)
class Login:
    """What `manage.py robot add` prints."""

    serial: str
    manufacturer: str
    host: str
    port: int
    password: str


class ScriptedRobot:
    """`stuck` it stands and still reports; `refuses` it turns every order down; `deaf` it does not hear anything.

    `stop_short_of`: a node; half way on the edge to it, it gets stuck.
    """

    def __init__(self, login: Login, layout: Layout) -> None:
        self.serial = login.serial
        self._login, self._layout = login, layout
        self.side = RobotSide(
            login.serial, login.manufacturer, SHEET, RobotSettings(state_interval=1.0, visualization_interval=0.2)
        )
        self.side.set_loads(())
        self.side.set_battery(90.0, False)
        self.x = self.y = self.theta = 0.0
        self.stuck = self.refuses = self.deaf = self.critical = False
        self.stop_short_of = ""
        self.orders: list[str] = []
        self.online = False
        self._inbox: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()
        self._doing: dict[str, float] = {}
        self._client: paho.Client | None = None

    # --- what a test does with it -------------------------------------------------------------------------------------

    def put(self, node: str) -> None:
        """Stand on this node, however it got there."""
        here = self._layout.node(node)
        self.x, self.y = here.x, here.y
        self.side.set_last_node(node)
        self._pose()

    def put_at(self, x: float, y: float) -> None:
        """Stand anywhere; the node it reported last stays what it was."""
        self.x, self.y = x, y
        self._pose()
        self.side.dirty = True

    def manual(self, on: bool = True) -> None:
        """A person turns the key: its order is gone at once (VDA 5050 2.1, 6.10.6)."""
        self.side.set_operating_mode(OperatingMode.MANUAL if on else OperatingMode.AUTOMATIC)
        self.side.set_driving(False)

    def error(self, level: ErrorLevel, name: str = "driveFault", text: str = "the drive reports a fault") -> None:
        """With the order it concerns, as 2.1 (6.6.4) has it for what ends an order; CRITICAL is 3.0's word for that."""
        order = self.side.route.order
        about = (Reference("orderId", order.order_id),) if order and level is ErrorLevel.WARNING else ()
        self.critical = level is ErrorLevel.CRITICAL
        self.side.add_error(Error(name, level, about, text))

    def heal(self) -> None:
        """As if a technician had been there."""
        self.stuck = self.refuses = self.deaf = self.critical = False
        self.stop_short_of = ""
        self.side.errors.clear()
        self.orders.clear()
        self.manual(on=False)
        if not self.online:
            self.connect()
        self.side.dirty = True

    @property
    def base(self) -> tuple[str, ...]:
        """Released nodes that it has still to drive to, as the robot itself has them."""
        return tuple(node.node_id for node in self.side.route.nodes_left() if node.released)

    @property
    def on_edge(self) -> bool:
        return self.side.route.edge_entered is not None

    @property
    def over(self) -> tuple[str, ...]:
        """The nodes that it is at or between."""
        route = self.side.route
        return (route.last_node_id, *self.base[:1]) if self.on_edge else (route.last_node_id,)

    # --- the radio ----------------------------------------------------------------------------------------------------

    def connect(self) -> None:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=self.serial, reconnect_on_failure=True)
        client.username_pw_set(self.serial, self._login.password)
        topic, payload, qos, retain = self.side.will(time.time())
        client.will_set(topic, payload, qos, retain)
        client.on_connect = self._connected
        client.on_message = lambda _c, _d, message: self._inbox.put((message.topic, bytes(message.payload)))
        client.reconnect_delay_set(1, 1)
        self._client = client
        client.connect(self._login.host, self._login.port, keepalive=5)
        client.loop_start()

    def _connected(self, client: paho.Client, *_: Any) -> None:
        client.subscribe(list(self.side.subscriptions()))
        self._inbox.put(("", b""))

    def vanish(self) -> None:
        """The radio breaks: no goodbye, so the broker says its last will. It drives on to the end of its base."""
        client, self._client, self.online = self._client, None, False
        if client is not None:
            client.on_message = None
            with contextlib.suppress(OSError):
                connection = client.socket()
                if connection is not None:
                    connection.shutdown(socket.SHUT_RDWR)
            client.reconnect_delay_set(600, 600)
            threading.Thread(target=client.loop_stop, daemon=True).start()

    # --- its life, in the crew's thread -------------------------------------------------------------------------------

    def step(self, seconds: float) -> None:
        now = time.time()
        while not self._inbox.empty():
            topic, payload = self._inbox.get()
            if not topic:
                self.online = True
                self.side.connected(now)
            elif not self.deaf:
                self._hear(topic, payload, now)
        self._finish(now)
        if self.stuck:
            self.side.set_driving(False)
        else:
            self._drive(seconds)
        self._start(self.side.tick(now), now)
        self._send()

    def _hear(self, topic: str, payload: bytes, now: float) -> None:
        if topic.endswith("/order"):
            order = json.loads(payload)
            if self.refuses:
                about = (("orderId", order["orderId"]), ("orderUpdateId", str(order["orderUpdateId"])))
                self.side.report_rejection("orderError", "this robot has been told to refuse", about)
                return
        events = self.side.receive(topic, payload, now)
        for event in events:
            if isinstance(event, OrderAccepted):
                self.orders.append(event.order.order_id)
            elif isinstance(event, BaseExtended):
                self.orders.append(f"{event.order_id}/{event.order_update_id}")
        self._start(events, now)

    def _start(self, events: Iterable[Any], now: float) -> None:
        for event in events:
            if isinstance(event, StartAction):
                self._doing[event.action.action_id] = now + ACTION_S
                self._start(self.side.action_state(event.action.action_id, ActionStatus.RUNNING), now)
            elif isinstance(event, StopAction):
                self._doing[event.action_id] = now

    def _finish(self, now: float) -> None:
        for action, due in list(self._doing.items()):
            if now >= due:
                del self._doing[action]
                if (entry := self.side.book.entries.get(action)) is not None and not entry.status.final:
                    self._start(self.side.action_state(action, ActionStatus.FINISHED), now)

    def _drive(self, seconds: float) -> None:
        left = PACE * seconds
        while left > 0:
            target = self.side.next_base_target()
            if target is None or not target.may_drive or target.node.position is None:
                self.side.set_driving(False)
                return
            if not target.on_edge:
                self.side.start_edge(target.edge.sequence_id)
            self.side.set_driving(True)
            goal = target.node.position
            far = math.hypot(goal.x - self.x, goal.y - self.y)
            if far > 0.001:
                self.theta = math.atan2(goal.y - self.y, goal.x - self.x)
            if target.node.node_id == self.stop_short_of:
                half = self._half(target.node.position.x, target.node.position.y)
                self.stuck, left = far - left <= half, min(left, far - half)
            if left < far:
                self.x += left * math.cos(self.theta)
                self.y += left * math.sin(self.theta)
                self._pose()
                return
            left -= far
            self.x, self.y = goal.x, goal.y
            self._pose()
            if target.must_stop:
                self.side.set_driving(False)
            self._start(self.side.reached_node(target.node.sequence_id), time.time())
            self._start(self.side.tick(time.time()), time.time())  # every corner is in some message

    def _half(self, x: float, y: float) -> float:
        """Half of the way from the last node to this place, m."""
        last = self._layout.node(self.side.route.last_node_id)
        return math.hypot(x - last.x, y - last.y) / 2

    def _pose(self) -> None:
        self.side.set_pose(self.x, self.y, self.theta, self._layout.map_id)

    def _send(self) -> None:
        for topic, payload, qos, retain in self.side.data_to_send():
            if self._client is not None and self.online:
                if self.critical and topic.endswith("/state"):
                    payload = payload.replace(b'"errorLevel":"WARNING"', b'"errorLevel":"CRITICAL"')
                self._client.publish(topic, payload, qos, retain)


class Crew:
    """All scripted robots, moved in one thread. `closest`: the nearest that two of them ever were, and which."""

    def __init__(self, robots: Iterable[ScriptedRobot]) -> None:
        self.robots = {robot.serial: robot for robot in robots}
        self.closest: tuple[float, str] = (math.inf, "")
        self.fault: BaseException | None = None
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="crew", daemon=True)
        self._thread.start()

    def __getitem__(self, serial: str) -> ScriptedRobot:
        return self.robots[serial]

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        for robot in self.robots.values():
            robot.vanish()

    def do(self, work: Callable[[], Any]) -> Any:
        """Something between two moments of the robots' life."""
        with self._lock:
            return work()

    def forget_distances(self) -> None:
        with self._lock:
            self.closest = (math.inf, "")

    def _run(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(TICK_S):
            now = time.monotonic()
            seconds, last = min(now - last, 3 * TICK_S), now  # a machine that was busy does not make them jump
            try:
                with self._lock:
                    for robot in self.robots.values():
                        robot.step(seconds)
                    self._look()
            except Exception as fault:
                self.fault = fault
                raise

    def _look(self) -> None:
        placed = [robot for robot in self.robots.values() if robot.side.position is not None]
        for a, b in itertools.combinations(placed, 2):
            apart = math.hypot(a.x - b.x, a.y - b.y)
            if apart < self.closest[0]:
                where = f"{a.serial} at {a.x:.2f},{a.y:.2f} {a.over} and {b.serial} at {b.x:.2f},{b.y:.2f} {b.over}"
                self.closest = (apart, where)
