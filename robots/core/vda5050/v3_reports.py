"""VDA 5050 3.0 on the wire (7.7 to 7.9): what a robot sends. See `v3`."""

from __future__ import annotations

from enum import Enum
from typing import Any

from . import reports as r
from .common import LOAD, REFERENCE, VELOCITY, words
from .curves import shown, uniform
from .shapes import Field, optional, shape
from .v3 import NODE_POSITION, TRAJECTORY
from .values import ANGLE, FLAG, NUMBER, TEXT, UINT, WHOLE, Kind, enum, list_of, mapped


def _emergency_stop() -> Kind:
    """2.x AUTOACK is gone: a stop that would end by itself is told as one to acknowledge at the robot. It is read."""
    stop = r.EmergencyStop
    spelling: dict[Enum, str] = {member: str(member.value) for member in stop}
    spelling[stop.AUTO_ACK] = stop.MANUAL.value
    return enum({**{str(x.value): x for x in stop}, "AUTOACK": stop.AUTO_ACK}, spelling)


def _request_status() -> Kind:
    """6.9 names QUEUED, the table and the schema do not: it is read, and written as the request that it still is."""
    status = r.RequestStatus
    spelling: dict[Enum, str] = {member: str(member.value) for member in status}
    spelling[status.QUEUED] = status.REQUESTED.value
    return enum({str(member.value): member for member in status}, spelling)


MODE = words(r.OperatingMode, underscore=True)
STATUS = words(r.ActionStatus, underscore=True)
LEVEL = words(r.ErrorLevel, underscore=True)
EMERGENCY_STOP = _emergency_stop()
REQUEST_STATUS = _request_status()
ZONE_REQUEST_KIND = words((r.RequestKind.ACCESS, r.RequestKind.REPLANNING), underscore=True)
EDGE_REQUEST_KIND = words((r.RequestKind.CORRIDOR,), underscore=True)
REPORTED_TRAJECTORY = mapped(TRAJECTORY.kind, shown, uniform)

NODE_STATE = shape(
    r.NodeState,
    Field("node_id", "nodeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    optional("position", "nodePosition", NODE_POSITION.kind),
    optional("descriptor", "nodeDescriptor", TEXT),
)
EDGE_STATE = shape(
    r.EdgeState,
    Field("edge_id", "edgeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    optional("trajectory", "trajectory", REPORTED_TRAJECTORY),
    optional("descriptor", "edgeDescriptor", TEXT),
)
ACTION_STATE = shape(
    r.ActionState,
    Field("action_id", "actionId", TEXT),
    Field("status", "actionStatus", STATUS),
    optional("action_type", "actionType", TEXT),
    optional("result", "actionResult", TEXT),
    optional("descriptor", "actionDescriptor", TEXT),
)
POSITION = shape(
    r.Position,
    Field("x", "x", NUMBER),
    Field("y", "y", NUMBER),
    Field("theta", "theta", ANGLE),
    Field("map_id", "mapId", TEXT),
    Field("localized", "localized", FLAG),
    optional("localization_score", "localizationScore", NUMBER),
    optional("deviation_range", "deviationRange", NUMBER),
)
POWER_SUPPLY = shape(
    r.PowerSupply,
    Field("state_of_charge", "stateOfCharge", NUMBER),
    Field("charging", "charging", FLAG),
    optional("voltage", "batteryVoltage", NUMBER),
    optional("current", "batteryCurrent", NUMBER),
    optional("health", "batteryHealth", WHOLE),
    optional("range", "range", WHOLE),
)
TRANSLATION = shape(r.Translation, Field("key", "translationKey", TEXT), Field("value", "translationValue", TEXT))
ERROR = shape(
    r.Error,
    Field("error_type", "errorType", TEXT),
    Field("level", "errorLevel", LEVEL),
    optional("references", "errorReferences", REFERENCE.many),
    optional("description", "errorDescription", TEXT),
    optional("descriptions", "errorDescriptionTranslations", TRANSLATION.many),
    optional("hint", "errorHint", TEXT),
    optional("hints", "errorHintTranslations", TRANSLATION.many),
)
INFORMATION = shape(
    r.Information,
    Field("info_type", "infoType", TEXT),
    Field("level", "infoLevel", TEXT),
    optional("references", "infoReferences", REFERENCE.many),
    optional("descriptor", "infoDescriptor", TEXT),
)
MAP_INFO = shape(
    r.MapInfo,
    Field("map_id", "mapId", TEXT),
    Field("map_version", "mapVersion", TEXT),
    Field("status", "mapStatus", TEXT),
    optional("descriptor", "mapDescriptor", TEXT),
)
ZONE_SET_INFO = shape(
    r.ZoneSetInfo,
    Field("zone_set_id", "zoneSetId", TEXT),
    Field("map_id", "mapId", TEXT),
    Field("status", "zoneSetStatus", TEXT),
)
ZONE_REQUEST = shape(
    r.ZoneRequest,
    Field("request_id", "requestId", TEXT),
    Field("kind", "requestType", ZONE_REQUEST_KIND),
    Field("zone_id", "zoneId", TEXT),
    Field("zone_set_id", "zoneSetId", TEXT),
    Field("status", "requestStatus", REQUEST_STATUS),
    optional("trajectory", "trajectory", REPORTED_TRAJECTORY),
)
EDGE_REQUEST = shape(
    r.EdgeRequest,
    Field("request_id", "requestId", TEXT),
    Field("kind", "requestType", EDGE_REQUEST_KIND),
    Field("edge_id", "edgeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("status", "requestStatus", REQUEST_STATUS),
)
PLANNED_PATH = shape(
    r.PlannedPath,
    Field("trajectory", "trajectory", REPORTED_TRAJECTORY),
    optional("traversed_nodes", "traversedNodes", list_of(TEXT)),
)
WAYPOINT = shape(
    r.Waypoint,
    Field("x", "x", NUMBER),
    Field("y", "y", NUMBER),
    optional("theta", "theta", ANGLE),
    Field("eta", "eta", TEXT, forgiven=True),
)
_POLYLINE = shape(dict, Field("polyline", "polyline", WAYPOINT.many))


def _read_polyline(value: Any) -> tuple[r.Waypoint, ...]:
    waypoints: tuple[r.Waypoint, ...] = _POLYLINE.read(value)["polyline"]
    return waypoints


INTERMEDIATE_PATH = Kind(_read_polyline, lambda path: {"polyline": [WAYPOINT.write(point) for point in path]})
SAFETY = shape(
    r.SafetyState,
    Field("active_emergency_stop", "activeEmergencyStop", EMERGENCY_STOP),
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
    Field("power_supply", "powerSupply", POWER_SUPPLY.kind),
    Field("safety_state", "safetyState", SAFETY.kind),
    Field("node_states", "nodeStates", NODE_STATE.many),
    Field("edge_states", "edgeStates", EDGE_STATE.many),
    Field("action_states", "actionStates", ACTION_STATE.many),
    Field("instant_action_states", "instantActionStates", ACTION_STATE.many, forgiven=True),
    Field("errors", "errors", ERROR.many),
    optional("zone_action_states", "zoneActionStates", ACTION_STATE.many),
    optional("position", "mobileRobotPosition", POSITION.kind),
    optional("velocity", "velocity", VELOCITY.kind),
    optional("loads", "loads", LOAD.many, keep_empty=True),
    optional("paused", "paused", FLAG),
    optional("new_base_request", "newBaseRequest", FLAG),
    optional("distance_since_last_node", "distanceSinceLastNode", NUMBER),
    optional("information", "information", INFORMATION.many),
    optional("maps", "maps", MAP_INFO.many),
    optional("zone_sets", "zoneSets", ZONE_SET_INFO.many),
    optional("zone_requests", "zoneRequests", ZONE_REQUEST.many),
    optional("edge_requests", "edgeRequests", EDGE_REQUEST.many),
    optional("planned_path", "plannedPath", PLANNED_PATH.kind),
    optional("intermediate_path", "intermediatePath", INTERMEDIATE_PATH),
)
CONNECTION = shape(r.Connection, Field("state", "connectionState", words(r.ConnectionState, underscore=True)))
VISUALIZATION = shape(
    r.Visualization,
    # The schema file of tag 3.0.0 lacked it; a robot built on that one is read.
    Field("reference_state_header_id", "referenceStateHeaderId", UINT, forgiven=True),
    optional("position", "mobileRobotPosition", POSITION.kind),
    optional("velocity", "velocity", VELOCITY.kind),
    optional("planned_path", "plannedPath", PLANNED_PATH.kind),
    optional("intermediate_path", "intermediatePath", INTERMEDIATE_PATH),
)
