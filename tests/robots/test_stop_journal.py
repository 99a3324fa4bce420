from __future__ import annotations

from robots.core.stops import Latch
from robots.stop_journal import Journal, opened


def stopped(journal: Journal, ident: str, *serials: str) -> None:
    latch = Latch(ident, "site", "demo", 1.0, "person:1:anna")
    latch.add(serials, 1.0)
    journal.append(opened(latch))


def resumed(journal: Journal, ident: str, *serials: str) -> None:
    act = {"t": "released", "id": ident, "serials": list(serials), "by": "x", "at": 2.0, "reason": "ok", "resume": "r"}
    journal.append(act)


def test_what_stands_is_found_again(tmp_path):
    journal = Journal(tmp_path / "stop.jsonl")
    stopped(journal, "one", "A", "B")
    stopped(journal, "two", "C")
    resumed(journal, "one", "A")
    resumed(journal, "two", "C")
    book = Journal(tmp_path / "stop.jsonl").replay(10.0)
    assert {ident: latch.held for ident, latch in book.latches.items()} == {"one": {"B"}}
    assert book.resuming == {}, "a restart resumes nobody"


def test_what_the_database_was_not_told_is_told_after_a_restart(tmp_path):
    journal = Journal(tmp_path / "stop.jsonl")
    stopped(journal, "one", "A")
    journal.tell(1)
    resumed(journal, "one", "A")
    again = Journal(tmp_path / "stop.jsonl")
    assert [act["t"] for act in again.untold()] == ["released"]


def test_what_is_over_and_told_is_forgotten_at_the_next_start(tmp_path):
    path = tmp_path / "stop.jsonl"
    journal = Journal(path)
    stopped(journal, "one", "A")
    resumed(journal, "one", "A")
    stopped(journal, "two", "B")
    journal.tell(3)
    Journal(path)
    assert '"id":"one"' not in path.read_text()
    last = Journal(path)
    assert last.untold() == [] and list(last.replay(5.0).latches) == ["two"]


def test_a_torn_last_line_loses_only_itself(tmp_path):
    path = tmp_path / "stop.jsonl"
    stopped(Journal(path), "one", "A")
    with path.open("ab") as file:
        file.write(b'{"t": "released", "id": "on')
    journal = Journal(path)
    assert list(journal.replay(5.0).latches) == ["one"]
    resumed(journal, "one", "A")
    assert Journal(path).replay(5.0).latches == {}
