"""Which orders a robot takes (figure 8, 6.6.4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robots.core.vda5050.actions import action
from robots.core.vda5050.errors import Problem
from robots.core.vda5050.messages import Order
from robots.core.vda5050.orders import new_order
from robots.core.vda5050.reports import Error, ErrorLevel, OperatingMode
from tests.robots.core.vda5050.helpers import (
    HARD,
    Sender,
    drive,
    error_types,
    give,
    hard,
    kinds,
    longer,
    order,
    refused,
    robot,
    states,
    statuses,
    way,
)

# ---------------------------------------------------------------- acceptance (figure 8)


def test_a_new_order_is_taken_and_told_at_once():
    side = robot()
    side.tick(999.0)
    side.data_to_send()
    assert kinds(give(side, order(base=2, horizon=1))) == ["OrderAccepted"]
    (sent,) = states(side)
    assert (sent["orderId"], sent["orderUpdateId"], sent["lastNodeId"]) == ("o1", 0, "n0")
    assert [n["nodeId"] for n in sent["nodeStates"]] == ["n1", "n2", "n3"]  # type: ignore[attr-defined]
    assert [e["released"] for e in sent["edgeStates"]] == [True, True, False]  # type: ignore[attr-defined]


def test_the_same_order_again_is_ignored_and_confirmed_again():
    side, first = robot(), order()
    give(side, first)
    side.data_to_send()
    assert give(side, first) == []
    assert len(states(side)) == 1 and side.errors == []


def broken() -> Order:
    good = order()
    return replace(good, edges=good.edges[:1])


@pytest.mark.parametrize(
    ("message", "error_type", "words"),
    [
        (broken(), "validationError", "edges"),
        (order(actions=(hard("a", "fly"),)), "orderError", "'fly' is not an action"),
        (order(actions=(hard("a", "startPause"),)), "orderError", "INSTANT action only"),
        (order(actions=(hard("a", "waitForTrigger"),)), "orderError", "needs parameter 'triggerType'"),
        (order(actions=(action("pick", "a", HARD, height="high"),)), "orderError", "type NUMBER"),
        (order(base=70), "orderError", "at most 60"),
        (new_order("o1", [replace(way(0), node=way(5).node)]), "noRouteError", "n5"),
    ],
)
def test_a_new_order_that_cannot_be_taken(message: Order, error_type: str, words: str):
    kind, text = refused(robot(), message)
    assert kind == error_type and words in text


def test_a_malformed_message_is_a_validation_error_until_an_order_is_taken():
    side = robot()
    assert isinstance(side.receive("uagv/v2/yardmaster/ym-001/order", b"{}", 1000.0)[0], Problem)
    assert error_types(side.state()) == ["validationError"]
    side.add_error(Error("batteryCold", ErrorLevel.WARNING))
    give(side, order())
    assert error_types(side.state()) == ["batteryCold"]


def test_an_order_for_another_robot_is_not_taken():
    side = robot()
    give(side, order(), Sender(serial="ym-002"))
    assert side.state().order_id == "" and error_types(side.state()) == ["validationError"]


def test_no_second_order_while_one_is_under_way():
    side = robot()
    give(side, order("o1"))
    assert refused(side, order("o2"))[0] == "orderError"


def test_an_order_with_a_horizon_is_not_over_at_the_end_of_its_base():
    side = robot()
    give(side, order("o1", base=1, horizon=1))
    drive(side)
    assert side.next_base_target() is None and side.executing
    assert refused(side, new_order("o2", [replace(way(0), node=way(1).node)]))[0] == "orderError"


def test_updates_extend_at_the_decision_point():
    side, first = robot(), order(base=1, horizon=1)
    give(side, first)
    update = longer(first, 2, 3, horizon=(4,))
    assert kinds(give(side, update)) == ["BaseExtended", "HorizonChanged"]
    assert [n.node_id for n in side.state().node_states if n.released] == ["n1", "n2", "n3"]
    assert side.state().order_update_id == 1


def test_an_update_may_come_after_the_order_was_finished():
    side, first = robot(), order(base=1)
    give(side, first)
    drive(side)
    assert not side.executing
    assert kinds(give(side, longer(first, 2))) == ["BaseExtended"]
    drive(side)
    assert side.state().last_node_id == "n2"


def test_a_lower_update_is_an_order_update_error_and_the_order_goes_on():
    side, first = robot(), order(base=1)
    give(side, first)
    give(side, longer(first, 2))
    assert refused(side, first)[0] == "orderUpdateError"
    drive(side)
    drive(side)


def test_an_update_that_skips_one_does_not_fit():
    side, first = robot(), order(base=1)
    give(side, first)
    missing = longer(first, 2)
    kind, text = refused(side, longer(missing, 3))
    assert kind == "orderUpdateError" and "begins with node n2" in text


def test_an_order_id_is_used_once():
    side = robot()
    give(side, new_order("o1", [way(0)]))
    give(side, new_order("o2", [way(0)]))
    assert refused(side, new_order("o1", [way(0)]))[0] == "orderError"


def test_a_replaced_horizon_takes_its_actions_along_and_may_bring_them_again():
    side = robot()
    first = new_order("o1", [way(0), way(1)], [way(2, hard("h1")), way(3, hard("h2"))])
    give(side, first)
    assert set(statuses(side)) == {"h1", "h2"}
    update = replace(longer(first, 2), nodes=(first.nodes[1], replace(first.nodes[2], released=True)))
    assert kinds(give(side, update)) == ["BaseExtended", "HorizonChanged"]
    assert set(statuses(side)) == {"h1"}


def test_a_used_action_id_is_refused():
    side, first = robot(), order(base=1, actions=(hard("a1"),))
    give(side, first)
    again = replace(longer(first, 2), nodes=(first.nodes[1], replace(longer(first, 2).nodes[1], actions=(hard("a1"),))))
    assert refused(side, again)[0] in ("orderError", "validationError")
    other = new_order("o1", [way(0)])
    update = longer(first, 2)
    assert other.order_id == update.order_id and kinds(give(side, update)) == ["BaseExtended"]


def test_manual_mode_takes_no_orders():
    side = robot()
    side.set_operating_mode(OperatingMode.MANUAL)
    assert refused(side, order())[0] == "orderError"
