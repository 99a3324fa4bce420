"""The factsheet of VDA 5050 2.1 (6.15): nested sections on the wire, one flat record inside."""

from __future__ import annotations

from typing import Any

from . import reports as r
from .shapes import (
    ANY,
    FLAG,
    NUMBER,
    TEXT,
    UINT,
    Field,
    Kind,
    Malformed,
    Shape,
    list_of,
    optional,
    shape,
)
from .v2 import BLOCKING, SCOPE


def _lengths(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise Malformed("should be an object")
    return {TEXT.read(key): UINT.read(count) for key, count in value.items() if count is not None}


PARAMETER = shape(
    r.ParameterDeclaration,
    Field("key", "key", TEXT),
    Field("value_type", "valueDataType", TEXT),
    optional("optional", "isOptional", FLAG),
    optional("descriptor", "description", TEXT),
)
ACTION = shape(
    r.ActionDeclaration,
    Field("action_type", "actionType", TEXT),
    Field("scopes", "actionScopes", list_of(SCOPE)),
    optional("parameters", "actionParameters", PARAMETER.many),
    optional("blocking_types", "blockingTypes", list_of(BLOCKING)),
    optional("descriptor", "actionDescription", TEXT),
    optional("result_descriptor", "resultDescription", TEXT),
)
LOAD_SET = shape(
    r.LoadSet,
    Field("name", "setName", TEXT),
    Field("load_type", "loadType", TEXT),
    optional("positions", "loadPositions", list_of(TEXT)),
    optional("maximum_weight", "maxWeight", NUMBER),
)
VERSION_ITEM = shape(r.SoftwareVersion, Field("key", "key", TEXT), Field("value", "value", TEXT))

# section on the wire -> its fields; sections and fields are read into one Factsheet
SECTIONS: dict[str, tuple[Field, ...]] = {
    "typeSpecification": (
        Field("series_name", "seriesName", TEXT),
        Field("kinematic", "agvKinematic", TEXT),
        Field("robot_class", "agvClass", TEXT),
        Field("maximum_load_mass", "maxLoadMass", NUMBER),
        Field("localization_types", "localizationTypes", list_of(TEXT)),
        Field("navigation_types", "navigationTypes", list_of(TEXT)),
    ),
    "physicalParameters": (
        Field("minimum_speed", "speedMin", NUMBER),
        Field("maximum_speed", "speedMax", NUMBER),
        Field("maximum_acceleration", "accelerationMax", NUMBER),
        Field("maximum_deceleration", "decelerationMax", NUMBER),
        optional("minimum_height", "heightMin", NUMBER),
        Field("maximum_height", "heightMax", NUMBER),
        Field("width", "width", NUMBER),
        Field("length", "length", NUMBER),
    ),
    "protocolLimits": (Field("maximum_array_lengths", "maxArrayLens", Kind(_lengths, _lengths)),),
    "protocolLimits.timing": (
        Field("minimum_order_interval", "minOrderInterval", NUMBER),
        Field("minimum_state_interval", "minStateInterval", NUMBER),
        optional("default_state_interval", "defaultStateInterval", NUMBER),
        optional("visualization_interval", "visualizationInterval", NUMBER),
    ),
    "protocolFeatures": (Field("actions", "agvActions", ACTION.many),),
    "loadSpecification": (
        optional("load_positions", "loadPositions", list_of(TEXT)),
        optional("load_sets", "loadSets", LOAD_SET.many),
    ),
    "vehicleConfig": (optional("versions", "versions", VERSION_ITEM.many),),
}

OPTIONAL_SECTIONS = {"vehicleConfig"}


def _section(body: dict[str, Any], name: str) -> dict[str, Any]:
    section: dict[str, Any] = body
    for part in name.split("."):
        value = section.get(part)
        if value is None:
            if name in OPTIONAL_SECTIONS:
                return {}
            raise Malformed("is missing", name)
        if not isinstance(value, dict):
            raise Malformed("should be an object", name)
        section = value
    return section


def read(body: Any) -> r.Factsheet:
    """Parse the basics and keep the whole body as `raw`."""
    if not isinstance(body, dict):
        raise Malformed("should be an object")
    found: dict[str, Any] = {"raw": ANY.read(body)}
    for name, fields in SECTIONS.items():
        try:
            part = Shape(dict, fields).read(_section(body, name))
        except Malformed as bad:
            raise (bad if bad.path.startswith(name) else bad.under(name)) from None
        found.update(part)
    return r.Factsheet(**found)


def write(sheet: r.Factsheet) -> dict[str, Any]:
    """A factsheet of ours from its parsed fields, with the sections 2.1 requires even when they are empty."""
    body: dict[str, Any] = {"agvGeometry": {}, "loadSpecification": {}}
    for name, fields in SECTIONS.items():
        target = body
        for part in name.split("."):
            target = target.setdefault(part, {})
        target.update(Shape(r.Factsheet, fields).write(sheet))
    body["protocolLimits"].setdefault("maxStringLens", {})
    body["protocolFeatures"]["optionalParameters"] = []
    return {key: value for key, value in body.items() if value or key not in OPTIONAL_SECTIONS}


FACTSHEET = Kind(read, write)
