"""VDA 5050 2.1 on the wire (6.6 to 6.15), reading 2.0 as well. One table per object; see `shapes`.

Differences to our 3.0 words that are more than renames are the small functions above the tables. The aliases are what
the published 2.0 schemas say where they differ from 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from . import messages as m
from . import reports as r
from .shapes import (
    ANY,
    FLAG,
    NUMBER,
    TEXT,
    UINT,
    Field,
    Kind,
    enum,
    list_of,
    mapped,
    optional,
    shape,
)

VERSION = "2.1.0"


def _words(members: Iterable[Enum], **also: Enum) -> Kind:
    """2.x spells enumerations in upper case without underscore (6.1.3); 3.0's underscore is accepted on input."""
    spelling = {member: str(member.value).replace("_", "") for member in members}
    accepted = {**{word: member for member, word in spelling.items()}, **{str(x.value): x for x in spelling}}
    return enum({**accepted, **also}, spelling)


def _error_level() -> Kind:
    """2.1 FATAL asks for a person; a 3.0 CRITICAL error ends the order only, which 2.1 (6.6.4) reports as WARNING.

    3.0's words are accepted on input: a state that cannot be read because of one would hide the robot's trouble.
    """
    level = r.ErrorLevel
    spelling: dict[Enum, str] = dict.fromkeys(level, "WARNING")
    spelling[level.FATAL] = "FATAL"
    return enum({str(member.value): member for member in level}, spelling)


def _radius(value: float) -> m.DeviationEllipse:
    return m.DeviationEllipse(a=value, b=value)


def _inner_radius(value: m.DeviationEllipse) -> float:
    return min(value.a, value.b)


def _not(value: bool) -> bool:
    return not value


def _without(mode: type[Enum], *missing: Enum) -> list[Enum]:
    return [member for member in mode if member not in missing]


MODE = _words(_without(r.OperatingMode, r.OperatingMode.STARTUP, r.OperatingMode.INTERVENED))
CONNECTION_STATE = _words(_without(r.ConnectionState, r.ConnectionState.HIBERNATING))
BLOCKING = _words(_without(m.BlockingType, m.BlockingType.SINGLE))
STATUS = _words(_without(r.ActionStatus, r.ActionStatus.RETRIABLE))
SCOPE = _words(m.ActionScope)
EMERGENCY_STOP = _words(r.EmergencyStop)
LEVEL = _error_level()

PARAMETER = shape(m.ActionParameter, Field("key", "key", TEXT), Field("value", "value", ANY))
ACTION = shape(
    m.Action,
    Field("action_type", "actionType", TEXT, aliases=("actionName",)),
    Field("action_id", "actionId", TEXT),
    Field("blocking_type", "blockingType", BLOCKING),
    optional("parameters", "actionParameters", PARAMETER.many),
    optional("descriptor", "actionDescription", TEXT),
)
NODE_POSITION = shape(
    m.NodePosition,
    Field("x", "x", NUMBER),
    Field("y", "y", NUMBER),
    Field("map_id", "mapId", TEXT),
    optional("theta", "theta", NUMBER),
    optional(
        "allowed_deviation_xy",
        "allowedDeviationXY",
        mapped(NUMBER, _radius, _inner_radius),
        aliases=("allowedDeviationXy",),
    ),
    optional("allowed_deviation_theta", "allowedDeviationTheta", NUMBER),
)
NODE = shape(
    m.Node,
    Field("node_id", "nodeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    optional("position", "nodePosition", NODE_POSITION.kind),
    Field("actions", "actions", ACTION.many),
    optional("descriptor", "nodeDescription", TEXT),
)
CONTROL_POINT = shape(
    m.ControlPoint, Field("x", "x", NUMBER), Field("y", "y", NUMBER), optional("weight", "weight", NUMBER)
)
TRAJECTORY = shape(
    m.Trajectory,
    Field("degree", "degree", UINT),
    Field("knots", "knotVector", list_of(NUMBER)),
    Field("control_points", "controlPoints", CONTROL_POINT.many),
)
REFERENCE_POINT = mapped(TEXT, lambda v: v.replace("KINEMATICCENTER", "KINEMATIC_CENTER"), lambda v: v.replace("_", ""))
CORRIDOR = shape(
    m.Corridor,
    Field("left_width", "leftWidth", NUMBER),
    Field("right_width", "rightWidth", NUMBER),
    optional("reference_point", "corridorRefPoint", REFERENCE_POINT),
)
EDGE = shape(
    m.Edge,
    Field("edge_id", "edgeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    Field("start_node_id", "startNodeId", TEXT),
    Field("end_node_id", "endNodeId", TEXT),
    optional("maximum_speed", "maxSpeed", NUMBER),
    optional("maximum_mobile_robot_height", "maxHeight", NUMBER),
    optional("minimum_load_handling_device_height", "minHeight", NUMBER),
    optional("orientation", "orientation", NUMBER),
    optional("orientation_type", "orientationType", TEXT),
    optional("direction", "direction", TEXT),
    # Roughly inverse, not a rename: who may not turn on the edge must have its orientation before entering it.
    optional("reach_orientation_before_entering", "rotationAllowed", mapped(FLAG, _not, _not)),
    optional("maximum_rotation_speed", "maxRotationSpeed", NUMBER),
    optional("length", "length", NUMBER),
    optional("trajectory", "trajectory", TRAJECTORY.kind),
    optional("corridor", "corridor", CORRIDOR.kind),
    Field("actions", "actions", ACTION.many),
    optional("descriptor", "edgeDescription", TEXT),
)
ORDER = shape(
    m.Order,
    Field("order_id", "orderId", TEXT),
    Field("order_update_id", "orderUpdateId", UINT),
    optional("zone_set_id", "zoneSetId", TEXT),
    Field("nodes", "nodes", NODE.many),
    Field("edges", "edges", EDGE.many),
)
INSTANT_ACTIONS = shape(m.InstantActions, Field("actions", "actions", ACTION.many, aliases=("instantActions",)))

NODE_STATE = shape(
    r.NodeState,
    Field("node_id", "nodeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    optional("position", "nodePosition", NODE_POSITION.kind),
    optional("descriptor", "nodeDescription", TEXT),
)
EDGE_STATE = shape(
    r.EdgeState,
    Field("edge_id", "edgeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    optional("trajectory", "trajectory", TRAJECTORY.kind),
    optional("descriptor", "edgeDescription", TEXT),
)
ACTION_STATE = shape(
    r.ActionState,
    Field("action_id", "actionId", TEXT),
    Field("status", "actionStatus", STATUS),
    optional("action_type", "actionType", TEXT),
    optional("result", "resultDescription", TEXT),
    optional("descriptor", "actionDescription", TEXT),
)
POSITION = shape(
    r.Position,
    Field("x", "x", NUMBER),
    Field("y", "y", NUMBER),
    Field("theta", "theta", NUMBER),
    Field("map_id", "mapId", TEXT),
    Field("localized", "positionInitialized", FLAG),
    optional("localization_score", "localizationScore", NUMBER),
    optional("deviation_range", "deviationRange", NUMBER),
)
VELOCITY = shape(
    r.Velocity, optional("vx", "vx", NUMBER), optional("vy", "vy", NUMBER), optional("omega", "omega", NUMBER)
)
BOUNDING_BOX = shape(
    r.BoundingBox,
    Field("x", "x", NUMBER),
    Field("y", "y", NUMBER),
    Field("z", "z", NUMBER),
    optional("theta", "theta", NUMBER),
)
DIMENSIONS = shape(
    r.Dimensions,
    Field("length", "length", NUMBER),
    Field("width", "width", NUMBER),
    optional("height", "height", NUMBER),
)
LOAD = shape(
    r.Load,
    optional("load_id", "loadId", TEXT),
    optional("load_type", "loadType", TEXT),
    optional("load_position", "loadPosition", TEXT),
    optional("weight", "weight", NUMBER),
    optional("bounding_box", "boundingBoxReference", BOUNDING_BOX.kind),
    optional("dimensions", "loadDimensions", DIMENSIONS.kind),
)
POWER_SUPPLY = shape(
    r.PowerSupply,
    Field("state_of_charge", "batteryCharge", NUMBER),
    Field("charging", "charging", FLAG),
    optional("voltage", "batteryVoltage", NUMBER),
    optional("health", "batteryHealth", NUMBER),
    optional("range", "reach", NUMBER),
)
REFERENCE = shape(r.Reference, Field("key", "referenceKey", TEXT), Field("value", "referenceValue", TEXT))
ERROR = shape(
    r.Error,
    Field("error_type", "errorType", TEXT),
    Field("level", "errorLevel", LEVEL),
    optional("references", "errorReferences", REFERENCE.many),
    optional("description", "errorDescription", TEXT),
    optional("hint", "errorHint", TEXT),
)
INFORMATION = shape(
    r.Information,
    Field("info_type", "infoType", TEXT),
    Field("level", "infoLevel", TEXT),
    optional("references", "infoReferences", REFERENCE.many),
    optional("descriptor", "infoDescription", TEXT),
)
MAP_INFO = shape(
    r.MapInfo,
    Field("map_id", "mapId", TEXT),
    Field("map_version", "mapVersion", TEXT),
    Field("status", "mapStatus", TEXT),
)
SAFETY = shape(
    r.SafetyState,
    Field("active_emergency_stop", "eStop", EMERGENCY_STOP),
    Field("field_violation", "fieldViolation", FLAG),
)
STATE = shape(
    r.State,
    Field("order_id", "orderId", TEXT),
    Field("order_update_id", "orderUpdateId", UINT),
    Field("last_node_id", "lastNodeId", TEXT),
    Field("last_node_sequence_id", "lastNodeSequenceId", UINT),
    Field("driving", "driving", FLAG),
    Field("operating_mode", "operatingMode", MODE),
    Field("power_supply", "batteryState", POWER_SUPPLY.kind),
    Field("safety_state", "safetyState", SAFETY.kind),
    Field("node_states", "nodeStates", NODE_STATE.many),
    Field("edge_states", "edgeStates", EDGE_STATE.many),
    Field("action_states", "actionStates", ACTION_STATE.many, source="all_action_states"),
    Field("errors", "errors", ERROR.many),
    optional("position", "agvPosition", POSITION.kind),
    optional("velocity", "velocity", VELOCITY.kind),
    optional("loads", "loads", LOAD.many, keep_empty=True),
    optional("paused", "paused", FLAG),
    optional("new_base_request", "newBaseRequest", FLAG),
    optional("distance_since_last_node", "distanceSinceLastNode", NUMBER),
    optional("information", "information", INFORMATION.many),
    optional("maps", "maps", MAP_INFO.many),
    optional("zone_set_id", "zoneSetId", TEXT),
)
CONNECTION = shape(r.Connection, Field("state", "connectionState", CONNECTION_STATE))
VISUALIZATION = shape(
    r.Visualization,
    optional("position", "agvPosition", POSITION.kind),
    optional("velocity", "velocity", VELOCITY.kind),
)
