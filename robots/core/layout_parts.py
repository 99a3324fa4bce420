"""What a site's layout is made of, as frozen data: the road map a robot may drive and what stands around it.

Lengths in metres, angles in radians, speeds in m/s; the origin is the south-west corner of the floor, x east, y north.
Edges are one-way, as in LIF 1.0 (8.3 edge) and VDA 5050 3.0 (6.1): a two-way lane is two edges.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from robots.core.geometry import Point, inside

STATION_KINDS: Final = (
    "receiving", "rack", "packing", "staging", "dock", "charger", "parking", "inspection", "storage",
)  # fmt: skip
ZONE_KINDS: Final = ("human_only", "closed", "speed", "area", "release", "penalty", "directed")
NO_ENTRY_KINDS: Final = ("human_only", "closed")
DOOR_KINDS: Final = ("door", "lift", "crossing")


def _later(default: Any) -> Any:
    """A member that came later: left out of the JSON at its default, so that older layouts keep their hash."""
    return field(default=default, metadata={"later": True})


@dataclass(frozen=True, slots=True)
class NodeUse:
    """How one vehicle type stands at a node (LIF 8.3 vehicleTypeNodeProperties): counts instead of the node's `theta`.

    `theta` in rad, None for any heading.
    """

    type: str
    theta: float | None = None


@dataclass(frozen=True, slots=True)
class EdgeUse:
    """How one vehicle type drives an edge (LIF 8.3 vehicleTypeEdgeProperties): counts instead of the edge's members.

    `max_speed` in m/s, None for the robot's own limit. `orientation` (rad) is the heading of the body against the
    direction of travel: pi is backwards. `turns` (rotationAllowed): it may rotate while on the edge. `turns_at_start`,
    `turns_at_end` (rotationAtStartNodeAllowed, rotationAtEndNodeAllowed): False where it must not rotate there.
    """

    type: str
    max_speed: float | None = None
    reentry: bool = True
    orientation: float = 0.0
    turns: bool = False
    turns_at_start: bool = True
    turns_at_end: bool = True


@dataclass(frozen=True, slots=True)
class Node:
    """A place on the road map. `theta` (rad) is the heading a robot must have there, None for any.

    `vehicle_types` None means usable by every type; otherwise only by those named (LIF 8.3 node). `uses` says what
    holds for single types only.
    """

    id: str
    x: float
    y: float
    theta: float | None = None
    name: str = ""
    vehicle_types: tuple[str, ...] | None = None
    uses: tuple[NodeUse, ...] = _later(())

    def theta_of(self, kind: str) -> float | None:
        """The heading in rad that vehicle type `kind` must have here, None for any."""
        return next((use.theta for use in self.uses if use.type == kind), self.theta)


@dataclass(frozen=True, slots=True)
class Edge:
    """A one-way lane from node `start` to node `end`, straight. `max_speed` in m/s, None for the robot's own limit.

    `vehicle_types` and `uses` as for `Node`. `reentry` False: a robot standing on this edge must
    not be taken into automatic control there (LIF 8.3 reentryAllowed). `factor` (>= 1) is how much dearer than its
    travel time a lane against the preferred direction counts when ways are chosen; it slows nobody.
    """

    id: str
    start: str
    end: str
    max_speed: float | None = None
    vehicle_types: tuple[str, ...] | None = None
    reentry: bool = True
    factor: float = _later(1.0)
    uses: tuple[EdgeUse, ...] = _later(())

    def use_of(self, kind: str) -> EdgeUse:
        """How vehicle type `kind` drives this edge."""
        return next((use for use in self.uses if use.type == kind), EdgeUse(kind, self.max_speed, self.reentry))


@dataclass(frozen=True, slots=True)
class Station:
    """A named place where something is done. `nodes` are its interaction nodes, best first; (x, y) is its centre.

    `capacity` counts the items it can hold, None for no limit.
    """

    id: str
    name: str
    kind: str
    nodes: tuple[str, ...]
    x: float
    y: float
    aliases: tuple[str, ...] = ()
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """A region. human_only and closed admit no robot, speed limits to `max_speed` (m/s), area only has a name.

    release admits `capacity` robots at a time (VDA 5050 3.0 RELEASE zone). penalty makes its lanes `factor` (>= 1)
    times dearer when ways are chosen. directed prefers driving along `direction` (rad): lanes more than 90 degrees
    off it are `factor` times dearer, or closed when `strict`.
    """

    id: str
    name: str
    kind: str
    polygon: tuple[Point, ...]
    max_speed: float | None = None
    capacity: int = _later(1)
    factor: float | None = _later(None)
    direction: float | None = _later(None)
    strict: bool = _later(False)


@dataclass(frozen=True, slots=True)
class Door:
    """A door in a wall from (x1, y1) to (x2, y2); `edges` are the lanes that pass it.

    Kind lift or crossing: the nodes between its lanes (the cab, the middle of the crossing) belong to it, too.
    """

    id: str
    name: str
    x1: float
    y1: float
    x2: float
    y2: float
    edges: tuple[str, ...] = ()
    kind: str = _later("door")


@dataclass(frozen=True, slots=True)
class Rack:
    """A rectangle nothing drives through: (x, y) is its south-west corner."""

    id: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Wall:
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Layout:
    """One version of one floor. `map_id` is what robots call it in VDA 5050 (nodePosition.mapId)."""

    name: str
    version: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    stations: tuple[Station, ...] = ()
    zones: tuple[Zone, ...] = ()
    racks: tuple[Rack, ...] = ()
    walls: tuple[Wall, ...] = ()
    doors: tuple[Door, ...] = ()
    width: float = 0.0
    height: float = 0.0
    map_id: str = ""

    def node(self, node_id: str) -> Node:
        """The node called `node_id`; KeyError if there is none. Linear: build a `RoadMap` for repeated questions."""
        return _find(self.nodes, node_id)

    def edge(self, edge_id: str) -> Edge:
        return _find(self.edges, edge_id)

    def station(self, station_id: str) -> Station:
        return _find(self.stations, station_id)

    def stations_of(self, kind: str) -> tuple[Station, ...]:
        return tuple(s for s in self.stations if s.kind == kind)

    def station_at(self, node: str) -> Station | None:
        """The station that has `node` among its interaction nodes."""
        return next((s for s in self.stations if node in s.nodes), None)

    def nodes_in(self, zone: Zone) -> frozenset[str]:
        return frozenset(n.id for n in self.nodes if inside((n.x, n.y), zone.polygon))

    def nodes_of_place(self, place_id: str) -> frozenset[str]:
        """Every node of the station and of the zone called `place_id` (both may exist): what "avoid aisle 3" means."""
        found: frozenset[str] = frozenset()
        for station in self.stations:
            if station.id == place_id:
                found |= frozenset(station.nodes)
        for zone in self.zones:
            if zone.id == place_id:
                found |= self.nodes_in(zone)
        return found


_T = TypeVar("_T", Node, Edge, Station)


def _find(items: Iterable[_T], wanted: str) -> _T:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)
