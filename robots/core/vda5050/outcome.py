"""Whether an error says that the robot cannot go on with an order (D123); `fleet_track` draws the conclusion.

VDA 5050 has no "failed order" (VDA5050#511): an error of level CRITICAL or FATAL that refers to the order ends its
step; WARNING and URGENT let it go on, with an alert. 2.x knows WARNING and FATAL only.
"""

from __future__ import annotations

from dataclasses import dataclass

from .error_types import RejectReason, reason_of
from .reports import Error, ErrorLevel

STOPPING = (ErrorLevel.CRITICAL, ErrorLevel.FATAL)


@dataclass(frozen=True, slots=True)
class Scope:
    """The ids by which an error can refer to an order."""

    order_id: str
    actions: frozenset[str] = frozenset()
    nodes: frozenset[str] = frozenset()
    edges: frozenset[str] = frozenset()


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
