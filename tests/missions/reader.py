"""Words read in the test itself instead of in the worker: by the real rules planner, or as the test says."""

from __future__ import annotations

from typing import Any

import pytest

from missions import tasks, understanding
from missions.errors import PlannerUnavailable


class Reader:
    """`answer`: what the planner says (a draft as JSON), None for the real one; `asked`: the requests it got."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answer: dict[str, Any] | None = None
        self.asked: list[dict[str, Any]] = []
        self.away = False
        monkeypatch.setattr(understanding, "ask_planner", self.ask)

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(request)
        if self.away:
            raise PlannerUnavailable("The planner did not answer within 3 s. Use the structured form, or try again.")
        if self.answer is not None:
            return dict(self.answer)
        return tasks.interpret({**request, "planner": "rules"})
