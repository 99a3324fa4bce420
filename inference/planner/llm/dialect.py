"""What one OpenAI-compatible server understands, learned from its refusals: servers differ in the fields they take.

The best request is tried first (schema, log-probabilities, thinking off). A refusal that names a field drops that
field; one that names none drops the next in a fixed order. What was learned is kept for `MEMORY_S`, because servers are
upgraded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from inference.contract import Json

MEMORY_S = 3600.0
FORMATS = ("json_schema", "json_object", "plain")
REFUSALS = frozenset({400, 415, 422, 501})
# In this order when a refusal names nothing. `response_format` steps down its own ladder at the end.
_OPTIONAL = ("chat_template_kwargs", "logprobs", "temperature", "max_tokens")
# How servers name the fields in their refusals.
_NAMES = {
    "chat_template_kwargs": ("chat_template_kwargs", "enable_thinking"),
    "logprobs": ("logprobs",),
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens",),
    "response_format": ("response_format", "json_schema", "json_object", "guided", "structured"),
}


@dataclass(slots=True)
class Dialect:
    """`clock` gives monotonic seconds. `max_tokens` dropped means: `max_completion_tokens` instead."""

    clock: Callable[[], float]
    format: int = 0
    dropped: set[str] = field(default_factory=set)
    learned_at: float | None = None

    @property
    def wants_schema_in_prompt(self) -> bool:
        return FORMATS[self.format] != "json_schema"

    def forget_if_old(self) -> None:
        if self.learned_at is not None and self.clock() - self.learned_at > MEMORY_S:
            self.format, self.learned_at = 0, None
            self.dropped.clear()

    def request(self, model: str, messages: list[Json], schema: Json, max_tokens: int) -> Json:
        out: Json = {"model": model, "messages": messages, "stream": False}
        out["max_completion_tokens" if "max_tokens" in self.dropped else "max_tokens"] = max_tokens
        if "temperature" not in self.dropped:
            out["temperature"] = 0
        if "logprobs" not in self.dropped:
            out["logprobs"] = True
        if "chat_template_kwargs" not in self.dropped:
            out["chat_template_kwargs"] = {"enable_thinking": False}
        if FORMATS[self.format] == "json_schema":
            wrapped = {"name": "mission", "strict": True, "schema": schema}
            out["response_format"] = {"type": "json_schema", "json_schema": wrapped}
        elif FORMATS[self.format] == "json_object":
            out["response_format"] = {"type": "json_object"}
        return out

    def state(self) -> tuple[int, frozenset[str]]:
        return self.format, frozenset(self.dropped)

    def restore(self, state: tuple[int, frozenset[str]]) -> None:
        """Back to `state`: what was refused to the last cannot have been about the fields."""
        self.format, self.dropped = state[0], set(state[1])

    def learn(self, refusal: str) -> bool:
        """Ask for less after `refusal` (the server's words). False when there is nothing left to drop."""
        self.learned_at = self.clock()
        named = [name for name, words in _NAMES.items() if any(word in refusal for word in words)]
        useful = [name for name in named if name not in self.dropped]
        for name in useful:
            if name == "response_format":
                if not self._step_down():
                    return False
            else:
                self.dropped.add(name)
        if useful:
            return True
        for name in _OPTIONAL[:2]:
            if name not in self.dropped:
                self.dropped.add(name)
                return True
        return self._step_down()

    def _step_down(self) -> bool:
        if self.format + 1 >= len(FORMATS):
            return False
        self.format += 1
        return True
