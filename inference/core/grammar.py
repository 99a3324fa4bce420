"""The closed plan grammar as code: JSON to `Plan`, one canonical form per meaning, and a hash of that form.

Source: the case format (`FORMAT.md`, "Steps", "Mission", "Scoring: first canonicalise") and `inference.contract`.
Nothing outside the grammar is repaired or skipped: an unknown field is an error, because a dropped field is a dropped
wish of the person who wrote it. Sanity of quantities against a site belongs to `missions.core.validate`; the limits
here only keep absurd sizes out of the database and off the wire.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import replace
from typing import Any

from inference.contract import (
    CONDITIONS,
    OPS,
    PRIORITIES,
    STEP_FIELDS,
    Condition,
    GrammarError,
    Json,
    Plan,
    Step,
    plan_to_json,
)

MAX_STEPS = 40
MAX_PLACES = 40
MAX_ID = 200
MAX_QTY = 1_000_000
MAX_TIMES = 100_000
MAX_SECONDS = 31 * 86_400.0

# Operations that happen at a place, so that a move directly before them says only where.
PLACED = frozenset({"move", "pick", "drop", "scan", "inspect", "charge"})
PLAN_FIELDS = frozenset({"robot", "priority", "start", "deadline", "avoid", "speed", "repeat", "steps"})
CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


def plan_from_json(data: object) -> Plan:
    """The plan that `data` (decoded JSON) says. Raises GrammarError with a JSON pointer for anything outside the
    grammar.
    """
    plan = _object(data, "")
    for key in plan:
        if key not in PLAN_FIELDS:
            raise GrammarError(_join("", key), f"a plan has no field {key!r}; it has {', '.join(sorted(PLAN_FIELDS))}")
    steps = plan.get("steps")
    if not isinstance(steps, list) or not steps:
        raise GrammarError("/steps", "must be a list of at least one step")
    if len(steps) > MAX_STEPS:
        raise GrammarError("/steps", f"has {len(steps)} steps; a plan has at most {MAX_STEPS}")
    priority = plan.get("priority", "normal")
    if priority not in PRIORITIES:
        raise GrammarError("/priority", f"must be one of {', '.join(PRIORITIES)}")
    speed = plan.get("speed")
    if speed not in (None, "slow"):
        raise GrammarError("/speed", 'must be "slow" or null')
    return Plan(
        steps=tuple(_step(step, f"/steps/{i}") for i, step in enumerate(steps)),
        robot=_id(plan.get("robot"), "/robot"),
        priority=priority,
        start=_timing(plan.get("start"), "/start", clock="at", span="in_s", least=0.0),
        deadline=_timing(plan.get("deadline"), "/deadline", clock="by", span="within_s", least=1.0),
        avoid=_ids(plan.get("avoid"), "/avoid"),
        speed=speed,
        repeat=_repeat(plan.get("repeat")),
    )


def _step(data: object, pointer: str) -> Step:
    step = _object(data, pointer)
    op = step.get("op")
    if not isinstance(op, str) or op not in OPS:
        raise GrammarError(f"{pointer}/op", f"must be one of {', '.join(OPS)}")
    allowed = STEP_FIELDS[op]
    known = frozenset().union(*STEP_FIELDS.values())
    for key, value in step.items():
        # A known field of another operation may be spelled out as null (the case format does), never with a value.
        if key in ("op", "if") or key in allowed or (key in known and (value is None or value == [])):
            continue
        raise GrammarError(_join(pointer, key), f"{op} has no field {key!r}")
    places = _ids(step.get("places"), f"{pointer}/places")
    seconds, until = step.get("seconds"), step.get("until")
    out = Step(
        op=op,
        at=_id(step.get("at"), f"{pointer}/at"),
        item=_id(step.get("item"), f"{pointer}/item"),
        qty=_whole(step.get("qty"), f"{pointer}/qty", MAX_QTY),
        seconds=None if seconds is None else _number(seconds, f"{pointer}/seconds", 1.0, MAX_SECONDS),
        until=until if until is None or isinstance(until, str) else "",
        to_pct=None if step.get("to_pct") is None else _number(step["to_pct"], f"{pointer}/to_pct", 1.0, 100.0),
        places=places,
        times=_whole(step.get("times"), f"{pointer}/times", MAX_TIMES),
        condition=_condition(step.get("if"), f"{pointer}/if"),
    )
    _check_required(out, pointer)
    return out


def _check_required(step: Step, pointer: str) -> None:
    if step.op == "move" and step.at is None:
        raise GrammarError(f"{pointer}/at", "move needs the place to drive to")
    if step.op == "pick" and step.item is None:
        raise GrammarError(f"{pointer}/item", "pick needs the item to collect")
    if step.until not in (None, "confirmed"):
        raise GrammarError(f"{pointer}/until", 'must be "confirmed" or null')
    if step.op == "wait" and (step.seconds is None) == (step.until is None):
        raise GrammarError(f"{pointer}/seconds", 'wait needs either seconds or until "confirmed", and not both')
    if step.op == "patrol":
        if not step.places:
            raise GrammarError(f"{pointer}/places", "patrol needs at least one place")
        if step.times is not None and step.seconds is not None:
            raise GrammarError(f"{pointer}/times", "patrol takes a number of rounds or seconds, not both")


def _condition(data: object, pointer: str) -> Condition | None:
    if data is None:
        return None
    condition = _object(data, pointer)
    for key in condition:
        if key not in ("kind", "pct"):
            raise GrammarError(_join(pointer, key), f"a condition has no field {key!r}")
    kind, pct = condition.get("kind"), condition.get("pct")
    if not isinstance(kind, str) or kind not in CONDITIONS:
        raise GrammarError(f"{pointer}/kind", f"must be one of {', '.join(CONDITIONS)}")
    if (kind == "battery_below") != (pct is not None):
        raise GrammarError(f"{pointer}/pct", "battery_below needs a percentage, and only battery_below has one")
    return Condition(kind, None if pct is None else _number(pct, f"{pointer}/pct", 0.0, 100.0))


def _timing(data: object, pointer: str, *, clock: str, span: str, least: float) -> Json | None:
    if data is None:
        return None
    timing = _object(data, pointer)
    if set(timing) == {clock}:
        value = timing[clock]
        if not isinstance(value, str) or not CLOCK.fullmatch(value):
            raise GrammarError(f"{pointer}/{clock}", 'must be a clock time such as "14:05"')
        return {clock: value}
    if set(timing) == {span}:
        return {span: _tidy(_number(timing[span], f"{pointer}/{span}", least, MAX_SECONDS))}
    raise GrammarError(pointer, f"must have exactly one field, {clock!r} or {span!r}")


def _repeat(data: object) -> Json | None:
    if data is None:
        return None
    repeat = _object(data, "/repeat")
    if set(repeat) == {"times"} and repeat["times"] is not None:
        return {"times": _whole(repeat["times"], "/repeat/times", MAX_TIMES)}
    if set(repeat) == {"every_s"}:
        return {"every_s": _tidy(_number(repeat["every_s"], "/repeat/every_s", 1.0, MAX_SECONDS))}
    raise GrammarError("/repeat", "must have exactly one field, 'times' or 'every_s'")


def _object(data: object, pointer: str) -> dict[str, Any]:
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise GrammarError(pointer, "must be an object")
    return data


def _join(pointer: str, key: str) -> str:
    return f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"


def _id(value: object, pointer: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= MAX_ID:
        raise GrammarError(pointer, f"must be an id (text of 1 to {MAX_ID} characters) or null")
    return value


def _ids(value: object, pointer: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise GrammarError(pointer, "must be a list of ids")
    if len(value) > MAX_PLACES:
        raise GrammarError(pointer, f"has {len(value)} entries; at most {MAX_PLACES} are allowed")
    out: list[str] = []
    for i, entry in enumerate(value):
        one = _id(entry, f"{pointer}/{i}")
        if one is None:
            raise GrammarError(f"{pointer}/{i}", "must be an id")
        out.append(one)
    return tuple(out)


def _whole(value: object, pointer: str, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise GrammarError(pointer, f"must be a whole number from 1 to {most}")
    return value


def _number(value: object, pointer: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GrammarError(pointer, "must be a number")
    # Compared before conversion: float() of a very long integer raises.
    if (isinstance(value, float) and not math.isfinite(value)) or not least <= value <= most:
        raise GrammarError(pointer, f"must be a number from {least:g} to {most:g}")
    return float(value)


def _tidy(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


# --- canonical form ---------------------------------------------------------------------------------------------


def canonical(plan: Plan) -> Plan:
    """The same meaning in its one spelling. Idempotent.

    A move directly before a step at the same place (or at no stated place) folds into that step; drop, scan and inspect
    without a place happen where the robot is; `drop.item` is null when it is all that is carried; whole numbers are
    ints.
    `pick.at` null is kept: "look it up in the inventory" is not "pick it here".
    """
    steps = _fold(plan.steps)
    out: list[Step] = []
    here: str | None = None
    carried: list[str] = []
    for step in steps:
        if step.at is None and step.op in ("drop", "scan", "inspect") and here is not None:
            step = replace(step, at=here)
        if step.op == "drop":
            if step.item is not None and carried == [step.item]:
                step = replace(step, item=None)
            carried = [] if step.item is None else [item for item in carried if item != step.item]
        elif step.op == "pick" and step.item is not None and step.item not in carried:
            carried.append(step.item)
        here = location_after(step, here)
        out.append(_tidy_step(step))
    return replace(plan, steps=tuple(out), avoid=tuple(dict.fromkeys(plan.avoid)), **_tidy_modifiers(plan))


def location_after(step: Step, here: str | None) -> str | None:
    """The place of the step just done (also of a conditional one: "here" in the next step means there), or None if
    unknown.
    """
    if step.op in ("wait", "report"):
        return here
    if step.op == "patrol":
        return step.places[-1] if step.places else None
    return step.at if step.op in PLACED else None


def _fold(steps: tuple[Step, ...]) -> list[Step]:
    out: list[Step] = []
    for step in steps:
        last = out[-1] if out else None
        if (
            last is not None
            and last.op == "move"
            and step.op in PLACED
            and step.at in (None, last.at)
            and step.condition == last.condition
        ):
            out[-1] = replace(step, at=last.at)
        else:
            out.append(step)
    return out


def _tidy_step(step: Step) -> Step:
    condition = step.condition
    if condition is not None and condition.pct is not None:
        condition = Condition(condition.kind, _tidy(condition.pct))
    return replace(
        step,
        seconds=None if step.seconds is None else _tidy(step.seconds),
        to_pct=None if step.to_pct is None else _tidy(step.to_pct),
        condition=condition,
    )


def _tidy_modifiers(plan: Plan) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in ("start", "deadline", "repeat"):
        value = getattr(plan, name)
        out[name] = {k: _tidy(v) if isinstance(v, float) else v for k, v in value.items()} if value else None
    return out


def plan_hash(plan: Plan) -> str:
    """SHA-256 (hex) of the canonical plan's JSON with sorted keys and no spaces: equal exactly when the meaning is
    equal.
    """
    text = json.dumps(plan_to_json(canonical(plan)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
