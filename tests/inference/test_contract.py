"""JSON forms of what travels between the page, the worker and the planners."""

from __future__ import annotations

import json

from inference.contract import (
    Named,
    Origin,
    Plan,
    PlanDraft,
    PlanRequest,
    Step,
    Vocabulary,
    draft_to_json,
    plan_from_json,
    request_from_json,
    request_to_json,
)

VOCABULARY = Vocabulary("demo", "10:20", (Named("dock-1", "Dock 1", ("the dock",), "dock"),), (), (), "abc")


def test_a_request_arrives_as_it_was_sent() -> None:
    request = PlanRequest("go to dock 1", VOCABULARY, "en", "r1", planner="endpoint", origins=(Origin(0, 5, "wms"),))
    assert request_from_json(json.loads(json.dumps(request_to_json(request)))) == request


def test_a_request_of_an_older_page_is_read_by_the_installations_planner() -> None:
    data = request_to_json(PlanRequest("go to dock 1", VOCABULARY))
    del data["planner"], data["origins"]
    assert request_from_json(data) == PlanRequest("go to dock 1", VOCABULARY)


def test_a_draft_tells_its_thresholds_and_its_other_readings_as_plans() -> None:
    plan, other = Plan((Step("move", at="dock-1"),)), Plan((Step("home"),), priority="high")
    told = draft_to_json(PlanDraft("plan", plan, confidence=0.9, run_at=0.95, ask_at=0.5, alternatives=(other,)))
    assert (told["run_at"], told["ask_at"], told["blocked"]) == (0.95, 0.5, None)
    assert [plan_from_json(row) for row in told["alternatives"]] == [other]
    plain = draft_to_json(PlanDraft("plan", plan, confidence=0.9))
    assert (plain["run_at"], plain["ask_at"], plain["alternatives"]) == (None, None, [])
