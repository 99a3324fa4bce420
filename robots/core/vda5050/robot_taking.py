"""A robot takes an order or an update, or refuses it (2.1 figure 8, 6.6.4; 3.0 6.1.2, 6.1.4)."""

from __future__ import annotations

from dataclasses import replace

from . import actions as rules
from .checks import Refusal
from .events import BaseExtended, HorizonChanged, OrderAccepted, OrderRefused, RobotEvent, Where
from .messages import ActionScope, Order
from .reports import ErrorLevel
from .robot_orders import Situation, Taken, judge
from .robot_zoning import RobotZoning


class RobotTaking(RobotZoning):
    def on_order(self, received: Order) -> list[RobotEvent]:
        order = _understood(received)
        verdict = judge(order, self._situation())
        if verdict is Taken.REPEAT:
            # Fleet control asks again because it saw no confirmation: show it.
            self.dirty = True
            return []
        if isinstance(verdict, Refusal):
            references = (("orderId", order.order_id), ("orderUpdateId", str(order.order_update_id)))
            self.refuse(verdict.reason, verdict.text, references + verdict.references)
            return [OrderRefused(order.order_id, order.order_update_id, verdict.reason, verdict.text)]
        self.forget_rejections()
        return self._take_new(order) if verdict is Taken.NEW else self._take_update(order)

    def _situation(self) -> Situation:
        fatal = next((e for e in self.errors if self.settings.three and e.level is ErrorLevel.FATAL), None)
        return Situation(
            order=self.route.order,
            executing=self.executing,
            closed=self.route.closed,
            cancelling=bool(self.desk.cancels or self.sleep.preparing),
            last_node_id=self.route.last_node_id,
            last_node_sequence_id=self.route.last_sequence_id,
            on_node=self.route.on_node,
            position=self.position,
            mode=self.mode,
            factsheet=self.factsheet,
            earlier_orders=self.route.earlier,
            known_actions=self.book.entries.keys(),
            tolerance=self.settings.node_tolerance,
            three=self.settings.three,
            said=self.route.said,
            shelf=self.shelf,
            broken=(fatal.description or fatal.error_type) if fatal else "",
        )

    def _take_new(self, order: Order) -> list[RobotEvent]:
        self.desk.remember()
        self.book.new_order(keep_others=self.settings.three)
        first = self.route.begin(order)
        self._book_actions(order, after=-1)
        self.book.trigger(ActionScope.NODE, first.sequence_id)
        return [OrderAccepted(order)]

    def _take_update(self, update: Order) -> list[RobotEvent]:
        before = self.route.edges_left()
        stitch = update.nodes[0].sequence_id
        self.book.forget_horizon(stitch)
        self.route.extend(update)
        self._book_actions(update, after=stitch)
        self.new_base_request = False
        events: list[RobotEvent] = []
        end = update.decision_point
        if end is not None and end.sequence_id > stitch:
            events.append(BaseExtended(update.order_id, update.order_update_id, end.node_id, end.sequence_id))
        was = [(e.sequence_id, e.edge_id) for e in before if not e.released]
        if was != [(e.sequence_id, e.edge_id) for e in update.edges if not e.released]:
            events.append(HorizonChanged(update.order_id, update.order_update_id))
        return events

    def _book_actions(self, order: Order, after: int) -> None:
        parts = [(n.sequence_id, ActionScope.NODE, n.node_id, n.actions) for n in order.nodes]
        parts += [(e.sequence_id, ActionScope.EDGE, e.edge_id, e.actions) for e in order.edges]
        for sequence_id, scope, element_id, actions in sorted(parts, key=lambda part: part[0]):
            if sequence_id > after:
                for action in actions:
                    self.book.add(action, Where(scope, element_id, sequence_id))


def _understood(order: Order) -> Order:
    """Its actions under the names of 3.0."""
    nodes = tuple(replace(n, actions=tuple(map(rules.understood, n.actions))) if n.actions else n for n in order.nodes)
    edges = tuple(replace(e, actions=tuple(map(rules.understood, e.actions))) if e.actions else e for e in order.edges)
    return replace(order, nodes=nodes, edges=edges)
