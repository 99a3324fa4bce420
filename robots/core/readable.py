"""What a machine sent, as a person can read it: bytes that were no message, and what changed in a factsheet. Pure."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

CHANGES_SHOWN = 60
VALUE_SHOWN = 120
ABSENT = object()


@dataclass(frozen=True, slots=True)
class Change:
    """One value of a document: `path` as "physicalParameters.speedMax"; `before` or `after` "" = it was not there."""

    path: str
    before: str
    after: str


def readable(payload: bytes) -> str:
    """JSON as it came, anything else as text in which every byte or character that cannot be seen is escaped."""
    text = payload.decode("utf-8", "backslashreplace")
    return "".join(letter if letter in "\n\t" or _visible(letter) else _escaped(letter) for letter in text)


def changes(before: Any, after: Any) -> list[Change]:
    """What differs between two JSON documents, in the order of their paths; at most CHANGES_SHOWN of them."""
    return list(islice(_changes("", before, after), CHANGES_SHOWN))


def _changes(path: str, before: Any, after: Any) -> Iterator[Change]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            inner = f"{path}.{name}" if path else str(name)
            yield from _changes(inner, before.get(name, ABSENT), after.get(name, ABSENT))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_list(path, before, after)
    elif _text(before) != _text(after):
        yield Change(path, _text(before)[:VALUE_SHOWN], _text(after)[:VALUE_SHOWN])


def _in_list(path: str, before: list[Any], after: list[Any]) -> Iterator[Change]:
    """Entries with a name of their own (an action's type, a version's key) are compared by it, others by place."""
    old, new = _named(before), _named(after)
    for name in dict.fromkeys([*old, *new]):
        yield from _changes(f"{path}[{name}]", old.get(name, ABSENT), new.get(name, ABSENT))


def _named(rows: list[Any]) -> dict[str, Any]:
    for key in ("actionType", "key", "setName", "parameter", "id"):
        names = [row.get(key) if isinstance(row, dict) else None for row in rows]
        if rows and all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return dict(zip(map(str, names), rows, strict=True))
    return {str(number): row for number, row in enumerate(rows)}


def _text(value: Any) -> str:
    return "" if value is ABSENT else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _visible(letter: str) -> bool:
    return unicodedata.category(letter)[0] not in "CZ" or letter == " "


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii") if letter != "\\" else letter
