"""The plan read back in plain words, so that a person confirms what will be done and not what was typed.

Every field of the plan changes the text: two different canonical plans never read the same (a property test holds
this).
So names that two records share are told apart by their id, and a name is quoted where it could be taken for grammar.
`language` picks the table of `wording`; English is what is kept and what programs get.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from inference.contract import Condition, Plan, Step

from .wording import ENGLISH, WORDINGS, Wording


def readback(plan: Plan, names: Mapping[str, str], language: str = "en") -> str:
    """The whole plan as one paragraph. `names` maps ids to names; an id it lacks is shown as it is."""
    lines = step_lines(plan, names, language)
    label = _Labels(names, WORDINGS[language])
    who = label.words.robot.format(name=label(plan.robot)) if plan.robot is not None else label.words.anyone
    steps = " ".join(f"{n}. {line}." for n, line in enumerate(lines, 1))
    return " ".join(part for part in (f"{who}:", steps, *_mission_parts(plan, label)) if part)


def step_lines(plan: Plan, names: Mapping[str, str], language: str = "en") -> list[str]:
    """One line per step, such as "if that was empty, collect 3 × Oats at Inbound 2"."""
    label = _Labels(names, WORDINGS[language])
    return [_condition(step.condition, label.words) + _line(step, label) for step in plan.steps]


class _Labels:
    """Names as shown: quoted, with the id beside a name that is missing, shared or unsayable."""

    def __init__(self, names: Mapping[str, str], words: Wording) -> None:
        self.names = names
        self.words = words
        self.counts = Counter(names.values())

    def __call__(self, identifier: str) -> str:
        name = self.names.get(identifier)
        if name is None:
            return f"[{self._quoted(identifier)}]"
        if self.counts[name] > 1:
            return f"{self._quoted(name)} [{self._quoted(identifier)}]"
        return self._quoted(name)

    def _quoted(self, text: str) -> str:
        """Bare when it is letters, digits, spaces and hyphens; otherwise in quotes with its own quotes doubled."""
        plain = text.strip() == text and text and all(c.isalnum() or c in " -_" for c in text)
        if plain and "  " not in text and not set(text.casefold().split()) & self.words.grammar:
            return text
        return '"' + text.replace('"', '""') + '"'


def _line(step: Step, label: _Labels) -> str:
    words = label.words
    at = words.at.format(place=label(step.at)) if step.at is not None else ""
    item = label(step.item) if step.item is not None else None
    match step.op:
        case "move":
            return words.drive_to.format(place=label(step.at)) if step.at is not None else words.drive
        case "pick":
            quantity = "" if step.qty is None else f"{step.qty} × "
            return words.collect.format(what=quantity + (item or words.unnamed), where=at or words.anywhere)
        case "drop":
            return words.put_down.format(what=item or words.carried, where=at or words.here)
        case "scan":
            return words.scan.format(what=item or words.everything, where=at or words.here)
        case "inspect":
            what = words.look_for.format(item=item) if item else ""
            return words.look.format(what=what, where=at or words.here)
        case "wait":
            seconds = duration(step.seconds or 0, words.decimal)
            return words.confirm if step.until is not None else words.wait.format(time=seconds)
        case "charge":
            level = words.level.format(pct=_number(step.to_pct, words.decimal)) if step.to_pct is not None else ""
            return words.charge.format(where=at or words.nearest, level=level)
        case "patrol":
            places = words.then.join(label(place) for place in step.places)
            return words.patrol.format(places=places, rounds=_rounds(step, words))
    return words.plain.get(step.op, step.op)


def _rounds(step: Step, words: Wording) -> str:
    if step.times is not None:
        return words.once if step.times == 1 else words.rounds.format(times=step.times)
    if step.seconds is not None:
        return words.lasting.format(time=duration(step.seconds, words.decimal))
    return words.endless


def _condition(condition: Condition | None, words: Wording) -> str:
    if condition is None:
        return ""
    if condition.kind == "battery_below":
        return words.if_battery.format(pct=_number(condition.pct or 0, words.decimal))
    return words.if_found.format(found=words.conditions.get(condition.kind, condition.kind))


def _mission_parts(plan: Plan, label: _Labels) -> list[str]:
    words = label.words
    parts = [_start(plan.start or {}, words)]
    deadline, repeat = plan.deadline or {}, plan.repeat or {}
    if "by" in deadline:
        parts.append(words.due_by.format(by=deadline["by"]))
    elif "within_s" in deadline:
        parts.append(words.due_within.format(time=duration(deadline["within_s"], words.decimal)))
    if "times" in repeat:
        form = words.once_in_all if repeat["times"] == 1 else words.times_in_all
        parts.append(form.format(times=repeat["times"]))
    elif "every_s" in repeat:
        parts.append(words.every.format(time=duration(repeat["every_s"], words.decimal)))
    if plan.priority != "normal":
        parts.append(words.priority.get(plan.priority, f"{plan.priority.capitalize()} priority."))
    if plan.speed is not None:
        parts.append(words.speed.get(plan.speed, f"Drives {plan.speed}."))
    if plan.avoid:
        parts.append(words.avoid.format(places=words.and_from.join(label(place) for place in plan.avoid)))
    return parts


def _start(start: Mapping[str, object], words: Wording) -> str:
    if "at" in start:
        return words.starts_at.format(at=start["at"])
    if "in_s" in start:
        return words.starts_in.format(time=duration(float(str(start["in_s"])), words.decimal))
    return words.starts_now


def duration(seconds: float, decimal: str = ".") -> str:
    """Exact: "1 h 30 min", "45 s"; nothing is rounded away, because the number is what is being confirmed."""
    whole, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(whole), 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    if rest or not parts:
        parts.append(f"{_number(rest, decimal)} s")
    return " ".join(parts)


def _number(value: float, decimal: str = ".") -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value)).replace(".", decimal)


def result_words(result: Mapping[str, object], language: str = "en") -> str:
    """What a step found or did, in words; a key that is not known here is shown as it is."""
    words = WORDINGS.get(language, ENGLISH)
    parts = []
    for key, value in result.items():
        match key:
            case "result":
                parts.append(words.found.format(result=words.results.get(str(value), value)))
            case "count":
                parts.append(words.counted.format(n=value))
            case "charging":
                parts.append(words.charging[0 if value else 1])
            case "battery_pct":
                known = value is not None
                parts.append(words.battery.format(pct=f"{float(str(value)):.0f}") if known else words.battery_unknown)
            case "rounds":
                parts.append(words.round_[0 if value == 1 else 1].format(n=value))
            case "because":
                parts.append(words.because.format(why=value))
            case "confirmed":
                parts.append(words.confirmed)
            case "error":
                parts.append(words.results.get(str(value), str(value)))
            case "text":
                parts.append(str(value))
            case _:
                parts.append(f"{key}: {value}")
    return ", ".join(parts)
