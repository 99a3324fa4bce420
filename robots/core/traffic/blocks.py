"""How a road map falls apart when one place is taken: strong components, block-cut tree, strong articulation points.

Plain graph functions over ints; `ahead[v]` are the successors of v. All iterative, so that depth is no limit.
Sources: Tarjan, SIAM J. Computing 1 (1972), strong components and biconnected components; Cooper, Harvey, Kennedy,
"A Simple, Fast Dominance Algorithm" (2001); Italiano, Laura, Santaroni, TCS 447 (2012), strong articulation points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Ways = Sequence[Sequence[int]]


def strong_components(ahead: Ways, nodes: Collection[int]) -> list[list[int]]:
    """The strongly connected parts of the graph restricted to `nodes`. O(V + E)."""
    number: dict[int, int] = {}
    low: dict[int, int] = {}
    open_nodes: dict[int, None] = {}
    parts: list[list[int]] = []
    inside = nodes if isinstance(nodes, set | frozenset) else frozenset(nodes)
    for root in nodes:
        if root in number:
            continue
        number[root] = low[root] = len(number)
        open_nodes[root] = None
        stack = [(root, iter(ahead[root]))]
        while stack:
            node, rest = stack[-1]
            for other in rest:
                if other not in inside:
                    continue
                if other not in number:
                    number[other] = low[other] = len(number)
                    open_nodes[other] = None
                    stack.append((other, iter(ahead[other])))
                    break
                if other in open_nodes:
                    low[node] = min(low[node], number[other])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == number[node]:
                    part: list[int] = []
                    while not part or part[-1] != node:
                        part.append(open_nodes.popitem()[0])
                    parts.append(part)
    return parts


def largest_strong(ahead: Ways, nodes: Collection[int]) -> frozenset[int]:
    """The largest strongly connected part of `nodes`; of equal ones that with the smallest node."""
    parts = strong_components(ahead, nodes)
    best: list[int] = []
    for part in parts:
        if (len(part), -min(part)) > (len(best), -min(best, default=0)):
            best = part
    return frozenset(best)


@dataclass(frozen=True, slots=True)
class Block:
    """One biconnected part below `top`, the vertex through which it hangs on the rest.

    `plain` are members that are no cut vertices, `cuts` those that have blocks of their own below them.
    """

    top: int
    plain: tuple[int, ...]
    cuts: tuple[int, ...]


class BlockTree:
    """The block-cut tree of a connected two-way graph, blocks below before blocks above. O(V + E)."""

    def __init__(self, ahead: Ways, nodes: frozenset[int]) -> None:
        self.size = len(nodes)
        self.root = min(nodes)
        found = _blocks(ahead, nodes, self.root)
        tops = {top for top, _ in found}
        self.blocks = tuple(
            Block(top, tuple(m for m in members if m not in tops), tuple(m for m in members if m in tops))
            for top, members in found
        )

    def core(self, enough: int) -> frozenset[int]:
        """What is left when every part of the graph minus one vertex that is smaller than `enough` is cut off.

        Repeated until nothing changes, in one pass up and one down the tree: the part behind a vertex counts only what
        was not cut off itself. The order of cutting does not matter as long as more than `enough` vertices remain;
        where no more do, the answer is empty.
        """
        kept_blocks, kept_cuts, size = self._kept(enough)
        if size <= enough:
            return frozenset()
        return frozenset(kept_cuts).union(*(self.blocks[i].plain for i in kept_blocks))

    def core_size(self, enough: int) -> int:
        """How many vertices `core` would give, without collecting them."""
        size = self._kept(enough)[2]
        return size if size > enough else 0

    def _kept(self, enough: int) -> tuple[list[int], list[int], int]:
        weight: dict[int, int] = {block.top: 1 for block in self.blocks}
        weight[self.root] = 1
        below = [0] * len(self.blocks)
        for i, block in enumerate(self.blocks):
            below[i] = len(block.plain) + sum(weight[cut] for cut in block.cuts)
            if below[i] >= enough:
                weight[block.top] += below[i]
        above = self._above(weight, below, enough)
        narrow = sum(part < enough for vertex, part in above.items() if vertex != self.root)
        alive, passed = {self.root: True}, {self.root: 0}
        blocks, cuts, size = [], [self.root] if not narrow else [], int(not narrow)
        for i in range(len(self.blocks) - 1, -1, -1):
            block = self.blocks[i]
            lives = alive[block.top] and below[i] >= enough
            if lives and passed[block.top] == narrow:
                blocks.append(i)
                size += len(block.plain)
            for cut in block.cuts:
                alive[cut] = lives
                passed[cut] = passed[block.top] + (above[cut] < enough)
                if lives and passed[cut] == narrow:
                    cuts.append(cut)
                    size += 1
        return blocks, cuts, size

    def _above(self, weight: dict[int, int], below: list[int], enough: int) -> dict[int, int]:
        """For every cut vertex, how many vertices hang on it through the block above it."""
        above = {self.root: 0}
        for i in range(len(self.blocks) - 1, -1, -1):
            block = self.blocks[i]
            rest = weight[block.top] - (below[i] if below[i] >= enough else 0)
            if above[block.top] >= enough:
                rest += above[block.top]
            for cut in block.cuts:
                above[cut] = rest + below[i] - weight[cut]
        return above


def _blocks(ahead: Ways, nodes: frozenset[int], root: int) -> list[tuple[int, list[int]]]:
    """(top, members without the top) of every biconnected part, in the order a depth-first search finishes them."""
    number = {root: 0}
    low = {root: 0}
    open_nodes: list[int] = []
    found: list[tuple[int, list[int]]] = []
    stack = [(root, -1, iter(ahead[root]))]
    while stack:
        node, parent, rest = stack[-1]
        for other in rest:
            if other == parent or other not in nodes:
                continue
            if other in number:
                low[node] = min(low[node], number[other])
                continue
            number[other] = low[other] = len(number)
            open_nodes.append(other)
            stack.append((other, node, iter(ahead[other])))
            break
        else:
            stack.pop()
            if parent < 0:
                continue
            low[parent] = min(low[parent], low[node])
            if low[node] >= number[parent]:
                members: list[int] = []
                while not members or members[-1] != node:
                    members.append(open_nodes.pop())
                found.append((parent, members))
    return found


def strong_cuts(ahead: Ways, behind: Ways, nodes: frozenset[int]) -> set[int]:
    """Vertices without which the strongly connected graph on `nodes` is no longer strongly connected.

    Those are the vertices that all ways from, or all ways to, one chosen root have in common, and perhaps the root.
    """
    if len(nodes) < 3:
        return set()
    root = min(nodes)
    cuts = set(dominators(ahead, behind, nodes, root).values()) | set(dominators(behind, ahead, nodes, root).values())
    cuts.discard(root)
    if len(largest_strong(ahead, nodes - {root})) < len(nodes) - 1:
        cuts.add(root)
    return cuts


def dominators(ahead: Ways, behind: Ways, nodes: frozenset[int], root: int) -> dict[int, int]:
    """For every vertex but the root, the last vertex that all ways from the root to it have in common."""
    order = _finished_last(ahead, nodes, root)
    rank = {node: i for i, node in enumerate(order)}
    above = {root: root}
    changed = True
    while changed:
        changed = False
        for node in order[1:]:
            new = -1
            for other in behind[node]:
                if other in above and other in rank:
                    new = other if new < 0 else _common(above, rank, other, new)
            if above.get(node) != new:
                above[node] = new
                changed = True
    del above[root]
    return above


def _common(above: dict[int, int], rank: dict[int, int], a: int, b: int) -> int:
    while a != b:
        while rank[a] > rank[b]:
            a = above[a]
        while rank[b] > rank[a]:
            b = above[b]
    return a


def _finished_last(ahead: Ways, nodes: frozenset[int], root: int) -> list[int]:
    """Vertices reachable from the root, in reverse of the order in which a depth-first search leaves them."""
    seen, left = {root}, []
    stack = [(root, iter(ahead[root]))]
    while stack:
        node, rest = stack[-1]
        for other in rest:
            if other in nodes and other not in seen:
                seen.add(other)
                stack.append((other, iter(ahead[other])))
                break
        else:
            left.append(node)
            stack.pop()
    return left[::-1]


def reach(starts: Iterable[int], ways: Ways, nodes: Collection[int]) -> frozenset[int]:
    """Everything that can be reached from `starts` without leaving `nodes`; the starts are given back too."""
    seen = set(starts)
    stack = list(seen)
    while stack:
        for other in ways[stack.pop()]:
            if other in nodes and other not in seen:
                seen.add(other)
                stack.append(other)
    return frozenset(seen)


def region(ahead: Ways, start: int, without: int, nodes: Collection[int], enough: int) -> set[int]:
    """Vertices reachable from `start` without `without`; the search ends once `enough` are found."""
    seen, stack = {start}, [start]
    while stack and len(seen) < enough:
        for other in ahead[stack.pop()]:
            if other != without and other in nodes and other not in seen:
                seen.add(other)
                stack.append(other)
    return seen
