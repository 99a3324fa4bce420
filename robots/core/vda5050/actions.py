"""The predefined actions of 2.1 (6.8.1) and 3.0 (6.2.3.1), our two manufacturer actions, and the life of an action.

One name each, that of 3.0; `spoken` and `understood` translate to and from the version a robot speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .messages import Action, ActionParameter, ActionScope, BlockingType
from .reports import ActionDeclaration, ActionStatus, ParameterDeclaration

_N, _E, _I, _Z = ActionScope.NODE, ActionScope.EDGE, ActionScope.INSTANT, ActionScope.ZONE


@dataclass(frozen=True, slots=True)
class ActionRule:
    """`repeatable`: may be sent again unasked, with the same id, until a state names it.

    stopPause is idempotent by the standard and yet not repeatable: sent again after somebody else's startPause it would
    set a held robot in motion; retry and trigger could set off a second one, shutdown a robot that was switched on
    again. `stops`: makes the robot stand; repeated without end. `counter`: takes back what an unconfirmed action of
    that type wanted. `since`: the first version that names it. `older`: its name in 2.x. `pausable`, `cancellable`:
    what our own robots declare (3.0 pauseAllowed, cancelAllowed).
    """

    action_type: str
    scopes: tuple[ActionScope, ...]
    parameters: tuple[ParameterDeclaration, ...] = ()
    repeatable: bool = True
    stops: bool = False
    counter: str = ""
    predefined: bool = True
    since: str = "2.0"
    older: str = ""
    pausable: bool = False
    cancellable: bool = False

    def name(self, version: str) -> str:
        """How `version` calls it."""
        return self.older if self.older and version.startswith("2") else self.action_type

    def declaration(self, blocking_types: tuple[BlockingType, ...] = (), version: str = "3.0") -> ActionDeclaration:
        """This action as a factsheet declares it."""
        if version.startswith("2"):
            scopes = tuple(scope for scope in self.scopes if scope is not _Z)
            parameters = tuple(replace(p, value_type="STRING") if p in _TRIGGER else p for p in self.parameters)
            return ActionDeclaration(self.name(version), scopes, parameters, blocking_types)
        return ActionDeclaration(
            self.action_type,
            self.scopes,
            self.parameters,
            blocking_types,
            pause_allowed=self.pausable,
            cancel_allowed=self.cancellable,
        )


def _text(*keys: str) -> tuple[ParameterDeclaration, ...]:
    """String parameters; a trailing question mark makes one optional."""
    return tuple(ParameterDeclaration(key.rstrip("?"), "STRING", key.endswith("?")) for key in keys)


def _number(*keys: str) -> tuple[ParameterDeclaration, ...]:
    return tuple(ParameterDeclaration(key.rstrip("?"), "NUMBER", key.endswith("?")) for key in keys)


# 2.1 asks for stationType and loadType of pick; 3.0 made them optional, and a factsheet that needs them says so.
_LOAD = _text("lhd?", "stationType?", "stationName?", "loadType?", "loadId?", "side?") + _number("height?", "depth?")
_MAP = _text("mapId", "mapVersion")
_TRIGGER = (ParameterDeclaration("triggerType", "ARRAY"),)
_STATION = _text("stationType?", "stationName?")
_KEYS = _text("service", "keyDownloadLink", "certificateDownloadLink", "certificateAuthorityDownloadLink?")
_Rule = ActionRule

ACTIONS: Mapping[str, ActionRule] = {
    rule.action_type: rule
    for rule in (
        _Rule("pick", (_N, _E), _LOAD, repeatable=False, pausable=True),
        _Rule("drop", (_N, _E), _LOAD, repeatable=False, pausable=True),
        _Rule("startCharging", (_I, _N), counter="stopCharging"),
        _Rule("stopCharging", (_I, _N), counter="startCharging"),
        _Rule("startPause", (_I,), stops=True, counter="stopPause"),
        _Rule("stopPause", (_I,), repeatable=False, counter="startPause"),
        _Rule("cancelOrder", (_I,), _text("orderId?"), stops=True),
        _Rule("stateRequest", (_I,)),
        _Rule("factsheetRequest", (_I,)),
        _Rule("logReport", (_I,), _text("reason")),
        _Rule(
            "initializePosition", (_I, _N), _number("x", "y", "theta") + _text("mapId", "lastNodeId"),
            older="initPosition",
        ),
        _Rule("downloadMap", (_I,), _MAP + _text("mapDownloadLink", "mapHash?"), since="2.1"),
        _Rule("enableMap", (_I, _N), _MAP, since="2.1"),
        _Rule("deleteMap", (_I,), _MAP, since="2.1"),
        _Rule("detectObject", (_N, _E, _Z), _text("objectType?"), pausable=True, cancellable=True),
        _Rule("finePositioning", (_N, _E, _Z), _STATION, pausable=True, cancellable=True),
        _Rule("waitForTrigger", (_N, _Z), _TRIGGER, cancellable=True),
        _Rule("trigger", (_I,), repeatable=False, since="3.0"),
        _Rule("retry", (_I,), _text("actionId"), repeatable=False, since="3.0"),
        _Rule("skipRetry", (_I,), _text("actionId"), since="3.0"),
        _Rule("clearInstantActions", (_I, _N), since="3.0"),
        _Rule("clearZoneActions", (_I, _N), since="3.0"),
        _Rule("startHibernation", (_I, _N), _text("wakeUpTime?"), counter="stopHibernation", since="3.0"),
        _Rule("stopHibernation", (_I,), counter="startHibernation", since="3.0"),
        _Rule("shutdown", (_I,), repeatable=False, since="3.0"),
        _Rule("downloadZoneSet", (_I,), _text("zoneSetId", "zoneSetDownloadLink", "zoneSetHash?"), since="3.0"),
        _Rule("enableZoneSet", (_I, _N), _text("zoneSetId"), since="3.0"),
        _Rule("deleteZoneSet", (_I,), _text("zoneSetId"), since="3.0"),
        _Rule("updateCertificate", (_I,), _KEYS, repeatable=False, since="3.0"),
        _Rule("scan", (_N, _E), _text("stationName?", "target?"), predefined=False, cancellable=True),
        _Rule("inspect", (_N, _E), _text("stationName?", "subject?"), predefined=False, cancellable=True),
    )
}  # fmt: skip
_BY_OLDER_NAME = {rule.older: rule for rule in ACTIONS.values() if rule.older}

# What robot_side answers by itself; every other action goes to the driver.
PROTOCOL_ACTIONS = frozenset({"cancelOrder", "startPause", "stopPause", "stateRequest", "factsheetRequest"})


def rule_of(action_type: str) -> ActionRule | None:
    """The rule of a predefined action by its name in any version, or None."""
    return ACTIONS.get(action_type) or _BY_OLDER_NAME.get(action_type)


def canonical(action_type: str) -> str:
    """The 3.0 name of an action; names of the manufacturer's own are as they are."""
    rule = rule_of(action_type)
    return rule.action_type if rule is not None else action_type


def spoken(action: Action, version: str) -> Action:
    """The action in the words of `version`: its name, and the parameters whose form differs.

    2.x has one triggerType where 3.0 has an array, and no orderId for cancelOrder.
    """
    rule = rule_of(action.action_type)
    if rule is None:
        return action
    parameters = action.parameters
    if rule.action_type == "waitForTrigger":
        parameters = tuple(replace(p, value=_trigger(p.value, version)) for p in parameters)
    elif rule.action_type == "cancelOrder" and version.startswith("2"):
        parameters = tuple(p for p in parameters if p.key != "orderId")
    name = rule.name(version)
    if name == action.action_type and parameters == action.parameters:
        return action
    return replace(action, action_type=name, parameters=parameters)


def understood(action: Action) -> Action:
    """The reverse, for the robot's side: 3.0 name and forms whatever was received."""
    return spoken(action, "3.0")


def _trigger(value: Any, version: str) -> Any:
    if version.startswith("2"):
        return (value[0] if value else "FLEET_CONTROL") if isinstance(value, list | tuple) else value
    return list(value) if isinstance(value, list | tuple) else [value]


_S = ActionStatus
# from -> to (6.11, figure 16; RETRIABLE is 3.0 section 6.6.9, table 13). Short actions may skip states.
TRANSITIONS: Mapping[ActionStatus, frozenset[ActionStatus]] = {
    _S.WAITING: frozenset({_S.INITIALIZING, _S.RUNNING, _S.PAUSED, _S.FINISHED, _S.FAILED}),
    _S.INITIALIZING: frozenset({_S.RUNNING, _S.PAUSED, _S.FINISHED, _S.FAILED, _S.RETRIABLE}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.FINISHED, _S.FAILED, _S.RETRIABLE}),
    _S.PAUSED: frozenset({_S.INITIALIZING, _S.RUNNING, _S.FINISHED, _S.FAILED, _S.RETRIABLE}),
    _S.RETRIABLE: frozenset({_S.INITIALIZING, _S.RUNNING, _S.FINISHED, _S.FAILED}),
    _S.FINISHED: frozenset(),
    _S.FAILED: frozenset(),
}


def may_change(before: ActionStatus, after: ActionStatus) -> bool:
    """Whether one step of the table leads from `before` to `after` (or nothing changes)."""
    return before is after or after in TRANSITIONS[before]


def may_be_seen(before: ActionStatus, after: ActionStatus) -> bool:
    """Whether an observer that may have missed states between can see `after` following `before`."""
    seen = {before}
    frontier = [before]
    while frontier:
        for status in TRANSITIONS[frontier.pop()] - seen:
            seen.add(status)
            frontier.append(status)
    return after in seen


def action(
    action_type: str,
    action_id: str,
    blocking_type: BlockingType = BlockingType.HARD,
    **parameters: object,
) -> Action:
    """Shorthand for an action; `parameters` become key-value pairs in the order given, None left out."""
    pairs = tuple(ActionParameter(key, value) for key, value in parameters.items() if value is not None)
    return Action(action_type, action_id, blocking_type, pairs)


def instant(action_type: str, action_id: str, **parameters: object) -> Action:
    """An instant action that blocks nothing (3.0 section 6.2.1 always; we do it in 2.1 as well)."""
    return action(action_type, action_id, BlockingType.NONE, **parameters)
