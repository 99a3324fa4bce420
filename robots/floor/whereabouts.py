"""Robots that stand, or were ordered, where nothing was released to them (traffic design 5.6).

Driven by hand, carried, switched on somewhere, or executing an order that nobody here sent: such a robot keeps what it
holds, the places around it count as taken, and it comes back only by being admitted where it stands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..core.geometry import Point, point_to_segment
from ..models import RobotState
from .orders import NODE_DEVIATION_M, ON_LANE_M, STRAY_M

if TYPE_CHECKING:
    from .floor import Floor

AROUND_M = 1.2
"""Nodes, and ends of lanes, nearer than this may be covered by the robot."""
POINTS_KEPT = 512
NEAREST_M = 5.0
"""Beyond this from every node and lane a robot stands beside the road map and is in nobody's way."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Where a robot says it is: `point` on this map, `at` the node it reported last, `listed` released nodes ahead."""

    point: Point | None
    at: str
    listed: tuple[str, ...]


def sight_of(state: RobotState, map_id: str) -> Sight:
    """From its state; a position on another map is none on this one."""
    here = state.localized and state.x is not None and state.y is not None and state.map_id in ("", map_id)
    point = (float(state.x), float(state.y)) if here and state.x is not None and state.y is not None else None
    listed = tuple(node["node_id"] for node in ahead(state) if node.get("released"))
    return Sight(point, state.last_node_id, listed)


def ahead(state: RobotState) -> list[dict[str, Any]]:
    """The node states of what it has still to pass: some robots go on listing what they have passed, for a while."""
    here = (state.last_node_id, state.last_node_sequence_id)
    if any((node["node_id"], node.get("sequence_id")) == here for node in state.node_states):
        return [node for node in state.node_states if node["sequence_id"] > here[1]]
    return list(state.node_states)


def strays(floor: Floor, serial: str, sight: Sight) -> frozenset[str]:
    """Nodes that it stands at or is ordered to and that were not released to it; empty when all is as granted.

    Ordered to nodes of no layout here, it may go anywhere: what is around it counts.
    """
    road = floor.traffic.road
    own = floor.base(serial)
    found = {name for name in sight.listed if name in road.index and name not in own}
    if sight.point is None:
        if sight.at in road.index and sight.at not in own:
            found.add(sight.at)
    elif _off_base(floor, own, sight.point) > STRAY_M or not road.index.keys() >= set(sight.listed):
        found |= around(floor, sight.point)
    return frozenset(found)


def left_its_way(floor: Floor, serial: str, sight: Sight) -> bool:
    """It is not where it was released to be, whether or not a node of the map is near."""
    return sight.point is not None and _off_base(floor, floor.base(serial), sight.point) > STRAY_M


def around(floor: Floor, point: Point) -> frozenset[str]:
    """Nodes that a robot standing there may cover, and the ends of the lanes that it may reach into."""
    kept = floor.places.around
    if point not in kept:
        if len(kept) >= POINTS_KEPT:
            kept.clear()
        kept[point] = _around(floor, point)
    return kept[point]


def _around(floor: Floor, point: Point) -> frozenset[str]:
    road = floor.traffic.road
    points, names = road.points, road.names
    found = {name for name, p in zip(names, points, strict=True) if math.dist(p, point) < AROUND_M}
    for a, b in road.edge_ends:
        if point_to_segment(point, points[a], points[b]) < AROUND_M:
            found.update((names[a], names[b]))
    if not found and names:
        nearest = road.node_near(point)
        if math.dist(points[road.index[nearest]], point) < NEAREST_M:
            found.add(nearest)
    return frozenset(found)


def node_to_admit(floor: Floor, sight: Sight) -> str:
    """The node a robot stands at, as far as an order may begin there; "" when it stands at none.

    A robot that has passed no node yet is taken by its position (2.1, 6.6.3.1; 3.0, 6.1.3.1). One that is not right on
    its node has to stand on a lane of it, for then it is led along that lane first (see `beside`): otherwise it would
    begin by cutting a corner over ground that nobody holds for it.
    """
    road = floor.traffic.road
    if sight.point is None:
        return sight.at if sight.at in road.index else ""
    if sight.at in road.index:
        off = math.dist(road.points[road.index[sight.at]], sight.point)
        if off <= ON_LANE_M or (off <= NODE_DEVIATION_M and _other_ends(floor, sight.point, sight.at)):
            return sight.at
    nearest = road.node_near(sight.point) if road.names else ""
    if not nearest:
        return ""
    off = math.dist(road.points[road.index[nearest]], sight.point)
    return nearest if off <= ON_LANE_M or (off <= STRAY_M and _other_ends(floor, sight.point, nearest)) else ""


def beside(floor: Floor, sight: Sight, node: str) -> frozenset[str]:
    """Other ends of the lanes of `node` on which a robot stands that is admitted there without standing right on it."""
    road = floor.traffic.road
    if sight.point is None or math.dist(road.points[road.index[node]], sight.point) <= ON_LANE_M:
        return frozenset()
    return _other_ends(floor, sight.point, node)


def _other_ends(floor: Floor, point: Point, node: str) -> frozenset[str]:
    road = floor.traffic.road
    at, points = road.index[node], road.points
    lanes = ((a, b) for a, b in road.edge_ends if at in (a, b))
    found = {end for a, b in lanes if point_to_segment(point, points[a], points[b]) < ON_LANE_M for end in (a, b)}
    return frozenset(road.names[end] for end in found - {at})


def _off_base(floor: Floor, base: list[str], point: Point) -> float:
    road = floor.traffic.road
    places = [road.points[road.index[name]] for name in base]
    if len(places) == 1:
        return math.dist(places[0], point)
    return min(point_to_segment(point, a, b) for a, b in pairwise(places))
