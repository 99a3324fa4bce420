from __future__ import annotations

import math
import re

import orjson
import pytest

from robots.core.vda5050.actions import action
from robots.core.vda5050.codec import Received, decode, decode_body, encode, encode_body
from robots.core.vda5050.errors import LocalProtocolError, Problem, ProblemKind
from robots.core.vda5050.headers import HeaderCounters
from robots.core.vda5050.messages import BlockingType, DeviationEllipse, Edge, NodePosition
from robots.core.vda5050.reports import (
    ActionState,
    ActionStatus,
    Connection,
    ConnectionState,
    EmergencyStop,
    Error,
    ErrorLevel,
    OperatingMode,
    PowerSupply,
    Reference,
    SafetyState,
    State,
    Visualization,
)
from robots.core.vda5050.shapes import Malformed
from robots.core.vda5050.topics import Topic
from robots.core.vda5050.v2 import EDGE, NODE_POSITION
from tests.robots.core.vda5050.helpers import MAKER, SERIAL, factsheet, hard, order

HEADERS = HeaderCounters("2.1.0", MAKER, SERIAL)


def a_state(**changes: object) -> State:
    values: dict[str, object] = {
        "order_id": "o1",
        "order_update_id": 2,
        "last_node_id": "n1",
        "last_node_sequence_id": 2,
        "driving": True,
        "operating_mode": OperatingMode.TEACH_IN,
        "power_supply": PowerSupply(80.0, False),
        "safety_state": SafetyState(EmergencyStop.AUTO_ACK, True),
    }
    return State(**{**values, **changes})  # type: ignore[arg-type]


def wire(message: object, topic: Topic) -> dict[str, object]:
    return orjson.loads(encode(message, HEADERS.next(topic, 1000.0)))  # type: ignore[arg-type]


def back(message: object, topic: Topic) -> object:
    got = decode(topic, encode(message, HEADERS.next(topic, 1000.0)))  # type: ignore[arg-type]
    assert isinstance(got, Received), got
    return got.message


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        (order(base=2, horizon=2, actions=(hard("a1"),)), Topic.ORDER),
        (a_state(errors=(Error("x", ErrorLevel.FATAL, (Reference("orderId", "o1"),)),)), Topic.STATE),
        (a_state(loads=()), Topic.STATE),
        (Connection(ConnectionState.CONNECTION_BROKEN), Topic.CONNECTION),
        (Visualization(), Topic.VISUALIZATION),
        (factsheet(actions=()), Topic.FACTSHEET),
    ],
)
def test_what_is_written_is_read_again(message: object, topic: Topic):
    assert back(message, topic) == message
    assert decode_body(topic, encode_body(message)) == message  # type: ignore[arg-type]


def test_the_wire_has_the_words_of_2_1():
    sent = wire(a_state(action_states=(ActionState("a", ActionStatus.PAUSED),)), Topic.STATE)
    assert sent["operatingMode"] == "TEACHIN"
    assert sent["safetyState"] == {"eStop": "AUTOACK", "fieldViolation": True}
    assert sent["batteryState"] == {"batteryCharge": 80.0, "charging": False}
    assert "loads" not in sent and wire(a_state(loads=()), Topic.STATE)["loads"] == []
    assert (
        wire(Connection(ConnectionState.CONNECTION_BROKEN), Topic.CONNECTION)["connectionState"] == "CONNECTIONBROKEN"
    )


def test_instant_actions_are_among_the_action_states_of_2_1():
    state = a_state(
        action_states=(ActionState("a", ActionStatus.RUNNING),),
        instant_action_states=(ActionState("i", ActionStatus.FINISHED),),
    )
    assert [a["actionId"] for a in wire(state, Topic.STATE)["actionStates"]] == ["a", "i"]  # type: ignore[attr-defined]


def test_critical_errors_of_3_0_are_warnings_in_2_1():
    levels = [ErrorLevel.URGENT, ErrorLevel.CRITICAL, ErrorLevel.FATAL]
    sent = wire(a_state(errors=tuple(Error(x, x) for x in levels)), Topic.STATE)
    assert [e["errorLevel"] for e in sent["errors"]] == ["WARNING", "WARNING", "FATAL"]  # type: ignore[attr-defined]


def test_a_radius_becomes_an_ellipse_and_back():
    position = NODE_POSITION.read({"x": 1, "y": 2, "mapId": "m", "allowedDeviationXY": 0.4})
    assert position == NodePosition(1.0, 2.0, "m", allowed_deviation_xy=DeviationEllipse(0.4, 0.4))
    wide = NodePosition(1.0, 2.0, "m", allowed_deviation_xy=DeviationEllipse(0.9, 0.3))
    assert NODE_POSITION.write(wide)["allowedDeviationXY"] == 0.3


def test_rotation_allowed_is_converted_not_renamed():
    edge = Edge("e", 1, True, "a", "b", reach_orientation_before_entering=True)
    assert EDGE.write(edge)["rotationAllowed"] is False


def test_2_0_is_read():
    position = NODE_POSITION.read({"x": 1, "y": 2, "mapId": "m", "allowedDeviationXy": 0.4})
    assert position.allowed_deviation_xy == DeviationEllipse(0.4, 0.4)
    header = {"headerId": 1, "timestamp": "2024-01-01T00:00:00.00Z", "version": "2.0.0"}
    body = {**header, "manufacturer": MAKER, "serialNumber": SERIAL}
    body["actions"] = [{"actionName": "startPause", "actionId": "p", "blockingType": "HARD"}]
    got = decode("uagv/v2/a/b/instantActions", orjson.dumps(body))
    assert isinstance(got, Received)
    assert got.message.actions[0].action_type == "startPause"  # type: ignore[union-attr]


def test_an_underscore_in_an_enumeration_is_accepted():
    body = wire(Connection(ConnectionState.CONNECTION_BROKEN), Topic.CONNECTION)
    body["connectionState"] = "CONNECTION_BROKEN"
    got = decode("connection", orjson.dumps(body))
    assert isinstance(got, Received) and got.message == Connection(ConnectionState.CONNECTION_BROKEN)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (a_state(operating_mode=OperatingMode.STARTUP), "cannot be said"),
        (a_state(power_supply=PowerSupply(math.nan, False)), "finite"),
        (a_state(last_node_id="a\x00b"), "NUL"),
        (order(actions=(action("pick", "a", BlockingType.SINGLE),)), "cannot be said"),
    ],
)
def test_what_cannot_be_said_raises(message: object, words: str):
    with pytest.raises(LocalProtocolError, match=words):
        encode_body(message)  # type: ignore[arg-type]


def test_an_unknown_version_raises_here_and_is_recorded_there():
    with pytest.raises(LocalProtocolError, match=r"4\.0\.0 is not spoken"):
        encode_body(order(), "4.0.0")
    body = {**wire(order(), Topic.ORDER), "version": "4.0.0"}
    got = decode("order", orjson.dumps(body))
    assert isinstance(got, Problem) and got.kind is ProblemKind.WRONG_VERSION


def changed(path: list[object], value: object) -> bytes:
    body = wire(order(base=1, actions=(hard("a"),)), Topic.ORDER)
    target: object = body
    for key in path[:-1]:
        target = target[key]  # type: ignore[index]
    target[path[-1]] = value  # type: ignore[index]
    return orjson.dumps(body)


@pytest.mark.parametrize(
    ("payload", "kind", "words"),
    [
        (b"", ProblemKind.NOT_JSON, "not JSON"),
        (b"\xff\xfe{}", ProblemKind.NOT_JSON, "not JSON"),
        (b'{"headerId": NaN}', ProblemKind.NOT_JSON, "not JSON"),
        (b"[1]", ProblemKind.WRONG_CONTENT, "object"),
        (b"{" * 3000, ProblemKind.NOT_JSON, "not JSON"),
        (b"[" * 3000 + b"]" * 3000, ProblemKind.NOT_JSON, "not JSON"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, ProblemKind.TOO_DEEP, "nested"),
        (b" " * 300_000, ProblemKind.TOO_LARGE, "300000 bytes"),
        (b'{"headerId": 1e999}', ProblemKind.NOT_JSON, "not JSON"),
        (b'{"headerId": "\\ud800"}', ProblemKind.NOT_JSON, "not JSON"),
        (changed(["headerId"], "7"), ProblemKind.WRONG_CONTENT, "headerId: should be a number, is a string"),
        (changed(["orderUpdateId"], 10**19), ProblemKind.WRONG_CONTENT, "orderUpdateId"),
        (b"{}", ProblemKind.WRONG_CONTENT, "headerId: is missing"),
        (changed(["headerId"], True), ProblemKind.WRONG_CONTENT, "headerId"),
        (changed(["orderUpdateId"], -1), ProblemKind.WRONG_CONTENT, "orderUpdateId"),
        (changed(["orderUpdateId"], 2**32), ProblemKind.WRONG_CONTENT, "orderUpdateId"),
        (changed(["nodes", 1, "released"], "true"), ProblemKind.WRONG_CONTENT, r"nodes\[1\]\.released"),
        (changed(["nodes", 1, "nodePosition"], []), ProblemKind.WRONG_CONTENT, "nodePosition"),
        (changed(["nodes", 1, "actions", 0, "blockingType"], "hard"), ProblemKind.WRONG_CONTENT, "HARD, NONE, SOFT"),
        (changed(["nodes"], {}), ProblemKind.WRONG_CONTENT, "should be an array"),
        (changed(["orderId"], "a\x00"), ProblemKind.WRONG_CONTENT, "NUL"),
    ],
)
def test_what_cannot_be_used_is_recorded_with_its_place(payload: bytes, kind: ProblemKind, words: str):
    got = decode("uagv/v2/m/s/order", payload)
    assert isinstance(got, Problem) and got.kind is kind
    assert re.search(words, got.text), got.text


def test_an_unknown_topic_is_recorded():
    got = decode("uagv/v2/m/s/orders", b"{}")
    assert isinstance(got, Problem) and got.kind is ProblemKind.WRONG_TOPIC


def test_null_in_an_optional_field_counts_as_absent():
    assert NODE_POSITION.read({"x": 1, "y": 2, "mapId": "m", "theta": None}).theta is None
    with pytest.raises(Malformed, match="mapId"):
        NODE_POSITION.read({"x": 1, "y": 2, "mapId": None})


def test_the_factsheet_keeps_the_whole_body():
    body = {**wire(factsheet(), Topic.FACTSHEET), "agvGeometry": {"wheelDefinitions": []}}
    got = decode("factsheet", orjson.dumps(body))
    assert isinstance(got, Received)
    assert got.message.raw["agvGeometry"] == {"wheelDefinitions": []}  # type: ignore[union-attr]
    assert got.message.action("scan") is not None  # type: ignore[union-attr]


def sheet(**changes: object) -> dict[str, object]:
    return {**wire(factsheet(), Topic.FACTSHEET), **changes}


def received(body: dict[str, object], topic: str = "factsheet") -> object:
    got = decode(topic, orjson.dumps(body))
    assert isinstance(got, Received), got
    return got.message


def test_a_factsheet_that_declares_little_is_read_and_what_we_do_not_know_is_left_out():
    body = sheet()
    for section in ("protocolLimits", "protocolFeatures", "loadSpecification", "agvGeometry", "vehicleConfig"):
        body.pop(section)
    assert received(body).actions == ()  # type: ignore[attr-defined]
    scan = {"actionType": "scan", "actionScopes": ["NODE", "LIFT"], "blockingTypes": ["HARD", "MAYBE"]}
    declared = received(sheet(protocolFeatures={"agvActions": [scan]})).action("scan")  # type: ignore[attr-defined]
    assert [str(x) for x in (*declared.scopes, *declared.blocking_types)] == ["NODE", "HARD"]
    got = decode("factsheet", orjson.dumps({k: v for k, v in body.items() if k != "physicalParameters"}))
    assert isinstance(got, Problem) and got.text == "physicalParameters: is missing"


def test_limits_have_the_names_of_3_0_and_zero_is_no_limit():
    limits = {"maxStringLens": {"idLen": 36, "msgLen": 0, "idNumericalOnly": True, "enumLen": 9}}
    got = received(sheet(protocolLimits={**limits, "maxArrayLens": {"order.nodes": 0, "state.informations": 4}}))
    assert got.maximum_string_lengths == {"maximumIdLength": 36, "enumLen": 9}  # type: ignore[attr-defined]
    assert got.ids_numeric_only is True  # type: ignore[attr-defined]
    assert got.maximum_array_lengths == {"state.information": 4}  # type: ignore[attr-defined]


def test_the_words_of_a_2_1_factsheet_become_those_of_3_0():
    body = sheet()
    body["typeSpecification"]["agvKinematic"] = "OMNI"  # type: ignore[index]
    body["typeSpecification"]["navigationTypes"] = ["AUTONOMOUS", "SWIMMING"]  # type: ignore[index]
    got = received(body)
    assert (got.kinematic, got.navigation_types) == (  # type: ignore[attr-defined]
        "OMNIDIRECTIONAL",
        ("FREELY_NAVIGATING", "SWIMMING"),
    )
    assert encode_body(got)["typeSpecification"]["agvKinematic"] == "OMNI"  # type: ignore[arg-type]
    assert encode_body(got, "3.0")["typeSpecification"]["mobileRobotKinematics"] == "OMNIDIRECTIONAL"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01T00:16:40Z",
        "1970-01-01T00:16:40.00Z",
        "1970-01-01T00:16:40.000",
        "1970-01-01T00:16:40.000000000Z",
        "1970-01-01T01:16:40.0+01:00",
        "1970-01-01 00:16:40z ",
        "19700101T001640Z",
    ],
)
def test_every_form_of_a_timestamp_is_read(text: str):
    got = decode("visualization", orjson.dumps({"timestamp": text}))
    assert isinstance(got, Received) and got.sent_at == 1000.0


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01T00:00:00Z", "99999999999999", "0001-01-01T00:00:00+14:00"]
)
def test_a_timestamp_that_is_none_does_not_hide_the_message(text: str):
    got = decode("visualization", orjson.dumps({"timestamp": text}))
    assert isinstance(got, Received) and (got.sent_at is None or text.startswith("0001"))


def test_half_a_surrogate_pair_of_ours_raises():
    with pytest.raises(LocalProtocolError, match="JSON"):
        encode(a_state(order_id="\ud800"), HEADERS.next(Topic.STATE, 0.0))


def test_an_action_parameter_too_deep_too_large_or_no_json_raises():
    nested: object = 1
    for _ in range(40):
        nested = [nested]
    for value, words in ((nested, "levels"), (2**70, "64 bits"), (object(), "JSON value"), (math.inf, "finite")):
        with pytest.raises(LocalProtocolError, match=words):
            encode_body(order(actions=(action("pick", "a", BlockingType.HARD, x=value),)))


def test_a_large_state_of_3_0_is_read():
    state = encode_body(a_state(), "3.0")
    many = [{"actionId": f"a{i}", "actionStatus": "WAITING", "actionResult": "r" * 40} for i in range(1500)]
    header = {"headerId": 1, "timestamp": "", "version": "3.0.0", "manufacturer": MAKER, "serialNumber": SERIAL}
    payload = orjson.dumps({**header, **state, "actionStates": many})
    assert len(payload) > 100_000
    got = decode("state", payload)
    assert isinstance(got, Received) and len(got.message.action_states) == 1500  # type: ignore[union-attr]
    assert isinstance(decode("state", payload, max_bytes=65_536), Problem)


def test_a_problem_keeps_the_start_of_the_message_only():
    got = decode("state", b"x" * 20_000)
    assert isinstance(got, Problem) and len(got.raw) == 8192
