"""Whether a road map can lock up with k robots, decided before the first one drives.

Condition (sufficient): for every place u and every successor v, at least k places are reachable from v without u. Then
the other k - 1 robots can never fill that region, so the robot with the highest priority always gets on. Where the
condition fails, the region behind u is a *pocket* (a station, a charger, a cul-de-sac): one robot at a time may be in
it. What is left when all pockets are cut off, again and again until nothing changes, is the *core*; without a core of
more than k places the map is refused. What a place is: `robots.core.traffic.places`. One robot is safe anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from robots.core.routing import NOTHING, RoadMap
from robots.core.traffic.advice import Advice, advise_lane
from robots.core.traffic.blocks import reach
from robots.core.traffic.cores import Cores
from robots.core.traffic.findings import cutting, findings_of, some
from robots.core.traffic.places import Overlaps, parts_of, places_of

Verdict = Literal["safe", "pockets", "refused"]
TRIED_CLEARINGS: Final = 16


@dataclass(frozen=True, slots=True)
class Audit:
    """`pockets[p]` are the nodes of pocket p, `pocket_of[node]` its number or -1; nobody may enter `traps`.

    `robots` is how many the verdict holds for, at most as many as asked for; `safe` means all of them, with or without
    pockets. `largest` is the largest fleet that would not be refused, `unaided` the largest that needs no pocket.
    `clear` is the node, of those taken out, that had better be cleared first; None where that is of no use. `avoid` has
    `~edge` for lanes whose swept footprint meets a third node where others may stand: the verdict holds if nobody
    drives them, and there is always another way.
    """

    safe: bool
    robots: int
    core: frozenset[int]
    pockets: tuple[frozenset[int], ...]
    pocket_of: tuple[int, ...]
    traps: frozenset[int]
    findings: tuple[str, ...]
    verdict: Verdict = "safe"
    largest: int = 0
    unaided: int = 0
    advice: Advice | None = None
    clear: int | None = None
    avoid: frozenset[int] = NOTHING


def audit(road: RoadMap, robots: int, without: frozenset[int] = NOTHING, *, advise: bool = False) -> Audit:
    """The verdict for up to `robots` robots, with findings in plain words; never refuses to answer.

    `without` are nodes that are taken for good (a robot broke down there). `advise` looks for the lane whose opening
    helps most, which takes many times as long.
    """
    return Auditor(road, without).verdict(robots, advise=advise)


class Auditor:
    """One road map, asked for fleets of several sizes: what does not depend on their number is found out once."""

    def __init__(self, road: RoadMap, without: frozenset[int] = NOTHING) -> None:
        self.road, self.without = road, without
        self._overlaps = Overlaps.of(road)
        self._places = places_of(road, self._overlaps, without)
        self._cores = Cores(self._places)

    @cached_property
    def largest(self) -> int:
        return self._cores.largest()

    @cached_property
    def unaided(self) -> int:
        return self._cores.unaided()

    def verdict(self, robots: int, *, advise: bool = False, clearing: bool = True) -> Audit:
        """As `audit`. `clearing` False: do not try which of the nodes taken out had better be cleared."""
        road, places, overlaps = self.road, self._places, self._overlaps
        asked, largest = max(robots, 1), self.largest
        core = self._cores.nodes(min(asked, largest)) if largest else frozenset[int]()
        returning = reach(core, places.behind, places.nodes)
        traps = places.nodes - returning
        pockets = parts_of(road, (returning & reach(core, places.ahead, places.nodes)) - core, places, overlaps)
        pocket_of = [-1] * len(road.names)
        for number, nodes in enumerate(pockets):
            for node in nodes:
                pocket_of[node] = number
        avoid, needed = NOTHING, NOTHING
        if min(asked, largest) > 1:
            avoid, needed = self._avoid(core, core.union(*pockets))
        verdict: Verdict = "refused" if largest < asked else "pockets" if pockets else "safe"
        findings = [*findings_of(road, places, overlaps, asked, largest, pockets, traps), *cutting(road, places, core)]
        if needed:
            findings.append(f"The only way to {some(road, needed)} passes close to another node; keep them apart.")
        advice = advise_lane(road, overlaps, asked, self.without) if advise else None
        clear = None
        if clearing and self.without:
            clear = _to_clear(road, asked, self.without, largest >= asked, traps)
            if clear is not None:
                findings.insert(0, f"Clear {road.names[clear]} first: what stands there cuts the road map.")
        return Audit(
            largest >= asked, min(asked, largest), core, pockets, tuple(pocket_of), traps, tuple(findings), verdict,
            largest, self.unaided, advice, clear, avoid,
        )  # fmt: skip

    def _avoid(self, core: frozenset[int], used: frozenset[int]) -> tuple[frozenset[int], frozenset[int]]:
        """Lanes nobody should drive, and the nodes of `used` to which every way, or from which, is such a lane."""
        ends = self.road.edge_ends
        avoid = {
            edge for edge, third in self._overlaps.beside.items()
            if (core.issuperset(ends[edge]) or core & third) and self._crowds(edge, third)
        }  # fmt: skip
        needed: frozenset[int] = NOTHING
        while avoid:
            ahead: list[list[int]] = [[] for _ in self.road.names]
            behind: list[list[int]] = [[] for _ in self.road.names]
            for edge, (a, b) in enumerate(ends):
                if edge not in avoid:
                    ahead[a].append(b)
                    behind[b].append(a)
            lost = used - (reach(core, ahead, used) & reach(core, behind, used))
            fewer = {edge for edge in avoid if not lost.intersection(ends[edge])}
            if len(fewer) == len(avoid):
                break
            avoid, needed = fewer, needed | lost
        return frozenset(~edge for edge in avoid), needed

    def _crowds(self, edge: int, third: frozenset[int]) -> bool:
        """Whether a node that the edge passes can be taken while somebody stands at one of its ends."""
        start, end = self.road.edge_ends[edge]
        near = self._overlaps.close.get(start, NOTHING) | self._overlaps.close.get(end, NOTHING)
        return bool(third - near - self.road.no_entry)


def _to_clear(road: RoadMap, robots: int, without: frozenset[int], safe: bool, traps: frozenset[int]) -> int | None:
    """The node of `without` whose clearing helps most; None if the whole map would be no better."""
    whole = audit(road, robots)
    if (safe or not whole.safe) and not traps - whole.traps:
        return None
    best, found = (0, 0), None
    for node in sorted(without)[:TRIED_CLEARINGS]:
        # without asking the same again of what is left, or the trials would grow as the factorial of the nodes
        trial = Auditor(road, without - {node}).verdict(robots, clearing=False) if len(without) > 1 else whole
        score = (trial.robots, -len(trial.traps))
        if found is None or score > best:
            best, found = score, node
    return found
