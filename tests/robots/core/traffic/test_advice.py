"""Advice: the lane it names is the one that helps most, and it can be built."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.demo_site import demo_layout
from robots.core.layout import Edge, Layout, Rack, Wall
from robots.core.routing import RoadMap
from robots.core.traffic.audit import Advice, audit
from tests.robots.core.roads import ladder, layout
from tests.robots.core.traffic.maps import lanes, on_circle
from tests.robots.core.traffic.sites import FOLDER, open_rmf, opentcs


def opened(floor: Layout, advice: Advice) -> Layout:
    ways = [(advice.start, advice.end), (advice.end, advice.start)][: 1 if advice.one_way else 2]
    return replace(floor, edges=floor.edges + tuple(Edge(f"new {a}>{b}", a, b) for a, b in ways))


@settings(max_examples=60, deadline=None)
@given(st.booleans().flatmap(lambda one_way: lanes(one_way=one_way, most=8)), st.integers(2, 6))
def test_whoever_follows_it_gets_what_it_promises(graph: tuple[int, list[tuple[int, int]]], robots: int) -> None:
    floor = on_circle(*graph)
    before = audit(RoadMap(floor, radius=1e-3), robots, advise=True)
    if before.verdict == "safe":
        assert before.advice is None
    if before.advice is not None:
        after = audit(RoadMap(opened(floor, before.advice), radius=1e-3), robots)
        assert after.largest == before.largest + before.advice.gain
        if before.verdict == "refused":
            assert after.robots > before.robots
        else:
            assert after.safe and len(after.core) == len(before.core) + before.advice.freed


def row(count: int = 6) -> Layout:
    """Two rows of nodes joined at one end: a hairpin."""
    points = {f"{side}{i}": (2.0 * i, 2.0 * (side == "b")) for side in "ab" for i in range(count)}
    return layout(points, [*(f"{side}{i}-{side}{i + 1}" for side in "ab" for i in range(count - 1)), "a0-b0"])


def test_a_hairpin_is_closed_at_its_open_end() -> None:
    verdict = audit(RoadMap(row()), 8, advise=True)
    assert (verdict.verdict, verdict.largest) == ("refused", 1)
    assert verdict.advice is not None
    assert {verdict.advice.start, verdict.advice.end} == {"a5", "b5"}
    assert (verdict.advice.gain, verdict.advice.one_way) == (10, False)
    assert verdict.advice.text == (
        f"Add a two-way lane between {verdict.advice.start} and {verdict.advice.end}: "
        "11 robots can then never lock up, 10 more than now."
    )


@pytest.mark.parametrize("what", ["rack", "wall"])
def test_no_lane_through_a_rack_or_a_wall(what: str) -> None:
    floor = row()
    blocked = {
        "rack": replace(floor, racks=(Rack("r", 9.0, 0.9, 2.0, 0.2),)),
        "wall": replace(floor, walls=(Wall(9.0, 1.0, 12.0, 1.0),)),
    }[what]
    advice = audit(RoadMap(blocked), 8, advise=True).advice
    assert advice is not None
    assert {advice.start, advice.end} == {"a4", "b4"}, "the last place where it can be built"
    everywhere = replace(floor, walls=(Wall(0.5, 1.0, 12.0, 1.0),))
    assert audit(RoadMap(everywhere), 8, advise=True).advice is None


def test_a_one_way_lane_may_be_opened_the_other_way() -> None:
    """Four places that are entered at both ends but left at one only, between walls that allow no other way out."""
    points = {f"r{i}": (4.0 * i, 0.0) for i in range(4)} | {f"r{4 + i}": (12 - 4.0 * i, 8.0) for i in range(4)}
    points |= {f"p{i}": (2.5 + 2.0 * i, 4.0) for i in range(4)}
    floor = layout(points, [*(f"r{i}>r{(i + 1) % 8}" for i in range(8)), "r0-p0", "p0-p1", "p1-p2", "p2-p3", "r3>p3"])
    floor = replace(floor, walls=(Wall(-2.0, 2.0, 14.0, 2.0), Wall(-2.0, 6.0, 14.0, 6.0)))
    verdict = audit(RoadMap(floor), 5, advise=True)
    assert (verdict.verdict, [len(pocket) for pocket in verdict.pockets]) == ("pockets", [4])
    assert verdict.advice is not None
    assert (verdict.advice.start, verdict.advice.end, verdict.advice.one_way) == ("p3", "r3", True)
    assert verdict.advice.freed == 4
    assert verdict.advice.text.startswith("Open the lane from r3 to p3 in the other direction too: ")


def test_nothing_is_advised_where_nothing_is_needed() -> None:
    assert audit(RoadMap(ladder(6)), 5, advise=True).advice is None
    assert audit(RoadMap(demo_layout()), 60, advise=True).advice is None
    assert audit(RoadMap(row()), 8).advice is None, "only who asks for advice waits for it"


@pytest.mark.skipif(not FOLDER.exists(), reason=f"road maps of other projects are not at {FOLDER}")
def test_the_refused_sites_get_a_loop() -> None:
    for site in ("hotel", "battle_royale", "triple_H"):
        for name, floor in open_rmf(FOLDER / f"rmf_{site}.json").items():
            verdict = audit(RoadMap(floor, radius=1.0), 4, advise=True)
            assert verdict.advice is not None and verdict.advice.gain >= 1, name
            assert audit(RoadMap(opened(floor, verdict.advice), radius=1.0), 4).largest >= 2, name
    demo = audit(RoadMap(opentcs(FOLDER / "openTCS-Demo-01.xml"), radius=0.5), 50, advise=True)
    assert demo.advice is not None and demo.advice.gain >= 5
