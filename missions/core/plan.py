"""A plan made concrete for one site, and the plan as fields of the structured form.

`ground` decides only what the records decide: which station a pick without a place means, which node a step happens at.
The nearest charger and the robot stay open; dispatch chooses them when it allocates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inference.contract import STEP_FIELDS, Condition, Json, Plan, Step, canonical, plan_from_json
from missions.core.world import World, usable


@dataclass(frozen=True, slots=True)
class GroundedStep:
    """A step with the station and node it happens at; both None where none is needed or dispatch picks the nearest.

    `stations` lists the patrol's places in order with `nodes` beside them. `index` is the step's place in the plan.
    """

    index: int
    op: str
    station: str | None
    node: str | None
    item: str | None = None
    qty: int | None = None
    seconds: float | None = None
    until: str | None = None
    to_pct: float | None = None
    stations: tuple[str, ...] = ()
    nodes: tuple[str | None, ...] = ()
    times: int | None = None
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class GroundedPlan:
    plan: Plan
    steps: tuple[GroundedStep, ...]


def ground(plan: Plan, world: World) -> GroundedPlan:
    """The canonical plan with every step resolved as far as the records resolve it. Never raises on a plan of the
    grammar.
    """
    plan = canonical(plan)
    steps: list[GroundedStep] = []
    carried: list[str] = []
    for index, step in enumerate(plan.steps):
        station, item = step.at, step.item
        if step.op == "pick" and item is not None:
            station = station or stocked_at(world, item, step.qty)
            carried.append(item)
        if step.op == "drop":
            item = item if item is not None else carried[0] if len(set(carried)) == 1 else None
            carried = [] if item is None else [c for c in carried if c != item]
        steps.append(
            GroundedStep(
                index=index,
                op=step.op,
                station=station,
                node=_node(world, station),
                item=item,
                qty=step.qty,
                seconds=step.seconds,
                until=step.until,
                to_pct=step.to_pct,
                stations=step.places,
                nodes=tuple(_node(world, place) for place in step.places),
                times=step.times,
                condition=step.condition,
            )
        )
    return GroundedPlan(plan, tuple(steps))


def stocked_at(world: World, item: str, qty: int | None) -> str | None:
    """The station a pick without a place means: one that can be driven to and holds enough, the fullest first.

    Counted stock comes before uncounted; equal stock is settled by id so that the answer is always the same.
    """
    rows: list[tuple[bool, int, str]] = []
    for station, held in world.stock.get(item, {}).items():
        record = world.stations.get(station)
        if record is None or not usable(record) or held == 0:
            continue
        rows.append((held is not None and held >= (qty or 1), held or 0, station))
    if not rows:
        return None
    return min(rows, key=lambda row: (not row[0], -row[1], row[2]))[2]


def _node(world: World, station: str | None) -> str | None:
    record = world.stations.get(station) if station is not None else None
    return record.node if record else None


# --- the structured form ---

_MISSION_FIELDS = (
    "robot",
    "priority",
    "start_at",
    "start_in_s",
    "by",
    "within_s",
    "avoid",
    "speed",
    "times",
    "every_s",
)
_NUMBERS = frozenset({"qty", "seconds", "to_pct", "times", "start_in_s", "within_s", "every_s", "if_pct"})
_LISTS = frozenset({"avoid", "places"})


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of the form: `name` as posted ("robot", "step-0-at"), `value` as text ("" for nothing), `step` or
    None.
    """

    name: str
    kind: str
    value: str
    step: int | None = None


def form_fields(plan: Plan) -> list[FormField]:
    """The plan as form fields, mission fields first, then each step's. `plan_from_fields` turns them back."""
    start, deadline, repeat = plan.start or {}, plan.deadline or {}, plan.repeat or {}
    mission: dict[str, Any] = {
        "robot": plan.robot,
        "priority": plan.priority,
        "start_at": start.get("at"),
        "start_in_s": start.get("in_s"),
        "by": deadline.get("by"),
        "within_s": deadline.get("within_s"),
        "avoid": plan.avoid,
        "speed": plan.speed,
        "times": repeat.get("times"),
        "every_s": repeat.get("every_s"),
    }
    out = [FormField(name, _kind(name), _text(mission[name])) for name in _MISSION_FIELDS]
    for n, step in enumerate(plan.steps):
        out.append(FormField(f"step-{n}-op", "op", step.op, n))
        for name in sorted(STEP_FIELDS[step.op]):
            out.append(FormField(f"step-{n}-{name}", _kind(name), _text(getattr(step, name)), n))
        condition = step.condition
        out.append(FormField(f"step-{n}-if", "condition", condition.kind if condition else "", n))
        pct = condition.pct if condition else None
        out.append(FormField(f"step-{n}-if_pct", "number", _text(pct), n))
    return out


def plan_from_fields(fields: dict[str, str]) -> Plan:
    """The plan that posted form fields say. Raises GrammarError (a JSON pointer names the field) for what no plan
    can hold.
    """
    data: Json = {
        "robot": fields.get("robot") or None,
        "priority": fields.get("priority") or "normal",
        "start": _either(fields, "start_at", "at", "start_in_s", "in_s"),
        "deadline": _either(fields, "by", "by", "within_s", "within_s"),
        "avoid": _list(fields.get("avoid", "")),
        "speed": fields.get("speed") or None,
        "repeat": _either(fields, "times", "times", "every_s", "every_s"),
        "steps": [],
    }
    numbers = sorted(
        {
            int(part[1])
            for name in fields
            if (part := name.split("-", 2))[0] == "step"
            and len(part) == 3
            and part[1].isascii()
            and part[1].isdigit()
            and len(part[1]) < 5
        }
    )
    for n in numbers:
        if op := fields.get(f"step-{n}-op"):
            data["steps"].append(_step_fields(fields, n, op))
    return plan_from_json(data)


def _step_fields(fields: dict[str, str], n: int, op: str) -> Json:
    step: Json = {"op": op}
    for name in STEP_FIELDS.get(op, ()):
        text = fields.get(f"step-{n}-{name}", "")
        if text:
            step[name] = _list(text) if name in _LISTS else _value(name, text)
    if kind := fields.get(f"step-{n}-if"):
        step["if"] = {"kind": kind}
        if pct := fields.get(f"step-{n}-if_pct"):
            step["if"]["pct"] = _value("if_pct", pct)
    return step


def _either(fields: dict[str, str], *names: str) -> Json | None:
    """The mapping of whichever form fields are filled; both filled stays both, for the grammar to refuse."""
    found = {
        key: _value(field_name, fields[field_name])
        for field_name, key in zip(names[::2], names[1::2], strict=True)
        if fields.get(field_name)
    }
    return found or None


def _value(name: str, text: str) -> Any:
    """A number where the field is one; text that is none stays text, which the grammar refuses with the field's
    name.
    """
    if name not in _NUMBERS:
        return text
    try:
        return int(text) if text.strip().lstrip("+-").isdigit() else float(text.replace(",", "."))
    except ValueError:
        return text


def _list(text: str) -> list[str]:
    """One id per line: ids may hold commas and spaces, and never a line break."""
    return [line.strip("\r") for line in text.split("\n") if line.strip()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "\n".join(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _kind(name: str) -> str:
    if name in _NUMBERS:
        return "number"
    return {
        "at": "place",
        "places": "places",
        "avoid": "places",
        "item": "item",
        "robot": "robot",
        "start_at": "time",
        "by": "time",
    }.get(name, "choice")


def step_places(step: Step) -> tuple[str, ...]:
    """Every place a step names."""
    return (step.at, *step.places) if step.at is not None else step.places
