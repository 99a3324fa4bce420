"""Traffic on the pages: why robots and missions wait, the floor beside the map, requests, and the second person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation

from fleet.accounts.models import Membership, User
from fleet.ledger.models import Entry
from missions.models import DispatchLease, Mission
from robots.core.demo_site import demo_layout
from robots.models import FloorRequest, ResourceHold, RobotState, RobotTraffic, SiteTraffic

from .conftest import House

pytestmark = pytest.mark.django_db

NODES = [node.id for node in demo_layout().nodes[:4]]


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """The test client answers in this thread, where the language of its last request would stay."""
    yield
    translation.deactivate()


def text(response: Any) -> str:
    return str(response.content.decode())


def speaks(house: House, *, ago: float = 0.0) -> None:
    """Dispatch renewed its lease `ago` seconds ago."""
    expires = timezone.now() + timedelta(seconds=4 - ago)
    DispatchLease.objects.update_or_create(site=house.site, defaults={"holder": "d", "expires_at": expires})


def floor(house: House, **kept: Any) -> None:
    row = {"layout": house.site.layouts.get(), "snapshot": kept, "updated_at": timezone.now()}
    SiteTraffic.objects.update_or_create(site=house.site, defaults=row)


def waits(house: House, *, seconds: float = 90.0, **given: Any) -> None:
    """Cart 0 waits for Cart 1, which waits for Cart 2."""
    reason = {
        "kind": "waiting_for_robot", "resource": f"node:{NODES[1]}", "holder": "C-1",
        "since": timezone.now().timestamp() - seconds, "text": f"waits for C-1, which holds {NODES[1]}",
        "ends": "when C-2 has moved on", "chain": ["C-1", "C-2"], **given,
    }  # fmt: skip
    base = [{"seq": 0, "node": NODES[0]}, {"seq": 2, "node": NODES[2]}]
    now = timezone.now()
    RobotTraffic.objects.update_or_create(
        robot=house.robots[0],
        defaults={"waiting": reason, "base": base, "horizon": [NODES[1]], "goal": NODES[3], "updated_at": now},
    )
    ResourceHold.objects.get_or_create(
        site=house.site, resource=f"node:{NODES[0]}", robot=house.robots[0], defaults={"epoch": 1, "since": now}
    )


class TestWhy:
    @pytest.fixture(autouse=True)
    def _waiting(self, house: House) -> None:
        speaks(house)
        waits(house)

    def address(self, house: House, number: int) -> str:
        return f"/robots/{house.robots[number].public_id}/"

    def test_the_robots_page_says_what_who_since_when_and_what_ends_it(self, house: House) -> None:
        page = text(house.client("viewer").get(self.address(house, 0)))
        assert f"waits for Cart 1, which holds {NODES[1]}" in page and "when Cart 2 has moved on" in page
        assert f'href="{self.address(house, 1)}">Cart 1</a>' in page and f'href="{self.address(house, 2)}"' in page
        assert "cause" in page and "data-age>1 min</time>" in page

    def test_the_card_and_the_list_say_it_too(self, house: House) -> None:
        client = house.client("viewer")
        card = text(client.get(f"/ops/north/part/card:{house.robots[0].public_id}/"))
        assert "waits for Cart 1" in card and self.address(house, 2) in card
        assert "1 min: waits for Cart 1" in text(client.get("/robots/"))

    def test_a_record_nobody_renews_is_unknown(self, house: House) -> None:
        speaks(house, ago=30)
        client = house.client("viewer")
        page = text(client.get(self.address(house, 0)))
        assert "Unknown just now." in page and "the last that was known" in page and "data-age>1 min" not in page
        assert "unknown: dispatch is silent" in text(client.get("/robots/"))

    def test_the_mission_and_its_queue_row_name_the_wait_of_its_robot(self, house: House) -> None:
        Mission.objects.filter(pk=house.mission.pk).update(state="running", robot=house.robots[0])
        client = house.client("viewer")
        page = text(client.get(f"/missions/{house.mission.public_id}/"))
        assert "Why Cart 0 does not go on" in page and self.address(house, 2) in page
        queue = text(client.get("/ops/north/part/queue/"))
        assert "waits 1 min:" in queue and "waits for Cart 1" in queue

    def test_a_wait_of_less_than_a_minute_is_not_put_forward(self, house: House) -> None:
        waits(house, seconds=30)
        Mission.objects.filter(pk=house.mission.pk).update(state="running", robot=house.robots[0])
        assert "waits 30 s" not in text(house.client("viewer").get("/ops/north/part/queue/"))

    def test_a_queued_mission_says_what_it_waits_for_itself(self, house: House) -> None:
        Mission.objects.filter(pk=house.mission.pk).update(reason="no robot is free")
        page = text(house.client("viewer").get(f"/missions/{house.mission.public_id}/"))
        assert "Why it does not go on" in page and "when a robot that can do it becomes free" in page

    def test_a_robot_that_waits_is_not_called_idle(self, house: House) -> None:
        client = house.client("viewer")
        assert "Waiting: waits for Cart 1" in text(client.get(self.address(house, 0)))
        assert "<b>2</b>" in text(client.get("/ops/north/part/kpis/")), "the two others are ready"
        speaks(house, ago=30)
        assert "Waiting:" not in text(client.get(self.address(house, 0)))

    def test_driving_and_idle_are_no_wait(self, house: House) -> None:
        for kind in ("driving", "idle", "at_goal"):
            waits(house, kind=kind)
            assert "Why it waits" not in text(house.client("viewer").get(self.address(house, 0)))

    def test_a_record_of_another_shape_breaks_no_page(self, house: House) -> None:
        RobotTraffic.objects.update(waiting={"kind": None, "since": "yesterday", "chain": None, "holder": "gone"})
        assert house.client("viewer").get(self.address(house, 0)).status_code == 200


class TestMap:
    def get(self, house: House, query: str = "") -> Any:
        return house.client("viewer").get(f"/ops/north/traffic.json{query}").json()

    def test_holds_base_horizon_and_wait_of_each_robot(self, house: House) -> None:
        speaks(house)
        waits(house)
        found = self.get(house, "?robots=1")
        (robot,) = found["robots"]
        assert found["full"] and found["known"] and robot["index"] == 0
        assert (robot["base"], robot["horizon"]) == ([NODES[0], NODES[2]], [NODES[1]])
        assert robot["holds"] == [f"node:{NODES[0]}"] and robot["wait"]["holder"] == "Cart 1"

    def test_only_what_changed_comes_again(self, house: House) -> None:
        waits(house)
        cursor = self.get(house, "?robots=1")["cursor"].replace("+", "%2B")
        RobotTraffic.objects.update(updated_at=timezone.now() - timedelta(minutes=1))
        assert self.get(house, f"?robots=1&after={cursor}")["robots"] == []
        RobotTraffic.objects.update(updated_at=timezone.now())
        assert len(self.get(house, f"?robots=1&after={cursor}")["robots"]) == 1

    def test_without_robots_only_the_abnormal_places(self, house: House) -> None:
        until = timezone.now().timestamp() + 60
        floor(
            house, zones={"aisle-3": "closing"}, blocks={NODES[0]: {"until": until, "by": "person:1:anna"}},
            doors={"fire-door": {"owner": "key:key_x:crane", "until": until}}, misplaced={"C-1": [NODES[1]]},
        )  # fmt: skip
        found = self.get(house)
        assert "robots" not in found and [z["id"] for z in found["zones"]] == ["aisle-3"]
        assert found["doors"][0]["owner"] == "crane" and found["blocks"][0]["by"] == "anna"
        assert found["misplaced"] == [{"name": "Cart 1", "nodes": [NODES[1]]}]

    def test_the_picture_takes_few_queries_however_many_robots(
        self, house: House, django_assert_max_num_queries: Any
    ) -> None:
        waits(house)
        client = house.client("viewer")
        client.get("/ops/north/traffic.json?robots=1")
        with django_assert_max_num_queries(14):
            client.get("/ops/north/traffic.json?robots=1")

    def test_a_stranger_sees_nothing_and_nonsense_is_a_full_picture(self, house: House) -> None:
        assert house.client("stranger").get("/ops/north/traffic.json").status_code == 404
        assert self.get(house, "?robots=1&after=yesterday")["full"]


def post(client: Client, address: str, **form: str) -> Any:
    return client.post(address, form, headers={"X-Requested-With": "fetch"})


class TestFloor:
    def test_a_zone_is_closed_with_a_reason_and_shown_at_once(self, house: House) -> None:
        client = house.client("supervisor")
        form = {"kind": "close_zone", "target": "aisle-3", "reason": "glass <b>"}
        assert post(client, "/ops/north/floor", **form).status_code == 202
        panel = text(client.get("/ops/north/part/floor/"))
        assert "Close Aisle 3" in panel and "not carried out yet" in panel and "supervisor-person" in panel
        again = post(client, "/ops/north/floor", **form)
        assert again.status_code == 409 and "has asked for this already" in again.json()["detail"]
        assert Entry.objects.filter(action="floor.ask", result="refused").exists()

    def test_no_zone_is_chosen_beforehand(self, house: House) -> None:
        page = text(house.client("supervisor").get("/ops/north/"))
        assert 'name="target" required><option value="">Choose a zone</option>' in page

    def test_an_obstacle_shows_its_reason_and_not_that_of_another(self, house: House) -> None:
        until = timezone.now().timestamp() + 60
        for actor, reason in (("person:1:anna", "pallet <x>"), ("person:2:ben", "older")):
            FloorRequest.objects.create(
                site=house.site, kind="block", target=NODES[0], actor=actor, reason=reason, applied_at=timezone.now()
            )
        floor(house, blocks={
            NODES[0]: {"until": until, "by": "person:1:anna"}, NODES[1]: {"until": until, "by": "C-1"},
        })  # fmt: skip
        panel = text(house.client("viewer").get("/ops/north/part/floor/"))
        assert "told by anna: pallet &lt;x&gt;</span>" in panel and "told by Cart 1</span>" in panel
        assert "older" not in panel

    def test_without_script_it_comes_back_with_words(self, house: House) -> None:
        client = house.client("supervisor")
        page = text(client.post("/ops/north/floor", {"kind": "close_zone", "target": "x", "reason": "r"}, follow=True))
        assert "Not done: The layout has no zone x." in page

    @pytest.mark.parametrize("role", ["viewer", "integrator", "auditor"])
    def test_who_may_not_sees_the_role_and_is_refused(self, house: House, role: str) -> None:
        client = house.client(role)
        assert "Needs the role Supervisor or Site admin" in text(client.get("/ops/north/part/floor/"))
        assert post(client, "/ops/north/floor", kind="close_zone", target="aisle-3", reason="x").status_code == 403
        assert not FloorRequest.objects.exists()

    def test_closing_names_who_is_inside_and_that_it_is_not_safe(self, house: House) -> None:
        speaks(house)
        zone = next(z for z in demo_layout().zones if z.id == "aisle-3")
        node = sorted(demo_layout().nodes_in(zone))[0]
        RobotTraffic.objects.create(robot=house.robots[2], base=[{"seq": 0, "node": node}])
        floor(house, zones={"aisle-3": "closing"})
        panel = text(house.client("viewer").get("/ops/north/part/floor/"))
        assert "Not safe to enter yet." in panel and ">Cart 2</a>" in panel

    def test_what_dispatch_could_not_do_is_told(self, house: House) -> None:
        FloorRequest.objects.create(
            site=house.site, kind="take_door", target="fire-door", actor="key:k:plc", applied_at=timezone.now(),
            outcome="not done: door:fire-door is held by person:7:Ada",
        )  # fmt: skip
        assert "not done: door:fire-door is held by Ada" in text(house.client("viewer").get("/ops/north/part/floor/"))

    def test_an_obstacle_with_an_end_and_back(self, house: House) -> None:
        client = house.client("supervisor")
        sent = post(client, "/ops/north/floor", kind="block", target=NODES[0], reason="pallet", minutes="30")
        assert sent.status_code == 202
        until = FloorRequest.objects.get().data["until"]
        assert 1790 < until - timezone.now().timestamp() <= 1800
        withdrawn = post(client, f"/floor/{FloorRequest.objects.get().public_id}/withdraw/")
        assert withdrawn.status_code == 202 and FloorRequest.objects.get().withdrawn_at is not None

    @pytest.mark.parametrize("minutes", ["", "x", "-5", "99999"])
    def test_an_obstacle_without_a_sensible_end_is_refused(self, house: House, minutes: str) -> None:
        client = house.client("supervisor")
        form = {"kind": "block", "target": NODES[0], "reason": "pallet", "minutes": minutes}
        assert post(client, "/ops/north/floor", **form).status_code == 422

    def test_two_person_kinds_are_not_asked_on_this_address(self, house: House) -> None:
        assert post(house.client("supervisor"), "/ops/north/floor", kind="retire", target="C-0").status_code == 404


SEEN = {"seen_off": "yes", "seen_place": "yes"}
SAW = {**SEEN, "reason": "it lies in the workshop"}


class TestRelease:
    @pytest.fixture(autouse=True)
    def _traffic(self, house: House) -> None:
        waits(house)
        second = User.objects.create(username="second-person")
        Membership.objects.create(user=second, site=house.site, role="supervisor")
        house.people["second"] = second

    def ask(self, house: House, **form: str) -> Any:
        given = {"reason": "wheel broke", "at": NODES[2], **SEEN, **form}
        return house.client("supervisor").post(f"/robots/{house.robots[0].public_id}/release/", given, follow=True)

    def test_the_dialog_says_what_has_to_be_true_first(self, house: House) -> None:
        page = text(house.client("supervisor").get(f"/robots/{house.robots[0].public_id}/"))
        assert "Release what it holds…" in page and "it is switched off" in page and "walk there first" in page
        assert "emergency" not in page.lower()

    def test_one_that_reports_is_not_retired(self, house: House) -> None:
        page = text(self.ask(house, at=""))
        assert "Cart 0 is online and reports from the floor; switch it off or take it away first" in page
        assert not FloorRequest.objects.exists()

    def test_every_box_has_to_be_ticked(self, house: House) -> None:
        assert "Tick that you have looked yourself" in text(self.ask(house, seen_off=""))
        assert not FloorRequest.objects.exists()

    def test_the_first_person_cannot_be_the_second(self, house: House) -> None:
        page = text(self.ask(house))
        assert "A second, different person has to" in page
        row = FloorRequest.objects.get()
        assert (row.kind, row.data, row.confirmed_at) == ("free_ahead", {"at": NODES[2]}, None)
        client = house.client("supervisor")
        page = client.get(f"/robots/{house.robots[0].public_id}/?confirm={row.public_id}")
        assert "You asked for this yourself" in text(page)
        refused = client.post(f"/floor/{row.public_id}/confirm/", SAW, follow=True)
        assert "You asked for this yourself" in text(refused)
        row.refresh_from_db()
        assert row.confirmed_at is None

    def test_the_second_person_finds_it_under_attention_and_confirms(self, house: House) -> None:
        RobotState.objects.filter(robot=house.robots[0]).update(connection="offline")
        self.ask(house, at="")
        row = FloorRequest.objects.get()
        assert row.kind == "retire"
        client = house.client("second")
        address = f"/robots/{house.robots[0].public_id}/?confirm={row.public_id}"
        attention = text(client.get("/ops/north/part/attention/"))
        assert "asks for a second person: release what Cart 0 holds" in attention and f'href="{address}"' in attention
        assert "data-open-now" in text(client.get(address))
        client.post(f"/floor/{row.public_id}/confirm/", {})
        row.refresh_from_db()
        assert row.confirmed_at is None, "without looking nothing is confirmed"
        client.post(f"/floor/{row.public_id}/confirm/", SAW)
        again = client.post(f"/floor/{row.public_id}/confirm/", SAW, follow=True)
        row.refresh_from_db()
        assert row.confirmed_by.endswith(":second-person") and "confirmed already" in text(again)
        assert Entry.objects.filter(action="floor.confirmed").count() == 1
        assert "second person" not in text(client.get("/ops/north/part/attention/"))

    def test_what_the_second_person_saw_is_required_and_kept(self, house: House) -> None:
        RobotState.objects.filter(robot=house.robots[0]).update(connection="offline")
        self.ask(house, at="")
        row, client = FloorRequest.objects.get(), house.client("second")
        address = f"/floor/{row.public_id}/confirm/"
        blank = text(client.post(address, {**SEEN, "reason": "  "}, follow=True))
        assert '<p class="errors" role="alert">Say what you saw.</p>' in blank and "data-open-now" in blank
        unticked = text(client.post(address, {"reason": "in <b> workshop"}, follow=True))
        assert 'required value="in &lt;b&gt; workshop"' in unticked and "Tick that you have looked" in unticked
        again = text(client.get(f"/robots/{house.robots[0].public_id}/?confirm={row.public_id}"))
        assert "workshop" not in again, "told once"
        row.refresh_from_db()
        assert row.confirmed_at is None

    def test_too_late_is_too_late(self, house: House) -> None:
        self.ask(house)
        FloorRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        row = FloorRequest.objects.get()
        page = text(house.client("second").post(f"/floor/{row.public_id}/confirm/", SAW, follow=True))
        assert "within ten minutes" in page
        assert "asks for a second person" not in text(house.client("second").get("/ops/north/part/attention/"))

    def test_a_viewer_neither_asks_nor_confirms(self, house: House) -> None:
        self.ask(house)
        row, viewer = FloorRequest.objects.get(), house.client("viewer")
        assert viewer.post(f"/floor/{row.public_id}/confirm/", SAW).status_code == 403
        assert viewer.post(f"/robots/{house.robots[1].public_id}/release/", SEEN).status_code == 403

    def test_another_site_does_not_exist(self, house: House) -> None:
        self.ask(house)
        row = FloorRequest.objects.get()
        assert house.client("stranger").post(f"/floor/{row.public_id}/confirm/", SAW).status_code == 404


class TestAttention:
    def rows(self, house: House) -> str:
        return text(house.client("supervisor").get("/ops/north/part/attention/"))

    def test_a_quiet_floor_needs_nobody(self, house: House) -> None:
        speaks(house)
        floor(house)
        assert "Nothing needs you now." in self.rows(house)

    def test_what_dispatch_tells(self, house: House) -> None:
        since = timezone.now().timestamp() - 40
        floor(house, alarms=[
            {"robot": "C-0", "kind": "late", "text": "Cart 0 does not move on to n", "since": since},
            {"robot": "C-1", "kind": "conflict", "text": "Cart 1: in the way", "since": since},
            {"robot": "", "kind": "liveness", "text": "liveness at risk: x", "since": since},
        ])  # fmt: skip
        page = self.rows(house)
        assert "Cart 0 does not get on" in page and "Go and look" in page and "Robots could lock up" in page
        assert page.index("The released way of Cart 1") < page.index("Cart 0 does not get on"), "the urgent one first"

    def test_a_published_layout_that_waits_says_why_and_leads_to_the_layouts(self, house: House) -> None:
        why = "a new layout is published and waits: M-3 under way"
        floor(house, alarms=[{"robot": "", "kind": "layout", "text": why, "since": timezone.now().timestamp()}])
        page = self.rows(house)
        assert "The published layout is not in force yet" in page and why in page
        assert 'href="/settings/?tab=layouts"' in page and "Show the layouts" in page

    def test_misplaced_without_an_alarm_and_liveness_without_one(self, house: House) -> None:
        floor(house, misplaced={"C-2": [NODES[0]]}, liveness="liveness at risk: x")
        page = self.rows(house)
        assert "Cart 2 stands where nothing was released to it" in page and "liveness at risk" in page

    def test_a_zone_that_does_not_get_closed_and_a_door_that_does_not_come_back(self, house: House) -> None:
        now = timezone.now()
        long_ago = now - timedelta(minutes=3)
        FloorRequest.objects.create(
            site=house.site, kind="close_zone", target="aisle-3", actor="person:1:a", applied_at=long_ago
        )
        floor(
            house, zones={"aisle-3": "closing"},
            doors={"fire-door": {"owner": "key:k:crane", "until": now.timestamp() - 5}},
        )  # fmt: skip
        page = self.rows(house)
        assert "Aisle 3 has been closing for long" in page
        assert "Fire Door was not given back by crane" in page and "?give_back=fire-door" in page

    def test_long_waits_are_one_row_for_one_cause(self, house: House) -> None:
        speaks(house)
        waits(house, seconds=200)
        RobotTraffic.objects.create(
            robot=house.robots[1], waiting={**RobotTraffic.objects.get().waiting, "holder": "C-2", "chain": ["C-2"]}
        )
        page = self.rows(house)
        assert "and 1 more have been waiting for long" in page and f"/robots/{house.robots[2].public_id}/" in page
        speaks(house, ago=30)
        assert "waiting for long" not in self.rows(house), "what nobody renews is no reason to send a person"


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_pages_of_a_busy_floor_in_both_languages(house: House, language: str) -> None:
    speaks(house)
    waits(house)
    until = timezone.now().timestamp() - 5
    floor(
        house, zones={"aisle-3": "closing"}, doors={"fire-door": {"owner": "key:k:crane", "until": until}},
        blocks={NODES[0]: {"until": until, "by": "C-1"}},
        liveness="liveness at risk: while C-1 cannot drive, C-2 cannot get past",
    )  # fmt: skip
    client = house.client("supervisor")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = text(client.get("/ops/north/")) + text(client.get(f"/robots/{house.robots[0].public_id}/"))
    english = (
        "The last report from inside", "overdue since", "obstacle", "Close a zone", "Release what", "which waits for",
        "cannot get past", "when Cart 2 has moved on",
    )  # fmt: skip
    found = [words for words in english if words in page]
    assert found == (list(english) if language == "en" else [])
