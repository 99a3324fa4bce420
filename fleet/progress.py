"""Progress files: each process of ours touches `<state>/run/<name>.beat` in its main loop. The supervisor looks at it.

Progress is watched, not liveness: a process that hangs is alive but does not beat.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]


def _path(name: str, state: str | Path | None) -> Path:
    return Path(state or os.environ.get("YARDMASTER_STATE") or REPO / ".state") / "run" / f"{name}.beat"


def beat(name: str, state: str | Path | None = None) -> None:
    """Say that the main loop of process `name` came round. Never raises: a full disk must stop no process."""
    path = _path(name, state)
    try:
        os.utime(path)
    except FileNotFoundError:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        except OSError:
            pass
    except OSError:
        pass


def age(name: str, state: str | Path | None = None) -> float | None:
    """Seconds since the last beat of process `name`; None when it never beat."""
    try:
        return max(0.0, time.time() - _path(name, state).stat().st_mtime)
    except OSError:
        return None


def forget(name: str, state: str | Path | None = None) -> None:
    """Remove the file, so that the beats of an earlier process do not count for the next one."""
    _path(name, state).unlink(missing_ok=True)
