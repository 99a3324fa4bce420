"""The two sockets: who gets in, what arrives, what wakes it, and that leaving is noticed."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore

from fleet.accounts.models import Membership, Site, User
from fleet.console import panels
from fleet.console.consumers import NO_MEMBER, SIGNED_OUT
from robots.core.frames import Blip, Frame, Status, decode, encode
from robots.live import live_group, page_group, snapshot_key

from .browser_socket import BrowserSocket
from .conftest import FakeStopPath, House, build_house

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


@pytest.fixture
async def there(services: dict[str, str], stop_controller: FakeStopPath) -> House:
    return await database_sync_to_async(build_house)(stop_controller)


def frame(sequence: int, *, snapshot: bool = False) -> bytes:
    return encode(Frame(sequence, 1_700_000_000_000, (Blip(1, 2.0, 3.0, 0.5, Status.IDLE),), snapshot))


def keep_snapshot(site: Site, data: bytes) -> None:
    redis.Redis.from_url(settings.REDIS_URL).set(snapshot_key(site.pk), data, ex=30)


async def tell(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(group, message)


@pytest.mark.parametrize("path", ["ws/live/north/", "ws/page/north/?show=queue"])
@pytest.mark.parametrize(("who", "code"), [(None, SIGNED_OUT), ("stranger", NO_MEMBER)])
async def test_who_may_not_look_is_told_why_and_gets_nothing(
    there: House, path: str, who: str | None, code: int
) -> None:
    browser = BrowserSocket(path, there.people[who] if who else None)
    await browser.connect()
    message = await browser.receive_output(timeout=3)
    assert (message["type"], message["code"]) == ("websocket.close", code)


async def test_the_snapshot_comes_first_then_the_frames(there: House) -> None:
    await database_sync_to_async(keep_snapshot)(there.site, frame(7, snapshot=True))
    browser = BrowserSocket("ws/live/north/", there.people["viewer"])
    await browser.connect()
    first = decode(await browser.hear())
    assert first.snapshot and first.sequence == 7
    await tell(live_group(there.site.pk), {"type": "live.frame", "data": frame(8)})
    assert decode(await browser.hear()).sequence == 8
    await browser.leave()


async def test_a_gap_is_closed_by_asking_for_the_snapshot(there: House) -> None:
    await database_sync_to_async(keep_snapshot)(there.site, frame(7, snapshot=True))
    browser = BrowserSocket("ws/live/north/", there.people["viewer"])
    await browser.connect()
    await browser.hear()
    await database_sync_to_async(keep_snapshot)(there.site, frame(12, snapshot=True))
    await browser.say('{"snapshot": true}')
    again = decode(await browser.hear())
    assert again.snapshot and again.sequence == 12
    await browser.leave()


async def test_a_hidden_page_gets_snapshots_instead_of_frames(there: House) -> None:
    await database_sync_to_async(keep_snapshot)(there.site, frame(7, snapshot=True))
    browser = BrowserSocket("ws/live/north/", there.people["viewer"])
    await browser.connect()
    await browser.hear()
    await browser.say('{"hz": 1}')
    for sequence in (8, 9, 10):
        await tell(live_group(there.site.pk), {"type": "live.frame", "data": frame(sequence)})
    assert decode(await browser.hear(4)).snapshot
    await browser.leave()


@pytest.mark.parametrize("junk", ["", "not json", "[1]", '{"hz": "fast"}', '{"show": 7}'])
async def test_junk_from_a_browser_changes_nothing(there: House, junk: str) -> None:
    await database_sync_to_async(keep_snapshot)(there.site, frame(7, snapshot=True))
    for path in ("ws/live/north/", "ws/page/north/?show=queue"):
        browser = BrowserSocket(path, there.people["viewer"])
        await browser.connect()
        await browser.hear()
        await browser.say(junk)
        await database_sync_to_async(there.site.missions.update)(state="running" if "page" in path else "queued")
        await tell(live_group(there.site.pk), {"type": "live.frame", "data": frame(8)})
        await tell(page_group(there.site.pk), {"type": "page.changed", "what": ["missions"]})
        assert await browser.hear()
        await browser.leave()


async def test_parts_of_the_page_arrive_as_the_partial_of_the_first_load(there: House) -> None:
    browser = BrowserSocket("ws/page/north/?show=queue,stop,nonsense", there.people["viewer"])
    await browser.connect()
    html = await browser.hear()
    assert (
        '<section id="queue"' in html and 'hx-swap-oob="morph"' in html and "M-1001" in html and 'id="stop-bar"' in html
    )
    await database_sync_to_async(there.site.missions.update)(state="running")
    await tell(page_group(there.site.pk), {"type": "page.changed", "what": ["missions"]})
    html = await browser.hear()
    assert "Running" in html and "stop-bar" not in html
    await browser.leave()


async def test_what_did_not_change_is_not_sent_again(there: House) -> None:
    browser = BrowserSocket("ws/page/north/?show=queue", there.people["viewer"])
    await browser.connect()
    await browser.hear()
    await tell(page_group(there.site.pk), {"type": "page.changed", "what": ["missions"]})
    assert await browser.receive_nothing(timeout=1.5)
    await browser.leave()


async def test_a_role_taken_away_closes_the_socket(there: House) -> None:
    browser = BrowserSocket("ws/page/north/?show=queue", there.people["viewer"])
    await browser.connect()
    await browser.hear()
    await database_sync_to_async(Membership.objects.filter(user=there.people["viewer"]).delete)()
    await tell(page_group(there.site.pk), {"type": "page.changed", "what": ["missions"]})
    message = await browser.receive_output(timeout=3)
    assert (message["type"], message["code"]) == ("websocket.close", NO_MEMBER)


async def test_only_a_supervisor_watching_is_a_sign_of_life(there: House) -> None:
    async def after(role: str) -> Any:
        browser = BrowserSocket("ws/page/north/?show=queue", there.people[role])
        await browser.connect()
        await browser.hear()
        await browser.leave()
        return await database_sync_to_async(Site.objects.values_list("supervised_at", flat=True).get)(pk=there.site.pk)

    assert await after("viewer") is None
    assert await after("supervisor") is not None


async def test_a_switched_off_account_is_signed_out(there: House) -> None:
    await database_sync_to_async(User.objects.filter(pk=there.people["viewer"].pk).update)(is_active=False)
    browser = BrowserSocket("ws/live/north/", there.people["viewer"])
    await browser.connect()
    assert (await browser.receive_output(timeout=3))["code"] == SIGNED_OUT


async def test_a_session_that_ran_out_is_no_sign_of_life_and_closes_the_socket(there: House) -> None:
    def sign_in(seconds: int) -> SessionStore:
        session = SessionStore()
        session.set_expiry(seconds)
        session.save()
        return session

    async def opened(seconds: int) -> BrowserSocket:
        browser = BrowserSocket("ws/page/north/?show=queue", there.people["supervisor"])
        browser.scope["session"] = await database_sync_to_async(sign_in)(seconds)
        await browser.connect()
        return browser

    over = await opened(-1)
    assert (await over.receive_output(timeout=3))["code"] == SIGNED_OUT
    assert await database_sync_to_async(Site.objects.values_list("supervised_at", flat=True).get)() is None
    lasting = await opened(60)
    assert "queue" in await lasting.hear()
    await lasting.leave()


async def test_what_wakes_which_part() -> None:
    shown = ("queue", "attention", "kpis", "card:rob_1", "mission:mis_1", "stop")
    assert panels.woken(shown, ["mission:mis_1"]) == {"queue", "attention", "kpis", "mission:mis_1"}
    assert panels.woken(shown, ["robot:rob_1"]) == {"card:rob_1"}
    assert panels.woken(shown, ["robot:rob_2", "layout"]) == set()
    assert panels.woken(shown, ["stop"]) == {"attention", "card:rob_1", "mission:mis_1", "stop"}
