"""Where a robot is in its order: what is passed, what is left, what comes next (2.1 section 6.10.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import LocalProtocolError
from .messages import Edge, Node, Order
from .orders import merge_order
from .reports import EdgeState, NodeState
from .robot_journal import digest, order_written, read_order

ORDERS_REMEMBERED = 64


@dataclass(frozen=True, slots=True)
class DriveTarget:
    """The next released edge and the node it leads to.

    `may_drive` False: stand (or stop as soon as possible), `blocked_by` says why in plain words. `must_stop`: the node
    has an action that needs the robot to stand. `end_of_base`: nothing is released behind it.
    """

    edge: Edge
    node: Node
    may_drive: bool
    blocked_by: tuple[str, ...]
    must_stop: bool
    end_of_base: bool
    on_edge: bool


@dataclass(slots=True)
class Route:
    """The current order as far as it is known, and the robot's place in it.

    `order` stays after the end, since its ids are reported until the next order (6.6.3). `closed`: cancelled or
    cleared, so nothing of it is left to drive. `edge_entered`: sequence id of the edge the robot is on, or None.
    `said`: digest of the message last accepted.
    """

    order: Order | None = None
    closed: bool = False
    last_node_id: str = ""
    last_sequence_id: int = 0
    on_node: bool = False
    edge_entered: int | None = None
    earlier: list[str] = field(default_factory=list)
    said: str = ""

    def begin(self, order: Order) -> Node:
        """A new order: its first node counts as passed, since it was trivially reachable. Returns that node."""
        if self.order is not None:
            self.earlier = [*self.earlier, self.order.order_id][-ORDERS_REMEMBERED:]
        first = order.nodes[0]
        self.order, self.closed, self.edge_entered, self.said = order, False, None, digest(order)
        self.last_node_id, self.last_sequence_id, self.on_node = first.node_id, first.sequence_id, True
        return first

    def extend(self, update: Order) -> None:
        if self.order is None:
            raise LocalProtocolError("there is no order to extend")
        merged, self.said = merge_order(self.order, update), digest(update)
        # What lies behind is never needed again; keeping it would let a long order grow without end.
        nodes = tuple(n for n in merged.nodes if n.sequence_id >= self.last_sequence_id)
        edges = tuple(e for e in merged.edges if e.sequence_id > self.last_sequence_id)
        self.order = Order(merged.order_id, merged.order_update_id, nodes, edges, merged.zone_set_id)

    def nodes_left(self) -> tuple[Node, ...]:
        if self.order is None or self.closed:
            return ()
        return tuple(n for n in self.order.nodes if n.sequence_id > self.last_sequence_id)

    def edges_left(self) -> tuple[Edge, ...]:
        if self.order is None or self.closed:
            return ()
        return tuple(e for e in self.order.edges if e.sequence_id > self.last_sequence_id)

    def edge(self, sequence_id: int) -> Edge | None:
        """An edge that is left, by its sequence id."""
        return next((e for e in self.edges_left() if e.sequence_id == sequence_id), None)

    def node_states(self) -> tuple[NodeState, ...]:
        return tuple(NodeState(n.node_id, n.sequence_id, n.released, n.position) for n in self.nodes_left())

    def edge_states(self) -> tuple[EdgeState, ...]:
        return tuple(EdgeState(e.edge_id, e.sequence_id, e.released) for e in self.edges_left())

    def enter_edge(self, sequence_id: int) -> None:
        """The robot begins to drive on this edge. Raises LocalProtocolError unless it is the next released one."""
        edge = next(iter(self.edges_left()), None)
        if edge is None or edge.sequence_id != sequence_id or not edge.released:
            raise LocalProtocolError(f"edge {sequence_id} is not the next released edge")
        self.edge_entered, self.on_node = sequence_id, False

    def nodes_to(self, sequence_id: int) -> tuple[Node, ...]:
        """The released nodes up to and with `sequence_id`, which the robot has just reached, in travel order.

        Empty when it was passed before (a repeated report). Raises LocalProtocolError when it is not in the base.
        """
        if self.order is not None and not self.closed and sequence_id <= self.last_sequence_id:
            return ()
        ahead = [n for n in self.nodes_left() if n.sequence_id <= sequence_id]
        if not ahead or ahead[-1].sequence_id != sequence_id or not all(n.released for n in ahead):
            raise LocalProtocolError(f"node {sequence_id} is not a released node ahead of the robot")
        return tuple(ahead)

    def passed(self, node: Node) -> None:
        self.last_node_id, self.last_sequence_id = node.node_id, node.sequence_id
        self.edge_entered, self.on_node = None, True

    def target(self, blocked_by: tuple[str, ...], stops_at_node: bool) -> DriveTarget | None:
        edge = next(iter(self.edges_left()), None)
        left = self.nodes_left()
        if edge is None or not edge.released or not left or not left[0].released:
            return None
        end = len(left) == 1 or not left[1].released
        on_edge = self.edge_entered == edge.sequence_id
        return DriveTarget(edge, left[0], not blocked_by, blocked_by, stops_at_node or end, end, on_edge)

    def snapshot(self) -> dict[str, Any]:
        return {
            "order": None if self.order is None else order_written(self.order),
            "said": self.said,
            "closed": self.closed,
            "last_node_id": self.last_node_id,
            "last_sequence_id": self.last_sequence_id,
            "on_node": self.on_node,
            "edge_entered": self.edge_entered,
            "earlier": list(self.earlier),
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        body = saved["order"]
        self.order, self.closed = None if body is None else read_order(body), bool(saved["closed"])
        self.said = str(saved.get("said", ""))
        self.last_node_id, self.last_sequence_id = str(saved["last_node_id"]), int(saved["last_sequence_id"])
        self.on_node, self.edge_entered = bool(saved["on_node"]), saved["edge_entered"]
        self.earlier = [str(order_id) for order_id in saved["earlier"]]
