"""The one engine for factsheets (2.1 6.15, 3.0 7.10): nested sections on the wire, one flat record inside.

What a robot must have said is its kind and its body's measures; everything else that is missing counts as not
declared, since a factsheet that is thrown away would hide what the robot did declare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import reports as r
from .shapes import Field, Shape, shape
from .values import ANY, FLAG, TEXT, UINT, Kind, Malformed, name_of, ours

REQUIRED_SECTIONS = ("typeSpecification", "physicalParameters")
Sections = Mapping[str, tuple[Field, ...]]


@dataclass(frozen=True, slots=True)
class SheetTable:
    """`sections`: path on the wire -> fields. `bare`: sections that are written even when nothing is in them."""

    sections: Sections
    bare: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        shapes = {path: Shape(dict, fields) for path, fields in self.sections.items()}
        written = {path: Shape(r.Factsheet, fields) for path, fields in self.sections.items()}

        def read(body: Any) -> r.Factsheet:
            """Parse the basics and keep the whole body as `raw`."""
            if type(body) is not dict:
                raise Malformed(f"should be an object, is {name_of(body)}")
            found: dict[str, Any] = {"raw": ANY.read(body)}
            for path, table in shapes.items():
                section = _section(body, path)
                if section is None:
                    continue
                try:
                    found.update(table.read(section))
                except Malformed as bad:
                    raise bad.under(path) from None
            return r.Factsheet(**found)

        def write(sheet: r.Factsheet) -> dict[str, Any]:
            body: dict[str, Any] = {}
            for path, table in written.items():
                part = table.write(sheet)
                if part or path in self.bare:
                    _place(body, path).update(part)
            for path in self.bare:
                _place(body, path)
            return body

        return Kind(read, write)


def _section(body: dict[str, Any], path: str) -> dict[str, Any] | None:
    section: Any = body
    for part in path.split("."):
        section = section.get(part)
        if section is None:
            if path in REQUIRED_SECTIONS:
                raise Malformed("is missing", path)
            return None
        if type(section) is not dict:
            raise Malformed(f"should be an object, is {name_of(section)}", path)
    found: dict[str, Any] = section
    return found


def _place(body: dict[str, Any], path: str) -> dict[str, Any]:
    for part in path.split("."):
        body = body.setdefault(part, {})
    return body


def lengths(names: Mapping[str, str] | None = None) -> Kind:
    """Limits by name; `names`: the wire's names -> ours. Zero means no limit, as an absent one does: it is left out."""
    ours_of = dict(names or {})
    wire_of = {mine: theirs for theirs, mine in ours_of.items()}

    def read(value: Any) -> dict[str, int]:
        if type(value) is not dict:
            raise Malformed(f"should be an object, is {name_of(value)}")
        found: dict[str, int] = {}
        for key, count in value.items():
            if count is None or isinstance(count, bool):
                continue  # idNumericalOnly stands among the string lengths
            try:
                name: str = TEXT.read(key)
                if limit := UINT.read(count):
                    found[ours_of.get(name, name)] = limit
            except Malformed as bad:
                raise bad.under(key) from None
        return found

    def write(limits: Mapping[str, int]) -> dict[str, int]:
        return {wire_of.get(key, key): ours(UINT.read)(count) for key, count in limits.items()}

    return Kind(read, write)


OPTIONAL_PARAMETER = shape(
    r.OptionalParameter, Field("parameter", "parameter", TEXT), Field("support", "support", TEXT, forgiven=True),
    fill={"support": "SUPPORTED"},
)  # fmt: skip
VERSION_ITEM = shape(r.SoftwareVersion, Field("key", "key", TEXT), Field("value", "value", TEXT))
NUMERIC_ONLY = Field("ids_numeric_only", "idNumericalOnly", FLAG, required=False)
