"""Where every robot goes next: PIBT (priority inheritance with backtracking) on the road map, gap-aware.

One step moves each robot at most one node. A robot never plans into a node that is occupied at that step: it asks the
occupant to leave, which inherits its priority, and waits. So the moves of one step do not depend on each other and no
cycle of waiting can arise. The first robot of all is served by the push chain to the nearest free node, which shortens
with every cycle. Pure: same input, same plan. Source: PIBT, Artificial Intelligence 310 (2022).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from robots.core.routing import UNREACHABLE, RoadMap
from robots.core.traffic.fans import Fan

DETOUR_S: Final = 20.0
TURN_S: Final = 0.5
"""What a quarter turn weighs against a nearer node, in s: less than it takes, for the turn may be due later anyway."""
BUSY_S: Final = 0.2
UNDECIDED, STAYS, CLEARS, MOVES = -1, 0, 1, 2
OPEN, CLOSED, NOT_YET = 0, 1, 2
NOBODY: Final = -1
FAR: Final = 1e6
Option = tuple[float, int, tuple[int, ...], int, float]
"""Score, node, resources to drive there, what the gate says, heading."""


@dataclass(slots=True)
class Mover:
    """A robot as the planner sees it, in order of priority.

    `table` gives seconds to its goal, None for a robot without an enabled goal: it stays unless pushed. `fixed` ones
    cannot be pushed. `faces` is its heading in quarter turns, None if unknown. `careful`: it has rules of its own, so
    ask the gate about every node. `seed` breaks its ties, always the same way.
    """

    id: str
    node: int
    table: Sequence[float] | None
    fixed: bool
    faces: float | None = None
    fan: Fan | None = None
    careful: bool = False
    seed: int = 0


Gate = Callable[[str, int, int], int]
"""(robot, from, to) -> OPEN, CLOSED (drive round it) or NOT_YET (wait for it: a token, a door)."""


class Step:
    """One PIBT step over all movers. `gate` is asked about nodes that `gates` marks.

    `at` (resource -> number of the mover standing there) and `taken` (promised in this step) are shared by the steps.
    """

    def __init__(self, movers: Sequence[Mover], fans: Sequence[Fan], gate: Gate, gates: bytes, at: list[int],
                 taken: list[int]) -> None:  # fmt: skip
        self.movers, self.fans = movers, fans
        self.gate, self.gates = gate, gates
        self.at, self.taken = at, taken
        self.outcome = [STAYS if mover.fixed else UNDECIDED for mover in movers]
        self.target: dict[int, tuple[int, tuple[int, ...], float]] = {}
        self.waits_for: dict[int, tuple[int, int]] = {}
        self.first = NOBODY
        self.kept: frozenset[int] = frozenset()
        """What the first robot is having cleared: nobody else goes and stands there in this step."""

    def run(self) -> None:
        """Decide for every mover. Afterwards `target` has the node of each one that moves."""
        at, taken, outcome = self.at, self.taken, self.outcome
        for number, mover in enumerate(self.movers):
            if mover.table is None or outcome[number] != UNDECIDED:
                continue
            leading = self.first == NOBODY
            options = self._options(number, pushed=False, leading=leading)
            if not options:  # it waits for a rule, not for others, who may still ask it to make way
                continue
            if leading:
                self.first = number
                self._lead(number, options)
                continue
            _, node, needed, _, heading = options[-1]
            for resource in needed:
                if taken[resource] != NOBODY or at[resource] not in (NOBODY, number):
                    self._decide(number, options)
                    break
            else:
                self._go(number, node, needed, heading)

    def _decide(self, first: int, options: list[Option]) -> None:
        """Depth first through those who are asked to leave; a stack of our own, as chains can be as long as a fleet."""
        outcome = self.outcome
        outcome[first] = STAYS
        stack: list[tuple[int, list[Option]]] = [(first, options)]
        asked: list[list[int]] = [[]]
        while stack:
            number, options = stack[-1]
            blockers = asked[-1]
            while blockers:
                result = outcome[blockers[-1]]
                if result == UNDECIDED:
                    break
                if result == STAYS:
                    blockers.clear()
                    options.pop()
                    break
                blockers.pop()
                if not blockers:
                    outcome[number] = CLEARS
            if blockers:
                other = blockers[-1]
                outcome[other] = STAYS
                stack.append((other, self._options(other, pushed=True)))
                asked.append([])
                continue
            if outcome[number] == CLEARS or not self._attempt(number, options, blockers):
                stack.pop()
                asked.pop()

    def _attempt(self, number: int, options: list[Option], blockers: list[int]) -> bool:
        """Try options, best last in the list, until one is free or its occupants can be asked. True: they are asked."""
        at, taken = self.at, self.taken
        while options:
            _, node, needed, _, heading = options[-1]
            inside: list[int] = []
            free = True
            for resource in needed:
                if taken[resource] != NOBODY and taken[resource] != number:
                    free = False
                    break
                other = at[resource]
                if other != NOBODY and other != number and other not in inside:
                    inside.append(other)
            if free and not inside:
                self._go(number, node, needed, heading)
                return False
            if free:
                self.waits_for.setdefault(number, (node, inside[0]))
                if not any(self.outcome[other] == STAYS for other in inside):
                    self.waits_for[number] = (node, inside[0])
                    blockers.extend(reversed(inside))
                    return True
            options.pop()
        return False

    def _go(self, number: int, node: int, needed: tuple[int, ...], heading: float) -> None:
        for resource in needed:
            self.taken[resource] = number
        self.target[number] = node, needed, heading
        self.outcome[number] = MOVES
        self.waits_for.pop(number, None)

    def _options(self, number: int, *, pushed: bool, leading: bool = False) -> list[Option]:
        """Where it could go, best last. Nothing if a rule bars the best: it waits there instead of wandering.

        The first robot of all (`leading`) may take any detour, but only where nothing brings it nearer to its goal.
        """
        mover = self.movers[number]
        table, here, kept = mover.table, mover.node, self.kept
        limit = FAR if pushed or leading or table is None else table[here] + DETOUR_S
        at, gates, fan = self.at, self.gates, self.fans[number]
        faces, seed, careful = mover.faces, mover.seed, mover.careful
        found: list[Option] = []
        for node, cost, heading, needed, stands in fan.row(here):
            barred = self.gate(mover.id, here, node) if gates[node] or careful else OPEN
            if barred == CLOSED or (barred and pushed) or (kept and not kept.isdisjoint(stands)):
                continue
            if table is not None:
                score = table[node] + cost
                if score == UNREACHABLE:
                    if not pushed:
                        continue
                    score = FAR + cost
                elif score > limit:
                    continue
                elif leading and table[node] >= table[here]:
                    score += FAR
            else:
                score = cost
            if faces is not None:
                bend = abs(faces - heading)
                score += TURN_S * (bend if bend <= 2.0 else 4.0 - bend)
            for resource in stands:
                if at[resource] != NOBODY:
                    score += BUSY_S if table is not None else FAR
                    break
            score += ((seed ^ node * 40503) & 1023) * 1e-6
            found.append((score, node, needed, barred, heading))
        found.sort(reverse=True)
        if not pushed:
            if found and found[-1][3]:
                return []
            found = [option for option in found if not option[3]]
        return found

    # --- the first robot ----------------------------------------------------------------------------------------

    def _lead(self, first: int, options: list[Option]) -> None:
        """Serve the first robot: go, or have its best way cleared by the chain that leads to the nearest free node."""
        while options:
            _, node, needed, _, heading = options[-1]
            inside = [other for other in dict.fromkeys(self.at[r] for r in needed) if other not in (NOBODY, first)]
            if not inside:
                self._go(first, node, needed, heading)
                return
            self.kept = frozenset(needed)
            if len(inside) == 1 and self._push_nearest(first, node, inside[0]):
                return
            if not any(self.movers[other].fixed for other in inside):
                self._decide(first, [options[-1]])
                if self.outcome[first] == CLEARS:
                    return
            if len(inside) == 1 and self._lead_away(first, node, inside[0]):
                return
            self.waits_for.setdefault(first, (node, inside[0]))
            options.pop()
        self.kept = frozenset()
        self.outcome[first] = STAYS

    def _lead_away(self, first: int, node: int, other: int) -> bool:
        """Where all that is next to it must be cleared too: one move on the shortest way out of what is kept."""
        mover, fan = self.movers[other], self.fans[other]
        if mover.fixed or other in self.target:
            return False
        hops: dict[int, int] = {mover.node: mover.node}
        queue = deque([mover.node])
        while queue:
            here = queue.popleft()
            for after, _, _, needed, stands in fan.row(here):
                if after in hops or ((self.gates[after] or mover.careful) and self.gate(mover.id, here, after) != OPEN):
                    continue
                inside = {self.at[r] for r in needed} - {NOBODY, other}
                if first in inside or any(self.movers[one].fixed for one in inside):
                    continue
                hops[after] = after if here == mover.node else hops[here]
                if self.kept.isdisjoint(stands):
                    start, to = mover.node, hops[after]
                    if any(self.at[r] not in (NOBODY, other) for r in fan.turns(start, to)):
                        continue
                    self.waits_for[first] = (node, other)
                    self.outcome[first] = CLEARS
                    self._go(other, to, fan.turns(start, to), fan.faces(start, to))
                    return True
                if not inside:
                    queue.append(after)
        return False

    def _push_nearest(self, first: int, node: int, start: int) -> bool:
        """Move the robot at the end of the shortest chain that begins with `start`; False when there is no chain."""
        chain = self._chain(first, start) if self.outcome[start] == UNDECIDED else []
        if not chain:
            return False
        self.waits_for[first] = (node, start)
        self.outcome[first] = CLEARS
        for number, to, ahead in chain[:-1]:
            self.waits_for[number] = (to, ahead)
            self.outcome[number] = CLEARS
        number, to, _ = chain[-1]
        fan, here = self.fans[number], self.movers[number].node
        self._go(number, to, fan.turns(here, to), fan.faces(here, to))
        return True

    def _chain(self, first: int, start: int) -> list[tuple[int, int, int]]:
        """Breadth first from `start` over occupied nodes to the nearest free one: (robot, its next node, who is there).

        Nothing leads through the node of `first`, and no fixed robot is part of it.
        """
        came: dict[int, tuple[int, int]] = {start: (NOBODY, NOBODY)}
        queue = deque([start])
        while queue:
            number = queue.popleft()
            for _, node, needed, _, _ in reversed(self._options(number, pushed=True)):
                inside = {self.at[r] for r in needed} - {NOBODY, number}
                if not inside:
                    return self._unwind(number, node, came)
                other = inside.pop()
                if inside or other == first or other in came or self.outcome[other] != UNDECIDED:
                    continue
                came[other] = (number, node)
                queue.append(other)
        return []

    def _unwind(self, last: int, node: int, came: dict[int, tuple[int, int]]) -> list[tuple[int, int, int]]:
        chain = [(last, node, NOBODY)]
        number = last
        while came[number][0] != NOBODY:
            before, node = came[number]
            chain.append((before, node, number))
            number = before
        return chain[::-1]


def plan_steps(
    road: RoadMap, movers: Sequence[Mover], gate: Gate, steps: int, gates: bytes, fan: Fan
) -> tuple[dict[str, list[int]], dict[int, deque[str]], dict[str, tuple[int, str]]]:
    """`steps` PIBT steps from where the movers are: the nodes each one goes to, who uses each resource, who waits.

    All in the order of the plan. The last result is that of the first step: robot -> (node it wants, who is there).
    """
    ways: dict[str, list[int]] = {mover.id: [] for mover in movers}
    due: dict[int, deque[str]] = {}
    waits: dict[str, tuple[int, str]] = {}
    fans = [mover.fan or fan for mover in movers]
    at, taken = [NOBODY] * len(road.resources), [NOBODY] * len(road.resources)
    for number, mover in enumerate(movers):
        for resource in fans[number].stands[mover.node]:
            at[resource] = number
    for count in range(steps):
        step = Step(movers, fans, gate, gates, at, taken)
        step.run()
        if count == 0:
            waits = {movers[n].id: (node, movers[other].id) for n, (node, other) in step.waits_for.items()}
        for number in step.target:
            for resource in fans[number].stands[movers[number].node]:
                at[resource] = NOBODY
        for number, (node, needed, heading) in step.target.items():
            mover = movers[number]
            for resource in needed:
                taken[resource] = NOBODY
                due.setdefault(resource, deque()).append(mover.id)
            for resource in fans[number].stands[node]:
                at[resource] = number
            mover.node, mover.faces = node, heading
            if mover.table is not None and mover.table[node] == 0.0:
                mover.fixed = True
            ways[mover.id].append(node)
    return ways, due, waits
