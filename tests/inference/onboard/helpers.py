"""A fleet of the test's own: raw VDA 5050 messages, signed leases, and a runtime on a clock that the test turns."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from inference.contract import Envelope, MissionProgram, Policy, ProgramStep
from inference.onboard.config import Broker, Config
from inference.onboard.journal import Journals
from inference.onboard.link import Inbound, Outgoing
from inference.onboard.runtime import TICK, Runtime
from robots.core.demo_site import demo_layout, demo_robots
from robots.core.layout import layout_to_json
from robots.core.safety import lease_text
from robots.core.vda5050.topics import Topic

ENVELOPE = Envelope("1", 1.4, 1.5, 0.7, 100.0, 0.5, 0.5)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
MANUFACTURER = "yardmaster"


def lease(counter: int, *, site: str = "demo", epoch: int = 1, ttl_ms: int = 1500, held: tuple[str, ...] = ()) -> bytes:
    message: dict[str, Any] = {"site": site, "epoch": epoch, "counter": counter, "ttl_ms": ttl_ms, "held": list(held)}
    return json.dumps(message | {"sig": base64.b64encode(KEY.sign(lease_text(message))).decode()}).encode()


def write_key(state: Path) -> None:
    (state / "keys").mkdir(parents=True, exist_ok=True)
    (state / "keys" / "lease.pub").write_text(KEY.public_key().public_bytes_raw().hex())


def floor(count: int = 2, protocol: str = "2.1.0", **more: Any) -> dict[str, Any]:
    layout = demo_layout()
    place = {"manufacturer": MANUFACTURER, "battery": 80.0, "protocol": protocol}
    robots = [{"serial": r.id, "type": r.kind, "node": r.node, **place} for r in demo_robots(count)]
    return {"site": "demo", "layout": layout_to_json(layout), "robots": robots, "seed": 3, "crossers": 0, **more}


def config(
    state: Path, floor_data: dict[str, Any], *, port: int = 1, instant: bool = False, speed: float = 1.0
) -> Config:
    return Config(
        state=state,
        broker=Broker("127.0.0.1", port, False, None, None, None),
        site="demo",
        floor=floor_data,
        serials=tuple(r["serial"] for r in floor_data["robots"]),
        speed=speed,
        instant=instant,
    )


def program(attempt: str, serial: str, *steps: ProgramStep, envelope: Envelope = ENVELOPE) -> MissionProgram:
    return MissionProgram(attempt, "m1", serial, "bring it", "compact-0", envelope, steps)


def header(number: int, serial: str) -> dict[str, Any]:
    return {
        "headerId": number,
        "timestamp": "2026-01-01T00:00:00.000Z",
        "version": "2.1.0",
        "manufacturer": MANUFACTURER,
        "serialNumber": serial,
    }


def route(start: str, end: str) -> list[str]:
    """Node ids of a shortest way by number of lanes."""
    onward: dict[str, list[str]] = {}
    for edge in demo_layout().edges:
        onward.setdefault(edge.start, []).append(edge.end)
    came: dict[str, str | None] = {start: None}
    frontier = [start]
    while frontier and end not in came:
        node = frontier.pop(0)
        for following in onward.get(node, []):
            if following not in came:
                came[following] = node
                frontier.append(following)
    way, at = [], end
    while at is not None:
        way.append(at)
        at = came[at]  # type: ignore[assignment]
    return way[::-1]


def action(kind: str, action_id: str, blocking: str = "HARD", **parameters: Any) -> dict[str, Any]:
    return {
        "actionType": kind,
        "actionId": action_id,
        "blockingType": blocking,
        "actionParameters": [{"key": k, "value": v} for k, v in parameters.items()],
    }


def order(
    serial: str,
    order_id: str,
    nodes: list[str],
    *,
    actions: dict[str, list[dict[str, Any]]] | None = None,
    update: int = 0,
    first: int = 0,
    released: int | None = None,
) -> dict[str, Any]:
    """`first`: sequence id of the first node; `released`: how many of `nodes` are base, all by default."""
    place = {n.id: n for n in demo_layout().nodes}
    base = len(nodes) if released is None else released
    return header(update, serial) | {
        "orderId": order_id,
        "orderUpdateId": update,
        "nodes": [
            {
                "nodeId": n,
                "sequenceId": first + 2 * i,
                "released": i < base,
                "nodePosition": {"x": place[n].x, "y": place[n].y, "mapId": "floor-1"},
                "actions": (actions or {}).get(n, []),
            }
            for i, n in enumerate(nodes)
        ],
        "edges": [
            {
                "edgeId": f"{a}>{b}",
                "sequenceId": first + 2 * i + 1,
                "released": i + 1 < base,
                "startNodeId": a,
                "endNodeId": b,
                "actions": [],
            }
            for i, (a, b) in enumerate(pairwise(nodes))
        ],
    }


class Wire:
    """In the link's place: keeps what the robots say."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.left: list[str] = []

    def send(self, messages: list[Outgoing]) -> None:
        for m in messages:
            self.sent.append((m.serial, m.topic.rsplit("/", 1)[-1], json.loads(m.payload)))

    def start(self) -> None:
        """Nothing to start."""

    def leave(self, serial: str) -> None:
        self.left.append(serial)

    def stop(self, farewells: list[Outgoing] = []) -> None:  # noqa: B006
        self.send(list(farewells))

    def states(self, serial: str) -> list[dict[str, Any]]:
        return [body for s, topic, body in self.sent if s == serial and topic == "state"]


class Bench:
    """A runtime driven tick by tick. The wall clock runs along with the monotonic one."""

    def __init__(self, state: Path, policy: Policy, floor_data: dict[str, Any] | None = None, **options: Any) -> None:
        self.now, self.counter = 1000.0, 0
        self.state = state
        write_key(state)
        self.journals = Journals(state)
        self.config = config(state, floor_data or floor(), **options)
        self.config.beat.parent.mkdir(parents=True, exist_ok=True)
        self.runtime = Runtime(
            self.config, self.journals, policy, monotonic=lambda: self.now, wall=lambda: 1.8e9 + self.now
        )
        self.wire = Wire()
        self.runtime.link = self.wire  # type: ignore[assignment]
        self.leasing, self.held = True, ()
        self.fastest: dict[str, float] = {}

    def restarted(self, policy: Policy) -> Bench:
        """As after a kill: nothing was said or closed, the journal is what is left."""
        again = Bench(self.state, policy, self.config.floor)
        again.now, again.counter = self.now + 3.0, self.counter
        return again

    def say(self, serial: str, topic: str, body: dict[str, Any]) -> None:
        settings = self.runtime.robots[serial].executor.side.settings
        full = settings.scheme.build(MANUFACTURER, serial, Topic(topic))
        body = body | {"version": settings.version}
        self.runtime.handle(Inbound(serial, "message", self.now, full, json.dumps(body).encode()))

    def instant(self, serial: str, kind: str, action_id: str, **parameters: Any) -> None:
        actions = [action(kind, action_id, "NONE", **parameters)]
        self.say(serial, "instantActions", header(self.counter, serial) | {"actions": actions})

    def lease(self) -> None:
        self.counter += 1
        payload = lease(self.counter, held=self.held)
        for serial in self.config.serials:
            self.runtime.handle(Inbound(serial, "message", self.now, "yardmaster/v1/demo/lease", payload))

    def run(self, seconds: float, until: Any = None) -> bool:
        """Tick for `seconds` of the robots' time, or until `until()`; gives whether it came to that."""
        for i in range(round(seconds / TICK)):
            if self.leasing and i % 6 == 0:
                self.lease()
            self.runtime.tick(self.now)
            for serial in self.config.serials:
                v = self.body(serial).v
                self.fastest[serial] = max(self.fastest.get(serial, 0.0), v)
            self.now += TICK
            if until is not None and until():
                return True
        return until is None

    def body(self, serial: str) -> Any:
        return self.runtime.driver.body(serial)

    def last(self, serial: str) -> dict[str, Any]:
        return self.wire.states(serial)[-1]

    def status(self, serial: str, action_id: str) -> str | None:
        state = self.last(serial)
        both = (*state["actionStates"], *state.get("instantActionStates", ()))
        states = {a["actionId"]: a["actionStatus"] for a in both}
        return states.get(action_id)

    def errors(self, serial: str) -> set[str]:
        return {e["errorType"] for e in self.last(serial)["errors"]}
