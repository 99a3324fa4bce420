"""From link's memory to the database: when, and what again when it failed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from . import link_bad, link_rows, link_store
from .core.vda5050.errors import ProblemKind
from .link_bad import Bad, BadMessages
from .link_history import HistoryRow
from .link_robot import LinkRobot
from .link_store import Batch, Store

if TYPE_CHECKING:
    from .link import Link

log = logging.getLogger(__name__)

FLUSH_S = 0.25
URGENT_S = 0.02
"""Shortest time between two writes: in a busy second many robots report something that matters."""
HISTORY_LIMIT = 120_000
"""States kept in memory while the database is away: two minutes of a thousand robots."""


class Writer:
    """`changed`, `keep_bad`, `take` and `again` are called with link's lock held, or take it."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.history: list[HistoryRow] = []
        self.bad = BadMessages()
        self.last_ms = 0.0
        self._dirty: set[int] = set()
        self._wake = threading.Event()
        self._store = Store()
        self._doubtful = False
        self._all_at = 0.0
        self._wrote_at = 0.0

    # --- what is to be written ----------------------------------------------------------------------------------------

    def adopt(self, robot: LinkRobot) -> None:
        """States of the robot go into the history from now on."""
        robot.rows = self.history

    def changed(self, robot: LinkRobot) -> None:
        if robot.light or robot.heavy:
            self._dirty.add(robot.card.pk)
            if robot.urgent:
                self._wake.set()
        if len(self.history) > HISTORY_LIMIT:
            self._shorten()

    def keep_bad(self, robot: LinkRobot, topic: str, payload: bytes, at: float) -> None:
        problems, robot.bad = robot.bad, []
        for problem in problems:
            self.link.counters.bad += 1
            self.bad.add(Bad(robot.card.pk, at, topic, problem, payload))
            if problem.kind is ProblemKind.WRONG_IDENTITY:
                self.link.serving.refused("identity", robot.card.login or robot.card.serial, topic)

    def wake(self) -> None:
        self._wake.set()

    def take(self, only: Iterable[int] | None = None, *, history: bool = True) -> Batch:
        """What changed, of all robots or of some; it counts as written afterwards."""
        batch = Batch()
        with self.link.lock:
            wanted = self._dirty if only is None else self._dirty & set(only)
            for pk in wanted:
                if (robot := self.link.robots.get(pk)) is not None:
                    add(batch, robot)
            self._dirty -= wanted
            if history:
                batch.history = self.history[:]
                self.history.clear()
        return batch

    def leaving(self, robots: Iterable[LinkRobot]) -> Batch:
        """The last that is to be written of robots that another link is to serve."""
        batch, keys = Batch(), set()
        with self.link.lock:
            for robot in robots:
                keys.add(robot.card.pk)
                robot.heavy = robot.side_changed = True
                add(batch, robot)
            batch.history = [row for row in self.history if row.robot in keys]
            self.history[:] = [row for row in self.history if row.robot not in keys]
        return batch

    def again(self, robots: Iterable[int], history: list[HistoryRow] | None = None) -> None:
        """It was not written, or nobody knows."""
        with self.link.lock:
            for pk in robots:
                if (robot := self.link.robots.get(pk)) is not None:
                    robot.heavy = robot.side_changed = robot.urgent = True
                    robot.known = False
                    self._dirty.add(pk)
            if history:
                self.history[:0] = history
                self._shorten()

    def _shorten(self) -> None:
        too_many = len(self.history) - HISTORY_LIMIT
        if too_many > 0:
            del self.history[:too_many]
            self.link.counters.history_dropped += too_many

    # --- the thread ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Returns only when the link stops. Raises psycopg.Error; what was not written is written by the next run."""
        while not self.link.stopping.is_set():
            now = time.monotonic()
            if self._wake.wait(max(0.0, self._all_at + FLUSH_S - now)):
                self.link.stopping.wait(max(0.0, self._wrote_at + URGENT_S - time.monotonic()))
            self._wake.clear()
            self.flush(all_of_it=time.monotonic() - self._all_at >= FLUSH_S)

    def finish(self) -> None:
        """The last write, when the threads are gone."""
        try:
            self.flush(all_of_it=True)
        finally:
            self._store.close()

    def flush(self, *, all_of_it: bool) -> None:
        began = time.monotonic()
        if all_of_it:
            self._all_at = began
            link_bad.write(self._store.connection(), self.bad.take())
        only = None if all_of_it else self._urgent()
        if not (self._dirty if only is None else only) and not (all_of_it and self.history):
            return
        batch = Batch()

        def take() -> Batch:
            nonlocal batch
            batch = self.take(only, history=all_of_it)
            return batch

        try:
            self._write(take)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            log.error("a state cannot be stored: %s; each robot's is tried by itself", error)
            self._one_by_one(batch)
        except BaseException:
            self._doubtful = True
            self._back(batch)
            raise
        self._doubtful = False if all_of_it else self._doubtful
        link_rows.tell_pages(batch)
        self._wrote_at = time.monotonic()
        self.last_ms = 1000 * (self._wrote_at - began)

    def _write(self, take: Callable[[], Batch]) -> None:
        lost = link_store.write(
            self._store.connection(),
            take,
            member=self.link.members.name,
            owned=self.link.owned,
            again=self._doubtful,
        )
        self.link.database_answered()
        if lost:
            self.link.serving.lost(lost)

    def _one_by_one(self, batch: Batch) -> None:
        """One robot's words must not keep those of the others from being stored."""
        keys = batch.robots | {row.robot for row in batch.history}
        for pk in sorted(keys):
            try:
                self._write(partial(batch.only, {pk}))
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                log.error("what robot %s said last cannot be stored and is left out: %s", pk, error)
                self.link.counters.not_written += 1
            except psycopg.Error:
                self._doubtful = True
                self._back(batch)
                raise

    def _back(self, batch: Batch) -> None:
        with self.link.lock:
            for pk, sheet in batch.factsheets.items():
                if (robot := self.link.robots.get(pk)) is not None:
                    robot.factsheet = robot.factsheet or sheet
        self.again(batch.robots, batch.history)

    def _urgent(self) -> set[int]:
        with self.link.lock:
            return {pk for pk in self._dirty if (robot := self.link.robots.get(pk)) is not None and robot.urgent}


def add(batch: Batch, robot: LinkRobot) -> None:
    pk = robot.card.pk
    if robot.urgent:
        batch.urgent.setdefault(robot.site_pk, []).append(robot.card.public_id)
    if robot.factsheet is not None:
        batch.factsheets[pk], robot.factsheet = robot.factsheet, None
    if robot.known and not robot.heavy:
        batch.light.append(robot.take_light())
        return
    (batch.full if robot.known else batch.new).append(robot.take_full())
    robot.known = True
