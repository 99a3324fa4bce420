"""When something that a robot has not confirmed may be sent to it again: soon at first, then more and more seldom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

FIRST_S: Final = 5.0
LONGEST_S: Final = 300.0


@dataclass(slots=True)
class _Try:
    what: str
    count: int
    next_at: float


class Patience:
    """One thing at a time is tried with each robot; another thing begins anew. `now` in s."""

    def __init__(self, first: float = FIRST_S, longest: float = LONGEST_S) -> None:
        self.first, self.longest = first, longest
        self._tries: dict[str, _Try] = {}

    def may(self, robot: str, what: str, now: float) -> bool:
        """Whether to try `what` now; if so, it counts as tried."""
        known = self._tries.get(robot)
        if known is None or known.what != what:
            self._tries[robot] = _Try(what, 1, now + self.first)
            return True
        if now < known.next_at:
            return False
        known.next_at = now + min(self.longest, self.first * 2.0**known.count)
        known.count = min(known.count + 1, 32)
        return True

    def tries(self, robot: str) -> int:
        """How often what is being tried now has been tried."""
        known = self._tries.get(robot)
        return 0 if known is None else known.count

    def done(self, robot: str) -> None:
        self._tries.pop(robot, None)
