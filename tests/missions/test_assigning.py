"""How dispatch uses the assignment: who is asked, who is taken, and who is taken off again before the pick-up."""

from __future__ import annotations

from typing import Any

import pytest

from missions.phases import assign
from robots.models import LayoutVersion, Robot, RobotState, RobotType
from tests.missions.floor import Fleet, make_site
from tests.missions.test_dispatcher import PLAN, dispatch
from tests.missions.test_floor_live import ended
from tests.missions.underway import MOVE, took_its_order, under_way

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def excluded(mission: Any) -> dict[str, str]:
    return {part["name"]: part["excluded"] for part in mission.allocation["candidates"]}


def test_a_mission_not_picked_up_goes_to_a_robot_that_is_much_nearer(fleet: Fleet) -> None:
    """R-01 has it and is far away; then the only other robot appears right beside its station."""
    Robot.objects.exclude(serial="R-01").update(in_service=False)
    fleet.turn()
    mission = dispatch(fleet, {**PLAN, "steps": PLAN["steps"][:2]})
    fleet.deaf.add("R-01")
    fleet.turn(2)
    took_its_order(fleet, "R-01")
    fleet.turn()
    mission.refresh_from_db()
    assert mission.robot is not None and mission.robot.serial == "R-01"
    station = mission.steps.first().payload["node"]
    floor = fleet.dispatcher.floor
    road = floor.traffic.road
    beside = next(road.names[n] for n in road.behind[road.index[station]])
    assert floor.places.metres(floor.end("R-01"), station) > 30
    fleet.says("R-02", operating_mode="MANUAL")
    fleet.stands_at("R-02", beside)
    Robot.objects.filter(serial="R-02").update(in_service=True)
    fleet.turn(3)
    fleet.says("R-02", operating_mode="AUTOMATIC")
    fleet.deaf.clear()
    fleet.turn(12)
    mission.refresh_from_db()
    assert mission.robot.serial == "R-02"
    assert "saves" in mission.events.get(kind="reassigning").reason
    assert ended(fleet, mission) == "completed"
    assert mission.events.filter(kind="reassigning").count() == 1, "and it stays there"


def test_a_mission_is_not_taken_from_a_robot_that_has_its_station_released(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    attempt = mission.attempts.get()
    attempt.memory["goal"] = fleet.dispatcher.floor.base("R-01")[-1]
    attempt.save()
    desk = _desk(fleet)
    assert assign._movable(desk) == {}


def test_what_is_picked_up_or_pinned_stays(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    assert assign._movable(_desk(fleet)) == {}, "a person named its robot"
    mission.pinned_robot = None
    mission.save()
    assert list(assign._movable(_desk(fleet))) == [mission.pk]
    fleet.says("R-01", loads=[{"load_id": "x"}])
    assert assign._movable(_desk(fleet)) == {}


def _desk(fleet: Fleet) -> Any:
    from missions.apply import Desk
    from missions.phases.reports import reports

    RobotState.objects.update(version=fleet.version + 1)
    fleet.version += 1
    desk = Desk(fleet.dispatcher, fleet.dispatcher.reader.read(fleet.now), fleet.now)
    reports(desk)
    return desk


def test_no_more_robots_get_missions_than_the_layout_was_accepted_for(fleet: Fleet) -> None:
    LayoutVersion.objects.update(accepted_limit=1)
    fleet.dispatcher.load()
    fleet.turn()
    first, second = dispatch(fleet, MOVE), dispatch(fleet, {"steps": [{"op": "move", "at": "dock-1"}]})
    fleet.turn(2)
    first.refresh_from_db()
    second.refresh_from_db()
    waiting = first if first.state == "queued" else second
    assert {first.state == "queued", second.state == "queued"} == {True, False}
    assert "published for 1 robots at once" in waiting.reason
    assert ended(fleet, second) == "completed"
    assert ended(fleet, first) == "completed"


def test_a_robot_whose_battery_does_not_last_is_not_taken(fleet: Fleet) -> None:
    fleet.turn()
    RobotState.objects.update(battery=15.5)
    mission = dispatch(fleet, {"steps": [{"op": "move", "at": "pack-1"}, {"op": "wait", "seconds": 3600}]})
    fleet.turn()
    mission.refresh_from_db()
    assert mission.state == "queued"
    assert set(excluded(mission).values()) == {"battery 16 % does not last for it and the way to a charger"}


def test_a_new_type_of_robot_is_admitted_once_the_roads_are_laid_out_for_it(fleet: Fleet) -> None:
    fleet.turn()
    kind = RobotType.objects.create(
        slug="tug", name="Tug", embodiment="cart", skills=[], max_speed=1.0, length=1.1, width=0.8, max_payload=500
    )
    Robot.objects.filter(serial="R-03").update(type=kind)
    fleet.turn(3)
    assert "tug" in {t.id for t in fleet.dispatcher.floor.types}
    assert [t["id"] for t in fleet.record()["types"]] == ["cart", "tug"]
    robots = fleet.dispatcher.floor.traffic.robots
    assert {serial: robots[serial].type for serial in robots} == {"R-01": "cart", "R-02": "cart", "R-03": "tug"}


def test_a_site_that_grows_is_audited_for_all_its_robots(fleet: Fleet) -> None:
    fleet.turn()
    before = fleet.dispatcher.floor.traffic.audit.robots
    kind = RobotType.objects.get()
    for number in range(4, 8):
        Robot.objects.create(
            site=fleet.site, type=kind, serial=f"R-{number:02}", manufacturer="y", name=f"R{number}", live_index=number
        )
    mission = dispatch(fleet, MOVE)
    fleet.turn(4)
    assert (before, fleet.dispatcher.floor.traffic.audit.robots) == (3, 7)
    assert ended(fleet, mission) == "completed"


def test_robots_that_stand_for_good_put_liveness_at_risk_in_the_record(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.turn()
    monkeypatch.setattr(fleet.dispatcher.floor.traffic, "liveness", lambda: "liveness at risk: clear N1 first")
    fleet.says("R-01", connection="offline")
    fleet.turn()
    assert fleet.record()["liveness"] == "liveness at risk: clear N1 first"
    assert fleet.alarms()["", "liveness"] == "liveness at risk: clear N1 first"
    monkeypatch.undo()
    fleet.says("R-01", connection="online")
    fleet.turn(2)
    assert fleet.record()["liveness"] == ""
    assert fleet.alarms() == {}
