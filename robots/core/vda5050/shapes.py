"""Tables that say how a message looks on the wire, and the one engine that reads and writes by them.

A codec for a protocol version is a file of `Shape` tables. Reading raises `Malformed` with the path of what is wrong
(the caller turns it into a recorded problem); writing raises `LocalProtocolError`, since then the fault is ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .errors import LocalProtocolError

UINT32 = 2**32


class Malformed(Exception):
    """A received value does not fit. `path` grows while the error climbs out of nested objects."""

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.path = path

    def under(self, key: str) -> Malformed:
        joined = key if not self.path else f"{key}{'' if self.path.startswith('[') else '.'}{self.path}"
        return Malformed(self.text, joined)

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


@dataclass(frozen=True, slots=True)
class Kind:
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed(f"should be a string, is {_name(value)}")
    if "\x00" in value:
        # PostgreSQL text and jsonb refuse NUL: one such character would make every later save of this robot fail.
        raise Malformed("contains a NUL character")
    return value


def _read_number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed(f"should be a number, is {_name(value)}")
    if not math.isfinite(value):
        raise Malformed("should be a finite number")
    return float(value)


def _read_uint(value: Any) -> int:
    number = _read_number(value)
    if not number.is_integer() or not 0 <= number < UINT32:
        raise Malformed(f"should be a whole number from 0 to {UINT32 - 1}, is {value!r}")
    return int(number)


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Malformed(f"should be true or false, is {_name(value)}")
    return value


def _read_any(value: Any) -> Any:
    """Any JSON value that PostgreSQL could store: finite numbers, no NUL. Depth is capped before this is called."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _read_number(value)
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, list):
        return [_read_any(item) for item in value]
    if isinstance(value, dict):
        return {_read_text(key): _read_any(item) for key, item in value.items()}
    return value


def _ours(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def write(value: Any) -> Any:
        try:
            return read(value)
        except Malformed as bad:
            raise LocalProtocolError(str(bad)) from bad

    return write


TEXT = Kind(_read_text, _ours(_read_text))
NUMBER = Kind(_read_number, _ours(_read_number))
UINT = Kind(_read_uint, _ours(_read_uint))
FLAG = Kind(_read_flag, _ours(_read_flag))
ANY = Kind(_read_any, _ours(_read_any))


def mapped(kind: Kind, from_wire: Callable[[Any], Any], to_wire: Callable[[Any], Any]) -> Kind:
    """`kind` on the wire, another meaning inside: a conversion between versions that is more than a rename."""
    return Kind(lambda value: from_wire(kind.read(value)), lambda value: kind.write(to_wire(value)))


def enum(members: Mapping[str, Enum], spelling: Mapping[Enum, str]) -> Kind:
    """`members`: every accepted spelling; `spelling`: the one we write. A member without one cannot be said."""

    def read(value: Any) -> Enum:
        found = members.get(value) if isinstance(value, str) else None
        if found is None:
            raise Malformed(f"should be one of {', '.join(sorted(spelling.values()))}, is {str(value)[:60]!r}")
        return found

    def write(value: Enum) -> str:
        if value not in spelling:
            raise LocalProtocolError(f"{value} cannot be said in this protocol version")
        return spelling[value]

    return Kind(read, write)


def list_of(kind: Kind) -> Kind:
    def read(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Malformed(f"should be an array, is {_name(value)}")
        items = []
        for index, item in enumerate(value):
            try:
                items.append(kind.read(item))
            except Malformed as bad:
                raise bad.under(f"[{index}]") from None
        return tuple(items)

    return Kind(read, lambda values: [kind.write(value) for value in values])


@dataclass(frozen=True, slots=True)
class Field:
    """Attribute `attr` of ours is `key` on the wire. `aliases` are read only; `source` is written instead of `attr`.

    Not required: absent or null leaves our default; None or (unless `keep_empty`) an empty list is not written.
    """

    attr: str
    key: str
    kind: Kind
    required: bool = True
    aliases: tuple[str, ...] = ()
    source: str = ""
    keep_empty: bool = False


def optional(attr: str, key: str, kind: Kind, *, aliases: tuple[str, ...] = (), keep_empty: bool = False) -> Field:
    return Field(attr, key, kind, required=False, aliases=aliases, keep_empty=keep_empty)


@dataclass(frozen=True, slots=True)
class Shape:
    """How one dataclass looks as a JSON object."""

    cls: type[Any]
    fields: tuple[Field, ...]

    def read(self, value: Any) -> Any:
        if not isinstance(value, dict):
            raise Malformed(f"should be an object, is {_name(value)}")
        found: dict[str, Any] = {}
        for item in self.fields:
            raw = value.get(item.key)
            if raw is None:
                raw = next((value[alias] for alias in item.aliases if value.get(alias) is not None), None)
            if raw is None:
                if item.required:
                    raise Malformed("is missing", item.key)
                continue
            try:
                found[item.attr] = item.kind.read(raw)
            except Malformed as bad:
                raise bad.under(item.key) from None
        return self.cls(**found)

    def write(self, message: Any) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for item in self.fields:
            value = getattr(message, item.source or item.attr)
            if value is None:
                if item.required:
                    raise LocalProtocolError(f"{self.cls.__name__}.{item.attr} is required in this protocol version")
                continue
            if not item.required and not item.keep_empty and isinstance(value, tuple) and not value:
                continue
            body[item.key] = item.kind.write(value)
        return body

    @property
    def kind(self) -> Kind:
        return Kind(self.read, self.write)

    @property
    def many(self) -> Kind:
        return list_of(self.kind)


def shape(cls: type[Any], *fields: Field) -> Shape:
    return Shape(cls, fields)


def _name(value: Any) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array"}
    names[dict] = "an object"
    return names.get(type(value), type(value).__name__)
