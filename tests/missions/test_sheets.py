"""Robots of other makers are asked what they are and where they stand: once for each connection, never in a loop."""

from __future__ import annotations

from datetime import timedelta

import pytest

from missions.phases import sheets
from robots.models import Factsheet, Robot, RobotState, RobotType
from tests.missions.floor import NOON, Fleet, make_site
from tests.missions.test_dispatcher import dispatch
from tests.missions.underway import MOVE

pytestmark = pytest.mark.django_db
ALL = ["R-01", "R-02", "R-03"]


@pytest.fixture
def fleet() -> Fleet:
    site = make_site()
    RobotType.objects.update(onboard=False)
    return Fleet(site)


def asked(fleet: Fleet, kind: str) -> list[str]:
    return sorted(i["serial"] for i in fleet.instants for a in i["actions"] if a["actionType"] == kind)


def test_each_is_asked_for_its_factsheet_once_for_each_connection(fleet: Fleet) -> None:
    fleet.turn(4)
    assert asked(fleet, "factsheetRequest") == ALL
    fleet.says("R-02", connection="connection_broken")
    fleet.turn(2)
    assert asked(fleet, "factsheetRequest") == ALL, "nobody is asked who cannot hear"
    fleet.says("R-02", connection="online", connection_at=fleet.now)
    fleet.turn(3)
    assert asked(fleet, "factsheetRequest") == sorted([*ALL, "R-02"])


def test_a_new_leader_asks_anew_for_it_cannot_know_what_was_asked(fleet: Fleet) -> None:
    fleet.turn(2)
    fleet.now += timedelta(seconds=60)
    fleet.lead("second")
    fleet.turn(2)
    assert asked(fleet, "factsheetRequest") == sorted([*ALL, *ALL])


def test_one_with_our_onboard_worker_is_not_asked(fleet: Fleet) -> None:
    RobotType.objects.update(onboard=True)
    fleet.turn(3)
    assert asked(fleet, "factsheetRequest") == asked(fleet, "stateRequest") == []


def test_one_that_came_unheard_is_asked_for_its_state_and_no_other(fleet: Fleet) -> None:
    fleet.says("R-01", connection="unknown", state_at=None)
    fleet.says("R-03", connection="offline", state_at=None)
    fleet.turn(2)
    assert asked(fleet, "stateRequest") == [], "it has not come yet"
    for again in (1, 2):
        fleet.says("R-01", connection="offline")
        RobotState.objects.filter(robot__serial="R-01").update(
            connection="online", connection_at=NOON + timedelta(minutes=again), state_at=None
        )
        for _ in range(2):
            unheard(fleet, "R-01")
        assert asked(fleet, "stateRequest") == ["R-01"] * again


def unheard(fleet: Fleet, serial: str) -> None:
    """A turn in which it is online and says nothing."""
    fleet.now += timedelta(seconds=1)
    fleet.version += 1
    RobotState.objects.exclude(robot__serial=serial).update(state_at=fleet.now)
    RobotState.objects.update(version=fleet.version)
    fleet.dispatcher.cycle(fleet.now)
    fleet.deliver()


def test_one_gets_no_mission_until_its_factsheet_came_or_is_overdue(fleet: Fleet) -> None:
    fleet.turn()
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    fleet.turn(2)
    mission.refresh_from_db()
    assert mission.robot is None
    fleet.turn(2, seconds=sheets.ANSWER_S)
    mission.refresh_from_db()
    assert mission.robot is not None and mission.robot.serial == "R-01"


def test_with_a_factsheet_on_file_nobody_waits(fleet: Fleet) -> None:
    Factsheet.objects.create(
        robot=Robot.objects.get(serial="R-01"), received_at=NOON, hash="h", document={"headerId": 1}
    )
    fleet.turn()
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    fleet.turn(2)
    mission.refresh_from_db()
    assert mission.robot is not None
    assert asked(fleet, "factsheetRequest") == ALL, "what it is may have changed while it was away"
