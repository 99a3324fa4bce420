"""Bodies of robots, put where they may stand, against the footprints and the resources that must keep them apart."""

from __future__ import annotations

import math
import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.footprint import POSITION_ERROR, Shape, VehicleType, along_edge, anywhere, at_node, circle, overlap
from robots.core.geometry import Point, turn
from robots.core.layout import Layout
from robots.core.routing import Profile, RoadMap
from tests.robots.core.roads import layout, scattered

CART = VehicleType("cart", 0.6, 0.5, 1.5)
TRUCK = VehicleType("truck", 2.4, 0.8, 1.2, turns=False)
TYPES = (CART, TRUCK)

spot = st.tuples(st.floats(-3, 3), st.floats(-3, 3))


@st.composite
def shapes(draw: st.DrawFn) -> Shape:
    margin = draw(st.floats(0.01, 0.8))
    if draw(st.booleans()):
        return Shape(tuple(draw(st.lists(spot, min_size=1, max_size=2, unique=True))), margin)
    half, wide, facing = draw(st.floats(0.1, 1.5)), draw(st.floats(0.1, 1.0)), draw(st.floats(-3.1, 3.1))
    (box,) = along_edge(VehicleType("v", 2 * half, 2 * wide, 1.0), (0.0, 0.0), (0.0, 0.0), facing, 0.0, False)
    dx, dy = draw(spot)
    return Shape(tuple((x + dx, y + dy) for x, y in box.points), margin)


@settings(max_examples=100, deadline=None)
@given(a=shapes(), b=shapes(), seed=st.integers(0, 999))
def test_shapes_with_a_common_point_overlap_whichever_is_named_first(a: Shape, b: Shape, seed: int) -> None:
    rng = random.Random(seed)
    low = [min(p[axis] for p in a.points) - a.margin for axis in (0, 1)]
    high = [max(p[axis] for p in a.points) + a.margin for axis in (0, 1)]
    points = [(rng.uniform(low[0], high[0]), rng.uniform(low[1], high[1])) for _ in range(60)]
    inner = (Shape(a.points, a.margin * 0.99), Shape(b.points, b.margin * 0.99))
    if any(inner[0].covers(p) and inner[1].covers(p) for p in points):
        assert overlap((a,), (b,))
    assert overlap((a,), (b,)) == overlap((b,), (a,))


def test_touching_is_not_overlapping() -> None:
    assert not overlap((circle((0.0, 0.0), 0.5),), (circle((1.0, 0.0), 0.5),))
    assert overlap((circle((0.0, 0.0), 0.5),), (circle((0.99, 0.0), 0.5),))


def test_a_shape_within_another_overlaps_it() -> None:
    box = along_edge(TRUCK, (0.0, 0.0), (6.0, 0.0), 0.0, 0.0, False)
    assert overlap(box, (circle((3.0, 0.1), 0.01),))
    assert overlap((circle((3.0, 0.1), 0.01),), box)


def test_the_tail_is_part_of_the_edge() -> None:
    (shape,) = along_edge(TRUCK, (0.0, 0.0), (5.0, 0.0), 0.0, 0.0, False)
    assert shape.covers((-1.25, 0.0))
    assert shape.covers((6.25, 0.45))
    assert not shape.covers((-1.35, 0.0))
    assert not shape.covers((2.0, 0.55))
    (sideways,) = along_edge(TRUCK, (0.0, 0.0), (5.0, 0.0), 0.0, math.pi / 2, False)
    assert sideways.covers((2.0, 1.25))
    assert not sideways.covers((-0.6, 0.0))


def test_only_who_turns_at_a_node_needs_the_whole_circle() -> None:
    corner = ((0.0,), (math.pi / 2,))
    assert at_node(CART, (0.0, 0.0), *corner, True) == (circle((0.0, 0.0), CART.radius),)
    assert len(at_node(CART, (0.0, 0.0), (0.0,), (0.0,), True)[0].points) == 4
    assert len(at_node(CART, (0.0, 0.0), (0.0,), (math.pi,), True)[0].points) == 1
    assert len(at_node(CART, (0.0, 0.0), (0.0,), (math.pi,), False)[0].points) == 4
    assert CART.radius == pytest.approx(math.hypot(0.3, 0.25) + POSITION_ERROR)
    bend = at_node(TRUCK, (0.0, 0.0), *corner, True)
    assert any(s.covers((1.29, 0.0)) for s in bend)
    assert any(s.covers((0.0, -1.29)) for s in bend)
    assert not any(s.covers((-0.85, 0.85)) for s in bend), "the other diagonal stays free"


def _body(kind: VehicleType, at: Point, facing: float) -> list[Point]:
    found = []
    for i in range(9):
        for j in range(7):
            x, y = kind.length * (i / 8 - 0.5), kind.width * (j / 6 - 0.5)
            found.append((at[0] + x * math.cos(facing) - y * math.sin(facing),
                          at[1] + x * math.sin(facing) + y * math.cos(facing)))  # fmt: skip
    return found


def _hit(kind: VehicleType, at: Point, facing: float, points: list[Point]) -> bool:
    for x, y in points:
        dx, dy = x - at[0], y - at[1]
        along = dx * math.cos(facing) + dy * math.sin(facing)
        across = dy * math.cos(facing) - dx * math.sin(facing)
        if abs(along) < kind.length / 2 and abs(across) < kind.width / 2:
            return True
    return False


def _place(road: RoadMap, rng: random.Random, kind: VehicleType) -> tuple[Point, float, set[int]]:
    """Where a robot of that type may be, its heading, and the resources it then holds."""
    own = road.profile(kind.id)
    edge = rng.randrange(len(road.edge_ends))
    a, b = road.edge_ends[edge]
    error = rng.uniform(-POSITION_ERROR, POSITION_ERROR)
    if rng.random() < 0.4:
        heading = road.headings[edge]
        lanes = [road.headings[e] for e, ends in enumerate(road.edge_ends) if b in ends]
        onward = [road.headings[e] for e, (start, _) in enumerate(road.edge_ends) if start == b]
        if kind.turns and any(turn(heading, h) > 0.05 for h in lanes):
            heading = rng.uniform(-math.pi, math.pi)
        elif onward and not kind.turns:
            bend = math.remainder(rng.choice(onward) - heading, math.tau)
            heading += bend * rng.random() if abs(bend) < math.pi - 0.05 else 0.0
        (x, y) = road.points[b]
        return (x + error, y), heading, set(own.node_resources[b])
    share, facing = rng.random(), road.headings[edge]
    (x1, y1), (x2, y2) = road.points[a], road.points[b]
    at = (x1 + share * (x2 - x1) - error * math.sin(facing), y1 + share * (y2 - y1) + error * math.cos(facing))
    return at, facing, {*own.node_resources[a], *own.node_resources[b], *own.edge_resources[edge]}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 5000))
def test_bodies_that_touch_hold_a_common_resource(seed: int) -> None:
    """The safety of everything above: two robots with nothing in common to hold cannot touch, wherever they are."""
    rng = random.Random(seed)
    road = RoadMap(scattered(seed), types=TYPES)
    places = [(kind, *_place(road, rng, kind)) for kind in rng.choices(TYPES, k=30)]
    for (one, at, facing, held), (other, there, way, theirs) in combinations(places, 2):
        if not held & theirs:
            near = math.dist(at, there) < (one.length + other.length + one.width + other.width) / 2
            assert not near or not _hit(other, there, way, _body(one, at, facing)), (
                f"{one.id} at {at} facing {facing}, {other.id} at {there} facing {way}"
            )


def _overlaps(road: RoadMap, profile: Profile) -> list[set[int]]:
    nodes = len(road.names)
    return [{r for r in own if r >= nodes} for own in (*profile.node_resources, *profile.edge_resources)]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 5000))
def test_places_share_a_resource_exactly_where_their_own_footprints_overlap(seed: int) -> None:
    road = RoadMap(scattered(seed), types=TYPES)
    spans = [(i, i) for i in range(len(road.names))] + list(road.edge_ends)
    pairs, rng = list(combinations(range(len(spans)), 2)), random.Random(seed)
    for one in TYPES:
        for other in TYPES:
            mine, theirs = (_overlaps(road, road.profile(kind.id)) for kind in (one, other))
            first, second = (_prints(road, kind) for kind in (one, other))
            for i, j in rng.sample(pairs, min(200, len(pairs))):
                apart = not set(spans[i]) & set(spans[j])
                assert bool(mine[i] & theirs[j]) == (apart and overlap(first[i], second[j]))


def _prints(road: RoadMap, kind: VehicleType) -> list[tuple[Shape, ...]]:
    lanes = list(zip(road.edge_ends, road.headings, strict=True))
    nodes = [
        at_node(kind, at, [h for (_, b), h in lanes if b == i], [h for (a, _), h in lanes if a == i], True)
        for i, at in enumerate(road.points)
    ]
    return nodes + [along_edge(kind, road.points[a], road.points[b], h, 0.0, False) for (a, b), h in lanes]


def test_a_small_robot_passes_where_a_long_one_does_not() -> None:
    road = RoadMap(_bay(), types=TYPES)
    lane, bay = road.index["b"], road.index["bay"]
    cart, truck = road.profile("cart"), road.profile("truck")
    assert not set(cart.node_resources[lane]) & set(cart.node_resources[bay])
    assert set(truck.node_resources[lane]) & set(truck.node_resources[bay])
    assert set(cart.node_resources[lane]) & set(truck.node_resources[bay])
    assert not set(truck.node_resources[lane]) & set(cart.node_resources[bay]), "along the lane a truck is narrow"
    assert (min(lane, bay), max(lane, bay)) in road.contracted
    assert RoadMap(_bay(), types=(CART,)).contracted == frozenset()
    assert len(set(road.resources)) == len(road.resources)


def _bay() -> Layout:
    """A one-way lane and, 1.2 m beside it and joined elsewhere, a bay that is entered across."""
    spots = {"a": (0.0, 0.0), "b": (4.0, 0.0), "c": (8.0, 0.0), "bay": (4.0, 1.2), "in": (4.0, 6.0)}
    return layout(spots, ["a>b", "b>c", "in-bay", "c>in", "in>a"])


def test_nothing_reaches_beyond_the_circle_of_the_default_profile() -> None:
    radius = anywhere(TYPES)
    for kind in TYPES:
        for heading in (0.0, 0.3, 2.0):
            for shape in at_node(kind, (0.0, 0.0), (0.0,), (heading,), kind.turns):
                assert max(math.dist((0.0, 0.0), p) for p in shape.points) + shape.margin <= radius + 1e-9
