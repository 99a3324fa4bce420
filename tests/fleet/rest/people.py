"""People, sites and keys for the tests of the house."""

from __future__ import annotations

from typing import Any

from django.test import Client

from fleet.accounts import services
from fleet.accounts.models import ApiKey, Membership, Site, User

PASSWORD = "a long enough passphrase"


def site(slug: str = "demo") -> Site:
    return Site.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def person(role: str | None = "supervisor", at: Site | None = None, name: str = "") -> User:
    user = User(username=name or f"{role}-{User.objects.count()}")
    user.set_unusable_password()
    user.save()
    if role:
        Membership.objects.create(user=user, site=at or site(), role=role)
    return user


def key(*scopes: str, at: Site | None = None, **more: Any) -> tuple[ApiKey, str]:
    return services.create_key(site=at or site(), name="erp", scopes=scopes, actor="test", **more)


def browser(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def program(secret: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {secret}"})
