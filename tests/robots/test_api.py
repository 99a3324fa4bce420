from __future__ import annotations

import json
import uuid
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from fleet.accounts import services as accounts
from fleet.accounts.models import Role, Site, User
from fleet.ledger.models import Entry
from fleet.rest import auth
from fleet.rest.throttles import CommandThrottle
from robots import stop as stop_path
from robots.core.demo_site import demo_layout
from robots.core.layout import layout_to_json
from robots.errors import ResumeRefused
from robots.models import LayoutVersion, Robot, RobotState, RobotType
from robots.services import import_layout, publish_layout
from robots.stop_roster import Card, Roster
from robots.stop_status import SiteStops, StopLine, StopStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Site:
    site = Site.objects.create(slug="demo", name="Demo")
    version, _ = import_layout(site=site, document=layout_to_json(demo_layout()), actor="test")
    publish_layout(version=version, actor="test")
    return site


@pytest.fixture
def robot(site) -> Robot:
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1.5, length=0.8, width=0.6, max_payload=100
    )
    robot = Robot.objects.create(site=site, type=kind, serial="A", manufacturer="acme", name="Cart A", live_index=0)
    RobotState.objects.create(robot=robot, connection="online", x=1.0, y=2.0, battery=55.0)
    return robot


class Api:
    def __init__(self, site: Site, *scopes: str) -> None:
        _, self.secret = accounts.create_key(site=site, name="test", scopes=scopes, actor="test")
        self.client = Client()

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        given = {"Authorization": f"Bearer {self.secret}"} | headers
        if method == "POST":
            given.setdefault("Idempotency-Key", uuid.uuid4().hex)
        data = json.dumps(body) if body is not None else ""
        return self.client.generic(method, f"/api/v1/{path}", data, "application/json", headers=given)


@pytest.fixture
def api(site, services) -> Api:
    return Api(site, "missions:read", "layouts:write", "robots:write", "stop")


class Person(Api):
    def __init__(self, site: Site, role: str) -> None:
        user = User.objects.create_user(username=f"p-{role}", password="x")
        accounts.set_role(user=user, site=site, role=role, actor="test")
        self.client = Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def __call__(self, method: str, path: str, body: object = None, **headers: str):
        given = headers
        if method == "POST":
            given.setdefault("Idempotency-Key", uuid.uuid4().hex)
        return self.client.generic(method, f"/api/v1/{path}", json.dumps(body or {}), "application/json", headers=given)


class FakeStops:
    """The stop path as the API sees it: what was asked, and one stop that stands."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.refuse: ResumeRefused | None = None
        self.roster = Roster()
        self.roster.cards["A"] = Card(1, "rob_a", "Cart A", "A", "acme", "demo", "uagv", "2.1.0", 0.5)

    def stop(self, scope, site, *, actor, zone=None, serials=None, reason=""):
        self.asked.append(("stop", scope, site, zone, serials, actor, reason))
        return "stp_1"

    def resume(self, stop_id, serials, *, actor, reason):
        if self.refuse:
            raise self.refuse
        self.asked.append(("resume", stop_id, serials, actor, reason))

    def status(self, site):
        line = StopLine("A", "Cart A", "rob_a", "waiting", released_path=("n1",))
        return SiteStops(True, (StopStatus("stp_1", "robot", "", 1.0, "person:1:anna", "", (line,)),))


@pytest.fixture
def stops(monkeypatch) -> FakeStops:
    fake = FakeStops()
    monkeypatch.setattr(stop_path, "controller", lambda: fake)
    return fake


def test_sites_and_stations(api, site):
    assert [row["slug"] for row in api("GET", "sites").json()["data"]] == ["demo"]
    assert api("GET", f"sites/{site.public_id}").json()["name"] == "Demo"
    rows = api("GET", "stations?site=demo").json()["data"]
    assert {"id", "name", "kind", "aliases", "nodes", "x_m", "y_m", "capacity"} == set(rows[0])
    assert len(rows) == len(demo_layout().stations)
    assert api("GET", "stations").json()["code"] == "invalid"
    assert api("GET", "sites/elsewhere").status_code == 404


def test_robots_with_their_state(api, robot):
    (row,) = api("GET", "robots?site=demo").json()["data"]
    assert (row["id"], row["x_m"], row["battery_pct"]) == (robot.public_id, 1.0, 55.0)
    assert api("GET", f"robots/{robot.public_id}").json()["summary"] == "Nothing heard from it yet"
    assert api("GET", "robots/rob_none").status_code == 404


def test_the_list_of_robots_costs_the_same_however_many_there_are(api, robot, django_assert_max_num_queries):
    for number in range(10):
        Robot.objects.create(
            site=robot.site, type=robot.type, serial=f"B{number}", manufacturer="acme", name="B", live_index=number + 1
        )
    with django_assert_max_num_queries(9):
        assert len(api("GET", "robots?site=demo").json()["data"]) == 11


def test_a_layout_goes_out_as_lif_and_comes_back(api, site):
    version = LayoutVersion.objects.get()
    lif = api("GET", f"layouts/{version.public_id}/lif").json()
    assert lif["metaInformation"]["lifVersion"]
    added = api("POST", "layouts", {"site": "demo", "document": lif, "note": "round trip"})
    assert added.status_code == 201, added.content
    assert added.json()["number"] == 2 and added.json()["published_at"] is None
    published = api("POST", f"layouts/{added.json()['id']}:publish")
    assert published.status_code == 200 and published.json()["published_at"]
    assert [row["number"] for row in api("GET", "layouts?site=demo").json()["data"]] == [2, 1]
    back = api("POST", f"layouts/{version.public_id}:publish").json()
    assert back["number"] == 3 and back["hash"] == version.hash, "an older version comes back as a new one"
    assert Entry.objects.filter(action="layout.published").count() == 3


def test_a_layout_that_cannot_be_driven_is_refused_with_every_fault(api):
    document = layout_to_json(demo_layout())
    document["edges"][0]["end"] = "nowhere"
    refused = api("POST", "layouts", {"site": "demo", "document": document})
    assert refused.status_code == 422 and refused.json()["code"] == "layout_refused"
    assert any("nowhere" in error["detail"] for error in refused.json()["errors"])


def test_stopping_a_site_needs_no_key_of_idempotency(api, stops, robot):
    reply = api("PUT", "sites/demo/stop", {"state": "stopped", "reason": "spill"})
    assert reply.status_code == 202, reply.content
    assert reply.json()["stops"][0]["waiting"] == 1
    (asked,) = stops.asked
    assert asked[:4] == ("stop", "site", "demo", None) and asked[5].startswith("key:")
    api("PUT", "sites/demo/stop", {"state": "stopped", "zone": "east-hall"})
    api("PUT", "sites/demo/stop", {"state": "stopped", "robots": ["rob_a"]})
    assert [a[1:5] for a in stops.asked[1:]] == [("zone", "demo", "east-hall", None), ("robot", "demo", None, ["A"])]
    assert api("PUT", "sites/demo/stop", {"state": "moving"}).status_code == 400


def test_a_remembered_key_stops_without_a_database(api, stops, robot, monkeypatch):
    assert api("PUT", "sites/demo/stop", {"state": "stopped"}).status_code == 202
    from django.db.backends.base.base import BaseDatabaseWrapper

    def away(self, *_: object) -> None:
        raise AssertionError("the stop asked the database")

    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", away)
    assert api("PUT", "sites/demo/stop", {"state": "stopped"}).status_code == 202


def test_holding_and_resuming_a_robot(api, stops, robot, monkeypatch):
    monkeypatch.setattr(auth, "demand_csrf_token", lambda request: None)
    assert api("POST", f"robots/{robot.public_id}:hold", {"reason": "look"}).status_code == 202
    assert stops.asked[-1][1:5] == ("robot", "demo", None, ["A"])
    assert api("POST", f"robots/{robot.public_id}:resume", {"reason": "fine"}).status_code == 403, "no key resumes"
    person = Person(robot.site, Role.SUPERVISOR)
    assert person("POST", f"robots/{robot.public_id}:resume", {"reason": "fine"}).status_code == 202
    assert stops.asked[-1][:3] == ("resume", "stp_1", ["A"])


def test_a_refused_resume_names_each_robot(site, stops, robot, monkeypatch):
    monkeypatch.setattr(auth, "demand_csrf_token", lambda request: None)
    person = Person(site, Role.SUPERVISOR)
    stops.refuse = ResumeRefused("Nobody was resumed.", problems=["A reports a physical stop."])
    body = {"stop_id": "stp_1", "robots": ["rob_a"], "reason": "clear"}
    refused = person("POST", "sites/demo/stop:resume", body)
    assert refused.status_code == 409, refused.content
    assert refused.json()["errors"][0]["detail"] == "A reports a physical stop."
    entry = Entry.objects.get(action="stop.resume")
    assert (entry.result, entry.target_id, entry.site) == ("refused", "stp_1", "demo")
    assert "A reports a physical stop." in entry.reason
    stops.refuse = None
    assert person("POST", "sites/demo/stop:resume", body).status_code == 202
    assert stops.asked[-1][:3] == ("resume", "stp_1", ["A"])
    assert person("POST", "sites/demo/stop:resume", body | {"reason": ""}).status_code == 400
    viewer = Person(site, Role.VIEWER)
    assert viewer("POST", "sites/demo/stop:resume", body).status_code == 403


def test_settings_name_the_limits_this_app_reads():
    wanted = {"lease_ttl_s", "lease_period_s", "stale_state_s", "stale_visualization_s", "supervision_grace_s"}
    assert wanted <= settings.YARDMASTER.keys()
    assert isinstance(SimpleNamespace(**settings.YARDMASTER).lease_ttl_s, float)


def test_a_key_that_may_only_stop_holds_a_robot_and_reads_none(site, services, stops, robot):
    stopper = Api(site, "stop")
    assert stopper("POST", f"robots/{robot.public_id}:hold", {"reason": "look"}).status_code == 202
    assert stops.asked[-1][1:5] == ("robot", "demo", None, ["A"])
    assert stopper("GET", f"robots/{robot.public_id}").status_code == 403


def test_what_starts_motion_again_counts_as_a_command():
    for route in ("sites/demo/stop:resume", "robots/rob_a:resume"):
        view = resolve(f"/api/v1/{route}").func.view_class
        assert view.throttle_classes == [CommandThrottle], route
    assert resolve("/api/v1/sites/demo/stop").func.view_class.throttle_classes == []


@pytest.mark.parametrize(("scope", "status"), [("missions:read", 403), ("robots:read", 200), ("robots:write", 200)])
def test_robots_are_read_with_a_scope_of_theirs(site, services, robot, scope, status):
    program = Api(site, scope)
    assert program("GET", "robots?site=demo").status_code == status
    assert program("GET", f"robots/{robot.public_id}").status_code == status
