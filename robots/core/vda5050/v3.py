"""VDA 5050 3.0 on the wire (7.3 to 7.6): what fleet control sends. One table per object; see `shapes`.

Where the published schemas (commit 0b2ae43) and the text differ, the text holds. It calls an edge's limit
`maximumRotationSpeed` like its other limits, the schema kept 2.1's `maxRotationSpeed`: the former is written (the
schema permits further members), both are read.
"""

from __future__ import annotations

from dataclasses import replace

from . import messages as m
from .common import CONTROL_POINT, PARAMETER, without, words
from .curves import given, uniform
from .shapes import Field, optional, shape
from .v3_zones import ZONE_SET
from .values import ANGLE, FLAG, NUMBER, TEXT, UINT, Kind, list_of, mapped

__all__ = ["ACTION", "EDGE", "INSTANT_ACTIONS", "NODE", "ORDER", "RESPONSES", "VERSION", "ZONE_SET"]

VERSION = "3.0.0"

BLOCKING = words(m.BlockingType, underscore=True)
GRANT = words(m.GrantType, underscore=True)
CORRIDOR_LOSS = words(without(m.ReleaseLoss, m.ReleaseLoss.CONTINUE, m.ReleaseLoss.EVACUATE), underscore=True)

ACTION = shape(
    m.Action,
    Field("action_type", "actionType", TEXT),
    Field("action_id", "actionId", TEXT),
    Field("blocking_type", "blockingType", BLOCKING),
    optional("parameters", "actionParameters", PARAMETER.many),
    optional("descriptor", "actionDescriptor", TEXT),
    optional("retriable", "retriable", FLAG),
)
ELLIPSE = shape(
    m.DeviationEllipse,
    Field("a", "a", NUMBER),
    Field("b", "b", NUMBER),
    Field("theta", "theta", NUMBER, forgiven=True),
)
NODE_POSITION = shape(
    m.NodePosition,
    Field("x", "x", NUMBER),
    Field("y", "y", NUMBER),
    Field("map_id", "mapId", TEXT),
    optional("theta", "theta", ANGLE),
    optional("allowed_deviation_xy", "allowedDeviationXY", ELLIPSE.kind),
    optional("allowed_deviation_theta", "allowedDeviationTheta", NUMBER),
)
NODE = shape(
    m.Node,
    Field("node_id", "nodeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    optional("position", "nodePosition", NODE_POSITION.kind),
    Field("actions", "actions", ACTION.many),
    optional("descriptor", "nodeDescriptor", TEXT),
)
TRAJECTORY = shape(
    m.Trajectory,
    optional("degree", "degree", UINT),
    optional("knots", "knotVector", list_of(NUMBER)),
    Field("control_points", "controlPoints", CONTROL_POINT.many),
    fill={"degree": 1, "knots": ()},
)
CORRIDOR = shape(
    m.Corridor,
    Field("left_width", "leftWidth", NUMBER),
    Field("right_width", "rightWidth", NUMBER),
    optional("reference_point", "corridorReferencePoint", TEXT),
    optional("release_required", "releaseRequired", FLAG),
    optional("release_loss", "releaseLossBehavior", CORRIDOR_LOSS),
)
EDGE = shape(
    m.Edge,
    Field("edge_id", "edgeId", TEXT),
    Field("sequence_id", "sequenceId", UINT),
    Field("released", "released", FLAG),
    optional("maximum_speed", "maximumSpeed", NUMBER),
    optional("maximum_mobile_robot_height", "maximumMobileRobotHeight", NUMBER),
    optional("minimum_load_handling_device_height", "minimumLoadHandlingDeviceHeight", NUMBER),
    optional("orientation", "orientation", ANGLE),
    optional("orientation_type", "orientationType", TEXT),
    optional("direction", "direction", TEXT),
    optional("reach_orientation_before_entering", "reachOrientationBeforeEntering", FLAG),
    optional("maximum_rotation_speed", "maximumRotationSpeed", NUMBER, aliases=("maxRotationSpeed",)),
    optional("length", "length", NUMBER),
    optional("trajectory", "trajectory", mapped(TRAJECTORY.kind, given, uniform)),
    optional("corridor", "corridor", CORRIDOR.kind),
    Field("actions", "actions", ACTION.many),
    optional("descriptor", "edgeDescriptor", TEXT),
    fill={"start_node_id": "", "end_node_id": ""},
)
ORDER = shape(
    m.Order,
    Field("order_id", "orderId", TEXT),
    Field("order_update_id", "orderUpdateId", UINT),
    Field("nodes", "nodes", NODE.many),
    Field("edges", "edges", EDGE.many),
    optional("descriptor", "orderDescription", TEXT),
)


def with_ends(order: m.Order) -> m.Order:
    """3.0 edges do not name their nodes: edge n joins the nodes n - 1 and n + 1 (6.1.1). Unknown ones stay empty."""
    at = {node.sequence_id: node.node_id for node in order.nodes}
    edges = tuple(
        replace(
            edge,
            start_node_id=edge.start_node_id or at.get(edge.sequence_id - 1, ""),
            end_node_id=edge.end_node_id or at.get(edge.sequence_id + 1, ""),
        )
        for edge in order.edges
    )
    return replace(order, edges=edges)


ORDER_KIND = mapped(ORDER.kind, with_ends, lambda order: order)


def _none(blocking: m.BlockingType) -> m.BlockingType:
    """Instant actions block nothing in 3.0 (6.2.1), whatever the order's action of that type does."""
    return m.BlockingType.NONE


INSTANT_ACTION = ACTION.but(
    Field("blocking_type", "blockingType", Kind(BLOCKING.read, lambda value: BLOCKING.write(_none(value)))),
    without=("retriable",),
)
INSTANT_ACTIONS = shape(m.InstantActions, Field("actions", "actions", INSTANT_ACTION.many))

# 6.4.3 calls the answer responseType, the table in 7.5 and the schema grantType.
RESPONSE = shape(
    m.Response,
    Field("request_id", "requestId", TEXT),
    Field("grant_type", "grantType", GRANT, aliases=("responseType",)),
    optional("lease_expiry", "leaseExpiry", TEXT),
)
RESPONSES = shape(m.Responses, Field("responses", "responses", RESPONSE.many))
