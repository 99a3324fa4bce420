"""A layout's zones as a VDA 5050 3.0 zone set, and what a robot is sent next."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from robots.core.demo_site import demo_layout
from robots.core.layout import Edge, Layout, Node, Zone
from robots.core.polygons import area, overlap
from robots.core.vda5050.codec import VERSIONS, encode_body
from robots.core.vda5050.messages import ReleaseLoss, ZoneType
from robots.core.vda5050.reports import ZoneSetInfo
from robots.core.vda5050.zone_sets import SetStep, next_step, penalty, zone_set_of, zone_types

SCHEMA = Path(__file__).parents[5] / "shared/vda5050/3.0/zoneSet.schema.json"
BOX = ((1.0, 1.0), (1.0, 3.0), (3.0, 3.0), (3.0, 1.0))  # clockwise


def layout(*zones: Zone, width: float = 20.0, height: float = 10.0) -> Layout:
    nodes = (Node("a", 0, 5), Node("b", 9, 5))
    return Layout("hall", "1", nodes, (Edge("a-b", "a", "b"),), (), zones, width=width, height=height, map_id="floor-1")


def box(x: float, y: float, width: float, height: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


EVERY = layout(
    Zone("people", "People", "human_only", BOX),
    Zone("shut", "Shut", "closed", box(4, 1, 2, 2)),
    Zone("slow", "Slow", "speed", box(7, 1, 2, 2), max_speed=0.5),
    Zone("gate", "Gate", "release", box(10, 1, 2, 2), capacity=2),
    Zone("dear", "Dear", "penalty", box(13, 1, 2, 2), factor=4.0),
    Zone("one-way", "One way", "directed", box(16, 1, 2, 2), direction=1.5, strict=True),
    Zone("aisle", "Aisle 3", "area", box(1, 6, 2, 2)),
)


def test_every_kind_of_zone_becomes_its_type_and_a_mere_name_none() -> None:
    made = zone_set_of(EVERY, owner="demo")
    zones = {zone.zone_id: zone for zone in made.zone_set.zones}
    assert made.findings == ()
    assert {name: zone.zone_type for name, zone in zones.items()} == {
        "people": ZoneType.BLOCKED, "shut": ZoneType.BLOCKED, "slow": ZoneType.SPEED_LIMIT, "gate": ZoneType.RELEASE,
        "dear": ZoneType.PENALTY, "one-way": ZoneType.DIRECTED,
    }  # fmt: skip
    assert zones["slow"].maximum_speed == 0.5
    assert zones["gate"].release_loss is ReleaseLoss.STOP
    assert zones["dear"].factor == 0.75
    assert (zones["one-way"].direction, zones["one-way"].limitation) == (1.5, "RESTRICTED")
    assert made.zone_set.map_id == "floor-1"


def test_corners_are_counter_clockwise() -> None:
    made = zone_set_of(EVERY)
    assert all(area([(v.x, v.y) for v in zone.vertices]) > 0 for zone in made.zone_set.zones)


@pytest.mark.skipif(not SCHEMA.exists(), reason="the schemas in ../shared are not here")
@pytest.mark.skipif("3.0" not in VERSIONS, reason="no tables for 3.0")
@pytest.mark.parametrize("source", [EVERY, demo_layout()])
def test_it_is_what_the_schema_wants(source: Layout) -> None:
    schema = json.loads(SCHEMA.read_text())
    header = {"headerId": 0, "timestamp": "2026-11-20T12:00:00.000Z", "version": "3.0.0"}
    body = encode_body(zone_set_of(source).zone_set, "3.0")
    jsonschema.validate({**header, "manufacturer": "m", "serialNumber": "s", **body}, schema)


def test_the_id_follows_from_what_is_in_it_and_whose_it_is() -> None:
    first, again = zone_set_of(EVERY, owner="demo"), zone_set_of(replace(EVERY, version="2"), owner="demo")
    moved = replace(EVERY.zones[0], polygon=box(1, 1, 2, 2.5))
    assert first.zone_set.zone_set_id == again.zone_set.zone_set_id
    assert zone_set_of(EVERY, owner="other").zone_set.zone_set_id != first.zone_set.zone_set_id
    changed = replace(EVERY, zones=(moved, *EVERY.zones[1:]))
    assert zone_set_of(changed, owner="demo").zone_set.zone_set_id != first.zone_set.zone_set_id


def test_a_robot_gets_the_types_that_it_supports_and_no_more_zones_than_it_takes() -> None:
    some = zone_set_of(EVERY, supported=[ZoneType.BLOCKED, ZoneType.SPEED_LIMIT])
    assert zone_types(some.zone_set) == ["BLOCKED", "SPEED_LIMIT"]
    few = zone_set_of(EVERY, most=3)
    assert [zone.zone_id for zone in few.zone_set.zones] == ["people", "shut", "gate"]  # what keeps it safe goes first
    assert "3 zones at most" in few.findings[0]
    assert zone_set_of(EVERY, supported=[]).zone_set.zones == ()


def test_zones_with_a_direction_never_overlap() -> None:
    first = Zone("east", "East", "directed", box(1, 1, 4, 2), direction=0.0)
    second = Zone("west", "West", "directed", box(4, 1, 4, 2), direction=3.0)
    beside = Zone("north", "North", "directed", box(1, 3, 4, 2), direction=1.5)
    made = zone_set_of(layout(first, second, beside))
    assert [zone.zone_id for zone in made.zone_set.zones] == ["east", "north"]
    assert made.findings == ("West is left out: it overlaps East, and two zones with a direction must not.",)
    shapes = [[(v.x, v.y) for v in zone.vertices] for zone in made.zone_set.zones]
    assert not overlap(*shapes)


def test_a_zone_that_leaves_the_map_is_cut_and_one_without_an_area_left_out() -> None:
    out, far = Zone("out", "Out", "closed", box(18, 4, 9, 2)), Zone("far", "Far", "closed", box(50, 4, 1, 1))
    made = zone_set_of(layout(out, far, Zone("bow", "Bow", "closed", ((1, 1), (3, 3), (3, 1), (1, 3)))))
    assert [zone.zone_id for zone in made.zone_set.zones] == ["out"]
    assert max(vertex.x for vertex in made.zone_set.zones[0].vertices) == 20.0
    assert len(made.findings) == 4


def test_lanes_so_close_that_a_robot_is_partly_inside_are_told() -> None:
    near = layout(Zone("gate", "Gate", "release", box(3, 5.3, 2, 2)))
    assert zone_set_of(near, reach=0.2).findings == ()
    assert "Lane a-b lies so close to Gate" in zone_set_of(near, reach=0.5).findings[0]


def test_the_penalty_is_the_share_of_the_dearer_price() -> None:
    assert [penalty(factor) for factor in (0.5, 1.0, 2.0, 10.0)] == [0.0, 0.0, 0.5, 0.9]


def test_a_robot_is_sent_the_set_then_enables_it_then_drops_the_old_one() -> None:
    wanted = zone_set_of(EVERY).zone_set
    name, ours = wanted.zone_set_id, {wanted.zone_set_id, "zones-old"}

    def after(*rows: tuple[str, str]) -> SetStep | None:
        return next_step([ZoneSetInfo(set_id, "floor-1", status) for set_id, status in rows], wanted, ours)

    assert after() == SetStep("zoneSet", name)
    assert after(("zones-old", "ENABLED")) == SetStep("zoneSet", name)
    assert after((name, "DISABLED"), ("zones-old", "ENABLED")) == SetStep("enableZoneSet", name)
    assert after((name, "ENABLED"), ("zones-old", "DISABLED")) == SetStep("deleteZoneSet", "zones-old")
    assert after((name, "ENABLED"), ("from-the-maker", "DISABLED")) is None
    assert after((name, "ENABLED")) is None


def test_a_set_without_zones_is_sent_only_to_put_one_out_of_force() -> None:
    empty = zone_set_of(layout()).zone_set
    assert next_step([], empty, {"zones-old"}) is None
    stale = [ZoneSetInfo("zones-old", "floor-1", "ENABLED")]
    assert next_step(stale, empty, {"zones-old"}) == SetStep("zoneSet", empty.zone_set_id)
    other_map = [ZoneSetInfo("zones-old", "floor-2", "ENABLED")]
    assert next_step(other_map, empty, {"zones-old"}) is None
