"""VDA 5050 3.0 on the wire, and what changes between the versions by more than a name."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.codec import (
    INTERNAL,
    TOPIC_OF_MESSAGE,
    Received,
    decode,
    decode_body,
    encode,
    encode_body,
)
from robots.core.vda5050.errors import LocalProtocolError, Problem, ProblemKind
from robots.core.vda5050.headers import HeaderCounters
from robots.core.vda5050.messages import (
    Action,
    BlockingType,
    ControlPoint,
    Corridor,
    DeviationEllipse,
    Edge,
    GrantType,
    InstantActions,
    Node,
    NodePosition,
    Order,
    ReleaseLoss,
    Response,
    Responses,
    Trajectory,
    Vertex,
    Zone,
    ZoneAction,
    ZoneSet,
    ZoneType,
)
from robots.core.vda5050.reports import (
    EmergencyStop,
    OperatingMode,
    PowerSupply,
    RequestStatus,
    SafetyState,
    State,
    Visualization,
)
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.generated import SAYING, WORDS
from tests.robots.core.vda5050.helpers import MAKER, SERIAL

NUMBERS = {"2.0": "2.0.0", "2.1": "2.1.0", "3.0": "3.0.0"}
IDLE = State(
    "o1", 2, "n1", 2, False, OperatingMode.AUTOMATIC, PowerSupply(80.0, False), SafetyState(EmergencyStop.NONE, False)
)
EDGE = Edge("e1", 1, True, "a", "b")
ORDER = Order("o1", 0, (Node("a", 0, True), Node("b", 2, True)), (EDGE,))
CURVE = Trajectory(1, (0.0, 0.0, 1.0, 1.0), (ControlPoint(0.0, 0.0), ControlPoint(1.0, 0.0)))


def over_the_wire(message: object, version: str) -> object:
    topic = TOPIC_OF_MESSAGE[type(message)]
    header = HeaderCounters(NUMBERS[version], MAKER, SERIAL).next(topic, 1000.0)
    got = decode(topic, encode(message, header))  # type: ignore[arg-type]
    assert isinstance(got, Received), got
    assert got.sent_at == 1000.0 and got.header == header
    return got.message


def state_with(version: str = "3.0.0", **members: object) -> object:
    """What is read from a 3.0 state with `members` set, or left out when None."""
    body = {**encode_body(IDLE, "3.0"), **members}
    header = {"headerId": 1, "timestamp": "2026-01-01T00:00:00.000Z", "version": version}
    header |= {"manufacturer": MAKER, "serialNumber": SERIAL}
    got = decode("state", orjson.dumps({**header, **{k: v for k, v in body.items() if v is not None}}))
    return got.message if isinstance(got, Received) else got


@settings(max_examples=100, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("version", SAYING)
def test_what_a_version_can_say_comes_back_the_same(version: str, data: st.DataObject):
    message = data.draw(WORDS[version].any_message)
    topic = TOPIC_OF_MESSAGE[type(message)]
    assert decode_body(topic, encode_body(message, version), version) == message
    if version in NUMBERS:
        assert over_the_wire(message, version) == message


@settings(max_examples=50, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("version", ["2.0", "2.1", "3.0"])
def test_the_stored_form_carries_what_each_version_said(version: str, data: st.DataObject):
    message = data.draw(WORDS[version].any_message)
    stored = orjson.loads(orjson.dumps(encode_body(message, INTERNAL)))
    assert decode_body(TOPIC_OF_MESSAGE[type(message)], stored, INTERNAL) == message


def test_an_order_in_3_0_names_no_ends_of_edges_and_gets_them_from_its_nodes():
    body = encode_body(ORDER, "3.0")
    assert "startNodeId" not in body["edges"][0] and "endNodeId" not in body["edges"][0]
    assert decode_body(Topic.ORDER, body, "3.0") == ORDER
    lone = {**body, "nodes": body["nodes"][:1]}
    assert decode_body(Topic.ORDER, lone, "3.0").edges[0].end_node_id == ""  # type: ignore[union-attr]


def test_an_edge_has_the_words_of_the_text():
    edge = replace(EDGE, maximum_rotation_speed=0.5, reach_orientation_before_entering=True, maximum_speed=1.0)
    body = encode_body(replace(ORDER, edges=(edge,)), "3.0")
    assert body["edges"][0]["maximumRotationSpeed"] == 0.5 and "maxRotationSpeed" not in body["edges"][0]
    assert body["edges"][0]["reachOrientationBeforeEntering"] is True
    body["edges"][0]["maxRotationSpeed"] = body["edges"][0].pop("maximumRotationSpeed")
    assert decode_body(Topic.ORDER, body, "3.0").edges[0] == edge  # type: ignore[union-attr]


def test_what_2_x_lacks_is_left_out():
    corridor = Corridor(0.5, 0.5, "CONTOUR", True, ReleaseLoss.RETURN)
    pick = Action("pick", "p", BlockingType.HARD, retriable=True)
    order = replace(
        ORDER, edges=(replace(EDGE, corridor=corridor, trajectory=CURVE, actions=(pick,)),), descriptor="for people"
    )
    edge = encode_body(order, "2.1")["edges"][0]
    assert edge["corridor"] == {"leftWidth": 0.5, "rightWidth": 0.5, "corridorRefPoint": "CONTOUR"}
    assert "retriable" not in edge["actions"][0] and "orderDescription" not in encode_body(order, "2.1")
    assert "corridor" not in encode_body(order, "2.0")["edges"][0]
    assert encode_body(order, "3.0")["edges"][0]["corridor"]["releaseLossBehavior"] == "RETURN"


def test_2_0_has_both_spellings_where_its_text_and_its_schemas_differ():
    spot = NodePosition(1.0, 2.0, "m", allowed_deviation_xy=DeviationEllipse(0.3, 0.3))
    node = encode_body(replace(ORDER, nodes=(Node("a", 0, True, spot),), edges=()), "2.0")["nodes"][0]
    assert node["nodePosition"]["allowedDeviationXY"] == node["nodePosition"]["allowedDeviationXy"] == 0.3
    action = encode_body(InstantActions((Action("startPause", "p", BlockingType.HARD),)), "2.0")["actions"][0]
    assert action["actionType"] == action["actionName"] == "startPause"


def test_instant_actions_block_nothing_in_3_0_and_keep_their_type_in_store():
    message = InstantActions((Action("startPause", "p", BlockingType.HARD),))
    assert encode_body(message, "3.0")["actions"][0]["blockingType"] == "NONE"
    assert decode_body(Topic.INSTANT_ACTIONS, encode_body(message, INTERNAL), INTERNAL) == message


def test_zone_sets_and_responses_exist_in_3_0_only():
    zone_set = ZoneSet("z1", "hall", ())
    for message in (zone_set, Responses(())):
        with pytest.raises(LocalProtocolError, match=r"2\.1 has no topic"):
            encode_body(message, "2.1")
    header = {"headerId": 1, "timestamp": "", "version": "2.1.0", "manufacturer": MAKER, "serialNumber": SERIAL}
    got = decode("zoneSet", orjson.dumps({**header, **encode_body(zone_set, "3.0")}))
    assert isinstance(got, Problem) and got.kind is ProblemKind.WRONG_VERSION


def test_a_zone_has_the_members_of_its_type_and_no_others():
    corners = (Vertex(0.0, 0.0), Vertex(1.0, 0.0), Vertex(0.0, 1.0))
    honk = ZoneAction("honk", BlockingType.NONE)
    zones = (
        Zone("a", ZoneType.ACTION, corners, entry_actions=(honk,)),
        Zone("d", ZoneType.DIRECTED, corners, direction=1.0, limitation="STRICT"),
        Zone("p", ZoneType.PENALTY, corners, factor=0.5, maximum_speed=3.0),
    )
    action, directed, penalty = encode_body(ZoneSet("z", "hall", zones), "3.0")["zoneSet"]["zones"]
    assert action["duringActions"] == action["exitActions"] == [] and len(action["entryActions"]) == 1
    assert directed["directedLimitation"] == "STRICT"
    assert penalty["penaltyFactor"] == 0.5 and "maximumSpeed" not in penalty


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (Zone("a", ZoneType.BLOCKED, (Vertex(0, 0),)), "three"),
        (Zone("a", ZoneType.RELEASE, (Vertex(0, 0),) * 3), "release_loss is required"),
        (Zone("a", ZoneType.RELEASE, (Vertex(0, 0),) * 3, release_loss=ReleaseLoss.RETURN), "cannot be said"),
        (Zone("a", ZoneType.PRIORITY, (Vertex(0, 0),) * 3, factor=1.5), "0 to 1"),
    ],
)
def test_a_wrong_zone_raises(zone: Zone, words: str):
    with pytest.raises(LocalProtocolError, match=words):
        encode_body(ZoneSet("z", "hall", (zone,)), "3.0")


def test_the_answer_to_a_request_is_read_under_both_names_of_the_text():
    body = {"responses": [{"requestId": "q", "responseType": "QUEUED"}]}
    assert decode_body(Topic.RESPONSES, body, "3.0") == Responses((Response("q", GrantType.QUEUED),))


def test_spellings_of_either_version_are_read():
    assert state_with(operatingMode="TEACHIN").operating_mode is OperatingMode.TEACH_IN  # type: ignore[union-attr]
    auto = {"activeEmergencyStop": "AUTOACK", "fieldViolation": False}
    assert state_with(safetyState=auto).safety_state.active_emergency_stop is EmergencyStop.AUTO_ACK  # type: ignore[union-attr]
    request = {"requestId": "q", "requestType": "ACCESS", "zoneId": "z", "zoneSetId": "s", "requestStatus": "QUEUED"}
    assert state_with(zoneRequests=[request]).zone_requests[0].status is RequestStatus.QUEUED  # type: ignore[union-attr]
    assert state_with(instantActionStates=None).instant_action_states == ()  # type: ignore[union-attr]


def test_a_stop_that_ends_by_itself_is_told_as_one_to_acknowledge_in_3_0():
    state = replace(IDLE, safety_state=SafetyState(EmergencyStop.AUTO_ACK, True))
    assert encode_body(state, "3.0")["safetyState"]["activeEmergencyStop"] == "MANUAL"


def test_a_minor_version_to_come_is_read_as_the_newest_known_and_other_majors_are_not():
    assert isinstance(state_with("3.1.0"), State)
    assert isinstance(state_with("V3.0.0"), State)
    for number in ("4.0.0", "1.1.0", "", "three", "."):
        got = state_with(number)
        assert isinstance(got, Problem) and got.kind is ProblemKind.WRONG_VERSION


def test_visualization_needs_the_state_it_refers_to_when_we_write_it():
    with pytest.raises(LocalProtocolError, match="reference_state_header_id"):
        encode_body(Visualization(), "3.0")
    assert decode_body(Topic.VISUALIZATION, {}, "3.0") == Visualization()


def order_on(trajectory: dict[str, object]) -> dict[str, object]:
    body = encode_body(ORDER, "3.0")
    body["edges"][0]["trajectory"] = trajectory
    return body


def test_knots_and_degree_have_defaults():
    points = [{"x": 0, "y": 0}, {"x": 1, "y": 0}, {"x": 2, "y": 0}]
    got = decode_body(Topic.ORDER, order_on({"controlPoints": points}), "3.0").edges[0].trajectory  # type: ignore[union-attr]
    assert (got.degree, got.knots) == (1, (0.0, 0.0, 0.5, 1.0, 1.0))
    got = decode_body(Topic.ORDER, order_on({"degree": 2, "controlPoints": points}), "3.0").edges[0].trajectory  # type: ignore[union-attr]
    assert got.knots == (0.0, 0.0, 0.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    "trajectory",
    [
        {"degree": 4_000_000_000, "controlPoints": [{"x": 0, "y": 0}, {"x": 1, "y": 0}]},
        {"degree": 0, "controlPoints": [{"x": 0, "y": 0}, {"x": 1, "y": 0}]},
        {"knotVector": [0, 1], "controlPoints": [{"x": 0, "y": 0}, {"x": 1, "y": 0}]},
        {"controlPoints": []},
    ],
)
def test_a_wrong_curve_refuses_an_order_but_never_hides_a_state(trajectory: dict[str, object]):
    with pytest.raises(LocalProtocolError, match=r"edges\[0\].trajectory: a trajectory"):
        decode_body(Topic.ORDER, order_on(trajectory), "3.0")
    state = state_with(plannedPath={"trajectory": trajectory})
    assert isinstance(state, State) and state.planned_path is not None
    shown = state.planned_path.trajectory
    assert len(shown.knots) in (0, len(shown.control_points) + shown.degree + 1)


def test_a_curve_of_ours_with_the_wrong_number_of_knots_raises():
    edge = replace(EDGE, trajectory=replace(CURVE, knots=(0.0, 1.0)))
    for version in ("2.0", "2.1", "3.0"):
        with pytest.raises(LocalProtocolError, match="2 knots"):
            encode_body(replace(ORDER, edges=(edge,)), version)


def test_angles_are_written_between_minus_pi_and_pi():
    spot = NodePosition(0.0, 0.0, "m", theta=7.0)
    order = replace(ORDER, nodes=(Node("a", 0, True, spot),), edges=())
    for version in ("2.0", "2.1", "3.0"):
        assert encode_body(order, version)["nodes"][0]["nodePosition"]["theta"] == pytest.approx(7.0 - 6.283185307)


def test_whole_numbers_are_written_where_the_text_wants_them():
    state = replace(IDLE, power_supply=PowerSupply(80.5, False, health=97.6, range=1200.4))
    for version, key in (("2.0", "batteryState"), ("2.1", "batteryState"), ("3.0", "powerSupply")):
        power = encode_body(state, version)[key]
        assert power["batteryHealth"] == 98 and isinstance(power["batteryHealth"], int)
        assert power.get("reach", power.get("range")) == 1200
