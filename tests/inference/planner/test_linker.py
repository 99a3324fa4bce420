"""The linker: names as people write them, and the traps that make a confident wrong plan."""

from __future__ import annotations

import pytest

from inference.contract import Named, PlanRequest, Vocabulary
from inference.planner.reading import read

SITE = Vocabulary(
    site="s",
    now="10:20",
    places=(
        *(Named(f"dock-{n}", f"Dock {n}") for n in (1, 2, 3)),
        Named("cold-a", "Cold Storage A", ("cold A",)),
        Named("cold-b", "Cold Storage B", ("cold B",)),
        Named("inb", "Inbound 2", ("inbound two",)),
        Named("rb", "Repair Bench", ("workshop",)),
        Named("hall", "Packing Hall"),
        Named("count", "Count"),
    ),
    items=(Named("oats", "oat pallets", ("pallet of oats",)), Named("bin-7", "bin 7"), Named("boxes", "shoe boxes")),
    robots=(Named("r-07", "R-07"), Named("r-11", "R-11"), Named("heron", "Heron")),
)


def links(text: str) -> list[tuple[str, str]]:
    """(status, id or candidate ids) of each mention, in order of the text."""
    out = []
    for atom in read(PlanRequest(text, SITE)).atoms:
        m = atom.mention
        if m is not None:
            out.append((m.status, m.named.id if m.named else ",".join(n.id for n in m.members or m.candidates)))
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("go to dock 1", [("linked", "dock-1")]),
        ("go to DOCK-01", [("linked", "dock-1")]),
        ("docks 1 and 3", [("linked", "dock-1"), ("linked", "dock-3")]),
        ("docks 1, 2 and 3", [("linked", "dock-1"), ("linked", "dock-2"), ("linked", "dock-3")]),
        ("inbound two", [("linked", "inb")]),
        ("oats pallets", [("linked", "oats")]),
        ("3 pallets of oats", [("linked", "oats")]),
        ("R7", [("linked", "r-07")]),
        ("r 07", [("linked", "r-07")]),
        ("the bench", [("partial", "rb")]),
        ("the workshop", [("linked", "rb")]),
        ("cold storage", [("ambiguous", "cold-a,cold-b")]),
        ("cold storages A and B", [("linked", "cold-a"), ("linked", "cold-b")]),
        ("dock 12", [("unknown", "dock-1,dock-2,dock-3")]),
        ("R-99", [("unknown", "r-07,r-11")]),
        ("all docks", [("group", "dock-1,dock-2,dock-3")]),
        ("dcok 1", [("linked", "dock-1")]),
        ("repiar bench", [("linked", "rb")]),
        ("coldstorage B", [("linked", "cold-b")]),
        ("packinghall", [("linked", "hall")]),
        ("dock 1 and 3 pallets of oats", [("linked", "dock-1"), ("linked", "oats")]),
        ("dock 1 and 20 minutes", [("linked", "dock-1")]),
    ],
)
def test_names(text: str, expected: list[tuple[str, str]]) -> None:
    assert links(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "half an hour",
        "count the things",
        "in 2 minutes",
        "a b c",
        "one of the two",
        "the storage of it all 7",
        "call me back",
    ],
)
def test_everyday_words_are_no_names(text: str) -> None:
    assert [row for row in links(text) if row[0] in ("linked", "partial")] == []


def test_a_word_with_a_typing_error_counts_less() -> None:
    right, wrong = (read(PlanRequest(t, SITE)).atoms[-1].mention for t in ("to repair bench", "to repiar bench"))
    assert right is not None
    assert wrong is not None
    assert right.confidence > wrong.confidence


def test_spans_are_those_of_the_text() -> None:
    text = "  «Heron»,  go to   Cold-Storage  A!"
    spans = [text[a.start : a.end] for a in read(PlanRequest(text, SITE)).atoms if a.mention is not None]
    assert spans == ["Heron", "Cold-Storage  A"]
