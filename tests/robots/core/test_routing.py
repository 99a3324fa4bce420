from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.demo_site import demo_layout
from robots.core.geometry import inside, segment_distance, turn
from robots.core.layout import Zone
from robots.core.routing import UNREACHABLE, RoadMap
from tests.robots.core.roads import ladder, layout, ring, scattered


def _by_hand(road: RoadMap, goal: int, blocked: frozenset[int]) -> list[float]:
    """Bellman-Ford, as slow and plain as can be."""
    best = [UNREACHABLE] * len(road.names)
    best[goal] = 0.0
    for _ in road.names:
        for (a, b), cost in zip(road.edge_ends, road.costs, strict=True):
            if b not in blocked or a in blocked:
                best[a] = min(best[a], cost + best[b])
    return best


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 5000), pick=st.integers(0, 99), block=st.sets(st.integers(0, 24), max_size=4))
def test_tables_agree_with_a_plain_reference(seed: int, pick: int, block: set[int]) -> None:
    road = RoadMap(scattered(seed))
    goal = pick % len(road.names)
    blocked = frozenset(b for b in block if b < len(road.names))
    table = road.distances(goal, blocked)
    assert table == pytest.approx(_by_hand(road, goal, blocked))
    start = seed % len(road.names)
    path = road.path(start, goal, blocked)
    assert bool(path) == (table[start] != UNREACHABLE)
    for a, b in itertools.pairwise(path):
        assert (a, b) in road.edge_of
        assert b not in blocked or a in blocked
    assert road.from_here(start, blocked).get(goal, UNREACHABLE) == pytest.approx(table[start])


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
