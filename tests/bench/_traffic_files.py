"""The files `bench traffic` reads: Moving AI maps with agents and tasks, and road maps of several origins."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.spatial import cKDTree

from robots.core.layout import Edge, Layout, Node, layout_from_json
from robots.core.lif import from_lif
from robots.core.routing import RoadMap

RMF_M_PER_PX = 0.05
ROBOT_RADIUS_M = 0.5
TOUCHING = 0.49
"""Where nodes lie closer together than two robots, these are taken to be this share of that distance in radius."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A Moving AI map as a road map; `node_of` turns a location (row * width + column) into a node."""

    road: RoadMap
    node_of: dict[int, int]


def read_grid(path: Path) -> Grid:
    """Raises ValueError for a file that is no octile map. Four neighbours each, one second from cell to cell."""
    lines = path.read_text().splitlines()
    try:
        start = next(i for i, line in enumerate(lines) if line.strip() == "map")
    except StopIteration:
        raise ValueError(f"{path}: no line 'map'; expected a Moving AI octile map") from None
    head = dict(line.split(None, 1) for line in lines[:start] if " " in line)
    height, width = int(head["height"]), int(head["width"])
    rows = [line.rstrip("\r").ljust(width, "@")[:width] for line in lines[start + 1 : start + 1 + height]]
    road = RoadMap.grid(rows, speed=1.0)
    node_of = {}
    for node, name in enumerate(road.names):
        row, column = name.split(",")
        node_of[int(row) * width + int(column)] = node
    return Grid(road, node_of)


def _numbers(path: Path) -> list[list[int]]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return [[int(part) for part in line.split(",")] for line in lines if line and not line.startswith("#")]


def read_agents(path: Path, grid: Grid) -> list[int]:
    """The starting nodes: a count, then one location a line."""
    (count,), *places = _numbers(path)
    return [_node(grid, place[0], path) for place in places[:count]]


def read_tasks(path: Path, grid: Grid) -> list[tuple[int, ...]]:
    """Each task's errands in order: a count, then one task a line."""
    (count,), *tasks = _numbers(path)
    return [tuple(_node(grid, place, path) for place in task) for task in tasks[:count]]


def _node(grid: Grid, place: int, path: Path) -> int:
    if place not in grid.node_of:
        raise ValueError(f"{path}: location {place} is not a free cell of the map")
    return grid.node_of[place]


def read_layouts(path: Path) -> list[tuple[str, Layout]]:
    """Every road map of a file, with a name: an openTCS model, lane graphs of Open-RMF sites, our layout, or LIF."""
    if path.suffix == ".xml":
        return [(path.stem, _from_opentcs(path))]
    data = json.loads(path.read_text())
    if "levels" in data:
        return list(_from_rmf(data))
    if "layouts" in data:
        return [(path.stem, from_lif(data)[0])]
    return [(path.stem, layout_from_json(data))]


def road_of(layout: Layout) -> RoadMap:
    """The road map for robots of `ROBOT_RADIUS_M`, or smaller ones where nodes lie closer together than two of them."""
    points = [(node.x, node.y) for node in layout.nodes]
    nearest = float(cKDTree(points).query(points, k=2)[0][:, 1].min()) if len(points) > 1 else math.inf
    return RoadMap(layout, radius=max(0.01, min(ROBOT_RADIUS_M, TOUCHING * nearest)))


def _from_opentcs(path: Path) -> Layout:
    """Points in mm, paths from a source to a destination point; a reverse velocity above 0 makes a path two-way."""
    root = ElementTree.parse(path).getroot()
    nodes = [
        Node(point.get("name", ""), float(point.get("positionX", 0)) / 1000, float(point.get("positionY", 0)) / 1000)
        for point in root.iter("point")
    ]
    edges = []
    for lane in root.iter("path"):
        name, start, end = (lane.get(key, "") for key in ("name", "sourcePoint", "destinationPoint"))
        for suffix, a, b, key in (("", start, end, "maxVelocity"), (" back", end, start, "maxReverseVelocity")):
            if float(lane.get(key, 0)) > 0:
                edges.append(Edge(name + suffix, a, b, float(lane.get(key, 0)) / 1000))
    return Layout(path.stem, "1", tuple(nodes), tuple(edges), map_id="m")


def _from_rmf(data: Mapping[str, Any]) -> Iterable[tuple[str, Layout]]:
    """One road map for each navigation graph of each level: every fleet of such a site has its own."""
    for level in data["levels"]:
        points = {node["id"]: (node["x_px"] * RMF_M_PER_PX, -node["y_px"] * RMF_M_PER_PX) for node in level["nodes"]}
        for graph in sorted({lane["graph_idx"] for lane in level["lanes"]}):
            lanes = [lane for lane in level["lanes"] if lane["graph_idx"] == graph]
            pairs = {(lane["a"], lane["b"]) for lane in lanes}
            pairs |= {(lane["b"], lane["a"]) for lane in lanes if lane["bidirectional"]}
            used = sorted({end for pair in pairs for end in pair})
            name = f"{level['level']}/{graph}"
            yield name, Layout(
                name, "1", tuple(Node(str(n), *points[n]) for n in used),
                tuple(Edge(f"{a}>{b}", str(a), str(b)) for a, b in sorted(pairs)), map_id="m",
            )  # fmt: skip
