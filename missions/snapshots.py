"""The read side: what pages and REST show of missions, in few queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from fleet.accounts.access import Actor, can
from fleet.accounts.models import Site
from inference.contract import GrammarError, plan_from_json
from robots.core.frames import Status
from robots.core.traffic.explain import sentence
from robots.snapshots import RobotView, robot_views
from robots.waits import Wait, plainly

from . import site_facts
from .core import lifecycle as life
from .core.bands import marks, to_accept
from .core.readback import readback
from .models import Interpretation, Mission, MissionEvent, Step
from .understanding import fallback_words, may_choose
from .waiting import Waits, waits_of, with_waits

FAILED_SHOWN = timedelta(minutes=30)
APPROVAL_KEPT = timedelta(hours=24)
WORKING = (Status.DRIVING, Status.ACTING, Status.WAITING)


@dataclass(frozen=True, slots=True)
class MissionRow:
    """One line of the queue."""

    public_id: str
    label: str
    text: str
    readback: str
    state: str
    state_text: str
    reason: str
    robot_name: str
    robot_id: str
    eta: datetime | None
    deadline: datetime | None
    not_before: datetime | None
    late: bool
    step_index: int
    step_count: int
    next_step: str
    priority: int
    requested_by: str
    created_at: datetime
    finished_at: datetime | None
    wait: Wait | None = None
    long: bool = False  # it waits for more than a minute


def is_late(mission: Mission, now: datetime) -> bool:
    """Late is a property: the deadline passed before it was done, or the estimate lies behind it."""
    if mission.deadline is None or mission.state == life.CANCELLED:
        return False
    if mission.finished_at is not None:
        return mission.finished_at > mission.deadline
    return now > mission.deadline or (mission.eta is not None and mission.eta > mission.deadline)


def rows(missions: Iterable[Mission], now: datetime) -> list[MissionRow]:
    """Queue lines for missions that come with `robot` selected and `steps` prefetched (see `with_waits` too)."""
    missions = list(missions)
    waits = waits_of(missions, now)
    return [_row(mission, list(mission.steps.all()), now, waits.get(mission.pk)) for mission in missions]


def _row(mission: Mission, steps: Sequence[Step], now: datetime, wait: Wait | None) -> MissionRow:
    done = sum(1 for s in steps if s.state in ("done", "skipped", "failed", "cancelled"))
    following = next((s.line for s in steps if s.state in ("active", "pending")), "")
    return MissionRow(
        public_id=mission.public_id,
        label=mission.label,
        text=mission.text,
        readback=mission.readback,
        state=mission.state,
        state_text=life.WORDS[mission.state],
        reason=_reason(mission, wait),
        robot_name=mission.robot.name if mission.robot else "",
        robot_id=mission.robot.public_id if mission.robot else "",
        eta=mission.eta,
        deadline=mission.deadline,
        not_before=mission.not_before,
        late=is_late(mission, now),
        step_index=done,
        step_count=len(steps),
        next_step=following,
        priority=mission.priority,
        requested_by=mission.requested_by,
        created_at=mission.created_at,
        finished_at=mission.finished_at,
        wait=wait,
        long=wait is not None and wait.long(now),
    )


def _reason(mission: Mission, wait: Wait | None) -> str:
    """Its reason; one that repeats the wait of its robot is told with names instead of serials."""
    robot = mission.robot
    ours = robot is not None and mission.reason.startswith((f"{robot.name} ", f"{robot.name}: "))
    if robot and ours and wait and wait.known and wait.kind != mission.state:
        return sentence(robot.name, wait.text)
    return plainly(mission.reason)


def queue(site: Site, now: datetime, *, recent: int = 8) -> list[MissionRow]:
    """Open missions, most urgent first, then the last few that ended."""
    base = with_waits(site.missions.select_related("site", "robot").prefetch_related("steps"))
    active = list(base.filter(state__in=life.OPEN).order_by("-priority", "id"))
    ended = list(
        base.filter(state__in=life.FINAL, finished_at__gte=now - timedelta(hours=1)).order_by("-finished_at")[:recent]
    )
    return rows([*active, *ended], now)


@dataclass(frozen=True, slots=True)
class MissionPage:
    row: MissionRow
    mission: Mission
    steps: list[Step]
    attempts: list[Any]
    events: list[MissionEvent]
    intents: list[Any]
    may: dict[str, bool]


def mission_page(public_id: str, actor: Actor, now: datetime) -> MissionPage | None:
    """Everything of one mission; None when there is none."""
    mission = (
        with_waits(Mission.objects.select_related("robot", "site", "interpretation", "pinned_robot"))
        .prefetch_related("steps", "attempts__robot", "events", "intents")
        .filter(public_id=public_id)
        .first()
    )
    if mission is None:
        return None
    steps = list(mission.steps.all())
    allowed = can(actor, "dispatch", mission.site)
    may = {kind: allowed and life.may_ask(kind, mission.state) for kind in life.INTENTS}
    may["confirm"] = may["confirm"] and any(
        s.state == "active" and s.payload.get("until") == "confirmed" for s in steps
    )
    may["settle"] = may["settle"] and mission.reason.startswith("no contact")
    return MissionPage(
        row=_row(mission, steps, now, Waits(now).of(mission)),
        mission=mission,
        steps=steps,
        attempts=list(mission.attempts.all()),
        events=list(mission.events.all()),
        intents=list(mission.intents.all()),
        may=may,
    )


@dataclass(frozen=True, slots=True)
class AttentionRow:
    """Something a person must do. priority 1 high (red square), 2 medium (amber diamond), 3 low (yellow triangle)."""

    priority: int
    kind: str
    what: str
    where: str
    since: datetime | None
    action_label: str
    action_url: str


def attention(site: Site, now: datetime) -> list[AttentionRow]:
    """What needs a person now, highest first, then oldest. Only conditions with an action appear."""
    found = [_robot_attention(view, now) for view in robot_views(site, now)]
    found += [_mission_attention(mission, now) for mission in site.missions.filter(state__in=life.OPEN)]
    recent = site.missions.filter(state=life.FAILED, finished_at__gte=now - FAILED_SHOWN)
    found += [_row_of(m, 2, "mission_failed", f"{m.label} failed", m.finished_at, "Retry") for m in recent]
    found += [_approval(seen, site) for seen in waiting_for_approval(site, now)]
    return sorted((row for row in found if row is not None), key=lambda r: (r.priority, r.since or now))


def waiting_for_approval(site: Site, now: datetime) -> list[Interpretation]:
    """Readings of foreign words that a program wants dispatched and no person has decided about; a day old at most."""
    found = Interpretation.objects.filter(site=site, asked_at__gte=now - APPROVAL_KEPT, settled_at=None)
    return list(found.order_by("asked_at")[:8])


def _approval(seen: Interpretation, site: Site) -> AttentionRow:
    address = f"/ops/{site.slug}/?approve={seen.public_id}"
    what = f"{seen.requested_by} asks for a mission in words that are not its own"
    return AttentionRow(2, "approval", what, seen.text[:160], seen.asked_at, "Read", address)


def _mission_attention(mission: Mission, now: datetime) -> AttentionRow | None:
    label = mission.label
    if mission.state == life.FAILING:
        return _row_of(mission, 1, "mission_decision", f"{label} needs a decision", mission.created_at, "Decide")
    if mission.state == life.WAITING and "confirm" in mission.reason:
        return _row_of(
            mission, 3, "mission_confirm", f"{label} waits for a confirmation", mission.created_at, "Confirm"
        )
    if not is_late(mission, now):
        return None
    minutes = max(0, int((now - mission.deadline).total_seconds() // 60)) if mission.deadline else 0
    text = f"{label} late {minutes} min" if minutes else f"{label} will be late"
    return _row_of(mission, 2, "mission_late", text, mission.deadline, "Show")


def _row_of(mission: Mission, priority: int, kind: str, what: str, since: datetime | None, label: str) -> AttentionRow:
    where = plainly(mission.reason) or mission.text
    return AttentionRow(priority, kind, what, where, since, label, f"/missions/{mission.public_id}/")


def _robot_attention(view: RobotView, now: datetime) -> AttentionRow | None:
    if not view.in_service:
        return None
    if view.status is Status.ERROR:
        priority = 1
    elif view.disconnected and view.state_age is not None:
        priority = 1 if view.order_id and len(view.base) > 1 else 2
    elif view.attention:
        priority = 3
    else:
        return None
    what = view.line if priority < 3 else f"battery {view.battery:.0f} %" if view.battery is not None else view.line
    since = now - timedelta(seconds=view.state_age) if view.disconnected and view.state_age is not None else None
    where = f"near {view.last_node}" if view.last_node else "position unknown"
    return AttentionRow(priority, "robot", f"{view.name}: {what}", where, since, "Show", f"/robots/{view.id}/")


@dataclass(frozen=True, slots=True)
class Kpis:
    per_hour: int
    on_time_pct: float | None
    ready: int
    working: int
    charging: int
    out: int
    active: int
    late: int
    interventions_per_100: float | None


def kpis(site: Site, now: datetime) -> Kpis:
    """The last hour in a line. None where there is no data: "no data" is not "fine"."""
    hour = now - timedelta(hours=1)
    done = list(
        site.missions.filter(finished_at__gte=hour, state=life.COMPLETED).values_list("deadline", "finished_at")
    )
    due = [(d, f) for d, f in done if d is not None]
    views = robot_views(site, now)
    asked = MissionEvent.objects.filter(mission__site=site, at__gte=hour, kind="needs_decision").aggregate(
        n=Count("id")
    )["n"]
    active = site.missions.filter(state__in=life.OPEN).aggregate(
        n=Count("id"), late=Count("id", filter=Q(deadline__lt=now))
    )
    statuses = [view.status for view in views if not view.stale and not view.disconnected]
    working = sum(statuses.count(status) for status in WORKING)
    return Kpis(
        per_hour=len(done),
        on_time_pct=100 * sum(f <= d for d, f in due) / len(due) if due else None,
        ready=statuses.count(Status.IDLE),
        working=working,
        charging=statuses.count(Status.CHARGING),
        out=len(views) - statuses.count(Status.IDLE) - working - statuses.count(Status.CHARGING),
        active=active["n"],
        late=active["late"],
        interventions_per_100=100 * asked / len(done) if done else None,
    )


def interpretation_view(seen: Interpretation) -> dict[str, Any]:
    """The preview contract: what the page shows and what REST answers."""
    draft = seen.draft
    called = site_facts.names(seen.site)
    raw = draft.get("slots", [])
    slots = [
        {**slot, "label": called.get(str(slot["value"])) or _said(slot), "mark": mark}
        for slot, mark in zip(raw, marks(raw, seen.level), strict=True)
    ]
    blocked = draft.get("blocked") or any(v["severity"] == "block" for v in seen.violations)
    ask = seen.decision == "ask"
    return {
        "interpretation_id": seen.public_id,
        "site": seen.site.slug,
        "text": seen.text,
        "decision": seen.decision,
        "reason": draft.get("reason"),
        "readback": seen.readback,
        "plan": seen.plan,
        "slots": slots,
        "ignored_spans": [{"start": a, "end": b, "text": seen.text[a:b]} for a, b in draft.get("ignored", [])],
        "edits": seen.edits,
        "warnings": seen.violations,
        "blocked": draft.get("blocked"),
        "clarification": {"question": draft.get("question"), "options": draft.get("options", [])} if ask else None,
        "message": draft.get("question") if seen.decision == "refuse" else None,
        "alternatives": _alternatives(seen, called),
        "confidence": {
            "level": seen.level,
            "value": draft.get("confidence"),
            "calibrated": bool(draft.get("calibrated")),
            "run_at": draft.get("run_at"),
            "ask_at": draft.get("ask_at"),
        },
        "to_accept": [asdict(part) for part in to_accept(raw, seen.level)] if seen.decision == "plan" else [],
        "tainted": seen.tainted,
        "model": {
            "name": draft.get("model", ""),
            "version": draft.get("version", ""),
            "fallback_from": seen.fallbacks[0]["planner"] if seen.fallbacks else None,
            "why": fallback_words(seen.fallbacks, draft.get("model", "")) or None,
        },
        "places": places_of(seen.plan),
        "dispatchable": seen.decision == "plan" and not blocked and seen.level != "low",
        "hash": seen.hash,
        "expires_at": seen.expires_at.isoformat().replace("+00:00", "Z"),
    }


def _alternatives(seen: Interpretation, called: dict[str, str]) -> list[dict[str, Any]]:
    """Other readings of the text, each read back; a reading that is not of the grammar or the shown one is left out.

    None where a clause became nothing: nobody knows whether another reading carries it.
    """
    if not may_choose(seen):
        return []
    found = []
    for number, plan_json in enumerate(seen.draft.get("alternatives") or []):
        try:
            words = readback(plan_from_json(plan_json), called)
        except GrammarError:
            continue
        if words != seen.readback and all(words != other["readback"] for other in found):
            found.append({"number": number, "readback": words, "plan": plan_json})
    return found[:4]


def _said(slot: dict[str, Any]) -> str:
    """A value that is no record, as people write it; the typed words where nothing was resolved."""
    return str(slot["text"]) if slot["value"] is None else str(slot["value"])


def places_of(plan: dict[str, Any] | None) -> list[str]:
    """Station ids a plan touches, for the map."""
    if not plan:
        return []
    found = [s["at"] for s in plan["steps"] if s.get("at")] + [p for s in plan["steps"] for p in s.get("places", [])]
    return list(dict.fromkeys([*found, *plan.get("avoid", [])]))
