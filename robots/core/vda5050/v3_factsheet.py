"""The factsheet of VDA 5050 3.0 (7.10)."""

from __future__ import annotations

from typing import Any

from . import messages as m
from . import reports as r
from .common import words
from .factsheets import NUMERIC_ONLY, OPTIONAL_PARAMETER, VERSION_ITEM, SheetTable, lengths
from .shapes import Field, optional, shape
from .v2_factsheet import KINEMATICS, NAVIGATION, VALUE_TYPE
from .values import FLAG, NUMBER, TEXT, Kind, known_of, list_of


def _in_3_0(kind: Kind) -> Kind:
    """A 2.x word is read for its 3.0 word and never written."""
    return Kind(kind.read, lambda value: TEXT.write(kind.read(value)))


def _read_promise(value: Any) -> bool:
    """The schema file of tag 3.0.0 typed these two as strings."""
    if value in ("true", "false"):
        return bool(value == "true")
    read: bool = FLAG.read(value)
    return read


PROMISE = Kind(_read_promise, FLAG.write)
SCOPES = known_of(words(m.ActionScope, underscore=True))
BLOCKING_TYPES = known_of(words(m.BlockingType, underscore=True))
ZONE_TYPES = known_of(words(m.ZoneType, underscore=True))

PARAMETER = shape(
    r.ParameterDeclaration,
    Field("key", "key", TEXT),
    Field("value_type", "valueDataType", _in_3_0(VALUE_TYPE)),
    optional("optional", "isOptional", FLAG),
    optional("descriptor", "description", TEXT),
)
ACTION = shape(
    r.ActionDeclaration,
    Field("action_type", "actionType", TEXT),
    Field("scopes", "actionScopes", SCOPES),
    # Not knowing is told as no: nobody shall count on a pause or a cancel that was not promised.
    Field("pause_allowed", "pauseAllowed", PROMISE, forgiven=True, otherwise=False),
    Field("cancel_allowed", "cancelAllowed", PROMISE, forgiven=True, otherwise=False),
    optional("parameters", "actionParameters", PARAMETER.many),
    optional("blocking_types", "blockingTypes", BLOCKING_TYPES),
    optional("descriptor", "actionDescription", TEXT),
    optional("result_descriptor", "actionResult", TEXT),
)
LOAD_SET = shape(
    r.LoadSet,
    Field("name", "setName", TEXT),
    Field("load_type", "loadType", TEXT),
    optional("positions", "loadPositions", list_of(TEXT)),
    optional("maximum_weight", "maximumWeight", NUMBER),
)
CHARGING = shape(
    r.BatteryCharging,
    optional("critical_low", "criticalLowChargingLevel", NUMBER),
    optional("minimum_desired", "minimumDesiredChargingLevel", NUMBER),
    optional("maximum_desired", "maximumDesiredChargingLevel", NUMBER),
    optional("minimum_time", "minimumChargingTime", NUMBER),
)
TABLE = SheetTable(
    {
        "typeSpecification": (
            Field("series_name", "seriesName", TEXT),
            Field("kinematic", "mobileRobotKinematics", _in_3_0(KINEMATICS)),
            Field("robot_class", "mobileRobotClass", TEXT),
            Field("maximum_load_mass", "maximumLoadMass", NUMBER),
            Field("localization_types", "localizationTypes", list_of(TEXT), forgiven=True),
            Field("navigation_types", "navigationTypes", list_of(_in_3_0(NAVIGATION)), forgiven=True),
            optional("supported_zones", "supportedZones", ZONE_TYPES),
        ),
        "physicalParameters": (
            Field("minimum_speed", "minimumSpeed", NUMBER, forgiven=True),
            Field("maximum_speed", "maximumSpeed", NUMBER),
            optional("maximum_angular_speed", "maximumAngularSpeed", NUMBER),
            Field("maximum_acceleration", "maximumAcceleration", NUMBER),
            Field("maximum_deceleration", "maximumDeceleration", NUMBER),
            Field("minimum_height", "minimumHeight", NUMBER, forgiven=True, otherwise=0.0),
            Field("maximum_height", "maximumHeight", NUMBER),
            Field("width", "width", NUMBER),
            Field("length", "length", NUMBER),
        ),
        "protocolLimits": (
            Field("maximum_array_lengths", "maximumArrayLengths", lengths(), forgiven=True),
            Field("maximum_string_lengths", "maximumStringLengths", lengths(), forgiven=True),
        ),
        "protocolLimits.maximumStringLengths": (NUMERIC_ONLY,),
        "protocolLimits.timing": (
            Field("minimum_order_interval", "minimumOrderInterval", NUMBER, forgiven=True),
            Field("minimum_state_interval", "minimumStateInterval", NUMBER, forgiven=True),
            optional("default_state_interval", "defaultStateInterval", NUMBER),
            optional("visualization_interval", "visualizationInterval", NUMBER),
        ),
        "protocolFeatures": (
            Field("actions", "mobileRobotActions", ACTION.many, forgiven=True),
            Field("optional_parameters", "optionalParameters", OPTIONAL_PARAMETER.many, forgiven=True),
        ),
        "loadSpecification": (
            optional("load_positions", "loadPositions", list_of(TEXT)),
            optional("load_sets", "loadSets", LOAD_SET.many),
        ),
        "mobileRobotConfiguration": (
            optional("versions", "versions", VERSION_ITEM.many),
            # The schema file of tag 3.0.0 has a blank at the end of the name.
            optional("battery_charging", "batteryCharging", CHARGING.kind, aliases=("batteryCharging ",)),
        ),
    },
    bare=("mobileRobotGeometry", "loadSpecification"),
)
FACTSHEET = TABLE.kind
