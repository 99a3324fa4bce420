from __future__ import annotations

import asyncio

import pytest
import redis
from channels.layers import get_channel_layer
from django.db import transaction

from robots import live
from robots.core.frames import Blip, Mark, Status, decode, pack
from robots.live import LivePublisher, LiveSite


def rows(**places: float) -> dict[int, bytes]:
    """Packed robots: `r1=2.0` is the robot with index 1 at x = 2 m."""
    blips = [Blip(int(name[1:]), x, 1.0, 0.0, Status.IDLE, Mark.NONE, 50.0) for name, x in places.items()]
    return {blip.index: pack(blip) for blip in blips}


def test_only_what_changed_is_sent_and_the_snapshot_has_everybody():
    site = LiveSite(1)
    frame, _ = site.step(rows(r1=1.0, r2=1.0), at_ms=0)
    assert len(decode(frame).blips) == 2
    frame, snapshot = site.step(rows(r1=1.0, r2=2.0), at_ms=200)
    assert [b.index for b in decode(frame).blips] == [2] and decode(frame).sequence == 2
    assert (len(decode(snapshot).blips), decode(snapshot).sequence, decode(snapshot).snapshot) == (2, 2, True)
    assert site.step(rows(r2=2.0), at_ms=400)[0] is None
    assert len(decode(site.step({}, at_ms=600)[1]).blips) == 2


def test_a_robot_that_left_is_told_by_a_frame_of_those_that_remain():
    site = LiveSite(1)
    site.step(rows(r1=1.0, r2=1.0), at_ms=0)
    frame = decode(site.step({}, at_ms=200, all_of={1})[0])
    assert frame.snapshot and [b.index for b in frame.blips] == [1]


async def _heard(group: str, work, count: int) -> list[dict]:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    await asyncio.sleep(0)
    work()
    try:
        return [await asyncio.wait_for(layer.receive(channel), 3) for _ in range(count)]
    finally:
        await layer.group_discard(group, channel)


async def test_frames_reach_a_page_and_the_snapshot_is_kept(services):
    publisher = LivePublisher(services["REDIS_URL"])
    (message,) = await _heard("live.7", lambda: publisher.publish(7, rows(r1=1.0), at_ms=123), 1)
    assert message["type"] == "live.frame"
    assert decode(message["data"]).blips[0].index == 1
    kept = redis.Redis.from_url(services["REDIS_URL"]).get("live:7:snapshot")
    assert decode(kept).sequence == decode(message["data"]).sequence


def test_what_other_links_leave_is_put_together(services):
    publisher = LivePublisher(services["REDIS_URL"])
    publisher.leave_part(8, "link2", rows(r3=1.0, r4=2.0).values())
    assert publisher.parts(8, ["link2", "nobody"]) == rows(r3=1.0, r4=2.0)
    assert publisher.parts(8, []) == {}


@pytest.mark.django_db
async def test_changes_of_a_page_are_told_together(services):
    def change() -> None:
        for name in ("missions", "stop", "missions"):
            live._bus().changed(9, (name,))

    (message,) = await _heard("page.9", change, 1)
    assert message == {"type": "page.changed", "what": ["missions", "stop"]}


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_rolled_back_is_not_told(services, monkeypatch):
    told = []
    monkeypatch.setattr(live.Bus, "changed", lambda self, site, names: told.append(names))
    with transaction.atomic():
        live.page_changed(9, "missions")
        transaction.set_rollback(True)
    assert told == []
    with transaction.atomic():
        live.page_changed(9, "stop")
        assert told == []
    assert told == [("stop",)]
