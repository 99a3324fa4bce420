"""What our own code says to people, as patterns: the table that `said` matches against.

A {field} stands for any text; a field whose name begins with `why` holds a sentence or word of this table again. The
German is in `fleet/locale`; `manage.py messages` tells what is missing there.
"""

from __future__ import annotations

from collections.abc import Mapping

from .allocation import ALLOCATION
from .checks import CHECKS
from .floor import FLOOR
from .joining import JOINING
from .layouts import LAYOUTS
from .maps import MAPS
from .missions import MISSIONS
from .pages import PAGES
from .readers import READERS
from .robots import ROBOTS
from .traffic import TRAFFIC
from .words import WORDS

SENTENCES: tuple[str, ...] = (
    *CHECKS, *ALLOCATION, *MISSIONS, *FLOOR, *TRAFFIC, *LAYOUTS, *MAPS, *JOINING, *ROBOTS, *WORDS, *PAGES, *READERS,
)  # fmt: skip

# What a reader asks about or refuses, by its reason code: shown when its own sentence is not in the table above.
QUESTIONS: Mapping[str, str] = {
    "ambiguous": "That fits more than one record here.",
    "ambiguous_place": "More than one place fits.",
    "ambiguous_item": "More than one item fits.",
    "ambiguous_robot": "More than one robot fits.",
    "unknown_place": "No such place.",
    "unknown_item": "No such item.",
    "unknown_robot": "No such robot.",
    "missing_place": "The place is missing.",
    "missing_item": "The item is missing.",
    "missing_item_and_place": "Item and place are missing.",
    "missing_robot": "The robot is missing.",
    "two_robots": "More than one robot.",
    "unclear_number": "The number is unclear.",
    "unclear_time": "The time is unclear.",
    "unsupported": "Not a mission's business.",
    "unsupported_condition": "The condition cannot be expressed.",
    "unsupported_order": "The order is unclear.",
    "negation": "Something is excluded.",
    "conflict": "Two parts contradict.",
    "contradiction": "Two parts contradict each other.",
    "same_place": "The same place twice.",
    "out_of_bounds": "Beyond what can be planned.",
    "question": "A question.",
    "not_understood": "Not understood.",
    "unknown_language": "Unknown language.",
    "too_long": "Too long.",
    "unsure": "Unsure.",
    "safety_doubt": "It may be unsafe.",
    "ungrammatical": "No plan came of it.",
    "unsafe": "Unsafe.",
    "protection": "It lowers a protection.",
    "injection": "It gives the planner orders.",
    "out_of_scope": "Not work for a robot here.",
    "stop_words": "Words that mean stop.",
}
