"""Digits for ids, two-way: nothing is ever mixed up, whatever ids the house and the robot use."""

from __future__ import annotations

from dataclasses import replace

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import instant
from robots.core.vda5050.messages import InstantActions, Trajectory, Vertex, Zone, ZoneSet, ZoneType
from robots.core.vda5050.numbering import FIRST, Numbering
from robots.core.vda5050.reports import (
    Error,
    ErrorLevel,
    PlannedPath,
    Position,
    Reference,
    Visualization,
    ZoneSetInfo,
)
from tests.robots.core.vda5050.fleet_helpers import IDLE

NAMES = st.one_of(st.from_regex(r"[a-z]{1,3}-[0-9]{1,2}", fullmatch=True), st.integers(0, FIRST + 30).map(str))


@settings(max_examples=100, deadline=None)
@given(calls=st.lists(st.tuples(NAMES, st.booleans()), max_size=60), restart=st.integers(0, 60))
def test_every_id_gets_digits_of_its_own_and_comes_back(calls, restart):
    table = Numbering()
    given_out: dict[str, str] = {}
    for count, (name, passing) in enumerate(calls):
        digits = table.out(name, passing=passing)
        assert digits.isdigit() and given_out.setdefault(name, digits) == digits
        assert table.back(digits) == name
        if count == restart:
            again = Numbering()
            again.restore(orjson.loads(orjson.dumps(table.snapshot())))
            table = again
    assert len(set(given_out.values())) == len(given_out)


def test_numbers_pass_unless_they_are_taken():
    table = Numbering()
    assert table.out("17") == "17" and table.out("dock") == str(FIRST)
    assert table.out(str(FIRST)) == str(FIRST + 1), "it stands for dock already"
    assert table.back("4711") == "4711"
    assert table.back(str(FIRST + 7)) == str(FIRST + 7), "an order the robot has from elsewhere"
    assert table.out("gate") == str(FIRST + 8)


def test_orders_are_forgotten_and_their_numbers_stay_taken():
    table = Numbering()
    first = table.out("o1", passing=True)
    place = table.out("dock")
    table.forget(keep=())
    assert table.back(first) == first and table.out("dock") == place
    assert table.out("o2", passing=True) not in (first, place)


def test_parameters_and_zone_sets_are_numbered_alike():
    table = Numbering()
    said = table.instants(InstantActions((instant("initializePosition", "i", x=1.0, lastNodeId="dock", mapId="hall"),)))
    (act,) = said.actions
    assert act.parameter("lastNodeId") == table.out("dock") and act.parameter("x") == 1.0
    corners = (Vertex(0.0, 0.0), Vertex(1.0, 0.0), Vertex(0.0, 1.0))
    zones = table.zone_set(ZoneSet("zs", "hall", (Zone("z", ZoneType.BLOCKED, corners),)))
    assert zones.map_id == act.parameter("mapId") and zones.zones[0].zone_id.isdigit()
    bad = Error("X", ErrorLevel.WARNING, (Reference("nodeId", table.out("dock")), Reference("text", table.out("dock"))))
    listed = (ZoneSetInfo(zones.zone_set_id, zones.map_id, "ENABLED"),)
    heard = table.state(replace(IDLE, errors=(bad,), zone_sets=listed), None, None)
    assert heard.errors[0].reference("nodeId") == "dock" and heard.errors[0].reference("text") != "dock"
    assert heard.zone_sets == (ZoneSetInfo("zs", "hall", "ENABLED"),)


def test_visualization_is_in_our_words_too():
    table = Numbering()
    hall, dock = table.out("hall"), table.out("dock")
    path = PlannedPath(Trajectory(1, (), ()), (dock, "77"))
    seen = table.visualization(Visualization(Position(0.0, 0.0, 0.0, hall), planned_path=path))
    assert seen.position is not None and seen.position.map_id == "hall"
    assert seen.planned_path is not None and seen.planned_path.traversed_nodes == ("dock", "77")
    assert table.visualization(Visualization()) == Visualization()
