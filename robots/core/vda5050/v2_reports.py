"""VDA 5050 2.1 on the wire (6.10 to 6.14): what a robot sends. See `v2`."""

from __future__ import annotations

from enum import Enum

from . import reports as r
from .common import LOAD, REFERENCE, VELOCITY, without, words
from .curves import shown, uniform
from .shapes import Field, optional, shape
from .v2 import NODE_POSITION, TRAJECTORY
from .values import ANGLE, FLAG, NUMBER, TEXT, UINT, WHOLE, Kind, enum, mapped


def _error_level() -> Kind:
    """2.1 FATAL asks for a person; a 3.0 CRITICAL error ends the order only, which 2.1 (6.6.4) reports as WARNING.

    3.0's words are accepted on input here and below: a state that cannot be read because of one would hide the
    robot's trouble.
    """
    level = r.ErrorLevel
    spelling: dict[Enum, str] = dict.fromkeys(level, "WARNING")
    spelling[level.FATAL] = "FATAL"
    return enum({str(member.value): member for member in level}, spelling)


MODE = words(
    without(r.OperatingMode, r.OperatingMode.STARTUP, r.OperatingMode.INTERVENED),
    underscore=False,
    also_read=r.OperatingMode,
)
CONNECTION_STATE = words(
    without(r.ConnectionState, r.ConnectionState.HIBERNATING), underscore=False, also_read=r.ConnectionState
)
STATUS = words(without(r.ActionStatus, r.ActionStatus.RETRIABLE), underscore=False, also_read=r.ActionStatus)
EMERGENCY_STOP = words(r.EmergencyStop, underscore=False)
LEVEL = _error_level()
REPORTED_TRAJECTORY = mapped(TRAJECTORY.kind, shown, uniform)

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
    optional("trajectory", "trajectory", REPORTED_TRAJECTORY),
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
    Field("theta", "theta", ANGLE),
    Field("map_id", "mapId", TEXT),
    Field("localized", "positionInitialized", FLAG),
    optional("localization_score", "localizationScore", NUMBER),
    optional("deviation_range", "deviationRange", NUMBER),
)
POWER_SUPPLY = shape(
    r.PowerSupply,
    Field("state_of_charge", "batteryCharge", NUMBER),
    Field("charging", "charging", FLAG),
    optional("voltage", "batteryVoltage", NUMBER),
    optional("health", "batteryHealth", WHOLE),
    optional("range", "reach", WHOLE),
)
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
    optional("descriptor", "mapDescription", TEXT),
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
