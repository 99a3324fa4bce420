"""P2 and the lemma behind it: on a floor that the audit passes every mission ends; what could keep it from ending."""

from __future__ import annotations

import random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from robots.core.routing import RoadMap
from robots.core.traffic import AdmissionRefused, Traffic, audit
from robots.core.traffic.fans import Fan
from robots.core.traffic.planner import OPEN, Mover, plan_steps
from tests.robots.core.roads import ladder, layout, scattered
from tests.robots.core.traffic_floor import Floor, endless_missions

TICKS = 1200
BOUND = 600
"""Ticks a mission may take: 200 moves, on floors with at most 25 nodes and 4 robots."""


@given(seed=st.integers(0, 1300), robots=st.integers(2, 4))
@settings(max_examples=60, deadline=None)
def test_every_mission_ends_on_a_random_floor_that_the_audit_passes(seed: int, robots: int) -> None:
    """P2: one-way lanes, dead ends, footprints that overlap, delays, late reports, random goals for ever."""
    found = scattered(seed)
    road = RoadMap(found)
    verdict = audit(road, robots)
    assume(verdict.safe)
    floor, rng = Floor(found, Traffic(road, verdict=verdict), seed=seed), random.Random(seed)
    goals = [name for i, name in enumerate(road.names) if i in verdict.core or verdict.pocket_of[i] >= 0]
    for node in rng.sample(goals, len(goals)):
        if len(floor.bodies) < robots:
            try:
                floor.add(f"R{len(floor.bodies)}", node)
            except AdmissionRefused:
                continue
    assume(len(floor.bodies) == robots)
    endless_missions(floor, lambda robot: rng.choice(goals), ticks=TICKS, work=0, bound=BOUND)
    assert floor.traffic.check() == []


def run(traffic: Traffic, floor: Floor, ticks: int) -> None:
    for _ in range(ticks):
        floor.tick()
    assert traffic.check() == []


def test_a_lane_through_a_dead_end_is_not_waited_for() -> None:
    """A way over `p`, a dead end that its goal is not in, is as short as the other: nobody waits for it."""
    points = {
        "a": (0.0, 0.0), "b": (4.0, 0.0), "c": (4.0, 4.0), "p": (0.0, 4.0), "d": (8.0, 0.0), "e": (8.0, 4.0),
        "f": (-4.0, 0.0), "g": (-4.0, -4.0), "h": (0.0, -4.0),
    }  # fmt: skip
    lanes = ["a-b", "b-c", "a>p", "p-c", "b-d", "d-e", "e-c", "a-f", "f-g", "g-h", "h-a"]
    found = layout(points, lanes)
    road = RoadMap(found)
    verdict = audit(road, 2)
    assert verdict.safe and verdict.pocket_of[road.index["p"]] >= 0
    traffic = Traffic(road, verdict=verdict)
    floor = Floor(found, traffic, seed=1, delay=0.0, late=0.0)
    floor.add("A", "a")
    floor.add("B", "b")  # in the way of A, and pushable
    traffic.set_goal("A", "c", now=0.0)
    run(traffic, floor, 60)
    assert traffic.robots["A"].reached


def test_who_stands_at_its_goal_has_the_place_whoever_was_on_the_way_there() -> None:
    """It works there first: if it were pushed off again, it would neither be there nor get a turn to come back."""
    found = ladder(8)
    traffic = Traffic(RoadMap(found), robots=2)
    floor = Floor(found, traffic, seed=1, delay=0.0, late=0.0)
    floor.add("A", "a1")
    floor.add("B", "a6")
    traffic.set_goal("A", "a6", now=0.0)
    run(traffic, floor, 3)
    assert traffic.tokens.enabled(traffic.robots["A"])
    traffic.set_goal("B", "a6", now=3.0)
    run(traffic, floor, 60)
    assert floor.bodies["B"].node == "a6" and floor.bodies["A"].node != "a6"
    assert traffic.explain("A").holder == "B"
    traffic.set_goal("B", None, now=66.0)
    run(traffic, floor, 60)
    assert floor.bodies["A"].node == "a6"


def free(robot: str, start: int, end: int) -> int:
    return OPEN


def test_who_makes_way_for_the_first_does_not_stand_where_the_first_wants_to_go() -> None:
    """The lane s>t passes close to m, so whoever is on m must go: to the far end, not to t, where nobody is yet."""
    points = {"s": (0.0, 0.0), "t": (4.0, 0.0), "m": (2.0, 0.8), "x": (2.0, 5.0)}
    road = RoadMap(layout(points, ["s-t", "m-t", "m-x"]))
    fan = Fan(road)
    s, t, m, x = (road.index[name] for name in "stmx")
    assert set(road.resources_for(t, s)) & set(road.node_resources[m])
    for seed in range(16):
        movers = [
            Mover("first", s, road.distances(t), False, fan=fan),
            Mover("other", m, road.distances(t), False, fan=fan, seed=seed * 64),
        ]
        ways, _, _ = plan_steps(road, movers, free, 2, bytes(4), fan)
        assert ways == {"first": [t], "other": [x]}


@given(seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_the_first_robot_gets_nearer_with_every_move(seed: int) -> None:
    """P3: whatever stands about, whichever way it faces: no move of the first robot leads away from its goal."""
    road, rng = RoadMap(ladder(rng_width := 3 + seed % 5)), random.Random(seed)
    fan, core = Fan(road), sorted(audit(road, 2).core)
    nodes = rng.sample(core, rng.randint(2, 2 * rng_width - 1))
    goal = rng.choice([node for node in core if node != nodes[0]])
    movers = [Mover(f"r{i}", node, None, False, fan=fan, seed=rng.getrandbits(16)) for i, node in enumerate(nodes)]
    movers[0].table, movers[0].faces = road.distances(goal), float(rng.randint(-1, 2))
    table = road.distances(goal)
    while movers[0].node != goal:
        before, left = movers[0].node, len(core) + 1
        while movers[0].node == before:
            plan_steps(road, movers, free, 1, bytes(len(road.names)), fan)
            left -= 1
            assert left, "its next node is not emptied"
        assert table[movers[0].node] < table[before]


def test_a_goal_that_cannot_be_reached_takes_no_turn() -> None:
    """Two turns, two robots whose goal is closed off, and a third that could go."""
    found = ladder(6)
    traffic = Traffic(RoadMap(found), robots=3, active=2)
    floor = Floor(found, traffic, seed=1, delay=0.0, late=0.0)
    for robot, node in (("A", "a1"), ("B", "b1"), ("C", "a4")):
        floor.add(robot, node)
    traffic.block("a0", until=1e9, by="A", now=0.0)
    for robot, goal in (("A", "s"), ("B", "s"), ("C", "b5")):
        traffic.set_goal(robot, goal, now=0.0)
    run(traffic, floor, 60)
    assert floor.bodies["C"].node == "b5"
    assert traffic.explain("A").kind == "no_way"


def test_who_has_its_goal_in_the_dead_end_it_is_in_needs_no_turn() -> None:
    """The only turn is taken by the robot that waits for that dead end."""
    points = {f"{row}{i}": (2.0 * i, 2.0 * (row == "b")) for row in "ab" for i in range(4)}
    points |= {"s": (-2.0, 0.0), "t": (-4.0, 0.0)}
    found = layout(points, ["a0-a1", "a1-a2", "a2-a3", "b0-b1", "b1-b2", "b2-b3", "a0-b0", "a3-b3", "a0-s", "s-t"])
    traffic = Traffic(RoadMap(found), robots=3, active=1)
    floor = Floor(found, traffic, seed=1, delay=0.0, late=0.0)
    floor.add("A", "a1")
    floor.add("B", "s")
    traffic.set_goal("A", "s", now=0.0)
    traffic.set_goal("B", "t", now=1.0)
    run(traffic, floor, 60)
    assert floor.bodies["B"].node == "t"
    traffic.set_goal("B", None, now=60.0)
    run(traffic, floor, 60)
    assert floor.bodies["A"].node == "s"


def test_who_begins_another_mission_in_a_dead_end_lets_an_older_one_in_first() -> None:
    """Tokens go by the age of missions: with one mission after another in there it would keep others out for ever."""
    points = {f"{row}{i}": (2.0 * i, 2.0 * (row == "b")) for row in "ab" for i in range(4)}
    points |= {"s": (-2.0, 0.0), "t": (-4.0, 0.0)}
    found = layout(points, ["a0-a1", "a1-a2", "a2-a3", "b0-b1", "b1-b2", "b2-b3", "a0-b0", "a3-b3", "a0-s", "s-t"])
    traffic = Traffic(RoadMap(found), robots=3)
    floor = Floor(found, traffic, seed=1, delay=0.0, late=0.0)
    floor.add("A", "a1")
    floor.add("B", "s")
    traffic.set_goal("B", "t", now=0.0)
    traffic.set_goal("A", "s", now=1.0)
    for _ in range(12):
        for _ in range(15):
            floor.tick()
            if traffic.robots["B"].reached:
                break
        if traffic.robots["A"].reached:
            break
        there = floor.bodies["B"].node
        traffic.set_goal("B", "s" if there == "t" else "t", now=float(floor.now))
    assert floor.bodies["A"].node == "s"
