"""Waiting for PostgreSQL notifications on a connection of its own, apart from Django's pool."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import psycopg
from django.conf import settings

log = logging.getLogger(__name__)


class Listener:
    """`wait(timeout)` gives the payloads that arrived; an empty set after the timeout or while the database is away."""

    def __init__(self, *channels: str) -> None:
        self.channels = channels
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None

    def wait(self, timeout: float) -> set[str]:
        """Payloads since the last call, duplicates folded; returns at the first one."""
        try:
            return {n.payload for n in self._notifications(timeout)}
        except psycopg.Error as error:
            log.warning("notifications lost (%s); looking on a timer until the database is back", error)
            self.close()
            time.sleep(min(timeout, 0.5))
            return set()

    def _notifications(self, timeout: float) -> Iterator[psycopg.Notify]:
        if self._connection is None:
            self._connection = psycopg.connect(**connection_parameters(), autocommit=True, connect_timeout=3)
            for channel in self.channels:
                self._connection.execute(f'listen "{channel}"')
        return self._connection.notifies(timeout=timeout, stop_after=1)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connection_parameters() -> dict[str, str]:
    """libpq parameters of the default database (the one in force: a test's database has another name)."""
    known = settings.DATABASES["default"]
    pairs = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    return {name: str(known[key]) for name, key in pairs.items() if known.get(key)}
