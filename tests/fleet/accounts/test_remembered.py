from __future__ import annotations

from fleet.accounts.remembered import CAPACITY, DOWN_S, FRESH_S, KEPT_S, Memory, SiteCard, credential_digest
from fleet.accounts.rights import Actor

ANN = Actor("person", "1", "ann")
ERP = Actor("key", "key_1", "erp")
DEMO = SiteCard(1, "demo", "Demo")


def noted(actor: Actor = ANN, at: float = 0.0) -> Memory:
    memory = Memory()
    memory.note("c", ("demo", "sit_1"), actor, DEMO, at)
    return memory


def test_who_was_let_in_a_moment_ago_is_let_in_by_either_name_of_the_site() -> None:
    memory = noted()
    for name in ("demo", "sit_1"):
        known = memory.recall("c", name, FRESH_S)
        assert known is not None and (known.actor, known.site) == (ANN, DEMO)


def test_another_credential_or_another_site_is_not() -> None:
    assert noted().recall("other", "demo", 1) is None
    assert noted().recall("c", "north", 1) is None


def test_after_a_minute_the_database_is_asked_again() -> None:
    assert noted().recall("c", "demo", FRESH_S + 1) is None


def test_while_the_database_is_down_a_whole_shift_is_remembered_and_no_longer() -> None:
    memory = noted()
    memory.database_is_down(FRESH_S + 1)
    assert memory.recall("c", "demo", FRESH_S + 2) is not None
    assert memory.recall("c", "demo", FRESH_S + 2 + DOWN_S) is None
    memory.database_is_down(KEPT_S + 1)
    assert memory.recall("c", "demo", KEPT_S + 2) is None


def test_who_signed_out_is_forgotten_and_others_are_not() -> None:
    memory = noted()
    memory.note("k", ("demo",), ERP, DEMO, 0)
    memory.forget("person", "1")
    assert memory.recall("c", "demo", 1) is None
    assert memory.recall("k", "demo", 1) is not None


def test_the_memory_is_bounded_and_drops_the_oldest() -> None:
    memory = noted()
    for n in range(CAPACITY):
        memory.note(f"c{n}", ("demo",), ANN, DEMO, 1)
    assert memory.recall("c", "sit_1", 2) is None
    assert memory.recall(f"c{CAPACITY - 1}", "demo", 2) is not None


def test_no_usable_credential_is_kept() -> None:
    assert "ymk_secret" not in credential_digest("key", "ymk_secret")
    assert credential_digest("key", "x") != credential_digest("session", "x")
