"""The endpoint planner against real servers: faults, refusals of fields, the breaker, redaction, what is sent."""

from __future__ import annotations

import json
import random
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from inference.planner.endpoint import EndpointPlanner, EndpointSettings
from inference.planner.errors import PlannerUnavailable
from inference.planner.llm.breaker import Breaker
from inference.planner.llm.dialect import MEMORY_S
from tests.inference.planner.llm_site import SITE, answered, asked, step
from tests.inference.planner.scripted_server import Scripted, said, serving

CARRY = "Heron, take three oat pallets from inbound 2 to row 3 before eleven"
STEPS = (step("pick", item="pal-oat", qty=3, at="inb-2"), step("drop", item=None, at="row-3"))
RIGHT = answered(*STEPS, robot="heron", deadline={"by": "11:00"})
BUSY = (503, {"error": {"message": "busy"}})


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def planner(server: Scripted, clock: Clock | None = None, **settings: Any) -> EndpointPlanner:
    clock = clock or Clock()
    given = {"url": server.url, "model": "m", "timeout_s": 5.0, **settings}
    return EndpointPlanner(EndpointSettings(**given), clock=clock, sleep=clock.sleep, chance=random.Random(1).random)


def test_a_good_answer_becomes_a_plan_with_the_confidence_of_its_tokens() -> None:
    tokens = [(RIGHT[:80], 0.0), (RIGHT[80:], -0.1)]
    with serving(said(RIGHT, tokens)) as server:
        draft = planner(server, key="secret").interpret(asked(CARRY))
    assert draft.decision == "plan"
    assert draft.confidence == pytest.approx(0.905, abs=0.001)
    assert (draft.model, draft.version) == ("endpoint", "m")
    assert server.keys == ["Bearer secret"]
    (sent,) = server.received
    assert sent["path"] == "/v1/chat/completions"
    assert sent["response_format"]["json_schema"]["strict"] is True
    assert sent["temperature"] == 0 and sent["logprobs"] is True


def test_without_log_probabilities_there_is_no_confidence() -> None:
    with serving(said(RIGHT)) as server:
        draft = planner(server).interpret(asked(CARRY))
    assert (draft.decision, draft.confidence) == ("plan", None)


def test_nothing_is_sent_of_what_the_guard_refuses() -> None:
    with serving(said(RIGHT)) as server:
        draft = planner(server).interpret(asked("drive through the people at row 3"))
        assert (draft.decision, draft.reason, server.received) == ("refuse", "unsafe", [])


def test_only_the_text_and_its_records_are_sent() -> None:
    with serving(said(RIGHT)) as server:
        planner(server).interpret(asked(CARRY))
    sent = json.dumps(server.received)
    assert "Inbound 2" in sent
    for other in ("Repair Bench", "workshop", "Cold Storage", "tape", "MX-3", "mx-3", "Quarantine"):
        assert other not in sent


@pytest.mark.parametrize(
    "content",
    [
        "<think>\nthree pallets\n</think>\n" + RIGHT,
        f"```json\n{RIGHT}\n```",
        f"  {RIGHT}\n",
    ],
)
def test_thoughts_and_fences_around_an_answer_are_taken_off(content: str) -> None:
    with serving(said(content)) as server:
        assert planner(server).interpret(asked(CARRY)).decision == "plan"


# --- answers that are not believed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        said("Sure! I will bring the pallets."),
        said(RIGHT.replace("row-3", "row-99")),
        said(RIGHT.replace("row-3", "bench")),  # of this site, but not of this text
        said(RIGHT.replace('"qty": 3', '"qty": 30')),
        said(RIGHT[:-20], finish="length"),
        said(""),
        (200, b'{"choices": ['),
        (200, b"\xff\xfe"),
        (200, {"choices": []}),
        (200, {"choices": [{"message": {"content": None, "refusal": "no"}}]}),
        (200, [1, 2]),
        (200, b"[" * 100_000),
    ],
)
def test_an_answer_outside_the_grammar_makes_the_planner_unavailable(reply: Any) -> None:
    with serving(reply) as server:
        with pytest.raises(PlannerUnavailable, match="cannot be used") as error:
            planner(server).interpret(asked(CARRY))
    assert "row-99" not in error.value.reason


# --- servers that fail ------------------------------------------------------------------------------------------------


def test_failures_that_may_pass_are_tried_again_with_growing_pauses() -> None:
    clock = Clock()
    with serving(BUSY, (500, b"oops"), said(RIGHT)) as server:
        assert planner(server, clock).interpret(asked(CARRY)).decision == "plan"
    assert len(server.received) == 3
    assert 0.05 <= clock.slept[0] < 0.15 and 0.1 <= clock.slept[1] < 0.3


def test_retries_are_bounded() -> None:
    with serving(BUSY) as server:
        with pytest.raises(PlannerUnavailable, match="HTTP status 503"):
            planner(server, retries=2).interpret(asked(CARRY))
        assert len(server.received) == 3


def test_a_pause_asked_for_is_kept_or_given_up() -> None:
    clock = Clock()
    with serving((429, b"", {"Retry-After": "2"}), said(RIGHT)) as server:
        assert planner(server, clock).interpret(asked(CARRY)).decision == "plan"
    assert clock.slept == [2.0]
    with serving((429, b"", {"Retry-After": "60"})) as server:
        with pytest.raises(PlannerUnavailable, match="asked too often"):
            planner(server).interpret(asked(CARRY))
        assert len(server.received) == 1


@pytest.mark.parametrize(
    ("status", "words"), [(401, "YARDMASTER_ENDPOINT_KEY"), (403, "key"), (404, "model"), (302, "302")]
)
def test_what_a_retry_cannot_change_is_not_retried(status: int, words: str) -> None:
    with serving((status, b"", {"Location": "http://127.0.0.1:9/"})) as server:
        with pytest.raises(PlannerUnavailable, match=words):
            planner(server).interpret(asked(CARRY))
        assert len(server.received) == 1


def test_a_server_that_does_not_answer_is_left_after_the_timeout() -> None:
    with serving(said(RIGHT)) as server:
        server.slow = True
        impatient = EndpointPlanner(EndpointSettings(server.url, "m", timeout_s=0.3, retries=0))
        with pytest.raises(PlannerUnavailable, match="in time"):
            impatient.interpret(asked(CARRY))


def test_a_server_that_answers_drop_by_drop_is_left_after_the_timeout() -> None:
    with serving(said(RIGHT)) as server:
        server.drip = True
        impatient = EndpointPlanner(EndpointSettings(server.url, "m", timeout_s=0.3, retries=0))
        with pytest.raises(PlannerUnavailable, match="in time"):
            impatient.interpret(asked(CARRY))


def test_a_server_that_is_not_there_is_said_to_be_so() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = Scripted(url=f"http://127.0.0.1:{free.getsockname()[1]}/v1")
        with pytest.raises(PlannerUnavailable, match="connection failed"):
            planner(nowhere).interpret(asked(CARRY))


def test_the_breaker_opens_after_repeated_failures_and_closes_after_a_success() -> None:
    clock = Clock()
    with serving(BUSY) as server:
        subject = planner(server, clock, retries=0)
        for _ in range(3):
            with pytest.raises(PlannerUnavailable, match="503"):
                subject.interpret(asked(CARRY))
        with pytest.raises(PlannerUnavailable, match="tried again in 20 s"):
            subject.interpret(asked(CARRY))
        assert len(server.received) == 3
        clock.now += 20
        with pytest.raises(PlannerUnavailable, match="503"):  # half open: one call tries, and fails
            subject.interpret(asked(CARRY))
        with pytest.raises(PlannerUnavailable, match="tried again in 40 s"):
            subject.interpret(asked(CARRY))
        clock.now += 40
        server.replies[:] = [said(RIGHT)]
        assert subject.interpret(asked(CARRY)).decision == "plan"
        assert subject.breaker.state == "closed"
        assert len(server.received) == 5


def test_the_guard_works_while_the_breaker_is_open() -> None:
    clock = Clock()
    breaker = Breaker(clock, failures=1)
    breaker.failed()
    with serving(said(RIGHT)) as server:
        subject = EndpointPlanner(EndpointSettings(server.url, "m"), clock=clock, breaker=breaker)
        assert subject.interpret(asked("stop!")).reason == "stop_words"


# --- servers that know less -------------------------------------------------------------------------------------------


def refusing(*fields: str, wording: str = "Unsupported parameter: '{}'") -> Callable[[dict[str, Any]], Any]:
    """A server that refuses requests with these fields, naming one at a time."""

    def reply(request: dict[str, Any]) -> Any:
        found = next((name for name in fields if name in request), None)
        return said(RIGHT) if found is None else (400, {"error": {"message": wording.format(found)}})

    return reply


def test_fields_a_server_names_in_its_refusal_are_left_out_and_that_is_remembered() -> None:
    with serving(refusing("chat_template_kwargs", "temperature", "max_tokens")) as server:
        subject = planner(server)
        assert subject.interpret(asked(CARRY)).decision == "plan"
        asked_first = len(server.received)
        assert subject.interpret(asked(CARRY)).decision == "plan"
    assert (asked_first, len(server.received)) == (4, 5)
    assert server.received[-1]["max_completion_tokens"] > 0
    assert server.received[-1]["response_format"]["type"] == "json_schema"


def test_without_json_schema_the_form_steps_down_and_the_schema_goes_into_the_prompt() -> None:
    def reply(request: dict[str, Any]) -> Any:
        kind = request.get("response_format", {}).get("type")
        return said(RIGHT) if kind != "json_schema" else (422, {"error": "json_schema is not supported"})

    with serving(reply) as server:
        assert planner(server).interpret(asked(CARRY)).decision == "plan"
    assert server.received[-1]["response_format"] == {"type": "json_object"}
    assert "JSON schema" in server.received[-1]["messages"][0]["content"]
    assert "JSON schema" not in server.received[0]["messages"][0]["content"]


def test_a_server_that_names_nothing_is_asked_for_less_and_less() -> None:
    with serving(refusing("response_format", "logprobs", "chat_template_kwargs", wording="bad request")) as server:
        assert planner(server).interpret(asked(CARRY)).decision == "plan"
    assert "response_format" not in server.received[-1]
    assert len(server.received) == 5


def test_what_was_learned_is_forgotten_after_a_while() -> None:
    clock = Clock()
    with serving(refusing("logprobs")) as server:
        subject = planner(server, clock)
        subject.interpret(asked(CARRY))
        clock.now += MEMORY_S + 1
        server.replies[:] = [said(RIGHT)]
        subject.interpret(asked(CARRY))
    assert server.received[-1]["logprobs"] is True


def test_a_refusal_that_is_not_about_fields_leaves_the_next_request_as_it_was() -> None:
    with serving((400, {"error": {"message": "context length exceeded"}})) as server:
        subject = planner(server)
        with pytest.raises(PlannerUnavailable, match="400"):
            subject.interpret(asked(CARRY))
        server.replies[:] = [said(RIGHT)]
        subject.interpret(asked(CARRY))
    assert server.received[-1]["response_format"]["type"] == "json_schema"
    assert "logprobs" in server.received[-1]


# --- redaction --------------------------------------------------------------------------------------------------------

HIDDEN = answered(
    step("pick", item="I1", qty="N1", at="P1"), step("drop", item=None, at="P2"), robot="R1", deadline={"by": "N2"}
)


def test_with_redaction_no_name_and_no_number_leaves_and_the_plan_is_restored() -> None:
    with serving(said(HIDDEN)) as server:
        draft = planner(server, redact=True).interpret(asked(CARRY))
    assert draft.plan is not None and draft.decision == "plan"
    assert [(s.op, s.at, s.item, s.qty) for s in draft.plan.steps] == [
        ("pick", "inb-2", "pal-oat", 3),
        ("drop", "row-3", None, None),
    ]
    assert (draft.plan.robot, draft.plan.deadline) == ("heron", {"by": "11:00"})
    sent = server.received[0]["messages"][-1]["content"] + json.dumps(server.received[0]["response_format"])
    assert "P1" in sent
    for secret in ("inbound", "Inbound", "inb-2", "row", "Row", "oat", "pal-oat", "eron", "three", "eleven", "11"):
        assert secret not in sent


@pytest.mark.parametrize(
    "text",
    [
        "bring the oats to cold storage, or to the workshop",
        "Row 12 needs tape rolls from inbound two by 14:30, repair it at 0815",
        "count tape at the quarantine every 20 minutes, battery below 15 %",
        "Heron or MX-3: go to inbnd 2 and Row 3 twice",
        "die Haferpaletten (oats) von Inbound 2 ins cold A, 3 Stück",
    ],
)
def test_no_word_of_any_name_and_no_digit_of_the_text_reaches_the_server(text: str) -> None:
    with serving(said('{"answer": {"decision": "ask", "reason": "not_understood", "options": []}}')) as server:
        assert planner(server, redact=True).interpret(asked(text)).decision == "ask"
    data = json.loads(server.received[0]["messages"][-1]["content"])
    words = json.dumps([data["text"], data["mentions"], data["values"], data["words"], data["records"]]).lower()
    records = (*SITE.places, *SITE.items, *SITE.robots)
    for record in records:
        for label in (record.name, *record.aliases, record.id):
            assert label.lower() not in words
    for secret in ("inbound", "repair", "quarantine", "heron", "oats", "tape", "0815", "14:30", "15", "20"):
        assert secret not in words
    assert set(data["records"]["places"][0]) <= {"id"} if data["records"]["places"] else True


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "key", "words"),
    [
        ("", "", "no address"),
        ("ftp://host/v1", "", "https://host/v1"),
        ("https://user:pw@host/v1", "", "without a login"),
        ("http://llm.plant.example/v1", "secret", "https only"),
        ("https://host/v1", "se\ncret", "characters"),
    ],
)
def test_settings_that_cannot_work_are_said_plainly(url: str, key: str, words: str) -> None:
    with pytest.raises(PlannerUnavailable, match=words) as error:
        EndpointPlanner(EndpointSettings(url, "m", key))
    assert "cret" not in error.value.reason and "pw" not in error.value.reason
