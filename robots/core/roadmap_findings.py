"""What a person should know of a road map before robots drive it: in plain words, and none of it stops them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from robots.core.geometry import distance, segments_cross
from robots.core.layout import Layout
from robots.core.roadmap_build import Lanes

RESTING: Final = ("parking", "charger")


def findings(
    layout: Layout, lanes: Lanes, close: Sequence[tuple[int, int]], edges: Iterable[tuple[int, int]]
) -> list[str]:
    """`close`: pairs of nodes, `edges`: pairs of edges, whose footprints overlap though they share no node."""
    found = []
    for a, b in close:
        first, second = lanes.nodes[a], lanes.nodes[b]
        apart = distance(lanes.points[a], lanes.points[b])
        found.append(
            f"Nodes {first.id!r} and {second.id!r} are {apart:.2f} m apart, closer than robots that stand there "
            "need; only one of the two is used at a time."
        )
    return found + _crossings(lanes, edges) + _rests(layout, lanes)


def _crossings(lanes: Lanes, edges: Iterable[tuple[int, int]]) -> list[str]:
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
    for i, j in edges:
        (a, b), (c, d) = lanes.ends[i], lanes.ends[j]
        if segments_cross(lanes.points[a], lanes.points[b], lanes.points[c], lanes.points[d]):
            first, second = (tuple(sorted(lanes.nodes[n].id for n in ends)) for ends in (lanes.ends[i], lanes.ends[j]))
            found.setdefault(
                (min(first, second), max(first, second)),
                f"The lanes {first[0]} to {first[1]} and {second[0]} to {second[1]} cross without a common node; "
                "robots take turns there.",
            )
    return list(found.values())


def _rests(layout: Layout, lanes: Lanes) -> list[str]:
    """Parking and charging places that are no dead ends: who rests there stands in the way of others."""
    around: dict[str, set[str]] = {node.id: set() for node in lanes.nodes}
    for a, b in lanes.ends:
        around[lanes.nodes[a].id].add(lanes.nodes[b].id)
        around[lanes.nodes[b].id].add(lanes.nodes[a].id)
    return [
        f"Station {station.name!r} lies on a through lane (node {node!r}): a robot that rests there blocks the lane."
        for station in layout.stations
        if station.kind in RESTING
        for node in station.nodes
        if len(around.get(node, ())) > 1
    ]
