"""The rules planner on hand-written cases, and what must hold for any text and any vocabulary."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.contract import (
    DECISIONS,
    Named,
    PlanDraft,
    PlanRequest,
    Vocabulary,
    draft_to_json,
    plan_to_json,
    request_from_json,
    request_to_json,
)
from inference.core.grammar import plan_from_json
from inference.core.scoring import Case, judge, load_cases
from inference.planner import get_planner

CASES = Path(__file__).resolve().parents[1] / "cases"
PLANNER = get_planner("rules")


def cases_of(path: Path) -> list[Case]:
    return load_cases(json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())


ALL = [case for path in sorted(CASES.glob("*.jsonl")) for case in cases_of(path)]


@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_hand_written_case(case: Case) -> None:
    draft = PLANNER.interpret(case.request)
    assert judge(case, draft).correct, (case.request.text, draft_to_json(draft))


def test_there_are_enough_cases_over_several_sites_and_languages() -> None:
    assert len(ALL) >= 120
    assert {"en", "de", "es", "fr"} <= {case.lang for case in ALL}
    assert len({case.request.vocabulary.site for case in ALL}) >= 3


def test_nothing_refusable_is_ever_dispatched() -> None:
    refusals = [case for case in ALL if case.decision == "refuse"]
    assert len(refusals) >= 30
    assert [case.id for case in refusals if PLANNER.interpret(case.request).decision == "plan"] == []


def test_the_shared_examples(shared_material: Path) -> None:
    path = shared_material / "instructions" / "examples.jsonl"
    if not path.is_file():
        pytest.skip("no instructions/examples.jsonl in ../shared")
    examples = cases_of(path)
    assert [c.id for c in examples if not judge(c, PLANNER.interpret(c.request)).correct] == []
    assert {c.reason for c in examples if c.decision == "ask"} == {
        PLANNER.interpret(c.request).reason for c in examples if c.decision == "ask"
    }


# --- what holds for everything ---

WORDS = [
    "take",
    "bring",
    "scan",
    "inspect",
    "charge",
    "patrol",
    "report",
    "go",
    "wait",
    "home",
    "drop",
    "pick",
    "if",
    "it",
    "is",
    "empty",
    "blocked",
    "battery",
    "below",
    "30",
    "%",
    "then",
    "and",
    "or",
    "not",
    "avoid",
    "slowly",
    "urgent",
    "every",
    "10",
    "minutes",
    "at",
    "14:00",
    "before",
    "three",
    "twice",
    "dock",
    "row",
    "1",
    "2",
    "7",
    "oats",
    "tape",
    "heron",
    "r-07",
    "lab",
    "the",
    "a",
    "to",
    "from",
    "in",
    "on",
    "of",
    "there",
    "here",
    "until",
    "confirmed",
    "bringe",
    "nach",
    "von",
    "zur",
    "prüfe",
    "wenn",
    "leer",
    "dann",
    "lleva",
    "a",
    "de",
    "la",
    "revisa",
    "si",
    "está",
    "luego",
    ",",
    ".",
    ";",
    ":",
    "?",
    "!",
    "-",
    "½",
    "٣",
    "10000000000",
    "停",
    "'x'",
    "p.m.",
    "half",
    "past",
    "quarter",
]
sentences = st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join)
texts = st.text(max_size=120) | sentences
labels = st.sampled_from(
    ["Dock 1", "Row 7", "R-07", "the", "3", "Home", "oats", "Take", "Ün ß", "", "-", "A", "10 min", "倉庫 A", "row"]
) | st.text(max_size=10)
named = st.builds(
    Named, id=st.text(min_size=1, max_size=6), name=labels, aliases=st.lists(labels, max_size=2).map(tuple)
)
vocabularies = st.builds(
    Vocabulary, site=st.just("s"), now=st.sampled_from(["00:00", "12:00", "23:59"]),
    places=st.lists(named, max_size=4).map(tuple), items=st.lists(named, max_size=3).map(tuple),
    robots=st.lists(named, max_size=3).map(tuple),
)  # fmt: skip


def check_draft(request: PlanRequest, draft: PlanDraft) -> None:
    v = request.vocabulary
    assert draft.decision in DECISIONS
    assert draft.confidence is not None
    assert 0 <= draft.confidence <= 1
    assert not draft.calibrated
    for start, end in [*draft.ignored, *(slot.span for slot in draft.slots)]:
        assert 0 <= start < end <= len(request.text)
    assert all(
        slot.text == request.text[slot.span[0] : slot.span[1]]
        for slot in draft.slots
        if slot.name in ("place", "item", "robot")
    )
    assert len(draft.options) <= 4
    json.dumps(draft_to_json(draft))
    if draft.plan is None:
        assert draft.decision != "plan"
        return
    places, items, robots = ({n.id for n in group} for group in (v.places, v.items, v.robots))
    assert plan_from_json(plan_to_json(draft.plan)) == draft.plan
    assert draft.plan.robot is None or draft.plan.robot in robots
    assert set(draft.plan.avoid) <= places
    for step in draft.plan.steps:
        assert {step.at, *step.places} - {None} <= places
        assert step.item is None or step.item in items


@given(texts, vocabularies, st.sampled_from([None, "de", "es", "fr", "zz", ""]))
@settings(max_examples=100, deadline=None)
def test_never_raises_and_never_names_what_is_not_in_the_vocabulary(
    text: str, vocabulary: Vocabulary, language: str | None
) -> None:
    request = PlanRequest(text, vocabulary, language)
    check_draft(request, PLANNER.interpret(request))


@given(sentences)
@settings(max_examples=100, deadline=None)
def test_drafts_on_a_real_vocabulary_keep_to_it(text: str) -> None:
    request = PlanRequest(text, ALL[0].request.vocabulary)
    check_draft(request, PLANNER.interpret(request))


@pytest.mark.parametrize("text", ["", " ", "\n", "!", "x" * 5000, "take " * 399, "\u200bStop", "a" * 1999, "1" * 1500])
def test_odd_texts_are_answered(text: str) -> None:
    request = PlanRequest(text, ALL[0].request.vocabulary)
    draft = PLANNER.interpret(request)
    check_draft(request, draft)
    assert draft.decision != "plan"


def test_the_same_text_gives_the_same_draft() -> None:
    def plain(case: Case) -> dict[str, object]:
        return draft_to_json(PLANNER.interpret(case.request)) | {"elapsed_ms": 0}

    assert [plain(c) for c in ALL[:40]] == [plain(c) for c in ALL[:40]]


def test_a_request_survives_its_journey_as_json() -> None:
    request = ALL[0].request
    again = request_from_json(json.loads(json.dumps(request_to_json(request))))
    assert PLANNER.interpret(again).plan == PLANNER.interpret(request).plan


def test_a_hundred_names_are_read_quickly() -> None:
    places = tuple(Named(f"st-{n}", f"Storage Row {n}", (f"rack {n}",)) for n in range(70))
    items = tuple(Named(f"it-{n}", f"part {n} boxes") for n in range(20))
    robots = tuple(Named(f"rb-{n}", f"Robot-{n}") for n in range(10))
    request = PlanRequest(
        "Robot-3, please take 4 part 7 boxes form storage row 12 to rack 55, avoid rack 9, then chrage to 80 %",
        Vocabulary("big", "10:00", places, items, robots),
    )
    draft = PLANNER.interpret(request)
    assert draft.plan is not None
    assert [s.at for s in draft.plan.steps] == ["st-12", "st-55", None]
    spent = []
    for _ in range(9):
        began = time.process_time()
        PLANNER.interpret(request)
        spent.append(time.process_time() - began)
    assert sorted(spent)[4] < 0.02


def test_an_unknown_planner_is_named() -> None:
    with pytest.raises(LookupError, match="rules"):
        get_planner("oracle")
