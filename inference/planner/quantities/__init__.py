"""Numbers, clock times, durations and percentages in a token list, in seven languages.

Every reader takes the tokens and a position and returns what it read with the position after it, or None. A bare number
is only a clock time where the caller says so (after "before", "at", ...): `read_clock(..., bare=True)`.
"""

from __future__ import annotations

from inference.planner.quantities.clocks import WHOLE_TIMES, Clock, read_clock
from inference.planner.quantities.durations import (
    EVERY,
    HALF,
    JOINED,
    QUARTERS,
    REPEATED,
    UNITS,
    read_bare_unit,
    read_duration,
    read_every,
)
from inference.planner.quantities.numbers import PERCENT_WORDS, merged, number_words, read_number, read_percent
from inference.planner.quantities.words import ORDINALS_PL

# Words of times and amounts: never typing errors of a name.
VALUE_WORDS = (
    frozenset(UNITS)
    | PERCENT_WORDS
    | HALF
    | frozenset(WHOLE_TIMES)
    | frozenset(JOINED)
    | frozenset(REPEATED)
    | frozenset(ORDINALS_PL)
    | QUARTERS
    | {"viertel", "halb", "dreiviertel", "wpol", "polnocy", "poludniu", "anderthalb"}
)

__all__ = [
    "EVERY",
    "ORDINALS_PL",
    "REPEATED",
    "VALUE_WORDS",
    "Clock",
    "merged",
    "number_words",
    "read_bare_unit",
    "read_clock",
    "read_duration",
    "read_every",
    "read_number",
    "read_percent",
]
