"""Whom the stop path can reach: every robot with its topics, where it stands and what way it may still drive.

Configuration comes from the database every two seconds and is kept in a file, so that a web process that starts while
the database is away can stop the robots it knew. Everything that moves comes from the robots' own messages.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any

from .core.geometry import Point, inside, segment_distance
from .core.status import COMMANDABLE_MODES
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.numbering import digits_of
from .core.vda5050.quirk_row import COLUMNS, quirks_from, standard_quirks
from .core.vda5050.quirks import Quirks
from .core.vda5050.reports import Connection, ConnectionState, EmergencyStop, State
from .core.vda5050.topics import Topic, TopicScheme

log = logging.getLogger(__name__)

ZONE_MARGIN_M = 0.3


@dataclass(frozen=True, slots=True)
class Card:
    """A robot as configured. `reach` (m): from its centre to its farthest corner, load included.

    The columns from `major` to `trust_factsheet` are those of its type, see `quirks`; `login`: its user at the broker.
    """

    pk: int
    public_id: str
    name: str
    serial: str
    manufacturer: str
    site: str
    interface: str
    protocol: str
    reach: float
    in_service: bool = True
    x: float | None = None
    y: float | None = None
    base: tuple[str, ...] = ()
    major: str = ""
    accepts: tuple[str, ...] = ()
    qos: dict[str, int] = field(default_factory=dict)
    completion: str = "standard"
    ignored_rejections: tuple[str, ...] = ()
    numeric_ids: bool = False
    deviation_padding: float = 0.0
    omit: tuple[str, ...] = ()
    trust_factsheet: bool = True
    login: str = ""

    @property
    def quirks(self) -> Quirks:
        """Its type's quirks, made once for equal columns; the standard where they do not fit together."""
        try:
            return quirks_from(self)
        except (LocalProtocolError, TypeError) as error:
            _complain(self.serial, str(error))
            return standard_quirks(self)

    @property
    def scheme(self) -> TopicScheme:
        return self.quirks.topics

    @property
    def configuration(self) -> tuple[object, ...]:
        """Without what moves: equal until somebody changes the robot or its type."""
        return _CONFIGURATION(self)

    def topic(self, topic: Topic) -> str:
        return self.scheme.build(self.manufacturer, self.serial, topic)

    def qos_of(self, topic: Topic) -> int:
        return self.quirks.qos.get(str(topic), topic.qos)

    def action_id(self, name: str) -> str:
        """An id of the stop path's own as this robot takes it: some refuse a message whose ids are not digits."""
        return digits_of(name) if self.quirks.numeric_ids else name


_CONFIGURATION = attrgetter(*(part.name for part in fields(Card) if part.name not in ("x", "y", "base")))


@dataclass(slots=True)
class Live:
    """What the robot last said, as far as a stop needs it. `at`: s since 1970, None = nothing heard."""

    at: float | None = None
    connection: ConnectionState | None = None
    mode: str = ""
    paused: bool = False
    driving: bool = False
    physical_stop: str = "NONE"
    field_violation: bool = False
    x: float | None = None
    y: float | None = None
    base: tuple[str, ...] | None = None

    def take(self, message: State | Connection, now: float) -> None:
        if isinstance(message, Connection):
            self.connection = message.state
            return
        self.at = now
        self.mode = str(message.operating_mode)
        self.paused = bool(message.paused)
        self.driving = message.driving
        stop = message.safety_state.active_emergency_stop
        self.physical_stop = "NONE" if stop is EmergencyStop.NONE else str(stop)
        self.field_violation = message.safety_state.field_violation
        self.base = tuple(node.node_id for node in message.node_states if node.released)
        if message.position is not None:
            self.x, self.y = message.position.x, message.position.y

    def again(self, place: Point | None, now: float) -> Live:
        """It said the same as before, at another place."""
        self.at = now
        if place is not None:
            self.x, self.y = place
        return self

    @property
    def unreachable(self) -> str:
        """Why it cannot be commanded, or ""."""
        if self.connection in (ConnectionState.OFFLINE, ConnectionState.CONNECTION_BROKEN, ConnectionState.HIBERNATING):
            return str(self.connection).lower().replace("_", " ")
        if self.mode and self.mode not in COMMANDABLE_MODES:
            return self.mode.lower()
        return ""


@dataclass(slots=True)
class SiteMap:
    """What a zone stop needs of a site: its zones and where its nodes are."""

    pk: int = 0
    zones: dict[str, tuple[Point, ...]] = field(default_factory=dict)
    nodes: dict[str, Point] = field(default_factory=dict)


@dataclass(slots=True)
class Roster:
    cards: dict[str, Card] = field(default_factory=dict)
    maps: dict[str, SiteMap] = field(default_factory=dict)
    live: dict[str, Live] = field(default_factory=dict)

    def of(self, serial: str) -> Live:
        return self.live.setdefault(serial, Live())

    def at_site(self, site: str) -> list[Card]:
        return [card for card in self.cards.values() if card.site == site]

    def place(self, card: Card) -> Point | None:
        live = self.of(card.serial)
        x, y = (live.x, live.y) if live.x is not None else (card.x, card.y)
        return None if x is None or y is None else (x, y)

    def released(self, card: Card) -> tuple[str, ...]:
        """The nodes it may still drive to without asking: what it reported, else what was granted."""
        live = self.of(card.serial)
        return card.base if live.base is None else live.base

    def in_zone(self, site: str, zone: str) -> list[Card]:
        """Robots inside the zone, or whose way or load touches it; one whose place is unknown counts as inside.

        Raises KeyError when the site has no such zone.
        """
        plan = self.maps[site]
        polygon = plan.zones[zone]
        return [card for card in self.at_site(site) if self._touches(card, polygon, plan)]

    def _touches(self, card: Card, polygon: tuple[Point, ...], plan: SiteMap) -> bool:
        place = self.place(card)
        if place is None:
            return True
        way = [place, *(plan.nodes[node] for node in self.released(card) if node in plan.nodes)]
        legs = list(pairwise(way)) or [(place, place)]
        sides = list(zip(polygon, (*polygon[1:], polygon[0]), strict=True))
        reach = card.reach + ZONE_MARGIN_M
        return any(inside(point, polygon) for point in way) or any(
            segment_distance(a, b, c, d) <= reach for a, b in legs for c, d in sides
        )

    def save(self, path: Path) -> None:
        document = {
            "cards": [asdict(card) for card in self.cards.values()],
            "maps": {site: asdict(plan) for site, plan in self.maps.items()},
        }
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(document))
        draft.chmod(0o600)
        draft.replace(path)

    def load(self, path: Path) -> None:
        """Take what an earlier process saved; a file that is missing or broken is left out."""
        try:
            document: dict[str, Any] = json.loads(path.read_text())
            cards = [_card_from_json(row) for row in document["cards"]]
            maps = {site: _map_from_json(plan) for site, plan in document["maps"].items()}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s cannot be read: %s", path, error)
            return
        self.cards, self.maps = {card.serial: card for card in cards}, maps


_READ = (
    "pk", "public_id", "name", "serial", "manufacturer", "site__slug", "in_service", "type_id", "login", "state__x",
    "state__y", "traffic__base",
)  # fmt: skip
"""Every two seconds, and for a thousand robots: plain rows, and nothing of what their states say besides."""


def _card_of_row(row: tuple[Any, ...], kind: dict[str, Any]) -> Card:
    pk, public_id, name, serial, manufacturer, site, in_service, _, login, x, y, base = row
    nodes = tuple(str(visit["node"]) for visit in base or ())
    return Card(
        pk=pk, public_id=public_id, name=name, serial=serial, manufacturer=manufacturer, site=site,
        in_service=in_service, login=login or serial, x=x, y=y, base=nodes, **kind,
    )  # fmt: skip


def _type_columns(kind: Any) -> dict[str, Any]:
    """What a card has of its robot's type."""
    quirks = _quirk_columns({name: getattr(kind, name) for name in COLUMNS})
    return {"reach": math.hypot(kind.length, kind.width) / 2, **quirks}


def read_database() -> tuple[list[Card], dict[str, SiteMap]]:
    """Three queries, plus one for each layout that was not seen before. Raises django.db.Error."""
    from .models import Robot, RobotType
    from .snapshots import layouts_in_force

    types = {kind.pk: _type_columns(kind) for kind in RobotType.objects.all()}
    cards = [_card_of_row(row, types[row[7]]) for row in Robot.objects.values_list(*_READ)]
    maps = {
        site.slug: SiteMap(
            site.pk,
            {zone.id: zone.polygon for zone in layout.zones} if layout else {},
            {node.id: (node.x, node.y) for node in layout.nodes} if layout else {},
        )
        for site, layout in layouts_in_force()
    }
    return cards, maps


def card_of(robot: Any, *, live: bool = True) -> Card:
    """`live` False leaves out where it stands, for callers that did not fetch its state and traffic."""
    kind = robot.type
    state, traffic = (getattr(robot, "state", None), getattr(robot, "traffic", None)) if live else (None, None)
    base: Iterable[dict[str, Any]] = traffic.base if traffic else ()
    return Card(
        pk=robot.pk,
        public_id=robot.public_id,
        name=robot.name,
        serial=robot.serial,
        manufacturer=robot.manufacturer,
        site=robot.site.slug,
        in_service=robot.in_service,
        x=state.x if state else None,
        y=state.y if state else None,
        base=tuple(str(visit["node"]) for visit in base),
        login=robot.login or robot.serial,
        **_type_columns(kind),
    )


def _card_from_json(row: dict[str, Any]) -> Card:
    return Card(**(row | _quirk_columns(row) | {"base": tuple(row["base"])}))


def _quirk_columns(row: dict[str, Any]) -> dict[str, Any]:
    """Lists as tuples: cards are compared, and their quirks are made once for equal columns."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items() if name in COLUMNS}


@lru_cache(maxsize=64)
def _complain(serial: str, text: str) -> None:
    """Once for each fault, not with every message."""
    log.error("the quirks of %s do not fit together and are left out: %s", serial, text)


def _map_from_json(plan: dict[str, Any]) -> SiteMap:
    return SiteMap(
        int(plan["pk"]),
        {zone: tuple((float(x), float(y)) for x, y in polygon) for zone, polygon in plan["zones"].items()},
        {node: (float(at[0]), float(at[1])) for node, at in plan["nodes"].items()},
    )
