"""The version table: a further protocol version is a set of tables and one entry here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from . import internal, v2, v2_0, v2_factsheet, v2_reports, v3, v3_factsheet, v3_reports
from .topics import Topic
from .values import Kind

INTERNAL = "internal"
"""The form in which messages are stored: see `internal`."""


@dataclass(frozen=True, slots=True)
class Version:
    """One protocol version: what it writes in the header, the topic level, and a table per topic."""

    number: str
    major_level: str
    tables: Mapping[Topic, Kind]


V2_0 = Version(
    number=v2_0.VERSION,
    major_level="v2",
    tables={
        Topic.ORDER: v2_0.ORDER.kind,
        Topic.INSTANT_ACTIONS: v2_0.INSTANT_ACTIONS.kind,
        Topic.STATE: v2_0.STATE.kind,
        Topic.VISUALIZATION: v2_reports.VISUALIZATION.kind,
        Topic.CONNECTION: v2_reports.CONNECTION.kind,
        Topic.FACTSHEET: v2_factsheet.FACTSHEET_2_0,
    },
)
V2_1 = Version(
    number=v2.VERSION,
    major_level="v2",
    tables={
        Topic.ORDER: v2.ORDER.kind,
        Topic.INSTANT_ACTIONS: v2.INSTANT_ACTIONS.kind,
        Topic.STATE: v2_reports.STATE.kind,
        Topic.VISUALIZATION: v2_reports.VISUALIZATION.kind,
        Topic.CONNECTION: v2_reports.CONNECTION.kind,
        Topic.FACTSHEET: v2_factsheet.FACTSHEET,
    },
)
V3_0 = Version(
    number=v3.VERSION,
    major_level="v3",
    tables={
        Topic.ORDER: v3.ORDER_KIND,
        Topic.INSTANT_ACTIONS: v3.INSTANT_ACTIONS.kind,
        Topic.ZONE_SET: v3.ZONE_SET,
        Topic.RESPONSES: v3.RESPONSES.kind,
        Topic.STATE: v3_reports.STATE.kind,
        Topic.VISUALIZATION: v3_reports.VISUALIZATION.kind,
        Topic.CONNECTION: v3_reports.CONNECTION.kind,
        Topic.FACTSHEET: v3_factsheet.FACTSHEET,
    },
)
VERSIONS: Mapping[str, Version] = {"2.0": V2_0, "2.1": V2_1, "3.0": V3_0}
_NEWEST: Mapping[str, Version] = {"2": V2_1, "3": V3_0}
STORED = Version(
    number=INTERNAL,
    major_level="",
    tables={
        Topic.ORDER: internal.ORDER_KIND,
        Topic.INSTANT_ACTIONS: internal.INSTANT_ACTIONS.kind,
        Topic.ZONE_SET: internal.ZONE_SET,
        Topic.RESPONSES: internal.RESPONSES.kind,
        Topic.STATE: internal.STATE.kind,
        Topic.VISUALIZATION: internal.VISUALIZATION.kind,
        Topic.CONNECTION: internal.CONNECTION.kind,
        Topic.FACTSHEET: internal.FACTSHEET,
    },
)


def version_of(number: str) -> Version | None:
    """The tables for a version such as "2.1.0", or None when we do not speak it."""
    return VERSIONS.get(".".join(number.split(".")[:2]))


def reader_of(number: str) -> Version | None:
    """The tables that read what a robot of version `number` sends, or None when we cannot.

    A minor version yet unknown is read by the newest one of its major: minor versions only add (3.1 to 3.0). Whether a
    robot of that type may speak it is for its type to say.
    """
    plain = number.strip().lstrip("vV")
    return version_of(plain) or _NEWEST.get(plain.split(".")[0])
