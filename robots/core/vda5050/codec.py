"""Bytes to messages and back, by protocol version.

`decode` never raises: what cannot be used becomes a `Problem`. `encode` raises LocalProtocolError, since what we send
is our own doing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from . import v2
from .depth import MAX_DEPTH, deeper_than
from .errors import LocalProtocolError, Problem, ProblemKind
from .headers import seconds
from .memo import Memo
from .messages import Header, InstantActions, Order, Responses, ZoneSet
from .reports import Connection, Factsheet, Message, State, Visualization
from .shapes import Field, shape
from .topics import Topic, topic_of
from .values import TEXT, UINT, Kind, Malformed
from .versions import INTERNAL, STORED, V2_0, V2_1, V3_0, VERSIONS, Version, reader_of, version_of

__all__ = [
    "INTERNAL",
    "MAX_BYTES",
    "V2_0",
    "V2_1",
    "V3_0",
    "VERSIONS",
    "Memo",
    "Received",
    "Version",
    "decode",
    "decode_body",
    "encode",
    "encode_body",
    "version_of",
]

MAX_BYTES = 256 * 1024
"""A 3.0 state with planned path, requests and hundreds of action states stays below a quarter of this."""
RAW_KEPT = 8192

TOPIC_OF_MESSAGE: Mapping[type, Topic] = {
    Order: Topic.ORDER,
    InstantActions: Topic.INSTANT_ACTIONS,
    ZoneSet: Topic.ZONE_SET,
    Responses: Topic.RESPONSES,
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
_LOOSE_HEADER = shape(
    Header,
    *(Field(field.attr, field.key, field.kind, forgiven=True) for field in _HEADER.fields),
    fill={"header_id": 0, "timestamp": "", "version": v2.VERSION, "manufacturer": "", "serial_number": ""},
)
_LOOSE = (Topic.VISUALIZATION, Topic.FACTSHEET)


@dataclass(frozen=True, slots=True)
class Received:
    """`sent_at`: the header's time by the robot's clock, in s since 1970; None when it cannot be read."""

    topic: Topic
    header: Header
    message: Message
    sent_at: float | None = None


def _table(topic: Topic, version: str) -> Kind:
    tables = STORED if version == INTERNAL else version_of(version)
    if tables is None:
        raise LocalProtocolError(f"VDA 5050 {version} is not spoken here; known are {', '.join(VERSIONS)}")
    table = tables.tables.get(topic)
    if table is None:
        raise LocalProtocolError(f"VDA 5050 {version} has no topic {topic}; it came with 3.0")
    return table


def encode_body(message: Message, version: str = v2.VERSION) -> dict[str, Any]:
    """The message without header, in the words of `version` (an outbox row, a journal), or of INTERNAL."""
    body: dict[str, Any] = _table(TOPIC_OF_MESSAGE[type(message)], version).write(message)
    return body


def decode_body(topic: Topic, body: Any, version: str = v2.VERSION) -> Message:
    """The reverse of `encode_body` for bodies of our own making. Raises LocalProtocolError when it does not fit."""
    try:
        message: Message = _table(topic, version).read(body)
    except Malformed as bad:
        raise LocalProtocolError(f"{topic}: {bad}") from bad
    return message


def encode(message: Message, header: Header) -> bytes:
    """The message with header as JSON. Raises LocalProtocolError when the header's version cannot say it."""
    body = {**_HEADER.write(header), **encode_body(message, header.version)}
    try:
        return orjson.dumps(body)
    except TypeError as bad:  # half a surrogate pair in a text
        raise LocalProtocolError(f"{type(message).__name__} cannot be written as JSON: {bad}") from bad


def decode(topic: str, payload: bytes, *, memo: Memo | None = None, max_bytes: int = MAX_BYTES) -> Received | Problem:
    """Read one message. `topic` is the whole MQTT topic or its last level. Never raises.

    `memo` (one per robot and topic) makes reading cheap where the robot repeats itself, and never changes the result;
    what it repeats is the same object as last time (`new.errors is old.errors`).
    """
    name = topic_of(topic)
    if name is None:
        text = f"{topic[:200]!r} is not a VDA 5050 topic"
        return Problem(ProblemKind.WRONG_TOPIC, text, topic[:200], bytes(payload[:RAW_KEPT]))
    header_id: int | None = None
    version = ""
    try:
        body = _parse(payload, max_bytes)
        try:
            header: Header = (_LOOSE_HEADER if name in _LOOSE else _HEADER).read(body)
            header_id, version = header.header_id, header.version[:20]
            table = _received_table(name, header.version)
        except (Malformed, _Refused):
            if deeper_than(body, MAX_DEPTH):
                raise _too_deep() from None
            raise
        reuse = None if memo is None else table.reuse
        if memo is None or reuse is None:
            if payload.count(b"{") + payload.count(b"[") > MAX_DEPTH and deeper_than(body, MAX_DEPTH):
                raise _too_deep()
            message = table.read(body)
        else:
            same = memo.compare(table, body)
            if same is None:
                raise _too_deep()
            message = reuse(body, same, memo)
    except _Refused as bad:
        return Problem(bad.kind, bad.text, name, bytes(payload[:RAW_KEPT]), header_id)
    except Malformed as bad:
        return Problem(ProblemKind.WRONG_CONTENT, str(bad), name, bytes(payload[:RAW_KEPT]), header_id, version)
    return Received(name, header, message, seconds(header.timestamp))


class _Refused(Exception):
    def __init__(self, kind: ProblemKind, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


def _too_deep() -> _Refused:
    return _Refused(ProblemKind.TOO_DEEP, f"message is nested more than {MAX_DEPTH} levels deep")


def _parse(payload: bytes, max_bytes: int) -> dict[str, Any]:
    if len(payload) > max_bytes:
        raise _Refused(ProblemKind.TOO_LARGE, f"message has {len(payload)} bytes, at most {max_bytes} are read")
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError as bad:
        raise _Refused(ProblemKind.NOT_JSON, f"message is not JSON: {bad}") from None
    if type(body) is not dict:
        raise _Refused(ProblemKind.WRONG_CONTENT, "message should be a JSON object")
    return body


def _received_table(topic: Topic, number: str) -> Kind:
    tables = reader_of(number)
    if tables is None:
        text = f"protocol version {number[:20]!r} is not spoken here; known are {', '.join(VERSIONS)}"
        raise _Refused(ProblemKind.WRONG_VERSION, text)
    table = tables.tables.get(topic)
    if table is None:
        raise _Refused(ProblemKind.WRONG_VERSION, f"VDA 5050 {tables.number} has no topic {topic}; it came with 3.0")
    return table
