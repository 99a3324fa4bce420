"""D123: no order "fails"; an error says whether the robot can go on with it, by its level and by what it refers to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robots.core.vda5050.outcome import STOPPING, Scope, refers, stops
from robots.core.vda5050.reports import ErrorLevel
from tests.robots.core.vda5050.fleet_helpers import error

L = ErrorLevel
SCOPE = Scope("o1", frozenset({"a", "b"}), frozenset({"n0", "n1", "n2"}), frozenset({"e1", "e2"}))


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
    assert stops(error("x", level, "stuck", orderId="o1"), SCOPE) is (level in (L.CRITICAL, L.FATAL))


def test_a_refused_update_is_no_end_of_the_order():
    assert not stops(error("UNSUPPORTED_PARAMETER", L.CRITICAL, orderId="o1", orderUpdateId="4"), SCOPE)


NAMES = st.dictionaries(
    st.sampled_from(["orderId", "actionId", "nodeId", "edgeId"]), st.sampled_from(["o1", "o2", "a", "n1", "e1", "z"])
)


@given(level=st.sampled_from(ErrorLevel), names=NAMES)
def test_what_names_another_order_never_stops_this_one(level, names):
    bad = error("x", level, **names)
    if stops(bad, SCOPE):
        assert level in STOPPING and names.get("orderId", "o1") == "o1" and names
