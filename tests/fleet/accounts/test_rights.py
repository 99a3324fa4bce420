from __future__ import annotations

from itertools import product

import pytest

from fleet.accounts.models import Role
from fleet.accounts.rights import (
    RIGHTS,
    ROLE_RIGHTS,
    SCOPE_RIGHTS,
    SCOPES,
    Actor,
    can,
    is_supervision,
    member,
    rights_at,
    roles_with,
    scopes_with,
)

HERE, THERE = 1, 2


def person(role: str) -> Actor:
    return Actor("person", "1", "ann", {HERE: role}, frozenset(), frozenset({HERE}))


def key(*scopes: str) -> Actor:
    return Actor("key", "key_1", "erp", {}, frozenset(scopes), frozenset({HERE}))


def test_the_table_knows_every_role_and_only_rights_that_exist() -> None:
    assert set(ROLE_RIGHTS) == set(Role.values)
    for rights in (*ROLE_RIGHTS.values(), *SCOPE_RIGHTS.values()):
        assert rights <= set(RIGHTS)


def test_every_right_is_somebodys() -> None:
    assert all(roles_with(right) for right in RIGHTS)


def test_everyone_may_stop_but_only_people_with_a_duty_on_the_floor_may_resume() -> None:
    assert set(roles_with("stop")) == set(Role.values)
    assert set(roles_with("resume")) == {"supervisor", "site_admin"}
    assert scopes_with("resume") == ()


@pytest.mark.parametrize(("role", "right"), list(product(Role.values, RIGHTS)))
def test_a_role_counts_at_its_own_site_only(role: str, right: str) -> None:
    assert can(person(role), right, HERE) == (right in ROLE_RIGHTS[role])
    assert not can(person(role), right, THERE)
    assert member(person(role), HERE) and not member(person(role), THERE)


@pytest.mark.parametrize(("scope", "right"), list(product(SCOPES, RIGHTS)))
def test_a_key_has_the_rights_of_its_scopes_at_its_site_only(scope: str, right: str) -> None:
    assert can(key(scope), right, HERE) == (right in SCOPE_RIGHTS[scope])
    assert not can(key(scope), right, THERE)


def test_no_set_of_scopes_gives_what_is_kept_for_people() -> None:
    assert rights_at(key(*SCOPES), HERE).isdisjoint({"resume", "keys", "models"})


def test_a_role_or_scope_nobody_knows_gives_nothing() -> None:
    assert rights_at(person("emperor"), HERE) == frozenset()
    assert rights_at(key("everything"), HERE) == frozenset()


def test_a_superuser_has_all_everywhere() -> None:
    root = Actor("person", "1", "root", superuser=True)
    assert all(can(root, right, THERE) for right in RIGHTS)


def test_a_right_that_does_not_exist_is_a_mistake_and_not_a_no() -> None:
    with pytest.raises(ValueError, match="dispach"):
        can(person("supervisor"), "dispach", HERE)


def test_a_program_is_no_supervisor() -> None:
    assert is_supervision(person("supervisor"), HERE)
    assert not is_supervision(person("viewer"), HERE)
    assert not is_supervision(person("supervisor"), THERE)
    assert not is_supervision(key("missions:write"), HERE)
