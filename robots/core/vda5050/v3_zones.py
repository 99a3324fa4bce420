"""The zone set of VDA 5050 3.0 (7.6): which members a zone has follows from its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import messages as m
from .common import PARAMETER, without, words
from .errors import LocalProtocolError
from .shapes import Field, Shape, optional, shape
from .values import ANGLE, FLAG, NUMBER, TEXT, Kind, Malformed, list_of, name_of, ours

ZONE_TYPE = words(m.ZoneType, underscore=True)
ZONE_LOSS = words(without(m.ReleaseLoss, m.ReleaseLoss.RETURN), underscore=True)


def _factor(value: Any) -> float:
    number: float = NUMBER.read(value)
    if not 0 <= number <= 1:
        raise Malformed("should be from 0 to 1")
    return number


FACTOR = Kind(_factor, ours(_factor))

ZONE_ACTION = shape(
    m.ZoneAction,
    Field("action_type", "actionType", TEXT),
    Field("blocking_type", "blockingType", words(m.BlockingType, underscore=True)),
    optional("parameters", "actionParameters", PARAMETER.many),
    optional("descriptor", "actionDescriptor", TEXT),
    optional("retriable", "retriable", FLAG),
)
VERTEX = shape(m.Vertex, Field("x", "x", NUMBER), Field("y", "y", NUMBER))

_COMMON = (
    Field("zone_id", "zoneId", TEXT),
    Field("zone_type", "zoneType", ZONE_TYPE),
    Field("vertices", "vertices", VERTEX.many),
    optional("descriptor", "zoneDescriptor", TEXT),
)
# The aliases are the names in the schema file of tag 3.0.0, corrected later.
_OWN: Mapping[m.ZoneType, tuple[Field, ...]] = {
    m.ZoneType.RELEASE: (Field("release_loss", "releaseLossBehavior", ZONE_LOSS),),
    m.ZoneType.SPEED_LIMIT: (Field("maximum_speed", "maximumSpeed", NUMBER),),
    m.ZoneType.ACTION: (
        Field("entry_actions", "entryActions", ZONE_ACTION.many),
        Field("during_actions", "duringActions", ZONE_ACTION.many),
        Field("exit_actions", "exitActions", ZONE_ACTION.many),
    ),
    m.ZoneType.PRIORITY: (Field("factor", "priorityFactor", FACTOR, aliases=("priorityFactor ",)),),
    m.ZoneType.PENALTY: (Field("factor", "penaltyFactor", FACTOR, aliases=("penaltyFactor ",)),),
    m.ZoneType.DIRECTED: (
        Field("direction", "direction", ANGLE),
        Field("limitation", "directedLimitation", TEXT, aliases=("limitation",)),
    ),
    m.ZoneType.BIDIRECTED: (
        Field("direction", "direction", ANGLE),
        Field("limitation", "bidirectedLimitation", TEXT, aliases=("limitation",)),
    ),
}
ZONES: Mapping[m.ZoneType, Shape] = {kind: shape(m.Zone, *_COMMON, *_OWN.get(kind, ())) for kind in m.ZoneType}


def _read_zone(value: Any) -> m.Zone:
    if type(value) is not dict:
        raise Malformed(f"should be an object, is {name_of(value)}")
    try:
        kind = ZONE_TYPE.read(value.get("zoneType"))
    except Malformed as bad:
        raise bad.under("zoneType") from None
    zone: m.Zone = ZONES[kind].read(value)
    if len(zone.vertices) < 3:
        raise Malformed("should have at least three points", "vertices")
    return zone


def _write_zone(zone: m.Zone) -> dict[str, Any]:
    if len(zone.vertices) < 3:
        raise LocalProtocolError(f"zone {zone.zone_id} needs at least three vertices")
    return ZONES[zone.zone_type].write(zone)


ZONE_SET_BODY = shape(
    m.ZoneSet,
    Field("zone_set_id", "zoneSetId", TEXT),
    Field("map_id", "mapId", TEXT),
    Field("zones", "zones", list_of(Kind(_read_zone, _write_zone))),
    optional("descriptor", "zoneSetDescriptor", TEXT),
)


def _read(value: Any) -> m.ZoneSet:
    if type(value) is not dict or value.get("zoneSet") is None:
        raise Malformed("is missing", "zoneSet")
    try:
        zone_set: m.ZoneSet = ZONE_SET_BODY.read(value["zoneSet"])
    except Malformed as bad:
        raise bad.under("zoneSet") from None
    return zone_set


ZONE_SET = Kind(_read, lambda zone_set: {"zoneSet": ZONE_SET_BODY.write(zone_set)})
