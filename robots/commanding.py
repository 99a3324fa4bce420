"""Instant actions that people send to one robot: judged by what is known, sent by link, followed by its reports."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import transaction

from fleet.accounts.rights import Actor
from fleet.ledger import services as ledger
from fleet.outbox.services import post

from .broker.certificates import redacted, why_no_update
from .core.commands import RULES, CommandRule, Situation, read_parameters, why_not
from .core.vda5050.actions import instant
from .core.vda5050.codec import INTERNAL, decode_body, encode_body
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.messages import InstantActions
from .core.vda5050.reports import Factsheet as Sheet
from .core.vda5050.topics import Topic
from .errors import CommandInvalid, CommandRefused
from .live import page_changed
from .models import Command, Factsheet, Robot

FINAL = ("FINISHED", "FAILED")
OPEN_STATES = ("created", "sent", "acknowledged")
RETRYING = ("retry", "skip_retry")


def command(
    *, robot: Robot, kind: str, actor: Actor | str, reason: str = "", parameters: Mapping[str, Any] | None = None
) -> Command:
    """Ask one robot for something, by a kind of `core.commands.RULES`; link sends it and follows it.

    The same again while it is open gives the command that is there. Hold and resume are not made here: they take the
    stop path (`robots.stop`). Raises CommandRefused (why this robot cannot), CommandInvalid (what is wrong with which
    value) and ValueError (no such kind). Where a key lies is sent and kept nowhere.
    """
    if kind not in RULES:
        raise ValueError(f"{kind!r} is not one of {', '.join(RULES)}")
    rule = RULES[kind]
    values, wrong = read_parameters(rule, parameters or {})
    if wrong:
        raise CommandInvalid(f"{rule.label}: a value will not do.", fields=wrong)
    kept = redacted(values)
    with transaction.atomic():
        rows = Robot.objects.select_for_update(of=("self",), no_key=True).select_related("site", "type")
        robot = rows.get(pk=robot.pk)
        if (same := _open(robot, kind, kept)) is not None:
            return same
        if text := why_not(rule, situation_of(robot), values) or _in_the_clear(kind, values):
            raise CommandRefused(f"{robot.name}: {text}")
        made = Command.objects.create(
            robot=robot, kind=kind, parameters=kept, action_id=str(uuid.uuid4()),
            actor=actor if isinstance(actor, str) else actor.name, reason=reason[:300],
        )  # fmt: skip
        action = instant(rule.action_type, made.action_id, **values)
        post(
            kind="mqtt",
            payload={
                "robot": robot.pk,
                "type": "instantActions",
                "body": encode_body(InstantActions((action,)), INTERNAL),
                "version": INTERNAL,
            },
            key=f"command:{made.public_id}",
        )
        page_changed(robot.site_id, f"robot:{robot.public_id}")
        ledger.record(
            action=f"robot.{kind}",
            actor=actor,
            site=robot.site,
            target=("robot", robot.public_id),
            after=kept or None,
            reason=reason,
        )
    return made


def _in_the_clear(kind: str, values: Mapping[str, Any]) -> str:
    """Why a certificate must not be renewed over this broker, or ""."""
    text = why_no_update(settings.MQTT_URL, values) if kind == "update_certificate" else ""
    return text[:1].upper() + text[1:]


def offered(situation: Situation) -> list[tuple[CommandRule, str]]:
    """The commands for the robot's page, each with why it cannot be given now, or "".

    One that its version or its factsheet lacks is not there at all.
    """
    able = Situation(
        version=situation.version,
        connection="online",
        operating_mode="AUTOMATIC",
        factsheet=situation.factsheet,
        trusts_factsheet=situation.trusts_factsheet,
        triggers=1,
    )
    rules = [rule for rule in RULES.values() if rule.listed]
    hibernates = replace(able, connection="hibernating")
    return [
        (rule, why_not(rule, situation))
        for rule in rules
        if not why_not(rule, hibernates if rule.kind == "stop_hibernation" else able)
    ]


def situation_of(robot: Robot) -> Situation:
    """What is known of the robot (fetched with its type), as far as a command depends on it. Two queries."""
    state = getattr(robot, "state", None)
    version, trusts = robot.type.protocol, robot.type.trust_factsheet
    sheet = last_sheet(robot)
    if state is None:
        return Situation(version=version, factsheet=sheet, trusts_factsheet=trusts)
    ours = set(Command.objects.filter(robot=robot, state__in=OPEN_STATES).values_list("action_id", flat=True))
    doing = [row for row in state.action_states if row.get("status") not in FINAL and row.get("action_id") not in ours]
    return Situation(
        version=version,
        connection=state.connection,
        operating_mode=state.operating_mode,
        executing=bool(state.node_states) or bool(doing),
        factsheet=sheet,
        trusts_factsheet=trusts,
        retriable=tuple(str(row.get("action_id")) for row in doing if row.get("status") == "RETRIABLE"),
        triggers=sum(row.get("action_type") == "waitForTrigger" for row in doing),
    )


def last_sheet(robot: Robot) -> Sheet | None:
    """Its newest factsheet, read; None when there is none or it cannot be read any more."""
    row = Factsheet.objects.filter(robot=robot).first()
    if row is None:
        return None
    try:
        found = decode_body(Topic.FACTSHEET, row.document, row.version)
    except LocalProtocolError:
        return None
    return found if isinstance(found, Sheet) else None


def _open(robot: Robot, kind: str, values: Mapping[str, Any]) -> Command | None:
    """The same command while it runs. Raises CommandRefused when the other decision about the action was taken."""
    rows = Command.objects.filter(robot=robot, state__in=OPEN_STATES)
    if kind in RETRYING:
        for other in rows.filter(kind__in=RETRYING, parameters__actionId=values["actionId"]).exclude(kind=kind):
            word = "retry" if other.kind == "retry" else "skip"
            raise CommandRefused(f"{robot.name}: {other.actor} has asked to {word} this action already.")
    return rows.filter(kind=kind, parameters=values).first()
