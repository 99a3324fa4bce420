"""The road map: a layout turned into integers once, then asked for ways, distances and what overlaps what.

Immutable after construction. Cost of an edge is its travel time in s: length / min(edge, zone, robot speed). Turns cost
`TURN_COST` s per rad in `path`; distance tables leave turns out, because they are kept per goal and shared by robots.
A *block* is a frozen set of ints: nodes that may not be entered from outside the block (whoever is inside may drive on
and leave), and, as `~edge`, edges that may not be driven at all (a closed door).
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from robots.core.geometry import Point, heading, inside, segment_distance, turn
from robots.core.layout import NO_ENTRY_KINDS, Layout, Station, layout_hash

DEFAULT_SPEED: Final = 1.5
TURN_COST: Final = 1.0
FOOTPRINT_RADIUS: Final = 0.55
CACHED_TABLES: Final = 1024
UNREACHABLE: Final = float("inf")
NOTHING: Final[frozenset[int]] = frozenset()


class RoadMap:
    """Nodes and edges as ints, with neighbours, costs, resources and tables.

    `radius` (m) is the circle that holds the largest robot with its load and position error. Nodes and edges whose
    swept circles overlap share a resource, so crossing lanes and close nodes need no special case
    (an edge has no resource of its own: it is never held without both its ends). `vehicle_type` leaves out what that
    type may not use; None leaves out only what no type may use.
    """

    def __init__(self, layout: Layout, *, radius: float = FOOTPRINT_RADIUS, speed: float = DEFAULT_SPEED,
                 vehicle_type: str | None = None) -> None:  # fmt: skip
        def usable(types: tuple[str, ...] | None) -> bool:
            return types is None or (vehicle_type in types if vehicle_type is not None else bool(types))

        self.layout = layout
        self.hash = layout_hash(layout)
        self.radius = radius
        nodes = [n for n in layout.nodes if usable(n.vehicle_types)]
        self.names: tuple[str, ...] = tuple(n.id for n in nodes)
        self.index: dict[str, int] = {name: i for i, name in enumerate(self.names)}
        self.points: tuple[Point, ...] = tuple((n.x, n.y) for n in nodes)
        edges = [e for e in layout.edges if usable(e.vehicle_types) and e.start in self.index and e.end in self.index]
        self.edge_names: tuple[str, ...] = tuple(e.id for e in edges)
        self.edge_ends: tuple[tuple[int, int], ...] = tuple((self.index[e.start], self.index[e.end]) for e in edges)
        self.edge_of: dict[tuple[int, int], int] = {ends: i for i, ends in enumerate(self.edge_ends)}
        self.ahead: tuple[tuple[int, ...], ...] = self._neighbours(0, 1)
        self.behind: tuple[tuple[int, ...], ...] = self._neighbours(1, 0)
        self.headings: tuple[float, ...] = tuple(heading(self.points[a], self.points[b]) for a, b in self.edge_ends)
        limits = [z for z in layout.zones if z.kind == "speed" and z.max_speed]
        self.speeds: tuple[float, ...] = tuple(
            min([speed, e.max_speed or speed, *(z.max_speed or speed for z in limits if self._crosses(i, z.polygon))])
            for i, e in enumerate(edges)
        )
        self.lengths: tuple[float, ...] = tuple(self._length(i) for i in range(len(edges)))
        self.costs: tuple[float, ...] = tuple(max(d, 0.01) / v for d, v in zip(self.lengths, self.speeds, strict=True))
        self.no_entry: frozenset[int] = self.nodes_named(
            n for z in layout.zones if z.kind in NO_ENTRY_KINDS for n in layout.nodes_in(z)
        )
        self.resources: tuple[str, ...] = ()
        self.node_resources: tuple[tuple[int, ...], ...] = ()
        self.edge_resources: tuple[tuple[int, ...], ...] = ()
        self._claim_footprints()
        self._tables: OrderedDict[tuple[int, frozenset[int]], list[float]] = OrderedDict()

    # --- construction -------------------------------------------------------------------------------------------

    def _neighbours(self, own: int, other: int) -> tuple[tuple[int, ...], ...]:
        found: list[list[int]] = [[] for _ in self.names]
        for ends in self.edge_ends:
            found[ends[own]].append(ends[other])
        return tuple(tuple(sorted(set(f))) for f in found)

    def _length(self, edge: int) -> float:
        a, b = self.edge_ends[edge]
        return segment_distance(self.points[a], self.points[a], self.points[b], self.points[b])

    def _crosses(self, edge: int, polygon: Sequence[Point]) -> bool:
        a, b = (self.points[end] for end in self.edge_ends[edge])
        middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
        return inside(a, polygon) or inside(b, polygon) or inside(middle, polygon)

    def _claim_footprints(self) -> None:
        """One resource per node, and one more for every pair of footprints that overlap and share no node."""
        resources = [f"node:{name}" for name in self.names]
        of: list[list[int]] = [[i] for i in range(len(self.names))] + [[] for _ in self.edge_ends]
        count = len(self.names)
        spans = [(i, i) for i in range(count)] + list(self.edge_ends)
        labels = [*self.names, *self.edge_names]
        for first, second in self._close_pairs(spans):
            a, b = spans[first], spans[second]
            if not set(a) & set(b):
                of[first].append(len(resources))
                of[second].append(len(resources))
                resources.append(f"overlap:{labels[first]}|{labels[second]}")
        self.resources = tuple(resources)
        self.node_resources = tuple(tuple(r) for r in of[:count])
        self.edge_resources = tuple(tuple(r) for r in of[count:])

    def _close_pairs(self, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Pairs of nodes or edges nearer than two radii, found through a grid of cells: large maps stay quick."""
        cell = max([4 * self.radius, *(self.lengths or (0.0,))]) or 1.0
        cells: dict[tuple[int, int], list[int]] = {}
        boxes = []
        for i, (a, b) in enumerate(spans):
            (x1, y1), (x2, y2) = self.points[a], self.points[b]
            r = self.radius
            box = (min(x1, x2) - r, min(y1, y2) - r, max(x1, x2) + r, max(y1, y2) + r)
            boxes.append(box)
            for cx in range(int(box[0] // cell), int(box[2] // cell) + 1):
                for cy in range(int(box[1] // cell), int(box[3] // cell) + 1):
                    cells.setdefault((cx, cy), []).append(i)
        pairs = set()
        for members in cells.values():
            for k, i in enumerate(members):
                p = boxes[i]
                for j in members[k + 1 :]:
                    q = boxes[j]
                    near = p[0] < q[2] and q[0] < p[2] and p[1] < q[3] and q[1] < p[3]
                    if near and self._overlap(spans[i], spans[j]):
                        pairs.add((i, j) if i < j else (j, i))
        return sorted(pairs)

    def _overlap(self, a: tuple[int, int], b: tuple[int, int]) -> bool:
        p = self.points
        return segment_distance(p[a[0]], p[a[1]], p[b[0]], p[b[1]]) < 2 * self.radius - 1e-9

    # --- questions ----------------------------------------------------------------------------------------------

    def nodes_named(self, names: Iterable[str]) -> frozenset[int]:
        """The ints of those names that this map has."""
        return frozenset(self.index[name] for name in names if name in self.index)

    def resources_for(self, node: int, came_from: int | None = None) -> tuple[int, ...]:
        """What must be held to stand on `node`, and, when given, to drive there from the neighbour `came_from`."""
        if came_from is None:
            return self.node_resources[node]
        return self.node_resources[node] + self.edge_resources[self.edge_of[came_from, node]]

    def passable(self, edge: int, blocked: frozenset[int]) -> bool:
        start, end = self.edge_ends[edge]
        return (end not in blocked or start in blocked) and ~edge not in blocked

    def distances(self, goal: int, blocked: frozenset[int] = NOTHING) -> list[float]:
        """Travel time in s from every node to `goal` without entering `blocked`; `UNREACHABLE` where there is no way.

        The list is shared and cached (least recently used is dropped): do not change it.
        """
        key = (goal, blocked)
        table = self._tables.get(key)
        if table is None:
            rows, columns, costs = [], [], []
            for edge, (a, b) in enumerate(self.edge_ends):
                if self.passable(edge, blocked):
                    rows.append(b)
                    columns.append(a)
                    costs.append(self.costs[edge])
            size = len(self.names)
            graph = csr_matrix((np.array(costs, float), (rows, columns)), shape=(size, size))
            table = dijkstra(graph, indices=goal).tolist()
            self._tables[key] = table
            if len(self._tables) > CACHED_TABLES:
                self._tables.popitem(last=False)
        else:
            self._tables.move_to_end(key)
        return table

    def path(self, start: int, goal: int, blocked: frozenset[int] = NOTHING, facing: float | None = None) -> list[int]:
        """The quickest way, turns counted; nodes from `start` to `goal`, or [] if there is none. `facing` in rad."""
        if start == goal:
            return [start]
        table = self.distances(goal, blocked)
        if table[start] == UNREACHABLE:
            return []
        done: dict[int, int | None] = {}
        queue: list[tuple[float, float, int, int | None]] = []

        def push(spent: float, node: int, via: int | None, faces: float | None) -> None:
            for after in self.ahead[node]:
                edge = self.edge_of[node, after]
                if edge in done or table[after] == UNREACHABLE or not self.passable(edge, blocked):
                    continue
                bend = 0.0 if faces is None else TURN_COST * turn(faces, self.headings[edge])
                cost = spent + bend + self.costs[edge]
                heapq.heappush(queue, (cost + table[after], cost, edge, via))

        push(0.0, start, None, facing)
        while queue:
            _, spent, edge, via = heapq.heappop(queue)
            if edge in done:
                continue
            done[edge] = via
            node = self.edge_ends[edge][1]
            if node == goal:
                return self._unwind(edge, done)
            push(spent, node, edge, self.headings[edge])
        return []

    def _unwind(self, edge: int, came: dict[int, int | None]) -> list[int]:
        nodes = [self.edge_ends[edge][1]]
        step: int | None = edge
        while step is not None:
            nodes.append(self.edge_ends[step][0])
            step = came[step]
        return nodes[::-1]

    def from_here(self, start: int, blocked: frozenset[int] = NOTHING) -> dict[int, float]:
        """Travel time in s from `start` to every node that can be reached without entering `blocked`."""
        found: dict[int, float] = {}
        queue = [(0.0, start)]
        while queue:
            spent, node = heapq.heappop(queue)
            if node in found:
                continue
            found[node] = spent
            for after in self.ahead[node]:
                edge = self.edge_of[node, after]
                if after not in found and self.passable(edge, blocked):
                    heapq.heappush(queue, (spent + self.costs[edge], after))
        return found

    def nearest(
        self, start: str, kind: str, *, count: int = 1, blocked: frozenset[int] = NOTHING,
        free: Callable[[Station, str], bool] = lambda station, node: True,
    ) -> list[tuple[Station, str, float]]:  # fmt: skip
        """Up to `count` (station, node, seconds) of that kind, nearest first; `free` may turn places down."""
        times = self.from_here(self.index[start], blocked)
        found = [
            (times[self.index[node]], station.id, node, station)
            for station in self.layout.stations if station.kind == kind
            for node in station.nodes
            if self.index.get(node, -1) in times and free(station, node)
        ]  # fmt: skip
        return [(station, node, seconds) for seconds, _, node, station in sorted(found, key=lambda f: f[:3])[:count]]

    def node_near(self, point: Point) -> str:
        """The node nearest to `point`. Raises ValueError on an empty map."""
        x, y = point
        best = min(range(len(self.names)), key=lambda i: (self.points[i][0] - x) ** 2 + (self.points[i][1] - y) ** 2)
        return self.names[best]
