"""Building, checking and joining orders (2.1 sections 6.6.1, 6.6.2), without any connection.

Dispatch builds messages here and writes them to the outbox; both protocol sides check and merge with the same
functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .errors import LocalProtocolError
from .messages import Action, Corridor, Edge, Node, Order
from .shapes import UINT32
from .topics import valid_id


@dataclass(frozen=True, slots=True)
class Visit:
    """A node to pass and the edge that leads to it (None only for the first node of a new order).

    Of both, `sequence_id` and `released`, and the edge's node ids, are set when the order is built.
    """

    node: Node
    edge: Edge | None = None


def visit(node: Node, edge_id: str = "", *, edge_actions: tuple[Action, ...] = (), speed: float | None = None) -> Visit:
    """A visit by ids: `edge_id` empty for the first node; `speed` is the edge's limit in m/s."""
    if not edge_id:
        return Visit(node)
    return Visit(node, Edge(edge_id, 0, False, "", "", edge_actions, maximum_speed=speed))


def new_order(order_id: str, base: Sequence[Visit], horizon: Sequence[Visit] = ()) -> Order:
    """A new order (update id 0); `base[0]` is where the robot stands. Raises LocalProtocolError when not valid."""
    if not base or base[0].edge is not None:
        raise LocalProtocolError("a new order begins with a released node that no edge leads to")
    first = replace(base[0].node, sequence_id=0, released=True)
    order = _append(Order(order_id, 0, (first,)), base[1:], horizon)
    check_order(order, None)
    return order


def extend_order(previous: Order, base: Sequence[Visit], horizon: Sequence[Visit] = ()) -> Order:
    """The next update: begins with the stitching node of `previous` (the message sent before, new order or update).

    `base` is what is released in addition; empty keeps the base and only replaces the horizon. Raises
    LocalProtocolError when the result is not valid.
    """
    stitch = previous.decision_point
    if stitch is None:
        raise LocalProtocolError("the previous order has no released node to continue from")
    start = Order(previous.order_id, previous.order_update_id + 1, (stitch,), zone_set_id=previous.zone_set_id)
    order = _append(start, base, horizon)
    check_order(order, previous)
    return order


def act_here(
    previous: Order, actions: Sequence[Action], edge_id: str, horizon: Sequence[Visit] = (), *, node_id: str = ""
) -> Order:
    """The update that releases `actions` where the base of `previous` ends (3.0 6.1.2, figure 7; D42).

    The decision node is sent again unchanged, and behind it a node at its place, two sequence ids later, that has the
    new actions. `node_id`: another id for that node, where a robot does not take the same one twice in a row. Raises
    LocalProtocolError as `extend_order` does.
    """
    stand = previous.decision_point
    if stand is None:
        raise LocalProtocolError("the previous order has no released node to act on")
    here = replace(stand, node_id=node_id or stand.node_id, actions=tuple(actions))
    return extend_order(previous, [Visit(here, Edge(edge_id, 0, True, "", ""))], horizon)


def without_horizon(order: Order) -> Order:
    """The base alone, for robots that refuse a horizon."""
    return replace(
        order,
        nodes=tuple(node for node in order.nodes if node.released),
        edges=tuple(edge for edge in order.edges if edge.released),
    )


def _append(start: Order, base: Sequence[Visit], horizon: Sequence[Visit]) -> Order:
    nodes, edges = list(start.nodes), list(start.edges)
    for item, released in [(v, True) for v in base] + [(v, False) for v in horizon]:
        if item.edge is None:
            raise LocalProtocolError(f"node {item.node.node_id} needs the edge that leads to it")
        before = nodes[-1]
        sequence_id = before.sequence_id + 1
        edges.append(
            replace(
                item.edge,
                sequence_id=sequence_id,
                released=released,
                start_node_id=before.node_id,
                end_node_id=item.node.node_id,
                corridor=_corridor(item.edge),
            )
        )
        nodes.append(replace(item.node, sequence_id=sequence_id + 1, released=released))
    return replace(start, nodes=tuple(nodes), edges=tuple(edges))


def _corridor(edge: Edge) -> Corridor | None:
    """A corridor without any width is left out instead of sent (6.6.5)."""
    corridor = edge.corridor
    return None if corridor is None or not (corridor.left_width or corridor.right_width) else corridor


def check_structure(order: Order) -> None:
    """What makes any order message well formed (6.6.1, 6.6.2), whoever sent it. Raises LocalProtocolError."""
    if not order.order_id:
        raise LocalProtocolError("orderId is empty")
    if not order.nodes:
        raise LocalProtocolError("an order has at least one node")
    if len(order.edges) != len(order.nodes) - 1:
        raise LocalProtocolError(f"{len(order.nodes)} nodes need {len(order.nodes) - 1} edges, not {len(order.edges)}")
    if not order.nodes[0].released:
        raise LocalProtocolError("the first node has to be released")
    for index, edge in enumerate(order.edges):
        _check_step(order.nodes[index], edge, order.nodes[index + 1])
    ids = [action.action_id for action in order.actions]
    doubled = sorted({x for x in ids if ids.count(x) > 1})
    if doubled:
        raise LocalProtocolError(f"actionId {doubled[0]!r} is used twice; every action needs its own")


def _check_step(before: Node, edge: Edge, after: Node) -> None:
    name = f"edge {edge.edge_id}"
    if (edge.sequence_id, after.sequence_id) != (before.sequence_id + 1, before.sequence_id + 2):
        wanted, found = before.sequence_id, f"{edge.sequence_id} and {after.sequence_id}"
        raise LocalProtocolError(
            f"sequence ids run on over nodes and edges: after node {wanted} come edge {wanted + 1} and node "
            f"{wanted + 2}, not {found}"
        )
    if after.sequence_id >= UINT32:
        raise LocalProtocolError("sequence ids must stay below 2**32; begin a new order")
    if edge.released and not (before.released and after.released):
        raise LocalProtocolError(f"{name} is released, so both its nodes have to be released")
    if after.released and not edge.released:
        raise LocalProtocolError(f"node {after.node_id} is released behind {name}, which is not")
    if (edge.start_node_id, edge.end_node_id) != (before.node_id, after.node_id):
        raise LocalProtocolError(
            f"{name} joins {before.node_id} and {after.node_id}, not {edge.start_node_id} and {edge.end_node_id}"
        )


def check_order(order: Order, previous: Order | None) -> None:
    """What we may send. `previous`: the message sent before for this order id; None for a new order.

    Raises LocalProtocolError when the order is malformed, changes the base, does not begin with the unchanged stitching
    node, does not raise the update id, or uses ids outside 6.1.2.
    """
    check_structure(order)
    _check_ids(order)
    _check_ways(order)
    if not 0 <= order.order_update_id < UINT32:
        raise LocalProtocolError(f"orderUpdateId {order.order_update_id} is outside 0 .. 2**32-1")
    first = order.nodes[0]
    if previous is None:
        if order.order_update_id != 0 or first.sequence_id != 0:
            raise LocalProtocolError("a new order begins with orderUpdateId 0 and sequenceId 0")
        return
    if order.order_id != previous.order_id:
        raise LocalProtocolError(f"an update of order {previous.order_id} cannot have orderId {order.order_id}")
    if order.order_update_id <= previous.order_update_id:
        raise LocalProtocolError(
            f"orderUpdateId has to grow: {previous.order_update_id} was sent, {order.order_update_id} is not above it"
        )
    stitch = previous.decision_point
    if stitch is None:
        raise LocalProtocolError("the previous order has no released node to continue from")
    if (first.node_id, first.sequence_id) != (stitch.node_id, stitch.sequence_id):
        raise LocalProtocolError(
            f"the base cannot change: an update begins with its last node {stitch.node_id} (sequenceId "
            f"{stitch.sequence_id}), not with {first.node_id} (sequenceId {first.sequence_id})"
        )
    if first != stitch:
        raise LocalProtocolError(f"stitching node {stitch.node_id} has to be sent again unchanged, actions included")


def _check_ways(order: Order) -> None:
    for edge in order.edges:
        corridor = edge.corridor
        if corridor is None:
            continue
        if edge.trajectory is None:
            raise LocalProtocolError(f"edge {edge.edge_id} has a corridor, so it needs the trajectory that lies in it")
        if corridor.left_width < 0 or corridor.right_width < 0:
            raise LocalProtocolError(f"the corridor of edge {edge.edge_id} has a width below zero")
        if not (corridor.left_width or corridor.right_width):
            raise LocalProtocolError(f"the corridor of edge {edge.edge_id} has no width; leave it out instead")


def _check_ids(order: Order) -> None:
    names = [order.order_id, *(n.node_id for n in order.nodes), *(e.edge_id for e in order.edges)]
    names += [action.action_id for action in order.actions]
    for name in names:
        if not valid_id(name):
            raise LocalProtocolError(f"id {name!r} may only have letters, digits and _ - . : (at most 256)")


def merge_order(whole: Order, update: Order) -> Order:
    """`whole` (all that is known of an order) continued by `update`: base and stitching node kept, horizon replaced."""
    stitch = update.nodes[0].sequence_id
    nodes = tuple(n for n in whole.nodes if n.sequence_id <= stitch) + update.nodes[1:]
    edges = tuple(e for e in whole.edges if e.sequence_id < stitch) + update.edges
    return replace(update, nodes=nodes, edges=edges)


def without_passed(whole: Order, sequence_id: int) -> Order:
    """`whole` from node `sequence_id` on: what lies behind a robot is not needed to continue its order."""
    nodes = tuple(node for node in whole.nodes if node.sequence_id >= sequence_id) or whole.nodes[-1:]
    edges = tuple(edge for edge in whole.edges if edge.sequence_id > nodes[0].sequence_id)
    return replace(whole, nodes=nodes, edges=edges)
