"""Bytes to messages and back, by protocol version.

`decode` never raises: what cannot be used becomes a `Problem`. `encode` raises LocalProtocolError, since what we send
is our own doing. A further protocol version is one more table file and one line in `VERSIONS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from . import v2
from .errors import LocalProtocolError, Problem, ProblemKind
from .messages import Header, InstantActions, Order
from .reports import Connection, Factsheet, Message, State, Visualization
from .shapes import TEXT, UINT, Field, Kind, Malformed, shape
from .topics import Topic, topic_of
from .v2_factsheet import FACTSHEET

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
RAW_KEPT = 2048


@dataclass(frozen=True, slots=True)
class Version:
    """One protocol version: what it writes in the header, the topic level, and a table per topic."""

    number: str
    major_level: str
    tables: Mapping[Topic, Kind]


V2_1 = Version(
    number=v2.VERSION,
    major_level="v2",
    tables={
        Topic.ORDER: v2.ORDER.kind,
        Topic.INSTANT_ACTIONS: v2.INSTANT_ACTIONS.kind,
        Topic.STATE: v2.STATE.kind,
        Topic.VISUALIZATION: v2.VISUALIZATION.kind,
        Topic.CONNECTION: v2.CONNECTION.kind,
        Topic.FACTSHEET: FACTSHEET,
    },
)
VERSIONS: Mapping[str, Version] = {"2.0": V2_1, "2.1": V2_1}

TOPIC_OF_MESSAGE: Mapping[type, Topic] = {
    Order: Topic.ORDER,
    InstantActions: Topic.INSTANT_ACTIONS,
    State: Topic.STATE,
    Visualization: Topic.VISUALIZATION,
    Connection: Topic.CONNECTION,
    Factsheet: Topic.FACTSHEET,
}

_HEADER = shape(
    Header,
    Field("header_id", "headerId", UINT),
    Field("timestamp", "timestamp", TEXT),
    Field("version", "version", TEXT),
    Field("manufacturer", "manufacturer", TEXT),
    Field("serial_number", "serialNumber", TEXT),
)
# 2.x visualization may leave the header out altogether, the factsheet its counter and time (their schemas).
_HEADER_OPTIONAL = {Topic.VISUALIZATION, Topic.FACTSHEET}
_NO_HEADER = {"headerId": 0, "timestamp": "", "version": v2.VERSION, "manufacturer": "", "serialNumber": ""}


@dataclass(frozen=True, slots=True)
class Received:
    topic: Topic
    header: Header
    message: Message


def version_of(number: str) -> Version | None:
    """The tables for a version such as "2.1.0", or None when we do not speak it."""
    return VERSIONS.get(".".join(number.split(".")[:2]))


def encode_body(message: Message, version: str = v2.VERSION) -> dict[str, Any]:
    """The message without header, in the words of `version` (an outbox row, a journal)."""
    tables = version_of(version)
    if tables is None:
        raise LocalProtocolError(f"VDA 5050 {version} is not spoken here; known are {', '.join(VERSIONS)}")
    body = tables.tables[TOPIC_OF_MESSAGE[type(message)]].write(message)
    if not isinstance(body, dict):
        raise LocalProtocolError("a message table must write an object")
    return body


def decode_body(topic: Topic, body: Any, version: str = v2.VERSION) -> Message:
    """The reverse of `encode_body` for bodies of our own making. Raises LocalProtocolError when it does not fit."""
    tables = version_of(version)
    if tables is None:
        raise LocalProtocolError(f"VDA 5050 {version} is not spoken here; known are {', '.join(VERSIONS)}")
    try:
        message: Message = tables.tables[topic].read(body)
    except Malformed as bad:
        raise LocalProtocolError(f"{topic}: {bad}") from bad
    return message


def encode(message: Message, header: Header) -> bytes:
    """The message with header as JSON. Raises LocalProtocolError when the header's version cannot say it."""
    return orjson.dumps({**_HEADER.write(header), **encode_body(message, header.version)})


def decode(topic: str, payload: bytes, *, max_bytes: int = MAX_BYTES) -> Received | Problem:
    """Read one message. `topic` is the whole MQTT topic or its last level. Never raises."""
    name = topic_of(topic)
    raw = bytes(payload[:RAW_KEPT])
    if name is None:
        return Problem(ProblemKind.WRONG_TOPIC, f"{topic[:200]!r} is not a VDA 5050 topic", topic[:200], raw)
    body = _parse(payload, max_bytes)
    if isinstance(body, tuple):
        return Problem(body[0], body[1], name, raw)
    header_id: int | None = None
    try:
        header = _HEADER.read({**_NO_HEADER, **body} if name in _HEADER_OPTIONAL else body)
        header_id = header.header_id
        tables = version_of(header.version)
        if tables is None:
            known = ", ".join(VERSIONS)
            text = f"protocol version {header.version[:20]!r} is not spoken here; known are {known}"
            return Problem(ProblemKind.WRONG_VERSION, text, name, raw, header_id)
        return Received(name, header, tables.tables[name].read(body))
    except Malformed as bad:
        return Problem(ProblemKind.WRONG_CONTENT, str(bad), name, raw, header_id)


def _parse(payload: bytes, max_bytes: int) -> dict[str, Any] | tuple[ProblemKind, str]:
    if len(payload) > max_bytes:
        return ProblemKind.TOO_LARGE, f"message has {len(payload)} bytes, at most {max_bytes} are read"
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError as bad:
        return ProblemKind.NOT_JSON, f"message is not JSON: {bad}"
    if not isinstance(body, dict):
        return ProblemKind.WRONG_CONTENT, "message should be a JSON object"
    if payload.count(b"{") + payload.count(b"[") > MAX_DEPTH and _deeper_than(body, MAX_DEPTH):
        return ProblemKind.TOO_DEEP, f"message is nested more than {MAX_DEPTH} levels deep"
    return body


def _deeper_than(body: Any, limit: int) -> bool:
    """Level by level, so that the check itself cannot overflow the stack (orjson refuses more than 1024 levels)."""
    level = [body]
    for _ in range(limit):
        below: list[Any] = []
        for item in level:
            below.extend(item.values() if isinstance(item, dict) else item)
        level = [item for item in below if isinstance(item, dict | list)]
        if not level:
            return False
    return True
