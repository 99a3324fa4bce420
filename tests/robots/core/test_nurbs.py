"""Points on a NURBS against curves that are known."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot, sqrt

import pytest

from robots.core.geometry import Point
from robots.core.nurbs import sampled
from robots.core.vda5050.messages import ControlPoint, Trajectory


def flat(points: Sequence[Point]) -> list[float]:
    return [value for point in points for value in point]


def test_degree_1_is_the_polyline_of_its_control_points() -> None:
    line = Trajectory(1, (0, 0, 0.5, 1, 1), (ControlPoint(0, 0), ControlPoint(2, 0), ControlPoint(2, 2)))
    assert flat(sampled(line, 5)) == pytest.approx([0, 0, 1, 0, 2, 0, 2, 1, 2, 2])


def test_a_quarter_of_a_circle() -> None:
    controls = (ControlPoint(1, 0), ControlPoint(1, 1, sqrt(2) / 2), ControlPoint(0, 1))
    points = sampled(Trajectory(2, (0, 0, 0, 1, 1, 1), controls), 9)
    assert [hypot(x, y) for x, y in points] == pytest.approx([1.0] * 9)
    assert flat((points[0], points[-1])) == pytest.approx([1, 0, 0, 1])


def test_a_curve_of_several_spans_starts_and_ends_at_its_outer_points() -> None:
    controls = tuple(ControlPoint(float(i), float(i % 2)) for i in range(6))
    points = sampled(Trajectory(3, (0, 0, 0, 0, 1 / 3, 2 / 3, 1, 1, 1, 1), controls), 30)
    assert flat((points[0], points[-1])) == pytest.approx([0, 0, 5, 1])
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert all(0.0 <= y <= 1.0 for _, y in points)


@pytest.mark.parametrize(
    ("degree", "knots"),
    [(1, (0, 1)), (3, (0, 0, 0, 0, 1, 1, 1)), (0, (0, 0, 1, 1)), (1, (0, 1, 0.5, 1, 1)), (1, (0, 0, 0, 0, 0))],
)
def test_knots_that_do_not_fit_give_nothing(degree: int, knots: tuple[float, ...]) -> None:
    controls = (ControlPoint(0, 0), ControlPoint(1, 0), ControlPoint(2, 0))
    assert sampled(Trajectory(degree, knots, controls)) == ()
