"""D123: no order "fails"; what became of a step follows from its actions and the robot's errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robots.core.vda5050.outcome import STOPPING, Scope, Verdict, outcome, refers, scope_of, stops
from robots.core.vda5050.reports import ActionStatus, ErrorLevel
from tests.robots.core.vda5050.fleet_helpers import error
from tests.robots.core.vda5050.helpers import hard, order

S, L = ActionStatus, ErrorLevel
SCOPE = scope_of(order(actions=(hard("a"), hard("b"))))


def test_the_scope_names_everything_in_the_order():
    assert Scope("o1", frozenset({"a", "b"}), frozenset({"n0", "n1", "n2"}), frozenset({"e1", "e2"})) == SCOPE


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ({}, Verdict.RUNNING),
        ({"a": S.FINISHED}, Verdict.RUNNING),
        ({"a": S.FINISHED, "b": S.RETRIABLE}, Verdict.RUNNING),
        ({"a": S.FINISHED, "b": S.PAUSED}, Verdict.RUNNING),
        ({"a": S.FINISHED, "b": S.FINISHED}, Verdict.DONE),
        ({"a": S.FAILED}, Verdict.FAILED),
        ({"a": S.FINISHED, "b": S.FAILED}, Verdict.FAILED),
        ({"a": S.FINISHED, "b": S.FINISHED, "other": S.FAILED}, Verdict.DONE),
    ],
)
def test_actions_decide(statuses, verdict):
    assert outcome(SCOPE, ["a", "b"], statuses, ()).verdict is verdict


def test_a_failed_action_says_why_with_the_robots_words():
    found = outcome(SCOPE, ["a"], {"a": S.FAILED}, [error("gripper", text="nothing there", actionId="a")])
    assert found.why == "action a failed: nothing there"
    assert [(r.key, r.value) for r in found.references] == [("actionId", "a")]


@pytest.mark.parametrize(
    ("references", "ours"),
    [
        ({"orderId": "o1"}, True),
        ({"orderId": "o0", "nodeId": "n1"}, False),
        ({"actionId": "a"}, True),
        ({"actionId": "z", "nodeId": "n1"}, False),
        ({"nodeId": "n1"}, True),
        ({"nodeId": "n9"}, False),
        ({"edgeId": "e2"}, True),
        ({"zoneId": "z"}, False),
        ({}, False),
    ],
)
def test_whose_error_it_is(references, ours):
    assert refers(error("x", **references), SCOPE) is ours


@pytest.mark.parametrize("level", list(ErrorLevel))
def test_levels_decide(level):
    bad = error("x", level, "stuck", orderId="o1")
    found = outcome(SCOPE, ["a"], {"a": S.RUNNING}, [bad])
    if level in (L.CRITICAL, L.FATAL):
        assert (found.verdict, found.why, found.references) == (Verdict.FAILED, "stuck", bad.references)
    else:
        assert found.verdict is Verdict.RUNNING and found.alerts == (bad,)


def test_a_refused_update_is_no_end_of_the_order():
    refusal = error("UNSUPPORTED_PARAMETER", L.CRITICAL, orderId="o1", orderUpdateId="4")
    assert outcome(SCOPE, ["a"], {}, [refusal]).verdict is Verdict.RUNNING
    assert not stops(refusal, SCOPE)


LEVELS = st.sampled_from(ErrorLevel)
ERRORS = st.lists(st.builds(lambda level, name: error("x", level, orderId=name), LEVELS, st.sampled_from(["o1", "o2"])))
STATUSES = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.sampled_from(ActionStatus))


@given(statuses=STATUSES, errors=ERRORS)
def test_failed_means_that_something_of_this_order_failed(statuses, errors):
    found = outcome(SCOPE, ["a", "b"], statuses, errors)
    stopped = any(e.level in STOPPING and e.reference("orderId") == "o1" for e in errors)
    failed = S.FAILED in (statuses.get("a"), statuses.get("b"))
    assert (found.verdict is Verdict.FAILED) is (stopped or failed)
    assert bool(found.why) is (found.verdict is Verdict.FAILED)
