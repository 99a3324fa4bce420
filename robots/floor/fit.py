"""How far ahead a robot is released, from its speed and brakes, the delay of the radio, and its factsheet's limits."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..core.routing import RoadMap
from ..models import Factsheet, Robot, RobotType

ROUND_TRIP_S = 0.6
CYCLE_S = 0.4
"""From the report of a node to the order that follows it: dispatch is woken by the report, at the latest in 1 s."""
DECELERATION = 0.8
USUAL, MOST = 2, 4
"""Edges ahead: two are enough nearly everywhere, and every edge more keeps others waiting (traffic design 4.4)."""
LENGTHS = ("state.nodeStates", "order.nodes")
PLANNED = 3
"""Nodes beyond the base that an order may carry, see `traffic.STEPS`."""


@dataclass(frozen=True, slots=True)
class Fit:
    """`lookahead` edges of base; `horizon` nodes beyond it that an order may carry at most.

    `theta`: every node has to name an orientation, because the factsheet declares that parameter REQUIRED.
    """

    lookahead: int = USUAL
    horizon: int = PLANNED
    theta: bool = False


def factsheets(robots: Iterable[Robot]) -> dict[int, Mapping[str, Any]]:
    """The newest factsheet of each robot, as it was received. One query."""
    rows = Factsheet.objects.filter(robot__in=list(robots)).order_by("robot_id", "-received_at")
    return {row.robot_id: row.document for row in rows.distinct("robot_id")}


def fit(kind: RobotType, sheet: Mapping[str, Any], road: RoadMap) -> Fit:
    """What covers the way driven until the next order can be there, and braking; capped by the factsheet."""
    physical = _part(sheet, "physicalParameters")
    speed = min(kind.max_speed, _number(physical, "speedMax", "maximumSpeed") or kind.max_speed)
    braking = _number(physical, "decelerationMax", "maximumDeceleration") or DECELERATION
    limits = _part(sheet, "protocolLimits")
    interval = _number(_part(limits, "timing"), "minOrderInterval", "minimumOrderInterval") or 0.0
    way = speed * max(ROUND_TRIP_S + CYCLE_S, interval) + speed * speed / (2 * braking)
    length = median(road.lengths) if road.lengths else 1.0
    wanted = math.ceil(min(MOST, max(USUAL, way / max(length, 0.1))))
    lengths = _part(limits, "maxArrayLens") or _part(limits, "maximumArrayLengths")
    room = min((n for name in LENGTHS if (n := _number(lengths, name)) is not None), default=None)
    theta = needs_theta(sheet)
    if room is None:
        return Fit(wanted, theta=theta)
    lookahead = max(1, int(min(wanted, room - 1)))
    return Fit(lookahead, max(0, int(min(PLANNED, room - 1 - lookahead))), theta)


def needs_theta(sheet: Mapping[str, Any]) -> bool:
    """Whether `order.nodes.nodePosition.theta` is declared REQUIRED (2.1 6.15.1, 3.0 7.10)."""
    listed = _part(sheet, "protocolFeatures").get("optionalParameters")
    return any(
        isinstance(item, Mapping)
        and item.get("support") == "REQUIRED"
        and str(item.get("parameter", "")).lower().endswith("nodeposition.theta")
        for item in (listed if isinstance(listed, list) else ())
    )


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, Mapping) else {}


def _number(document: Mapping[str, Any], *names: str) -> float | None:
    """The first of these members that is a number above zero (2.1 and 3.0 call the same thing differently)."""
    for name in names:
        value = document.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
            return float(value)
    return None
