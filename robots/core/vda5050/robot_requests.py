"""What the robot asks fleet control for: entry into zones, its way through them, corridors (3.0 6.4.3, 6.6.10, 6.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .errors import LocalProtocolError
from .headers import seconds
from .messages import ControlPoint, Edge, GrantType, ReleaseLoss, Response, Trajectory, Zone, ZoneType
from .reports import EdgeRequest, RequestKind, RequestStatus, ZoneRequest

KIND_OF = {RequestKind.ACCESS: ZoneType.RELEASE, RequestKind.REPLANNING: ZoneType.COORDINATED_REPLANNING}
_LOST = (RequestStatus.REVOKED, RequestStatus.EXPIRED)


@dataclass(slots=True)
class Asked:
    """One request. `until`: end of the lease by the robot's clock, None: none. `begun`: inside, or off the path.

    `loss`: what the robot does when it loses the grant inside; a lost REPLANNING always stops it (3.0 6.4.3).
    """

    request: ZoneRequest | EdgeRequest
    until: float | None = None
    begun: bool = False
    loss: ReleaseLoss = ReleaseLoss.STOP

    @property
    def lost(self) -> bool:
        return self.begun and self.request.status in _LOST

    @property
    def subject(self) -> tuple[str, str]:
        """Reference key and value of what is asked for."""
        if isinstance(self.request, ZoneRequest):
            return "zoneId", self.request.zone_id
        return "edgeId", self.request.edge_id


@dataclass(slots=True)
class RequestDesk:
    """`asked` by request id; ids are numbers that go on over a restart. `changes` counts what a restart must know."""

    asked: dict[str, Asked] = field(default_factory=dict)
    next_id: int = 1
    changes: int = 0

    def ask_zone(self, zone_set_id: str, zone: Zone, kind: RequestKind, trajectory: Trajectory | None) -> str:
        """Raises LocalProtocolError when this type of zone is not entered by such a request."""
        if KIND_OF.get(kind) is not zone.zone_type:
            raise LocalProtocolError(f"zone {zone.zone_id} is of type {zone.zone_type}; {kind} is not asked for there")
        if (kind is RequestKind.REPLANNING) != (trajectory is not None):
            raise LocalProtocolError("a REPLANNING request has a trajectory, an ACCESS request has none")
        loss = zone.release_loss if kind is RequestKind.ACCESS and zone.release_loss else ReleaseLoss.STOP
        request_id = self._id()
        asked = ZoneRequest(request_id, kind, zone.zone_id, zone_set_id, RequestStatus.REQUESTED, trajectory)
        return self._add(request_id, Asked(asked, loss=loss))

    def ask_corridor(self, edge: Edge) -> str:
        """For an edge of the base. Raises LocalProtocolError when it is none, or its corridor needs no release."""
        if edge.corridor is None or not edge.corridor.release_required:
            raise LocalProtocolError(f"edge {edge.edge_id} has no corridor that has to be asked for")
        if not edge.released:
            raise LocalProtocolError(f"edge {edge.edge_id} is not in the base; only its corridors are asked for")
        request_id = self._id()
        status = RequestStatus.REQUESTED
        asked = EdgeRequest(request_id, RequestKind.CORRIDOR, edge.edge_id, edge.sequence_id, status)
        return self._add(request_id, Asked(asked, loss=edge.corridor.release_loss or ReleaseLoss.STOP))

    def _id(self) -> str:
        self.next_id += 1
        return f"q{self.next_id - 1}"

    def _add(self, request_id: str, asked: Asked) -> str:
        self.asked[request_id] = asked
        self.changes += 1
        return request_id

    def begin(self, request_id: str) -> None:
        """The robot enters the zone or leaves its path now. Raises LocalProtocolError without a grant."""
        asked = self.asked.get(request_id)
        if asked is None or asked.request.status is not RequestStatus.GRANTED:
            raise LocalProtocolError(f"request {request_id} is not granted; the robot has to wait")
        if not asked.begun:
            asked.begun = True
            self.changes += 1

    def drop(self, request_id: str) -> bool:
        """Left, done, or no longer wanted. False when it is not here (any more)."""
        gone = self.asked.pop(request_id, None)
        self.changes += gone is not None
        return gone is not None

    def clear(self) -> bool:
        """All requests go with the order, and when fleet control is no longer in control (3.0 6.6.6, 6.6.7)."""
        had = bool(self.asked)
        self.asked = {}
        self.changes += had
        return had

    def answer(self, response: Response, now: float) -> bool:
        """Fleet control's word on one request; False when it changes nothing (unknown, or said before)."""
        asked = self.asked.get(response.request_id)
        if asked is None:
            return False
        before = (asked.request.status, asked.until)
        match response.grant_type:
            case GrantType.GRANTED:
                asked.until = seconds(response.lease_expiry) if response.lease_expiry else None
                over = asked.until is not None and asked.until <= now
                self._set(asked, RequestStatus.EXPIRED if over else RequestStatus.GRANTED)
                if not over:
                    self._drop_rivals(asked)
            case GrantType.REVOKED if asked.begun:
                self._set(asked, RequestStatus.REVOKED)
            case GrantType.REVOKED:
                return self.drop(response.request_id)
            case GrantType.REJECTED if asked.request.status is not RequestStatus.GRANTED:
                return self.drop(response.request_id)
        changed = before != (asked.request.status, asked.until)
        self.changes += changed
        return changed

    def _drop_rivals(self, chosen: Asked) -> None:
        """The first of several granted ways through a zone is taken, the other requests for it go (3.0 6.4.3)."""
        if not isinstance(chosen.request, ZoneRequest) or chosen.request.kind is not RequestKind.REPLANNING:
            return
        for request_id, other in list(self.asked.items()):
            same = isinstance(other.request, ZoneRequest) and other.request.kind is RequestKind.REPLANNING
            if other is not chosen and same and other.subject == chosen.subject:
                del self.asked[request_id]

    def expire(self, now: float) -> bool:
        """Leases that ended by now; True when there were some."""
        over = [
            a
            for a in self.asked.values()
            if a.request.status is RequestStatus.GRANTED and a.until is not None and a.until <= now
        ]
        for asked in over:
            self._set(asked, RequestStatus.EXPIRED)
        self.changes += bool(over)
        return bool(over)

    @staticmethod
    def _set(asked: Asked, status: RequestStatus) -> None:
        asked.request = replace(asked.request, status=status)

    def granted(self, request_id: str) -> bool:
        asked = self.asked.get(request_id)
        return asked is not None and asked.request.status is RequestStatus.GRANTED

    def lost(self) -> tuple[Asked, ...]:
        """Begun under a grant that is gone: each is a warning, and what follows is in `loss`."""
        return tuple(a for a in self.asked.values() if a.lost)

    def hindrances(self) -> tuple[str, ...]:
        return tuple(f"the release of {a.subject[1]} was lost" for a in self.lost() if a.loss is ReleaseLoss.STOP)

    def zone_requests(self) -> tuple[ZoneRequest, ...]:
        return tuple(a.request for a in self.asked.values() if isinstance(a.request, ZoneRequest))

    def edge_requests(self) -> tuple[EdgeRequest, ...]:
        return tuple(a.request for a in self.asked.values() if isinstance(a.request, EdgeRequest))

    # ------------------------------------------------------------ journal

    def snapshot(self) -> dict[str, Any]:
        return {"next_id": self.next_id, "asked": [_written(asked) for asked in self.asked.values()]}

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.next_id = int(saved["next_id"])
        self.asked = {row["id"]: _read(row) for row in saved["asked"]}


def _written(asked: Asked) -> dict[str, Any]:
    r = asked.request
    row: dict[str, Any] = {"id": r.request_id, "kind": str(r.kind), "status": str(r.status)}
    row |= {"until": asked.until, "begun": asked.begun, "loss": str(asked.loss)}
    if isinstance(r, EdgeRequest):
        return row | {"edge": [r.edge_id, r.sequence_id]}
    row["zone"] = [r.zone_set_id, r.zone_id]
    if r.trajectory is not None:
        points = [[p.x, p.y, p.weight] for p in r.trajectory.control_points]
        row["trajectory"] = [r.trajectory.degree, list(r.trajectory.knots), points]
    return row


def _read(row: Mapping[str, Any]) -> Asked:
    kind, status = RequestKind(row["kind"]), RequestStatus(row["status"])
    request: ZoneRequest | EdgeRequest
    if "edge" in row:
        request = EdgeRequest(row["id"], kind, row["edge"][0], row["edge"][1], status)
    else:
        way = None
        if "trajectory" in row:
            degree, knots, points = row["trajectory"]
            way = Trajectory(degree, tuple(knots), tuple(ControlPoint(*point) for point in points))
        request = ZoneRequest(row["id"], kind, row["zone"][1], row["zone"][0], status, way)
    return Asked(request, row["until"], bool(row["begun"]), ReleaseLoss(row["loss"]))
