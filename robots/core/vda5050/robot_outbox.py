"""Messages on their way out of the robot: headers, topics, quality of service, last will."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .actions import rule_of
from .codec import encode
from .headers import HeaderCounters
from .reports import (
    Connection,
    ConnectionState,
    Factsheet,
    Message,
    State,
    Visualization,
)
from .robot_settings import RobotSettings
from .topics import Topic

Outgoing = tuple[str, bytes, int, bool]

_TOPICS: Mapping[type, Topic] = {
    State: Topic.STATE,
    Visualization: Topic.VISUALIZATION,
    Connection: Topic.CONNECTION,
    Factsheet: Topic.FACTSHEET,
}


class RobotOutbox:
    """Encodes and queues; the driver's MQTT client takes from here."""

    def __init__(self, serial: str, manufacturer: str, settings: RobotSettings) -> None:
        self.serial = serial
        self.manufacturer = manufacturer
        self.settings = settings
        self.headers = HeaderCounters(settings.version, manufacturer, serial)
        self.last_state = 0
        self._queue: list[Outgoing] = []

    def send(self, message: Message, now: float) -> None:
        self._queue.append(self._finished(message, now))

    def take(self) -> list[Outgoing]:
        taken, self._queue = self._queue, []
        return taken

    def will(self, now: float) -> Outgoing:
        """The last will. Its header is always old, which the standard accepts (6.14)."""
        return self._finished(Connection(ConnectionState.CONNECTION_BROKEN), now)

    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        return tuple((self.topic(topic), topic.qos) for topic in self.settings.heard)

    def topic(self, topic: Topic) -> str:
        return self.settings.scheme.build(self.manufacturer, self.serial, topic)

    def _finished(self, message: Message, now: float) -> Outgoing:
        topic = _TOPICS[type(message)]
        header = self.headers.next(topic, now)
        if isinstance(message, State):
            self.last_state = header.header_id
        elif isinstance(message, Visualization) and self.settings.three:
            message = replace(message, reference_state_header_id=self.last_state)
        elif isinstance(message, Factsheet):
            message = in_words_of(self.settings.version, message)
        payload = encode(message, header)
        return self.topic(topic), payload, topic.qos, topic.retain


def in_words_of(version: str, sheet: Factsheet) -> Factsheet:
    """The factsheet with its actions called as `version` calls them; inside they have the names of 3.0."""
    named = []
    for declared in sheet.actions:
        rule = rule_of(declared.action_type)
        named.append(replace(declared, action_type=rule.name(version)) if rule is not None else declared)
    return replace(sheet, actions=tuple(named))
