"""Robots that speak on the broker and that nobody registered: what they say of themselves, for a person to decide.

Bounded in memory and in the database: a robot is anybody who can publish. Several links hear the same words; the one
that would serve the robot writes its row.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg

from .core.vda5050.actions import instant
from .core.vda5050.codec import Received, decode, encode, version_of
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.headers import timestamp
from .core.vda5050.messages import Header, InstantActions
from .core.vda5050.reports import Connection, Factsheet, State
from .core.vda5050.topics import Topic, TopicScheme
from .link_columns import storable
from .link_history import json_bytes
from .models.link import join_id

log = logging.getLogger(__name__)

KEPT = 200
GONE_S = 7 * 86400.0
"""Who was not heard for so long gives up its place first."""
TOLD_S = 10.0
"""How often "last heard" is written while nothing else changes."""
STATES_S = 5.0
"""How often the state of such a robot is looked at."""
DROPPED_S = 60.0
"""How often the log says how many were turned away."""
ASK_S = 30.0
ASKS = 3
"""Many robots tell their factsheet only when they are asked (2.1 6.15): so often, and so long apart."""
LONGEST = 128


@dataclass(slots=True)
class Stranger:
    """Times in s since 1970. `news`: something a person should see changed since it was written."""

    manufacturer: str
    serial: str
    interface: str
    major: str
    first_at: float
    last_at: float
    version: str = ""
    connection: str = "unknown"
    factsheet: dict[str, Any] | None = None
    position: dict[str, Any] | None = None
    problem: str = ""
    news: bool = True
    told_at: float = 0.0
    state_at: float = 0.0
    asked: int = 0
    asked_at: float = 0.0

    @property
    def told(self) -> bool:
        """Whether it said more of itself than that it is there."""
        return self.factsheet is not None or self.position is not None


@dataclass(slots=True)
class Strangers:
    """`known`: the one heard longest ago first. `dropped`: messages and rows of newcomers without a place, not in the
    log yet.

    Anybody who can publish can make up robots. So a newcomer takes no place of one that was there before it, unless
    that one is gone, or has told nothing where the newcomer does.
    """

    known: OrderedDict[tuple[str, str], Stranger] = field(default_factory=OrderedDict)
    dropped: int = 0
    logged_at: float = float("-inf")

    def hear(self, who: tuple[str, str], topic: str, payload: bytes, now: float) -> None:
        """One message of a robot that nobody registered. Never raises for what it contains."""
        levels = topic.split("/")
        if max(map(len, who)) > LONGEST or "\x00" in topic or len(levels) < 5:
            return
        one = self.known.get(who)
        if one is None:
            one = Stranger(*who, "/".join(levels[:-4])[:80], levels[-4][:20], now, now)
            if len(self.known) >= KEPT and not self._make_room(one, topic, payload):
                self.dropped += 1
                return
            self.known[who] = one
        self.known.move_to_end(who)
        one.last_at = now
        if levels[-1] == "state":
            if now - one.state_at < STATES_S:
                return
            one.state_at = now
        _take(one, decode(topic, payload))

    def _make_room(self, one: Stranger, topic: str, payload: bytes) -> bool:
        """Whether somebody gave up the place that the newcomer `one` needs."""
        longest = next(iter(self.known))
        if one.last_at - self.known[longest].last_at > GONE_S:
            del self.known[longest]
            return True
        if not topic.endswith((f"/{Topic.STATE}", f"/{Topic.FACTSHEET}")):
            return False
        _take(one, decode(topic, payload))
        silent = [who for who, each in self.known.items() if not each.told]
        if not one.told or not silent:
            return False
        del self.known[max(silent, key=lambda who: self.known[who].first_at)]
        return True

    def forget(self, names: frozenset[tuple[str, str]]) -> None:
        """These are registered now."""
        for who in names & self.known.keys():
            del self.known[who]

    def due(self, now: float, mine: Callable[[str], bool]) -> list[Stranger]:
        """Whose row is to be written now, by the link for which `mine(serial)` holds."""
        if self.dropped and now - self.logged_at >= DROPPED_S:
            text = "%d messages or rows of robots that nobody registered were dropped: %d such robots are kept"
            log.warning(text, self.dropped, KEPT)
            self.dropped, self.logged_at = 0, now
        return [
            one
            for one in self.known.values()
            if (one.news or (one.last_at > one.told_at and now - one.told_at >= TOLD_S)) and mine(one.serial)
        ]

    def asks(self, now: float, mine: Callable[[str], bool]) -> list[tuple[str, bytes]]:
        """(topic, payload) of requests for the factsheets nobody has seen, of robots that are there to hear them.

        It is all that is ever sent to a robot which nobody admitted.
        """
        found = []
        for one in self.known.values():
            silent = one.factsheet is not None or one.connection != "online" or one.asked >= ASKS
            if (
                silent
                or now - one.last_at > ASK_S
                or (one.asked and now - one.asked_at < ASK_S)
                or not mine(one.serial)
            ):
                continue
            one.asked, one.asked_at = one.asked + 1, now
            if (request := _request(one, now)) is not None:
                found.append(request)
        return found


def _request(one: Stranger, now: float) -> tuple[str, bytes] | None:
    """None: it has names or a version in which nothing can be said to it."""
    if version_of(one.version) is None:
        return None
    header = Header(one.asked, timestamp(now), one.version, one.manufacturer, one.serial)
    try:
        topic = TopicScheme(one.interface, one.major).build(one.manufacturer, one.serial, Topic.INSTANT_ACTIONS)
        actions = InstantActions((instant("factsheetRequest", f"factsheet-{int(now * 1000)}-{one.asked}"),))
        return topic, encode(actions, header)
    except LocalProtocolError:
        return None


def _take(one: Stranger, got: object) -> None:
    before = (one.version, one.connection, one.factsheet, one.problem, one.position is None)
    if not isinstance(got, Received):
        one.problem = storable(str(getattr(got, "text", "")), 300)
    else:
        one.problem, one.version = "", storable(got.header.version, 20)
        if (got.header.manufacturer, got.header.serial_number) != (one.manufacturer, one.serial):
            named = f"{got.header.manufacturer}/{got.header.serial_number}"
            one.problem = storable(f"It names itself {named} inside its messages.", 300)
        match got.message:
            case Connection(state):
                one.connection = str(state).lower()
            case Factsheet() as sheet:
                one.factsheet = {key: value for key, value in sheet.raw.items() if key not in ("headerId", "timestamp")}
            case State() as state:
                one.connection = "online" if one.connection == "unknown" else one.connection
                one.position = _position(state)
    if (one.version, one.connection, one.factsheet, one.problem, one.position is None) != before:
        one.news = True


def _position(state: State) -> dict[str, Any] | None:
    at = state.position
    if at is None:
        return None
    return {
        "x": at.x,
        "y": at.y,
        "theta": at.theta,
        "map_id": at.map_id[:60],
        "localized": at.localized,
        "last_node_id": state.last_node_id[:60],
    }


def write(connection: psycopg.Connection[Any], found: list[Stranger], now: float) -> int:
    """Keep what they say; what a person decided stays. How many waiting rows had no place. Raises psycopg.Error.

    First go those not heard for `GONE_S`, then those that told nothing, then those heard first the latest.
    """
    with connection.transaction(), connection.cursor() as cursor:
        for one in found:
            cursor.execute(_KEEP, _columns(one))
        cursor.execute(
            "delete from robots_joinrequest where state = 'waiting' and id in (select id from robots_joinrequest"
            " where state = 'waiting' order by last_at >= %s desc,"
            " (factsheet is not null or position is not null) desc, first_at, id offset %s)",
            [datetime.fromtimestamp(now - GONE_S, UTC), KEPT],
        )
        dropped = cursor.rowcount
    for one in found:
        one.news, one.told_at = False, now
    return dropped


def _columns(one: Stranger) -> dict[str, Any]:
    return {
        "public_id": join_id(),
        "manufacturer": one.manufacturer,
        "serial": one.serial,
        "interface": one.interface,
        "major": one.major,
        "version": one.version,
        "connection": one.connection,
        "first_at": datetime.fromtimestamp(one.first_at, UTC),
        "last_at": datetime.fromtimestamp(one.last_at, UTC),
        "factsheet": None if one.factsheet is None else json_bytes(one.factsheet).decode(),
        "position": None if one.position is None else json_bytes(one.position).decode(),
        "problem": one.problem,
    }


_KEEP = """
    insert into robots_joinrequest as j (public_id, manufacturer, serial, interface, major, version, connection,
        first_at, last_at, factsheet, position, problem, state, decided_by, reason)
    values (%(public_id)s, %(manufacturer)s, %(serial)s, %(interface)s, %(major)s, %(version)s, %(connection)s,
        %(first_at)s, %(last_at)s, %(factsheet)s::jsonb, %(position)s::jsonb, %(problem)s, 'waiting', '', '')
    on conflict (manufacturer, serial) do update set
        interface = excluded.interface, major = excluded.major, last_at = excluded.last_at,
        version = case when excluded.version = '' then j.version else excluded.version end,
        connection = case when excluded.connection = 'unknown' then j.connection else excluded.connection end,
        factsheet = coalesce(excluded.factsheet, j.factsheet), position = coalesce(excluded.position, j.position),
        problem = excluded.problem,
        -- a robot that was admitted and removed since asks again
        state = case when j.state = 'admitted' and j.robot_id is null then 'waiting' else j.state end
"""
