"""Where every robot goes next: PIBT (priority inheritance with backtracking) on the road map, gap-aware.

One step moves each robot at most one node. A robot never plans into a node that is occupied at that step: it asks the
occupant to leave, which inherits its priority, and waits. So the moves of one step do not depend on each other and no
cycle of waiting can arise. Pure: same input, same plan. Source: PIBT, Artificial Intelligence 310 (2022).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from robots.core.geometry import turn
from robots.core.routing import UNREACHABLE, RoadMap

DETOUR_S: Final = 6.0
TURN_WEIGHT: Final = 0.3
RECURSION_SPARE: Final = 200
STAYS, CLEARS, MOVES = 0, 1, 2


@dataclass(slots=True)
class Mover:
    """A robot as the planner sees it, in order of priority.

    `table` gives seconds to its goal, None for a robot without an enabled goal: it stays unless pushed. `fixed` ones
    cannot be pushed. `before` is the node it comes from, for turns.
    """

    id: str
    node: int
    table: Sequence[float] | None
    fixed: bool
    before: int | None = None


class Step:
    """One PIBT step over all movers. `may_enter(mover, from, to)` filters closed zones, pockets and avoided places."""

    def __init__(self, road: RoadMap, movers: Sequence[Mover], may_enter: Callable[[str, int, int], bool]) -> None:
        self.road = road
        self.may_enter = may_enter
        self.movers = {mover.id: mover for mover in movers}
        self.at: dict[int, str] = {r: m.id for m in movers for r in road.node_resources[m.node]}
        self.taken: dict[int, str] = {}
        self.outcome: dict[str, int] = {m.id: STAYS for m in movers if m.fixed}
        self.target: dict[str, int] = {}
        self.waits_for: dict[str, tuple[int, str]] = {}

    def run(self) -> None:
        """Decide for every mover. Afterwards `target` has the node of each one that moves."""
        for mover in self.movers.values():
            if mover.id not in self.outcome:
                self._decide(mover, pushed=False)

    def _decide(self, mover: Mover, *, pushed: bool, depth: int = 0) -> int:
        self.outcome[mover.id] = STAYS
        if depth > RECURSION_SPARE:
            return STAYS
        for node in self._candidates(mover, pushed):
            outcome = self._attempt(mover, node, depth)
            if outcome != STAYS:
                self.outcome[mover.id] = outcome
                return outcome
        return STAYS

    def _attempt(self, mover: Mover, node: int, depth: int) -> int:
        """Go to `node` if it is free; else ask whoever is in the way to leave and, if that can be, wait here."""
        needed = self.road.resources_for(node, mover.node)
        if any(self.taken.get(resource, mover.id) != mover.id for resource in needed):
            return STAYS
        inside = dict.fromkeys(self.at[r] for r in needed if self.at.get(r, mover.id) != mover.id)
        if not inside:
            self.taken.update(dict.fromkeys(needed, mover.id))
            self.target[mover.id] = node
            self.waits_for.pop(mover.id, None)
            return MOVES
        for other in inside:
            self.waits_for.setdefault(mover.id, (node, other))
            leaves = self.outcome.get(other)
            if leaves is None:
                leaves = self._decide(self.movers[other], pushed=True, depth=depth + 1)
            if leaves == STAYS:
                return STAYS
        self.waits_for[mover.id] = (node, next(iter(inside)))
        return CLEARS

    def _candidates(self, mover: Mover, pushed: bool) -> list[int]:
        table, here = mover.table, mover.node
        if table is None and not pushed:
            return []
        road, scored = self.road, []
        faces = None
        if mover.before is not None and (mover.before, here) in road.edge_of:
            faces = road.headings[road.edge_of[mover.before, here]]
        for node in road.ahead[here]:
            if not self.may_enter(mover.id, here, node):
                continue
            edge = road.edge_of[here, node]
            cost = road.costs[edge]
            if table is not None:
                if table[node] == UNREACHABLE and not pushed:
                    continue
                cost += table[node]
                if not pushed and cost > table[here] + DETOUR_S:
                    continue
            bend = 0.0 if faces is None else TURN_WEIGHT * turn(faces, road.headings[edge])
            occupied = any(r in self.at for r in road.node_resources[node])
            scored.append((cost + bend if table is not None else 1e6 * occupied + bend + cost, occupied, node))
        return [node for _, _, node in sorted(scored)]


def plan_steps(
    road: RoadMap, movers: Sequence[Mover], may_enter: Callable[[str, int, int], bool], steps: int
) -> tuple[dict[str, list[int]], dict[str, tuple[int, str]]]:
    """`steps` PIBT steps from where the movers are. Gives each one's node after every step, and who waits for whom.

    The second result is that of the first step: robot -> (node it wants, robot that is in the way).
    """
    ways: dict[str, list[int]] = {mover.id: [] for mover in movers}
    waits: dict[str, tuple[int, str]] = {}
    for number in range(steps):
        step = Step(road, movers, may_enter)
        step.run()
        if number == 0:
            waits = step.waits_for
        for mover in movers:
            node = step.target.get(mover.id, mover.node)
            if node != mover.node:
                mover.before, mover.node = mover.node, node
                if mover.table is not None and mover.table[node] == 0.0:
                    mover.fixed = True
            ways[mover.id].append(node)
    return ways, waits
