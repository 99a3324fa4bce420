"""The dialogs of a robot's page that ask for a command's values and reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.accounts.access import Actor, can
from robots.core.commands import RULES, CommandRule
from robots.errors import CommandInvalid, CommandRefused
from robots.models import Robot

from .here import roles_text
from .robot_reports import BUTTONS


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that was refused, and what was typed for it."""

    kind: str
    values: Mapping[str, str]
    reason: str
    error: CommandInvalid | CommandRefused


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    label: str
    unit: str
    needed: bool
    number: bool
    value: str
    wrong: str


@dataclass(frozen=True, slots=True)
class CommandForm:
    """`open`: shown at once, with `refused` and what was typed."""

    rule: CommandRule
    fields: tuple[Field, ...]
    may: bool
    who: str
    open: bool = False
    refused: str = ""
    reason: str = ""


def kinds(robot: Robot) -> list[str]:
    """Those that have a dialog for a robot of this version, whether it can take them just now or not."""
    return [
        rule.kind
        for rule in RULES.values()
        if rule.listed and rule.kind not in BUTTONS and rule.since <= robot.type.protocol
    ]


def forms(robot: Robot, actor: Actor, asked: Asked | None = None) -> list[CommandForm]:
    return [_form(RULES[kind], robot, actor, asked if asked and asked.kind == kind else None) for kind in kinds(robot)]


def _form(rule: CommandRule, robot: Robot, actor: Actor, asked: Asked | None) -> CommandForm:
    values = asked.values if asked else _known(rule, robot)
    wrong = asked.error.fields if asked else {}
    fields = tuple(
        Field(p.key, p.label, p.unit, p.needed, p.number, str(values.get(p.key, "")), wrong.get(p.key, ""))
        for p in rule.parameters
    )
    refused = asked.error.message if asked and not wrong else ""
    may, who = can(actor, rule.right, robot.site), roles_text(rule.right)
    return CommandForm(rule, fields, may, who, asked is not None, refused, asked.reason if asked else "")


def _known(rule: CommandRule, robot: Robot) -> Mapping[str, str]:
    """What the robot says itself is where a person begins."""
    state = getattr(robot, "state", None)
    if rule.kind != "init_position" or state is None:
        return {}
    numbers = {"x": state.x, "y": state.y, "theta": state.theta}
    known = {key: f"{value:.2f}" for key, value in numbers.items() if value is not None}
    return known | {"mapId": state.map_id, "lastNodeId": state.last_node_id}
