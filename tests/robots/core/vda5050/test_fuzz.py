"""Whatever arrives: nothing raises, and the next good message is processed."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import instant
from robots.core.vda5050.codec import TOPIC_OF_MESSAGE, Memo, Received, decode, encode
from robots.core.vda5050.errors import Problem
from robots.core.vda5050.headers import HeaderCounters
from robots.core.vda5050.messages import InstantActions
from robots.core.vda5050.reports import Visualization
from robots.core.vda5050.topics import FROM_ROBOT, TO_ROBOT, Topic
from tests.robots.core.vda5050.generated import WORDS
from tests.robots.core.vda5050.helpers import MAKER, SERIAL, Sender, factsheet, fleet, hard, kinds, order, robot

SEND = Sender()
ORDER = orjson.loads(SEND(order("fuzz", base=2, horizon=1, actions=(hard("a"),)), Topic.ORDER)[1])
STATE = orjson.loads(SEND(robot().state(), Topic.STATE)[1])
GOOD = {
    Topic.ORDER: ORDER,
    Topic.INSTANT_ACTIONS: orjson.loads(
        SEND(InstantActions((instant("stateRequest", "q"),)), Topic.INSTANT_ACTIONS)[1]
    ),
    Topic.STATE: STATE,
    Topic.VISUALIZATION: orjson.loads(SEND(Visualization(), Topic.VISUALIZATION)[1]),
    Topic.CONNECTION: {**STATE, "connectionState": "ONLINE"},
    Topic.FACTSHEET: orjson.loads(SEND(factsheet(), Topic.FACTSHEET)[1]),
}
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | st.just("\x00"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
NASTY = [
    b"",
    b"{",
    b"null",
    b"\x00",
    b"\xff\xfe\xfa",
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": 1e999}',
    b'{"a": "\xed\xa0\x80"}',
    b'{"a": "\\ud800"}',
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    b'{"a":' * 500 + b"1" + b"}" * 500,
    b'"' + b"x" * 100_000 + b'"',
    b"9" * 60_000,
    b'{"a": ' + b"9" * 60_000 + b"}",
    b'{"a": "' + b"x" * 300_000 + b'"}',
    b'{"headerId": 1, "headerId": "1", "headerId": null}',
    b'{"a": -0.0, "b": 1e-400, "c": 1E+5, "d": 0123}',
    "\ufeff{}".encode(),
    '{"a": "\u00e9"}'.encode("latin-1"),
    b"{'a': 1}",
    b'{"a": 1,}',
    b'{"a": 1} {"b": 2}',
    b'{"a": 1}\x00',
]


def paths(value: object, path: tuple = ()) -> list[tuple]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += paths(item, (*path, key))
    return found


def changed(body: object, path: tuple, junk: object, *, drop: bool) -> object:
    copy = orjson.loads(orjson.dumps(body))
    target = copy
    for key in path[:-1]:
        target = target[key]
    if drop:
        del target[path[-1]]
    else:
        target[path[-1]] = junk
    return copy


def written(value: object) -> bytes:
    """JSON as a careless sender writes it: NaN and huge numbers included."""
    import json

    return json.dumps(value).encode("utf-8", "surrogatepass")


def both_survive(topic: str, payload: bytes) -> None:
    side, machine = fleet(), robot()
    for name in (topic, f"uagv/v2/yardmaster/ym-001/{topic}"):
        side.receive(name, payload, 1000.0)
        machine.receive(name, payload, 1000.0)
    side.tick(1001.0)
    machine.tick(1001.0)
    sender = Sender()
    sender.headers.next_ids = {"state": 5_000, "order": 5_000}
    events = side.receive(*sender(robot().state(), Topic.STATE, 2000.0), 2000.0)
    assert "StateChanged" in kinds(list(events))
    cancel = InstantActions((instant("cancelOrder", "stop-it"),))
    machine.receive(*sender(cancel, Topic.INSTANT_ACTIONS, 2000.0), 2000.0)
    for entry in machine.book.in_progress():
        machine.action_state(entry.action.action_id, machine.book.entries["stop-it"].status.FAILED)
    if not machine.executing:
        machine.set_pose(0.0, 0.0, 0.0, "hall")
        events = machine.receive(*sender(order("after"), Topic.ORDER, 2000.0), 2000.0)
        assert kinds(list(events)) == ["OrderAccepted"]
    machine.snapshot()
    side.snapshot()
    machine.data_to_send()


@pytest.mark.parametrize("payload", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("topic", [*TO_ROBOT, *FROM_ROBOT, "", "nonsense/#"])
def test_nasty_payloads(topic: str, payload: bytes):
    both_survive(topic, payload)


@settings(max_examples=100, deadline=None)
@given(topic=st.sampled_from(list(GOOD)), payload=st.binary(max_size=200))
def test_random_bytes(topic: Topic, payload: bytes):
    both_survive(topic, payload)


@settings(max_examples=100, deadline=None)
@given(topic=st.sampled_from(list(GOOD)), cut=st.floats(0, 1))
def test_truncated_messages(topic: Topic, cut: float):
    payload = orjson.dumps(GOOD[topic])
    both_survive(topic, payload[: int(len(payload) * cut)])


@settings(max_examples=100, deadline=None)
@given(data=st.data(), topic=st.sampled_from(list(GOOD)), junk=JUNK, drop=st.booleans())
def test_one_wrong_value_anywhere(data: st.DataObject, topic: Topic, junk: object, drop: bool):
    path = data.draw(st.sampled_from(paths(GOOD[topic])))
    both_survive(topic, written(changed(GOOD[topic], path, junk, drop=drop)))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), junk=JUNK, drop=st.booleans(), number=st.sampled_from(["2.0.0", "2.1.0", "3.0.0", "3.9", "1.0"]))
@pytest.mark.parametrize("version", ["2.0", "2.1", "3.0"])
def test_decode_gives_a_message_or_a_problem(version: str, data: st.DataObject, junk: object, drop: bool, number: str):
    """Any message of any version with one wrong value, read by any version's table, with and without a memo."""
    message = data.draw(WORDS[version].any_message)
    topic = TOPIC_OF_MESSAGE[type(message)]
    good = encode(message, HeaderCounters(f"{version}.0", MAKER, SERIAL).next(topic, 1000.0))
    body = {**orjson.loads(good), "version": number}
    bad = written(changed(body, data.draw(st.sampled_from(paths(body))), junk, drop=drop))
    memo = Memo()
    for payload in (good, bad, good):
        plain, kept = decode(topic, payload), decode(topic, payload, memo=memo)
        assert isinstance(plain, Received | Problem) and plain == kept
    assert isinstance(decode(topic, good, memo=memo), Received)


@pytest.mark.parametrize("payload", NASTY, ids=range(len(NASTY)))
@pytest.mark.parametrize("topic", list(Topic))
def test_nasty_payloads_are_problems_in_every_topic(topic: Topic, payload: bytes):
    assert isinstance(decode(topic, payload, memo=Memo()), Problem | Received)
    if topic not in (Topic.VISUALIZATION, Topic.FACTSHEET):  # these need no header, so {"a": 1} may be one
        assert isinstance(decode(topic, payload), Problem)


@settings(max_examples=50, deadline=None)
@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**80), 2**80))
@pytest.mark.parametrize("key", ["headerId", "orderUpdateId", "lastNodeSequenceId", "distanceSinceLastNode"])
def test_numbers_as_strings_are_named(key: str, value: float):
    got = decode("state", written({**STATE, key: str(value)}))
    assert isinstance(got, Problem) and got.text == f"{key}: should be a number, is a string"
