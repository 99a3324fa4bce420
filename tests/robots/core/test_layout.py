from __future__ import annotations

import json
from dataclasses import replace

import pytest

from robots.core.demo_site import demo_items, demo_layout, demo_robots, demo_stock
from robots.core.layout import (
    Door,
    Edge,
    EdgeUse,
    Layout,
    LayoutError,
    Node,
    NodeUse,
    Station,
    Zone,
    layout_from_json,
    layout_hash,
    layout_to_json,
    validate_layout,
)
from tests.robots.core.roads import ladder, ring

DEMO = demo_layout()
DEMO_HASH = "2afac37aefa84048dbd8169a9d227ab82ef3a03379fdfa1bf216cbb7a1e6de97"
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))


def test_json_round_trip_keeps_everything_and_the_hash() -> None:
    again = layout_from_json(json.loads(json.dumps(layout_to_json(DEMO))))
    assert again == DEMO
    assert layout_hash(again) == layout_hash(demo_layout())
    assert layout_hash(replace(DEMO, version="2")) != layout_hash(DEMO)


def test_layouts_stored_before_keep_their_hash_and_their_json() -> None:
    """Layouts in force are known by their hash; members that came later are not written at their defaults."""
    assert layout_hash(DEMO) == DEMO_HASH
    plain = layout_to_json(DEMO)
    assert set(plain["edges"][0]) == {"id", "start", "end", "max_speed", "vehicle_types", "reentry"}
    assert set(plain["nodes"][0]) == {"id", "x", "y", "theta", "name", "vehicle_types"}
    assert set(plain["zones"][0]) == {"id", "name", "kind", "polygon", "max_speed"}
    assert set(plain["doors"][0]) == {"id", "name", "x1", "y1", "x2", "y2", "edges"}


def test_what_came_later_survives_json_and_changes_the_hash() -> None:
    base = ring()
    changes = [
        replace(base, edges=(replace(base.edges[0], factor=3.0), *base.edges[1:])),
        replace(base, edges=(replace(base.edges[0], uses=(EdgeUse("cart", 0.5, turns=True),)), *base.edges[1:])),
        replace(base, nodes=(replace(base.nodes[0], uses=(NodeUse("cart", 1.5),)), *base.nodes[1:])),
        _with(base, zones=Zone("z", "Z", "release", SQUARE, capacity=2)),
        _with(base, zones=Zone("z", "Z", "penalty", SQUARE, factor=2.0)),
        _with(base, zones=Zone("z", "Z", "directed", SQUARE, direction=1.5, strict=True)),
        _with(base, doors=Door("d", "Lift", 0.0, 0.0, 1.0, 0.0, ("r0>s",), "lift")),
    ]
    for changed in changes:
        assert layout_from_json(json.loads(json.dumps(layout_to_json(changed)))) == changed
        assert validate_layout(changed) == []
    assert len({layout_hash(changed) for changed in (base, *changes)}) == len(changes) + 1


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"nodes": [{"id": "a", "x": "1", "y": 2}]}, "/nodes/0/x"),
        ({"nodes": [{"id": "a", "x": 1}]}, "/nodes/0"),
        ({"edges": [{"id": "e", "start": "a", "end": "b", "length": 3}]}, "/edges/0/length"),
        ({"zones": [{"id": "z", "name": "Z", "kind": "closed", "polygon": [[0, 0], [1]]}]}, "/zones/0/polygon/1"),
        ({"nodes": 3}, "/nodes"),
        (
            {"edges": [{"id": "e", "start": "a", "end": "b", "uses": [{"type": "cart", "turns": 1}]}]},
            "/edges/0/uses/0/turns",
        ),
    ],
)
def test_bad_json_is_refused_with_its_place(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(LayoutError, match=f"^{pointer}:"):
        layout_from_json({**layout_to_json(ring()), **change})


def test_sound_layouts_have_no_problems() -> None:
    assert validate_layout(DEMO) == []
    assert validate_layout(ladder()) == []


def _with(base: Layout, **parts: object) -> Layout:
    changed = {key: (*getattr(base, key), value) for key, value in parts.items()}
    return replace(base, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        (_with(ring(), edges=Edge("x", "r0", "nowhere")), "ends at node 'nowhere'"),
        (_with(ring(), edges=Edge("r0>r1", "r0", "r2")), "Two edges are called 'r0>r1'"),
        (_with(ring(), edges=Edge("again", "r0", "r1")), "More than one edge leads from r0 to r1"),
        (_with(ring(), nodes=Node("far", float("nan"), 0)), "no finite position"),
        (_with(ring(), stations=Station("t", "bench", "packing", ("r1",), 0, 0)), "both called 'bench'"),
        (_with(ring(), stations=Station("t", "T", "shop", ("r1",), 0, 0)), "is of kind 'shop'"),
        (_with(ring(), zones=Zone("z", "Z", "human_only", ((-1, -3), (1, -3), (1, -1), (-1, -1)))), "no robot may go"),
        (_with(ring(), zones=Zone("z", "Z", "speed", ((0, 0), (1, 0), (1, 1)))), "has a maximum speed above 0"),
        (replace(ring(), edges=tuple(e for e in ring().edges if e.id != "s>r0")), "is a trap"),
        (_with(ring(), zones=Zone("z", "Z", "release", SQUARE, capacity=0)), "admits a number of robots"),
        (_with(ring(), zones=Zone("z", "Z", "area", SQUARE, capacity=2)), "admits a number of robots"),
        (_with(ring(), zones=Zone("z", "Z", "penalty", SQUARE)), "needs a factor"),
        (_with(ring(), zones=Zone("z", "Z", "penalty", SQUARE, factor=0.5)), "a factor of 1 or more"),
        (_with(ring(), zones=Zone("z", "Z", "directed", SQUARE)), "has a direction"),
        (_with(ring(), zones=Zone("z", "Z", "penalty", SQUARE, factor=2.0, strict=True)), "has a direction"),
        (_with(ring(), doors=Door("d", "Gate", 0, 0, 1, 0, (), "gate")), "Door 'Gate' is of kind 'gate'"),
        (_with(ring(), edges=Edge("x", "r2", "r0", factor=0.5)), "preference factor 0.5"),
        (_with(ring(), edges=Edge("x", "r2", "r0", uses=(EdgeUse("cart", 0.0),))), "maximum speed of 0 m/s"),
        (_with(ring(), edges=Edge("x", "r2", "r0", uses=(EdgeUse("a"), EdgeUse("a")))), "twice how 'a' uses it"),
        (
            _with(ring(), nodes=Node("x", 9, 9, vehicle_types=("a",), uses=(NodeUse("b"),))),
            "says how 'b' uses it, which may not use it",
        ),
        (
            replace(
                _with(ring(), stations=Station("t", "T", "rack", ("r1",), 0, 0)),
                edges=tuple(e for e in ring().edges if e.id != "r0>s"),
            ),
            "cannot be reached",
        ),
    ],
)
def test_problems_are_named_in_words(layout: Layout, words: str) -> None:
    problems = validate_layout(layout)
    assert any(words in problem for problem in problems), problems


def test_the_demonstration_site_has_what_instructions_name() -> None:
    names = {s.name for s in DEMO.stations}
    assert {"Receiving", "Inbound 3", "Pack 1", "Pack 4", "Dock 4", "Cold Storage A", "Cold Storage B"} <= names
    assert {"Quarantine", "Inspection Bench", "Rack A1", "Rack H3", "Aisle 8", "Staging 1"} <= names
    assert len(DEMO.stations_of("charger")) >= 6
    assert len(DEMO.stations_of("parking")) >= 50
    assert {z.kind for z in DEMO.zones} >= {"human_only", "speed"}
    assert DEMO.doors[0].edges
    stations = {s.id for s in DEMO.stations}
    items = {i.id for i in demo_items()}
    assert all(row.station in stations and row.item in items and row.quantity > 0 for row in demo_stock())
    assert "Totes" in {i.name for i in demo_items()}


def test_avoiding_an_aisle_means_all_its_nodes() -> None:
    nodes = DEMO.nodes_of_place("aisle-3")
    assert set(DEMO.station("rack-c1").nodes) <= nodes
    assert len(nodes) == 12
    assert not nodes & set(DEMO.station("rack-d1").nodes)


def test_sixty_robots_start_at_places_of_their_own() -> None:
    robots = demo_robots(60)
    assert len({r.node for r in robots}) == len({r.id for r in robots}) == len({r.name for r in robots}) == 60
    assert all((DEMO.station_at(r.node) or DEMO.stations[0]).kind in ("parking", "charger") for r in robots)
    assert {r.kind for r in robots} == {"cart", "forklift", "arm"}
    with pytest.raises(ValueError, match="1 to 60"):
        demo_robots(61)
