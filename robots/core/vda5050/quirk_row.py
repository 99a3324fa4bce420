"""Quirks as plain columns (a robot type's row, the stop path's card) and back to the checked value. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol

from .errors import LocalProtocolError
from .quirks import Completion, Quirks, short
from .topics import TopicScheme, valid_level

COLUMNS = (
    "protocol", "interface", "major", "accepts", "qos", "completion", "ignored_rejections", "numeric_ids",
    "deviation_padding", "omit", "trust_factsheet",
)  # fmt: skip
EDITABLE = (*COLUMNS, "words")
"""What a person may change of a type: the quirks, and what dispatch calls loads and stations (see `words`)."""
INTERFACES = {"2": "uagv", "3": "vda5050"}
"""The first topic level that each major version's own examples use (2.1 section 6.3, 3.0 section 4.2)."""


class HasQuirks(Protocol):
    """Whatever has the columns of `RobotType` that say how its VDA 5050 differs."""

    @property
    def protocol(self) -> str: ...
    @property
    def interface(self) -> str: ...
    @property
    def major(self) -> str: ...
    @property
    def accepts(self) -> Sequence[str]: ...
    @property
    def qos(self) -> Mapping[str, int]: ...
    @property
    def completion(self) -> str: ...
    @property
    def ignored_rejections(self) -> Sequence[str]: ...
    @property
    def numeric_ids(self) -> bool: ...
    @property
    def deviation_padding(self) -> float: ...
    @property
    def omit(self) -> Sequence[str]: ...
    @property
    def trust_factsheet(self) -> bool: ...


class HasWords(HasQuirks, Protocol):
    """A row of `RobotType`."""

    @property
    def words(self) -> Any: ...


def quirks_from(row: HasQuirks) -> Quirks:
    """The checked value, made once for equal columns. Raises LocalProtocolError, in words for who edits the type."""
    return _made(
        row.protocol,
        row.interface,
        row.major,
        tuple(row.accepts),
        tuple(sorted(row.qos.items())),
        row.completion,
        tuple(row.ignored_rejections),
        row.numeric_ids,
        row.deviation_padding,
        tuple(row.omit),
        row.trust_factsheet,
    )


def standard_quirks(row: HasQuirks) -> Quirks:
    """What is left of a row that does not hold together: its version and topics where they can be used, no quirk.

    A row that somebody spoilt by hand must not take the stop away from the others.
    """
    version = row.protocol if short(row.protocol) in ("2.0", "2.1", "3.0") else "2.1.0"
    levels = [row.interface or INTERFACES[version[0]], row.major or level_of(version)]
    fits = all(valid_level(level) for text in levels for level in text.split("/"))
    return Quirks(version, TopicScheme(*levels) if fits else TopicScheme(INTERFACES[version[0]], level_of(version)))


def columns_of(row: HasWords) -> dict[str, Any]:
    """The columns of EDITABLE by name, as JSON takes them."""
    plain = {name: getattr(row, name) for name in EDITABLE}
    return plain | {
        "accepts": list(row.accepts), "qos": dict(row.qos), "ignored_rejections": list(row.ignored_rejections),
        "omit": list(row.omit),
    }  # fmt: skip


def level_of(version: str) -> str:
    """The topic level of a version: "2.1.0" -> "v2"."""
    return f"v{version.split('.')[0]}"


@lru_cache(maxsize=256)
def _made(
    protocol: str, interface: str, major: str, accepts: tuple[str, ...], qos: tuple[tuple[str, int], ...],
    completion: str, ignored: tuple[str, ...], numeric_ids: bool, padding: float, omit: tuple[str, ...], trust: bool,
) -> Quirks:  # fmt: skip
    if completion not in Completion._value2member_map_:
        known = ", ".join(Completion)
        raise LocalProtocolError(f"{completion!r} does not say when an order is done; known are {known}")
    return Quirks(
        version=protocol,
        topics=TopicScheme(interface, major or level_of(protocol)),
        accepts=accepts,
        qos=dict(qos),
        completion=Completion(completion),
        ignored_rejections=frozenset(ignored),
        numeric_ids=numeric_ids,
        deviation_padding=padding,
        omit=frozenset(omit),
        trust_factsheet=trust,
    )
