"""Single values on the wire: what is accepted when read, and what may be written. `shapes` builds objects of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from .depth import MAX_DEPTH
from .errors import LocalProtocolError

if TYPE_CHECKING:
    from .memo import Memo

UINT32 = 2**32
_FINITE = math.inf


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
    """`reuse` (objects): reads a whole message, taking what it repeats from a `Memo`. `keys`: the members it knows."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    reuse: Callable[[dict[str, Any], dict[str, Any], Memo], Any] | None = None
    keys: frozenset[str] = frozenset()


def _read_text(value: Any) -> str:
    if type(value) is not str and not isinstance(value, str):
        raise Malformed(f"should be a string, is {name_of(value)}")
    if "\x00" in value:
        # PostgreSQL text and jsonb refuse NUL: one such character would make every later save of this robot fail.
        raise Malformed("contains a NUL character")
    return value


def _read_number(value: Any) -> float:
    if type(value) is float:
        if -_FINITE < value < _FINITE:
            return value
        raise Malformed("should be a finite number")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Malformed(f"should be a number, is {name_of(value)}")
    try:
        number = float(value)
    except OverflowError:
        raise Malformed("should be a number below 1.8e308") from None
    if not math.isfinite(number):
        raise Malformed("should be a finite number")
    return number


def _read_uint(value: Any) -> int:
    if type(value) is int and 0 <= value < UINT32:
        return value
    number = _read_number(value)
    if not number.is_integer() or not 0 <= number < UINT32:
        raise Malformed(f"should be a whole number from 0 to {UINT32 - 1}, is {str(value)[:40]}")
    return int(number)


def _read_flag(value: Any) -> bool:
    if value is True or value is False:
        return value
    raise Malformed(f"should be true or false, is {name_of(value)}")


def _read_any(value: Any, levels: int = MAX_DEPTH) -> Any:
    """Any JSON value that PostgreSQL and every JSON library can keep: finite, within 64 bits, no NUL, not too deep."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _read_text(value)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            raise Malformed("should be a whole number of at most 64 bits")
        return value
    if isinstance(value, float):
        return _read_number(value)
    if levels == 0:
        raise Malformed(f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, list | tuple):
        return [_read_any(item, levels - 1) for item in value]
    if isinstance(value, dict):
        return {_read_text(key): _read_any(item, levels - 1) for key, item in value.items()}
    raise Malformed(f"should be a JSON value, is {name_of(value)}")


def ours(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What is checked when read is checked when written, too; only then the fault is ours."""

    def write(value: Any) -> Any:
        try:
            return read(value)
        except Malformed as bad:
            raise LocalProtocolError(str(bad)) from bad

    return write


def _write_angle(value: Any) -> float:
    """-pi..pi, as every version asks for; the angle itself is the same."""
    number: float = NUMBER.write(value)
    return number if -math.pi <= number <= math.pi else math.remainder(number, math.tau)


def _write_whole(value: Any) -> int:
    number: float = NUMBER.write(value)
    return max(0, round(number))


TEXT = Kind(_read_text, ours(_read_text))
NUMBER = Kind(_read_number, ours(_read_number))
UINT = Kind(_read_uint, ours(_read_uint))
FLAG = Kind(_read_flag, ours(_read_flag))
ANY = Kind(_read_any, ours(_read_any))
ANGLE = Kind(_read_number, _write_angle)
WHOLE = Kind(_read_number, _write_whole)
"""A number that the standard's text wants whole (uint32, int8): read as it comes, written without a fraction."""


def mapped(kind: Kind, from_wire: Callable[[Any], Any], to_wire: Callable[[Any], Any]) -> Kind:
    """`kind` on the wire, another meaning inside: a conversion between versions that is more than a rename."""
    read, write = kind.read, kind.write
    return Kind(lambda value: from_wire(read(value)), lambda value: write(to_wire(value)))


def unsaid(kind: Kind) -> Kind:
    """Read when it comes, never written: what this version does not have yet."""
    return Kind(kind.read, lambda value: None)


def renamed(kind: Kind, words: Mapping[str, str]) -> Kind:
    """A text of which some `words` (wire -> ours) differ between versions; any other is kept."""
    back = {mine: theirs for theirs, mine in words.items()}
    return mapped(kind, lambda text: words.get(text, text), lambda text: back.get(text, text))


def enum(members: Mapping[str, Enum], spelling: Mapping[Enum, str]) -> Kind:
    """`members`: every accepted spelling; `spelling`: the one we write. A member without one cannot be said."""
    accepted = dict(members)

    def read(value: Any) -> Enum:
        found = accepted.get(value) if isinstance(value, str) else None
        if found is None:
            known = ", ".join(sorted(set(spelling.values())))
            raise Malformed(f"should be one of {known}, is {str(value)[:60]!r}")
        return found

    def write(value: Enum) -> str:
        if value not in spelling:
            raise LocalProtocolError(f"{value} cannot be said in this protocol version")
        return spelling[value]

    return Kind(read, write)


def list_of(kind: Kind) -> Kind:
    read_item, write_item = kind.read, kind.write

    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Malformed(f"should be an array, is {name_of(value)}")
        items: list[Any] = []
        try:
            for item in value:
                items.append(read_item(item))
        except Malformed as bad:
            raise bad.under(f"[{len(items)}]") from None
        return tuple(items)

    return Kind(read, lambda values: [write_item(value) for value in values])


def known_of(kind: Kind) -> Kind:
    """A list of which words we do not know are left out: makers extend these, and the rest is still worth reading."""
    read_item = kind.read

    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise Malformed(f"should be an array, is {name_of(value)}")
        items: list[Any] = []
        for item in value:
            try:
                items.append(read_item(item))
            except Malformed:
                if not isinstance(item, str):
                    raise
        return tuple(items)

    return Kind(read, list_of(kind).write)


def name_of(value: Any) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "an array"}
    names[dict] = "an object"
    return names.get(type(value), type(value).__name__)
