"""Calibration: probabilities follow what was seen, thresholds keep the stated risk, a broken signal counts as stop."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.core.calibration import (
    Calibration,
    calibration_from_json,
    calibration_to_json,
    fit,
    floor,
    threshold,
    upper_bound,
    wilson,
)

SCORED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)


def rows(n: int = 600, seed: int = 3) -> list[tuple[dict[str, float], bool]]:
    rng = Random(seed)
    out = []
    for _ in range(n):
        a, b = rng.gauss(0, 1), rng.gauss(0, 1)
        out.append(({"a": a, "b": b}, rng.random() < 1 / (1 + math.exp(-(2 * a - 0.5)))))
    return out


def test_the_signal_that_tells_gets_the_weight() -> None:
    made = fit(rows())
    assert made.weights["a"] == pytest.approx(2.0, abs=0.4)
    assert abs(made.weights["b"]) < 0.3


def test_stated_probability_equals_share_that_was_right() -> None:
    made = fit(rows())
    fresh = [(made.probability(s), right) for s, right in rows(4000, seed=9)]
    for low in (0.1, 0.3, 0.5, 0.7):
        bin_ = [(p, right) for p, right in fresh if low <= p < low + 0.2]
        assert sum(right for _, right in bin_) / len(bin_) == pytest.approx(
            sum(p for p, _ in bin_) / len(bin_), abs=0.06
        )


@given(st.sampled_from([math.nan, math.inf, -math.inf]))
def test_a_signal_that_is_no_number_is_worth_nothing(value: float) -> None:
    assert fit(rows(100)).probability({"a": value, "b": 0.0}) == 0.0


@given(SCORED, st.floats(0.0, 0.6))
def test_above_the_threshold_the_risk_is_kept(scored: list[tuple[float, bool]], risk: float) -> None:
    at = threshold(scored, risk=risk)
    over = [right for p, right in scored if p >= at]
    if at < 1.0:
        assert sum(not right for right in over) / len(over) <= risk + 1e-12


@given(SCORED, st.floats(0.01, 0.6))
def test_with_confidence_fewer_are_let_through(scored: list[tuple[float, bool]], risk: float) -> None:
    assert threshold(scored, risk=risk, confidence=0.95) >= threshold(scored, risk=risk)


def test_one_outcome_cannot_be_learnt_from() -> None:
    with pytest.raises(ValueError, match="both"):
        fit([({"a": 1.0}, True)] * 5)


def test_clopper_pearson_and_wilson_at_known_values() -> None:
    assert upper_bound(0, 59, 0.95) == pytest.approx(0.0495, abs=0.0005)  # the "rule of three": 1 - 0.05 ** (1 / 59)
    assert upper_bound(5, 5, 0.95) == 1.0
    low, high = wilson(8, 10) or (0, 0)
    assert (low, high) == (pytest.approx(0.4902, abs=0.001), pytest.approx(0.9433, abs=0.001))
    assert wilson(0, 0) is None


def test_json_comes_back_and_a_broken_one_is_refused() -> None:
    made = fit(rows(100))
    assert calibration_from_json(calibration_to_json(made)) == made
    with pytest.raises(ValueError, match="ask_at"):
        calibration_from_json(calibration_to_json(Calibration({}, {}, {}, 0.0, 0.2, 0.7)))
    with pytest.raises(ValueError, match="same signals"):
        calibration_from_json({**calibration_to_json(made), "means": {}})
    with pytest.raises(ValueError, match="not complete"):
        calibration_from_json({"weights": {}})


@given(st.lists(st.floats(0, 1), max_size=30), st.lists(st.floats(0, 1), max_size=10), st.integers(0, 10))
def test_the_floor_stops_what_is_no_mission_or_asks_about_no_more_than_stated(
    plans: list[float], others: list[float], asked: int
) -> None:
    planned = len(plans) + asked
    at = floor(plans, others, planned=planned, asking=0.15)
    stopped = sum(p < at for p in plans) + asked
    assert all(p < at for p in others) or stopped <= max(0.15 * planned, asked)
    assert stopped <= max(0.15 * planned, asked)
