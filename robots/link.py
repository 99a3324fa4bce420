"""Link: VDA 5050 on one side, the database on the other, for the robots that this process serves.

Threads, each with one thing to wait for: `handle` (MQTT messages into memory, many at once), `write` (memory into rows,
at once when dispatch should know, else four times a second), `outbox` (rows onto the wire, woken by the commit),
`serve` (which robots are ours, see `link_members`), `watch` (asks the database several times a second whether robots
may move), and the caller's own (re-sends, leases, live frames). While the database is away everything else goes on, and
the leases stop.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, transaction

from fleet.listen import connection_parameters
from fleet.outbox import services as outbox
from fleet.outbox.models import Message
from fleet.progress import beat

from . import lease, link_frames, link_rows
from .core.vda5050.errors import LocalProtocolError
from .core.vda5050.topics import Topic
from .link_ingest import CHUNK, Counters, name_of, pieces, stopped_serials
from .link_robot import BODY_VERSION, LinkRobot
from .link_rows import SiteWatch
from .link_serve import Serving
from .link_write import Writer
from .live import LivePublisher
from .mqtt import Mqtt
from .mqtt_inbox import Arrived

log = logging.getLogger(__name__)

TICK_S = 0.05
LIVE_S = 0.2
PROTOCOL_S = 0.25
TURNS = 4
LATELY_S = 30.0
ALL_OF_S = 1.0
"""How often every robot is looked at for the live frame: what is stale does not move."""
WATCH_S = 0.3
COMMANDS_S = 0.5
DATABASE_LIMIT_S = 1.0
OUTBOX_BATCH = 200
INBOX_LIMIT = 60_000
EVERY_STOP = "yardmaster/v1/+/stop"
REFUSED = "yardmaster/v1/broker/refused"


class Link:
    """`start()`, then `run()` until `stop()`. `name`: what this process is called among several, the same each time."""

    def __init__(self, *, name: str = "link", mqtt_url: str | None = None) -> None:
        self.name = name
        self.limits = settings.YARDMASTER
        self.robots: dict[int, LinkRobot] = {}
        self.sites: dict[int, SiteWatch] = {}
        self.stopped: dict[str, frozenset[str]] = {}
        self.counters = Counters()
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._database_at = float("-inf")
        self.serving = Serving(self, name)
        self.members = self.serving.members
        self.writer = Writer(self)
        self._mqtt = Mqtt(
            f"yardmaster-{self.members.name}",
            mqtt_url or settings.MQTT_URL,
            on_batch=self._batch,
            inbox_limit=INBOX_LIMIT,
        )
        self._live = LivePublisher()
        self._leases: lease.LeaseIssuer | None = None
        self._all_of_due = 0.0
        self._turn = 0
        self._rows: dict[int, dict[int, bytes]] = {}
        self._threads: list[threading.Thread] = []

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._mqtt.subscribe(EVERY_STOP, REFUSED, qos=1)
        self._mqtt.start()
        for work in (self.serving.run, self.writer.run, self._send_outbox, self._watch):
            thread = threading.Thread(target=self._persistently, args=(work,), name=f"link-{work.__qualname__}")
            thread.daemon = True
            thread.start()
            self._threads.append(thread)

    def run(self) -> None:
        """The caller's thread: everything that has a rhythm and must not wait for the database."""
        periods = {self._protocol: PROTOCOL_S, self._lease: self.limits["lease_period_s"], self._frames: LIVE_S}
        due = dict.fromkeys(periods, 0.0)
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
        self.writer.wake()
        self._mqtt.stop()
        for thread in self._threads:
            thread.join(5)
        try:
            self.writer.finish()
            self.serving.leave()
        except psycopg.Error as error:
            log.warning("the robots are taken over only when this link's lease has ended: %s", error)

    @property
    def stopping(self) -> threading.Event:
        return self._stopping

    @property
    def lock(self) -> threading.RLock:
        return self._lock

    @property
    def mqtt(self) -> Mqtt:
        return self._mqtt

    @property
    def ready(self) -> bool:
        return self._mqtt.connected and self._database_age() < DATABASE_LIMIT_S and self.serving.settled

    # --- MQTT in ------------------------------------------------------------------------------------------------------

    def _batch(self, batch: list[Arrived]) -> None:
        for piece in pieces(batch, self.counters):
            with self._lock:
                for topic, payload, retained, at in piece:
                    try:
                        self._message(topic, payload, retained, at)
                    except Exception:  # one message must not cost those behind it
                        log.exception("a message on %s could not be handled", topic[:200])
            if len(batch) > CHUNK:
                time.sleep(0.0002)  # a lock that is let go and taken again at once is never given to another thread

    def _message(self, topic: str, payload: bytes, retained: bool, at: float) -> None:
        robot = self.serving.routes.by_topic.get(topic)
        if robot is None:
            self._other(topic, payload, retained, at)
            return
        robot.receive(topic, payload, now=at, at=datetime.fromtimestamp(at, UTC), retained=retained)
        self._publish(robot)
        if robot.bad:
            self.writer.keep_bad(robot, topic, payload, at)
        self.writer.changed(robot)

    def _other(self, topic: str, payload: bytes, retained: bool, at: float) -> None:
        if topic == REFUSED:
            if not retained:
                self.serving.refused_by_broker(payload)
        elif topic.startswith("yardmaster/v1/"):
            if topic.endswith("/stop"):
                self._stop_topic(topic.split("/")[2], payload)
        elif (who := name_of(topic)) is not None:
            self.serving.unknown(who, topic, payload, at)

    def _stop_topic(self, site: str, payload: bytes) -> None:
        """Standing stops, straight from web's stop path: their robots get no lease from now on."""
        self.stopped[site] = stopped_serials(payload)
        self._lease()

    # --- the caller's rhythm ------------------------------------------------------------------------------------------

    def _protocol(self) -> None:
        """Robots that we said something to lately each time, all others in turn."""
        now = time.time()
        at = datetime.fromtimestamp(now, UTC)
        self._turn = (self._turn + 1) % TURNS
        with self._lock:
            for pk, robot in self.robots.items():
                if pk % TURNS != self._turn and now - robot.spoke_at > LATELY_S:
                    continue
                robot.tick(now, at)
                self._publish(robot)
                if robot.dirty:
                    self.writer.changed(robot)

    def _lease(self) -> None:
        """One message per site that may move. Not sending it is what stops the robots."""
        age, issuer = self._database_age(), self._leases
        for site in list(self.sites.values()):
            if issuer is None or not self.serving.issues(site.slug):
                continue
            seen = None if site.seen_at is None else time.time() - site.seen_at.timestamp()
            state = lease.Supervision(age, site.unattended, seen)
            if state.may_move(database_limit_s=DATABASE_LIMIT_S, grace_s=self.limits["supervision_grace_s"]):
                self._mqtt.publish(lease.topic(site.slug), issuer.issue(site.slug, self._held(site)))

    def issue_from(self, epoch: int) -> None:
        """Give out leases of a new epoch: of a site that was another's until now, or at the start."""
        key = lease.load_key(settings.STATE_DIR)
        self._leases = lease.LeaseIssuer(key, epoch, self.limits["lease_ttl_s"])

    def _held(self, site: SiteWatch) -> frozenset[str]:
        return site.held | self.stopped.get(site.slug, frozenset())

    def _frames(self) -> None:
        now = time.time()
        every = now >= self._all_of_due
        self._all_of_due = now + ALL_OF_S if every else self._all_of_due
        limits = {"state_s": self.limits["stale_state_s"], "visualization_s": self.limits["stale_visualization_s"]}
        sites = dict(self.sites)
        news: dict[int, dict[int, bytes]] = {pk: {} for pk in sites}
        there: dict[int, set[int]] = {pk: set() for pk in sites}
        held = {pk: self._held(site) for pk, site in sites.items()}
        with self._lock:
            for robot in self.robots.values():
                if not robot.moved:
                    if not every:
                        continue
                    if robot.state_seen is not None and now - robot.state_seen < self.limits["stale_visualization_s"]:
                        there.setdefault(robot.site_pk, set()).add(robot.live_index)
                        continue
                stands = robot.card.serial in held.get(robot.site_pk, ())
                row = link_frames.row(robot, now, held=stands, **limits)
                if row is not None:
                    news.setdefault(robot.site_pk, {})[robot.live_index] = row
                    there.setdefault(robot.site_pk, set()).add(robot.live_index)
        for pk, site in sites.items():
            self._tell(pk, site.slug, news[pk], there[pk] if every else None, int(now * 1000))

    def _tell(self, pk: int, slug: str, news: dict[int, bytes], there: set[int] | None, at_ms: int) -> None:
        """Of several links one speaks for a site; the others leave it what they know, once a second in full."""
        members, own = self.members, self._rows.setdefault(pk, {})
        own.update(news)
        if there is not None:
            own = self._rows[pk] = {index: own[index] for index in there if index in own}
        if not members.serves(f"site {slug}"):
            self._live.stop_publishing(pk)
            self._live.leave_part(pk, members.name, own.values())
            return
        if not self._live.publishes(pk):
            news = own
        if not members.alone:
            others = self._live.parts(pk, [m.name for m in members.members if m.name != members.name])
            news = others | news
            there = None if there is None else there | others.keys()
        self._live.publish(pk, news, at_ms=at_ms, all_of=there, slug=slug)

    def _publish(self, robot: LinkRobot) -> None:
        out = robot.outgoing()
        if out and self.members.serving:
            robot.spoke_at = time.time()
            for topic, payload, qos, retain in out:
                # What does not leave is sent again by the protocol's own clock, until the robot's state confirms it.
                self._mqtt.publish(topic, payload, qos=qos, retain=retain)

    # --- the database -------------------------------------------------------------------------------------------------

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
        """What is due for our robots. The rows count as sent together with what we then know of the robots."""
        if not (self._mqtt.connected and self.members.serving):
            return 0
        touched: set[int] = set()
        try:
            with transaction.atomic():
                sent = outbox.relay(
                    kind="mqtt",
                    send=lambda message: self._send(message, touched),
                    now=datetime.now(UTC),
                    limit=OUTBOX_BATCH,
                    where=link_rows.served_by(self.members.name),
                )
                if touched:
                    link_rows.keep_snapshots(
                        touched,
                        lambda: self.writer.take(touched, history=False),
                        member=self.members.name,
                        owned=self.owned,
                    )
        except link_rows.NotOurs as gone:
            self.writer.again(touched)
            self.serving.lost(gone.robots)
            return 0
        except Exception:
            self.writer.again(touched)
            raise
        return sent

    def _send(self, message: Message, touched: set[int]) -> None:
        """One outbox row. Raises NotYet for a robot that is being taken over."""
        payload = message.payload
        now = time.time()
        at = datetime.fromtimestamp(now, UTC)
        with self._lock:
            robot = self.robots.get(int(payload["robot"]))
            if robot is None:
                raise outbox.NotYet
            if self._would_release(robot, payload):
                # dispatch learns of a stop from its row, seconds later than we; the stop's own resume tells it to go on
                log.warning("%s is held by a stop and is not told to go on", robot.card.serial)
                return
            version = str(payload.get("version", BODY_VERSION))
            unsent = ""
            try:
                sent = robot.send(str(payload["type"]), payload["body"], now, version=version)
            except LocalProtocolError as error:
                log.error("%s: not sent, and not tried again: %s", robot.card.serial, error)
                robot.refuse(payload["body"], str(error), at)
                sent, unsent = [], str(error)
            touched.add(robot.card.pk)
            self._publish(robot)
            self.writer.changed(robot)
        if sent:
            link_rows.command_sent(sent, at)
        if unsent:
            actions = [action["actionId"] for action in payload["body"].get("actions", ())]
            link_rows.command_unsent(actions, unsent, at)

    def _would_release(self, robot: LinkRobot, payload: dict[str, Any]) -> bool:
        site = self.sites.get(robot.site_pk)
        if payload["type"] != Topic.INSTANT_ACTIONS or site is None or robot.card.serial not in self._held(site):
            return False
        return any(action["actionType"] == "stopPause" for action in payload["body"].get("actions", ()))

    def _watch(self) -> None:
        """Ask the database whether robots may move; now and then follow the commands."""
        commanded = float("-inf")
        while True:
            now = time.monotonic()
            self.sites = {site.pk: site for site in link_rows.watch_sites()}
            self.database_answered()
            if now - commanded >= COMMANDS_S:
                commanded = now
                link_rows.follow_commands(self._report, datetime.now(UTC))
            if self._stopping.wait(WATCH_S):
                return

    def _report(self, pk: int) -> link_rows.Report | None:
        with self._lock:
            robot = self.robots.get(pk)
            if robot is None:
                return None
            actions = {action_id: ("FAILED", text) for action_id, text in robot.refused.items()}
            actions |= {row["action_id"]: (row["status"], row["result"]) for row in robot.fields["action_states"]}
            return robot.facts(time.time(), held=False), actions

    def owned(self) -> dict[int, int]:
        """Robot -> epoch of those that this link serves, as it believes."""
        with self._lock:
            return {pk: robot.epoch for pk, robot in self.robots.items()}

    def database_answered(self) -> None:
        self._database_at = time.monotonic()

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
                    log.warning("%s: %s", work.__qualname__, error, exc_info=not expected)
                failing = True
                wait = 0.1 if time.monotonic() - started > 10 else min(wait * 2, 2.0)
                close_old_connections()
                self._stopping.wait(wait)
