"""Whether a road map can lock up with k robots, decided before the first one drives.

Condition (sufficient): for every node u and every successor v, at least k nodes are reachable from v without u. Then
the other k - 1 robots can never fill that region, so the robot with the highest priority always gets on. Where the
condition fails, the region behind u is a *pocket* (a station, a charger, a cul-de-sac): one robot at a time may be in
it. What is left when all pockets are cut off is the *core*; without a core of more than k nodes the map is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from robots.core.routing import RoadMap


@dataclass(frozen=True, slots=True)
class Audit:
    """`pockets[p]` are the nodes of pocket p, `pocket_of[node]` its number or -1; nobody may enter `traps`.

    `robots` is how many the verdict holds for, at most as many as asked for; `safe` means all of them.
    """

    safe: bool
    robots: int
    core: frozenset[int]
    pockets: tuple[frozenset[int], ...]
    pocket_of: tuple[int, ...]
    traps: frozenset[int]
    findings: tuple[str, ...]


def audit(road: RoadMap, robots: int) -> Audit:
    """The verdict for up to `robots` robots, with findings in plain words; never refuses to answer."""
    all_nodes = frozenset(range(len(road.names))) - road.no_entry
    low, high, best = 0, max(robots, 1), frozenset[int]()
    count = high
    while low < high:
        core = _core(road, all_nodes, count)
        if len(core) > count:
            low, best = count, core
        else:
            high = count - 1
        count = (low + high + 1) // 2
    core = best or _largest_component(road, all_nodes)
    returning = _reach(core, road.behind, all_nodes)
    traps = all_nodes - returning
    pockets = _components(road, (returning & _reach(core, road.ahead, all_nodes)) - core)
    pocket_of = [-1] * len(road.names)
    for number, nodes in enumerate(pockets):
        for node in nodes:
            pocket_of[node] = number
    findings = [f"No way leads back from {_some(road, traps)}; no robot is sent there."] if traps else []
    large = [pocket for pocket in pockets if len(pocket) > 3]
    findings += [f"Only one robot at a time can use {_some(road, pocket)}; a loop would lift that." for pocket in large]
    if low < robots:
        findings.insert(0, f"Only {low} robots can never lock up here, not {robots}; add a loop or passing places.")
    return Audit(low >= robots, low, core, pockets, tuple(pocket_of), traps, tuple(findings))


def _core(road: RoadMap, nodes: frozenset[int], robots: int) -> frozenset[int]:
    """Cut off regions smaller than `robots` until none is left, and keep the largest part that is one."""
    core = nodes
    while core:
        small: set[int] = set()
        for start, end in road.edge_ends:
            if start in core and end in core and end not in small:
                region = _region(road, start, end, core, robots)
                if len(region) < robots:
                    small |= region
        core = _largest_component(road, core - small)
        if not small:
            return core
    return core


def _region(road: RoadMap, without: int, start: int, nodes: frozenset[int], enough: int) -> set[int]:
    """Nodes reachable from `start` without `without`; stops looking once `enough` are found."""
    seen, stack = {start}, [start]
    while stack and len(seen) < enough:
        for other in road.ahead[stack.pop()]:
            if other != without and other in nodes and other not in seen:
                seen.add(other)
                stack.append(other)
    return seen


def _reach(starts: Iterable[int], ways: tuple[tuple[int, ...], ...], nodes: frozenset[int]) -> frozenset[int]:
    seen = set(starts)
    stack = list(seen)
    while stack:
        for other in ways[stack.pop()]:
            if other in nodes and other not in seen:
                seen.add(other)
                stack.append(other)
    return frozenset(seen)


def _largest_component(road: RoadMap, nodes: frozenset[int]) -> frozenset[int]:
    """The largest strongly connected part of `nodes`."""
    best, left = frozenset[int](), set(nodes)
    while len(left) > len(best):
        start = min(left)
        part = _reach([start], road.ahead, nodes) & _reach([start], road.behind, nodes)
        left -= part
        if len(part) > len(best):
            best = part
    return best


def _components(road: RoadMap, nodes: frozenset[int]) -> tuple[frozenset[int], ...]:
    """Parts of `nodes` that hang together, lane directions ignored: neighbouring pockets are one."""
    both = tuple((*a, *b) for a, b in zip(road.ahead, road.behind, strict=True))
    left, parts = set(nodes), []
    while left:
        part = _reach([min(left)], both, nodes)
        parts.append(part)
        left -= part
    return tuple(parts)


def _some(road: RoadMap, nodes: frozenset[int]) -> str:
    names = sorted(road.names[node] for node in nodes)
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
