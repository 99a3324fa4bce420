"""What people and programs ask for, each in one transaction with its ledger entry; effects follow the commit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from fleet.accounts.access import Actor
from fleet.accounts.models import Site, User
from fleet.ledger.services import record
from fleet.outbox.services import notify
from inference import contract
from robots.live import page_changed
from robots.models import LayoutVersion, Robot

from . import site_facts
from .core import lifecycle as life
from .core import schedule
from .core.bands import not_accepted, to_accept
from .core.origins import tainted
from .core.plan import GroundedStep, ground
from .core.readback import step_lines
from .core.validate import validate
from .core.world import World
from .errors import (
    ApprovalNeeded,
    IntentRefused,
    InterpretationChanged,
    InterpretationExpired,
    InterpretationUnknown,
    NotAccepted,
    NotDispatchable,
)
from .models import Interpretation, Mission, MissionEvent, MissionIntent, Step
from .numbering import take_number

DISPATCH_CHANNEL = "yardmaster_dispatch"
PRIORITY = {"low": -1, "normal": 0, "high": 1}


def find_interpretation(public_id: str) -> Interpretation | None:
    """The interpretation, locked until the caller's transaction ends: two presses take turns."""
    found = Interpretation.objects.select_for_update(of=("self",), no_key=True).select_related("site", "layout")
    return found.defer("layout__document").filter(public_id=public_id).first()


@transaction.atomic
def create(
    *, interpretation_id: str, hash: str, actor: Actor, now: datetime, site: Site | None = None,
    accepted: Collection[object] = (), approved: bool = False,
) -> Mission:  # fmt: skip
    """`consent` by id, in a transaction of its own. Raises InterpretationUnknown as well."""
    seen = find_interpretation(interpretation_id)
    if seen is None or (site is not None and seen.site_id != site.pk):
        raise InterpretationUnknown("There is no such interpretation at this site. Interpret the text again.")
    return consent(seen=seen, hash=hash, actor=actor, now=now, accepted=accepted, approved=approved)


def consent(
    *, seen: Interpretation, hash: str, actor: Actor, now: datetime, accepted: Collection[object] = (),
    approved: bool = False,
) -> Mission:  # fmt: skip
    """The previewed reading (locked) becomes a mission. A second press gives the same mission, never a second one.

    `accepted` names the unsure parts of a medium reading that were looked at (`core.bands.not_accepted`); `approved`
    says that a person has read the parts that the requester did not write. Raises InterpretationExpired,
    InterpretationChanged (with the difference), NotDispatchable, NotAccepted, ApprovalNeeded.
    """
    if already := seen.mission_set.order_by("id").first():
        return already
    _refuse_undispatchable(seen)
    if seen.hash != hash:
        raise InterpretationChanged(["This is not the reading that was shown. Interpret the text again."])
    if now > seen.expires_at:
        raise InterpretationExpired("The preview is older than a minute. Look at it again before dispatching.")
    if missing := not_accepted(to_accept(seen.draft.get("slots", []), seen.level), accepted):
        raise NotAccepted(missing)
    waiting = _to_settle(seen)
    foreign = tainted(seen.text, seen.origins, actor.kind)
    if foreign and (actor.kind != "person" or not approved):
        raise ApprovalNeeded(foreign, by_person=actor.kind == "person")
    plan = contract.plan_from_json(seen.plan)
    version, _ = site_facts.force(seen.site)
    world = site_facts.world(seen.site, actor, now, plan, version)
    if difference := _difference(seen, plan, world, version):
        raise InterpretationChanged(difference)
    mission = _insert(seen, plan, world, actor, now)
    if waiting is not None:
        Interpretation.objects.filter(pk=waiting.pk).update(settled_at=now)
        page_changed(seen.site_id, "attention")
    notify(DISPATCH_CHANNEL, str(seen.site_id))
    after = {"text": seen.text, "plan": seen.plan, "interpretation": seen.public_id, "hash": seen.hash}
    if foreign:
        after["approved"] = [{key: part[key] for key in ("origin", "text")} for part in foreign]
    # last: the ledger's lock lasts until the commit
    record(
        action="mission.dispatch",
        actor=actor,
        site=seen.site.slug,
        target=("mission", mission.public_id),
        after=after,
    )
    return mission


def _to_settle(seen: Interpretation) -> Interpretation | None:
    """The waiting reading that `seen` is or would approve, locked. Raises NotDispatchable where somebody was first."""
    if seen.approves_id is None and seen.asked_at is None:
        return None
    waiting = Interpretation.objects.select_for_update(no_key=True).get(pk=seen.approves_id or seen.pk)
    if waiting.settled_at is not None:
        raise NotDispatchable(["Somebody has decided about this text already."])
    return waiting


@transaction.atomic
def ask_approval(*, seen: Interpretation, actor: Actor, now: datetime) -> Interpretation:
    """Put a reading with foreign words before a person: it appears under Attention. Asking again changes nothing."""
    seen = Interpretation.objects.select_for_update(no_key=True).select_related("site").get(pk=seen.pk)
    if seen.asked_at is None:
        seen.asked_at = now
        seen.save(update_fields=["asked_at"])
        page_changed(seen.site_id, "attention")
        record(
            action="mission.approval_asked",
            actor=actor,
            site=seen.site.slug,
            target=("interpretation", seen.public_id),
            after={"text": seen.text, "plan": seen.plan},
        )
    return seen


@transaction.atomic
def decline_approval(*, seen: Interpretation, actor: Actor, now: datetime, reason: str = "") -> bool:
    """A person says no to a waiting reading. False: it was decided already."""
    seen = Interpretation.objects.select_for_update(no_key=True).select_related("site").get(pk=seen.pk)
    if seen.asked_at is None or seen.settled_at is not None:
        return False
    seen.settled_at = now
    seen.save(update_fields=["settled_at"])
    page_changed(seen.site_id, "attention")
    record(
        action="mission.approval_declined",
        actor=actor,
        site=seen.site.slug,
        target=("interpretation", seen.public_id),
        after={"text": seen.text},
        reason=reason,
    )
    return True


def _refuse_undispatchable(seen: Interpretation) -> None:
    if seen.decision != "plan" or seen.plan is None:
        question = seen.draft.get("question") or "This was not understood as a mission."
        raise NotDispatchable([question])
    if blocked := seen.draft.get("blocked"):
        raise NotDispatchable([str(blocked)])
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
