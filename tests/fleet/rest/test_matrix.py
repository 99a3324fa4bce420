"""Every address there is, found from the URL conf: who gets in, and what whoever does not is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fleet.accounts.models import Role
from fleet.accounts.rights import ROLE_RIGHTS, SCOPE_RIGHTS, SCOPES
from tests.fleet.rest.people import browser, key, person, program, site

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

# What answers without login or key, and why.
PUBLIC = {
    "healthz": "the supervisor asks whether the process answers",
    "readyz": "the supervisor asks whether its services answer",
    "problems/": "errors can happen before anybody is signed in",
    "problems/<slug:code>/": "the address in every problem's `type`",
    "login/": "where one signs in",
    "language/": "the language of the pages, before signing in too; POST with the token",
}
# Pages that decide themselves: the stop path may not wait for the database, robots fetch maps by a signed link.
SELF_GUARDED = re.compile(r"^(ops/<[^>]+>/stop|maps/<)")

SAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "0" * 8 + "-0000-0000-0000-" + "0" * 12}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for item in resolver.url_patterns:
        route = prefix + str(item.pattern)
        if isinstance(item, URLResolver):
            yield from patterns(item, route)
        else:
            yield route, item


ALL = dict(patterns(get_resolver()))
API = {route: item for route, item in ALL.items() if route.startswith("api/v1/")}
PAGES = {route: item for route, item in ALL.items() if route not in API}


def address(route: str, **given: str) -> str:
    def fill(match: re.Match[str]) -> str:
        kind, _, name = match[1].rpartition(":")
        return given.get(name, SAMPLES[kind or "str"])

    return "/" + re.sub(r"<([^>]+)>", fill, route)


def methods(item: URLPattern) -> list[str]:
    view: Any = getattr(item.callback, "view_class", None) or getattr(item.callback, "cls", None)
    if view is None:
        return ["get", "post"]
    return [name for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]


OPERATIONS = [(route, method) for route, item in API.items() for method in methods(item)]


def assert_problem(response: Any, status: int, code: str | None = None) -> None:
    assert response.status_code == status, response.content[:300]
    assert response.headers["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == status and body["request_id"] == response.headers["X-Request-Id"]
    assert body["type"] == f"/problems/{body['code']}/"
    if code:
        assert body["code"] == code


def test_the_api_is_there() -> None:
    assert len(OPERATIONS) >= 10


@pytest.mark.parametrize(("route", "method"), OPERATIONS)
def test_no_operation_answers_without_login_or_key(route: str, method: str) -> None:
    response = getattr(Client(), method)(address(route))
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(("route", "method"), OPERATIONS)
def test_no_operation_answers_a_key_that_does_not_exist(route: str, method: str) -> None:
    assert_problem(getattr(program("ymk_" + "x" * 43), method)(address(route)), 401, "unauthenticated")


@pytest.mark.parametrize(("route", "method"), [o for o in OPERATIONS if o[1] != "get"])
def test_a_session_changes_nothing_without_its_csrf_token(route: str, method: str) -> None:
    client = browser(person("site_admin"), enforce_csrf_checks=True)
    response = getattr(client, method)(address(route, site="demo"), {}, content_type="application/json")
    assert_problem(response, 403, "csrf_failed")


@pytest.mark.parametrize(("route", "method"), [o for o in OPERATIONS if "<str:site>" in o[0] or "<slug:site>" in o[0]])
def test_a_site_does_not_exist_for_who_is_no_member(route: str, method: str) -> None:
    site("demo")
    outsider = browser(person("site_admin", at=site("north")))
    response = getattr(outsider, method)(address(route, site="demo"), {}, content_type="application/json")
    assert_problem(response, 404, "not_found")


@pytest.mark.parametrize("route", sorted(set(PAGES) - set(PUBLIC)))
def test_every_page_sends_a_stranger_to_the_login(route: str) -> None:
    if SELF_GUARDED.match(route):
        replies = {Client().get(address(route)).status_code, Client().post(address(route)).status_code}
        assert replies - {405} and replies <= {302, 401, 403, 405}
        return
    response = Client().get(address(route))
    assert response.status_code == 302, route
    assert response.headers["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_what_is_public_is_there_and_says_so(route: str) -> None:
    posted_to = route == "language/"
    assert Client().get(address(route, code="not_found")).status_code == (405 if posted_to else 200)


def test_an_address_that_does_not_exist_tells_a_program_so_as_a_problem() -> None:
    assert_problem(Client().get("/api/v1/nothing"), 404, "not_found")
    assert "text/html" in Client().get("/nothing").headers["Content-Type"]


ROLE_BY_RIGHT = [(role, "audit" in ROLE_RIGHTS[role]) for role in Role.values]


@pytest.mark.parametrize(("role", "may"), ROLE_BY_RIGHT)
def test_the_audit_ledger_is_read_by_the_roles_that_may(role: str, may: bool) -> None:
    response = browser(person(role)).get("/api/v1/audit_events", {"site": "demo"})
    if may:
        assert response.status_code == 200
    else:
        assert_problem(response, 403, "forbidden")
        assert response.json()["needs"]["roles"] == ["site_admin", "auditor"]


@pytest.mark.parametrize("scope", SCOPES)
def test_the_audit_ledger_is_read_by_the_scope_that_may(scope: str) -> None:
    response = program(key(scope)[1]).get("/api/v1/audit_events")
    if "audit" in SCOPE_RIGHTS[scope]:
        assert response.status_code == 200
    else:
        assert_problem(response, 403, "forbidden")
        assert "scope audit:read" in response.json()["detail"]


DISPATCHING = [route for route, item in API.items() if route.startswith("api/v1/missions") and "post" in methods(item)]


@pytest.mark.parametrize(("route", "role"), list(product(DISPATCHING, Role.values)))
def test_only_roles_with_the_right_to_dispatch_reach_what_starts_missions(route: str, role: str) -> None:
    client = browser(person(role))
    response = client.post(address(route), {}, content_type="application/json", headers={"Idempotency-Key": "k" * 12})
    if "dispatch" in ROLE_RIGHTS[role]:
        assert response.status_code in (400, 404), response.content
    else:
        assert_problem(response, 403, "forbidden")
        assert response.json()["needs"]["scopes"] == ["missions:write"]


def test_a_role_taken_away_counts_from_the_next_request() -> None:
    user = person("auditor")
    client = browser(user)
    assert client.get("/api/v1/audit_events").status_code == 200
    user.memberships.all().delete()
    assert_problem(client.get("/api/v1/audit_events"), 403, "forbidden")
    user.is_active = False
    user.save()
    assert_problem(client.get("/api/v1/audit_events"), 401)


def test_a_refused_command_is_in_the_ledger_and_a_refused_look_is_not() -> None:
    from fleet.ledger.models import Entry

    client = browser(person("viewer"))
    client.post("/api/v1/missions", {}, content_type="application/json", headers={"Idempotency-Key": "k" * 12})
    entry = Entry.objects.get(action="access.refused")
    assert (entry.result, entry.target_id, entry.after["right"]) == ("refused", "/api/v1/missions", "dispatch")  # type: ignore[index]
    program(key("stop")[1]).get("/api/v1/missions")
    assert Entry.objects.filter(action="access.refused").count() == 1
