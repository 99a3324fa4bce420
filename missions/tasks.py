"""The planner's Celery task: words in, plan draft out. Stateless and idempotent; what it says is only a proposal."""

from __future__ import annotations

import functools
from typing import Any

from celery import shared_task
from celery.signals import worker_process_init
from django.conf import settings

from inference import contract

from .planning import Readers, chain

# Of the time the page waits, what the way through the broker and back may take.
ON_THE_WAY = 0.05


def _load(name: str) -> contract.Planner:
    from inference.planner import get_planner  # torch may live behind it; only the worker pays for that

    return get_planner(name)


def _excuse(error: BaseException) -> str:
    from inference.planner.errors import PlannerUnavailable

    if isinstance(error, PlannerUnavailable):
        return error.reason
    if isinstance(error, LookupError | ImportError):
        return "it is not installed here"
    return ""


@functools.cache
def readers() -> Readers:
    return Readers(_load, _excuse)


@worker_process_init.connect
def _warm(**_: object) -> None:
    """A model takes its time to load: not the first person's. Where none is used, none takes the memory."""
    first = settings.YARDMASTER["planner"]
    readers().warm([first] if first == "rules" else chain(first))


@shared_task(name="missions.interpret", ignore_result=False)
def interpret(request: dict[str, Any]) -> dict[str, Any]:
    """JSON of `PlanRequest` to JSON of `PlanDraft`, with `fallbacks`: the planners that gave no answer, and why."""
    wanted = contract.request_from_json(request)
    first = wanted.planner or settings.YARDMASTER["planner"]
    budget = settings.YARDMASTER["planner_timeout_s"] * (1 - ON_THE_WAY)
    return readers().read(wanted, first, budget)
