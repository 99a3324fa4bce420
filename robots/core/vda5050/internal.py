"""The one form in which messages are stored (outbox, snapshots): 3.0's words, and besides them what 3.0 cannot say.

A stored message loses nothing on its way to a robot that speaks 2.x: node ids of edges, zone set ids, what an instant
action blocks, a stop that acknowledges itself, numbers with their fractions, what a factsheet left open.
"""

from __future__ import annotations

from . import messages as m
from . import reports as r
from . import v3
from . import v3_reports as v3r
from .common import words
from .factsheets import SheetTable
from .shapes import Field, optional, shape
from .v3_factsheet import ACTION, PROMISE, TABLE
from .values import NUMBER, TEXT, UINT, mapped

EDGE = v3.EDGE.but(
    optional("start_node_id", "startNodeId", TEXT),
    optional("end_node_id", "endNodeId", TEXT),
)
ORDER = v3.ORDER.but(Field("edges", "edges", EDGE.many), optional("zone_set_id", "zoneSetId", TEXT))
ORDER_KIND = mapped(ORDER.kind, v3.with_ends, lambda order: order)
INSTANT_ACTIONS = shape(m.InstantActions, Field("actions", "actions", v3.ACTION.many))
RESPONSES = v3.RESPONSES
ZONE_SET = v3.ZONE_SET

POWER_SUPPLY = v3r.POWER_SUPPLY.but(optional("health", "batteryHealth", NUMBER), optional("range", "range", NUMBER))
SAFETY = v3r.SAFETY.but(
    Field("active_emergency_stop", "activeEmergencyStop", words(r.EmergencyStop, underscore=True)),
)
_STATUS = Field("status", "requestStatus", words(r.RequestStatus, underscore=True))
STATE = v3r.STATE.but(
    optional("zone_requests", "zoneRequests", v3r.ZONE_REQUEST.but(_STATUS).many),
    optional("edge_requests", "edgeRequests", v3r.EDGE_REQUEST.but(_STATUS).many),
    Field("power_supply", "powerSupply", POWER_SUPPLY.kind),
    Field("safety_state", "safetyState", SAFETY.kind),
    optional("zone_set_id", "zoneSetId", TEXT),
)
CONNECTION = v3r.CONNECTION
VISUALIZATION = v3r.VISUALIZATION.but(
    Field("reference_state_header_id", "referenceStateHeaderId", UINT, required=False)
)

DECLARED = ACTION.but(
    optional("pause_allowed", "pauseAllowed", PROMISE),
    optional("cancel_allowed", "cancelAllowed", PROMISE),
)
_OWN = {
    "minimum_height": optional("minimum_height", "minimumHeight", NUMBER),
    "actions": Field("actions", "mobileRobotActions", DECLARED.many),
}
FACTSHEET = SheetTable(
    {path: tuple(_OWN.get(field.attr, field) for field in fields) for path, fields in TABLE.sections.items()},
    bare=("typeSpecification", "physicalParameters"),
).kind
