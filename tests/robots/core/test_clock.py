from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from robots.core.clock import JUMP_SAMPLES, RobotClock


def heard(clock: RobotClock, offset: float, delays: list[float], start: float = 1_000_000.0) -> float:
    """One message a second; the robot's clock is `offset` s ahead. Returns the moment after the last one."""
    for n, delay in enumerate(delays):
        sent = start + n
        clock.observe(sent + offset, sent + delay)
    return start + len(delays)


def test_nothing_is_known_before_the_first_message() -> None:
    assert (RobotClock().offset, RobotClock().spread) == (None, None)


@given(st.floats(-10_000, 10_000), st.lists(st.floats(0.001, 0.5), min_size=1, max_size=60))
def test_the_estimate_is_late_by_the_fastest_message_of_all(offset: float, delays: list[float]) -> None:
    clock = RobotClock()
    heard(clock, offset, delays)
    assert clock.offset is not None and clock.spread is not None
    assert abs(clock.offset - (offset - min(delays))) < 1e-4
    assert 0.001 <= clock.spread <= max(delays) - min(delays) + 0.0011


def test_a_message_that_waited_long_changes_nothing() -> None:
    clock = RobotClock()
    end = heard(clock, 3.0, [0.01] * 10)
    clock.observe(end + 3.0, end + 9.0)
    assert clock.offset is not None and abs(clock.offset - 2.99) < 1e-6
    end = heard(clock, 3.0, [0.01] * 3, end + 10)
    assert abs(clock.offset - 2.99) < 1e-6


def test_a_clock_that_was_set_ahead_is_followed_at_once() -> None:
    clock = RobotClock()
    end = heard(clock, 0.0, [0.01] * 10)
    heard(clock, 3600.0, [0.01], end)
    assert clock.offset is not None and abs(clock.offset - 3599.99) < 1e-4


def test_a_clock_that_was_set_back_is_followed_after_some_messages() -> None:
    clock = RobotClock()
    end = heard(clock, 0.0, [0.01] * 10)
    end = heard(clock, -60.0, [0.01] * (JUMP_SAMPLES - 1), end)
    assert clock.offset is not None and abs(clock.offset) < 0.1
    heard(clock, -60.0, [0.01], end)
    assert abs(clock.offset + 60.01) < 1e-4


def test_what_is_old_is_forgotten() -> None:
    clock, chance = RobotClock(), random.Random(1)
    drifting = [0.01 + chance.random() * 0.02 for _ in range(900)]
    start = 1_000_000.0
    for n, delay in enumerate(drifting):  # 100 ppm slow
        clock.observe(start + n - n * 1e-4, start + n + delay)
    assert clock.offset is not None and clock.spread is not None
    assert -0.12 < clock.offset < -0.05
    assert clock.spread < 0.05


def test_our_own_clock_may_be_set_too() -> None:
    clock = RobotClock()
    heard(clock, 0.0, [0.01] * 5)
    heard(clock, 100.0, [0.01] * 5, start=999_900.0)
    assert clock.offset is not None and abs(clock.offset - 99.99) < 1e-4
