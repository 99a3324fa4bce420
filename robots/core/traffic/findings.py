"""What an audit has to say about a road map, in plain words that a person who draws it can act on."""

from __future__ import annotations

from robots.core.geometry import segments_cross
from robots.core.routing import RoadMap
from robots.core.traffic.blocks import strong_cuts
from robots.core.traffic.places import Overlaps, Places

LARGE_POCKET = 3


def findings_of(
    road: RoadMap, places: Places, overlaps: Overlaps, asked: int, largest: int,
    pockets: tuple[frozenset[int], ...], traps: frozenset[int],
) -> list[str]:  # fmt: skip
    found = []
    if largest < asked:
        fleet = "1 robot" if largest == 1 else f"{largest} robots"
        found.append(f"Only {fleet} can never lock up here, not {asked}; add a loop or passing places.")
    if traps:
        found.append(f"No way leads back from {some(road, traps)}; no robot is sent there.")
    found += [
        f"Only one robot at a time can use {some(road, pocket)}; a loop would lift that."
        for pocket in pockets if len(pocket) > LARGE_POCKET
    ]  # fmt: skip
    close = {(a, b) for a, others in overlaps.close.items() for b in others if a < b} if asked > 1 else set()
    close = {pair for pair in close if places.nodes.issuperset(pair)}
    if close:
        a, b = min(close)
        more = f" ({len(close) - 1} more like this)" if len(close) > 1 else ""
        found.append(
            f"{road.names[a]} and {road.names[b]} are closer than a robot is large; "
            f"only one of them can be taken at a time{more}."
        )
    uncounted = len(places.nodes) - sum(map(len, places.members)) if asked > 1 else 0
    if uncounted:
        found.append(
            f"{uncounted} nodes form chains of nodes that are too close to each other, so nothing counts on robots "
            "making way there; space the nodes at least a robot apart."
        )
    crossings = _crossings(road)
    if crossings:
        first, second = crossings[0]
        more = f" ({len(crossings) - 1} more like this)" if len(crossings) > 1 else ""
        found.append(
            f"Lanes {road.edge_names[first]} and {road.edge_names[second]} cross where there is no node; "
            f"only one robot at a time passes{more}."
        )
    return found


def _crossings(road: RoadMap) -> list[tuple[int, int]]:
    """Pairs of lanes that cross between their nodes; a lane and its reverse count once."""
    users: dict[int, list[int]] = {}
    for edge, resources in enumerate(road.edge_resources):
        a, b = road.edge_ends[edge]
        if a < b or (b, a) not in road.edge_of:
            for resource in resources:
                users.setdefault(resource, []).append(edge)
    found = set()
    for edges in users.values():
        for i, first in enumerate(edges):
            for second in edges[i + 1 :]:
                ends = (road.points[node] for edge in (first, second) for node in road.edge_ends[edge])
                if segments_cross(*ends):
                    found.add((first, second))
    return sorted(found)


def cutting(road: RoadMap, places: Places, core: frozenset[int]) -> list[str]:
    """Chargers and parking places in the core whose robot, standing there, cuts it in two."""
    standing = [
        (station, road.index[name])
        for station in road.layout.stations if station.kind in ("charger", "parking")
        for name in station.nodes if road.index.get(name, -1) in core
    ]  # fmt: skip
    if not standing:
        return []
    cuts = strong_cuts(places.ahead, places.behind, core)
    word = {"charger": "charges", "parking": "is parked"}
    return [
        f"A robot that {word[station.kind]} at {station.name} ({road.names[node]}) cuts the road map in two; "
        "move it beside the lane."
        for station, node in standing if node in cuts
    ]  # fmt: skip


def some(road: RoadMap, nodes: frozenset[int]) -> str:
    """Up to four names of nodes, and how many more there are."""
    names = sorted(road.names[node] for node in nodes)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
