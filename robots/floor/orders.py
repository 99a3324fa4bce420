"""The VDA 5050 orders that follow from what traffic released (2.1 sections 6.6.1 and 6.6.2)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..core.footprint import POSITION_ERROR
from ..core.geometry import point_to_segment
from ..core.traffic import ExtendBase
from ..core.vda5050.messages import DeviationEllipse, Node, NodePosition, Order
from ..core.vda5050.orders import Visit, extend_order, new_order, visit
from ..legs import Leg, action_of

if TYPE_CHECKING:
    from .floor import Floor

NODE_DEVIATION_M = 0.5
"""How far from its first node an order is taken. Every later node is reported within `POSITION_ERROR`, for that report
frees what lies behind, and footprints leave room for no more."""
STRAY_M = 1.0
"""Farther than this from the way released to it, a robot has left it: twice the deviation allowed at a node."""
ON_LANE_M = 0.3
"""Not farther than this beside the line between two nodes, or from a node, a robot stands on that lane, or node."""
BETWEEN_M = 0.4
"""Farther than this from the node it reported last, a robot stands on the way to the next. Below the deviation."""


def order_for(floor: Floor, effect: ExtendBase) -> Order:
    """The new order, or the update of the one before, that releases this piece."""
    leg = floor.legs.get(effect.robot)
    ours = leg if leg is not None and leg.order == effect.order_id else None
    speed = ours.speed if ours else None
    # a goal that is another's turn is only passed: what is to be done there is done when it is this robot's
    acts = ours is not None and floor.has_turn(effect.robot)
    base = []
    for (before, seen), edge in zip(pairwise(effect.visits), effect.edges, strict=True):
        last = seen is effect.visits[-1]
        actions = ours.actions if ours and acts and last and seen.node == ours.goal else ()
        node = _node(floor, seen.node, actions, theta=_theta(floor, effect.robot, before.node, seen.node))
        base.append(visit(node, edge.edge, speed=speed or floor.speed_limit(edge.edge)))
    horizon = [] if effect.yielding or (ours and not ours.horizon) else _horizon(floor, effect, speed)
    previous = floor.orders.get(effect.robot)
    if effect.new_order or previous is None or previous.order_id != effect.order_id:
        first, second = effect.visits[0].node, effect.visits[1].node
        theta = _theta(floor, effect.robot, first, second)
        start = _node(floor, first, ours.first if ours else (), _reach(floor, effect), theta)
        return new_order(effect.order_id, [visit(start), *base], horizon)
    return extend_order(previous, base, horizon)


def order_to_act(floor: Floor, serial: str, leg: Leg) -> Order:
    """A robot that stands at its goal already: one node with the actions."""
    off = floor.off(serial, leg.goal)
    deviation = off + 0.2 if BETWEEN_M < off <= STRAY_M else NODE_DEVIATION_M
    theta = _theta(floor, serial, leg.goal, leg.goal)
    return new_order(leg.order, [Visit(_node(floor, leg.goal, (*leg.first, *leg.actions), deviation, theta))])


def _reach(floor: Floor, effect: ExtendBase) -> float:
    """How far from its first node an order is taken: more for a robot that stands on its way to the next.

    On no account for one that stands elsewhere: it would go straight to the next, over ground that it does not hold.
    """
    here, road = floor.position(effect.robot), floor.traffic.road
    a, b = (road.points[road.index[seen.node]] for seen in effect.visits[:2])
    if here is None or point_to_segment(here, a, b) > ON_LANE_M:
        return NODE_DEVIATION_M
    off = math.dist(here, a)
    return max(NODE_DEVIATION_M, off + 0.2 if off > BETWEEN_M else 0.0)


def _horizon(floor: Floor, effect: ExtendBase, speed: float | None) -> list[Visit]:
    road, found = floor.traffic.road, []
    room = floor.fits[effect.robot].horizon if effect.robot in floor.fits else None
    for a, b in pairwise([effect.visits[-1].node, *effect.horizon[:room]]):
        edge = road.edge_names[road.edge_of[road.index[a], road.index[b]]]
        node = _node(floor, b, (), theta=_theta(floor, effect.robot, a, b))
        found.append(visit(node, edge, speed=speed or floor.speed_limit(edge)))
    return found


def _theta(floor: Floor, serial: str, a: str, b: str) -> float | None:
    """The direction of driving at `b`, for a robot that must be told one: any other will do as well (see `_node`)."""
    if serial not in floor.fits or not floor.fits[serial].theta:
        return None
    road = floor.traffic.road
    (ax, ay), (bx, by) = road.points[road.index[a]], road.points[road.index[b]]
    return math.atan2(by - ay, bx - ax)


def _node(
    floor: Floor,
    node: str,
    actions: Sequence[Mapping[str, Any]],
    deviation: float = POSITION_ERROR,
    theta: float | None = None,
) -> Node:
    x, y = floor.traffic.road.points[floor.traffic.road.index[node]]
    ellipse = DeviationEllipse(deviation, deviation)
    any_turn = None if theta is None else math.pi
    position = NodePosition(x, y, floor.layout.map_id, theta, ellipse, any_turn)
    return Node(node, 0, True, position, tuple(action_of(a) for a in actions))
