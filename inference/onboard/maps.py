"""Map files of a simulated robot: fetched from the link that downloadMap names, checked, kept beside its journal.

The standard leaves open what mapHash is; one of 64 hex digits is taken as the SHA-256 of the file and checked, any
other cannot be.
"""

from __future__ import annotations

import hashlib
import queue
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

from robots.core.vda5050.messages import Action

LARGEST = 64 * 1024 * 1024
PATIENCE = 10.0
"""Bytes a map may have, and s without an answer after which a download has failed."""


class MapRefused(Exception):
    """The text says why the file is not taken."""


def fetch(link: str) -> bytes:
    """Raises MapRefused when the file cannot be had."""
    if not link.startswith(("http://", "https://")):
        raise MapRefused(f"a map is fetched over http or https, not from {link[:80]!r}")
    try:
        with urllib.request.urlopen(link, timeout=PATIENCE) as answer:  # noqa: S310 (the scheme was checked)
            content: bytes = answer.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise MapRefused(f"the map server gave no file: {error}") from error
    if len(content) > LARGEST:
        raise MapRefused(f"the map has more than {LARGEST // 2**20} MiB")
    return content


class Maps:
    """`folder`: where the files are kept, named by map and version. Downloads run beside the robot's loop."""

    def __init__(self, folder: Path, get: Callable[[str], bytes] = fetch) -> None:
        self._folder, self._get = folder, get
        self._done: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()

    def begin(self, action: Action) -> None:
        """Start a download; `done` tells how it ended."""
        threading.Thread(target=self._load, args=(action,), name="map-download", daemon=True).start()

    def done(self) -> list[tuple[str, str]]:
        """(action id, what went wrong, or empty) of downloads that ended since the last call."""
        found = []
        while not self._done.empty():
            found.append(self._done.get())
        return found

    def delete(self, action: Action) -> None:
        self._file(action).unlink(missing_ok=True)

    def _load(self, action: Action) -> None:
        try:
            content = self._get(str(action.parameter("mapDownloadLink")))
            _check(content, str(action.parameter("mapHash") or ""))
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._file(action).with_suffix(".part")
            draft.write_bytes(content)
            draft.replace(self._file(action))
        except (MapRefused, OSError) as error:
            self._done.put((action.action_id, str(error)))
        else:
            self._done.put((action.action_id, ""))

    def _file(self, action: Action) -> Path:
        name = f"{action.parameter('mapId')}\n{action.parameter('mapVersion')}"
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.map"


def _check(content: bytes, wanted: str) -> None:
    given = wanted.removeprefix("sha256:").lower()
    is_sha = len(given) == 64 and all(c in "0123456789abcdef" for c in given)
    if is_sha and hashlib.sha256(content).hexdigest() != given:
        raise MapRefused("the file does not have the hash it should have")
