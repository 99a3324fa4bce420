"""Roles and keys are decided and recorded where they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.http import Http404
from django.test import RequestFactory
from django.utils import timezone

from fleet.accounts import access, services
from fleet.accounts.keys import hash_key
from fleet.accounts.models import ApiKey, Membership, Site
from fleet.ledger.models import Entry
from tests.fleet.rest.people import PASSWORD, key, person, site

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def last() -> Entry:
    entry = Entry.objects.last()
    assert entry is not None
    return entry


def test_a_person_is_added_with_a_strong_password_and_recorded_without_it() -> None:
    user = services.create_user(username="ann", password=PASSWORD, actor="seed", full_name="Ann Lee")
    assert user.check_password(PASSWORD) and user.get_full_name() == "Ann Lee"
    assert (last().action, last().target_id) == ("user.created", str(user.pk))
    assert PASSWORD not in last().canonical


@pytest.mark.parametrize("password", ["short", "password1234", "ann-ann-ann1"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        services.create_user(username="ann-ann-ann", password=password, actor="seed")


def test_a_supervisor_adds_nobody_and_a_site_admin_no_superuser() -> None:
    with pytest.raises(PermissionDenied):
        services.create_user(username="x", password=PASSWORD, actor=access.person_actor(person("supervisor")))
    admin = access.person_actor(person("site_admin"))
    with pytest.raises(PermissionDenied):
        services.create_user(username="x", password=PASSWORD, actor=admin, superuser=True)
    services.create_user(username="x", password=PASSWORD, actor=admin)


def test_a_role_change_is_recorded_with_before_and_after() -> None:
    user, admin = person("viewer"), access.person_actor(person("site_admin"))
    services.set_role(user=user, site=site(), role="supervisor", actor=admin, reason="new shift")
    assert Membership.objects.get(user=user).role == "supervisor"
    entry = last()
    assert entry.before["role"] == "viewer" and entry.after["role"] == "supervisor"  # type: ignore[index]
    assert (entry.site, entry.reason, entry.actor_id) == ("demo", "new shift", admin.id)
    services.set_role(user=user, site=site(), role=None, actor=admin)
    assert not Membership.objects.filter(user=user).exists()
    count = Entry.objects.count()
    services.set_role(user=user, site=site(), role=None, actor=admin)
    assert Entry.objects.count() == count


def test_nobody_raises_themselves_and_no_one_rules_at_another_site() -> None:
    admin = person("site_admin")
    with pytest.raises(PermissionDenied, match="own role"):
        services.set_role(user=admin, site=site(), role="auditor", actor=access.person_actor(admin))
    with pytest.raises(PermissionDenied):
        services.set_role(user=person("viewer"), site=site("north"), role="auditor", actor=access.person_actor(admin))
    with pytest.raises(ValidationError):
        services.set_role(user=person("viewer"), site=site(), role="emperor", actor="seed")


def test_a_key_is_kept_as_its_hash_only() -> None:
    made, secret = key("missions:write", "stop")
    assert secret.startswith("ymk_") and len(secret) > 40
    stored = ApiKey.objects.get()
    assert stored.hash == hash_key(secret) and stored.scopes == ["missions:write", "stop"]
    assert secret not in last().canonical and last().target_id == made.public_id
    assert stored.prefix == secret[:12]


def test_nobody_gives_a_key_more_than_they_have() -> None:
    integrator = access.person_actor(person("integrator"))
    services.create_key(site=site(), name="erp", scopes=["missions:write"], actor=integrator)
    with pytest.raises(PermissionDenied, match="robots"):
        services.create_key(site=site(), name="erp", scopes=["robots:write"], actor=integrator)
    with pytest.raises(PermissionDenied):
        services.create_key(site=site(), name="erp", scopes=["stop"], actor=access.person_actor(person("supervisor")))
    with pytest.raises(PermissionDenied):
        services.create_key(site=site("north"), name="erp", scopes=["stop"], actor=integrator)


@pytest.mark.parametrize("scopes", [[], ["everything"]])
def test_scopes_are_from_the_list(scopes: list[str]) -> None:
    with pytest.raises(ValidationError):
        services.create_key(site=site(), name="erp", scopes=scopes, actor="seed")


def test_a_key_that_has_expired_before_it_began_is_refused() -> None:
    with pytest.raises(ValidationError):
        key("stop", expires_at=timezone.now() - timedelta(seconds=1))


def test_revoking_is_recorded_once() -> None:
    made, _ = key("stop")
    services.revoke_key(key=made, actor="seed")
    services.revoke_key(key=made, actor="seed")
    assert Entry.objects.filter(action="key.revoked").count() == 1
    with pytest.raises(PermissionDenied):
        services.revoke_key(key=made, actor=access.person_actor(person("viewer")))


def test_createkey_prints_a_working_secret(capsys: pytest.CaptureFixture[str]) -> None:
    site()
    call_command("createkey", "--site", "demo", "--name", "ci", "--scopes", "stop", "missions:write")
    assert ApiKey.objects.get().hash == hash_key(capsys.readouterr().out.strip())
    with pytest.raises(CommandError, match="Sites: demo"):
        call_command("createkey", "--site", "mars", "--name", "ci", "--scopes", "stop")


def test_a_site_is_found_by_its_members_only() -> None:
    request = RequestFactory().get("/")
    request.user = person("viewer")
    north = site("north")
    assert access.current_site(request, "demo") == site()
    assert access.current_site(request, site().public_id) == site()
    for name in (north.slug, north.public_id, "mars"):
        with pytest.raises(Http404):
            access.current_site(request, name)


def test_nobody_is_no_actor() -> None:
    with pytest.raises(PermissionError):
        access.actor_of(RequestFactory().get("/"))


@pytest.mark.parametrize(("role", "seen"), [("supervisor", True), ("viewer", False)])
def test_only_who_may_dispatch_supervises(role: str, seen: bool) -> None:
    request = RequestFactory().get("/")
    request.user = person(role)
    access.current_site(request, "demo")
    assert (Site.objects.get().supervised_at is not None) == seen


def test_a_sign_of_life_is_written_at_most_every_five_seconds() -> None:
    demo = site()
    access.supervised(demo, NOW)
    for seconds, written in ((1, 0), (4.9, 0), (5, 5), (7, 5), (11, 11)):
        access.supervised(Site.objects.get(), NOW + timedelta(seconds=seconds))
        assert Site.objects.get().supervised_at == NOW + timedelta(seconds=written)


def test_a_clock_set_back_does_not_leave_a_sign_of_life_from_the_future() -> None:
    demo = site()
    access.supervised(demo, NOW + timedelta(hours=1))
    access.supervised(Site.objects.get(), NOW)
    assert Site.objects.get().supervised_at == NOW
