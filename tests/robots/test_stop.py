"""The stop path over a real broker, with robots that speak VDA 5050, and without a database."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from robots.core.vda5050.reports import EmergencyStop, OperatingMode
from robots.errors import NotFound, ResumeRefused, StopRefused
from robots.mqtt import Mqtt
from robots.stop import StopController, stop_topic
from robots.stop_roster import Card, SiteMap
from tests.robots.fakes import FakeRobot, eventually

ZONES = {"aisle": ((10.0, 0.0), (20.0, 0.0), (20.0, 5.0), (10.0, 5.0))}
NODES = {"far": (15.0, 2.0), "near": (2.0, 1.0)}


def card(serial: str, **more: object) -> Card:
    base = {"pk": 1, "public_id": f"rob_{serial}", "name": f"Cart {serial}", "site": "demo"}
    return Card(serial=serial, manufacturer="acme", interface="uagv", protocol="2.1.0", reach=0.5, **(base | more))


class Database:
    """Stands in for PostgreSQL: what it was told, and a switch that makes it unreachable."""

    def __init__(self, *cards: Card) -> None:
        self.cards, self.down, self.told, self.confirmed = list(cards), False, [], {}

    def read(self) -> tuple[list[Card], dict[str, SiteMap]]:
        self.check()
        return self.cards, {"demo": SiteMap(1, ZONES, NODES)}

    def tell(self, acts: list[dict], confirmed: dict) -> None:
        self.check()
        self.told += acts
        self.confirmed = confirmed

    def check(self) -> None:
        if self.down:
            raise OperationalError("the database is away")


class Place:
    def __init__(self, broker, folder: Path, closing) -> None:
        self.broker, self.folder, self.closing = broker, folder, closing

    def controller(self, database: Database) -> StopController:
        made = StopController(state=self.folder, mqtt_url=self.broker.url, read=database.read, tell=database.tell)
        self.closing(made)
        made.start()
        eventually(made.can_stop, what="the stop path's own round trip")
        return made


@pytest.fixture
def place(broker, tmp_path, closing) -> Place:
    return Place(broker, tmp_path, closing)


def lines(controller: StopController, state: str) -> list[str]:
    return [line.serial for stop in controller.status("demo").stops for line in stop.of(state)]


def known(controller: StopController, *serials: str) -> None:
    eventually(lambda: all(controller.roster.of(serial).at for serial in serials), what=f"states of {serials}")


def test_a_site_stop_is_confirmed_by_the_robots_own_states(place):
    controller = place.controller(Database(card("A"), card("B", pk=2)))
    with FakeRobot("A", place.broker.url) as a, FakeRobot("B", place.broker.url, deaf=True) as b:
        known(controller, "A", "B")
        began = time.monotonic()
        stop = controller.stop("site", "demo", actor="person:1:anna", reason="spill")
        assert time.monotonic() - began < 0.2
        eventually(lambda: lines(controller, "confirmed") == ["A"])
        assert a.side.paused and lines(controller, "waiting") == ["B"]
        before = len(b.received)
        eventually(lambda: len(b.received) >= before + 2, what="it is told again and again")
        b.deaf = False
        eventually(lambda: lines(controller, "confirmed") == ["A", "B"])
        assert controller.stop("site", "demo", actor="person:2:ben") == stop, "pressing twice is one stop"


def test_a_stop_works_while_the_database_is_away_and_is_told_later(place):
    database = Database(card("A"))
    controller = place.controller(database)
    with FakeRobot("A", place.broker.url):
        known(controller, "A")
        database.down = True
        stop = controller.stop("robot", "demo", serials=["A"], actor="person:1:anna")
        eventually(lambda: lines(controller, "confirmed") == ["A"])
        assert database.told == []
        database.down = False
        eventually(lambda: database.told, seconds=6)
        assert database.told[0]["latch"]["id"] == stop
        eventually(lambda: "A" in database.confirmed.get(stop, {}), seconds=6)


def test_a_stop_stands_across_a_restart_without_a_database(place, closing):
    database = Database(card("A"))
    first = place.controller(database)
    with FakeRobot("A", place.broker.url) as robot:
        known(first, "A")
        eventually(lambda: (place.folder / "journal" / "roster.json").exists())
        stop = first.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: lines(first, "confirmed") == ["A"])
        first.close()
        database.down = True
        robot.do(lambda side: side.set_paused(False))
        second = place.controller(database)
        assert [found.id for found in second.status("demo").stops] == [stop]
        eventually(lambda: robot.side.paused, what="a robot that woke up unpaused is paused again")
        eventually(lambda: lines(second, "confirmed") == ["A"])


def test_the_retained_topic_names_every_standing_stop(place, closing):
    controller = place.controller(Database(card("A"), card("B", pk=2)))
    with FakeRobot("A", place.broker.url), FakeRobot("B", place.broker.url):
        known(controller, "A", "B")
        controller.stop("robot", "demo", serials=["A"], actor="person:1:anna")
        site = controller.stop("site", "demo", actor="person:1:anna")
        seen: list[dict] = []
        late = closing(Mqtt("late", place.broker.url, lambda t, p, r: seen.append(json.loads(p))))
        late.subscribe(stop_topic("demo"), qos=1)
        late.start()
        eventually(lambda: seen)
        assert [row["serials"] for row in seen[-1]["stops"]] == [["A"], ["A", "B"]]
        controller.resume(site, ["A", "B"], actor="person:1:anna", reason="clear")
        eventually(lambda: [row["serials"] for row in seen[-1]["stops"]] == [["A"]])
        assert seen[-1]["seq"] > seen[0]["seq"]


def test_resume_moves_only_what_nothing_else_holds(place):
    controller = place.controller(Database(card("A"), card("B", pk=2)))
    with FakeRobot("A", place.broker.url) as a, FakeRobot("B", place.broker.url) as b:
        known(controller, "A", "B")
        hold = controller.stop("robot", "demo", serials=["A"], actor="person:1:anna")
        site = controller.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: a.side.paused and b.side.paused)
        eventually(lambda: len(lines(controller, "confirmed")) == 3)
        controller.resume(site, ["A", "B"], actor="person:1:anna", reason="clear")
        eventually(lambda: not b.side.paused)
        assert a.side.paused and controller.held("A")
        controller.resume(hold, ["A"], actor="person:1:anna", reason="clear")
        eventually(lambda: not a.side.paused)
        assert controller.status("demo").stops == ()


def test_who_must_not_be_resumed_is_named_and_then_nobody_is(place):
    controller = place.controller(Database(card("A"), card("B", pk=2)))
    with FakeRobot("A", place.broker.url) as a, FakeRobot("B", place.broker.url) as b:
        known(controller, "A", "B")
        site = controller.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: lines(controller, "confirmed") == ["A", "B"])
        b.do(lambda side: side.set_safety(EmergencyStop.MANUAL, False))
        eventually(lambda: controller.roster.of("B").physical_stop == "MANUAL")
        with pytest.raises(ResumeRefused) as refused:
            controller.resume(site, ["A", "B"], actor="person:1:anna", reason="clear")
        assert refused.value.problems == ["B reports a physical stop; release it at the robot first."]
        assert a.side.paused
        with pytest.raises(ResumeRefused, match="reason"):
            controller.resume(site, ["A"], actor="person:1:anna", reason=" ")
        with pytest.raises(NotFound):
            controller.resume("stp_none", ["A"], actor="person:1:anna", reason="clear")


def test_a_robot_that_never_reported_can_be_released_and_one_that_did_cannot(place):
    """A registered robot that was never switched on must not keep a site stop standing for ever."""
    controller = place.controller(Database(card("A"), card("B", pk=2, x=1.0, y=1.0)))
    site = controller.stop("site", "demo", actor="person:1:anna")
    with pytest.raises(ResumeRefused) as refused:
        controller.resume(site, ["A", "B"], actor="person:1:anna", reason="clear")
    assert refused.value.problems == ["B has not reported its state yet."]
    controller.resume(site, ["A"], actor="person:1:anna", reason="never delivered")
    assert not controller.held("A")
    assert controller.held("B")


def test_a_robot_in_manual_mode_is_listed_as_not_commandable(place):
    controller = place.controller(Database(card("A")))
    with FakeRobot("A", place.broker.url, deaf=True) as robot:
        robot.do(lambda side: side.set_operating_mode(OperatingMode.MANUAL))
        eventually(lambda: controller.roster.of("A").mode == "MANUAL")
        controller.stop("site", "demo", actor="person:1:anna")
        (line,) = controller.status("demo").stops[0].cannot_be_commanded
        assert (line.serial, line.why, line.x) == ("A", "manual", 1.0)


def test_a_zone_stop_reaches_who_is_inside_and_whose_way_leads_in(place):
    coming = card("COMING", pk=3, x=1.0, y=2.0, base=("far",))
    cards = (card("IN", x=12.0, y=1.0), card("OUT", pk=2, x=1.0, y=1.0), coming)
    unknown = card("LOST", pk=4)
    controller = place.controller(Database(*cards, unknown))
    eventually(lambda: len(controller.roster.cards) == 4)
    controller.stop("zone", "demo", zone="aisle", actor="person:1:anna")
    held = controller.book.held_at("demo")
    assert held == {"IN", "COMING", "LOST"}
    with pytest.raises(StopRefused, match="no zone 'nowhere'"):
        controller.stop("zone", "demo", zone="nowhere", actor="person:1:anna")


def test_a_robot_admitted_to_a_stopped_site_is_held_as_well(place):
    database = Database(card("A"))
    controller = place.controller(database)
    eventually(lambda: controller.roster.cards)
    controller.stop("site", "demo", actor="person:1:anna")
    database.cards.append(card("B", pk=2))
    eventually(lambda: controller.held("B"), seconds=6)


def test_without_a_broker_the_stop_is_kept_and_sent_when_it_is_back(place):
    controller = place.controller(Database(card("A")))
    with FakeRobot("A", place.broker.url) as robot:
        known(controller, "A")
        place.broker.stop()
        eventually(lambda: not controller.can_stop())
        controller.stop("site", "demo", actor="person:1:anna")
        assert (place.folder / "journal" / "stop.jsonl").read_text().count('"opened"') == 1
        assert controller.status("demo").can_stop is False
        place.broker.start()
        eventually(lambda: robot.side.paused, seconds=15)


def test_a_stop_for_what_is_not_known_is_refused_before_anything_is_sent(place):
    controller = place.controller(Database(card("A")))
    eventually(lambda: controller.roster.cards)
    with pytest.raises(StopRefused, match="no robot ghost"):
        controller.stop("robot", "demo", serials=["ghost"], actor="person:1:anna")
    with pytest.raises(StopRefused, match="no site 'elsewhere'"):
        controller.stop("site", "elsewhere", actor="person:1:anna")
    assert controller.status("demo").stops == ()


def test_an_old_word_that_the_broker_kept_is_put_right(place, closing):
    controller = place.controller(Database(card("A")))
    seen: list[dict] = []
    ears = closing(Mqtt("ears", place.broker.url, lambda t, p, r: seen.append(json.loads(p))))
    ears.subscribe(stop_topic("demo"), qos=1)
    ears.start()
    assert ears.wait_connected(5)
    with FakeRobot("A", place.broker.url):
        known(controller, "A")
        stop = controller.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: lines(controller, "confirmed") == ["A"] and seen)
        old = json.dumps(seen[-1])
        controller.resume(stop, ["A"], actor="person:1:anna", reason="clear")
        eventually(lambda: seen[-1]["stops"] == [])
        count = len(seen)
        ears.publish(stop_topic("demo"), old, qos=1, retain=True)
        eventually(lambda: len(seen) >= count + 2 and seen[-1]["stops"] == [])
        assert controller.status("demo").stops == ()


def test_a_stop_that_only_the_broker_remembers_stands(place, closing):
    other = closing(Mqtt("other", place.broker.url, lambda *_: None))
    other.start()
    assert other.wait_connected(5)
    row = {"id": "stp_x", "scope": "robot", "zone": "", "serials": ["A"], "at": time.time(), "by": "person:1:anna"}
    assert other.publish(stop_topic("demo"), json.dumps({"seq": 1, "stops": [row]}), qos=1, retain=True)
    with FakeRobot("A", place.broker.url) as robot:
        controller = place.controller(Database(card("A")))
        eventually(lambda: robot.side.paused)
        assert [stop.id for stop in controller.status("demo").stops] == ["stp_x"]
        assert '"opened"' in (place.folder / "journal" / "stop.jsonl").read_text()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_was_restarted_is_used_again(tmp_path):
    """The path's own thread has no request whose end would drop a broken connection."""
    database = Database()
    controller = StopController(state=tmp_path, mqtt_url="mqtt://127.0.0.1:1", read=database.read, tell=database.tell)
    rounds = []

    def work() -> None:
        rounds.append("asked")
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        rounds.append("answered")
        connection.connection.close()  # as a server does that goes away
        if rounds.count("answered") == 2:
            controller._stopping.set()
            connection.close()

    thread = threading.Thread(target=controller._every, args=(work, 0.01), daemon=True)
    thread.start()
    thread.join(5)
    controller._stopping.set()
    assert rounds.count("answered") == 2, rounds[:6]
