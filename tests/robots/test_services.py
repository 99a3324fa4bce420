"""Admitting robots: what a serial number must be, so that everything that goes by it finds one robot."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fleet.accounts.models import Site
from robots import services as robots
from robots.errors import RobotRefused
from robots.models import Robot

pytestmark = pytest.mark.django_db


def register(site: Site, serial: str, manufacturer: str = "acme") -> Robot:
    kind = site.robots.first().type if site.robots.exists() else _cart()
    return robots.register_robot(
        site=site, kind=kind, serial=serial, manufacturer=manufacturer, name=serial, actor="test"
    )


def _cart():
    return robots.add_type(
        slug="cart", name="Cart", embodiment="cart", skills=["move"], max_speed=1.5, length=0.8, width=0.6,
        max_payload=100, actor="test",
    )  # fmt: skip


def test_a_serial_is_given_once_whoever_made_the_robot(services):
    """The stop path, the broker's users and the task queues know a robot by its serial: two would be one for a stop."""
    south, north = (Site.objects.create(slug=slug, name=slug) for slug in ("south", "north"))
    register(south, "R-1")
    for site, manufacturer in ((south, "acme"), (south, "other"), (north, "other")):
        kind = south.robots.get().type
        with pytest.raises(RobotRefused, match="R-1 is registered already"):
            robots.register_robot(
                site=site, kind=kind, serial="R-1", manufacturer=manufacturer, name="second", actor="test"
            )
    assert register(south, "R-2", "other").live_index == 1


@pytest.mark.parametrize("serial", ["", "a/b", "a+b", "a#b", "ä", "a b"])
def test_a_serial_that_no_topic_takes_is_refused(services, serial):
    site = Site.objects.create(slug="south", name="South")
    with pytest.raises(RobotRefused, match="serial number"):
        register(site, serial)


def test_a_name_is_given_once_at_a_site(services):
    """Words and messages name a robot by it: `Cart 1 tried to write as Cart 1` would help nobody."""
    south, north = (Site.objects.create(slug=slug, name=slug) for slug in ("south", "north"))
    register(south, "R-1")
    kind = south.robots.get().type
    with pytest.raises(RobotRefused, match="R-1 is called R-1 already"):
        robots.register_robot(site=south, kind=kind, serial="X", manufacturer="acme", name="r-1", actor="test")
    assert south.robots.count() == 1
    robots.register_robot(site=north, kind=kind, serial="X", manufacturer="acme", name="R-1", actor="test")


def test_the_row_of_a_site_is_locked_without_its_key(services):
    """Dispatch holds the ledger when the keys it wrote are checked, at its commit; FOR UPDATE would lock both up."""
    south = Site.objects.create(slug="south", name="south")
    with CaptureQueriesContext(connection) as said:
        register(south, "R-1")
    locks = [q["sql"] for q in said if " FOR " in q["sql"] and "accounts_site" in q["sql"]]
    assert locks and all(sql.endswith("FOR NO KEY UPDATE") for sql in locks)
