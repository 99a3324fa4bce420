"""What zone and corridor requests are decided with: what robots ask, where they are, what they were told (`grants`).

Lengths in m, times in s of any one clock; `lease_until` counts by ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from robots.core.geometry import Point
from robots.core.polygons import Polygon
from robots.core.vda5050.messages import GrantType
from robots.core.vda5050.reports import RequestKind, RequestStatus

QUEUED, GRANTED, REJECTED, REVOKING, ENDED = "queued", "granted", "rejected", "revoking", "ended"
WORD: Final = {
    QUEUED: GrantType.QUEUED, GRANTED: GrantType.GRANTED, REJECTED: GrantType.REJECTED, REVOKING: GrantType.REVOKED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as the robot reports it. `path`: the trajectory of a REPLANNING, sampled, in m."""

    request_id: str
    kind: RequestKind
    target: str
    status: RequestStatus
    zone_set_id: str = ""
    sequence_id: int | None = None
    path: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """An edge of a robot's order. `corridor`: the area in m that it may use there beside its lane."""

    edge: str
    released: bool
    corridor: Polygon = ()


@dataclass(frozen=True, slots=True)
class Party:
    """One robot. `automatic`: when it drops a request, that is its word that it has left.

    `point` None: nobody knows where it is. `reach` m from its centre to its farthest corner. `way` leads from where it
    is to the end of its base; `lanes` by sequence id. `heard` s when it last reported.
    """

    serial: str
    asked: tuple[Asked, ...] = ()
    reachable: bool = True
    automatic: bool = True
    point: Point | None = None
    reach: float = 0.5
    way: tuple[Point, ...] = ()
    lanes: Mapping[int, Lane] = field(default_factory=dict)
    heard: float = 0.0


@dataclass(frozen=True, slots=True)
class Area:
    """A release zone. `closed` says who or what keeps robots out, "" where it is open.

    `also` are release zones that overlap it: who is let in holds them too, for 6.4.3 demands all of them.
    """

    id: str
    name: str
    polygon: Polygon
    capacity: int = 1
    closed: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """What one request was told so far."""

    serial: str
    request_id: str
    kind: RequestKind
    target: str
    state: str = QUEUED
    reason: str = ""
    zone_set_id: str = ""
    sequence_id: int | None = None
    asked_at: float = 0.0
    granted_at: float | None = None
    lease_until: float | None = None
    answered_at: float | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.request_id}"

    @property
    def holds(self) -> bool:
        """Its place counts as taken."""
        return self.state in (GRANTED, REVOKING)


@dataclass(frozen=True, slots=True)
class Answer:
    serial: str
    request_id: str
    grant_type: GrantType
    lease_until: float | None = None


class Rooms(Protocol):
    """The one table of places, traffic's ledger."""

    def led_in(self, serial: str, zone: str) -> bool:
        """Traffic has released a way into the zone to it."""

    def inside(self, zone: str) -> frozenset[str]:
        """Who holds the zone or stands in it."""

    def waiting(self, zone: str) -> Mapping[str, float]:
        """Robots whose way traffic would release into the zone if there were room, and since when (s)."""

    def take_zones(self, serial: str, key: str, zones: Sequence[str]) -> str:
        """Hold them for the robot; "" or who is in the way."""

    def take_area(self, serial: str, key: str, area: Polygon) -> str:
        """Hold every place on which a robot could touch `area`; "" or who is in the way."""

    def give_back(self, serial: str, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """`given`: every open request and those that ended now. `answers` are to be sent."""

    given: tuple[Given, ...]
    answers: tuple[Answer, ...]
