from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.demo_site import demo_layout
from robots.core.layout import EdgeUse, Layout, NodeUse, layout_from_json, layout_to_json, validate_layout
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
        {"maxRotationSpeed": 0.5, "loadRestriction": {"unloaded": True}, "trajectory": {"degree": 1}}
    )
    file["layouts"][0]["stations"][0]["stationHeight"] = 1.2
    _, warnings = from_lif(file)
    for word in ("maxRotationSpeed", "loadRestriction", "trajectory", "stationHeight"):
        assert any(word in w for w in warnings), word


def test_a_type_without_properties_may_not_use_it() -> None:
    file = to_lif(ring(), vehicle_types=("cart", "arm"))
    file["layouts"][0]["edges"][0]["vehicleTypeEdgeProperties"] = [{"vehicleTypeId": "arm"}]
    file["layouts"][0]["edges"][1]["vehicleTypeEdgeProperties"] = []
    layout, warnings = from_lif(file)
    assert layout.edges[0].vehicle_types == ("arm",)
    assert layout.edges[1].vehicle_types == ()
    assert any("no robot may use it" in w for w in warnings)


uses = st.builds(
    EdgeUse, st.just("?"), st.none() | st.floats(0.1, 3), st.booleans(), st.sampled_from([0.0, 1.5, -3.1]),
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), cart=uses, arm=uses, theta=st.none() | st.floats(-3, 3))
def test_what_holds_for_single_types_comes_through(seed: int, cart: EdgeUse, arm: EdgeUse, theta: float | None) -> None:
    both = (replace(cart, type="cart"), replace(arm, type="arm"))
    base = scattered(seed)
    edges = tuple(replace(e, uses=both if i % 2 else ()) for i, e in enumerate(base.edges))
    nodes = (replace(base.nodes[0], uses=(NodeUse("cart", theta), NodeUse("arm", 0.5))), *base.nodes[1:])
    sent = replace(base, edges=edges, nodes=nodes)
    back, warnings = from_lif(json.loads(json.dumps(to_lif(sent, vehicle_types=("cart", "arm")))))
    assert warnings == []
    for before, after in zip(sent.edges, back.edges, strict=True):
        assert [before.use_of(kind) for kind in ("cart", "arm")] == [after.use_of(kind) for kind in ("cart", "arm")]
    assert [back.nodes[0].theta_of(kind) for kind in ("cart", "arm")] == [theta, 0.5]
    assert layout_from_json(json.loads(json.dumps(layout_to_json(back)))) == back
    limits = [use.max_speed for use in both if use.max_speed is not None]
    assert all(e.max_speed == min(limits, default=None) for e in back.edges if e.uses)


def test_an_orientation_on_the_map_becomes_one_against_the_way_driven() -> None:
    file = to_lif(ring(), vehicle_types=("cart",))
    north = next(e for e in file["layouts"][0]["edges"] if (e["startNodeId"], e["endNodeId"]) == ("s", "r0"))
    north["vehicleTypeEdgeProperties"][0].update(vehicleOrientation=0.0, orientationType="GLOBAL")
    back, _ = from_lif(file)
    assert back.edge(north["edgeId"]).use_of("cart").orientation == pytest.approx(-math.pi / 2)


def test_a_rotation_to_one_side_only_is_told() -> None:
    file = to_lif(ring(), vehicle_types=("cart",))
    file["layouts"][0]["edges"][0]["vehicleTypeEdgeProperties"][0].update(
        rotationAtStartNodeAllowed="CW", rotationAtEndNodeAllowed="NONE"
    )
    back, warnings = from_lif(file)
    assert any("direction of rotation" in w for w in warnings)
    assert back.edges[0].use_of("cart") == EdgeUse("cart", turns_at_end=False)


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
