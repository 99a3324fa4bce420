"""What may be taken over from the state before, and what must be read in full."""

from __future__ import annotations

import json
from typing import Any

import pytest

from robots.stop_glance import glance

STATE: dict[str, Any] = {
    "headerId": 1,
    "timestamp": "2026-01-01T00:00:00.000Z",
    "version": "2.1.0",
    "manufacturer": "acme",
    "serialNumber": "A",
    "driving": True,
    "paused": False,
    "operatingMode": "AUTOMATIC",
    "safetyState": {"eStop": "NONE", "fieldViolation": False},
    "nodeStates": [{"nodeId": "n1", "sequenceId": 0, "released": True}],
    "agvPosition": {"x": 1.0, "y": 2, "theta": 0.0, "mapId": "floor"},
}


def seen(**changes: Any) -> Any:
    return glance(json.dumps(STATE | changes).encode())


def test_place_and_time_may_be_new() -> None:
    found = seen(headerId=9, agvPosition={"x": 5.5, "y": 6})
    assert found.words == seen().words and found.place == (5.5, 6.0)
    three = {key: value for key, value in STATE.items() if key != "agvPosition"} | {
        "mobileRobotPosition": {"x": 1, "y": 3}
    }
    assert glance(json.dumps(three).encode()).place == (1.0, 3.0)


@pytest.mark.parametrize(
    "change",
    [
        {"paused": True},
        {"driving": False},
        {"operatingMode": "MANUAL"},
        {"safetyState": {"eStop": "MANUAL", "fieldViolation": False}},
        {"nodeStates": []},
        {"serialNumber": "B"},
        {"version": "3.0.0"},
        {"paused": 0},
    ],
)
def test_whatever_a_stop_goes_by_is_read_in_full(change: dict[str, Any]) -> None:
    assert seen(**change).words != seen().words


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b"3", b'"x"', b'{"agvPosition": 3}', b'{"agvPosition": {"x": true, "y": 1}}']
)
def test_what_is_no_state_is_left_to_those_who_judge_it(payload: bytes) -> None:
    assert glance(payload) is None


def test_nowhere() -> None:
    assert glance(b"{}").place is None  # type: ignore[union-attr]
