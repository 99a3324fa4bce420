"""A robot that speaks VDA 5050 3.0, and fleet control's messages to it."""

from __future__ import annotations

from dataclasses import replace

import orjson

from robots.core.vda5050.codec import encode
from robots.core.vda5050.headers import HeaderCounters, timestamp
from robots.core.vda5050.messages import (
    ControlPoint,
    GrantType,
    InstantActions,
    Order,
    ReleaseLoss,
    Response,
    Responses,
    Trajectory,
    Vertex,
    Zone,
    ZoneSet,
    ZoneType,
)
from robots.core.vda5050.reports import ActionState, Message, State
from robots.core.vda5050.robot_settings import RobotSettings
from robots.core.vda5050.robot_side import RobotSide
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.helpers import MAKER, SERIAL, factsheet

NOW = 1_800_000_000.0
ALL_ZONES = tuple(ZoneType)
LINE = Trajectory(1, (0.0, 0.0, 1.0, 1.0), (ControlPoint(0.0, 0.0), ControlPoint(1.0, 0.0)))
TOPIC = {
    Order: Topic.ORDER,
    InstantActions: Topic.INSTANT_ACTIONS,
    ZoneSet: Topic.ZONE_SET,
    Responses: Topic.RESPONSES,
}


class Robot:
    """`side`, and a fleet control that says things to it. `sent` collects (topic, body) of what left."""

    def __init__(self, version: str = "3.0.0", **settings: float) -> None:
        self.options = RobotSettings(version=version, **settings)  # type: ignore[arg-type]
        self.side = self._made()
        self.side.set_pose(0.0, 0.0, 0.0, "hall")
        self.headers = HeaderCounters(version, MAKER, SERIAL)
        self.sent: list[tuple[str, dict[str, object]]] = []

    def _made(self) -> RobotSide:
        return RobotSide(SERIAL, MAKER, factsheet(supported_zones=ALL_ZONES), self.options)

    def hears(self, *messages: object, now: float = NOW) -> list[object]:
        events: list[object] = []
        for message in messages:
            said: Message = message if type(message) in TOPIC else InstantActions((message,))  # type: ignore[assignment, arg-type]
            topic = TOPIC[type(said)]
            full = self.options.scheme.build(MAKER, SERIAL, topic)
            events += self.side.receive(full, encode(said, self.headers.next(topic, now)), now)
        self.collect()
        return events

    def grants(self, request_id: str, kind: GrantType = GrantType.GRANTED, lease: float | None = None) -> list[object]:
        expiry = None if lease is None else timestamp(NOW + lease)
        return self.hears(Responses((Response(request_id, kind, expiry),)))

    def tick(self, now: float) -> list[object]:
        events = list(self.side.tick(now))
        self.collect()
        return events

    def collect(self) -> None:
        self.sent += [(topic.rsplit("/", 1)[1], orjson.loads(body)) for topic, body, _, _ in self.side.data_to_send()]

    def restarted(self) -> Robot:
        again = Robot(self.options.version)
        again.side = self._made()
        again.side.restore(orjson.loads(orjson.dumps(self.side.snapshot())))
        again.side.set_pose(0.0, 0.0, 0.0, "hall")
        return again

    @property
    def state(self) -> State:
        return self.side.state()

    def errors(self) -> list[tuple[str, str]]:
        return [(e.error_type, str(e.level)) for e in self.state.errors]

    def topics(self) -> list[str]:
        """Topics of what left since the last call."""
        names, self.sent = [name for name, _ in self.sent], []
        return names


def of(states: tuple[ActionState, ...]) -> dict[str, str]:
    return {s.action_id: str(s.status) for s in states}


def square(zone_id: str, zone_type: ZoneType = ZoneType.RELEASE, x: float = 5.0, **more: object) -> Zone:
    corners = (Vertex(x, -1.0), Vertex(x + 2, -1.0), Vertex(x + 2, 1.0), Vertex(x, 1.0))
    loss = ReleaseLoss.STOP if zone_type is ZoneType.RELEASE else None
    return replace(Zone(zone_id, zone_type, corners, release_loss=loss), **more)  # type: ignore[arg-type]


def zones(zone_set_id: str = "z1", *found: Zone, map_id: str = "hall") -> ZoneSet:
    return ZoneSet(zone_set_id, map_id, found or (square("gate"),))
