"""Dispatch on real rows: from consent to orders, and everything a person may ask for in between."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from fleet.ledger.models import Entry
from missions import services, understanding
from missions.errors import IntentRefused
from missions.models import Attempt, Mission
from robots.models import ResourceHold, Robot, RobotState, SiteTraffic
from tests.missions.floor import Fleet, make_site, supervisor

pytestmark = pytest.mark.django_db

PLAN: dict[str, Any] = {
    "robot": None,
    "priority": "normal",
    "steps": [
        {"op": "pick", "item": "totes", "qty": 2, "at": "receiving"},
        {"op": "drop", "at": "pack-1"},
        {"op": "charge"},
    ],
}


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def dispatch(fleet: Fleet, plan: dict[str, Any] = PLAN, **changes: Any) -> Mission:
    actor = supervisor(fleet.site)
    seen = understanding.interpret_form(
        site=fleet.site, plan_json={**plan, **changes}, said=understanding.Said(""), actor=actor, now=fleet.now
    )
    return services.create(interpretation_id=seen.public_id, hash=seen.hash, actor=actor, now=fleet.now)


def ask(fleet: Fleet, mission: Mission, kind: str, reason: str = "", **data: Any) -> str:
    actor = supervisor(fleet.site)
    intent = services.request(mission=mission, kind=kind, actor=actor, now=fleet.now, reason=reason, data=data)
    fleet.turn()
    intent.refresh_from_db()
    mission.refresh_from_db()
    return intent.outcome


def test_a_mission_runs_to_completion(fleet: Fleet) -> None:
    fleet.turn(2)
    mission = dispatch(fleet)
    fleet.turn(120)
    mission.refresh_from_db()
    assert (mission.state, mission.reason) == ("completed", "")
    assert [s.state for s in mission.steps.all()] == ["done"] * 3
    assert mission.events.filter(kind="assigned").count() == 1
    assert fleet.programs[0]["queue"] == f"onboard.{mission.robot.serial}"
    assert [s["op"] for s in fleet.programs[0]["args"][0]["steps"]] == ["pick", "drop", "charge"]
    actions = [s["actionType"] for o in fleet.orders for n in o["nodes"] for s in n.get("actions", [])]
    assert {"pick", "drop", "startCharging"} <= set(actions)
    assert Entry.objects.filter(action="mission.completed", target_id=mission.public_id).exists()


def test_every_order_continues_the_one_before_it(fleet: Fleet) -> None:
    dispatch(fleet)
    fleet.turn(80)
    last: dict[str, dict[str, Any]] = {}
    for order in fleet.orders:
        before = last.get(order["orderId"])
        if before is None:
            assert (order["orderUpdateId"], order["nodes"][0]["sequenceId"]) == (0, 0)
        else:
            released = [n for n in before["nodes"] if n["released"]]
            assert order["orderUpdateId"] == before["orderUpdateId"] + 1
            assert order["nodes"][0] == released[-1], "the stitching node is sent again unchanged"
        last[order["orderId"]] = order


def test_two_robots_never_hold_one_resource(fleet: Fleet) -> None:
    fleet.turn()
    hold = ResourceHold.objects.first()
    assert hold is not None
    other = Robot.objects.exclude(pk=hold.robot_id).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        ResourceHold.objects.create(
            site=fleet.site, resource=hold.resource, robot=other, epoch=hold.epoch, since=fleet.now
        )
    rows = set(ResourceHold.objects.values_list("resource", "robot__serial"))
    traffic = fleet.dispatcher.floor.traffic
    assert rows == {(traffic.road.resources[r], s) for s in traffic.robots for r in traffic.ledger.held(s)}


def test_the_second_press_gives_the_same_mission(fleet: Fleet) -> None:
    actor = supervisor(fleet.site)
    seen = understanding.interpret_form(
        site=fleet.site, plan_json=PLAN, said=understanding.Said("x"), actor=actor, now=fleet.now
    )
    both = [
        services.create(interpretation_id=seen.public_id, hash=seen.hash, actor=actor, now=fleet.now) for _ in range(2)
    ]
    assert both[0].pk == both[1].pk
    assert Mission.objects.count() == 1


def test_cancel_while_queued_and_while_running(fleet: Fleet) -> None:
    RobotState.objects.update(connection="offline")
    queued = dispatch(fleet)
    fleet.turn()
    ask(fleet, queued, "cancel")
    assert queued.state == "cancelled"
    RobotState.objects.update(connection="online")
    running = dispatch(fleet)
    fleet.turn(2)
    ask(fleet, running, "cancel")
    fleet.turn(4)
    running.refresh_from_db()
    assert running.state == "cancelled"
    assert not Attempt.objects.filter(state="active").exists()


def test_pause_and_resume(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn(2)
    ask(fleet, mission, "pause")
    assert mission.state == "paused"
    assert fleet.instants[-1]["actions"][0]["actionType"] == "startPause"
    orders = len(fleet.orders)
    fleet.turn(5)
    assert len([o for o in fleet.orders[orders:] if o["serial"] == mission.robot.serial]) == 0
    ask(fleet, mission, "resume")
    fleet.turn(120)
    mission.refresh_from_db()
    assert mission.state == "completed"


def test_a_lost_robot_keeps_its_mission_and_everything_it_holds(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn(2)
    mission.refresh_from_db()
    robot = mission.robot
    RobotState.objects.filter(robot=robot).update(connection="connection_broken")
    fleet.turn()
    held = set(ResourceHold.objects.filter(robot=robot).values_list("resource", flat=True))
    fleet.turn(50)
    mission.refresh_from_db()
    assert mission.state == "waiting"
    assert "unknown" in mission.reason
    assert set(ResourceHold.objects.filter(robot=robot).values_list("resource", flat=True)) == held
    RobotState.objects.filter(robot=robot).update(connection="online")
    fleet.turn(120)
    mission.refresh_from_db()
    assert mission.state == "completed"


def test_a_person_may_end_the_mission_of_a_lost_robot_and_frees_nothing(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn(2)
    assert "cancel the mission instead" in ask(fleet, mission, "settle", reason="I see it")
    robot = mission.robot
    RobotState.objects.filter(robot=robot).update(connection="connection_broken")
    fleet.turn()
    held = set(ResourceHold.objects.filter(robot=robot).values_list("resource", flat=True))
    assert ask(fleet, mission, "settle", reason="carried off the floor, load at pack 1") == "ended"
    assert mission.state == "cancelled"
    assert "carried off the floor" in mission.reason
    assert {s.state for s in mission.steps.all()} <= {"done", "cancelled"}
    fleet.turn(20)
    assert set(ResourceHold.objects.filter(robot=robot).values_list("resource", flat=True)) == held


def test_ending_a_mission_by_word_needs_a_reason(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn(2)
    with pytest.raises(IntentRefused, match="a reason is needed"):
        ask(fleet, mission, "settle")


def test_a_queued_mission_that_cannot_be_read_holds_up_nobody(fleet: Fleet) -> None:
    broken, sound = dispatch(fleet), dispatch(fleet)
    step = broken.steps.get(index=0)
    step.payload["qty"] = "two"
    step.save()
    fleet.turn(120)
    broken.refresh_from_db()
    sound.refresh_from_db()
    assert (broken.state, sound.state) == ("queued", "completed")
    assert "cannot be read" in broken.reason


def test_a_new_leader_goes_on_where_the_old_one_stopped(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn(2)
    stale = fleet.dispatcher
    fleet.now = fleet.now.replace(minute=30)
    fleet.lead("second")
    with pytest.raises(Exception, match="no longer leads"), transaction.atomic():
        stale.cycle(fleet.now)
    fleet.turn(120)
    mission.refresh_from_db()
    assert mission.state == "completed"
    assert mission.attempts.count() == 1
    assert SiteTraffic.objects.get().epoch == fleet.dispatcher.epoch


def test_a_failed_mission_can_be_retried(fleet: Fleet) -> None:
    fleet.fail["pick"] = [{"error": "missed"}] * 4
    mission = dispatch(fleet)
    fleet.turn(60)
    mission.refresh_from_db()
    assert mission.state == "failed"
    ask(fleet, mission, "retry")
    fleet.turn(120)
    mission.refresh_from_db()
    assert mission.state == "completed"
    pick, drop, charge = mission.steps.all()
    assert {pick.state, drop.state, charge.state} == {"done"}
    assert pick.finished_at <= drop.started_at <= charge.started_at, "from the step that failed on, in order"
    assert mission.attempts.count() == 2


def test_an_unacknowledged_program_is_sent_again_then_the_mission_is_given_to_another(fleet: Fleet) -> None:
    fleet.acknowledges = False
    mission = dispatch(fleet, steps=[{"op": "wait", "seconds": 600}])
    fleet.turn(10)
    assert len(fleet.programs) > 1
    assert len({p["task_id"] for p in fleet.programs}) == 1
    first = fleet.programs[0]["queue"]
    fleet.turn(40)
    mission.refresh_from_db()
    assert mission.attempts.count() == 2
    assert fleet.programs[-1]["queue"] != first


def test_a_robot_that_is_not_on_the_floor_says_why(fleet: Fleet) -> None:
    state = RobotState.objects.get(robot__serial="R-02")
    first = RobotState.objects.get(robot__serial="R-01")
    RobotState.objects.filter(pk=state.pk).update(last_node_id=first.last_node_id, x=first.x, y=first.y)
    RobotState.objects.filter(robot__serial="R-03").update(state_at=None, connection="unknown")
    mission = dispatch(fleet, robot="R-02", steps=[{"op": "move", "at": "pack-1"}])
    fleet.turn()
    mission.refresh_from_db()
    assert mission.state == "queued"
    reasons = {c["name"]: c["excluded"] for c in mission.allocation["candidates"]}
    assert "R-01" in reasons["R-02"]


def test_scheduled_start_and_deadline(fleet: Fleet) -> None:
    mission = dispatch(fleet, start={"in_s": 20}, deadline={"within_s": 30}, steps=[{"op": "wait", "seconds": 60}])
    fleet.turn(10)
    mission.refresh_from_db()
    assert mission.state == "queued"
    fleet.turn(15)
    mission.refresh_from_db()
    assert mission.state == "waiting"
    from missions.snapshots import is_late

    assert not is_late(mission, fleet.now)
    fleet.turn(10)
    assert is_late(mission, fleet.now)


def test_priority_decides_who_gets_the_only_robot(fleet: Fleet) -> None:
    Robot.objects.exclude(serial="R-01").update(in_service=False)
    RobotState.objects.filter(robot__serial="R-01").update(connection="offline")
    low, high = dispatch(fleet), dispatch(fleet, priority="high")
    fleet.turn()
    RobotState.objects.update(connection="online")
    fleet.turn()
    low.refresh_from_db()
    high.refresh_from_db()
    assert (high.state != "queued", low.state) == (True, "queued")
    assert "busy with another mission" in low.reason or "just given" in low.reason


def test_repeats_queue_the_next_round(fleet: Fleet) -> None:
    dispatch(fleet, steps=[{"op": "wait", "seconds": 1}], repeat={"times": 3})
    fleet.turn(30)
    assert list(Mission.objects.order_by("id").values_list("round", "state")) == [(n, "completed") for n in (1, 2, 3)]


def test_reassign_goes_to_the_robot_a_person_names(fleet: Fleet) -> None:
    mission = dispatch(fleet)
    fleet.turn()
    mission.refresh_from_db()
    other = Robot.objects.exclude(pk=mission.robot_id).first()
    assert other is not None
    ask(fleet, mission, "reassign", robot=other.serial)
    fleet.turn(5)
    mission.refresh_from_db()
    assert mission.robot == other


def test_a_cycle_without_news_costs_five_reads_and_the_lease(fleet: Fleet, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        dispatch(fleet, steps=[{"op": "wait", "seconds": 600}])
    fleet.turn(3)
    with django_assert_num_queries(2 + 1 + 5):  # savepoint pair, lease, reads
        fleet.dispatcher.cycle(fleet.now)


def test_a_cycle_that_moves_a_robot_stays_within_its_budget(fleet: Fleet, django_assert_max_num_queries: Any) -> None:
    dispatch(fleet)
    fleet.turn(3)
    with django_assert_max_num_queries(15):
        fleet.dispatcher.cycle(fleet.now)


def test_a_request_that_cannot_be_carried_out_says_so_and_holds_up_nobody(fleet: Fleet) -> None:
    first, second = dispatch(fleet), dispatch(fleet)
    first.intents.create(kind="prioritise", data={"priority": "soon"}, actor="ada")
    wanted = ask(fleet, second, "prioritise", priority=1)
    broken = first.intents.get()
    assert broken.applied_at is not None
    assert "not carried out" in broken.outcome
    assert (wanted, second.priority) == ("done", 1)
