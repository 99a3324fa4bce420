"""Changing one's own password."""

from __future__ import annotations

import pytest
from django.test import Client

from fleet.accounts.models import User
from fleet.ledger.models import Entry
from tests.fleet.rest.people import PASSWORD, browser, person

pytestmark = pytest.mark.django_db
NEW = "a quite different passphrase"


def change(client: Client, old: str, new: str, again: str | None = None) -> int:
    fields = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return client.post("/password/", fields).status_code


def signed_in() -> tuple[User, Client]:
    user = person()
    user.set_password(PASSWORD)
    user.save()
    return user, browser(user)


def test_the_old_password_is_asked_for_and_the_act_is_recorded() -> None:
    user, client = signed_in()
    assert change(client, "wrong", NEW) == 200
    assert change(client, PASSWORD, NEW) == 302
    user.refresh_from_db()
    assert user.check_password(NEW)
    entry = Entry.objects.get(action="user.password")
    assert entry.actor_name == user.username
    assert NEW not in entry.canonical


@pytest.mark.parametrize(("new", "again"), [("short", None), (NEW, "something else entirely")])
def test_a_weak_or_mistyped_password_changes_nothing(new: str, again: str | None) -> None:
    user, client = signed_in()
    assert change(client, PASSWORD, new, again) == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_other_sessions_end() -> None:
    user, client = signed_in()
    other = browser(user)
    assert change(client, PASSWORD, NEW) == 302
    assert other.get("/missions/").status_code == 302
    assert client.get("/missions/").status_code == 200
