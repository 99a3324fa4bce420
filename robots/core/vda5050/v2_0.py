"""VDA 5050 2.0: where its published schemas differ from 2.1. Only writing differs; `v2` reads both.

Text and schemas of 2.0 disagree twice: the text has `allowedDeviationXY` and `actionType`, the schemas have
`allowedDeviationXy` and (in instant actions) `actionName`. Both spellings are written, so that a robot built on either
understands; neither forbids further members. So is `instantActions`, 1.1's name of the list of instant actions that
robots of 2.0 still ask for: a stop must reach them. Corridors, maps and error hints came with 2.1 and are left out.
"""

from __future__ import annotations

from typing import Any

from . import messages as m
from . import v2
from . import v2_reports as v2r
from .common import CONTROL_POINT
from .curves import shown, uniform
from .shapes import Field, optional
from .values import NUMBER, TEXT, Kind, mapped, unsaid

VERSION = "2.0.0"

ACTION_NAME = Field("action_type", "actionType", TEXT, aliases=("actionName",), also=("actionName",))
NODE_POSITION = v2.NODE_POSITION.but(
    Field(
        "allowed_deviation_xy",
        "allowedDeviationXy",
        v2.DEVIATION,
        required=False,
        aliases=("allowedDeviationXY",),
        also=("allowedDeviationXY",),
    )
)
NODE = v2.NODE.but(optional("position", "nodePosition", NODE_POSITION.kind))
EDGE = v2.EDGE.but(optional("corridor", "corridor", unsaid(v2.CORRIDOR.kind)))
ORDER = v2.ORDER.but(Field("nodes", "nodes", NODE.many), Field("edges", "edges", EDGE.many))
INSTANT_ACTIONS = v2.INSTANT_ACTIONS.but(
    Field("actions", "actions", v2.ACTION.but(ACTION_NAME).many, aliases=("instantActions",), also=("instantActions",))
)


def _position_or_nothing(position: m.NodePosition) -> dict[str, Any] | None:
    """The schema of 2.0 wants an orientation in a node state's position, which itself may be left out."""
    return None if position.theta is None else NODE_POSITION.write(position)


_WEIGHTED = CONTROL_POINT.but(Field("weight", "weight", NUMBER, forgiven=True, otherwise=1.0))
_TRAJECTORY = v2.TRAJECTORY.but(Field("control_points", "controlPoints", _WEIGHTED.many))
NODE_STATE = v2r.NODE_STATE.but(optional("position", "nodePosition", Kind(NODE_POSITION.read, _position_or_nothing)))
EDGE_STATE = v2r.EDGE_STATE.but(optional("trajectory", "trajectory", mapped(_TRAJECTORY.kind, shown, uniform)))
ERROR = v2r.ERROR.but(optional("hint", "errorHint", unsaid(TEXT)))
STATE = v2r.STATE.but(
    Field("node_states", "nodeStates", NODE_STATE.many),
    Field("edge_states", "edgeStates", EDGE_STATE.many),
    Field("errors", "errors", ERROR.many),
    optional("maps", "maps", unsaid(v2r.MAP_INFO.many)),
)
