"""The robots of `bench ingest`: prebuilt VDA 5050 2.1 messages over raw MQTT, cheap enough to be ignored.

A process of its own, `python -m tests.bench._ingest_robots`, so that its work is nobody else's: one JSON command per
line in, one JSON answer out.
"""

from __future__ import annotations

import json
import os
import random
import select
import socket
import sys
import time
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

MANUFACTURER = "bench"
NODES = 5
CONNECTED, PUBLISH = 0x20, 0x30
STEP_EVERY = 10
"""Every tenth state passes a node: other sections than the position change."""


def serial(number: int) -> str:
    return f"B{number:05d}"


def string(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def packet(kind: int, body: bytes) -> bytes:
    length, head = len(body), bytearray([kind])
    while True:
        head.append(length % 128 | (128 if length > 127 else 0))
        length //= 128
        if not length:
            return bytes(head) + body


def state_body(name: str, passed: int) -> dict[str, object]:
    """About 2.6 kB, as a robot under way says it. `passed`: nodes behind it."""
    nodes = [
        {
            "nodeId": f"aisle-{n:02d}-cross-{n:02d}",
            "sequenceId": 2 * n,
            "nodeDescription": f"crossing of aisle {n} and the main lane",
            "released": n < 5,
            "nodePosition": {"x": 10.0 + 2 * n, "y": 4.0, "theta": 0.0, "mapId": "floor-1"},
        }
        for n in range(1 + passed, 1 + NODES)
    ]
    edges = [
        {"edgeId": f"lane-{n:02d}-{n + 1:02d}", "sequenceId": 2 * n + 1, "released": n < 5}
        for n in range(passed, NODES)
    ]
    actions = [
        {
            "actionId": f"{name}-step-{n}",
            "actionType": ("pick", "drop", "move")[n % 3],
            "actionDescription": "one step of the mission",
            "actionStatus": "WAITING",
            "resultDescription": "",
        }
        for n in range(3)
    ]
    return {
        "orderId": f"att_{name}_0001",
        "orderUpdateId": 3,
        "lastNodeId": f"aisle-{passed:02d}-cross-{passed:02d}",
        "lastNodeSequenceId": 2 * passed,
        "driving": True,
        "paused": False,
        "newBaseRequest": False,
        "distanceSinceLastNode": 0.5,
        "operatingMode": "AUTOMATIC",
        "nodeStates": nodes,
        "edgeStates": edges,
        "actionStates": actions,
        "loads": [{"loadId": f"SKU-{name}", "loadType": "EPAL", "weight": 120.0}],
        "errors": [],
        "information": [
            {
                "infoType": "battery",
                "infoLevel": "INFO",
                "infoDescription": "cells balanced",
                "infoReferences": [{"referenceKey": "module", "referenceValue": "bms-1"}],
            }
        ],
        "safetyState": {"eStop": "NONE", "fieldViolation": False},
        "maps": [{"mapId": "floor-1", "mapVersion": "1", "mapStatus": "ENABLED"}],
    }


class Robot:
    """`state()` and `position()` are whole PUBLISH packets; `header` counts states, `seen` positions."""

    def __init__(self, number: int) -> None:
        self.name = serial(number)
        self.header = self.seen = 0
        self.x = 1.0 + number % 200 * 0.5
        self.y = 1.0 + number // 200 * 2.0
        base = f"uagv/v2/{MANUFACTURER}/{self.name}"
        self.topics = {kind: string(f"{base}/{kind}") for kind in ("state", "visualization", "connection")}
        whole = [json.dumps(state_body(self.name, n), separators=(",", ":")).encode()[1:] for n in range(3)]
        self.tails = [b"," + tail for tail in whole]
        self.ids = f'"version":"2.1.0","manufacturer":"{MANUFACTURER}","serialNumber":"{self.name}"'

    def rest(self) -> None:
        """It has no order from now on."""
        idle = state_body(self.name, NODES) | {"orderId": "", "orderUpdateId": 0, "actionStates": [], "driving": False}
        self.tails = [b"," + json.dumps(idle, separators=(",", ":")).encode()[1:]]

    def _head(self, header: int, now: str) -> str:
        return f'{{"headerId":{header},"timestamp":"{now}",{self.ids}'

    def _place(self) -> str:
        self.x = 1.0 + (self.x - 0.7) % 100.0
        return (
            f',"agvPosition":{{"x":{self.x:.3f},"y":{self.y:.3f},"theta":0.785,"mapId":"floor-1",'
            f'"positionInitialized":true,"localizationScore":0.97}},"velocity":{{"vx":{1 + self.x % 0.5:.3f},"vy":0,'
            '"omega":0}'
        )

    def state(self, now: str) -> bytes:
        self.header += 1
        charge = 80.0 - self.header % 400 * 0.1
        battery = f',"batteryState":{{"batteryCharge":{charge:.1f},"batteryVoltage":48.1,"charging":false,"reach":900}}'
        tail = self.tails[self.header // STEP_EVERY % len(self.tails)]
        body = (self._head(self.header, now) + self._place() + battery).encode() + tail
        return packet(PUBLISH, self.topics["state"] + body)

    def position(self, now: str) -> bytes:
        self.seen += 1
        return packet(
            PUBLISH, self.topics["visualization"] + (self._head(self.seen, now) + self._place() + "}").encode()
        )

    def online(self, now: str) -> bytes:
        body = self._head(0, now) + ',"connectionState":"ONLINE"}'
        return packet(PUBLISH, self.topics["connection"] + body.encode())


class Wires:
    """Connections to the broker; each robot has its own of them for good."""

    def __init__(self, url: str, count: int) -> None:
        parts = urlsplit(url)
        user, word = unquote(parts.username or ""), unquote(parts.password or "")
        self.sockets: list[socket.socket] = []
        for number in range(count):
            wire = socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 1883))
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            body = (
                string("MQTT")
                + bytes([4, 0xC2, 0, 0])
                + string(f"bench-{os.getpid()}-{number}")
                + string(user)
                + string(word)
            )
            wire.sendall(packet(0x10, body))
            if wire.recv(4)[:1] != bytes([CONNECTED]):
                raise RuntimeError("the broker refused a robot of the benchmark")
            self.sockets.append(wire)

    def send(self, waiting: dict[int, list[bytes]]) -> None:
        for number, packets in waiting.items():
            self.sockets[number].sendall(b"".join(packets))


def iso() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Fleet:
    def __init__(self, url: str, robots: int, connections: int) -> None:
        self.robots = [Robot(number) for number in range(robots)]
        self.wires = Wires(url, connections)

    def _to(self, number: int) -> int:
        return number % len(self.wires.sockets)

    def online(self) -> dict[str, object]:
        now = iso()
        waiting: dict[int, list[bytes]] = {}
        for number, robot in enumerate(self.robots):
            waiting.setdefault(self._to(number), []).append(robot.online(now))
        self.wires.send(waiting)
        return {}

    def rest(self) -> dict[str, object]:
        for robot in self.robots:
            robot.rest()
        return {}

    def steady(self, seconds: float, state_hz: float, visualization_hz: float) -> dict[str, object]:
        """Everybody at his own moment of the second, as in life."""
        chance = random.Random(1)
        plan: list[tuple[float, int, bool]] = []
        for number in range(len(self.robots)):
            for rate, is_state in ((state_hz, True), (visualization_hz, False)):
                if rate:
                    first = chance.random() / rate
                    plan += [(first + n / rate, number, is_state) for n in range(int(seconds * rate))]
        plan.sort()
        began, at, late = time.monotonic(), 0, 0.0
        states = 0
        while at < len(plan):
            due = time.monotonic() - began
            waiting: dict[int, list[bytes]] = {}
            now = iso()
            late = max(late, due - plan[at][0])
            while at < len(plan) and plan[at][0] <= due:
                _, number, is_state = plan[at]
                robot = self.robots[number]
                waiting.setdefault(self._to(number), []).append(robot.state(now) if is_state else robot.position(now))
                states += is_state
                at += 1
            self.wires.send(waiting)
            if at < len(plan):
                time.sleep(max(0.002, began + plan[at][0] - time.monotonic()))
        took = time.monotonic() - began
        return {"states": states, "positions": len(plan) - states, "seconds": took, "late_s": round(late, 3)}

    def burst(self, states: int) -> dict[str, object]:
        """All at once: packets made beforehand, sent as fast as the broker takes them."""
        now = iso()
        rounds = max(1, states // len(self.robots))
        queues: dict[int, list[bytes]] = {}
        for _ in range(rounds):
            for number, robot in enumerate(self.robots):
                queues.setdefault(self._to(number), []).append(robot.state(now))
        pending = {self.wires.sockets[n]: memoryview(b"".join(packets)) for n, packets in queues.items()}
        began = time.time()
        for wire in pending:
            wire.setblocking(False)
        while pending:
            _, ready, _ = select.select([], list(pending), [], 1.0)
            for wire in ready:
                sent = wire.send(pending[wire][:65536])
                pending[wire] = pending[wire][sent:]
                if not pending[wire]:
                    del pending[wire]
                    wire.setblocking(True)
        return {"states": rounds * len(self.robots), "began": began, "sent_s": round(time.time() - began, 3)}

    def one(self, robot: int, x: float) -> dict[str, object]:
        """One state of one robot at a place that nobody else is at; when it left."""
        self.robots[robot].x = x + 0.7 - 1.0
        self.wires.send({self._to(robot): [self.robots[robot].state(iso())]})
        return {"at": time.time(), "x": round(self.robots[robot].x, 3)}


def main() -> None:
    fleet: Fleet | None = None
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        if command == "start":
            fleet, answer = Fleet(*arguments), {}
        else:
            answer = getattr(fleet, command)(*arguments)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
