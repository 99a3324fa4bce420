"""Small random road maps for the audit's tests, and the audit's condition written down once more, as it is told."""

from __future__ import annotations

import math

from hypothesis import strategies as st

from robots.core.layout import Edge, Layout, Node
from robots.core.routing import RoadMap

Ways = list[list[int]]


def on_circle(count: int, lanes: list[tuple[int, int]], spacing: float = 3.0) -> Layout:
    """Nodes on a circle, so that no lane passes a third node: structure only."""
    size = max(1.0, count * spacing / math.tau)
    nodes = tuple(
        Node(f"n{i}", size * math.cos(math.tau * i / count), size * math.sin(math.tau * i / count))
        for i in range(count)
    )
    return Layout("m", "1", nodes, tuple(Edge(f"n{a}>n{b}", f"n{a}", f"n{b}") for a, b in lanes), map_id="m")


def structure(layout: Layout) -> RoadMap:
    """The road map of `layout` with its lanes but not its positions: no footprint overlaps another."""
    index = {node.id: i for i, node in enumerate(layout.nodes)}
    return RoadMap(on_circle(len(index), [(index[e.start], index[e.end]) for e in layout.edges]), radius=1e-6)


@st.composite
def lanes(draw: st.DrawFn, *, one_way: bool, most: int = 9) -> tuple[int, list[tuple[int, int]]]:
    """A number of nodes and lanes between them: a random tree and some more, one-way ones among them if wanted."""
    count = draw(st.integers(2, most))
    tree = [(draw(st.integers(0, i - 1)), i) for i in range(1, count)]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    found: dict[tuple[int, int], None] = {}
    for a, b in tree + draw(st.lists(pairs, max_size=count)):
        way = draw(st.sampled_from(["both", "there", "back"])) if one_way else "both"
        found |= dict.fromkeys([(a, b)] * (way != "back") + [(b, a)] * (way != "there"))
    return count, list(found)


def neighbours(count: int, edges: list[tuple[int, int]]) -> Ways:
    return [[b for a, b in edges if a == node] for node in range(count)]


def flood(ahead: Ways, start: int, nodes: set[int]) -> set[int]:
    seen, stack = {start}, [start]
    while stack:
        for other in ahead[stack.pop()]:
            if other in nodes and other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def room(ahead: Ways, nodes: set[int]) -> int:
    """The least number of nodes that a successor of some node can reach without that node: the condition's figure."""
    return min((len(flood(ahead, v, nodes - {u})) for u in nodes for v in ahead[u] if v in nodes), default=len(nodes))


def strong(ahead: Ways, nodes: set[int]) -> set[int]:
    """The largest set of nodes that all reach each other, by trying every pair."""
    to = {node: flood(ahead, node, nodes) for node in nodes}
    parts = [{other for other in to[node] if node in to[other]} for node in nodes]
    return max(parts, key=lambda part: (len(part), -min(part)), default=set())


def slow_core(ahead: Ways, robots: int) -> set[int]:
    """The core by definition: cut off every small region, again and again, nothing clever."""
    core = strong(ahead, set(range(len(ahead))))
    while len(core) > robots:
        small: set[int] = set()
        for u in core:
            for v in ahead[u]:
                region = flood(ahead, v, core - {u}) if v in core else set()
                small |= region if len(region) < robots else set()
        if not small:
            return core
        core = strong(ahead, core - small)
    return set()
