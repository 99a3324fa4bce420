"""Simple, counter-clockwise, inside the map, and whether two polygons share an area."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robots.core.polygons import area, clipped, overlap, simple, strictly_inside, tidy, way_to_polygon

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))


def box(x: float, y: float, width: float, height: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + width, y), (x + width, y + height), (x, y + height))


def test_corners_are_put_counter_clockwise_and_repeated_ones_dropped() -> None:
    assert set(tidy((SQUARE[0], SQUARE[0], *reversed(SQUARE[1:])))) == set(SQUARE)
    assert area(tidy(tuple(reversed(SQUARE)))) == 4.0
    assert len(tidy((*SQUARE, SQUARE[0]))) == 4


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        (SQUARE, True),
        (((0, 0), (2, 2), (2, 0), (0, 2)), False),  # a bow tie
        (((0, 0), (2, 0)), False),
        (((0, 0), (1, 0), (2, 0)), False),  # no area
        (((0, 0), (4, 0), (4, 4), (2, 0), (0, 4)), False),  # a corner on another side
        (((0, 0), (4, 0), (2, 0), (2, 2)), False),  # a side that goes back on itself
        (((0, 0), (4, 0), (4, 4), (2, 1), (0, 4)), True),
    ],
)
def test_simple(corners: tuple[tuple[float, float], ...], expected: bool) -> None:
    assert simple(corners) is expected


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (box(1, 1, 2, 2), True),
        (box(2, 0, 2, 2), False),  # a common side
        (box(2, 2, 1, 1), False),  # a common corner
        (SQUARE, True),
        (box(0.5, 0.5, 1, 1), True),  # within
        (box(-1, -1, 4, 4), True),  # around
        (box(1, 0, 3, 2), True),  # sides on each other
        (box(0.5, -1, 1, 4), True),  # a cross
        (box(5, 5, 1, 1), False),
    ],
)
def test_overlap(other: tuple[tuple[float, float], ...], expected: bool) -> None:
    assert overlap(SQUARE, other) is expected
    assert overlap(other, SQUARE) is expected


def test_a_polygon_is_cut_off_at_the_border_of_the_map() -> None:
    assert sorted(clipped(box(-1, 1, 3, 9), 10, 5)) == sorted(box(0, 1, 2, 4))
    assert clipped(box(11, 11, 2, 2), 10, 10) == ()


def test_how_far_a_way_is_from_a_polygon() -> None:
    assert way_to_polygon([(3.0, 1.0)], SQUARE) == 1.0
    assert way_to_polygon([(-1.0, 1.0), (3.0, 1.0)], SQUARE) == 0.0
    assert way_to_polygon([(1.0, 1.0)], SQUARE) == 0.0


_NUMBER = st.integers(0, 8).map(float)
_SIZE = st.integers(1, 5).map(float)
_BOX = st.builds(box, _NUMBER, _NUMBER, _SIZE, _SIZE)


@given(_BOX, _BOX)
def test_boxes_overlap_exactly_where_a_point_is_in_both(first: tuple, second: tuple) -> None:  # type: ignore[type-arg]
    points = [(x + 0.5, y + 0.5) for x in range(14) for y in range(14)]
    shared = any(strictly_inside(p, first) and strictly_inside(p, second) for p in points)
    assert overlap(first, second) is shared
