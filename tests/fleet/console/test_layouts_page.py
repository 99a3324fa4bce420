"""The tab Layouts: the audit in words and drawn, the form that names the limit, the map's layer, the attention row."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone, translation

from fleet.console.layout_picture import picture
from fleet.ledger.models import Entry
from robots import services as robots
from robots.core.demo_site import demo_layout
from robots.core.layout import Edge, layout_to_json
from robots.core.routing import RoadMap
from robots.core.traffic.audit import audit
from robots.models import LayoutVersion, Robot, SiteTraffic
from tests.robots.test_auditing import hairpin

from .conftest import House
from .test_german import german
from .test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """The test client answers in this thread, where the language of its last request would stay."""
    yield
    translation.deactivate()


@pytest.fixture
def draft(house: House) -> LayoutVersion:
    return robots.import_layout(site=house.site, document=layout_to_json(hairpin()), actor="test")[0]


def test_the_verdict_stands_beside_every_version(house: House, draft: LayoutVersion) -> None:
    page = text(house.client("viewer").get("/settings/?tab=layouts"))
    assert "Not safe for 3 robots, only for 1" in page
    assert "No robots in service yet; safe for up to 217" in page, "what it was when the demonstration was published"
    assert "Only 1 robot can never lock up here, not 3" in page and "Add a two-way lane between" in page
    assert "Publish…" in page and 'name="accept_limit"' in page and "disabled" in page


def test_a_version_is_drawn_with_its_pockets(house: House) -> None:
    version = house.site.layouts.get()
    robots.set_in_service(robot=house.robots[0], in_service=False, actor="test", reason="x")
    page = text(house.client("viewer").get(f"/settings/?tab=layouts&version={version.public_id}"))
    assert "Safe for all 2 robots in service, with pockets" in page
    assert page.count('class="pockets"') == 120 and "120 pockets, 120 nodes" in page
    numbers = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)" role="img"', page)
    assert numbers and float(numbers[1]) > float(numbers[2]) > 10


def test_publishing_needs_exactly_the_limit(house: House, draft: LayoutVersion) -> None:
    address = f"/settings/layouts/{draft.public_id}/publish/"
    assert house.client("supervisor").post(address, {"accept_limit": "1"}).status_code == 403
    admin = house.client("site_admin")
    for typed in ("", "2", "3", "one", "-1", "9" * 30):
        refused = admin.post(address, {"accept_limit": typed})
        assert refused.status_code == 422
        assert "On this layout 3 robots can lock up, 1 cannot" in text(refused)
    assert Entry.objects.filter(action="layout.published", result="refused").exists()
    page = text(admin.post(address, {"accept_limit": "1"}, follow=True))
    assert "Version 2 is in force, with 1 robot at once at most." in page
    assert "limit accepted: 1 robot at once" in page
    entry = Entry.objects.filter(action="layout.published", result="done").order_by("-seq").first()
    assert entry and entry.actor_name == "site_admin-person" and entry.after["accepted_limit"] == 1


def test_a_published_version_that_waits_names_the_one_that_robots_still_drive_on(
    house: House, draft: LayoutVersion
) -> None:
    client = house.client("viewer")
    first = LayoutVersion.objects.get(site=house.site, number=1)
    row = SiteTraffic.objects.create(site=house.site, layout=first, snapshot={}, updated_at=timezone.now())
    robots.publish_layout(version=draft, actor="test", accept_limit=1)
    waits = "published, waits: robots still drive on version 1"
    assert text(client.get("/settings/?tab=layouts")).count(waits) == 1
    row.layout = draft
    row.save()
    page = text(client.get("/settings/?tab=layouts"))
    assert waits not in page and '<span class="tag">in force</span>' in page


def test_an_outgrown_layout_is_on_the_attention_list(house: House) -> None:
    address = "/ops/north/part/attention/"
    client = house.client("supervisor")
    Robot.objects.filter(site=house.site).exclude(pk=house.robots[0].pk).update(in_service=False)
    version = robots.import_layout(site=house.site, document=layout_to_json(hairpin()), actor="test")[0]
    robots.publish_layout(version=version, actor="test")
    assert "can lock up" not in text(client.get(address))
    back = Robot.objects.get(pk=house.robots[1].pk)
    robots.set_in_service(robot=back, in_service=True, actor="test")
    page = text(client.get(address))
    assert "2 robots can lock up on this layout, 1 cannot" in page
    assert f"tab=layouts&amp;version={version.public_id}" in page
    robots.publish_layout(version=version, actor="test", accept_limit=1)
    assert "can lock up" not in text(client.get(address))


def test_the_map_gets_the_pockets_of_the_layout_in_force(house: House, draft: LayoutVersion) -> None:
    assert house.client("stranger").get("/ops/north/pockets.json").status_code == 404
    found = house.client("viewer").get("/ops/north/pockets.json").json()
    assert found["traps"] == [] and found["verdict"] in ("safe", "pockets")
    robots.set_in_service(robot=house.robots[0], in_service=False, actor="test", reason="x")
    found = house.client("viewer").get("/ops/north/pockets.json").json()
    assert found["verdict"] == "pockets" and len(found["pockets"]) == 120
    page = text(house.client("viewer").get("/ops/north/"))
    assert 'data-pockets="/ops/north/pockets.json"' in page and 'data-map="pockets"' in page


def test_the_tab_speaks_german(house: House, draft: LayoutVersion) -> None:
    page = text(german(house, "site_admin").get(f"/settings/?tab=layouts&version={draft.public_id}"))
    for words in ("Not safe", "never lock up", "Traffic audit", "Accept the limit", "Largest safe", "two-way"):
        assert words not in page
    assert "Nicht sicher" in page and "Fahrspur in beide Richtungen zwischen" in page
    assert 'viewBox="0 0 11.0 5.0"' in page, "a drawing has no decimal commas"


def test_a_drawing_has_traps_advice_and_no_lanes_beyond_what_can_be_seen() -> None:
    floor = hairpin()
    verdict = audit(RoadMap(floor), 3, advise=True)
    assert verdict.advice is not None
    found = {"pockets": [["a0", "a1"]], "traps": ["b3"], "advice": {"from": "a3", "to": "b3"}}
    drawn = picture(floor, found)
    assert (drawn["width"], drawn["height"]) == (11.0, 5.0)
    assert drawn["advice"] == "M10.00 4.00L10.00 1.00" and drawn["traps"] == "M10.00 1.00h0"
    assert drawn["pockets"][0]["dots"] == "M1.00 4.00h0M4.00 4.00h0"
    assert drawn["pockets"][0]["lanes"].count("M") == 2
    many = tuple(Edge(f"e{i}", "a0", "a1") for i in range(8001))
    assert picture(type(floor)("m", "1", floor.nodes, many), found | {"advice": None})["lanes"] == ""
    assert picture(demo_layout(), {"pockets": [], "traps": [], "advice": None})["lanes"].count("M") > 200
