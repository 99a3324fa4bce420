"""Limits count in Valkey; without it, what makes a site safer passes and what starts motion does not."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.test import Client
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet import limits, valkey
from fleet.limits import Policy, count
from fleet.rest import throttles
from fleet.rest.throttles import CommandThrottle
from fleet.urls import handler404, handler500  # noqa: F401  (this file is a URL conf too)
from tests.fleet.rest.people import browser, person, site

POLICY = Policy("test", 3)


class FakeValkey:
    """INCR and EXPIRE in a transaction, as one step."""

    def __init__(self, down: bool = False) -> None:
        self.down = down
        self.values: dict[str, int] = {}
        self.expiry: dict[str, int] = {}
        self.steps: list[Any] = []

    def pipeline(self, transaction: bool = True) -> FakeValkey:
        assert transaction
        self.steps = []
        return self

    def incr(self, key: str) -> None:
        self.steps.append(("incr", key))

    def expire(self, key: str, seconds: int) -> None:
        self.expiry[key] = seconds

    def execute(self) -> list[int]:
        if self.down:
            raise redis.ConnectionError("refused")
        (_, key), *_ = self.steps
        self.values[key] = self.values.get(key, 0) + 1
        return [self.values[key], 1]


def test_the_quota_is_the_last_that_passes_and_the_next_window_begins_anew() -> None:
    fake = FakeValkey()
    assert [count(POLICY, "ann", now=0, counter=fake).allowed for _ in range(4)] == [True, True, True, False]
    assert count(POLICY, "bob", now=59, counter=fake).allowed
    assert not count(POLICY, "ann", now=59.9, counter=fake).allowed
    assert count(POLICY, "ann", now=60, counter=fake).allowed
    assert set(fake.expiry.values()) == {120}


def test_the_fields_say_what_is_left_and_for_how_long() -> None:
    verdict = count(POLICY, "ann", now=45, counter=FakeValkey())
    assert verdict.headers() == {"RateLimit-Policy": '"test";q=3;w=60', "RateLimit": '"test";r=2;t=15'}


def test_without_valkey_each_policy_says_whether_to_let_pass() -> None:
    for open_when_down in (True, False):
        verdict = count(Policy("test", 3, open_when_down=open_when_down), "ann", counter=FakeValkey(down=True))
        assert (verdict.allowed, verdict.counted) == (open_when_down, False)


def test_the_real_counter_counts(valkey: str) -> None:
    assert [count(POLICY, "real", now=1e9).used for _ in range(3)] == [1, 2, 3]


class Look(APIView):
    schema = None

    def get(self, request: Any) -> Response:
        return Response({})


class Command(Look):
    throttle_classes = [CommandThrottle]

    def post(self, request: Any) -> Response:
        return Response({})


class Stop(Look):
    throttle_classes: list[Any] = []


urlpatterns = [
    path("api/look", Look.as_view()),
    path("api/command", Command.as_view()),
    path("api/stop", Stop.as_view()),
]


@pytest.fixture
def client() -> Client:
    site()
    return browser(person("supervisor"))


@pytest.fixture
def no_valkey(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits.valkey, "client", lambda: FakeValkey(down=True))


@pytest.mark.urls(__name__)
@pytest.mark.django_db
def test_over_the_limit_is_429_with_the_seconds_to_wait(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeValkey()
    monkeypatch.setattr(limits.valkey, "client", lambda: fake)
    monkeypatch.setattr(throttles, "DEFAULT", Policy("default", 2))
    assert client.get("/api/look").headers["RateLimit"].startswith('"default";r=1;')
    client.get("/api/look")
    late = client.get("/api/look")
    assert (late.status_code, late.json()["code"]) == (429, "throttled")
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert late.headers["RateLimit"].startswith('"default";r=0;')
    assert client.get("/api/command").status_code == 429  # reading is reading
    assert client.post("/api/command").status_code == 200  # its own count
    assert all(client.get("/api/stop").status_code == 200 for _ in range(5))


@pytest.mark.urls(__name__)
@pytest.mark.django_db
@pytest.mark.usefixtures("no_valkey")
def test_without_valkey_one_can_look_and_stop_but_not_start(client: Client) -> None:
    assert client.get("/api/look").status_code == 200
    assert client.get("/api/stop").status_code == 200
    assert client.get("/api/command").status_code == 200
    refused = client.post("/api/command")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert refused.headers["Retry-After"]


@pytest.mark.django_db
@pytest.mark.usefixtures("no_valkey")
def test_without_valkey_a_supervisor_can_still_sign_in() -> None:
    assert Client().post("/login/", {"username": "x", "password": "y"}).status_code == 200


@pytest.mark.django_db
def test_ready_names_the_service_that_does_not_answer(valkey: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Client().get("/readyz").json() == {"status": "ok", "checks": {"database": "ok", "valkey": "ok"}}

    def down() -> None:
        raise redis.ConnectionError("refused")

    monkeypatch.setattr(limits.valkey, "client", lambda: type("Down", (), {"ping": staticmethod(down)}))
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["checks"]["valkey"]) == (503, "unreachable")


def test_the_client_is_made_once_for_the_process() -> None:
    assert valkey.client() is valkey.client()
