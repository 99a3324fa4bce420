"""Scoring by the case format: equal spellings count as equal, wrong ones do not, and shares add up."""

from __future__ import annotations

import pytest

from inference.contract import Plan, PlanDraft, Step
from inference.core.scoring import Case, judge, load_cases, risk_coverage, summarise

SITE = {
    "type": "site",
    "id": "s",
    "now": "10:00",
    "places": [{"id": "a", "name": "A"}],
    "items": [{"id": "i", "name": "I"}],
    "robots": [],
}


def case(expect: dict[str, object], group: str = "plan", tags: tuple[str, ...] = ()) -> Case:
    line = {
        "type": "case",
        "id": "c",
        "group": group,
        "site": "s",
        "lang": "en",
        "tags": list(tags),
        "text": "t",
        "expect": expect,
    }
    return load_cases([SITE, line])[0]


def expected(*steps: dict[str, object]) -> dict[str, object]:
    return {
        "decision": "plan",
        "robot": None,
        "priority": "normal",
        "start": None,
        "deadline": None,
        "avoid": [],
        "speed": None,
        "repeat": None,
        "steps": list(steps),
    }


def draft(*steps: Step, confidence: float = 0.95, **fields: object) -> PlanDraft:
    return PlanDraft("plan", Plan(steps, **fields), confidence=confidence)  # type: ignore[arg-type]


def test_both_spellings_of_a_place_where_the_robot_already_is_count() -> None:
    c = case(
        expected(
            {"op": "inspect", "at": "a"},
            {"op": "pick", "item": "i", "at": None},
            {"op": "drop", "at": "b", "item": None},
        )
    )
    d = draft(
        Step("move", at="a"), Step("inspect", at="a"), Step("pick", item="i", at="a"), Step("drop", at="b", item="i")
    )
    verdict = judge(c, d)
    assert (verdict.exact, verdict.steps, verdict.ops) == (True, True, True)


def test_partly_right_is_told_apart() -> None:
    c = case(expected({"op": "pick", "item": "i", "at": "a", "qty": 2}, {"op": "drop", "at": "b"}))
    wrong_quantity = judge(c, draft(Step("pick", item="i", at="a", qty=3), Step("drop", at="b")))
    wrong_priority = judge(c, draft(Step("pick", item="i", at="a", qty=2), Step("drop", at="b"), priority="high"))
    wrong_place = judge(c, draft(Step("pick", item="i", at="a", qty=2), Step("drop", at="c")))
    assert (wrong_quantity.exact, wrong_quantity.steps, wrong_quantity.ops) == (False, False, True)
    assert (wrong_priority.exact, wrong_priority.steps, wrong_priority.ops) == (False, True, True)
    assert (wrong_place.exact, wrong_place.steps, wrong_place.ops) == (False, False, False)


def test_the_report_counts_what_was_dispatched_and_what_was_asked_for_nothing() -> None:
    refuse = case({"decision": "refuse", "reason": "unsafe", "accept": ["refuse"]}, "refuse")
    p = case(expected({"op": "report"}), tags=("hard",))
    verdicts = [
        judge(refuse, draft(Step("report"), confidence=0.5)),
        judge(refuse, PlanDraft("refuse")),
        judge(p, PlanDraft("ask")),
        judge(p, draft(Step("report")), 4.0),
    ]
    report = summarise(verdicts, planner="x", bundle="1")
    assert report["groups"]["refuse"] == {"n": 2, "correct": 0.5, "dispatched": 1}
    assert report["groups"]["plan"] == {"n": 2, "exact": 0.5, "steps": 0.5, "ops": 0.5, "over_asking": 0.5}
    assert report["run_band"] == {"coverage": 0.5, "precision": 1.0, "n": 1, "right": 1}
    assert report["hard"] == {"n": 2, "exact": 0.5}
    assert report["calibration"]["ece"] == pytest.approx((0.05 + 0.5) / 2)
    assert report["calibration"]["aurc"] == pytest.approx(0.25)
    assert risk_coverage(verdicts) == [(0.5, 0.0), (1.0, 0.5)]


@pytest.mark.parametrize("line", [{"type": "case", "id": "c", "site": "nowhere"}, {"type": "note"}, {"kind": "site"}])
def test_a_bad_line_is_named_by_its_number(line: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="line 2"):
        load_cases([SITE, line])
