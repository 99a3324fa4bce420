"""Whether a robot that wants to join fits the type it is to be admitted as, and whether its place is free. Pure.

A robot that appears is not trusted: what it says of itself is compared with what the fleet will plan with. Metres,
seconds, kilograms.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .geometry import Point, distance, point_to_segment
from .vda5050.quirks import Quirks
from .vda5050.reports import Factsheet

TOLERANCE_M = 0.01
STANDING_ERROR_M = 0.1
"""Added around every robot: what its own position may be wrong by."""
SKILL_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "pick": ("pick",), "drop": ("drop",), "scan": ("scan",), "inspect": ("inspect",),
    "charge": ("startCharging", "stopCharging"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What a person should know before consent; a blocking one stands against admission."""

    code: str
    text: str
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """What the fleet plans with for every robot of the type."""

    name: str
    quirks: Quirks
    length: float
    width: float
    max_speed: float
    max_payload: float
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a robot nobody has admitted said: its topics, its protocol version ("" unknown), its factsheet if read."""

    interface: str
    major: str
    version: str = ""
    factsheet: Factsheet | None = None
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it says that it stands. `localized` False: the rest must not be believed."""

    x: float
    y: float
    localized: bool
    map_id: str = ""
    last_node: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """The floor of a robot that is here already: where it stands, what it holds, the way that is released to it."""

    name: str
    radius: float
    points: tuple[Point, ...] = ()
    ways: tuple[tuple[Point, Point], ...] = ()
    nodes: frozenset[str] = frozenset()


def findings(heard: Heard, kind: TypeFacts) -> list[Finding]:
    """Everything about the robot that does not fit the type, what stands against admission first."""
    found = [*_speech(heard, kind.quirks)]
    if heard.unreadable:
        found.append(Finding("factsheet_unreadable", f"Its factsheet cannot be read: {heard.unreadable}"))
    elif heard.factsheet is None:
        found.append(Finding("no_factsheet", "It has sent no factsheet: its size, speed and actions are not known."))
    else:
        found += [*_body(heard.factsheet, kind), *_abilities(heard.factsheet, kind)]
    return sorted(found, key=lambda finding: not finding.blocking)


def _speech(heard: Heard, quirks: Quirks) -> Iterable[Finding]:
    topics = quirks.topics
    if (heard.interface, heard.major) != (topics.interface, topics.major):
        text = (
            f"It speaks under {heard.interface}/{heard.major}, robots of this type under "
            f"{topics.interface}/{topics.major}: they would not hear each other."
        )
        yield Finding("topics", text, blocking=True)
    if heard.version and not quirks.reads(heard.version):
        text = f"It speaks VDA 5050 {heard.version}, this type {quirks.version}."
        yield Finding("version", text, blocking=True)


def _body(sheet: Factsheet, kind: TypeFacts) -> Iterable[Finding]:
    for what, its, ours in (("long", sheet.length, kind.length), ("wide", sheet.width, kind.width)):
        if its > ours + TOLERANCE_M:
            text = f"It is {its:g} m {what}, the type {ours:g} m: it would touch what the fleet keeps free for others."
            yield Finding("size", text, blocking=True)
    if 0 < sheet.maximum_speed < kind.max_speed - 0.01:
        text = f"It drives {sheet.maximum_speed:g} m/s at most, the type {kind.max_speed:g} m/s: it will be late."
        yield Finding("speed", text)
    if sheet.minimum_speed > kind.max_speed:
        text = f"It drives no slower than {sheet.minimum_speed:g} m/s, and the type allows {kind.max_speed:g} m/s."
        yield Finding("speed", text, blocking=True)
    if {"pick", "drop"} & set(kind.skills) and 0 < sheet.maximum_load_mass < kind.max_payload - 0.01:
        text = f"It carries {sheet.maximum_load_mass:g} kg at most, the type {kind.max_payload:g} kg."
        yield Finding("load", text, blocking=True)


def _abilities(sheet: Factsheet, kind: TypeFacts) -> Iterable[Finding]:
    if not sheet.actions:
        yield Finding("actions", "Its factsheet declares no action.")
        return
    for skill in kind.skills:
        missing = [action for action in SKILL_ACTIONS.get(skill, ()) if sheet.action(action) is None]
        if missing:
            text = f"It does not declare {' or '.join(missing)}: it can be given no work that needs {skill}."
            yield Finding("actions", text)
    if kind.quirks.version.startswith("2") and sheet.action("startPause") is None:
        yield Finding("startPause", "It does not declare startPause: a stop from here may not reach it.")
    if sheet.ids_numeric_only and not kind.quirks.numeric_ids:
        yield Finding("numeric_ids", "It takes only digits as ids; the type sends names.", blocking=True)


def radius_of(length: float, width: float) -> float:
    """m around its middle that a robot may cover, in whichever direction it looks."""
    return math.hypot(length, width) / 2 + STANDING_ERROR_M


def conflict(place: Place, radius: float, claims: Sequence[Claim]) -> tuple[str, str] | None:
    """(name of the robot, what is in the way) when the place is another's; None when it is free."""
    at = (place.x, place.y)
    for claim in claims:
        reach = radius + claim.radius
        if place.last_node and place.last_node in claim.nodes:
            return claim.name, f"node {place.last_node}"
        if any(distance(at, point) < reach for point in claim.points):
            return claim.name, "the floor it stands on or holds"
        if any(point_to_segment(at, *way) < reach for way in claim.ways):
            return claim.name, "the way released to it"
    return None
