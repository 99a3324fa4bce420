"""The endpoint planner: any OpenAI-compatible server (`POST <url>/chat/completions`) with structured output.

The server is never trusted: what it answers is decoded and checked as if it had not constrained anything. Only the
text, the records the linker found in it and the fixed rules are sent; with redaction not even their names or numbers.
"""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inference.contract import Json, PlanDraft
from inference.planner.errors import PlannerUnavailable
from inference.planner.llm.answer import BadAnswer, Completion
from inference.planner.llm.breaker import Breaker
from inference.planner.llm.dialect import REFUSALS, Dialect
from inference.planner.llm.grounding import Grounded
from inference.planner.llm.planner import LanguageModelPlanner
from inference.planner.llm.prompt import messages, shown
from inference.planner.llm.reading import to_draft
from inference.planner.llm.redaction import redacted
from inference.planner.llm.schema import Offer, offer, schema
from inference.planner.llm.wire import Link, Reply, Unreachable, link_to

MAX_TOKENS = 1200
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_THOUGHTS = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
_FENCE = re.compile(r"^```(?:json)?\s*(.*?)\s*```$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """url such as https://host/v1; `timeout_s` bounds one interpretation with all its retries; `retries` after
    failures that may pass; `redact`: names and numbers leave as handles.
    """

    url: str
    model: str
    key: str = ""
    timeout_s: float = 2.0
    retries: int = 2
    redact: bool = False


class EndpointPlanner(LanguageModelPlanner):
    name = "endpoint"

    def __init__(
        self,
        settings: EndpointSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        breaker: Breaker | None = None,
    ) -> None:
        """`clock` gives monotonic seconds, `chance` a number in [0, 1) for the jitter. Raises PlannerUnavailable."""
        if not settings.url or not settings.model:
            raise PlannerUnavailable("The endpoint has no address or model: set YARDMASTER_ENDPOINT_URL and _MODEL.")
        try:
            self.link: Link = link_to(settings.url, settings.key, clock)
        except ValueError as error:
            raise PlannerUnavailable(f"YARDMASTER_ENDPOINT_URL cannot be used: {error}.") from error
        self.settings = settings
        self.version = settings.model
        self.clock, self.sleep, self.chance = clock, sleep, chance
        self.breaker = breaker or Breaker(clock)
        self.dialect = Dialect(clock)

    def draft(self, grounded: Grounded) -> PlanDraft:
        if not self.breaker.allows():
            seconds = round(self.breaker.remaining_s())
            raise PlannerUnavailable(f"The language model server failed repeatedly; it is tried again in {seconds} s.")
        offered, seen = redacted(grounded) if self.settings.redact else (offer(grounded), shown(grounded))
        form = schema(offered)
        self.dialect.forget_if_old()
        try:
            told = self._ask(lambda: self._request(grounded, offered, seen, form))
            draft = to_draft(grounded, offered, _completion(told))
        except Unreachable as error:
            self.breaker.failed()
            raise PlannerUnavailable(f"The language model server gave no answer: {error}.") from error
        except BadAnswer as error:
            self.breaker.failed()
            raise PlannerUnavailable(f"The language model server's answer cannot be used: {error}.") from error
        self.breaker.succeeded()
        return draft

    def _request(self, grounded: Grounded, offered: Offer, seen: Any, form: Json) -> Json:
        in_prompt = form if self.dialect.wants_schema_in_prompt else None
        return self.dialect.request(self.settings.model, messages(grounded, offered, seen, in_prompt), form, MAX_TOKENS)

    def _ask(self, request: Callable[[], Json]) -> Json:
        """The decoded body of a good reply, after retries and after dropping what the server does not know."""
        deadline = self.clock() + self.settings.timeout_s
        tries, before = 0, self.dialect.state()
        while True:
            try:
                reply = self.link.post("/chat/completions", request(), deadline)
            except Unreachable:
                if tries >= self.settings.retries or not self._pause(tries, "", deadline):
                    raise
                tries += 1
                continue
            if reply.status == 200:
                return _decoded(reply)
            if reply.status in REFUSALS:
                if self.dialect.learn(reply.body[:4000].decode("utf-8", "replace")):
                    continue
                self.dialect.restore(before)
            again = reply.status in _AGAIN and tries < self.settings.retries
            if not again or not self._pause(tries, reply.retry_after, deadline):
                raise Unreachable(_meaning(reply.status))
            tries += 1

    def _pause(self, tries: int, retry_after: str, deadline: float) -> bool:
        """Wait before another try: doubling, with jitter, at least as long as asked. False where time is too short."""
        wait = 0.1 * 2**tries * (0.5 + self.chance())
        if retry_after.isdigit():
            wait = max(wait, float(retry_after))
        if self.clock() + wait >= deadline:
            return False
        self.sleep(wait)
        return True


def _meaning(status: int) -> str:
    if status in (401, 403):
        return "it does not accept the key (YARDMASTER_ENDPOINT_KEY)"
    if status == 404:
        return "it does not know the model or the address"
    if status == 429:
        return "it is asked too often"
    return f"it answered with HTTP status {status}"


def _decoded(reply: Reply) -> Json:
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("it is not JSON") from error
    if not isinstance(body, dict):
        raise BadAnswer("it is not an object")
    return body


def _completion(body: Json) -> Completion:
    """The text of the first choice, without thoughts or fences, and its tokens if they were told."""
    choices = body.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    if not isinstance(choice, dict) or not isinstance(content, str):
        raise BadAnswer("it holds no text")
    if choice.get("finish_reason") == "length":
        raise BadAnswer("it was cut off")
    text = _THOUGHTS.sub("", content).strip()
    fenced = _FENCE.match(text)
    return Completion(fenced[1] if fenced else text, _tokens(choice.get("logprobs")))


def _tokens(told: object) -> tuple[tuple[bytes, float], ...] | None:
    rows = told.get("content") if isinstance(told, dict) else None
    if not isinstance(rows, list) or not rows:
        return None
    out = []
    for row in rows:
        if not isinstance(row, dict) or isinstance(row.get("logprob"), bool):
            return None
        token, raw, logprob = row.get("token"), row.get("bytes"), row.get("logprob")
        if not isinstance(token, str) or not isinstance(logprob, int | float):
            return None
        if not isinstance(raw, list) or not all(isinstance(b, int) and 0 <= b < 256 for b in raw):
            raw = list(token.encode("utf-8", "surrogatepass"))
        out.append((bytes(raw), float(logprob)))
    return tuple(out)


def from_settings() -> EndpointPlanner:
    """The planner that the installation's settings describe. Raises PlannerUnavailable."""
    from django.conf import settings

    return EndpointPlanner(EndpointSettings(**settings.YARDMASTER["endpoint"]))
