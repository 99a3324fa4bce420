"""The error types that VDA 5050 names, across versions: one word of ours for each, whatever a robot calls it.

2.x names a handful in its text (6.6.3.2, 6.6.4) and leaves the rest to the manufacturer; 3.0 has a table (6.6.5.4).
Reading is tolerant of case and underscores; writing uses the words of the version asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .reports import Error, ErrorLevel


class RejectReason(StrEnum):
    """Why an order was not taken. ORDER_ERROR is 2.x's general word; OTHER an error type of the manufacturer's own."""

    MALFORMED = "malformed"
    UNSUPPORTED_PARAMETER = "unsupported parameter"
    INVALID_ACTION = "invalid action"
    OUTDATED_UPDATE = "outdated update"
    SAME_UPDATE_ID = "same update id"
    OTHER_ORDER_ACTIVE = "other order active"
    START_NODE_OUT_OF_RANGE = "start node out of range"
    NO_ROUTE = "no route"
    NOT_AVAILABLE = "not available"
    UNKNOWN_MAP = "unknown map"
    NO_MEMORY = "no memory"
    UPDATE_AFTER_CANCEL = "update after cancel"
    ORDER_ERROR = "order error"
    OTHER = "other"


class Fault(StrEnum):
    """What else 3.0 names (6.6.5.4, 7.8): the values are its words."""

    NO_ORDER_TO_CANCEL = "NO_ORDER_TO_CANCEL"
    INVALID_INSTANT_ACTION = "INVALID_INSTANT_ACTION"
    OUTSIDE_OF_CORRIDOR = "OUTSIDE_OF_CORRIDOR"
    DUPLICATE_MAP = "DUPLICATE_MAP"
    DUPLICATE_ZONE_SET = "DUPLICATE_ZONE_SET"
    BLOCKED_ZONE_VIOLATION = "BLOCKED_ZONE_VIOLATION"
    RELEASE_LOST = "RELEASE_LOST"
    ZONE_ACTION_CONFLICT = "ZONE_ACTION_CONFLICT"
    NODE_UNREACHABLE = "NODE_UNREACHABLE"
    LOCALIZATION_ERROR = "LOCALIZATION_ERROR"
    INSTANT_ACTION_STATES_FULL = "INSTANT_ACTION_STATES_FULL"
    ZONE_ACTION_STATES_FULL = "ZONE_ACTION_STATES_FULL"


_R = RejectReason
# reason -> (2.x, 3.0)
_WORDS: Mapping[RejectReason, tuple[str, str]] = {
    _R.MALFORMED: ("validationError", "VALIDATION_FAILURE"),
    _R.UNSUPPORTED_PARAMETER: ("orderError", "UNSUPPORTED_PARAMETER"),
    _R.INVALID_ACTION: ("orderError", "INVALID_ORDER_ACTION"),
    _R.OUTDATED_UPDATE: ("orderUpdateError", "OUTDATED_ORDER_UPDATE"),
    _R.SAME_UPDATE_ID: ("orderUpdateError", "SAME_ORDER_UPDATE_ID"),
    _R.OTHER_ORDER_ACTIVE: ("orderError", "OTHER_ORDER_ACTIVE"),
    _R.START_NODE_OUT_OF_RANGE: ("noRouteError", "START_NODE_OUT_OF_RANGE"),
    _R.NO_ROUTE: ("noRouteError", "NO_ROUTE_TO_TARGET"),
    _R.NOT_AVAILABLE: ("orderError", "MOBILE_ROBOT_NOT_AVAILABLE"),
    _R.UNKNOWN_MAP: ("orderError", "UNKNOWN_MAP_ID"),
    _R.NO_MEMORY: ("orderError", "INSUFFICIENT_MEMORY"),
    _R.UPDATE_AFTER_CANCEL: ("orderUpdateError", "ORDER_UPDATE_FOLLOWING_CANCEL"),
    _R.ORDER_ERROR: ("orderError", "VALIDATION_FAILURE"),
    _R.OTHER: ("orderError", "VALIDATION_FAILURE"),
}
_FAULT_2X: Mapping[Fault, str] = {Fault.INVALID_INSTANT_ACTION: "instantActionError"}
# A word that several reasons share means the general one.
_GENERAL = {
    "validationerror": _R.MALFORMED,
    "validationfailure": _R.MALFORMED,
    "ordererror": _R.ORDER_ERROR,
    "invalidorder": _R.ORDER_ERROR,
    "orderupdateerror": _R.OUTDATED_UPDATE,
    "norouteerror": _R.NO_ROUTE,
    "orderactionerror": _R.INVALID_ACTION,
}
_LEVELS = {_R.UNSUPPORTED_PARAMETER: ErrorLevel.CRITICAL, _R.NO_MEMORY: ErrorLevel.URGENT}


def plain(error_type: str) -> str:
    """Without case, underscores, dashes and blanks: how error types are compared."""
    return error_type.translate(_DROPPED).lower()


_DROPPED = str.maketrans("", "", "_- ")
_REASONS: Mapping[str, RejectReason] = {
    **{plain(words[1]): reason for reason, words in _WORDS.items()},
    **_GENERAL,
}
_FAULTS: Mapping[str, Fault] = {
    **{plain(fault): fault for fault in Fault},
    **{plain(word): fault for fault, word in _FAULT_2X.items()},
}


def reason_of(error_type: str) -> RejectReason | None:
    """Why an order was refused, or None when this type of error does not refuse orders."""
    return _REASONS.get(plain(error_type))


def fault_of(error_type: str) -> Fault | None:
    """Which of the other named faults this is, or None."""
    return _FAULTS.get(plain(error_type))


def error_type(reason: RejectReason, version: str) -> str:
    """The word of `version` ("2.1.0", "3.0") for a rejection."""
    return _WORDS[reason][0 if version.startswith("2") else 1]


def fault_type(fault: Fault, version: str) -> str:
    """The word of `version` for a fault; 2.x has no words for most, they are written in its style."""
    if not version.startswith("2"):
        return str(fault)
    first, *others = fault.split("_")
    return _FAULT_2X.get(fault) or first.lower() + "".join(word.title() for word in others)


def level_of(reason: RejectReason) -> ErrorLevel:
    """The level 3.0 gives a rejection (6.6.5.4); the codec of 2.x writes WARNING for all of them."""
    return _LEVELS.get(reason, ErrorLevel.WARNING)


def text_of(error: Error) -> str:
    """The robot's own words: its description, else its error type; its hint behind."""
    said = error.description or error.error_type
    return f"{said} ({error.hint})" if error.hint else said
