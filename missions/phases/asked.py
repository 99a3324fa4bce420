"""What people asked for since the last cycle: of the floor, and of missions. Each answers in words that are kept."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from robots.floor import requests

from .. import intents

if TYPE_CHECKING:
    from ..apply import Desk

log = logging.getLogger(__name__)


def floor_requests(desk: Desk) -> None:
    """Zones, doors, blocked places, and what two people free by hand; each with an entry of the ledger."""
    for request in desk.picture.requests:
        outcome = requests.apply(desk.floor, request, desk.now)
        who = {"asked_by": request.actor, "confirmed_by": request.confirmed_by or None}
        desk.enter(
            action=f"floor.{request.kind}",
            target=("floor", request.target),
            after={"request": request.public_id, "outcome": outcome, **who},
            reason=request.reason,
        )
        if request.kind == "retire" and not desk.floor.known(request.target):
            desk.forget(request.target)
        desk.dispatcher.changed.update({"floor", "robots", "attention"})


def mission_requests(desk: Desk) -> None:
    """Cancel, pause, resume and the like."""
    for intent in desk.picture.intents:
        mission = desk.missions.get(intent.mission_id) or intent.mission
        try:
            outcome = intents.HANDLERS[intent.kind](desk, mission, intent)
        except (ValueError, KeyError, TypeError) as fault:
            # read again and again, one bad request would stop the whole site
            log.exception("%s: %s cannot be carried out", mission.label, intent.kind)
            outcome = f"not carried out: {fault}"
        intent.applied_at, intent.outcome = desk.now, outcome[:300]
        intent.save(update_fields=["applied_at", "outcome"])
