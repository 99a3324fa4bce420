"""Traffic: doors with a lease, zones that drain, obstacles, misplaced robots, two persons, vehicle types, liveness."""

from __future__ import annotations

import json

import pytest

from robots.core.layout import Door, Layout, Zone
from robots.core.routing import RoadMap, VehicleType
from robots.core.traffic import AdmissionRefused, LedgerError, Traffic
from tests.robots.core.roads import ladder

CORNER = ((3.0, -1.0), (5.0, -1.0), (5.0, 1.0), (3.0, 1.0))


def site(**parts: object) -> Layout:
    base = ladder(6)
    given = {"stations": base.stations, "map_id": "m"} | parts
    return Layout(base.name, base.version, base.nodes, base.edges, **given)  # type: ignore[arg-type]


def cycle(traffic: Traffic, now: float, drive: bool = True) -> list[str]:
    traffic.plan(now)
    effects = traffic.release(now)
    for effect in effects if drive else ():
        traffic.progress(effect.robot, effect.visits[-1].sequence_id, order_id=effect.order_id, now=now)
    assert traffic.check() == []
    return [effect.robot for effect in effects]


def send(traffic: Traffic, robot: str, start: str, goal: str) -> None:
    traffic.admit(robot, start)
    traffic.new_leg(robot, f"o-{robot}")
    traffic.set_goal(robot, goal, now=0.0)


def test_a_door_that_a_lorry_has_is_waited_for_and_never_frees_itself() -> None:
    one_way_through = Door("dock", "Dock door", 3, -1, 3, 3, ("a1>a2", "a2>a1", "b1>b2", "b2>b1"))
    traffic = Traffic(RoadMap(site(doors=(one_way_through,))), robots=2)
    assert traffic.take_door("dock", "lorry 7", 60.0, 0.0) == ""
    assert "lorry 7" in traffic.take_door("dock", "lorry 8", 60.0, 0.0)
    send(traffic, "A", "a0", "a4")
    for now in (0.0, 1.0, 61.0, 1000.0):
        cycle(traffic, now)
        assert traffic._name(traffic.robots["A"].end) in ("a1", "b1", "a0")
    reason = traffic.explain("A")
    assert (reason.kind, reason.resource, reason.holder) == ("waiting_for_door", "door:dock", "lorry 7")
    assert "lorry 7" in reason.ends
    assert traffic.snapshot()["doors"] == {"dock": {"owner": "lorry 7", "until": 60.0}}
    with pytest.raises(LedgerError):
        traffic.give_back_door("dock", "lorry 8")
    traffic.give_back_door("dock", "lorry 7")
    for now in range(1001, 1008):
        cycle(traffic, float(now))
    assert traffic.explain("A").kind == "at_goal"
    with pytest.raises(KeyError):
        traffic.take_door("none", "x", 1.0, 0.0)


def test_a_zone_closes_once_nobody_is_released_into_it() -> None:
    traffic = Traffic(RoadMap(site(zones=(Zone("z", "Z", "area", CORNER),))), robots=2)
    send(traffic, "A", "a2", "a5")
    assert traffic.set_zone("z", True) == "closing"
    assert traffic.zones() == {"z": "closing"}
    send(traffic, "B", "a0", "a3")
    for now in range(4):
        cycle(traffic, float(now))
    assert traffic.zones() == {"z": "closed"}
    for now in range(5, 12):
        cycle(traffic, float(now))
    assert traffic.explain("B").kind == "at_goal", "there is a way round"
    traffic.set_goal("B", "a2", now=20.0)
    cycle(traffic, 20.0)
    assert traffic.explain("B").kind == "no_way"
    assert "opened" in traffic.explain("B").ends
    assert traffic.set_zone("z", False) == "open"
    assert cycle(traffic, 21.0) == ["B"]


def test_an_obstacle_is_driven_round_until_it_expires() -> None:
    traffic = Traffic(RoadMap(site()), robots=2)
    send(traffic, "A", "a0", "a5")
    traffic.block("a2", 50.0, "robot C", 0.0)
    traffic.block("b3>b4", 50.0, "robot C", 0.0)
    assert "a2" not in traffic.plan(0.0)["A"]
    assert traffic.snapshot()["blocks"]["a2"] == {"until": 50.0, "by": "robot C"}
    traffic.clear("a2")
    assert traffic.plan(1.0)["A"] == ["a1", "a2", "a3"]
    traffic.block("a2", 50.0, "robot C", 1.0)
    assert traffic.plan(51.0)["A"] == ["a1", "a2", "a3"]
    with pytest.raises(KeyError):
        traffic.block("nowhere", 50.0, "robot C", 0.0)


def test_a_misplaced_robot_keeps_others_out_and_comes_back_by_admission() -> None:
    traffic = Traffic(RoadMap(site()), robots=3)
    traffic.admit("M", "a5")
    send(traffic, "A", "a0", "a4")
    cycle(traffic, 0.0, drive=False)
    assert traffic.misplaced("M", ["a2"], 0.0) == ["A"], "A is released to where M stands"
    assert traffic.snapshot()["misplaced"] == {"M": ["a2"]}
    with pytest.raises(AdmissionRefused):
        traffic.admit("B", "a2")
    held = traffic.ledger.held("M")
    for now in (1.0, 2.0):
        traffic.plan(now)
        assert [effect.robot for effect in traffic.release(now)] == []
    assert traffic.ledger.held("M") == held, "what it held it still holds"
    traffic.abort("A", "a0")
    traffic.admit("M", "a2")
    assert traffic.snapshot()["misplaced"] == {}
    assert traffic.check() == []


def test_freeing_by_hand_takes_two_persons() -> None:
    traffic = Traffic(RoadMap(site()), robots=2)
    send(traffic, "A", "a0", "a4")
    cycle(traffic, 0.0, drive=False)
    for act in (lambda one, two: traffic.retire("A", by=one, confirmed_by=two),
                lambda one, two: traffic.free_ahead("A", "a0", by=one, confirmed_by=two)):  # fmt: skip
        with pytest.raises(LedgerError):
            act("ann", "ann")
    (freed,) = traffic.free_ahead("A", "a0", by="ann", confirmed_by="bob")
    assert set(freed.resources) == {"node:a1", "node:a2"}
    cycle(traffic, 1.0)
    assert traffic.robots["A"].base == [traffic.road.index["a0"]], "nothing is released to it until it is admitted"
    traffic.admit("A", "a0", 2.0)
    traffic.retire("A", by="ann", confirmed_by="bob")
    assert traffic.robots == {}


def test_a_fault_that_cuts_the_floor_is_reported_and_a_busy_robot_is_not() -> None:
    line = Traffic(RoadMap(site()), robots=3)
    for robot, node in (("A", "a0"), ("B", "a5"), ("C", "b2")):
        line.admit(robot, node)
    line.set_immovable("C", True, "is loading")
    assert line.liveness() == ""
    line.set_immovable("C", True, "has a fault", "fault")
    assert line.liveness() == "" or "clear b2" in line.liveness()
    line.admit("D", "a2")
    line.set_immovable("D", True, "is switched to manual", "manual")
    assert "liveness at risk" in line.liveness()
    assert "C, D" in line.liveness()


def test_each_vehicle_type_drives_its_own_lanes() -> None:
    narrow = VehicleType("tug", 1.0, 0.6, 1.0)
    wide = VehicleType("truck", 1.2, 0.9, 2.0)
    base = ladder(6)
    edges = tuple(
        type(e)(e.id, e.start, e.end, vehicle_types=("tug",)) if e.id in ("a1>a2", "a2>a1") else e for e in base.edges
    )
    road = RoadMap(Layout(base.name, base.version, base.nodes, edges, base.stations, map_id="m"), types=(narrow, wide))
    for kind, through in (("tug", True), ("truck", False)):
        traffic = Traffic(road, robots=2)
        traffic.admit("A", "a1", vehicle_type=kind)
        traffic.new_leg("A", "o1")
        traffic.set_goal("A", "a3", now=0.0)
        assert (traffic.plan(0.0)["A"][0] == "a2") is through
        cycle(traffic, 0.0)
        restored = Traffic.restore(json.loads(json.dumps(traffic.snapshot())), road, robots=2)
        assert restored.robots["A"].type == kind
        assert restored.check() == []


def test_a_release_zone_takes_as_many_as_it_may_and_the_next_one_waits() -> None:
    zone = Zone("cell", "Cell", "release", ((3.0, -1.0), (11.0, -1.0), (11.0, 1.0), (3.0, 1.0)), capacity=2)
    traffic = Traffic(RoadMap(site(zones=(zone,))), robots=3)
    for robot, start, goal in (("A", "b3", "a3"), ("B", "b5", "a5"), ("C", "b0", "a2")):
        send(traffic, robot, start, goal)
    for now in range(12):
        cycle(traffic, float(now))
    assert [traffic.explain(robot).kind for robot in "AB"] == ["at_goal", "at_goal"]
    assert traffic.explain("C").kind == "waiting_for_zone"
    assert traffic.explain("C").resource == "zone:cell"
    traffic.set_goal("A", "b1", now=20.0)
    for now in range(20, 34):
        cycle(traffic, float(now))
    assert traffic.explain("C").kind == "at_goal"


def test_the_cap_is_explained_and_comes_to_everybody() -> None:
    traffic = Traffic(RoadMap(site()), robots=4, active=1)
    send(traffic, "A", "a0", "a4")
    send(traffic, "B", "b5", "b2")
    cycle(traffic, 0.0)
    reason = traffic.explain("B")
    assert reason.kind == "waiting_for_turn"
    assert "1 robots are under way" in reason.text
    for now in range(1, 15):
        cycle(traffic, float(now))
        if traffic.explain("A").kind == "at_goal":
            traffic.set_goal("A", None, now=float(now))
    assert traffic.explain("B").kind == "at_goal"


def test_a_chain_of_waiting_names_the_root() -> None:
    traffic = Traffic(RoadMap(site()), robots=4)
    for robot, node in (("C", "s"), ("B", "a0")):
        send(traffic, robot, node, "s")
    traffic.set_immovable("C", True, "has a fault", "fault")
    traffic.set_goal("C", None, now=0.0)
    for now in (0.0, 10.0):
        cycle(traffic, now)
    reason = traffic.explain("B")
    assert reason.chain[-1] == "C"
    assert reason.holder == "C"
    assert "C" in reason.ends
