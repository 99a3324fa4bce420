"""What a person has to look at on the floor: told anew in every cycle, kept with the time it was first told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Alarm:
    """`kind`: late, misplaced, conflict, liveness or layout (a published one waits); `robot` a serial or "".

    `since` in POSIX s.
    """

    robot: str
    kind: str
    text: str
    since: float


class Alarms:
    """`begin` a cycle, `tell` what stands, `rows` for the record. What is not told again is over."""

    def __init__(self, rows: Iterable[Mapping[str, Any]] = ()) -> None:
        self._standing = {(row["robot"], row["kind"]): Alarm(**row) for row in rows}
        self._before: dict[tuple[str, str], Alarm] = {}

    def begin(self) -> None:
        self._before, self._standing = self._standing, {}

    def tell(self, robot: str, kind: str, text: str, now: float) -> bool:
        """Whether it is new."""
        known = self._before.get((robot, kind))
        since = now if known is None else known.since
        self._standing[robot, kind] = Alarm(robot, kind, text[:300], since)
        return known is None

    def of(self, robot: str) -> list[Alarm]:
        return [alarm for alarm in self._standing.values() if alarm.robot == robot]

    @property
    def changed(self) -> bool:
        """Some began or ended in this cycle, or say something else now."""
        return self._before != self._standing

    def rows(self) -> list[dict[str, Any]]:
        return [asdict(self._standing[key]) for key in sorted(self._standing)]
