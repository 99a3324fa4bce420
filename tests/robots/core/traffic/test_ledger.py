"""The ledger by example: what the safety kernel grants, refuses and frees, in the order one meets it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from robots.core.layout import Door, Edge, Layout, Node, Zone
from robots.core.routing import RoadMap, VehicleType
from robots.core.traffic import AdmissionRefused, UnexpectedReport
from robots.core.traffic.ledger import Ledger, LedgerError
from tests.robots.core.traffic.checker import Checker

BOTH = {"by": "Ann", "confirmed_by": "Bo"}


def street(*zones: Zone, types: tuple[VehicleType, ...] = ()) -> RoadMap:
    """a - b - c - d - e in a row, two-way, 2 m apart; a door between c and d; x > c from below; y > z crosses a - b."""
    points = {name: (2.0 * i, 0.0) for i, name in enumerate("abcde")}
    points |= {"x": (4.0, -2.0), "y": (1.0, 1.3), "z": (1.0, -1.3)}
    ways = [pair for a, b in pairwise("abcde") for pair in (a + b, b + a)] + ["xc", "yz"]
    nodes = tuple(Node(name, x, y) for name, (x, y) in points.items())
    edges = tuple(Edge(way, way[0], way[1], vehicle_types=("small",) if way == "de" else None) for way in ways)
    door = Door("gate", "Gate", 5.0, -1.0, 5.0, 1.0, ("cd", "dc"))
    return RoadMap(Layout("Street", "1", nodes, edges, (), zones, doors=(door,), map_id="m"), types=types)


def box(name: str, x1: float, x2: float, kind: str = "area", capacity: int = 1) -> Zone:
    return Zone(name, name, kind, ((x1, -1.0), (x2, -1.0), (x2, 1.0), (x1, 1.0)), capacity=capacity)


class Desk:
    """A ledger that is asked by names, as a person would."""

    def __init__(self, road: RoadMap, ledger: Ledger | None = None) -> None:
        self.road = road
        self.ledger = ledger or Ledger(road, epoch=3)

    def admit(self, robot: str, node: str, beside: str = "", profile: str = "") -> None:
        index = self.road.index
        self.ledger.admit(robot, index[node], profile=profile, beside=[index[name] for name in beside])

    def go(self, robot: str, way: str, order: str = "") -> str:
        """Extend along `way`, under a new order if one is named; the kind of the first refusal, or ""."""
        if order:
            self.ledger.begin(robot, order)
        for name in way:
            if refused := self.ledger.extend(robot, self.road.index[name]):
                return f"{refused.kind} {refused.holder}".strip()
        return ""

    def held(self, robot: str) -> set[str]:
        return {self.road.resources[resource] for resource in self.ledger.held(robot)}

    def nodes(self, robot: str) -> str:
        return "".join(name.removeprefix("node:") for name in sorted(self.held(robot)) if name.startswith("node:"))

    def restarted(self, epoch: int = 4) -> Desk:
        return Desk(self.road, Ledger.restore(self.ledger.snapshot(), self.road, epoch=epoch))


@pytest.fixture
def desk() -> Desk:
    return Desk(street())


# --- bases ---


def test_a_base_grows_edge_by_edge_and_holds_all_it_passes(desk: Desk) -> None:
    desk.admit("R1", "a")
    assert desk.go("R1", "bc", "o1") == ""
    assert [(visit.sequence_id, visit.node) for visit in desk.ledger.base("R1")] == [(0, "a"), (2, "b"), (4, "c")]
    assert desk.nodes("R1") == "abc"
    assert "overlap:a>b|y>z" not in desk.held("R1") and any(name.startswith("overlap:") for name in desk.held("R1"))


def test_what_a_robot_holds_nobody_else_gets(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.admit("R2", "d")
    assert desk.go("R1", "bc", "o1") == ""
    assert desk.go("R2", "c", "o2") == "held R1"
    assert desk.nodes("R2") == "d", "a refusal changes nothing"
    with pytest.raises(AdmissionRefused, match="node:b is held by R1"):
        desk.admit("R3", "b")


def test_lanes_that_cross_without_a_common_node_exclude_each_other(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.admit("R2", "y")
    assert desk.go("R1", "bc", "o1") == ""
    assert desk.go("R2", "z", "o2") == "held R1"
    desk.ledger.traversed("R1", "o1", 4)
    assert desk.go("R2", "z") == ""


def test_only_lanes_of_the_map_and_of_the_vehicle_type_are_driven() -> None:
    small, wide = VehicleType("small", 0.6, 0.6, 1.0), VehicleType("wide", 0.9, 0.9, 1.0)
    desk = Desk(street(types=(small, wide)))
    desk.admit("R1", "d", profile="wide")
    desk.admit("R2", "b", profile="small")
    assert desk.go("R1", "b", "o1") == "no_edge", "not a neighbour"
    assert desk.go("R1", "e") == "no_edge", "for the small ones only"
    assert desk.go("R2", "c", "o2") == "" and desk.go("R2", "x") == "no_edge", "one way, the other way"


def test_a_robot_needs_to_be_in_traffic_and_to_have_an_order(desk: Desk) -> None:
    assert desk.go("R1", "b") == "not_admitted"
    desk.admit("R1", "a")
    assert desk.go("R1", "b") == "no_order"
    with pytest.raises(AdmissionRefused, match="already in traffic, at a"):
        desk.admit("R1", "b")
    with pytest.raises(LedgerError, match="not in this layout"):
        desk.ledger.admit("R2", 99)


def test_an_order_ends_before_the_next_and_its_id_never_comes_back(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "b", "o1")
    with pytest.raises(LedgerError, match="still driving order o1"):
        desk.ledger.begin("R1", "o2")
    desk.ledger.traversed("R1", "o1", 2)
    with pytest.raises(LedgerError, match="had an order o1 before"):
        desk.ledger.begin("R1", "o1")
    desk.ledger.begin("R1", "o2")
    assert desk.ledger.base("R1")[0].sequence_id == 0


# --- what frees ---


def test_arriving_at_the_next_node_frees_the_one_behind(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "bc", "o1")
    freed = {desk.road.resources[resource] for resource in desk.ledger.traversed("R1", "o1", 2)}
    assert "node:a" in freed and desk.nodes("R1") == "bc"


def test_a_report_that_was_lost_is_made_good_by_the_next_and_late_ones_change_nothing(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "bc", "o1")
    desk.ledger.traversed("R1", "o1", 4)
    assert desk.nodes("R1") == "c"
    kept = desk.ledger.snapshot()
    for sequence in (4, 2, 0, -2, 4):
        assert desk.ledger.traversed("R1", "o1", sequence) == frozenset()
    desk.ledger.traversed("R1", "an order of before", 4)
    assert desk.ledger.snapshot() == kept


def test_a_node_that_was_never_released_is_not_believed(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "b", "o1")
    with pytest.raises(UnexpectedReport, match="beyond its released base"):
        desk.ledger.traversed("R1", "o1", 4)
    with pytest.raises(UnexpectedReport, match="not in traffic"):
        desk.ledger.traversed("R2", "o1", 2)
    assert desk.nodes("R1") == "ab"


def test_a_confirmed_stop_frees_what_is_ahead_and_between_two_nodes_keeps_both(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "bcd", "o1")
    desk.ledger.stopped("R1", desk.road.index["b"], between=True)
    assert desk.nodes("R1") == "bc" and desk.ledger.order("R1") is None
    assert desk.go("R1", "d") == "no_order"
    assert desk.go("R1", "d", "o2") == "", "it goes on from between the two"
    assert [visit.sequence_id for visit in desk.ledger.base("R1")] == [0, 2, 4]
    desk.ledger.stopped("R1", desk.road.index["c"])
    assert desk.nodes("R1") == "c"
    with pytest.raises(UnexpectedReport, match="not in its base"):
        desk.ledger.stopped("R1", desk.road.index["a"])


def test_stopped_after_one_of_two_visits_it_keeps_the_ways_on_from_both(desk: Desk) -> None:
    desk.admit("R1", "b")
    desk.go("R1", "abc", "o1")
    desk.ledger.stopped("R1", desk.road.index["b"], between=True)
    assert desk.nodes("R1") == "abc"


def test_only_two_different_persons_free_without_evidence(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "bc", "o1")
    for by, confirmed_by in (("Ann", "Ann"), ("Ann", " ann"), ("Ann", ""), ("", "Bo")):
        with pytest.raises(LedgerError, match="two different persons"):
            desk.ledger.retire("R1", by=by, confirmed_by=confirmed_by)
        with pytest.raises(LedgerError, match="two different persons"):
            desk.ledger.free_ahead("R1", desk.road.index["b"], by=by, confirmed_by=confirmed_by)
    desk.ledger.free_ahead("R1", desk.road.index["b"], **BOTH)
    assert desk.nodes("R1") == "b"
    assert desk.go("R1", "c") == "misplaced", "it confirmed nothing, so it is admitted before it drives"
    desk.admit("R1", "b")
    assert desk.go("R1", "c", "o2") == ""
    desk.ledger.retire("R1", **BOTH)
    assert desk.ledger.robots == [] and desk.ledger.owner(desk.road.index["b"]) is None
    with pytest.raises(LedgerError, match="not in traffic"):
        desk.ledger.retire("R1", **BOTH)


# --- robots that are not where they should be ---


def test_nobody_is_sent_to_where_a_misplaced_robot_stands(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "bc", "o1")
    assert desk.ledger.misplaced("new", [desk.road.index["c"], desk.road.index["d"]]) == ["R1"]
    assert desk.go("R1", "d") == "presence new"
    desk.ledger.traversed("R1", "o1", 2)
    assert desk.go("R1", "d") == "presence new", "its base already leads there: it goes no further"
    with pytest.raises(AdmissionRefused, match="new stands in node:d"):
        desk.admit("R2", "d")
    assert desk.ledger.take(desk.road.index["d"], "crane", 9.0, 0.0) is not None, "nor anything else"
    desk.ledger.misplaced("new", [desk.road.index["e"]])
    assert desk.go("R1", "d") == "", "it has moved out of the way"


def test_a_misplaced_robot_keeps_its_holdings_until_it_is_admitted_where_it_stands(desk: Desk) -> None:
    desk.admit("R1", "a")
    desk.go("R1", "b", "o1")
    assert desk.ledger.misplaced("R1", [desk.road.index["d"]]) == []
    assert desk.ledger.traversed("R1", "o1", 2) == frozenset(), "its reports count no longer"
    with pytest.raises(UnexpectedReport, match="misplaced"):
        desk.ledger.stopped("R1", desk.road.index["a"])
    with pytest.raises(LedgerError, match="admit it where it stands"):
        desk.ledger.begin("R1", "o2")
    assert desk.nodes("R1") == "ab" and desk.ledger.presence == {"R1": frozenset({desk.road.index["d"]})}
    desk.admit("R1", "d")
    assert desk.nodes("R1") == "d" and desk.ledger.presence == {}


def test_a_robot_that_stands_between_nodes_holds_both_until_it_has_reached_another(desk: Desk) -> None:
    desk.admit("R1", "b", beside="a")
    assert desk.nodes("R1") == "ab"
    desk.admit("R2", "y")
    assert desk.go("R2", "z", "o1") == "held R1", "the lane between them is crossed there"
    desk.go("R1", "c", "o2")
    desk.ledger.traversed("R1", "o2", 2)
    assert desk.nodes("R1") == "c"


# --- zones and doors ---


def test_a_closing_zone_lets_nobody_in_everybody_out_and_is_closed_when_empty() -> None:
    desk = Desk(street(box("bay", 3.0, 7.0)))  # c and d
    desk.admit("R1", "c")
    desk.admit("R2", "a")
    desk.go("R2", "b", "o2")
    assert desk.ledger.close("bay") == "closing"
    assert desk.go("R2", "c") == "zone bay"
    assert desk.go("R1", "de", "o1") == "", "inside it may go on, and out"
    desk.ledger.traversed("R1", "o1", 2)
    assert desk.ledger.zone_state("bay") == "closing"
    desk.ledger.traversed("R1", "o1", 4)
    assert desk.ledger.zone_state("bay") == "closed"
    assert desk.ledger.blocked() == {desk.road.index["c"], desk.road.index["d"]}
    assert desk.go("R1", "d") == "zone bay"
    with pytest.raises(AdmissionRefused, match="bay, which is closed"):
        desk.admit("R3", "d")
    assert desk.ledger.open("bay") == "open" and desk.go("R1", "d") == ""
    with pytest.raises(KeyError):
        desk.ledger.close("nowhere")


def test_a_lane_through_a_zone_is_an_entry_too() -> None:
    desk = Desk(street(box("stairs", 2.5, 3.5)))  # between b and c
    desk.admit("R1", "b")
    desk.go("R1", "c", "o1")
    assert desk.ledger.close("stairs") == "closing"
    desk.ledger.traversed("R1", "o1", 2)
    assert desk.ledger.zone_state("stairs") == "closed" and desk.go("R1", "b") == "zone stairs"
    assert desk.ledger.blocked() == {~desk.road.edge_of[1, 2], ~desk.road.edge_of[2, 1]}


def test_what_the_layout_closes_stays_closed() -> None:
    desk = Desk(street(box("people", 7.5, 8.5, "human_only")))
    desk.admit("R1", "d")
    assert desk.go("R1", "e", "o1") == "zone people"
    with pytest.raises(LedgerError, match="closed to robots by the layout"):
        desk.ledger.open("people")


def test_a_release_zone_takes_as_many_robots_as_it_has_capacity() -> None:
    desk = Desk(street(box("hall", -1.0, 5.0, "release", 2)))
    desk.admit("R1", "a")
    desk.admit("R2", "c")
    desk.admit("R3", "d")
    assert desk.go("R3", "c", "o3").startswith("held")
    desk.go("R1", "b", "o1")
    assert desk.go("R2", "d", "o2") == "held R3"
    desk.ledger.retire("R2", **BOTH)
    assert desk.go("R3", "c") == "" and desk.ledger.check() == []


def test_an_external_owner_holds_its_door_past_the_time_it_named(desk: Desk) -> None:
    gate = desk.road.doors["gate"]
    desk.admit("R1", "c")
    assert desk.ledger.take(gate, "fire control", 60.0, 0.0) is None
    refused = desk.ledger.take(gate, "another", 60.0, 0.0)
    assert refused is not None and (refused.kind, refused.holder) == ("door", "fire control")
    assert desk.go("R1", "d", "o1") == "door fire control"
    assert desk.ledger.overdue(61.0) == [gate]
    assert desk.go("R1", "d") == "door fire control", "overdue is not free"
    assert desk.ledger.take(gate, "fire control", 120.0, 61.0) is None, "renewed"
    with pytest.raises(LedgerError, match="not taken by another"):
        desk.ledger.give_back(gate, "another")
    desk.ledger.give_back(gate, "fire control")
    assert desk.go("R1", "d") == ""
    refused = desk.ledger.take(gate, "fire control", 130.0, 120.0)
    assert refused is not None and refused.holder == "R1", "not while a robot passes"
    assert desk.ledger.take(gate, "", 130.0, 120.0) is not None and desk.ledger.take(gate, "x", 1.0, 2.0) is not None


# --- the record ---


def busy() -> Desk:
    desk = Desk(street(box("bay", 3.0, 5.0), box("far", 7.0, 9.0)))
    desk.admit("R1", "a", beside="b")
    desk.go("R1", "bc", "o1")
    desk.ledger.close("bay")
    desk.ledger.close("far")
    desk.ledger.take(desk.road.doors["gate"], "plc", 9.0, 0.0)
    desk.ledger.misplaced("new", [desk.road.index["x"]])
    return desk


def test_whoever_restores_the_record_grants_and_refuses_the_same() -> None:
    desk = busy()
    twin = desk.restarted()
    assert {**twin.ledger.snapshot(), "epoch": 3} == desk.ledger.snapshot()
    assert twin.go("R1", "d") == desk.go("R1", "d") == "door plc"
    assert twin.ledger.zone_state("bay") == "closing" and twin.ledger.zone_state("far") == "closed"
    assert twin.ledger.traversed("R1", "o1", 4) == desk.ledger.traversed("R1", "o1", 4) != frozenset()
    with pytest.raises(LedgerError, match="before"):
        desk.restarted().go("R1", "", "o1")


def test_a_writer_that_was_overtaken_cannot_take_the_record_over() -> None:
    with pytest.raises(LedgerError, match="a later writer"):
        busy().restarted(epoch=2)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("map",), "other", "another version of the layout"),
        (("robots", "R2"), {"profile": "", "order": None, "first": 0, "base": ["b"], "beside": []}, "held by R1"),
        (("robots", "R1", "base"), ["a", "c"], "not a path"),
        (("robots", "R1", "base"), ["a", "nowhere"], "not complete"),
        (("robots", "R1", "base"), [], "not complete"),
        (("robots", "R1", "first"), 3, "sequence ids"),
        (("zones", "bay"), "closed", "bay is closed but R1 is released into it"),
        (("zones", "bay"), "ajar", "cannot be ajar"),
        (("external", "node:a"), {"owner": "plc", "until": 1.0}, "held by plc"),
        (("external",), None, "not complete"),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(path: tuple[str, ...], value: object, why: str) -> None:
    desk = busy()
    kept = desk.ledger.snapshot()
    part = kept
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    with pytest.raises(LedgerError, match=why):
        Ledger.restore(kept, desk.road, epoch=4)


def test_check_finds_what_no_rule_would_have_let_in() -> None:
    desk = busy()
    assert desk.ledger.check() == []
    desk.ledger._owner[desk.road.index["e"]] = "R1"
    desk.ledger._robots["R1"].base = (0, 2)
    assert desk.ledger.check() == ["owners and holdings differ", "the base of R1 is not a path"]


# --- the watcher itself ----------------------------------------------------------------------


def test_the_checker_sees_a_robot_on_the_way_to_what_it_was_not_given() -> None:
    road = street()
    checker = Checker(road)
    checker.admitted("R1", 0)
    checker.admitted("R2", 2)
    checker.at("R1", 0)
    checker.at("R2", 2)
    checker.apart(1.1)
    assert checker.found == [] and checker.nearest == float("inf")
    checker.at("R1", 0, 1, 0.5)
    assert "S4: R1 is in node:b, which is nobody's" in checker.found
    checker.found.clear()
    checker.at("R2", 2, 1, 0.9)
    checker.apart(1.3)
    assert any("apart" in line for line in checker.found)
