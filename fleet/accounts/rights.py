"""Who may do what: one table of rights per role and one of scopes per key. Pure; the database is not asked here.

Stopping is open to every role on purpose: whoever sees the danger stops the site, and the ledger says who it was.
No scope of a key resumes: a stop stays latched until a person clears it. Nor does one close zones or free what a robot
holds (`floor`): a program knows nothing of who stands there. Doors and lifts have controllers, so those have a scope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

RIGHTS = ("view", "dispatch", "stop", "resume", "robots", "floor", "doors", "configure", "keys", "audit", "models")

ROLE_RIGHTS: Mapping[str, frozenset[str]] = {
    "viewer": frozenset({"view", "stop"}),
    "supervisor": frozenset({"view", "dispatch", "stop", "resume", "robots", "floor", "doors"}),
    "site_admin": frozenset(
        {"view", "dispatch", "stop", "resume", "robots", "floor", "doors", "configure", "keys", "audit"}
    ),
    "ml_engineer": frozenset({"view", "stop", "models"}),
    "integrator": frozenset({"view", "dispatch", "stop", "doors", "keys"}),
    "auditor": frozenset({"view", "stop", "audit"}),
}

SCOPE_RIGHTS: Mapping[str, frozenset[str]] = {
    "missions:read": frozenset({"view"}),
    "missions:write": frozenset({"view", "dispatch"}),
    "robots:read": frozenset({"view"}),
    "robots:write": frozenset({"view", "robots"}),
    "doors:write": frozenset({"view", "doors"}),
    "stop": frozenset({"stop"}),
    "layouts:write": frozenset({"view", "configure"}),
    "audit:read": frozenset({"audit"}),
}
SCOPES = tuple(SCOPE_RIGHTS)


class HasPrimaryKey(Protocol):
    @property
    def pk(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `kind` is person, key or system; `roles` has a person's role per site id, `scopes` a key's scopes."""

    kind: str
    id: str
    name: str
    roles: Mapping[int, str] = field(default_factory=dict)
    scopes: frozenset[str] = frozenset()
    site_ids: frozenset[int] = frozenset()
    superuser: bool = False


def rights_at(actor: Actor, site: HasPrimaryKey | int) -> frozenset[str]:
    """Every right of `actor` at `site`; none where it is not a member."""
    site_id = site if isinstance(site, int) else site.pk
    if actor.superuser:
        return frozenset(RIGHTS)
    if site_id not in actor.site_ids:
        return frozenset()
    if actor.kind == "key":
        return rights_of_scopes(actor.scopes)
    return ROLE_RIGHTS.get(actor.roles.get(site_id, ""), frozenset())


def can(actor: Actor, right: str, site: HasPrimaryKey | int) -> bool:
    """Whether `actor` has `right` at `site`. ValueError: no such right (a typing mistake must not read as "no")."""
    if right not in RIGHTS:
        raise ValueError(f"{right!r} is not a right. The rights are {', '.join(RIGHTS)}.")
    return right in rights_at(actor, site)


def member(actor: Actor, site: HasPrimaryKey | int) -> bool:
    """Whether the site exists for this actor at all."""
    return actor.superuser or (site if isinstance(site, int) else site.pk) in actor.site_ids


def rights_of_scopes(scopes: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*(SCOPE_RIGHTS.get(scope, frozenset()) for scope in scopes))


def roles_with(right: str) -> tuple[str, ...]:
    return tuple(role for role, rights in ROLE_RIGHTS.items() if right in rights)


def scopes_with(right: str) -> tuple[str, ...]:
    return tuple(scope for scope, rights in SCOPE_RIGHTS.items() if right in rights)


def is_supervision(actor: Actor, site: HasPrimaryKey | int) -> bool:
    """Whether a request of `actor` is a sign that somebody watches the site: only a person who may dispatch counts.

    A program that polls all night is no supervisor; a site that runs without one is set `unattended` by its admin.
    """
    return actor.kind == "person" and can(actor, "dispatch", site)
