from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.frames import Mark, Status
from robots.core.status import Facts, is_commandable, is_stale, judge, marks, truth

FINE = Facts(connection="online", operating_mode="AUTOMATIC", state_age=0.3, visualization_age=0.1, battery=80.0)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, Status.IDLE),
        ({"driving": True, "pending": True}, Status.DRIVING),
        ({"acting": True, "pending": True}, Status.ACTING),
        ({"charging": True}, Status.CHARGING),
        ({"pending": True}, Status.WAITING),
        ({"paused": True, "driving": True}, Status.HELD),
        ({"held": True, "driving": True}, Status.HELD),
        ({"error_levels": ("WARNING",)}, Status.IDLE),
        ({"error_levels": ("WARNING", "FATAL")}, Status.ERROR),
        ({"physical_stop": "MANUAL", "paused": True}, Status.ERROR),
        ({"field_violation": True}, Status.ERROR),
        ({"localized": False}, Status.ERROR),
        ({"operating_mode": "MANUAL", "driving": True}, Status.OUT),
        ({"operating_mode": "STARTUP"}, Status.OUT),
        ({"operating_mode": "INTERVENED", "pending": True}, Status.OUT),
        ({"connection": "hibernating"}, Status.OUT),
        ({"in_service": False}, Status.OUT),
        ({"state_age": None}, Status.UNKNOWN),
    ],
)
def test_what_keeps_it_from_working_outranks_what_it_does(change, status):
    assert judge(replace(FINE, **change)) is status


def test_a_driving_robot_is_stale_soon_and_a_standing_one_late():
    assert not is_stale(replace(FINE, driving=True, visualization_age=1.9))
    assert is_stale(replace(FINE, driving=True, state_age=3.0, visualization_age=2.1))
    assert not is_stale(replace(FINE, driving=True, state_age=0.5, visualization_age=2.1)), "its state said it too"
    assert not is_stale(replace(FINE, visualization_age=20.0, state_age=20.0))
    assert is_stale(replace(FINE, state_age=35.1))
    assert is_stale(replace(FINE, state_age=None))
    assert not is_stale(replace(FINE, driving=True, visualization_age=None, state_age=20.0)), "sends no visualization"


def test_marks():
    assert marks(FINE) == Mark.NONE
    assert marks(replace(FINE, connection="connection_broken", loaded=True)) == Mark.DISCONNECTED | Mark.LOADED
    assert marks(replace(FINE, battery=9.0)) == Mark.ATTENTION
    assert marks(replace(FINE, state_age=60.0)) == Mark.STALE


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({}, "Idle, data 0.3 s old"),
        ({"driving": True, "work": "M-12, step 3/5"}, "Working on M-12, step 3/5, data 0.3 s old"),
        ({"pending": True, "waiting": "C2 is held by Cart 4"}, "Waiting: C2 is held by Cart 4, data 0.3 s old"),
        ({"held": True}, "Held by a software stop, data 0.3 s old"),
        ({"paused": True}, "Paused at the robot, data 0.3 s old"),
        ({"physical_stop": "MANUAL"}, "Physical stop pressed at the robot, data 0.3 s old"),
        ({"operating_mode": "SERVICE"}, "Not under fleet control (service), data 0.3 s old"),
        ({"operating_mode": "TEACH_IN"}, "Not under fleet control (teach-in), data 0.3 s old"),
        ({"operating_mode": "STARTUP"}, "Starting up, takes no orders yet, data 0.3 s old"),
        (
            {"operating_mode": "INTERVENED", "pending": True},
            "A person has taken over at the robot; it keeps its order, data 0.3 s old",
        ),
        (
            {"connection": "hibernating", "state_age": 7300.0},
            "Hibernating, answers only when it is woken up, data 2 h old",
        ),
        (
            {"connection": "connection_broken", "pending": True, "state_age": 64.0},
            "Disconnected, may still be moving, data 64 s old",
        ),
        ({"state_age": None}, "Nothing heard from it yet"),
    ],
)
def test_the_one_line(change, line):
    assert truth(replace(FINE, **change)) == line


def test_a_robot_that_hibernates_is_neither_stale_nor_lost_and_takes_no_command():
    """3.0 6.2.3.1: it stands, is connected, sends no states and obeys nothing but being woken up."""
    asleep = replace(FINE, connection="hibernating", state_age=9000.0)
    assert marks(asleep) == Mark.NONE
    assert not is_commandable(asleep)
    assert is_stale(replace(asleep, state_age=None)), "nobody has ever heard where it is"


@pytest.mark.parametrize("mode", ["STARTUP", "INTERVENED", "MANUAL", "SERVICE", "TEACH_IN"])
def test_in_these_modes_fleet_control_is_not_in_charge(mode):
    assert not is_commandable(replace(FINE, operating_mode=mode))


@settings(max_examples=60)
@given(st.sampled_from(["unknown", "online", "offline", "connection_broken"]), st.booleans(), st.floats(0, 1e5))
def test_a_robot_that_is_not_online_is_never_called_idle_or_commandable(connection, driving, age):
    facts = replace(FINE, connection=connection, driving=driving, state_age=age)
    if connection != "online":
        assert not is_commandable(facts)
        assert truth(facts).startswith("Disconnected")
