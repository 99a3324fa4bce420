"""What fleet control sends: orders and instant actions, in the words of VDA 5050 3.0.

Codecs translate to and from the version a robot speaks. Units: metres, radians (-pi..pi), m/s, rad/s, kilograms,
percent, volts. Section numbers in docstrings are those of VDA 5050 2.1.0 (text) unless 3.0 is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class BlockingType(StrEnum):
    """6.12. SINGLE (driving allowed, no other action) exists in 3.0 only."""

    NONE = "NONE"
    SOFT = "SOFT"
    SINGLE = "SINGLE"
    HARD = "HARD"

    @property
    def stops_driving(self) -> bool:
        return self in (BlockingType.SOFT, BlockingType.HARD)

    @property
    def excludes_others(self) -> bool:
        return self in (BlockingType.SINGLE, BlockingType.HARD)


class ActionScope(StrEnum):
    """ZONE exists in 3.0 only."""

    INSTANT = "INSTANT"
    NODE = "NODE"
    EDGE = "EDGE"
    ZONE = "ZONE"


class ReleaseLoss(StrEnum):
    """3.0 7.3, 7.6: what a robot does inside when its grant is lost. RETURN: corridors; CONTINUE, EVACUATE: zones."""

    STOP = "STOP"
    RETURN = "RETURN"
    CONTINUE = "CONTINUE"
    EVACUATE = "EVACUATE"


class ZoneType(StrEnum):
    """3.0 6.4.1. The first six hold for the robot's contour, the others for its kinematic centre."""

    BLOCKED = "BLOCKED"
    LINE_GUIDED = "LINE_GUIDED"
    RELEASE = "RELEASE"
    COORDINATED_REPLANNING = "COORDINATED_REPLANNING"
    SPEED_LIMIT = "SPEED_LIMIT"
    ACTION = "ACTION"
    PRIORITY = "PRIORITY"
    PENALTY = "PENALTY"
    DIRECTED = "DIRECTED"
    BIDIRECTED = "BIDIRECTED"


class GrantType(StrEnum):
    """3.0 7.5: the answer to a zone or corridor request."""

    GRANTED = "GRANTED"
    QUEUED = "QUEUED"
    REVOKED = "REVOKED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Header:
    """6.4. `timestamp` is kept as sent: robot clocks drift, the receive time is the one to reckon with."""

    header_id: int
    timestamp: str
    version: str
    manufacturer: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class ActionParameter:
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class Action:
    action_type: str
    action_id: str
    blocking_type: BlockingType
    parameters: tuple[ActionParameter, ...] = ()
    descriptor: str | None = None
    retriable: bool | None = None
    """3.0 only: on failure the robot waits in RETRIABLE for retry or skipRetry."""

    def parameter(self, key: str) -> Any:
        """The value of parameter `key`, or None when it is absent."""
        return next((p.value for p in self.parameters if p.key == key), None)


@dataclass(frozen=True, slots=True)
class DeviationEllipse:
    """3.0 allowedDeviationXY: half axes in metres, `theta` turns it. 2.1 has a radius only."""

    a: float
    b: float
    theta: float = 0.0


@dataclass(frozen=True, slots=True)
class NodePosition:
    x: float
    y: float
    map_id: str
    theta: float | None = None
    allowed_deviation_xy: DeviationEllipse | None = None
    allowed_deviation_theta: float | None = None


@dataclass(frozen=True, slots=True)
class Node:
    node_id: str
    sequence_id: int
    released: bool
    position: NodePosition | None = None
    actions: tuple[Action, ...] = ()
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class ControlPoint:
    x: float
    y: float
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Trajectory:
    """A NURBS: len(knots) = len(control points) + degree + 1."""

    degree: int
    knots: tuple[float, ...]
    control_points: tuple[ControlPoint, ...]


@dataclass(frozen=True, slots=True)
class Corridor:
    left_width: float
    right_width: float
    reference_point: str | None = None
    release_required: bool | None = None
    release_loss: ReleaseLoss | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """`start_node_id` and `end_node_id` are sent in 2.x; in 3.0 they follow from the neighbouring nodes."""

    edge_id: str
    sequence_id: int
    released: bool
    start_node_id: str
    end_node_id: str
    actions: tuple[Action, ...] = ()
    maximum_speed: float | None = None
    maximum_mobile_robot_height: float | None = None
    minimum_load_handling_device_height: float | None = None
    orientation: float | None = None
    orientation_type: str | None = None
    direction: str | None = None
    reach_orientation_before_entering: bool | None = None
    maximum_rotation_speed: float | None = None
    length: float | None = None
    trajectory: Trajectory | None = None
    corridor: Corridor | None = None
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """6.6.6. One message: a new order, or an update that begins with the stitching node."""

    order_id: str
    order_update_id: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    zone_set_id: str | None = None
    descriptor: str | None = None

    @property
    def decision_point(self) -> Node | None:
        """The last released node (end of the base), or None when nothing is released."""
        return next((node for node in reversed(self.nodes) if node.released), None)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Every action of nodes and edges, base and horizon, in travel order."""
        parts: list[Node | Edge] = [*self.nodes, *self.edges]
        parts.sort(key=lambda part: part.sequence_id)
        return tuple(action for part in parts for action in part.actions)


@dataclass(frozen=True, slots=True)
class InstantActions:
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Vertex:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class ZoneAction:
    """3.0 7.6: run on entry, while inside or on exit of an ACTION zone; the robot makes the action id."""

    action_type: str
    blocking_type: BlockingType
    parameters: tuple[ActionParameter, ...] = ()
    descriptor: str | None = None
    retriable: bool | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    """3.0 7.6. Which of the later fields are needed follows from `zone_type`; `vertices` counter-clockwise, at least 3.

    `maximum_speed` m/s, `direction` rad, `factor` 0..1 (priority or penalty), `limitation` SOFT | RESTRICTED | STRICT.
    """

    zone_id: str
    zone_type: ZoneType
    vertices: tuple[Vertex, ...]
    descriptor: str | None = None
    maximum_speed: float | None = None
    release_loss: ReleaseLoss | None = None
    entry_actions: tuple[ZoneAction, ...] = ()
    during_actions: tuple[ZoneAction, ...] = ()
    exit_actions: tuple[ZoneAction, ...] = ()
    factor: float | None = None
    direction: float | None = None
    limitation: str | None = None


@dataclass(frozen=True, slots=True)
class ZoneSet:
    """3.0 6.4.2. Immutable under its id; one map, no map version."""

    zone_set_id: str
    map_id: str
    zones: tuple[Zone, ...]
    descriptor: str | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """3.0 7.5. `lease_expiry` (ISO 8601 UTC) only with GRANTED."""

    request_id: str
    grant_type: GrantType
    lease_expiry: str | None = None


@dataclass(frozen=True, slots=True)
class Responses:
    responses: tuple[Response, ...]
