"""What the broker told and nobody has looked at yet."""

from __future__ import annotations

import contextlib
import threading
from collections import deque

INBOX_LIMIT = 20_000

Arrived = tuple[str, bytes, bool, float]
"""Topic, payload, whether the broker had kept it, and when it was received (s since 1970)."""


class Inbox:
    """A bounded queue between the network thread and the handler. Full: the oldest goes, and is counted.

    The network thread only appends (a deque's append needs no lock of ours); the handler takes all there is at once.
    """

    def __init__(self, limit: int = INBOX_LIMIT) -> None:
        self.limit = limit
        self.dropped = 0
        self._messages: deque[Arrived] = deque()
        self._ready = threading.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, topic: str, payload: bytes, retained: bool, at: float = 0.0) -> None:
        if len(self._messages) >= self.limit:
            with contextlib.suppress(IndexError):  # the handler was faster
                self._messages.popleft()
                self.dropped += 1
        self._messages.append((topic, payload, retained, at))
        if not self._ready.is_set():
            self._ready.set()

    def take(self) -> list[Arrived]:
        """All that waits, oldest first; waits for the first one. Empty only when closed."""
        while not self._closed:
            self._ready.clear()
            count = len(self._messages)
            if count:
                return [self._messages.popleft() for _ in range(count)]
            self._ready.wait()
        return []

    def close(self) -> None:
        self._closed = True
        self._messages.clear()
        self._ready.set()
