"""Message headers: one counter per topic (6.4), wrapping at 2**32, and what is older than what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .messages import Header
from .topics import Topic
from .values import UINT32

# An older message seen this long after the last good one is no straggler: the robot restarted and its clock went back.
STRAGGLER_S = 5.0


def timestamp(now: float) -> str:
    """`now` (seconds since 1970, UTC) as ISO 8601 with milliseconds, which 2.x and 3.0 all accept."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds(text: str) -> float | None:
    """A received timestamp as seconds since 1970, or None when it cannot be read.

    Any form of ISO 8601: 2.x shows hundredths and 3.0 milliseconds, robots also send nanoseconds, none at all, an
    offset, or no zone (taken as UTC, as both versions prescribe).
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.strip().upper())
        except ValueError:
            return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


@dataclass(slots=True)
class HeaderCounters:
    """Gives the next header per topic: plus 1 for each message sent, uint32, restorable."""

    version: str
    manufacturer: str
    serial_number: str
    next_ids: dict[str, int] = field(default_factory=dict)

    def next(self, topic: Topic, now: float) -> Header:
        header_id = self.next_ids.get(topic, 0)
        self.next_ids[str(topic)] = (header_id + 1) % UINT32
        return Header(header_id, timestamp(now), self.version, self.manufacturer, self.serial_number)

    def snapshot(self) -> dict[str, int]:
        return dict(self.next_ids)

    def restore(self, saved: Mapping[str, int]) -> None:
        self.next_ids = {str(topic): int(value) % UINT32 for topic, value in saved.items()}


@dataclass(slots=True)
class Latest:
    """Tells stragglers and repeats of one topic from news.

    A message is old only if neither its timestamp nor its header id is newer than the last accepted one: a restarted
    robot counts from zero again but has a newer time, and a robot whose clock was set back goes on counting.
    """

    header_id: int | None = None
    sent_at: float | None = None
    accepted_at: float = 0.0

    def is_news(self, header: Header, now: float, sent_at: float | None = None) -> bool:
        """Whether to use the message; remembers it when so. `sent_at`: the header's time when it was read already."""
        if sent_at is None:
            sent_at = seconds(header.timestamp)
        if self.header_id is not None and 0 <= now - self.accepted_at < STRAGGLER_S:
            ahead = (header.header_id - self.header_id) % UINT32
            newer_id = 0 < ahead < UINT32 // 2
            newer_time = sent_at is not None and self.sent_at is not None and sent_at > self.sent_at
            if not newer_id and not newer_time:
                return False
        self.header_id, self.sent_at, self.accepted_at = header.header_id, sent_at, now
        return True

    def snapshot(self) -> list[float | None]:
        """Kept over a restart, or the first straggler after it would turn the robot's state back."""
        return [self.header_id, self.sent_at, self.accepted_at]

    def restore(self, saved: Sequence[float | None]) -> None:
        header_id, self.sent_at, accepted_at = saved
        self.header_id = None if header_id is None else int(header_id)
        self.accepted_at = accepted_at or 0.0

    def forget(self) -> None:
        self.header_id = None
        self.sent_at = None
