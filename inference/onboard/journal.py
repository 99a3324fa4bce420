"""What one robot must not forget: a sqlite file a robot, `<state>/onboard/<serial>/journal.db`.

Programs, the VDA 5050 side's snapshot and every action's begin and end are committed with synchronous=FULL before the
robot acts on them or reports them (reliability rule 4). Pose, battery and load change all the time and may lose the
last second in a power cut, so they are written without waiting for the disk. Usable from several threads.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
KEEP_PROGRAMS, KEEP_ACTIONS = 500, 5000

SCHEMA = """
create table if not exists program (attempt text primary key, body text not null);
create table if not exists action (
    id text primary key, begun integer not null, outcome text, result text, error text);
create table if not exists kept (name text primary key, body text not null);
"""
TRIM_PROGRAMS = "delete from program where rowid <= (select max(rowid) from program) - ?"
TRIM_ACTIONS = "delete from action where outcome is not null and rowid <= (select max(rowid) from action) - ?"


class ProgramConflict(ValueError):
    """A second program under an attempt id that is already stored, with another content."""


@dataclass(frozen=True, slots=True)
class ActionRecord:
    """`outcome` None: begun and not finished. `result` and `error` as the action ended with them."""

    id: str
    outcome: str | None
    result: str | None = None
    error: str | None = None


class Journal:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._lock = threading.RLock()
        self._db = self._open("FULL")
        with self._db:
            self._db.executescript(SCHEMA)
        self._loose = self._open("NORMAL")

    def _open(self, synchronous: str) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, check_same_thread=False, timeout=5.0)
        db.execute("pragma journal_mode=wal")
        db.execute(f"pragma synchronous={synchronous}")
        return db

    def close(self) -> None:
        with self._lock:
            self._loose.close()
            self._db.close()

    # --- programs ---------------------------------------------------------------------------------------------------

    def store_program(self, attempt: str, body: Json) -> bool:
        """True when it was new, False when this very program is already stored. Raises ProgramConflict."""
        text = json.dumps(body, sort_keys=True)
        with self._lock, self._db:
            row = self._db.execute("select body from program where attempt = ?", (attempt,)).fetchone()
            if row is not None:
                if row[0] != text:
                    raise ProgramConflict(f"attempt {attempt} is stored with another program; use a new attempt id")
                return False
            self._db.execute("insert into program values (?, ?)", (attempt, text))
            self._db.execute(TRIM_PROGRAMS, (KEEP_PROGRAMS,))
        return True

    def program(self, attempt: str) -> Json | None:
        with self._lock:
            row = self._db.execute("select body from program where attempt = ?", (attempt,)).fetchone()
        return json.loads(row[0]) if row else None

    # --- actions ----------------------------------------------------------------------------------------------------

    def begin_action(self, action_id: str) -> bool:
        """Write that the hardware is about to start. False when it already began once: then it must not start again."""
        with self._lock, self._db:
            done = (
                self._db.execute("insert or ignore into action (id, begun) values (?, 1)", (action_id,)).rowcount == 1
            )
            if done:
                self._db.execute(TRIM_ACTIONS, (KEEP_ACTIONS,))
        return done

    def end_action(self, action_id: str, outcome: str, result: str | None, error: str | None) -> None:
        """Write how it ended, before anybody is told. The first outcome stands."""
        with self._lock, self._db:
            self._db.execute("insert or ignore into action (id, begun) values (?, 1)", (action_id,))
            self._db.execute(
                "update action set outcome = ?, result = ?, error = ? where id = ? and outcome is null",
                (outcome, result, error, action_id),
            )

    def action(self, action_id: str) -> ActionRecord | None:
        with self._lock:
            row = self._db.execute(
                "select id, outcome, result, error from action where id = ?", (action_id,)
            ).fetchone()
        return ActionRecord(*row) if row else None

    def forget_action(self, action_id: str) -> None:
        """It failed and was asked for again (3.0 retry): the next begin counts."""
        with self._lock, self._db:
            self._db.execute("delete from action where id = ? and outcome is not null", (action_id,))

    def unfinished(self) -> list[ActionRecord]:
        """Actions that began and never ended: what a kill interrupted."""
        with self._lock:
            rows = self._db.execute("select id, outcome, result, error from action where outcome is null").fetchall()
        return [ActionRecord(*row) for row in rows]

    # --- snapshots --------------------------------------------------------------------------------------------------

    def save(self, name: str, body: Mapping[str, Any]) -> None:
        """Keep `body` under `name` ("side", ...), on disk when this returns."""
        self._keep(self._db, name, body)

    def save_loosely(self, name: str, body: Mapping[str, Any]) -> None:
        """As `save`, safe against a kill of the process but not against a power cut."""
        self._keep(self._loose, name, body)

    def load(self, name: str) -> Json | None:
        with self._lock:
            row = self._db.execute("select body from kept where name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def _keep(self, db: sqlite3.Connection, name: str, body: Mapping[str, Any]) -> None:
        with self._lock, db:
            db.execute("insert or replace into kept values (?, ?)", (name, json.dumps(body)))


class Journals:
    """The journals of the robots this worker serves, opened once each."""

    def __init__(self, state: Path) -> None:
        self._root = state / "onboard"
        self._open: dict[str, Journal] = {}
        self._lock = threading.Lock()

    def of(self, serial: str) -> Journal:
        if not serial or serial in (".", "..") or not all(c.isalnum() or c in "_.:-" for c in serial):
            raise ValueError(f"{serial!r} is no serial number: letters, digits and _ . : - (VDA 5050 4.2)")
        with self._lock:
            if serial not in self._open:
                self._open[serial] = Journal(self._root / serial / "journal.db")
            return self._open[serial]

    def close(self) -> None:
        with self._lock:
            for journal in self._open.values():
                journal.close()
            self._open.clear()
