"""Between a press of stop and the row that tells of it lie seconds: link knows at once and lets nobody go on."""

from __future__ import annotations

import json

import pytest

from fleet.outbox.models import Message
from robots.core.vda5050.actions import instant
from robots.core.vda5050.codec import encode_body
from robots.core.vda5050.messages import InstantActions
from robots.link import Link
from robots.link_restore import new_robot
from robots.link_rows import SiteWatch
from tests.robots.test_stop import card

pytestmark = pytest.mark.django_db


@pytest.fixture
def link() -> Link:
    """Not started; what it would publish is in `wire`."""
    made = Link(mqtt_url="mqtt://127.0.0.1:1")
    made.robots = {1: new_robot(card("A"), site_pk=7, live_index=0, row=None)}
    made.sites = {7: SiteWatch(7, "demo", True, None, frozenset())}
    made.wire = []
    made._publish = lambda robot: made.wire.extend(payload for _, payload, _, _ in robot.outgoing())
    return made


def asks(kind: str, ident: str) -> Message:
    body = encode_body(InstantActions((instant(kind, ident),)))
    return Message(kind="mqtt", payload={"robot": 1, "type": "instantActions", "body": body})


def stop(link: Link, *serials: str) -> None:
    stops = [{"id": "stp_1", "serials": list(serials)}] if serials else []
    link._message("yardmaster/v1/demo/stop", json.dumps({"seq": 1, "stops": stops}).encode(), False, 0.0)


def test_a_held_robot_is_not_told_to_go_on(link):
    stop(link, "A")
    link._send(asks("stopPause", "resume-1"), set())
    assert link.wire == []
    link._send(asks("startPause", "pause-1"), set())
    assert b"pause-1" in link.wire[-1]


def test_after_the_stop_it_is(link):
    stop(link, "A")
    stop(link)
    link._send(asks("stopPause", "resume-2"), set())
    assert b"resume-2" in link.wire[-1]
