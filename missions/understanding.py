"""From words, fields, an earlier plan or another reading to an `Interpretation`: read, checked by rule, and kept.

Nothing here moves anything. What a planner says is a proposal; the validator judges it, and what the requester did not
write is marked, so that only a person may approve it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import TimeoutError as CeleryTimeout
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

from fleet.accounts.access import Actor
from fleet.accounts.models import Site
from fleet.celery import app
from fleet.ledger.services import record
from inference import contract

from . import site_facts
from .core.bands import level_of
from .core.edits import MAX_EDITS, Edit, Edited, apply, draft_as_typed
from .core.origins import OriginError, origins_of, tainted
from .core.readback import readback
from .core.validate import Violation, validate
from .errors import InterpretationUnknown, PlanInvalid, PlannerUnavailable
from .models import Interpretation, Mission

log = logging.getLogger(__name__)

MAX_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Said:
    """What a reading begins with. `origin` and `parts`: where the words come from (`core.origins`); `edits`: answers
    and changed chips, each {start, end, id}; `approves`: the waiting reading that a person looks at.
    """

    text: str
    origin: str | None = None
    parts: Any = None
    edits: Sequence[Mapping[str, Any]] = ()
    language: str | None = None
    approves: Interpretation | None = None


def interpret(*, site: Site, said: Said, actor: Actor, now: datetime) -> Interpretation:
    """Ask the site's planner what the text means, check it by rule, keep what is shown.

    Raises PlanInvalid for a text nobody could read (empty, too long) or origins and edits that do not fit it,
    PlannerUnavailable when no planner answered in time.
    """
    text = _text(said.text)
    if not text or len(text) > MAX_TEXT:
        detail = "Say what you want done." if not text else f"At most {MAX_TEXT} characters, this has {len(text)}."
        raise PlanInvalid([{"pointer": "/text", "detail": detail}])
    vocabulary = site_facts.vocabulary(site, now)
    edited = _edited(text, said.edits, vocabulary)
    origins = _origins(text, said, actor)
    request = contract.PlanRequest(
        edited.text,
        vocabulary,
        said.language,
        planner=site.planner,
        origins=tuple(contract.Origin(**part) for part in origins) if not said.edits else (),
    )
    answer = ask_planner(contract.request_to_json(request))
    fallbacks = answer.pop("fallbacks", [])
    draft = draft_as_typed(answer, edited, text) if edited.places else answer
    edits = [asdict(edit) for _, _, edit in edited.places]
    return _keep(
        site, text, draft, actor, now, origins=origins, fallbacks=fallbacks, edits=edits, approves=said.approves
    )  # fmt: skip


def interpret_form(
    *, site: Site, plan_json: Any, said: Said, actor: Actor, now: datetime, model: str = "form"
) -> Interpretation:
    """The structured form: the same object as fields, read by no model. Raises PlanInvalid."""
    try:
        plan = contract.plan_from_json(plan_json)
    except contract.GrammarError as error:
        raise PlanInvalid([{"pointer": f"/plan{error.pointer}", "detail": error.message}]) from error
    draft = contract.draft_to_json(
        contract.PlanDraft(decision="plan", plan=plan, confidence=1.0, calibrated=False, model=model, version="1")
    )
    text = _text(said.text) or "Structured form"
    return _keep(site, text, draft, actor, now, origins=_origins(text, said, actor), approves=said.approves)


def interpret_repeat(*, site: Site, mission: Mission, actor: Actor, now: datetime) -> Interpretation:
    """A mission's plan once more, as it was dispatched then; what was tainted then is tainted now."""
    before = mission.interpretation
    # Its words are not typed by whoever repeats it, but they were approved once; only foreign parts stay foreign.
    parts = [p for p in before.origins if p["origin"] != "api"] if before else []
    said = Said(mission.text, origin="person", parts=parts or None)
    return interpret_form(site=site, plan_json=mission.plan, said=said, actor=actor, now=now, model="repeat")


def interpret_alternative(
    *, site: Site, interpretation_id: str, number: int, actor: Actor, now: datetime
) -> Interpretation:
    """One of the other readings of a text that was shown, chosen by a person. Raises InterpretationUnknown."""
    seen = Interpretation.objects.filter(site=site, public_id=interpretation_id).first()
    others = seen.draft.get("alternatives", []) if seen is not None and may_choose(seen) else []
    if seen is None or not 0 <= number < len(others):
        raise InterpretationUnknown("There is no such reading. Interpret the text again.")
    draft = {
        **seen.draft, "decision": "plan", "plan": others[number], "question": None, "options": [], "reason": None,
        "alternatives": [], "slots": [], "confidence": 1.0, "calibrated": False, "chosen": True,
    }  # fmt: skip
    return _keep(
        site, seen.text, draft, actor, now, origins=seen.origins, fallbacks=seen.fallbacks, edits=seen.edits,
        approves=seen.approves,
    )  # fmt: skip


def may_choose(seen: Interpretation) -> bool:
    """Whether other readings of this text may be offered: not of a refused one, nor of one that lost a clause."""
    return seen.decision != "refuse" and not seen.draft.get("blocked")


def ask_planner(request: dict[str, Any]) -> dict[str, Any]:
    """The planner's answer from the Celery worker, or PlannerUnavailable. A late answer is worth nothing."""
    timeout = settings.YARDMASTER["planner_timeout_s"]
    try:
        pending = app.send_task("missions.interpret", [request], queue="planner", expires=timeout, retry=False)
        try:
            answer = pending.get(timeout=timeout, interval=0.005, disable_sync_subtasks=False)
        finally:
            pending.forget()
    except (CeleryTimeout, BrokerDown, RedisError, OSError) as error:
        raise PlannerUnavailable(
            f"The planner did not answer within {timeout:g} s. Use the structured form, or try again."
        ) from error
    except Exception as error:  # the task itself raised: whatever it was, it is not a plan
        log.exception("planner failed")
        raise PlannerUnavailable("The planner failed on this text. Use the structured form.") from error
    if not isinstance(answer, dict) or answer.get("decision") not in contract.DECISIONS:
        failed = answer.get("fallbacks") if isinstance(answer, dict) else None
        if failed:
            raise PlannerUnavailable(f"{fallback_words(failed, '')} Use the structured form.")
        raise PlannerUnavailable("The planner's answer was not of the contract. Use the structured form.")
    return answer


def installation_planner() -> str:
    """Who reads where a site has not chosen."""
    return str(settings.YARDMASTER["planner"])


def fallback_words(failed: Sequence[Mapping[str, str]], reader: str) -> str:
    """What is said of planners that gave no answer; `reader` is who read instead, "" for nobody."""
    if not failed:
        return ""
    first, *others = failed
    words = f"The configured planner '{first['planner']}' did not answer ({first['why'].rstrip('.')})"
    words += "".join(f"; '{other['planner']}' did not either ({other['why'].rstrip('.')})" for other in others)
    return f"{words}; read by '{reader}' instead." if reader else f"{words}."


def _text(text: str) -> str:
    return text.replace("\0", "").strip()


def _origins(text: str, said: Said, actor: Actor) -> list[dict[str, Any]]:
    if said.approves is not None:
        return list(said.approves.origins) if said.approves.text == text else _as_foreign(text, said, actor)
    return _as_foreign(text, said, actor)


def _as_foreign(text: str, said: Said, actor: Actor) -> list[dict[str, Any]]:
    try:
        return origins_of(text, said.origin, said.parts, actor.kind)
    except OriginError as error:
        raise PlanInvalid([{"pointer": error.pointer, "detail": str(error)}]) from error


def _edited(text: str, edits: Sequence[Mapping[str, Any]], vocabulary: contract.Vocabulary) -> Edited:
    records = {n.id: n for group in (vocabulary.robots, vocabulary.items, vocabulary.places) for n in group}
    labels = [n.name for group in (vocabulary.robots, vocabulary.items, vocabulary.places) for n in group]
    if len(edits) > MAX_EDITS:
        raise PlanInvalid([{"pointer": "/edits", "detail": f"At most {MAX_EDITS} changed parts."}])
    found = []
    for index, edit in enumerate(edits):
        named = records.get(str(edit.get("id")))
        if named is None:
            detail = f"{edit.get('id')!r} is no place, item or robot of this site."
            raise PlanInvalid([{"pointer": f"/edits/{index}/id", "detail": detail}])
        said = named.name if labels.count(named.name) == 1 else named.id
        found.append(Edit(int(edit["start"]), int(edit["end"]), named.id, named.name, said))
    try:
        return apply(text, found)
    except ValueError as error:
        raise PlanInvalid([{"pointer": "/edits", "detail": f"{error}. Type or choose again."}]) from error


@transaction.atomic
def _keep(
    site: Site, text: str, draft: dict[str, Any], actor: Actor, now: datetime, *,
    origins: list[dict[str, Any]], fallbacks: Sequence[Mapping[str, str]] = (), edits: Sequence[Any] = (),
    approves: Interpretation | None = None,
) -> Interpretation:  # fmt: skip
    version, _ = site_facts.force(site)
    plan, violations, words = None, [], ""
    if draft["decision"] == "plan":
        try:
            plan = contract.plan_from_json(draft["plan"])
        except contract.GrammarError as error:
            log.warning("planner wrote outside the grammar: %s", error)
            draft = {**draft, "decision": "ask", "reason": "ungrammatical", "plan": None}
            draft["question"] = "I could not turn this into a plan. Please say it differently, or use the form."
    if plan is not None:
        world = site_facts.world(site, actor, now, plan, version)
        violations = [violation_json(v) for v in validate(plan, world)]
        words = readback(plan, world.names())
    plan_json = contract.plan_to_json(plan) if plan else None
    seen = Interpretation.objects.create(
        site=site,
        text=text,
        requested_by=actor.name,
        decision=draft["decision"],
        level=level_of(draft.get("confidence"), draft.get("run_at"), draft.get("ask_at")),
        draft=draft,
        plan=plan_json,
        violations=violations,
        readback=words,
        hash=_hash(text, plan_json, version.hash if version else "", origins),
        layout=version,
        fallbacks=list(fallbacks),
        edits=list(edits),
        origins=origins,
        tainted=tainted(text, origins, actor.kind),
        approves=approves,
        expires_at=now + timedelta(seconds=settings.YARDMASTER["interpretation_ttl_s"]),
    )
    if seen.decision == "refuse":
        record(
            action="mission.interpret",
            actor=actor,
            site=site.slug,
            target=("interpretation", seen.public_id),
            after={"text": text, "because": draft.get("reason")},
            reason=draft.get("question") or "",
            result="refused",
        )
    return seen


def violation_json(violation: Violation) -> dict[str, Any]:
    return {
        "code": violation.code,
        "severity": violation.severity,
        "text": violation.text,
        "pointer": violation.pointer,
        "evidence": violation.evidence,
    }


def _hash(text: str, plan: Mapping[str, Any] | None, layout: str, origins: Sequence[Mapping[str, Any]]) -> str:
    shown = [text, plan, layout, list(origins)]
    canonical = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
