"""The planner around any language model: guard first, linker next, model last, and its answer held against the text."""

from __future__ import annotations

import time
from dataclasses import replace

from inference.contract import PlanDraft, Planner, PlanRequest
from inference.planner.llm.grounding import Grounded, ground, screen


class LanguageModelPlanner(Planner):
    """Subclasses say how the model is asked (`draft`). Raises PlannerUnavailable when it cannot answer."""

    guesses = 0

    def interpret(self, request: PlanRequest) -> PlanDraft:
        """A draft that names only records of the vocabulary. The text reaches the model only if the guard lets it."""
        began = time.perf_counter()
        draft = screen(request)
        if draft is None:
            draft = self.draft(ground(request, self.guesses))
        elapsed = (time.perf_counter() - began) * 1000.0
        return replace(draft, model=self.name, version=self.version, elapsed_ms=elapsed)

    def draft(self, grounded: Grounded) -> PlanDraft:
        raise NotImplementedError
