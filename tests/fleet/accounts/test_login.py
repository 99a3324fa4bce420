"""Signing in and out, and what the ledger has of it."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.accounts.models import User
from fleet.ledger.models import Entry
from tests.fleet.rest.people import PASSWORD, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def ann() -> User:
    user = person("supervisor", name="ann")
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client: Client, name: str = "ann", password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/login/", {"username": name, "password": password, **more}, REMOTE_ADDR="10.0.0.7")


def actions() -> list[str]:
    return list(Entry.objects.values_list("action", flat=True))


def test_signing_in_and_out_is_recorded_with_the_address_and_the_request(ann: User) -> None:
    client = Client()
    response = sign_in(client)
    assert response.status_code == 302 and response.headers["Location"] == "/"
    assert client.post("/logout/").headers["Location"] == "/login/"
    assert actions() == ["login.succeeded", "logout"]
    entry = Entry.objects.all()[0]
    assert (entry.actor_name, entry.target_id, entry.after) == ("ann", str(ann.pk), {"address": "10.0.0.7"})
    assert entry.request_id == response.headers["X-Request-Id"]


def test_the_session_gets_a_new_id_at_sign_in_and_ends_at_sign_out(ann: User) -> None:
    client = Client()
    client.get("/login/")
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["sessionid"] = before = session.session_key or ""
    sign_in(client)
    after = client.cookies["sessionid"].value
    assert after and after != before
    client.post("/logout/")
    client.cookies["sessionid"] = after
    assert client.get("/api/v1/me").status_code == 401


def test_a_link_signs_nobody_out(ann: User) -> None:
    client = Client()
    sign_in(client)
    assert client.get("/logout/").status_code == 405
    assert client.get("/api/v1/me").status_code == 200


def test_the_login_leads_only_to_this_site(ann: User) -> None:
    assert sign_in(Client(), next="/api/docs/").headers["Location"] == "/api/docs/"
    assert sign_in(Client(), next="https://evil.example/").headers["Location"] == "/"


def test_the_sixth_failure_locks_and_then_the_right_password_does_not_help(ann: User) -> None:
    client = Client()
    replies = [sign_in(client, password="wrong").status_code for _ in range(6)]
    assert replies == [200] * 5 + [429]
    assert sign_in(client).status_code == 429
    assert b"Too many attempts" in sign_in(client).content
    other = Client().post("/login/", {"username": "ann", "password": PASSWORD}, REMOTE_ADDR="10.0.0.8")
    assert other.status_code == 302
    assert actions().count("login.failed") == 8  # with the two that came too late
    assert actions().count("login.locked") == 3


def test_a_failure_names_people_who_exist_and_keeps_nothing_else_that_was_typed(ann: User) -> None:
    sign_in(Client(), password="wrong")
    sign_in(Client(), name="hunter2-typed-in-the-wrong-field")
    entries = Entry.objects.filter(action="login.failed")
    assert [entry.after["name"] for entry in entries] == ["ann", "(unknown name)"]  # type: ignore[index]
    assert all(entry.result == "refused" for entry in entries)
    assert "hunter2" not in " ".join(Entry.objects.values_list("canonical", flat=True))


def test_an_inactive_person_does_not_get_in(ann: User) -> None:
    ann.is_active = False
    ann.save()
    assert sign_in(Client()).status_code == 200


def test_many_tries_from_one_address_have_to_wait(ann: User) -> None:
    replies = [
        Client().post("/login/", {"username": f"user{n}", "password": "x"}, REMOTE_ADDR="10.9.9.9") for n in range(61)
    ]
    late = [reply for reply in replies if reply.status_code == 429]
    assert late and late[0].headers["Retry-After"]
