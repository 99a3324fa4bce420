"""The resources of a road map: what robots of each profile hold on every node and edge.

A resource is something that one robot holds at a time. Two places share one exactly where a robot on the one could
touch a robot on the other, so whoever holds all resources of the place it stands at and drives to is alone there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from robots.core.footprint import Footprint, Shape, VehicleType, along_edge, at_node, circle, overlap
from robots.core.geometry import inside
from robots.core.layout import EdgeUse, Layout
from robots.core.roadmap_build import Lanes, lies_in

Claims = tuple[tuple[int, ...], ...]


def footprints(lanes: Lanes, kind: VehicleType, driven: Sequence[bool]) -> list[Footprint]:
    """Of every node, then of every edge. `driven` says per edge whether the type may drive it."""
    plain = EdgeUse(kind.id)
    uses = [edge.use_of(kind.id) if edge.uses else plain for edge in lanes.edges]
    arriving: list[list[float]] = [[] for _ in lanes.nodes]
    leaving: list[list[float]] = [[] for _ in lanes.nodes]
    turns = [False] * len(lanes.nodes)
    for edge, (a, b) in enumerate(lanes.ends):
        if driven[edge]:
            use = uses[edge]
            body = lanes.headings[edge] + use.orientation
            leaving[a].append(body)
            arriving[b].append(body)
            turns[a] |= use.turns_at_start
            turns[b] |= use.turns_at_end
    found = []
    for i, node in enumerate(lanes.nodes):
        theta = node.theta_of(kind.id)
        fixed = [] if theta is None else [theta]
        found.append(at_node(kind, lanes.points[i], arriving[i] + fixed, leaving[i] + fixed, turns[i]))
    for edge, (a, b) in enumerate(lanes.ends):
        use = uses[edge]
        rotates = use.turns and kind.turns
        start, end, way = lanes.points[a], lanes.points[b], lanes.headings[edge]
        found.append(along_edge(kind, start, end, way, use.orientation, rotates))
    return found


def round_footprints(lanes: Lanes, radius: float) -> list[Footprint]:
    """Of every node and edge for a vehicle of which only the circle that holds it is known."""
    nodes: list[Footprint] = [(circle(p, radius),) for p in lanes.points]
    return nodes + [(Shape((lanes.points[a], lanes.points[b]), radius),) for a, b in lanes.ends]


def close_pairs(lanes: Lanes, radius: float) -> Iterator[tuple[int, int]]:
    """Pairs of places (nodes, then edges) without a common node whose boxes, grown by `radius`, meet; sorted.

    Found through cells about as large as an edge is long, so that one long edge does not make a large map slow.
    """
    count = len(lanes.nodes)
    spans = [(i, i) for i in range(count)] + list(lanes.ends)
    boxes = []
    for a, b in spans:
        (x1, y1), (x2, y2) = lanes.points[a], lanes.points[b]
        boxes.append((min(x1, x2) - radius, min(y1, y2) - radius, max(x1, x2) + radius, max(y1, y2) + radius))
    lengths = sorted(math.dist(lanes.points[a], lanes.points[b]) for a, b in lanes.ends)
    cell = max(4 * radius, lengths[len(lengths) // 2] if lengths else 0.0) or 1.0
    cells: dict[tuple[int, int], list[int]] = {}
    for i, box in enumerate(boxes):
        for cx in range(int(box[0] // cell), int(box[2] // cell) + 1):
            for cy in range(int(box[1] // cell), int(box[3] // cell) + 1):
                cells.setdefault((cx, cy), []).append(i)
    pairs = set()
    for members in cells.values():
        for k, i in enumerate(members):
            p, own = boxes[i], spans[i]
            for j in members[k + 1 :]:
                q = boxes[j]
                if p[0] < q[2] and q[0] < p[2] and p[1] < q[3] and q[1] < p[3]:
                    a, b = spans[j]
                    if a not in own and b not in own:
                        pairs.add((i, j))
    yield from sorted(pairs)


class Resources:
    """Collects the names of resources and, for every profile and place, which of them it holds."""

    def __init__(self, lanes: Lanes, labels: Sequence[str], profiles: int) -> None:
        self.lanes = lanes
        self.labels = labels
        self.names = [f"node:{label}" for label in labels[: len(lanes.nodes)]]
        self.of: list[list[list[int]]] = [
            [[i] for i in range(len(lanes.nodes))] + [[] for _ in lanes.edges] for _ in range(profiles)
        ]
        self.contracted: set[tuple[int, int]] = set()
        self.crossing: list[tuple[int, int]] = []

    def add(self, name: str, places: Iterable[int]) -> int:
        """One more resource, of the same places for every profile."""
        for place in places:
            for own in self.of:
                own[place].append(len(self.names))
        self.names.append(name)
        return len(self.names) - 1

    def overlaps(self, prints: Sequence[Sequence[Footprint]], radius: float) -> None:
        """Shared resources of every two places on which two robots of any two profiles would touch.

        The first profile's footprints reach `radius` m around nodes and edges and hold those of all others, so where
        they are apart nothing overlaps. For each pair of places the profiles on the first that touch the same profiles
        on the second share one resource.
        """
        widest, everyone = prints[0], range(len(prints))
        real = everyone[1:] or everyone
        for i, j in close_pairs(self.lanes, radius):
            if not overlap(widest[i], widest[j]):
                continue
            groups: dict[tuple[int, ...], list[int]] = {}
            for p in everyone:
                touched = tuple(q for q in everyone if not (p or q) or overlap(prints[p][i], prints[q][j]))
                groups.setdefault(touched, []).append(p)
            groups.pop((), None)
            for number, (touched, touching) in enumerate(groups.items()):
                for p in touching:
                    self.of[p][i].append(len(self.names))
                for q in touched:
                    self.of[q][j].append(len(self.names))
                more = f"|{number + 1}" if number else ""
                self.names.append(f"overlap:{self.labels[i]}|{self.labels[j]}{more}")
            if any(p in real and q in real for touched, own in groups.items() for p in own for q in touched):
                self._note(i, j)

    def _note(self, i: int, j: int) -> None:
        count = len(self.lanes.nodes)
        if j < count:
            self.contracted.add((i, j))
        elif i >= count:
            self.crossing.append((i - count, j - count))

    def doors(self, layout: Layout) -> dict[str, int]:
        """door id -> its resource, held by whoever drives an edge that passes it (or waits in the cab of a lift)."""
        found = {}
        count = len(self.lanes.nodes)
        edge_index = {edge.id: i for i, edge in enumerate(self.lanes.edges)}
        around: list[set[int]] = [set() for _ in range(count)]
        for edge, ends in enumerate(self.lanes.ends):
            for end in ends:
                around[end].add(edge)
        for door in layout.doors:
            passing = {edge_index[name] for name in door.edges if name in edge_index}
            within = {end for edge in passing for end in self.lanes.ends[edge]} if door.kind != "door" else set()
            inner = sorted(node for node in within if around[node] <= passing)
            found[door.id] = self.add(f"door:{door.id}", [*inner, *(count + edge for edge in sorted(passing))])
        return found

    def zones(self, layout: Layout) -> dict[str, int]:
        """release zone id -> its resource, held on every node in it and on every edge that passes through it."""
        found = {}
        count, points = len(self.lanes.nodes), self.lanes.points
        for zone in layout.zones:
            if zone.kind == "release":
                within = [i for i, point in enumerate(points) if inside(point, zone.polygon)]
                known = set(within)
                through = [
                    count + edge for edge, ends in enumerate(self.lanes.ends)
                    if not known & set(ends) and lies_in(points, ends, zone.polygon)
                ]  # fmt: skip
                found[zone.id] = self.add(f"zone:{zone.id}", within + through)
        return found

    def claims(self, profile: int) -> tuple[Claims, Claims]:
        """What is held on each node and on each edge by robots of that profile."""
        count = len(self.lanes.nodes)
        held = [tuple(place) for place in self.of[profile]]
        return tuple(held[:count]), tuple(held[count:])
