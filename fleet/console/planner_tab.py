"""Settings, Planner: who reads the site's words, whether wrong readings are kept, and those that are."""

from __future__ import annotations

from typing import Any

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Planner, Site
from missions import feedback
from missions.planning import chain
from missions.understanding import installation_planner

SHOWN = 100


def planner_tab(site: Site, actor: Actor) -> dict[str, Any]:
    used = site.planner or installation_planner()
    entries = feedback.entries(site)
    if not any(can(actor, right, site) for right in ("configure", "models")):
        entries = entries.filter(given_by=actor.name)
    return {
        "planners": Planner.choices,
        "installation": installation_planner(),
        "in_use": used,
        "then": chain(used)[1:],
        "entries": entries[:SHOWN],
        "may_export": can(actor, "models", site),
        "statement": feedback.STATEMENT,
    }
