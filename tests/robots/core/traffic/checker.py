"""An independent watcher of traffic: fed with what was granted, freed, reported and where robots really are.

It knows the map's sets and polygons and nothing of the ledger's code: its own record of bases follows from the evidence
alone. Every violation becomes a line in `found`; `found` must stay empty. Cheap enough to run beside a benchmark: a few
dictionary look-ups for each event, and `apart` looks at neighbours on a grid only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from robots.core.geometry import Point, inside
from robots.core.routing import RoadMap

SAMPLES = 24


@dataclass(slots=True)
class Track:
    """One robot as the evidence shows it: `base` are (sequence id, node); `place` is (node, next node, part of way)."""

    profile: str
    base: list[tuple[int, int]]
    beside: frozenset[int] = frozenset()
    order: str | None = None
    orders: set[str] = field(default_factory=set)
    place: tuple[int, int, float] | None = None
    astray: bool = False


class Checker:
    """`found` are the violations so far. Ids of robots are any texts; nodes and resources are the map's ints."""

    def __init__(self, road: RoadMap) -> None:
        self.road = road
        self.found: list[str] = []
        self.tracks: dict[str, Track] = {}
        self.gone: dict[str, set[str]] = {}
        self.owner: dict[int, str] = {}
        self.sharers: dict[int, set[str]] = {}
        self.presence: dict[str, set[int]] = {}
        self.states = {zone.id: "open" for zone in road.layout.zones}
        self.polygons = {zone.id: zone.polygon for zone in road.layout.zones}
        self.inner = {
            zone: {node for node, point in enumerate(road.points) if inside(point, polygon)}
            for zone, polygon in self.polygons.items()
        }
        self.entries = {zone: self._entries(zone) for zone in self.polygons}
        self.nearest = math.inf

    def _entries(self, zone: str) -> set[int]:
        """Edges that start outside and have a point inside, found by walking along them."""
        found, inner = set(), self.inner[zone]
        for edge, (a, b) in enumerate(self.road.edge_ends):
            steps = (self._point(a, b, i / SAMPLES) for i in range(1, SAMPLES))
            if a not in inner and (b in inner or any(inside(point, self.polygons[zone]) for point in steps)):
                found.add(edge)
        return found

    def _point(self, a: int, b: int, part: float) -> Point:
        (x1, y1), (x2, y2) = self.road.points[a], self.road.points[b]
        return x1 + (x2 - x1) * part, y1 + (y2 - y1) * part

    def _say(self, text: str) -> None:
        self.found.append(text)

    # --- what the map demands -------------------------------------------------------------------------------------

    def around(self, nodes: Iterable[int], profile: str = "") -> set[int]:
        own, nodes = self.road.profile(profile), set(nodes)
        near = {resource for node in nodes for resource in own.node_resources[node]}
        lanes = [self.road.edge_of[a, b] for a in nodes for b in nodes if (a, b) in self.road.edge_of]
        return near.union(*(own.edge_resources[edge] for edge in lanes))

    def needed(self, track: Track) -> set[int]:
        """What the evidence says it must still have."""
        own = self.road.profile(track.profile)
        found = self.around({track.base[0][1], *track.beside}, track.profile)
        for (_, a), (_, b) in pairwise(track.base):
            found.update(own.node_resources[b], own.edge_resources[self.road.edge_of[a, b]])
        return found

    # --- history --------------------------------------------------------------------------------------------------

    def admitted(self, robot: str, node: int, *, profile: str = "", beside: Iterable[int] = ()) -> None:
        """Now or again; `freed` must be told what it gave up by that."""
        was = self.tracks.get(robot)
        if was is not None and not was.astray:
            self._say(f"S2: {robot} was admitted twice")
        for zone, state in self.states.items():
            fresh = was is None and robot not in self.presence
            if (state == "closed" or (state == "closing" and fresh)) and self.inner[zone] & {node, *beside}:
                self._say(f"S6: {robot} was admitted in {zone}, which is {state}")
        had = was.orders if was else self.gone.pop(robot, set())
        track = Track(profile, [(0, node)], frozenset(beside) - {node}, None, had, was.place if was else None)
        self.tracks[robot] = track
        self.presence.pop(robot, None)
        self._own(robot, self.needed(track))

    def began(self, robot: str, order: str) -> None:
        track = self.tracks[robot]
        if order in track.orders:
            self._say(f"S3: {robot} is given the order {order} again")
        if len(track.base) > 1 and track.order is not None:
            self._say(f"S3: {robot} is given {order} while it drives {track.order}")
        track.orders.add(order)
        track.order = order
        track.base = [(2 * i, node) for i, (_, node) in enumerate(track.base)]

    def granted(self, robot: str, order: str | None, sequence_id: int, node: int) -> None:
        """One node more in its base, at the end."""
        track = self.tracks.get(robot)
        if track is None:
            self._say(f"S2: {robot} got {node} but is not in traffic")
            return
        last, end = track.base[-1]
        own, edge = self.road.profile(track.profile), self.road.edge_of.get((end, node))
        if edge is None or node not in own.ahead[end]:
            self._say(f"S2: {robot} may not drive from {end} to {node}")
            return
        if order is None or order != track.order or sequence_id != last + 2:
            self._say(f"S3: {robot} got sequence id {sequence_id} of {order} after {last} of {track.order}")
        for zone, state in self.states.items():
            if state != "open" and edge in self.entries[zone]:
                self._say(f"S6: {robot} was let into {zone}, which is {state}")
        if track.astray:
            self._say(f"S2: {robot} was sent on though it is not where it was released to")
        track.base.append((sequence_id, node))
        wanted = {*own.node_resources[node], *own.edge_resources[edge]}
        self._own(robot, wanted)
        for other, near in self.presence.items():
            if other != robot and near - self.road.capacities.keys() & (wanted | self.needed(track)):
                self._say(f"S4: {robot} was sent on to where {other} stands")

    def _own(self, robot: str, wanted: Iterable[int]) -> None:
        for resource in wanted:
            if resource in self.road.capacities:
                sharers = self.sharers.setdefault(resource, set())
                sharers.add(robot)
                if len(sharers) > self.road.capacities[resource] or resource in self.owner:
                    self._say(f"S1: {self.road.resources[resource]} is shared by {sorted(sharers)}")
            elif self.owner.setdefault(resource, robot) != robot:
                self._say(f"S1: {self.road.resources[resource]} went to {robot} but is {self.owner[resource]}'s")

    def reported(self, robot: str, order: str, sequence_id: int) -> None:
        """The robot said it arrived at that node."""
        track = self.tracks[robot]
        places = [i for i, (sequence, _) in enumerate(track.base) if sequence == sequence_id]
        if order == track.order and places and places[0]:
            track.base, track.beside = track.base[places[0] :], frozenset()

    def stopped(self, robot: str, node: int, *, between: bool) -> None:
        """The robot confirmed that its order is over and where it is."""
        track = self.tracks[robot]
        visits = [i for i, (_, at) in enumerate(track.base) if at == node]
        if not between or visits[0]:
            track.beside = frozenset()
        track.base = track.base[visits[0] : visits[-1] + 2] if between else [(0, node)]
        track.order = None

    def stood(self, robot: str, nodes: Iterable[int]) -> None:
        """It is where it was not released to."""
        track = self.tracks.get(robot)
        self.presence[robot] = self.around(nodes, track.profile if track else "")
        if track:
            track.astray = True

    def by_hand(self, robot: str, by: str, confirmed_by: str, node: int | None = None) -> None:
        """Persons freed what is ahead of `node`, or all that the robot had: what was freed follows in `freed`."""
        if not by.strip() or not confirmed_by.strip() or by.strip().lower() == confirmed_by.strip().lower():
            self._say(f"S5: {by!r} and {confirmed_by!r} are not two persons")
        track = self.tracks.get(robot)
        if node is None:
            self.tracks.pop(robot, None)
            self.presence.pop(robot, None)
            self.gone[robot] = track.orders if track else set()
        elif track is not None:
            track.base, track.beside, track.order = [(0, node)], frozenset(), None
            self.stood(robot, {node})

    def freed(self, robot: str, resources: Iterable[int]) -> None:
        """S5: nothing that the evidence does not cover."""
        needed = self.needed(self.tracks[robot]) if robot in self.tracks else set()
        for resource in resources:
            name = self.road.resources[resource]
            if resource in needed:
                self._say(f"S5: {name} was freed without evidence that {robot} has left it")
            if resource in self.road.capacities and robot in self.sharers.get(resource, ()):
                self.sharers[resource].discard(robot)
            elif self.owner.get(resource) != robot:
                self._say(f"S5: {name} was freed for {robot} but is {self.owner.get(resource)}'s")
            else:
                del self.owner[resource]

    def taken(self, resource: int, owner: str) -> None:
        """By an external owner, for the first time or again."""
        if self.sharers.get(resource) or self.owner.setdefault(resource, f"external {owner}") != f"external {owner}":
            self._say(f"S1: {self.road.resources[resource]} went to {owner} though somebody has it")
        if any(resource in near for near in self.presence.values()) and self.owner[resource] != f"external {owner}":
            self._say(f"S4: {self.road.resources[resource]} went to {owner} though a robot stands there")

    def given_back(self, resource: int, owner: str) -> None:
        if self.owner.pop(resource, "") != f"external {owner}":
            self._say(f"S5: {self.road.resources[resource]} was given back by {owner}, who did not have it")

    def zone(self, zone: str, state: str) -> None:
        self.states[zone] = state
        if state == "closed":
            for robot, track in self.tracks.items():
                steps = {self.road.edge_of[a, b] for (_, a), (_, b) in pairwise(track.base)}
                if self.inner[zone] & {node for _, node in track.base} or self.entries[zone] & steps:
                    self._say(f"S6: {zone} is called closed though {robot} is released into it")

    # --- the real world -------------------------------------------------------------------------------------------

    def at(self, robot: str, node: int, ahead: int | None = None, part: float = 0.0) -> None:
        """S4: it really is on `node`, or that part (0 to 1) of the way from it to `ahead`."""
        track = self.tracks.get(robot)
        if track is None:
            return
        track.place = (node, node if ahead is None else ahead, part)
        if track.astray:
            return
        own = self.road.profile(track.profile)
        for resource in own.node_resources[node]:
            self._stands_in(robot, resource)
        if ahead is not None and part > 0.0:
            for resource in (*own.node_resources[ahead], *own.edge_resources[self.road.edge_of[node, ahead]]):
                self._stands_in(robot, resource)
        for zone, state in self.states.items():
            if state == "closed" and inside(self._point(*track.place), self.polygons[zone]):
                self._say(f"S6: {robot} is in {zone}, which is closed")

    def _stands_in(self, robot: str, resource: int) -> None:
        if self.owner.get(resource) != robot and robot not in self.sharers.get(resource, ()):
            name, owner = self.road.resources[resource], self.owner.get(resource, "nobody")
            self._say(f"S4: {robot} is in {name}, which is {owner}'s")

    def apart(self, least: float) -> None:
        """S4: no two robots that are where they may be are nearer to each other than `least` m."""
        cells: dict[tuple[int, int], list[tuple[str, Point]]] = {}
        for robot, track in self.tracks.items():
            if track.place is None or track.astray:
                continue
            point = self._point(*track.place)
            cell = (int(point[0] // least), int(point[1] // least))
            for i in (-1, 0, 1):
                for j in (-1, 0, 1):
                    for other, there in cells.get((cell[0] + i, cell[1] + j), ()):
                        gap = math.dist(point, there)
                        self.nearest = min(self.nearest, gap)
                        if gap < least - 1e-6:
                            self._say(f"S4: {robot} and {other} are {gap:.2f} m apart")
            cells.setdefault(cell, []).append((robot, point))

    def compare(self, holdings: Mapping[str, Iterable[int]]) -> None:
        """The table that is kept elsewhere (robot -> resources) must be the one that the history tells."""
        mine: dict[str, set[int]] = {}
        for resource, owner in self.owner.items():
            if not owner.startswith("external "):
                mine.setdefault(owner, set()).add(resource)
        for resource, sharers in self.sharers.items():
            for robot in sharers:
                mine.setdefault(robot, set()).add(resource)
        if mine != {robot: set(held) for robot, held in holdings.items() if held}:
            self._say("S1: the table differs from what was granted and freed")
