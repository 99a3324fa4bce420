"""Orders refused, lost or taken back: nothing is freed without the robot's word, and nothing waits for ever."""

from __future__ import annotations

from dataclasses import replace

from missions.core import lifecycle as life
from missions.core import requests
from missions.core.facts import Abandon, ActionFact, Drive, EndAttempt, Instant
from tests.missions.core.test_dispatch import DROP, ROBOT, Floor

MOVE = {"op": "move", "node": "n1", "station": "s1"}


def underway(**robot: object) -> tuple[Floor, str]:
    floor = Floor(MOVE)
    floor.cycle()
    order = floor.legs[0].order
    floor.robot = replace(floor.robot, order_id=order, remaining=2, driving=True, **robot)  # type: ignore[arg-type]
    floor.cycle()
    floor.decided.clear()
    return floor, order


def test_what_a_refused_order_released_is_given_back_once_before_the_next_try() -> None:
    floor = Floor(MOVE)
    floor.cycle()
    floor.robot = replace(floor.robot, rejected=frozenset({floor.legs[0].order}))
    decided = floor.cycle()
    kinds = [type(d) for d in decided]
    assert kinds.index(Abandon) < kinds.index(Drive)
    assert kinds.count(Abandon) == 1


def test_a_refused_order_is_not_given_back_again_while_the_robot_makes_way() -> None:
    floor = Floor(MOVE)
    floor.cycle()
    floor.robot = replace(floor.robot, rejected=frozenset({floor.legs[0].order}), acting=True)
    floor.cycle()
    floor.decided.clear()
    floor.robot = replace(floor.robot, acting=False, moving=True, order_id="R-01.y1", remaining=1)
    for _ in range(3):
        floor.cycle()
    assert not floor.decided, "it drives a yielding order; that is not ours to take back"
    floor.robot = replace(floor.robot, moving=False, remaining=0)
    floor.cycle()
    assert len(floor.legs) == 2


def test_an_order_that_keeps_being_refused_ends_the_mission() -> None:
    floor = Floor(MOVE)
    for _ in range(30):
        floor.cycle()
        if floor.mission.state in life.FINAL:
            break
        floor.robot = replace(floor.robot, rejected=frozenset(leg.order for leg in floor.legs))
    assert floor.mission.state == life.FAILED
    assert len(floor.legs) == 4
    assert floor.kinds(EndAttempt)


def test_an_order_whose_update_was_refused_is_cancelled_and_sent_anew() -> None:
    floor, order = underway()
    floor.robot = replace(floor.robot, broken=order)
    assert [d.type for d in floor.cycle() if isinstance(d, Instant)] == ["cancelOrder"]
    assert not floor.kinds(Abandon), "it still drives"
    floor.robot = replace(floor.robot, remaining=0, driving=False)
    floor.cycle()
    assert not floor.kinds(Abandon), "it stands, and has not answered"
    floor.robot = replace(floor.robot, actions={f"{order}.cancel1": ActionFact("FINISHED")})
    floor.cycle()
    assert floor.kinds(Abandon) == [Abandon(1, "n0", order)]
    assert len(floor.legs) == 2


def test_an_order_the_robot_lost_is_sent_anew_once_it_is_under_control_again() -> None:
    floor, order = underway()
    floor.robot = replace(floor.robot, broken=order, order_id="", remaining=0, driving=False, automatic=False)
    floor.cycle()
    assert not floor.kinds(Abandon), "a person drives it: nobody knows where it goes"
    floor.robot = replace(floor.robot, automatic=True)
    floor.cycle()
    assert len(floor.legs) == 2


def test_a_lost_order_can_be_cancelled() -> None:
    floor, order = underway()
    memory = requests.cancelled(floor.mission, after=life.CANCELLED, text="cancelled by ada")
    floor.mission = replace(floor.mission, memory=memory)
    floor.robot = replace(floor.robot, broken=order, order_id="", remaining=0, driving=False)
    floor.cycle()
    assert floor.mission.state == life.CANCELLED


def test_a_robot_paused_for_a_person_is_let_go_when_its_mission_is_taken_away() -> None:
    floor, _ = underway()
    memory = requests.cancelled(floor.mission, after=life.QUEUED, text="re-assigned by ada")
    floor.mission = replace(floor.mission, memory=replace(memory, paused=True))
    floor.robot = replace(floor.robot, remaining=0, driving=False, moving=False, paused=True)
    floor.cycle()
    assert [d.type for d in floor.kinds(Instant)] == ["stopPause"]
    assert floor.mission.state == life.QUEUED


def test_a_robot_held_by_a_stop_is_not_let_go() -> None:
    floor, _ = underway()
    memory = requests.cancelled(floor.mission, after=life.CANCELLED, text="")
    floor.mission = replace(floor.mission, memory=replace(memory, paused=True))
    floor.robot = replace(floor.robot, remaining=0, driving=False, moving=False, paused=True, held=True)
    floor.cycle()
    assert not floor.kinds(Instant)


def test_a_leg_waits_until_the_order_before_it_has_left_no_trace() -> None:
    for busy in ({"acting": True}, {"pending": True}, {"moving": True}, {"driving": True}):
        floor = Floor(MOVE)
        floor.robot = replace(ROBOT, **busy)  # type: ignore[arg-type]
        floor.cycle()
        assert not floor.legs, busy
        floor.robot = ROBOT
        floor.cycle()
        assert len(floor.legs) == 1


def test_a_robot_that_came_to_its_goal_without_the_actions_is_sent_to_act_there() -> None:
    floor = Floor(DROP)
    floor.cycle()
    order = floor.legs[0].order
    floor.robot = replace(floor.robot, order_id=order, at="pack", node="pack", moving=False)
    floor.cycle()
    assert [leg.goal for leg in floor.legs] == ["pack", "pack"]
    floor.obey()
    floor.run()
    assert floor.mission.state == life.COMPLETED


def test_a_cancel_takes_back_what_is_still_on_its_way_to_a_robot_that_stands() -> None:
    floor, order = underway()
    memory = requests.cancelled(floor.mission, after=life.CANCELLED, text="")
    floor.mission = replace(floor.mission, memory=memory)
    floor.robot = replace(floor.robot, remaining=0, driving=False, moving=True, pending=True)
    assert [d.type for d in floor.cycle() if isinstance(d, Instant)] == ["cancelOrder"]
    assert floor.cycle() == []
    assert not floor.kinds(Abandon), "an update may have reached it"
    answer = {f"{order}.cancel1": ActionFact("FAILED")}
    floor.robot = replace(floor.robot, pending=False, actions=answer)
    floor.cycle()
    assert floor.mission.state == life.CANCELLED
