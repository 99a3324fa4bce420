"""The planner's Celery task: words in, plan draft out. Stateless and idempotent; what it says is only a proposal."""

from __future__ import annotations

import functools
from typing import Any

from celery import shared_task
from django.conf import settings

from inference import contract


@functools.cache
def _planner(name: str) -> contract.Planner:
    from inference.planner import get_planner  # torch may live behind it; only the worker pays for that

    return get_planner(name)


@shared_task(name="missions.interpret", ignore_result=False)
def interpret(request: dict[str, Any]) -> dict[str, Any]:
    """JSON of `PlanRequest` to JSON of `PlanDraft`."""
    planner = _planner(settings.YARDMASTER["planner"])
    return contract.draft_to_json(planner.interpret(contract.request_from_json(request)))
