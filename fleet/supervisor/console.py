"""What a person sees: one line for each thing that happened, and the processes' own lines with their names in front."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TextIO

COLOURS = (36, 33, 35, 32, 34, 96, 93, 95, 92, 94)
RED, BOLD = 31, 1
ROTATE_BYTES = 5_000_000
KEPT = 3


class Console:
    """Prints to `stream`; in colour on a terminal. Lines of processes are shown only while `show_processes` is set."""

    def __init__(self, stream: TextIO | None = None, *, show_processes: bool = False) -> None:
        self.stream = stream or sys.stdout
        self.show_processes = show_processes
        self.colour = self.stream.isatty()
        self._names: list[str] = []

    def say(self, text: str) -> None:
        self._write(text)

    def warn(self, text: str) -> None:
        self._write(self._paint(text, RED))

    def headline(self, text: str) -> None:
        self._write(self._paint(text, BOLD))

    def process_line(self, name: str, line: str) -> None:
        if not self.show_processes:
            return
        if name not in self._names:
            self._names.append(name)
        colour = COLOURS[self._names.index(name) % len(COLOURS)]
        self._write(f"{self._paint(f'{name:>9} |', colour)} {line}")

    def _paint(self, text: str, code: int) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text

    def _write(self, text: str) -> None:
        try:
            print(text, file=self.stream, flush=True)
        except OSError:
            # The terminal or pipe is gone; the processes and their log files go on.
            self.show_processes = False


class LogFile:
    """`<folder>/<name>.log`, turned over to `.log.1` and so on by size. Also cuts what it gets into lines."""

    def __init__(self, folder: Path, name: str, limit: int = ROTATE_BYTES) -> None:
        self.path = folder / f"{name}.log"
        self.limit = limit
        self.file = self.path.open("ab")
        self._partial = b""

    def mark(self, text: str) -> None:
        """A line of our own, with the time."""
        self._append(f"--- {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {text}\n".encode())

    def feed(self, data: bytes) -> list[str]:
        """Store `data`; return the lines that are complete now."""
        self._append(data)
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > 65536:  # one endless line must not fill our memory
            lines, self._partial = [*lines, self._partial], b""
        return [line.decode(errors="replace").rstrip() for line in lines if line.strip()]

    def close(self) -> None:
        self.file.close()

    def _append(self, data: bytes) -> None:
        try:
            self.file.write(data)
            self.file.flush()
            if self.file.tell() > self.limit:
                self._turn_over()
        except OSError:
            pass  # disk full: running on matters more than the log

    def _turn_over(self) -> None:
        self.file.close()
        for number in range(KEPT - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number + 1}"))
        self.path.replace(self.path.with_name(f"{self.path.name}.1"))
        self.file = self.path.open("ab")
