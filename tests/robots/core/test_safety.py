"""The supervisor may only slow and stop, for any input; the lease is the only permission to move."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.safety import (
    MAX_LEASE_TTL,
    Corridor,
    LeaseRefused,
    Limits,
    Proposal,
    Rung,
    SafetySupervisor,
    Situation,
    accept_lease,
    row_at,
)

LIMITS = Limits(max_speed=1.6, max_rotation=1.5, person_clearance=0.8, min_confidence=0.5, max_decision_age=0.5)
STRAIGHT = Corridor(((0.0, 0.0), (10.0, 0.0)), 0.4)
CLEAR = Situation(
    x=2.0,
    y=0.0,
    theta=0.0,
    v=1.0,
    lease_ok=True,
    held=False,
    stopped=False,
    corridor=STRAIGHT,
    person=math.inf,
    robot=math.inf,
    obstacle=math.inf,
)
GOOD = Proposal(v=1.0, omega=0.1, confidence=0.9, age=0.05)
SUPERVISOR = SafetySupervisor(LIMITS)

any_float = st.floats(allow_nan=True, allow_infinity=True)
proposals = st.builds(Proposal, v=any_float, omega=any_float, confidence=st.none() | any_float, age=any_float)
corridors = st.builds(
    Corridor,
    st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50)), max_size=5).map(tuple),
    st.floats(0, 3),
)
situations = st.builds(
    Situation,
    x=any_float,
    y=any_float,
    theta=any_float,
    v=any_float,
    lease_ok=st.booleans(),
    held=st.booleans(),
    stopped=st.booleans(),
    corridor=corridors | st.just(STRAIGHT),
    person=any_float,
    robot=any_float,
    obstacle=any_float,
    speed_limit=any_float,
)
near = st.builds(
    lambda p, v, omega, person, robot, limit, x, y, theta: (
        replace(GOOD, v=v, omega=omega, confidence=p),
        replace(CLEAR, person=person, robot=robot, speed_limit=limit, x=x, y=y, theta=theta),
    ),
    st.floats(0.5, 1),
    st.floats(-5, 5),
    st.floats(-9, 9),
    st.floats(0, 4),
    st.floats(0, 4),
    st.floats(0, 3),
    st.floats(-1, 11),
    st.floats(-1, 1),
    st.floats(-4, 4),
)


@settings(max_examples=100, deadline=None)
@given(near | st.tuples(proposals, situations))
def test_no_output_exceeds_the_envelope_the_order_or_the_proposal(case: tuple[Proposal, Situation]) -> None:
    proposal, situation = case
    verdict = SUPERVISOR.filter(proposal, situation)
    assert 0.0 <= verdict.v <= LIMITS.max_speed
    assert abs(verdict.omega) <= LIMITS.max_rotation
    if verdict.v > 0:
        assert verdict.v <= proposal.v and verdict.v <= situation.speed_limit
        assert situation.person > LIMITS.person_clearance and situation.robot > LIMITS.robot_clearance
        assert situation.corridor.distance(situation.x, situation.y) <= situation.corridor.half_width


@settings(max_examples=100, deadline=None)
@given(near | st.tuples(proposals, situations), st.sampled_from(["lease", "held", "stopped", "confidence", "nan"]))
def test_without_permission_or_confidence_nothing_moves(case: tuple[Proposal, Situation], missing: str) -> None:
    proposal, situation = case
    if missing == "lease":
        situation = replace(situation, lease_ok=False)
    elif missing == "confidence":
        proposal = replace(proposal, confidence=None)
    elif missing == "nan":
        proposal = replace(proposal, omega=math.nan)
    else:
        situation = replace(situation, held=missing == "held", stopped=missing == "stopped")
    verdict = SUPERVISOR.filter(proposal, situation)
    assert (verdict.v, verdict.omega) == (0.0, 0.0)
    assert verdict.rung >= Rung.STOPPED and verdict.reason


@settings(max_examples=100, deadline=None)
@given(near)
def test_the_robot_can_always_stop_inside_the_released_corridor(case: tuple[Proposal, Situation]) -> None:
    proposal, situation = case
    verdict = SUPERVISOR.filter(proposal, situation)
    reach = verdict.v * LIMITS.reaction + verdict.v**2 / (2 * LIMITS.deceleration)
    ahead = (situation.x + math.cos(situation.theta) * reach, situation.y + math.sin(situation.theta) * reach)
    if verdict.v > 0:
        assert situation.corridor.distance(*ahead) <= situation.corridor.half_width


def test_a_good_proposal_passes_unchanged() -> None:
    verdict = SUPERVISOR.filter(GOOD, CLEAR)
    assert (verdict.v, verdict.omega, verdict.rung, verdict.reason) == (1.0, 0.1, Rung.PASS, "")


@pytest.mark.parametrize(
    ("proposal", "situation", "rung", "reason"),
    [
        ({"v": 9.0}, {}, Rung.CLAMPED, "envelope"),
        ({"v": -1.0}, {}, Rung.CLAMPED, "envelope"),
        ({"confidence": None}, {}, Rung.STOP_AND_ASK, "confidence_missing"),
        ({"confidence": 0.49}, {}, Rung.STOP_AND_ASK, "confidence_low"),
        ({"confidence": math.nan}, {}, Rung.STOP_AND_ASK, "confidence_low"),
        ({"confidence": 1.5}, {}, Rung.STOP_AND_ASK, "confidence_low"),
        ({"age": 0.6}, {}, Rung.STOP_AND_ASK, "decision_late"),
        ({"age": -0.1}, {}, Rung.STOP_AND_ASK, "decision_late"),
        ({"v": math.inf}, {}, Rung.STOP_AND_ASK, "not_a_number"),
        ({}, {"x": math.nan}, Rung.STOP_AND_ASK, "pose_unknown"),
        ({}, {"lease_ok": False}, Rung.STOPPED, "lease_expired"),
        ({}, {"held": True}, Rung.STOPPED, "held"),
        ({}, {"y": 0.5}, Rung.STOP_AND_ASK, "outside_corridor"),
        ({}, {"corridor": Corridor((), 1.0)}, Rung.STOP_AND_ASK, "outside_corridor"),
        ({}, {"person": 0.7}, Rung.STOPPED, "person"),
        ({}, {"person": math.nan}, Rung.STOPPED, "person"),
        ({}, {"person": 1.0}, Rung.SLOWED, "person"),
        ({}, {"robot": 0.1}, Rung.STOPPED, "robot_ahead"),
        ({}, {"robot": 0.4}, Rung.SLOWED, "robot_ahead"),
        ({}, {"x": 10.3}, Rung.SLOWED, "corridor_end"),
        ({}, {"x": 10.399}, Rung.STOPPED, "corridor_end"),
    ],
)
def test_each_rule_names_itself(
    proposal: dict[str, float], situation: dict[str, object], rung: Rung, reason: str
) -> None:
    verdict = SUPERVISOR.filter(replace(GOOD, **proposal), replace(CLEAR, **situation))  # type: ignore[arg-type]
    assert (verdict.rung, verdict.reason) == (rung, reason)


def test_a_robot_blocked_ahead_may_still_turn_on_the_spot() -> None:
    verdict = SUPERVISOR.filter(replace(GOOD, omega=1.0), replace(CLEAR, robot=0.0))
    assert (verdict.v, verdict.omega) == (0.0, 1.0)


def test_a_confidence_threshold_of_zero_is_not_obeyed() -> None:
    careless = SafetySupervisor(replace(LIMITS, min_confidence=0.0))
    assert careless.filter(replace(GOOD, confidence=0.0), CLEAR).rung is Rung.STOP_AND_ASK


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_limits_refuse_nonsense(value: float) -> None:
    with pytest.raises(ValueError, match="max_speed"):
        replace(LIMITS, max_speed=value)


MESSAGE = {"site": "demo", "epoch": 3, "counter": 7, "ttl_ms": 1500, "held": ["R-02"]}


def test_a_fresh_lease_allows_until_its_ttl_and_never_a_held_robot() -> None:
    lease = accept_lease(None, MESSAGE, site="demo", received_at=100.0)
    assert lease.allows("R-01", 100.0) and lease.allows("R-01", 101.5)
    assert not lease.allows("R-01", 101.51)
    assert not lease.allows("R-01", 99.9)
    assert not lease.allows("R-02", 100.0)


@pytest.mark.parametrize("last", [(3, 6), (2, 900)])
def test_a_newer_counter_or_epoch_is_accepted(last: tuple[int, int]) -> None:
    assert accept_lease(last, MESSAGE, site="demo", received_at=0.0).counter == 7


@pytest.mark.parametrize(
    ("last", "change"),
    [
        ((3, 7), {}),
        ((3, 8), {}),
        ((4, 0), {}),
        (None, {"site": "other"}),
        (None, {"epoch": "3"}),
        (None, {"counter": True}),
        (None, {"ttl_ms": -1}),
        (None, {"ttl_ms": 1.5}),
        (None, {"held": "R-01"}),
        (None, {"held": [1]}),
        (None, {"held": None}),
    ],
)
def test_an_old_foreign_or_malformed_lease_is_refused(last: tuple[int, int] | None, change: dict[str, object]) -> None:
    with pytest.raises(LeaseRefused):
        accept_lease(last, MESSAGE | change, site="demo", received_at=0.0)


def test_no_lease_outlives_the_robots_own_cap() -> None:
    lease = accept_lease(None, MESSAGE | {"ttl_ms": 10**9}, site="demo", received_at=0.0)
    assert lease.ttl == MAX_LEASE_TTL


def test_a_chunk_is_read_by_age_and_ends_in_standstill() -> None:
    chunk = [(1.0, 0.0), (0.5, 0.2)]
    assert row_at(chunk, 0.1, 0.0) == (1.0, 0.0)
    assert row_at(chunk, 0.1, 0.15) == (0.5, 0.2)
    assert row_at(chunk, 0.1, 0.25) == (0.0, 0.0)
    assert row_at(chunk, 0.1, -0.01) == (0.0, 0.0)
    assert row_at(chunk, math.nan, 0.0) == (0.0, 0.0)
