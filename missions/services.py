"""What people and programs ask for, each in one transaction with its ledger entry; effects follow the commit."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import TimeoutError as CeleryTimeout
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError

from fleet.accounts.access import Actor
from fleet.accounts.models import Site, User
from fleet.celery import app
from fleet.ledger.services import record
from fleet.outbox.services import notify
from inference import contract
from robots.models import LayoutVersion, Robot

from . import site_facts
from .core import lifecycle as life
from .core import schedule
from .core.plan import GroundedStep, ground
from .core.readback import readback, step_lines
from .core.validate import Violation, validate
from .core.world import World
from .errors import (
    IntentRefused,
    InterpretationChanged,
    InterpretationExpired,
    InterpretationUnknown,
    NotDispatchable,
    PlanInvalid,
    PlannerUnavailable,
)
from .models import Interpretation, Mission, MissionEvent, MissionIntent, Step
from .numbering import take_number

log = logging.getLogger(__name__)

DISPATCH_CHANNEL = "yardmaster_dispatch"
MAX_TEXT = 1000
HIGH, MEDIUM = 0.9, 0.6
PRIORITY = {"low": -1, "normal": 0, "high": 1}


def interpret(*, site: Site, text: str, actor: Actor, now: datetime, language: str | None = None) -> Interpretation:
    """Ask the planner what `text` means, check it by rule, keep what is shown.

    Raises PlanInvalid for a text nobody could read (empty, too long), PlannerUnavailable when no answer came in time.
    """
    text = text.replace("\0", "").strip()
    if not text or len(text) > MAX_TEXT:
        detail = "Say what you want done." if not text else f"At most {MAX_TEXT} characters, this has {len(text)}."
        raise PlanInvalid([{"pointer": "/text", "detail": detail}])
    request = contract.PlanRequest(text, site_facts.vocabulary(site, now), language)
    draft = ask_planner(contract.request_to_json(request))
    return _keep(site=site, text=text, draft=draft, actor=actor, now=now)


def interpret_form(*, site: Site, plan_json: Any, text: str, actor: Actor, now: datetime) -> Interpretation:
    """The structured form: the same object as fields, read by no model. Raises PlanInvalid."""
    try:
        plan = contract.plan_from_json(plan_json)
    except contract.GrammarError as error:
        raise PlanInvalid([{"pointer": f"/plan{error.pointer}", "detail": error.message}]) from error
    draft = contract.draft_to_json(
        contract.PlanDraft(decision="plan", plan=plan, confidence=1.0, calibrated=False, model="form", version="1")
    )
    return _keep(site=site, text=text.replace("\0", "").strip() or "Structured form", draft=draft, actor=actor, now=now)


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
        raise PlannerUnavailable("The planner's answer was not of the contract. Use the structured form.")
    return answer


def level_of(confidence: float | None) -> str:
    """high | medium | low. Missing or malformed confidence is low: it counts as stop."""
    if not isinstance(confidence, int | float) or isinstance(confidence, bool) or not 0 <= confidence <= 1:
        return "low"
    return "high" if confidence >= HIGH else "medium" if confidence >= MEDIUM else "low"


@transaction.atomic
def _keep(*, site: Site, text: str, draft: dict[str, Any], actor: Actor, now: datetime) -> Interpretation:
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
        level=level_of(draft.get("confidence")),
        draft=draft,
        plan=plan_json,
        violations=violations,
        readback=words,
        hash=_hash(text, plan_json, version.hash if version else ""),
        layout=version,
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


def _hash(text: str, plan: Mapping[str, Any] | None, layout: str) -> str:
    canonical = json.dumps([text, plan, layout], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def find_interpretation(public_id: str) -> Interpretation | None:
    """The interpretation, locked until the caller's transaction ends: two presses take turns."""
    found = Interpretation.objects.select_for_update(of=("self",), no_key=True).select_related("site", "layout")
    return found.defer("layout__document").filter(public_id=public_id).first()


@transaction.atomic
def create(*, interpretation_id: str, hash: str, actor: Actor, now: datetime, site: Site | None = None) -> Mission:
    """`consent` by id, in a transaction of its own. Raises InterpretationUnknown as well."""
    seen = find_interpretation(interpretation_id)
    if seen is None or (site is not None and seen.site_id != site.pk):
        raise InterpretationUnknown("There is no such interpretation at this site. Interpret the text again.")
    return consent(seen=seen, hash=hash, actor=actor, now=now)


def consent(*, seen: Interpretation, hash: str, actor: Actor, now: datetime) -> Mission:
    """The previewed reading (locked) becomes a mission. A second press gives the same mission, never a second one.

    Raises InterpretationExpired, InterpretationChanged (with the difference), NotDispatchable.
    """
    if already := seen.mission_set.order_by("id").first():
        return already
    _refuse_undispatchable(seen)
    if seen.hash != hash:
        raise InterpretationChanged(["This is not the reading that was shown. Interpret the text again."])
    if now > seen.expires_at:
        raise InterpretationExpired("The preview is older than a minute. Look at it again before dispatching.")
    plan = contract.plan_from_json(seen.plan)
    version, _ = site_facts.force(seen.site)
    world = site_facts.world(seen.site, actor, now, plan, version)
    if difference := _difference(seen, plan, world, version):
        raise InterpretationChanged(difference)
    mission = _insert(seen, plan, world, actor, now)
    notify(DISPATCH_CHANNEL, str(seen.site_id))
    # last: the ledger's lock lasts until the commit
    record(
        action="mission.dispatch",
        actor=actor,
        site=seen.site.slug,
        target=("mission", mission.public_id),
        after={"text": seen.text, "plan": seen.plan, "interpretation": seen.public_id, "hash": seen.hash},
    )
    return mission


def _refuse_undispatchable(seen: Interpretation) -> None:
    if seen.decision != "plan" or seen.plan is None:
        question = seen.draft.get("question") or "This was not understood as a mission."
        raise NotDispatchable([question])
    if seen.level == "low":
        raise NotDispatchable(["The reading is too uncertain to act on. Say it differently, or use the form."])
    blocks = [v["text"] for v in seen.violations if v["severity"] == "block"]
    if blocks:
        raise NotDispatchable(blocks)


def _difference(seen: Interpretation, plan: contract.Plan, world: World, version: LayoutVersion | None) -> list[str]:
    difference = []
    if version is not None and seen.layout_id != version.pk:
        difference.append(f"Layout {version.number} was published since the preview.")
    known = {v["text"] for v in seen.violations}
    difference += [v.text for v in validate(plan, world) if v.severity == "block" and v.text not in known]
    return difference


def _insert(seen: Interpretation, plan: contract.Plan, world: World, actor: Actor, now: datetime) -> Mission:
    site, number = take_number(seen.site_id)
    local = now.astimezone(site.zone)
    mission = Mission.objects.create(
        site=site,
        number=number,
        text=seen.text,
        plan=seen.plan,
        readback=seen.readback,
        interpretation=seen,
        requested_by=actor.name,
        requested_by_user=User.objects.filter(pk=actor.id).first() if actor.kind == "person" else None,
        priority=PRIORITY[plan.priority],
        pinned_robot=Robot.objects.filter(site=site, serial=plan.robot).first() if plan.robot else None,
        not_before=schedule.start_time(plan.start, local),
        deadline=schedule.deadline_time(plan.deadline, local),
    )
    insert_steps(mission, plan, world)
    add_event(mission, now, "created", "", life.QUEUED, actor.name, "")
    return mission


def insert_steps(mission: Mission, plan: contract.Plan, world: World) -> None:
    """The plan's steps as rows, grounded: station, node(s), item."""
    grounded = ground(plan, world)
    lines = step_lines(grounded.plan, world.names())
    here: str | None = None
    rows = []
    for step, line in zip(grounded.steps, lines, strict=True):
        payload = _payload(step, world)
        if payload["node"] is None and step.op in ("drop", "scan", "inspect"):
            payload["node"] = here  # "where it then is"
        here = payload["node"] or here
        rows.append(Step(mission=mission, index=step.index, op=step.op, line=line[:300], payload=payload))
    Step.objects.bulk_create(rows)


def _payload(step: GroundedStep, world: World) -> dict[str, Any]:
    item = world.items.get(step.item) if step.item else None
    condition = step.condition
    return {
        "op": step.op,
        "station": step.station,
        "station_name": world.station_name(step.station) if step.station else None,
        "node": step.node,
        "nodes": list(step.nodes),
        "item": step.item,
        "item_name": item.name if item else None,
        "qty": step.qty,
        "mass": (item.unit_mass or 0.0) * (step.qty or 1) if item else 0.0,
        "seconds": step.seconds,
        "until": step.until,
        "to_pct": step.to_pct,
        "times": step.times,
        "if": {"kind": condition.kind, "pct": condition.pct} if condition else None,
    }


def add_event(
    mission: Mission, at: datetime, kind: str, source: str, target: str, actor: str, reason: str, data: Any = None
) -> MissionEvent:
    return MissionEvent.objects.create(
        mission=mission,
        at=at,
        kind=kind,
        from_state=source,
        to_state=target,
        actor=actor,
        reason=reason[:300],
        data=data,
    )


@transaction.atomic
def request(
    *, mission: Mission, kind: str, actor: Actor, now: datetime, reason: str = "", data: Mapping[str, Any] | None = None
) -> MissionIntent:
    """A person's request about a mission, for dispatch to act on. Raises IntentRefused when it makes no sense now."""
    mission = Mission.objects.select_for_update(of=("self",), no_key=True).select_related("site").get(pk=mission.pk)
    if not life.may_ask(kind, mission.state):
        states = ", ".join(sorted(life.WORDS[s].lower() for s in life.INTENTS.get(kind, ())))
        raise IntentRefused(
            f"{mission.label} is {life.WORDS[mission.state].lower()}. "
            f"{kind.capitalize()} is possible while a mission is: {states or 'never'}."
        )
    reason = reason.replace("\0", "").strip()
    if kind == "settle" and not reason:
        raise IntentRefused("Say how you know what became of the robot and its load: a reason is needed.")
    if waiting := mission.intents.filter(kind=kind, applied_at=None, data=dict(data or {})).first():
        return waiting  # the second click
    intent = MissionIntent.objects.create(
        mission=mission, kind=kind, data=dict(data or {}), actor=actor.name, reason=reason[:300]
    )
    notify(DISPATCH_CHANNEL, str(mission.site_id))
    record(
        action=f"mission.{kind}",
        actor=actor,
        site=mission.site.slug,
        target=("mission", mission.public_id),
        before={"state": mission.state},
        after=dict(data or {}) or None,
        reason=reason,
    )
    return intent
