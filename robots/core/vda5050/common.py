"""What looks the same in every version from 2.0 to 3.0, and how enumerations are spelt."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from . import messages as m
from . import reports as r
from .shapes import Field, optional, shape
from .values import ANGLE, ANY, NUMBER, TEXT, Kind, enum


def words(members: Iterable[Enum], *, underscore: bool, also_read: Iterable[Enum] = ()) -> Kind:
    """2.x spells enumerations in upper case without underscore (6.1.3), 3.0 with (7.1.3); both are read (duty 14)."""
    written = {member: str(member.value) for member in members}
    accepted: dict[str, Enum] = {}
    for member in (*written, *also_read):
        accepted[str(member.value).replace("_", "")] = accepted[str(member.value)] = member
    if not underscore:
        written = {member: word.replace("_", "") for member, word in written.items()}
    return enum(accepted, dict(written))


def without(members: Iterable[Enum], *missing: Enum) -> list[Enum]:
    return [member for member in members if member not in missing]


PARAMETER = shape(m.ActionParameter, Field("key", "key", TEXT), Field("value", "value", ANY))
CONTROL_POINT = shape(
    m.ControlPoint, Field("x", "x", NUMBER), Field("y", "y", NUMBER), optional("weight", "weight", NUMBER)
)
VELOCITY = shape(
    r.Velocity, optional("vx", "vx", NUMBER), optional("vy", "vy", NUMBER), optional("omega", "omega", NUMBER)
)
BOUNDING_BOX = shape(
    r.BoundingBox,
    Field("x", "x", NUMBER),
    Field("y", "y", NUMBER),
    Field("z", "z", NUMBER),
    optional("theta", "theta", ANGLE),
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
REFERENCE = shape(r.Reference, Field("key", "referenceKey", TEXT), Field("value", "referenceValue", TEXT))
