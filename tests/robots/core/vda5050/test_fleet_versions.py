"""What one robot's type changes in what fleet control says and reads: version, quirks, ids."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.codec import encode
from robots.core.vda5050.errors import LocalProtocolError, ProblemKind
from robots.core.vda5050.events import (
    ActionChanged,
    NodeReached,
    OrderConfirmed,
    OrderFinished,
    OrderLost,
    OrderRejected,
)
from robots.core.vda5050.messages import (
    BlockingType,
    ControlPoint,
    Corridor,
    DeviationEllipse,
    Node,
    NodePosition,
    ReleaseLoss,
    Trajectory,
)
from robots.core.vda5050.orders import Visit, extend_order, new_order
from robots.core.vda5050.quirks import Completion, Quirks
from robots.core.vda5050.reports import ActionStatus
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.fleet_helpers import VERSIONS, Speaker, acting, error, left, of
from tests.robots.core.vda5050.helpers import HARD, factsheet, hard, longer, order, way

DONE, FAILED = ActionStatus.FINISHED, ActionStatus.FAILED
LINE = Trajectory(1, (0.0, 0.0, 1.0, 1.0), (ControlPoint(0.0, 0.0), ControlPoint(1.0, 0.0)))


@pytest.mark.parametrize("version", VERSIONS)
def test_the_type_says_which_version_topics_and_qos_are_used(version):
    it = Speaker(version, qos={"order": 1, "state": 2})
    it.side.send(order(), 0.0)
    ((topic, _, qos, retain),) = it.side.data_to_send()
    prefix = "vda5050/v3" if version == "3.0.0" else "uagv/v2"
    assert (topic, qos, retain) == (f"{prefix}/yardmaster/ym-001/order", 1, False)
    assert dict(it.side.subscriptions())[f"{prefix}/yardmaster/ym-001/state"] == 2
    it.side.tick(5.0)
    assert it.hears()[0]["version"] == version


def test_only_versions_of_the_type_are_read():
    for version, accepts, reads in [
        ("2.0.0", (), True), ("2.1.0", (), True), ("3.0.0", (), False), ("3.0.0", ("2.1", "3.0"), True)
    ]:  # fmt: skip
        it = Speaker(version, topics=Quirks().topics)
        it.side = type(it.side)("ym-001", "yardmaster", Quirks(accepts=accepts))
        events = it.says()
        assert (it.side.state is not None) is reads
        if not reads:
            assert [e.kind for e in events] == [ProblemKind.WRONG_VERSION]  # type: ignore[attr-defined]


def test_words_of_one_version_under_the_number_of_another():
    """What is wrong is the number, not the first word that the other version does not know."""
    it = Speaker("2.1.0")
    payload = encode(it.last, it.headers.next(Topic.STATE, 1.0)).replace(b'"2.1.0"', b'"3.0.0"')
    (problem,) = it.side.receive(it.quirks.topics.build("yardmaster", "ym-001", Topic.STATE), payload, 1.0)
    assert problem.kind is ProblemKind.WRONG_VERSION and "'3.0.0'" in problem.text  # type: ignore[union-attr]


def test_words_differ_by_version():
    for version, position, trigger in [("2.1.0", "initPosition", "LOCAL"), ("3.0.0", "initializePosition", ["LOCAL"])]:
        it = Speaker(version)
        it.side.send(order(actions=(action("waitForTrigger", "w", HARD, triggerType=["LOCAL"]),)), 0.0)
        it.side.instant([instant("initializePosition", "i", x=1.0)], 0.0)
        said, asked = it.hears()
        assert said["nodes"][-1]["actions"][0]["actionParameters"] == [{"key": "triggerType", "value": trigger}]  # type: ignore[index]
        assert asked["actions"][0]["actionType"] == position  # type: ignore[index]


def test_what_only_3_0_can_say_is_left_out_for_others():
    corridor = Corridor(0.5, 0.5, release_required=True, release_loss=ReleaseLoss.STOP)
    act = replace(action("scan", "a", BlockingType.SINGLE), retriable=True)
    second = way(1, act)
    assert second.edge is not None
    second = replace(second, edge=replace(second.edge, trajectory=LINE, corridor=corridor))
    rich = replace(new_order("o1", [way(0), second]), zone_set_id="z1")
    bodies = {}
    for version in VERSIONS:
        it = Speaker(version)
        it.side.send(rich, 0.0)
        (bodies[version],) = it.hears()
    old, new = bodies["2.1.0"], bodies["3.0.0"]
    assert "corridor" not in old["edges"][0] and new["edges"][0]["corridor"]["releaseRequired"] is True  # type: ignore[index]
    assert old["zoneSetId"] == "z1" and "zoneSetId" not in new
    actions = [body["nodes"][1]["actions"][0] for body in (old, new)]  # type: ignore[index]
    assert [a["blockingType"] for a in actions] == ["HARD", "SINGLE"]
    assert [a.get("retriable") for a in actions] == [None, True]


def test_cancel_names_the_order_from_3_0_on():
    for version, wanted in [("2.1.0", None), ("3.0.0", [{"key": "orderId", "value": "o1"}])]:
        it = Speaker(version)
        it.side.send(order(), 0.0)
        it.side.cancel("c", 0.0)
        assert it.hears()[-1]["actions"][0].get("actionParameters") == wanted  # type: ignore[index]


def near(deviation: float | None) -> Node:
    ellipse = None if deviation is None else DeviationEllipse(deviation, 2 * deviation)
    return Node("n0", 0, True, NodePosition(0.0, 0.0, "hall", 0.5, ellipse, 0.1), descriptor="door")


def test_deviations_are_padded_where_there_are_any():
    it = Speaker("3.0.0", deviation_padding=0.1)
    it.side.send(new_order("o1", [Visit(near(0.3))]), 0.0)
    position = it.hears()[0]["nodes"][0]["nodePosition"]  # type: ignore[index]
    assert position["allowedDeviationXY"] == pytest.approx({"a": 0.4, "b": 0.7, "theta": 0.0})
    assert position["allowedDeviationTheta"] == 0.1
    old = Speaker("2.1.0", deviation_padding=0.1)
    old.side.send(new_order("o1", [Visit(near(0.3))]), 0.0)
    assert old.hears()[0]["nodes"][0]["nodePosition"]["allowedDeviationXY"] == pytest.approx(0.4)  # type: ignore[index]
    bare = Speaker("3.0.0", deviation_padding=0.1)
    bare.side.send(new_order("o1", [Visit(near(None))]), 0.0)
    assert "allowedDeviationXY" not in bare.hears()[0]["nodes"][0]["nodePosition"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("part", "gone"),
    [
        ("deviation", {"allowedDeviationXY", "allowedDeviationTheta"}),
        ("theta", {"theta", "allowedDeviationTheta"}),
        ("descriptors", {"nodeDescriptor"}),
        ("speed", {"maximumSpeed"}),
    ],
)
def test_parts_that_a_type_refuses_are_left_out(part, gone):
    whole, less = Speaker("3.0.0"), Speaker("3.0.0", omit=frozenset({part}))
    keys = []
    for it in (whole, less):
        it.side.send(new_order("o1", [Visit(near(0.3)), way(1)]), 0.0)
        body = it.hears()[0]
        node, edge = body["nodes"][0], body["edges"][0]  # type: ignore[index]
        keys.append({*node, *node["nodePosition"], *edge})
    assert keys[0] - keys[1] == gone


def test_without_a_horizon_the_end_of_the_base_is_not_the_end():
    it = Speaker(omit=frozenset({"horizon"}))
    first = order(base=1, horizon=2)
    it.side.send(first, 0.0)
    assert [n["nodeId"] for n in it.hears()[0]["nodes"]] == ["n0", "n1"]  # type: ignore[index]
    it.says(order_id="o1", node_states=left(1))
    events = it.says(node_states=(), last_node_id="n1", last_node_sequence_id=2)
    assert not of(events, OrderFinished) and it.side.track is not None and it.side.track.ended is None
    it.side.send(extend_order(first, [way(2)]), 0.0)
    it.says(order_update_id=1, node_states=left(2))
    assert of(it.says(node_states=(), last_node_id="n2", last_node_sequence_id=4), OrderFinished)


def test_completion_for_robots_that_keep_states_of_passed_nodes():
    it = Speaker(completion=Completion.LAST_NODE)
    it.side.send(order(base=1, actions=(hard("a"),)), 0.0)
    running = acting("a", ActionStatus.RUNNING)
    it.says(order_id="o1", node_states=left(0, 1), action_states=(running,))
    assert not of(it.says(last_node_id="n1", last_node_sequence_id=2), OrderFinished)
    assert of(it.says(action_states=(acting("a", DONE),)), OrderFinished) == [OrderFinished("o1", ())]
    it.side.send(order("o2"), 0.0)  # its node states do not keep it from being idle


def test_completion_for_robots_that_forget_their_actions():
    it = Speaker(completion=Completion.ACTIONS)
    it.side.send(order(base=1, actions=(hard("a"),)), 0.0)
    it.says(order_id="o1", node_states=left(1), action_states=(acting("a", ActionStatus.WAITING),))
    still = it.says(node_states=(), last_node_id="n1", last_node_sequence_id=2)
    assert not of(still, OrderFinished)
    assert of(it.says(action_states=()), OrderFinished)
    standard = Speaker()
    standard.side.send(order(base=1, actions=(hard("a"),)), 0.0)
    standard.says(order_id="o1", node_states=left(1))
    assert not of(standard.says(node_states=(), last_node_id="n1", last_node_sequence_id=2), OrderFinished)


def test_ignored_rejections_refuse_nothing():
    bad = error("orderError", orderId="o1", orderUpdateId="0")
    for ignored, refused in [(frozenset(), 1), (frozenset({"ORDER_ERROR"}), 0)]:
        it = Speaker(ignored_rejections=ignored)
        it.side.send(order(), 0.0)
        assert len(of(it.says(errors=(bad,)), OrderRejected)) == refused


def test_numeric_ids_on_the_wire_and_back():
    it = Speaker(sheet=factsheet(ids_numeric_only=True))
    it.side.send(order("mission-7", base=1, actions=(hard("mission-7.pick"),)), 0.0)
    (body,) = it.hears()
    ids = [body["orderId"], *(n["nodeId"] for n in body["nodes"]), body["edges"][0]["edgeId"]]  # type: ignore[index, union-attr]
    ids += [body["nodes"][0]["nodePosition"]["mapId"], body["nodes"][1]["actions"][0]["actionId"]]  # type: ignore[index]
    assert all(str(name).isdigit() for name in ids) and len(set(ids)) == 6
    assert (body["edges"][0]["startNodeId"], body["edges"][0]["endNodeId"]) == (ids[1], ids[2])  # type: ignore[index]
    it.restart()
    node = replace(left(1)[0], node_id=ids[2])
    act = acting(str(ids[-1]), ActionStatus.RUNNING)
    events = it.says(order_id=ids[0], last_node_id=ids[1], node_states=(node,), action_states=(act,))
    assert OrderConfirmed("mission-7", 0) in events and NodeReached("mission-7", "n0", 0) in events
    state = it.side.state
    assert state is not None and state.node_states[0].node_id == "n1"
    assert state.action_states[0].action_id == "mission-7.pick"
    same = it.side.state
    it.says()
    assert it.side.state is not None and it.side.state.node_states is same.node_states
    refusal = error("orderUpdateError", orderId=str(ids[0]), orderUpdateId="1")
    it.side.send(longer(order("mission-7", base=1, actions=(hard("mission-7.pick"),)), 2), 0.0)
    assert of(it.says(errors=(refusal,)), OrderRejected)[0].order_id == "mission-7"  # type: ignore[attr-defined]
    it.side.cancel("c", 0.0)
    assert it.hears()[-1]["actions"][0]["actionId"].isdigit()  # type: ignore[index]


def test_factsheets_on_file_and_received():
    it = Speaker()
    it.side.know(factsheet(actions=()))
    with pytest.raises(LocalProtocolError, match="factsheet rules this order out"):
        it.side.send(order(actions=(hard("a"),)), 0.0)
    it.sends(factsheet(), Topic.FACTSHEET)
    it.side.send(order(actions=(hard("a"),)), 0.0)


# ---------------------------------------------------------------- robots that are not quite by the book


def test_a_robot_that_takes_its_time_to_list_the_nodes_has_not_cleared_the_order():
    it = Speaker()
    it.side.send(order(), 0.0)
    assert not of(it.says(order_id="o1"), OrderLost) and not of(it.says(), OrderLost)
    assert not of(it.says(node_states=left(1, 2)), OrderLost)
    assert of(it.says(node_states=()), OrderLost), "now it had them"
    never = Speaker()
    never.side.send(order(), 0.0)
    assert [len(of(never.says(order_id="o1"), OrderLost)) for _ in range(4)] == [0, 0, 1, 0]


def test_a_robot_that_blanks_its_order_id_when_it_is_done():
    for last, status, ended in [
        ("n1", DONE, OrderFinished), ("n0", DONE, OrderLost), ("n1", ActionStatus.RUNNING, OrderLost)
    ]:  # fmt: skip
        it = Speaker()
        it.side.send(order(base=1, actions=(hard("a"),)), 0.0)
        it.says(order_id="o1", node_states=left(1), action_states=(acting("a", status),))
        events = it.says(order_id="", node_states=(), last_node_id=last, action_states=())
        assert len(of(events, ended)) == 1
        it.side.send(order("o2"), 1.0)


@pytest.mark.parametrize("completion", [Completion.STANDARD, Completion.LAST_NODE])
def test_a_robot_that_blanks_its_order_id_in_the_very_state_of_its_end(completion: Completion):
    for status, ended in [(DONE, OrderFinished), (FAILED, OrderFinished), (ActionStatus.RUNNING, OrderLost)]:
        it = Speaker(completion=completion)
        it.side.send(order(base=1, actions=(hard("a"),)), 0.0)
        it.says(order_id="o1", node_states=left(1), action_states=(acting("a", ActionStatus.WAITING),))
        events = it.says(order_id="", node_states=(), last_node_id="n1", action_states=(acting("a", status),))
        (end,) = of(events, ended)
        if ended is OrderFinished:
            assert end == OrderFinished("o1", ("a",) if status is FAILED else ())
        it.restart()
        assert it.side.track is not None and it.side.track.over


def test_a_robot_that_blanks_its_order_id_where_a_round_trip_began_has_not_been_around():
    for sequence, ended in [(0, OrderLost), (4, OrderFinished)]:
        it = Speaker()
        home = Visit(Node("n0", 4, True, way(0).node.position), replace(way(2).edge, end_node_id="n0"))
        it.side.send(new_order("o1", [way(0), way(1), home]), 0.0)
        it.says(order_id="o1", node_states=left(1))
        events = it.says(order_id="", node_states=(), last_node_id="n0", last_node_sequence_id=sequence)
        assert len(of(events, ended)) == 1, sequence


def test_a_sequence_id_of_the_order_before_does_no_harm():
    it = Speaker()
    first = order(base=1, horizon=1)
    it.side.send(first, 0.0)
    assert OrderConfirmed("o1", 0) in it.says(order_id="o1", last_node_sequence_id=40, node_states=left(1, 2))
    it.side.send(longer(first, 2), 0.0)
    assert it.hears()[-1]["nodes"][0]["nodeId"] == "n1"  # type: ignore[index]


def test_a_cancel_that_the_robot_cannot_do_leaves_the_order_running():
    it = Speaker("3.0.0")
    it.side.send(order(base=1), 0.0)
    it.says(order_id="o1", node_states=left(1))
    it.side.cancel("c", 0.0)
    it.says(errors=(error("INVALID_INSTANT_ACTION", actionId="c"),))
    assert of(it.says(node_states=(), last_node_id="n1", last_node_sequence_id=2), OrderFinished)


def test_an_action_that_is_listed_twice_is_told_once():
    it = Speaker("2.1.0")
    twice = (acting("a", ActionStatus.RUNNING), acting("a", ActionStatus.FINISHED))
    assert [event.action.status for event in of(it.says(action_states=twice), ActionChanged)] == ["FINISHED"]  # type: ignore[attr-defined]
    assert not of(it.says(last_node_id="n1"), ActionChanged)
