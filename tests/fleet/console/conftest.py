"""A small site with people of every role, three robots and a mission, and a stop path that needs no broker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fleet.accounts.models import Membership, Site, User
from missions.models import Mission, MissionEvent, Step
from robots import services as robot_services
from robots import stop as stop_path
from robots.core.demo_site import demo_layout
from robots.core.layout import layout_to_json
from robots.core.stops import Latch, StopBook
from robots.models import Item, Robot, RobotState, RobotType
from robots.stop_roster import Card, Roster
from robots.stop_status import SiteStops, site_stops

ROLES = ("viewer", "supervisor", "site_admin", "integrator", "auditor")


@dataclass
class FakeStopPath:
    """The stop controller without threads and broker: what was pressed stands at once."""

    reachable: bool = True
    roster: Roster = field(default_factory=Roster)
    book: StopBook = field(default_factory=StopBook)
    blocked: dict[str, str] = field(default_factory=dict)
    resumed: list[tuple[str, tuple[str, ...], str, str]] = field(default_factory=list)

    def can_stop(self) -> bool:
        return self.reachable

    def stop(
        self, scope: str, site: str, *, actor: str, zone: Any = None, serials: Any = None, reason: str = ""
    ) -> str:
        latch = Latch(f"stp_{len(self.book.latches)}", scope, site, 1_000.0, actor, zone=zone or "", reason=reason)
        latch.add(serials or [card.serial for card in self.roster.at_site(site)], 1_000.0)
        self.book.open(latch)
        return latch.id

    def resume(self, stop_id: str, serials: list[str], *, actor: str, reason: str) -> tuple[str, ...]:
        self.resumed.append((stop_id, tuple(serials), actor, reason))
        self.book.release(stop_id, serials, now=1_001.0, resume_id="r")
        return tuple(serials)

    def why_not(self, latch: Latch, serial: str) -> str:
        return self.blocked.get(serial, "")

    def status(self, site: str) -> SiteStops:
        return site_stops(self.book, self.roster, site, can_stop=self.reachable, now=1_000.5)


@dataclass
class House:
    """What the tests of this folder stand on."""

    site: Site
    people: dict[str, User]
    robots: list[Robot]
    mission: Mission

    def client(self, role: str) -> Client:
        client = Client()
        client.force_login(self.people[role], backend="django.contrib.auth.backends.ModelBackend")
        return client


@pytest.fixture(autouse=True)
def stop_controller(monkeypatch: pytest.MonkeyPatch) -> FakeStopPath:
    fake = FakeStopPath()
    monkeypatch.setattr(stop_path, "_controller", fake)
    return fake


def build_house(fake: FakeStopPath) -> House:
    site = Site.objects.create(slug="north", name="North hall", time_zone="Europe/Berlin")
    people = {role: User.objects.create(username=f"{role}-person") for role in ROLES}
    for role, user in people.items():
        Membership.objects.create(user=user, site=site, role=role)
    people["stranger"] = User.objects.create(username="stranger-person")
    version, _ = robot_services.import_layout(site=site, document=layout_to_json(demo_layout()), actor="test")
    robot_services.publish_layout(version=version, actor="test")
    Item.objects.create(site=site, slug="tote", name="Tote", aliases=["totes"])
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", skills=["move", "pick", "drop"], max_speed=1.5, length=0.6,
        width=0.5, max_payload=100,
    )  # fmt: skip
    robots = []
    for number in range(3):
        serial, name = f"C-{number}", f"Cart {number}"
        robot = Robot.objects.create(
            site=site, type=kind, serial=serial, manufacturer="acme", name=name, live_index=number
        )
        RobotState.objects.create(
            robot=robot, connection="online", state_at=timezone.now(), operating_mode="AUTOMATIC", x=5.0, y=5.0,
            theta=0.0, localized=True, battery=70.0, loads=[],
        )  # fmt: skip
        card = Card(robot.pk, robot.public_id, name, serial, "acme", "north", "uagv", "2.1.0", 0.4)
        fake.roster.cards[serial] = card
        robots.append(robot)
    mission = Mission.objects.create(
        site=site, number=1001, text='bring <b>two</b> totes to "pack 1"', readback="Any free robot: collect 2 Tote.",
        plan={"steps": [{"op": "move", "at": "pack-1"}], "avoid": []}, requested_by="supervisor-person",
    )  # fmt: skip
    Step.objects.create(mission=mission, index=0, op="move", line="drive to Pack 1", payload={"op": "move"})
    MissionEvent.objects.create(
        mission=mission, at=timezone.now(), kind="created", to_state="queued", actor="supervisor-person"
    )
    return House(site, people, robots, mission)


@pytest.fixture
def house(db: None, stop_controller: FakeStopPath) -> House:
    return build_house(stop_controller)


@pytest.fixture
def served(live_server: Any, stop_controller: FakeStopPath) -> House:
    return build_house(stop_controller)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()
