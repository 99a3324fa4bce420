"""Whoever is told to do the work must be of the site: unknown doers are found, ordinary words are not."""

from __future__ import annotations

import pytest

from inference.contract import Named, PlanRequest, Vocabulary
from inference.planner.compact.slots import delexicalise
from inference.planner.compact.strangers import stranger, wonders
from inference.planner.reading import read
from inference.planner.text import listed

SITE = Vocabulary(
    "s", "10:00", (Named("d1", "Dock 1"),), (Named("oats", "oats"),), (Named("h", "Heron"), Named("k", "Kite"))
)
SEEN = listed(
    "take bring the to from let have tell should could please die am soll nach zum niech zawiezie do que lleve los a "
    "go morning everyone said that laisse porter les hey now quickly"
)


def found(text: str) -> str | None:
    slotted = delexicalise(read(PlanRequest(text, SITE)))
    known = frozenset(n for n, word in enumerate(slotted.words) if word in SEEN)
    return stranger(text, slotted, known)


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Gizmo, take the oats to Dock 1", "Gizmo"),
        ("Let Gizmo take the oats to dock 1", "Gizmo"),
        ("Porter bring the oats to Dock 1", "Porter"),
        ("Morning everyone. Gizmo should take the oats to Dock 1", "Gizmo"),
        ("Die AM soll die oats zum Dock 1 bringen", "AM"),
        ("Niech Bolek zawiezie oats do Dock 1", "Bolek"),
        ("que Condor lleve los oats a Dock 1", "Condor"),
        ("让小蓝去把oats送到Dock 1", "小蓝"),
    ],
)
def test_an_unknown_doer_is_named(text: str, who: str) -> None:
    assert found(text) == who


@pytest.mark.parametrize(
    "text",
    [
        "Heron, take the oats to Dock 1",
        "Let Heron take the oats to Dock 1",
        "Take the oats to Dock 1",
        "take the oats to Dock 1 quickly",
        "Now take the oats to Dock 1. Quickly bring the oats to Dock 1",
        "让机器人去把oats送到Dock 1",
        "",
    ],
)
def test_nobody_is_found_where_nobody_is_named(text: str) -> None:
    assert found(text) is None


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Which of you brought the oats to Dock 1 this morning?", True),
        ("Wer hat die oats zum Dock 1 gebracht?", True),
        ("¿Quién llevó los oats a Dock 1?", True),
        ("谁把oats送到Dock 1了？", True),
        ("Why don't you take the oats to Dock 1?", False),
        ("Could you take the oats to Dock 1?", False),
        ("What about the oats? Take them to Dock 1", False),
        ("When the oats are there, take them to Dock 1.", False),
    ],
)
def test_a_question_about_what_was_is_no_order(text: str, asks: bool) -> None:
    assert wonders(text) is asks
