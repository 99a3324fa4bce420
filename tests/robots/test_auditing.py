"""The audit kept with layout versions: renewed with the fleet, a gate for publishing, told in REST."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from fleet.accounts.models import Site
from fleet.ledger.models import Entry
from robots import auditing
from robots import services as robots
from robots.core.demo_site import demo_layout
from robots.core.layout import Edge, Layout, Node, Station, layout_to_json
from robots.errors import LayoutNotSafe
from robots.models import LayoutVersion, Robot
from tests.robots.test_api import Api, Person

pytestmark = pytest.mark.django_db


def hairpin(closed: bool = False) -> Layout:
    """Two rows of four nodes joined at one end, and at the other too if `closed`; a packing bench at the bend."""
    nodes = tuple(Node(f"{row}{i}", 3.0 * i, 3.0 * (row == "b")) for row in "ab" for i in range(4))
    lanes = [(f"{row}{i}", f"{row}{i + 1}") for row in "ab" for i in range(3)] + [("a0", "b0")]
    lanes += [("a3", "b3")] * closed
    edges = tuple(Edge(f"{x}>{y}", x, y) for a, b in lanes for x, y in ((a, b), (b, a)))
    bench = Station("bench", "Bench", "packing", ("a0",), 0.0, 0.0)
    return Layout("Hairpin", "1", nodes, edges, (bench,), map_id="m")


@pytest.fixture
def site() -> Site:
    return Site.objects.create(slug="demo", name="Demo")


def imported(site: Site, layout: Layout) -> LayoutVersion:
    return robots.import_layout(site=site, document=layout_to_json(layout), actor="test")[0]


def a_robot(site: Site, number: int, *, length: float = 0.8) -> Robot:
    kind = site.robots.filter(type__length=length).first()
    made = kind.type if kind else robots.add_type(
        slug=f"cart-{length:g}".replace(".", "-"), name="Cart", embodiment="cart", skills=["move"], max_speed=1.5,
        length=length, width=0.6, max_payload=100, actor="test",
    )  # fmt: skip
    return robots.register_robot(
        site=site, kind=made, serial=f"R-{number}", manufacturer="acme", name=f"R-{number}", actor="test"
    )


def kept(version: LayoutVersion) -> dict[str, Any]:
    return LayoutVersion.objects.get(pk=version.pk).audit


def test_the_verdict_is_renewed_with_every_change_of_the_fleet(services: object, site: Site) -> None:
    version = imported(site, hairpin())
    assert (kept(version)["verdict"], kept(version)["fleet"]) == ("safe", 0)
    first, second = a_robot(site, 1), a_robot(site, 2)
    assert (kept(version)["verdict"], kept(version)["fleet"], kept(version)["safe_robots"]) == ("refused", 2, 1)
    assert kept(version)["advice"]["text"].startswith("Add a two-way lane between")
    robots.set_in_service(robot=second, in_service=False, actor="test", reason="flat tyre")
    assert (kept(version)["verdict"], kept(version)["fleet"]) == ("safe", 1)
    robots.set_in_service(robot=second, in_service=True, actor="test")
    assert kept(version)["verdict"] == "refused"
    assert first.in_service


def test_a_larger_type_makes_a_layout_smaller(services: object, site: Site) -> None:
    version = imported(site, hairpin(closed=True))
    a_robot(site, 1), a_robot(site, 2)
    before = kept(version)
    assert (before["verdict"], before["largest"]) == ("safe", 7)
    a_robot(site, 3, length=4.0)
    assert kept(version)["largest"] < before["largest"]
    assert any("closer than a robot" in text for text in kept(version)["findings"])


def test_renewing_without_a_change_writes_nothing(
    services: object, site: Site, django_assert_max_num_queries: Any
) -> None:
    version = imported(site, hairpin())
    robots.publish_layout(version=version, actor="test")
    with django_assert_max_num_queries(6) as queries:
        auditing.refresh(site)
    assert not [q for q in queries.captured_queries if q["sql"].startswith("UPDATE")]


def test_a_layout_that_fails_is_published_only_with_the_limit_named(services: object, site: Site) -> None:
    version = imported(site, hairpin())
    for number in range(3):
        a_robot(site, number)
    for limit in (None, 2, 3, 99):
        with pytest.raises(LayoutNotSafe, match="On this layout 3 robots can lock up, 1 cannot") as refused:
            robots.publish_layout(version=version, actor="test", accept_limit=limit)
        assert any("Add a two-way lane" in text for text in refused.value.problems)
        assert not LayoutVersion.objects.filter(published_at__isnull=False).exists()
    made = robots.publish_layout(version=version, actor="test", accept_limit=1)
    assert (made.accepted_limit, made.audit["verdict"]) == (1, "refused")
    entry = Entry.objects.get(action="layout.published")
    assert entry.after["accepted_limit"] == 1
    assert entry.after["audit"] == {"verdict": "refused", "fleet": 3, "safe_robots": 1}
    assert auditing.outgrown(site) is None, "somebody has accepted it"


def test_a_limit_that_nobody_needs_is_refused(services: object, site: Site) -> None:
    version = imported(site, hairpin(closed=True))
    a_robot(site, 1), a_robot(site, 2)
    with pytest.raises(LayoutNotSafe, match="no limit of 1 to accept"):
        robots.publish_layout(version=version, actor="test", accept_limit=1)
    assert robots.publish_layout(version=version, actor="test", accept_limit=2).accepted_limit is None


def test_an_older_version_comes_back_with_a_verdict_of_today(services: object, site: Site) -> None:
    old = imported(site, hairpin())
    robots.publish_layout(version=old, actor="test")
    robots.publish_layout(version=imported(site, hairpin(closed=True)), actor="test")
    a_robot(site, 1), a_robot(site, 2)
    with pytest.raises(LayoutNotSafe):
        robots.publish_layout(version=old, actor="test")
    again = robots.publish_layout(version=old, actor="test", accept_limit=1)
    assert (again.number, again.accepted_limit, again.audit["fleet"]) == (3, 1, 2)


def test_a_fleet_that_has_outgrown_its_layout_is_a_warning_not_a_failure(services: object, site: Site) -> None:
    robots.publish_layout(version=imported(site, hairpin()), actor="test")
    a_robot(site, 1)
    assert auditing.warning(site) == ""
    a_robot(site, 2)
    assert auditing.warning(site) == (
        "2 robots are in service, but on layout version 1 only 1 can never lock up. See Settings, Layouts."
    )


def test_a_limit_that_is_too_high_by_now_is_told(services: object, site: Site) -> None:
    version = imported(site, hairpin(closed=True))
    for number in range(9):
        a_robot(site, number)
    robots.publish_layout(version=version, actor="test", accept_limit=7)
    assert auditing.outgrown(site) is None
    a_robot(site, 9, length=4.0)
    assert auditing.outgrown(site) is not None


def test_a_version_from_before_there_were_audits_is_asked_now(services: object, site: Site) -> None:
    version = imported(site, hairpin())
    LayoutVersion.objects.filter(pk=version.pk).update(audit={})
    assert auditing.known(LayoutVersion.objects.get(pk=version.pk))["verdict"] == "safe"


def test_the_demonstration_site_passes_for_its_fleet(services: object, site: Site) -> None:
    version = imported(site, demo_layout())
    for number in range(3):
        a_robot(site, number, length=0.66)
    found = robots.publish_layout(version=version, actor="test").audit
    assert (found["verdict"], found["safe_robots"], found["findings"]) == ("pockets", 3, [])
    assert found["largest"] >= 60 and all(len(pocket) == 1 for pocket in found["pockets"])


# --- REST and the command -----------------------------------------------------------------------------------------


def test_rest_tells_the_audit_and_asks_for_the_limit(services: object, site: Site) -> None:
    version = imported(site, hairpin())
    a_robot(site, 1), a_robot(site, 2)
    api = Api(site, "missions:read", "layouts:write")
    audit = api("GET", f"layouts/{version.public_id}").json()["audit"]
    assert (audit["verdict"], audit["fleet"], audit["safe_robots"]) == ("refused", 2, 1)
    assert {audit["advice"]["from"], audit["advice"]["to"]} == {"a3", "b3"}
    refused = api("POST", f"layouts/{version.public_id}:publish")
    assert (refused.status_code, refused.json()["code"]) == (422, "layout_not_safe")
    assert "Accept the limit of 1 at once" in refused.json()["detail"]
    assert "never lock up" in refused.json()["errors"][0]["detail"]
    assert api("POST", f"layouts/{version.public_id}:publish", {"accept_limit": 0}).status_code == 400
    assert api("POST", f"layouts/{version.public_id}:publish", {"accept_limit": 2}).status_code == 422
    done = api("POST", f"layouts/{version.public_id}:publish", {"accept_limit": 1})
    assert (done.status_code, done.json()["accepted_limit"]) == (200, 1)
    entries = Entry.objects.filter(action="layout.published").order_by("seq")
    assert entries.last().after["accepted_limit"] == 1
    assert (
        Person(site, "viewer")("POST", f"layouts/{version.public_id}:publish", {"accept_limit": 1}).status_code == 403
    )


def test_who_registers_a_robot_too_many_is_told(services: object, site: Site, settings: Any, tmp_path: Path) -> None:
    settings.STATE_DIR, settings.MQTT_URL = tmp_path / "state", "mqtts://fleet:hush@broker.plant.example"
    robots.publish_layout(version=imported(site, hairpin()), actor="test")
    a_robot(site, 1)
    said = StringIO()
    call_command("robot", "add", "AGV-2", type="cart-0-8", site="demo", manufacturer="acme", stdout=said)
    assert "warning: 2 robots are in service, but on layout version 1 only 1 can never lock up" in said.getvalue()
    assert Robot.objects.filter(serial="AGV-2").exists()
