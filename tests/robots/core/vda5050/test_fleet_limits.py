"""What a factsheet rules out or leaves out (D48, D118, D119), and when the robot may have the next order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.messages import ActionScope, ControlPoint, DeviationEllipse, Node, NodePosition, Trajectory
from robots.core.vda5050.orders import Visit, new_order
from robots.core.vda5050.reports import ActionDeclaration, ActionStatus, OptionalParameter, ParameterDeclaration
from tests.robots.core.vda5050.fleet_helpers import Speaker, acting, left
from tests.robots.core.vda5050.helpers import HARD, NONE, factsheet, hard, longer, order, way

S = ActionStatus


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"order.nodes": 2}, "order.nodes has 3"),
        ({"order.edges": 1}, "order.edges has 2"),
        ({"node.actions": 1}, "node.actions has 2"),
        ({"actions.actionsParameters": 1}, "actionsParameters has 2"),
        ({"state.nodeStates": 1}, "state.nodeStates has 2"),
    ],
)
def test_lists_may_be_no_longer_than_the_robot_takes(limits, words):
    acts = (action("pick", "a", HARD, loadType="x", lhd="l"), hard("b"))
    it = Speaker(sheet=factsheet(maximum_array_lengths=limits))
    with pytest.raises(LocalProtocolError, match=words):
        it.side.send(order(actions=acts), 0.0)
    assert it.side.track is None and it.hears() == []
    fitting = Speaker(sheet=factsheet(maximum_array_lengths={name: n + 1 for name, n in limits.items()}))
    fitting.side.send(order(actions=acts), 0.0)


@pytest.mark.parametrize(
    ("lengths", "words"),
    [
        ({"maximumIdLength": 2}, "id 'hall' has 4"),
        ({"enumLen": 3}, "'pick' has 4"),
        ({"maximumMessageLength": 100}, "bytes, the robot takes at most 100"),
    ],
)
def test_texts_may_be_no_longer_than_the_robot_takes(lengths, words):
    it = Speaker(sheet=factsheet(maximum_string_lengths=lengths))
    with pytest.raises(LocalProtocolError, match=words):
        it.side.send(order(actions=(hard("a"),)), 0.0)
    Speaker(sheet=factsheet(maximum_string_lengths=lengths), trust_factsheet=False).side.send(order(), 0.0)


def test_the_pause_between_orders_is_kept_and_nothing_fails():
    it = Speaker(sheet=factsheet(minimum_order_interval=5.0))
    first = order(base=1)
    it.side.send(first, 100.0)
    it.says(order_id="o1", node_states=left(1))
    it.side.send(longer(first, 2), 101.0)
    times = []
    for tenth in range(1010, 1100):
        it.side.tick(tenth / 10)
        times += [tenth / 10] * sum(m["orderUpdateId"] for m in it.hears())  # type: ignore[misc]
    assert times == [105.0]


def rich(theta: float | None = 0.5):
    near = DeviationEllipse(0.3, 0.3)
    first = Node("n0", 0, True, NodePosition(0.0, 0.0, "hall", theta, near, 0.1), descriptor="dock")
    second = way(1)
    assert second.edge is not None
    return new_order("o1", [Visit(first), replace(second, edge=replace(second.edge, length=2.0))])


def parameters(*names: str, support: str = "SUPPORTED") -> tuple[OptionalParameter, ...]:
    return tuple(OptionalParameter(name, support) for name in names)


def test_optional_parameters_that_are_not_listed_are_left_out():
    listed = parameters("order.nodes.nodePosition.theta", "order.edges.maxSpeed")
    it = Speaker(sheet=factsheet(optional_parameters=listed))
    it.side.send(rich(), 0.0)
    (body,) = it.hears()
    assert set(body["nodes"][0]["nodePosition"]) == {"x", "y", "mapId", "theta"}  # type: ignore[index]
    assert "maxSpeed" in body["edges"][0] and "length" not in body["edges"][0]  # type: ignore[index]
    all_sent = Speaker(sheet=factsheet(optional_parameters=parameters("state.loads")))
    all_sent.side.send(rich(), 0.0)  # a list that names nothing of orders says nothing about orders
    assert "allowedDeviationXY" in all_sent.hears()[0]["nodes"][0]["nodePosition"]  # type: ignore[index]
    places = Speaker(sheet=factsheet(optional_parameters=parameters("order.edges.maxSpeed")))
    places.side.send(rich(), 0.0)
    assert "nodePosition" not in places.hears()[0]["nodes"][0]  # type: ignore[index]


def test_required_parameters_have_to_be_there():
    listed = parameters("order.nodes.nodePosition.theta", support="REQUIRED")
    it = Speaker(sheet=factsheet(optional_parameters=listed))
    it.side.send(new_order("o1", [Visit(rich().nodes[0])]), 0.0)
    bare = Speaker(sheet=factsheet(optional_parameters=listed))
    with pytest.raises(LocalProtocolError, match="needs theta"):
        bare.side.send(rich(theta=None), 0.0)
    lengths = Speaker(sheet=factsheet(optional_parameters=parameters("order.edges.length", support="REQUIRED")))
    with pytest.raises(LocalProtocolError, match="edge e1: the robot needs length"):
        lengths.side.send(order(base=1), 0.0)


def test_the_dress_of_an_order_stays_when_the_factsheet_changes():
    """The stitching node has to look as it did, or the robot refuses the update."""
    it = Speaker(sheet=factsheet(optional_parameters=parameters("order.nodes.nodePosition.theta")))
    first = rich()
    it.side.send(first, 0.0)
    it.says(order_id="o1", node_states=left(1))
    before = it.hears()[-1]["nodes"][-1]  # type: ignore[index]
    it.side.know(factsheet())
    it.restart()
    it.side.send(longer(first, 2), 1.0)
    assert it.hears()[-1]["nodes"][0] == before  # type: ignore[index]


def test_parameters_of_actions_that_are_not_declared_are_left_out():
    pick = ActionDeclaration("pick", (ActionScope.NODE,), (ParameterDeclaration("loadType", "STRING", True),))
    bare = ActionDeclaration("drop", (ActionScope.NODE,))
    it = Speaker(sheet=factsheet(actions=(pick, bare)))
    acts = [action(kind, kind, HARD, loadType="totes", attempt="a1", lhd="left") for kind in ("pick", "drop")]
    it.side.send(order(actions=tuple(acts)), 0.0)
    said = [[p["key"] for p in a["actionParameters"]] for a in it.hears()[0]["nodes"][-1]["actions"]]  # type: ignore[index]
    assert said == [["loadType"], ["loadType", "lhd"]]
    blind = Speaker(sheet=factsheet(actions=(pick, bare)), trust_factsheet=False)
    blind.side.send(order(actions=tuple(acts)), 0.0)
    assert len(blind.hears()[0]["nodes"][-1]["actions"][0]["actionParameters"]) == 3  # type: ignore[index]


def test_instant_actions_against_the_factsheet():
    it = Speaker(sheet=factsheet(actions=(), maximum_array_lengths={"instantActions": 2}))
    with pytest.raises(LocalProtocolError, match="'logReport' is not an action of this robot"):
        it.side.instant([instant("logReport", "l", reason="x")], 0.0)
    no_stop = ActionDeclaration("cancelOrder", (ActionScope.NODE,), (ParameterDeclaration("why"),))
    odd = Speaker("3.0.0", sheet=factsheet(actions=(no_stop,)))
    odd.side.send(order(), 0.0)
    odd.side.cancel("c", 0.0)
    assert "actionParameters" not in odd.hears()[-1]["actions"][0], "orderId is not declared"  # type: ignore[index]
    it.side.instant([instant("stateRequest", f"s{n}") for n in range(5)], 0.0)  # always possible, in short messages
    assert [len(m["actions"]) for m in it.hears()] == [2, 2, 1]  # type: ignore[arg-type]


def test_trajectories_are_checked_by_version():
    short = Trajectory(1, (0.0, 1.0), (ControlPoint(0.0, 0.0), ControlPoint(1.0, 0.0)))
    loose = Trajectory(1, (0.0, 0.1, 0.9, 1.0), short.control_points)
    for version, path, words in [
        ("2.1.0", short, "needs 4 knots"), ("3.0.0", loose, "clamped"), ("2.1.0", loose, ""),
    ]:  # fmt: skip
        second = way(1)
        assert second.edge is not None
        made = new_order("o1", [way(0), replace(second, edge=replace(second.edge, trajectory=path))])
        if words:
            with pytest.raises(LocalProtocolError, match=words):
                Speaker(version).side.send(made, 0.0)
        else:
            Speaker(version).side.send(made, 0.0)


# ---------------------------------------------------------------- when the next order may come


@pytest.mark.parametrize(
    ("doing", "free"),
    [
        ({}, True),
        ({"order_id": "x", "node_states": left(1)}, False),
        ({"order_id": "x", "action_states": (acting("a", S.RUNNING),)}, False),
        ({"order_id": "x", "action_states": (acting("a", S.FINISHED),)}, True),
    ],
)
def test_a_new_order_waits_until_the_robot_is_idle(doing, free):
    it = Speaker()
    it.says(**doing)
    if free:
        it.side.send(order(), 0.0)
    else:
        with pytest.raises(LocalProtocolError, match="still executes order 'x'"):
            it.side.send(order(), 0.0)


def test_a_finished_order_goes_on_only_from_where_the_robot_stands():
    first = order(base=1)
    for place, ok in [("n1", True), ("elsewhere", False)]:
        it = Speaker("2.1.0")
        it.side.send(first, 0.0)
        it.says(order_id="o1", last_node_id="n1", last_node_sequence_id=2)
        it.says(last_node_id=place)
        if ok:
            it.side.send(longer(first, 2), 1.0)
        else:
            with pytest.raises(LocalProtocolError, match="send a new order"):
                it.side.send(longer(first, 2), 1.0)


def test_an_unsendable_order_leaves_nothing_behind():
    it = Speaker()
    bad = order(actions=(action("pick", "a", NONE, load=object()),))
    with pytest.raises(LocalProtocolError):
        it.side.send(bad, 0.0)
    assert it.side.track is None
    it.side.send(order("o2"), 0.0)
    assert len(it.hears()) == 1
