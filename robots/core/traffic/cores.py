"""The core of a set of places: what keeps room for every robot to make way when all pockets are cut off."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from robots.core.traffic.blocks import BlockTree, largest_strong, region, strong_cuts
from robots.core.traffic.places import Places


class Cores:
    """The core of one set of places for any number of robots."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._whole = largest_strong(places.next, range(len(places.members)))
        self._parts: dict[frozenset[int], _Part] = {}

    @cached_property
    def _tree(self) -> BlockTree:
        return BlockTree(self.places.next, self._whole)

    @cached_property
    def lone(self) -> frozenset[int]:
        """The nodes one robot alone can go about in for ever."""
        return largest_strong(self.places.ahead, self.places.nodes)

    def nodes(self, robots: int) -> frozenset[int]:
        """Nodes of the core for so many robots; empty if there is none."""
        return self.places.nodes_of(self._core(robots)) if robots > 1 else self.lone

    def largest(self) -> int:
        """The largest number of robots for which there is a core."""
        return _most(lambda robots: self._size(robots) > robots, len(self._whole)) if self.lone else 0

    def unaided(self) -> int:
        """The largest number of robots for which the core is all there is to drive on."""
        everywhere = len(self.lone)
        if sum(len(self.places.members[place]) for place in self._whole) < everywhere:
            return min(1, everywhere)
        return _most(lambda robots: self._size(robots) == len(self._whole), len(self._whole))

    def _size(self, robots: int) -> int:
        if not self._whole:
            return 0
        return self._tree.core_size(robots) if self.places.two_way else len(self._core(robots))

    def _core(self, robots: int) -> frozenset[int]:
        if self.places.two_way:
            return self._tree.core(robots) if self._whole else frozenset()
        core = self._whole
        while len(core) > robots:
            if core not in self._parts:
                self._parts[core] = _Part(self.places, core)
            small = self._parts[core].smaller(robots)
            if not small:
                return core
            core = largest_strong(self.places.next, core - small)
        return frozenset()


class _Part:
    """A strongly connected part of the places, and what was found out about the regions behind its cuts."""

    def __init__(self, places: Places, nodes: frozenset[int]) -> None:
        self._places, self._nodes = places, nodes
        self._ways = [
            (place, start)
            for place in strong_cuts(places.next, places.before, nodes)
            for start in (*places.next[place], *places.beside.get(place, ())) if start in nodes
        ]  # fmt: skip
        self._known: dict[tuple[int, int], tuple[int, set[int]]] = {}

    def smaller(self, enough: int) -> set[int]:
        """Everything in regions of fewer than `enough` places that one other place cuts off."""
        small: set[int] = set()
        for way in self._ways:
            sought, found = self._known.get(way, (0, set()))
            if len(found) >= sought and sought < enough:  # the last search stopped early
                place, start = way
                found = region(self._places.next, start, place, self._nodes, enough)
                self._known[way] = enough, found
            if len(found) < enough:
                small |= found
        return small


def _most(holds: Callable[[int], bool], size: int) -> int:
    """The largest number from 1 to `size` - 1 that `holds`, which all smaller ones then do; 1 always holds."""
    low, high = 1, max(1, size - 1)
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
