from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from fleet.accounts.models import ApiKey, Site, User
from fleet.ledger.models import Entry
from robots.core.layout import layout_from_json
from robots.models import Item, LayoutVersion, Robot, RobotState, Stock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(settings, "STATE_DIR", tmp_path)
    return tmp_path


def seed(robots: int = 4) -> None:
    call_command("seed", robots=robots, stdout=io.StringIO())


def counts() -> list[int]:
    return [m.objects.count() for m in (Site, User, ApiKey, LayoutVersion, Item, Stock, Robot, Entry)]


def test_seeding_twice_changes_nothing(folder):
    seed()
    before = counts(), (folder / "login.txt").read_text(), (folder / "check.key").read_text()
    seed()
    assert before == (counts(), (folder / "login.txt").read_text(), (folder / "check.key").read_text())


def test_what_it_leaves_for_people_and_programs(folder):
    seed()
    name, password = (folder / "login.txt").read_text().split()
    assert User.objects.get(username=name).check_password(password)
    assert (folder / "login.txt").stat().st_mode & 0o777 == 0o600
    assert (folder / "check.key").stat().st_mode & 0o777 == 0o600
    floor = json.loads((folder / "sim" / "floor.json").read_text())
    layout = layout_from_json(floor["layout"])
    assert [row["serial"] for row in floor["robots"]] == ["R-01", "R-02", "R-03", "R-04"]
    for row in floor["robots"]:
        assert (layout.node(row["node"]).x, layout.node(row["node"]).y) == (row["x"], row["y"])


def test_fewer_robots_go_out_of_service_and_come_back_but_not_those_a_person_took_out(folder):
    from fleet.accounts.rights import Actor
    from robots.services import set_in_service

    seed(4)
    person = Actor("person", "1", "anna")
    set_in_service(robot=Robot.objects.get(serial="R-02"), in_service=False, actor=person, reason="flat tyre")
    seed(3)
    assert dict(Robot.objects.values_list("serial", "in_service")) == {
        "R-01": True,
        "R-02": False,
        "R-03": True,
        "R-04": False,
    }
    seed(4)
    assert list(Robot.objects.filter(in_service=False).values_list("serial", flat=True)) == ["R-02"]


def test_a_robot_starts_where_it_stood(folder):
    seed(2)
    robot = Robot.objects.get(serial="R-02")
    RobotState.objects.create(
        robot=robot, x=12.5, y=7.0, theta=1.0, battery=40.0, map_id="floor-1", localized=True, last_node_id="N1"
    )
    seed(2)
    row = json.loads((folder / "sim" / "floor.json").read_text())["robots"][1]
    assert (row["x"], row["y"], row["theta"], row["battery"], row["node"]) == (12.5, 7.0, 1.0, 40.0, "N1")


def test_a_lost_key_file_gives_a_new_key_and_ends_the_old_one(folder):
    seed(2)
    (folder / "check.key").unlink()
    seed(2)
    assert ApiKey.objects.filter(revoked_at__isnull=True).count() == 1
    assert ApiKey.objects.count() == 2
