"""The two sockets of a page: binary robot frames, and the page's own parts as HTML.

Both join their group before they read the state of now, so that nothing falls between the two. Neither ever queues:
a slow browser gets the newest frame and finds the gap by its sequence number; page parts are drawn when they are sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Coroutine
from typing import Any
from urllib.parse import parse_qs

import redis.asyncio
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import path
from django.utils import timezone, translation

from fleet.accounts.access import Actor, member, person_actor, supervised
from fleet.accounts.models import Site, User
from fleet.accounts.rights import is_supervision
from robots.live import live_group, page_group, snapshot_key

from . import panels

log = logging.getLogger(__name__)

SIGNED_OUT, NO_MEMBER = 4401, 4403
LOOK_AGAIN_S = 20.0
PAGE_PERIOD_S = 0.5
REDRAW_S = 5.0


class Refused(Exception):
    """The socket may not (or no longer) be open; `code` tells the browser why."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class SiteConsumer(AsyncWebsocketConsumer):
    """Permission at the door and every 20 s; one background task, whose end closes the socket."""

    site: Site
    group = ""
    task: asyncio.Task[None] | None = None

    def group_of(self, site: Site) -> str:
        raise NotImplementedError

    async def run(self) -> None:
        raise NotImplementedError

    async def connect(self) -> None:
        await self.accept()
        try:
            self.site, _ = await self.check()
        except Refused as refused:
            await self.close(refused.code)
            return
        self.group = self.group_of(self.site)
        await self.channel_layer.group_add(self.group, self.channel_name)
        self.task = asyncio.create_task(self._guarded(self.run()))

    async def disconnect(self, code: int) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Refused as refused:
            await self.close(refused.code)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("the socket of %s is closed; the browser opens another", self.group)
            await self.close(1011)

    @database_sync_to_async
    def check(self) -> tuple[Site, Actor]:
        """Who looks at what, as of now; also a supervisor's sign of life."""
        return self._check()

    def _check(self) -> tuple[Site, Actor]:
        user = self.scope.get("user")
        if not isinstance(user, User):
            raise Refused(SIGNED_OUT)
        user = User.objects.filter(pk=user.pk, is_active=True).first()
        key = getattr(self.scope.get("session"), "session_key", None)
        lasting = Session.objects.filter(session_key=key, expire_date__gt=timezone.now())
        if user is None or (key and not lasting.exists()):
            raise Refused(SIGNED_OUT)
        site = Site.objects.filter(slug=self.scope["url_route"]["kwargs"]["slug"]).first()
        actor = person_actor(user)
        if site is None or not member(actor, site):
            raise Refused(NO_MEMBER)
        if is_supervision(actor, site):
            supervised(site, timezone.now())
        return site, actor


class LiveConsumer(SiteConsumer):
    """Robot frames, 5 Hz as they come; a hidden page asks for 1 Hz and then gets full snapshots instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.latest: bytes | None = None
        self.wanted = asyncio.Event()
        self.snapshot_due = True
        self.slow = False

    def group_of(self, site: Site) -> str:
        return live_group(site.pk)

    async def live_frame(self, event: dict[str, Any]) -> None:
        self.latest = event["data"]
        if not self.slow:
            self.wanted.set()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            asked = json.loads(text_data or "{}")
        except ValueError:
            return
        if not isinstance(asked, dict):
            return
        if "hz" in asked:
            self.slow = asked["hz"] == 1
        if asked.get("snapshot"):
            self.snapshot_due = True
        self.wanted.set()

    async def run(self) -> None:
        store = redis.asyncio.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
        checked = time.monotonic()
        self.wanted.set()
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.wanted.wait(), 1.0)
                self.wanted.clear()
                await self._send_due(store)
                if time.monotonic() - checked > LOOK_AGAIN_S:
                    await self.check()
                    checked = time.monotonic()
                if self.slow:
                    await asyncio.sleep(1.0)
                    self.snapshot_due = True
                    self.wanted.set()
        finally:
            await store.aclose()

    async def _send_due(self, store: redis.asyncio.Redis) -> None:
        if self.snapshot_due:
            self.snapshot_due = False
            if data := await store.get(snapshot_key(self.site.pk)):
                await self.send(bytes_data=data)
        frame, self.latest = self.latest, None
        if frame is not None and not self.slow:
            await self.send(bytes_data=frame)


class PageConsumer(SiteConsumer):
    """The panels named in `?show=`, drawn again when `page.changed` names them, at most twice a second."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shown: tuple[str, ...] = ()
        self.due: set[str] = set()
        self.woken = asyncio.Event()
        self.sent: dict[str, int] = {}
        self.language = settings.LANGUAGE_CODE

    def group_of(self, site: Site) -> str:
        return page_group(site.pk)

    async def connect(self) -> None:
        query = parse_qs(self.scope.get("query_string", b"").decode())
        self.show(",".join(query.get("show", [])))
        asked = query.get("lang", [""])[-1]
        self.language = asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        await super().connect()

    def show(self, names: str) -> None:
        self.shown = panels.known(names.split(","))
        self.due |= set(self.shown)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The page says what it shows now: `{"show": "queue,card:rob_..."}`."""
        try:
            asked = json.loads(text_data or "{}")
        except ValueError:
            return
        if isinstance(asked, dict) and isinstance(asked.get("show"), str):
            self.show(asked["show"])
            self.woken.set()

    async def page_changed(self, event: dict[str, Any]) -> None:
        if found := panels.woken(self.shown, event.get("what", ())):
            self.due |= found
            self.woken.set()

    async def run(self) -> None:
        while True:
            names, self.due = self.due & set(self.shown), set()
            if html := await self._draw(sorted(names)):
                await self.send(text_data=html)
            await asyncio.sleep(PAGE_PERIOD_S)
            try:
                await asyncio.wait_for(self.woken.wait(), REDRAW_S)
            except TimeoutError:
                self.due |= set(self.shown)  # ages and estimates move; and an event may have been lost
            self.woken.clear()

    @database_sync_to_async
    def _draw(self, names: list[str]) -> str:
        self.site, actor = self._check()
        now = timezone.now()
        parts = []
        for name in names:
            with translation.override(self.language):
                html = panels.render(name, self.site, actor, now, oob=True)
            if html is not None and self.sent.get(name) != hash(html):
                self.sent[name] = hash(html)
                parts.append(html)
        return "".join(parts)


routes = [
    path("ws/live/<slug:slug>/", LiveConsumer.as_asgi()),
    path("ws/page/<slug:slug>/", PageConsumer.as_asgi()),
]
