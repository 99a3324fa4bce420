"""The qwen planner: a Qwen checkpoint folder of the Qwen2.5, Qwen3 or Qwen3-VL family (text only) on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inference.contract import Json, Named, PlanDraft, PlanRequest, Vocabulary
from inference.planner.errors import PlannerUnavailable
from inference.planner.llm.answer import BadAnswer
from inference.planner.llm.checkpoint import Checkpoint, Limits
from inference.planner.llm.grounding import Grounded, ground
from inference.planner.llm.planner import LanguageModelPlanner
from inference.planner.llm.prompt import messages, shown
from inference.planner.llm.reading import to_draft
from inference.planner.llm.schema import offer, schema

_WARM_UP = PlanRequest("drive to bay 1", Vocabulary("", "08:00", (Named("bay-1", "Bay 1"),), (), ()))


@dataclass(frozen=True, slots=True)
class QwenSettings:
    """`path`: the checkpoint folder; `timeout_s` for one interpretation; `four_bit`: bitsandbytes, CUDA only."""

    path: str
    timeout_s: float = 2.0
    four_bit: bool = False
    max_new_tokens: int = 1024


class QwenPlanner(LanguageModelPlanner):
    name = "qwen"
    guesses = 3

    def __init__(self, settings: QwenSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Loads and warms up: seconds to minutes, once per process. Raises PlannerUnavailable."""
        if not settings.path:
            raise PlannerUnavailable("There is no checkpoint: set YARDMASTER_QWEN_PATH to the folder of one.")
        self.settings = settings
        self.clock = clock
        self.limits = Limits(settings.max_new_tokens)
        self.checkpoint = Checkpoint(Path(settings.path), four_bit=settings.four_bit, clock=clock)
        self.version = self.checkpoint.version
        self._warm_up()

    def draft(self, grounded: Grounded) -> PlanDraft:
        offered = offer(grounded)
        deadline = self.clock() + self.settings.timeout_s
        said = messages(grounded, offered, shown(grounded))
        completion = self.checkpoint.complete(said, schema(offered), self.limits, deadline)
        try:
            return to_draft(grounded, offered, completion)
        except BadAnswer as error:
            raise PlannerUnavailable(f"The language model's answer cannot be used: {error}.") from error

    def _warm_up(self) -> None:
        """One answer nobody reads: the first call pays for memory and kernels, which must not be a person's call."""
        grounded = ground(_WARM_UP)
        offered = offer(grounded)
        said = messages(grounded, offered, shown(grounded))
        form: Json = {"type": "object", "properties": {"answer": {"type": "null"}}, "required": ["answer"]}
        form["additionalProperties"] = False
        self.checkpoint.complete(said, form, Limits(32), float("inf"))


def from_settings() -> QwenPlanner:
    """The planner that the installation's settings describe. Raises PlannerUnavailable."""
    from django.conf import settings

    return QwenPlanner(QwenSettings(**settings.YARDMASTER["qwen"]))
