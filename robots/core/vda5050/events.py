"""What the two sides tell their callers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .errors import Problem
from .messages import Action, ActionScope, Order
from .reports import (
    ActionState,
    ActionStatus,
    ConnectionState,
    Error,
    Factsheet,
    OperatingMode,
    State,
    Visualization,
)

# ---------------------------------------------------------------- fleet control's side


class RejectReason(StrEnum):
    """Why an order was not taken (2.1 section 6.6.4). OTHER: an error type of the manufacturer's own."""

    MALFORMED = "validationError"
    NOT_USABLE = "orderError"
    OUTDATED = "orderUpdateError"
    NO_ROUTE = "noRouteError"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class StateChanged:
    """Every new state. `previous` is None for the first one."""

    state: State
    previous: State | None


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The robot's MQTT link only: not a health check, and no reason to give its resources to others."""

    state: ConnectionState
    previous: ConnectionState | None


@dataclass(frozen=True, slots=True)
class NodeReached:
    order_id: str
    node_id: str
    sequence_id: int


@dataclass(frozen=True, slots=True)
class ActionChanged:
    action: ActionState
    previous: ActionStatus | None
    order_id: str


@dataclass(frozen=True, slots=True)
class OrderConfirmed:
    order_id: str
    order_update_id: int


@dataclass(frozen=True, slots=True)
class OrderRejected:
    order_id: str
    order_update_id: int
    reason: RejectReason
    text: str


@dataclass(frozen=True, slots=True)
class OrderFinished:
    """No node left and every action of the order final; `failed` names the actions that ended FAILED."""

    order_id: str
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The robot confirmed the cancel, or had nothing left to cancel (`had_none`)."""

    order_id: str
    had_none: bool


@dataclass(frozen=True, slots=True)
class OrderLost:
    """A confirmed order is no longer the robot's: cleared by a mode change, or replaced by somebody else's."""

    order_id: str
    text: str


@dataclass(frozen=True, slots=True)
class UnexpectedOrder:
    """The robot executes an order we did not send, or one that we cancelled."""

    order_id: str
    order_update_id: int


@dataclass(frozen=True, slots=True)
class ModeChanged:
    mode: OperatingMode
    previous: OperatingMode | None


@dataclass(frozen=True, slots=True)
class PauseChanged:
    paused: bool


@dataclass(frozen=True, slots=True)
class BaseRequested:
    """The robot is about to run out of base (6.10.3): extend it."""

    order_id: str


@dataclass(frozen=True, slots=True)
class ErrorsChanged:
    appeared: tuple[Error, ...]
    gone: tuple[Error, ...]


@dataclass(frozen=True, slots=True)
class InstantUnconfirmed:
    """An instant action that no state has named, and that is not sent again."""

    action_id: str
    action_type: str


@dataclass(frozen=True, slots=True)
class FactsheetReceived:
    factsheet: Factsheet


@dataclass(frozen=True, slots=True)
class VisualizationReceived:
    visualization: Visualization


FleetEvent = (
    StateChanged
    | ConnectionChanged
    | NodeReached
    | ActionChanged
    | OrderConfirmed
    | OrderRejected
    | OrderFinished
    | OrderCancelled
    | OrderLost
    | UnexpectedOrder
    | ModeChanged
    | PauseChanged
    | BaseRequested
    | ErrorsChanged
    | InstantUnconfirmed
    | FactsheetReceived
    | VisualizationReceived
    | Problem
)

# ---------------------------------------------------------------- the robot's side


@dataclass(frozen=True, slots=True)
class Where:
    """Where an action belongs: `element_id` and `sequence_id` of its node or edge, empty for instant actions."""

    scope: ActionScope
    element_id: str = ""
    sequence_id: int = -1


@dataclass(frozen=True, slots=True)
class OrderAccepted:
    order: Order


@dataclass(frozen=True, slots=True)
class OrderRefused:
    order_id: str
    order_update_id: int
    reason: RejectReason
    text: str


@dataclass(frozen=True, slots=True)
class BaseExtended:
    order_id: str
    order_update_id: int
    last_node_id: str
    last_sequence_id: int


@dataclass(frozen=True, slots=True)
class HorizonChanged:
    order_id: str
    order_update_id: int


@dataclass(frozen=True, slots=True)
class StartAction:
    """Sent once per action, ever. Report progress with `action_state`."""

    action: Action
    where: Where


@dataclass(frozen=True, slots=True)
class StopAction:
    """The edge of this action was left: bring it to an end and report FINISHED or FAILED."""

    action_id: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Stop driving, end `running` where possible, report each one final; the cancel ends when all is still."""

    order_id: str
    running: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OrderCleared:
    """The order is gone (cancel done, or mode left automatic): forget the route, abandon `abandoned` actions."""

    order_id: str
    text: str
    abandoned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PauseRequested:
    pass


@dataclass(frozen=True, slots=True)
class ResumeRequested:
    pass


@dataclass(frozen=True, slots=True)
class StateRequested:
    pass


RobotEvent = (
    OrderAccepted
    | OrderRefused
    | BaseExtended
    | HorizonChanged
    | StartAction
    | StopAction
    | CancelRequested
    | OrderCleared
    | PauseRequested
    | ResumeRequested
    | StateRequested
    | Problem
)
