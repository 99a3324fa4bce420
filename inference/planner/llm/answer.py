"""A model's answer: what came back, strictly decoded. Nothing is trusted and nothing is repaired.

An answer outside the schema, an id or value that was not offered, or a plan outside the closed grammar raises
BadAnswer: whoever served it did not constrain it, and a plan with a part left out is not the plan that was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inference.contract import GrammarError, Json, Named, Plan
from inference.core.grammar import plan_from_json
from inference.planner.llm.schema import ASK_REASONS, REFUSE_REASONS, Offer, Scalar

MAX_ANSWER = 40_000


class BadAnswer(ValueError):
    """An answer that cannot be used; the text says what is wrong with it, without repeating it."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote. `tokens`: its bytes piece by piece with the log-probability of each before any mask, or None
    where they are not known.
    """

    text: str
    tokens: tuple[tuple[bytes, float], ...] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """decision plan: `plan` and the words it declares `unused`; ask: `reason` and `options`; refuse: `reason`."""

    decision: str
    plan: Plan | None = None
    reason: str | None = None
    options: tuple[Named, ...] = ()
    unused: tuple[str, ...] = ()


def decode(text: str, offered: Offer) -> Answer:
    """The answer that `text` says. Raises BadAnswer."""
    answer = _parsed(text)
    decision = answer.get("decision")
    if decision == "plan":
        _only(answer, {"decision", "plan", "unused"})
        return Answer("plan", _plan(answer.get("plan"), offered), unused=_words(answer.get("unused", []), offered))
    if decision == "ask":
        _only(answer, {"decision", "reason", "options"})
        reason = _one_of(answer.get("reason"), ASK_REASONS)
        return Answer("ask", reason=reason, options=_options(answer.get("options", []), offered))
    if decision == "refuse":
        _only(answer, {"decision", "reason"})
        return Answer("refuse", reason=_one_of(answer.get("reason"), REFUSE_REASONS))
    raise BadAnswer("it decides neither plan, ask nor refuse")


def _parsed(text: str) -> Json:
    if len(text) > MAX_ANSWER:
        raise BadAnswer(f"it is longer than {MAX_ANSWER} characters")
    try:
        root = json.loads(text, object_pairs_hook=_without_repetition, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("it is not JSON") from error
    if not isinstance(root, dict) or set(root) != {"answer"} or not isinstance(root["answer"], dict):
        raise BadAnswer('it is not {"answer": ...}')
    return root["answer"]


def _without_repetition(pairs: list[tuple[str, Any]]) -> Json:
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a field is given twice")
    return out


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _only(answer: Json, fields: set[str]) -> None:
    if not set(answer) <= fields:
        raise BadAnswer("it has fields that an answer does not have")


def _one_of(value: object, known: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in known:
        raise BadAnswer("its reason is not one of those there are")
    return value


def _plan(data: object, offered: Offer) -> Plan:
    if not isinstance(data, dict) or not isinstance(data.get("steps"), list):
        raise BadAnswer("its plan is not an object with steps")
    plan = dict(data)
    plan["robot"] = _record(plan.get("robot"), offered.robots)
    plan["avoid"] = _places(plan.get("avoid"), offered)
    for name in ("start", "deadline", "repeat"):
        if plan.get(name) is not None:
            plan[name] = _timing(plan[name], offered)
    plan["steps"] = [_step(step, offered) for step in plan["steps"]]
    try:
        return plan_from_json(plan)
    except GrammarError as error:
        raise BadAnswer(f"its plan is outside the grammar at {error.pointer or '/'}") from error


def _step(data: object, offered: Offer) -> Json:
    if not isinstance(data, dict):
        raise BadAnswer("a step is not an object")
    step = dict(data)
    for key, table in (("at", offered.places), ("item", offered.items)):
        if key in step:
            step[key] = _record(step[key], table)
    if "places" in step:
        step["places"] = _places(step["places"], offered)
    for key, values in (
        ("qty", offered.counts),
        ("times", offered.counts),
        ("seconds", offered.seconds),
        ("to_pct", offered.percents),
    ):
        if key in step:
            step[key] = _value(step[key], values)
    condition = step.get("if")
    if isinstance(condition, dict) and "pct" in condition:
        step["if"] = {**condition, "pct": _value(condition["pct"], offered.percents)}
    return step


def _timing(data: object, offered: Offer) -> Json:
    if not isinstance(data, dict):
        raise BadAnswer("a time is not an object")
    tables = {
        "at": offered.clocks,
        "by": offered.clocks,
        "in_s": offered.seconds,
        "within_s": offered.seconds,
        "every_s": offered.seconds,
        "times": offered.counts,
    }
    if not set(data) <= set(tables):
        raise BadAnswer("a time has fields that it does not have")
    return {key: _value(value, tables[key]) for key, value in data.items()}


def _record(value: object, table: Mapping[str, Named]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in table:
        raise BadAnswer("it names a record that was not offered")
    return table[value].id


def _places(value: object, offered: Offer) -> list[str | None]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadAnswer("places are not a list")
    return [_record(one, offered.places) for one in value]


def _value(value: object, table: Mapping[Scalar, Scalar]) -> Scalar | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str) or value not in table:
        raise BadAnswer("it holds a number or time that the text does not say")
    return table[value]


def _options(value: object, offered: Offer) -> tuple[Named, ...]:
    if not isinstance(value, list):
        raise BadAnswer("its options are not a list")
    tables = (offered.places, offered.items, offered.robots)
    out: dict[str, Named] = {}
    for handle in value:
        found = next((t[handle] for t in tables if isinstance(handle, str) and handle in t), None)
        if found is None:
            raise BadAnswer("an option was not offered")
        out[found.id] = found
    return tuple(out.values())


def _words(value: object, offered: Offer) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word in offered.words for word in value):
        raise BadAnswer("its unused words are not words of the text")
    return tuple(dict.fromkeys(value))
