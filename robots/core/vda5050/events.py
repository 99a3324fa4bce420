"""What the two sides tell their callers."""

from __future__ import annotations

from dataclasses import dataclass

from .error_types import RejectReason as RejectReason
from .errors import Problem
from .messages import Action, ActionScope, Order, Response, ZoneSet
from .reports import (
    ActionState,
    ActionStatus,
    ConnectionState,
    EdgeRequest,
    Error,
    Factsheet,
    OperatingMode,
    Reference,
    State,
    Visualization,
    ZoneRequest,
)

# ---------------------------------------------------------------- fleet control's side


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
    """`text`: the robot's own; `error_type`: its word for it. With update id 0 this ends the order."""

    order_id: str
    order_update_id: int
    reason: RejectReason
    text: str
    error_type: str = ""


@dataclass(frozen=True, slots=True)
class OrderFailed:
    """An error says the robot cannot go on with this order (3.0 CRITICAL, FATAL; 2.x FATAL). Told once per error.

    No end: a robot never clears its order because of an error (3.0 6.6.5.1). Fleet control cancels it, or waits for a
    person.
    """

    order_id: str
    why: str
    references: tuple[Reference, ...] = ()
    error_type: str = ""


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
class InstantRejected:
    """The robot cannot do an instant action (3.0 6.2.1): it is not sent again. `text`: the robot's own."""

    action_id: str
    action_type: str
    text: str


@dataclass(frozen=True, slots=True)
class ActionRetriable:
    """3.0 6.6.9: the action failed and waits for `retry` or `skip_retry`."""

    action_id: str
    action_type: str
    order_id: str


@dataclass(frozen=True, slots=True)
class HibernationChanged:
    """3.0: while it hibernates a robot sends no states and answers stopHibernation only; its order is gone."""

    hibernating: bool


@dataclass(frozen=True, slots=True)
class ZoneRequestsChanged:
    """3.0 6.4.3: all that the robot asks for now; a request that is gone is no proof that the zone was left."""

    requests: tuple[ZoneRequest, ...]


@dataclass(frozen=True, slots=True)
class EdgeRequestsChanged:
    """3.0 6.6.10: all corridors the robot asks for now."""

    requests: tuple[EdgeRequest, ...]


@dataclass(frozen=True, slots=True)
class ZoneSetConfirmed:
    """The robot's state lists the zone set that was sent."""

    zone_set_id: str


@dataclass(frozen=True, slots=True)
class ZoneSetRefused:
    """DUPLICATE_ZONE_SET (3.0 6.4.2), or no state ever listed the set. It is not sent again."""

    zone_set_id: str
    text: str


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
    | OrderFailed
    | InstantUnconfirmed
    | InstantRejected
    | ActionRetriable
    | HibernationChanged
    | ZoneRequestsChanged
    | EdgeRequestsChanged
    | ZoneSetConfirmed
    | ZoneSetRefused
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


@dataclass(frozen=True, slots=True)
class RetryAction:
    """3.0 retry: begin the action again, once per event."""

    action: Action
    where: Where


@dataclass(frozen=True, slots=True)
class TriggerReceived:
    """3.0 trigger: the open waitForTrigger `action_id` was released."""

    action_id: str


@dataclass(frozen=True, slots=True)
class HibernationRequested:
    """3.0 startHibernation: stand still, save power. `wake_up`: ISO 8601 UTC or empty."""

    wake_up: str = ""


@dataclass(frozen=True, slots=True)
class WakeUpRequested:
    pass


@dataclass(frozen=True, slots=True)
class ShutdownRequested:
    pass


@dataclass(frozen=True, slots=True)
class ZoneSetReceived:
    zone_set: ZoneSet


@dataclass(frozen=True, slots=True)
class GrantReceived:
    """3.0 7.5: the answer to one request of this robot."""

    response: Response


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
    | RetryAction
    | TriggerReceived
    | HibernationRequested
    | WakeUpRequested
    | ShutdownRequested
    | ZoneSetReceived
    | GrantReceived
    | Problem
)
