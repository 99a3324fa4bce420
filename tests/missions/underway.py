"""A robot in the middle of its first order, as the fault tests want it."""

from __future__ import annotations

from typing import Any

from missions.models import Mission
from robots.models import RobotState
from tests.missions.floor import Fleet
from tests.missions.test_dispatcher import dispatch

MOVE: dict[str, Any] = {"steps": [{"op": "move", "at": "pack-1"}]}


def under_way(fleet: Fleet, robot: str = "R-01") -> tuple[Mission, RobotState]:
    """A mission whose robot has its order, stands at its first node with a base ahead, and hears nothing more."""
    fleet.turn()
    mission = dispatch(fleet, {**MOVE, "robot": robot})
    fleet.deaf.add(robot)
    for _ in range(30):
        fleet.turn()
        order = fleet.dispatcher.floor.orders.get(robot)
        if order is not None and order.order_id.startswith("att_") and len(order.nodes) > 1:
            break
    mission.refresh_from_db()
    state = took_its_order(fleet, robot)
    fleet.turn()
    return mission, state


def took_its_order(fleet: Fleet, robot: str) -> RobotState:
    """The robot reports that it has the newest order and stands at its first node."""
    order = fleet.dispatcher.floor.orders[robot]
    ahead = [n for n in order.nodes[1:] if n.released]
    return fleet.stands_at(
        robot,
        order.nodes[0].node_id,
        order_id=order.order_id,
        order_update_id=order.order_update_id,
        last_node_sequence_id=order.nodes[0].sequence_id,
        node_states=[{"node_id": n.node_id, "sequence_id": n.sequence_id, "released": True} for n in ahead],
        action_states=[],
    )


def away_from(fleet: Fleet, *serials: str) -> str:
    """A node of the core that is far from all these robots, and that nobody holds."""
    floor = fleet.dispatcher.floor
    road, ledger = floor.traffic.road, floor.traffic.ledger
    points = [road.points[n] for s in serials for n in floor.traffic.robots[s].base]

    def room(node: int) -> float:
        x, y = road.points[node]
        return min((x - a) ** 2 + (y - b) ** 2 for a, b in points)

    free = [n for n in floor.traffic.audit.core if all(ledger.owner(r) is None for r in road.node_resources[n])]
    return road.names[max(free, key=room)]
