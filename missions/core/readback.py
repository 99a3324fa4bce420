"""The plan read back in plain English, so that a person confirms what will be done and not what was typed.

Every field of the plan changes the text: two different canonical plans never read the same (a property test holds
this).
So names that two records share are told apart by their id, and a name is quoted where it could be taken for grammar.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from inference.contract import Condition, Plan, Step

_CONDITION_WORDS = {
    "blocked": "blocked",
    "empty": "empty",
    "missing": "missing",
    "damaged": "damaged",
    "full": "full",
    "ok": "in order",
}


def readback(plan: Plan, names: Mapping[str, str]) -> str:
    """The whole plan as one paragraph. `names` maps ids to names; an id it lacks is shown as it is."""
    lines = step_lines(plan, names)
    label = _Labels(names)
    who = f"Robot {label(plan.robot)}" if plan.robot is not None else "Any free robot"
    steps = " ".join(f"{n}. {line}." for n, line in enumerate(lines, 1))
    return " ".join(part for part in (f"{who}:", steps, *_mission_parts(plan, label)) if part)


def step_lines(plan: Plan, names: Mapping[str, str]) -> list[str]:
    """One line per step, such as "if that was empty, collect 3 × Oats at Inbound 2"."""
    label = _Labels(names)
    return [_condition(step.condition) + _line(step, label) for step in plan.steps]


class _Labels:
    """Names as shown: quoted, with the id beside a name that is missing, shared or unsayable."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.counts = Counter(names.values())

    def __call__(self, identifier: str) -> str:
        name = self.names.get(identifier)
        if name is None:
            return f"[{_quoted(identifier)}]"
        if self.counts[name] > 1:
            return f"{_quoted(name)} [{_quoted(identifier)}]"
        return _quoted(name)


def _quoted(text: str) -> str:
    """A name bare when it is letters, digits, spaces and hyphens; otherwise in quotes with its own quotes doubled."""
    plain = text.strip() == text and text and all(c.isalnum() or c in " -_" for c in text)
    words = set(text.casefold().split())
    if (
        plain
        and "  " not in text
        and not words
        & {"of", "and", "at", "to", "for", "until", "if", "by", "then", "in", "that", "what", "the", "everything"}
    ):
        return text
    return '"' + text.replace('"', '""') + '"'


def _line(step: Step, label: _Labels) -> str:
    at = f" at {label(step.at)}" if step.at is not None else ""
    item = label(step.item) if step.item is not None else None
    if step.op == "move":
        return f"drive to {label(step.at)}" if step.at is not None else "drive"
    if step.op == "pick":
        where = at or " wherever the inventory has it"
        return f"collect {_quantity(step.qty)}{item or 'nothing named'}{where}"
    if step.op == "drop":
        return f"put down {item or 'what is carried'}{at or ' where it then is'}"
    if step.op == "scan":
        return f"scan and count {item or 'everything'}{at or ' where it then is'}"
    if step.op == "inspect":
        return f"look with the camera{f' for {item}' if item else ''}{at or ' where it then is'}"
    if step.op == "wait":
        return "wait until a person confirms" if step.until is not None else f"wait for {duration(step.seconds or 0)}"
    if step.op == "charge":
        level = f" to {_number(step.to_pct)} %" if step.to_pct is not None else ""
        return f"charge{at or ' at the nearest charger'}{level}"
    if step.op == "patrol":
        return f"patrol {', then '.join(label(place) for place in step.places)}{_rounds(step)}"
    return {"report": "report to the requester", "home": "return to its own base"}.get(step.op, step.op)


def _quantity(qty: int | None) -> str:
    return "" if qty is None else f"{qty} × "


def _rounds(step: Step) -> str:
    if step.times is not None:
        return ", once round" if step.times == 1 else f", {step.times} times round"
    if step.seconds is not None:
        return f", for {duration(step.seconds)}"
    return ", until told otherwise or until the deadline"


def _condition(condition: Condition | None) -> str:
    if condition is None:
        return ""
    if condition.kind == "battery_below":
        return f"if the battery is below {_number(condition.pct or 0)} %, "
    return f"if what precedes was found {_CONDITION_WORDS.get(condition.kind, condition.kind)}, "


def _mission_parts(plan: Plan, label: _Labels) -> list[str]:
    parts: list[str] = []
    start, deadline, repeat = plan.start or {}, plan.deadline or {}, plan.repeat or {}
    if "at" in start:
        parts.append(f"Starts at {start['at']}.")
    elif "in_s" in start:
        parts.append(f"Starts in {duration(start['in_s'])}.")
    else:
        parts.append("Starts now.")
    if "by" in deadline:
        parts.append(f"Due by {deadline['by']}.")
    elif "within_s" in deadline:
        parts.append(f"Due within {duration(deadline['within_s'])}.")
    if "times" in repeat:
        parts.append(f"Done {repeat['times']} {'time' if repeat['times'] == 1 else 'times'} in all.")
    elif "every_s" in repeat:
        parts.append(f"Repeated every {duration(repeat['every_s'])}.")
    if plan.priority != "normal":
        parts.append(f"{plan.priority.capitalize()} priority.")
    if plan.speed is not None:
        parts.append(f"Drives {'slowly' if plan.speed == 'slow' else plan.speed}.")
    if plan.avoid:
        parts.append(f"Keeps away from {', and from '.join(label(place) for place in plan.avoid)}.")
    return parts


def duration(seconds: float) -> str:
    """Exact: "1 h 30 min", "45 s"; nothing is rounded away, because the number is what is being confirmed."""
    whole, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(whole), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    if rest or not parts:
        parts.append(f"{_number(rest)} s")
    return " ".join(parts)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


_RESULT_WORDS = {"missing": "not there", "ok": "in order", "programMissing": "the robot had no program"}


def result_words(result: Mapping[str, object]) -> str:
    """What a step found or did, in words; a key that is not known here is shown as it is."""
    parts = []
    for key, value in result.items():
        match key:
            case "result":
                parts.append(f"found {_RESULT_WORDS.get(str(value), value)}")
            case "count":
                parts.append(f"counted {value}")
            case "charging":
                parts.append("charging" if value else "not charging")
            case "battery_pct":
                parts.append(f"battery {float(str(value)):.0f} %" if value is not None else "battery unknown")
            case "rounds":
                parts.append(f"{value} round{'' if value == 1 else 's'}")
            case "because":
                parts.append(f"not needed: {value}")
            case "confirmed":
                parts.append("confirmed by a person")
            case "error":
                parts.append(_RESULT_WORDS.get(str(value), str(value)))
            case "text":
                parts.append(str(value))
            case _:
                parts.append(f"{key}: {value}")
    return ", ".join(parts)
