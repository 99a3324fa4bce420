"""What keeps a robot from driving on, told in its state once it lasts: a stop of a moment is no news."""

from __future__ import annotations

from robots.core.safety import Rung, Verdict
from robots.core.vda5050.reports import Error, ErrorLevel, Reference
from robots.core.vda5050.robot_side import RobotSide

ASK_AFTER, BLOCKED_AFTER, LEASE_AFTER, OVER_AFTER = 1.0, 10.0, 1.0, 0.5
TEXTS = {
    "confidence_missing": "the robot model gave no confidence",
    "confidence_low": "the robot model is not sure enough of what it sees",
    "decision_late": "the robot model answers too late",
    "not_a_number": "the robot model gave no usable numbers",
    "pose_unknown": "the robot does not know where it is",
    "outside_corridor": "the robot stands outside the way that is released for it",
    "person": "a person stands in the way",
    "robot_ahead": "another robot stands in the way",
    "obstacle": "something stands in the way",
    "lease_expired": "no fresh permission to move from the fleet",
}
ASKING, BLOCKED, LEASE = "needsHelp", "pathBlocked", "leaseExpired"


class Troubles:
    """Error types `needsHelp` (stop and ask), `pathBlocked`, `leaseExpired`; `say` for others."""

    def __init__(self, side: RobotSide) -> None:
        self._side = side
        self._since: dict[str, float] = {}
        self._shown: set[str] = set()
        self._good_since: float | None = None

    def watch(self, verdict: Verdict, now: float) -> None:
        """Once a tick for a robot that wants to drive. `now`: monotonic s."""
        kind, patience = _kind(verdict)
        for other in [k for k in self._since if k != kind]:
            del self._since[other]
        if not kind:
            self._good_since = now if self._good_since is None else self._good_since
            if self._shown and now - self._good_since >= OVER_AFTER:
                self.clear()
            return
        self._good_since = None
        if now - self._since.setdefault(kind, now) >= patience:
            self.say(kind, TEXTS.get(verdict.reason, verdict.reason), verdict.reason)

    def say(self, kind: str, text: str, reason: str = "") -> None:
        order = self._side.route.order
        pairs = [("orderId", order.order_id if order else ""), ("reason", reason)]
        references = tuple(Reference(key, value) for key, value in pairs if value)
        self._shown.add(kind)
        if not any(e.error_type == kind and e.references == references for e in self._side.errors):
            self._side.clear_error(kind)
            self._side.add_error(Error(kind, ErrorLevel.WARNING, references, text))

    def clear(self) -> None:
        for kind in self._shown:
            self._side.clear_error(kind)
        self._shown.clear()
        self._since.clear()


def _kind(verdict: Verdict) -> tuple[str, float]:
    if verdict.rung is Rung.STOP_AND_ASK:
        return ASKING, ASK_AFTER
    if verdict.rung is Rung.STOPPED and verdict.reason in ("person", "robot_ahead", "obstacle"):
        return BLOCKED, BLOCKED_AFTER
    if verdict.rung is Rung.STOPPED and verdict.reason == "lease_expired":
        return LEASE, LEASE_AFTER
    return "", 0.0
