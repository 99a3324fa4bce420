"""When robots charge, who gets a charger first, and what a way costs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from missions.core.charging import Charge, Energy, Levels, can_leave, levels_of, may_take, need, queue


def sheet(**charging: Any) -> dict[str, Any]:
    return {"mobileRobotConfiguration": {"batteryCharging": charging}}


def test_the_factsheet_of_the_robot_names_its_levels() -> None:
    named = sheet(
        criticalLowChargingLevel=20.0,
        minimumDesiredChargingLevel=40,
        maximumDesiredChargingLevel=90,
        minimumChargingTime=600,
    )
    assert levels_of(named) == Levels(20.0, 40.0, 90.0, 600.0)
    assert levels_of(sheet(criticalLowChargingLevel=10.0)) == Levels(critical=10.0)


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"mobileRobotConfiguration": None},
        sheet(criticalLowChargingLevel=80.0),
        sheet(minimumDesiredChargingLevel="many", maximumDesiredChargingLevel=400.0, criticalLowChargingLevel=True),
    ],
)
def test_without_sensible_levels_the_usual_ones_hold(document: dict[str, Any] | None) -> None:
    assert levels_of(document) == Levels()


def test_need_grows_with_the_way_the_load_and_the_time() -> None:
    energy = Energy(per_km=5.0, per_hour=3.6, loaded=0.5)
    assert need(energy, 1000.0, speed=1.0) == pytest.approx(5.0 + 1.0)
    assert need(energy, 1000.0, speed=2.0) == pytest.approx(5.0 + 0.5)
    assert need(energy, 1000.0, load=50.0, payload=100.0) == pytest.approx(6.25 + 1.0)
    assert need(energy, 0.0, seconds=1000.0) == pytest.approx(1.0)


def test_the_emptiest_above_its_own_critical_level_is_first_in_the_queue() -> None:
    robots = [Charge(1, 30.0), Charge(2, 34.0, Levels(critical=33.0, minimum=50.0)), Charge(3, 80.0), Charge(4, 9.0)]
    assert [r.robot for r in queue(robots)] == [4, 2, 1]
    assert queue([Charge(1, 9.0, charging=True)]) == []


def test_the_last_free_charger_is_kept_for_a_robot_at_its_critical_level() -> None:
    low, critical = Charge(1, 30.0), Charge(2, 15.0)
    assert (may_take(low, 2, 0, 3), may_take(low, 1, 0, 3), may_take(critical, 1, 0, 3)) == (True, False, True)
    assert may_take(low, 1, 1, 3), "one that can leave at once is as good as free"
    assert may_take(low, 1, 0, 1), "a single charger is for all"
    assert not may_take(critical, 0, 3, 3)


def test_who_can_leave_its_charger() -> None:
    assert can_leave(Charge(1, 50.0, charging=True), 0.0)
    assert not can_leave(Charge(1, 49.0, charging=True), 0.0)
    assert can_leave(Charge(1, 36.0, charging=True), 0.0, critical=True)
    assert not can_leave(Charge(1, 34.0, charging=True), 0.0, critical=True)
    assert can_leave(Charge(1, 36.0), 0.0), "it only stands there"
    slow = Levels(minimum_time=600.0)
    assert not can_leave(Charge(1, 60.0, slow, charging=True, since=100.0), 400.0)
    assert can_leave(Charge(1, 60.0, slow, charging=True, since=100.0), 700.0)


@given(st.floats(0, 100), st.integers(0, 5), st.integers(0, 5), st.integers(2, 9))
def test_a_robot_that_is_not_critical_never_takes_the_last_charger(
    battery: float, free: int, leavers: int, chargers: int
) -> None:
    robot = Charge(1, battery)
    if may_take(robot, free, leavers, chargers) and not robot.must:
        assert free - 1 + leavers >= 1
