"""A command refused for want of a right is part of the history: who tried what, where."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError

from fleet.accounts.access import actor_of
from fleet.ledger import services as ledger
from fleet.limits import Policy, count

from .problems import Problem

log = logging.getLogger(__name__)
REFUSALS = Policy("refusals", 60)


def note_refusal(request: Any, right: str, problem: Problem) -> None:
    """Record it, at most 60 a minute and actor: a refused caller in a loop must not fill the ledger."""
    actor = actor_of(request)
    log.warning("refused: %s %s may not %s (%s %s)", actor.kind, actor.id, right, request.method, request.path)
    if not count(REFUSALS, f"{actor.kind}:{actor.id}").allowed:
        return
    try:
        ledger.record(
            action="access.refused",
            actor=actor,
            site=problem.extra.get("site", ""),
            target=("path", request.path),
            after={"method": request.method, "right": right},
            reason=str(problem.detail),
            result="refused",
        )
    except DatabaseError:
        log.exception("a refusal was not recorded")
