"""What robots of VDA 5050 3.0 ask dispatch for: their reports as facts, the `Grant` rows, the answers to be sent."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from fleet.accounts.models import Site

from ..core.geometry import Point
from ..core.grants import Answer, Area, Asked, Given, Lane, Outcome, Party, decide
from ..core.nurbs import sampled
from ..core.polygons import overlap
from ..core.vda5050.codec import encode_body
from ..core.vda5050.headers import timestamp
from ..core.vda5050.messages import Edge, Response, Responses
from ..core.vda5050.reports import RequestKind, RequestStatus
from ..models import Grant, Robot, RobotState
from .rooms import LedgerRooms, corridor_area, way_of

if TYPE_CHECKING:
    from .floor import Floor

log = logging.getLogger(__name__)

VERSION = "3.0"
AUTOMATIC = ("AUTOMATIC", "SEMIAUTOMATIC")
OPEN_STATES = ("queued", "granted", "rejected", "revoking")


class Requests:
    """Every open request of a site as its leader holds it. `forget` after a transaction that failed."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.forget()

    def forget(self) -> None:
        self._rows: dict[tuple[str, str], Grant] | None = None
        self._overlaps: tuple[str, dict[str, tuple[str, ...]]] = ("", {})
        self.waiting: dict[str, tuple[str, float]] = {}

    def look(
        self,
        floor: Floor,
        robots: Mapping[str, Robot],
        states: Mapping[str, RobotState],
        reachable: frozenset[str],
        known_sets: Mapping[str, frozenset[str]],
        now: datetime,
    ) -> bool:
        """Decide on everything that robots ask, write the rows and post the answers; whether anything changed.

        `waiting` tells afterwards for whom, why and since when (s) something was not granted yet.
        """
        asking = any(state.zone_requests or state.edge_requests for state in states.values())
        if not asking and self._rows is not None and not self._rows:
            self.waiting = {}
            return False
        rows = self._load()
        if not asking and not rows:
            return False
        parties = {s: _party(floor, robot, states[s], s in reachable) for s, robot in robots.items() if s in states}
        parties = {s: p for s, p in parties.items() if floor.known(s) or p.asked}
        given = [_given(serial, row, parties.get(serial)) for (serial, _), row in rows.items()]
        found = decide(parties, given, self._areas(floor), known_sets, LedgerRooms(floor), now.timestamp())
        changed = self._write(found, robots, now)
        self._post(floor, found, robots, states)
        self.waiting = {
            g.serial: (g.reason, g.asked_at) for g in found.given if g.state in ("queued", "revoking") and g.reason
        }
        return changed

    def _load(self) -> dict[tuple[str, str], Grant]:
        if self._rows is None:
            rows = Grant.objects.filter(robot__site=self.site, ended_at=None).select_related("robot")
            self._rows = {(row.robot.serial, row.request_id): row for row in rows}
        return self._rows

    def _areas(self, floor: Floor) -> dict[str, Area]:
        """The release zones of the layout, with what keeps robots out of them now."""
        zones, states = [zone for zone in floor.layout.zones if zone.kind == "release"], floor.traffic.zones()
        if self._overlaps[0] != floor.version.hash:
            also = {z.id: tuple(o.id for o in zones if o is not z and overlap(o.polygon, z.polygon)) for z in zones}
            self._overlaps = floor.version.hash, also
        return {
            zone.id: Area(
                zone.id,
                zone.name or zone.id,
                zone.polygon,
                zone.capacity,
                "" if states[zone.id] == "open" else states[zone.id],
                self._overlaps[1][zone.id],
            )
            for zone in zones
        }

    def _write(self, found: Outcome, robots: Mapping[str, Robot], now: datetime) -> bool:
        rows, changed = self._load(), False
        for one in found.given:
            key = one.serial, one.request_id
            row = rows.get(key)
            if row is None:
                row = Grant(robot=robots[one.serial], request_id=one.request_id)
            fresh = _columns(one, now)
            if row.pk is None or any(getattr(row, name) != value for name, value in fresh.items()):
                for name, value in fresh.items():
                    setattr(row, name, value)
                row.save()
                changed = True
            if one.state in OPEN_STATES:
                rows[key] = row
            else:
                rows.pop(key, None)
        return changed

    def _post(
        self, floor: Floor, found: Outcome, robots: Mapping[str, Robot], states: Mapping[str, RobotState]
    ) -> None:
        by_robot: dict[str, list[Answer]] = {}
        for answer in found.answers:
            by_robot.setdefault(answer.serial, []).append(answer)
        for serial, answers in by_robot.items():
            # a lease is a moment that the robot compares with its own clock: it is told in that clock's time
            ahead = states[serial].clock_offset or 0.0
            body = encode_body(Responses(tuple(_response(answer, ahead) for answer in answers)), VERSION)
            key = f"responses:{serial}:{answers[0].request_id}"[:160]
            payload = {"robot": robots[serial].pk, "type": "responses", "body": body, "version": VERSION}
            floor.send("mqtt", key, payload)


def _party(floor: Floor, robot: Robot, state: RobotState, reachable: bool) -> Party:
    kind = robot.type
    known = state.localized and state.x is not None and state.y is not None
    on_map = not state.map_id or not floor.layout.map_id or state.map_id == floor.layout.map_id
    here = (state.x, state.y) if known and on_map else None
    point: Point | None = None if here is None or here[0] is None or here[1] is None else (here[0], here[1])
    asked = _asked(state)
    return Party(
        serial=robot.serial,
        asked=asked,
        reachable=reachable,
        automatic=state.operating_mode in AUTOMATIC,
        point=point,
        reach=math.hypot(kind.length, kind.width) / 2 + kind.deviation_padding,
        way=way_of(floor, robot.serial, point) if asked else (),
        lanes=_lanes(floor, robot) if state.edge_requests else {},
        heard=state.state_at.timestamp() if state.state_at else 0.0,
    )


def _asked(state: RobotState) -> tuple[Asked, ...]:
    """One request that cannot be read must not keep the others from being answered, nor the site from being led."""
    found = []
    for row in (*state.zone_requests, *state.edge_requests):
        try:
            target = row["zone_id"] if "zone_id" in row else row["edge_id"]
            number = row.get("sequence_id")
            found.append(
                Asked(
                    str(row["request_id"]),
                    RequestKind(row["kind"]),
                    str(target),
                    RequestStatus(row["status"]),
                    str(row.get("zone_set_id") or ""),
                    None if number is None else int(number),
                    _path(row.get("trajectory")),
                )
            )
        except (KeyError, ValueError, TypeError, AttributeError) as bad:
            log.warning("request of %s cannot be read: %r", state.pk, bad)
    return tuple(found)


def _path(said: Any) -> tuple[Point, ...]:
    """The trajectory as link wrote it: points along it."""
    return tuple((float(x), float(y)) for x, y in said or ())


def _lanes(floor: Floor, robot: Robot) -> dict[int, Lane]:
    """The edges that the robot has still ahead of it, by sequence id, with the corridors that its order gives them."""
    serial, traffic = robot.serial, floor.traffic
    if not floor.known(serial):
        return {}
    visits, road = traffic.ledger.base(serial), traffic.road
    found = {
        a.sequence_id + 1: Lane(road.edge_names[road.edge_of[road.index[a.node], road.index[b.node]]], True)
        for a, b in pairwise(visits)
    }
    order = floor.orders.get(serial)
    if order is None or order.order_id != traffic.ledger.order(serial):
        return found
    at = {node.sequence_id: node.position for node in order.nodes}
    for edge in order.edges:
        start, end = at.get(edge.sequence_id - 1), at.get(edge.sequence_id + 1)
        if edge.sequence_id > visits[0].sequence_id and start is not None and end is not None:
            line = _line(edge, (start.x, start.y), (end.x, end.y))
            found[edge.sequence_id] = Lane(edge.edge_id, edge.released, _corridor(edge, line, robot))
    return found


def _line(edge: Edge, start: Point, end: Point) -> tuple[Point, ...]:
    return (sampled(edge.trajectory) if edge.trajectory else ()) or (start, end)


def _corridor(edge: Edge, line: tuple[Point, ...], robot: Robot) -> tuple[Point, ...]:
    """The area that the robot may touch; counted from its kinematic centre, half of its width comes on top."""
    if edge.corridor is None:
        return ()
    body = 0.0 if edge.corridor.reference_point == "CONTOUR" else max(robot.type.width, robot.type.length) / 2
    bulge = max((_off(point, line[0], line[-1]) for point in line), default=0.0)
    left, right = edge.corridor.left_width, edge.corridor.right_width
    return corridor_area(line, left + body + bulge, right + body + bulge)


def _off(point: Point, a: Point, b: Point) -> float:
    length = math.dist(a, b) or 1.0
    return abs((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])) / length


def _given(serial: str, row: Grant, party: Party | None) -> Given:
    asked = next((a for a in party.asked if a.request_id == row.request_id), None) if party else None
    return Given(
        serial=serial,
        request_id=row.request_id,
        kind=RequestKind(row.kind),
        target=row.target,
        state=row.state,
        reason=row.reason,
        zone_set_id=asked.zone_set_id if asked else "",
        sequence_id=row.sequence_id,
        asked_at=row.asked_at.timestamp(),
        granted_at=_seconds(row.granted_at),
        lease_until=_seconds(row.lease_until),
        answered_at=_seconds(row.answered_at),
    )


def _columns(one: Given, now: datetime) -> dict[str, Any]:
    return {
        "kind": str(one.kind),
        "target": one.target[:80],
        "sequence_id": one.sequence_id,
        "state": one.state,
        "reason": one.reason[:300],
        "asked_at": _moment(one.asked_at),
        "granted_at": _moment(one.granted_at),
        "lease_until": _moment(one.lease_until),
        "answered_at": _moment(one.answered_at),
        "ended_at": now if one.state not in OPEN_STATES else None,
    }


def _response(answer: Answer, ahead: float) -> Response:
    until = None if answer.lease_until is None else timestamp(answer.lease_until + ahead)
    return Response(answer.request_id, answer.grant_type, until)


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
