"""Requests and traffic share one table: no zone ever has more robots than it admits, whoever let them in."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from robots.core.grants import RENEW_S, Area, Asked, Given, Party, decide
from robots.core.layout import Edge, Layout, Node, Zone
from robots.core.routing import RoadMap
from robots.core.traffic import Traffic
from robots.core.vda5050.reports import RequestKind, RequestStatus
from robots.floor.rooms import LedgerRooms, corridor_area, way_of

LANES, LENGTH = 3, 9
GATE = ((3.5, -1.0), (6.5, -1.0), (6.5, 11.0), (3.5, 11.0))


def road(capacity: int) -> RoadMap:
    """Three lanes side by side, 5 m apart, through one release zone in their middle."""
    nodes = [Node(f"{lane}.{i}", float(i), 5.0 * lane) for lane in range(LANES) for i in range(LENGTH)]
    edges = [
        Edge(f"{lane}.{i}-{i + 1}", f"{lane}.{i}", f"{lane}.{i + 1}")
        for lane in range(LANES)
        for i in range(LENGTH - 1)
    ]
    zone = Zone("gate", "Gate", "release", GATE, capacity=capacity)
    return RoadMap(Layout("lanes", "1", tuple(nodes), tuple(edges), (), (zone,), map_id="m"), radius=0.4)


class World:
    """One robot on each lane, moved by hand; `asks` are the requests as the robots report them."""

    def __init__(self, capacity: int) -> None:
        self.traffic = Traffic(road(capacity), robots=LANES)
        self.floor: Any = SimpleNamespace(traffic=self.traffic, written=SimpleNamespace(touched=set()))
        self.capacity, self.now, self.closed = capacity, 0.0, ""
        self.at = [0] * LANES
        self.asks: list[dict[str, RequestStatus]] = [{} for _ in range(LANES)]
        self.silent, self.by_hand = [False] * LANES, [False] * LANES
        self.heard: list[Party] = []
        self.given: list[Given] = []
        self.number = 0
        for lane in range(LANES):
            self.traffic.admit(f"r{lane}", f"{lane}.0")
            self.traffic.new_leg(f"r{lane}", f"o{lane}")
        self.heard = [self.report(lane) for lane in range(LANES)]

    def report(self, lane: int) -> Party:
        here = (float(self.at[lane]), 5.0 * lane)
        asked = tuple(Asked(name, RequestKind.ACCESS, "gate", status, "s") for name, status in self.asks[lane].items())
        return Party(f"r{lane}", asked, not self.silent[lane], not self.by_hand[lane], here, 0.4,
                     way_of(self.floor, f"r{lane}", here), heard=self.now)  # fmt: skip

    def inside(self, lane: int) -> bool:
        return 4 <= self.at[lane] <= 6

    def act(self, what: str, lane: int) -> None:
        state, serial = self.traffic.robots[f"r{lane}"], f"r{lane}"
        if what == "extend" and state.end + 1 < (lane + 1) * LENGTH:
            if self.traffic.ledger.extend(serial, state.end + 1) is None:
                self.traffic.sync(state)
        elif what == "drive" and lane * LENGTH + self.at[lane] < state.end:
            entering = self.at[lane] + 1 == 4
            if not entering or self.by_hand[lane] or RequestStatus.GRANTED in self.asks[lane].values():
                self.at[lane] += 1
                if not self.silent[lane]:
                    self.traffic.progress(serial, 2 * self.at[lane], order_id=f"o{lane}", now=self.now)
                if self.at[lane] == 7 and not self.by_hand[lane]:
                    self.asks[lane] = {}
        elif what == "ask" and not self.inside(lane) and self.at[lane] < 4 and not self.by_hand[lane]:
            self.number += 1
            self.asks[lane][f"q{self.number}"] = RequestStatus.REQUESTED
        elif what == "silence":
            self.silent[lane] = not self.silent[lane]
            if not self.silent[lane]:
                self.traffic.progress(serial, 2 * self.at[lane], order_id=f"o{lane}", now=self.now)
        elif what == "hand":
            self.by_hand[lane] = not self.by_hand[lane]
            self.asks[lane] = {}
        elif what == "zone":
            self.closed = self.traffic.set_zone("gate", not self.closed, self.now)
            self.closed = "" if self.closed == "open" else self.closed

    def look(self, after: float = 1.0) -> None:
        self.now += after
        for lane in range(LANES):
            if not self.silent[lane]:
                self.heard[lane] = self.report(lane)
            else:
                self.heard[lane] = Party(**{**_fields(self.heard[lane]), "reachable": False})
        area = Area("gate", "Gate", GATE, self.capacity, self.closed)
        parties: Mapping[str, Party] = {party.serial: party for party in self.heard}
        rooms = LedgerRooms(self.floor)
        found = decide(parties, self.given, {"gate": area}, {"s": frozenset({"gate"})}, rooms, self.now)
        self.given = [one for one in found.given if one.state != "ended"]
        for answer in found.answers:
            assert (answer.lease_until is not None) == (str(answer.grant_type) == "GRANTED")
            asks = self.asks[int(answer.serial[1:])]
            if answer.request_id in asks and str(answer.grant_type) in ("GRANTED", "REVOKED"):
                asks[answer.request_id] = RequestStatus(str(answer.grant_type))

    def check(self) -> None:
        assert self.traffic.check() == []
        holding = self.traffic.ledger.who_has(self.traffic.road.release_zones["gate"])
        assert len(holding) <= self.capacity
        granted = {one.serial for one in self.given if one.holds}
        assert granted <= holding
        for lane in range(LANES):
            if self.inside(lane):
                assert f"r{lane}" in holding, "inside without holding the zone"
            known = {one.request_id: one for one in self.given if one.serial == f"r{lane}"}
            for name in self.asks[lane] if not self.silent[lane] else ():
                assert known[name].answered_at is not None, "a request without an answer"
        for one in self.given:
            silent = self.silent[int(one.serial[1:])]
            if (
                one.state == "granted"
                and not silent
                and one.lease_until is not None
                and one.request_id in self._asked()
            ):
                assert one.lease_until - self.now > RENEW_S

    def _asked(self) -> set[str]:
        return {name for asks in self.asks for name in asks}


def _fields(party: Party) -> dict[str, Any]:
    return {name: getattr(party, name) for name in Party.__dataclass_fields__}


_ACT = st.tuples(
    st.sampled_from(["extend", "extend", "drive", "drive", "ask", "ask", "silence", "hand", "zone"]),
    st.integers(0, LANES - 1),
)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 2), st.lists(st.tuples(_ACT, st.sampled_from([0.3, 1.0, 25.0, 90.0])), max_size=60))
@example(1, [((what, 0), 0.3) for what in ("extend", "silence", "drive", "drive", "silence")])
def test_never_more_inside_than_admitted_and_every_request_answered(
    capacity: int, acts: list[tuple[tuple[str, int], float]]
) -> None:
    world = World(capacity)
    for (what, lane), after in acts:
        world.act(what, lane)
        world.look(after)
        world.check()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 2), st.permutations(range(LANES)))
def test_everybody_gets_through_in_the_end(capacity: int, order: list[int]) -> None:
    world = World(capacity)
    for _ in range(40):
        for lane in order:
            if world.at[lane] < 4 and not world.asks[lane]:
                world.act("ask", lane)
            world.act("extend", lane)
            world.act("drive", lane)
        world.look()
        world.check()
    assert min(world.at) == LENGTH - 1
    assert world.given == []


def test_a_corridor_holds_every_place_from_which_it_could_be_touched() -> None:
    world = World(2)
    area = corridor_area([(0.0, 0.0), (2.0, 0.0)], 0.5, 5.0)
    assert sorted(area) == [(-5.0, -5.0), (-5.0, 0.5), (7.0, -5.0), (7.0, 0.5)]
    rooms = LedgerRooms(world.floor)
    beside = corridor_area([(1.0, 0.0), (2.0, 0.0)], 4.8, 0.2)
    assert rooms.take_area("r0", "c", beside) == "node:1.0 is held by r1"
    assert rooms.take_area("r0", "c", corridor_area([(1.0, 0.0), (2.0, 0.0)], 0.2, 0.2)) == ""
    held = {world.traffic.road.resources[r] for r in world.traffic.ledger.grants("r0")["c"]}
    assert held == {"node:0.1", "node:0.2", "node:0.3"}
    rooms.give_back("r0", "c")
    assert world.traffic.ledger.grants("r0") == {}


def test_what_is_granted_survives_a_restart_of_dispatch() -> None:
    world = World(1)
    assert LedgerRooms(world.floor).take_zones("r0", "ACCESS:q1", ["gate"]) == ""
    again = Traffic.restore(world.traffic.snapshot(), road(1), robots=LANES)
    assert again.ledger.grants("r0") == world.traffic.ledger.grants("r0")
    assert again.check() == []
    assert again.ledger.who_has(again.road.release_zones["gate"]) == {"r0"}


def test_a_zone_is_not_closed_while_a_granted_robot_has_not_given_it_back() -> None:
    world = World(1)
    LedgerRooms(world.floor).take_zones("r0", "ACCESS:q1", ["gate"])
    assert world.traffic.set_zone("gate", True) == "closing"
    LedgerRooms(world.floor).give_back("r0", "ACCESS:q1")
    assert world.traffic.zones()["gate"] == "closed"
