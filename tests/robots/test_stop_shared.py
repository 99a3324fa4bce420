"""Several web processes at one broker: what is stopped or cleared at one is so at all of them."""

from __future__ import annotations

import json
import threading

import pytest

from robots.mqtt import Mqtt
from robots.stop import stop_topic
from tests.robots.fakes import FakeRobot, eventually
from tests.robots.test_stop import Database, Place, card, known


@pytest.fixture
def both(broker, tmp_path, closing):
    """Two processes with a state folder and a memory each."""
    places = [Place(broker, tmp_path / name, closing) for name in ("one", "two")]
    return [place.controller(Database(card("A"), card("B", pk=2))) for place in places]


def test_what_one_clears_stays_cleared_at_the_other(both, broker, closing):
    one, two = both
    seen: list[dict] = []
    ears = closing(Mqtt("ears", broker.url, lambda t, p, r: seen.append(json.loads(p))))
    ears.subscribe(stop_topic("demo"), qos=1)
    ears.start()
    with FakeRobot("A", broker.url) as a, FakeRobot("B", broker.url) as b:
        for controller in both:
            known(controller, "A", "B")
        stop = one.stop("site", "demo", actor="person:1:anna", reason="spill")
        eventually(lambda: two.held("A") and two.held("B"), what="the other process holds them too")
        eventually(lambda: a.side.paused and b.side.paused)
        two.resume(stop, ["A"], actor="person:2:ben", reason="clear")
        eventually(lambda: not one.held("A"), what="the first process lets go of it too")
        eventually(lambda: not a.side.paused)
        assert one.held("B")
        assert two.held("B")
        one.resume(stop, ["B"], actor="person:1:anna", reason="clear")
        eventually(lambda: not two.held("B"))
        eventually(lambda: not b.side.paused)
        eventually(lambda: seen[-1]["stops"] == [])
        said = len(seen)
        threading.Event().wait(1.0)
        assert len(seen) <= said + 2, "they do not contradict each other"
        assert not a.side.paused
        assert not b.side.paused
        assert one.status("demo").stops == two.status("demo").stops == ()


def test_an_old_word_of_the_broker_clears_nothing_new(both, broker, closing):
    """Whom a stop let go is told by that stop's id: a later stop of the same robot is another one."""
    one, two = both
    with FakeRobot("A", broker.url), FakeRobot("B", broker.url):
        for controller in both:
            known(controller, "A", "B")
        first = one.stop("robot", "demo", serials=["A"], actor="person:1:anna")
        eventually(lambda: two.held("A"))
        two.resume(first, ["A"], actor="person:2:ben", reason="clear")
        eventually(lambda: not one.held("A"))
        second = one.stop("robot", "demo", serials=["A"], actor="person:1:anna")
        eventually(lambda: two.held("A"))
        assert second != first
        threading.Event().wait(0.5)
        assert one.held("A")
        assert two.held("A")
