"""The page of robot maps in a real browser: full of files and robots, narrow and wide, without a fault."""

from __future__ import annotations

from typing import Any

import pytest

from fleet.accounts.rights import Actor
from robots import maps
from robots.models import Robot, RobotState

from .browsing import axe_violations, open_page
from .conftest import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ADMIN = Actor("person", "0", "ada", {}, frozenset(), frozenset(), superuser=True)


def fill(house: House) -> None:
    site = house.robots[0].site
    files = [
        maps.add_file(site=site, map_id="floor-1", map_version=version, content=version.encode() * 9000, actor=ADMIN)
        for version in ("2026-03-01", "2026-07-15", "2026-09-30", "2026-11-20")
    ]
    maps.withdraw(file=files[0], actor=ADMIN)
    maps.enable(file=files[1], actor=ADMIN)
    maps.offer(file=files[2], actor=ADMIN)
    rows = [{"map_id": "floor-1", "map_version": "2026-07-15", "status": "ENABLED"}]
    old = [{"map_id": "floor-1", "map_version": "2026-03-01", "status": "ENABLED"}]
    for number, robot in enumerate(Robot.objects.filter(site=site)):
        RobotState.objects.update_or_create(robot=robot, defaults={"maps": old if number else rows})


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
def test_the_page_of_maps(served: House, live_server: Any, browser: Any, scheme: str, width: int) -> None:
    fill(served)
    page, said = open_page(browser, live_server, served, scheme=scheme, width=width)
    page.goto(live_server.url + "/settings/?tab=maps")
    page.wait_for_selector("table.robot-maps")
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert axe_violations(page) + said == []
    assert overflow <= 0
    assert page.locator("tbody tr").count() >= 5
    page.context.close()
