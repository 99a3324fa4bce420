"""Training sentences: their targets read back, ground into valid plans, and the same seed gives the same ones."""

from __future__ import annotations

import gzip
from pathlib import Path
from random import Random

import pytest

from inference.contract import Plan, plan_from_json, plan_to_json
from inference.core.plan_tokens import MAX_TOKENS, State, advance, legal, read
from inference.planner.compact.ground import Question, ground
from inference.training import dataset
from inference.training.grammar import LANGUAGES
from inference.training.sites import make_site

from .helpers import drawn


@pytest.mark.parametrize("language", LANGUAGES)
def test_targets_are_of_the_automaton_and_ground_into_valid_plans(language: str) -> None:
    samples = drawn(language, 60)
    plans = 0
    for one in samples:
        state = State()
        for token in one.target:
            assert token in legal(state, one.slotted.counts()), f"{token} in {one.text!r} -> {one.target}"
            state = advance(state, token)
        decision, words = read(one.target)
        assert len(one.target) <= MAX_TOKENS and bool(words) == (decision == "PLAN")
        if decision != "PLAN":
            continue
        plan = ground(one.target, one.slotted.slots)
        if isinstance(plan, Question):
            assert plan.text.endswith((".", "?")), plan
            continue
        plans += 1
        assert isinstance(plan, Plan) and plan_from_json(plan_to_json(plan)).steps == plan.steps
        assert ids(plan) <= {n.id for n in (*one.request.vocabulary.places, *one.request.vocabulary.items,
                                            *one.request.vocabulary.robots)}  # fmt: skip
    assert {"PLAN"} < {read(one.target)[0][:4] for one in samples}, "no plans, or nothing but plans"
    assert plans > 30


def ids(plan: Plan) -> set[str]:
    found = {value for s in plan.steps for value in (s.at, s.item, *s.places) if value}
    return found | set(plan.avoid) | ({plan.robot} if plan.robot else set())


def test_the_same_seed_says_the_same() -> None:
    assert [one.text for one in drawn("de", 10, 3)] == [one.text for one in drawn("de", 10, 3)]
    assert [one.text for one in drawn("de", 10, 3)] != [one.text for one in drawn("de", 10, 4)]


def test_sites_have_names_that_differ() -> None:
    for seed in range(20):
        site = make_site(LANGUAGES[seed % 7], Random(seed))
        every = [n.name.casefold() for n in (*site.vocabulary.places, *site.vocabulary.items, *site.vocabulary.robots)]
        assert len(set(every)) == len(every) and site.vocabulary.places and site.vocabulary.items


# --- on disk


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "SHARD", 12)


@pytest.mark.usefixtures("small")
def test_a_shard_is_made_once_and_the_same_anywhere(tmp_path: Path) -> None:
    here, there = (dataset.plan_shards(tmp_path / n, 24, 7, {"es": 1.0}) for n in "ab")
    assert len(here) == 2 and here[0].path.parent.name == dataset.digest()
    assert dataset.make_shard(here[0])[0] == 12 and dataset.make_shard(there[0])[0] == 12
    with gzip.open(here[0].path, "rt") as one, gzip.open(there[0].path, "rt") as other:
        first = one.read()
        assert first == other.read()
    stamp = here[0].path.stat().st_mtime_ns
    dataset.make_shard(here[0])
    assert here[0].path.stat().st_mtime_ns == stamp, "what is there is not made again"
    dataset.make_shard(here[1])
    with gzip.open(here[1].path, "rt") as second:
        assert second.read() != first
    assert len(list(dataset.load(here))) == 24
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.usefixtures("small")
def test_only_missing_shards_are_built(tmp_path: Path) -> None:
    shards = dataset.plan_shards(tmp_path, 12, 7, {"en": 1.0})
    dataset.make_shard(shards[0])
    said: list[tuple[int, int, str]] = []
    dataset.build(shards, 1, lambda *row: said.append(row))
    assert said == [(1, 1, "")], "no process is started for what is there"


def test_every_language_gets_a_share() -> None:
    shards = dataset.plan_shards(Path("x"), 100, 1)
    assert {s.language for s in shards} == set(LANGUAGES) and sum(dataset.SHARES.values()) == pytest.approx(1.0)
