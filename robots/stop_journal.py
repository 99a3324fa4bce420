"""The stop path's own memory: one JSON line for each thing a person did, forced to the disk before it is sent.

Lines: {"t": "opened", "latch": {...}}, {"t": "extended", "id", "serials"}, {"t": "released", "id", "serials", "by",
"at", "reason", "resume"}, {"t": "told", "n"} (the first n acts are in the database). Read at start: a stop stands
across restarts, and what the database has not been told yet is told then.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path
from typing import Any

from .core.stops import Latch, StopBook, latch_from_json

log = logging.getLogger(__name__)

Act = dict[str, Any]


class Journal:
    """An append-only file. A torn last line (the machine died while writing) is dropped and said so."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.acts: list[Act] = []
        self.told = 0
        self._read()

    def append(self, act: Act) -> None:
        """Returns once the line is on the disk. OSError when it cannot be: the caller sends the stop all the same."""
        with self._lock:
            self.acts.append(act)
            self._write(act)

    def untold(self) -> list[Act]:
        """What the database does not know yet, oldest first."""
        with self._lock:
            return self.acts[self.told :]

    def tell(self, count: int) -> None:
        """The database knows `count` more acts."""
        with self._lock:
            self.told += count
            self._write({"t": "told", "n": self.told})

    def replay(self, now: float) -> StopBook:
        """The stops that still stand. Confirmations are not in the file: the robots are asked again."""
        book = StopBook()
        for act in self.acts:
            if act["t"] == "opened":
                book.open(latch_from_json(act["latch"], now))
            elif act["t"] == "extended" and act["id"] in book.latches:
                book.extend(act["id"], act["serials"], now)
            elif act["t"] == "released" and act["id"] in book.latches:
                book.release(act["id"], act["serials"], now=now, resume_id=act["resume"])
        book.resuming.clear()
        book.resume_ids.clear()
        return book

    def _write(self, act: Act) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, json.dumps(act, separators=(",", ":")).encode() + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)

    def _read(self) -> None:
        if not self.path.exists():
            return
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            with self.path.open("ab") as file:  # or the next act would be written behind the torn line and lost with it
                file.write(b"\n")
        for number, line in enumerate(content.splitlines(), start=1):
            try:
                act = json.loads(line)
                kind = act["t"]
            except (ValueError, KeyError, TypeError):
                log.error("%s line %d cannot be read and is left out", self.path, number)
                continue
            if kind == "told":
                self.told = min(int(act["n"]), len(self.acts))
            else:
                self.acts.append(act)
        self._compact()

    def _compact(self) -> None:
        """At start: forget stops that are over and told, so that the file does not grow for ever."""
        over = {act["id"] for act in self.acts[: self.told] if act["t"] == "released"} - set(self.replay(0.0).latches)
        keep = [(index, act) for index, act in enumerate(self.acts) if index >= self.told or _latch_of(act) not in over]
        if len(keep) == len(self.acts):
            return
        told = sum(1 for index, _ in keep if index < self.told)
        draft = self.path.with_suffix(".draft")
        lines = [json.dumps(act, separators=(",", ":")) for _, act in keep] + [json.dumps({"t": "told", "n": told})]
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        self.acts, self.told = [act for _, act in keep], told


def opened(latch: Latch) -> Act:
    return {"t": "opened", "latch": latch.to_json()}


def _latch_of(act: Act) -> str:
    return str(act["latch"]["id"] if act["t"] == "opened" else act["id"])
