"""A new leader (traffic design 5.8): what was recorded covers what robots can have, and nothing is believed unheard."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from fleet.outbox.models import Message
from missions import lease
from robots.floor.rows import StaleEpoch
from robots.models import ResourceHold, RobotTraffic, SiteTraffic
from tests.missions.floor import Fleet, make_site
from tests.missions.test_dispatcher import dispatch
from tests.missions.test_floor_live import ended
from tests.missions.underway import MOVE, away_from, under_way

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def take_over(fleet: Fleet) -> None:
    fleet.now = fleet.now.replace(minute=fleet.now.minute + 5)
    fleet.orders.clear()
    fleet.instants.clear()
    fleet.lead("second")


def orders(fleet: Fleet, serial: str) -> list[tuple[str, int]]:
    return [(o["orderId"], o["orderUpdateId"]) for o in fleet.orders if o["serial"] == serial]


def asked(fleet: Fleet) -> set[str]:
    return {i["serial"] for i in fleet.instants for a in i["actions"] if a["actionType"] == "stateRequest"}


def silent_cycle(fleet: Fleet, *silent: str) -> None:
    """A cycle in which these robots, though connected, have said nothing new."""
    fleet.now = fleet.now.replace(second=(fleet.now.second + 1) % 60)
    for robot in fleet.dispatcher.floor.rows:
        if robot not in silent:
            fleet.says(robot, state_at=fleet.now)
    fleet.dispatcher.cycle(fleet.now)
    fleet.deliver()


def test_nothing_leaves_for_a_robot_before_it_has_been_heard(fleet: Fleet) -> None:
    fleet.turn()
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    fleet.turn(2)
    fleet.deaf.add("R-01")
    fleet.turn(2)
    take_over(fleet)
    fleet.now = fleet.now.replace(minute=0)  # its last report is not too old
    for _ in range(3):
        silent_cycle(fleet, "R-01")
    assert orders(fleet, "R-01") == []
    assert asked(fleet) >= {"R-01"}
    assert [i["serial"] for i in fleet.instants].count("R-01") == 1, "it is asked once"
    mission.refresh_from_db()
    assert mission.state in ("assigned", "running"), "no news is no change"
    fleet.deaf.clear()
    fleet.now = fleet.now.replace(minute=6)
    assert ended(fleet, mission) == "completed"
    assert mission.attempts.count() == 1


def test_a_robot_that_is_behind_gets_the_identical_messages_again(fleet: Fleet) -> None:
    _, state = under_way(fleet)
    end = fleet.dispatcher.floor.base("R-01")[1]
    fleet.stands_at("R-01", end, last_node_sequence_id=2, node_states=[{"node_id": "x", "released": False}])
    fleet.turn(2)
    messages = Message.objects.filter(key__startswith=f"order:{state.order_id}:").order_by("id")
    sent = [message.payload["body"] for message in messages]
    assert len(sent) >= 2
    take_over(fleet)
    fleet.turn()
    again = [o for o in fleet.orders if o["serial"] == "R-01"]
    assert again == [], "it is deaf here, the outbox has them"
    repeats = Message.objects.filter(key__startswith=f"order:{state.order_id}:").order_by("id")
    bodies = [m.payload["body"] for m in repeats][len(sent) :]
    assert bodies[: len(sent) - 1] == sent[1:], "what it has not confirmed, in order, word for word"


def test_a_robot_that_never_got_its_order_gets_it_again(fleet: Fleet) -> None:
    fleet.turn()
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    fleet.deaf.add("R-01")
    fleet.turn(3)
    sent = fleet.dispatcher.floor.rows["R-01"].order
    take_over(fleet)
    fleet.deaf.clear()
    fleet.turn()
    assert orders(fleet, "R-01")[0] == (sent["orderId"], 0)
    assert ended(fleet, mission) == "completed"
    assert mission.attempts.count() == 1


def test_a_robot_that_has_all_goes_on_without_a_repeat(fleet: Fleet) -> None:
    fleet.turn()
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    fleet.turn(3)
    before = orders(fleet, "R-01")
    take_over(fleet)
    fleet.turn(2)
    assert not set(before) & set(orders(fleet, "R-01"))
    assert ended(fleet, mission) == "completed"


def test_a_robot_with_something_unknown_owns_it_and_stays(fleet: Fleet) -> None:
    under_way(fleet)
    held, strange = fleet.holds("R-01"), away_from(fleet, "R-01", "R-02", "R-03")
    fleet.says("R-01", order_id="elsewhere", node_states=[{"node_id": strange, "sequence_id": 4, "released": True}])
    take_over(fleet)
    fleet.turn(3)
    assert fleet.holds("R-01") == held
    assert fleet.record()["misplaced"]["R-01"] == [strange]
    assert fleet.dispatcher.floor.held("R-01")
    assert ("R-01", "misplaced") in fleet.alarms()
    assert orders(fleet, "R-01") == []


def test_an_offline_robot_keeps_what_the_record_says(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    held = fleet.holds("R-01")
    fleet.says("R-01", connection="connection_broken")
    take_over(fleet)
    fleet.turn(40)
    assert fleet.holds("R-01") == held
    assert "no contact" in fleet.dispatcher.floor.held("R-01")
    mission.refresh_from_db()
    assert "unknown" in mission.reason
    other = dispatch(fleet, {"steps": [{"op": "move", "at": "dock-1"}]})
    assert ended(fleet, other) == "completed"


def test_a_cycle_that_was_not_committed_has_sent_nothing_and_is_made_up_for(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.turn()
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    before = _rows()
    save = fleet.dispatcher.floor.written.save

    def break_down(*args: Any) -> list[str]:
        save(*args)
        raise DatabaseError("connection lost")

    monkeypatch.setattr(fleet.dispatcher.floor.written, "save", break_down)
    with pytest.raises(DatabaseError):
        fleet.turn()
    assert _rows() == before
    monkeypatch.undo()
    fleet.dispatcher.load()
    assert ended(fleet, mission) == "completed"


def _rows() -> tuple[Any, ...]:
    return (
        list(ResourceHold.objects.order_by("id").values_list("resource", "robot__serial")),
        list(RobotTraffic.objects.order_by("pk").values_list("order_id", "order_update_id", "base")),
        list(Message.objects.order_by("id").values_list("key", flat=True)),
    )


def test_a_leader_that_was_replaced_can_neither_write_nor_read(fleet: Fleet) -> None:
    fleet.turn()
    stale = fleet.dispatcher
    take_over(fleet)
    fleet.turn()
    with pytest.raises(lease.LostLease):
        stale.cycle(fleet.now)
    with pytest.raises(StaleEpoch):
        stale.load()
    stale.floor.liveness = "changed"
    with pytest.raises(StaleEpoch):
        stale.floor.save(fleet.now)
    assert {row.epoch for row in RobotTraffic.objects.all()} <= {stale.epoch, fleet.dispatcher.epoch}
    assert SiteTraffic.objects.get().epoch == fleet.dispatcher.epoch


def test_a_record_of_an_older_make_is_not_driven_on(fleet: Fleet) -> None:
    fleet.turn(2)
    kept = SiteTraffic.objects.get()
    SiteTraffic.objects.update(snapshot={"map": kept.snapshot["map"], "robots": {}})
    take_over(fleet)
    assert not fleet.dispatcher.floor.traffic.robots
    fleet.turn(2)
    assert set(fleet.dispatcher.floor.traffic.robots) == {"R-01", "R-02", "R-03"}
    assert ResourceHold.objects.count() == sum(len(fleet.holds(s)) for s in fleet.dispatcher.floor.traffic.robots)
