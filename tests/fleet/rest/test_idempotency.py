"""The same Idempotency-Key never acts twice, and what did not act can be tried again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import path
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.accounts.models import IdempotencyRecord, Site
from fleet.ledger import services as ledger
from fleet.ledger.models import Entry
from fleet.rest.idempotency import idempotent
from fleet.rest.permissions import requires
from fleet.rest.problems import Problem
from fleet.urls import handler404, handler500  # noqa: F401  (this file is a URL conf too)
from tests.fleet.rest.people import browser, key, person, program, site

KEY = "k" * 16


class Act(APIView):
    """Acts by an entry in the ledger; the body says how it ends."""

    permission_classes = [requires("dispatch")]
    throttle_classes: list[Any] = []
    schema = None

    @idempotent
    def post(self, request: Any) -> Response:
        entry = ledger.record(action="test.act", actor="test", after=request.data)
        match request.data.get("end"):
            case "problem":
                raise Problem("conflict", "not now")
            case "refusal":
                return Response({"detail": "no"}, status=409)
            case "crash":
                raise ZeroDivisionError
            case "nothing":
                return Response(status=204)
        return Response(
            {"seq": entry.seq, "at": entry.at}, status=201, headers={"Location": f"/act/{entry.seq}", "X-Other": "1"}
        )


urlpatterns = [path("act", Act.as_view()), path("other", Act.as_view())]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def client() -> Client:
    return browser(person("supervisor"))


def post(client: Client, body: Any = None, key: str | None = KEY, to: str = "/act") -> Any:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return client.post(to, body or {}, content_type="application/json", headers=headers)


def acts() -> int:
    return Entry.objects.filter(action="test.act").count()


@pytest.mark.parametrize("value", [None, "", "short", "has space inside", "k" * 129, "ümläute-ümläute"])
def test_a_key_is_needed_and_must_look_like_one(client: Client, value: str | None) -> None:
    response = post(client, key=value)
    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_missing")
    assert acts() == 0


def test_the_second_request_gets_the_first_ones_reply_and_does_nothing(client: Client) -> None:
    first, second = post(client, {"a": 1}), post(client, {"a": 1})
    assert first.status_code == second.status_code == 201
    assert second.json() == first.json()
    assert second.headers["Location"] == first.headers["Location"] and "X-Other" not in second.headers
    assert "Idempotent-Replayed" not in first.headers and second.headers["Idempotent-Replayed"] == "true"
    assert acts() == 1


def test_a_reply_without_body_is_replayed_too(client: Client) -> None:
    post(client, {"end": "nothing"})
    again = post(client, {"end": "nothing"})
    assert (again.status_code, again.content, again.headers["Idempotent-Replayed"]) == (204, b"", "true")


def test_another_body_or_query_under_the_same_key_is_refused(client: Client) -> None:
    post(client, {"a": 1})
    for response in (post(client, {"a": 2}), post(client, {"a": 1}, to="/act?x=1")):
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")
    assert acts() == 1


def test_keys_of_other_callers_and_other_paths_are_others(client: Client) -> None:
    post(client)
    assert post(browser(person("supervisor"))).status_code == 201
    assert post(program(key("missions:write")[1])).status_code == 201
    assert post(client, to="/other").status_code == 201
    assert acts() == 4


@pytest.mark.parametrize(("end", "status"), [("problem", 409), ("refusal", 409), ("crash", 500)])
def test_what_failed_left_nothing_and_may_be_tried_again(client: Client, end: str, status: int) -> None:
    for _ in range(2):
        response = post(client, {"end": end})
        assert response.status_code == status and "Idempotent-Replayed" not in response.headers
    assert acts() == 0 and not IdempotencyRecord.objects.exists()
    assert post(client, {"end": "well"}).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_while_the_first_still_runs_the_second_is_told_so() -> None:
    """The first is held up in the middle of its act."""
    client = browser(person("supervisor"))
    inside, go_on = threading.Event(), threading.Event()
    replies: list[Any] = []

    def hold(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'INSERT INTO "ledger_entry"' in sql:
            inside.set()
            go_on.wait(10)
        return execute(sql, params, many, context)

    def first() -> None:
        with connection.execute_wrapper(hold):
            replies.append(post(client))
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    second = post(client)
    go_on.set()
    thread.join()
    assert (second.status_code, second.json()["code"]) == (409, "idempotency_running")
    assert second.headers["Retry-After"] == "1"
    assert replies[0].status_code == 201
    assert post(client).headers["Idempotent-Replayed"] == "true"
    assert acts() == 1


def test_the_key_is_not_asked_of_who_may_not_act_at_all() -> None:
    response = post(browser(person("viewer")), key=None)
    assert response.json()["code"] == "forbidden"
    assert Site.objects.count() == 1 and site().slug == "demo"
