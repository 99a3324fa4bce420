"""Fleet control's half: what it refuses to send, how it insists, what it concludes from states."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest

from robots.core.vda5050.actions import instant
from robots.core.vda5050.errors import LocalProtocolError, Problem, ProblemKind
from robots.core.vda5050.events import (
    ActionChanged,
    OrderCancelled,
    OrderConfirmed,
    OrderFinished,
    OrderLost,
    OrderRejected,
    RejectReason,
)
from robots.core.vda5050.fleet_side import FleetSide
from robots.core.vda5050.orders import new_order
from robots.core.vda5050.quirks import Quirks
from robots.core.vda5050.reports import (
    ActionState,
    ActionStatus,
    Connection,
    ConnectionState,
    Error,
    ErrorLevel,
    NodeState,
    OperatingMode,
    PowerSupply,
    Reference,
    SafetyState,
    State,
    Visualization,
)
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.helpers import Sender, deliver, factsheet, fleet, hard, kinds, longer, order, robot, way


class Robot:
    """Says states to a FleetSide, one millisecond apart."""

    def __init__(self, side: FleetSide, version: str = "2.1.0") -> None:
        self.side = side
        self.sender = Sender(version)
        self.now = 1000.0
        self.last = State(
            "", 0, "n0", 0, False, OperatingMode.AUTOMATIC, PowerSupply(80.0, False), SafetyState(), paused=False
        )

    def says(self, **changes: object) -> list[object]:
        self.now += 0.001
        self.last = replace(self.last, **changes)  # type: ignore[arg-type]
        return list(self.side.receive(*self.sender(self.last, Topic.STATE, self.now), self.now))


def left(*numbers: int) -> tuple[NodeState, ...]:
    return tuple(NodeState(f"n{n}", 2 * n, True) for n in numbers)


def sent(side: FleetSide) -> list[dict[str, object]]:
    return [orjson.loads(payload) for _, payload, _, _ in side.data_to_send()]


def of(events: list[object], kind: type) -> list[object]:
    return [event for event in events if isinstance(event, kind)]


def test_an_order_is_sent_until_a_state_confirms_it():
    side = fleet()
    side.send_order(order(), 0.0)
    times = [0.0] if side.data_to_send() else []
    for tenth in range(1, 400):
        side.tick(tenth / 10)
        side.tick(tenth / 10)
        times += [tenth / 10] * len(side.data_to_send())
    assert times == [0.0, 1.0, 3.0, 7.0, 15.0, 31.0]
    events = Robot(side).says(order_id="o1", node_states=left(1, 2))
    assert OrderConfirmed("o1", 0) in events
    side.tick(100.0)
    assert side.data_to_send() == []


def test_resent_orders_have_the_same_body_and_a_new_header_id():
    side = fleet()
    side.send_order(order(), 0.0)
    side.tick(5.0)
    first, second = sent(side)
    assert (first.pop("headerId"), second.pop("headerId")) == (0, 1)
    assert first.pop("timestamp") != second.pop("timestamp") and first == second


def test_nothing_to_a_robot_is_retained():
    side = fleet()
    side.send_order(order(), 0.0)
    side.instant([instant("stateRequest", "s")], 0.0)
    assert all((qos, retain) == (0, False) for _, _, qos, retain in side.data_to_send())


def test_an_update_waits_for_the_one_before():
    side, first = fleet(), order(base=1)
    second = longer(first, 2)
    side.send(first, 0.0)
    side.send(second, 0.1)
    side.send(longer(second, 3), 0.2)
    side.send(second, 0.3)  # the outbox delivers at least once
    assert [m["orderUpdateId"] for m in sent(side)] == [0]
    speaker = Robot(side)
    speaker.says(order_id="o1", node_states=left(1))
    assert [m["orderUpdateId"] for m in sent(side)] == [1]
    speaker.says(order_update_id=1, node_states=left(1, 2))
    assert [m["orderUpdateId"] for m in sent(side)] == [2]
    assert OrderConfirmed("o1", 2) in speaker.says(order_update_id=2, node_states=left(1, 2, 3))


def test_what_may_not_be_sent_now():
    side = fleet()
    with pytest.raises(LocalProtocolError, match="no order o1 to update"):
        side.update_order(order(), 0.0)
    side.send_order(order("o1"), 0.0)
    side.send_order(order("o1"), 0.0)  # the same again is no second order
    with pytest.raises(LocalProtocolError, match="not finished"):
        side.send_order(order("o2"), 0.0)
    with pytest.raises(LocalProtocolError, match="base cannot change"):
        side.update_order(replace(order("o1"), order_update_id=1), 0.0)
    with pytest.raises(LocalProtocolError, match="at least one"):
        side.instant([], 0.0)
    with pytest.raises(LocalProtocolError, match="actionId"):
        side.instant([instant("stateRequest", "a b")], 0.0)
    assert len(side.data_to_send()) == 1


def test_an_action_id_of_the_base_is_not_used_again():
    side, first = fleet(), order(base=1, actions=(hard("a"),))
    side.send(first, 0.0)
    update = longer(first, 2)
    again = replace(update, nodes=(update.nodes[0], replace(update.nodes[1], actions=(hard("b"),))))
    side.send(again, 0.0)
    third = longer(again, 3)
    with pytest.raises(LocalProtocolError, match="'a' is in the base"):
        side.send(replace(third, nodes=(third.nodes[0], replace(third.nodes[1], actions=(hard("a"),)))), 0.0)


def test_modes_and_factsheet_rule_orders_out():
    side = fleet()
    speaker = Robot(side)
    speaker.says(operating_mode=OperatingMode.MANUAL)
    with pytest.raises(LocalProtocolError, match="MANUAL takes no orders"):
        side.send_order(order(), 0.0)
    speaker.says(operating_mode=OperatingMode.AUTOMATIC)
    side.receive(*speaker.sender(factsheet(actions=()), Topic.FACTSHEET), 0.0)
    with pytest.raises(LocalProtocolError, match="factsheet rules this order out"):
        side.send_order(order(actions=(hard("a"),)), 0.0)
    trusting = FleetSide("ym-001", "yardmaster", Quirks(trust_factsheet=False))
    trusting.receive(*speaker.sender(factsheet(actions=()), Topic.FACTSHEET), 0.0)
    trusting.send_order(order(actions=(hard("a"),)), 0.0)


def test_progress_actions_and_the_end():
    side = fleet()
    side.send(order(base=2, actions=(hard("a"),)), 0.0)
    speaker = Robot(side)
    wait = (ActionState("a", ActionStatus.WAITING),)
    events = speaker.says(order_id="o1", node_states=left(1, 2), action_states=wait)
    assert kinds(events) == ["StateChanged", "ModeChanged", "NodeReached", "ActionChanged", "OrderConfirmed"]
    assert kinds(speaker.says()) == ["StateChanged"]
    assert "NodeReached" in kinds(speaker.says(last_node_id="n1", last_node_sequence_id=2, node_states=left(2)))
    events = speaker.says(last_node_id="n2", last_node_sequence_id=4, node_states=())
    assert not of(events, OrderFinished)
    events = speaker.says(action_states=(ActionState("a", ActionStatus.FAILED),))
    assert of(events, ActionChanged)[0].previous is ActionStatus.WAITING  # type: ignore[attr-defined]
    assert of(events, OrderFinished) == [OrderFinished("o1", ("a",))]
    assert not of(speaker.says(), OrderFinished)
    side.send(order("o2"), 0.0)


def test_an_impossible_action_change_is_recorded():
    side = fleet()
    speaker = Robot(side)
    speaker.says(order_id="x", action_states=(ActionState("a", ActionStatus.FINISHED),))
    events = speaker.says(action_states=(ActionState("a", ActionStatus.RUNNING),))
    assert of(events, Problem)[0].kind is ProblemKind.IMPOSSIBLE  # type: ignore[attr-defined]


def rejection(kind: str, **references: str) -> Error:
    pairs = tuple(Reference(key, value) for key, value in references.items())
    return Error(kind, ErrorLevel.WARNING, pairs, "no")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (rejection("orderError", orderId="o1", orderUpdateId="0"), RejectReason.ORDER_ERROR),
        (rejection("noRouteError", orderId="o1", orderUpdateId="0"), RejectReason.NO_ROUTE),
        (rejection("validationError", topic="order", headerId="0"), RejectReason.MALFORMED),
        (rejection("validationError"), RejectReason.MALFORMED),
        (rejection("orderError", orderId="o0", orderUpdateId="0"), None),
        (rejection("orderUpdateError", orderId="o1", orderUpdateId="5"), None),
        (rejection("validationError", topic="instantActions", headerId="0"), None),
        (rejection("batteryCold"), None),
    ],
)
def test_a_rejection_is_matched_to_its_order(error: Error, reason: RejectReason | None):
    side = fleet()
    speaker = Robot(side)
    speaker.says()
    side.send(order(), 0.0)
    rejected = of(speaker.says(errors=(error,)), OrderRejected)
    assert rejected == ([OrderRejected("o1", 0, reason, "no", error.error_type)] if reason else [])
    side.data_to_send()
    side.tick(100.0)
    assert len(side.data_to_send()) == (0 if reason else 1)


def test_an_old_rejection_does_not_fail_the_next_order():
    side = fleet()
    speaker = Robot(side)
    speaker.says(errors=(rejection("validationError"),))
    side.send(order(), 0.0)
    assert not of(speaker.says(), OrderRejected)


def test_a_rejected_update_leaves_the_order_as_it_was():
    side, first = fleet(), order(base=1)
    speaker = Robot(side)
    side.send(first, 0.0)
    speaker.says(order_id="o1", node_states=left(1))
    side.send(longer(first, 2), 0.0)
    events = speaker.says(errors=(rejection("orderError", orderId="o1", orderUpdateId="1"),))
    assert [(e.order_update_id) for e in of(events, OrderRejected)] == [1]  # type: ignore[attr-defined]
    side.send(replace(longer(first, 3), order_update_id=2), 1.0)
    assert sent(side)[-1]["orderUpdateId"] == 2


def test_cancel_is_insisted_on_until_the_robot_has_done_it():
    side, first = fleet(), order()
    speaker = Robot(side)
    side.send(first, 0.0)
    speaker.says(order_id="o1", node_states=left(1, 2))
    side.data_to_send()
    side.cancel("c", 0.0)
    side.cancel("c", 0.0)
    for second in range(1, 200):
        side.tick(float(second))
    assert len(side.data_to_send()) > 10
    with pytest.raises(LocalProtocolError, match="being cancelled"):
        side.send(longer(first, 3), 0.0)
    assert not of(speaker.says(action_states=(ActionState("c", ActionStatus.RUNNING),)), OrderCancelled)
    side.tick(500.0)
    assert side.data_to_send() == []
    done = speaker.says(action_states=(ActionState("c", ActionStatus.FINISHED),), node_states=())
    assert of(done, OrderCancelled) == [OrderCancelled("o1", had_none=False)] and not of(done, OrderLost)
    with pytest.raises(LocalProtocolError, match="has ended"):
        side.send(longer(first, 3), 0.0)
    side.send(order("o2"), 0.0)


def test_cancel_of_an_order_that_never_arrived():
    side = fleet()
    speaker = Robot(side)
    side.send(order(), 0.0)
    side.cancel("c", 0.5)
    events = speaker.says(action_states=(ActionState("c", ActionStatus.FAILED),))
    assert of(events, OrderCancelled) == [OrderCancelled("o1", had_none=True)]
    side.data_to_send()
    side.tick(100.0)
    assert side.data_to_send() == []
    assert "UnexpectedOrder" in kinds(speaker.says(order_id="o1", node_states=left(1, 2)))
    assert "UnexpectedOrder" not in kinds(speaker.says())


def test_a_cancel_that_overtook_its_order_is_asked_for_anew():
    side = fleet()
    speaker = Robot(side)
    side.send(order(), 0.0)
    side.cancel("c", 0.1)
    side.data_to_send()
    failed = (ActionState("c", ActionStatus.FAILED),)
    events = speaker.says(order_id="o1", node_states=left(1, 2), action_states=failed)
    assert "Problem" in kinds(events) and not of(events, OrderCancelled)
    assert [m["actions"][0]["actionId"] for m in sent(side)] == ["c.again2"]  # type: ignore[index]
    speaker.says(action_states=(*failed, ActionState("c.again2", ActionStatus.FAILED)))
    assert [m["actions"][0]["actionId"] for m in sent(side)] == ["c.again3"]  # type: ignore[index]
    events = speaker.says(node_states=(), action_states=(*failed, ActionState("c.again3", ActionStatus.FINISHED)))
    assert of(events, OrderCancelled) == [OrderCancelled("o1", had_none=False)]


def test_a_cleared_or_replaced_order_is_lost_once():
    for change in ({"node_states": ()}, {"order_id": "theirs", "node_states": left(1)}):
        side = fleet()
        speaker = Robot(side)
        side.send(order(), 0.0)
        speaker.says(order_id="o1", node_states=left(1, 2))
        assert len(of(speaker.says(**change), OrderLost)) == 1
        assert not of(speaker.says(), OrderLost)


def test_a_disconnect_changes_nothing_but_the_connection():
    side = fleet()
    speaker = Robot(side)
    side.send(order(), 0.0)
    speaker.says(order_id="o1", node_states=left(1, 2))
    will = speaker.sender(Connection(ConnectionState.CONNECTION_BROKEN), Topic.CONNECTION, 1.0)
    assert kinds(list(side.receive(*will, 1001.0))) == ["ConnectionChanged"]
    assert side.receive(*will, 1001.0) == []
    assert side.track is not None and side.track.ended is None


def test_stragglers_do_not_turn_back_the_state():
    side = fleet()
    speaker = Robot(side)
    old = speaker.sender(speaker.last, Topic.STATE, 999.0)
    speaker.says(order_id="o1", last_node_id="n1", last_node_sequence_id=2)
    assert side.receive(*old, 1000.1) == []
    assert side.state is not None and side.state.last_node_id == "n1"


def test_messages_of_others_are_recorded_and_not_used():
    side = fleet()
    speaker = Robot(side)
    topic, payload = Sender(serial="ym-002")(speaker.last, Topic.STATE)
    assert [e.kind for e in side.receive(topic, payload, 0.0)] == [ProblemKind.WRONG_IDENTITY]  # type: ignore[union-attr]
    good = speaker.sender(speaker.last, Topic.STATE)[1]
    elsewhere = topic.replace("ym-001", "ym-002")
    assert [e.kind for e in side.receive(elsewhere, good, 0.0)] == [ProblemKind.WRONG_IDENTITY]  # type: ignore[union-attr]
    assert [e.kind for e in side.receive("a/order", good, 0.0)] == [ProblemKind.WRONG_TOPIC]  # type: ignore[union-attr]
    assert side.state is None


def test_visualization_without_header_is_taken():
    side = fleet()
    assert kinds(list(side.receive("visualization", b"{}", 0.0))) == ["VisualizationReceived"]
    speaker = Robot(side)
    assert side.receive(*speaker.sender(Visualization(), Topic.VISUALIZATION), 0.0)


def test_pause_and_its_counterpart():
    side = fleet()
    side.instant([instant("startPause", "p")], 0.0)
    side.instant([instant("stopPause", "r")], 0.1)
    side.data_to_send()
    (event,) = side.tick(50.0)
    assert kinds([event]) == ["InstantUnconfirmed"] and event.action_id == "r"  # type: ignore[union-attr]
    assert side.data_to_send() == []


def test_requests_are_given_up_after_some_tries():
    side = fleet()
    side.instant([instant("stateRequest", "s")], 0.0)
    events = [e for second in range(1, 300) for e in side.tick(float(second))]
    assert kinds(list(events)) == ["InstantUnconfirmed"]
    assert len(side.data_to_send()) == 6


def test_a_restarted_link_goes_on():
    side, first = fleet(), order(base=1)
    speaker = Robot(side)
    side.send(first, 0.0)
    speaker.says(order_id="o1", node_states=left(1))
    side.send(longer(first, 2), 0.0)
    side.instant([instant("startPause", "p")], 0.0)
    headers = max(m["headerId"] for m in sent(side) if "orderId" in m)  # type: ignore[type-var]
    again = fleet()
    again.restore(orjson.loads(orjson.dumps(side.snapshot())))
    again.tick(10.0)
    messages = sent(again)
    assert [m["orderUpdateId"] for m in messages if "orderId" in m] == [1]
    assert [m["headerId"] for m in messages if "orderId" in m] == [headers + 1]  # type: ignore[operator]
    assert [m["actions"][0]["actionId"] for m in messages if "actions" in m] == ["p"]  # type: ignore[index]
    speaker.side = again
    assert OrderConfirmed("o1", 1) in speaker.says(order_update_id=1, node_states=left(1, 2))


def test_a_robot_of_version_2_0_is_read():
    side = fleet()
    assert "StateChanged" in kinds(Robot(side, "2.0.0").says())


def test_both_sides_together():
    side, machine = fleet(), robot()
    machine.connected(0.0)
    ours, _ = deliver(side, machine, 0.0)
    assert kinds(ours)[:2] == ["ConnectionChanged", "FactsheetReceived"]
    side.send(new_order("o1", [way(0), way(1, hard("a"))]), 1.0)
    ours, theirs = deliver(side, machine, 1.0)
    assert kinds(theirs) == ["OrderAccepted"] and OrderConfirmed("o1", 0) in ours
    machine.start_edge(1)
    machine.reached_node(2)
    machine.action_state("a", ActionStatus.FINISHED, "tote 7")
    machine.tick(2.0)
    ours, _ = deliver(side, machine, 2.0)
    assert of(ours, OrderFinished) == [OrderFinished("o1", ())]
    assert of(ours, ActionChanged)[0].action.result == "tote 7"  # type: ignore[attr-defined]
