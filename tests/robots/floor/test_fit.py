"""How far ahead a robot is released."""

from __future__ import annotations

from typing import Any

import pytest

from robots.core.demo_site import demo_layout
from robots.core.routing import RoadMap
from robots.floor.fit import Fit, fit
from robots.models import RobotType

ROAD = RoadMap(demo_layout())


def kind(speed: float = 1.5) -> RobotType:
    return RobotType(slug="cart", max_speed=speed, length=0.9, width=0.7, max_payload=100)


def test_two_edges_are_enough_for_an_ordinary_robot() -> None:
    assert fit(kind(), {}, ROAD) == Fit(2, 3)


def test_a_fast_robot_with_weak_brakes_needs_more() -> None:
    sheet = {"physicalParameters": {"speedMax": 4.0, "decelerationMax": 0.5}}
    assert fit(kind(4.0), sheet, ROAD).lookahead == 4


def test_a_robot_that_takes_orders_seldom_needs_more() -> None:
    sheet = {"protocolLimits": {"timing": {"minOrderInterval": 5.0}}}
    assert fit(kind(), sheet, ROAD).lookahead > 2


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ({"state.nodeStates": 3}, Fit(2, 0)),
        ({"order.nodes": 2}, Fit(1, 0)),
        ({"state.nodeStates": 4, "order.nodes": 500}, Fit(2, 1)),
        ({"state.nodeStates": 0}, Fit(2, 3)),
    ],
)
def test_what_the_factsheet_has_room_for_is_not_exceeded(lengths: dict[str, Any], expected: Fit) -> None:
    assert fit(kind(), {"protocolLimits": {"maxArrayLens": lengths}}, ROAD) == expected


def test_a_factsheet_of_nonsense_is_no_factsheet() -> None:
    assert fit(kind(), {"physicalParameters": "fast", "protocolLimits": {"timing": None}}, ROAD) == Fit(2, 3)
