"""Fleet control's record of the one order a robot has from it: sent, confirmed, ended (2.1 sections 6.6.2 to 6.6.4).

Updates build on each other, so only one message is under way at a time: the next leaves when a state has confirmed the
one before. A lost update can then never make a later one look wrong to the robot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .codec import INTERNAL, decode_body, encode_body
from .error_types import Fault, RejectReason, fault_of, plain, reason_of, text_of
from .errors import LocalProtocolError
from .events import FleetEvent, OrderCancelled, OrderConfirmed, OrderFailed, OrderFinished, OrderLost, OrderRejected
from .fleet_wire import Dress, restore_dress
from .messages import Edge, Node, Order
from .orders import check_order, merge_order, without_passed
from .outcome import STOPPING, Scope, stops
from .quirks import Completion, Quirks
from .reports import ActionStatus, Error, State
from .topics import Topic

TOLD = 16
BLANK = 3
_TOPICS = (None, "order", "orders")


class Ended(StrEnum):
    FINISHED = "FINISHED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"


@dataclass(slots=True)
class OrderTrack:
    """`confirmed`: what the robot has, merged, from the node it passed last. `pending`: not confirmed, oldest first.

    `passed`: action ids of what lies behind. `open`: a horizon was left out, so the end of the base is not the end.
    `told`: errors that OrderFailed was told of. `driven`: a state listed nodes of it. `blank`: states in a row that
    list none although the end is not reached: the order is cleared, or has not been taken in yet.
    """

    order_id: str
    pending: list[Order]
    dress: Dress
    confirmed: Order | None = None
    ended: Ended | None = None
    cancel_id: str = ""
    final_actions: dict[str, str] = field(default_factory=dict)
    header_ids: list[int] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    open: bool = False
    told: list[str] = field(default_factory=list)
    driven: bool = False
    blank: int = 0

    @property
    def last(self) -> Order | None:
        """The newest message, on which the next update builds."""
        return self.pending[-1] if self.pending else self.confirmed

    @property
    def over(self) -> bool:
        return self.ended is not None and not self.pending

    def knows(self, order: Order) -> bool:
        """Whether exactly this message was taken before (an outbox delivers at least once)."""
        if order in self.pending:
            return True
        done = self.confirmed
        return done is not None and order.order_id == done.order_id and order.order_update_id <= done.order_update_id

    def check_update(self, update: Order) -> None:
        """Raises LocalProtocolError when the order is over or the update does not continue it."""
        if self.cancel_id or self.ended in (Ended.CANCELLED, Ended.REJECTED, Ended.LOST):
            why = "is being cancelled" if self.ended is None else f"has ended ({self.ended})"
            raise LocalProtocolError(f"order {self.order_id} {why}; send a new order instead of an update")
        check_order(update, self.last)
        used = _action_ids([*update.nodes[1:], *update.edges]) & self._base_actions()
        if used:
            raise LocalProtocolError(f"actionId {sorted(used)[0]!r} is in the base already; every action needs its own")

    def add(self, update: Order) -> None:
        """Queue an update that `check_update` let pass."""
        self.pending.append(update)
        self.ended = None

    def _base_actions(self) -> set[str]:
        orders = [*([self.confirmed] if self.confirmed else []), *self.pending]
        parts: list[Node | Edge] = []
        for order in orders:
            parts += [*order.nodes, *order.edges]
        return {*self.passed, *_action_ids([part for part in parts if part.released])}

    def observe(self, state: State, appeared: tuple[Error, ...], quirks: Quirks) -> list[FleetEvent]:
        """Draw the conclusions from a state; `appeared` are its errors that the one before did not have."""
        if self.over:
            return []
        events = self._confirm(state)
        events += self._reject(state, appeared, quirks)
        events += self._lose(state, quirks)
        events += self._fail(state, appeared)
        events += self._finish(state, quirks.completion)
        return events

    # ------------------------------------------------------------ taken or not

    def _confirm(self, state: State) -> list[FleetEvent]:
        events: list[FleetEvent] = []
        while self.pending and state.order_id == self.order_id:
            head = self.pending[0]
            if state.order_update_id < head.order_update_id:
                break
            self.confirmed = head if self.confirmed is None else merge_order(self.confirmed, head)
            del self.pending[0]
            self.header_ids, self.driven, self.blank = [], False, 0
            events.append(OrderConfirmed(self.order_id, head.order_update_id))
        if events and self.confirmed is not None:
            # Some robots report the sequence id of the order before until they pass the first node of this one.
            place = (state.last_node_id, state.last_node_sequence_id)
            here = next((n for n in self.confirmed.nodes if (n.node_id, n.sequence_id) == place), None)
            if here is not None and here.released:
                self._leave_behind(self.confirmed, here.sequence_id)
        return events

    def _leave_behind(self, whole: Order, sequence_id: int) -> None:
        """What was passed is not needed any more but for its actions, which may not have ended yet."""
        ahead = without_passed(whole, sequence_id)
        kept = {action.action_id for action in ahead.actions}
        self.passed += [a.action_id for a in whole.actions if a.action_id not in kept]
        self.confirmed = ahead

    def _reject(self, state: State, appeared: tuple[Error, ...], quirks: Quirks) -> list[FleetEvent]:
        if not self.pending or not state.errors:
            return []
        head = self.pending[0]
        ignored = {plain(name) for name in quirks.ignored_rejections}
        errors = (e for e in state.errors if plain(e.error_type) not in ignored)
        error = next((e for e in errors if self._means(e, head, appeared)), None)
        if error is None:
            return []
        self.pending, self.header_ids = [], []
        if self.confirmed is None:
            self.ended = Ended.REJECTED
        reason = reason_of(error.error_type) or RejectReason.OTHER
        return [OrderRejected(self.order_id, head.order_update_id, reason, text_of(error), error.error_type)]

    def _means(self, error: Error, head: Order, appeared: tuple[Error, ...]) -> bool:
        """Whether a rejection error is about `head`: old ones stay until a new order is accepted (6.6.4).

        By order and update id where the robot refers to them, else by header id, else by being new. An error type of
        the manufacturer's own refuses an order only when it names this very message.
        """
        order_id, update_id = error.reference("orderId"), error.reference("orderUpdateId")
        named = order_id == self.order_id and update_id == str(head.order_update_id)
        if reason_of(error.error_type) is None:
            return named
        if order_id is not None and update_id is None and head.order_update_id > 0:
            return order_id == self.order_id and error in appeared
        if order_id is not None:
            return order_id == self.order_id and update_id in (None, str(head.order_update_id))
        if error.reference("topic") not in _TOPICS:
            return False
        header_id = error.reference("headerId")
        if header_id is not None:
            return header_id in map(str, self.header_ids)
        return error in appeared and bool(self.header_ids)

    # ------------------------------------------------------------ how it ends

    def _lose(self, state: State, quirks: Quirks) -> list[FleetEvent]:
        if self.ended is not None or self.cancel_id:
            return []
        if self.confirmed is None:
            if state.operating_mode.takes_orders:
                return []
            return self.lose(f"the robot is in operating mode {state.operating_mode} and never confirmed the order")
        if state.order_id != self.order_id:
            if not state.order_id and self._was_done(state, quirks.completion):
                return self._finished()
            text = f"the robot now reports {f'order {state.order_id!r}' if state.order_id else 'no order'}"
        elif state.order_update_id < self.confirmed.order_update_id:
            text = f"the robot went back to update {state.order_update_id}"
        elif not state.node_states and state.last_node_sequence_id < self.confirmed.nodes[-1].sequence_id:
            self.blank += 1
            mode = "" if state.operating_mode.takes_orders else f" (operating mode {state.operating_mode})"
            if not self.driven and not mode and self.blank < BLANK:
                return []
            text = f"the robot cleared the order before its end{mode}"
        else:
            self.driven |= bool(state.node_states)
            self.blank = 0
            return []
        return self.lose(text)

    def lose(self, text: str) -> list[FleetEvent]:
        """The order is gone without our doing."""
        if self.ended is not None:
            return []
        self.ended, self.pending, self.cancel_id = Ended.LOST, [], ""
        return [OrderLost(self.order_id, text)]

    def _fail(self, state: State, appeared: tuple[Error, ...]) -> list[FleetEvent]:
        """D123: an error says that this order cannot be continued. Nodes alone name it only when the error is new."""
        if self.confirmed is None or self.ended is not None or state.order_id != self.order_id:
            return []
        if not self.told and not any(error.level in STOPPING for error in state.errors):
            return []
        parts = self.confirmed
        nodes, edges = frozenset(n.node_id for n in parts.nodes), frozenset(e.edge_id for e in parts.edges)
        scope = Scope(self.order_id, frozenset(self._own()), nodes, edges)
        ids = ("orderId", "actionId")
        stopping = [
            error
            for error in state.errors
            if stops(error, scope) and (error in appeared or any(error.reference(key) for key in ids))
        ]
        told = set(self.told)
        self.told = [_key(error) for error in state.errors if _key(error) in told or error in stopping][-TOLD:]
        return [
            OrderFailed(self.order_id, text_of(error), error.references, error.error_type)
            for error in stopping
            if _key(error) not in told
        ]

    def _own(self) -> list[str]:
        ahead = self.confirmed.actions if self.confirmed is not None else ()
        return [*self.passed, *(action.action_id for action in ahead)]

    def _finish(self, state: State, completion: Completion) -> list[FleetEvent]:
        if self.confirmed is None or state.order_id != self.order_id:
            return []
        mine = set(self._own())
        going = self._note_ends(state, mine)
        if self.pending or self.ended is not None or self.cancel_id or self.open or self.blank:
            return []
        end = self.confirmed.nodes[-1]
        if completion is Completion.LAST_NODE:
            at_end = (state.last_node_id, state.last_node_sequence_id) == (end.node_id, end.sequence_id)
            arrived = end.released and at_end
        else:
            arrived = not state.node_states
        acted = not going if completion is Completion.ACTIONS else mine <= self.final_actions.keys()
        if not arrived or not acted:
            return []
        return self._finished()

    def _was_done(self, state: State, completion: Completion) -> bool:
        """Whether a robot that blanks its order id when it is done has done all of the order.

        Its last words on the actions may come with the blank id. Some blank the sequence id too: then the node tells,
        unless the order comes past it before its end.
        """
        if self.confirmed is None or self.pending or self.open or state.executing:
            return False
        mine = set(self._own())
        self._note_ends(state, mine)
        end = self.confirmed.nodes[-1]
        once = sum(node.node_id == end.node_id for node in self.confirmed.nodes) == 1
        there = state.last_node_id == end.node_id and (once or state.last_node_sequence_id == end.sequence_id)
        return end.released and there and (completion is Completion.ACTIONS or mine <= self.final_actions.keys())

    def _note_ends(self, state: State, mine: set[str]) -> bool:
        """Keep how actions of the order ended, for some robots forget them; whether one still goes on."""
        going = False
        for action in state.action_states:
            if action.action_id in mine:
                going |= not action.status.final
                if action.status.final:
                    self.final_actions[action.action_id] = str(action.status)
        return going

    def _finished(self) -> list[FleetEvent]:
        own = self._own()
        self.ended = Ended.FINISHED
        if self.confirmed is not None:
            self._leave_behind(self.confirmed, self.confirmed.nodes[-1].sequence_id)
        failed = tuple(name for name in own if self.final_actions.get(name) == _FAILED)
        return [OrderFinished(self.order_id, failed)]

    # ------------------------------------------------------------ cancelling

    def watch_cancel(self, state: State) -> tuple[list[FleetEvent], str]:
        """The end of a cancel. A cancel that failed although the order runs overtook the order on the way: then the
        second value is the id with which it has to be asked for anew."""
        status = next((a.status for a in state.all_action_states if a.action_id == self.cancel_id), None)
        if status is None and any(_no_order(error, self.cancel_id) for error in state.errors):
            status = ActionStatus.FAILED
        if not self.cancel_id or status is None or not status.final:
            return [], ""
        failed, self.cancel_id = self.cancel_id, ""
        had_none = status is ActionStatus.FAILED
        if had_none and state.order_id == self.order_id and state.node_states:
            stem, _, tries = failed.partition(".again")
            return [], f"{stem}.again{int(tries or 1) + 1}"
        self.ended = self.ended or Ended.CANCELLED
        return [OrderCancelled(self.order_id, had_none)], ""

    def busy(self, state: State) -> bool:
        """Whether the robot is not idle (3.0 6.6.8), read with what is known of the order's end."""
        if state.order_id == self.order_id and self.ended is Ended.FINISHED:
            return False
        if state.order_id == self.order_id and self.ended is Ended.CANCELLED:
            return bool(state.node_states)
        return state.executing

    # ------------------------------------------------------------ restart

    def snapshot(self) -> dict[str, Any]:
        return {
            "order_id": self.order_id,
            "pending": [_written(order) for order in self.pending],
            "confirmed": None if self.confirmed is None else _written(self.confirmed),
            "ended": None if self.ended is None else str(self.ended),
            "cancel_id": self.cancel_id,
            "final_actions": dict(self.final_actions),
            "header_ids": list(self.header_ids),
            "dress": self.dress.snapshot(),
            "passed": list(self.passed),
            "open": self.open,
            "told": list(self.told),
            "driven": self.driven,
        }


def _action_ids(parts: list[Node | Edge]) -> set[str]:
    return {action.action_id for part in parts for action in part.actions}


def _key(error: Error) -> str:
    return "|".join((plain(error.error_type), *(f"{r.key}={r.value}" for r in error.references)))


def _no_order(error: Error, cancel_id: str) -> bool:
    return fault_of(error.error_type) is Fault.NO_ORDER_TO_CANCEL and error.reference("actionId") == cancel_id


def restore_track(saved: Mapping[str, Any], dress: Dress) -> OrderTrack:
    """`dress`: for what was stored before orders were dressed."""
    return OrderTrack(
        order_id=str(saved["order_id"]),
        pending=[_order(body) for body in saved["pending"]],
        dress=restore_dress(saved["dress"]) if "dress" in saved else dress,
        confirmed=None if saved["confirmed"] is None else _order(saved["confirmed"]),
        ended=None if saved["ended"] is None else Ended(saved["ended"]),
        cancel_id=str(saved["cancel_id"]),
        final_actions=dict(saved["final_actions"]),
        header_ids=list(saved["header_ids"]),
        passed=list(saved.get("passed", ())),
        open=bool(saved.get("open", False)),
        told=list(saved.get("told", ())),
        driven=bool(saved.get("driven", False)),
    )


def _written(order: Order) -> dict[str, Any]:
    return {"version": INTERNAL, "body": encode_body(order, INTERNAL)}


def _order(saved: Mapping[str, Any]) -> Order:
    """A stored order; without a version it is a body in 2.1 words, as it was stored before 3.0 was spoken."""
    order = decode_body(Topic.ORDER, saved.get("body", saved), saved.get("version", "2.1.0"))
    if not isinstance(order, Order):
        raise LocalProtocolError("the saved order is something else than an order")
    return order


_FAILED = str(ActionStatus.FAILED)
