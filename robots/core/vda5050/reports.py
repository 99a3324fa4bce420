"""What a robot sends: state, connection, visualization, factsheet, in the words of VDA 5050 3.0.

Units as in `messages`. Section numbers are those of VDA 5050 2.1.0 (text) unless 3.0 is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .messages import (
    ActionScope,
    BlockingType,
    InstantActions,
    NodePosition,
    Order,
    Responses,
    Trajectory,
    ZoneSet,
    ZoneType,
)


class OperatingMode(StrEnum):
    """6.10.6, table 1. STARTUP and INTERVENED exist in 3.0 only."""

    STARTUP = "STARTUP"
    AUTOMATIC = "AUTOMATIC"
    SEMIAUTOMATIC = "SEMIAUTOMATIC"
    INTERVENED = "INTERVENED"
    MANUAL = "MANUAL"
    SERVICE = "SERVICE"
    TEACH_IN = "TEACH_IN"

    @property
    def takes_orders(self) -> bool:
        return self in (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC, OperatingMode.INTERVENED)


class ConnectionState(StrEnum):
    """6.14. HIBERNATING exists in 3.0 only."""

    ONLINE = "ONLINE"
    OFFLINE = "OFFLINE"
    HIBERNATING = "HIBERNATING"
    CONNECTION_BROKEN = "CONNECTION_BROKEN"


class ActionStatus(StrEnum):
    """6.11. PAUSED is in the 2.1 text though its schema forgot it; RETRIABLE exists in 3.0 only."""

    WAITING = "WAITING"
    INITIALIZING = "INITIALIZING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    RETRIABLE = "RETRIABLE"
    FINISHED = "FINISHED"
    FAILED = "FAILED"

    @property
    def final(self) -> bool:
        return self in (ActionStatus.FINISHED, ActionStatus.FAILED)

    @property
    def in_progress(self) -> bool:
        return not self.final and self is not ActionStatus.WAITING


class ErrorLevel(StrEnum):
    """6.10.5. URGENT and CRITICAL exist in 3.0 only; 2.1 knows WARNING and FATAL."""

    WARNING = "WARNING"
    URGENT = "URGENT"
    CRITICAL = "CRITICAL"
    FATAL = "FATAL"


class RequestKind(StrEnum):
    """3.0 6.4.3, 6.6.10."""

    ACCESS = "ACCESS"
    REPLANNING = "REPLANNING"
    CORRIDOR = "CORRIDOR"


class RequestStatus(StrEnum):
    """3.0 7.8. QUEUED stands in the text of 6.9 only; it is read, never needed."""

    REQUESTED = "REQUESTED"
    QUEUED = "QUEUED"
    GRANTED = "GRANTED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class EmergencyStop(StrEnum):
    """How the robot's own (hardware) stop must be acknowledged. AUTO_ACK exists in 2.x only."""

    AUTO_ACK = "AUTO_ACK"
    MANUAL = "MANUAL"
    REMOTE = "REMOTE"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class NodeState:
    node_id: str
    sequence_id: int
    released: bool
    position: NodePosition | None = None
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class EdgeState:
    edge_id: str
    sequence_id: int
    released: bool
    trajectory: Trajectory | None = None
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class ActionState:
    action_id: str
    status: ActionStatus
    action_type: str | None = None
    result: str | None = None
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """3.0 mobileRobotPosition. `localized` false: do not trust the pose."""

    x: float
    y: float
    theta: float
    map_id: str
    localized: bool = True
    localization_score: float | None = None
    deviation_range: float | None = None


@dataclass(frozen=True, slots=True)
class Velocity:
    vx: float | None = None
    vy: float | None = None
    omega: float | None = None


@dataclass(frozen=True, slots=True)
class BoundingBox:
    x: float
    y: float
    z: float
    theta: float | None = None


@dataclass(frozen=True, slots=True)
class Dimensions:
    length: float
    width: float
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Load:
    load_id: str | None = None
    load_type: str | None = None
    load_position: str | None = None
    weight: float | None = None
    bounding_box: BoundingBox | None = None
    dimensions: Dimensions | None = None


@dataclass(frozen=True, slots=True)
class PowerSupply:
    """`state_of_charge` in percent; `charging` false means ready for orders."""

    state_of_charge: float
    charging: bool
    voltage: float | None = None
    health: float | None = None
    range: float | None = None
    current: float | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Translation:
    """3.0: a text in the language `key` (ISO 639-1)."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Error:
    error_type: str
    level: ErrorLevel
    references: tuple[Reference, ...] = ()
    description: str | None = None
    hint: str | None = None
    descriptions: tuple[Translation, ...] = ()
    hints: tuple[Translation, ...] = ()

    def reference(self, key: str) -> str | None:
        return next((r.value for r in self.references if r.key == key), None)


@dataclass(frozen=True, slots=True)
class Information:
    """For display and debugging only, never for logic (6.10.4)."""

    info_type: str
    level: str
    references: tuple[Reference, ...] = ()
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class MapInfo:
    map_id: str
    map_version: str
    status: str
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneSetInfo:
    """3.0: a zone set the robot has; `status` ENABLED or DISABLED."""

    zone_set_id: str
    map_id: str
    status: str


@dataclass(frozen=True, slots=True)
class ZoneRequest:
    """3.0 6.4.3: the robot asks to enter (ACCESS) or to leave its path (REPLANNING, with `trajectory`)."""

    request_id: str
    kind: RequestKind
    zone_id: str
    zone_set_id: str
    status: RequestStatus
    trajectory: Trajectory | None = None


@dataclass(frozen=True, slots=True)
class EdgeRequest:
    """3.0 6.6.10: the robot asks to use the corridor of an edge of its base."""

    request_id: str
    kind: RequestKind
    edge_id: str
    sequence_id: int
    status: RequestStatus


@dataclass(frozen=True, slots=True)
class PlannedPath:
    trajectory: Trajectory
    traversed_nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waypoint:
    """`eta`: ISO 8601 by the robot's clock, for display only."""

    x: float
    y: float
    theta: float | None = None
    eta: str | None = None


@dataclass(frozen=True, slots=True)
class SafetyState:
    active_emergency_stop: EmergencyStop = EmergencyStop.NONE
    field_violation: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """6.10.6. `loads` None: unknown; empty: unloaded. 2.x reports instant actions inside `action_states`."""

    order_id: str
    order_update_id: int
    last_node_id: str
    last_node_sequence_id: int
    driving: bool
    operating_mode: OperatingMode
    power_supply: PowerSupply
    safety_state: SafetyState
    node_states: tuple[NodeState, ...] = ()
    edge_states: tuple[EdgeState, ...] = ()
    action_states: tuple[ActionState, ...] = ()
    instant_action_states: tuple[ActionState, ...] = ()
    errors: tuple[Error, ...] = ()
    position: Position | None = None
    velocity: Velocity | None = None
    loads: tuple[Load, ...] | None = None
    paused: bool | None = None
    new_base_request: bool | None = None
    distance_since_last_node: float | None = None
    information: tuple[Information, ...] = ()
    maps: tuple[MapInfo, ...] = ()
    zone_set_id: str | None = None
    zone_action_states: tuple[ActionState, ...] = ()
    zone_sets: tuple[ZoneSetInfo, ...] = ()
    zone_requests: tuple[ZoneRequest, ...] = ()
    edge_requests: tuple[EdgeRequest, ...] = ()
    planned_path: PlannedPath | None = None
    intermediate_path: tuple[Waypoint, ...] = ()

    @property
    def all_action_states(self) -> tuple[ActionState, ...]:
        """Of the order and instant ones: what carries ids of ours. Zone actions have the robot's own."""
        return self.action_states + self.instant_action_states

    @property
    def executing(self) -> bool:
        """6.6.2 step 3: nodes left, or an action neither FINISHED nor FAILED."""
        return bool(self.node_states) or any(not a.status.final for a in self.action_states)


@dataclass(frozen=True, slots=True)
class Connection:
    state: ConnectionState


@dataclass(frozen=True, slots=True)
class Visualization:
    position: Position | None = None
    velocity: Velocity | None = None
    planned_path: PlannedPath | None = None
    intermediate_path: tuple[Waypoint, ...] = ()
    reference_state_header_id: int | None = None


@dataclass(frozen=True, slots=True)
class ParameterDeclaration:
    key: str
    value_type: str = "STRING"
    optional: bool = False
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class ActionDeclaration:
    """What the factsheet says about one action. No blocking types declared: all are allowed."""

    action_type: str
    scopes: tuple[ActionScope, ...]
    parameters: tuple[ParameterDeclaration, ...] = ()
    blocking_types: tuple[BlockingType, ...] = ()
    descriptor: str | None = None
    result_descriptor: str | None = None
    pause_allowed: bool | None = None
    cancel_allowed: bool | None = None


@dataclass(frozen=True, slots=True)
class OptionalParameter:
    """`support` SUPPORTED or REQUIRED; an optional parameter that is not listed is not supported (6.15.1)."""

    parameter: str
    support: str


@dataclass(frozen=True, slots=True)
class BatteryCharging:
    """3.0 7.10, percent and s: at or below `critical_low` only charge orders are sent (D110)."""

    critical_low: float | None = None
    minimum_desired: float | None = None
    maximum_desired: float | None = None
    minimum_time: float | None = None


@dataclass(frozen=True, slots=True)
class LoadSet:
    name: str
    load_type: str
    positions: tuple[str, ...] = ()
    maximum_weight: float | None = None


@dataclass(frozen=True, slots=True)
class SoftwareVersion:
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Factsheet:
    """6.15. The fields we act on; `raw` is the whole body as received, in the words of the sender's version."""

    series_name: str
    kinematic: str
    robot_class: str
    maximum_load_mass: float
    maximum_speed: float
    maximum_acceleration: float
    maximum_deceleration: float
    maximum_height: float
    width: float
    length: float
    minimum_speed: float = 0.0
    minimum_height: float | None = None
    localization_types: tuple[str, ...] = ("NATURAL",)
    navigation_types: tuple[str, ...] = ("FREELY_NAVIGATING",)
    maximum_array_lengths: Mapping[str, int] = field(default_factory=dict)
    minimum_order_interval: float = 0.0
    minimum_state_interval: float = 0.0
    default_state_interval: float | None = None
    visualization_interval: float | None = None
    actions: tuple[ActionDeclaration, ...] = ()
    load_positions: tuple[str, ...] = ()
    load_sets: tuple[LoadSet, ...] = ()
    versions: tuple[SoftwareVersion, ...] = ()
    maximum_string_lengths: Mapping[str, int] = field(default_factory=dict)
    ids_numeric_only: bool = False
    optional_parameters: tuple[OptionalParameter, ...] = ()
    supported_zones: tuple[ZoneType, ...] = ()
    maximum_angular_speed: float | None = None
    battery_charging: BatteryCharging | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def action(self, action_type: str) -> ActionDeclaration | None:
        return next((a for a in self.actions if a.action_type == action_type), None)


Message = Order | InstantActions | ZoneSet | Responses | State | Connection | Visualization | Factsheet
