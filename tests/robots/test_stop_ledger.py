from __future__ import annotations

import pytest

from fleet.accounts.models import Site
from fleet.ledger.models import Entry
from robots.core.stops import Latch, action_id
from robots.models import Command, Robot, RobotType, StopLatch
from robots.stop_journal import opened
from robots.stop_ledger import tell

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def site(services) -> Site:
    site = Site.objects.create(slug="demo", name="Demo")
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1, length=1, width=1, max_payload=1
    )
    for index, serial in enumerate("AB"):
        Robot.objects.create(site=site, type=kind, serial=serial, manufacturer="a", name=serial, live_index=index)
    return site


def act(scope: str = "site", *serials: str) -> dict:
    latch = Latch("stp_1", scope, "demo", 1_700_000_000.0, "person:7:anna", reason="spill")
    latch.add(serials or "AB", 1_700_000_000.0)
    return opened(latch)


def released(*serials: str) -> dict:
    at = 1_700_000_060.0
    return {"t": "released", "id": "stp_1", "serials": list(serials), "by": "person:8:ben", "at": at, "reason": "clear",
            "resume": "stp_1.resume1"}  # fmt: skip


def test_a_stop_is_recorded_once_however_often_it_is_told():
    for _ in range(2):
        tell([act()], {"stp_1": {"A": 1_700_000_001.0}})
    tell([], {"stp_1": {"A": 1_700_000_001.0}})
    latch = StopLatch.objects.get()
    assert (latch.requested_by, latch.held, latch.reason, latch.released_at) == ("anna", ["A", "B"], "spill", None)
    assert list(latch.confirmed) == ["A"]
    entry = Entry.objects.get(action="stop.requested")
    assert (entry.actor_kind, entry.actor_id, entry.actor_name) == ("person", "7", "anna")
    assert entry.after["robots"] == ["A", "B"]


def test_a_partial_resume_keeps_the_rest_held():
    tell([act(), released("A")], {})
    assert StopLatch.objects.get().held == ["B"] and StopLatch.objects.get().released_at is None
    tell([released("A"), released("B")], {})
    latch = StopLatch.objects.get()
    assert (latch.held, latch.released_by) == ([], "ben") and latch.released_at is not None
    assert Entry.objects.filter(action="stop.resumed").count() == 2


def test_a_hold_appears_in_the_robots_command_log():
    tell([act("robot", "A"), released("A")], {})
    log = Command.objects.filter(robot__serial="A").order_by("id")
    assert [(row.kind, row.state, row.actor) for row in log] == [("hold", "sent", "anna"), ("resume", "sent", "ben")]
    assert log[0].action_id == action_id("stp_1", "A")


def test_a_robot_admitted_later_is_added():
    tell([act("site", "A"), {"t": "extended", "id": "stp_1", "serials": ["B"]}], {})
    assert StopLatch.objects.get().held == ["A", "B"]
