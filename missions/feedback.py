"""Texts that were read wrongly, kept as evaluation data: only with consent, and deletable.

Two consents: the site's (its admin switched it on) and the person's, for each entry, to the statement they saw. What is
exported has the form of the evaluation cases: one `site` line per vocabulary, one `case` line per entry.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Site, User
from fleet.ledger.services import record
from inference import contract

from . import site_facts
from .errors import FeedbackRefused, PlanInvalid
from .models import Interpretation, PlannerFeedback

STATEMENT = (
    "The text, how it was read and what I meant may be kept with this site's names, to measure and improve the reading "
    "of words. I can delete it again."
)


@transaction.atomic
def give(
    *, seen: Interpretation, decision: str, plan_json: Any, agreed: bool, actor: Actor, now: datetime
) -> PlannerFeedback:
    """Keep what was meant by the text of `seen`. Saying it again changes the entry, never makes a second.

    Raises FeedbackRefused without both consents, PlanInvalid for a correction outside the grammar.
    """
    if not seen.site.keeps_feedback:
        raise FeedbackRefused("This site keeps no texts. Its admin can allow it under Settings, Planner.")
    if not agreed:
        raise FeedbackRefused("Nothing was kept: agree to the statement, or leave it.")
    if decision not in contract.DECISIONS:
        raise FeedbackRefused(f"What would have been right is one of: {', '.join(contract.DECISIONS)}.")
    correction = None
    if decision == "plan":
        try:
            correction = contract.plan_to_json(contract.canonical(contract.plan_from_json(plan_json)))
        except contract.GrammarError as error:
            raise PlanInvalid([{"pointer": f"/plan{error.pointer}", "detail": error.message}]) from error
    draft = seen.draft
    entry, _ = PlannerFeedback.objects.update_or_create(
        interpretation=seen,
        given_by=actor.name,
        defaults={
            "site": seen.site,
            "mission": seen.mission_set.order_by("id").first(),
            "text": seen.text,
            "language": str(draft.get("language") or "")[:8],
            "vocabulary": _vocabulary(seen),
            "understood": {
                "decision": seen.decision, "plan": seen.plan, "confidence": draft.get("confidence"),
                "level": seen.level, "model": draft.get("model", ""), "version": draft.get("version", ""),
            },
            "decision": decision,
            "correction": correction,
            "statement": STATEMENT,
            "given_by_user": User.objects.filter(pk=actor.id).first() if actor.kind == "person" else None,
        },
    )  # fmt: skip
    record(
        action="feedback.given", actor=actor, site=seen.site.slug, target=("feedback", entry.public_id),
        after={"interpretation": seen.public_id, "decision": decision, "statement": STATEMENT},
    )  # fmt: skip
    return entry


def _vocabulary(seen: Interpretation) -> dict[str, Any]:
    """The site's names, at the clock time of the reading: what a case needs to be read again."""
    found = site_facts.vocabulary(seen.site, seen.created_at)

    def rows(named: tuple[contract.Named, ...]) -> list[dict[str, Any]]:
        return [{"id": n.id, "name": n.name, "aliases": list(n.aliases), "kind": n.kind} for n in named]

    return {
        "now": found.now, "places": rows(found.places), "items": rows(found.items), "robots": rows(found.robots),
    }  # fmt: skip


@transaction.atomic
def delete(*, entry: PlannerFeedback, actor: Actor) -> None:
    """Take an entry back, text and all. The ledger keeps that there was one, without its text."""
    record(
        action="feedback.deleted", actor=actor, site=entry.site.slug, target=("feedback", entry.public_id),
        before={"given_by": entry.given_by, "decision": entry.decision},
    )  # fmt: skip
    entry.delete()


def may_delete(entry: PlannerFeedback, actor: Actor) -> bool:
    """Whoever gave it, and who looks after the site or its models."""
    own = entry.given_by == actor.name and (entry.given_by_user_id is None or str(entry.given_by_user_id) == actor.id)
    return own or any(can(actor, right, entry.site) for right in ("configure", "models"))


def entries(site: Site) -> QuerySet[PlannerFeedback]:
    return PlannerFeedback.objects.filter(site=site).select_related("site", "mission")


def cases(found: QuerySet[PlannerFeedback]) -> Iterator[str]:
    """The entries as JSON lines of the case format; a site line comes before the first case that needs it."""
    told: set[str] = set()
    for entry in found.order_by("id"):
        digest = hashlib.sha256(json.dumps(entry.vocabulary, sort_keys=True).encode()).hexdigest()[:8]
        site = f"{entry.site.slug}-{digest}"
        if site not in told:
            told.add(site)
            yield _line({"type": "site", "id": site, **entry.vocabulary})
        yield _line(_case(entry, site))


def _case(entry: PlannerFeedback, site: str) -> dict[str, Any]:
    expected: dict[str, Any] = {"decision": entry.decision}
    if entry.decision == "plan":
        expected |= entry.correction or {}
    else:
        expected["accept"] = ["ask"] if entry.decision == "ask" else ["refuse"]
    return {
        "type": "case", "id": entry.public_id, "group": entry.decision, "site": site, "lang": entry.language or "en",
        "tags": ["feedback"], "text": entry.text, "expect": expected,
    }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
