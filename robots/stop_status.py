"""How a software stop goes, counted from what the robots report, never from what was sent."""

from __future__ import annotations

from dataclasses import dataclass

from .core.stops import Latch, StopBook
from .stop_roster import Roster

ORDER = ("no_answer", "cannot_be_commanded", "waiting", "confirmed")


@dataclass(frozen=True, slots=True)
class StopLine:
    """One held robot. `state`: confirmed | waiting | no_answer | cannot_be_commanded; `why` says what keeps it."""

    serial: str
    name: str
    robot: str
    state: str
    why: str = ""
    confirmed_at: float | None = None
    x: float | None = None
    y: float | None = None
    released_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StopStatus:
    """One standing stop, counted from the robots' reports; times in s since 1970."""

    id: str
    scope: str
    zone: str
    requested_at: float
    requested_by: str
    reason: str
    lines: tuple[StopLine, ...]

    def of(self, state: str) -> tuple[StopLine, ...]:
        return tuple(line for line in self.lines if line.state == state)

    confirmed = property(lambda self: self.of("confirmed"))
    waiting = property(lambda self: self.of("waiting"))
    no_answer = property(lambda self: self.of("no_answer"))
    cannot_be_commanded = property(lambda self: self.of("cannot_be_commanded"))


@dataclass(frozen=True, slots=True)
class SiteStops:
    """`stops` that stand at the site, oldest first. `can_stop` False: show "Stop cannot be sent"."""

    can_stop: bool
    stops: tuple[StopStatus, ...]


def site_stops(book: StopBook, roster: Roster, site: str, *, can_stop: bool, now: float) -> SiteStops:
    """Every stop that stands at the site (slug); `now` in s since 1970."""
    return SiteStops(can_stop, tuple(_status(latch, roster, now) for latch in book.at_site(site)))


def _status(latch: Latch, roster: Roster, now: float) -> StopStatus:
    silent = set(latch.no_answer(now))
    lines = [_line(latch, serial, serial in silent, roster) for serial in latch.serials if serial in latch.held]
    lines.sort(key=lambda line: (ORDER.index(line.state), line.name))
    return StopStatus(latch.id, latch.scope, latch.zone, latch.at, latch.by, latch.reason, tuple(lines))


def _line(latch: Latch, serial: str, silent: bool, roster: Roster) -> StopLine:
    card, live = roster.cards.get(serial), roster.of(serial)
    why = live.unreachable
    state = "confirmed" if serial in latch.confirmed else "no_answer" if silent else "waiting"
    if why and state != "confirmed":
        state = "cannot_be_commanded"
    place = roster.place(card) if card else None
    return StopLine(
        serial=serial,
        name=card.name if card else serial,
        robot=card.public_id if card else "",
        state=state,
        why=why,
        confirmed_at=latch.confirmed.get(serial),
        x=place[0] if place else None,
        y=place[1] if place else None,
        released_path=roster.released(card) if card else (),
    )
