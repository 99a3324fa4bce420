"""How far a robot's clock is from ours, judged from nothing but its messages. Pure.

A message is never received before it was sent, so `sent_at - received_at` is the offset of the robot's clock minus the
delay of the message: the largest of many is that of the fastest message, and as close to the offset as one can come
without asking the robot (the lower bound of NTP's clock filter, RFC 5905 section 10, for one direction). For display
only: nothing is decided by a robot's clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

BUCKET_S = 15.0
BUCKETS = 20
"""Five minutes: a quartz that is 50 ppm off drifts 15 ms in that time."""
JUMP_S = 2.0
JUMP_SAMPLES = 8
"""So many messages in a row that are later than JUMP_S, but alike: the clock was set back, the way is not that slow."""
RESOLUTION_S = 0.001
"""Timestamps have milliseconds."""


@dataclass(slots=True)
class RobotClock:
    """`offset`: s that the robot's clock is ahead of ours, None before the first message. `spread`: how sure, s."""

    offset: float | None = None
    spread: float | None = None
    _best: deque[float] = field(default_factory=lambda: deque(maxlen=BUCKETS))
    _bucket_ends: float = float("-inf")
    _late: list[float] = field(default_factory=list)

    def observe(self, sent_at: float, received_at: float) -> None:
        """One message: when it says it was sent (the robot's clock), when it came (ours). Both s since 1970."""
        seen = sent_at - received_at
        if self.offset is not None and abs(seen - self.offset) > JUMP_S:
            if seen > self.offset or self._set_back(seen):
                self._best.clear()
                self._bucket_ends = float("-inf")
            else:
                return
        elif self._late:
            self._late = []
        if received_at >= self._bucket_ends or received_at < self._bucket_ends - BUCKET_S:
            self._best.append(seen)
            self._bucket_ends = received_at + BUCKET_S
        elif seen > self._best[-1]:
            self._best[-1] = seen
        elif self.offset is not None and seen <= self.offset:
            return
        self.offset = max(self._best)
        self.spread = max(self.offset - min(self._best), RESOLUTION_S)

    def _set_back(self, seen: float) -> bool:
        """Whether the late ones agree with each other, which delayed ones do not."""
        self._late.append(seen)
        if len(self._late) < JUMP_SAMPLES:
            return False
        alike = max(self._late) - min(self._late) < JUMP_S
        self._late = []
        return alike
