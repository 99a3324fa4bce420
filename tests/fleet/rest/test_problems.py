"""Errors tell what is wrong, in one form, wherever they arise."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from fleet.rest.problems import TYPES, Problem, add_type
from fleet.urls import handler404, handler500  # noqa: F401  (this file is a URL conf too)
from fleet.urls import urlpatterns as real
from tests.fleet.rest.people import browser, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


class Line(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1)


class Order(serializers.Serializer[Any]):
    name = serializers.CharField()
    lines = Line(many=True)


class Take(APIView):
    schema = None

    def post(self, request: Any) -> Response:
        order = Order(data=request.data)
        order.is_valid(raise_exception=True)
        match order.validated_data["name"]:
            case "database":
                raise OperationalError("gone")
            case "crash":
                raise ZeroDivisionError("secret inside")
            case "extra":
                raise Problem("conflict", "because", state="running", status=999, headers={"X-Why": "so"})
        return Response({})


def page(request: HttpRequest, what: str) -> HttpResponse:
    raise OperationalError("gone") if what == "database" else ZeroDivisionError("secret inside")


urlpatterns = [path("api/take", Take.as_view()), path("page/<str:what>", page), *real]


@pytest.fixture
def client() -> Client:
    client = browser(person("supervisor"))
    client.raise_request_exception = False
    return client


def take(client: Client, name: str = "x", **more: Any) -> Any:
    return client.post("/api/take", {"name": name, "lines": [{"count": 1}], **more}, content_type="application/json")


@pytest.mark.urls(__name__)
class TestInAView:
    def test_every_wrong_field_is_named_by_its_pointer(self, client: Client) -> None:
        body = client.post("/api/take", {"lines": [{"count": 1}, {"count": 0}]}, content_type="application/json").json()
        assert body["code"] == "invalid"
        assert [(e["pointer"], e["code"]) for e in body["errors"]] == [
            ("/name", "required"),
            ("/lines/1/count", "min_value"),
        ]

    @pytest.mark.parametrize(
        ("send", "status", "code"),
        [
            ({"data": "{no json", "content_type": "application/json"}, 400, "bad_request"),
            ({"data": "a: 1", "content_type": "application/yaml"}, 415, "unsupported_media_type"),
        ],
    )
    def test_what_cannot_be_read_is_told(self, client: Client, send: dict[str, Any], status: int, code: str) -> None:
        response = client.post("/api/take", **send)
        assert (response.status_code, response.json()["code"]) == (status, code)

    def test_a_method_that_does_not_apply(self, client: Client) -> None:
        response = client.get("/api/take")
        assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
        assert "POST" in response.headers["Allow"]

    def test_our_own_members_cannot_be_overwritten_by_further_ones(self, client: Client) -> None:
        response = take(client, "extra")
        assert response.json()["status"] == response.status_code == 409
        assert (response.json()["state"], response.headers["X-Why"]) == ("running", "so")

    def test_a_crash_tells_nothing_but_the_id_under_which_the_log_has_it(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            response = take(client, "crash")
        assert response.status_code == 500 and b"secret" not in response.content
        assert response.json()["request_id"] == response.headers["X-Request-Id"]
        assert any("unhandled error in POST /api/take" in record.getMessage() for record in caplog.records)

    def test_the_database_down_is_503_with_a_time_to_come_back(self, client: Client) -> None:
        response = take(client, "database")
        assert (response.status_code, response.json()["code"]) == (503, "unavailable")
        assert response.headers["Retry-After"] == "2"

    def test_pages_answer_in_words(self, client: Client) -> None:
        down, crash = client.get("/page/database"), client.get("/page/crash")
        assert (down.status_code, down.headers["Retry-After"]) == (503, "2")
        assert crash.status_code == 500 and b"secret" not in crash.content
        for response in (down, crash):
            assert response.headers["Content-Type"].startswith("text/html")
            assert response.headers["X-Request-Id"].encode() in response.content


def test_before_any_view_the_database_down_is_503_as_well(client: Client) -> None:
    def down(*_: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(down):
        page, api = client.get("/api/docs/"), client.get("/api/v1/me")
        health = client.get("/healthz")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert (api.status_code, api.json()["code"]) == (503, "unavailable")
    assert health.json()["status"] == "ok"


@pytest.mark.parametrize("code", sorted(TYPES))
def test_every_type_has_its_page(code: str) -> None:
    response = Client().get(f"/problems/{code}/")
    assert response.status_code == 200
    assert code in response.content.decode()


def test_the_list_of_types_names_them_all_and_an_unknown_one_has_no_page() -> None:
    text = Client().get("/problems/").content.decode()
    assert all(f"/problems/{code}/" in text for code in TYPES)
    assert Client().get("/problems/nonsense/").status_code == 404


def test_a_code_means_one_thing() -> None:
    same = TYPES["conflict"]
    assert add_type(same.code, same.status, same.title, same.help) is not None
    with pytest.raises(ValueError, match="conflict"):
        add_type("conflict", 400, "other", "other")
    with pytest.raises(KeyError):
        Problem("nonsense")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abc-123", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("a b", False),
        ("a\tb", False),
        ("é", False),
        ("<x>", False),
    ],
)
def test_a_harmless_request_id_is_kept_and_any_other_replaced(given: str, kept: bool) -> None:
    answered = Client().get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert (answered == given) == kept
    assert kept or answered.startswith("req_")
