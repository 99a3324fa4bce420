"""What a robot reported, as facts for the pure parts. Only its own word counts (VDA 5050 2.1, 6.10.6; 3.0, 7.8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from robots.core.vda5050.error_types import RejectReason, reason_of
from robots.core.vda5050.messages import Order
from robots.core.vda5050.quirks import Completion
from robots.floor import Floor
from robots.floor.orders import STRAY_M
from robots.floor.recovery import order_word
from robots.floor.whereabouts import ahead
from robots.models import Robot, RobotState, RobotTraffic

from .core.desk import FINAL_ACTIONS
from .core.facts import ActionFact, RobotFact, Speech

SERIOUS = ("FATAL", "CRITICAL")
COMMANDABLE = ("AUTOMATIC", "SEMIAUTOMATIC")
OBSTACLES = frozenset({"pathBlocked", "obstacle", "obstacleDetected", "blocked"})
PASSING = frozenset({"person", "robot_ahead"})
"""Reasons of a blocked path that go away by themselves: nothing is closed for others because of them."""


def reachable(state: RobotState, now: datetime) -> bool:
    """Online by its own last word and heard within the time VDA 5050 gives it (2.1, 6.10)."""
    if state.connection != "online" or state.state_at is None:
        return False
    return (now - state.state_at).total_seconds() <= settings.YARDMASTER["stale_state_s"]


def fault_of(state: RobotState) -> str:
    """What keeps the robot from working and needs a person, in plain words; empty when nothing does.

    An error about an order is that order's affair, except FATAL about the one it has: a person must come (3.0, 6.6.5).
    """
    if state.physical_stop != "NONE":
        return "a stop button at the robot is pressed"
    if state.field_violation:
        return "its protective field is violated"
    if not state.localized:
        return "it does not know where it is"
    for error in state.errors:
        orders = _references(error, "orderId")
        level = str(_value(error, "level")).upper()
        if level not in SERIOUS or (orders and (level != "FATAL" or state.order_id not in orders)):
            continue
        if not orders or _refusal(error) is None:
            return str(_value(error, "description") or _value(error, "type") or "it reports an error")
    return ""


def _refusal(error: Mapping[str, Any]) -> RejectReason | None:
    """Why an order was refused, when this error says so."""
    return reason_of(str(_value(error, "type") or ""))


def _value(error: Mapping[str, Any], name: str) -> Any:
    for key in (name, f"error_{name}", f"error{name.title()}"):
        if key in error:
            return error[key]
    return None


def _references(error: Mapping[str, Any], key: str) -> list[str]:
    found = error.get("references") or error.get("error_references") or error.get("errorReferences") or []
    pairs = [(r[0], r[1]) if isinstance(r, list | tuple) else _pair(r) for r in found]
    return [str(value) for name, value in pairs if name in (key, "order_id" if key == "orderId" else key)]


def _pair(reference: Mapping[str, Any]) -> tuple[Any, Any]:
    name = reference.get("key") or reference.get("reference_key") or reference.get("referenceKey")
    return name, reference.get("value") or reference.get("reference_value") or reference.get("referenceValue")


def critical(state: RobotState) -> Mapping[str, Any] | None:
    """The error that ends the order it has: CRITICAL (it stops and can take another order) or FATAL about that order.

    VDA 5050 3.0, 6.6.5.1. The refusal of another order says nothing about this one; it stays until an order is taken.
    """
    for error in state.errors:
        level, orders = str(_value(error, "level")).upper(), _references(error, "orderId")
        ours = state.order_id in orders
        if (orders and not ours) or (ours and _refusal(error) is not None):
            continue
        if level == "CRITICAL" or (level == "FATAL" and ours):
            return error
    return None


def obstacle(state: RobotState) -> str | None:
    """What a robot says is blocked: a node, an edge, "" for what lies ahead of it; None when it says nothing."""
    for error in state.errors:
        if str(_value(error, "type")) not in OBSTACLES or set(_references(error, "reason")) & PASSING:
            continue
        named = [*_references(error, "edgeId"), *_references(error, "nodeId")]
        return named[0] if named else ""
    return None


def rejected_orders(state: RobotState) -> frozenset[str]:
    """Orders the robot refused: errors that name an order which is not the one it has (2.1, 6.6.4), and link's word."""
    found = {order for e in state.errors for order in _references(e, "orderId")}
    order, how = _link_order(state)
    return frozenset(({*found, order} if how == "rejected" else found) - {state.order_id, ""})


def broken_order(state: RobotState) -> str:
    """The order that cannot be finished: lost, cancelled, an update of it refused, or the robot in a bad way."""
    order, how = _link_order(state)
    if how in ("lost", "cancelled") or (how == "rejected" and order == state.order_id):
        return order
    at_work = state.node_states or any(a["status"] not in FINAL_ACTIONS for a in state.action_states)
    return state.order_id if at_work and critical(state) else ""


def why(state: RobotState) -> str:
    """The robot's own words for an order that it refused or cannot go on with."""
    order, how = _link_order(state)
    if how in ("rejected", "lost") and (text := str(order_word(state).get("text") or "")):
        return text
    error = critical(state)
    if error is None:
        error = next((e for e in state.errors if order and order in _references(e, "orderId")), None)
    return str(_value(error, "description") or _value(error, "type") or "") if error else ""


def executed(state: RobotState) -> str:
    """The order it has or had last. One that forgets its id at the end still had it: link saw the end (2.1, 6.10.6)."""
    order, how = _link_order(state)
    return order if not state.order_id and how == "finished" else state.order_id


def _on_its_way(state: RobotState, row: RobotTraffic) -> bool:
    """Whether link has not taken the newest order or update yet, or the robot has not confirmed it."""
    order, how = _link_order(state)
    if not order or not row.order_id:
        return False
    behind = int(order_word(state).get("order_update_id") or 0) < row.order_update_id
    return order != row.order_id or how == "sent" or (behind and how in ("confirmed", "finished"))


def _link_order(state: RobotState) -> tuple[str, str]:
    order = order_word(state)
    return str(order.get("order_id", "")), str(order.get("state", ""))


def action_facts(state: RobotState) -> dict[str, ActionFact]:
    """Each action with its result. Why one failed is told by the error that names it (2.1, 6.10.5), as a code.

    An instant action that it cannot do may have no state at all, only the error (2.1, 6.6.3.2): it failed.
    """
    errors = {action: error for error in state.errors for action in _references(error, "actionId")}
    found = {}
    for row in state.action_states:
        result = _result(row.get("result"))
        if row["status"] == "FAILED" and (error := errors.get(row["action_id"])):
            said = {"text": text} if (text := _value(error, "description")) else {}
            result = {**said, **result, "error": _value(error, "type")}
        found[row["action_id"]] = ActionFact(row["status"], result)
    for action, error in errors.items():
        if action not in found and not _references(error, "orderId"):
            found[action] = ActionFact("FAILED", {"error": _value(error, "type")})
    return found


def remaining(state: RobotState, completion: str) -> int:
    """Nodes it has still to pass. `completion` last_node: it goes on listing those that it has passed."""
    if completion != Completion.LAST_NODE:
        return len(state.node_states)
    return len(ahead(state))


def forgotten(state: RobotState, sent: Order | None) -> dict[str, ActionFact]:
    """Actions of the order `sent` last that the robot names no more: it forgot them after link had seen its end."""
    order, how = _link_order(state)
    if how != "finished" or sent is None or sent.order_id != order:
        return {}
    listed = {row["action_id"] for row in state.action_states}
    failed = str(order_word(state).get("text") or "").split(", ")
    ids = [action.action_id for action in sent.actions if action.action_id not in listed]
    return {action: ActionFact("FAILED" if action in failed else "FINISHED") for action in ids}


def _result(text: Any) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        return {"text": str(text)}
    return found if isinstance(found, dict) else {"text": str(text)}


def robot_fact(
    robot: Robot,
    state: RobotState,
    floor: Floor,
    held: bool,
    idle_since: float | None,
    now: datetime,
    speech: Speech | None = None,
) -> RobotFact:
    row = floor.rows[robot.serial]
    order, how = _link_order(state)
    return RobotFact(
        id=robot.pk,
        serial=robot.serial,
        name=robot.name,
        reachable=reachable(state, now),
        automatic=state.operating_mode in COMMANDABLE,
        paused=state.paused,
        held=held,
        driving=state.driving,
        battery=state.battery,
        charging=state.charging,
        loaded=bool(state.loads),
        order_id=executed(state),
        sent_order=row.order_id,
        at=last_node(state, floor, robot.serial),
        node=floor.end(robot.serial),
        moving=floor.moving(robot.serial),
        remaining=remaining(state, robot.type.completion),
        actions=action_facts(state) | forgotten(state, floor.orders.get(robot.serial)),
        rejected=rejected_orders(state),
        fault=fault_of(state),
        home=robot.home,
        idle_since=idle_since,
        acting=any(a["status"] not in FINAL_ACTIONS for a in state.action_states),
        broken=broken_order(state),
        pending=_on_its_way(state, row),
        ended=order if how == "cancelled" else "",
        why=why(state),
        loads_known=state.loads is not None,
        speech=speech or Speech(),
    )


def last_node(state: RobotState, floor: Floor, serial: str) -> str:
    """The node it reported last. One that has passed none yet (2.1, 6.10.6) stands where it was admitted, if near."""
    base = floor.base(serial)
    if state.last_node_id in floor.traffic.road.index or not base:
        return state.last_node_id
    return base[0] if floor.off(serial, base[0]) <= STRAY_M else state.last_node_id
