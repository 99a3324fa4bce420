"""Keys: until they end. Sessions: with their token. Stopping: without the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import path
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.accounts import services
from fleet.accounts.models import ApiKey
from fleet.accounts.remembered import MEMORY
from fleet.rest.stop_access import MayStop, StopAuthentication, stop_site
from fleet.urls import handler404, handler500  # noqa: F401  (this file is a URL conf too)
from fleet.urls import urlpatterns as real
from tests.fleet.rest.people import browser, key, person, program, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


class StopEcho(APIView):
    authentication_classes = [StopAuthentication]
    permission_classes = [MayStop]
    throttle_classes: list[Any] = []
    schema = None

    def put(self, request: Any, site: str) -> Response:
        return Response({"site": stop_site(request).slug, "by": request._request.actor.name})


urlpatterns = [path("api/v1/test/<str:site>/stop", StopEcho.as_view()), *real]
STOP = "/api/v1/test/demo/stop"


@pytest.fixture(autouse=True)
def nobody_remembered() -> Iterator[None]:
    MEMORY.__init__()  # type: ignore[misc]
    yield
    MEMORY.__init__()  # type: ignore[misc]


def no_database(*_: object, **__: object) -> None:
    raise OperationalError("the server closed the connection")


def test_a_key_says_who_it_is_and_where() -> None:
    made, secret = key("missions:read")
    body = program(secret).get("/api/v1/me").json()
    assert (body["kind"], body["id"], body["scopes"]) == ("key", made.public_id, ["missions:read"])
    assert [(s["slug"], s["role"], s["rights"]) for s in body["sites"]] == [("demo", None, ["view"])]


def test_a_person_says_the_same() -> None:
    body = browser(person("auditor")).get("/api/v1/me").json()
    assert (body["kind"], body["sites"][0]["role"], body["sites"][0]["rights"]) == (
        "person",
        "auditor",
        ["audit", "stop", "view"],
    )


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Bearer x", "Bearer ymk_", "ymk_x", "Bearer ymk_a b"])
def test_what_is_no_key_is_refused(header: str) -> None:
    response = Client(headers={"Authorization": header}).get("/api/v1/me")
    assert response.status_code == 401 and response.json()["code"] == "unauthenticated"


def test_a_bad_key_is_not_made_good_by_a_session() -> None:
    client = browser(person("supervisor"))
    assert client.get("/api/v1/me", headers={"Authorization": "Bearer ymk_x"}).status_code == 401


def test_an_expired_or_revoked_key_is_refused_at_once() -> None:
    made, secret = key("missions:read", expires_at=timezone.now() + timedelta(hours=1))
    client = program(secret)
    assert client.get("/api/v1/me").status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    expired = client.get("/api/v1/me")
    ApiKey.objects.update(expires_at=None)
    services.revoke_key(key=made, actor="seed")
    revoked = client.get("/api/v1/me")
    assert expired.status_code == revoked.status_code == 401
    assert expired.json()["detail"] == revoked.json()["detail"]


def test_the_last_use_is_written_at_most_once_a_minute() -> None:
    _, secret = key("missions:read")
    program(secret).get("/api/v1/me")
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    program(secret).get("/api/v1/me")
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
    program(secret).get("/api/v1/me")
    assert ApiKey.objects.get().last_used_at > first - timedelta(seconds=1)


def test_a_key_reaches_no_other_site() -> None:
    site("north")
    _, secret = key("audit:read")
    assert program(secret).get("/api/v1/audit_events", {"site": "demo"}).status_code == 200
    assert program(secret).get("/api/v1/audit_events", {"site": "north"}).status_code == 404


def test_a_key_opens_no_page() -> None:
    _, secret = key("missions:read")
    assert program(secret).get("/api/docs/").status_code == 302


@pytest.mark.urls(__name__)
class TestStopping:
    def test_every_role_may_and_so_may_a_key_with_the_scope(self) -> None:
        for role in ("viewer", "supervisor", "auditor"):
            assert browser(person(role)).put(STOP).status_code == 200
        assert program(key("stop")[1]).put(STOP).json() == {"site": "demo", "by": "erp"}

    def test_others_may_not(self) -> None:
        assert Client().put(STOP).status_code == 401
        assert program(key("missions:write")[1]).put(STOP).status_code == 403
        assert browser(person("supervisor", at=site("north"))).put(STOP).status_code == 404
        client = browser(person("viewer"), enforce_csrf_checks=True)
        assert client.put(STOP).json()["code"] == "csrf_failed"
        client.get("/api/v1/audit_events", {"site": "demo"})  # remembered now, and still in need of its token
        assert client.put(STOP).json()["code"] == "csrf_failed"

    def test_the_second_stop_asks_the_database_nothing(self, django_assert_num_queries: Any) -> None:
        for client in (browser(person("viewer")), program(key("stop")[1])):
            client.put(STOP)
            with django_assert_num_queries(0):
                assert client.put(STOP).status_code == 200

    def test_with_the_database_down_who_was_in_can_stop_and_a_stranger_cannot(self) -> None:
        known, stranger = browser(person("viewer")), browser(person("viewer"))
        assert known.put(STOP).status_code == 200
        now = MEMORY._known  # the minute has passed since
        for name, value in list(now.items()):
            now[name] = type(value)(value.actor, value.site, value.at - 120)
        with connection.execute_wrapper(no_database):
            assert known.put(STOP).status_code == 200
            refused = stranger.put(STOP)
            assert refused.status_code == 503 and refused.headers["Retry-After"]
            assert Client().put(STOP).status_code == 401

    def test_who_signed_out_or_was_revoked_is_not_remembered(self) -> None:
        client = browser(person("viewer"))
        cookies = client.cookies["sessionid"].value
        client.put(STOP)
        client.post("/logout/")
        client.cookies["sessionid"] = cookies
        assert client.put(STOP).status_code == 401
        made, secret = key("stop")
        program(secret).put(STOP)
        services.revoke_key(key=made, actor="seed")
        assert program(secret).put(STOP).status_code == 401
