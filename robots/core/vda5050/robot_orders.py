"""Whether a robot takes an order: the flow of 2.1 figure 8 and the rejections of 6.6.4, as one pure function.

3.0 (6.1.2, 6.1.4) asks more: another body under known ids, an update after a cancel, unknown maps and unsupported
parameters are refused, a new order begins with update 0, and each has its own error type.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from .checks import Refusal, usable
from .error_types import RejectReason
from .errors import LocalProtocolError
from .messages import Edge, Node, NodePosition, Order
from .orders import check_structure
from .reports import Factsheet, OperatingMode, Position
from .robot_journal import digest
from .robot_shelf import Shelf


class Taken(StrEnum):
    NEW = "NEW"
    UPDATE = "UPDATE"
    REPEAT = "REPEAT"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the verdict depends on. `order`: all that is known of the current one, also after it ended.

    `executing`: nodes left or actions not final. `closed`: cancelled or cleared, so that no update can revive it.
    `on_node`: standing on the last node. `tolerance`: metres around a node that count as standing on it. `three`: the
    rules of 3.0 hold. `said`: digest of the message last accepted. `broken`: why no order can be taken, or empty.
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
    three: bool = False
    said: str = ""
    shelf: Shelf | None = None
    broken: str = ""


def judge(order: Order, now: Situation) -> Taken | Refusal:
    """Figure 8: take as new order or update, ignore as a repeat, or refuse."""
    try:
        check_structure(order)
    except LocalProtocolError as bad:
        return Refusal(RejectReason.MALFORMED, str(bad))
    current = now.order
    if current is not None and order.order_id == current.order_id:
        if order.order_update_id == current.order_update_id:
            return _repeated(order, now)
        if order.order_update_id < current.order_update_id:
            text = f"update {current.order_update_id} is already here, {order.order_update_id} is older"
            return Refusal(RejectReason.OUTDATED_UPDATE, text)
        return _may_run(order, now, update=True) or _continues(order, current, now) or Taken.UPDATE
    return _may_run(order, now, update=False) or _begins(order, now) or Taken.NEW


def _repeated(order: Order, now: Situation) -> Taken | Refusal:
    """3.0 6.1.4.5; 2.x ignores whatever comes under known ids."""
    if now.three and now.said and digest(order) != now.said:
        text = f"update {order.order_update_id} came before with another content; a change needs a new orderUpdateId"
        return Refusal(RejectReason.SAME_UPDATE_ID, text)
    return Taken.REPEAT


def _may_run(order: Order, now: Situation, *, update: bool) -> Refusal | None:
    if not now.mode.takes_orders:
        return Refusal(RejectReason.NOT_AVAILABLE, f"no orders are taken in operating mode {now.mode}")
    if now.cancelling:
        after = RejectReason.UPDATE_AFTER_CANCEL if now.three else RejectReason.ORDER_ERROR
        reason = after if update else RejectReason.OTHER_ORDER_ACTIVE
        return Refusal(reason, "an order is being cancelled; wait until cancelOrder is FINISHED")
    if now.broken and not update:
        return Refusal(RejectReason.NOT_AVAILABLE, f"no new order is taken: {now.broken}")
    return usable(order, now.factsheet) or (_strange_map(order, now.shelf) if now.three and now.shelf else None)


def _strange_map(order: Order, shelf: Shelf) -> Refusal | None:
    for node in order.nodes:
        if node.position is not None and not shelf.knows_map(node.position.map_id):
            text = f"map {node.position.map_id} of node {node.node_id} is not enabled on this robot"
            return Refusal(RejectReason.UNKNOWN_MAP, text, (("mapId", node.position.map_id),))
    return None


def _continues(order: Order, current: Order, now: Situation) -> Refusal | None:
    """Steps 7 and 8: an update begins at the decision point, or where the finished order ended."""
    if now.closed:
        text = "the order was cancelled or cleared; an update cannot revive it, send a new order"
        return Refusal(RejectReason.UPDATE_AFTER_CANCEL, text)
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
        return Refusal(RejectReason.OUTDATED_UPDATE, text)
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
    if now.three and order.order_update_id != 0:
        text = f"a new order begins with orderUpdateId 0, not {order.order_update_id}"
        return Refusal(RejectReason.MALFORMED, text)
    if order.order_id in now.earlier_orders:
        return Refusal(RejectReason.ORDER_ERROR, f"order {order.order_id} was here before; use a new orderId")
    if now.executing:
        return Refusal(RejectReason.OTHER_ORDER_ACTIVE, "another order is still being executed; cancel it or wait")
    used = next((a.action_id for a in order.actions if a.action_id in now.known_actions), None)
    if used is not None:
        return _action_refusal(used, "is already in use; every action needs its own id")
    if not _reachable(order.nodes[0], now):
        text = f"the robot does not stand on the first node {order.nodes[0].node_id} nor within its deviation"
        return Refusal(RejectReason.START_NODE_OUT_OF_RANGE, text, (("nodeId", order.nodes[0].node_id),))
    return None


def _reachable(first: Node, now: Situation) -> bool:
    if now.on_node and now.last_node_id == first.node_id:
        return True
    place, target = now.position, first.position
    if place is None or target is None or not place.localized or place.map_id != target.map_id:
        return False
    return math.hypot(place.x - target.x, place.y - target.y) <= now.tolerance or _within(place, target)


def _within(place: Position, target: NodePosition) -> bool:
    """3.0 6.6.2.1: inside the ellipse with half axes a and b, turned by theta; 2.1's radius is a circle."""
    deviation = target.allowed_deviation_xy
    if deviation is None or min(deviation.a, deviation.b) <= 0:
        return False
    dx, dy = place.x - target.x, place.y - target.y
    cos, sin = math.cos(deviation.theta), math.sin(deviation.theta)
    return math.hypot((dx * cos + dy * sin) / deviation.a, (dy * cos - dx * sin) / deviation.b) <= 1.0


def _action_refusal(action_id: str, text: str) -> Refusal:
    return Refusal(RejectReason.INVALID_ACTION, f"action {action_id}: {text}", (("actionId", action_id),))
