"""The robot's half: driving and actions, instant actions, modes, restart."""

from __future__ import annotations

import pytest

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.codec import encode_body
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.orders import new_order
from robots.core.vda5050.reports import ActionStatus, EmergencyStop, OperatingMode
from tests.robots.core.vda5050.helpers import (
    HARD,
    NONE,
    SOFT,
    Sender,
    drive,
    give,
    hard,
    kinds,
    longer,
    order,
    refused,
    robot,
    started,
    states,
    statuses,
    way,
)

RUNNING, FINISHED, FAILED, WAITING = (
    ActionStatus.RUNNING,
    ActionStatus.FINISHED,
    ActionStatus.FAILED,
    ActionStatus.WAITING,
)


# ---------------------------------------------------------------- driving and actions


def test_hard_actions_run_one_after_the_other_and_hold_the_robot():
    side = robot()
    give(side, new_order("o1", [way(0), way(1, hard("a"), hard("b", "drop")), way(2)]))
    target = side.next_base_target()
    assert target is not None and target.must_stop and not target.end_of_base
    side.set_driving(True)
    assert started(drive(side)) == []  # still rolling
    assert started(side.set_driving(False)) == ["a"]
    blocked = side.next_base_target()
    assert blocked is not None and not blocked.may_drive and "action a" in blocked.blocked_by
    with pytest.raises(LocalProtocolError, match="may not be entered"):
        side.start_edge(blocked.edge.sequence_id)
    assert started(side.action_state("a", RUNNING)) == []
    assert started(side.action_state("a", FINISHED, "tote 7")) == ["b"]
    side.action_state("b", FINISHED)
    drive(side)
    assert not side.executing


@pytest.mark.parametrize(
    ("types", "first", "drives"),
    [
        ((NONE, NONE), ["0", "1"], True),
        ((SOFT, NONE), ["0", "1"], False),
        ((SOFT, SOFT), ["0", "1"], False),
        ((HARD, NONE), ["0"], False),
        ((NONE, HARD), ["0"], False),
        ((NONE, HARD, NONE), ["0"], False),
    ],
)
def test_blocking_types(types: tuple, first: list[str], drives: bool):
    side = robot()
    listed = tuple(action("scan", str(i), kind) for i, kind in enumerate(types))
    assert started(give(side, new_order("o1", [way(0, *listed), way(1)]))) == first
    target = side.next_base_target()
    assert target is not None and target.may_drive is drives


def test_edge_actions_begin_on_the_edge_and_end_with_it():
    side = robot()
    on_edge = (action("scan", "e1", NONE), action("inspect", "e2", HARD))
    give(side, new_order("o1", [way(0), way(1, on_edge=on_edge), way(2)]))
    assert started(side.start_edge(1)) == ["e1"]
    assert not side.next_base_target().may_drive  # type: ignore[union-attr]
    events = side.reached_node(2)
    assert kinds(list(events)) == ["StopAction"]
    assert statuses(side) == {"e1": ActionStatus.INITIALIZING, "e2": FAILED}
    side.action_state("e1", FINISHED)


def test_a_missed_node_report_is_made_up_for():
    side = robot()
    give(side, new_order("o1", [way(0), way(1, action("scan", "a", NONE)), way(2)]))
    side.start_edge(1)
    assert started(side.reached_node(4)) == ["a"]
    assert side.state().last_node_sequence_id == 4
    assert side.reached_node(4) == [] and side.reached_node(2) == []


def test_the_driver_cannot_leave_the_base():
    side = robot()
    give(side, order(base=1, horizon=1))
    with pytest.raises(LocalProtocolError, match="not a released node"):
        side.reached_node(4)
    with pytest.raises(LocalProtocolError, match="next released edge"):
        side.start_edge(3)
    with pytest.raises(LocalProtocolError, match="no action"):
        side.action_state("nope", RUNNING)


def test_a_final_action_stays_and_an_impossible_change_raises():
    side = robot()
    give(side, new_order("o1", [way(0, hard("a"))]))
    side.action_state("a", RUNNING)
    with pytest.raises(LocalProtocolError, match="cannot go"):
        side.action_state("a", WAITING)
    side.action_state("a", FAILED, "slipped")
    side.action_state("a", FINISHED)
    assert statuses(side)["a"] is FAILED


@pytest.mark.parametrize(
    "hinder",
    [
        lambda s: s.set_safety(EmergencyStop.MANUAL, False),
        lambda s: s.set_safety(EmergencyStop.NONE, True),
        lambda s: s.set_paused(True),
        lambda s: s.set_pose(0, 0, 0, "hall", localized=False),
    ],
)
def test_what_hinders_driving_is_named(hinder):
    side = robot()
    give(side, order())
    hinder(side)
    target = side.next_base_target()
    assert target is not None and not target.may_drive and target.blocked_by


# ---------------------------------------------------------------- instant actions


def test_cancel_waits_for_running_actions_and_keeps_the_ids():
    side = robot()
    give(side, new_order("o1", [way(0, hard("a"), hard("b")), way(1)]))
    side.action_state("a", RUNNING)
    events = give(side, instant("cancelOrder", "c"))
    assert kinds(events) == ["CancelRequested"] and events[0].running == ("a",)  # type: ignore[attr-defined]
    assert statuses(side) == {"a": RUNNING, "b": FAILED, "c": RUNNING}
    assert refused(side, new_order("o2", [way(0)]))[0] == "orderError"
    assert kinds(list(side.action_state("a", FINISHED))) == ["OrderCleared"]
    state = side.state()
    assert (state.order_id, state.node_states, statuses(side)["c"]) == ("o1", (), FINISHED)
    assert kinds(give(side, new_order("o2", [way(0)]))) == ["OrderAccepted"]


def test_cancel_waits_for_the_robot_to_stand_and_no_update_revives_the_order():
    side, first = robot(), order(base=2)
    give(side, first)
    side.start_edge(1)
    side.set_driving(True)
    give(side, instant("cancelOrder", "c"))
    assert statuses(side)["c"] is RUNNING
    assert kinds(list(side.set_driving(False))) == ["OrderCleared"]
    assert refused(side, longer(first, 3))[0] == "orderUpdateError"
    assert give(side, first) == []
    assert side.next_base_target() is None


@pytest.mark.parametrize("prepare", [lambda s: None, lambda s: give(s, new_order("o1", [way(0)]))])
def test_cancel_of_nothing_fails_and_says_so(prepare):
    side = robot()
    prepare(side)
    give(side, instant("cancelOrder", "c"))
    error = side.state().errors[-1]
    assert (error.error_type, error.reference("actionId")) == ("noOrderToCancel", "c")
    assert statuses(side)["c"] is FAILED


def test_cancel_of_another_order_fails():
    side = robot()
    give(side, order("o1"))
    give(side, instant("cancelOrder", "c", orderId="o9"))
    assert statuses(side)["c"] is FAILED and side.executing


def test_pause_is_finished_when_the_robot_stands():
    side = robot()
    give(side, order())
    side.set_driving(True)
    assert kinds(give(side, instant("startPause", "p"))) == ["PauseRequested"]
    assert statuses(side)["p"] is RUNNING and not side.paused
    assert not side.next_base_target().may_drive  # type: ignore[union-attr]
    side.set_driving(False)
    assert side.paused and statuses(side)["p"] is FINISHED
    assert kinds(give(side, instant("stopPause", "r"))) == ["ResumeRequested"]
    assert not side.paused and side.next_base_target().may_drive  # type: ignore[union-attr]


def test_an_instant_action_runs_once_even_after_a_new_order_dropped_its_state():
    side, again = robot(), instant("startCharging", "i")
    assert started(give(side, again)) == ["i"]
    side.action_state("i", FINISHED)
    give(side, order())
    assert "i" not in statuses(side)
    assert give(side, again) == []
    assert statuses(side)["i"] is FINISHED  # who asks again has missed the answer


def test_an_unknown_instant_action_fails_with_its_id():
    side = robot()
    give(side, instant("selfDestruct", "x"))
    assert statuses(side)["x"] is FAILED
    assert side.state().errors[-1].reference("actionId") == "x"


def test_requests_are_answered():
    side = robot()
    side.data_to_send()
    assert kinds(give(side, instant("stateRequest", "s"))) == ["StateRequested"]
    give(side, instant("factsheetRequest", "f"))
    topics = [topic.rsplit("/", 1)[1] for topic, *_ in side.data_to_send()]
    assert topics.count("factsheet") == 1 and topics.count("state") == 2


def test_instant_states_do_not_grow_without_end():
    side, sender = robot(), Sender()
    for number in range(200):
        give(side, instant("stateRequest", f"s{number}"), sender)
    assert len(side.state().action_states) <= 33


def test_refusals_do_not_grow_without_end():
    side, sender = robot(), Sender()
    for number in range(100):
        give(side, order(f"x{number}", actions=(hard("a", "fly"),)), sender)
    assert len(side.state().errors) == 20


# ---------------------------------------------------------------- modes, time, restart


def test_leaving_automatic_clears_the_order():
    side = robot()
    give(side, new_order("o1", [way(0, hard("a"), hard("b")), way(1)]))
    side.action_state("a", RUNNING)
    (event,) = side.set_operating_mode(OperatingMode.MANUAL)
    assert kinds([event]) == ["OrderCleared"] and event.abandoned == ("a",)  # type: ignore[union-attr]
    state = side.state()
    assert (state.order_id, state.node_states) == ("o1", ()) and set(statuses(side).values()) == {FAILED}
    assert side.set_operating_mode(OperatingMode.AUTOMATIC) == []
    assert kinds(give(side, order("o2"))) == ["OrderAccepted"]


def test_semiautomatic_keeps_the_order():
    side = robot()
    give(side, order())
    assert side.set_operating_mode(OperatingMode.SEMIAUTOMATIC) == [] and side.executing


def test_state_leaves_on_events_and_in_the_interval():
    side = robot(state_interval=30.0)
    side.tick(0.0)
    assert len(states(side)) == 1
    side.tick(10.0)
    side.set_pose(1.0, 0.0, 0.0, "hall")
    side.tick(20.0)
    assert states(side) == []
    side.set_loads(())
    side.set_battery(50.0, True)
    side.tick(21.0)
    (sent,) = states(side)
    assert sent["loads"] == [] and sent["batteryState"]["charging"] is True  # type: ignore[index]
    side.tick(50.9)
    assert states(side) == []
    side.tick(51.0)
    assert len(states(side)) == 1
    side.tick(5.0)  # a clock set back must not silence the robot
    assert len(states(side)) == 1


def test_visualization_follows_its_own_rate():
    side = robot(visualization_interval=0.2)
    for tenth in range(11):
        side.tick(tenth / 10)
    topics = [topic.rsplit("/", 1)[1] for topic, *_ in side.data_to_send()]
    assert topics.count("visualization") in (5, 6)


def test_connection_messages():
    side = robot()
    topic, payload, qos, retain = side.will(0.0)
    assert topic.endswith("/connection") and b"CONNECTIONBROKEN" in payload and (qos, retain) == (1, True)
    side.connected(0.0)
    sent = side.data_to_send()
    assert [t.rsplit("/", 1)[1] for t, *_ in sent] == ["connection", "factsheet", "state"]
    assert b"ONLINE" in sent[0][1] and sent[0][2:] == (1, True)
    side.disconnecting(1.0)
    assert b"OFFLINE" in side.data_to_send()[0][1]


def test_a_restarted_robot_goes_on_and_never_starts_an_action_twice():
    side = robot()
    give(side, new_order("o1", [way(0), way(1, hard("a"), hard("b")), way(2)]))
    drive(side)
    side.action_state("a", RUNNING)
    again = robot()
    again.restore(side.snapshot())
    assert [e.action.action_id for e in again.interrupted()] == ["a"]
    assert again.tick(1.0) == []
    assert encode_body(again.state()) == encode_body(side.state())
    assert started(again.action_state("a", FINISHED)) == ["b"]
    third = robot()
    third.restore(again.snapshot())
    third.action_state("b", FINISHED)
    drive(third)
    assert not third.executing
    assert give(third, new_order("o1", [way(0)])) == []


def test_a_restart_in_the_middle_of_a_cancel_ends_it():
    side = robot()
    give(side, order())
    side.start_edge(1)
    side.set_driving(True)
    give(side, instant("cancelOrder", "c"))
    again = robot()
    again.restore(side.snapshot())
    assert kinds(list(again.tick(1.0))) == ["OrderCleared"]
    assert statuses(again)["c"] is FINISHED
