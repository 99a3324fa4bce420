"""Plans and what steps found, read back in the language of the request.

The database keeps the English reading, which programs compare; in another language the same plan is read back anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import get_language

from fleet.accounts.models import Site
from fleet.language.said import said
from inference.contract import GrammarError, Plan, plan_from_json
from missions.core import readback, wording
from missions.models import Step
from missions.site_facts import names


def language() -> str:
    """The language of the request, if plans can be read back in it; else English."""
    found = (get_language() or "en").split("-")[0]
    return found if found in wording.WORDINGS else "en"


def readback_of(kept: Any, site: Site) -> str:
    """`kept` is a mission or an interpretation: it has a `plan` and its English `readback`."""
    return plan_words(kept.plan, site, str(kept.readback))


def plan_words(plan_json: Any, site: Site, english: str) -> str:
    """A plan read back; `english` where it needs not or cannot be said anew."""
    plan = _plan(plan_json)
    return english if plan is None else readback.readback(plan, names(site), language())


def step_lines(steps: Iterable[Step], site: Site) -> dict[int, str]:
    """The lines of these steps (of one mission or several, with `mission` at hand) by their primary key."""
    listed = list(steps)
    if language() == "en" or not listed:
        return {step.pk: step.line for step in listed}
    called = names(site)
    return {step.pk: _line(step, called) for step in listed}


def next_steps(public_ids: Iterable[str], site: Site) -> dict[str, str]:
    """What each of these missions does next, by its public id; nothing in English, where the row has it already."""
    if language() == "en":
        return {}
    coming = Step.objects.filter(
        mission__site=site, mission__public_id__in=list(public_ids), state__in=("active", "pending")
    )
    first: dict[str, Step] = {}
    for step in coming.select_related("mission").order_by("mission_id", "index"):
        first.setdefault(step.mission.public_id, step)
    lines = step_lines(first.values(), site)
    return {public_id: lines[step.pk] for public_id, step in first.items()}


def result_words(result: Mapping[str, Any]) -> str:
    """What a step found or did."""
    told = {key: said(value) if key in ("because", "text", "error") else value for key, value in result.items()}
    return readback.result_words(told, language())


def _line(step: Step, called: Mapping[str, str]) -> str:
    """The plan's step with the place it was grounded to."""
    plan = _plan(step.mission.plan)
    if plan is None or not 0 <= step.index < len(plan.steps):
        return str(step.line)
    meant = plan.steps[step.index]
    station = (step.payload or {}).get("station")
    if meant.at is None and station:
        meant = replace(meant, at=station)
    return readback.step_lines(replace(plan, steps=(meant,)), called, language())[0]


def _plan(plan_json: Any) -> Plan | None:
    """The plan when it has to be read back in another language than the kept one."""
    if language() == "en" or not plan_json:
        return None
    try:
        return plan_from_json(plan_json)
    except GrammarError:
        return None
