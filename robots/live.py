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
from collections.abc import Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction

from .core.frames import ROBOT, assemble

log = logging.getLogger(__name__)

SNAPSHOT_TTL_S = 10
PART_TTL_S = 2
PENDING_LIMIT = 200
COALESCE_S = 0.05


def live_group(site_pk: int) -> str:
    return f"live.{site_pk}"


def page_group(site_pk: int) -> str:
    return f"page.{site_pk}"


def snapshot_key(site_pk: int) -> str:
    return f"live:{site_pk}:snapshot"


def part_key(site_pk: int, member: str) -> str:
    return f"live:{site_pk}:part:{member}"


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

    def step(
        self, news: Mapping[int, bytes], *, at_ms: int, all_of: Collection[int] | None = None
    ) -> tuple[bytes | None, bytes]:
        """The frame of what changed since the last step (None: nothing did) and the full snapshot.

        `news`: packed robots by index, those that may have changed. `all_of`: the robots there are, where known anew.
        """
        rows = self._rows
        changed = [row for index, row in news.items() if rows.get(index) != row]
        rows.update(news)
        gone = set() if all_of is None else rows.keys() - set(all_of)
        for index in gone:
            del rows[index]
        frame = None
        if changed or gone:
            self.sequence += 1
            # A robot that left the site cannot be told by a frame of changes: all that remain are sent instead.
            body = rows.values() if gone else changed
            frame = assemble(body, sequence=self.sequence, at_ms=at_ms, snapshot=bool(gone))
        return frame, assemble(rows.values(), sequence=self.sequence, at_ms=at_ms, snapshot=True)


class LivePublisher:
    """Link's side: sends the frames of every site it speaks for and keeps their snapshots.

    Where several links serve the robots of a site, one of them publishes: the others leave their rows in Valkey
    (`leave_part`) and it puts them together (`parts`).
    """

    def __init__(self, url: str | None = None) -> None:
        self._redis = redis.Redis.from_url(url or settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
        self._sites: dict[int, LiveSite] = {}
        self._failures = 0

    def publish(
        self,
        site_pk: int,
        news: Mapping[int, bytes],
        *,
        at_ms: int,
        all_of: Collection[int] | None = None,
        slug: str = "",
    ) -> None:
        """One tick of one site. Never raises: the picture is not worth stopping the link for."""
        site = self._sites.setdefault(site_pk, LiveSite(site_pk, sequence=at_ms & 0x7FFFFFFF))
        frame, snapshot = site.step(news, at_ms=at_ms, all_of=all_of)
        try:
            self._redis.set(snapshot_key(site_pk), snapshot, ex=SNAPSHOT_TTL_S)
            if slug and frame is not None:  # for programs that know the site by its slug only (`manage.py up`)
                self._redis.set(f"live:{slug}:snapshot", snapshot, ex=SNAPSHOT_TTL_S)
        except redis.RedisError as error:
            self._failed(site_pk, error)
        # An empty frame each tick tells a page that the line lives: its age is printed.
        data = frame or assemble([], sequence=site.sequence, at_ms=at_ms)
        _bus().send(live_group(site_pk), {"type": "live.frame", "data": data})

    def publishes(self, site_pk: int) -> bool:
        return site_pk in self._sites

    def stop_publishing(self, site_pk: int) -> None:
        """Another link speaks for the site now."""
        self._sites.pop(site_pk, None)

    def leave_part(self, site_pk: int, member: str, rows: Iterable[bytes]) -> None:
        try:
            self._redis.set(part_key(site_pk, member), b"".join(rows), ex=PART_TTL_S)
        except redis.RedisError as error:
            self._failed(site_pk, error)

    def parts(self, site_pk: int, members: Sequence[str]) -> dict[int, bytes]:
        """The rows that other members left, by index."""
        if not members:
            return {}
        try:
            found = self._redis.mget([part_key(site_pk, member) for member in members])
        except redis.RedisError as error:
            self._failed(site_pk, error)
            return {}
        size = ROBOT.size
        rows = (part[at : at + size] for part in found if part for at in range(0, len(part), size))
        return {ROBOT.unpack(row)[0]: row for row in rows}

    def _failed(self, site_pk: int, error: Exception) -> None:
        self._failures += 1
        if self._failures % 100 == 1:
            log.warning("the snapshot of site %s cannot be kept: %s", site_pk, error)


_made: Bus | None = None
_making = threading.Lock()


def _bus() -> Bus:
    global _made
    with _making:
        if _made is None:
            _made = Bus()
        return _made
