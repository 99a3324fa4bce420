"""Zone and corridor requests: who is told yes, who waits and why, and what a grant survives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from robots.core.grant_parts import Answer, Area, Asked, Given, Lane, Outcome, Party
from robots.core.grants import LEASE_S, RETRY_S, decide
from robots.core.polygons import Polygon
from robots.core.vda5050.messages import GrantType
from robots.core.vda5050.reports import RequestKind, RequestStatus

ACCESS, REPLANNING, CORRIDOR = RequestKind.ACCESS, RequestKind.REPLANNING, RequestKind.CORRIDOR
SETS = {"set-1": frozenset({"gate", "dock", "slow"})}
GATE = Area("gate", "Gate", ((4.0, 0.0), (6.0, 0.0), (6.0, 2.0), (4.0, 2.0)))
WAY = ((0.0, 1.0), (10.0, 1.0))


@dataclass
class Table:
    """Rooms with a list of who holds what; a corridor is taken by whoever holds "area"."""

    capacity: Mapping[str, int] = field(default_factory=lambda: {"gate": 1, "dock": 1, "area": 1})
    led: set[tuple[str, str]] = field(default_factory=set)
    held: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    queue: dict[str, dict[str, float]] = field(default_factory=dict)

    def led_in(self, serial: str, zone: str) -> bool:
        return (serial, zone) in self.led

    def inside(self, zone: str) -> frozenset[str]:
        granted = {serial for (serial, _), zones in self.held.items() if zone in zones}
        return frozenset(granted | {serial for serial, led in self.led if led == zone})

    def waiting(self, zone: str) -> Mapping[str, float]:
        return self.queue.get(zone, {})

    def take_zones(self, serial: str, key: str, zones: Sequence[str]) -> str:
        for zone in zones:
            if len(self.inside(zone) - {serial}) >= self.capacity[zone]:
                return f"{zone} is held by {min(self.inside(zone) - {serial})}"
        self.held[serial, key] = tuple(zones)
        return ""

    def take_area(self, serial: str, key: str, area: Polygon) -> str:
        return self.take_zones(serial, key, ["area"])

    def give_back(self, serial: str, key: str) -> None:
        self.held.pop((serial, key), None)


def access(request_id: str = "q1", zone: str = "gate", status: str = "REQUESTED", zone_set: str = "set-1") -> Asked:
    return Asked(request_id, ACCESS, zone, RequestStatus(status), zone_set)


def party(serial: str, *asked: Asked, x: float | None = 0.0, way: tuple[tuple[float, float], ...] = WAY) -> Party:
    return Party(serial, asked, point=None if x is None else (x, 1.0), way=way)


class Site:
    """Keeps what was decided from look to look."""

    def __init__(self, *areas: Area) -> None:
        self.areas = {area.id: area for area in areas or (GATE,)}
        self.table = Table()
        self.given: list[Given] = []
        self.now = 100.0

    def look(self, *parties: Party, after: float = 1.0) -> tuple[dict[str, Given], tuple[Answer, ...]]:
        self.now += after
        heard = {p.serial: replace(p, heard=self.now if p.reachable else p.heard) for p in parties}
        found: Outcome = decide(heard, self.given, self.areas, SETS, self.table, self.now)
        self.given = [one for one in found.given if one.state != "ended"]
        return {f"{one.serial}/{one.request_id}": one for one in found.given}, found.answers


def test_a_free_zone_is_granted_with_a_lease_and_held() -> None:
    site = Site()
    given, answers = site.look(party("r1", access()))
    assert given["r1/q1"].state == "granted"
    assert answers == (Answer("r1", "q1", GrantType.GRANTED, site.now + LEASE_S),)
    assert site.table.inside("gate") == {"r1"}


def test_who_asks_first_is_first_and_nobody_is_let_in_beyond_the_room() -> None:
    site = Site()
    site.look(party("r1", access()))
    given, answers = site.look(party("r1", access(status="GRANTED"), x=5.0), party("r3", access("q3")))
    assert given["r3/q3"].state == "queued"
    assert given["r3/q3"].reason == "r1 inside Gate already"
    assert answers == (Answer("r3", "q3", GrantType.QUEUED),)
    given, _ = site.look(
        party("r1", access(status="GRANTED"), x=5.0), party("r2", access("q2")), party("r3", access("q3"))
    )
    assert given["r2/q2"].state == "queued"
    given, _ = site.look(party("r1", x=9.0), party("r2", access("q2")), party("r3", access("q3")))
    assert (given["r1/q1"].state, given["r3/q3"].state, given["r2/q2"].state) == ("ended", "granted", "queued")


def test_where_traffic_leads_a_robot_it_is_granted() -> None:
    site = Site()
    site.table.led.add(("r1", "gate"))
    site.look(party("r2", access("q2"), x=20.0, way=((20.0, 1.0), (30.0, 1.0))))
    given, _ = site.look(party("r1", access(), x=20.0, way=()), party("r2", access("q2"), x=20.0, way=((20.0, 1.0),)))
    assert given["r1/q1"].state == "granted"
    assert given["r2/q2"].reason == "the way released to it does not lead there yet"


def test_who_waits_in_traffic_for_longer_goes_first() -> None:
    site = Site()
    site.table.queue["gate"] = {"old": 50.0}
    given, _ = site.look(party("r1", access()))
    assert given["r1/q1"].reason == "old waits for Gate already"
    site.table.queue["gate"] = {"young": 150.0}
    given, _ = site.look(party("r1", access()))
    assert given["r1/q1"].state == "granted"


def test_somebody_seen_inside_counts_though_he_holds_nothing() -> None:
    site = Site()
    given, _ = site.look(party("r1", access()), party("lost", x=5.0))
    assert given["r1/q1"].reason == "lost inside Gate already"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (access(zone_set="other"), "there is no zone set 'other' of this site"),
        (access(zone="nowhere"), "there is no release zone 'nowhere'"),
        (access(zone="slow"), "there is no release zone 'slow'"),
        (Asked("q1", CORRIDOR, "a-b", RequestStatus.REQUESTED, sequence_id=3), "'a-b' (3) is not an edge of its order"),
        (Asked("q1", REPLANNING, "gate", RequestStatus.REQUESTED, "set-1"), "no path is given"),
    ],
)
def test_what_cannot_be_is_rejected_with_the_reason(asked: Asked, reason: str) -> None:
    given, answers = Site().look(party("r1", asked))
    assert (given["r1/q1"].state, given["r1/q1"].reason) == ("rejected", reason)
    assert answers == (Answer("r1", "q1", GrantType.REJECTED),)


def test_a_lease_is_extended_before_its_last_third_but_not_for_a_silent_robot() -> None:
    site = Site()
    site.look(party("r1", access()))
    granted = party("r1", access(status="GRANTED"))
    assert site.look(granted, after=LEASE_S / 3)[1] == ()
    assert site.look(granted, after=LEASE_S / 3)[1] == (Answer("r1", "q1", GrantType.GRANTED, site.now + LEASE_S),)
    silent = replace(granted, reachable=False)
    given, answers = site.look(silent, after=10 * LEASE_S)
    assert answers == ()
    assert given["r1/q1"].state == "granted"  # its place stays taken
    assert site.look(silent, party("r2", access("q2")))[0]["r2/q2"].state == "queued"
    given, answers = site.look(party("r1", access(status="EXPIRED"), x=5.0), after=RETRY_S + 1)
    assert answers == (Answer("r1", "q1", GrantType.GRANTED, site.now + LEASE_S),)


def test_an_answer_that_got_lost_is_said_again() -> None:
    site = Site()
    site.look(party("r1", access()))
    assert site.look(party("r1", access()))[1] == ()
    assert [a.grant_type for a in site.look(party("r1", access()), after=RETRY_S)[1]] == [GrantType.GRANTED]


def test_closing_revokes_who_is_not_in_yet_and_lets_the_others_drive_out() -> None:
    site = Site(replace(GATE, capacity=2))
    site.table.capacity = {"gate": 2}
    site.look(party("r1", access()), party("r2", access("q2")))
    site.areas["gate"] = replace(GATE, capacity=2, closed="closing")
    outside, inside = party("r1", access(status="GRANTED")), party("r2", access("q2", status="GRANTED"), x=5.0)
    given, answers = site.look(outside, inside)
    assert (given["r1/q1"].state, given["r2/q2"].state) == ("revoking", "granted")
    assert answers == (Answer("r1", "q1", GrantType.REVOKED),)
    assert site.table.inside("gate") == {"r1", "r2"}  # until the robot itself says so
    given, _ = site.look(party("r1", access(status="REVOKED")), inside)
    assert given["r1/q1"].state == "ended"
    assert site.table.inside("gate") == {"r2"}
    given, _ = site.look(party("r1", access("q9")), inside)
    assert given["r1/q9"].reason == "Gate is closing"


def test_revoked_and_still_inside_keeps_the_place() -> None:
    site = Site()
    site.look(party("r1", access()))
    given, _ = site.look(party("r1", access(status="REVOKED"), x=5.0))
    assert given["r1/q1"].state == "revoking"
    given, _ = site.look(party("r1", x=5.0))
    assert given["r1/q1"].state == "revoking"
    assert site.look(party("r1", x=9.0))[0]["r1/q1"].state == "ended"


def test_a_request_that_a_person_at_the_robot_dropped_frees_nothing_without_evidence() -> None:
    site = Site()
    site.look(party("r1", access()))
    by_hand = replace(party("r1", x=None), automatic=False)
    assert site.look(by_hand)[0]["r1/q1"].state == "granted"
    assert site.look(replace(by_hand, point=(3.8, 1.0)))[0]["r1/q1"].state == "granted"  # partly inside
    assert site.look(replace(by_hand, point=(2.0, 1.0)))[0]["r1/q1"].state == "ended"


def test_a_robot_says_it_was_granted_and_no_record_is_left() -> None:
    given, answers = Site().look(party("r1", access(status="GRANTED"), x=5.0))
    assert given["r1/q1"].state == "granted"
    assert answers[0].grant_type is GrantType.GRANTED


def test_overlapping_zones_are_held_together_or_not_at_all() -> None:
    dock = Area("dock", "Dock", ((5.0, 0.0), (8.0, 0.0), (8.0, 2.0), (5.0, 2.0)), also=("gate",))
    site = Site(replace(GATE, also=("dock",)), dock)
    site.look(party("r1", access()))
    assert site.table.inside("dock") == {"r1"}
    given, _ = site.look(party("r1", access(status="GRANTED")), party("r2", access("q2", zone="dock")))
    assert given["r2/q2"].state == "queued"
    given, _ = site.look(party("r1", access(status="GRANTED"), access("q5", zone="dock")))
    assert given["r1/q5"].state == "granted"


def test_alternative_requests_of_one_robot_take_one_room() -> None:
    site = Site()
    given, _ = site.look(party("r1", access("a"), access("b")))
    assert {one.state for one in given.values()} == {"granted"}
    assert site.table.inside("gate") == {"r1"}


def test_each_replanned_path_is_answered_for_itself() -> None:
    def path(name: str, y: float) -> Asked:
        return Asked(
            name, REPLANNING, "gate", RequestStatus.REQUESTED, "set-1", path=((1.0, 1.0), (5.0, y), (9.0, 1.0))
        )

    given, _ = Site().look(party("r1", path("near", 1.2), path("far", 2.0)))
    assert (given["r1/near"].state, given["r1/far"].state) == ("granted", "rejected")
    assert given["r1/far"].reason == "the path leaves the way that is released to it"
    corner = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0))
    cut = Asked("cut", REPLANNING, "gate", RequestStatus.REQUESTED, "set-1", path=((0.0, 0.0), (10.0, 10.0)))
    assert Site().look(party("r1", cut, way=corner))[0]["r1/cut"].state == "rejected"  # both its ends are on the way


def test_a_corridor_is_granted_on_the_base_only_and_while_nobody_is_in_it() -> None:
    asked = Asked("q1", CORRIDOR, "a-b", RequestStatus.REQUESTED, sequence_id=3)
    room = ((0.0, 0.0), (4.0, 0.0), (4.0, 2.0), (0.0, 2.0))
    site = Site()

    def robot(released: bool, corridor: Polygon = room) -> Party:
        return replace(party("r1", asked), lanes={3: Lane("a-b", released, corridor)})

    assert site.look(robot(False))[0]["r1/q1"].reason == "the edge is not released to it yet"
    site.table.led.add(("r2", "area"))
    assert site.look(robot(True))[0]["r1/q1"].reason == "area is held by r2"
    site.table.led.clear()
    assert site.look(robot(True))[0]["r1/q1"].state == "granted"
    by_hand = replace(robot(True), asked=(), automatic=False)
    assert site.look(by_hand)[0]["r1/q1"].state == "granted"  # it has not passed the edge
    assert site.look(replace(by_hand, lanes={}))[0]["r1/q1"].state == "ended"
    assert site.look(robot(True, ()))[0]["r1/q1"].reason == "'a-b' has no corridor"


def test_who_was_taken_out_of_traffic_has_nothing_any_more() -> None:
    site = Site()
    site.look(party("r1", access()))
    given, answers = site.look()
    assert (given["r1/q1"].state, answers) == ("ended", ())
    assert site.table.held == {}
