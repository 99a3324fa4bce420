"""Whatever a robot publishes, over a real broker: the link goes on, tells and keeps what was wrong, reads on."""

from __future__ import annotations

import copy
import json
import random
import threading
import time

import orjson
import pytest

from robots.core.vda5050.codec import encode
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import Header
from robots.link_bad import PER_MINUTE
from robots.models import BadMessage, RobotState
from tests.robots.core.vda5050.test_fuzz import NASTY, paths
from tests.robots.fakes import FakeRobot, eventually
from tests.robots.test_link import link, robot, site, state  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db(transaction=True)
TOPICS = ("state", "visualization", "connection", "factsheet")
WRONG = (None, -1, 2**70, "x" * 5000, "\x00", [], {}, True, "NaN", 1e308, [[[]]])


def spoilt(good: bytes, count: int, rng: random.Random) -> list[bytes]:
    """The message with one value, anywhere, that it must not have, or cut off, or with a stranger's name or version."""
    body, found = orjson.loads(good), []
    places = paths(body)
    for _ in range(count):
        wrong = copy.deepcopy(body)
        *way, last = rng.choice(places)
        target = wrong
        for key in way:
            target = target[key]
        target[last] = rng.choice(WRONG)
        found.append(json.dumps(wrong).encode() if rng.random() < 0.7 else good[: rng.randrange(len(good))])
    return [*found, orjson.dumps(body | {"version": "9.9.9"}), orjson.dumps(body | {"serialNumber": "B"})]


def test_a_flood_of_nonsense_harms_nobody(link, broker, robot):  # noqa: F811
    rng = random.Random(5)
    raised: list[object] = []
    hook, threading.excepthook = threading.excepthook, raised.append
    try:
        with FakeRobot("A", broker.url) as fake:
            eventually(lambda: state() and state().state_at)
            good = encode(fake.side.state(), Header(7, timestamp(time.time()), "2.1.0", "acme", "A"))
            flood = [*NASTY, *spoilt(good, 300, rng)]
            rng.shuffle(flood)
            for payload in flood:
                fake.mqtt.publish(f"uagv/v2/acme/A/{rng.choice(TOPICS)}", payload)
            eventually(lambda: link.counters.bad > 20 and state().problem)
            fake.do(lambda side: side.set_battery(61.0, True))
            eventually(lambda: state().battery == 61.0 and state().problem == "")
        eventually(BadMessage.objects.exists)
        assert 0 < BadMessage.objects.count() <= PER_MINUTE
        assert RobotState.objects.count() == 1
        assert link.ready and raised == []
    finally:
        threading.excepthook = hook
