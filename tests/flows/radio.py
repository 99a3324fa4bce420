"""What really goes over the air: robots' states, poses and the motion lease, read with the fleet's own login."""

from __future__ import annotations

import json
import math
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

PREFIXES = ("uagv/v2", "vda5050/v3")
"""Of the simulated robots that speak 2.1 and of those that speak 3.0."""
STEP_M, STEP_RAD = 0.03, 0.05
"""Less than this between two poses is the rounding of a robot that stands."""


@dataclass(frozen=True, slots=True)
class Pose:
    """`at`: monotonic s at which it was heard; m and rad."""

    at: float
    x: float
    y: float
    theta: float


class Radio:
    """Keeps every pose and state since it was switched on. It connects again by itself when the broker comes back."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.poses: dict[str, deque[Pose]] = {}
        self.states: dict[str, dict[str, Any]] = {}
        self.finished: set[str] = set()
        """Ids of actions that were ever reported as finished."""
        self.most_loads: dict[str, int] = {}
        """The most loads that each robot ever reported; clear it to count from now on."""
        self.running: dict[str, str] = {}
        """Serial to the id of the action it reports as running."""
        self.leases: deque[tuple[float, dict[str, Any]]] = deque(maxlen=2000)
        self._lock = threading.Lock()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"flow-test-{uuid.uuid4().hex[:8]}")
        self._client.username_pw_set(unquote(parts.username or ""), unquote(parts.password or ""))
        self._client.reconnect_delay_set(0.1, 0.5)
        self._client.on_connect = self._connected
        self._client.on_message = self._heard
        self._client.connect(parts.hostname or "127.0.0.1", parts.port or 1883)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, client: paho.Client, *_: Any) -> None:
        said = [(f"{prefix}/+/+/{name}", 0) for prefix in PREFIXES for name in ("state", "visualization")]
        client.subscribe([*said, ("yardmaster/v1/+/lease", 0)])

    def _heard(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        now = time.monotonic()
        body = json.loads(message.payload)
        with self._lock:
            if message.topic.endswith("/lease"):
                if not message.retain:
                    self.leases.append((now, body))
                return
            serial = message.topic.split("/")[3]
            if message.topic.endswith("/state"):
                self._state(serial, body)
            if at := body.get("agvPosition") or body.get("mobileRobotPosition"):
                pose = Pose(now, at["x"], at["y"], at["theta"])
                self.poses.setdefault(serial, deque(maxlen=4000)).append(pose)

    def _state(self, serial: str, body: dict[str, Any]) -> None:
        self.states[serial] = body
        self.running.pop(serial, None)
        for action in (*body.get("actionStates", ()), *body.get("instantActionStates", ())):
            if action["actionStatus"] == "FINISHED":
                self.finished.add(action["actionId"])
            elif action["actionStatus"] == "RUNNING":
                self.running[serial] = action["actionId"]
        self.most_loads[serial] = max(self.most_loads.get(serial, 0), len(body.get("loads") or ()))

    def moved(self, since: float, to: float = math.inf) -> dict[str, float]:
        """Metres (or radians) each robot went between two moments of monotonic time; those that stood are absent."""
        far = {}
        with self._lock:
            for serial, poses in self.poses.items():
                before = [pose for pose in poses if pose.at <= since][-1:]
                seen = before + [pose for pose in poses if since < pose.at <= to]
                first = seen[0] if seen else None
                gone = max((_apart(first, pose) for pose in seen), default=0.0) if first else 0.0
                if gone > 0:
                    far[serial] = round(gone, 3)
        return far

    def lease_after(self, moment: float) -> float | None:
        """When the first lease after `moment` was heard."""
        with self._lock:
            return next((at for at, _ in self.leases if at > moment), None)

    @property
    def held(self) -> set[str]:
        """The serials that the newest lease forbids to move."""
        with self._lock:
            return set(self.leases[-1][1]["held"]) if self.leases else set()


def _apart(a: Pose, b: Pose) -> float:
    metres = math.hypot(a.x - b.x, a.y - b.y)
    turn = abs(math.remainder(a.theta - b.theta, math.tau))
    return (metres if metres > STEP_M else 0.0) + (turn if turn > STEP_RAD else 0.0)
