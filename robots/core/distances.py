"""Tables of travel time to a goal over a road map, made by scipy on a reversed graph that is built once.

A table is a float32 memoryview: indexing it gives a plain float, and one of 38,586 nodes takes 154 kB and about 4 ms.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

CACHED_BYTES: Final = 256 * 2**20
MOST_TABLES: Final = 4096


class Tables:
    """Distances for one set of edge costs (s, inf where an edge may not be driven). Least recently used is dropped."""

    def __init__(self, size: int, edge_ends: Sequence[tuple[int, int]], costs: Sequence[float]) -> None:
        ends = np.array(edge_ends, dtype=np.int32).reshape(-1, 2)
        weights = np.array(costs, dtype=np.float64)
        driven = np.flatnonzero(np.isfinite(weights))
        order = driven[np.lexsort((ends[driven, 0], ends[driven, 1]))]
        self.size = size
        self._starts = ends[order, 0]
        self._ends = ends[order, 1]
        self._weights = weights[order]
        self._rows = np.concatenate(([0], np.cumsum(np.bincount(self._ends, minlength=size)))).astype(np.int32)
        self._place = np.full(len(weights), -1, dtype=np.int64)
        self._place[order] = np.arange(len(order))
        self._graph = self._weighted(self._weights)
        self._cache: OrderedDict[tuple[int, frozenset[int]], memoryview] = OrderedDict()
        self._kept = max(64, min(MOST_TABLES, CACHED_BYTES // (4 * max(size, 1))))

    def to(self, goal: int, blocked: frozenset[int]) -> memoryview:
        """Seconds from every node to `goal` without entering `blocked` (see `robots.core.routing`); inf for no way."""
        key = (goal, blocked)
        table = self._cache.get(key)
        if table is not None:
            self._cache.move_to_end(key)
            return table
        graph = self._without(blocked) if blocked else self._graph
        found = dijkstra(graph, indices=goal).astype(np.float32)
        found.setflags(write=False)
        table = self._cache[key] = memoryview(found)
        if len(self._cache) > self._kept:
            self._cache.popitem(last=False)
        return table

    def _weighted(self, weights: Any) -> Any:
        return csr_matrix((weights, self._starts, self._rows), shape=(self.size, self.size))

    def _without(self, blocked: frozenset[int]) -> Any:
        """The graph with what is blocked made infinitely long: no edge into a blocked node from outside the block."""
        given = np.fromiter(blocked, dtype=np.int64, count=len(blocked))
        closed = np.zeros(self.size, dtype=bool)
        closed[given[given >= 0]] = True
        shut = closed[self._ends] & ~closed[self._starts]
        edges = self._place[~given[given < 0]]
        shut[edges[edges >= 0]] = True
        return self._weighted(np.where(shut, np.inf, self._weights))
