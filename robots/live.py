"""What pages are told while it happens: binary position frames, and which parts of a page changed.

Channel groups: `live.<site pk>` carries `{"type": "live.frame", "data": bytes}`; `page.<site pk>` carries
`{"type": "page.changed", "what": [names]}`. The latest full snapshot is the Valkey key `live:<site pk>:snapshot`, whose
sequence number is that of the last frame sent, so a receiver that reads it can go on with the next frame.

Everything here coalesces and may lose a message; a page finds a gap by the sequence number and reads the snapshot.
Sync callers use it from any thread: one thread of ours runs the event loop that the channel layer needs.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from .core.frames import Blip, assemble, pack

log = logging.getLogger(__name__)

SNAPSHOT_TTL_S = 10
PENDING_LIMIT = 200
COALESCE_S = 0.05


def live_group(site_pk: int) -> str:
    return f"live.{site_pk}"


def page_group(site_pk: int) -> str:
    return f"page.{site_pk}"


def snapshot_key(site_pk: int) -> str:
    return f"live:{site_pk}:snapshot"


def page_changed(site_pk: int, *names: str) -> None:
    """Tell the open pages of a site that `names` (`missions`, `attention`, `robot:<id>` ...) changed.

    Inside a transaction it leaves with the commit. Never raises and never waits: a page that misses it looks again.
    """
    transaction.on_commit(lambda: _bus().changed(site_pk, names))


class Bus:
    """The event loop thread and what waits to be sent by it. Bounded: beyond the limit frames are dropped."""

    def __init__(self) -> None:
        self.dropped = 0
        self._pending = 0
        self._changes: dict[int, dict[str, None]] = {}
        self._lock = threading.Lock()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="live", daemon=True).start()

    def send(self, group: str, message: dict[str, Any]) -> None:
        layer = get_channel_layer()
        if layer is not None:
            self._run(layer.group_send(group, message))

    def changed(self, site_pk: int, names: tuple[str, ...]) -> None:
        with self._lock:
            waiting = site_pk in self._changes
            self._changes.setdefault(site_pk, {}).update(dict.fromkeys(names))
        if not waiting:
            self._loop.call_soon_threadsafe(self._loop.call_later, COALESCE_S, self._flush, site_pk)

    def _flush(self, site_pk: int) -> None:
        with self._lock:
            names = list(self._changes.pop(site_pk, {}))
        if names:
            self.send(page_group(site_pk), {"type": "page.changed", "what": names})

    def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        with self._lock:
            if self._pending >= PENDING_LIMIT:
                self.dropped += 1
                work.close()
                return
            self._pending += 1
        asyncio.run_coroutine_threadsafe(self._guarded(work), self._loop)

    async def _guarded(self, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await asyncio.wait_for(work, 2.0)
        except Exception as error:  # Valkey may be away; the next frame tries again
            self.dropped += 1
            if self.dropped % 100 == 1:
                log.warning("live messages cannot be sent: %s", error or type(error).__name__)
        finally:
            with self._lock:
                self._pending -= 1


@dataclass(slots=True)
class LiveSite:
    """The frames of one site: remembers what was sent last, so that only changed robots are sent."""

    site_pk: int
    sequence: int = 0
    _rows: dict[int, bytes] = field(default_factory=dict)

    def step(self, blips: list[Blip], *, at_ms: int) -> tuple[bytes | None, bytes]:
        """The frame of what changed since the last step (None: nothing did) and the full snapshot."""
        rows = {blip.index: pack(blip) for blip in blips}
        changed = [row for index, row in rows.items() if self._rows.get(index) != row]
        gone = self._rows.keys() - rows.keys()
        self._rows = rows
        frame = None
        if changed or gone:
            self.sequence += 1
            # A robot that left the site cannot be told by a frame of changes: all that remain are sent instead.
            body = rows.values() if gone else changed
            frame = assemble(body, sequence=self.sequence, at_ms=at_ms, snapshot=bool(gone))
        return frame, assemble(rows.values(), sequence=self.sequence, at_ms=at_ms, snapshot=True)


class LivePublisher:
    """Link's side: sends the frames of every site it serves and keeps their snapshots."""

    def __init__(self, url: str | None = None) -> None:
        self._redis = redis.Redis.from_url(url or settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._sites: dict[int, LiveSite] = {}
        self._failures = 0

    def publish(self, site_pk: int, blips: list[Blip], *, at_ms: int, slug: str = "") -> None:
        """One tick of one site. Never raises: the picture is not worth stopping the link for."""
        site = self._sites.setdefault(site_pk, LiveSite(site_pk, sequence=at_ms & 0x7FFFFFFF))
        frame, snapshot = site.step(blips, at_ms=at_ms)
        try:
            self._redis.set(snapshot_key(site_pk), snapshot, ex=SNAPSHOT_TTL_S)
            if slug and frame is not None:  # for programs that know the site by its slug only (`manage.py up`)
                self._redis.set(f"live:{slug}:snapshot", snapshot, ex=SNAPSHOT_TTL_S)
        except redis.RedisError as error:
            self._failures += 1
            if self._failures % 100 == 1:
                log.warning("the snapshot of site %s cannot be kept: %s", site_pk, error)
        # An empty frame each tick tells a page that the line lives: its age is printed.
        data = frame or assemble([], sequence=site.sequence, at_ms=at_ms)
        _bus().send(live_group(site_pk), {"type": "live.frame", "data": data})


_made: Bus | None = None
_making = threading.Lock()


def _bus() -> Bus:
    global _made
    with _making:
        if _made is None:
            _made = Bus()
        return _made
