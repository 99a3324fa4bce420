"""A robot that says states to a FleetSide, in any version."""

from __future__ import annotations

from dataclasses import replace

import orjson

from robots.core.vda5050.codec import encode
from robots.core.vda5050.fleet_side import FleetSide
from robots.core.vda5050.headers import HeaderCounters
from robots.core.vda5050.quirks import Quirks
from robots.core.vda5050.reports import (
    ActionState,
    ActionStatus,
    Connection,
    ConnectionState,
    Error,
    ErrorLevel,
    Factsheet,
    Message,
    NodeState,
    OperatingMode,
    PowerSupply,
    Reference,
    SafetyState,
    State,
)
from robots.core.vda5050.robot_settings import SCHEMES
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.helpers import MAKER, SERIAL

VERSIONS = ("2.0.0", "2.1.0", "3.0.0")
IDLE = State("", 0, "n0", 0, False, OperatingMode.AUTOMATIC, PowerSupply(80.0, False), SafetyState(), paused=False)


class Speaker:
    """One robot of `version` and the fleet side that serves it. Its states leave one millisecond apart."""

    def __init__(self, version: str = "2.1.0", *, sheet: Factsheet | None = None, **quirks: object) -> None:
        self.version = version
        self.quirks = replace(Quirks(version=version, topics=SCHEMES[version[0]]), **quirks)  # type: ignore[arg-type]
        self.side = FleetSide(SERIAL, MAKER, self.quirks)
        self.headers = HeaderCounters(version, MAKER, SERIAL)
        self.now = 1000.0
        self.last = IDLE
        if sheet is not None:
            self.side.know(sheet)

    def says(self, **changes: object) -> list[object]:
        self.last = replace(self.last, **changes)  # type: ignore[arg-type]
        return self.sends(self.last, Topic.STATE)

    def sends(self, message: Message, topic: Topic) -> list[object]:
        self.now += 0.001
        full = self.quirks.topics.build(MAKER, SERIAL, topic)
        return list(self.side.receive(full, encode(message, self.headers.next(topic, self.now)), self.now))

    def connects(self, state: ConnectionState = ConnectionState.ONLINE) -> list[object]:
        return self.sends(Connection(state), Topic.CONNECTION)

    def hears(self) -> list[dict[str, object]]:
        """The bodies that left, oldest first."""
        return [orjson.loads(payload) for _, payload, _, _ in self.side.data_to_send()]

    def restart(self) -> None:
        """The fleet side begins anew from what it stored."""
        saved = orjson.loads(orjson.dumps(self.side.snapshot()))
        sheet = self.side.factsheet
        self.side = FleetSide(SERIAL, MAKER, self.quirks)
        if sheet is not None:
            self.side.know(sheet)
        self.side.restore(saved)


def left(*numbers: int) -> tuple[NodeState, ...]:
    return tuple(NodeState(f"n{n}", 2 * n, True) for n in numbers)


def of(events: list[object], kind: type) -> list[object]:
    return [event for event in events if isinstance(event, kind)]


def error(kind: str, level: ErrorLevel = ErrorLevel.WARNING, text: str = "no", **references: str) -> Error:
    return Error(kind, level, tuple(Reference(key, value) for key, value in references.items()), text)


def acting(action_id: str, status: ActionStatus, action_type: str | None = None) -> ActionState:
    return ActionState(action_id, status, action_type)
