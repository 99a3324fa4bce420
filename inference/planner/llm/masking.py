"""The schema as a mask over the next token, and the clock as a reason to stop. Imported with torch and transformers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import llguidance
import numpy as np
import torch
from transformers import LogitsProcessor, StoppingCriteria

from inference.planner.errors import PlannerUnavailable


class SchemaMask(LogitsProcessor):
    """Allows only tokens that a grammar allows next, for one sequence; keeps what was probable before the mask."""

    def __init__(self, tokenizer: Any, grammar: str, vocabulary: int) -> None:
        self.matcher = llguidance.LLMatcher(tokenizer, grammar)
        self.vocabulary = vocabulary
        self.prompt: int | None = None
        self.before: list[float] = []
        self._last: torch.Tensor | None = None
        self._check()

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """input_ids [1, n], scores [1, vocabulary]: logits before; returns them with -inf where nothing is allowed."""
        if self.prompt is None:
            self.prompt = input_ids.shape[1]
        elif self._last is not None:
            token = int(input_ids[0, -1])
            self.before.append(float(self._last[token]))
            self.matcher.consume_token(token)
            self._check()
        self._last = torch.log_softmax(scores[0].float(), dim=-1)
        bits = np.frombuffer(self.matcher.compute_bitmask(), dtype=np.uint8)
        self._check()
        allowed = np.unpackbits(bits, bitorder="little")[: scores.shape[1]].astype(bool)
        blocked = np.ones(scores.shape[1], dtype=bool)
        blocked[: allowed.size] = ~allowed
        return scores.masked_fill(torch.from_numpy(blocked).to(scores.device), float("-inf"))

    def logprobs(self, written: list[int]) -> list[float]:
        """The log-probability before the mask of each token written (the last one was never seen by a later call)."""
        if self._last is not None and len(self.before) < len(written):
            self.before.append(float(self._last[written[-1]]))
        return self.before

    def _check(self) -> None:
        if self.matcher.is_error():
            raise PlannerUnavailable("The answer's schema is too complex to decode under.")


class Deadline(StoppingCriteria):
    """Stops when `clock` (monotonic s) reaches `at`."""

    def __init__(self, at: float, clock: Callable[[], float]) -> None:
        self.at, self.clock = at, clock

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        return torch.full((input_ids.shape[0],), self.clock() >= self.at, device=input_ids.device, dtype=torch.bool)
