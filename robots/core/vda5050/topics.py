"""VDA 5050 topic names (2.1 section 6.3; 3.0 section 4.2) and what may stand in an id.

The layout is `<interface>/<major>/<manufacturer>/<serial>/<topic>`; only the last level is prescribed, so the prefix is
a setting per robot.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from .errors import LocalProtocolError

_LEVEL = re.compile(r"[^/$+#\x00-\x1f\x7f]{1,128}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,256}")


class Topic(StrEnum):
    ORDER = "order"
    INSTANT_ACTIONS = "instantActions"
    STATE = "state"
    VISUALIZATION = "visualization"
    CONNECTION = "connection"
    FACTSHEET = "factsheet"
    ZONE_SET = "zoneSet"
    RESPONSES = "responses"

    @property
    def qos(self) -> int:
        """1 for connection, 0 for all others (6.2)."""
        return 1 if self is Topic.CONNECTION else 0

    @property
    def retain(self) -> bool:
        """Connection and factsheet only. A retained order would be an old command to a robot that reconnects."""
        return self in (Topic.CONNECTION, Topic.FACTSHEET)


TO_ROBOT = (Topic.ORDER, Topic.INSTANT_ACTIONS, Topic.ZONE_SET, Topic.RESPONSES)
FROM_ROBOT = (Topic.STATE, Topic.VISUALIZATION, Topic.CONNECTION, Topic.FACTSHEET)


def valid_level(text: str) -> bool:
    """True when `text` may be one topic level: no slash, dollar, plus, hash or control character."""
    return _LEVEL.fullmatch(text) is not None


def valid_id(text: str) -> bool:
    """True when `text` uses only what 6.1.2 permits for ids: A-Z a-z 0-9 _ - . :"""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class TopicAddress:
    interface: str
    major: str
    manufacturer: str
    serial: str
    topic: Topic


@dataclass(frozen=True, slots=True)
class TopicScheme:
    """The prefix of one robot's (or one site's) topics; `interface` may have several levels for cloud brokers."""

    interface: str = "uagv"
    major: str = "v2"

    def __post_init__(self) -> None:
        for level in (*self.interface.split("/"), self.major):
            if not valid_level(level):
                raise LocalProtocolError(f"{level!r} cannot be a topic level: leave out / $ + # and control characters")

    def build(self, manufacturer: str, serial: str, topic: Topic) -> str:
        """The full topic. Raises LocalProtocolError when a level has characters that MQTT or 6.3 forbid."""
        if not valid_level(manufacturer):
            raise LocalProtocolError(f"manufacturer {manufacturer!r} cannot be a topic level: leave out / $ + #")
        if not valid_id(serial):
            raise LocalProtocolError(f"serial number {serial!r} may only have letters, digits and _ . : -")
        return f"{self.interface}/{self.major}/{manufacturer}/{serial}/{topic}"

    def subscription(self, topic: Topic) -> str:
        """The filter that matches `topic` of every robot under this prefix."""
        return f"{self.interface}/{self.major}/+/+/{topic}"

    def parse(self, full: str) -> TopicAddress | None:
        """The parts of a received topic, or None when it is not one of ours."""
        prefix = f"{self.interface}/{self.major}/"
        parts = full[len(prefix) :].split("/") if full.startswith(prefix) else []
        if len(parts) != 3 or not all(parts):
            return None
        topic = topic_of(parts[2])
        return TopicAddress(self.interface, self.major, parts[0], parts[1], topic) if topic else None


def topic_of(text: str) -> Topic | None:
    """The VDA 5050 topic named by the last level of `text`, or None."""
    name = text.rsplit("/", 1)[-1]
    return Topic(name) if name in Topic._value2member_map_ else None
