"""What became of a step of an order, from its action states and the robot's errors (D123).

VDA 5050 has no "failed order" (VDA5050#511): a required action that FAILED, or an error of level CRITICAL or FATAL that
refers to the order, fails the step; WARNING and URGENT let it go on, with an alert. 2.x knows WARNING and FATAL only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from .error_types import RejectReason, reason_of, text_of
from .messages import Order
from .reports import ActionStatus, Error, ErrorLevel, Reference

STOPPING = (ErrorLevel.CRITICAL, ErrorLevel.FATAL)


class Verdict(StrEnum):
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Scope:
    """The ids by which an error can refer to an order."""

    order_id: str
    actions: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """`why`: for people, empty unless FAILED. `alerts`: errors that refer to the order and let it go on."""

    verdict: Verdict
    why: str = ""
    references: tuple[Reference, ...] = ()
    alerts: tuple[Error, ...] = ()


def scope_of(order: Order) -> Scope:
    return Scope(
        order.order_id,
        frozenset(action.action_id for action in order.actions),
        frozenset(node.node_id for node in order.nodes),
        frozenset(edge.edge_id for edge in order.edges),
    )


def refers(error: Error, scope: Scope) -> bool:
    """Whether the error names this order, or one of its actions, nodes or edges.

    An orderId decides alone: nodes and edges are the floor's and come up in every order.
    """
    order_id = error.reference("orderId")
    if order_id is not None:
        return order_id == scope.order_id
    named = {(r.key, r.value) for r in error.references}
    if any(key == "actionId" for key, _ in named):
        return any(key == "actionId" and value in scope.actions for key, value in named)
    return any(
        (key == "nodeId" and value in scope.nodes) or (key == "edgeId" and value in scope.edges) for key, value in named
    )


def refuses(error: Error) -> bool:
    """Whether it is about a message that was not taken, and so not about the order under way (3.0 6.1.4)."""
    return reason_of(error.error_type) not in (None, RejectReason.OTHER)


def stops(error: Error, scope: Scope) -> bool:
    """Whether the robot says with this error that it cannot go on with the order."""
    return error.level in STOPPING and not refuses(error) and refers(error, scope)


def outcome(
    scope: Scope,
    required: Collection[str],
    statuses: Mapping[str, ActionStatus],
    errors: Iterable[Error],
) -> Outcome:
    """How it stands with the actions `required` of an order, given what the robot reports.

    RETRIABLE is not the end: fleet control has `retry` and `skip_retry`. An action without a status is not begun.
    """
    about = [error for error in errors if not refuses(error) and refers(error, scope)]
    alerts = tuple(error for error in about if error.level not in STOPPING)
    stopping = next((error for error in about if error.level in STOPPING), None)
    if stopping is not None:
        return Outcome(Verdict.FAILED, text_of(stopping), stopping.references, alerts)
    failed = [action_id for action_id in required if statuses.get(action_id) is ActionStatus.FAILED]
    if failed:
        said = next((text_of(e) for e in alerts if e.reference("actionId") in failed), "")
        why = f"action {', '.join(failed)} failed" + (f": {said}" if said else "")
        return Outcome(Verdict.FAILED, why, tuple(Reference("actionId", name) for name in failed), alerts)
    done = all(statuses.get(action_id) is ActionStatus.FINISHED for action_id in required)
    return Outcome(Verdict.DONE if done else Verdict.RUNNING, alerts=alerts)
