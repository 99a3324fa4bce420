"""What a robot says of itself against its type, and whether its place is free."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robots.core.joining import Claim, Finding, Heard, Place, TypeFacts, conflict, findings, radius_of
from robots.core.vda5050.messages import ActionScope
from robots.core.vda5050.quirks import Quirks
from robots.core.vda5050.reports import ActionDeclaration, Factsheet

TUGGER = TypeFacts("Tugger", Quirks(), 1.4, 0.8, 1.5, 600.0, ("move", "pick", "drop", "charge"))
ACTIONS = ("pick", "drop", "startCharging", "stopCharging", "startPause")
SHEET = Factsheet(
    "T600", "DIFF", "CARRIER", 600.0, 1.5, 1.0, 1.0, 1.2, 0.8, 1.4,
    actions=tuple(ActionDeclaration(each, (ActionScope.NODE,)) for each in ACTIONS),
)  # fmt: skip
HEARD = Heard("uagv", "v2", "2.1.0", SHEET)


def codes(heard: Heard, kind: TypeFacts = TUGGER) -> list[tuple[str, bool]]:
    return [(finding.code, finding.blocking) for finding in findings(heard, kind)]


def sheet(**changes: Any) -> Heard:
    return replace(HEARD, factsheet=replace(SHEET, **changes))


def test_a_robot_of_the_type_fits() -> None:
    assert codes(HEARD) == []
    assert codes(replace(HEARD, version="2.0.0")) == []


@pytest.mark.parametrize(
    ("heard", "found"),
    [
        (replace(HEARD, interface="vda5050", major="v3", version="3.0.0"), [("topics", True), ("version", True)]),
        (replace(HEARD, version="3.0.0"), [("version", True)]),
        (replace(HEARD, factsheet=None), [("no_factsheet", False)]),
        (replace(HEARD, factsheet=None, unreadable="x"), [("factsheet_unreadable", False)]),
        (sheet(length=1.5), [("size", True)]),
        (sheet(width=1.0, length=2.0), [("size", True), ("size", True)]),
        (sheet(maximum_speed=1.0), [("speed", False)]),
        (sheet(minimum_speed=2.0, maximum_speed=3.0), [("speed", True)]),
        (sheet(maximum_load_mass=100.0), [("load", True)]),
        (sheet(actions=()), [("actions", False)]),
        (sheet(actions=SHEET.actions[1:]), [("actions", False)]),
        (sheet(actions=SHEET.actions[:-1]), [("startPause", False)]),
        (sheet(ids_numeric_only=True), [("numeric_ids", True)]),
    ],
)
def test_what_does_not_fit(heard: Heard, found: list[tuple[str, bool]]) -> None:
    assert codes(heard) == found


def test_what_stands_against_it_comes_first() -> None:
    found = findings(sheet(maximum_speed=1.0, length=3.0), TUGGER)
    assert [each.blocking for each in found] == [True, False]
    assert found[0] == Finding(
        "size", "It is 3 m long, the type 1.4 m: it would touch what the fleet keeps free for others.", True
    )


# --- its place --------------------------------------------------------------------------------------------------------


def test_a_place_is_not_free_where_another_stands_holds_or_may_drive() -> None:
    claim = Claim("Cart 1", 0.5, ((0.0, 0.0),), (((0.0, 0.0), (10.0, 0.0)),), frozenset({"N1"}))
    assert conflict(Place(0.9, 0.0, True), 0.5, [claim]) == ("Cart 1", "the floor it stands on or holds")
    assert conflict(Place(5.0, 0.9, True), 0.5, [claim]) == ("Cart 1", "the way released to it")
    assert conflict(Place(50.0, 50.0, True, last_node="N1"), 0.5, [claim]) == ("Cart 1", "node N1")
    assert conflict(Place(5.0, 1.1, True), 0.5, [claim]) is None
    assert conflict(Place(5.0, 0.0, True), 0.5, []) is None


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.3, 3), st.floats(0.3, 3), st.floats(0.3, 3))
def test_two_that_touch_are_never_let_stand_together(x: float, y: float, length: float, width: float, r: float) -> None:
    own = radius_of(length, width)
    free = conflict(Place(x, y, True), own, [Claim("other", r, ((0.0, 0.0),))]) is None
    assert free == (math.hypot(x, y) >= own + r)
    assert own >= math.hypot(length, width) / 2
