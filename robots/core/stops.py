"""Software stops that stand until a person resumes: who is held, who confirmed it, whom to tell again. Pure.

A robot is *held* while any latch names it. It has *confirmed* when its own state says paused and not driving; sending
proves nothing. A confirmation that is lost (the robot restarted, somebody pressed a button on it) is asked for again.
Times are seconds since 1970 and always arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SCOPES = ("site", "zone", "robot")
RESEND_S = 1.0
GIVE_UP_S = 30.0
NEW_ACTION_S = 5.0
"""Re-sends keep the instant action's id; after this long a robot may have dropped it for good, so a new one."""


@dataclass(frozen=True, slots=True)
class Due:
    """One instant action to send now: `resume` False is startPause, True is stopPause."""

    serial: str
    action_id: str
    resume: bool


@dataclass(slots=True)
class Asked:
    """How the asking of one robot goes. `since` starts the 30 s after which it counts as no answer."""

    since: float
    last: float | None = None
    attempt: int = 0
    attempt_at: float = 0.0

    def ask(self, now: float) -> int:
        """Note a send; the number of the instant action to use."""
        if self.last is None:
            self.attempt_at = now
        elif now - self.attempt_at >= NEW_ACTION_S:
            self.attempt, self.attempt_at = self.attempt + 1, now
        self.last = now
        return self.attempt


@dataclass(slots=True)
class Latch:
    """One stop. `serials`: everybody it ever held; `held`: who still is; `confirmed`: serial -> when it said so."""

    id: str
    scope: str
    site: str
    at: float
    by: str
    zone: str = ""
    reason: str = ""
    serials: tuple[str, ...] = ()
    held: set[str] = field(default_factory=set)
    confirmed: dict[str, float] = field(default_factory=dict)
    asked: dict[str, Asked] = field(default_factory=dict)

    def add(self, serials: Iterable[str], now: float) -> tuple[str, ...]:
        """Hold these as well; returns who is new. Somebody who was resumed from this stop is not held by it again."""
        new = tuple(serial for serial in dict.fromkeys(serials) if serial not in self.serials)
        self.serials += new
        self.held |= set(new)
        self.asked |= {serial: Asked(now) for serial in new}
        return new

    def release(self, serials: Iterable[str]) -> tuple[str, ...]:
        gone = tuple(serial for serial in dict.fromkeys(serials) if serial in self.held)
        self.held -= set(gone)
        for serial in gone:
            self.asked.pop(serial, None)
        return gone

    def no_answer(self, now: float) -> tuple[str, ...]:
        """Held robots that have not confirmed within 30 s of being asked."""
        return tuple(
            serial
            for serial in self.serials
            if serial in self.held and serial not in self.confirmed and now - self.asked[serial].since >= GIVE_UP_S
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "scope": self.scope, "site": self.site, "zone": self.zone, "at": self.at, "by": self.by,
            "reason": self.reason, "serials": list(self.serials), "held": sorted(self.held),
        }  # fmt: skip


def latch_from_json(data: Mapping[str, Any], now: float) -> Latch:
    """The latch that `Latch.to_json` wrote; confirmations are asked for anew. Raises ValueError."""
    try:
        latch = Latch(
            id=str(data["id"]), scope=str(data["scope"]), site=str(data["site"]), at=float(data["at"]),
            by=str(data["by"]), zone=str(data.get("zone") or ""), reason=str(data.get("reason") or ""),
        )  # fmt: skip
        latch.add([str(serial) for serial in data["serials"]], now)
        # A robot leaves out an instant action whose id it has seen: after a restart the ids must be new ones.
        latch.asked = {serial: Asked(now, attempt=int(now)) for serial in latch.serials}
        held = {str(serial) for serial in data.get("held", data["serials"])}
    except (KeyError, TypeError) as error:
        raise ValueError(f"a stop needs id, scope, site, at, by and serials: {error}") from error
    latch.release(set(latch.serials) - held)
    return latch


@dataclass(slots=True)
class StopBook:
    """Every standing stop of every site, and the robots that are being resumed."""

    latches: dict[str, Latch] = field(default_factory=dict)
    resuming: dict[str, Asked] = field(default_factory=dict)
    resume_ids: dict[str, str] = field(default_factory=dict)

    def at_site(self, site: str) -> list[Latch]:
        return sorted((latch for latch in self.latches.values() if latch.site == site), key=lambda latch: latch.at)

    def holders(self, serial: str) -> list[Latch]:
        return [latch for latch in self.latches.values() if serial in latch.held]

    def is_held(self, serial: str) -> bool:
        return any(serial in latch.held for latch in self.latches.values())

    def held_at(self, site: str) -> set[str]:
        return set().union(*(latch.held for latch in self.latches.values() if latch.site == site))

    def open(self, latch: Latch) -> None:
        self.latches[latch.id] = latch
        for serial in latch.held:
            self._forget_resume(serial)

    def extend(self, latch_id: str, serials: Iterable[str], now: float) -> tuple[str, ...]:
        new = self.latches[latch_id].add(serials, now)
        for serial in new:
            self._forget_resume(serial)
        return new

    def release(
        self, latch_id: str, serials: Iterable[str], *, now: float, resume_id: str, ask: bool = True
    ) -> tuple[str, ...]:
        """Clear these robots from one stop; whom nothing else holds is asked to go on. KeyError: no such stop.

        `ask` False: somebody else asks them.
        """
        latch = self.latches[latch_id]
        gone = latch.release(serials)
        if not latch.held:
            del self.latches[latch_id]
        for serial in gone:
            if ask and not self.is_held(serial):
                self.resuming[serial] = Asked(now)
                self.resume_ids[serial] = resume_id
        return gone

    def observe(self, serial: str, *, paused: bool, driving: bool, now: float) -> list[Latch]:
        """Take a robot's own state; returns the latches whose confirmations changed."""
        if serial in self.resuming and not paused:
            self._forget_resume(serial)
        changed = []
        for latch in self.holders(serial):
            if paused and not driving and serial not in latch.confirmed:
                latch.confirmed[serial] = now
                changed.append(latch)
            elif not paused and serial in latch.confirmed:
                del latch.confirmed[serial]
                before = latch.asked[serial]
                latch.asked[serial] = Asked(now, attempt=before.attempt + 1, last=now - RESEND_S, attempt_at=now)
                changed.append(latch)
            elif not paused and now - latch.asked[serial].since >= GIVE_UP_S:
                # It was given up and speaks again: it can be told again, at the pace of its own messages.
                self._nudge(latch.asked[serial], now)
        return changed

    def due(self, now: float) -> list[Due]:
        """What to send now, once a second for each robot; call it often."""
        found: list[Due] = []
        for latch in sorted(self.latches.values(), key=lambda latch: latch.at):
            for serial in latch.serials:
                if serial not in latch.held or serial in latch.confirmed or any(due.serial == serial for due in found):
                    continue
                asked = latch.asked[serial]
                if _is_due(asked, now):
                    found.append(Due(serial, f"{latch.id}.{serial}.{asked.ask(now)}", resume=False))
        for serial, asked in list(self.resuming.items()):
            if now - asked.since >= GIVE_UP_S:
                self._forget_resume(serial)
            elif _is_due(asked, now):
                found.append(Due(serial, f"{self.resume_ids[serial]}.{serial}.{asked.ask(now)}", resume=True))
        return found

    def _nudge(self, asked: Asked, now: float) -> None:
        if asked.last is None or now - asked.last >= RESEND_S:
            asked.last = None

    def _forget_resume(self, serial: str) -> None:
        self.resuming.pop(serial, None)
        self.resume_ids.pop(serial, None)


def _is_due(asked: Asked, now: float) -> bool:
    if asked.last is None:
        return True
    return now - asked.last >= RESEND_S and now - asked.since < GIVE_UP_S


def action_id(latch_id: str, serial: str) -> str:
    """The id of the first startPause of a stop: what the command log follows."""
    return f"{latch_id}.{serial}.0"
