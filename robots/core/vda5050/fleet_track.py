"""Fleet control's record of the one order a robot has from it: sent, confirmed, ended (2.1 sections 6.6.2 to 6.6.4).

Updates build on each other, so only one message is under way at a time: the next leaves when a state has confirmed the
one before. A lost update can then never make a later one look wrong to the robot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .codec import decode_body, encode_body
from .errors import LocalProtocolError
from .events import FleetEvent, OrderConfirmed, OrderFinished, OrderLost, OrderRejected, RejectReason
from .messages import Edge, Node, Order
from .orders import check_order, merge_order
from .reports import ActionStatus, Error, State
from .topics import Topic


class Ended(StrEnum):
    FINISHED = "FINISHED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"


@dataclass(slots=True)
class OrderTrack:
    """`confirmed`: all that the robot has, merged. `pending`: what it has not confirmed, oldest first."""

    order_id: str
    pending: list[Order]
    confirmed: Order | None = None
    ended: Ended | None = None
    cancel_id: str = ""
    final_actions: dict[str, str] = field(default_factory=dict)
    header_ids: list[int] = field(default_factory=list)

    @property
    def last(self) -> Order | None:
        """The newest message, on which the next update builds."""
        return self.pending[-1] if self.pending else self.confirmed

    def knows(self, order: Order) -> bool:
        """Whether exactly this message was taken before (an outbox delivers at least once)."""
        if order in self.pending:
            return True
        done = self.confirmed
        return done is not None and order.order_id == done.order_id and order.order_update_id <= done.order_update_id

    def add(self, update: Order) -> None:
        """Queue an update. Raises LocalProtocolError when the order is over or the update does not continue it."""
        if self.cancel_id or self.ended in (Ended.CANCELLED, Ended.REJECTED, Ended.LOST):
            why = "is being cancelled" if self.ended is None else f"has ended ({self.ended})"
            raise LocalProtocolError(f"order {self.order_id} {why}; send a new order instead of an update")
        check_order(update, self.last)
        used = _action_ids([*update.nodes[1:], *update.edges]) & self._base_actions()
        if used:
            raise LocalProtocolError(f"actionId {sorted(used)[0]!r} is in the base already; every action needs its own")
        self.pending.append(update)
        self.ended = None

    def _base_actions(self) -> set[str]:
        orders = [*([self.confirmed] if self.confirmed else []), *self.pending]
        parts: list[Node | Edge] = []
        for order in orders:
            parts += [*order.nodes, *order.edges]
        return _action_ids([part for part in parts if part.released])

    def observe(self, state: State, appeared: tuple[Error, ...]) -> list[FleetEvent]:
        """Draw the conclusions from a state; `appeared` are its errors that the one before did not have."""
        if self.ended is not None and not self.pending:
            return []
        events = self._confirm(state)
        events += self._reject(state, appeared)
        events += self._lose(state)
        events += self._finish(state)
        return events

    def _confirm(self, state: State) -> list[FleetEvent]:
        events: list[FleetEvent] = []
        while self.pending and state.order_id == self.order_id:
            head = self.pending[0]
            if state.order_update_id < head.order_update_id:
                break
            self.confirmed = head if self.confirmed is None else merge_order(self.confirmed, head)
            del self.pending[0]
            self.header_ids = []
            events.append(OrderConfirmed(self.order_id, head.order_update_id))
        return events

    def _reject(self, state: State, appeared: tuple[Error, ...]) -> list[FleetEvent]:
        if not self.pending:
            return []
        head = self.pending[0]
        error = next((e for e in state.errors if self._means(e, head, appeared)), None)
        if error is None:
            return []
        self.pending, self.header_ids = [], []
        if self.confirmed is None:
            self.ended = Ended.REJECTED
        text = error.description or error.error_type
        return [OrderRejected(self.order_id, head.order_update_id, _reason(error), text)]

    def _means(self, error: Error, head: Order, appeared: tuple[Error, ...]) -> bool:
        """Whether a rejection error is about `head`: old ones stay until a new order is accepted (6.6.4).

        By order and update id where the robot refers to them, else by header id, else by being new.
        """
        if error.error_type not in _REASONS:
            return False
        order_id, update_id = error.reference("orderId"), error.reference("orderUpdateId")
        if order_id is not None:
            return order_id == self.order_id and update_id in (None, str(head.order_update_id))
        header_id = error.reference("headerId")
        if header_id is not None:
            return error.reference("topic") in (None, Topic.ORDER) and header_id in map(str, self.header_ids)
        return error in appeared and bool(self.header_ids) and error.reference("topic") in (None, Topic.ORDER)

    def _lose(self, state: State) -> list[FleetEvent]:
        if self.confirmed is None or self.ended is not None or self.cancel_id:
            return []
        if state.order_id != self.order_id:
            text = f"the robot now reports order {state.order_id!r}"
        elif state.order_update_id < self.confirmed.order_update_id:
            text = f"the robot went back to update {state.order_update_id}"
        elif not state.node_states and state.last_node_sequence_id < self.confirmed.nodes[-1].sequence_id:
            text = "the robot cleared the order before its end"
        else:
            return []
        self.ended, self.pending = Ended.LOST, []
        return [OrderLost(self.order_id, text)]

    def _finish(self, state: State) -> list[FleetEvent]:
        if self.confirmed is None or state.order_id != self.order_id:
            return []
        own = {action.action_id for action in self.confirmed.actions}
        for action in state.action_states:
            if action.action_id in own and action.status.final:
                self.final_actions[action.action_id] = str(action.status)
        if self.pending or self.ended is not None or self.cancel_id or state.node_states:
            return []
        if not own <= self.final_actions.keys():
            return []
        self.ended = Ended.FINISHED
        failed = tuple(a.action_id for a in self.confirmed.actions if self.final_actions[a.action_id] == _FAILED)
        return [OrderFinished(self.order_id, failed)]

    def snapshot(self) -> dict[str, Any]:
        return {
            "order_id": self.order_id,
            "pending": [encode_body(order) for order in self.pending],
            "confirmed": None if self.confirmed is None else encode_body(self.confirmed),
            "ended": None if self.ended is None else str(self.ended),
            "cancel_id": self.cancel_id,
            "final_actions": dict(self.final_actions),
            "header_ids": list(self.header_ids),
        }


def _action_ids(parts: list[Node | Edge]) -> set[str]:
    return {action.action_id for part in parts for action in part.actions}


def restore_track(saved: Mapping[str, Any]) -> OrderTrack:
    return OrderTrack(
        order_id=str(saved["order_id"]),
        pending=[_order(body) for body in saved["pending"]],
        confirmed=None if saved["confirmed"] is None else _order(saved["confirmed"]),
        ended=None if saved["ended"] is None else Ended(saved["ended"]),
        cancel_id=str(saved["cancel_id"]),
        final_actions=dict(saved["final_actions"]),
        header_ids=list(saved["header_ids"]),
    )


def _order(body: Any) -> Order:
    order = decode_body(Topic.ORDER, body)
    if not isinstance(order, Order):
        raise LocalProtocolError("the saved order is something else than an order")
    return order


_FAILED = str(ActionStatus.FAILED)
_REASONS = {str(reason): reason for reason in RejectReason if reason is not RejectReason.OTHER}


def _reason(error: Error) -> RejectReason:
    return _REASONS.get(error.error_type, RejectReason.OTHER)
