"""VDA 5050 2.1 on the wire (6.6 to 6.9): what fleet control sends. One table per object; see `shapes`.

Differences to our 3.0 words that are more than renames are the small functions above the tables. The aliases are what
the published 2.0 schemas say where they differ from 2.1; `v2_0` writes them.
"""

from __future__ import annotations

from . import messages as m
from .common import CONTROL_POINT, PARAMETER, without, words
from .curves import given, uniform
from .shapes import Field, optional, shape
from .values import ANGLE, FLAG, NUMBER, TEXT, UINT, list_of, mapped

VERSION = "2.1.0"


def _radius(value: float) -> m.DeviationEllipse:
    return m.DeviationEllipse(a=value, b=value)


def _inner_radius(value: m.DeviationEllipse) -> float:
    """The circle inside the ellipse: whoever stays in it stays in the ellipse."""
    return min(value.a, value.b)


def _not(value: bool) -> bool:
    return not value


DEVIATION = mapped(NUMBER, _radius, _inner_radius)
BLOCKING = words(without(m.BlockingType, m.BlockingType.SINGLE), underscore=False)
REFERENCE_POINT = mapped(TEXT, lambda v: v.replace("KINEMATICCENTER", "KINEMATIC_CENTER"), lambda v: v.replace("_", ""))

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
    optional("theta", "theta", ANGLE),
    optional("allowed_deviation_xy", "allowedDeviationXY", DEVIATION, aliases=("allowedDeviationXy",)),
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
TRAJECTORY = shape(
    m.Trajectory,
    Field("degree", "degree", UINT, forgiven=True),
    Field("knots", "knotVector", list_of(NUMBER), forgiven=True),
    Field("control_points", "controlPoints", CONTROL_POINT.many),
    fill={"degree": 1, "knots": ()},
)
ORDERED_TRAJECTORY = mapped(TRAJECTORY.kind, given, uniform)
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
    optional("orientation", "orientation", ANGLE),
    optional("orientation_type", "orientationType", TEXT),
    optional("direction", "direction", TEXT),
    # Roughly inverse, not a rename: who may not turn on the edge must have its orientation before entering it.
    optional("reach_orientation_before_entering", "rotationAllowed", mapped(FLAG, _not, _not)),
    optional("maximum_rotation_speed", "maxRotationSpeed", NUMBER),
    optional("length", "length", NUMBER),
    optional("trajectory", "trajectory", ORDERED_TRAJECTORY),
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
