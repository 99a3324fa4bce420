"""The structured form: a plan as fields, and fields as a plan. The grammar and the validator judge the result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from inference.contract import CONDITIONS, OPS, PRIORITIES

NUMBERS = ("qty", "times", "seconds", "to_pct")
USES: Mapping[str, tuple[str, ...]] = {
    "move": ("at",),
    "pick": ("item", "at", "qty"),
    "drop": ("item", "at"),
    "scan": ("item", "at"),
    "inspect": ("item", "at"),
    "wait": ("seconds",),
    "charge": ("at", "to_pct"),
    "patrol": ("times", "seconds"),
    "report": (),
    "home": (),
}
BLANK: Mapping[str, Any] = {"op": "move", "places": [], "condition": {}}
FIELD = re.compile(r"s(\d{1,4})_op")


def plan_from_fields(data: QueryDict, keep: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Plan JSON. What the form has no field for (a start in so many seconds ...) stays as in `keep`."""
    numbers = [int(found.group(1)) for key in data if (found := FIELD.fullmatch(key))]
    kept = keep or {}
    return {
        "robot": data.get("robot") or None,
        "priority": data.get("priority") or "normal",
        "start": {"at": data["start"]} if data.get("start") else _other(kept.get("start"), "at"),
        "deadline": {"by": data["deadline"]} if data.get("deadline") else _other(kept.get("deadline"), "by"),
        "avoid": data.getlist("avoid"),
        "speed": "slow" if data.get("slow") else None,
        "repeat": {"times": _number(data["repeat"])} if data.get("repeat") else _other(kept.get("repeat"), "times"),
        "steps": [_step(data, number) for number in numbers],
    }


def _other(value: Any, shown: str) -> Any:
    """A value of a kind that the form does not show is kept; one that it shows was emptied by the person."""
    return value if isinstance(value, Mapping) and shown not in value else None


def _step(data: QueryDict, number: int) -> dict[str, Any]:
    def given(name: str) -> str:
        return data.get(f"s{number}_{name}", "").strip()

    op = given("op")
    step: dict[str, Any] = {"op": op}
    for name in USES.get(op, ()):
        if value := given(name):
            step[name] = _number(value) if name in NUMBERS else value
    if op == "patrol":
        step["places"] = data.getlist(f"s{number}_places")
    if op == "wait" and given("confirmed"):
        step.pop("seconds", None)
        step["until"] = "confirmed"
    if kind := given("if"):
        step["if"] = {"kind": kind}
        if kind == "battery_below" and given("pct"):
            step["if"]["pct"] = _number(given("pct"))
    return step


def _number(text: str) -> int | float | str:
    """The number, or the text itself: the grammar then says what is wrong with it."""
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() else value


def form_context(plan: Mapping[str, Any] | None, vocabulary: Any) -> dict[str, Any]:
    """What the form's template needs: the plan's values and what may be chosen."""
    plan = plan or {"priority": "normal", "avoid": [], "steps": [dict(BLANK)]}
    rows = [{**BLANK, **step, "condition": step.get("if") or {}} for step in plan["steps"]] or [dict(BLANK)]
    return {
        "plan": plan,
        "rows": rows,
        "blank": BLANK,
        "ops": OPS,
        "conditions": CONDITIONS,
        "priorities": PRIORITIES,
        "places": sorted({p.id: p for p in vocabulary.places}.values(), key=lambda named: named.name),
        "items": vocabulary.items,
        "robots": vocabulary.robots,
    }
