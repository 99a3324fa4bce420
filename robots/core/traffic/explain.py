"""Why a robot does what it does, in words a supervisor can act on; each reason names the owner or the rule."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from robots.core.routing import UNREACHABLE
from robots.core.traffic.state import RobotState, WaitReason

if TYPE_CHECKING:
    from robots.core.traffic.traffic import Traffic


def reason_for(traffic: Traffic, state: RobotState, now: float) -> WaitReason:
    """The reason as of now; `since` is kept from the cycle that gave the same reason first."""
    kind, resource, holder, text = _reason(traffic, state)
    before = state.wait
    since = before.since if (before.kind, before.resource, before.holder) == (kind, resource, holder) else now
    return WaitReason(kind, resource, holder, since, text)


def _reason(traffic: Traffic, state: RobotState) -> tuple[str, str | None, str | None, str]:
    name = traffic.road.names
    if state.held is not None:
        return "held", None, state.id, state.held
    if len(state.base) > 1 and state.order_id is not None:
        return "driving", None, None, f"driving to {name[state.end]}"
    if state.arriving and traffic.tokens.enabled(state):
        return "at_goal", None, None, f"at {name[state.end]}"
    if state.id in traffic.refused:
        resource, holder = traffic.refused[state.id]
        return _robot(traffic.road.resources[resource], holder)
    if state.goal is not None:
        key = traffic.tokens.key(state.goal)
        place = f"node:{name[state.goal]}"
        other = traffic.tokens.holder.get(key)
        if traffic.ways.table(state, state.goal)[state.end] == UNREACHABLE:
            return "no_way", place, None, _no_way(traffic, state)
        if other is not None and other != state.id:
            return "waiting_for_place", place, other, f"waits until {other} has left {name[state.goal]}"
    if state.id in traffic.waits:
        node, holder = traffic.waits[state.id]
        return _robot(f"node:{name[node]}", holder)
    if state.goal is None:
        return "idle", None, None, "has nothing to do"
    return _turn(traffic, state)


def _robot(resource: str, holder: str) -> tuple[str, str, str, str]:
    return "waiting_for_robot", resource, holder, f"waits for {holder}, which holds {resource.split(':', 1)[1]}"


def _turn(traffic: Traffic, state: RobotState) -> tuple[str, str | None, str | None, str]:
    """Nobody stood in the way, yet it was not moved: what its next move needs was promised to another this cycle."""
    assert state.goal is not None
    road, table = traffic.road, traffic.ways.table(state, state.goal)
    open_nodes = [n for n in road.ahead[state.end] if traffic.ways.open(state, state.end, n)]
    if not open_nodes:
        return "no_way", f"node:{road.names[state.goal]}", None, _no_way(traffic, state)
    node = min(open_nodes, key=lambda n: (table[n], n))
    resource = f"node:{road.names[node]}"
    needed = set(road.resources_for(node, state.end))
    for robot in traffic.robots.values():
        if robot.id != state.id and not needed.isdisjoint(_promised(traffic, robot)):
            return "waiting_for_robot", resource, robot.id, f"lets {robot.id} go first at {road.names[node]}"
    return "waiting_for_robot", resource, None, f"waits for its turn at {road.names[node]}"


def _promised(traffic: Traffic, robot: RobotState) -> set[int]:
    """Resources of what a robot holds and of what is planned for it."""
    way = [*robot.base, *robot.horizon]
    found = set(traffic.road.node_resources[way[0]])
    for a, b in pairwise(way):
        found.update(traffic.road.resources_for(b, a if (a, b) in traffic.road.edge_of else None))
    return found


def _no_way(traffic: Traffic, state: RobotState) -> str:
    assert state.goal is not None
    goal = traffic.road.names[state.goal]
    open_way = traffic.road.distances(state.goal)[state.end] != UNREACHABLE
    if not open_way:
        return f"no way leads to {goal}"
    if state.avoid and traffic.road.distances(state.goal, traffic.ways.closed)[state.end] != UNREACHABLE:
        return f"no way leads to {goal} without what must be avoided"
    return f"the way to {goal} is closed"
