"""Which one lane to open on a road map that is too small for its fleet, or has a large pocket.

Candidates are the reverse of one-way lanes, and new two-way lanes between near nodes with no rack, wall, closed zone,
node or lane in between, from nodes that lie outside the core. Those that shorten the way round most are tried out, as
many as the size of the map allows; the audit itself says what each would bring.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Final

from robots.core.geometry import Point, distance, inside, point_to_segment, segment_distance, segments_cross
from robots.core.layout import NO_ENTRY_KINDS
from robots.core.routing import NOTHING, RoadMap
from robots.core.traffic.cores import Cores
from robots.core.traffic.findings import LARGE_POCKET
from robots.core.traffic.places import Lane, Overlaps, Places, parts_of, places_of

NEAR: Final = 4.0  # a new lane is at most so many times as long as the usual one
STARTS: Final = 200
WORK: Final = 20_000  # nodes looked at over all candidates that are tried out
MOST_TRIED, LEAST_TRIED = 80, 6


@dataclass(frozen=True, slots=True)
class Advice:
    """A lane to open from node `start` to node `end` (both ways, unless `one_way`): `gain` more robots are safe then.

    `freed` is how many nodes more several robots at a time could use.
    """

    start: str
    end: str
    one_way: bool
    gain: int
    freed: int
    text: str


def advise_lane(road: RoadMap, overlaps: Overlaps, robots: int, without: frozenset[int] = NOTHING) -> Advice | None:
    """The lane whose opening helps `robots` robots most; None if none does or none is needed."""
    places = places_of(road, overlaps, without)
    cores = Cores(places)
    core = cores.nodes(robots) if robots > 1 else cores.lone
    if core and not any(len(part) > LARGE_POCKET for part in parts_of(road, places.nodes - core, places, overlaps)):
        return None
    largest = cores.largest()
    core = cores.nodes(min(robots, largest)) if largest > 1 else frozenset[int]()
    best: tuple[int, int, int, float] = (0, 0, 0, 0.0)
    found: tuple[Lane, bool, int, int] | None = None
    for lane, one_way in _candidates(road, places, core):
        trial = Cores(places_of(road, overlaps, without, [lane] if one_way else [lane, lane[::-1]]))
        reached = trial.largest()
        freed = len(trial.nodes(min(robots, reached))) - len(core) if largest >= robots else 0
        gained = min(robots, reached) - min(robots, largest)
        score = (gained, freed, reached, -distance(*(road.points[node] for node in lane)))
        if (gained > 0 or (gained == 0 and freed > 0)) and (found is None or score > best):
            best, found = score, (lane, one_way, reached - largest, freed)
    return _worded(road, largest, *found) if found else None


def _worded(road: RoadMap, largest: int, lane: Lane, one_way: bool, gain: int, freed: int) -> Advice:
    start, end = (road.names[node] for node in lane)
    where = (
        f"Open the lane from {end} to {start} in the other direction too"
        if one_way else f"Add a two-way lane between {start} and {end}"
    )  # fmt: skip
    if gain > 0:
        text = f"{where}: {largest + gain} robots can then never lock up, {gain} more than now."
    else:
        text = f"{where}: {freed} more nodes can then be used by several robots at a time."
    return Advice(start, end, one_way, gain, freed, text)


def _candidates(road: RoadMap, places: Places, core: frozenset[int]) -> list[tuple[Lane, bool]]:
    """Lanes to try, those that save the longest way round for their length first."""
    ranked = []
    for lane, one_way in (*_reverses(road, places), *_new_lanes(road, places, core)):
        start, end = lane
        length = max(distance(road.points[start], road.points[end]), 0.01)
        way_round = min(road.distances(end)[start], 1e6)
        if not one_way:
            way_round = max(way_round, min(road.distances(start)[end], 1e6))
        ranked.append((-way_round / length, length, lane, one_way))
    ranked.sort()
    tried = max(LEAST_TRIED, min(MOST_TRIED, WORK // max(1, len(road.names))))
    return [(lane, one_way) for _, _, lane, one_way in ranked[:tried]]


def _reverses(road: RoadMap, places: Places) -> Iterator[tuple[Lane, bool]]:
    found = 0
    for a, b in road.edge_ends:
        if (b, a) not in road.edge_of and a in places.nodes and b in places.nodes and found < STARTS:
            found += 1
            yield (b, a), True


def _new_lanes(road: RoadMap, places: Places, core: frozenset[int]) -> Iterator[tuple[Lane, bool]]:
    if not road.lengths:
        return
    near = NEAR * median(road.lengths)
    cells: dict[tuple[int, int], list[int]] = {}
    size = max(near, 0.01)
    for node in places.nodes:
        x, y = road.points[node]
        cells.setdefault((int(x // size), int(y // size)), []).append(node)
    obstacles = _Obstacles(road)
    starts = sorted(places.nodes - core, key=lambda node: (len(road.ahead[node]), node))[:STARTS]
    seen: set[Lane] = set()
    for a in starts:
        x, y = road.points[a]
        around = [
            node for i in (-1, 0, 1) for j in (-1, 0, 1)
            for node in cells.get((int(x // size) + i, int(y // size) + j), ())
        ]  # fmt: skip
        for b in around:
            lane = (min(a, b), max(a, b))
            joined = lane in road.edge_of or lane[::-1] in road.edge_of
            if a == b or lane in seen or joined or distance(road.points[a], road.points[b]) > near:
                continue
            seen.add(lane)
            if obstacles.allow(lane, around):
                yield lane, False


class _Obstacles:
    """What a new lane must keep clear of by the robot's radius, or must not cross."""

    def __init__(self, road: RoadMap) -> None:
        self.road = road
        walls = [((w.x1, w.y1), (w.x2, w.y2)) for w in road.layout.walls]
        self.closed = [z.polygon for z in road.layout.zones if z.kind in NO_ENTRY_KINDS]
        for rack in road.layout.racks:
            low, high = (rack.x, rack.y), (rack.x + rack.width, rack.y + rack.height)
            self.closed.append((low, (high[0], low[1]), high, (low[0], high[1])))
        for polygon in self.closed:
            walls += list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))
        self.walls: list[tuple[Point, Point]] = walls

    def allow(self, lane: Lane, around: list[int]) -> bool:
        road = self.road
        a, b = (road.points[node] for node in lane)
        if any(segment_distance(a, b, *wall) < road.radius for wall in self.walls):
            return False
        if any(inside(a, polygon) or inside(b, polygon) for polygon in self.closed):
            return False
        for node in around:
            if node not in lane and point_to_segment(road.points[node], a, b) < 2 * road.radius:
                return False
            for other in road.ahead[node]:
                if segments_cross(a, b, road.points[node], road.points[other]):
                    return False
        return True
