"""What fleet control says to one robot: the version, topics and ids of its type on every message."""

from __future__ import annotations

from collections.abc import Mapping

from .codec import encode
from .fleet_wire import Dress, dressed
from .headers import HeaderCounters
from .messages import InstantActions, Order, Responses, ZoneSet
from .numbering import Numbering
from .quirks import Quirks
from .reports import ConnectionState, Factsheet, Message, State
from .topics import FROM_ROBOT, Topic

Outgoing = tuple[str, bytes, int, bool]


class FleetSpeech:
    """`state`, `connection`: what the robot said last."""

    def __init__(self, serial: str, manufacturer: str, quirks: Quirks | None = None) -> None:
        self.serial = serial
        self.manufacturer = manufacturer
        self.quirks = quirks or Quirks()
        self.headers = HeaderCounters(self.quirks.version, manufacturer, serial)
        self.numbering = Numbering()
        self.state: State | None = None
        self.connection: ConnectionState | None = None
        self.factsheet: Factsheet | None = None
        self._outgoing: list[Outgoing] = []

    @property
    def hibernating(self) -> bool:
        return self.connection is ConnectionState.HIBERNATING

    @property
    def three(self) -> bool:
        return not self.quirks.version.startswith("2")

    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        """(topic, qos) of everything this robot publishes."""
        build = self.quirks.topics.build
        return tuple((build(self.manufacturer, self.serial, topic), self._qos(topic)) for topic in FROM_ROBOT)

    def _qos(self, topic: Topic) -> int:
        return self.quirks.qos.get(str(topic), topic.qos)

    def data_to_send(self) -> list[Outgoing]:
        """(topic, payload, qos, retain) since the last call, oldest first. Never retained."""
        out, self._outgoing = self._outgoing, []
        return out

    def know(self, factsheet: Factsheet) -> None:
        """The factsheet that is on file, until the robot sends one."""
        self.factsheet = factsheet

    @property
    def _sheet(self) -> Factsheet | None:
        return self.factsheet if self.quirks.trust_factsheet else None

    @property
    def _numeric(self) -> bool:
        return self.quirks.numeric_ids or (self._sheet is not None and self._sheet.ids_numeric_only)

    def _wire(self, order: Order, dress: Dress) -> Order:
        said = dressed(order, dress)
        return self.numbering.order(said) if self._numeric else said

    def _publish(self, message: Message, now: float) -> int:
        topic = _TOPICS[type(message)]
        header = self.headers.next(topic, now)
        full = self.quirks.topics.build(self.manufacturer, self.serial, topic)
        payload = encode(message, header)
        self._outgoing.append((full, payload, self._qos(topic), topic.retain))
        return header.header_id


_TOPICS: Mapping[type, Topic] = {
    Order: Topic.ORDER,
    InstantActions: Topic.INSTANT_ACTIONS,
    ZoneSet: Topic.ZONE_SET,
    Responses: Topic.RESPONSES,
}
