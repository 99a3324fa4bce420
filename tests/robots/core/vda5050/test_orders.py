from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.messages import ControlPoint, Corridor, Order, Trajectory
from robots.core.vda5050.orders import (
    Visit,
    act_here,
    check_order,
    check_structure,
    extend_order,
    merge_order,
    new_order,
    without_horizon,
    without_passed,
)
from tests.robots.core.vda5050.helpers import hard, longer, order, way


def test_a_new_order_numbers_nodes_and_edges_in_one_sequence():
    built = order(base=2, horizon=1)
    assert [n.sequence_id for n in built.nodes] == [0, 2, 4, 6]
    assert [e.sequence_id for e in built.edges] == [1, 3, 5]
    assert [n.released for n in built.nodes] == [True, True, True, False]
    assert [(e.start_node_id, e.end_node_id) for e in built.edges] == [("n0", "n1"), ("n1", "n2"), ("n2", "n3")]


def test_an_update_begins_with_the_unchanged_stitching_node():
    first = order(base=2, horizon=2, actions=(hard("a1"),))
    update = longer(first, 3, horizon=(4, 5))
    assert update.order_update_id == 1
    assert update.nodes[0] == first.nodes[2]
    assert [n.sequence_id for n in update.nodes] == [4, 6, 8, 10]


def test_an_update_may_delete_the_horizon():
    update = extend_order(order(base=1, horizon=2), [])
    assert [n.node_id for n in update.nodes] == ["n1"] and update.edges == ()


FIRST = order(base=2, horizon=1, actions=(hard("a1"),))
UPDATE = longer(FIRST, 3, horizon=(4,))


@pytest.mark.parametrize(
    ("wrong", "previous", "words"),
    [
        (replace(FIRST, order_id=""), None, "orderId is empty"),
        (replace(FIRST, order_id="o 1"), None, "may only have"),
        (replace(FIRST, nodes=(), edges=()), None, "at least one node"),
        (replace(FIRST, edges=FIRST.edges[:1]), None, "edges"),
        (replace(FIRST, order_update_id=3), None, "begins with orderUpdateId 0"),
        (replace(FIRST, nodes=(replace(FIRST.nodes[0], released=False), *FIRST.nodes[1:])), None, "first node"),
        (replace(FIRST, nodes=(*FIRST.nodes[:3], replace(FIRST.nodes[3], sequence_id=8))), None, "sequence ids"),
        (replace(FIRST, edges=(*FIRST.edges[:2], replace(FIRST.edges[2], released=True))), None, "both its nodes"),
        (replace(FIRST, nodes=(*FIRST.nodes[:3], replace(FIRST.nodes[3], released=True))), None, "is released behind"),
        (replace(FIRST, edges=(*FIRST.edges[:2], replace(FIRST.edges[2], end_node_id="x"))), None, "joins"),
        (replace(UPDATE, order_update_id=0), FIRST, "has to grow"),
        (replace(UPDATE, order_id="o2"), FIRST, "cannot have orderId"),
        (replace(UPDATE, nodes=(replace(UPDATE.nodes[0], actions=()), *UPDATE.nodes[1:])), FIRST, "unchanged"),
        (replace(FIRST, order_update_id=1), FIRST, "base cannot change"),
    ],
)
def test_what_we_may_not_send(wrong: Order, previous: Order | None, words: str):
    with pytest.raises(LocalProtocolError, match=words):
        check_order(wrong, previous)


def test_an_action_id_may_stand_only_once():
    with pytest.raises(LocalProtocolError, match="used twice"):
        new_order("o1", [way(0, hard("a")), way(1, hard("a"))])


def test_a_second_node_needs_its_edge():
    with pytest.raises(LocalProtocolError, match="needs the edge"):
        new_order("o1", [way(0), way(0)])
    with pytest.raises(LocalProtocolError, match="begins with a released node"):
        new_order("o1", [])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6))
def test_any_chain_of_updates_is_valid_and_merges_to_one_continuous_order(steps: list[tuple[int, int]]):
    whole = last = new_order("o1", [way(0)])
    reached = 0
    for base, horizon in steps:
        numbers = [reached + 1 + i for i in range(base + horizon)]
        last = extend_order(last, [way(n) for n in numbers[:base]], [way(n) for n in numbers[base:]])
        reached += base
        whole = merge_order(whole, last)
        check_structure(whole)
        assert whole.decision_point is not None and whole.decision_point.node_id == f"n{reached}"
        assert len(whole.nodes) == reached + horizon + 1


LINE = Trajectory(1, (0.0, 0.0, 1.0, 1.0), (ControlPoint(0.0, 0.0), ControlPoint(1.0, 0.0)))


def corridor(left: float, right: float, trajectory: Trajectory | None = LINE) -> Visit:
    made = way(1)
    assert made.edge is not None
    return replace(made, edge=replace(made.edge, trajectory=trajectory, corridor=Corridor(left, right)))


def test_a_corridor_needs_its_trajectory_and_some_width():
    assert new_order("o1", [way(0), corridor(0.5, 0.0)]).edges[0].corridor == Corridor(0.5, 0.0)
    flat = new_order("o1", [way(0), corridor(0.0, 0.0)])
    assert flat.edges[0].corridor is None
    with pytest.raises(LocalProtocolError, match="needs the trajectory"):
        new_order("o1", [way(0), corridor(0.5, 0.5, None)])
    with pytest.raises(LocalProtocolError, match="below zero"):
        new_order("o1", [way(0), corridor(-0.5, 0.5)])
    zero = replace(flat, edges=(replace(flat.edges[0], corridor=Corridor(0.0, 0.0)),))
    with pytest.raises(LocalProtocolError, match="leave it out"):
        check_order(zero, None)


def test_new_actions_where_the_robot_stands():
    first = order(base=1, horizon=1, actions=(hard("a"),))
    then = act_here(first, [hard("b")], "stay", node_id="n1b")
    assert then.nodes[0] == first.nodes[1]
    assert (then.nodes[1].node_id, then.nodes[1].sequence_id) == ("n1b", 4)
    assert then.nodes[1].position == first.nodes[1].position and then.nodes[1].actions == (hard("b"),)
    assert [(e.edge_id, e.sequence_id, e.released) for e in then.edges] == [("stay", 3, True)]
    with pytest.raises(LocalProtocolError, match="used twice"):
        act_here(first, [hard("a")], "stay")


def test_the_base_alone_and_what_lies_ahead():
    whole = order(base=3, horizon=2)
    base = without_horizon(whole)
    assert [n.node_id for n in base.nodes] == ["n0", "n1", "n2", "n3"] and len(base.edges) == 3
    ahead = without_passed(whole, 4)
    assert [n.node_id for n in ahead.nodes] == ["n2", "n3", "n4", "n5"]
    assert [e.edge_id for e in ahead.edges] == ["e3", "e4", "e5"]
    assert without_passed(whole, 99).nodes == whole.nodes[-1:]
    check_structure(ahead)
