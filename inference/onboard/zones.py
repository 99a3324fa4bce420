"""A robot among the zones of its enabled zone set (VDA 5050 3.0 6.4): asks before it enters, waits at the border.

RELEASE: asks for access in time, stands before the border until it is granted, drops the request when it has left.
BLOCKED: does not enter, and says which node it cannot reach. SPEED_LIMIT: drives no faster inside. The robot's contour
counts (6.4.1.1), here a circle. Without an enabled zone set nothing of this happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inference.onboard.way import Point, Way
from robots.core.polygons import way_to_polygon
from robots.core.vda5050.error_types import Fault
from robots.core.vda5050.messages import Node, Zone, ZoneType
from robots.core.vda5050.reports import Error, ErrorLevel, OperatingMode, Reference, RequestStatus
from robots.core.vda5050.robot_side import RobotSide

ASK_AHEAD, SLOW_AHEAD = 5.0, 0.6
"""m before the border at which access is asked for, and at which a lower speed limit begins to count."""
STEP, MARGIN, LEFT = 0.1, 0.1, 0.05
"""m: how finely the way is looked at, how far before the border the robot stands, how far outside it has left."""
ASK_AGAIN = 100
"""Looks after a refusal until it is asked for once more."""


@dataclass(frozen=True, slots=True)
class View:
    """`hold`: m along the way at which the robot has to stand, None: nowhere. `speed`: limit in m/s, None: none."""

    hold: float | None = None
    speed: float | None = None


CLEAR = View()


@dataclass(slots=True)
class _Border:
    """A zone with its corners. `request` empty: not asked for; `patience`: looks until it may be asked for again.

    `enters`: m along `way` at which the contour first comes in, None: never; found once for a way, not at every look.
    """

    zone: Zone
    corners: list[Point]
    request: str = ""
    patience: int = 0
    way: tuple[Point, ...] = ()
    enters: float | None = None


class ZoneKeeper:
    def __init__(self, side: RobotSide, radius: float) -> None:
        self._side, self._radius = side, radius
        self._set = ""
        self._borders: list[_Border] = []

    def look(self, way: Way, along: float, here: Point, base: Sequence[Node]) -> View:
        """What the zones ahead permit. Asks for access, marks entry and drops what is behind."""
        if not self._ready():
            return CLEAR
        far = way.length_to(len(way.points) - 1)
        hold, speed = None, None
        for border in self._borders:
            gap = way_to_polygon([here], border.corners)
            entry = self._entry(border, way, along, far)
            match border.zone.zone_type:
                case ZoneType.RELEASE:
                    stop = self._release(border, gap, entry)
                case ZoneType.BLOCKED:
                    stop = self._blocked(border, gap, entry, way, along, base)
                case _:
                    stop = None
                    if gap < self._radius or (entry is not None and entry < SLOW_AHEAD):
                        speed = _least(speed, border.zone.maximum_speed)
            hold = _least(hold, stop)
        return View(hold, speed)

    def stand(self, here: Point) -> None:
        """The robot has no way: it only leaves what it is out of."""
        if self._ready():
            for border in self._borders:
                if border.zone.zone_type is ZoneType.RELEASE:
                    self._release(border, way_to_polygon([here], border.corners), None, asking=False)

    def _ready(self) -> bool:
        """Whether there are zones to mind; takes up the zone set that is in force on this map."""
        side = self._side
        place = side.position
        zone_set = side.shelf.in_force(place.map_id) if place is not None else None
        name = zone_set.zone_set_id if zone_set is not None else ""
        if name != self._set:
            for border in self._borders:
                side.drop_request(border.request)
            side.clear_error(str(Fault.BLOCKED_ZONE_VIOLATION))
            self._set = name
            zones = zone_set.zones if zone_set is not None else ()
            self._borders = [_Border(zone, [(v.x, v.y) for v in zone.vertices]) for zone in zones]
            self._take_up()
        return bool(self._borders)

    def _take_up(self) -> None:
        """After a restart: requests made before belong to their zones again."""
        known = {r.zone_id: r.request_id for r in self._side.requests.zone_requests() if r.zone_set_id == self._set}
        for border in self._borders:
            border.request = known.get(border.zone.zone_id, "")

    def _entry(self, border: _Border, way: Way, along: float, far: float) -> float | None:
        """m from here at which the robot's contour comes into the zone, 0 inside; None: not within sight."""
        if border.way != way.points or (border.enters is not None and border.enters < along):
            border.way, border.enters = way.points, self._first_inside(border, way, along, far)
        if border.enters is None or border.enters > along + ASK_AHEAD:
            return None
        return border.enters - along

    def _first_inside(self, border: _Border, way: Way, along: float, far: float) -> float | None:
        if way_to_polygon(way.rest(along, len(way.points) - 1), border.corners) >= self._radius:
            return None
        at = along
        while at < far + STEP:
            if way_to_polygon([way.at(min(far, at))], border.corners) < self._radius:
                return min(far, at)
            at += STEP
        return None

    # --- RELEASE ----------------------------------------------------------------------------------------------------

    def _release(self, border: _Border, gap: float, entry: float | None, *, asking: bool = True) -> float | None:
        """m from here at which to stand, None: go on."""
        side, inside = self._side, gap < self._radius
        asked = side.requests.asked.get(border.request)
        if asked is None:
            border.patience = ASK_AGAIN if border.request and not inside else max(0, border.patience - 1)
            border.request = ""
        elif not inside and entry is None and (not asked.begun or gap > self._radius + LEFT):
            side.drop_request(border.request)
            border.request, border.patience = "", 0
            return None
        elif asked.request.status is RequestStatus.EXPIRED and not inside:
            side.drop_request(border.request)
            border.request, asked = "", None
        if not inside and entry is None:
            return None
        if asked is None and asking and border.patience == 0:
            border.request = self._ask(border)
        if side.requests.granted(border.request):
            if inside:
                side.begin_request(border.request)
            return None
        if asked is not None and asked.begun:
            return None  # lost inside: releaseLossBehavior decides, and the side stops the robot where it has to
        return 0.0 if inside else max(0.0, (entry or 0.0) - MARGIN)

    def _ask(self, border: _Border) -> str:
        if not self._side.mode.takes_orders or self._side.mode is OperatingMode.INTERVENED:
            return ""
        return self._side.request_zone(self._set, border.zone.zone_id)

    # --- BLOCKED ----------------------------------------------------------------------------------------------------

    def _blocked(
        self, border: _Border, gap: float, entry: float | None, way: Way, along: float, base: Sequence[Node]
    ) -> float | None:
        side, zone = self._side, border.zone
        kind, references = str(Fault.BLOCKED_ZONE_VIOLATION), (Reference("zoneId", zone.zone_id),)
        if gap < self._radius:
            text = f"the robot stands in {zone.descriptor or zone.zone_id}, where no robot may be"
            side.add_error(Error(kind, ErrorLevel.CRITICAL, references, text))
            return 0.0
        side.clear_error(kind, references)
        if entry is None:
            return None
        if entry <= MARGIN + STEP:
            lengths = (way.length_to(i) for i in range(1, len(base) + 1))
            node = next((n for n, s in zip(base, lengths, strict=True) if s > along + entry), base[-1])
            self._say_unreachable(node, zone)
        return max(0.0, entry - MARGIN)

    def _say_unreachable(self, node: Node, zone: Zone) -> None:
        order = self._side.route.order
        order_id = order.order_id if order else ""
        references = (Reference("orderId", order_id), Reference("nodeId", node.node_id))
        text = f"the way to {node.node_id} leads through {zone.descriptor or zone.zone_id}, where no robot may be"
        kind = str(Fault.NODE_UNREACHABLE)
        if not any(e.error_type == kind and e.references == references for e in self._side.errors):
            self._side.add_error(Error(kind, ErrorLevel.CRITICAL, references, text))


def _least(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else min(a, b)
