"""A site's layout as JSON, its hash, and what can be wrong with it. Its parts are those of `robots.core.layout_parts`.

Nothing here reads a file or a database; `layout_from_json` raises `LayoutError` with the place and what would be right.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from robots.core.geometry import Point
from robots.core.layout_parts import (
    DOOR_KINDS,
    NO_ENTRY_KINDS,
    STATION_KINDS,
    ZONE_KINDS,
    Door,
    Edge,
    EdgeUse,
    Layout,
    Node,
    NodeUse,
    Rack,
    Station,
    Wall,
    Zone,
)

__all__ = [
    "DOOR_KINDS", "NO_ENTRY_KINDS", "STATION_KINDS", "ZONE_KINDS", "Door", "Edge", "EdgeUse", "Layout", "LayoutError",
    "Node", "NodeUse", "Rack", "Station", "Wall", "Zone", "layout_from_json", "layout_hash", "layout_to_json",
    "validate_layout",
]  # fmt: skip


class LayoutError(ValueError):
    """A layout that cannot be read: what is wrong, where, and what would be right."""


_USES: Final[dict[str, type[Any]]] = {"NodeUse": NodeUse, "EdgeUse": EdgeUse}
_PARTS: Final[dict[str, type[Any]]] = {
    "nodes": Node, "edges": Edge, "stations": Station, "zones": Zone, "racks": Rack, "walls": Wall, "doors": Door,
}  # fmt: skip


def layout_to_json(layout: Layout) -> dict[str, Any]:
    """Plain dicts and lists, the form kept in the database and given by REST."""
    # Read back once: a length given as 60 is written as 60.0, so equal layouts have equal JSON and equal hashes.
    same = layout_from_json(asdict(layout))
    plain: dict[str, Any] = json.loads(json.dumps(asdict(same)))
    for key, part in _PARTS.items():
        defaults = {f.name: f.default for f in fields(part) if f.metadata.get("later")}
        for item, written in zip(getattr(same, key), plain[key], strict=True):
            for name, default in defaults.items():
                if getattr(item, name) == default:
                    del written[name]
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
        use = next((part for name, part in _USES.items() if name in kind), None)
        return tuple(value) if use is None else tuple(_part(use, u, f"{where}/{i}") for i, u in enumerate(value))
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
        for speed in (edge.max_speed, *(use.max_speed for use in edge.uses)):
            if speed is not None and not speed > 0:
                found.append(f"Edge {edge.id!r} has a maximum speed of {speed:g} m/s; it must be above 0.")
        if not 1.0 <= edge.factor < math.inf:
            found.append(f"Edge {edge.id!r} has the preference factor {edge.factor:g}; it must be 1 or more.")
    used: list[Node | Edge] = [*(n for n in layout.nodes if n.uses), *(e for e in layout.edges if e.uses)]
    for part in used:
        found += _use_problems(part)
    pairs = (f"{e.start} to {e.end}" for e in layout.edges)
    found += [f"More than one edge leads from {pair}; one is enough." for pair in _repeated(pairs)]
    return found


def _use_problems(part: Node | Edge) -> list[str]:
    word, types = type(part).__name__, [use.type for use in part.uses]
    found = [f"{word} {part.id!r} says twice how {kind!r} uses it; once is enough." for kind in _repeated(types)]
    if part.vehicle_types is not None:
        excluded = sorted(set(types) - set(part.vehicle_types))
        found += [f"{word} {part.id!r} says how {kind!r} uses it, which may not use it at all." for kind in excluded]
    return found


def _zone_problems(zone: Zone) -> list[str]:
    found = []
    if zone.kind not in ZONE_KINDS:
        found.append(f"Zone {zone.name!r} is of kind {zone.kind!r}; kinds are {', '.join(ZONE_KINDS)}.")
    if len(zone.polygon) < 3:
        found.append(f"Zone {zone.name!r} has {len(zone.polygon)} corners; it needs at least 3.")
    if (zone.kind == "speed") != (zone.max_speed is not None and zone.max_speed > 0):
        found.append(f"Zone {zone.name!r}: a speed zone, and only a speed zone, has a maximum speed above 0.")
    if zone.capacity < 1 or (zone.capacity > 1 and zone.kind != "release"):
        found.append(
            f"Zone {zone.name!r}: a release zone, and only a release zone, admits a number of robots, 1 or more."
        )
    if zone.factor is not None and not (zone.kind in ("penalty", "directed") and 1.0 <= zone.factor < math.inf):
        found.append(f"Zone {zone.name!r}: a penalty or directed zone, and no other, has a factor of 1 or more.")
    if zone.kind == "penalty" and zone.factor is None:
        found.append(f"Zone {zone.name!r}: a penalty zone needs a factor of 1 or more.")
    if (zone.kind == "directed") != (zone.direction is not None) or (zone.strict and zone.kind != "directed"):
        found.append(f"Zone {zone.name!r}: a directed zone, and only a directed zone, has a direction (and is strict).")
    return found


def _place_problems(layout: Layout) -> list[str]:
    nodes, edges, found = {n.id for n in layout.nodes}, {e.id for e in layout.edges}, []
    forbidden: dict[str, str] = {}
    for zone in layout.zones:
        found += _zone_problems(zone)
        if zone.kind in NO_ENTRY_KINDS and len(zone.polygon) > 2:
            forbidden |= dict.fromkeys(layout.nodes_in(zone), zone.name)
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
        if door.kind not in DOOR_KINDS:
            found.append(f"Door {door.name!r} is of kind {door.kind!r}; kinds are {', '.join(DOOR_KINDS)}.")
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
