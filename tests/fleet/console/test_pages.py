"""One test per page: who sees it, what is on it, who does not."""

from __future__ import annotations

import re

import pytest
from django.core import signing

from fleet.accounts.models import Membership, Site
from fleet.console.stopping import COOKIE, SALT
from fleet.ledger.models import Entry
from missions.models import MissionIntent

from .conftest import House

pytestmark = pytest.mark.django_db

SITE_PAGES = ("/ops/north/", "/missions/", "/robots/", "/settings/", "/sites/north/resume/")


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def test_the_start_page_goes_to_the_only_site(house: House) -> None:
    assert house.client("viewer").get("/").headers["Location"] == "/ops/north/"


def test_the_start_page_lists_the_sites_of_a_person_with_several(house: House) -> None:
    other = Site.objects.create(slug="south", name="South hall")
    Site.objects.create(slug="secret", name="Secret hall")
    Membership.objects.create(user=house.people["viewer"], site=other, role="viewer")
    page = text(house.client("viewer").get("/"))
    assert "North hall" in page and "South hall" in page and "Secret hall" not in page


@pytest.mark.parametrize("address", [*SITE_PAGES, "/audit/", "/palette", "/ops/north/layout.json"])
def test_nobody_sees_a_page_without_signing_in(house: House, client: object, address: str) -> None:
    response = client.get(address)  # type: ignore[attr-defined]
    assert response.status_code == 302 and response.headers["Location"].startswith("/login/")


@pytest.mark.parametrize(
    "address", ["/ops/north/", "/sites/north/resume/", "/ops/north/roster.json", "/ops/north/part/queue/"]
)
def test_a_site_does_not_exist_for_who_is_no_member(house: House, address: str) -> None:
    assert house.client("stranger").get(address).status_code == 404


@pytest.mark.parametrize("address", SITE_PAGES)
def test_every_page_carries_the_frame(house: House, address: str) -> None:
    page = text(house.client("viewer").get(address))
    assert 'id="stop-form"' in page and "STOP SITE" in page and 'id="link"' in page and 'id="clock"' in page
    assert "emergency" not in page.lower() and "e-stop" not in page.lower()


def test_operations_shows_queue_map_and_composer(house: House) -> None:
    page = text(house.client("supervisor").get("/ops/north/"))
    assert "M-1001" in page and "bring &lt;b&gt;two&lt;/b&gt; totes" in page
    assert 'data-layout="/ops/north/layout.json"' in page and 'id="composer-text"' in page
    assert "Nothing needs you now." in page


def test_a_viewer_sees_the_composer_disabled_with_the_role_that_may(house: House) -> None:
    page = text(house.client("viewer").get("/ops/north/"))
    assert "Dispatching needs the role Supervisor or Site admin or Integrator" in page
    assert house.client("viewer").post("/ops/north/composer/preview", {"text": "go home"}).status_code == 403


def test_the_stop_button_gives_way_to_a_warning_when_a_stop_cannot_be_sent(
    house: House, stop_controller: object
) -> None:
    stop_controller.reachable = False  # type: ignore[attr-defined]
    page = text(house.client("supervisor").get("/ops/north/"))
    assert "Stop cannot be sent" in page and "STOP SITE" not in page.split('id="bars"')[0]


def test_the_mission_page(house: House) -> None:
    page = text(house.client("supervisor").get(f"/missions/{house.mission.public_id}/"))
    assert "drive to Pack 1" in page and "Why this robot?" in page and "supervisor-person" in page
    assert "ask-cancel" in page and "<b>two</b>" not in page


def test_the_costs_of_a_robot_add_up_on_the_mission_page(house: House) -> None:
    """Distance, battery and waiting make the cost; a choice kept from before waiting was counted has none."""
    part = {"robot": 0, "name": "R-9", "distance_m": 12.5, "battery_penalty_m": 40.0, "excluded": ""}
    parts = [{**part, "waiting_m": 7.5, "total_m": 60.0}, {**part, "name": "R-8", "total_m": 52.5}]
    house.mission.allocation = {"text": "R-9: 12.5 m away, cheapest of 2.", "candidates": parts}
    house.mission.save(update_fields=["allocation"])
    page = text(house.client("supervisor").get(f"/missions/{house.mission.public_id}/"))
    rows = re.findall(r'<tr><th scope="row">(R-\d)</th>(.*?)</tr>', page.split('id="why-title"')[1], re.S)
    figures = {name: [float(x) for x in re.findall(r"([\d.]+) m\b", cells)] for name, cells in rows}
    assert figures == {"R-9": [12.5, 40.0, 7.5, 60.0], "R-8": [12.5, 40.0, 0.0, 52.5]}


def test_a_mission_of_another_site_is_not_there(house: House) -> None:
    assert house.client("stranger").get(f"/missions/{house.mission.public_id}/").status_code == 404


def test_cancelling_writes_an_intent_with_actor_and_reason(house: House) -> None:
    address = f"/missions/{house.mission.public_id}/cancel/"
    assert house.client("viewer").post(address, {"reason": "no"}).status_code == 403
    house.client("supervisor").post(address, {"reason": "wrong dock"})
    intent = MissionIntent.objects.get()
    assert (intent.kind, intent.actor, intent.reason) == ("cancel", "supervisor-person", "wrong dock")


def test_a_request_that_the_state_does_not_allow_changes_nothing(house: House) -> None:
    response = house.client("supervisor").post(f"/missions/{house.mission.public_id}/resume/", follow=True)
    assert "Not done" in text(response) and not MissionIntent.objects.exists()


@pytest.mark.parametrize(
    ("query", "found"),
    [("", True), ("?state=open", True), ("?state=completed", False), ("?text=totes", True), ("?text=M-1001", True),
     ("?text=nothing", False), ("?late=1", False), ("?robot=rob_none", False)],
)  # fmt: skip
def test_the_missions_list_filters(house: House, query: str, found: bool) -> None:
    assert ("M-1001" in text(house.client("viewer").get(f"/missions/{query}"))) is found


def test_the_robots_list_and_page(house: House) -> None:
    client = house.client("supervisor")
    assert "Cart 0" in text(client.get("/robots/")) and "Cart 0" not in text(client.get("/robots/?text=cart+2"))
    page = text(client.get(f"/robots/{house.robots[0].public_id}/"))
    assert "Idle, data" in page and "reported by the robot" in page and "70 %" in page and "Hold robot" in page


def test_out_of_service_needs_the_right_and_a_reason(house: House) -> None:
    robot = house.robots[0]
    address = f"/robots/{robot.public_id}/service/"
    assert house.client("viewer").post(address, {"in_service": "no", "reason": "x"}).status_code == 403
    house.client("supervisor").post(address, {"in_service": "no"})
    robot.refresh_from_db()
    assert robot.in_service
    house.client("supervisor").post(address, {"in_service": "no", "reason": "worn wheel"})
    robot.refresh_from_db()
    assert not robot.in_service


def test_the_audit_list_verifies_and_exports(house: House) -> None:
    assert house.client("supervisor").get("/audit/").status_code == 403
    client = house.client("auditor")
    assert "layout.published" in text(client.get("/audit/"))
    assert "layout.published" not in text(client.get("/audit/?action=mission."))
    assert "The chain holds." in text(client.post("/audit/verify/"))
    exported = text(client.post("/audit/export/"))
    assert exported.startswith("{") and "yardmaster-ledger-1" in exported


def test_a_refused_command_is_recorded(house: House) -> None:
    house.client("viewer").post(f"/missions/{house.mission.public_id}/cancel/", {"reason": "x"})
    assert Entry.objects.filter(action="access.refused", actor_name="viewer-person", result="refused").exists()


def test_a_key_is_shown_once(house: House) -> None:
    client = house.client("site_admin")
    page = text(client.post("/settings/keys/", {"name": "wms", "scope": ["missions:read"], "days": "30"}))
    assert "ymk_" in page and 'id="secret"' in page
    assert 'id="secret"' not in text(client.get("/settings/?tab=keys"))
    assert house.client("viewer").post("/settings/keys/", {"name": "x", "scope": ["stop"]}).status_code == 403


def test_the_site_is_changed_by_its_admin_only(house: House) -> None:
    new = {"name": "North", "time_zone": "Asia/Tokyo", "unattended": "1"}
    assert house.client("supervisor").post("/settings/site/", new).status_code == 403
    assert house.client("site_admin").post("/settings/site/", {**new, "time_zone": "Mars/Base"}).status_code == 422
    house.client("site_admin").post("/settings/site/", new)
    house.site.refresh_from_db()
    assert (house.site.name, house.site.time_zone, house.site.unattended) == ("North", "Asia/Tokyo", True)
    assert Entry.objects.filter(action="site.changed", actor_name="site_admin-person").exists()


def test_a_role_given_on_the_page(house: House) -> None:
    person = house.people["viewer"]
    house.client("site_admin").post(f"/settings/people/{person.pk}/role/", {"role": "supervisor"})
    assert Membership.objects.get(user=person).role == "supervisor"


def test_layouts_are_listed_and_exported(house: House) -> None:
    client = house.client("viewer")
    assert "in force" in text(client.get("/settings/?tab=layouts"))
    version = house.site.layouts.get()
    assert client.get(f"/settings/layouts/{version.public_id}/lif/").json()["layouts"]
    assert client.post(f"/settings/layouts/{version.public_id}/publish/").status_code == 403


def test_the_layout_is_loaded_once(house: House) -> None:
    client = house.client("viewer")
    first = client.get("/ops/north/layout.json")
    assert first.json()["nodes"]
    again = client.get("/ops/north/layout.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.content


def test_the_palette_only_gives_addresses_of_what_the_person_may_see(house: House) -> None:
    results = house.client("viewer").get("/palette?q=cart").json()["results"]
    assert [r["name"] for r in results] == ["Cart 0", "Cart 1", "Cart 2"]
    assert house.client("stranger").get("/palette?q=cart").json()["results"] == []
    assert all(set(r) == {"name", "kind", "url"} for r in results)


def test_theme_and_shortcuts_are_remembered(house: House) -> None:
    client = house.client("viewer")
    client.post("/settings/you/", {"theme": "dark"})
    page = text(client.get("/ops/north/"))
    assert 'data-theme="dark"' in page and 'data-shortcuts="off"' in page


class TestStop:
    def test_every_role_may_stop_and_it_is_named(self, house: House, stop_controller: object) -> None:
        page = house.client("viewer").post("/ops/north/stop", headers={"X-Requested-With": "fetch"})
        assert "Whole site" in text(page) and "use the physical red button" in text(page)
        (latch,) = stop_controller.book.at_site("north")  # type: ignore[attr-defined]
        assert latch.by.split(":")[2] == "viewer-person" and latch.held == {"C-0", "C-1", "C-2"}

    def test_one_robot_is_held(self, house: House, stop_controller: object) -> None:
        house.client("supervisor").post("/ops/north/stop", {"scope": "robot", "robot": house.robots[1].public_id})
        (latch,) = stop_controller.book.at_site("north")  # type: ignore[attr-defined]
        assert latch.held == {"C-1"}

    def test_an_unknown_robot_is_refused(self, house: House) -> None:
        response = house.client("supervisor").post("/ops/north/stop", {"scope": "robot", "robot": "rob_none"})
        assert response.status_code == 422 and "knows no such robot" in text(response)

    def test_a_stranger_may_not(self, house: House) -> None:
        assert house.client("stranger").post("/ops/north/stop").status_code == 404

    def test_nobody_may_not(self, house: House, client: object) -> None:
        assert client.post("/ops/north/stop").headers["Location"] == "/login/"  # type: ignore[attr-defined]

    def test_the_pass_stops_without_one_query(
        self, house: House, stop_controller: object, django_assert_num_queries: object
    ) -> None:
        client = house.client("viewer")
        client.get("/ops/north/")
        with django_assert_num_queries(0):  # type: ignore[operator]
            response = client.post("/ops/north/stop", headers={"X-Requested-With": "fetch"})
            status = client.get("/ops/north/stop/status")
        assert response.status_code == 200 and "Whole site" in text(status)

    def test_a_pass_is_worth_nothing_with_another_session(self, house: House) -> None:
        first = house.client("viewer")
        first.get("/ops/north/")
        thief = house.client("stranger")
        thief.cookies[COOKIE] = first.cookies[COOKIE].value
        assert thief.post("/ops/north/stop").status_code == 404

    def test_a_forged_pass_is_worth_nothing(self, house: House) -> None:
        client = house.client("stranger")
        forged = signing.dumps({"id": "1", "name": "x", "sites": {"north": "UTC"}, "to": ""}, salt=SALT + "x")
        client.cookies[COOKIE] = forged
        assert client.post("/ops/north/stop").status_code == 404

    def test_the_bar_stands_on_every_page_until_resumed(self, house: House) -> None:
        client = house.client("viewer")
        client.post("/ops/north/stop")
        assert "The site is stopped" in text(client.get("/missions/"))


class TestResume:
    def press(self, house: House) -> object:
        client = house.client("supervisor")
        client.post("/ops/north/stop")
        return client

    def test_two_steps_and_a_reason(self, house: House, stop_controller: object) -> None:
        client = self.press(house)
        form = {"stop": "stp_0", "serial": ["C-0", "C-1"], "reason": "floor is clear"}
        review = text(client.post("/sites/north/resume/", form))  # type: ignore[attr-defined]
        assert "2 robots will move again" in review and not stop_controller.resumed  # type: ignore[attr-defined]
        client.post("/sites/north/resume/", {**form, "confirm": "yes"})  # type: ignore[attr-defined]
        ((stop, serials, actor, reason),) = stop_controller.resumed  # type: ignore[attr-defined]
        assert (stop, serials, reason) == ("stp_0", ("C-0", "C-1"), "floor is clear") and "supervisor" in actor

    @pytest.mark.parametrize(
        "form", [{"serial": ["C-0"], "reason": " "}, {"reason": "ok"}, {"serial": ["X"], "reason": "ok"}]
    )
    def test_nothing_moves_when_something_is_missing(
        self, house: House, stop_controller: object, form: dict[str, object]
    ) -> None:
        client = self.press(house)
        response = client.post("/sites/north/resume/", {"stop": "stp_0", "confirm": "yes", **form})  # type: ignore[attr-defined]
        assert response.status_code == 422 and not stop_controller.resumed  # type: ignore[attr-defined]

    def test_a_blocked_robot_cannot_be_ticked(self, house: House, stop_controller: object) -> None:
        stop_controller.blocked["C-2"] = "C-2 reports a physical stop; release it at the robot first."  # type: ignore[attr-defined]
        page = text(self.press(house).get("/sites/north/resume/"))  # type: ignore[attr-defined]
        assert "reports a physical stop" in page and 'value="C-2" id="t-stp_0-3" disabled' in page

    def test_a_viewer_sees_who_may(self, house: House, stop_controller: object) -> None:
        self.press(house)
        client = house.client("viewer")
        assert "Needs the role Supervisor or Site admin" in text(client.get("/sites/north/resume/"))
        assert client.post("/sites/north/resume/", {"stop": "stp_0", "confirm": "yes"}).status_code == 403
        assert not stop_controller.resumed  # type: ignore[attr-defined]


def test_a_person_who_cannot_be_added_keeps_the_role_that_was_chosen(house: House) -> None:
    form = {"username": "new-one", "password": "x", "role": "auditor"}
    refused = house.client("site_admin").post("/settings/people/", form)
    assert refused.status_code == 422
    added = text(refused).split('id="p-role"')[1].split("</select>")[0]
    assert '<option value="auditor" selected>' in added and added.count("selected") == 1
