"""The instant actions that people send to one robot: what each needs, and whether this robot can take it. Pure.

Parameters and versions as in VDA 5050 2.1 section 6.8.1 and 3.0 section 6.2.3. Hold and resume are not here: they take
the stop path.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .status import COMMANDABLE_MODES
from .vda5050.actions import instant, rule_of
from .vda5050.checks import declaration_of
from .vda5050.checks import why_not as refusal
from .vda5050.messages import ActionScope
from .vda5050.reports import Factsheet

MAX_TEXT = 500


@dataclass(frozen=True, slots=True)
class Parameter:
    """`key` as the standard spells it; `number` else text; `choices` empty: any."""

    key: str
    label: str
    number: bool = False
    needed: bool = True

    @property
    def unit(self) -> str:
        return {"x": "m", "y": "m", "theta": "rad"}.get(self.key, "")


@dataclass(frozen=True, slots=True)
class CommandRule:
    """`since`: "2.1" or "3.0". `known`: needs no declaration in a factsheet. `idle`: only without an order.

    `modes`: also sent in these, besides the commandable ones: what makes a robot stand, for the mode known here may be
    old (3.0 6.6.6 takes cancelOrder in INTERVENED as well). `asks`: what a person confirms first, "" = nothing.
    `listed`: in the list on the robot's page.
    """

    kind: str
    label: str
    action_type: str
    parameters: tuple[Parameter, ...] = ()
    since: str = "2.0"
    right: str = "robots"
    known: bool = False
    idle: bool = False
    modes: tuple[str, ...] = ()
    asks: str = ""
    listed: bool = True

    def type_in(self, version: str) -> str:
        """The action type in a version's own word: initializePosition is initPosition before 3.0."""
        known = rule_of(self.action_type)
        return known.name(version) if known is not None else self.action_type


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the robot. `version` as "2.1.0"; `factsheet` None: it has sent none.

    `operating_mode` "" and `connection` "unknown": nothing heard yet. `retriable`: action ids that wait for retry or
    skipRetry; `triggers`: how many waitForTrigger are open.
    """

    version: str
    connection: str = "unknown"
    operating_mode: str = ""
    executing: bool = False
    factsheet: Factsheet | None = None
    trusts_factsheet: bool = True
    retriable: Collection[str] = ()
    triggers: int = 0


_MODES = ("STARTUP", "MANUAL", "SERVICE", "TEACH_IN", "INTERVENED")
_ACTION = (Parameter("actionId", "Action"),)
_MAP = (Parameter("mapId", "Map"), Parameter("mapVersion", "Version of the map"))
_POSE = (
    Parameter("x", "x", number=True), Parameter("y", "y", number=True), Parameter("theta", "Heading", number=True),
    Parameter("mapId", "Map"), Parameter("lastNodeId", "Last node"),
)  # fmt: skip

RULES: Mapping[str, CommandRule] = {
    rule.kind: rule
    for rule in (
        CommandRule(
            "cancel_order", "Cancel its order", "cancelOrder", known=True, modes=_MODES,
            asks="The robot stops and drops its order; the mission's step then fails and is handled by its rules.",
        ),
        CommandRule("state_request", "Ask for its state", "stateRequest", known=True),
        CommandRule("factsheet_request", "Ask for its factsheet", "factsheetRequest", known=True),
        CommandRule("retry", "Retry the action", "retry", _ACTION, since="3.0", known=True, listed=False),
        CommandRule(
            "skip_retry", "Skip the action", "skipRetry", _ACTION, since="3.0", known=True, listed=False,
            asks="The action counts as failed and is not tried again; the mission's step fails with it.",
        ),
        CommandRule("trigger", "Release what waits for a trigger", "trigger", since="3.0"),
        CommandRule(
            "start_hibernation", "Send it to sleep", "startHibernation",
            (Parameter("wakeUpTime", "Wakes up at (UTC)", needed=False),), since="3.0", idle=True,
            asks="It drops any order, sends no more states and answers nothing but being woken up.",
        ),
        CommandRule("stop_hibernation", "Wake it up", "stopHibernation", since="3.0"),
        CommandRule(
            "shutdown", "Shut it down", "shutdown", since="3.0", idle=True,
            asks="It switches off and leaves the broker. Only a person at the robot can start it again.",
        ),
        CommandRule("log_report", "Make a log report", "logReport", (Parameter("reason", "What for"),)),
        CommandRule(
            "init_position", "Set its position", "initializePosition", _POSE, right="floor", idle=True,
            asks="The robot believes it stands there from now on. A wrong position makes it drive into things.",
        ),
        CommandRule(
            "enable_map", "Enable a map version", "enableMap", _MAP, since="2.1", idle=True,
            asks="The robot drives by this version of the map from now on.",
        ),
        CommandRule(
            "download_map", "Download a map", "downloadMap",
            (*_MAP, Parameter("mapDownloadLink", "Address of the file"), Parameter("mapHash", "SHA-256", needed=False)),
            since="2.1",
        ),
        CommandRule(
            "delete_map", "Delete a map version", "deleteMap", _MAP, since="2.1",
            asks="The robot removes this version of the map from its memory.",
        ),
        CommandRule("clear_instant_actions", "Clear finished instant actions", "clearInstantActions", since="3.0"),
        CommandRule("clear_zone_actions", "Clear finished zone actions", "clearZoneActions", since="3.0"),
        CommandRule(
            "update_certificate", "Renew its certificate", "updateCertificate",
            (
                Parameter("service", "Service"), Parameter("keyDownloadLink", "Address of the key"),
                Parameter("certificateDownloadLink", "Address of the certificate"),
                Parameter("certificateAuthorityDownloadLink", "Address of the authority", needed=False),
            ),
            since="3.0", right="configure", listed=False,
            asks="The robot logs in with the new certificate from then on; a wrong one shuts it out.",
        ),
    )
}  # fmt: skip


def read_parameters(rule: CommandRule, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What is sent, in the order of the standard, and what is wrong: key -> text."""
    values: dict[str, Any] = {}
    wrong = {key: "This command has no such value." for key in given if key not in {p.key for p in rule.parameters}}
    for parameter in rule.parameters:
        raw = given.get(parameter.key)
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            if parameter.needed:
                wrong[parameter.key] = "This value is needed."
            continue
        try:
            values[parameter.key] = _number(raw) if parameter.number else _text(raw)
        except ValueError as error:
            wrong[parameter.key] = str(error)
    if not _moment(values.get("wakeUpTime")):
        wrong["wakeUpTime"] = "This must be a time in UTC, such as 2026-05-01T06:00:00Z."
    theta = values.get("theta")
    if theta is not None and abs(theta) > math.pi:
        wrong["theta"] = "A heading lies between -3.1416 and 3.1416 rad."
    return values, wrong


def why_not(rule: CommandRule, now: Situation, values: Mapping[str, Any] | None = None) -> str:
    """Why the robot cannot take this command now, or "". `values` None: parameters are not judged."""
    if now.version[:3] < rule.since and not _declares(rule, now.factsheet):
        return f"VDA 5050 {now.version} has no {rule.action_type}; it came with {rule.since}."
    if text := _not_listening(rule, now):
        return text
    if rule.idle and now.executing:
        return "It has an order. Let it finish or cancel the order first."
    if text := _not_wanted(rule, now, values):
        return text
    return "" if rule.known or not now.trusts_factsheet else _not_declared(rule, now, values)


def _not_listening(rule: CommandRule, now: Situation) -> str:
    hibernating = now.connection == "hibernating"
    if rule.kind == "stop_hibernation":
        return "" if hibernating else "It does not hibernate."
    if hibernating:
        return "It hibernates and answers nothing but being woken up."
    if now.connection in ("offline", "connection_broken"):
        return f"It cannot hear commands: its connection is {now.connection.replace('_', ' ')}."
    if now.operating_mode and now.operating_mode not in (*COMMANDABLE_MODES, *rule.modes):
        return f"It takes no such command in operating mode {now.operating_mode.lower().replace('_', ' ')}."
    return ""


def _not_wanted(rule: CommandRule, now: Situation, values: Mapping[str, Any] | None) -> str:
    if rule.kind == "trigger" and now.triggers != 1:
        return (
            "It waits for several triggers; one releases none by name."
            if now.triggers
            else ("It does not wait for a trigger.")
        )
    if rule.kind in ("retry", "skip_retry"):
        if not now.retriable:
            return "No action of it waits for a decision."
        if values is not None and values.get("actionId") not in now.retriable:
            return "This action does not wait for a decision any more."
    return ""


def _not_declared(rule: CommandRule, now: Situation, values: Mapping[str, Any] | None) -> str:
    sheet = now.factsheet
    if sheet is None:
        return "It has sent no factsheet, so nobody knows whether it can do this. Ask for its factsheet first."
    if not _declares(rule, sheet):
        return f"Its factsheet does not declare {rule.type_in(now.version)} as an instant action."
    bad = (
        "" if values is None else refusal(instant(rule.type_in(now.version), "x", **values), ActionScope.INSTANT, sheet)
    )
    return f"Its factsheet rules this out: {bad}." if bad else ""


def _declares(rule: CommandRule, sheet: Factsheet | None) -> bool:
    found = declaration_of(rule.action_type, sheet) if sheet is not None else None
    return found is not None and ActionScope.INSTANT in found.scopes


def _moment(text: str | None) -> bool:
    if text is None:
        return True
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return False
    return at.utcoffset() == timedelta(0)


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise ValueError("This must be a number.")
    try:
        value = float(raw.strip().replace(",", ".")) if isinstance(raw, str) else float(raw)
    except ValueError:
        raise ValueError("This must be a number.") from None
    if not math.isfinite(value) or abs(value) > 1e6:
        raise ValueError("This must be a number between -1000000 and 1000000.")
    return value


def _text(raw: Any) -> str:
    text = raw.strip() if isinstance(raw, str) else ""
    if not text or len(text) > MAX_TEXT or any(ord(letter) < 32 for letter in text):
        raise ValueError(f"This must be a text of 1 to {MAX_TEXT} characters on one line.")
    return text
