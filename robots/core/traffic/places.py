"""The road map as the audit sees it: places instead of nodes, and only lanes that nobody else can stand in the way of.

Two nodes whose footprints overlap cannot both be occupied, so they count once. Nodes of which each overlaps every
other, and which lanes join both ways, are one place; any other knot of overlapping nodes is no place at all: it can
only be in a pocket, where one robot is at a time. A lane whose swept footprint overlaps a third node is not counted on
for making way, and whoever stands on that node must be able to leave. This errs on the safe side: it may call a map
worse than it is, never better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from robots.core.routing import NOTHING, RoadMap
from robots.core.traffic.blocks import largest_strong

Lane = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """`close[node]` are the nodes that overlap it; `beside[edge]` third nodes that the edge's swept footprint meets."""

    close: dict[int, frozenset[int]]
    beside: dict[int, frozenset[int]]

    @classmethod
    def of(cls, road: RoadMap) -> Overlaps:
        standing: dict[int, list[int]] = {}
        for node, resources in enumerate(road.node_resources):
            for resource in resources:
                standing.setdefault(resource, []).append(node)
        close: dict[int, set[int]] = {}
        for nodes in standing.values():
            if len(nodes) > 1:
                for node in nodes:
                    close.setdefault(node, set()).update(other for other in nodes if other != node)
        beside: dict[int, set[int]] = {}
        for edge, resources in enumerate(road.edge_resources):
            for resource in resources:
                third = set(standing.get(resource, ())) - set(road.edge_ends[edge])
                if third:
                    beside.setdefault(edge, set()).update(third)
        return cls({n: frozenset(o) for n, o in close.items()}, {e: frozenset(o) for e, o in beside.items()})


@dataclass(frozen=True, slots=True)
class Places:
    """`nodes` may be driven on at all, along `ahead` and `behind`. Places are ints of their own: `members[place]` are
    its nodes, `next` and `before` the lanes between places, `beside[place]` places that must make way for one leaving
    it though no lane leads there, and `two_way` whether every lane between places has its reverse.
    """

    nodes: frozenset[int]
    ahead: Sequence[Sequence[int]]
    behind: Sequence[Sequence[int]]
    members: tuple[tuple[int, ...], ...]
    next: Sequence[Sequence[int]]
    before: Sequence[Sequence[int]]
    beside: dict[int, tuple[int, ...]]
    two_way: bool

    def nodes_of(self, places: Iterable[int]) -> frozenset[int]:
        return frozenset(node for place in places for node in self.members[place])


def places_of(
    road: RoadMap, overlaps: Overlaps, without: frozenset[int] = NOTHING, more: Sequence[Lane] = ()
) -> Places:
    """The places of `road` when nobody can stand on or pass `without`, with the lanes `more` added."""
    out = road.no_entry.union(without, *(overlaps.close.get(node, NOTHING) for node in without))
    nodes = frozenset(range(len(road.names))) - out
    lanes = [
        (a, b, overlaps.beside.get(edge, NOTHING))
        for edge, (a, b) in enumerate(road.edge_ends)
        if a in nodes and b in nodes and not (without and overlaps.beside.get(edge, NOTHING) & without)
    ]
    lanes += [(a, b, NOTHING) for a, b in more if a in nodes and b in nodes]
    ahead, behind = _neighbours(len(road.names), [(a, b) for a, b, _ in lanes])
    members = _members(overlaps, ahead, nodes)
    place_of = [-1] * len(road.names)
    for place, group in enumerate(members):
        for node in group:
            place_of[node] = place
    between: list[Lane] = []
    beside: dict[int, set[int]] = {}
    for a, b, third in lanes:
        start, end = place_of[a], place_of[b]
        if start < 0 or end < 0 or start == end:
            continue
        others = {place_of[node] for node in third if node in nodes} - {start, end}
        if others:
            beside.setdefault(start, set()).update(others - {-1})
        else:
            between.append((start, end))
    following, before = _neighbours(len(members), between)
    return Places(
        nodes, ahead, behind, members, following, before,
        {place: tuple(sorted(others)) for place, others in beside.items()}, following == before,
    )  # fmt: skip


def _neighbours(count: int, lanes: Iterable[Lane]) -> tuple[list[list[int]], list[list[int]]]:
    ahead: list[list[int]] = [[] for _ in range(count)]
    behind: list[list[int]] = [[] for _ in range(count)]
    for a, b in dict.fromkeys(lanes):
        ahead[a].append(b)
        behind[b].append(a)
    for ways in (*ahead, *behind):
        ways.sort()
    return ahead, behind


def _members(overlaps: Overlaps, ahead: Sequence[Sequence[int]], nodes: frozenset[int]) -> tuple[tuple[int, ...], ...]:
    knots: list[tuple[int, ...]] = []
    seen: set[int] = set()
    for node in sorted(nodes):
        if node in seen:
            continue
        if node not in overlaps.close:
            knots.append((node,))
            continue
        knot = {node}
        stack = [node]
        while stack:
            for other in overlaps.close[stack.pop()]:
                if other in nodes and other not in knot:
                    knot.add(other)
                    stack.append(other)
        seen |= knot
        if all(len((overlaps.close[one] | {one}) & knot) == len(knot) for one in knot) and _joined(ahead, knot):
            knots.append(tuple(sorted(knot)))
    return tuple(knots)


def _joined(ahead: Sequence[Sequence[int]], knot: set[int]) -> bool:
    return len(largest_strong(ahead, knot)) == len(knot)


def parts_of(road: RoadMap, nodes: frozenset[int], places: Places, overlaps: Overlaps) -> tuple[frozenset[int], ...]:
    """What of `nodes` hangs together by lanes, whatever their direction, or because who is in one is in the way of
    the other: footprints overlap, or the way in or out of one passes the other.
    """
    linked: dict[int, set[int]] = {
        node: {*places.ahead[node], *places.behind[node], *overlaps.close.get(node, ())} for node in nodes
    }
    for edge, third in overlaps.beside.items():
        for end in road.edge_ends[edge]:
            for node in third if end in nodes else ():
                if node in nodes:
                    linked[end].add(node)
                    linked[node].add(end)
    left, parts = set(nodes), []
    while left:
        part = {min(left)}
        stack = list(part)
        while stack:
            for other in linked[stack.pop()]:
                if other in nodes and other not in part:
                    part.add(other)
                    stack.append(other)
        parts.append(frozenset(part))
        left -= part
    return tuple(parts)
