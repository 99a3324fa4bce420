from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.demo_site import demo_layout
from robots.core.layout import Layout, validate_layout
from robots.core.lif import LifError, from_lif, to_lif
from tests.robots.core.roads import ladder, ring, scattered


def _portable(layout: Layout, types: tuple[str, ...]) -> Layout:
    """What of a layout LIF can carry."""
    return replace(
        layout,
        nodes=tuple(replace(n, vehicle_types=types) for n in layout.nodes),
        edges=tuple(replace(e, vehicle_types=types) for e in layout.edges),
        zones=(), racks=(), walls=(), doors=(), width=0.0, height=0.0,
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), speed=st.none() | st.floats(0.1, 3), theta=st.none() | st.floats(-3, 3))
def test_round_trip(seed: int, speed: float | None, theta: float | None) -> None:
    layout = scattered(seed)
    layout = replace(
        layout,
        edges=tuple(replace(e, max_speed=speed, reentry=i % 3 > 0) for i, e in enumerate(layout.edges)),
        nodes=tuple(replace(n, theta=theta, name=f"name {n.id}") for n in layout.nodes),
        stations=tuple(replace(s, aliases=("one", "two words"), capacity=seed % 50) for s in layout.stations),
    )
    back, warnings = from_lif(json.loads(json.dumps(to_lif(layout, vehicle_types=("cart", "arm")))))
    assert replace(back, width=0.0, height=0.0) == _portable(layout, ("cart", "arm"))
    assert warnings == []


def test_the_demonstration_site_survives_and_is_sound() -> None:
    back, warnings = from_lif(to_lif(demo_layout()))
    assert warnings == []
    assert back.stations == demo_layout().stations
    assert validate_layout(back) == []


def _file(**node_property: Any) -> dict[str, Any]:
    file = to_lif(ring())
    file["layouts"][0]["nodes"][0]["vehicleTypeNodeProperties"][0].update(node_property)
    return file


@pytest.mark.parametrize("required", [{"requirementType": "REQUIRED"}, {"required": True}])
def test_required_actions_are_read_in_both_spellings(required: dict[str, Any]) -> None:
    _, warnings = from_lif(_file(actions=[{"actionType": "beep", "blockingType": "NONE", **required}]))
    assert any("requires 'beep'" in w for w in warnings)


def test_nothing_optional_is_ignored_silently() -> None:
    file = to_lif(ring())
    file["layouts"][0]["edges"][0]["vehicleTypeEdgeProperties"][0].update(
        {"rotationAllowed": True, "loadRestriction": {"unloaded": True}, "trajectory": {"degree": 1}}
    )
    file["layouts"][0]["stations"][0]["stationHeight"] = 1.2
    _, warnings = from_lif(file)
    for word in ("rotationAllowed", "loadRestriction", "trajectory", "stationHeight"):
        assert any(word in w for w in warnings), word


def test_a_type_without_properties_may_not_use_it() -> None:
    file = to_lif(ring(), vehicle_types=("cart", "arm"))
    file["layouts"][0]["edges"][0]["vehicleTypeEdgeProperties"] = [{"vehicleTypeId": "arm"}]
    file["layouts"][0]["edges"][1]["vehicleTypeEdgeProperties"] = []
    layout, warnings = from_lif(file)
    assert layout.edges[0].vehicle_types == ("arm",)
    assert layout.edges[1].vehicle_types == ()
    assert any("no robot may use it" in w for w in warnings)


def test_several_files_with_clashing_ids_are_kept_apart() -> None:
    layout, warnings = from_lif([to_lif(ring()), to_lif(ladder())])
    assert len(layout.nodes) == len(ring().nodes) + len(ladder().nodes)
    assert any("prefixed" in w for w in warnings)
    assert {s.nodes[0] for s in layout.stations} == {"m.0/s", "m.1/s"}
    assert {n.id for n in layout.nodes} >= {"r0", "a0", "m.0/s", "m.1/s"}


def test_an_edge_may_end_in_another_layout() -> None:
    file = to_lif(ring())
    other = json.loads(json.dumps(file["layouts"][0]))
    moved = file["layouts"][0]["nodes"].pop(0)
    other.update(layoutId="second", nodes=[moved], edges=[], stations=[])
    file["layouts"].append(other)
    layout, _ = from_lif(file)
    assert validate_layout(layout) == []


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ({}, "/layouts"),
        ({"metaInformation": {"lifVersion": "2.0.0"}, "layouts": []}, "only 1.x"),
        ({"layouts": []}, "no layout"),
        ({"layouts": [{"nodes": [{"nodeId": "a"}], "edges": []}]}, "nodePosition"),
    ],
)
def test_what_is_not_lif_1_is_refused(file: dict[str, Any], words: str) -> None:
    with pytest.raises(LifError, match=words):
        from_lif(file)
