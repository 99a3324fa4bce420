"""Which robots, sites and strangers this link serves: membership, taking over and giving up, what is subscribed to."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
from django.conf import settings

from fleet.listen import connection_parameters

from . import admission, lease, link_history, link_join, link_rows, link_store
from .core.vda5050.errors import Problem, ProblemKind
from .core.vda5050.topics import Topic
from .link_bad import Bad
from .link_ingest import Routes, filters, topics
from .link_join import Strangers
from .link_members import RENEW_S, Membership
from .link_restore import new_robot
from .link_robot import LinkRobot
from .link_rows import Configured

if TYPE_CHECKING:
    from .link import Link

log = logging.getLogger(__name__)

CONFIGURED_S = 2.0
HOUSEKEEPING_S = 3600.0
REFUSALS = 200
MOST_REFUSALS = 1_000_000
REFETCHED = 100
"""Robots taken over at once whose kept messages are asked for one by one; more of them: all are asked for."""


class Serving:
    """`run` is the thread; `issues`, `unknown` and the refusals are for the others."""

    def __init__(self, link: Link, label: str) -> None:
        self.link = link
        self.members = Membership(label)
        self.routes = Routes()
        self.strangers = Strangers()
        self.settled = False
        self._configured: dict[int, Configured] = {}
        self._fingerprint = ""
        self._looked_at = float("-inf")
        self._kept_house_at = float("-inf")
        self._issuing: frozenset[str] = frozenset()
        self._refusals: dict[tuple[str, str, str], int] = {}
        self._basis: tuple[object, ...] = ()
        self._share: frozenset[int] = frozenset()
        self._listened: tuple[object, ...] = ()
        self._seen: tuple[float, int] = (time.monotonic(), 0)

    # --- for the other threads ----------------------------------------------------------------------------------------

    def issues(self, site: str) -> bool:
        """Whether the motion lease of this site is ours to give."""
        return site in self._issuing and self.members.serving

    def unknown(self, who: tuple[str, str], topic: str, payload: bytes, at: float) -> None:
        """A message on a topic of no robot of ours. With the lock held."""
        robot = self.routes.by_name.get(who)
        if robot is not None and (wanted := topics(robot.card, [Topic.STATE])):
            text = f"It speaks on {topic}; its type says {wanted[0].rpartition('/')[0]}/..."[:300]
            self.link.writer.bad.add(Bad(robot.card.pk, at, topic, Problem(ProblemKind.WRONG_TOPIC, text), payload))
        elif who not in self.routes.configured:
            self.strangers.hear(who, topic, payload, at)

    def refused_by_broker(self, payload: bytes) -> None:
        """`{"kind", "user", "topic", "count"}`: somebody did at the broker what he may not, so many times (1)."""
        try:
            said = orjson.loads(payload)
            row = (str(said["kind"])[:16], str(said["user"])[:128], str(said.get("topic", ""))[:300])
            count = min(max(int(said.get("count", 1)), 1), MOST_REFUSALS)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            log.warning("a refusal of the broker cannot be read: %r", payload[:200])
            return
        if self.members.serves(row[1]):
            self.refused(*row, count)

    def refused(self, kind: str, user: str, topic: str, count: int = 1) -> None:
        """Told to people with the next round; so many different ones, of each how often. With the lock held."""
        key = (kind, user, topic)
        if key in self._refusals or len(self._refusals) < REFUSALS:
            self._refusals[key] = self._refusals.get(key, 0) + count

    def lost(self, robots: Collection[int]) -> None:
        """Another link serves these now."""
        with self.link.lock:
            for pk in robots:
                self.link.robots.pop(pk, None)
            self.routes.serve(self.link.robots.values())
        log.warning("%d robots are served by another link now", len(robots))

    # --- the thread ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        where: dict[str, Any] = connection_parameters()
        with psycopg.connect(**where, autocommit=True, connect_timeout=3) as connection:
            self._partitions(connection)
            while True:
                self._round(connection)
                if self.link.stopping.wait(RENEW_S):
                    return

    def leave(self) -> None:
        """Others need not wait for the end of our lease. Raises psycopg.Error."""
        self._issuing = frozenset()
        where: dict[str, Any] = connection_parameters()
        with psycopg.connect(**where, autocommit=True, connect_timeout=3) as connection:
            self.members.leave(connection)

    def _round(self, connection: psycopg.Connection[Any]) -> None:
        link = self.link
        self.members.renew(connection, robots=len(link.robots), figures=self._figures())
        link.database_answered()
        now = time.monotonic()
        if now - self._looked_at >= CONFIGURED_S:
            self._look()
            self._looked_at = now
        wanted = self._wanted()
        known = self._mine(connection)
        with link.lock:
            have = dict(link.robots)
        if gone := have.keys() - wanted:
            self._release(connection, [have[pk] for pk in gone])
        found = {pk: epoch for pk, epoch in known.items() if pk in wanted and pk not in have}
        found |= self.members.claim(connection, wanted - have.keys() - found.keys())
        if stray := known.keys() - wanted - have.keys():
            self.members.release(connection, dict.fromkeys(stray, 0))
        if found:
            self._take_over(connection, found)
        self._subscribe(found.keys() if self.settled else ())
        self._sites(connection)
        self.settled = True
        self._keep(connection)

    def _wanted(self) -> frozenset[int]:
        """The robots that are ours to serve; thought over only when the links or the robots are others than before."""
        basis = (self.members.members, self._fingerprint)
        if basis != self._basis:
            self._basis = basis
            self._share = frozenset(pk for pk, row in self._configured.items() if self.members.serves(row.card.serial))
        return self._share

    def _look(self) -> None:
        """The robots as people configured them, read anew when something about them changed."""
        fingerprint = link_rows.fingerprint()
        if fingerprint == self._fingerprint:
            return
        self._configured = {row.card.pk: row for row in link_rows.configured()}
        self._fingerprint = fingerprint
        names = frozenset((row.card.manufacturer, row.card.serial) for row in self._configured.values())
        with self.link.lock:
            self.routes.configured = names
            self.strangers.forget(names)
            for pk, robot in list(self.link.robots.items()):
                row = self._configured.get(pk)
                if row is None:
                    continue
                if row.card.quirks != robot.card.quirks:
                    # it speaks otherwise from now on: begun anew, with what is known of it
                    self.link.writer.adopt(replaced := _with_card(robot, row))
                    self.link.robots[pk] = replaced
                    continue
                robot.card, robot.site_pk, robot.live_index = row.card, row.site_pk, row.live_index
                robot.judged, robot.moved = None, True
            self.routes.serve(self.link.robots.values())

    def _mine(self, connection: psycopg.Connection[Any]) -> dict[int, int]:
        """Robot -> epoch of what the database says is ours, where that is not what we believe; what is lost is left."""
        with connection.cursor() as cursor:
            believed = self.link.owned()
            if link_store.still_mine(cursor, self.members.name, believed) is None:
                return {}
            cursor.execute("select robot_id, epoch from robots_robotlink where member = %s", [self.members.name])
            rows = dict(cursor.fetchall())
        if lost := {pk for pk, epoch in believed.items() if rows.get(pk) != epoch}:
            self.lost(lost)
        return rows

    def _take_over(self, connection: psycopg.Connection[Any], found: Mapping[int, int]) -> None:
        rows, sheets = link_rows.stored_states(found), link_rows.newest_factsheets(found)
        last = link_history.last_rows(connection, found)
        made = []
        for pk, epoch in found.items():
            row = self._configured[pk]
            robot = new_robot(
                row.card,
                site_pk=row.site_pk,
                live_index=row.live_index,
                row=rows.get(pk),
                factsheet=sheets.get(pk),
                last=last.get(pk),
                epoch=epoch,
            )
            self.link.writer.adopt(robot)
            made.append(robot)
        with self.link.lock:
            self.link.robots |= {robot.card.pk: robot for robot in made}
            self.routes.serve(self.link.robots.values())
        log.info("%s serves %d robots, %d of them new", self.members.name, len(self.link.robots), len(made))

    def _release(self, connection: psycopg.Connection[Any], robots: list[LinkRobot]) -> None:
        """The last state of each is in the database before another link may serve it."""
        link, keys = self.link, {robot.card.pk: robot.epoch for robot in robots}
        with link.lock:
            for pk in keys:
                link.robots.pop(pk, None)
            self.routes.serve(link.robots.values())
        link_store.write(
            connection,
            lambda: link.writer.leaving(robots),
            member=self.members.name,
            owned=lambda: link.owned() | keys,
            again=True,
        )
        self.members.release(connection, keys)

    def _subscribe(self, taken: Collection[int]) -> None:
        """Kept messages (connection, factsheet) come with a subscription, so those of `taken` are asked for again."""
        with self.link.lock:
            served = frozenset(self.link.robots)
        basis = (self.members.alone, served, self._fingerprint)
        if basis != self._listened:
            self._listened = basis
            schemes = {row.card.scheme for row in self._configured.values()}
            cards = [self._configured[pk].card for pk in served if pk in self._configured]
            self.link.mqtt.listen_to(filters(self.members.alone, schemes, cards), keep=("yardmaster/",))
        kept = (Topic.CONNECTION, Topic.FACTSHEET)
        if len(taken) > REFETCHED:
            self.link.mqtt.refetch([f"+/+/+/+/{topic}" for topic in kept])
        elif taken:
            self.link.mqtt.refetch([name for pk in taken for name in topics(self._configured[pk].card, kept)])

    def _sites(self, connection: psycopg.Connection[Any]) -> None:
        """One link issues a site's motion lease. It begins when no living one says that it still does, under an epoch
        above all before it, and only after the others can read that it does."""
        members = self.members
        wanted = frozenset(site.slug for site in self.link.sites.values() if members.issues(site.slug))
        if wanted == self._issuing:
            return
        gained = wanted - members.sites
        self._issuing &= wanted
        members.sites = wanted
        members.renew(connection, robots=len(self.link.robots), figures=self._figures())
        if gained:
            self.link.issue_from(self._epoch(connection))
        self._issuing = frozenset(slug for slug in wanted if members.issues(slug))

    def _epoch(self, connection: psycopg.Connection[Any]) -> int:
        here = lease.next_epoch(settings.STATE_DIR, time.time())
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [link_store.LOCK])
            cursor.execute(
                "select setval('robots_lease_epoch', greatest((select last_value from robots_lease_epoch) + 1, %s))",
                [here],
            )
            (epoch,) = cursor.fetchone() or (here,)
        return here if epoch == here else lease.next_epoch(settings.STATE_DIR, epoch)

    # --- now and then -------------------------------------------------------------------------------------------------

    def _keep(self, connection: psycopg.Connection[Any]) -> None:
        now = time.time()
        with self.link.lock:
            due = self.strangers.due(now, self.members.serves)
            asked = self.strangers.asks(now, self.members.serves)
        for topic, payload in asked:
            self.link.mqtt.publish(topic, payload)
        without_place = link_join.write(connection, due, now) if due else 0
        with self.link.lock:
            self.strangers.dropped += without_place
            refusals, self._refusals = self._refusals, {}
        for (kind, user, topic), count in refusals.items():
            admission.record_refusal(kind, user, topic, count=count)
        if time.monotonic() - self._kept_house_at >= HOUSEKEEPING_S and self.members.serves("history"):
            self._kept_house_at = time.monotonic()
            self._partitions(connection)
            oldest = datetime.now(UTC).date() - timedelta(days=self.link.limits["history_days"])
            if dropped := link_history.drop_partitions(connection, oldest):
                log.info("history dropped: %s", ", ".join(dropped))

    @staticmethod
    def _partitions(connection: psycopg.Connection[Any]) -> None:
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", [link_store.LOCK])
            link_history.make_partitions(connection, datetime.now(UTC).date())

    def _figures(self) -> dict[str, Any]:
        link, counters, now = self.link, self.link.counters, time.monotonic()
        then, before = self._seen
        if now - then >= 1.0:
            self._seen = (now, counters.messages)
        rate = (counters.messages - before) / max(now - then, 0.001)
        return {
            "messages": counters.messages,
            "messages_per_s": round(rate, 1),
            "waiting": len(link.mqtt.inbox),
            "dropped": link.mqtt.inbox.dropped,
            "positions_skipped": counters.skipped,
            "bad": counters.bad,
            "bad_not_kept": link.writer.bad.not_kept,
            "history_waiting": len(link.writer.history),
            "history_dropped": counters.history_dropped,
            "not_written": counters.not_written,
            "write_ms": round(link.writer.last_ms, 1),
        }


def _with_card(robot: LinkRobot, row: Configured) -> LinkRobot:
    full = robot.take_full()
    full["link"] = robot.fields["link"]
    made = new_robot(row.card, site_pk=row.site_pk, live_index=row.live_index, row=full, epoch=robot.epoch)
    made.known, made.heavy, made.urgent, made.sheet = robot.known, True, True, robot.sheet
    if robot.side.factsheet is not None:
        made.side.know(robot.side.factsheet)
    return made
