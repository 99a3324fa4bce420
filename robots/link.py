"""Link: VDA 5050 on one side, the database on the other, for every robot of the sites it serves.

Threads, each with one thing to wait for: `handle` (MQTT messages into memory), `write` (memory into rows, at once when
dispatch should know, else four times a second), `outbox` (rows onto the wire, woken by the commit), `watch` (asks the
database several times a second whether robots may move), and the caller's own (re-sends, leases, live frames). Only
`write`, `outbox` and `watch` touch the database; while it is away everything else goes on, and the leases stop.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.db.models import Q

from fleet.listen import connection_parameters
from fleet.outbox import services as outbox
from fleet.outbox.models import Message
from fleet.progress import beat

from . import lease, link_rows
from .core.frames import Blip
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.topics import FROM_ROBOT, TopicScheme
from .link_robot import LinkRobot, new_robot
from .link_rows import SiteWatch, Write
from .live import LivePublisher
from .mqtt import Mqtt

log = logging.getLogger(__name__)

TICK_S = 0.05
LIVE_S = 0.2
PROTOCOL_S = 0.25
FLUSH_S = 0.25
WATCH_S = 0.3
REFRESH_S = 2.0
COMMANDS_S = 0.5
DATABASE_LIMIT_S = 1.0
OUTBOX_BATCH = 200
STRANGERS_KEPT = 200
STRANGERS_KEY = "link:strangers"
EVERY_STOP = "yardmaster/v1/+/stop"


class Link:
    """`start()`, then `run()` until `stop()`. `shard` (i, n): the sites whose key leaves i - 1 when divided by n."""

    def __init__(self, *, shard: tuple[int, int] = (1, 1), mqtt_url: str | None = None, name: str = "link") -> None:
        self.name, self.shard = name, shard
        self.limits = settings.YARDMASTER
        self.robots: dict[int, LinkRobot] = {}
        self.by_name: dict[tuple[str, str], LinkRobot] = {}
        self.elsewhere: set[tuple[str, str]] = set()
        self.strangers: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
        self.sites: dict[int, SiteWatch] = {}
        self.stopped: dict[str, frozenset[str]] = {}
        self.version = 0
        self._lock = threading.RLock()
        self._urgent = threading.Event()
        self._stopping = threading.Event()
        self._database_at = float("-inf")
        self._schemes: set[TopicScheme] = set()
        self._mqtt = Mqtt(f"yardmaster-{name}-{shard[0]}", mqtt_url or settings.MQTT_URL, self._message)
        self._live = LivePublisher()
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
        key = lease.load_key(settings.STATE_DIR)
        epoch = lease.next_epoch(settings.STATE_DIR, time.time())
        self._leases = lease.LeaseIssuer(key, epoch, self.limits["lease_ttl_s"])
        self._threads: list[threading.Thread] = []

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._mqtt.subscribe(EVERY_STOP, qos=1)
        self._mqtt.start()
        for work in (self._write, self._send_outbox, self._watch):
            thread = threading.Thread(target=self._persistently, args=(work,), name=f"link{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def run(self) -> None:
        """The caller's thread: everything that has a rhythm and must not wait for the database."""
        due = {self._protocol: 0.0, self._lease: 0.0, self._frames: 0.0, self._tell_strangers: 0.0}
        periods = {
            self._protocol: PROTOCOL_S,
            self._lease: self.limits["lease_period_s"],
            self._frames: LIVE_S,
            self._tell_strangers: 5.0,
        }
        beaten = 0.0
        while not self._stopping.wait(TICK_S):
            now = time.monotonic()
            for work, at in due.items():
                if now >= at:
                    due[work] = max(at + periods[work], now)
                    try:
                        work()
                    except Exception:
                        log.exception("%s failed", work.__name__)
            if now - beaten >= 1.0:
                beaten = now
                beat(self.name)

    def halt(self) -> None:
        """Make `run` return; safe in a signal handler."""
        self._stopping.set()

    def stop(self) -> None:
        self._stopping.set()
        self._urgent.set()
        for thread in self._threads:
            thread.join(5)
        self._mqtt.stop()

    @property
    def ready(self) -> bool:
        return self._mqtt.connected and self._database_age() < DATABASE_LIMIT_S

    # --- MQTT in ------------------------------------------------------------------------------------------------------

    def _message(self, topic: str, payload: bytes, _retained: bool) -> None:
        if topic.startswith("yardmaster/v1/"):
            self._stop_topic(topic.split("/")[2], payload)
            return
        levels = topic.split("/")
        if len(levels) < 4:
            return
        who = (levels[-3], levels[-2])
        with self._lock:
            robot = self.by_name.get(who)
            if robot is None:
                self._stranger(who, topic)
                return
            now = time.time()
            robot.receive(topic, payload, now=now, at=datetime.fromtimestamp(now, UTC))
            self._publish(robot)
            urgent = robot.urgent
        if urgent:
            self._urgent.set()

    def _stop_topic(self, site: str, payload: bytes) -> None:
        """Standing stops, straight from web's stop path: their robots get no lease from now on."""
        stops = json.loads(payload).get("stops", []) if payload else []
        self.stopped[site] = frozenset(str(serial) for stop in stops for serial in stop["serials"])
        self._lease()

    def _stranger(self, who: tuple[str, str], topic: str) -> None:
        if who in self.elsewhere:
            return
        known = self.strangers.pop(who, {"manufacturer": who[0], "serial": who[1], "first_at": time.time()})
        self.strangers[who] = known | {"last_at": time.time(), "topic": topic[:200]}
        while len(self.strangers) > STRANGERS_KEPT:
            self.strangers.popitem(last=False)

    # --- the caller's rhythm ------------------------------------------------------------------------------------------

    def _protocol(self) -> None:
        now = time.time()
        at = datetime.fromtimestamp(now, UTC)
        with self._lock:
            for robot in self.robots.values():
                robot.tick(now, at)
                self._publish(robot)
                if robot.urgent:
                    self._urgent.set()

    def _lease(self) -> None:
        """One message per site that may move. Not sending it is what stops the robots."""
        age = self._database_age()
        with self._lock:
            for site in self.sites.values():
                seen = None if site.seen_at is None else time.time() - site.seen_at.timestamp()
                state = lease.Supervision(age, site.unattended, seen)
                if state.may_move(database_limit_s=DATABASE_LIMIT_S, grace_s=self.limits["supervision_grace_s"]):
                    self._mqtt.publish(lease.topic(site.slug), self._leases.issue(site.slug, self._held(site)))

    def _held(self, site: SiteWatch) -> frozenset[str]:
        return site.held | self.stopped.get(site.slug, frozenset())

    def _frames(self) -> None:
        now = time.time()
        limits = {"state_s": self.limits["stale_state_s"], "visualization_s": self.limits["stale_visualization_s"]}
        with self._lock:
            blips: dict[int, list[Blip]] = {pk: [] for pk in self.sites}
            held = {pk: self._held(site) for pk, site in self.sites.items()}
            for robot in self.robots.values():
                blip = robot.blip(now, held=robot.card.serial in held.get(robot.site_pk, ()), **limits)
                if blip is not None:
                    blips.setdefault(robot.site_pk, []).append(blip)
            slugs = {pk: site.slug for pk, site in self.sites.items()}
        for site_pk, rows in blips.items():
            self._live.publish(site_pk, rows, at_ms=int(now * 1000), slug=slugs.get(site_pk, ""))

    def _tell_strangers(self) -> None:
        with self._lock:
            rows = list(self.strangers.values())
        try:
            self._redis.set(STRANGERS_KEY, json.dumps(rows), ex=60)
        except redis.RedisError as error:
            log.debug("unknown robots cannot be listed: %s", error)

    def _publish(self, robot: LinkRobot) -> None:
        for topic, payload, qos, retain in robot.outgoing():
            # What does not leave is sent again by the protocol's own clock, until the robot's state confirms it.
            self._mqtt.publish(topic, payload, qos=qos, retain=retain)

    # --- the database -------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Write what changed; returns only when the link stops."""
        while not self._stopping.is_set():
            self._urgent.wait(FLUSH_S)
            self._urgent.clear()
            with self._lock:
                writes = [_taken(robot) for robot in self.robots.values() if robot.dirty]
            if not writes:
                continue
            try:
                self.version = link_rows.write_states(writes, version=self.version)
                self._database_at = time.monotonic()
            except Exception:
                with self._lock:
                    for write in writes:
                        self._again(write)
                raise

    def _again(self, write: Write) -> None:
        robot = self.robots.get(write.pk)
        if robot is not None:
            robot.dirty, robot.side_changed = True, True
            robot.urgent = robot.urgent or write.urgent
            robot.factsheet = robot.factsheet or write.factsheet

    def _send_outbox(self) -> None:
        """LISTEN on a connection of our own: a message leaves a millisecond after its commit, at the latest in 1 s."""
        where: dict[str, Any] = connection_parameters()
        with psycopg.connect(**where, autocommit=True, connect_timeout=3) as connection:
            connection.execute(f"listen {outbox.NOTIFY_CHANNEL}")
            while not self._stopping.is_set():
                while self._relay() == OUTBOX_BATCH:
                    pass
                for _ in connection.notifies(timeout=1.0, stop_after=1):
                    pass

    def _relay(self) -> int:
        if not self._mqtt.connected:
            return 0
        where = Q() if self.shard[1] == 1 else Q(payload__robot__in=list(self.robots))
        return outbox.relay(kind="mqtt", send=self._send, now=datetime.now(UTC), limit=OUTBOX_BATCH, where=where)

    def _send(self, message: Message) -> None:
        """One outbox row. Raises only for what may be right later (a robot that was admitted a moment ago)."""
        payload = message.payload
        now = time.time()
        with self._lock:
            robot = self.robots.get(int(payload["robot"]))
            if robot is None:
                raise LookupError(f"robot {payload['robot']} is not known to this link")
            if self._would_release(robot, payload):
                # dispatch learns of a stop from its row, seconds later than we; the stop's own resume tells it to go on
                log.warning("%s is held by a stop and is not told to go on", robot.card.serial)
                return
            try:
                sent = robot.send(str(payload["type"]), payload["body"], now)
            except LocalProtocolError as error:
                log.error("%s: not sent, and not tried again: %s", robot.card.serial, error)
                robot.refuse(payload["body"], str(error))
                sent = []
            self._publish(robot)
        self._urgent.set()
        if sent:
            link_rows.command_sent(sent, datetime.fromtimestamp(now, UTC))

    def _would_release(self, robot: LinkRobot, payload: dict[str, Any]) -> bool:
        site = self.sites.get(robot.site_pk)
        if payload["type"] != "instantActions" or site is None or robot.card.serial not in self._held(site):
            return False
        return any(action["actionType"] == "stopPause" for action in payload["body"]["actions"])

    def _watch(self) -> None:
        """Ask the database whether robots may move; now and then read the robots and follow the commands."""
        refreshed = commanded = float("-inf")
        while True:
            now = time.monotonic()
            sites = [site for site in link_rows.watch_sites() if self._mine(site.pk)]
            self._database_at = time.monotonic()
            with self._lock:
                self.sites = {site.pk: site for site in sites}
            if now - refreshed >= REFRESH_S:
                refreshed = now
                self._refresh()
            if now - commanded >= COMMANDS_S:
                commanded = now
                self._follow_commands()
            if self._stopping.wait(WATCH_S):
                return

    def _refresh(self) -> None:
        found = link_rows.configured()
        with self._lock:
            known = set(self.robots)
        mine = {row.card.pk: row for row in found if self._mine(row.site_pk)}
        stored = link_rows.stored_states(mine.keys() - known) if mine.keys() - known else {}
        if self.version == 0:
            self.version = link_rows.last_version()
        with self._lock:
            for pk, row in mine.items():
                robot = self.robots.get(pk)
                if robot is None:
                    self.robots[pk] = new_robot(
                        row.card, site_pk=row.site_pk, live_index=row.live_index, row=stored.get(pk)
                    )
                else:
                    robot.card, robot.site_pk, robot.live_index = row.card, row.site_pk, row.live_index
            for pk in known - mine.keys():
                del self.robots[pk]
            self.by_name = {(robot.card.manufacturer, robot.card.serial): robot for robot in self.robots.values()}
            names = {(row.card.manufacturer, row.card.serial) for row in found}
            self.elsewhere = names - self.by_name.keys()
            for who in names & self.strangers.keys():
                del self.strangers[who]
        self._listen({row.card.scheme for row in found})

    def _listen(self, schemes: set[TopicScheme]) -> None:
        """Retained messages (connection, factsheet) arrive with the subscription: only now are the robots known."""
        for scheme in schemes - self._schemes:
            for topic in FROM_ROBOT:
                self._mqtt.subscribe(scheme.subscription(topic), qos=topic.qos)
        self._schemes |= schemes

    def _follow_commands(self) -> None:
        now = time.time()
        with self._lock:
            robots = {pk: (robot.facts(now, held=False), _actions(robot)) for pk, robot in self.robots.items()}
        link_rows.follow_commands(robots, datetime.fromtimestamp(now, UTC))

    def _mine(self, site_pk: int) -> bool:
        return site_pk % self.shard[1] == self.shard[0] - 1

    def _database_age(self) -> float:
        return time.monotonic() - self._database_at

    def _persistently(self, work: Callable[[], None]) -> None:
        """Database work that fails is begun again; the first failure of a row is told, not every one."""
        wait, failing = 0.1, False
        while not self._stopping.is_set():
            started = time.monotonic()
            try:
                work()
            except Exception as error:
                expected = isinstance(error, DatabaseError | InterfaceError | psycopg.Error)
                if not failing or not expected:
                    log.warning("%s: %s", work.__name__, error, exc_info=not expected)
                failing = True
                wait = 0.1 if time.monotonic() - started > 10 else min(wait * 2, 2.0)
                close_old_connections()
                self._stopping.wait(wait)


def _taken(robot: LinkRobot) -> Write:
    urgent, sheet = robot.urgent, robot.factsheet
    robot.factsheet = None
    return Write(robot.card.pk, robot.card.public_id, robot.site_pk, robot.take_row(), urgent, sheet)


def _actions(robot: LinkRobot) -> dict[str, tuple[str, str]]:
    return {row["action_id"]: (row["status"], row["result"]) for row in robot.fields.get("action_states", ())}
