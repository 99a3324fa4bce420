"""The REST operations about who joins and what the broker refused."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from fleet.accounts import services as accounts
from fleet.accounts.models import IdempotencyRecord, Site, User
from fleet.ledger.models import Entry
from robots import admission
from robots.models import JoinRequest, Robot, RobotType

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]


@pytest.fixture
def site(tmp_path: Path, settings: Any) -> Site:
    settings.STATE_DIR = tmp_path / "state"
    RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", skills=["move"], max_speed=1.5, length=0.8, width=0.6,
        max_payload=100,
    )  # fmt: skip
    return Site.objects.create(slug="demo", name="Demo")


@pytest.fixture
def knocking(site: Site) -> JoinRequest:
    now = timezone.now()
    return JoinRequest.objects.create(
        manufacturer="acme", serial="AGV-7", interface="uagv", major="v2", version="2.1.0", connection="online",
        first_at=now, last_at=now, position={"x": 1.0, "y": 2.0, "localized": True},
    )  # fmt: skip


class Caller:
    def __init__(self, **headers: str) -> None:
        self.client, self.headers = Client(), headers

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        given = {"Idempotency-Key": uuid.uuid4().hex, **self.headers, **headers}
        data = "" if body is None else json.dumps(body)
        return self.client.generic(method, f"/api/v1/{path}", data, "application/json", headers=given)


def key(site: Site, *scopes: str) -> Caller:
    _, secret = accounts.create_key(site=site, name="erp", scopes=scopes, actor="test")
    return Caller(Authorization=f"Bearer {secret}")


def person(site: Site, role: str = "site_admin") -> Caller:
    user = User.objects.create_user(username=role, password="x")
    accounts.set_role(user=user, site=site, role=role, actor="test")
    caller = Caller()
    caller.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return caller


def test_a_key_reads_who_waits_and_decides_nothing(site: Site, knocking: JoinRequest) -> None:
    erp = key(site, "robots:write", "layouts:write")
    rows = erp("GET", "robots/joins?site=demo").json()["data"]
    assert [(row["serial"], row["state"], row["robot"]) for row in rows] == [("AGV-7", "waiting", None)]
    assert rows[0]["position"] == {"x": 1.0, "y": 2.0, "localized": True}
    one = erp("GET", f"robots/joins/{knocking.public_id}?site=demo&type=cart").json()
    assert [finding["code"] for finding in one["findings"]] == ["no_factsheet"] and one["consent"]
    for verb, body in (("admit", {"type": "cart", "consent": one["consent"]}), ("refuse", {"reason": "x"})):
        reply = erp("POST", f"robots/joins/{knocking.public_id}:{verb}", {"site": "demo", **body})
        assert (reply.status_code, reply.json()["code"]) == (403, "forbidden"), reply.content
        assert reply.json()["needs"]["roles"] == ["site_admin"]
    assert JoinRequest.objects.get().state == "waiting"


def test_an_admin_admits_once_however_often_it_is_sent(site: Site, knocking: JoinRequest) -> None:
    anna = person(site)
    consent = anna("GET", f"robots/joins/{knocking.public_id}?site=demo&type=cart").json()["consent"]
    body = {"site": "demo", "type": "cart", "consent": consent, "name": "Tugger 7"}
    same = {"Idempotency-Key": uuid.uuid4().hex}
    first = anna("POST", f"robots/joins/{knocking.public_id}:admit", body, **same)
    assert first.status_code == 201, first.content
    robot = Robot.objects.get()
    assert first.headers["Location"] == f"/api/v1/robots/{robot.public_id}"
    assert (first.json()["state"], first.json()["robot"], first.json()["in_service"]) == (
        "admitted",
        robot.public_id,
        True,
    )
    assert anna("POST", f"robots/joins/{knocking.public_id}:admit", body, **same).json() == first.json()
    again = anna("POST", f"robots/joins/{knocking.public_id}:admit", body)
    assert (again.status_code, again.json()["code"]) == (409, "join_conflict")
    assert Robot.objects.count() == 1
    assert anna("GET", "robots/joins?site=demo").json()["data"] == []
    assert len(anna("GET", "robots/joins?site=demo&all=1").json()["data"]) == 1


def test_refusals_in_words_and_in_the_ledger(site: Site, knocking: JoinRequest) -> None:
    anna, path = person(site), f"robots/joins/{knocking.public_id}:admit"
    body = {"site": "demo", "type": "cart", "consent": "old"}
    stale = anna("POST", path, body)
    assert (stale.status_code, stale.json()["code"]) == (409, "join_conflict")
    assert Entry.objects.filter(action="robot.admit", result="refused").exists()
    JoinRequest.objects.update(major="v3", version="3.0.0")
    other = anna("POST", path, body)
    assert (other.status_code, other.json()["code"]) == (422, "join_refused")
    assert len(other.json()["errors"]) == 2
    assert anna("POST", path, body | {"type": "x"}).json()["errors"][0]["pointer"] == "/type"
    assert anna("POST", "robots/joins/jon_x:admit", body).status_code == 404
    assert person(site, "supervisor")("POST", path, body).status_code == 403


def test_refuse_and_reconsider(site: Site, knocking: JoinRequest) -> None:
    anna, path = person(site), f"robots/joins/{knocking.public_id}"
    assert anna("POST", f"{path}:refuse", {"site": "demo"}).json()["code"] == "join_refused"
    assert anna("POST", f"{path}:refuse", {"site": "demo", "reason": "not ours"}).json()["state"] == "refused"
    assert anna("POST", f"{path}:reconsider", {"site": "demo"}).json()["state"] == "waiting"


def test_a_login_is_shown_to_people_and_kept_nowhere(site: Site, knocking: JoinRequest) -> None:
    anna = person(site)
    consent = anna("GET", f"robots/joins/{knocking.public_id}?site=demo&type=cart").json()["consent"]
    anna("POST", f"robots/joins/{knocking.public_id}:admit", {"site": "demo", "type": "cart", "consent": consent})
    path = f"robots/{Robot.objects.get().public_id}:credentials"
    reply = anna("POST", path)
    assert reply.status_code == 200 and reply.headers["Cache-Control"] == "no-store"
    password = reply.json()["password"]
    assert reply.json()["user"] == "AGV-7" and len(password) == 32
    assert password not in str(list(IdempotencyRecord.objects.values())) + str(list(Entry.objects.values()))
    assert Entry.objects.filter(action="robot.credentials_shown", actor_name="site_admin").count() == 1
    assert key(site, "robots:write", "layouts:write")("POST", path).status_code == 403


def test_what_the_broker_refused_is_read_and_ticked_off(site: Site) -> None:
    anna, now = person(site), timezone.now()
    admission.record_refusal("publish", "AGV-7", "uagv/v2/acme/X/state", now, count=3)
    (row,) = key(site, "robots:read")("GET", "broker_refusals?site=demo").json()["data"]
    assert (row["kind"], row["user"], row["count"], row["robot"]) == ("publish", "AGV-7", 3, None)
    assert key(site, "layouts:write")("POST", f"broker_refusals/{row['id']}:seen", {"site": "demo"}).status_code == 403
    assert anna("POST", f"broker_refusals/{row['id']}:seen", {"site": "demo"}).json()["seen_by"] == "site_admin"
    assert anna("GET", "broker_refusals?site=demo").json()["data"] == []
    assert anna("POST", "broker_refusals/x:seen", {"site": "demo"}).status_code == 404
