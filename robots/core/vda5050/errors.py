"""What may go wrong, split by whose fault it is: ours raises, theirs is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LocalProtocolError(Exception):
    """Our own side is about to break VDA 5050. The text says what is wrong and what would be right."""


class ProblemKind(StrEnum):
    TOO_LARGE = "TOO_LARGE"
    TOO_DEEP = "TOO_DEEP"
    NOT_JSON = "NOT_JSON"
    WRONG_VERSION = "WRONG_VERSION"
    WRONG_TOPIC = "WRONG_TOPIC"
    WRONG_IDENTITY = "WRONG_IDENTITY"
    WRONG_CONTENT = "WRONG_CONTENT"
    IMPOSSIBLE = "IMPOSSIBLE"
    UNCONFIRMED = "UNCONFIRMED"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the other side sent that cannot be used. Recorded and shown, never raised.

    `raw` holds the first 8 kB of the message, enough for a person to see what it was.
    """

    kind: ProblemKind
    text: str
    topic: str = ""
    raw: bytes = b""
    header_id: int | None = None
    version: str = ""
    """The protocol version in its header, where that could be read."""
