"""A site's layout as plain frozen data: the road map a robot may drive and what stands around it.

Lengths in metres, angles in radians, speeds in m/s; the origin is the south-west corner of the floor, x east, y north.
Edges are one-way, as in LIF 1.0 (8.3 edge) and VDA 5050 3.0 (6.1): a two-way lane is two edges. Nothing here reads
a file or a database; `layout_from_json` raises `LayoutError` with the place and what would be right.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, TypeVar

from robots.core.geometry import Point, inside

STATION_KINDS: Final = (
    "receiving", "rack", "packing", "staging", "dock", "charger", "parking", "inspection", "storage",
)  # fmt: skip
ZONE_KINDS: Final = ("human_only", "closed", "speed", "area")
NO_ENTRY_KINDS: Final = ("human_only", "closed")


class LayoutError(ValueError):
    """A layout that cannot be read: what is wrong, where, and what would be right."""


@dataclass(frozen=True, slots=True)
class Node:
    """A place on the road map. `theta` (rad) is the heading a robot must have there, None for any.

    `vehicle_types` None means usable by every type; otherwise only by those named (LIF 8.3 node).
    """

    id: str
    x: float
    y: float
    theta: float | None = None
    name: str = ""
    vehicle_types: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """A one-way lane from node `start` to node `end`, straight. `max_speed` in m/s, None for the robot's own limit.

    `vehicle_types` as for `Node`. `reentry` False: a robot standing on this edge must
    not be taken into automatic control there (LIF 8.3 reentryAllowed).
    """

    id: str
    start: str
    end: str
    max_speed: float | None = None
    vehicle_types: tuple[str, ...] | None = None
    reentry: bool = True


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
    """A region. human_only and closed admit no robot, speed limits to `max_speed` (m/s), area only has a name."""

    id: str
    name: str
    kind: str
    polygon: tuple[Point, ...]
    max_speed: float | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """A door in a wall from (x1, y1) to (x2, y2); `edges` are the lanes that pass it."""

    id: str
    name: str
    x1: float
    y1: float
    x2: float
    y2: float
    edges: tuple[str, ...] = ()


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


_PARTS: Final[dict[str, type[Any]]] = {
    "nodes": Node, "edges": Edge, "stations": Station, "zones": Zone, "racks": Rack, "walls": Wall, "doors": Door,
}  # fmt: skip


def layout_to_json(layout: Layout) -> dict[str, Any]:
    """Plain dicts and lists, the form kept in the database and given by REST."""
    # Read back once: a length given as 60 is written as 60.0, so equal layouts have equal JSON and equal hashes.
    plain: dict[str, Any] = json.loads(json.dumps(asdict(layout_from_json(asdict(layout)))))
    return plain


def layout_from_json(data: Mapping[str, Any]) -> Layout:
    """The layout that `layout_to_json` wrote. Raises LayoutError on missing, unknown or wrongly typed members."""
    if not isinstance(data, Mapping):
        raise LayoutError("/: a layout is a JSON object")
    members = dict(data)
    for key, part in _PARTS.items():
        given = members.get(key, [])
        if not isinstance(given, list | tuple):
            raise LayoutError(f"/{key}: must be a list")
        members[key] = tuple(_part(part, item, f"/{key}/{i}") for i, item in enumerate(given))
    made: Layout = _part(Layout, members, "")
    return made


def _part(part: type[Any], data: Any, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise LayoutError(f"{where or '/'}: must be an object")
    types = {f.name: str(f.type) for f in fields(part)}
    unknown = sorted(set(data) - set(types))
    if unknown:
        raise LayoutError(f"{where}/{unknown[0]}: unknown member; {part.__name__} has {', '.join(types)}")
    values = {key: _value(types[key], value, f"{where}/{key}") for key, value in data.items()}
    try:
        return part(**values)
    except TypeError as error:
        raise LayoutError(f"{where or '/'}: {part.__name__} {str(error).split('__init__() ')[-1]}") from None


def _value(kind: str, value: Any, where: str) -> Any:
    if value is None and "None" in kind:
        return None
    if kind.startswith("float") and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if kind.startswith("int") and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "str" and isinstance(value, str):
        return value
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind.startswith("tuple") and isinstance(value, list | tuple):
        if "str" in kind and not all(isinstance(v, str) for v in value):
            raise LayoutError(f"{where}: must be a list of texts")
        if "Point" in kind:
            return tuple(_point(p, f"{where}/{i}") for i, p in enumerate(value))
        return tuple(value)
    raise LayoutError(f"{where}: {json.dumps(value, default=str)[:40]} is not a {kind.split(' ')[0]}")


def _point(value: Any, where: str) -> Point:
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(v, int | float) for v in value):
        return (float(value[0]), float(value[1]))
    raise LayoutError(f"{where}: a point is [x, y] in metres")


def layout_hash(layout: Layout) -> str:
    """SHA-256 (hex) of the canonical JSON: sorted keys, no spaces. The same layout gives the same hash for ever."""
    text = json.dumps(layout_to_json(layout), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def validate_layout(layout: Layout) -> list[str]:
    """Every problem of a layout in plain words, worst first; an empty list means it can be driven.

    Whether a fleet of a given size can lock up on it is another question: `robots.core.traffic.audit`.
    """
    broken = [*_identity_problems(layout), *_road_problems(layout), *_place_problems(layout)]
    return broken or _reach_problems(layout)


def _repeated(values: Iterable[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


def _identity_problems(layout: Layout) -> list[str]:
    found = []
    groups: tuple[tuple[str, Iterable[str]], ...] = (
        ("node", (n.id for n in layout.nodes)), ("edge", (e.id for e in layout.edges)),
        ("station", (s.id for s in layout.stations)), ("zone", (z.id for z in layout.zones)),
        ("rack", (r.id for r in layout.racks)), ("door", (d.id for d in layout.doors)),
    )  # fmt: skip
    for word, ids in groups:
        found += [f"Two {word}s are called {name!r}; ids must be unique." for name in _repeated(ids)]
    spoken: dict[str, str] = {}
    for station in layout.stations:
        for word in dict.fromkeys(w.casefold().strip() for w in (station.name, *station.aliases)):
            if word in spoken:
                found.append(f"{station.name!r} and {spoken[word]!r} are both called {word!r}; names must differ.")
            spoken.setdefault(word, station.name)
    return found


def _road_problems(layout: Layout) -> list[str]:
    nodes = {n.id for n in layout.nodes}
    found = [] if nodes else ["The layout has no nodes."]
    for node in layout.nodes:
        if not (math.isfinite(node.x) and math.isfinite(node.y)):
            found.append(f"Node {node.id!r} has no finite position.")
        elif layout.width and not (0 <= node.x <= layout.width and 0 <= node.y <= layout.height):
            found.append(f"Node {node.id!r} at ({node.x:g}, {node.y:g}) lies outside the floor.")
    for edge in layout.edges:
        for word, end in (("starts", edge.start), ("ends", edge.end)):
            if end not in nodes:
                found.append(f"Edge {edge.id!r} {word} at node {end!r}, which does not exist.")
        if edge.start == edge.end:
            found.append(f"Edge {edge.id!r} starts and ends at the same node.")
        if edge.max_speed is not None and not edge.max_speed > 0:
            found.append(f"Edge {edge.id!r} has a maximum speed of {edge.max_speed:g} m/s; it must be above 0.")
    pairs = (f"{e.start} to {e.end}" for e in layout.edges)
    found += [f"More than one edge leads from {pair}; one is enough." for pair in _repeated(pairs)]
    return found


def _place_problems(layout: Layout) -> list[str]:
    nodes, edges, found = {n.id for n in layout.nodes}, {e.id for e in layout.edges}, []
    forbidden: dict[str, str] = {}
    for zone in layout.zones:
        if zone.kind not in ZONE_KINDS:
            found.append(f"Zone {zone.name!r} is of kind {zone.kind!r}; kinds are {', '.join(ZONE_KINDS)}.")
        if len(zone.polygon) < 3:
            found.append(f"Zone {zone.name!r} has {len(zone.polygon)} corners; it needs at least 3.")
        elif zone.kind in NO_ENTRY_KINDS:
            forbidden |= dict.fromkeys(layout.nodes_in(zone), zone.name)
        if (zone.kind == "speed") != (zone.max_speed is not None and zone.max_speed > 0):
            found.append(f"Zone {zone.name!r}: a speed zone, and only a speed zone, has a maximum speed above 0.")
    for station in layout.stations:
        if station.kind not in STATION_KINDS:
            found.append(f"Station {station.name!r} is of kind {station.kind!r}; kinds are {', '.join(STATION_KINDS)}.")
        if not station.nodes:
            found.append(f"Station {station.name!r} has no node at which a robot could work.")
        for node in station.nodes:
            if node not in nodes:
                found.append(f"Station {station.name!r} names node {node!r}, which does not exist.")
            if node in forbidden:
                found.append(f"Station {station.name!r} lies in {forbidden[node]!r}, where no robot may go.")
    shared = _repeated(node for station in layout.stations for node in station.nodes)
    found += [f"Node {node!r} belongs to more than one station." for node in shared]
    for door in layout.doors:
        found += [f"Door {door.name!r} names edge {e!r}, which does not exist." for e in door.edges if e not in edges]
    return found


def _reach_problems(layout: Layout) -> list[str]:
    """Stations off the largest part of the road map within which every node reaches every other."""
    ahead: dict[str, list[str]] = {n.id: [] for n in layout.nodes}
    behind: dict[str, list[str]] = {n.id: [] for n in layout.nodes}
    for edge in layout.edges:
        ahead[edge.start].append(edge.end)
        behind[edge.end].append(edge.start)
    best: tuple[int, set[str], set[str]] = (0, set(), set())
    left = set(ahead)
    while len(left) > best[0]:
        start = min(left)
        to, back = _flood(start, ahead), _flood(start, behind)
        best = max(best, (len(to & back), to, back), key=lambda part: part[0])
        left -= to & back
    found = []
    for station in layout.stations:
        for node in station.nodes:
            if node not in best[1]:
                found.append(f"Station {station.name!r} cannot be reached: no way leads to its node {node!r}.")
            elif node not in best[2]:
                found.append(f"Station {station.name!r} is a trap: no way leads back from its node {node!r}.")
    return found


def _flood(start: str, ways: Mapping[str, Iterable[str]]) -> set[str]:
    seen, stack = {start}, [start]
    while stack:
        for other in ways[stack.pop()]:
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen
