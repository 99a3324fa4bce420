"""The floor stays live: what robots refuse, lose or are stopped in the middle of never holds up a mission for ever."""

from __future__ import annotations

from typing import Any

import pytest

from missions import apply
from missions.models import Mission
from robots.models import Robot, RobotState
from tests.missions.floor import Fleet, make_site
from tests.missions.test_dispatcher import ask, dispatch

pytestmark = pytest.mark.django_db

MOVE: dict[str, Any] = {"steps": [{"op": "move", "at": "pack-1"}]}


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def ended(fleet: Fleet, mission: Mission, cycles: int = 150) -> str:
    for _ in range(cycles):
        fleet.turn()
        mission.refresh_from_db()
        if mission.state in ("completed", "failed", "cancelled"):
            break
    return mission.state


def orders(fleet: Fleet, serial: str) -> list[dict[str, Any]]:
    return [o for o in fleet.orders if o["serial"] == serial]


def underway(fleet: Fleet, mission: Mission) -> RobotState:
    """The robot of `mission` has its first order, and stands half-way to the second node."""
    fleet.turn()
    mission.refresh_from_db()
    assert mission.robot is not None
    serial = mission.robot.serial
    fleet.deaf.add(serial)
    for _ in range(30):
        before = fleet.dispatcher.floor.orders.get(serial)
        if before is not None and before.order_id.startswith("att_") and len(before.nodes) > 1:
            break
        fleet.turn()
    order = fleet.dispatcher.floor.orders[serial]
    first, second = order.nodes[0], order.nodes[1]
    assert first.position is not None
    assert second.position is not None
    state = RobotState.objects.get(robot=mission.robot)
    state.order_id, state.order_update_id = order.order_id, order.order_update_id
    state.last_node_id, state.last_node_sequence_id = first.node_id, first.sequence_id
    state.node_states = [{"node_id": second.node_id, "sequence_id": 2, "released": True}]
    state.x = (first.position.x + second.position.x) / 2
    state.y = (first.position.y + second.position.y) / 2
    state.driving, state.action_states = True, []
    state.save()
    return state


def stopped(state: RobotState) -> None:
    """It stands and has answered to a cancel, if there was one."""
    state.refresh_from_db()
    state.driving, state.node_states = False, []
    done = {"action_id": f"{state.order_id}.cancel1", "action_type": "cancelOrder", "status": "FINISHED", "result": ""}
    state.action_states = [done]
    state.save()


def test_a_robot_cancelled_between_two_nodes_takes_its_next_mission_from_there(fleet: Fleet) -> None:
    mission = dispatch(fleet, MOVE)
    state = underway(fleet, mission)
    serial = state.robot.serial
    ask(fleet, mission, "cancel")
    assert mission.state != "cancelled", "it still drives"
    stopped(state)
    assert ended(fleet, mission, 3) == "cancelled"
    kept = fleet.dispatcher.floor.base(serial)
    assert len(kept) == 2, "it stands on the way between both, so it keeps both"
    fleet.deaf.clear()
    fleet.orders.clear()
    follower = dispatch(fleet, {**MOVE, "robot": serial})
    assert ended(fleet, follower) == "completed"
    begin = orders(fleet, serial)[0]["nodes"][:2]
    assert [n["nodeId"] for n in begin] == kept
    at = begin[0]["nodePosition"]
    off = ((at["x"] - state.x) ** 2 + (at["y"] - state.y) ** 2) ** 0.5
    assert at["allowedDeviationXY"] > off, "else the robot would refuse the order"


def test_a_robot_cancelled_between_two_nodes_parks_when_nothing_else_is_to_do(fleet: Fleet) -> None:
    mission = dispatch(fleet, MOVE)
    state = underway(fleet, mission)
    ask(fleet, mission, "cancel")
    stopped(state)
    fleet.deaf.clear()
    fleet.turn(60)
    state.refresh_from_db()
    assert fleet.dispatcher.floor.places.resting(state.last_node_id)
    assert len(fleet.dispatcher.floor.traffic.robots[state.robot.serial].base) == 1


@pytest.mark.parametrize("how", ["error", "link"])
def test_a_refused_order_holds_up_neither_its_mission_nor_the_site(fleet: Fleet, how: str) -> None:
    fleet.deaf.update(Robot.objects.values_list("serial", flat=True))
    mission = dispatch(fleet, MOVE)
    fleet.turn(3)
    mission.refresh_from_db()
    assert mission.robot is not None
    serial = mission.robot.serial
    refused = fleet.dispatcher.floor.orders[serial].order_id
    assert refused.startswith("att_")
    state = RobotState.objects.get(robot=mission.robot)
    if how == "error":
        state.errors = [
            {"type": "noRouteError", "level": "WARNING", "references": [{"key": "orderId", "value": refused}]}
        ]
    else:
        state.link = {"order": {"order_id": refused, "order_update_id": 0, "state": "rejected", "text": "no"}}
    state.save()
    fleet.deaf.clear()
    other = dispatch(fleet, MOVE)
    assert ended(fleet, other) == "completed"
    assert ended(fleet, mission) == "completed"
    assert mission.events.filter(kind="retry").count() == 1


def test_a_lost_order_is_sent_anew(fleet: Fleet) -> None:
    mission = dispatch(fleet, MOVE)
    state = underway(fleet, mission)
    stopped(state)
    state.link = {"order": {"order_id": state.order_id, "order_update_id": 0, "state": "lost", "text": "cleared"}}
    state.save()
    fleet.deaf.clear()
    fleet.turn(2)
    state.refresh_from_db()
    state.link = {}
    state.save()
    assert ended(fleet, mission) == "completed"


def test_a_mission_takes_a_robot_that_is_on_its_way_to_park(fleet: Fleet) -> None:
    first = dispatch(fleet, MOVE)
    assert ended(fleet, first) == "completed"
    assert first.robot is not None
    serial = first.robot.serial
    for _ in range(20):
        fleet.turn()
        if any(o["orderId"].startswith("idle.") for o in orders(fleet, serial)):
            break
    parking = orders(fleet, serial)[-1]
    assert all(n["released"] for n in parking["nodes"]), "an idle robot is told nothing beyond its base"
    begun = len(fleet.orders)
    second = dispatch(fleet, {**MOVE, "robot": serial})
    assert ended(fleet, second) == "completed"
    idle = {
        o["orderId"] for o in orders(fleet, serial) if o in fleet.orders[begun:] and o["orderId"].startswith("idle.")
    }
    goal = fleet.dispatcher.floor.layout
    places = {n for s in goal.stations if s.kind == "parking" for n in s.nodes}
    visited = {
        n["nodeId"] for o in fleet.orders[begun:] if o["serial"] == serial and o["orderId"] in idle for n in o["nodes"]
    }
    assert not visited & places, "it turned round before it got there"


def test_cancelling_a_paused_mission_lets_its_robot_go(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn(2)
    ask(fleet, mission, "pause")
    fleet.turn(2)
    assert mission.robot is not None
    assert RobotState.objects.get(robot=mission.robot).paused
    ask(fleet, mission, "cancel")
    assert ended(fleet, mission, 5) == "cancelled"
    fleet.turn()
    assert not RobotState.objects.get(robot=mission.robot).paused
    assert ended(fleet, dispatch(fleet, {**MOVE, "robot": mission.robot.serial})) == "completed"


def test_a_paused_mission_can_be_given_to_another_robot(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn(2)
    ask(fleet, mission, "pause")
    fleet.turn(2)
    before = mission.robot
    other = Robot.objects.exclude(pk=before.pk if before else None).first()
    assert other is not None
    ask(fleet, mission, "reassign", robot=other.serial)
    assert ended(fleet, mission) == "completed"
    assert mission.robot == other


def test_a_confirmation_is_still_awaited_after_a_pause(fleet: Fleet) -> None:
    mission = dispatch(fleet, steps=[{"op": "wait", "until": "confirmed"}])
    fleet.turn(3)
    ask(fleet, mission, "pause")
    ask(fleet, mission, "resume")
    assert (mission.state, mission.reason) == ("waiting", "waits for a person to confirm")
    assert ask(fleet, mission, "confirm") == "confirmed"
    assert ended(fleet, mission, 5) == "completed"


def test_a_cancelled_mission_is_not_brought_back_by_what_is_asked_later(fleet: Fleet) -> None:
    mission = dispatch(fleet, MOVE)
    state = underway(fleet, mission)
    ask(fleet, mission, "cancel")
    assert "taken off" in ask(fleet, mission, "pause")
    assert "cancelled" in ask(fleet, mission, "reassign")
    assert "already" in ask(fleet, mission, "cancel")
    stopped(state)
    assert ended(fleet, mission, 3) == "cancelled"


def test_what_a_cancelled_mission_left_on_a_robot_can_be_put_down(fleet: Fleet) -> None:
    state = RobotState.objects.get(robot__serial="R-02")
    state.loads = [{"load_id": "x"}]
    state.save()
    other = dispatch(fleet, {**MOVE, "robot": "R-02"})
    fleet.turn(3)
    other.refresh_from_db()
    assert other.state == "queued"
    assert "still carries a load" in other.reason
    unload = dispatch(fleet, {"robot": "R-02", "steps": [{"op": "drop", "at": "pack-2"}]})
    assert ended(fleet, unload) == "completed"
    assert ended(fleet, other) == "completed"


def test_one_mission_that_cannot_be_sent_on_does_not_stop_the_site(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, good = dispatch(fleet, MOVE), dispatch(fleet, {"steps": [{"op": "move", "at": "pack-2"}]})
    drive = apply.drive

    def refuse(desk: Any, move: Any, mission: Any) -> None:
        if mission is not None and mission.pk == broken.pk:
            raise ValueError("no such leg")
        drive(desk, move, mission)

    monkeypatch.setattr(apply, "drive", refuse)
    assert ended(fleet, good) == "completed"
    broken.refresh_from_db()
    assert broken.state == "failing"
    assert "no such leg" in broken.reason
    monkeypatch.undo()
    ask(fleet, broken, "retry")
    assert ended(fleet, broken) == "completed"


def test_two_robots_work_at_the_two_places_of_a_station_at_once(fleet: Fleet) -> None:
    plan = {"steps": [{"op": "move", "at": "pack-1"}, {"op": "wait", "until": "confirmed"}]}
    missions = [dispatch(fleet, plan), dispatch(fleet, plan)]
    for _ in range(120):
        fleet.turn()
        if Mission.objects.filter(reason="waits for a person to confirm").count() == 2:
            break
    for mission in missions:
        mission.refresh_from_db()
    serials = [m.robot.serial for m in missions if m.robot]
    stand = set(RobotState.objects.filter(robot__serial__in=serials).values_list("last_node_id", flat=True))
    places = next(set(s.nodes) for s in fleet.dispatcher.floor.layout.stations if s.id == "pack-1")
    assert stand == places
    assert len(stand) == 2
