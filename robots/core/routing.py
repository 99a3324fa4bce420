"""The road map: a layout turned into integers once, then asked for ways, distances and what overlaps what.

Immutable after construction. Cost of an edge is its travel time in s: length / min(edge, zone, robot speed). Turns cost
`TURN_COST` s per rad in `path`; distance tables leave turns out, because they are kept per goal and shared by robots.
A *block* is a frozen set of ints: nodes that may not be entered from outside the block (whoever is inside may drive on
and leave), and, as `~edge`, edges that may not be driven at all (a closed door).
"""

from __future__ import annotations

import copy
import hashlib
import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from robots.core.distances import Tables
from robots.core.footprint import VehicleType, anywhere
from robots.core.geometry import Point, turn
from robots.core.layout import NO_ENTRY_KINDS, Layout, Station, layout_hash
from robots.core.roadmap_build import driven, factors, grid_layout, numbered, speeds, zone_limits
from robots.core.roadmap_findings import findings
from robots.core.roadmap_resources import Claims, Resources, footprints, round_footprints

__all__ = ["NOTHING", "UNREACHABLE", "Profile", "RoadMap", "VehicleType"]

DEFAULT_SPEED: Final = 1.5
TURN_COST: Final = 1.0
FOOTPRINT_RADIUS: Final = 0.55
UNREACHABLE: Final = float("inf")
NOTHING: Final[frozenset[int]] = frozenset()
Neighbours = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """One vehicle type on this map; `type` is "" for the default profile, which any robot may use.

    `ahead`, `behind`: the neighbours it may drive to and come from. `costs`: s per edge at its speed, inf where it may
    not drive. `node_resources`, `edge_resources`: what it holds there (on an edge, besides those of its ends).
    """

    type: str
    ahead: Neighbours
    behind: Neighbours
    costs: tuple[float, ...]
    node_resources: Claims
    edge_resources: Claims


class RoadMap:
    """Nodes and edges as ints, with neighbours, costs, resources and tables.

    Without `types` every robot is taken for a circle of `radius` (m: the largest robot with its load and position
    error). With them each type has a `Profile` with its own footprint, speed and lanes, and the default profile is a
    circle that holds them all (`radius` then says nothing). Nodes and edges whose footprints overlap share a
    resource, so crossing lanes, close nodes and tails need no special case (an edge has no resource of its own: it is
    never held without both its ends).
    `vehicle_type` leaves out what that type may not use; None leaves out only what no type may use.
    """

    def __init__(self, layout: Layout, *, types: Sequence[VehicleType] = (), radius: float | None = None,
                 speed: float = DEFAULT_SPEED, vehicle_type: str | None = None, apart: bool = False,
                 digest: str | None = None) -> None:  # fmt: skip
        """Raises ValueError where two types have the same id or one is called "".

        `apart`: no two footprints without a common node overlap, so none need be compared (the caller knows).
        `digest` is the hash of the map where the caller has a quicker one than that of the layout.
        """
        if len({kind.id for kind in types} - {""}) < len(types):
            raise ValueError("every vehicle type needs an id of its own")
        self.layout = layout
        self.hash = layout_hash(layout) if digest is None else digest
        self.types = tuple(types)
        self.radius = anywhere(types) if types else FOOTPRINT_RADIUS if radius is None else radius
        self._lanes = numbered(layout, vehicle_type)
        lanes = self._lanes
        self.names: tuple[str, ...] = tuple(n.id for n in lanes.nodes)
        self.index: dict[str, int] = {name: i for i, name in enumerate(self.names)}
        self.points: tuple[Point, ...] = tuple(lanes.points)
        self.edge_names: tuple[str, ...] = tuple(e.id for e in lanes.edges)
        self.edge_ends: tuple[tuple[int, int], ...] = tuple(lanes.ends)
        self.edge_of: dict[tuple[int, int], int] = {ends: i for i, ends in enumerate(self.edge_ends)}
        self.headings: tuple[float, ...] = tuple(lanes.headings)
        self.lengths: tuple[float, ...] = tuple(math.dist(self.points[a], self.points[b]) for a, b in self.edge_ends)
        self.no_entry: frozenset[int] = self.nodes_named(
            n for z in layout.zones if z.kind in NO_ENTRY_KINDS for n in layout.nodes_in(z)
        )
        self.factors: tuple[float, ...] = factors(layout, lanes)
        self._claim(speed, apart)
        self._tables: dict[str, Tables] = {}
        self._guided: dict[str, Tables] = {}

    @classmethod
    def grid(cls, rows: Sequence[str], *, cell: float = 1.0, radius: float | None = None,
             speed: float = DEFAULT_SPEED) -> RoadMap:  # fmt: skip
        """The two-way grid of a Moving AI map: `rows` of '.', 'S', 'E', 'G' (free) and anything else (not).

        Nodes are called "row,column"; `cell` is the way between neighbours in m. Robots that turn on the spot within
        `radius` never meet where their cells differ, so footprints need not be compared: ValueError if they could.
        """
        radius = 0.45 * cell if radius is None else radius
        if not 2 * radius <= cell:
            raise ValueError(f"a robot of radius {radius:g} m does not fit into cells of {cell:g} m")
        text = "\n".join([f"{cell:g} {radius:g}", *rows])
        digest = hashlib.sha256(text.encode()).hexdigest()
        return cls(grid_layout(rows, cell), radius=radius, speed=speed, apart=True, digest=digest)

    # --- construction -------------------------------------------------------------------------------------------

    def _claim(self, speed: float, apart: bool) -> None:
        """The profiles, and the resources whose sets they hold."""
        lanes = self._lanes
        open_to = [[True] * len(lanes.edges)] + [driven(lanes, kind.id) for kind in self.types]
        made = Resources(lanes, [*self.names, *self.edge_names], len(open_to))
        self.doors: dict[str, int] = made.doors(self.layout)
        self.release_zones: dict[str, int] = made.zones(self.layout)
        if not apart:
            prints = [round_footprints(lanes, self.radius)]
            prints += [footprints(lanes, kind, may) for kind, may in zip(self.types, open_to[1:], strict=True)]
            made.overlaps(prints, self.radius)
        self.resources: tuple[str, ...] = tuple(made.names)
        self.contracted: frozenset[tuple[int, int]] = frozenset(made.contracted)
        self._crossing = made.crossing
        self.capacities: dict[int, int] = {
            self.release_zones[z.id]: z.capacity for z in self.layout.zones if z.kind == "release" and z.capacity > 1
        }
        zones = zone_limits(self.layout, lanes)
        limits = [speeds(lanes, speed, "", zones)] + [speeds(lanes, k.max_speed, k.id, zones) for k in self.types]
        self.speeds: tuple[float, ...] = limits[0]
        named = ["", *(kind.id for kind in self.types)]
        self._profiles: dict[str, Profile] = {
            name: self._profile(name, may, own, *made.claims(i))
            for i, (name, may, own) in enumerate(zip(named, open_to, limits, strict=True))
        }
        default = self._profiles[""]
        self.ahead: Neighbours = default.ahead
        self.behind: Neighbours = default.behind
        self.costs: tuple[float, ...] = default.costs
        self.node_resources: Claims = default.node_resources
        self.edge_resources: Claims = default.edge_resources

    def _profile(self, name: str, driven: Sequence[bool], speeds: Sequence[float], nodes: Claims,
                 edges: Claims) -> Profile:  # fmt: skip
        ahead: list[set[int]] = [set() for _ in self.names]
        behind: list[set[int]] = [set() for _ in self.names]
        for may, (a, b) in zip(driven, self.edge_ends, strict=True):
            if may:
                ahead[a].add(b)
                behind[b].add(a)
        costs = tuple(
            max(d, 0.01) / v if may else UNREACHABLE
            for d, v, may in zip(self.lengths, speeds, driven, strict=True)
        )  # fmt: skip
        return Profile(name, tuple(tuple(sorted(n)) for n in ahead), tuple(tuple(sorted(n)) for n in behind),
                       costs, nodes, edges)  # fmt: skip

    # --- profiles and guidance ----------------------------------------------------------------------------------

    def profile(self, type: str | None = None) -> Profile:
        """The profile of that vehicle type; of a type this map does not know, and of None, the default profile."""
        return self._profiles.get(type or "", self._profiles[""])

    def with_factors(self, factors: Sequence[float]) -> RoadMap:
        """This map with other `factors` (per edge, >= 1, times its cost) for `distances(guided=True)`.

        They replace those of the layout, which are `self.factors` of the map that was built from it; everything else,
        the unguided tables included, is shared. Raises ValueError where there is not one factor >= 1 per edge.
        """
        if len(factors) != len(self.edge_ends) or not all(1.0 <= f < UNREACHABLE for f in factors):
            raise ValueError(f"guidance needs {len(self.edge_ends)} factors, each 1 or more")
        other = copy.copy(self)
        other.factors = tuple(factors)
        other._guided = {}
        return other

    @cached_property
    def findings(self) -> tuple[str, ...]:
        """What a person should know about this map in plain words; nothing here stops it from being driven."""
        return tuple(findings(self.layout, self._lanes, sorted(self.contracted), self._crossing))

    # --- questions ----------------------------------------------------------------------------------------------

    def nodes_named(self, names: Iterable[str]) -> frozenset[int]:
        """The ints of those names that this map has."""
        return frozenset(self.index[name] for name in names if name in self.index)

    def resources_for(
        self, node: int, came_from: int | None = None, profile: Profile | str | None = None
    ) -> tuple[int, ...]:
        """What must be held to stand on `node`, and, when given, to drive there from the neighbour `came_from`."""
        own = profile if isinstance(profile, Profile) else self.profile(profile)
        if came_from is None:
            return own.node_resources[node]
        return own.node_resources[node] + own.edge_resources[self.edge_of[came_from, node]]

    def passable(self, edge: int, blocked: frozenset[int]) -> bool:
        start, end = self.edge_ends[edge]
        return (end not in blocked or start in blocked) and ~edge not in blocked

    def distances(
        self, goal: int, blocked: frozenset[int] = NOTHING, profile: Profile | str | None = None, guided: bool = False
    ) -> Sequence[float]:
        """Travel time in s from every node to `goal` without entering `blocked`; `UNREACHABLE` where there is no way.

        `guided` counts each edge `factors` times its time: for choosing ways, not for telling times. The table is
        single precision, read-only, shared and cached.
        """
        own = profile if isinstance(profile, Profile) else self.profile(profile)
        kept = self._guided if guided else self._tables
        tables = kept.get(own.type)
        if tables is None:
            costs = [c * f for c, f in zip(own.costs, self.factors, strict=True)] if guided else own.costs
            tables = kept[own.type] = Tables(len(self.names), self.edge_ends, costs)
        return tables.to(goal, blocked)

    def path(self, start: int, goal: int, blocked: frozenset[int] = NOTHING, facing: float | None = None,
             profile: Profile | str | None = None) -> list[int]:  # fmt: skip
        """The quickest way, turns counted; nodes from `start` to `goal`, or [] if there is none. `facing` in rad."""
        if start == goal:
            return [start]
        own = profile if isinstance(profile, Profile) else self.profile(profile)
        table = self.distances(goal, blocked, own)
        if table[start] == UNREACHABLE:
            return []
        done: dict[int, int | None] = {}
        queue: list[tuple[float, float, int, int | None]] = []

        def push(spent: float, node: int, via: int | None, faces: float | None) -> None:
            for after in own.ahead[node]:
                edge = self.edge_of[node, after]
                if edge in done or table[after] == UNREACHABLE or not self.passable(edge, blocked):
                    continue
                bend = 0.0 if faces is None else TURN_COST * turn(faces, self.headings[edge])
                cost = spent + bend + own.costs[edge]
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

    def from_here(
        self, start: int, blocked: frozenset[int] = NOTHING, profile: Profile | str | None = None
    ) -> dict[int, float]:
        """Travel time in s from `start` to every node that can be reached without entering `blocked`."""
        own = profile if isinstance(profile, Profile) else self.profile(profile)
        found: dict[int, float] = {}
        queue = [(0.0, start)]
        while queue:
            spent, node = heapq.heappop(queue)
            if node in found:
                continue
            found[node] = spent
            for after in own.ahead[node]:
                edge = self.edge_of[node, after]
                if after not in found and self.passable(edge, blocked):
                    heapq.heappush(queue, (spent + own.costs[edge], after))
        return found

    def nearest(
        self, start: str, kind: str, *, count: int = 1, blocked: frozenset[int] = NOTHING,
        free: Callable[[Station, str], bool] = lambda station, node: True, profile: Profile | str | None = None,
    ) -> list[tuple[Station, str, float]]:  # fmt: skip
        """Up to `count` (station, node, seconds) of that kind, nearest first; `free` may turn places down."""
        times = self.from_here(self.index[start], blocked, profile)
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
