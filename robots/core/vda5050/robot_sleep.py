"""Hibernation and shutdown (3.0 6.2.3.1, 6.5): what the connection topic says, and when the robot is silent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .events import HibernationRequested, RobotEvent, ShutdownRequested, WakeUpRequested
from .headers import seconds
from .reports import ConnectionState


@dataclass(slots=True)
class Sleep:
    """`preparing`: ids of startHibernation actions that wait for the robot to be still.

    `wake_at`: s since 1970 by the robot's clock, None: not by itself. `news`: what the connection topic has to say
    after the next state.
    """

    hibernating: bool = False
    off: bool = False
    preparing: list[str] = field(default_factory=list)
    wake_at: float | None = None
    news: ConnectionState | None = None
    changes: int = 0

    @property
    def silent(self) -> bool:
        """No state leaves: it hibernates or is switched off, and has said so."""
        return (self.hibernating or self.off) and self.news is None

    def prepare(self, action_id: str, wake_up: str) -> list[RobotEvent]:
        self.preparing.append(action_id)
        self.changes += 1
        self.wake_at = seconds(wake_up) if wake_up else None
        return [HibernationRequested(wake_up)]

    def fall_asleep(self) -> None:
        self.preparing, self.hibernating, self.news = [], True, ConnectionState.HIBERNATING
        self.changes += 1

    def wake(self) -> list[RobotEvent]:
        """stopHibernation, or the time it was told. A robot that is awake says ONLINE again."""
        self.preparing, self.wake_at = [], None
        self.hibernating, self.news = False, ConnectionState.ONLINE
        self.changes += 1
        return [WakeUpRequested()]

    def switch_off(self) -> list[RobotEvent]:
        self.off, self.news = True, ConnectionState.OFFLINE
        return [ShutdownRequested()]

    def due(self, now: float) -> bool:
        return self.hibernating and self.wake_at is not None and self.wake_at <= now

    def hindrances(self) -> tuple[str, ...]:
        return ("hibernating",) if self.hibernating or self.preparing or self.off else ()

    def snapshot(self) -> dict[str, Any]:
        """A robot that was shut down is switched on again by being started, so that is not kept."""
        return {"hibernating": self.hibernating, "preparing": list(self.preparing), "wake_at": self.wake_at}

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.hibernating, self.wake_at = bool(saved["hibernating"]), saved["wake_at"]
        self.preparing = [str(action_id) for action_id in saved["preparing"]]
