"""Traffic: single behaviours, the audit, and runs on the demonstration site."""

from __future__ import annotations

import json
import random

import pytest

from robots.core.demo_site import demo_layout, demo_robots
from robots.core.routing import RoadMap
from robots.core.traffic import AdmissionRefused, Traffic, UnexpectedReport, audit
from robots.core.traffic.explain import _rule, sentence
from tests.robots.core.roads import ladder, layout, ring
from tests.robots.core.traffic_floor import Floor, endless_missions

DEMO = demo_layout()
ROAD = RoadMap(DEMO)
VERDICT = audit(ROAD, 60)


def start(*at: str, road: RoadMap | None = None) -> Traffic:
    traffic = Traffic(road or RoadMap(ladder()), robots=4)
    for name, node in zip("ABCD", at, strict=False):
        traffic.admit(name, node)
    return traffic


def send(traffic: Traffic, robot: str, goal: str, order: str, now: float = 0.0) -> None:
    traffic.new_leg(robot, order)
    traffic.set_goal(robot, goal, now=now)


def test_the_base_is_two_edges_and_grows_only_with_reports() -> None:
    traffic = start("a0")
    send(traffic, "A", "a4", "o1")
    traffic.plan(0.0)
    (effect,) = traffic.release(0.0)
    assert effect.new_order
    assert not effect.yielding
    assert [(v.sequence_id, v.node) for v in effect.visits] == [(0, "a0"), (2, "a1"), (4, "a2")]
    assert [e.sequence_id for e in effect.edges] == [1, 3]
    traffic.plan(9.0)
    assert traffic.release(9.0) == []
    (freed,) = traffic.progress("A", 2, order_id="o1", now=9.0)
    assert freed.resources == ("node:a0",)
    assert traffic.progress("A", 2, order_id="o1", now=9.0) == []
    traffic.plan(10.0)
    (update,) = traffic.release(10.0)
    assert not update.new_order
    assert [(v.sequence_id, v.node) for v in update.visits] == [(4, "a2"), (6, "a3")]
    assert update.resources == ("node:a3",)


def test_time_alone_frees_nothing() -> None:
    traffic = start("a0", "a4")
    send(traffic, "A", "a3", "o1")
    traffic.plan(0.0)
    traffic.release(0.0)
    held = traffic.ledger.held("A")
    for now in (1e3, 1e6, 1e9):
        traffic.plan(now)
        traffic.release(now)
        assert traffic.ledger.held("A") == held


def test_an_idle_robot_is_asked_to_move_and_an_immovable_one_is_not() -> None:
    line = layout({f"n{i}": (2.0 * i, 0.0) for i in range(4)}, [f"n{i}-n{i + 1}" for i in range(3)])
    for held in (False, True):
        traffic = start("n0", "n1", road=RoadMap(line))
        traffic.set_immovable("B", held, "is broken")
        send(traffic, "A", "n2", "o1")
        traffic.plan(0.0)
        moved = traffic.release(0.0)
        assert [e.robot for e in moved] == ([] if held else ["B"])
        assert all(e.yielding and e.new_order for e in moved)
        reason = traffic.explain("A")
        assert (reason.kind, reason.holder) == ("waiting_for_robot", "B")
        assert traffic.explain("B").text == ("is broken" if held else "driving to n3")


def test_robots_are_led_round_a_stopped_one() -> None:
    traffic = start("a0", "a2")
    traffic.set_immovable("B", True, "has a fault")
    send(traffic, "A", "a4", "o1")
    traffic.plan(0.0)
    ahead = traffic.plan(6.0)["A"]
    assert "a2" not in ahead
    assert any(node.startswith("b") for node in ahead)


def test_two_robots_for_one_station_take_turns() -> None:
    traffic = start("a1", "a2")
    send(traffic, "A", "s", "o1", now=0.0)
    send(traffic, "B", "s", "o2", now=1.0)
    traffic.plan(2.0)
    traffic.release(2.0)
    traffic.progress("A", 4, order_id="o1", now=3.0)
    for now in (4.0, 5.0):
        traffic.plan(now)
        for effect in traffic.release(now):
            traffic.progress(effect.robot, effect.visits[-1].sequence_id, order_id=effect.order_id, now=now)
    assert traffic.explain("A").kind == "at_goal"
    reason = traffic.explain("B")
    assert (reason.kind, reason.holder) == ("waiting_for_place", "A")


def test_a_place_that_is_only_given_is_not_said_to_be_left() -> None:
    traffic = start("a0", "a4")
    send(traffic, "A", "s", "o1", now=0.0)
    send(traffic, "B", "s", "o2", now=1.0)
    traffic.tokens.holder = {traffic.tokens.key(traffic.road.index["s"]): "A"}
    traffic.plan(2.0)
    traffic.tokens.queued["B"] = traffic.tokens.key(traffic.road.index["s"])
    reason = _rule(traffic, traffic.robots["B"], traffic.road.index["s"])
    assert reason is not None
    assert reason[3:] == ("waits for s, which A has been given and is on its way to", "when A has been there and left")


def test_what_blocks_the_only_way_is_named() -> None:
    line = layout({f"n{i}": (2.0 * i, 0.0) for i in range(4)}, [f"n{i}-n{i + 1}" for i in range(3)])
    traffic = start("n0", road=RoadMap(line))
    send(traffic, "A", "n3", "o1")
    traffic.block("n2", 1e9, "a person", 0.0)
    traffic.plan(0.0)
    traffic.release(0.0)
    reason = traffic.explain("A")
    assert reason.text == "the way to n3 is closed: n2 is blocked, says a person"
    assert reason.ends == "when n2 is cleared, or with another goal"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("waits for R-02, which holds N1", "Cart waits for R-02, which holds N1"),
        ("waits for N1, which R-02 has been given and is on its way to",
         "Cart waits for N1, which R-02 has been given and is on its way to"),
        ("waits for its turn at N1", "Cart waits for its turn at N1"),
        ("waits at gate, which a lorry has", "Cart waits at gate, which a lorry has"),
        ("lets R-02 go first at N1", "Cart lets R-02 go first at N1"),
        ("has a fault", "Cart has a fault"),
        ("does not move on to N1", "Cart does not move on to N1"),
        ("its way is being worked out", "Cart: its way is being worked out"),
        ("N1 is blocked, says Ada", "Cart: N1 is blocked, says Ada"),
        ("no way leads to N1", "Cart: no way leads to N1"),
        ("the way to N1 is closed: zone Hall is closing", "Cart: the way to N1 is closed: zone Hall is closing"),
        ("Cart may not drive from N1 to N2", "Cart may not drive from N1 to N2"),
    ],
)  # fmt: skip
def test_a_reason_with_the_name_of_the_robot_is_a_sentence(text: str, told: str) -> None:
    assert sentence("Cart", text) == told


def test_avoided_and_closed_places_are_explained() -> None:
    traffic = Traffic(ROAD, verdict=VERDICT)
    traffic.admit("A", "N050-094")
    traffic.new_leg("A", "o1")
    goal = DEMO.station("rack-c1").nodes[0]
    traffic.set_goal("A", goal, now=0.0, avoid=DEMO.nodes_of_place("aisle-3"))
    traffic.plan(0.0)
    assert traffic.release(0.0) == []
    assert traffic.explain("A").kind == "no_way"
    assert "avoided" in traffic.explain("A").text
    traffic.set_goal("A", DEMO.station("rack-c1").nodes[0], now=0.0)
    traffic.set_zone("aisle-3", True)
    traffic.plan(0.0)
    traffic.release(0.0)
    reason = traffic.explain("A")
    assert reason.text == f"the way to {goal} is closed: zone Aisle 3 is closed"
    assert reason.ends == "when zone Aisle 3 is opened, or with another goal"
    traffic.set_zone("aisle-3", False)
    traffic.plan(0.0)
    assert traffic.release(0.0)
    with pytest.raises(KeyError):
        traffic.set_zone("nowhere", True)


def test_a_place_that_is_owned_admits_nobody() -> None:
    traffic = start("a0")
    with pytest.raises(AdmissionRefused, match="a0 is held by A"):
        traffic.admit("B", "a0")
    with pytest.raises(AdmissionRefused, match="already in traffic"):
        traffic.admit("A", "a1")
    (freed,) = traffic.retire("A", by="ann", confirmed_by="bob")
    assert freed.resources == ("node:a0",)
    traffic.admit("B", "a0")


def test_a_cancel_keeps_what_the_robot_may_still_stand_on() -> None:
    for between, kept in ((False, {"node:a1"}), (True, {"node:a1", "node:a2"})):
        traffic = start("a0")
        send(traffic, "A", "a4", "o1")
        traffic.plan(0.0)
        traffic.release(0.0)
        with pytest.raises(ValueError, match="cancel it"):
            traffic.new_leg("A", "o2")
        with pytest.raises(UnexpectedReport):
            traffic.abort("A", "b3")
        traffic.abort("A", "a1", between=between)
        assert {traffic.road.resources[r] for r in traffic.ledger.held("A")} == kept
        send(traffic, "A", "a2", "o2")
        traffic.plan(1.0)
        (effect,) = traffic.release(1.0)
        assert effect.new_order
        assert [v.node for v in effect.visits] == ["a1", "a2"]


def test_reports_of_another_order_change_nothing() -> None:
    traffic = start("a0")
    send(traffic, "A", "a2", "o1")
    traffic.plan(0.0)
    traffic.release(0.0)
    traffic.progress("A", 4, order_id="o1", now=1.0)
    send(traffic, "A", "a4", "o2", now=1.0)
    traffic.plan(1.0)
    traffic.release(1.0)
    assert traffic.progress("A", 4, order_id="o1", now=2.0) == []
    assert len(traffic.robots["A"].base) == 3


def test_a_snapshot_of_another_layout_is_refused() -> None:
    kept = json.loads(json.dumps(start("a0").snapshot()))
    with pytest.raises(ValueError, match="another version"):
        Traffic.restore(kept, RoadMap(ring()))


def test_the_audit_knows_pockets_traps_and_how_many() -> None:
    assert VERDICT.safe
    assert {len(p) for p in VERDICT.pockets} == {1}
    assert audit(RoadMap(ladder()), 4).pockets == (frozenset({RoadMap(ladder()).index["s"]}),)
    tree = RoadMap(layout({f"n{i}": (2.0 * i, 0.0) for i in range(5)}, [f"n{i}-n{i + 1}" for i in range(4)]))
    verdict = audit(tree, 4)
    assert not verdict.safe
    assert "never lock up" in verdict.findings[0]
    lost = layout({"a": (0, 0), "b": (2, 0), "c": (2, 2), "sink": (4, 0)}, ["a-b", "b-c", "c-a", "b>sink"])
    assert audit(RoadMap(lost), 1).traps == {3}


@pytest.mark.parametrize(("robots", "ticks", "bound"), [(12, 3000, 900), (40, 3000, 1500)])
def test_endless_missions_never_lock_up(robots: int, ticks: int, bound: int) -> None:
    """10 % delays, late reports, random goals: no robot waits `bound` ticks, no body touches another."""
    floor = Floor(DEMO, Traffic(ROAD, verdict=VERDICT), seed=robots)
    for robot in demo_robots(robots):
        floor.add(robot.id, robot.node)
    places = [node for s in DEMO.stations if s.kind != "parking" for node in s.nodes]
    rng = random.Random(robots)
    done = endless_missions(floor, lambda robot: rng.choice(places), ticks=ticks, bound=bound)
    assert min(done.values()) >= 10
    assert floor.traffic.check() == []
    assert floor.nearest >= 2 * ROAD.radius


def test_everyone_wants_the_same_two_places() -> None:
    floor = Floor(DEMO, Traffic(ROAD, verdict=VERDICT), seed=5)
    for robot in demo_robots(12):
        floor.add(robot.id, robot.node)
    places = [DEMO.station("pack-1").nodes[0], DEMO.station("receiving").nodes[0]]
    rng = random.Random(1)
    done = endless_missions(floor, lambda robot: rng.choice(places), ticks=3000, bound=1800)
    assert min(done.values()) >= 2


def test_a_robot_that_cannot_come_keeps_nobody_from_its_goal() -> None:
    for hindered in (True, False):
        traffic = start("a1", "a2")
        send(traffic, "A", "s", "o1", now=0.0)
        send(traffic, "B", "s", "o2", now=1.0)
        if hindered:
            traffic.set_immovable("A", True, "is paused")
        for now in (2.0, 3.0, 4.0):
            traffic.plan(now)
            for effect in traffic.release(now):
                traffic.progress(effect.robot, effect.visits[-1].sequence_id, order_id=effect.order_id, now=now)
        assert traffic.tokens.enabled(traffic.robots["B"]) is hindered
        assert traffic.tokens.enabled(traffic.robots["A"]) is not hindered


def test_a_goal_without_a_way_is_free_for_others() -> None:
    traffic = Traffic(ROAD, verdict=VERDICT)
    goal = DEMO.station("rack-c1").nodes[0]
    for robot, node, avoid in (("A", "N050-094", DEMO.nodes_of_place("aisle-3")), ("B", "N050-138", ())):
        traffic.admit(robot, node)
        traffic.new_leg(robot, f"o{robot}")
        traffic.set_goal(robot, goal, now=0.0, avoid=avoid)
    for now in range(60):
        traffic.plan(float(now))
        for effect in traffic.release(float(now)):
            traffic.progress(effect.robot, effect.visits[-1].sequence_id, order_id=effect.order_id, now=float(now))
    assert traffic.explain("B").kind == "at_goal"
    assert not traffic.tokens.enabled(traffic.robots["A"])
