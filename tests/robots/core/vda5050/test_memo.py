"""Reading with a memo gives what reading without gives, and keeps what a robot repeats."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.codec import TOPIC_OF_MESSAGE, Memo, Received, decode, encode
from robots.core.vda5050.errors import Problem, ProblemKind
from robots.core.vda5050.headers import HeaderCounters
from robots.core.vda5050.reports import State
from tests.robots.core.vda5050.generated import WORDS
from tests.robots.core.vda5050.helpers import MAKER, SERIAL

NUMBERS = {"2.0": "2.0.0", "2.1": "2.1.0", "3.0": "3.0.0"}
HEADER = {"headerId": 7, "timestamp": "2026-11-21T07:43:05.10Z", "manufacturer": MAKER, "serialNumber": SERIAL}
BODY: dict[str, Any] = {
    **HEADER,
    "version": "2.1.0",
    "orderId": "o1",
    "orderUpdateId": 0,
    "lastNodeId": "n1",
    "lastNodeSequenceId": 2,
    "driving": True,
    "operatingMode": "AUTOMATIC",
    "nodeStates": [{"nodeId": "n2", "sequenceId": 4, "released": True}],
    "edgeStates": [{"edgeId": "e1", "sequenceId": 3, "released": True}],
    "actionStates": [{"actionId": "a1", "actionStatus": "WAITING"}],
    "errors": [{"errorType": "cold", "errorLevel": "WARNING"}],
    "batteryState": {"batteryCharge": 80, "charging": False},
    "safetyState": {"eStop": "NONE", "fieldViolation": False},
    "agvPosition": {"x": 1.0, "y": 2.0, "theta": 0.5, "mapId": "hall", "positionInitialized": True},
}
IN_3_0 = orjson.loads(
    orjson.dumps(BODY)
    .replace(b"2.1.0", b"3.0.0")
    .replace(b"batteryState", b"powerSupply")
    .replace(b"batteryCharge", b"stateOfCharge")
    .replace(b"eStop", b"activeEmergencyStop")
)
JUNK = [1, 1.0, True, 0, False, None, "1", [], {}, [1], [True], {"a": 1}, -0.0, "\x00", "x", 2**63]


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def read(body: dict[str, Any], memo: Memo | None = None) -> Any:
    return decode("uagv/v2/m/s/state", orjson.dumps(body), memo=memo)


def state(body: dict[str, Any], memo: Memo) -> State:
    got = read(body, memo)
    assert isinstance(got, Received) and isinstance(got.message, State), got
    return got.message


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """A state of either version in which something is changed, removed, added or nonsense."""
    body = orjson.loads(orjson.dumps(draw(st.sampled_from([BODY, IN_3_0]))))
    for _ in range(draw(st.integers(0, 3))):
        key = draw(st.sampled_from([*body, "unknown", "loads", "maps"]))
        value = body.get(key)
        how = draw(st.sampled_from(["junk", "drop", "repeat", "inside", "deep"]))
        if how == "drop":
            body.pop(key, None)
        elif how == "deep":
            body[key] = deep(draw(st.integers(29, 34)))
        elif how == "repeat" and isinstance(value, list):
            body[key] = value * 2
        elif how == "inside" and isinstance(value, dict | list) and value:
            part = value[0] if isinstance(value, list) else value
            if isinstance(part, dict):
                part[draw(st.sampled_from(sorted(part)))] = draw(st.sampled_from(JUNK))
        else:
            body[key] = draw(st.sampled_from(JUNK))
    return body


@settings(max_examples=100, deadline=None)
@given(bodies=st.lists(changes() | st.binary(max_size=5), min_size=2, max_size=8))
def test_a_memo_never_changes_what_is_read(bodies: list[Any]):
    memo = Memo()
    for body in bodies:
        payload = body if isinstance(body, bytes) else orjson.dumps(body)
        plain, kept = decode("state", payload), decode("state", payload, memo=memo)
        assert kept == plain
        assert repr(kept) == repr(plain)  # for equality true is 1


@settings(max_examples=50, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("version", list(NUMBERS))
def test_the_same_holds_for_every_message_of_every_version(version: str, data: st.DataObject):
    counters = HeaderCounters(NUMBERS[version], MAKER, SERIAL)
    memos: dict[str, Memo] = {}
    for message in data.draw(st.lists(WORDS[version].any_message, min_size=2, max_size=4)):
        topic = TOPIC_OF_MESSAGE[type(message)]
        memo = memos.setdefault(topic, Memo())
        payload = encode(message, counters.next(topic, 1000.0))
        for _ in range(2):
            got = decode(topic, payload, memo=memo)
            assert isinstance(got, Received) and got.message == message


def test_what_is_repeated_is_the_same_object():
    memo = Memo()
    before = state(BODY, memo)
    moved = {**BODY, "headerId": 8, "agvPosition": {**BODY["agvPosition"], "x": 9.0}}
    after = state(moved, memo)
    for name in ("node_states", "edge_states", "action_states", "errors", "power_supply", "safety_state"):
        assert getattr(after, name) is getattr(before, name), name
    assert after.position is not before.position and after.position is not None and after.position.x == 9.0


def test_true_is_not_one():
    memo = Memo()
    state(BODY, memo)
    wrong = {**BODY, "nodeStates": [{"nodeId": "n2", "sequenceId": 4, "released": 1}]}
    got = read(wrong, memo)
    assert isinstance(got, Problem) and got.text.startswith("nodeStates[0].released")


def test_a_bad_message_leaves_the_memo_usable():
    memo = Memo()
    before = state(BODY, memo)
    bad = {**BODY, "errors": [{"errorType": "hot", "errorLevel": "WARNING"}], "safetyState": 5}
    assert isinstance(read(bad, memo), Problem)
    assert isinstance(decode("state", b"{", memo=memo), Problem)
    after = state(BODY, memo)
    assert after == before and after.node_states is before.node_states


def test_another_version_starts_afresh():
    memo = Memo()
    state(BODY, memo)
    other = state(IN_3_0 | {"actionStates": [{"actionId": "a1", "actionStatus": "WAITING", "actionResult": "3"}]}, memo)
    assert other.action_states[0].result == "3"
    wrong = {**BODY, "version": "3.0.0"}
    assert isinstance(read(wrong, memo), Problem)


@pytest.mark.parametrize("levels", [31, 32, 253, 254, 500])
def test_depth_is_limited_with_a_memo_as_without(levels: int):
    body = {**BODY, "unknown": deep(levels)}
    payload = orjson.dumps({**BODY, "unknown": 0}).replace(
        b'"unknown":0', b'"unknown":' + b"[" * levels + b"1" + b"]" * levels
    )
    assert levels > 200 or orjson.loads(payload) == body
    for _ in range(2):
        plain, kept = decode("state", payload), decode("state", payload, memo=Memo())
        assert plain == kept
        assert isinstance(plain, Received) if levels < 32 else plain.kind is ProblemKind.TOO_DEEP  # type: ignore[union-attr]
