"""Tables that say how a message looks on the wire, and the one engine that reads and writes by them.

A codec for a protocol version is a file of `Shape` tables. Reading raises `Malformed` with the path of what is wrong
(the caller turns it into a recorded problem); writing raises `LocalProtocolError`, since then the fault is ours.
Each table is compiled once into one reading and one writing function: a link reads thousands of messages a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import LocalProtocolError
from .memo import Memo
from .values import UINT32, Kind, Malformed, list_of, name_of

__all__ = ["UINT32", "Field", "Kind", "Malformed", "Shape", "optional", "shape"]

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Field:
    """Attribute `attr` of ours is `key` on the wire.

    `aliases` are read where `key` is absent, `also` is written besides it (one version, two spellings). `source` is
    written instead of `attr`; `otherwise` is written where the value is None.
    Not `required`: absent or null leaves our default; None or (unless `keep_empty`) an empty list is not written.
    `forgiven`: required, yet a message without it is read: the standard's own schema forgot it, or nothing hangs on it.
    """

    attr: str
    key: str
    kind: Kind
    required: bool = True
    aliases: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    source: str = ""
    otherwise: Any = None
    keep_empty: bool = False
    forgiven: bool = False


def optional(attr: str, key: str, kind: Kind, *, aliases: tuple[str, ...] = (), keep_empty: bool = False) -> Field:
    return Field(attr, key, kind, required=False, aliases=aliases, keep_empty=keep_empty)


class Shape:
    """How one dataclass looks as a JSON object. `fill`: what attributes are read as that are not on the wire."""

    __slots__ = ("cls", "fields", "fill", "kind", "read", "write")

    def __init__(self, cls: type[Any], fields: tuple[Field, ...], fill: Mapping[str, Any] = NOTHING) -> None:
        self.cls = cls
        self.fields = fields
        self.fill = dict(fill)
        self.read = _reader(cls, fields, self.fill)
        self.write = _writer(cls, fields)
        self.kind = Kind(
            self.read, self.write, _reuser(cls, fields, self.fill), frozenset(field.key for field in fields)
        )

    @property
    def many(self) -> Kind:
        return list_of(self.kind)

    def but(self, *fields: Field, without: tuple[str, ...] = (), fill: Mapping[str, Any] | None = None) -> Shape:
        """The same with `fields` in place of those of the same attribute (or added), and `without` some attributes."""
        other = {field.attr: field for field in fields}
        kept = [other.pop(field.attr, field) for field in self.fields if field.attr not in without]
        return Shape(self.cls, (*kept, *other.values()), self.fill if fill is None else fill)


def shape(cls: type[Any], *fields: Field, fill: Mapping[str, Any] = NOTHING) -> Shape:
    return Shape(cls, fields, fill)


def _elsewhere(value: dict[str, Any], field: Field) -> Any:
    """What stands under an alias, or None where the field may be absent."""
    for alias in field.aliases:
        raw = value.get(alias)
        if raw is not None:
            return raw
    if field.required and not field.forgiven:
        raise Malformed("is missing")
    return None


def _reader(cls: type[Any], fields: tuple[Field, ...], fill: dict[str, Any]) -> Callable[[Any], Any]:
    plan = [(field.key, field.attr, field.kind.read, _if_absent(field)) for field in fields]

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise Malformed(f"should be an object, is {name_of(value)}")
        found = fill.copy()
        key = ""
        try:
            for key, attr, read_value, absent in plan:
                raw = value.get(key)
                if raw is None:
                    raw = None if absent is None else _elsewhere(value, absent)
                    if raw is None:
                        continue
                found[attr] = read_value(raw)
        except Malformed as bad:
            raise bad.under(key) from None
        return cls(**found)

    return read


def _reuser(cls: type[Any], fields: tuple[Field, ...], fill: dict[str, Any]) -> Callable[[Any, Any, Memo], Any]:
    """As `_reader`, for a whole message: sections in `same` are taken as they were read last time."""
    plan = [(field.key, field.attr, field.kind.read, _if_absent(field)) for field in fields]

    def reuse(value: dict[str, Any], same: dict[str, Any], memo: Memo) -> Any:
        found = fill.copy()
        key = ""
        try:
            for key, attr, read_value, absent in plan:
                raw = value.get(key)
                if raw is None:
                    raw = None if absent is None else _elsewhere(value, absent)
                    if raw is None:
                        continue
                    found[attr] = read_value(raw)
                elif key in same:
                    found[attr] = same[key]
                else:
                    item = found[attr] = read_value(raw)
                    if type(raw) is list or type(raw) is dict:
                        memo.keep(key, item)
        except Malformed as bad:
            raise bad.under(key) from None
        return cls(**found)

    return reuse


def _if_absent(field: Field) -> Field | None:
    """The field when its absence needs a look: most may simply be absent."""
    return field if field.aliases or (field.required and not field.forgiven) else None


def _writer(cls: type[Any], fields: tuple[Field, ...]) -> Callable[[Any], dict[str, Any]]:
    plan = [(field, field.source or field.attr, field.kind.write) for field in fields]

    def write(message: Any) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for field, attr, write_value in plan:
            value = getattr(message, attr)
            if value is None:
                value = field.otherwise
                if value is None:
                    if field.required:
                        raise LocalProtocolError(f"{cls.__name__}.{attr} is required in this protocol version")
                    continue
            elif value == () and not field.required and not field.keep_empty:
                continue
            said = write_value(value)
            if said is None and not field.required:
                continue
            body[field.key] = said
            for key in field.also:
                body[key] = said
        return body

    return write
