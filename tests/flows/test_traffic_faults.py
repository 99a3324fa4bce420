"""Robots that are late, blocked, silent, broken or moved by hand (traffic design 5.6), through real processes.

Nothing that was released is ever free again without evidence; the others go round; and everybody is told honestly.
"""

from __future__ import annotations

import time

import pytest

from robots.core.vda5050.reports import Error, ErrorLevel, Reference
from tests.flows.crew import RADIUS_M, ScriptedRobot
from tests.flows.floor_yard import FloorYard
from tests.flows.yard import until

pytestmark = pytest.mark.slow

WEST, BEHIND = "N050-160", "N050-226"
"""On the western lane, which leads south to the outer ring; the second has room between."""
SPOT, NEXT = "N116-050", "N138-050"
"""On the southern lane, which leads east: whoever stands there is gone round by the northern one."""
BESIDE = "N270-343"
"""A parking place in the north, far from all of it."""


def halted(floor: FloorYard, serial: str = "R-11", place: str = "dock 1", at: str = NEXT) -> tuple[ScriptedRobot, str]:
    """The robot and its mission: it stands half way between two nodes, and more is released to it."""
    floor.place(serial, WEST)
    robot = floor.crew[serial]
    robot.stop_short_of = at
    mission = floor.go(serial, place)
    until(lambda: robot.stuck, 30, floor.told)
    until(lambda: floor.base(serial)[:2] == [SPOT, NEXT], 10, floor.told)
    return robot, mission


def goes_round(floor: FloorYard, serial: str = "R-12", place: str = "dock 2") -> None:
    """Another robot gets from west to east although the usual way is taken."""
    floor.place(serial, BEHIND)
    mission = floor.go(serial, place)
    floor.while_true(lambda: floor.mission(mission)["state"] == "completed", 60, f"{serial} goes round")
    apart(floor)


def apart(floor: FloorYard) -> None:
    assert floor.crew.closest[0] >= 2 * RADIUS_M, floor.crew.closest
    assert floor.crew.fault is None


def goes_on(floor: FloorYard, mission: str) -> None:
    floor.until_mission(mission, "completed", seconds=60)
    until(lambda: not floor.alarms(), 10, floor.alarms)
    apart(floor)


def test_a_late_robot_is_told_and_gone_round_and_loses_nothing(floor: FloorYard) -> None:
    robot, mission = halted(floor)
    held = floor.holds("R-11")
    assert {f"node:{SPOT}", f"node:{NEXT}"} <= held
    until(lambda: floor.alarms("late", "R-11"), 40, floor.told)
    waits = floor.wait_of("R-11")
    assert (waits["kind"], waits["known"]) == ("held", True) and f"does not move on to {NEXT}" in waits["text"], waits
    goes_round(floor)
    assert floor.holds("R-11") >= held, "time frees nothing"
    floor.crew.do(robot.heal)
    goes_on(floor, mission)


def test_a_place_that_a_robot_says_is_blocked_is_closed_to_others_for_a_while(floor: FloorYard) -> None:
    robot, mission = halted(floor)
    edge = f"{SPOT}:{NEXT}"
    about = (Reference("edgeId", edge),)
    floor.crew.do(lambda: robot.side.add_error(Error("pathBlocked", ErrorLevel.WARNING, about, "a pallet")))
    blocks = until(lambda: {block["name"]: block for block in floor.floor()["blocks"]}, 10, floor.told)
    assert edge in blocks and blocks[edge]["by"] == "R-11" and blocks[edge]["until"], blocks
    goes_round(floor)
    floor.crew.do(robot.heal)
    goes_on(floor, mission)


def test_a_silent_robot_keeps_its_base_for_ever_and_nobody_pretends_to_know(floor: FloorYard) -> None:
    robot, mission = halted(floor)
    held = floor.holds("R-11")
    floor.crew.do(robot.vanish)
    until(lambda: floor.row("R-11")["connection"] == "connection_broken", 20, floor.told)
    until(lambda: "no contact" in floor.wait_of("R-11")["text"], 10, floor.told)
    shown = until(lambda: (m := floor.mission(mission))["state"] == "waiting" and m, 10, lambda: floor.story(mission))
    assert "unknown until it or a person says" in shown["reason"]
    assert floor.row("R-11")["summary"].startswith("Disconnected, may still be moving")
    floor.kill("dispatch")  # a new leader, which has never heard the robot, believes what is written down
    goes_round(floor)
    assert floor.holds("R-11") >= held and floor.base("R-11")[:2] == [SPOT, NEXT]
    assert floor.mission(mission)["state"] == "waiting", "neither failed nor done: nobody knows"
    floor.crew.do(robot.heal)
    goes_on(floor, mission)


def test_a_refused_order_frees_only_what_lies_ahead_of_the_robot(floor: FloorYard) -> None:
    floor.place("R-11", WEST)
    robot = floor.crew["R-11"]
    robot.refuses = True
    mission = floor.go("R-11", "dock 1")
    floor.until_mission(mission, "failed", seconds=40)
    assert robot.orders == [] and "told to refuse" in str(floor.row("R-11")["errors"])
    until(lambda: floor.base("R-11") == [WEST], 10, floor.told)
    assert f"node:{WEST}" in floor.holds("R-11")
    floor.crew.do(robot.heal)
    floor.ask(mission, "retry", reason="it takes orders again")
    until(lambda: floor.mission(mission)["state"] != "failed", 10, lambda: floor.story(mission))
    goes_on(floor, mission)


def test_a_refused_update_is_followed_by_a_cancel_and_a_new_order(floor: FloorYard) -> None:
    floor.place("R-11", WEST)
    robot = floor.crew["R-11"]
    mission = floor.go("R-11", "dock 1")
    until(lambda: robot.orders, 20, floor.told)
    first = robot.orders[0]
    robot.refuses = True
    floor.while_true(lambda: f"{first}.cancel1" in floor.crew.robots["R-11"].side.book.entries, 20, "it is cancelled")
    robot.refuses = False
    goes_on(floor, mission)
    assert any(not name.startswith(first) for name in robot.orders), robot.orders


def test_a_critical_error_ends_the_order_and_frees_nothing_under_the_robot(floor: FloorYard) -> None:
    robot, mission = halted(floor)
    sent = len(robot.orders)
    floor.crew.do(lambda: robot.error(ErrorLevel.CRITICAL))
    until(lambda: any(i.endswith(".cancel1") for i in robot.side.book.entries), 15, lambda: floor.story(mission))
    floor.until_mission(mission, "failing", seconds=20)
    until(lambda: floor.base("R-11") == [SPOT, NEXT], 10, floor.told)  # what lay further ahead is free
    assert {f"node:{SPOT}", f"node:{NEXT}"} <= floor.holds("R-11"), "it stands between them"
    assert "drive reports a fault" in floor.wait_of("R-11")["text"]
    goes_round(floor)
    assert len(robot.orders) == sent, "nothing was sent to it meanwhile"
    floor.crew.do(robot.heal)
    floor.ask(mission, "retry", reason="repaired")
    goes_on(floor, mission)


def test_a_fatal_error_stops_extending_and_waits_for_a_person(floor: FloorYard) -> None:
    robot, mission = halted(floor)
    held, sent = floor.holds("R-11"), len(robot.orders)
    floor.crew.do(lambda: robot.error(ErrorLevel.FATAL))
    until(lambda: "drive reports a fault" in floor.wait_of("R-11")["text"], 10, floor.told)
    goes_round(floor)
    assert floor.holds("R-11") >= held and len(robot.orders) == sent
    floor.crew.do(robot.heal)
    goes_on(floor, mission)


def test_a_robot_moved_by_hand_onto_anothers_way_stops_that_one_and_comes_back_where_it_stands(
    floor: FloorYard,
) -> None:
    blocked, mission = halted(floor)
    floor.place("R-12", BEHIND)
    other = floor.go("R-12", "dock 2")
    moved = floor.crew["R-12"]
    until(lambda: moved.orders and moved.on_edge, 20, floor.told)
    floor.crew.do(moved.manual)
    until(lambda: floor.row("R-12")["operating_mode"] == "MANUAL", 10, floor.told)
    released = floor.base("R-11")
    end = floor.layout.node(released[-1])
    floor.crew.do(lambda: moved.put_at(end.x + 0.2, end.y))
    until(lambda: floor.alarms("misplaced", "R-12") and floor.alarms("conflict", "R-11"), 15, floor.told)
    assert "stands on the way that is released to it" in floor.wait_of("R-11")["text"]
    assert floor.row("R-12")["serial"] in [m["robot"]["serial"] for m in floor.floor()["misplaced"]]
    sent = len(blocked.orders)
    began = time.monotonic()
    until(lambda: time.monotonic() > began + 3, 5)
    assert len(blocked.orders) == sent and floor.base("R-11") == released, "nothing more is released to it"
    floor.crew.do(lambda: (moved.put(BESIDE), moved.manual(on=False)))
    until(lambda: floor.base("R-12")[:1] == [BESIDE], 15, floor.told)
    until(lambda: not floor.alarms("conflict"), 10, floor.alarms)
    floor.crew.do(floor.crew.forget_distances)
    floor.crew.do(blocked.heal)
    goes_on(floor, mission)
    floor.until_mission(other, "completed", seconds=60)
