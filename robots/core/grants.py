"""Zone and corridor requests of VDA 5050 3.0 robots: who is told yes, who waits, whose yes is taken back (6.4.3, 6.9).

A grant is a promise about a place, and the table of places is traffic's ledger: a grant holds there what it promises,
from before the answer leaves until the robot has given it back, so no base of any robot (2.x ones never ask) can be
released into it meanwhile. A robot whose base traffic has led into a zone is granted it; one that only passes so near
that its contour is in the zone is granted it while there is room and nobody asked before.

What was granted stays granted until the robot itself says REVOKED or drops the request, and its place stays taken until
it is seen outside: a lease that ends, a lost link or INTERVENED free nothing (6.4.3, 6.6.6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import ceil, hypot
from typing import Final

from robots.core.geometry import Point
from robots.core.grant_parts import (
    ENDED,
    GRANTED,
    QUEUED,
    REJECTED,
    REVOKING,
    WORD,
    Answer,
    Area,
    Asked,
    Given,
    Lane,
    Outcome,
    Party,
    Rooms,
)
from robots.core.polygons import way_to_polygon
from robots.core.vda5050.reports import RequestKind, RequestStatus

__all__ = ["Answer", "Area", "Asked", "Given", "Lane", "Outcome", "Party", "Rooms", "decide"]

LEASE_S: Final = 60.0
RENEW_S: Final = LEASE_S / 3
"""So much before its end a lease is extended by sending the grant again (6.4.3)."""
RETRY_S: Final = 2.0
REMIND_S: Final = 15.0
"""How long after an answer of quality of service 0 it is sent again to a robot that does not show it."""
ON_WAY_M: Final = 0.25
"""A replanned path may leave the released way by so much: what footprints leave room for."""


def decide(
    parties: Mapping[str, Party],
    given: Sequence[Given],
    areas: Mapping[str, Area],
    sets: Mapping[str, frozenset[str]],
    rooms: Rooms,
    now: float,
) -> Outcome:
    """One look at all requests of a site. `sets`: zone set id -> the release zones in it."""
    return _Round(parties, areas, sets, rooms, now).run(given)


class _Round:
    def __init__(
        self, parties: Mapping[str, Party], areas: Mapping[str, Area], sets: Mapping[str, frozenset[str]],
        rooms: Rooms, now: float,
    ) -> None:  # fmt: skip
        self.parties, self.areas, self.sets, self.rooms, self.now = parties, areas, sets, rooms, now
        self.answers: list[Answer] = []
        self.waits: dict[str, list[tuple[float, str]]] = {}
        self.ahead: dict[str, str] = {}
        """Zone -> a robot that waits for room in it: nobody who asked later is let in before."""

    def run(self, given: Sequence[Given]) -> Outcome:
        before = [*given, *self._new(given)]
        followed = [_anew(one, self._follow(one)) for one in before]
        queue = sorted((g for g in followed if g.state == QUEUED), key=lambda g: (g.asked_at, g.serial, g.request_id))
        if queue:
            self.waits = {zone: sorted((t, r) for r, t in self.rooms.waiting(zone).items()) for zone in self.areas}
        decided = {(g.serial, g.request_id): _anew(g, self._consider(g)) for g in queue}
        after = [decided.get((g.serial, g.request_id), g) for g in followed]
        return Outcome(tuple(self._tell(one) for one in after), tuple(self.answers))

    def _new(self, given: Sequence[Given]) -> list[Given]:
        known = {(g.serial, g.request_id) for g in given}
        return [
            Given(serial, asked.request_id, asked.kind, asked.target, zone_set_id=asked.zone_set_id,
                  sequence_id=asked.sequence_id, asked_at=self.now)
            for serial, party in sorted(self.parties.items())
            for asked in {asked.request_id: asked for asked in party.asked}.values()
            if party.reachable and (serial, asked.request_id) not in known
        ]  # fmt: skip

    # --- what the robot says --------------------------------------------------------------------------------------

    def _follow(self, given: Given) -> Given:
        """By the robot's own report: dropped, revoked, expired, or as it was. A silent robot's stays as it is."""
        party = self.parties.get(given.serial)
        if party is None:
            return self._end(given, "the robot was taken out of traffic")
        if given.holds and (refused := self._take(given, party)):  # the ground may be another one since
            given = replace(given, reason=f"granted before; {refused}")
        if not party.reachable:
            return given
        asked = next((a for a in party.asked if a.request_id == given.request_id), None)
        if asked is None:
            return self._dropped(given, party)
        if given.state == QUEUED and asked.status is RequestStatus.GRANTED:
            return self._already(given, party)
        if given.holds and asked.status is RequestStatus.REVOKED:
            if self._outside(given, party):
                return self._end(given, "revoked, and the robot is outside")
            return replace(given, state=REVOKING, reason="revoked; the robot is still there by its position")
        if given.state == GRANTED:
            return self._still_open(given, party)
        return given

    def _dropped(self, given: Given, party: Party) -> Given:
        if not given.holds:
            return self._end(given, given.reason or "no longer asked for")
        if self._outside(given, party, its_word=party.automatic):
            return self._end(given, "the robot has left")
        return replace(given, reason="no longer asked for, but the robot is still there as far as anybody knows")

    def _already(self, given: Given, party: Party) -> Given:
        """The robot was told yes before (the record of it is lost): that counts, whatever the rules say now (6.4.3)."""
        refused = self._take(given, party)
        reason = f"granted before; {refused}" if refused else ""
        return replace(given, state=GRANTED, reason=reason, granted_at=self.now)

    def _still_open(self, given: Given, party: Party) -> Given:
        area = self.areas.get(given.target) if given.kind is RequestKind.ACCESS else None
        if given.kind is RequestKind.ACCESS and area is None:
            return replace(given, state=REVOKING, reason="the zone is no longer in the layout", lease_until=None)
        if area is None or not area.closed or party.point is None:
            return given
        if way_to_polygon([party.point], area.polygon) <= party.reach:
            return given  # it would stop in the zone: it is to drive out instead
        return replace(given, state=REVOKING, reason=f"{area.name} is {area.closed}", lease_until=None)

    def _outside(self, given: Given, party: Party, its_word: bool = False) -> bool:
        """By evidence: where it is, or, with `its_word`, that it says so and is not seen inside."""
        if given.kind is RequestKind.REPLANNING:
            return True
        if given.kind is RequestKind.CORRIDOR:
            return its_word or given.sequence_id not in party.lanes
        area = self.areas.get(given.target)
        if area is None:
            return True  # there is no such zone any more
        if party.point is None:
            return its_word
        return way_to_polygon([party.point], area.polygon) > (0.0 if its_word else party.reach)

    def _end(self, given: Given, reason: str) -> Given:
        self.rooms.give_back(given.serial, given.key)
        return replace(given, state=ENDED, reason=reason, lease_until=None)

    # --- what we say ----------------------------------------------------------------------------------------------

    def _consider(self, given: Given) -> Given:
        party = self.parties[given.serial]
        if not party.reachable:
            return given
        if not party.automatic:
            return replace(given, reason="the robot is not under fleet control")
        consider: Mapping[RequestKind, Callable[[Given, Party], tuple[str, str]]] = {
            RequestKind.ACCESS: self._access, RequestKind.REPLANNING: self._replanning,
            RequestKind.CORRIDOR: self._corridor,
        }  # fmt: skip
        state, reason = consider[given.kind](given, party)
        granted_at = self.now if state == GRANTED else None
        return replace(given, state=state, reason=reason, granted_at=granted_at)

    def _access(self, given: Given, party: Party) -> tuple[str, str]:
        if given.zone_set_id not in self.sets:
            return REJECTED, f"there is no zone set {given.zone_set_id!r} of this site"
        area = self.areas.get(given.target)
        if area is None or given.target not in self.sets[given.zone_set_id]:
            return REJECTED, f"there is no release zone {given.target!r}"
        if area.closed:
            return QUEUED, f"{area.name} is {area.closed}"
        zones = [area, *(self.areas[other] for other in area.also)]
        if shut := next((zone for zone in zones if zone.closed), None):
            return QUEUED, f"{area.name} overlaps {shut.name}, which is {shut.closed}"
        led_in = self.rooms.led_in(given.serial, area.id)
        if not led_in and (not party.way or way_to_polygon(party.way, area.polygon) > party.reach):
            return QUEUED, "the way released to it does not lead there yet"
        full = next((who for zone in zones if (who := self._full(zone, given.serial))), "")
        first = next((who for zone in zones if (who := self._first(zone.id, given))), "")
        if not led_in and (full or first):
            self.ahead.update({zone.id: self.ahead.get(zone.id, given.serial) for zone in zones})
            return QUEUED, full or f"{first} waits for {area.name} already"
        if refused := self._take(given, party):
            self.ahead.setdefault(area.id, given.serial)
            return QUEUED, refused
        return GRANTED, ""

    def _first(self, zone: str, given: Given) -> str:
        """Who has waited for this zone for longer, in this queue or in traffic's."""
        if self.ahead.get(zone, given.serial) != given.serial:
            return self.ahead[zone]
        return next((r for t, r in self.waits.get(zone, ()) if t < given.asked_at and r != given.serial), "")

    def _full(self, zone: Area, serial: str) -> str:
        """Who is inside, by the table of places or by where they are seen; "" while there is room."""
        inside = set(self.rooms.inside(zone.id))
        inside |= {s for s, p in self.parties.items() if p.point and way_to_polygon([p.point], zone.polygon) == 0.0}
        others = sorted(inside - {serial})
        return f"{', '.join(others[:3])} inside {zone.name} already" if len(others) >= zone.capacity else ""

    def _replanning(self, given: Given, party: Party) -> tuple[str, str]:
        """Each path for itself: yes where it stays on what is released to the robot anyway (6.4.3)."""
        if given.zone_set_id not in self.sets:
            return REJECTED, f"there is no zone set {given.zone_set_id!r} of this site"
        path = next(asked.path for asked in party.asked if asked.request_id == given.request_id)
        if not path or not party.way:
            return REJECTED, "no path is given" if not path else "no way is released to it"
        if any(way_to_polygon(party.way, [point]) > ON_WAY_M for point in _dense(path)):
            return REJECTED, "the path leaves the way that is released to it"
        return GRANTED, ""

    def _corridor(self, given: Given, party: Party) -> tuple[str, str]:
        """Only edges of its base, one by one (6.6.10), and only while nobody could be touched in the corridor."""
        lane = party.lanes.get(-1 if given.sequence_id is None else given.sequence_id)
        if lane is None or lane.edge != given.target:
            return REJECTED, f"{given.target!r} ({given.sequence_id}) is not an edge of its order"
        if not lane.corridor:
            return REJECTED, f"{given.target!r} has no corridor"
        if not lane.released:
            return QUEUED, "the edge is not released to it yet"
        refused = self._take(given, party)
        return (QUEUED, refused) if refused else (GRANTED, "")

    def _take(self, given: Given, party: Party) -> str:
        if given.kind is RequestKind.ACCESS and given.target in self.areas:
            zones = [given.target, *self.areas[given.target].also]
            return self.rooms.take_zones(given.serial, given.key, zones)
        lane = party.lanes.get(-1 if given.sequence_id is None else given.sequence_id)
        if given.kind is RequestKind.CORRIDOR and lane is not None and lane.corridor:
            return self.rooms.take_area(given.serial, given.key, lane.corridor)
        return ""

    def _tell(self, given: Given) -> Given:
        """Answer what is new, extend leases, and say again what the robot does not show to have heard."""
        party = self.parties.get(given.serial)
        if party is None or not party.reachable or given.state == ENDED:
            return given
        asked = next((a for a in party.asked if a.request_id == given.request_id), None)
        if asked is None or not self._due(given, asked, party):
            return given
        until = self.now + LEASE_S if given.state == GRANTED else None
        self.answers.append(Answer(given.serial, given.request_id, WORD[given.state], until))
        return replace(given, answered_at=self.now, lease_until=until)

    def _due(self, given: Given, asked: Asked, party: Party) -> bool:
        told_at = given.answered_at
        if told_at is None:
            return asked.status is not RequestStatus.REVOKED or given.state != REVOKING
        unheard = party.heard > told_at and self.now - told_at >= RETRY_S
        match given.state:
            case "granted":
                shown = asked.status is RequestStatus.GRANTED
                return (given.lease_until or 0.0) - self.now <= RENEW_S or (unheard and not shown)
            case "revoking":
                return unheard and asked.status in (RequestStatus.GRANTED, RequestStatus.EXPIRED)
        return unheard and self.now - told_at >= REMIND_S


def _dense(path: Sequence[Point]) -> list[Point]:
    """The path with a point at least every `ON_WAY_M`: between two points on the way it may still leave it."""
    found = list(path[:1])
    for (x1, y1), (x2, y2) in pairwise(path):
        pieces = min(1000, max(1, ceil(hypot(x2 - x1, y2 - y1) / ON_WAY_M)))
        found += [(x1 + (x2 - x1) * i / pieces, y1 + (y2 - y1) * i / pieces) for i in range(1, pieces + 1)]
    return found


def _anew(before: Given, after: Given) -> Given:
    """Another state has not been told yet."""
    return after if after.state == before.state else replace(after, answered_at=None)
