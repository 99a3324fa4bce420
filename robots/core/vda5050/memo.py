"""What one robot said last on one topic, so that what it only repeats is not read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from .depth import MAX_DEPTH, deeper_than

if TYPE_CHECKING:
    from .values import Kind


class Memo:
    """The sections (top-level arrays and objects) of the last message: their JSON and what was read from it.

    A robot at work repeats most of its state every second. Sections are compared as JSON text, not as Python values:
    for Python, true equals 1. The text is written anew from the parsed value, so white space makes no difference.
    One memo per robot and topic; it keeps the last of each section. Bad messages leave it usable.
    """

    __slots__ = ("_sections", "_table", "_texts")

    def __init__(self) -> None:
        self._table: object = None
        self._sections: dict[str, tuple[bytes, Any]] = {}
        self._texts: dict[str, bytes] = {}

    def compare(self, table: Kind, body: dict[str, Any]) -> dict[str, Any] | None:
        """What was read last time from the sections that `body` repeats, by key. None: `body` is nested too deep.

        `table` is what reads the body; another one (a robot that changed its protocol version) starts afresh.
        """
        if table is not self._table:
            self._table = table
            self._sections = {}
        known = self._sections
        texts: dict[str, bytes] = {}
        same: dict[str, Any] = {}
        fresh: list[Any] = []
        for key, value in body.items():
            if type(value) is not dict and type(value) is not list:
                continue
            if key not in table.keys:
                fresh.append(value)
                continue
            try:
                text = orjson.dumps(value)
            except TypeError:  # orjson writes 254 levels, and reads 1024
                return None
            before = known.get(key)
            if before is not None and before[0] == text:
                same[key] = before[1]
            else:
                texts[key] = text
                fresh.append(value)
        if deeper_than(fresh, MAX_DEPTH):  # in a list they lie as deep as in the body
            return None
        self._texts = texts
        return same

    def keep(self, key: str, value: Any) -> None:
        """Remember what was read from the section `key` of the body last compared."""
        text = self._texts.get(key)
        if text is not None:
            self._sections[key] = (text, value)
