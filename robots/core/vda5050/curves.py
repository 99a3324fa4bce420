"""Knots of a trajectory (3.0 7.3): clamped NURBS, as many knots as control points + degree + 1, uniform by default."""

from __future__ import annotations

from dataclasses import replace

from .errors import LocalProtocolError
from .messages import Trajectory
from .values import Malformed


def uniform_knots(degree: int, points: int) -> tuple[float, ...]:
    """Equidistant knots from 0 to 1, the first and the last one `degree` + 1 times. Needs `points` > `degree` >= 1."""
    inner = points - degree
    steps = [index / inner for index in range(1, inner)]
    return (*[0.0] * (degree + 1), *steps, *[1.0] * (degree + 1))


def _wrong(curve: Trajectory) -> str:
    """What is wrong with degree, points and knots; empty when nothing is. Checked before any knots are made."""
    points, knots = len(curve.control_points), len(curve.knots)
    if curve.degree < 1 or points < curve.degree + 1:
        return f"a trajectory of degree {curve.degree} needs at least {curve.degree + 1} control points, has {points}"
    if knots and knots != points + curve.degree + 1:
        return f"a trajectory with {points} control points of degree {curve.degree} has {knots} knots"
    return ""


def _with_knots(curve: Trajectory) -> Trajectory:
    return curve if curve.knots else replace(curve, knots=uniform_knots(curve.degree, len(curve.control_points)))


def given(curve: Trajectory) -> Trajectory:
    """A received trajectory that a robot is to drive, knots filled in. Raises Malformed when it is none."""
    if wrong := _wrong(curve):
        raise Malformed(wrong)
    return _with_knots(curve)


def uniform(curve: Trajectory) -> Trajectory:
    """A trajectory of ours for the wire. Raises LocalProtocolError when it is none."""
    if wrong := _wrong(curve):
        raise LocalProtocolError(wrong)
    return _with_knots(curve)


def shown(curve: Trajectory) -> Trajectory:
    """A trajectory that a robot reports, for display and prediction: a wrong one must not hide the robot's state.

    What does not fit is drawn with the highest degree that the points allow and uniform knots; its ends stay.
    """
    if not _wrong(curve):
        return _with_knots(curve)
    points = len(curve.control_points)
    degree = max(1, min(curve.degree, points - 1, 5))
    return replace(curve, degree=degree, knots=uniform_knots(degree, points) if points > degree else ())
