"""What the robot's hardware last said, and the setters through which the driver says it."""

from __future__ import annotations

from .error_types import Fault, RejectReason, error_type, fault_type, level_of
from .reports import (
    EmergencyStop,
    Error,
    ErrorLevel,
    Load,
    OperatingMode,
    PlannedPath,
    Position,
    PowerSupply,
    Reference,
    SafetyState,
    Velocity,
    Waypoint,
)
from .robot_settings import RobotSettings

_VERSIONS = ("2.1", "3.0")
_REASONS = frozenset(error_type(reason, version) for reason in RejectReason for version in _VERSIONS)
_ASKED_WRONG = (Fault.NO_ORDER_TO_CANCEL, Fault.INVALID_INSTANT_ACTION, Fault.DUPLICATE_MAP, Fault.DUPLICATE_ZONE_SET)
REJECTIONS = _REASONS | {fault_type(fault, version) for fault in _ASKED_WRONG for version in _VERSIONS}
"""Errors that say what was refused, not what is wrong with the robot."""
REJECTIONS_SHOWN = 20
# Reported until a new order is accepted though they are no rejections (3.0 6.6.5.4).
_ENDS_WITH_ORDER = frozenset({str(Fault.NODE_UNREACHABLE)})
# CRITICAL by 3.0's table; whether the robot stands is decided by the releaseLossBehavior.
_OWN_RULE = frozenset({str(Fault.RELEASE_LOST)})
_FOR_THE_MODE = error_type(RejectReason.NOT_AVAILABLE, "3.0")
_UNLOCALIZED = Error(str(Fault.LOCALIZATION_ERROR), ErrorLevel.FATAL, (), "the robot does not know where it is")

Pairs = tuple[tuple[str, str], ...]


class RobotReport:
    """The physical part of the state. `dirty`: something changed that has to be told at the next tick (6.10)."""

    def __init__(self, settings: RobotSettings) -> None:
        self.settings = settings
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
        self.planned_path: PlannedPath | None = None
        self.intermediate_path: tuple[Waypoint, ...] = ()
        self.dirty = True

    # ------------------------------------------------------------ what the driver says

    def set_pose(self, x: float, y: float, theta: float, map_id: str, *, localized: bool = True) -> None:
        """Metres, radians. Does not by itself cause a state message; visualization carries it.

        In 3.0 a robot that is not localised says so by a FATAL error as well (7.8).
        """
        before = self.position
        self.position = Position(x, y, theta, map_id, localized)
        if before is None or (before.localized, before.map_id) != (localized, map_id):
            self.dirty = True
            if self.settings.three and not localized:
                self.add_error(_UNLOCALIZED)
            elif self.settings.three:
                self.clear_error(_UNLOCALIZED.error_type)

    def set_velocity(self, vx: float, vy: float, omega: float) -> None:
        self.velocity = Velocity(vx, vy, omega)

    def set_battery(
        self, charge: float, charging: bool, voltage: float | None = None, current: float | None = None
    ) -> None:
        """Percent 0..100, V, A (3.0 only); a change of `charging` makes a state message."""
        self.dirty |= charging != self.power.charging
        self.power = PowerSupply(min(100.0, max(0.0, charge)), charging, voltage, current=current)

    def set_paused(self, paused: bool) -> None:
        """A button on the robot; startPause and stopPause are handled here without it."""
        self.dirty |= paused != self.paused
        self.paused = paused

    def set_loads(self, loads: tuple[Load, ...] | None) -> None:
        self.dirty |= loads != self.loads
        self.loads = loads

    def set_paths(self, planned: PlannedPath | None, intermediate: tuple[Waypoint, ...] = ()) -> None:
        """3.0 6.8: where a freely navigating robot means to drive, from its current position on. No message by itself.

        State and visualization carry both.
        """
        self.planned_path, self.intermediate_path = planned, intermediate

    def request_base(self, wanted: bool) -> None:
        """6.10.3: the end of the base is near and the robot would have to slow down."""
        self.dirty |= wanted != self.new_base_request
        self.new_base_request = wanted

    def set_safety(self, stop: EmergencyStop, field_violation: bool) -> None:
        """What the robot's own safety system reports."""
        safety = SafetyState(stop, field_violation)
        self.dirty |= safety != self.safety
        self.safety = safety

    # ------------------------------------------------------------ errors

    def add_error(self, error: Error) -> None:
        """Active until `clear_error`; the same type with the same references is replaced."""
        if error not in self.errors:
            key = (error.error_type, error.references)
            self.errors = [e for e in self.errors if (e.error_type, e.references) != key] + [error]
            self.dirty = True

    def clear_error(self, error_type: str, references: tuple[Reference, ...] | None = None) -> None:
        """All errors of this type, or the one with these references."""
        kept = [
            e
            for e in self.errors
            if e.error_type != error_type or (references is not None and e.references != references)
        ]
        self.dirty |= len(kept) != len(self.errors)
        self.errors = kept

    def refuse(self, reason: RejectReason, text: str, references: Pairs) -> None:
        """An order that is not taken, in the words of the robot's version."""
        self.report_rejection(error_type(reason, self.settings.version), text, references, level_of(reason))

    def fault(self, fault: Fault, text: str, references: Pairs) -> None:
        self.report_rejection(fault_type(fault, self.settings.version), text, references)

    def report_rejection(
        self, error_type: str, text: str, references: Pairs, level: ErrorLevel = ErrorLevel.WARNING
    ) -> None:
        """Shown until an order is accepted (6.6.4); only the newest few, or a noisy sender would fill the state."""
        pairs = tuple(Reference(key, value) for key, value in references)
        if not self.settings.three:
            level = ErrorLevel.WARNING
        self.add_error(Error(error_type, level, pairs, text[:500]))
        rejections = [e for e in self.errors if e.error_type in REJECTIONS]
        surplus = rejections[: max(0, len(rejections) - REJECTIONS_SHOWN)]
        self.errors = [e for e in self.errors if e not in surplus]
        self.dirty = True

    def forget_rejections(self) -> None:
        """An order was accepted: what was refused before it is no longer news."""
        over = REJECTIONS | _ENDS_WITH_ORDER
        self.errors = [e for e in self.errors if e.error_type not in over]
        self.dirty = True

    def forget_mode_refusals(self) -> None:
        """3.0 6.1.4.9: the operating mode takes orders again."""
        self.clear_error(_FOR_THE_MODE)

    def hard_errors(self, order_id: str) -> tuple[Error, ...]:
        """What keeps the robot from going on with `order_id` (3.0 6.6.5.1): FATAL; CRITICAL unless of another order."""
        if not self.settings.three:
            return ()
        mine = (None, "", order_id)
        return tuple(
            e
            for e in self.errors
            if e.error_type not in REJECTIONS | _OWN_RULE
            and (e.level is ErrorLevel.FATAL or (e.level is ErrorLevel.CRITICAL and e.reference("orderId") in mine))
        )

    def hindrances(self) -> tuple[str, ...]:
        """Why the robot itself may not drive now, in plain words."""
        reasons = []
        if not self.mode.takes_orders or self.mode is OperatingMode.INTERVENED:
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
