from __future__ import annotations

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from robots.core.demo_site import demo_layout
from robots.core.geometry import inside, segment_distance, turn
from robots.core.layout import Door, EdgeUse, Layout, Station, Zone
from robots.core.roadmap_build import grid_layout
from robots.core.routing import UNREACHABLE, RoadMap, VehicleType
from tests.robots.core.roads import ladder, layout, ring, scattered

CART = VehicleType("cart", 0.6, 0.5, 1.6)
TRUCK = VehicleType("truck", 1.8, 0.8, 0.9)


def _by_hand(road: RoadMap, goal: int, blocked: frozenset[int], costs: Sequence[float]) -> list[float]:
    """Bellman-Ford, as slow and plain as can be."""
    best = [UNREACHABLE] * len(road.names)
    best[goal] = 0.0
    for _ in road.names:
        for edge, ((a, b), cost) in enumerate(zip(road.edge_ends, costs, strict=True)):
            if (b not in blocked or a in blocked) and ~edge not in blocked:
                best[a] = min(best[a], cost + best[b])
    return best


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 5000), pick=st.integers(0, 99), block=st.sets(st.integers(-40, 24), max_size=6))
def test_tables_agree_with_a_plain_reference(seed: int, pick: int, block: set[int]) -> None:
    road = RoadMap(scattered(seed))
    goal = pick % len(road.names)
    blocked = frozenset(b for b in block if -len(road.edge_ends) <= b < len(road.names))
    table = road.distances(goal, blocked)
    assert list(table) == pytest.approx(_by_hand(road, goal, blocked, road.costs))
    start = seed % len(road.names)
    path = road.path(start, goal, blocked)
    assert bool(path) == (table[start] != UNREACHABLE)
    for a, b in itertools.pairwise(path):
        assert (a, b) in road.edge_of
        assert b not in blocked or a in blocked
        assert ~road.edge_of[a, b] not in blocked
    assert road.from_here(start, blocked).get(goal, UNREACHABLE) == pytest.approx(table[start])


def _restricted(seed: int) -> Layout:
    """Lanes and nodes that only the cart, only the truck or neither may use, and lanes with a speed of their own."""
    rng = random.Random(seed)
    base = scattered(seed)
    choice: list[tuple[str, ...] | None] = [None, None, None, ("cart",), ("truck",), ()]
    return replace(
        base,
        nodes=tuple(replace(n, vehicle_types=rng.choice([*choice[:3], *choice])) for n in base.nodes),
        edges=tuple(
            replace(e, vehicle_types=rng.choice(choice), uses=(EdgeUse("truck", 0.5),) if rng.random() < 0.3 else ())
            for e in base.edges
        ),
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 5000), kind=st.sampled_from([CART, TRUCK]))
def test_no_profile_allows_what_the_layout_forbids_its_type(seed: int, kind: VehicleType) -> None:
    made = _restricted(seed)
    road = RoadMap(made, types=(CART, TRUCK))
    assume(len(road.names) > 1)
    own = road.profile(kind.id)
    nodes = {n.id: n for n in made.nodes}
    for edge, (name, (a, b)) in enumerate(zip(road.edge_names, road.edge_ends, strict=True)):
        told = made.edge(name)
        usable = all(
            part.vehicle_types is None or kind.id in part.vehicle_types
            for part in (told, nodes[told.start], nodes[told.end])
        )
        assert (b in own.ahead[a]) == (a in own.behind[b]) == usable
        limit = told.use_of(kind.id).max_speed or kind.max_speed
        expected = road.lengths[edge] / min(limit, kind.max_speed) if usable else UNREACHABLE
        assert own.costs[edge] == pytest.approx(expected)
    goal = seed % len(road.names)
    table = road.distances(goal, profile=kind.id)
    assert list(table) == pytest.approx(_by_hand(road, goal, frozenset(), own.costs))
    path = road.path(0, goal, profile=own)
    assert bool(path) == (table[0] != UNREACHABLE)
    assert all(b in own.ahead[a] for a, b in itertools.pairwise(path))


def test_an_unknown_type_gets_the_default_profile_and_it_holds_every_other() -> None:
    road = RoadMap(ladder(), types=(CART, TRUCK))
    assert road.profile("boat") == road.profile() == road.profile("")
    assert (road.ahead, road.costs) == (road.profile().ahead, road.profile().costs)
    assert road.radius >= TRUCK.radius
    assert road.resources_for(1, 0, "cart") == (*road.profile("cart").node_resources[1], *road.profile(
        "cart").edge_resources[road.edge_of[0, 1]])  # fmt: skip
    with pytest.raises(ValueError, match="id of its own"):
        RoadMap(ladder(), types=(CART, CART))


def test_tables_are_single_precision_shared_and_read_only() -> None:
    road = RoadMap(ladder())
    table = road.distances(0)
    assert type(table[1]) is float
    assert road.distances(0) is table
    assert isinstance(table, memoryview)
    assert (table.format, table.readonly) == ("f", True)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 5000))
def test_guidance_changes_ways_and_no_times(seed: int) -> None:
    rng = random.Random(seed)
    road = RoadMap(scattered(seed))
    given_factors = [rng.uniform(1, 4) for _ in road.edge_ends]
    guided = road.with_factors(given_factors)
    assert guided.distances(0) is road.distances(0)
    assert list(road.distances(0, guided=True)) == pytest.approx(list(road.distances(0)))
    dearer = [c * f for c, f in zip(road.costs, given_factors, strict=True)]
    blocked = frozenset({1, ~2})
    found = guided.distances(0, blocked, guided=True)
    assert list(found) == pytest.approx(_by_hand(road, 0, blocked, dearer))
    assert road.factors == (1.0,) * len(road.edge_ends)
    with pytest.raises(ValueError, match="each 1 or more"):
        road.with_factors([0.5] * len(road.edge_ends))


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(1, 7).flatmap(lambda w: st.lists(st.text("..SE@T", min_size=w, max_size=w), min_size=1)))
def test_a_grid_is_what_the_generic_construction_makes_of_it(rows: list[str]) -> None:
    road, plain = RoadMap.grid(rows), RoadMap(grid_layout(rows, 1.0), radius=0.45)
    for part in ("names", "points", "edge_ends", "ahead", "behind", "costs", "headings", "resources", "node_resources",
                 "edge_resources", "contracted", "factors"):  # fmt: skip
        assert getattr(road, part) == getattr(plain, part), part
    free = {(r, c) for r, row in enumerate(rows) for c, mark in enumerate(row) if mark in ".SEG"}
    assert set(road.names) == {f"{r},{c}" for r, c in free}
    assert len(road.edge_ends) == sum((r + i, c + j) in free for r, c in free for i, j in ((0, 1), (1, 0))) * 2


def test_a_grid_refuses_robots_larger_than_its_cells() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        RoadMap.grid([".."], cell=1.0, radius=0.6)
    assert RoadMap.grid([".."]).hash != RoadMap.grid([".."], cell=2.0).hash != RoadMap.grid(["..."]).hash


def test_a_large_warehouse_grid(shared_material: Path) -> None:
    rows = (shared_material / "traffic-data/movingai/warehouse-20-40-10-2-2.map").read_text().splitlines()[4:]
    road = RoadMap.grid(rows)
    assert (len(road.names), len(road.resources)) == (38756, 38756)
    goal = 0
    shut = frozenset(road.behind[goal])
    assert [i for i, d in enumerate(road.distances(goal, shut)) if d != UNREACHABLE] == sorted({goal, *shut})
    table = road.distances(goal)
    x, y = road.points[goal]
    assert all(
        d >= (abs(p[0] - x) + abs(p[1] - y)) / road.speeds[0] - 1e-2 for d, p in zip(table, road.points, strict=True)
    )


def test_doors_and_release_zones_are_resources() -> None:
    zone = Zone("z", "Z", "release", ((3.0, -1.0), (7.0, -1.0), (7.0, 1.0), (3.0, 1.0)), capacity=2)
    lift = Door("l", "Lift", 0, 0, 1, 0, ("a0>s", "s>a0"), "lift")
    road = RoadMap(replace(ladder(zones=(zone,)), doors=(lift, replace(lift, id="d", kind="door"))))
    cab, door, z = road.doors["l"], road.doors["d"], road.release_zones["z"]
    assert [road.resources[r] for r in (cab, door, z)] == ["door:l", "door:d", "zone:z"]
    s, a0 = road.index["s"], road.index["a0"]
    assert {cab, door} <= set(road.resources_for(s, a0)) & set(road.resources_for(a0, s))
    assert cab in road.resources_for(s)
    assert door not in road.resources_for(s)
    assert cab not in road.resources_for(a0)
    assert {name for name in road.names if z in road.resources_for(road.index[name])} == {"a2", "a3"}
    assert road.capacities == {z: 2}


def test_a_lane_through_a_release_zone_claims_it() -> None:
    zone = Zone("z", "Z", "release", ((4.0, -1.0), (6.0, -1.0), (6.0, 1.0), (4.0, 1.0)))
    road = RoadMap(layout({"a": (0.0, 0.0), "b": (10.0, 0.0)}, ["a-b"], (zone,)))
    assert road.release_zones["z"] in road.resources_for(1, 0)
    assert road.release_zones["z"] not in road.resources_for(1)


def test_penalty_and_directed_zones_and_lane_factors_guide() -> None:
    low = ((-3.0, -1.0), (20.0, -1.0), (20.0, 1.0), (-3.0, 1.0))
    kinds = {
        "penalty": (Zone("z", "Z", "penalty", low, factor=2.0), 2.0, 2.0),
        "directed": (Zone("z", "Z", "directed", low, direction=0.0), 1.0, 3.0),
    }
    for zone, east, west in kinds.values():
        road = RoadMap(ladder(zones=(zone,)))
        a0, a1 = road.index["a0"], road.index["a1"]
        assert road.factors[road.edge_of[a0, a1]] == east
        assert road.factors[road.edge_of[a1, a0]] == west
        assert road.factors[road.edge_of[road.index["b0"], road.index["b1"]]] == 1.0
        assert road.distances(a0)[a1] == RoadMap(ladder()).distances(a0)[a1]
        assert road.distances(a0, guided=True)[a1] == pytest.approx(west * road.distances(a0)[a1])
    strict = RoadMap(ladder(zones=(replace(kinds["directed"][0], strict=True),)))
    a0, a1 = strict.index["a0"], strict.index["a1"]
    assert (a0, a1) in strict.edge_of
    assert (a1, a0) not in strict.edge_of
    assert (strict.index["a1"], strict.index["b1"]) in strict.edge_of
    base = ladder()
    one = RoadMap(replace(base, edges=(replace(base.edges[0], factor=1.5), *base.edges[1:])))
    assert one.factors[:2] == (1.5, 1.0)


def test_findings_name_close_nodes_crossing_lanes_and_places_that_block() -> None:
    spots = {"a": (0.0, 0.0), "b": (4.0, 4.0), "c": (0.0, 4.0), "d": (4.0, 0.0), "near": (0.0, 4.8)}
    made = layout(spots, ["a-b", "c-d", "a-d", "c-near"])
    rest = Station("p", "Parking 1", "parking", ("d",), 4.0, 0.0)
    road = RoadMap(replace(made, stations=(*made.stations, rest)))
    assert road.findings == (
        "Nodes 'c' and 'near' are 0.80 m apart, closer than robots that stand there need; "
        "only one of the two is used at a time.",
        "The lanes a to b and c to d cross without a common node; robots take turns there.",
        "Station 'Parking 1' lies on a through lane (node 'd'): a robot that rests there blocks the lane.",
    )
    assert RoadMap(demo_layout()).findings == ()


def test_a_path_prefers_fewer_turns() -> None:
    spots = {f"{x}{y}": (2.0 * x, 2.0 * y) for x in range(3) for y in range(3)}
    lanes = [f"{x}{y}>{x + 1}{y}" for x in range(2) for y in range(3)]
    lanes += [f"{x}{y}>{x}{y + 1}" for x in range(3) for y in range(2)]
    road = RoadMap(layout(spots, lanes))
    path = [road.names[n] for n in road.path(road.index["00"], road.index["22"], facing=0.0)]
    assert path == ["00", "10", "20", "21", "22"]


def test_crossing_lanes_and_close_nodes_share_resources() -> None:
    spots = {"a": (0.0, 0.0), "b": (4.0, 4.0), "c": (0.0, 4.0), "d": (4.0, 0.0), "near": (0.0, 4.8), "far": (9.0, 9.0)}
    road = RoadMap(layout(spots, ["a-b", "c-d", "c-near"]), radius=0.5)
    cross = set(road.edge_resources[road.edge_of[road.index["a"], road.index["b"]]])
    assert cross & set(road.edge_resources[road.edge_of[road.index["d"], road.index["c"]]])
    assert set(road.node_resources[road.index["c"]]) & set(road.node_resources[road.index["near"]])
    assert len(road.node_resources[road.index["far"]]) == 1


def test_speed_zones_slow_the_way_and_vehicle_types_close_it() -> None:
    slow = Zone("z", "Slow", "speed", ((-1, -1), (20, -1), (20, 1), (-1, 1)), 0.5)
    quick, slowed = RoadMap(ladder()), RoadMap(ladder(zones=(slow,)))
    a, b = quick.index["a0"], quick.index["a1"]
    assert slowed.costs[slowed.edge_of[a, b]] == pytest.approx(3 * quick.costs[quick.edge_of[a, b]])


def test_nearest_charger_counts_lanes_not_air() -> None:
    road = RoadMap(demo_layout())
    found = road.nearest(demo_layout().station("pack-1").nodes[0], "charger", count=3)
    assert [s.id for s, _, _ in found] == ["charger-1", "charger-2", "charger-3"]
    taken = road.nearest("N050-050", "charger", free=lambda station, node: station.id != "charger-1")
    assert taken[0][0].id == "charger-2"
    assert road.node_near((5.2, 5.1)) == "N050-050"


def test_one_way_rings_have_one_way_distances() -> None:
    road = RoadMap(ring(8))
    assert road.distances(road.index["r7"])[road.index["r0"]] > 6 * road.distances(road.index["r1"])[road.index["r0"]]


def test_geometry() -> None:
    square = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))
    assert inside((1.0, 1.0), square)
    assert inside((2.0, 1.0), square)
    assert not inside((2.1, 1.0), square)
    assert segment_distance((0, 0), (2, 2), (0, 2), (2, 0)) == 0
    assert segment_distance((0, 0), (0, 0), (3, 4), (3, 9)) == 5
    assert turn(math.pi - 0.1, -math.pi + 0.1) == pytest.approx(0.2)
