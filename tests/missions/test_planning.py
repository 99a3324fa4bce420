"""Who reads a text, and who reads it when that one does not answer. Nobody hangs because a planner does."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from inference.contract import Plan, PlanDraft, Planner, PlanRequest, Step, Vocabulary
from inference.planner.errors import PlannerUnavailable
from missions import tasks
from missions.planning import Readers, chain
from missions.understanding import fallback_words

REQUEST = PlanRequest("go to dock 1", Vocabulary("demo", "10:00", (), (), ()))
PLAN = PlanDraft("plan", Plan((Step("move", at="dock-1"),)), confidence=0.95, model="m", version="1")


class Fake(Planner):
    """Answers with what it was given, or raises it."""

    def __init__(self, name: str, answer: Any = PLAN) -> None:
        self.name, self.answer, self.asked = name, answer, 0

    def interpret(self, request: PlanRequest) -> PlanDraft:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        if isinstance(self.answer, threading.Event):
            self.answer.wait(10)
            return PLAN
        answer: PlanDraft = self.answer
        return answer


def readers(*planners: Fake) -> Readers:
    known = {planner.name: planner for planner in planners}
    return Readers(lambda name: known[name], tasks._excuse)


def why(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["planner"], row["why"]) for row in answer["fallbacks"]]


def test_the_order_is_the_chosen_one_then_compact_then_rules() -> None:
    assert chain("endpoint") == ["endpoint", "compact", "rules"]
    assert chain("compact") == ["compact", "rules"]
    assert chain("rules") == ["rules", "compact"]


def test_the_chosen_planner_answers_and_nobody_else_is_asked() -> None:
    first, rules = Fake("endpoint"), Fake("rules")
    answer = readers(first, rules).read(REQUEST, "endpoint", 3.0)
    assert (answer["decision"], answer["fallbacks"], rules.asked) == ("plan", [], 0)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (PlannerUnavailable("The server is out of reach."), "The server is out of reach."),
        (ValueError("a secret"), "it failed: ValueError"),
        (PlanDraft("dance"), "its answer was not of the contract"),
        (PlanDraft("plan"), "it answered with a plan that is none"),
        ({"decision": "plan"}, "its answer was not of the contract"),
    ],
)
def test_a_planner_that_gives_no_answer_is_told_with_its_reason(broken: Any, said: str) -> None:
    answer = readers(Fake("endpoint", broken), Fake("compact")).read(REQUEST, "endpoint", 3.0)
    assert answer["decision"] == "plan"
    assert why(answer) == [("endpoint", said)]


def test_planners_that_are_not_there_are_passed_over() -> None:
    answer = readers(Fake("rules")).read(REQUEST, "qwen", 3.0)
    assert why(answer) == [("qwen", "it is not installed here"), ("compact", "it is not installed here")]
    nobody = readers().read(REQUEST, "qwen", 3.0)
    assert nobody["decision"] is None and len(nobody["fallbacks"]) == 3


def test_a_planner_that_hangs_costs_its_share_of_the_time_once() -> None:
    release = threading.Event()
    hanging = Fake("endpoint", release)
    both = readers(hanging, Fake("compact"))
    both.warm(["endpoint"])
    answer = both.read(REQUEST, "endpoint", 0.2)
    assert why(answer) == [("endpoint", "timeout")]
    began = time.monotonic()
    answer = both.read(REQUEST, "endpoint", 5.0)
    assert why(answer) == [("endpoint", "still busy with something earlier")]
    assert time.monotonic() - began < 2 and hanging.asked == 1
    release.set()


def test_a_planner_that_still_loads_is_waited_for() -> None:
    release, slow = threading.Event(), Fake("compact")

    def load(_name: str) -> Planner:
        release.wait(10)
        return slow

    one = Readers(load, tasks._excuse)
    one.warm(["compact"])
    threading.Timer(0.05, release.set).start()
    assert one.read(REQUEST, "compact", 5.0)["fallbacks"] == []


def test_what_happened_is_said_in_one_sentence() -> None:
    failed = [{"planner": "endpoint", "why": "timeout"}]
    said = "The configured planner 'endpoint' did not answer (timeout); read by 'compact' instead."
    assert fallback_words(failed, "compact") == said
    more = [*failed, {"planner": "compact", "why": "it is not installed here"}]
    assert "'compact' did not either (it is not installed here); read by 'rules'" in fallback_words(more, "rules")
    assert fallback_words([], "rules") == ""


def test_the_task_reads_with_the_planner_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    from inference.contract import request_to_json

    known = readers(Fake("endpoint"), Fake("rules", PlanDraft("ask", reason="question")))
    monkeypatch.setattr(tasks, "readers", lambda: known)
    request = {**request_to_json(REQUEST), "planner": "endpoint"}
    assert tasks.interpret(request)["decision"] == "plan"
    assert tasks.interpret({**request, "planner": "rules"})["decision"] == "ask"
