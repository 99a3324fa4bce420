"""Instant actions for one robot: what may be sent now, and what is sent again until a state names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import actions as rules
from . import checks
from .codec import INTERNAL, decode_body, encode_body
from .error_types import Fault, fault_of, text_of
from .errors import LocalProtocolError
from .events import FleetEvent, InstantRejected, InstantUnconfirmed
from .messages import Action, InstantActions
from .reports import ActionState, ActionStatus, Error, Factsheet, OperatingMode, State
from .topics import Topic, valid_id

FIRST_RESEND_S = 1.0
LONGEST_RESEND_S = 16.0
TRIES = 6
FINAL_KEPT = 20
"""So many ended instant actions may stand in a state before they are cleared (D89)."""
NEARLY_FULL = 0.8
_TOPICS = ("instantAction", "instantActions")
_QUESTIONS = ("stateRequest", "factsheetRequest")
_AUTOMATIC = (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC)


@dataclass(slots=True)
class Resend:
    """When something unconfirmed leaves again: after 1, 2, 4, ... 16 s."""

    sent_at: float = 0.0
    tries: int = 0

    def due(self, now: float) -> bool:
        wait = min(FIRST_RESEND_S * 2 ** min(self.tries - 1, 10), LONGEST_RESEND_S)
        return self.tries == 0 or now - self.sent_at >= wait or now < self.sent_at

    def sent(self, now: float) -> None:
        self.sent_at = now
        self.tries += 1


@dataclass(slots=True)
class Asked:
    action: Action
    resend: Resend = field(default_factory=Resend)
    header_ids: list[int] = field(default_factory=list)


class InstantBook:
    """What was asked for and no state has named yet, by action id."""

    def __init__(self) -> None:
        self.asked: dict[str, Asked] = {}
        self._saved: tuple[str, ...] = ()

    @property
    def unsaved(self) -> bool:
        """Whether other actions are open than in the last snapshot, from which they would be sent again."""
        return self._saved != tuple(self.asked)

    def hold(self, action: Action) -> Asked:
        """Note an action; it leaves when it may. What it takes back is not repeated any more."""
        rule = rules.rule_of(action.action_type)
        if rule is not None and rule.counter:
            overtaken = [k for k, asked in self.asked.items() if asked.action.action_type == rule.counter]
            for action_id in overtaken:
                del self.asked[action_id]
        return self.asked.setdefault(action.action_id, Asked(action))

    def take(self, action: Action, now: float) -> Asked:
        """Note an action that is being sent."""
        found = self.hold(action)
        found.resend.sent(now)
        return found

    def named(self, states: Sequence[ActionState]) -> None:
        """A state names them: they arrived."""
        for action in states:
            self.asked.pop(action.action_id, None)

    def refused(self, errors: Sequence[Error]) -> list[FleetEvent]:
        """3.0 6.2.1: errors that say of one of them that the robot cannot do it, by action id or else by header."""
        events: list[FleetEvent] = []
        for error in errors:
            action_id = error.reference("actionId")
            if action_id is None and error.reference("topic") in _TOPICS:
                header_id = error.reference("headerId") or ""
                owners = [k for k, asked in self.asked.items() if header_id in map(str, asked.header_ids)]
                action_id = owners[0] if len(owners) == 1 else None
            elif fault_of(error.error_type) is not Fault.INVALID_INSTANT_ACTION:
                continue
            asked = self.asked.pop(action_id, None) if action_id is not None else None
            if asked is not None:
                said = text_of(error)
                events.append(InstantRejected(asked.action.action_id, asked.action.action_type, said))
        return events

    def drop(self, *action_types: str) -> None:
        for action_id in [k for k, asked in self.asked.items() if asked.action.action_type in action_types]:
            del self.asked[action_id]

    def due(self, now: float, held: Held) -> tuple[list[Asked], list[FleetEvent]]:
        """What leaves again now, and what is given up."""
        again: list[Asked] = []
        events: list[FleetEvent] = []
        for action_id, asked in list(self.asked.items()):
            if not asked.resend.due(now) or held.back(asked.action):
                continue
            rule = rules.rule_of(asked.action.action_type)
            endless = rule is not None and rule.stops
            spent = not _repeatable(asked.action) or (asked.resend.tries >= TRIES and not endless)
            if spent:
                del self.asked[action_id]
                events.append(InstantUnconfirmed(action_id, asked.action.action_type))
                continue
            again.append(asked)
        return again, events

    def snapshot(self) -> list[dict[str, Any]]:
        self._saved = tuple(self.asked)
        return [{"body": encode_body(InstantActions((asked.action,)), INTERNAL)} for asked in self.asked.values()]

    def restore(self, saved: Sequence[Mapping[str, Any]]) -> None:
        """What was unconfirmed leaves again at the next tick; what must not be repeated is forgotten, for it left."""
        self.asked = {}
        for item in saved:
            old = "body" not in item
            body = {"actions": [item]} if old else item["body"]
            message = decode_body(Topic.INSTANT_ACTIONS, body, "2.1.0" if old else INTERNAL)
            if isinstance(message, InstantActions):
                self.asked |= {action.action_id: Asked(action) for action in message.actions if _repeatable(action)}
        self._saved = tuple(self.asked)


def _repeatable(action: Action) -> bool:
    """What the manufacturer made up is sent once: nobody knows what a second one does."""
    rule = rules.rule_of(action.action_type)
    return rule is not None and rule.repeatable


@dataclass(frozen=True, slots=True)
class Held:
    """What keeps instant actions back: the mode the robot last reported, and hibernation."""

    mode: OperatingMode | None = None
    hibernating: bool = False

    def back(self, action: Action) -> bool:
        """Whether this one is not to be sent now.

        What makes a robot stand is sent in every mode: the mode known here may be old, and a stop asks nobody.
        """
        if self.hibernating:
            return action.action_type != "stopHibernation"
        rule = rules.rule_of(action.action_type)
        if rule is not None and rule.stops:
            return False
        return self.mode is not None and self.mode not in _AUTOMATIC

    def check(self, action: Action) -> None:
        """Raises LocalProtocolError when it is held back (D90, D102, D103).

        Stops, and questions that ask nothing of the robot but an answer, are taken and leave when the robot is back.
        """
        rule = rules.rule_of(action.action_type)
        if not self.back(action) or (rule is not None and (rule.stops or rule.action_type in _QUESTIONS)):
            return
        if self.hibernating:
            raise LocalProtocolError(f"the robot hibernates and answers stopHibernation only, not {action.action_type}")
        raise LocalProtocolError(f"operating mode {self.mode} takes no instant action but cancelOrder")


def check_ids(actions: Sequence[Action]) -> None:
    """Raises LocalProtocolError for an empty list or an id that 6.1.2 does not permit."""
    if not actions:
        raise LocalProtocolError("instantActions needs at least one action")
    for action in actions:
        if not valid_id(action.action_id):
            raise LocalProtocolError(f"actionId {action.action_id!r} may only have letters, digits and _ - . :")


def check_version(action: Action, version: str, sheet: Factsheet | None) -> None:
    """Raises LocalProtocolError for an action of a later version, unless the robot declares it all the same."""
    rule = rules.rule_of(action.action_type)
    if rule is None or not rule.predefined or version >= rule.since:
        return
    if sheet is None or checks.declaration_of(action.action_type, sheet) is None:
        raise LocalProtocolError(f"{action.action_type} came with VDA 5050 {rule.since}, the robot speaks {version}")


def check_situation(action: Action, state: State | None) -> None:
    """What needs something in the robot's state: retry and skipRetry an action that waits for it, trigger exactly one
    open waitForTrigger (it says of none which it releases), shutdown an idle robot. Raises LocalProtocolError."""
    states = () if state is None else state.all_action_states + state.zone_action_states
    if action.action_type in ("retry", "skipRetry"):
        wanted = action.parameter("actionId")
        found = next((a for a in states if a.action_id == wanted), None)
        if found is None or found.status is not ActionStatus.RETRIABLE:
            raise LocalProtocolError(f"action {wanted} does not wait for a retry; it has to be RETRIABLE")
    elif action.action_type == "trigger":
        waiting = [a.action_id for a in states if a.action_type == "waitForTrigger" and a.status.in_progress]
        if len(waiting) != 1:
            text = f"{len(waiting)} wait" if waiting else "none waits"
            raise LocalProtocolError(f"trigger releases the one open waitForTrigger of a robot, and {text} now")
    elif action.action_type == "shutdown" and state is not None and state.executing:
        raise LocalProtocolError("only an idle robot can be shut down; wait for the end of its order or cancel it")


def to_clear(state: State, sheet: Factsheet | None) -> tuple[str, ...]:
    """clearInstantActions and clearZoneActions where the robot's lists grow (D89).

    Only where the factsheet declares the action, or the robot itself says that the list is full.
    """
    found: list[str] = []
    for name, states, limit, fault in (
        ("clearInstantActions", state.instant_action_states, "state.instantActionStates", _INSTANTS_FULL),
        ("clearZoneActions", state.zone_action_states, "state.zoneActionStates", _ZONES_FULL),
    ):
        ended = sum(action.status.final for action in states)
        most = sheet.maximum_array_lengths.get(limit, 0) if sheet is not None else 0
        room = min(FINAL_KEPT, most * NEARLY_FULL) if most else FINAL_KEPT
        declared = sheet is not None and sheet.action(name) is not None
        full = any(fault_of(error.error_type) is fault for error in state.errors)
        if ended and (full or (declared and len(states) >= room)):
            found.append(name)
    return tuple(found)


_INSTANTS_FULL, _ZONES_FULL = Fault.INSTANT_ACTION_STATES_FULL, Fault.ZONE_ACTION_STATES_FULL
