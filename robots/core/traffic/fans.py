"""The ways out of every node for one vehicle type, worked out once: what the planner's inner loop reads.

Headings are in quarter turns here, from -2 to 2, so that the difference of two is quickly had.
"""

from __future__ import annotations

import math
from typing import Final

from robots.core.routing import RoadMap

QUARTER: Final = math.pi / 2
Way = tuple[int, float, float, tuple[int, ...], tuple[int, ...]]


class Fan:
    """`row(node)`: (next node, s, heading, resources to drive there, resources to stand there) per way out."""

    def __init__(self, road: RoadMap, type_id: str = "") -> None:
        used = road.profile(type_id or None)
        self.road = road
        self.ahead = used.ahead
        self.costs = used.costs
        self.stands = used.node_resources
        self.drives = used.edge_resources
        self._rows: list[tuple[Way, ...] | None] = [None] * len(road.names)

    def row(self, node: int) -> tuple[Way, ...]:
        found = self._rows[node]
        if found is None:
            edges = [(after, self.road.edge_of[node, after]) for after in self.ahead[node]]
            found = self._rows[node] = tuple(
                (after, self.costs[edge], self.road.headings[edge] / QUARTER,
                 self._alone(self.stands[after] + self.drives[edge]), self._alone(self.stands[after]))
                for after, edge in edges if self.costs[edge] < math.inf
            )  # fmt: skip
        return found

    def _alone(self, resources: tuple[int, ...]) -> tuple[int, ...]:
        """Those that one robot has at a time; places that several share are left to the ledger to count."""
        shared = self.road.capacities
        return tuple(r for r in resources if r not in shared) if shared else resources

    def needed(self, start: int, end: int) -> tuple[int, ...]:
        """Resources to drive from `start` to its neighbour `end` and stand there."""
        return self.stands[end] + self.drives[self.road.edge_of[start, end]]

    def turns(self, start: int, end: int) -> tuple[int, ...]:
        """Those of `needed` that robots take turns at."""
        return self._alone(self.needed(start, end))

    def faces(self, before: int, here: int) -> float:
        """The heading after driving from `before` to its neighbour `here`."""
        return self.road.headings[self.road.edge_of[before, here]] / QUARTER
