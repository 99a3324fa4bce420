"""The factsheet of VDA 5050 2.0 and 2.1 (6.15). 2.0 has no `vehicleConfig`; otherwise they are the same."""

from __future__ import annotations

from collections.abc import Mapping

from . import messages as m
from . import reports as r
from .common import without, words
from .factsheets import NUMERIC_ONLY, OPTIONAL_PARAMETER, VERSION_ITEM, SheetTable, lengths
from .shapes import Field, optional, shape
from .values import FLAG, NUMBER, TEXT, Kind, known_of, list_of, mapped, renamed, unsaid

KINEMATICS = renamed(TEXT, {"DIFF": "DIFFERENTIAL", "OMNI": "OMNIDIRECTIONAL", "THREEWHEEL": "THREE_WHEEL"})
NAVIGATION = renamed(TEXT, {"AUTONOMOUS": "FREELY_NAVIGATING"})
VALUE_TYPE = mapped(TEXT, lambda word: "NUMBER" if word == "FLOAT" else word, lambda word: word)
"""3.0 has no FLOAT; 2.1 has NUMBER, too."""

LENGTH_NAMES: Mapping[str, str] = {
    "msgLen": "maximumMessageLength",
    "topicSerialLen": "maximumTopicSerialLength",
    "topicElemLen": "maximumTopicElementLength",
    "idLen": "maximumIdLength",
    "loadIdLen": "maximumLoadIdLength",
}
# 2.0 names two array limits in the plural.
ARRAY_NAMES: Mapping[str, str] = {
    "state.informations": "state.information",
    "informations.infoReferences": "information.infoReferences",
}


ARRAYS_2_0 = lengths(ARRAY_NAMES)
ARRAYS = Kind(ARRAYS_2_0.read, lengths().write)
SCOPES = known_of(words(without(m.ActionScope, m.ActionScope.ZONE), underscore=False, also_read=m.ActionScope))
BLOCKING_TYPES = unsaid(known_of(words(m.BlockingType, underscore=False)))
"""2.1's schema puts the enumeration on the array itself, which no array fits; being optional, it is left out.

2.0 does not have it.
"""
PARAMETER = shape(
    r.ParameterDeclaration,
    Field("key", "key", TEXT),
    Field("value_type", "valueDataType", VALUE_TYPE),
    optional("optional", "isOptional", FLAG),
    optional("descriptor", "description", TEXT),
)


def _write_scopes(scopes: tuple[m.ActionScope, ...]) -> list[str]:
    """Without what 2.x does not have: a robot of ours declares more under 3.0 than under 2.1."""
    said: list[str] = SCOPES.write([scope for scope in scopes if scope is not m.ActionScope.ZONE])
    return said


ACTION = shape(
    r.ActionDeclaration,
    Field("action_type", "actionType", TEXT),
    Field("scopes", "actionScopes", Kind(SCOPES.read, _write_scopes)),
    optional("parameters", "actionParameters", PARAMETER.many),
    optional("blocking_types", "blockingTypes", BLOCKING_TYPES),
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
VERSIONS = VERSION_ITEM.many


def _table(*, versions: Kind, arrays: Kind) -> SheetTable:
    return SheetTable(
        {
            "typeSpecification": (
                Field("series_name", "seriesName", TEXT),
                Field("kinematic", "agvKinematic", KINEMATICS),
                Field("robot_class", "agvClass", TEXT),
                Field("maximum_load_mass", "maxLoadMass", NUMBER),
                Field("localization_types", "localizationTypes", list_of(TEXT), forgiven=True),
                Field("navigation_types", "navigationTypes", list_of(NAVIGATION), forgiven=True),
            ),
            "physicalParameters": (
                Field("minimum_speed", "speedMin", NUMBER, forgiven=True),
                Field("maximum_speed", "speedMax", NUMBER),
                Field("maximum_acceleration", "accelerationMax", NUMBER),
                Field("maximum_deceleration", "decelerationMax", NUMBER),
                optional("maximum_angular_speed", "angularSpeedMax", NUMBER),
                optional("minimum_height", "heightMin", NUMBER),
                Field("maximum_height", "heightMax", NUMBER),
                Field("width", "width", NUMBER),
                Field("length", "length", NUMBER),
            ),
            "protocolLimits": (
                Field("maximum_array_lengths", "maxArrayLens", arrays, forgiven=True),
                Field("maximum_string_lengths", "maxStringLens", lengths(LENGTH_NAMES), forgiven=True),
            ),
            "protocolLimits.maxStringLens": (NUMERIC_ONLY,),
            "protocolLimits.timing": (
                Field("minimum_order_interval", "minOrderInterval", NUMBER, forgiven=True),
                Field("minimum_state_interval", "minStateInterval", NUMBER, forgiven=True),
                optional("default_state_interval", "defaultStateInterval", NUMBER),
                optional("visualization_interval", "visualizationInterval", NUMBER),
            ),
            "protocolFeatures": (
                Field("actions", "agvActions", ACTION.many, forgiven=True),
                Field("optional_parameters", "optionalParameters", OPTIONAL_PARAMETER.many, forgiven=True),
            ),
            "loadSpecification": (
                optional("load_positions", "loadPositions", list_of(TEXT)),
                optional("load_sets", "loadSets", LOAD_SET.many),
            ),
            "vehicleConfig": (optional("versions", "versions", versions),),
        },
        bare=("agvGeometry", "loadSpecification"),
    )


FACTSHEET = _table(versions=VERSIONS, arrays=ARRAYS).kind
FACTSHEET_2_0 = _table(versions=unsaid(VERSIONS), arrays=ARRAYS_2_0).kind
