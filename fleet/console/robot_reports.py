"""What one robot reports, made fit for people: errors with their links, actions that wait, versions, bad messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from missions.models import Attempt, Step
from robots.commanding import OPEN_STATES, RETRYING, offered, situation_of
from robots.core.readable import changes, readable
from robots.core.vda5050.reports import ErrorLevel
from robots.models import BadMessage, Command, Factsheet, LinkMember, Robot, RobotLink, RobotState
from robots.robot_wire import information_json

LEVELS = tuple(str(level) for level in (ErrorLevel.FATAL, ErrorLevel.CRITICAL, ErrorLevel.URGENT, ErrorLevel.WARNING))
BAD_SHOWN = 10
SHEETS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Reference:
    """What an error points at. `address`: a page; `node` or `edge`: a place on the map of this page."""

    key: str
    value: str
    text: str = ""
    address: str = ""
    node: str = ""
    edge: str = ""


@dataclass(frozen=True, slots=True)
class ErrorShown:
    type: str
    level: str
    text: str
    hint: str
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An action in RETRIABLE. `asked`: the command that decides it already."""

    action_id: str
    action_type: str
    result: str
    step: Step | None
    asked: Command | None


@dataclass(frozen=True, slots=True)
class BadShown:
    row: BadMessage
    payload: str


def context(robot: Robot, now: datetime) -> dict[str, Any]:
    """What the templates `_robot_reports` and `_robot_link` show of one robot (fetched with type and state)."""
    state: RobotState = getattr(robot, "state", None) or RobotState(robot=robot)
    situation = situation_of(robot)
    sheets = list(Factsheet.objects.filter(robot=robot)[:SHEETS_SHOWN])
    waiting = [row for row in state.action_states if row.get("status") == "RETRIABLE"]
    steps = _steps(_ids(state.errors, ("orderId", "actionId")) | {str(row.get("action_id", "")) for row in waiting})
    served = RobotLink.objects.filter(robot=robot).first()
    member = LinkMember.objects.filter(name=served.member).first() if served else None
    bad = BadMessage.objects.filter(robot=robot)
    return {
        "state": state,
        "faults": errors_shown(state.errors, steps),
        "undecided": _undecided(robot, waiting, steps),
        "information": [information_json(row) for row in state.information],
        "software": list(situation.factsheet.versions) if situation.factsheet else [],
        "sheets": sheets,
        "sheet_changes": changes(sheets[1].document, sheets[0].document) if len(sheets) > 1 else [],
        "served": served,
        "served_ends": member is None or member.until < now,
        "clock_off": None if state.clock_offset is None else abs(state.clock_offset),
        "clock_ahead": (state.clock_offset or 0.0) > 0,
        "bad_messages": [BadShown(row, readable(bytes(row.payload))) for row in bad[:BAD_SHOWN]],
        "bad_total": bad.count(),
        "offered": [(rule, why) for rule, why in offered(situation) if rule.kind not in BUTTONS],
        "planned": points(state.planned_path),
        "intermediate": points(state.intermediate_path),
    }


BUTTONS = ("state_request", "factsheet_request", "cancel_order")
"""These have buttons of their own on the page."""


def errors_shown(errors: Sequence[Mapping[str, Any]], steps: Mapping[str, Step]) -> list[ErrorShown]:
    """The gravest first, in the reader's language where the robot speaks it (3.0 6.6.5.2)."""
    shown = [
        ErrorShown(
            str(row.get("type") or ""),
            str(row.get("level") or "").upper(),
            in_language(row.get("descriptions"), str(row.get("description") or "")),
            in_language(row.get("hints"), str(row.get("hint") or "")),
            tuple(reference(pair, steps) for pair in row.get("references") or () if isinstance(pair, Mapping)),
        )
        for row in errors
    ]
    return sorted(shown, key=lambda row: LEVELS.index(row.level) if row.level in LEVELS else len(LEVELS))


def in_language(texts: Any, plain: str) -> str:
    """Of {language: text} the reader's, else the plain text, else English, else any."""
    if not isinstance(texts, Mapping):
        return plain
    known = {str(language).lower()[:2]: str(text) for language, text in texts.items() if text}
    mine = known.get((get_language() or "en")[:2])
    return mine or plain or known.get("en") or next(iter(known.values()), "")


def reference(pair: Mapping[str, Any], steps: Mapping[str, Step]) -> Reference:
    """An order or action of ours leads to its mission's step, a node or edge to the map."""
    key, value = str(pair.get("key") or ""), str(pair.get("value") or "")
    if key in ("orderId", "actionId") and (step := steps.get(_step_of(value))):
        address = f"{reverse('mission', args=[step.mission.public_id])}#step-{step.index + 1}"
        return Reference(key, value, f"{step.mission.label}: {step.line}", address)
    return Reference(key, value, node=value if key == "nodeId" else "", edge=value if key == "edgeId" else "")


def points(path: Sequence[Sequence[Any]]) -> str:
    """A path as the map reads it from the part: "x,y;x,y" in m."""
    pairs = ((row[0], row[1]) for row in path if len(row) > 1)
    return ";".join(f"{float(x):.2f},{float(y):.2f}" for x, y in pairs if _number(x) and _number(y))


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _undecided(robot: Robot, rows: Sequence[Mapping[str, Any]], steps: Mapping[str, Step]) -> list[Waiting]:
    if not rows:
        return []
    commands = Command.objects.filter(robot=robot, kind__in=RETRYING, state__in=OPEN_STATES)
    asked = {command.parameters.get("actionId"): command for command in commands}
    return [
        Waiting(
            action := str(row.get("action_id") or ""),
            str(row.get("action_type") or ""),
            str(row.get("result") or ""),
            steps.get(_step_of(action)),
            asked.get(action),
        )
        for row in rows
    ]


def _ids(errors: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> set[str]:
    pairs = (pair for row in errors for pair in row.get("references") or () if isinstance(pair, Mapping))
    return {str(pair.get("value") or "") for pair in pairs if pair.get("key") in keys}


def _step_of(ident: str) -> str:
    """An order is called `<attempt>.<step>.<number>`, its actions `<order>...`."""
    return ".".join(ident.split(".")[:2])


def _steps(idents: set[str]) -> dict[str, Step]:
    wanted = {_step_of(ident) for ident in idents if ident.count(".") >= 1}
    attempts = Attempt.objects.filter(public_id__in={name.split(".")[0] for name in wanted})
    found: dict[str, Step] = {}
    for attempt in attempts.select_related("mission").prefetch_related("mission__steps") if wanted else ():
        for step in attempt.mission.steps.all():
            if (name := f"{attempt.public_id}.{step.index}") in wanted:
                found[name] = step
    return found
