"""Layouts from and to LIF 1.0 (VDMA Layout Interchange Format 1.0.0, chapter 8.3).

Import obeys the duties of a master control: several files and layouts with clashing ids are kept apart (5.1, 8.3), and
nothing optional is ignored silently (8.1.1): what this fleet control does not use comes back as a warning in plain
words. A vehicle type without a property element may not use that node or edge (8.3). Edges are one-way.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from robots.core.geometry import Point, heading
from robots.core.layout import STATION_KINDS, Edge, EdgeUse, Layout, LayoutError, Node, NodeUse, Station

Json = Mapping[str, Any]
VERSION: Final = "1.0.0"
NODE_USED: Final = {"nodeId", "nodeName", "nodeDescription", "mapId", "nodePosition", "vehicleTypeNodeProperties"}
NODE_TYPE_USED: Final = {"vehicleTypeId", "theta"}
EDGE_USED: Final = {"edgeId", "edgeName", "edgeDescription", "startNodeId", "endNodeId", "vehicleTypeEdgeProperties"}
EDGE_TYPE_USED: Final = {
    "vehicleTypeId", "maxSpeed", "reentryAllowed", "vehicleOrientation", "orientationType", "rotationAllowed",
    "rotationAtStartNodeAllowed", "rotationAtEndNodeAllowed",
}  # fmt: skip
STATION_USED: Final = {"stationId", "stationName", "stationDescription", "interactionNodeIds", "stationPosition"}
LAYOUT_USED: Final = {
    "layoutId", "layoutName", "layoutVersion", "layoutLevelId", "layoutDescription", "nodes", "edges", "stations",
}  # fmt: skip
CHARGING: Final = {"startCharging", "stopCharging"}


class LifError(LayoutError):
    """Not LIF 1.0: where, and what would be right."""


@dataclass
class _Import:
    unused: Counter[tuple[str, str]] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    maps: set[str] = field(default_factory=set)
    actions: dict[str, set[str]] = field(default_factory=dict)

    def note(self, what: str, given: Json, used: Iterable[str]) -> None:
        """Remember members that are given, mean something, and are not used here."""
        for key in set(given) - set(used):
            if given[key] not in (None, [], {}, ""):
                self.unused[what, key] += 1

    def summary(self) -> list[str]:
        return self.warnings + [
            f"{key} of {count} {what}{'s' if count != 1 else ''} is given but not used here."
            for (what, key), count in sorted(self.unused.items())
        ]


def _need(given: Json, key: str, kind: type | tuple[type, ...], where: str) -> Any:
    value = given.get(key) if isinstance(given, Mapping) else None
    if not isinstance(value, kind) or isinstance(value, bool):
        raise LifError(f"{where}/{key}: is missing or of the wrong type (LIF 1.0, 8.3)")
    return value


def from_lif(data: Json | Sequence[Json]) -> tuple[Layout, list[str]]:
    """One layout from one LIF file or several of the same facility, and what was not taken over, in plain words.

    Where ids clash between layouts, they become `layoutId/id`. Raises LifError when it is not LIF 1.0.
    """
    files = [data] if isinstance(data, Mapping) else list(data)
    made = _Import()
    layouts: list[Json] = []
    for number, file in enumerate(files):
        where = f"/{number}" if len(files) > 1 else ""
        meta = file.get("metaInformation")
        version = str(meta.get("lifVersion", "")) if isinstance(meta, Mapping) else ""
        if version and not version.startswith("1."):
            raise LifError(f"{where}/metaInformation/lifVersion: is {version}, but only 1.x can be read")
        if not version:
            made.warnings.append("The file does not say which version of LIF it is; it was read as 1.0.")
        made.note("file", file, ("metaInformation", "layouts"))
        layouts += _need(file, "layouts", list, where)
    if not layouts:
        raise LifError("/layouts: holds no layout")
    rename = _clashes(layouts, made)
    nodes, edges, stations = [], [], []
    for number, one in enumerate(layouts):
        where = f"/layouts/{number}"
        made.note("layout", one, LAYOUT_USED)
        new = rename[number]
        nodes += [_node(n, new, made, f"{where}/nodes/{i}") for i, n in enumerate(_need(one, "nodes", list, where))]
    points = {node.id: (node.x, node.y) for node in nodes}
    for number, one in enumerate(layouts):
        where, new = f"/layouts/{number}", rename[number]
        listed = _need(one, "edges", list, where)
        edges += [_edge(e, new, points, made, f"{where}/edges/{i}") for i, e in enumerate(listed)]
    for number, one in enumerate(layouts):
        for i, station in enumerate(one.get("stations") or []):
            stations.append(_station(station, rename[number], points, made, f"/layouts/{number}/stations/{i}"))
    return _whole(layouts[0], nodes, edges, stations, made), made.summary()


def _whole(first: Json, nodes: list[Node], edges: list[Edge], stations: list[Station], made: _Import) -> Layout:
    if len(made.maps) > 1:
        several = ", ".join(sorted(made.maps))
        made.warnings.append(f"Nodes lie on several maps ({several}); they are treated as one floor.")
    sized = bool(nodes) and min(min(n.x, n.y) for n in nodes) >= 0
    if not sized:
        made.warnings.append("Some nodes have negative coordinates, so the size of the floor was left open.")
    return Layout(
        name=str(first.get("layoutName") or first.get("layoutId") or "Imported layout"),
        version=str(first.get("layoutVersion") or "1"),
        nodes=tuple(nodes), edges=tuple(edges), stations=tuple(stations),
        width=math.ceil(max(n.x for n in nodes) + 1.0) * 1.0 if sized else 0.0,
        height=math.ceil(max(n.y for n in nodes) + 1.0) * 1.0 if sized else 0.0,
        map_id=min(made.maps, default=""),
    )  # fmt: skip


def _clashes(layouts: Sequence[Json], made: _Import) -> list[dict[str, str]]:
    """For each layout: id -> the id it gets. An id of another layout that is unique there keeps its name (8.3 edge)."""
    kinds = (("nodes", "nodeId"), ("edges", "edgeId"), ("stations", "stationId"))
    names = [[str(part.get(key)) for kind, key in kinds for part in one.get(kind) or []] for one in layouts]
    counted = Counter(name for own in names for name in set(own))
    clashing = {name for name, count in counted.items() if count > 1}
    if clashing:
        some = ", ".join(sorted(clashing)[:5])
        made.warnings.append(
            f"{len(clashing)} ids occur in more than one layout ({some}); they were prefixed with their layout's id."
        )
    prefixes = [str(one.get("layoutId") or number) for number, one in enumerate(layouts)]
    if len(set(prefixes)) < len(prefixes):
        prefixes = [f"{prefix}.{number}" for number, prefix in enumerate(prefixes)]
    return [
        {name: f"{prefix}/{name}" for name in own if name in clashing}
        for prefix, own in zip(prefixes, names, strict=True)
    ]


def _types(given: Json, key: str, where: str) -> list[Json]:
    listed = given.get(key) or []
    for i, one in enumerate(listed):
        _need(one, "vehicleTypeId", str, f"{where}/{key}/{i}")
    return list(listed)


def _required(action: Json) -> bool:
    """The field table of 1.0 says requirementType, its full listing shows a boolean `required`: both are read."""
    return action.get("requirementType") == "REQUIRED" or action.get("required") is True


def _actions(owner: str, listed: Sequence[Json], made: _Import) -> set[str]:
    found = set()
    for one in listed:
        for action in one.get("actions") or []:
            kind = str(action.get("actionType", ""))
            found.add(kind)
            if _required(action):
                made.warnings.append(f"{owner} requires {kind!r} on every visit; it will not be sent by itself.")
            elif kind not in CHARGING and kind not in ("pick", "drop"):
                made.unused["action", kind] += 1
    return found


def _node(given: Json, rename: Mapping[str, str], made: _Import, where: str) -> Node:
    name = _need(given, "nodeId", str, where)
    position = _need(given, "nodePosition", Mapping, where)
    x, y = (float(_need(position, axis, (int, float), f"{where}/nodePosition")) for axis in "xy")
    made.note("node", given, NODE_USED)
    if given.get("mapId"):
        made.maps.add(str(given["mapId"]))
    listed = _types(given, "vehicleTypeNodeProperties", where)
    for one in listed:
        made.note("node", one, NODE_TYPE_USED | {"actions"})
    uses = tuple(NodeUse(str(one["vehicleTypeId"]), _number(one, "theta")) for one in listed)
    thetas = {use.theta for use in uses}
    theta = thetas.pop() if len(thetas) == 1 else None
    new = rename.get(name, name)
    made.actions[new] = _actions(f"Node {name!r}", listed, made)
    types = tuple(str(one["vehicleTypeId"]) for one in listed)
    if not types:
        made.warnings.append(f"Node {name!r} names no vehicle type, so no robot may use it.")
    own = () if all(use.theta == theta for use in uses) else uses
    return Node(new, x, y, theta, str(given.get("nodeName") or ""), types, own)


def _number(given: Json, key: str) -> float | None:
    value = given.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _edge(given: Json, rename: Mapping[str, str], points: Mapping[str, Point], made: _Import, where: str) -> Edge:
    name, start, end = (str(_need(given, key, str, where)) for key in ("edgeId", "startNodeId", "endNodeId"))
    made.note("edge", given, EDGE_USED)
    listed = _types(given, "vehicleTypeEdgeProperties", where)
    for one in listed:
        made.note("edge", one, EDGE_TYPE_USED | {"actions"})
    _actions(f"Edge {name!r}", listed, made)
    if not listed:
        made.warnings.append(f"Edge {name!r} names no vehicle type, so no robot may use it.")
    first, last = rename.get(start, start), rename.get(end, end)
    way = heading(points[first], points[last]) if first in points and last in points else 0.0
    uses = tuple(_edge_use(one, way, made) for one in listed)
    # what holds for a robot of no known type: as slow as the slowest, as careful as the most careful
    speed = min((use.max_speed for use in uses if use.max_speed is not None), default=None)
    reentry = all(use.reentry for use in uses)
    own = () if all(use == EdgeUse(use.type, speed, reentry) for use in uses) else uses
    types = tuple(use.type for use in uses)
    return Edge(rename.get(name, name), first, last, speed, types, reentry, uses=own)


def _edge_use(given: Json, way: float, made: _Import) -> EdgeUse:
    """`way` is the heading of the edge in rad; an orientation on the map becomes one against the way driven."""
    orientation = _number(given, "vehicleOrientation") or 0.0
    if given.get("orientationType") == "GLOBAL" and _number(given, "vehicleOrientation") is not None:
        orientation = math.remainder(orientation - way, math.tau)
    rotation = [given.get(key) for key in ("rotationAtStartNodeAllowed", "rotationAtEndNodeAllowed")]
    if "CW" in rotation or "CCW" in rotation:
        made.unused["edge", "direction of rotation"] += 1
    return EdgeUse(
        str(given["vehicleTypeId"]), _number(given, "maxSpeed"), given.get("reentryAllowed") is not False, orientation,
        given.get("rotationAllowed") is True, rotation[0] != "NONE", rotation[1] != "NONE",
    )  # fmt: skip


def _station(given: Json, rename: Mapping[str, str], points: Mapping[str, tuple[float, float]], made: _Import,
             where: str) -> Station:  # fmt: skip
    name = _need(given, "stationId", str, where)
    nodes = tuple(rename.get(n, n) for n in map(str, _need(given, "interactionNodeIds", list, where)))
    made.note("station", given, STATION_USED)
    told = dict(part.split(": ", 1) for part in str(given.get("stationDescription") or "").split("; ") if ": " in part)
    done = {action for node in nodes for action in made.actions.get(node, ())}
    kind = told.get("kind", "")
    if kind not in STATION_KINDS:
        kind = "charger" if done & CHARGING else "storage" if done & {"pick", "drop"} else "inspection"
        made.warnings.append(f"Station {name!r} was taken for a {kind} station, from the actions of its nodes.")
    position = given.get("stationPosition") or {}
    known = [points[node] for node in nodes if node in points]
    if isinstance(position.get("x"), int | float) and isinstance(position.get("y"), int | float):
        x, y = float(position["x"]), float(position["y"])
    elif known:
        x, y = (sum(p[axis] for p in known) / len(known) for axis in (0, 1))
    else:
        raise LifError(f"{where}: has neither a position nor a known interaction node")
    aliases = tuple(told["aliases"].split(" | ")) if told.get("aliases") else ()
    capacity = int(told["capacity"]) if told.get("capacity", "").isdigit() else None
    return Station(rename.get(name, name), str(given.get("stationName") or name), kind, nodes, x, y, aliases, capacity)


def to_lif(
    layout: Layout, *, vehicle_types: Sequence[str] = ("any",), created: str = "1970-01-01T00:00:00.000Z"
) -> dict[str, Any]:
    """The layout as one LIF 1.0 file. `vehicle_types` are those that may use what the layout restricts to none.

    LIF has no zones, doors, racks, walls, aliases or preferred directions (10.2); kind, aliases and capacity of a
    station go into its description, from which `from_lif` reads them back. `created` is ISO 8601 UTC.
    """
    charging = {node for station in layout.stations if station.kind == "charger" for node in station.nodes}
    return {
        "metaInformation": {
            "projectIdentification": layout.name, "creator": "Yardmaster", "exportTimestamp": created,
            "lifVersion": VERSION,
        },
        "layouts": [
            {
                "layoutId": layout.map_id or layout.name, "layoutName": layout.name, "layoutVersion": layout.version,
                "nodes": [_node_out(node, layout.map_id, vehicle_types, node.id in charging) for node in layout.nodes],
                "edges": [_edge_out(edge, vehicle_types) for edge in layout.edges],
                "stations": [_station_out(station) for station in layout.stations],
            }
        ],
    }  # fmt: skip


def _node_out(node: Node, map_id: str, types: Sequence[str], charging: bool) -> dict[str, Any]:
    usable = types if node.vehicle_types is None else node.vehicle_types
    charge = {"actionType": "startCharging", "requirementType": "OPTIONAL", "blockingType": "HARD"}
    listed = []
    for kind in usable:
        theta = node.theta_of(kind)
        listed.append(
            {
                "vehicleTypeId": kind,
                **({} if theta is None else {"theta": theta}),
                **({"actions": [charge]} if charging else {}),
            }
        )
    return {
        "nodeId": node.id, **({"nodeName": node.name} if node.name else {}), "mapId": map_id,
        "nodePosition": {"x": node.x, "y": node.y}, "vehicleTypeNodeProperties": listed,
    }  # fmt: skip


def _edge_out(edge: Edge, types: Sequence[str]) -> dict[str, Any]:
    usable = types if edge.vehicle_types is None else edge.vehicle_types
    return {
        "edgeId": edge.id, "startNodeId": edge.start, "endNodeId": edge.end,
        "vehicleTypeEdgeProperties": [_use_out(edge.use_of(kind)) for kind in usable],
    }  # fmt: skip


def _use_out(use: EdgeUse) -> dict[str, Any]:
    found: dict[str, Any] = {"vehicleTypeId": use.type}
    if use.max_speed is not None:
        found["maxSpeed"] = use.max_speed
    if not use.reentry:
        found["reentryAllowed"] = False
    if use.orientation:
        found |= {"vehicleOrientation": use.orientation, "orientationType": "TANGENTIAL"}
    if use.turns:
        found["rotationAllowed"] = True
    if not use.turns_at_start:
        found["rotationAtStartNodeAllowed"] = "NONE"
    if not use.turns_at_end:
        found["rotationAtEndNodeAllowed"] = "NONE"
    return found


def _station_out(station: Station) -> dict[str, Any]:
    told = [f"kind: {station.kind}"]
    if station.aliases:
        told.append("aliases: " + " | ".join(station.aliases))
    if station.capacity is not None:
        told.append(f"capacity: {station.capacity}")
    return {
        "stationId": station.id, "interactionNodeIds": list(station.nodes), "stationName": station.name,
        "stationDescription": "; ".join(told), "stationPosition": {"x": station.x, "y": station.y},
    }  # fmt: skip
