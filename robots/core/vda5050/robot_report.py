"""What the robot's hardware last said, and the setters through which the driver says it."""

from __future__ import annotations

from .events import RejectReason
from .reports import (
    EmergencyStop,
    Error,
    ErrorLevel,
    Load,
    OperatingMode,
    Position,
    PowerSupply,
    Reference,
    SafetyState,
    Velocity,
)

REJECTIONS = frozenset(str(reason) for reason in RejectReason if reason is not RejectReason.OTHER) | {
    "noOrderToCancel",
    "instantActionError",
}
REJECTIONS_SHOWN = 20


class RobotReport:
    """The physical part of the state. `dirty`: something changed that has to be told at the next tick (6.10)."""

    def __init__(self) -> None:
        self.position: Position | None = None
        self.velocity: Velocity | None = None
        self.power = PowerSupply(100.0, False)
        self.safety = SafetyState()
        self.mode = OperatingMode.AUTOMATIC
        self.driving = False
        self.paused = False
        self.loads: tuple[Load, ...] | None = None
        self.new_base_request = False
        self.errors: list[Error] = []
        self.dirty = True

    def set_pose(self, x: float, y: float, theta: float, map_id: str, *, localized: bool = True) -> None:
        """Metres, radians. Does not by itself cause a state message; visualization carries it."""
        before = self.position
        self.position = Position(x, y, theta, map_id, localized)
        if before is None or (before.localized, before.map_id) != (localized, map_id):
            self.dirty = True

    def set_velocity(self, vx: float, vy: float, omega: float) -> None:
        self.velocity = Velocity(vx, vy, omega)

    def set_battery(self, charge: float, charging: bool, voltage: float | None = None) -> None:
        """Percent 0..100; a change of `charging` makes a state message."""
        self.dirty |= charging != self.power.charging
        self.power = PowerSupply(min(100.0, max(0.0, charge)), charging, voltage)

    def set_paused(self, paused: bool) -> None:
        """A button on the robot; startPause and stopPause are handled here without it."""
        self.dirty |= paused != self.paused
        self.paused = paused

    def set_loads(self, loads: tuple[Load, ...] | None) -> None:
        self.dirty |= loads != self.loads
        self.loads = loads

    def request_base(self, wanted: bool) -> None:
        """6.10.3: the end of the base is near and the robot would have to slow down."""
        self.dirty |= wanted != self.new_base_request
        self.new_base_request = wanted

    def set_safety(self, stop: EmergencyStop, field_violation: bool) -> None:
        """What the robot's own safety system reports."""
        safety = SafetyState(stop, field_violation)
        self.dirty |= safety != self.safety
        self.safety = safety

    def add_error(self, error: Error) -> None:
        """Active until `clear_error`; the same type with the same references is replaced."""
        if error not in self.errors:
            key = (error.error_type, error.references)
            self.errors = [e for e in self.errors if (e.error_type, e.references) != key] + [error]
            self.dirty = True

    def clear_error(self, error_type: str) -> None:
        kept = [e for e in self.errors if e.error_type != error_type]
        self.dirty |= len(kept) != len(self.errors)
        self.errors = kept

    def report_rejection(self, error_type: str, text: str, references: tuple[tuple[str, str], ...]) -> None:
        """Shown until an order is accepted (6.6.4); only the newest few, or a noisy sender would fill the state."""
        pairs = tuple(Reference(key, value) for key, value in references)
        self.add_error(Error(error_type, ErrorLevel.WARNING, pairs, text[:500]))
        rejections = [e for e in self.errors if e.error_type in REJECTIONS]
        surplus = rejections[: max(0, len(rejections) - REJECTIONS_SHOWN)]
        self.errors = [e for e in self.errors if e not in surplus]
        self.dirty = True

    def forget_rejections(self) -> None:
        """An order was accepted: what was refused before it is no longer news."""
        self.errors = [e for e in self.errors if e.error_type not in REJECTIONS]
        self.dirty = True

    def hindrances(self) -> tuple[str, ...]:
        """Why the robot itself may not drive now, in plain words."""
        reasons = []
        if not self.mode.takes_orders:
            reasons.append(f"operating mode {self.mode}")
        if self.paused:
            reasons.append("paused")
        if self.safety.active_emergency_stop is not EmergencyStop.NONE:
            reasons.append("the robot's own protective stop is active")
        if self.safety.field_violation:
            reasons.append("protective field violated")
        if self.position is not None and not self.position.localized:
            reasons.append("not localised")
        return tuple(reasons)
