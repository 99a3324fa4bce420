"""The audit against its condition tried out node by node, against known sites, and against runs until starvation."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.demo_site import demo_layout
from robots.core.layout import Layout, Station, Zone
from robots.core.routing import RoadMap
from robots.core.traffic import Traffic
from robots.core.traffic.audit import Audit, audit
from tests.robots.core.roads import ladder, layout, ring, scattered
from tests.robots.core.traffic.maps import lanes, neighbours, on_circle, room, slow_core, strong, structure
from tests.robots.core.traffic.sites import FOLDER, open_rmf, opentcs
from tests.robots.core.traffic_floor import Floor, endless_missions

SETTINGS = settings(max_examples=100, deadline=None)
needs_sites = pytest.mark.skipif(not FOLDER.exists(), reason=f"road maps of other projects are not at {FOLDER}")


def names(road: RoadMap, nodes: frozenset[int]) -> set[str]:
    return {road.names[node] for node in nodes}


@SETTINGS
@given(st.booleans().flatmap(lambda one_way: lanes(one_way=one_way)), st.integers(2, 7))
def test_verdicts_follow_the_condition(graph: tuple[int, list[tuple[int, int]]], robots: int) -> None:
    count, edges = graph
    road = RoadMap(on_circle(count, edges), radius=1e-6)
    ahead = neighbours(count, edges)
    verdict = audit(road, robots)
    sizes = {k: len(slow_core(ahead, k)) for k in range(2, count + 1)}
    largest = max((k for k, size in sizes.items() if size > k), default=1)
    assert verdict.largest == largest
    assert verdict.robots == min(robots, largest)
    assert verdict.safe == (verdict.verdict != "refused") == (largest >= robots)
    if verdict.robots > 1:
        assert verdict.core == slow_core(ahead, verdict.robots)
        assert room(ahead, set(verdict.core)) >= verdict.robots
    whole = strong(ahead, set(range(count)))
    if verdict.verdict == "safe" and robots > 1:
        assert room(ahead, whole) >= robots and verdict.unaided >= robots
    assert verdict.unaided == max((k for k, size in sizes.items() if size == len(whole) and size > k), default=1)


@SETTINGS
@given(st.booleans().flatmap(lambda one_way: lanes(one_way=one_way)), st.integers(1, 6))
def test_every_node_is_in_the_core_in_one_pocket_or_no_robots_place(
    graph: tuple[int, list[tuple[int, int]]], robots: int
) -> None:
    road = RoadMap(on_circle(*graph), radius=1e-6)
    verdict = audit(road, robots)
    pockets = [node for pocket in verdict.pockets for node in pocket]
    assert len(pockets) == len(set(pockets))
    assert not verdict.core & set(pockets) and not verdict.traps & (verdict.core | set(pockets))
    for node in range(len(road.names)):
        assert (verdict.pocket_of[node] >= 0) == (node in pockets)
        if node in pockets:
            assert node in verdict.pockets[verdict.pocket_of[node]]
            assert road.distances(min(verdict.core))[node] < float("inf") > road.distances(node)[min(verdict.core)]
    for a, b in road.edge_ends:
        if verdict.pocket_of[a] >= 0 and verdict.pocket_of[b] >= 0:
            assert verdict.pocket_of[a] == verdict.pocket_of[b]


@SETTINGS
@given(st.integers(0, 400), st.integers(2, 6))
def test_overlapping_footprints_never_make_a_map_better(seed: int, robots: int) -> None:
    floor = scattered(seed)
    wide, thin = RoadMap(floor), RoadMap(floor, radius=1e-6)
    assert audit(wide, robots).largest <= audit(thin, robots).largest
    verdict = audit(wide, robots)
    for node, resources in enumerate(wide.node_resources):
        for other in verdict.core if node in verdict.core and verdict.robots > 1 else ():
            if set(resources) & set(wide.node_resources[other]):
                assert wide.distances(node)[other] < float("inf"), "close nodes of a core are one place"
        for other, theirs in enumerate(wide.node_resources):
            if set(resources) & set(theirs) and verdict.robots > 1 and not {node, other} & verdict.traps:
                assert verdict.pocket_of[node] == verdict.pocket_of[other]


def test_close_nodes_count_once() -> None:
    """Three pairs of nodes 0.8 m apart round a ring of six: three places, room for two robots, not for five."""
    points = {"a1": (0, 0), "a2": (0.8, 0), "b1": (4, 0), "b2": (4, 0.8), "c1": (2, 4), "c2": (1.2, 4)}
    road = RoadMap(layout(points, ["a1-a2", "a2-b1", "b1-b2", "b2-c1", "c1-c2", "c2-a1"]), radius=0.5)
    verdict = audit(road, 5)
    assert (verdict.verdict, verdict.largest) == ("refused", 2)
    assert any("closer than a robot" in text for text in verdict.findings)
    assert audit(RoadMap(road.layout, radius=0.1), 5).verdict == "safe"


def test_close_nodes_that_no_lane_joins_are_a_pocket_together() -> None:
    floor = ladder(5)
    beside = replace(floor.nodes[2], id="x", y=-0.4)
    station = replace(floor.stations[0], id="x", name="Close", nodes=("x",))
    lanes_there = tuple(replace(floor.edges[0], id=f"{a}>{b}", start=a, end=b) for a, b in (("x", "s"), ("s", "x")))
    road = RoadMap(replace(floor, nodes=(*floor.nodes, beside), edges=floor.edges + lanes_there,
                           stations=(*floor.stations, station)))  # fmt: skip
    verdict = audit(road, 3)
    assert verdict.pocket_of[road.index["x"]] == verdict.pocket_of[road.index["a2"]] >= 0
    assert any(text.startswith("2 nodes form chains of nodes") for text in verdict.findings)


def test_one_way_sinks_and_crossings_are_named() -> None:
    lost = layout({"a": (0, 0), "b": (4, 0), "c": (4, 4), "d": (0, 4), "sink": (8, 0)},
                  ["a-b", "b-c", "c-d", "d-a", "a-c", "b-d", "b>sink"])  # fmt: skip
    road = RoadMap(lost)
    verdict = audit(road, 2)
    assert names(road, verdict.traps) == {"sink"}
    assert any("No way leads back from sink" in text for text in verdict.findings)
    assert any("cross where there is no node" in text for text in verdict.findings)


def test_a_charger_in_the_middle_of_the_only_way_is_named() -> None:
    points = {f"l{i}": (2.0 * (i % 2), 2.0 * (i // 2)) for i in range(4)}
    points |= {f"r{i}": (8 + 2.0 * (i % 2), 2.0 * (i // 2)) for i in range(4)} | {"m": (5.0, 0.0)}
    square = ["{0}0-{0}1", "{0}1-{0}3", "{0}3-{0}2", "{0}2-{0}0"]
    floor = layout(points, [lane.format(side) for side in "lr" for lane in square] + ["l1-m", "m-r0"])
    floor = replace(floor, stations=(Station("c", "Charger 1", "charger", ("m",), 5.0, 0.0),))
    verdict = audit(RoadMap(floor), 3)
    assert verdict.verdict == "safe"
    assert [text for text in verdict.findings if "charges at Charger 1 (m) cuts the road map in two" in text]
    moved = replace(floor, stations=(Station("c", "Charger 1", "charger", ("l0",), 0.0, 0.0),))
    assert not audit(RoadMap(moved), 3).findings


def test_lanes_that_pass_a_third_node_are_left_alone_where_there_is_another_way() -> None:
    points = {"a": (0, 0), "b": (4, 0), "c": (4, 4), "d": (0, 4), "m": (2, 0.5), "e": (2, 4)}
    lanes_there = ["a-b", "b-c", "c-e", "e-d", "d-a", "m-d", "m-c"]
    road = RoadMap(layout(points, lanes_there))
    verdict = audit(road, 2)
    assert {road.edge_names[~edge] for edge in verdict.avoid} == {"a>b", "b>a"}, "who drives there needs m empty"
    assert audit(RoadMap(layout(points, lanes_there), radius=0.1), 2).avoid == frozenset()
    assert audit(road, 1).avoid == frozenset()
    only = RoadMap(layout(points | {"s": (7, 0)}, [*lanes_there, "a-s"]))
    assert any("The only way to" in text for text in audit(only, 2).findings)
    for a, b in road.edge_ends:
        assert road.distances(b, verdict.avoid)[a] < float("inf"), "there is always another way"


def test_closed_zones_count_as_away() -> None:
    wall = Zone("z", "Hole", "closed", ((3.0, -1.0), (5.0, -1.0), (5.0, 1.0), (3.0, 1.0)))
    assert audit(RoadMap(ladder(5)), 8).verdict == "pockets"
    assert audit(RoadMap(ladder(5, (wall,))), 8).verdict == "refused"


def test_a_robot_broken_down_in_the_wrong_place_is_the_one_to_clear() -> None:
    road = RoadMap(ladder(6))
    index = road.index
    assert audit(road, 4, frozenset({index["a5"]})).clear is None
    verdict = audit(road, 6, frozenset({index["a2"], index["b2"], index["s"]}))
    assert verdict.verdict == "refused"
    assert verdict.clear in (index["a2"], index["b2"])
    assert verdict.findings[0].startswith(f"Clear {road.names[verdict.clear]} first")
    assert audit(road, 4, frozenset({index["a0"]})).clear == index["a0"], "nobody gets to s or away any more"


def test_one_robot_is_safe_wherever_it_can_come_back() -> None:
    for floor in (ring(), ladder(), layout({"a": (0, 0), "b": (2, 0)}, ["a-b"])):
        verdict = audit(RoadMap(floor), 1)
        assert (verdict.verdict, verdict.pockets, len(verdict.core)) == ("safe", (), len(floor.nodes))
    everywhere = Zone("z", "All", "closed", ((-9.0, -9.0), (9.0, -9.0), (9.0, 9.0), (-9.0, 9.0)))
    assert audit(RoadMap(ladder(3, (everywhere,))), 1).largest == 0


def test_the_demonstration_site_passes_for_its_fleet() -> None:
    verdict = audit(RoadMap(demo_layout()), 60)
    assert verdict.verdict == "pockets" and verdict.largest >= 200 and not verdict.findings
    assert {len(pocket) for pocket in verdict.pockets} == {1}


@needs_sites
@pytest.mark.parametrize("site", ["hotel", "battle_royale", "triple_H"])
def test_trees_of_single_lanes_are_refused(site: str) -> None:
    for name, floor in open_rmf(FOLDER / f"rmf_{site}.json").items():
        verdict = audit(structure(floor), 2)
        assert (verdict.verdict, verdict.largest) == ("refused", 1), name


@needs_sites
@pytest.mark.parametrize("site", ["airport_terminal", "clinic", "office"])
def test_the_other_demonstration_maps_pass_with_pockets(site: str) -> None:
    for name, floor in open_rmf(FOLDER / f"rmf_{site}.json").items():
        verdict = audit(structure(floor), 2)
        assert verdict.verdict == "pockets" and verdict.largest >= 2, name


@needs_sites
def test_opentcs_demo_is_safe_for_nine_without_tokens() -> None:
    road = structure(opentcs(FOLDER / "openTCS-Demo-01.xml"))
    assert [audit(road, k).verdict for k in (4, 9, 10, 25)] == ["safe", "safe", "pockets", "pockets"]
    assert audit(road, 9).unaided == 9


def test_a_large_grid_takes_moments() -> None:
    rows = ["." * 320 if i % 3 else ".." + ("." + "@" * 9) * 31 + "." * 8 for i in range(120)]
    road = RoadMap.grid(rows)
    assert len(road.names) > 25_000
    spent = time.process_time()
    verdict = audit(road, 1000)
    assert verdict.safe and time.process_time() - spent < 2.0


# --- P4: until starvation ------------------------------------------------------------------------------------------


def small_floor(seed: int) -> tuple[Layout, int]:
    """A random two-way map on a grid of 2 m, and how many robots are to share it."""
    rng = random.Random(seed)
    spots = [(i, j) for i in range(rng.randint(3, 4)) for j in range(rng.randint(2, 3))]
    points = {f"n{i}{j}": (2.0 * i, 2.0 * j) for i, j in spots}
    joined, found = {spots[0]}, []
    while len(joined) < len(spots):
        i, j = rng.choice(sorted(joined))
        near = [s for s in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)) if s in spots]
        new = rng.choice(near)
        lane = f"n{min((i, j), new)[0]}{min((i, j), new)[1]}-n{max((i, j), new)[0]}{max((i, j), new)[1]}"
        if lane not in found and (new not in joined or rng.random() < 0.35):
            joined.add(new)
            found.append(lane)
    return layout(points, found), rng.randint(2, 4)


def starves(floor_plan: Layout, verdict: Audit, robots: int, seed: int, ticks: int = 1500) -> bool:
    """Whether a robot gets nothing done for half the run, random goals being given for ever."""
    road = RoadMap(floor_plan)
    floor = Floor(floor_plan, Traffic(road, verdict=verdict), seed=seed)
    rng = random.Random(seed)
    core = sorted(names(road, verdict.core))
    starts = rng.sample(core if len(core) >= robots else sorted(road.names), robots)
    for number, node in enumerate(starts):
        floor.add(f"R{number}", node)
    goals = sorted(road.names)
    try:
        endless_missions(floor, lambda robot: rng.choice(goals), ticks=ticks, work=0, bound=ticks // 2)
    except AssertionError as error:
        if "waits since" not in str(error):
            raise
        return True
    return False


def test_what_starves_was_reported_and_what_passes_does_not_starve() -> None:
    """P4, P2: run until starvation without tokens; with the tokens of the audit nobody starves."""
    seen = {"safe": 0, "pockets": 0, "refused": 0}
    starved = {"safe": 0, "pockets": 0, "refused": 0}
    for seed in range(24):
        floor, robots = small_floor(seed)
        road = RoadMap(floor)
        verdict = audit(road, robots)
        everywhere = frozenset(range(len(road.names)))
        blind = replace(verdict, core=everywhere, pockets=(), pocket_of=(-1,) * len(road.names))
        seen[verdict.verdict] += 1
        starved[verdict.verdict] += starves(floor, blind, robots, seed)
        if verdict.safe:
            assert not starves(floor, verdict, robots, seed), f"floor {seed} passed the audit"
    assert starved["safe"] == 0
    assert starved["pockets"] >= seen["pockets"] // 2 and starved["refused"] >= seen["refused"] // 2
    assert min(starved["pockets"], starved["refused"]) > 0
