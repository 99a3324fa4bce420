"""The published robot as a child process: its packages are installed once, by the lock file, and kept."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).resolve().parent
PROGRAM = "virtual_agv.js"
INSTALL_S = 240


def installed(cache: Path) -> tuple[Path | None, str]:
    """The folder with the program and its packages, or None and why there is none."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None, "no node or npm on PATH: install the packages nodejs and npm"
    lock = (HERE / "package-lock.json").read_bytes()
    folder = cache / f"node-{hashlib.sha256(lock).hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as guard:  # two test runs of one account begin at the same time
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(HERE / name, folder / name)
            line = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            try:
                done = subprocess.run(line, cwd=folder, capture_output=True, text=True, timeout=INSTALL_S, check=False)
            except subprocess.TimeoutExpired:
                return None, f"npm did not install the packages within {INSTALL_S} s"
            if done.returncode != 0:
                return None, f"npm cannot install the packages: {done.stderr.strip()[-300:]}"
            (folder / "complete").touch()
        shutil.copy(HERE / PROGRAM, folder / PROGRAM)
    return folder, ""


class VirtualAgv:
    """The robot as a context manager. `given` as at the top of the program."""

    def __init__(self, folder: Path, log: Path, **given: Any) -> None:
        self.folder, self.log, self.given = folder, log, given
        self.child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> VirtualAgv:
        line = ["node", PROGRAM, json.dumps(self.given)]
        with self.log.open("ab") as said:
            self.child = subprocess.Popen(
                line, cwd=self.folder, stdout=said, stderr=subprocess.STDOUT, env=dict(os.environ)
            )
        return self

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """Without a word: the broker publishes its last will."""
        if self.child is not None:
            self.child.kill()
            self.child.wait()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child is None:
            return
        self.child.terminate()
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()
