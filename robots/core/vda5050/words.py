"""The words that a type of robot has for values of action parameters, as a person enters them. Pure.

VDA 5050 names the parameters of pick and drop, not what is in them: `loadType`, `stationType` and the others are
agreed with each manufacturer (2.1 section 6.8.1, 3.0 section 6.8.1).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .errors import LocalProtocolError

Words = Mapping[str, Mapping[str, str]]
"""Parameter -> {our value, or "*" for every other: the robot's value}."""
MAX_ENTRIES = 40
MAX_TEXT = 100
MAX_JSON = 20_000
EXAMPLE = '{"loadType": {"totes": "EPAL", "*": "BOX"}, "stationType": {"rack": "floor_2"}}'


def check_words(words: Any) -> None:
    """Raises LocalProtocolError, in words for the person who edits the type."""
    if not isinstance(words, Mapping):
        raise LocalProtocolError("This must name each parameter with its values, such as loadType with totes as EPAL.")
    if len(words) > MAX_ENTRIES or any(isinstance(t, Mapping) and len(t) > MAX_ENTRIES for t in words.values()):
        raise LocalProtocolError(f"Name at most {MAX_ENTRIES} parameters with at most {MAX_ENTRIES} values each.")
    for parameter, table in words.items():
        _check_text(parameter)
        if not isinstance(table, Mapping) or not all(isinstance(text, str) for pair in table.items() for text in pair):
            raise LocalProtocolError(
                f"{parameter}: give its values as texts, ours with the robot's; * stands for every other."
            )
        for pair in table.items():
            for text in pair:
                _check_text(text)


def usable(words: Any) -> Words:
    """The words, or none where the row was spoilt by hand: an order in our own words is better than none."""
    try:
        check_words(words)
    except LocalProtocolError:
        return {}
    return words  # type: ignore[no-any-return]


def read_words(typed: str) -> Any:
    """What was typed as JSON, not checked; nothing typed: no words. Raises LocalProtocolError for what is no JSON."""
    if not typed.strip():
        return {}
    if len(typed) > MAX_JSON:
        raise LocalProtocolError(f"This must be JSON of at most {MAX_JSON} characters.")
    try:
        return json.loads(typed, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise LocalProtocolError(
            f"This must be JSON; it cannot be read at line {error.lineno}, column {error.colno}."
        ) from error
    except RecursionError as error:
        raise LocalProtocolError("This must be JSON of two levels: parameters, and the values of each.") from error


def _check_text(text: Any) -> None:
    """Control characters and half surrogates are kept by no database and shown by no page."""
    if not isinstance(text, str) or not text.strip() or len(text) > MAX_TEXT or not text.isprintable():
        raise LocalProtocolError(
            f"Each parameter and each value must be a text of 1 to {MAX_TEXT} characters without control characters."
        )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise LocalProtocolError(f"{key} is named twice.")
        found[key] = value
    return found


def _no_number(text: str) -> Any:
    raise LocalProtocolError(f"This must be JSON: {text} is no number.")
