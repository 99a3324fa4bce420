"""Processes killed and frozen while missions run: nothing is lost, nothing is done twice, no robot moves unwatched."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.flows.yard import Yard, until

pytestmark = pytest.mark.slow
LEASE_S = 1.5  # how long a robot may move on one lease
STAND_S = LEASE_S + 0.5


def under_way(yard: Yard) -> list[str]:
    """Two missions, one with goods, and robots that drive for them."""
    yard.radio.most_loads.clear()
    missions = [yard.send("bring two totes from receiving to pack 2"), yard.send("R-01 go to dock 1")]
    for mission in missions:
        yard.until_mission(mission, "running", "completed", seconds=30)
    return missions


def all_done(yard: Yard, missions: list[str], seconds: float = 90) -> None:
    for mission in missions:
        yard.until_mission(mission, "completed", seconds=seconds)
        yard.executed_once(mission)
    assert max(yard.radio.most_loads.values()) == 2, "two totes were taken, once"
    assert yard.robots()[yard.mission(missions[0])["robot"]]["loads"] == 0


@pytest.mark.parametrize("name", ["worker", "beat", "dispatch", "onboard", "valkey", "mqtt", "postgres"])
def test_a_killed_process_loses_nothing_and_repeats_nothing(yard: Yard, name: str) -> None:
    missions = under_way(yard)
    yard.kill(name)
    all_done(yard, missions)
    # and everything works again: words are read, a mission is dispatched, a robot sets out for it
    again = until(lambda: sent(yard, "R-02 go to pack 1"), 30, "a new mission is accepted again")
    yard.until_mission(again, "running", "completed")


def sent(yard: Yard, text: str) -> str:
    try:
        return yard.send(text)
    except (RuntimeError, OSError):
        return ""


def test_without_link_robots_stand_and_go_on_afterwards(yard: Yard) -> None:
    missions = under_way(yard)
    until(lambda: not yard.all_stand(), 20, "a robot drives")
    os.kill(yard.stack.child.pid, signal.SIGSTOP)  # the supervisor, so that link stays away for a while
    try:
        link = yard.top("link")
        link.kill()
        killed = time.monotonic()
        until(lambda: time.monotonic() > killed + STAND_S + 2, 10, every=0.1)
        assert yard.radio.lease_after(killed) is None
        assert yard.radio.moved(since=killed + STAND_S) == {}
        assert yard.radio.poses, "robots still report"
    finally:
        os.kill(yard.stack.child.pid, signal.SIGCONT)
    until(lambda: yard.replaced("link", link.pid), 30, "link was started again")
    all_done(yard, missions)


def test_a_hung_worker_and_a_hung_link_are_started_again(yard: Yard) -> None:
    missions = under_way(yard)
    for name in ("worker", "link"):
        hung = yard.top(name)
        hung.send_signal(signal.SIGSTOP)
        until(lambda name=name, hung=hung: yard.replaced(name, hung.pid), 45, f"a hung {name} was started again")
        assert f"{name} made no progress" in yard.stack.said()
    all_done(yard, missions)
    until(lambda: sent(yard, "R-02 go to pack 3"), 30, "words are read again")


def test_a_robot_cut_off_in_the_middle_of_a_grip_asks_a_person(yard: Yard) -> None:
    yard.radio.most_loads.clear()
    mission = yard.send("take twelve totes from receiving to pack 1")
    serial = yard.until_mission(mission, "running", seconds=30)["robot"]
    until(lambda: yard.radio.running.get(serial, "").endswith(".pick"), 60, "the robot grips", every=0.01)
    yard.top("onboard").kill()
    shown = yard.until_mission(mission, "failing", seconds=60)
    assert "in the middle of step 1" in shown["reason"]
    assert shown["steps"][0]["state"] == "active", "not done, and not silently begun again"
    yard.ask(mission, "retry", reason="the gripper is empty")
    yard.until_mission(mission, "completed", seconds=90)
    yard.executed_once(mission)
    assert yard.radio.most_loads[serial] in (0, 12)


def test_a_stop_needs_no_database(yard: Yard) -> None:
    mission = yard.send("R-01 go to dock 3")
    yard.stops()  # the key has been used at this site a moment ago, as a supervisor's would be
    until(lambda: not yard.all_stand(), 30, "a robot drives")
    robots = set(yard.robots())
    with yard.frozen("postgres"):
        began = time.monotonic()
        told = yard.stop_site("the database is away")
        assert told["state"] == "stopped" and told["sent"] and time.monotonic() - began < 2
        until(lambda: yard.stops()["stops"][0]["confirmed"] == len(robots), 5, lambda: yard.stops())
        until(yard.all_stand, 3, lambda: yard.radio.moved(0))
    stood = time.monotonic()
    until(lambda: (yard.radio.lease_after(stood) or 0) and yard.radio.held == robots, 20, "leases again, that hold all")
    until(lambda: "stop.requested" in ledger_actions(yard), 20, lambda: ledger_actions(yard))
    assert yard.radio.moved(since=began + 5) == {}
    yard.resume_all()
    yard.until_mission(mission, "completed")


def ledger_actions(yard: Yard) -> str:
    return " ".join(action for (action,) in yard.rows("select action from ledger_entry order by seq desc limit 20"))


def test_a_stop_and_the_missions_outlive_a_restart_of_everything(yard: Yard) -> None:
    missions = under_way(yard)
    yard.stop_site("before a restart")
    until(yard.all_stand, 5, lambda: yard.radio.moved(0))
    yard.restart()
    assert [stop["reason"] for stop in yard.stops()["stops"]] == ["before a restart"]
    until(lambda: yard.radio.held == set(yard.robots()), 20, lambda: yard.radio.held)
    awake = time.monotonic()
    until(lambda: time.monotonic() > awake + 2, 10)
    assert yard.radio.moved(since=awake) == {} and yard.stops()["state"] == "stopped"
    yard.resume_all()
    all_done(yard, missions)
