"""A mobile robot written from the text of VDA 5050 2.0, 2.1 and 3.0 alone, as another maker would: MQTT and JSON.

It imports nothing of this product, so what both sides got wrong alike shows here.
"""

from __future__ import annotations

import json
import math
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.third_party.plain_words import Act, Habits, malformed, within

TICK_S = 0.04


@dataclass(slots=True)
class PlainRobot:
    """`version` as in headers, "2.0.0", "2.1.0" or "3.0.0". `where`: x, y in m on `map_id`, at `node`."""

    serial: str
    maker: str
    version: str
    where: tuple[float, float]
    map_id: str
    node: str
    habits: Habits = field(default_factory=Habits)
    interface: str = ""

    heard: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    order_id: str = ""
    update: int = 0
    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    passed: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    end: tuple[str, int] = ("", 0)
    acts: dict[str, Act] = field(default_factory=dict)
    instants: dict[str, Act] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    here: list[str] = field(default_factory=list)
    loads: list[dict[str, Any]] = field(default_factory=list)
    last: tuple[str, int] = ("", 0)
    mode: str = "AUTOMATIC"
    charge: float = 90.0
    charging: bool = False
    paused: bool = False
    driving: bool = False
    _headers: dict[str, int] = field(default_factory=dict)
    _seen: str = ""
    _said: float = 0.0
    _client: paho.Client | None = None
    _lock: Any = field(default_factory=threading.RLock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __post_init__(self) -> None:
        self.last = (self.node if self.habits.says_node_at_start else "", 0)
        self.interface = self.interface or ("vda5050" if self.three else "uagv")

    @property
    def three(self) -> bool:
        return self.version.startswith("3")

    @property
    def base(self) -> list[dict[str, Any]]:
        return [node for node in self.nodes if node["released"]]

    # --- the radio ----------------------------------------------------------------------------------------------------

    def topic(self, name: str) -> str:
        return f"{self.interface}/v{self.version[0]}/{self.maker}/{self.serial}/{name}"

    def connect(self, host: str, port: int, user: str, password: str) -> None:
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"{self.serial}-{time.monotonic_ns()}")
        client.username_pw_set(user, password)
        broken = "CONNECTION_BROKEN" if self.three else "CONNECTIONBROKEN"
        client.will_set(self.topic("connection"), self._text("connection", {"connectionState": broken}), 1, True)
        client.on_connect = self._connected
        client.on_message = self._message
        self._client = client
        client.connect(host, port, keepalive=5)
        client.loop_start()
        if self._thread is None:
            self._thread = threading.Thread(target=self._live, name=self.serial, daemon=True)
            self._thread.start()

    def _connected(self, client: paho.Client, *_: Any) -> None:
        client.subscribe([(self.topic("order"), 0), (self.topic("instantActions"), 0)])
        self._publish("connection", {"connectionState": "ONLINE"}, qos=1, retain=True)
        self._seen = ""

    def _message(self, _c: Any, _d: Any, message: paho.MQTTMessage) -> None:
        body = json.loads(message.payload)
        name = message.topic.rsplit("/", 1)[1]
        with self._lock:
            self.heard.append((name, body))
            if message.retain:
                self.wrong.append(f"{name} was retained")
            if body["version"] != self.version:
                self.wrong.append(f"{name} in version {body['version']}")
                return
            self._order(body) if name == "order" else self._instant(body)

    def vanish(self) -> None:
        """The radio breaks without a word; the robot goes on."""
        client, self._client = self._client, None
        if client is None:
            return
        client.on_message = None
        with suppress(OSError, AttributeError):
            client.socket().shutdown(socket.SHUT_RDWR)
        client.reconnect_delay_set(600, 600)
        threading.Thread(target=client.loop_stop, daemon=True).start()

    def restart(self) -> None:
        """Switched off and on: it knows no order any more and counts its messages from 0."""
        with self._lock:
            self.order_id, self.update, self.nodes, self.edges = "", 0, [], []
            self.acts, self.instants, self.here, self.passed, self.errors = {}, {}, [], [], []
            self._headers, self.last, self.driving = {}, ("", 0), False

    def close(self) -> None:
        self._stop.set()
        if self._client is not None:
            self._publish("connection", {"connectionState": "OFFLINE"}, qos=1, retain=True)
        self.vanish()

    def _text(self, name: str, body: dict[str, Any]) -> str:
        number = self._headers.get(name, -1) + 1
        self._headers[name] = number
        digits = "milliseconds"
        stamp = datetime.now(UTC).isoformat(timespec=digits).replace("+00:00", "Z")
        header = {"headerId": number, "timestamp": stamp, "version": self.version}
        return json.dumps({**header, "manufacturer": self.maker, "serialNumber": self.serial, **body})

    def _publish(self, name: str, body: dict[str, Any], qos: int = 0, retain: bool = False) -> None:
        if self._client is not None:
            self._client.publish(self.topic(name), self._text(name, body), qos, retain)

    # --- orders (2.1 section 6.6.4, 3.0 section 6.1.4) ----------------------------------------------------------------

    def _order(self, order: dict[str, Any]) -> None:
        if why := malformed(order, self.version, self.map_id, self.habits):
            self.wrong.append(why)
            return self._refuse(order, "validationError", "VALIDATION_FAILURE", why)
        if self.mode not in ("AUTOMATIC", "SEMIAUTOMATIC"):
            return self._refuse(order, "orderError", "MOBILE_ROBOT_NOT_AVAILABLE", f"mode is {self.mode}")
        if order["orderId"] == self.order_id:
            return self._take_update(order)
        if self.nodes or any(act.status not in ("FINISHED", "FAILED") for act in self.acts.values()):
            self.wrong.append(f"order {order['orderId']} while {self.order_id} runs")
            return self._refuse(order, "orderError", "OTHER_ORDER_ACTIVE", "another order is active")
        if self.charging and self.habits.refuses_while_charging:
            return self._refuse(order, "orderError", "MOBILE_ROBOT_NOT_AVAILABLE", "it charges")
        if self.habits.refusals > 0:
            self.habits.refusals -= 1
            return self._refuse(order, "orderError", "MOBILE_ROBOT_NOT_AVAILABLE", "not now")
        first = order["nodes"][0]
        if not within(first, self.where):
            return self._refuse(order, "noRouteError", "START_NODE_OUT_OF_RANGE", f"{first['nodeId']} is too far off")
        if order["orderUpdateId"] != 0 and not self.habits.forgets_order:
            self.wrong.append(f"order {order['orderId']} begins with update {order['orderUpdateId']}")
        self.errors.clear()
        self.order_id, self.update = order["orderId"], order["orderUpdateId"]
        self.nodes, self.edges = list(order["nodes"]), list(order["edges"])
        self.acts, self.here, self.passed = {}, [], []
        self._learn(order["nodes"] + order["edges"])
        self.taken.append(self.order_id)
        self._reach(self.nodes[0])
        return None

    def _take_update(self, order: dict[str, Any]) -> None:
        if order["orderUpdateId"] == self.update:
            return None
        if order["orderUpdateId"] < self.update:
            return self._refuse(order, "orderUpdateError", "OUTDATED_ORDER_UPDATE", "the update is old")
        stitch, base = order["nodes"][0], self.base
        end = (base[-1]["nodeId"], base[-1]["sequenceId"]) if base else self.last
        if (stitch["nodeId"], stitch["sequenceId"]) != end:
            self.wrong.append(f"update begins at {stitch['nodeId']}/{stitch['sequenceId']}, the base ends at {end}")
            return self._refuse(order, "orderUpdateError", "OUTDATED_ORDER_UPDATE", "it does not continue the base")
        self.errors.clear()
        self.update = order["orderUpdateId"]
        self.nodes = base + order["nodes"][1:]
        self.edges = [edge for edge in self.edges if edge["released"]] + order["edges"]
        self._learn(order["nodes"][1:] + order["edges"])
        return None

    def _refuse(self, order: dict[str, Any], two: str, three: str, text: str) -> None:
        about = {"orderId": order["orderId"], "orderUpdateId": str(order["orderUpdateId"])}
        self._error(three if self.three else two, "WARNING", text, about)

    def _error(self, kind: str, level: str, text: str, about: dict[str, str]) -> None:
        references = [{"referenceKey": key, "referenceValue": value} for key, value in about.items()]
        error = {"errorType": kind, "errorLevel": level, "errorDescription": text, "errorReferences": references}
        if error not in self.errors:
            self.errors.append(error)

    def _learn(self, parts: list[dict[str, Any]]) -> None:
        for part in parts:
            for action in part["actions"] if part["released"] else ():
                if action["actionId"] in self.acts:
                    self.wrong.append(f"action {action['actionId']} twice")
                self.acts[action["actionId"]] = Act(action)

    # --- instant actions (2.1 section 6.8, 3.0 section 6.2.1) ---------------------------------------------------------

    def _instant(self, body: dict[str, Any]) -> None:
        for action in body["actions"]:
            kind, name = action["actionType"], action["actionId"]
            if name in self.instants:
                continue
            if self.three and action["blockingType"] != "NONE":
                self.wrong.append(f"instant action {kind} blocks {action['blockingType']}")
            values = {p["key"]: p["value"] for p in action.get("actionParameters") or ()}
            self.instants[name] = Act(action, "FINISHED" if self._do(kind, name, values) else "FAILED")
            self._seen = ""

    def _do(self, kind: str, name: str, values: dict[str, Any]) -> bool:
        if kind == "cancelOrder":
            if not self.nodes and all(act.status in ("FINISHED", "FAILED") for act in self.acts.values()):
                word = "NO_ORDER_TO_CANCEL" if self.three else "noOrderToCancel"
                self._error(word, "WARNING", "there is no order", {"actionId": name})
                return False
            self._clear()
        elif kind in ("startPause", "stopPause"):
            self.paused = kind == "startPause"
        elif kind in ("startCharging", "stopCharging"):
            self.charging = kind == "startCharging"
        elif kind == "factsheetRequest" and self.habits.sheet is not None:
            self._publish("factsheet", self.habits.sheet, retain=True)
        elif kind in ("retry", "skipRetry"):
            act = self.acts.get(str(values.get("actionId")))
            if act is None or act.status != "RETRIABLE":
                return False
            act.status = "WAITING" if kind == "retry" else "FAILED"
        elif kind not in ("stateRequest", "factsheetRequest"):
            self._error("INVALID_INSTANT_ACTION" if self.three else "instantActionError", "WARNING", kind,
                        {"actionId": name})  # fmt: skip
            return False
        return True

    def _clear(self) -> None:
        self.nodes, self.edges, self.here, self.passed, self.driving = [], [], [], [], False
        for act in self.acts.values():
            if act.status != "FINISHED":
                act.status = "FAILED"

    # --- its life -----------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(TICK_S):
            now = time.monotonic()
            with self._lock:
                self._work(now)
                self._drive(min(now - last, 3 * TICK_S))
                self._tell(now)
            last = now

    def _reach(self, node: dict[str, Any]) -> None:
        self.nodes.remove(node)
        if self.edges and self.edges[0]["sequenceId"] < node["sequenceId"]:
            self.edges.pop(0)
        self.last, self.end = (node["nodeId"], node["sequenceId"]), (node["nodeId"], node["sequenceId"])
        if self.habits.late_nodes or self.habits.keeps_passed_nodes:
            self.passed.append((time.monotonic() + self.habits.late_nodes, node))
        self.here = [action["actionId"] for action in node["actions"]]

    def _work(self, now: float) -> None:
        """Actions of the node it stands on, one after the other: all of fleet control's are HARD or may be so."""
        if not self.habits.keeps_passed_nodes:
            self.passed = [(due, node) for due, node in self.passed if due > now]
        if self.paused:
            return
        for name in self.here:
            act = self.acts.get(name)
            if act is None or act.status in ("FINISHED", "FAILED"):
                continue
            if act.status == "WAITING":
                act.status, act.due = "RUNNING", now + self.habits.action_s
            elif act.status == "RUNNING" and now >= act.due:
                self._end(name, act)
            return
        if not self.nodes and self.order_id and all(a.status in ("FINISHED", "FAILED") for a in self.acts.values()):
            if self.habits.forgets_actions:
                self.acts = {}
            if self.habits.forgets_order and not self.passed:
                self.order_id, self.update = "", 0

    def _end(self, name: str, act: Act) -> None:
        kind = act.body["actionType"]
        if self.habits.retriable > 0 and kind in ("pick", "drop"):
            self.habits.retriable -= 1
            act.status = "RETRIABLE"
            return
        if self.habits.failures > 0 and kind in ("pick", "drop"):
            self.habits.failures -= 1
            act.status = "FAILED"
            word = "INVALID_ORDER_ACTION" if self.three else "orderActionError"
            self._error(f"{word}_GRIPPER", "WARNING", "the gripper is jammed", {"actionId": name})
            return
        act.status = "FINISHED"
        self.done.append(f"{kind} at {self.last[0]}")
        if kind == "pick":
            self.loads.append({"loadId": name, "loadType": "box"})
        elif kind == "drop" and self.loads:
            self.loads.pop()
        elif kind in ("startCharging", "stopCharging"):
            self.charging = kind == "startCharging"

    def _drive(self, seconds: float) -> None:
        blocked = any(self.acts[name].status not in ("FINISHED", "FAILED") for name in self.here if name in self.acts)
        base = self.base
        if not base or blocked or self.paused or self.charging:
            self.driving = False
            return
        goal = (base[0]["nodePosition"]["x"], base[0]["nodePosition"]["y"])
        far, step = math.dist(goal, self.where), self.habits.pace * seconds
        self.driving = True
        if step < far:
            share = step / far
            self.where = (
                self.where[0] + share * (goal[0] - self.where[0]),
                self.where[1] + share * (goal[1] - self.where[1]),
            )
            return
        self.where = goal
        self._reach(base[0])
        self.driving = bool(self.base)

    def _tell(self, now: float) -> None:
        """A state at every event (2.1 section 6.10), else only now and then."""
        body = self._state()
        moving = ("agvPosition", "mobileRobotPosition")
        events = json.dumps({key: value for key, value in body.items() if key not in moving}, sort_keys=True)
        if self._client is not None and (events != self._seen or now - self._said > self.habits.every):
            self._seen, self._said = events, now
            self._publish("state", body)

    def _state(self) -> dict[str, Any]:
        place = {"x": self.where[0], "y": self.where[1], "theta": 0.0, "mapId": self.map_id}
        parts = [*[node for _, node in self.passed], *self.nodes]
        own = [self._action(name, act) for name, act in self.acts.items()]
        instant = [self._action(name, act) for name, act in self.instants.items()][-8:]
        body: dict[str, Any] = {
            "orderId": self.order_id, "orderUpdateId": self.update,
            "lastNodeId": self.last[0], "lastNodeSequenceId": self.last[1],
            "nodeStates": [{key: node[key] for key in ("nodeId", "sequenceId", "released")} for node in parts],
            "edgeStates": [{key: edge[key] for key in ("edgeId", "sequenceId", "released")} for edge in self.edges],
            "driving": self.driving, "paused": self.paused, "operatingMode": self.mode, "errors": self.errors,
        }  # fmt: skip
        if self.habits.says_loads:
            body["loads"] = self.loads
        if self.three:
            return body | {
                "mobileRobotPosition": {**place, "localized": True}, "actionStates": own,
                "instantActionStates": instant, "zoneActionStates": [],
                "powerSupply": {"stateOfCharge": self.charge, "charging": self.charging},
                "safetyState": {"activeEmergencyStop": "NONE", "fieldViolation": False},
            }  # fmt: skip
        return body | {
            "agvPosition": {**place, "positionInitialized": True}, "actionStates": [*own, *instant],
            "batteryState": {"batteryCharge": self.charge, "charging": self.charging},
            "safetyState": {"eStop": "NONE", "fieldViolation": False},
        }  # fmt: skip

    def _action(self, name: str, act: Act) -> dict[str, Any]:
        return {"actionId": name, "actionType": act.body["actionType"], "actionStatus": act.status}
