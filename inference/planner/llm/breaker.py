"""A circuit breaker: after repeated failures nobody waits for a server that is down; now and then one call tries it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Breaker:
    """closed -> open after `failures` in a row -> half open after `pause_s` -> closed, or open for twice as long.

    `clock` gives monotonic seconds. One process, one thread: `allows` is asked before each call, and `succeeded` or
    `failed` told after it.
    """

    clock: Callable[[], float]
    failures: int = 3
    pause_s: float = 20.0
    longest_pause_s: float = 320.0
    _failed: int = 0
    _opened: int = 0
    _until: float | None = None

    @property
    def state(self) -> str:
        """closed | open | half open."""
        if self._until is None:
            return "closed"
        return "open" if self.clock() < self._until else "half open"

    def allows(self) -> bool:
        return self.state != "open"

    def remaining_s(self) -> float:
        """s until a call is tried again; 0 unless open."""
        return 0.0 if self._until is None else max(0.0, self._until - self.clock())

    def succeeded(self) -> None:
        self._failed, self._opened, self._until = 0, 0, None

    def failed(self) -> None:
        self._failed += 1
        if self._until is not None or self._failed >= self.failures:
            self._until = self.clock() + min(self.pause_s * 2**self._opened, self.longest_pause_s)
            self._opened = min(self._opened + 1, 16)
