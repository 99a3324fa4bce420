"""Road maps of other projects as layouts, structure only: openTCS plant models and Open-RMF lane graphs."""

from __future__ import annotations

import json
import xml.etree.ElementTree as Xml
from pathlib import Path

from robots.core.layout import Edge, Layout, Node

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "traffic-data" / "roadmaps"


def opentcs(path: Path) -> Layout:
    """Points in mm become nodes in m; a path with a reverse speed is two lanes."""
    root = Xml.parse(path).getroot()
    nodes = tuple(
        Node(p.attrib["name"], float(p.attrib["positionX"]) / 1000, float(p.attrib["positionY"]) / 1000)
        for p in root.findall("point")
    )
    edges = []
    for lane in root.findall("path"):
        a, b = lane.attrib["sourcePoint"], lane.attrib["destinationPoint"]
        ways = [(a, b)] * (lane.attrib["maxVelocity"] != "0") + [(b, a)] * (lane.attrib["maxReverseVelocity"] != "0")
        edges += [Edge(f"{start}>{end}", start, end) for start, end in ways]
    return Layout(path.stem, "1", nodes, tuple(edges), map_id="m")


def open_rmf(path: Path) -> dict[str, Layout]:
    """One layout per level and graph, positions in pixels; lanes that are no part of a graph's largest piece stay."""
    found = {}
    for level in json.loads(path.read_text())["levels"]:
        places = {n["id"]: n for n in level["nodes"]}
        for graph in sorted({lane["graph_idx"] for lane in level["lanes"]}):
            lanes = [lane for lane in level["lanes"] if lane["graph_idx"] == graph]
            used = sorted({lane[end] for lane in lanes for end in "ab"})
            ways = [(lane["a"], lane["b"]) for lane in lanes]
            ways += [(lane["b"], lane["a"]) for lane in lanes if lane["bidirectional"]]
            nodes = tuple(Node(f"n{i}", places[i]["x_px"], places[i]["y_px"]) for i in used)
            edges = tuple(Edge(f"n{a}>n{b}", f"n{a}", f"n{b}") for a, b in dict.fromkeys(ways))
            name = f"{path.stem} {level['level']} {graph}"
            found[name] = Layout(name, "1", nodes, edges, map_id="m")
    return found
