"""Faults of robots (traffic design 5.6): nothing is freed without evidence, others are led round, a person is told."""

from __future__ import annotations

from typing import Any

import pytest

from missions.models import Mission
from robots.models import Robot, RobotState
from tests.missions.floor import NOON, Fleet, make_site
from tests.missions.test_dispatcher import ask, dispatch
from tests.missions.test_floor_live import ended
from tests.missions.underway import MOVE, away_from, under_way

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def base(fleet: Fleet, serial: str) -> list[str]:
    return fleet.dispatcher.floor.base(serial)


def cancels(fleet: Fleet, serial: str) -> list[str]:
    actions = [a for i in fleet.instants if i["serial"] == serial for a in i["actions"]]
    return [a["actionId"] for a in actions if a["actionType"] == "cancelOrder"]


# --- late ---


def test_a_robot_that_does_not_move_on_is_led_round_told_and_forgiven(fleet: Fleet) -> None:
    _, state = under_way(fleet)
    before = base(fleet, "R-01")
    assert len(before) > 1
    fleet.turn(60)
    assert ("R-01", "late") in fleet.alarms()
    assert fleet.dispatcher.floor.traffic.robots["R-01"].busy == "late"
    assert base(fleet, "R-01") == before, "what is released stays released"
    other = dispatch(fleet, {"steps": [{"op": "move", "at": "dock-1"}]})
    assert ended(fleet, other) == "completed"
    fleet.stands_at("R-01", before[1], last_node_sequence_id=state.last_node_sequence_id + 2, node_states=[])
    fleet.turn()
    assert ("R-01", "late") not in fleet.alarms()
    assert not fleet.dispatcher.floor.held("R-01")


def test_no_time_runs_for_a_robot_that_acts_or_is_paused(fleet: Fleet) -> None:
    under_way(fleet)
    fleet.says("R-01", paused=True)
    fleet.turn(60)
    acting = {"action_id": "a", "action_type": "stopCharging", "status": "RUNNING", "result": ""}
    fleet.says("R-01", paused=False, action_states=[acting])
    fleet.turn(60)
    assert ("R-01", "late") not in fleet.alarms()


# --- bad ways ---


def test_a_critical_robot_is_cancelled_and_keeps_all_until_it_has_answered(fleet: Fleet) -> None:
    mission, state = under_way(fleet)
    held = fleet.holds("R-01")
    fleet.says("R-01", errors=[{"type": "driveError", "level": "CRITICAL", "description": "drive overheated"}])
    fleet.turn(3)
    (asked,) = cancels(fleet, "R-01")
    assert asked.startswith(state.order_id)
    fleet.says("R-01", node_states=[])
    fleet.turn(3)
    assert fleet.holds("R-01") == held, "standing is not yet the end of the order"
    answer = {"action_id": asked, "action_type": "cancelOrder", "status": "FINISHED", "result": ""}
    fleet.says("R-01", action_states=[answer])
    fleet.turn(2)
    assert base(fleet, "R-01") == [state.last_node_id]
    mission.refresh_from_db()
    assert mission.state == "failing"
    assert "drive overheated" in mission.reason


def test_a_fatal_robot_keeps_its_order_and_waits_for_a_person(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    held = fleet.holds("R-01")
    fleet.says("R-01", errors=[{"type": "mast", "level": "FATAL", "description": "mast stuck"}])
    fleet.turn(60)
    assert not cancels(fleet, "R-01")
    assert fleet.holds("R-01") == held
    mission.refresh_from_db()
    assert (mission.state, "mast stuck" in mission.reason) == ("waiting", True)


def test_a_refused_update_is_cancelled_and_frees_only_what_lies_ahead(fleet: Fleet) -> None:
    mission, state = under_way(fleet)
    link = {"order": {"order_id": state.order_id, "order_update_id": 1, "state": "rejected", "text": "no"}}
    fleet.says("R-01", link=link)
    fleet.turn(2)
    (asked,) = cancels(fleet, "R-01")
    before = base(fleet, "R-01")
    assert len(before) > 1
    answer = {"action_id": asked, "action_type": "cancelOrder", "status": "FINISHED", "result": ""}
    fleet.says("R-01", node_states=[], action_states=[answer])
    fleet.deaf.clear()
    fleet.turn()
    assert f"node:{state.last_node_id}" in fleet.holds("R-01")
    fleet.says("R-01", link={})
    assert ended(fleet, mission) == "completed"


def test_the_order_of_an_idle_robot_in_a_bad_way_is_cancelled_too(fleet: Fleet) -> None:
    first = dispatch(fleet, {**MOVE, "robot": "R-01"})
    assert ended(fleet, first) == "completed"
    fleet.deaf.add("R-01")
    for _ in range(20):
        fleet.turn()
        if len(base(fleet, "R-01")) > 1:
            break
    order = fleet.dispatcher.floor.orders["R-01"]
    ahead = [{"node_id": base(fleet, "R-01")[1], "sequence_id": 2, "released": True}]
    fleet.says("R-01", order_id=order.order_id, last_node_sequence_id=0, node_states=ahead)
    fleet.says("R-01", errors=[{"type": "driveError", "level": "CRITICAL", "description": "hot"}], action_states=[])
    fleet.turn(3)
    assert cancels(fleet, "R-01") == [f"{order.order_id}.cancel1"]
    fleet.says("R-01", node_states=[])
    fleet.turn(2)
    assert len(base(fleet, "R-01")) > 1
    answer = {"action_id": f"{order.order_id}.cancel1", "status": "FINISHED", "result": ""}
    fleet.says("R-01", action_states=[answer])
    fleet.turn(2)
    assert len(base(fleet, "R-01")) == 1


# --- where nothing was released ---


def test_a_robot_moved_by_hand_is_told_of_and_comes_back_where_it_stands(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    held, elsewhere = fleet.holds("R-01"), away_from(fleet, "R-01", "R-02", "R-03")
    fleet.says("R-01", operating_mode="MANUAL", node_states=[])
    fleet.turn()
    fleet.stands_at("R-01", elsewhere)
    fleet.turn(2)
    assert elsewhere in fleet.record()["misplaced"]["R-01"]
    assert "R-01" in fleet.alarms()["R-01", "misplaced"]
    assert fleet.holds("R-01") == held, "what it was released may still be where it is going"
    fleet.says("R-01", operating_mode="AUTOMATIC")
    fleet.deaf.clear()
    fleet.turn()
    assert base(fleet, "R-01")[0] == elsewhere
    assert not fleet.record()["misplaced"]
    assert ended(fleet, mission) == "completed"
    assert fleet.alarms() == {}


def test_a_robot_back_in_automatic_on_a_place_of_another_stays_out(fleet: Fleet) -> None:
    under_way(fleet)
    taken = base(fleet, "R-02")[0]
    fleet.says("R-01", operating_mode="MANUAL", node_states=[])
    fleet.stands_at("R-01", taken)
    fleet.turn()
    fleet.says("R-01", operating_mode="AUTOMATIC")
    fleet.turn(3)
    alarms = fleet.alarms()
    assert "R-02" in alarms["R-01", "misplaced"]
    assert "R-01 stands" in alarms["R-02", "conflict"]
    assert fleet.dispatcher.floor.held("R-01")
    assert base(fleet, "R-02") == [taken]


def test_a_robot_beside_the_roads_says_what_to_do(fleet: Fleet) -> None:
    under_way(fleet)
    fleet.says("R-01", operating_mode="AUTOMATIC", x=-40.0, y=-40.0, node_states=[])
    fleet.turn(2)
    assert "onto a node" in fleet.alarms()["R-01", "misplaced"]
    assert fleet.record()["misplaced"]["R-01"] == []


def test_a_robot_with_an_order_that_nobody_sent_owns_what_it_lists(fleet: Fleet) -> None:
    fleet.turn()
    strange = away_from(fleet, "R-01", "R-02", "R-03")
    listed = [{"node_id": strange, "sequence_id": 2, "released": True}]
    fleet.says("R-01", order_id="theirs", node_states=listed)
    fleet.turn()
    assert fleet.record()["misplaced"]["R-01"] == [strange]
    assert "was not released here" in fleet.alarms()["R-01", "misplaced"]
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    fleet.turn(3)
    mission.refresh_from_db()
    assert mission.state == "queued"


def test_a_new_robot_on_the_way_of_another_stops_that_one(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    ahead = base(fleet, "R-01")[-1]
    kind = Robot.objects.first()
    assert kind is not None
    new = Robot.objects.create(
        site=fleet.site, type=kind.type, serial="R-99", manufacturer="yardmaster", name="R-99", live_index=99
    )
    RobotState.objects.create(robot=new, connection="online", state_at=NOON, operating_mode="AUTOMATIC", loads=[])
    fleet.stands_at("R-99", ahead, localized=True, battery=80.0)
    fleet.turn(3)
    alarms = fleet.alarms()
    assert "R-99 is not admitted" in alarms["R-99", "misplaced"]
    assert "R-99 stands on the way" in alarms["R-01", "conflict"]
    before = base(fleet, "R-01")
    fleet.deaf.clear()
    fleet.turn(5)
    assert base(fleet, "R-01") == before, "nothing more is released to it"
    fleet.stands_at("R-99", away_from(fleet, "R-01", "R-02", "R-03"))
    fleet.turn(2)
    assert fleet.dispatcher.floor.known("R-99")
    follow(fleet, "R-01")
    assert ended(fleet, mission) == "completed"


def follow(fleet: Fleet, serial: str) -> None:
    """The robot drives what was released to it while it did not hear."""
    state = RobotState.objects.get(robot__serial=serial)
    end = fleet.dispatcher.floor.traffic.robots[serial]
    sequence = end.first + 2 * (len(end.base) - 1)
    fleet.stands_at(serial, base(fleet, serial)[-1], last_node_sequence_id=sequence, node_states=[])
    assert state.order_id == end.order_id


# --- obstacles ---


def test_what_stands_in_a_robots_way_is_closed_for_others_for_a_while(fleet: Fleet) -> None:
    under_way(fleet)
    first, second = base(fleet, "R-01")[:2]
    error: dict[str, Any] = {"type": "pathBlocked", "level": "WARNING", "description": "something stands in the way"}
    fleet.says("R-01", errors=[{**error, "references": [{"key": "reason", "value": "person"}]}])
    fleet.turn()
    assert fleet.record()["blocks"] == {}, "a person walks on"
    fleet.says("R-01", errors=[{**error, "references": [{"key": "reason", "value": "obstacle"}]}])
    fleet.turn()
    road = fleet.dispatcher.floor.traffic.road
    edge = road.edge_names[road.edge_of[road.index[first], road.index[second]]]
    assert list(fleet.record()["blocks"]) == [edge]
    assert fleet.record()["blocks"][edge]["by"] == "R-01"
    fleet.says("R-01", errors=[])
    fleet.turn(65)
    assert fleet.record()["blocks"] == {}


def test_a_place_named_by_the_robot_is_what_is_blocked(fleet: Fleet) -> None:
    fleet.turn()
    place = away_from(fleet, "R-01")
    references = [{"key": "nodeId", "value": place}]
    fleet.says("R-01", errors=[{"type": "obstacleDetected", "level": "WARNING", "references": references}])
    fleet.turn()
    assert list(fleet.record()["blocks"]) == [place]


def test_a_mission_on_a_robot_out_of_place_can_be_given_to_another(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    fleet.says("R-01", operating_mode="MANUAL", node_states=[])
    fleet.stands_at("R-01", away_from(fleet, "R-01", "R-02", "R-03"))
    fleet.turn(7)
    mission.refresh_from_db()
    assert mission.state == "waiting"
    assert "not where it was released to" in mission.reason
    fleet.deaf.clear()
    ask(fleet, mission, "reassign")
    done: Mission = mission
    assert ended(fleet, done) == "completed"
    assert done.robot is not None and done.robot.serial != "R-01"


def test_a_position_that_comes_after_its_node_is_no_straying(fleet: Fleet) -> None:
    """Robots report a node as traversed before their position has followed; only what they repeat is believed."""
    fleet.turn()
    here = fleet.dispatcher.floor.layout.node(base(fleet, "R-01")[0])
    fleet.says("R-01", x=here.x + 2.2, y=here.y)
    fleet.turn()
    assert fleet.record()["misplaced"] == {}
    fleet.says("R-01", x=here.x, y=here.y)
    fleet.turn(3)
    assert (fleet.record()["misplaced"], fleet.alarms()) == ({}, {})
    fleet.says("R-01", x=here.x + 1.1, y=here.y + 1.1)
    fleet.turn(3)
    assert "R-01" in fleet.record()["misplaced"]


def test_a_stray_is_not_admitted_while_an_order_is_on_its_way_to_it(fleet: Fleet) -> None:
    _, state = under_way(fleet)
    held = fleet.holds("R-01")
    word = {"order_id": state.order_id, "order_update_id": state.order_update_id, "state": "sent", "text": ""}
    fleet.says("R-01", link={"order": word}, node_states=[])
    fleet.stands_at("R-01", away_from(fleet, "R-01", "R-02", "R-03"))
    fleet.turn(4)
    assert "R-01" in fleet.record()["misplaced"]
    assert fleet.holds("R-01") == held, "it may yet drive what it was sent"
