"""What 3.0 asks of a robot that 2.1 does not: orders, actions, modes, hibernation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.errors import Problem
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import BlockingType, DeviationEllipse, NodePosition
from robots.core.vda5050.orders import new_order
from robots.core.vda5050.reports import (
    ActionStatus,
    Error,
    ErrorLevel,
    Load,
    MapInfo,
    OperatingMode,
    PlannedPath,
    Reference,
    Translation,
    Waypoint,
)
from robots.core.vda5050.robot_instants import FULL, MOST
from tests.robots.core.vda5050.helpers import HARD, NONE, Sender, drive, hard, kinds, longer, order, started, way
from tests.robots.core.vda5050.helpers import robot as robot2
from tests.robots.core.vda5050.robot_helpers import LINE, NOW, Robot, of, zones

RUNNING, FINISHED, FAILED = ActionStatus.RUNNING, ActionStatus.FINISHED, ActionStatus.FAILED
SINGLE = BlockingType.SINGLE


# ---------------------------------------------------------------- topics and headers


def test_topics_and_headers_follow_the_version():
    three, two = Robot(), Robot("2.0.0")
    names = [topic.rsplit("/", 1)[1] for topic, _ in three.side.subscriptions()]
    assert names == ["order", "instantActions", "zoneSet", "responses"]
    assert all(topic.startswith("vda5050/v3/") for topic, _ in three.side.subscriptions())
    assert [t for t, _ in two.side.subscriptions()] == [
        "uagv/v2/yardmaster/ym-001/order",
        "uagv/v2/yardmaster/ym-001/instantActions",
    ]
    for machine, version in ((three, "3.0.0"), (two, "2.0.0")):
        machine.side.connected(NOW)
        machine.collect()
        assert {body["version"] for _, body in machine.sent} == {version}


def test_a_robot_of_3_0_does_not_take_a_2_1_order():
    machine = Robot()
    events = machine.side.receive(*Sender("2.1.0")(order(), "order"), NOW)  # type: ignore[arg-type]
    assert isinstance(events[0], Problem) and machine.errors() == [("VALIDATION_FAILURE", "WARNING")]


def test_zone_sets_and_responses_are_not_for_a_2_1_robot():
    side = robot2()
    (problem,) = side.receive("uagv/v2/yardmaster/ym-001/zoneSet", b"{}", NOW)
    assert isinstance(problem, Problem) and side.errors == []


def test_the_visualization_names_the_state_it_belongs_to():
    machine = Robot(visualization_interval=0.2)
    machine.side.tick(NOW)
    machine.side.set_loads((Load("t1"),))
    machine.tick(NOW + 1)
    seen = [(name, body) for name, body in machine.sent if name in ("state", "visualization")]
    assert [name for name, _ in seen] == ["state", "visualization"] * 2
    assert seen[3][1]["referenceStateHeaderId"] == seen[2][1]["headerId"] == 1


def test_paths_current_and_translations_are_told():
    machine = Robot(visualization_interval=0.2)
    order_way = PlannedPath(LINE, ("n1",))
    machine.side.set_paths(order_way, (Waypoint(0.0, 0.0, 0.0, timestamp(NOW)),))
    machine.side.set_battery(50.0, False, 24.5, -3.0)
    error = Error("coldMotor", ErrorLevel.URGENT, (), "cold", "wait", (Translation("de", "kalt"),))
    machine.side.add_error(error)
    machine.tick(NOW)
    for _, body in machine.sent:
        assert body["plannedPath"]["traversedNodes"] == ["n1"]  # type: ignore[index]
    state = machine.sent[0][1]
    assert state["powerSupply"]["batteryCurrent"] == -3.0  # type: ignore[index]
    assert state["errors"][0]["errorLevel"] == "URGENT"  # type: ignore[index]
    assert state["errors"][0]["errorDescriptionTranslations"] == [  # type: ignore[index]
        {"translationKey": "de", "translationValue": "kalt"}
    ]


# ---------------------------------------------------------------- orders


def test_each_refusal_has_its_own_type():
    machine = Robot()
    machine.side.set_maps((MapInfo("hall", "1", "ENABLED"), MapInfo("attic", "1", "DISABLED")))
    far = order("far")
    far = replace(far, nodes=(replace(far.nodes[0], position=NodePosition(9.0, 0.0, "hall")), *far.nodes[1:]))
    attic = order("attic")
    attic = replace(attic, nodes=(*attic.nodes[:2], replace(attic.nodes[2], position=NodePosition(2, 0, "attic"))))
    for message, expected in (
        (far, "START_NODE_OUT_OF_RANGE"),
        (attic, "UNKNOWN_MAP_ID"),
        (order("fly", actions=(hard("a", "fly"),)), "INVALID_ORDER_ACTION"),
        (replace(order("late"), order_update_id=3), "VALIDATION_FAILURE"),
    ):
        assert kinds(machine.hears(message)) == ["OrderRefused"]
        assert machine.state.errors[-1].error_type == expected
        assert machine.state.errors[-1].reference("orderId") == message.order_id
    assert kinds(machine.hears(order("o1"))) == ["OrderAccepted"] and machine.errors() == []
    machine.hears(order("o2"))
    assert machine.errors() == [("OTHER_ORDER_ACTIVE", "WARNING")]


def test_too_many_nodes_are_critical_and_do_not_hold_the_running_order():
    machine = Robot()
    first = order("o1")
    machine.hears(first)
    machine.hears(longer(first, *range(3, 80)))
    assert machine.errors() == [("UNSUPPORTED_PARAMETER", "CRITICAL")]
    target = machine.side.next_base_target()
    assert target is not None and target.may_drive


def test_the_same_update_with_another_body_is_refused_and_the_same_body_is_not():
    machine = Robot()
    machine.hears(order("o1", base=2))
    assert machine.hears(order("o1", base=2)) == [] and machine.errors() == []
    assert kinds(machine.hears(order("o1", base=3))) == ["OrderRefused"]
    assert machine.errors() == [("SAME_ORDER_UPDATE_ID", "WARNING")]
    assert len(machine.state.node_states) == 2
    again = machine.restarted()
    assert again.hears(order("o1", base=2)) == []
    assert kinds(again.hears(order("o1", base=3))) == ["OrderRefused"]


def test_2_1_ignores_another_body_under_known_ids():
    machine = Robot("2.1.0")
    machine.hears(order("o1", base=2))
    assert machine.hears(order("o1", base=3)) == [] and machine.errors() == []


@pytest.mark.parametrize("done", [False, True])
def test_no_update_after_a_cancel(done: bool):
    machine, first = Robot(), order("o1")
    machine.hears(first)
    machine.side.set_driving(True)
    machine.hears(instant("cancelOrder", "c", orderId="o1"))
    if done:
        machine.side.set_driving(False)
    assert kinds(machine.hears(longer(first, 3))) == ["OrderRefused"]
    assert machine.state.errors[-1].error_type == "ORDER_UPDATE_FOLLOWING_CANCEL"


@pytest.mark.parametrize(("x", "y", "reached"), [(1.9, 0.0, True), (0.0, 1.9, False), (0.0, 0.9, True)])
def test_the_deviation_is_an_ellipse(x: float, y: float, reached: bool):
    machine = Robot(node_tolerance=0.0)
    machine.side.set_pose(x, y, 0.0, "hall")
    wide = NodePosition(0.0, 0.0, "hall", allowed_deviation_xy=DeviationEllipse(2.0, 1.0, 0.0))
    first = order()
    events = machine.hears(replace(first, nodes=(replace(first.nodes[0], position=wide), *first.nodes[1:])))
    assert kinds(events) == ["OrderAccepted" if reached else "OrderRefused"]


def test_a_turned_ellipse():
    machine = Robot(node_tolerance=0.0)
    machine.side.set_pose(0.0, 1.9, 0.0, "hall")
    turned = NodePosition(0.0, 0.0, "hall", allowed_deviation_xy=DeviationEllipse(2.0, 1.0, 1.5708))
    first = order()
    events = machine.hears(replace(first, nodes=(replace(first.nodes[0], position=turned), *first.nodes[1:])))
    assert kinds(events) == ["OrderAccepted"]


# ---------------------------------------------------------------- error levels


def test_a_critical_error_of_this_order_holds_the_robot_and_a_new_order_frees_it():
    machine = Robot()
    machine.hears(order("o1"))
    refs = (Reference("orderId", "o1"), Reference("nodeId", "n1"))
    machine.side.add_error(Error("NODE_UNREACHABLE", ErrorLevel.CRITICAL, refs, "a pillar stands there"))
    target = machine.side.next_base_target()
    assert target is not None and target.blocked_by == ("a pillar stands there",)
    machine.hears(instant("cancelOrder", "c"), new_order("o2", [way(0), way(1)]))
    target = machine.side.next_base_target()
    assert machine.errors() == [] and target is not None and target.may_drive


@pytest.mark.parametrize("level", [ErrorLevel.WARNING, ErrorLevel.URGENT])
def test_lesser_errors_hold_nothing(level: ErrorLevel):
    machine = Robot()
    machine.side.add_error(Error("dirtyScanner", level))
    assert kinds(machine.hears(order())) == ["OrderAccepted"]
    target = machine.side.next_base_target()
    assert target is not None and target.may_drive


def test_a_robot_that_lost_its_place_says_so_and_takes_no_order():
    machine = Robot()
    machine.hears(order("o1"))
    machine.side.set_pose(0.0, 0.0, 0.0, "hall", localized=False)
    assert machine.errors() == [("LOCALIZATION_ERROR", "FATAL")] and machine.side.executing
    machine.hears(instant("cancelOrder", "c"), order("o2"))
    assert machine.state.errors[-1].error_type == "MOBILE_ROBOT_NOT_AVAILABLE"
    machine.side.set_pose(0.0, 0.0, 0.0, "hall")
    assert ("LOCALIZATION_ERROR", "FATAL") not in machine.errors()


# ---------------------------------------------------------------- actions


def test_instant_actions_have_a_list_of_their_own_until_it_is_cleared():
    machine = Robot()
    machine.hears(instant("stateRequest", "s"), order("o1", actions=(hard("a"),)))
    machine.hears(instant("logReport", "l", reason="r"))
    assert of(machine.state.action_states) == {"a": "WAITING"}
    assert of(machine.state.instant_action_states) == {"s": "FINISHED", "l": "INITIALIZING"}
    machine.hears(instant("clearInstantActions", "c"))
    assert of(machine.state.instant_action_states) == {"l": "INITIALIZING", "c": "FINISHED"}
    assert started(machine.hears(instant("stateRequest", "s"))) == []
    assert of(machine.state.instant_action_states)["s"] == "FINISHED"  # whoever asks again has missed the answer


def test_2_1_reports_all_actions_in_one_list():
    machine = Robot("2.1.0")
    machine.hears(instant("stateRequest", "s"), order("o1", actions=(hard("a"),)))
    machine.hears(instant("startCharging", "g"))
    assert of(machine.state.action_states) == {"a": "WAITING", "g": "INITIALIZING"}
    assert machine.state.instant_action_states == ()


def test_a_robot_whose_instant_actions_nobody_clears_complains_and_forgets_the_oldest():
    machine = Robot()
    for number in range(MOST + 20):
        machine.hears(instant("stateRequest", f"s{number}"))
        assert bool(machine.errors()) == (number >= FULL)
    assert machine.errors() == [("INSTANT_ACTION_STATES_FULL", "URGENT")]
    assert len(machine.state.instant_action_states) <= MOST + 1
    machine.hears(instant("clearInstantActions", "c"))
    assert machine.errors() == [] and len(machine.state.instant_action_states) == 1


def test_single_runs_alone_and_lets_the_robot_drive():
    machine = Robot()
    listed = (action("scan", "n", NONE), action("scan", "s", SINGLE), action("scan", "m", NONE))
    assert started(machine.hears(new_order("o1", [way(0, *listed), way(1)]))) == ["n"]
    assert started(machine.side.action_state("n", FINISHED)) == ["s"]
    target = machine.side.next_base_target()
    assert target is not None and target.may_drive
    assert started(machine.side.action_state("s", FINISHED)) == ["m"]


def retriable(action_id: str):
    return replace(hard(action_id), retriable=True)


def test_a_retriable_action_waits_for_a_retry_and_then_runs_again():
    machine = Robot()
    machine.hears(new_order("o1", [way(0, retriable("a")), way(1)]))
    machine.side.action_state("a", RUNNING)
    machine.side.action_state("a", FAILED, "it slipped")
    assert of(machine.state.action_states) == {"a": "RETRIABLE"}
    target = machine.side.next_base_target()
    assert target is not None and not target.may_drive
    again = machine.restarted()
    assert again.side.interrupted() == ()
    (event,) = again.hears(instant("retry", "r", actionId="a"))
    assert kinds([event]) == ["RetryAction"] and event.action.action_id == "a"  # type: ignore[attr-defined]
    assert of(again.state.action_states) == {"a": "INITIALIZING"}
    assert of(again.state.instant_action_states)["r"] == "FINISHED"
    again.side.action_state("a", RUNNING)
    again.side.action_state("a", FINISHED)
    drive(again.side)


def test_a_retry_may_be_skipped():
    machine = Robot()
    machine.hears(new_order("o1", [way(0, retriable("a"), hard("b"))]))
    machine.side.action_state("a", FAILED)
    assert started(machine.hears(instant("skipRetry", "k", actionId="a"))) == ["b"]
    assert of(machine.state.action_states) == {"a": "FAILED", "b": "INITIALIZING"}


@pytest.mark.parametrize("kind", ["retry", "skipRetry"])
def test_a_retry_of_what_does_not_wait_is_invalid(kind: str):
    machine = Robot()
    machine.hears(new_order("o1", [way(0, hard("a"))]), instant(kind, "r", actionId="a"))
    assert machine.errors() == [("INVALID_INSTANT_ACTION", "WARNING")]
    assert of(machine.state.instant_action_states) == {"r": "FAILED"}
    machine.hears(instant("stateRequest", "s"))
    assert machine.errors() == []


def test_a_failure_for_good_or_of_a_cancelled_order_is_no_retry():
    machine = Robot()
    machine.hears(new_order("o1", [way(0, retriable("a"))]))
    machine.side.action_state("a", FAILED, for_good=True)
    assert of(machine.state.action_states) == {"a": "FAILED"}
    machine.hears(new_order("o2", [way(0, retriable("b"))]))
    machine.side.action_state("b", FAILED)
    assert kinds(machine.hears(instant("cancelOrder", "c"))) == ["CancelRequested", "OrderCleared"]
    assert of(machine.state.action_states) == {"b": "FAILED"}


def test_a_trigger_releases_the_open_wait():
    machine = Robot()
    waits = (
        action("waitForTrigger", "l", SINGLE, triggerType=["LOCAL"]),
        action("waitForTrigger", "f", HARD, triggerType=["FLEET_CONTROL"]),
    )
    machine.hears(new_order("o1", [way(0, *waits), way(1)]))
    machine.hears(instant("trigger", "t0"))
    assert of(machine.state.instant_action_states) == {"t0": "FAILED"}  # only the local one is open
    assert started(machine.side.action_state("l", FINISHED)) == ["f"]
    machine.side.action_state("f", RUNNING)
    assert kinds(machine.hears(instant("trigger", "t1"))) == ["TriggerReceived"]
    assert of(machine.state.action_states) == {"l": "FINISHED", "f": "FINISHED"}
    drive(machine.side)


def test_what_the_protocol_does_by_itself_works_on_a_node_too():
    machine = Robot()
    machine.hears(zones("z1"), instant("stateRequest", "s"))
    listed = (action("enableZoneSet", "e", HARD, zoneSetId="z1"), action("clearInstantActions", "c", HARD), hard("p"))
    assert started(machine.hears(new_order("o1", [way(0, *listed)]))) == ["p"]
    assert of(machine.state.action_states) == {"e": "FINISHED", "c": "FINISHED", "p": "INITIALIZING"}
    assert machine.state.zone_sets[0].status == "ENABLED" and machine.state.instant_action_states == ()


def test_names_of_actions_follow_the_version():
    for version, name in (("2.1.0", "initPosition"), ("3.0.0", "initializePosition")):
        machine = Robot(version)
        values = {"x": 1.0, "y": 0.0, "theta": 0.0, "mapId": "hall", "lastNodeId": "n1"}
        (event,) = machine.hears(instant(name, "i", **values))
        assert event.action.action_type == "initializePosition"  # type: ignore[attr-defined]
        states = (*machine.state.action_states, *machine.state.instant_action_states)
        assert [s.action_type for s in states] == [name]
        machine.side.connected(NOW)
        machine.collect()
        assert f'"{name}"' in str(dict(machine.sent)["factsheet"]).replace("'", '"')


# ---------------------------------------------------------------- modes


def test_intervened_keeps_the_order_takes_updates_and_starts_nothing():
    machine, first = Robot(), new_order("o1", [way(0), way(1, action("scan", "a", NONE))])
    machine.hears(first)
    assert machine.side.set_operating_mode(OperatingMode.INTERVENED) == []
    target = machine.side.next_base_target()
    assert target is not None and not target.may_drive
    assert kinds(machine.hears(longer(first, 2))) == ["BaseExtended"]
    assert machine.side.reached_node(2) == []  # a person pushed it over the node
    machine.hears(instant("startCharging", "g"))
    assert machine.errors() == [("INVALID_INSTANT_ACTION", "WARNING")]
    assert started(list(machine.side.set_operating_mode(OperatingMode.AUTOMATIC))) == ["a"]
    machine.side.action_state("a", FINISHED)
    drive(machine.side)


def test_intervened_takes_a_cancel():
    machine = Robot()
    machine.hears(order("o1"))
    machine.side.set_operating_mode(OperatingMode.INTERVENED)
    assert "OrderCleared" in kinds(machine.hears(instant("cancelOrder", "c")))


@pytest.mark.parametrize("mode", [OperatingMode.STARTUP, OperatingMode.SERVICE, OperatingMode.TEACH_IN])
def test_modes_without_fleet_control_forget_the_last_node(mode: OperatingMode):
    machine = Robot()
    machine.hears(order("o1"))
    assert kinds(list(machine.side.set_operating_mode(mode))) == ["OrderCleared"]
    assert machine.state.last_node_id == "" and machine.state.operating_mode is mode
    assert kinds(machine.hears(order("o2"))) == ["OrderRefused"]
    assert machine.errors() == [("MOBILE_ROBOT_NOT_AVAILABLE", "WARNING")]
    machine.side.set_operating_mode(OperatingMode.AUTOMATIC)
    assert machine.errors() == [] and kinds(machine.hears(order("o3"))) == ["OrderAccepted"]


def test_manual_mode_keeps_the_last_node():
    machine = Robot()
    machine.hears(order("o1"))
    machine.side.set_operating_mode(OperatingMode.MANUAL)
    assert machine.state.last_node_id == "n0" and machine.state.node_states == ()


# ---------------------------------------------------------------- hibernation and shutdown


def test_hibernation_ends_the_order_and_then_the_states():
    machine = Robot(state_interval=1.0)
    machine.hears(new_order("o1", [way(0, hard("a")), way(1)]))
    machine.side.action_state("a", RUNNING)
    machine.topics()
    events = machine.hears(instant("startHibernation", "h"))
    assert kinds(events) == ["HibernationRequested", "CancelRequested"]
    assert of(machine.state.instant_action_states) == {"h": "RUNNING"} and machine.topics() == ["state"]
    assert kinds(machine.hears(order("o2"))) == ["OrderRefused"]
    machine.topics()
    assert kinds(list(machine.side.action_state("a", FAILED))) == ["OrderCleared"]
    machine.tick(NOW + 1)
    assert [name for name, _ in machine.sent] == ["state", "connection"]
    assert machine.sent[0][1]["instantActionStates"][0]["actionStatus"] == "FINISHED"  # type: ignore[index]
    assert machine.sent[1][1]["connectionState"] == "HIBERNATING"
    machine.topics()
    assert machine.state.node_states == () and machine.state.order_id == "o1"
    # asleep: nothing is answered but the waking
    assert machine.hears(order("o3"), instant("stateRequest", "s")) == []
    assert machine.tick(NOW + 100) == [] and machine.topics() == []
    asleep = machine.restarted()
    asleep.side.connected(NOW)
    asleep.collect()
    assert [body["connectionState"] for _, body in asleep.sent] == ["HIBERNATING"]
    for sleeper in (machine, asleep):
        sleeper.topics()
        assert kinds(sleeper.hears(instant("stopHibernation", "w"))) == ["WakeUpRequested"]
        assert [name for name, _ in sleeper.sent] == ["connection", "state"]
        assert sleeper.sent[0][1]["connectionState"] == "ONLINE"
        assert kinds(sleeper.hears(new_order("o4", [way(0)]))) == ["OrderAccepted"]


def test_a_robot_wakes_at_the_time_it_was_told():
    machine = Robot()
    machine.hears(instant("startHibernation", "h", wakeUpTime=timestamp(NOW + 60)))
    machine.topics()
    assert machine.tick(NOW + 59) == [] and machine.topics() == []
    assert kinds(machine.tick(NOW + 60)) == ["WakeUpRequested"] and machine.topics() == ["connection", "state"]


def test_a_hibernation_that_has_not_begun_is_taken_back():
    machine = Robot()
    machine.side.set_driving(True)
    machine.hears(instant("startHibernation", "h"), instant("stopHibernation", "w"))
    assert of(machine.state.instant_action_states) == {"h": "FAILED", "w": "FINISHED"}
    machine.side.set_driving(False)
    machine.topics()
    machine.side.set_loads(())
    machine.tick(NOW)
    assert "state" in machine.topics()


def test_only_an_idle_robot_is_shut_down():
    machine = Robot()
    machine.hears(order("o1"), instant("shutdown", "x"))
    assert machine.errors() == [("INVALID_INSTANT_ACTION", "WARNING")]
    machine.hears(instant("cancelOrder", "c"))
    machine.topics()
    assert kinds(machine.hears(instant("shutdown", "y"))) == ["ShutdownRequested"]
    assert [name for name, _ in machine.sent] == ["state", "connection"]
    assert machine.sent[1][1]["connectionState"] == "OFFLINE"
    machine.topics()
    machine.hears(instant("stopHibernation", "w"), order("o2"))
    machine.tick(NOW + 100)
    assert machine.topics() == []
    machine.side.connected(NOW + 200)  # somebody switched it on again
    machine.collect()
    assert machine.topics() == ["connection", "factsheet", "state"]
