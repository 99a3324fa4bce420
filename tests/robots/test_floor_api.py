"""The REST operations about the floor and about why robots wait."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from fleet.accounts import services as accounts
from fleet.accounts.models import Site, User
from fleet.ledger.models import Entry
from missions.models import DispatchLease, Mission
from robots.core.demo_site import demo_layout
from robots.core.layout import layout_to_json
from robots.models import FloorRequest, Robot, RobotState, RobotTraffic, RobotType, SiteTraffic
from robots.services import import_layout, publish_layout

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
NODE = demo_layout().nodes[0].id


@pytest.fixture
def site() -> Site:
    site = Site.objects.create(slug="demo", name="Demo")
    version, _ = import_layout(site=site, document=layout_to_json(demo_layout()), actor="test")
    publish_layout(version=version, actor="test")
    DispatchLease.objects.create(site=site, holder="d", expires_at=timezone.now() + timedelta(seconds=60))
    return site


@pytest.fixture
def robots(site) -> list[Robot]:
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1.5, length=0.8, width=0.6, max_payload=100
    )
    made = []
    for number, serial in enumerate("AB"):
        robot = Robot.objects.create(
            site=site, type=kind, serial=serial, manufacturer="acme", name=f"Cart {serial}", live_index=number
        )
        RobotState.objects.create(robot=robot, connection="online")
        RobotTraffic.objects.create(robot=robot, base=[{"seq": 0, "node": NODE}])
        made.append(robot)
    return made


class Caller:
    def __init__(self, **headers: str) -> None:
        self.client, self.headers = Client(), headers

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        given = {"Idempotency-Key": uuid.uuid4().hex, **self.headers, **headers}
        data = "" if body is None else json.dumps(body)
        return self.client.generic(method, f"/api/v1/{path}", data, "application/json", headers=given)


def key(site: Site, *scopes: str) -> Caller:
    _, secret = accounts.create_key(site=site, name="plc", scopes=scopes, actor="test")
    return Caller(Authorization=f"Bearer {secret}")


def person(site: Site, name: str, role: str = "supervisor") -> Caller:
    user = User.objects.create_user(username=name, password="x")
    accounts.set_role(user=user, site=site, role=role, actor="test")
    caller = Caller()
    caller.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return caller


def ask(caller: Caller, kind: str, target: str, **more: object):
    return caller("POST", "floor_requests", {"site": "demo", "kind": kind, "target": target, "reason": "spill", **more})


def test_zones_are_closed_by_a_person_and_read_by_anyone(site):
    anna = person(site, "anna")
    made = ask(anna, "close_zone", "aisle-3")
    assert made.status_code == 202 and made.headers["Location"] == f"/api/v1/floor_requests/{made.json()['id']}"
    assert (made.json()["state"], made.json()["asked_by"]) == ("asked", "anna")
    SiteTraffic.objects.create(
        site=site, layout=site.layouts.get(), snapshot={"zones": {"aisle-3": "closing"}}, updated_at=timezone.now()
    )
    zones = {z["id"]: z for z in key(site, "robots:read")("GET", "zones?site=demo").json()["data"]}
    assert zones["aisle-3"]["state"] == "closing" and zones["aisle-3"]["known"]
    assert zones["break-room"]["state"] == "closed" and zones["break-room"]["by_layout"]
    (row,) = anna("GET", "floor_requests?site=demo&open=true").json()["data"]
    assert anna("GET", f"floor_requests/{row['id']}").json() == row


def test_a_repeated_key_asks_once(site):
    anna, once = person(site, "anna"), {"Idempotency-Key": "0123456789"}
    body = {"site": "demo", "kind": "close_zone", "target": "aisle-3", "reason": "spill"}
    first, again = (anna("POST", "floor_requests", body, **once) for _ in range(2))
    assert first.json()["id"] == again.json()["id"] and FloorRequest.objects.count() == 1
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "close_zone", "target": "nowhere"}, 422, "floor_unknown"),
        ({"kind": "block", "target": NODE}, 422, "floor_refused"),
        ({"kind": "close_zone", "target": "aisle-3", "reason": " "}, 422, "floor_refused"),
        ({"kind": "dance", "target": "aisle-3"}, 400, "invalid"),
        ({"kind": "free_ahead", "target": "A", "at": "nowhere"}, 422, "floor_unknown"),
    ],
)
def test_refusals_are_problems_and_recorded(site, robots, body, status, code):
    reply = person(site, "anna")("POST", "floor_requests", {"site": "demo", "reason": "x", **body})
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert not FloorRequest.objects.exists()
    assert Entry.objects.filter(action="floor.ask", result="refused").exists() is (status != 400)


class TestDoors:
    def test_a_controller_takes_and_gives_back(self, site):
        plc = key(site, "doors:write")
        taken = plc("POST", "doors/fire-door:take", {"site": "demo", "lease_s": 30})
        assert taken.status_code == 202 and taken.json()["kind"] == "take_door"
        row = FloorRequest.objects.get()
        now = timezone.now()
        SiteTraffic.objects.create(
            site=site, layout=site.layouts.get(), updated_at=now,
            snapshot={"doors": {"fire-door": {"owner": row.actor, "until": now.timestamp() - 1}}},
        )  # fmt: skip
        FloorRequest.objects.update(applied_at=now, outcome="taken")
        (door,) = plc("GET", "doors?site=demo").json()["data"]
        assert (door["owner"], door["overdue"]) == ("plc", True)
        assert plc("POST", "doors/fire-door:give_back", {"site": "demo"}).status_code == 202
        other = key(site, "doors:write")("POST", "doors/fire-door:take", {"site": "demo", "lease_s": 30})
        assert other.status_code == 409 and "taken by plc" in other.json()["detail"]

    def test_a_key_with_the_scope_for_doors_does_nothing_else(self, site, robots):
        plc = key(site, "doors:write")
        for kind, target in (("close_zone", "aisle-3"), ("retire", "A"), ("block", NODE)):
            refused = ask(plc, kind, target)
            assert refused.status_code == 403 and "no key may" in refused.json()["detail"]
        assert plc("GET", "robots?site=demo").status_code == 403

    @pytest.mark.parametrize("scope", ["robots:write", "missions:write", "stop"])
    def test_no_other_scope_takes_a_door(self, site, scope):
        assert key(site, scope)("POST", "doors/fire-door:take", {"site": "demo", "lease_s": 30}).status_code == 403


class TestTwoPersons:
    def test_two_different_persons_and_both_are_in_the_ledger(self, site, robots):
        anna, ben = person(site, "anna"), person(site, "ben", "site_admin")
        made = ask(anna, "retire", "A").json()
        assert made["state"] == "waiting_for_second_person" and made["confirm_until"]
        own = anna("POST", f"floor_requests/{made['id']}:confirm", {})
        assert (own.status_code, own.json()["code"]) == (409, "floor_conflict")
        done = ben("POST", f"floor_requests/{made['id']}:confirm", {"reason": "saw it in the workshop"})
        assert (done.status_code, done.json()["confirmed_by"], done.json()["state"]) == (202, "ben", "asked")
        told = Entry.objects.filter(action__in=("floor.asked", "floor.confirmed")).order_by("seq")
        assert [(e.actor_name, e.reason) for e in told] == [("anna", "spill"), ("ben", "saw it in the workshop")]

    def test_no_key_confirms_and_no_stranger_sees(self, site, robots):
        made = ask(person(site, "anna"), "free_ahead", "A", at=NODE).json()
        for scopes in (("doors:write",), ("robots:write", "doors:write")):
            assert key(site, *scopes)("POST", f"floor_requests/{made['id']}:confirm", {}).status_code == 403
        elsewhere = person(Site.objects.create(slug="north", name="North"), "carl")
        assert elsewhere("POST", f"floor_requests/{made['id']}:confirm", {}).status_code == 404

    def test_withdrawn_by_another_supervisor(self, site, robots):
        made = ask(person(site, "anna"), "retire", "A").json()
        done = person(site, "ben")("POST", f"floor_requests/{made['id']}:withdraw", {"reason": "it answered"})
        assert done.json()["state"] == "withdrawn"


class TestWhy:
    WAIT = {
        "kind": "waiting_for_robot", "resource": f"node:{NODE}", "holder": "B", "since": 1_700_000_000.0,
        "text": f"waits for B, which holds {NODE}", "ends": "when B has moved on", "chain": ["B"],
    }  # fmt: skip

    @pytest.fixture(autouse=True)
    def _waits(self, robots) -> None:
        RobotTraffic.objects.filter(robot=robots[0]).update(waiting=self.WAIT)

    def test_a_robot_says_it(self, site, robots):
        rows = {r["serial"]: r for r in key(site, "robots:read")("GET", "robots?site=demo").json()["data"]}
        wait = rows["A"]["waiting"]
        assert (wait["resource"], wait["holder"], wait["holder_id"]) == (f"node:{NODE}", "B", robots[1].public_id)
        assert wait["chain"] == [{"serial": "B", "name": "Cart B", "id": robots[1].public_id}]
        assert wait["ends"] == "when Cart B has moved on" and wait["since"] == "2023-11-14T22:13:20Z" and wait["known"]
        assert rows["B"]["waiting"]["known"] is False and rows["B"]["waiting"]["kind"] == "unknown"

    def test_a_silent_dispatch_makes_it_unknown(self, site, robots):
        DispatchLease.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        found = key(site, "robots:read")("GET", f"robots/{robots[0].public_id}").json()["waiting"]
        assert found["known"] is False and found["holder"] == "B"

    def test_a_driving_robot_waits_for_nothing(self, site, robots):
        RobotTraffic.objects.filter(robot=robots[0]).update(waiting={**self.WAIT, "kind": "driving"})
        assert key(site, "robots:read")("GET", f"robots/{robots[0].public_id}").json()["waiting"] is None

    def mission(self, site: Site, number: int, **more: object) -> Mission:
        plan = {"steps": [], "avoid": []}
        return Mission.objects.create(
            site=site, number=number, text="t", readback="r", plan=plan, requested_by="x", **more
        )

    def test_a_mission_says_it_for_its_robot_or_for_itself(self, site, robots):
        self.mission(site, 1, state="running", robot=robots[0])
        self.mission(site, 2, reason="no robot is free")
        self.mission(site, 3, state="completed", robot=robots[0])
        rows = key(site, "missions:read")("GET", "missions?site=demo").json()["data"]
        ended, queued, running = (row["waiting"] for row in rows)
        assert ended is None and running["holder"] == "B" and running["chain"][0]["name"] == "Cart B"
        assert (queued["kind"], queued["text"]) == ("queued", "no robot is free") and queued["ends"]

    def test_a_long_list_takes_no_more_queries_than_a_short_one(self, site, robots, django_assert_max_num_queries):
        for number in range(30):
            self.mission(site, number, state="running", robot=robots[number % 2])
        caller = key(site, "missions:read", "robots:read")
        caller("GET", "missions?site=demo")
        with django_assert_max_num_queries(12):
            caller("GET", "missions?site=demo&limit=100")
        with django_assert_max_num_queries(12):
            caller("GET", "robots?site=demo")


def test_the_floor_in_one_answer(site, robots):
    now = timezone.now()
    kept = {"blocks": {NODE: {"until": now.timestamp() + 60, "by": "person:1:anna"}}, "misplaced": {"A": [NODE]},
            "liveness": "liveness at risk: x"}  # fmt: skip
    SiteTraffic.objects.create(site=site, layout=site.layouts.get(), snapshot=kept, updated_at=now)
    floor = key(site, "robots:read")("GET", "floor?site=demo").json()
    assert floor["known"] and floor["liveness"].startswith("liveness at risk")
    assert floor["blocks"][0]["by"] == "anna" and floor["misplaced"][0]["robot"]["name"] == "Cart A"
