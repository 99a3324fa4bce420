"""Checks of times: start and deadline, how long things take, repetition, waiting and patrolling, conditions in
order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from inference.contract import Plan, Step
from missions.core.readback import duration
from missions.core.violation import BLOCK, CAUTION, Violation
from missions.core.world import World

MAX_WAIT_S = 8 * 3600.0
MAX_PATROL_S = 24 * 3600.0
MAX_PATROL_ROUNDS = 100
MAX_REPEATS = 100
MIN_EVERY_S = 60.0
MAX_AHEAD_S = 7 * 86_400.0
OBSERVING = frozenset({"scan", "inspect", "patrol", "pick", "drop", "move"})


def times(plan: Plan, world: World) -> Iterator[Violation]:
    start = _moment(plan.start, "at", "in_s", world.now)
    due = _moment(plan.deadline, "by", "within_s", world.now)
    for moment, pointer in ((start, "/start"), (due, "/deadline")):
        if moment is not None and (moment - world.now).total_seconds() > MAX_AHEAD_S:
            yield Violation("too_far_ahead", BLOCK, "Missions can be planned at most 7 days ahead.", pointer)
    need = _duration_s(plan, world)
    if start is not None and due is not None and due <= start:
        yield Violation(
            "due_before_start",
            BLOCK,
            f"It is due at {due:%H:%M}, before it starts at {start:%H:%M}. Change one of the two.",
            "/deadline",
        )
    elif due is not None and ((due - (start or world.now)).total_seconds()) < need:
        left = int((due - (start or world.now)).total_seconds())
        yield Violation(
            "deadline_tight",
            CAUTION,
            f"About {duration(round(need))} are needed and {duration(left)} are left: it will probably be late.",
            "/deadline",
            {"need_s": need, "left_s": left},
        )
    for name, moment, timing in (("It starts", start, plan.start), ("It is due", due, plan.deadline)):
        if moment is not None and timing and ("at" in timing or "by" in timing) and moment.date() != world.now.date():
            yield Violation(
                "tomorrow",
                CAUTION,
                f"{name} at {moment:%H:%M} tomorrow; that time has passed today.",
                "/start" if timing is plan.start else "/deadline",
            )


def _moment(timing: Mapping[str, Any] | None, clock: str, span: str, now: datetime) -> datetime | None:
    """The instant a start or deadline means: the next such clock time after `now`, or `now` plus the seconds."""
    if not timing:
        return None
    if span in timing:
        try:
            return now + timedelta(seconds=float(timing[span]))
        except OverflowError:
            return now.replace(year=9999)
    hours, minutes = str(timing[clock]).split(":")
    today = now.replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def _duration_s(plan: Plan, world: World) -> float:
    """About how long one run takes, in seconds, from the site's usual figures."""
    total = 0.0
    for step in plan.steps:
        if step.op == "wait":
            total += step.seconds or 0.0
        elif step.op == "patrol" and step.seconds is not None:
            total += step.seconds
        else:
            total += legs(step) * world.effort.leg_s + (
                world.effort.action_s if step.op in ("pick", "drop", "scan", "inspect") else 0.0
            )
    return total


def legs(step: Step) -> int:
    if step.op == "patrol":
        return len(step.places) * min(step.times or 1, MAX_PATROL_ROUNDS)
    return 0 if step.op in ("wait", "report") else 1


def bounds(plan: Plan, world: World) -> Iterator[Violation]:
    for n, step in enumerate(plan.steps):
        if step.op == "wait" and step.seconds is not None and step.seconds > MAX_WAIT_S:
            yield Violation(
                "wait_too_long",
                BLOCK,
                f"A robot waits at most {duration(MAX_WAIT_S)}; use a start time instead.",
                f"/steps/{n}/seconds",
            )
        if step.op == "patrol" and (step.seconds or 0) > MAX_PATROL_S:
            yield Violation(
                "patrol_too_long", BLOCK, f"A patrol lasts at most {duration(MAX_PATROL_S)}.", f"/steps/{n}/seconds"
            )
        if step.op == "patrol" and (step.times or 0) > MAX_PATROL_ROUNDS:
            yield Violation(
                "patrol_too_often", BLOCK, f"A patrol makes at most {MAX_PATROL_ROUNDS} rounds.", f"/steps/{n}/times"
            )
        if step.op == "patrol" and step.times is None and step.seconds is None and plan.deadline is None:
            yield Violation(
                "patrol_without_end", CAUTION, "The patrol has no end: it goes on until someone ends it.", f"/steps/{n}"
            )
    repeat = plan.repeat or {}
    if repeat.get("times", 1) > MAX_REPEATS:
        yield Violation(
            "repeat_too_often", BLOCK, f"A mission is repeated at most {MAX_REPEATS} times.", "/repeat/times"
        )
    if "every_s" in repeat:
        every, need = repeat["every_s"], _duration_s(plan, world)
        if every < MIN_EVERY_S:
            yield Violation(
                "repeat_too_close",
                BLOCK,
                f"A mission is repeated at most once every {duration(MIN_EVERY_S)}.",
                "/repeat/every_s",
            )
        elif every < need:
            yield Violation(
                "repeat_overlaps",
                CAUTION,
                f"One run takes about {duration(round(need))}, longer than the {duration(every)} between two runs.",
                "/repeat/every_s",
            )


def conditions(plan: Plan, world: World) -> Iterator[Violation]:
    observed = False
    for n, step in enumerate(plan.steps):
        if step.condition is not None and step.condition.kind != "battery_below" and not observed:
            yield Violation(
                "condition_without_observation",
                BLOCK,
                f"Step {n + 1} depends on something no step before it finds out. Put a scan or inspect step before it.",
                f"/steps/{n}/if",
            )
        # What a conditional step would find may never be found.
        observed = observed or (
            step.op in OBSERVING and (step.condition is None or step.condition.kind == "battery_below")
        )
