"""Whether a robot takes an order: the flow of 2.1 figure 8 and the rejections of 6.6.4, as one pure function."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from . import actions as rules
from .errors import LocalProtocolError
from .events import RejectReason
from .messages import Action, ActionScope, Edge, Node, Order
from .orders import check_structure
from .reports import ActionDeclaration, Factsheet, OperatingMode, Position


class Taken(StrEnum):
    NEW = "NEW"
    UPDATE = "UPDATE"
    REPEAT = "REPEAT"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Reported as an error of type `reason` with level WARNING until an order is accepted."""

    reason: RejectReason
    text: str
    references: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """What the verdict depends on. `order`: all that is known of the current one, also after it ended.

    `executing`: nodes left or actions not final. `closed`: cancelled or cleared, so that no update can revive it.
    `on_node`: standing on the last node. `tolerance`: metres around a node that count as standing on it.
    """

    order: Order | None
    executing: bool
    closed: bool
    cancelling: bool
    last_node_id: str
    last_node_sequence_id: int
    on_node: bool
    position: Position | None
    mode: OperatingMode
    factsheet: Factsheet
    earlier_orders: Collection[str]
    known_actions: Collection[str]
    tolerance: float = 0.5


def judge(order: Order, now: Situation) -> Taken | Refusal:
    """Figure 8: take as new order or update, ignore as a repeat, or refuse."""
    try:
        check_structure(order)
    except LocalProtocolError as bad:
        return Refusal(RejectReason.MALFORMED, str(bad))
    current = now.order
    if current is not None and order.order_id == current.order_id:
        if order.order_update_id == current.order_update_id:
            return Taken.REPEAT
        if order.order_update_id < current.order_update_id:
            text = f"update {current.order_update_id} is already here, {order.order_update_id} is older"
            return Refusal(RejectReason.OUTDATED, text)
        return _may_run(order, now) or _continues(order, current, now) or Taken.UPDATE
    return _may_run(order, now) or _begins(order, now) or Taken.NEW


def _may_run(order: Order, now: Situation) -> Refusal | None:
    if not now.mode.takes_orders:
        return Refusal(RejectReason.NOT_USABLE, f"no orders are taken in operating mode {now.mode}")
    if now.cancelling:
        return Refusal(RejectReason.NOT_USABLE, "an order is being cancelled; wait until cancelOrder is FINISHED")
    return usable(order, now.factsheet)


def _continues(order: Order, current: Order, now: Situation) -> Refusal | None:
    """Steps 7 and 8: an update begins at the decision point, or where the finished order ended."""
    if now.closed:
        text = "the order was cancelled or cleared; an update cannot revive it, send a new order"
        return Refusal(RejectReason.OUTDATED, text)
    first = order.nodes[0]
    end = current.decision_point
    if now.executing and end is not None:
        expected = (end.node_id, end.sequence_id)
    else:
        expected = (now.last_node_id, now.last_node_sequence_id)
    if (first.node_id, first.sequence_id) != expected:
        text = (
            f"the update begins with node {first.node_id} (sequenceId {first.sequence_id}), "
            f"the base ends with {expected[0]} (sequenceId {expected[1]})"
        )
        return Refusal(RejectReason.OUTDATED, text)
    # Horizon actions may come again with the update that replaces the horizon; base actions may not.
    parts: list[Node | Edge] = [*current.nodes, *current.edges]
    again = {a.action_id for part in parts if not part.released for a in part.actions}
    stitching = {a.action_id for a in first.actions}
    for action in order.actions:
        if action.action_id in now.known_actions and action.action_id not in again | stitching:
            return _action_refusal(action.action_id, "is already in use; every action needs its own id")
    return None


def _begins(order: Order, now: Situation) -> Refusal | None:
    """Steps 3 and 4: idle, and standing on the first node or within its deviation."""
    if order.order_id in now.earlier_orders:
        return Refusal(RejectReason.NOT_USABLE, f"order {order.order_id} was here before; use a new orderId")
    if now.executing:
        return Refusal(RejectReason.NOT_USABLE, "another order is still being executed; cancel it or wait")
    used = next((a.action_id for a in order.actions if a.action_id in now.known_actions), None)
    if used is not None:
        return _action_refusal(used, "is already in use; every action needs its own id")
    if not _reachable(order.nodes[0], now):
        text = f"the robot does not stand on the first node {order.nodes[0].node_id} nor within its deviation"
        return Refusal(RejectReason.NO_ROUTE, text, (("nodeId", order.nodes[0].node_id),))
    return None


def _reachable(first: Node, now: Situation) -> bool:
    if now.on_node and now.last_node_id == first.node_id:
        return True
    place, target = now.position, first.position
    if place is None or target is None or not place.localized or place.map_id != target.map_id:
        return False
    reach = now.tolerance
    if target.allowed_deviation_xy is not None:
        reach = max(reach, min(target.allowed_deviation_xy.a, target.allowed_deviation_xy.b))
    return math.hypot(place.x - target.x, place.y - target.y) <= reach


def usable(order: Order, sheet: Factsheet) -> Refusal | None:
    """6.6.4.2: why a robot with this factsheet cannot take the order (actions, list lengths), or None."""
    for node in order.nodes:
        for action in node.actions:
            if (bad := why_not(action, ActionScope.NODE, sheet)) is not None:
                return _action_refusal(action.action_id, bad)
    for edge in order.edges:
        for action in edge.actions:
            if (bad := why_not(action, ActionScope.EDGE, sheet)) is not None:
                return _action_refusal(action.action_id, bad)
    limits = sheet.maximum_array_lengths
    counts = {
        "order.nodes": len(order.nodes),
        "order.edges": len(order.edges),
        "node.actions": max((len(n.actions) for n in order.nodes), default=0),
        "edge.actions": max((len(e.actions) for e in order.edges), default=0),
    }
    for name, count in counts.items():
        if 0 < limits.get(name, 0) < count:
            return Refusal(RejectReason.NOT_USABLE, f"{name} has {count} entries, at most {limits[name]} are taken")
    return None


def why_not(action: Action, scope: ActionScope, sheet: Factsheet) -> str | None:
    """Why this robot cannot do the action in this scope, in words, or None when it can."""
    declared = sheet.action(action.action_type)
    if declared is None and scope is ActionScope.INSTANT and action.action_type in rules.PROTOCOL_ACTIONS:
        declared = rules.ACTIONS[action.action_type].declaration()
    if declared is None:
        return f"{action.action_type!r} is not an action of this robot"
    if scope not in declared.scopes:
        return f"{action.action_type!r} is possible as {', '.join(declared.scopes)} action only"
    if declared.blocking_types and action.blocking_type not in declared.blocking_types:
        return f"{action.action_type!r} takes blocking type {', '.join(declared.blocking_types)} only"
    return _parameters(action, declared)


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
        types = _TYPES.get(wanted.value_type)
        if types and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
            return f"parameter {wanted.key!r} of {action.action_type!r} should be of type {wanted.value_type}"
    return None


def _action_refusal(action_id: str, text: str) -> Refusal:
    return Refusal(RejectReason.NOT_USABLE, f"action {action_id}: {text}", (("actionId", action_id),))
