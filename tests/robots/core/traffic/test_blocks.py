"""Graph functions of the audit against networkx, and against trying everything on small graphs."""

from __future__ import annotations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.traffic.blocks import (
    BlockTree,
    dominators,
    largest_strong,
    reach,
    region,
    strong_components,
    strong_cuts,
)
from tests.robots.core.traffic.maps import lanes, neighbours, slow_core, strong

SETTINGS = settings(max_examples=100, deadline=None)


@SETTINGS
@given(lanes(one_way=True, most=14))
def test_strong_components_are_those_of_networkx(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    mine = {frozenset(part) for part in strong_components(neighbours(count, edges), range(count))}
    theirs = nx.DiGraph(edges)
    theirs.add_nodes_from(range(count))
    assert mine == {frozenset(part) for part in nx.strongly_connected_components(theirs)}


@SETTINGS
@given(lanes(one_way=False, most=14))
def test_blocks_are_those_of_networkx(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    tree = BlockTree(neighbours(count, edges), frozenset(range(count)))
    theirs = nx.Graph(edges)
    assert {frozenset((b.top, *b.plain, *b.cuts)) for b in tree.blocks} == set(
        map(frozenset, nx.biconnected_components(theirs))
    )
    tops = {block.top for block in tree.blocks} - {tree.root}
    if sum(block.top == tree.root for block in tree.blocks) > 1:
        tops.add(tree.root)
    assert tops == set(nx.articulation_points(theirs))


@SETTINGS
@given(lanes(one_way=False, most=12), st.integers(2, 8))
def test_the_core_in_one_pass_is_the_one_cut_piece_by_piece(
    graph: tuple[int, list[tuple[int, int]]], robots: int
) -> None:
    count, edges = graph
    ahead = neighbours(count, edges)
    tree = BlockTree(ahead, frozenset(range(count)))
    assert tree.core(robots) == slow_core(ahead, robots)
    assert tree.core_size(robots) == len(tree.core(robots))


@SETTINGS
@given(lanes(one_way=True, most=12))
def test_strong_cuts_are_the_nodes_without_which_not_all_reach_all(graph: tuple[int, list[tuple[int, int]]]) -> None:
    count, edges = graph
    ahead = neighbours(count, edges)
    behind = neighbours(count, [(b, a) for a, b in edges])
    nodes = largest_strong(ahead, range(count))
    assert nodes == strong(ahead, set(range(count)))
    tried = {node for node in nodes if len(nodes) > 2 and len(strong(ahead, set(nodes - {node}))) < len(nodes) - 1}
    assert strong_cuts(ahead, behind, nodes) == tried
    theirs = nx.DiGraph([edge for edge in edges if set(edge) <= nodes])
    if len(nodes) > 1:
        root = min(nodes)
        assert dominators(ahead, behind, nodes, root) == {
            node: above for node, above in nx.immediate_dominators(theirs, root).items() if node != root
        }


def test_a_chain_of_many_nodes_needs_no_deep_recursion() -> None:
    count = 5000
    ahead = [[node for node in (i - 1, i + 1) if 0 <= node < count] for i in range(count)]
    tree = BlockTree(ahead, frozenset(range(count)))
    assert len(tree.blocks) == count - 1
    assert tree.core(2) == frozenset()
    assert len(strong_components(ahead, range(count))) == 1
    assert len(strong_cuts(ahead, ahead, frozenset(range(count)))) == count - 2


def test_a_search_stops_when_it_has_found_enough() -> None:
    ahead = [[1], [2], [3], [0]]
    assert region(ahead, 1, 0, range(4), 2) == {1, 2}
    assert region(ahead, 1, 3, range(4), 9) == {1, 2}
    assert reach([2], ahead, {2, 3}) == {2, 3}


def test_one_node_alone() -> None:
    tree = BlockTree([[]], frozenset({0}))
    assert tree.core(0) == {0}
    assert tree.core(1) == frozenset()
    assert largest_strong([[]], []) == frozenset()
