"""Messages on their way out of the robot: headers, topics, quality of service, last will."""

from __future__ import annotations

from collections.abc import Mapping

from .codec import V2_1, encode
from .headers import HeaderCounters
from .reports import (
    Connection,
    ConnectionState,
    Factsheet,
    Message,
    State,
    Visualization,
)
from .topics import TO_ROBOT, Topic, TopicScheme

Outgoing = tuple[str, bytes, int, bool]

_TOPICS: Mapping[type, Topic] = {
    State: Topic.STATE,
    Visualization: Topic.VISUALIZATION,
    Connection: Topic.CONNECTION,
    Factsheet: Topic.FACTSHEET,
}


class RobotOutbox:
    """Encodes and queues; the driver's MQTT client takes from here."""

    def __init__(self, serial: str, manufacturer: str, topics: TopicScheme) -> None:
        self.serial = serial
        self.manufacturer = manufacturer
        self.topics = topics
        self.headers = HeaderCounters(V2_1.number, manufacturer, serial)
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
        return tuple((self.topic(topic), topic.qos) for topic in TO_ROBOT)

    def topic(self, topic: Topic) -> str:
        return self.topics.build(self.manufacturer, self.serial, topic)

    def _finished(self, message: Message, now: float) -> Outgoing:
        topic = _TOPICS[type(message)]
        payload = encode(message, self.headers.next(topic, now))
        return self.topic(topic), payload, topic.qos, topic.retain
