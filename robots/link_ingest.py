"""From the broker's messages to the robots they are of. Pure bookkeeping: no database, no connection, no clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.topics import FROM_ROBOT, Topic, TopicScheme
from .link_robot import LinkRobot
from .mqtt_inbox import Arrived
from .stop_roster import Card

CHUNK = 200
"""Messages handled before others get the lock: about 20 ms."""
BACKLOG = 400
"""From so many waiting messages on, only the newest position of a robot is looked at."""
POSITIONS = f"/{Topic.VISUALIZATION}"


@dataclass(slots=True)
class Counters:
    """What link tells of itself. `skipped`: positions that a newer one replaced before they were read."""

    messages: int = 0
    skipped: int = 0
    bad: int = 0
    history_dropped: int = 0
    not_written: int = 0


@dataclass(slots=True)
class Routes:
    """Which robot a topic is of. `configured`: names of all robots that people registered, served here or not."""

    by_topic: dict[str, LinkRobot] = field(default_factory=dict)
    by_name: dict[tuple[str, str], LinkRobot] = field(default_factory=dict)
    configured: frozenset[tuple[str, str]] = frozenset()

    def serve(self, robots: Iterable[LinkRobot]) -> None:
        """These are the robots of this link from now on."""
        self.by_topic, self.by_name = {}, {}
        for robot in robots:
            self.by_name[robot.card.manufacturer, robot.card.serial] = robot
            for topic in topics(robot.card, FROM_ROBOT):
                self.by_topic[topic] = robot


def topics(card: Card, wanted: Iterable[Topic]) -> list[str]:
    """The robot's topics; none when its name cannot be part of one."""
    try:
        return [card.topic(topic) for topic in wanted]
    except LocalProtocolError:
        return []


def pieces(batch: list[Arrived], counters: Counters) -> Iterator[list[Arrived]]:
    """The batch in pieces of `CHUNK`. In a backlog, positions that a newer one follows are left out; states never."""
    counters.messages += len(batch)
    if len(batch) > BACKLOG:
        newest = {item[0]: number for number, item in enumerate(batch) if item[0].endswith(POSITIONS)}
        kept = [item for number, item in enumerate(batch) if newest.get(item[0], number) == number]
        counters.skipped += len(batch) - len(kept)
        batch = kept
    for start in range(0, len(batch), CHUNK):
        yield batch[start : start + CHUNK]


def name_of(topic: str) -> tuple[str, str] | None:
    """(manufacturer, serial) in a robot's topic, whatever its prefix; None for other topics."""
    levels = topic.split("/")
    return (levels[-3], levels[-2]) if len(levels) >= 5 and levels[0] != "yardmaster" else None


def stopped_serials(payload: bytes) -> frozenset[str]:
    """The robots in a retained word of the stop path; empty: nothing stands. Raises for what the stop path never says:
    then what stood before stands on."""
    stops = json.loads(payload).get("stops", []) if payload else []
    return frozenset(str(serial) for stop in stops for serial in stop["serials"])


def filters(alone: bool, schemes: Iterable[TopicScheme], robots: Iterable[Card]) -> dict[str, int]:
    """What to subscribe to, and with which QoS.

    A link that is alone hears everybody. Of several, each hears the states of its own robots only, but all hear who is
    there: robots that nobody registered must be seen, whoever is to tell of them.
    """
    everybody = {f"+/+/+/+/{topic}": topic.qos for topic in (Topic.CONNECTION, Topic.FACTSHEET)}
    schemes = list(schemes)
    if alone:
        everybody[f"+/+/+/+/{Topic.STATE}"] = Topic.STATE.qos
    for scheme in schemes:
        for topic in FROM_ROBOT:
            covered = "/" not in scheme.interface and f"+/+/+/+/{topic}" in everybody
            if not covered and (alone or topic in (Topic.CONNECTION, Topic.FACTSHEET)):
                everybody[scheme.subscription(topic)] = topic.qos
    if alone:
        return everybody
    own = {name: 0 for card in robots for name in topics(card, (Topic.STATE, Topic.VISUALIZATION))}
    return everybody | own
