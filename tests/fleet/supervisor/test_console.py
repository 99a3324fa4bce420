"""Logs by size and lines with names."""

from __future__ import annotations

import io
from pathlib import Path

from fleet import progress
from fleet.supervisor.console import Console, LogFile


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_are_whole_even_when_they_arrive_in_pieces(tmp_path: Path) -> None:
    log = LogFile(tmp_path, "web")
    assert log.feed(b"one\ntw") == ["one"]
    assert log.feed(b"o\n\n\xff\n") == ["two", "\ufffd"]
    log.close()
    assert (tmp_path / "web.log").read_bytes() == b"one\ntwo\n\n\xff\n"


def test_a_log_is_turned_over_by_size_and_the_oldest_is_dropped(tmp_path: Path) -> None:
    log = LogFile(tmp_path, "web", limit=100)
    for number in range(12):
        log.feed(f"{number:060}\n".encode())
    log.close()
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["web.log", "web.log.1", "web.log.2", "web.log.3"]
    assert all(path.stat().st_size <= 161 for path in tmp_path.iterdir())
    assert (tmp_path / "web.log.1").read_text().endswith("11\n")


def test_colour_on_a_terminal_only() -> None:
    plain, coloured = Console(io.StringIO(), show_processes=True), Console(Terminal(), show_processes=True)
    for console in (plain, coloured):
        console.process_line("web", "hello")
        console.warn("trouble")
    assert plain.stream.getvalue() == "      web | hello\ntrouble\n"  # type: ignore[attr-defined]
    assert "\x1b[31mtrouble\x1b[0m" in coloured.stream.getvalue()  # type: ignore[attr-defined]


def test_a_gone_terminal_stops_nothing() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    console = Console(Gone(), show_processes=True)
    console.process_line("web", "hello")
    assert not console.show_processes


def test_beats_are_seen_and_forgotten(tmp_path: Path) -> None:
    assert progress.age("link", tmp_path) is None
    progress.beat("link", tmp_path)
    age = progress.age("link", tmp_path)
    assert age is not None
    assert age < 5
    progress.forget("link", tmp_path)
    assert progress.age("link", tmp_path) is None


def test_a_beat_never_raises(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    progress.beat("link", tmp_path / "file")
