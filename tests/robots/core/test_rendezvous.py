from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from robots.core.rendezvous import owner, weight

NAMES = st.sets(st.text("abcdefg0123-", min_size=1, max_size=8), min_size=1, max_size=6)
KEYS = [f"AMR-{n:04d}" for n in range(300)]


def test_nobody_serves_where_nobody_is() -> None:
    assert owner([], "A") is None


@given(NAMES, st.text(max_size=20))
def test_everybody_comes_to_the_same_answer(names: set[str], key: str) -> None:
    assert owner(names, key) == owner(sorted(names, reverse=True), key)
    assert owner(names, key) in names


@given(NAMES, st.text("hijk", min_size=1, max_size=8))
def test_only_what_the_newcomer_gains_moves(names: set[str], newcomer: str) -> None:
    for key in KEYS:
        before, after = owner(names, key), owner([*names, newcomer], key)
        assert after in (before, newcomer)


@given(NAMES)
def test_only_what_the_leaver_had_moves(names: set[str]) -> None:
    leaver = min(names)
    for key in KEYS:
        before, after = owner(names, key), owner(names - {leaver}, key)
        assert before in (leaver, after)


def test_the_shares_are_even() -> None:
    shares = Counter(owner(["link", "link2", "link3", "link4"], key) for key in KEYS)
    assert max(shares.values()) < 2 * min(shares.values())


def test_names_that_read_alike_bid_differently() -> None:
    assert weight("a", "bc") != weight("ab", "c")
