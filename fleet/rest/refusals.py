"""What was refused is part of the history: who tried what, where, and why it was not done."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError

from fleet.accounts.access import Actor, actor_of
from fleet.ledger import services as ledger
from fleet.limits import Policy, count

from .problems import Problem, Refused

log = logging.getLogger(__name__)
REFUSALS = Policy("refusals", 60)


def note_refusal(request: Any, right: str, problem: Problem) -> None:
    """A caller lacks the right for what it asked."""
    actor = actor_of(request)
    log.warning("refused: %s %s may not %s (%s %s)", actor.kind, actor.id, right, request.method, request.path)
    asked = Refused("access.refused", str(problem.extra.get("site", "")), ("path", request.path))
    _record(actor, asked, str(problem.detail), {"method": request.method, "right": right})


def note_command(request: Any, asked: Refused, reason: str) -> None:
    """A caller has the right, and what it asked is not possible now. Call it outside what is rolled back."""
    _record(actor_of(request), asked, reason, None)


def _record(actor: Actor, asked: Refused, reason: str, after: object) -> None:
    """At most 60 a minute and actor: a refused caller in a loop must not fill the ledger."""
    if not count(REFUSALS, f"{actor.kind}:{actor.id}").allowed:
        return
    try:
        ledger.record(
            action=asked.action,
            actor=actor,
            site=asked.site,
            target=asked.target,
            after=after,
            reason=reason,
            result="refused",
        )
    except DatabaseError:
        log.exception("a refusal was not recorded")
