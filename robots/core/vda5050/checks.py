"""Whether a robot with this factsheet can take a message (2.1 6.15.1, 3.0 7.10): both sides ask the same questions.

Fleet control asks before it sends, the robot when it receives. Everything here is pure; texts are for people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .actions import PROTOCOL_ACTIONS, canonical, rule_of
from .error_types import RejectReason
from .messages import Action, ActionScope, Edge, Node, Order, Trajectory, ZoneSet
from .reports import ActionDeclaration, Factsheet

# What a string limit is about -> its name in `maximum_string_lengths`; 0 or absent: no limit. 3.0 has no enumLen.
_STRINGS = {"id": "maximumIdLength", "key": "enumLen", "message": "maximumMessageLength"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. A robot reports it as an error of that reason until an order is accepted."""

    reason: RejectReason
    text: str
    references: tuple[tuple[str, str], ...] = ()


def usable(order: Order, sheet: Factsheet) -> Refusal | None:
    """6.6.4.2: why a robot with this factsheet cannot take the order, or None when it can."""
    parts: list[tuple[Node | Edge, ActionScope]] = [(node, ActionScope.NODE) for node in order.nodes]
    parts += [(edge, ActionScope.EDGE) for edge in order.edges]
    for part, scope in parts:
        for action in part.actions:
            if (bad := why_not(action, scope, sheet)) is not None:
                text, references = f"action {action.action_id}: {bad}", (("actionId", action.action_id),)
                return Refusal(RejectReason.INVALID_ACTION, text, references)
    bad = _too_many(order, sheet) or _too_long(ids_of(order), order, sheet)
    return Refusal(RejectReason.UNSUPPORTED_PARAMETER, bad) if bad else None


def why_not(action: Action, scope: ActionScope, sheet: Factsheet) -> str | None:
    """Why this robot cannot do the action in this scope, in words, or None when it can.

    Names of 2.x and 3.0 mean the same action. What the protocol itself needs is taken undeclared.
    """
    declared = declaration_of(action.action_type, sheet)
    if declared is None and scope is ActionScope.INSTANT and action.action_type in PROTOCOL_ACTIONS:
        rule = rule_of(action.action_type)
        declared = rule.declaration() if rule is not None else None
    if declared is None:
        return f"{action.action_type!r} is not an action of this robot"
    if scope not in declared.scopes:
        return f"{action.action_type!r} is possible as {', '.join(declared.scopes)} action only"
    # An instant action blocks nothing (3.0 6.2.1), whatever the list was written for.
    allowed = () if scope is ActionScope.INSTANT else declared.blocking_types
    if allowed and action.blocking_type not in allowed:
        return f"{action.action_type!r} takes blocking type {', '.join(allowed)} only"
    return _parameters(action, declared)


def declaration_of(action_type: str, sheet: Factsheet) -> ActionDeclaration | None:
    """What the factsheet says about an action, whichever version's name it uses."""
    name = canonical(action_type)
    return sheet.action(action_type) or next((a for a in sheet.actions if canonical(a.action_type) == name), None)


_TYPES: dict[str, tuple[type, ...]] = {
    "BOOL": (bool,),
    "NUMBER": (int, float),
    "FLOAT": (int, float),
    "INTEGER": (int,),
    "STRING": (str,),
    "OBJECT": (dict,),
    "ARRAY": (list, tuple),
}


def _parameters(action: Action, declared: ActionDeclaration) -> str | None:
    for wanted in declared.parameters:
        value = action.parameter(wanted.key)
        if value is None:
            if not wanted.optional:
                return f"{action.action_type!r} needs parameter {wanted.key!r}"
            continue
        # triggerType is a string in 2.x and an array in 3.0; robots declare either.
        types = None if wanted.key == "triggerType" else _TYPES.get(wanted.value_type)
        if types and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
            return f"parameter {wanted.key!r} of {action.action_type!r} should be of type {wanted.value_type}"
    return None


def undeclared(action: Action, sheet: Factsheet) -> frozenset[str]:
    """Keys of parameters this robot does not know (D119): what is not declared is not supported.

    A declaration without any parameters is taken to leave the standard's own ones out, as many factsheets do.
    """
    declared = declaration_of(action.action_type, sheet)
    rule = rule_of(action.action_type)
    if declared is None:
        return frozenset()
    known = {p.key for p in declared.parameters}
    if not known and rule is not None:
        known = {p.key for p in rule.parameters}
    return frozenset(p.key for p in action.parameters if p.key not in known)


def limit(sheet: Factsheet, name: str) -> int:
    """The array length limit `name` as "order.nodes"; 0: none."""
    return sheet.maximum_array_lengths.get(name, 0)


def text_limit(sheet: Factsheet, what: str) -> int:
    """The longest "id", "key" or "message" (bytes) the robot takes; 0: no limit."""
    return sheet.maximum_string_lengths.get(_STRINGS[what], 0)


def _too_many(order: Order, sheet: Factsheet) -> str | None:
    parts: list[Node | Edge] = [*order.nodes, *order.edges]
    paths = [e.trajectory for e in order.edges if e.trajectory is not None]
    counts = {
        "order.nodes": len(order.nodes),
        "order.edges": len(order.edges),
        "node.actions": max((len(n.actions) for n in order.nodes), default=0),
        "edge.actions": max((len(e.actions) for e in order.edges), default=0),
        "actions.actionsParameters": max((len(a.parameters) for p in parts for a in p.actions), default=0),
        "trajectory.knotVector": max((len(t.knots) for t in paths), default=0),
        "trajectory.controlPoints": max((len(t.control_points) for t in paths), default=0),
        "state.nodeStates": len(order.nodes) - 1,
        "state.edgeStates": len(order.edges),
    }
    for name, count in counts.items():
        if 0 < limit(sheet, name) < count:
            return f"{name} has {count} entries, at most {limit(sheet, name)} are taken"
    return None


def ids_of(order: Order) -> tuple[str, ...]:
    """Every id in the order (maximumIdLength and idNumericalOnly are about these)."""
    maps = [n.position.map_id for n in order.nodes if n.position is not None]
    found = [order.order_id, *(n.node_id for n in order.nodes), *maps]
    return (*found, *(e.edge_id for e in order.edges), *(a.action_id for a in order.actions))


def _too_long(ids: Iterable[str], order: Order, sheet: Factsheet) -> str | None:
    if (most := text_limit(sheet, "id")) and (long := next((name for name in ids if len(name) > most), None)):
        return f"id {long!r} has {len(long)} characters, at most {most} are taken"
    if most := text_limit(sheet, "key"):
        words = [w for a in order.actions for w in (a.action_type, *(p.key for p in a.parameters))]
        if long := next((word for word in words if len(word) > most), None):
            return f"{long!r} has {len(long)} characters, at most {most} are taken"
    return None


def instant_refusal(action: Action, sheet: Factsheet) -> str | None:
    """Why the robot cannot do this instant action (D118), in words."""
    bad = why_not(action, ActionScope.INSTANT, sheet)
    if bad is not None:
        return bad
    most = limit(sheet, "actions.actionsParameters")
    if 0 < most < len(action.parameters):
        return f"{action.action_type!r} has {len(action.parameters)} parameters, at most {most} are taken"
    most = text_limit(sheet, "id")
    if 0 < most < len(action.action_id):
        return f"id {action.action_id!r} has {len(action.action_id)} characters, at most {most} are taken"
    return None


def zone_set_refusal(zone_set: ZoneSet, sheet: Factsheet) -> str | None:
    """D121: zone types the robot does not list cannot be sent to it; nor more zones than it takes."""
    for zone in zone_set.zones:
        if zone.zone_type not in sheet.supported_zones:
            known = ", ".join(sheet.supported_zones) or "none at all"
            return f"zone {zone.zone_id} is of type {zone.zone_type}; the robot supports {known}"
        for action in (*zone.entry_actions, *zone.during_actions, *zone.exit_actions):
            declared = declaration_of(action.action_type, sheet)
            if declared is None or ActionScope.ZONE not in declared.scopes:
                return f"zone {zone.zone_id}: {action.action_type!r} is no zone action of this robot"
    if 0 < limit(sheet, "zoneSet.zones") < len(zone_set.zones):
        return f"the set has {len(zone_set.zones)} zones, at most {limit(sheet, 'zoneSet.zones')} are taken"
    most = text_limit(sheet, "id")
    names = (zone_set.zone_set_id, zone_set.map_id, *(z.zone_id for z in zone_set.zones))
    if most and (long := next((name for name in names if len(name) > most), None)):
        return f"id {long!r} has {len(long)} characters, at most {most} are taken"
    return None


def trajectory_refusal(path: Trajectory, version: str) -> str | None:
    """D53: knots = control points + degree + 1; from 3.0 on clamped (first and last knot degree + 1 times)."""
    if path.degree < 1 or len(path.control_points) <= path.degree:
        return f"a trajectory of degree {path.degree} needs more than {max(path.degree, 1)} control points"
    wanted = len(path.control_points) + path.degree + 1
    if not path.knots and not version.startswith("2"):
        return None
    if len(path.knots) != wanted:
        return f"a trajectory needs {wanted} knots (control points + degree + 1), not {len(path.knots)}"
    if any(later < earlier for earlier, later in zip(path.knots, path.knots[1:], strict=False)):
        return "the knots of a trajectory never fall"
    order = path.degree + 1
    if not version.startswith("2") and (len(set(path.knots[:order])) > 1 or len(set(path.knots[-order:])) > 1):
        return f"a trajectory is clamped from 3.0 on: its first and last knot each stand {order} times"
    return None
