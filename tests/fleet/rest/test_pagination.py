from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from fleet.ledger.services import record
from tests.fleet.rest.people import browser, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
URL = "/api/v1/audit_events"


@pytest.fixture
def client() -> Client:
    for n in range(7):
        record(action="odd" if n % 2 else "even", actor="test", site="demo", after={"n": n})
    return browser(person("auditor"))


def walk(client: Client, **query: Any) -> list[int]:
    seen: list[int] = []
    cursor = None
    for _ in range(20):
        body = client.get(URL, {"site": "demo", **query, **({"cursor": cursor} if cursor else {})}).json()
        seen += [row["seq"] for row in body["data"]]
        cursor = body["next_cursor"]
        if cursor is None:
            return seen
    raise AssertionError("the pages do not end")


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 200])
def test_pages_hold_every_row_once_newest_first(client: Client, limit: int) -> None:
    assert walk(client, limit=limit) == [7, 6, 5, 4, 3, 2, 1]


def test_filters_hold_on_every_page(client: Client) -> None:
    assert walk(client, limit=2, action="even") == [7, 5, 3, 1]


def test_rows_added_meanwhile_move_nothing(client: Client) -> None:
    first = client.get(URL, {"site": "demo", "limit": 3}).json()
    record(action="new", actor="test", site="demo")
    second = client.get(URL, {"site": "demo", "limit": 3, "cursor": first["next_cursor"]}).json()
    assert [row["seq"] for row in second["data"]] == [4, 3, 2]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "1e2", "", "²", "9" * 400])
def test_a_limit_out_of_range_is_refused(client: Client, limit: str) -> None:
    response = client.get(URL, {"limit": limit})
    assert response.status_code == 400 and response.json()["errors"][0]["pointer"] == "/limit"


def test_a_forged_or_foreign_cursor_is_refused(client: Client) -> None:
    cursor = client.get(URL, {"site": "demo", "limit": 3}).json()["next_cursor"]
    for query in (
        {"cursor": cursor[:-1] + "x"},
        {"cursor": "x"},
        {"cursor": cursor},
        {"cursor": cursor, "action": "odd", "site": "demo"},
    ):
        response = client.get(URL, query)
        assert (response.status_code, response.json()["code"]) == (400, "cursor_invalid")


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_time_without_offset_or_sense_is_refused(client: Client, value: str) -> None:
    assert client.get(URL, {"at_gte": value}).json()["errors"][0]["pointer"] == "/at_gte"


def test_times_bound_the_list(client: Client) -> None:
    assert (
        client.get(
            URL, {"site": "demo", "at_gte": "2020-01-01T00:00:00Z", "at_lt": "2020-01-02T00:00:00+01:00"}
        ).json()["data"]
        == []
    )
    assert len(client.get(URL, {"site": "demo", "at_gte": "2020-01-01T00:00:00Z"}).json()["data"]) == 7


def test_sign_ins_are_seen_by_the_auditor_of_the_persons_site_only() -> None:
    here, there = person("auditor", name="here"), person("auditor", name="there")
    from tests.fleet.rest.people import site

    there.memberships.update(site=site("north"))
    Client().post("/login/", {"username": "here", "password": "wrong"})
    record(action="login.succeeded", actor="login", target=("user", here.pk))
    assert [
        row["target_id"]
        for row in browser(here).get(URL, {"action": "login.succeeded", "target": here.pk}).json()["data"]
    ]
    assert browser(there).get(URL, {"target": here.pk}).json()["data"] == []
