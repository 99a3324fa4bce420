"""The planner alone: P1 to P3, long push chains, lane guidance, the cap on active robots, and slices of tables."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.routing import RoadMap
from robots.core.traffic import Traffic, audit, tables
from robots.core.traffic.congestion import Cap
from robots.core.traffic.fans import Fan
from robots.core.traffic.guidance import lane_factors
from robots.core.traffic.planner import OPEN, Mover, plan_steps
from robots.core.traffic.state import RobotState
from tests.robots.core.roads import ladder, layout, scattered
from tests.robots.core.traffic_floor import Floor, endless_missions

MOVES_PER_ROBOT_AND_NODE = 20


def free(robot: str, start: int, end: int) -> int:
    return OPEN


def movers_on(road: RoadMap, rng: random.Random, most: int) -> list[Mover]:
    """Robots at random places whose footprints do not overlap, with random goals, one in three without."""
    fan, taken, found = Fan(road), set[int](), []
    for node in rng.sample(range(len(road.names)), len(road.names)):
        if len(found) < most and taken.isdisjoint(road.node_resources[node]):
            taken.update(road.node_resources[node])
            goal = rng.randrange(len(road.names))
            table = road.distances(goal) if rng.random() < 0.67 else None
            found.append(Mover(f"r{node}", node, table, rng.random() < 0.1, fan=fan, seed=rng.getrandbits(16)))
    return sorted(found, key=lambda mover: mover.table is None)


@given(seed=st.integers(0, 10_000), robots=st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_planned_moves_of_one_step_are_disjoint_and_into_free_places(seed: int, robots: int) -> None:
    """P1: nobody plans into what another stands on or is promised, so no move depends on another of its step."""
    road = RoadMap(scattered(seed))
    movers = movers_on(road, random.Random(seed), robots)
    stood = {resource: mover.id for mover in movers for resource in road.node_resources[mover.node]}
    starts = {mover.id: mover.node for mover in movers}
    ways, due, waits = plan_steps(road, movers, free, 1, bytes(len(road.names)), Fan(road))
    promised: dict[int, str] = {}
    for robot, nodes in ways.items():
        for node in nodes:
            for resource in road.resources_for(node, starts[robot]):
                assert stood.get(resource, robot) == robot
                assert promised.setdefault(resource, robot) == robot
            assert list(due[node]) == [robot]
    assert all(node in road.ahead[starts[robot]] and other != robot for robot, (node, other) in waits.items())


@given(seed=st.integers(0, 10_000), robots=st.integers(2, 9))
@settings(max_examples=40, deadline=None)
def test_the_same_inputs_give_the_same_plan(seed: int, robots: int) -> None:
    """S8 for the planner."""
    road = RoadMap(scattered(seed))
    plans = [
        plan_steps(road, movers_on(road, random.Random(seed), robots), free, 3, bytes(len(road.names)), Fan(road))
        for _ in range(2)
    ]
    assert plans[0] == plans[1]


@given(width=st.integers(3, 8), seed=st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_the_first_robot_gets_there_through_a_full_floor(width: int, seed: int) -> None:
    """P3: one free place, all others pushable: the first robot arrives within chain x distance steps."""
    road = RoadMap(ladder(width))
    rng, fan = random.Random(seed), Fan(road)
    core = sorted(audit(road, 2).core)
    nodes = rng.sample(core, len(core) - 1)
    goal = rng.choice([node for node in core if node != nodes[0]])
    movers = [Mover(f"r{i}", node, None, False, fan=fan, seed=rng.getrandbits(16)) for i, node in enumerate(nodes)]
    movers[0].table = road.distances(goal)
    for _ in range(len(core) ** 2):
        if movers[0].node == goal:
            return
        plan_steps(road, movers, free, 1, bytes(len(road.names)), fan)
    pytest.fail(f"r0 is at {road.names[movers[0].node]}, not at {road.names[goal]}")


def test_a_chain_of_a_thousand_robots_is_pushed() -> None:
    """A full lane with one free place at its end: no recursion, and the hole travels to the first robot."""
    count = 1200
    points = {f"n{i}": (2.0 * i, 0.0) for i in range(count)}
    road = RoadMap(layout(points, [f"n{i}-n{i + 1}" for i in range(count - 1)]))
    fan = Fan(road)
    for first in (True, False):
        movers = [Mover(f"r{i}", i, None, False, fan=fan) for i in range(count - 1)]
        movers[0].table = road.distances(count - 1)
        if not first:  # somebody more urgent stands aside, so that the chain is ordinary inheritance
            movers.insert(0, Mover("x", count - 2, road.distances(count - 2), True, fan=fan))
            movers.pop()
        ways, _, waits = plan_steps(road, movers, free, 1, bytes(count), fan)
        if first:
            assert ways[f"r{count - 2}"] == [count - 1]
            assert len(waits) == count - 2
        else:
            assert not any(ways.values())


@pytest.mark.parametrize("seed", range(6))
def test_audited_floors_finish_every_mission(seed: int) -> None:
    """P2: 10 % delays, late reports, random goals for ever: no mission takes longer than the bound."""
    found = scattered(seed) if seed % 2 else ladder(4 + seed)
    road = RoadMap(found)
    largest = min(4, audit(road, 6).largest)
    if largest < 2:
        pytest.skip("this road map holds one robot only")
    verdict = audit(road, largest)
    floor = Floor(found, Traffic(road, robots=largest, verdict=verdict), seed=seed)
    for node in sorted(verdict.core):
        if len(floor.bodies) < largest and not any(
            road.resources[r] in floor.holder for r in road.node_resources[node]
        ):
            floor.add(f"r{node}", road.names[node])
    rng = random.Random(seed)
    places = [name for i, name in enumerate(road.names) if i not in verdict.traps]
    bound = MOVES_PER_ROBOT_AND_NODE * 3 * len(floor.bodies) * len(road.names)
    done = endless_missions(floor, lambda robot: rng.choice(places), ticks=min(bound, 2500), bound=bound // 2)
    assert min(done.values()) >= 2
    assert floor.traffic.check() == []


# --- guidance, cap, tables --------------------------------------------------------------------------------------------


def test_parallel_aisles_alternate_and_dead_ends_do_not() -> None:
    rows = ["." * 13] + [".@@@.@@@.@@@."] * 4 + ["." * 13]
    road = RoadMap.grid(rows)
    factors = lane_factors(road)
    up = {
        column: factors[road.edge_of[road.index[f"3,{column}"], road.index[f"2,{column}"]]] for column in (0, 4, 8, 12)
    }
    down = {column: factors[road.edge_of[road.index[f"2,{column}"], road.index[f"3,{column}"]]] for column in up}
    assert all({up[c], down[c]} == {1.0, 3.0} for c in up)
    assert all(up[a] != up[b] for a, b in pairwise((0, 4, 8, 12)))
    assert set(lane_factors(road, both_ways=range(len(road.names)))) == {1.0}


def test_a_preference_of_the_layout_is_kept() -> None:
    base = ladder(4)
    edges = tuple(type(e)(e.id, e.start, e.end, factor=5.0) if e.id == "a0>a1" else e for e in base.edges)
    road = RoadMap(type(base)(base.name, base.version, base.nodes, edges, base.stations, map_id="m"))
    factors = lane_factors(road)
    assert factors[road.edge_of[road.index["a0"], road.index["a1"]]] == 5.0
    assert factors[road.edge_of[road.index["a1"], road.index["a0"]]] == 1.0


def test_turns_go_by_age_are_kept_and_get_fewer_when_most_stand_still() -> None:
    cap = Cap(1000, 20)
    states = [RobotState(f"r{i:02d}", [i], goal=999, since=float(i)) for i in range(40)]
    cap.choose(states)
    assert cap.active == {f"r{i:02d}" for i in range(20)}
    cap.choose(states[::-1])
    assert cap.active == {f"r{i:02d}" for i in range(20)}, "who has a turn keeps it"
    states[3].reached = True
    cap.choose(states)
    assert "r03" not in cap.active
    assert "r20" in cap.active
    for _ in range(300):
        cap.note({state.id for state in states})
    assert cap.limit == int(cap.least) < 20
    for _ in range(500):
        cap.note(set())
    assert cap.limit == 20
    assert Cap(100).limit >= 12, "a small site is not throttled"


def test_tables_are_made_in_slices_the_nearest_robots_first(monkeypatch: pytest.MonkeyPatch) -> None:
    road = RoadMap(ladder(20))
    monkeypatch.setattr(tables, "NODES_PER_CYCLE", 3 * len(road.names))
    traffic = Traffic(road, robots=12)
    for i in range(9):
        traffic.admit(f"r{i}", f"a{2 * i}")
        traffic.new_leg(f"r{i}", f"o{i}")
        traffic.set_goal(f"r{i}", f"b{2 * i + 1}", now=float(i))
    moving = []
    for now in range(3):
        traffic.plan(float(now))
        moving.append(sum(1 for state in traffic.robots.values() if traffic.tables.table(state) is not None))
    assert moving == [3, 6, 9]
    traffic.admit("x", "b10")
    traffic.set_immovable("x", True, "has a fault", "fault")
    traffic.plan(10.0)
    traffic.plan(16.0)
    around = [s.id for s in traffic.robots.values() if s.goal and traffic.tables.of[s.id][0][1] & {road.index["b10"]}]
    assert 1 <= len(around) <= 4
    assert "r5" in around or "r4" in around, "those next to the obstacle are led round it first"
