"""The predefined actions (2.1 section 6.8.1), our two manufacturer actions, and the life of an action (6.11)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .messages import Action, ActionParameter, ActionScope, BlockingType
from .reports import ActionDeclaration, ActionStatus, ParameterDeclaration

_N, _E, _I = ActionScope.NODE, ActionScope.EDGE, ActionScope.INSTANT


@dataclass(frozen=True, slots=True)
class ActionRule:
    """`repeatable`: may be sent again unasked, with the same id, until a state names it.

    stopPause is idempotent by the standard and yet not repeatable: sent again after somebody else's startPause it would
    set a held robot in motion. `stops`: makes the robot stand; repeated without end. `counter`: takes back what an
    unconfirmed action of that type wanted.
    """

    action_type: str
    scopes: tuple[ActionScope, ...]
    parameters: tuple[ParameterDeclaration, ...] = ()
    repeatable: bool = True
    stops: bool = False
    counter: str = ""
    predefined: bool = True

    def declaration(self, blocking_types: tuple[BlockingType, ...] = ()) -> ActionDeclaration:
        """This action as a factsheet declares it."""
        return ActionDeclaration(self.action_type, self.scopes, self.parameters, blocking_types)


def _text(*keys: str) -> tuple[ParameterDeclaration, ...]:
    """String parameters; a trailing question mark makes one optional."""
    return tuple(ParameterDeclaration(key.rstrip("?"), "STRING", key.endswith("?")) for key in keys)


def _number(*keys: str) -> tuple[ParameterDeclaration, ...]:
    return tuple(ParameterDeclaration(key.rstrip("?"), "NUMBER", key.endswith("?")) for key in keys)


_LOAD = _text("lhd?", "stationType?", "stationName?", "loadType?", "loadId?") + _number("height?", "depth?")

ACTIONS: Mapping[str, ActionRule] = {
    rule.action_type: rule
    for rule in (
        ActionRule("pick", (_N, _E), _LOAD, repeatable=False),
        ActionRule("drop", (_N, _E), _LOAD, repeatable=False),
        ActionRule("startCharging", (_I, _N), counter="stopCharging"),
        ActionRule("stopCharging", (_I, _N), counter="startCharging"),
        ActionRule("startPause", (_I,), stops=True, counter="stopPause"),
        ActionRule("stopPause", (_I,), repeatable=False, counter="startPause"),
        ActionRule("cancelOrder", (_I,), _text("orderId?"), stops=True),
        ActionRule("stateRequest", (_I,)),
        ActionRule("factsheetRequest", (_I,)),
        ActionRule("initPosition", (_I, _N), _number("x", "y", "theta") + _text("mapId", "lastNodeId")),
        ActionRule("detectObject", (_N, _E), _text("objectType?")),
        ActionRule("finePositioning", (_N, _E), _text("stationType?", "stationName?")),
        ActionRule("waitForTrigger", (_N,), _text("triggerType")),
        ActionRule("scan", (_N, _E), _text("stationName?", "target?"), predefined=False),
        ActionRule("inspect", (_N, _E), _text("stationName?", "subject?"), predefined=False),
    )
}

# What robot_side answers by itself; every other action goes to the driver.
PROTOCOL_ACTIONS = frozenset({"cancelOrder", "startPause", "stopPause", "stateRequest", "factsheetRequest"})

_S = ActionStatus
# from -> to (6.11, figure 16; RETRIABLE is 3.0 section 6.6.9). Short actions may skip states.
TRANSITIONS: Mapping[ActionStatus, frozenset[ActionStatus]] = {
    _S.WAITING: frozenset({_S.INITIALIZING, _S.RUNNING, _S.PAUSED, _S.FINISHED, _S.FAILED}),
    _S.INITIALIZING: frozenset({_S.RUNNING, _S.PAUSED, _S.FINISHED, _S.FAILED, _S.RETRIABLE}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.FINISHED, _S.FAILED, _S.RETRIABLE}),
    _S.PAUSED: frozenset({_S.INITIALIZING, _S.RUNNING, _S.FINISHED, _S.FAILED, _S.RETRIABLE}),
    _S.RETRIABLE: frozenset({_S.INITIALIZING, _S.RUNNING, _S.FAILED}),
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
