"""The software stop: from a person's press straight to the robots. No database, no Celery, no dispatch on this path.

`controller()` lives in the web process. A stop is written to the local journal (forced to disk), published as the
retained stop topic (link then withholds the motion lease) and sent to each robot as VDA 5050 startPause; both are
repeated until the robot's own state says paused and standing, or 30 s have passed. The database and the ledger are told
afterwards, by a thread that may wait for them. A stop stands, across restarts too, until a person resumes.

It is not an emergency stop: the robots' own safety functions are below this and stay in force.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection
from pathlib import Path

from django.db import Error as DatabaseError
from django.db import close_old_connections

from .core.stops import Due, Latch, StopBook, latch_from_json
from .core.vda5050 import codec
from .core.vda5050.actions import instant
from .core.vda5050.headers import timestamp
from .core.vda5050.messages import Header, InstantActions
from .core.vda5050.reports import Connection, State
from .core.vda5050.topics import Topic
from .errors import NotFound, ResumeRefused, StopRefused
from .models import stop_id as new_stop_id
from .mqtt import Mqtt
from .stop_glance import glance
from .stop_journal import Act, Journal, opened
from .stop_roster import Card, Live, Roster, SiteMap
from .stop_status import SiteStops, site_stops
from .stop_word import read_word, word

log = logging.getLogger(__name__)

TICK_S = 0.1
REFRESH_S = 2.0
SELF_TEST_S = 60.0
SELF_TEST_LIMIT_S = 130.0
MAX_REASON = 300
EVERY_STOP = "yardmaster/v1/+/stop"
SELF_TEST = "yardmaster/v1/fleet/selftest"


def stop_topic(site: str) -> str:
    return f"yardmaster/v1/{site}/stop"


class StopController:
    """Give it a state folder, a broker, how to read the robots and how to tell the database; then `start()`."""

    def __init__(
        self,
        *,
        state: Path,
        mqtt_url: str,
        read: Callable[[], tuple[list[Card], dict[str, SiteMap]]],
        tell: Callable[[list[Act], dict[str, dict[str, float]]], None],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._journal = Journal(state / "journal" / "stop.jsonl")
        self._roster_file = state / "journal" / "roster.json"
        self._read, self._tell, self._clock = read, tell, clock
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._self_tested = float("-inf")
        self._self_test_due = float("-inf")
        self._confirmed_news = False
        self._sequence = 0
        self.roster = Roster()
        self.roster.load(self._roster_file)
        self.book: StopBook = self._journal.replay(clock())
        name = f"yardmaster-stop-{os.getpid()}-{id(self) & 0xFFFF:x}"
        self._glances: dict[str, bytes] = {}
        self._mqtt = Mqtt(name, mqtt_url, self._message, on_up=self._up)

    # --- life ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        self._mqtt.subscribe(EVERY_STOP, SELF_TEST, qos=1)
        self._listen_to_robots()
        self._mqtt.start()
        for work, period in ((self._tick, TICK_S), (self._refresh, REFRESH_S)):
            thread = threading.Thread(target=self._every, args=(work, period), name=f"stop{work.__name__}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        self._stopping.set()
        self._mqtt.stop()
        for thread in self._threads:
            thread.join(5)

    def can_stop(self) -> bool:
        """Whether a stop pressed now would reach the broker and come out of it again."""
        return self._mqtt.connected and time.monotonic() - self._self_tested < SELF_TEST_LIMIT_S

    # --- what a person does -------------------------------------------------------------------------------------------

    def stop(
        self,
        scope: str,
        site: str,
        *,
        actor: str,
        zone: str | None = None,
        serials: Collection[str] | None = None,
        reason: str = "",
    ) -> str:
        """Stop a site (slug), a zone of it or some robots; returns the stop's id. Asking twice gives the same stop.

        Raises StopRefused for a site, zone or robot that is not known, before anything is sent.
        """
        now, reason = self._clock(), _text(reason)
        with self._lock:
            targets = self._targets(scope, site, zone or "", serials)
            for latch in self.book.at_site(site):
                if latch.scope == scope and latch.zone == (zone or "") and set(targets) <= latch.held:
                    self._announce(site)
                    return latch.id
            latch = Latch(new_stop_id(), scope, site, now, actor, zone=zone or "", reason=reason)
            latch.add(targets, now)
            self.book.open(latch)
            self._write(opened(latch))
            self._announce(site)
            self._send_due(now)
            return latch.id

    def resume(self, stop_id: str, serials: Collection[str], *, actor: str, reason: str) -> tuple[str, ...]:
        """Clear these robots from a stop and tell those that nothing else holds to go on; returns who was cleared.

        Raises NotFound (no such stop) or ResumeRefused, naming every robot that must not be resumed; then nobody is.
        """
        if not (reason := _text(reason)):
            raise ResumeRefused("Say why it is safe to go on: a reason is required to resume.")
        now = self._clock()
        with self._lock:
            latch = self.book.latches.get(stop_id)
            if latch is None:
                raise NotFound(f"No stop {stop_id!r} stands.")
            problems = [text for serial in serials if (text := self.why_not(latch, serial))]
            if problems or not serials:
                raise ResumeRefused("Nobody was resumed.", problems=problems or ["Name at least one robot to resume."])
            resume_id = f"{stop_id}.resume{int(now * 1000)}"
            gone = self.book.release(stop_id, serials, now=now, resume_id=resume_id)
            self._write(
                {"t": "released", "id": stop_id, "serials": list(gone), "by": actor, "at": now, "reason": reason,
                 "resume": resume_id}
            )  # fmt: skip
            self._announce(latch.site)
            self._send_due(now)
            return gone

    def why_not(self, latch: Latch, serial: str) -> str:
        """Why this robot cannot be resumed, in plain words, or ""."""
        live = self.roster.of(serial)
        if serial not in latch.held:
            return f"{serial} is not held by this stop."
        if live.at is None:
            card = self.roster.cards.get(serial)
            # one that never reported, not even to the database, is not there to be moved by a release
            return "" if card is not None and card.x is None else f"{serial} has not reported its state yet."
        if live.physical_stop != "NONE":
            return f"{serial} reports a physical stop; release it at the robot first."
        if live.field_violation:
            return f"{serial} reports a violated protective field."
        return f"{serial} cannot be commanded ({live.unreachable})." if live.unreachable else ""

    def status(self, site: str) -> SiteStops:
        now = self._clock()
        with self._lock:
            return site_stops(self.book, self.roster, site, can_stop=self.can_stop(), now=now)

    def held(self, serial: str) -> bool:
        with self._lock:
            return self.book.is_held(serial)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _targets(self, scope: str, site: str, zone: str, serials: Collection[str] | None) -> list[str]:
        if site not in self.roster.maps and not self.roster.at_site(site):
            raise StopRefused(f"The stop path knows no site {site!r}.")
        if scope == "site":
            return [card.serial for card in self.roster.at_site(site)]
        if scope == "zone":
            try:
                return [card.serial for card in self.roster.in_zone(site, zone)]
            except KeyError:
                raise StopRefused(f"Site {site!r} has no zone {zone!r}.") from None
        if scope != "robot" or not serials:
            raise StopRefused("A stop names a site, a zone or at least one robot.")
        known = {card.serial for card in self.roster.at_site(site)}
        if unknown := sorted(set(serials) - known):
            raise StopRefused(f"Site {site!r} has no robot {', '.join(unknown)}.")
        return list(serials)

    def _write(self, act: Act) -> None:
        try:
            self._journal.append(act)
        except OSError:  # a full disk must not keep a stop from being sent
            log.exception("the stop journal cannot be written")

    def _announce(self, site: str, about: Collection[str] = ()) -> bool:
        """The retained topic of a site: every stop that stands there."""
        self._sequence = max(self._sequence + 1, int(self._clock() * 1000))
        payload = word(self._sequence, self.book.at_site(site), self._journal.acts, about)
        return self._mqtt.publish(stop_topic(site), payload, qos=1, retain=True)

    def _send_due(self, now: float) -> None:
        if not self._mqtt.connected:
            return
        for due in self.book.due(now):
            card = self.roster.cards.get(due.serial)
            if card is not None:
                self._send(card, due, now)

    def _send(self, card: Card, due: Due, now: float) -> None:
        action = instant("stopPause" if due.resume else "startPause", card.action_id(due.action_id))
        version = codec.version_of(card.quirks.version) or codec.VERSIONS["2.1"]
        # Link counts this topic too; robots judge news by counter *or* time, so milliseconds serve as counter here.
        header = Header(int(now * 1000) & 0xFFFFFFFF, timestamp(now), version.number, card.manufacturer, card.serial)
        payload = codec.encode(InstantActions((action,)), header)
        self._mqtt.publish(card.topic(Topic.INSTANT_ACTIONS), payload, qos=card.qos_of(Topic.INSTANT_ACTIONS))

    def _up(self) -> None:
        with self._lock:
            for site in {*self.roster.maps, *(latch.site for latch in self.book.latches.values())}:
                if self.book.at_site(site):
                    self._announce(site)
        self._self_test_due = float("-inf")

    def _listen_to_robots(self) -> None:
        schemes = {card.scheme for card in self.roster.cards.values()}
        for scheme in schemes:
            self._mqtt.subscribe(scheme.subscription(Topic.STATE))
            self._mqtt.subscribe(scheme.subscription(Topic.CONNECTION), qos=1)

    def _message(self, topic: str, payload: bytes, retained: bool) -> None:
        if topic == SELF_TEST:
            self._self_tested = time.monotonic()
        elif topic.startswith("yardmaster/v1/"):
            self._adopt(topic.split("/")[2], payload)
        else:
            self._robot_message(topic, payload, retained)

    def _robot_message(self, topic: str, payload: bytes, retained: bool) -> None:
        """A robot's own word: on its own topic, under its own name. For another robot nobody confirms anything."""
        serial = topic.split("/")[-2]
        card = self.roster.cards.get(serial)
        seen = glance(payload) if card and not retained and topic.endswith("/state") else None
        if seen is not None and self._glances.get(topic) == seen.words:
            with self._lock:
                self._stands(serial, self.roster.of(serial).again(seen.place, self._clock()))
            return
        received = codec.decode(topic, payload) if card else None
        if card is None or not isinstance(received, codec.Received):
            return
        now, message, header = self._clock(), received.message, received.header
        if not isinstance(message, State | Connection) or (isinstance(message, State) and retained):
            return  # a state that the broker kept tells how it was once, not that it stands now
        named = (header.manufacturer, header.serial_number)
        if topic != card.topic(received.topic) or named != (card.manufacturer, serial):
            return
        with self._lock:
            live = self.roster.of(serial)
            live.take(message, now)
            if isinstance(message, State):
                if seen is not None:
                    self._glances[topic] = seen.words
                self._stands(serial, live)

    def _stands(self, serial: str, live: Live) -> None:
        now = self._clock()
        self._confirmed_news |= bool(self.book.observe(serial, paused=live.paused, driving=live.driving, now=now))
        self._send_due(now)

    def _adopt(self, site: str, payload: bytes) -> None:
        """What stands on the broker and not in our journal (lost folder, another process) stands here as well.

        What another process cleared is cleared here; telling the robots to go on is left to that process.
        """
        now = self._clock()
        rows, cleared = read_word(payload, now)
        with self._lock:
            for act in cleared:
                latch = self.book.latches.get(act["id"])
                if latch is not None and latch.site == site and latch.held & set(act["serials"]):
                    self.book.release(latch.id, act["serials"], now=now, resume_id=act["resume"], ask=False)
                    self._write(act)
            known = {str(_id(act)) for act in self._journal.acts}
            for row in rows:
                if row.get("id") not in known:
                    latch = latch_from_json(row | {"site": site}, now)
                    self.book.open(latch)
                    self._write(opened(latch))
                    log.warning("stop %s of site %s was found on the broker and stands", latch.id, site)
            told = {str(row.get("id")): set(row.get("serials") or ()) for row in rows}
            if told != {latch.id: latch.held for latch in self.book.at_site(site)}:
                # The broker kept an older word, such as of a stop that was cleared while it was away.
                self._announce(site, about=told.keys())

    def _tick(self) -> None:
        with self._lock:
            self._send_due(self._clock())
        if time.monotonic() >= self._self_test_due and self._mqtt.publish(SELF_TEST, str(time.monotonic()), qos=1):
            self._self_test_due = time.monotonic() + SELF_TEST_S

    def _refresh(self) -> None:
        """Everything that needs the database; it may hang or fail, and nothing else waits for it."""
        cards, maps = self._read()
        fresh = {card.serial: card for card in cards}
        with self._lock:
            if _configured(fresh) != _configured(self.roster.cards) or maps != self.roster.maps:
                self.roster.cards, self.roster.maps = fresh, maps
                self._glances.clear()  # another type may have other topics
                self.roster.save(self._roster_file)
                self._listen_to_robots()
            self.roster.cards = fresh
            self._hold_newcomers()
        self._tell_database()

    def _hold_newcomers(self) -> None:
        """A stopped site stops robots that are admitted to it later as well."""
        now = self._clock()
        for latch in list(self.book.latches.values()):
            if latch.scope != "site":
                continue
            new = self.book.extend(latch.id, (card.serial for card in self.roster.at_site(latch.site)), now)
            if new:
                self._write({"t": "extended", "id": latch.id, "serials": list(new)})
                self._announce(latch.site)

    def _tell_database(self) -> None:
        with self._lock:
            acts = self._journal.untold()
            confirmed = {latch.id: dict(latch.confirmed) for latch in self.book.latches.values()}
            news, self._confirmed_news = self._confirmed_news, False
        if not acts and not news:
            return
        try:
            self._tell(acts, confirmed)
        except Exception:
            self._confirmed_news = self._confirmed_news or news
            raise
        if acts:
            self._journal.tell(len(acts))

    def _every(self, work: Callable[[], None], period: float) -> None:
        failing = False
        while True:
            try:
                work()
                failing = False
            except Exception as error:
                if not failing:
                    foreseen = isinstance(error, OSError | DatabaseError)
                    log.warning("stop path, %s: %s", work.__name__, error, exc_info=not foreseen)
                failing = True
                close_old_connections()  # one that broke is never good again, and no request ends on this thread
            if self._stopping.wait(period):
                return


def _text(text: str) -> str:
    """What a person wrote, as a row of the database takes it: one that it refused would keep back all that follow."""
    return text.replace("\x00", "\ufffd").strip()[:MAX_REASON]


def _configured(cards: dict[str, Card]) -> dict[str, tuple[object, ...]]:
    return {serial: card.configuration for serial, card in cards.items()}


def _id(act: Act) -> str:
    return str(act["latch"]["id"] if act["t"] == "opened" else act["id"])


_controller: StopController | None = None
_making = threading.Lock()


def controller() -> StopController:
    """The stop path of this process; the first call starts it."""
    global _controller
    with _making:
        if _controller is None:
            from django.conf import settings

            from .stop_ledger import tell
            from .stop_roster import read_database

            made = StopController(state=settings.STATE_DIR, mqtt_url=settings.MQTT_URL, read=read_database, tell=tell)
            made.start()
            _controller = made
        return _controller
