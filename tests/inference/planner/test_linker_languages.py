"""Names and values in seven languages, and what language a text is in: rows of text and what must come out.

`linking/heldout_*.txt` were written before the linker was made to read them, `linking/fresh.txt` after; of both the
share that comes out right is what is asked for, not each row.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.contract import PlanRequest
from inference.planner.language import SUPPORTED, detect
from inference.planner.names import plain_words
from inference.planner.reading import read
from inference.planner.text import listed
from tests.inference.planner.linking.sites import HERE, SITES, cases, outcome

ROWS = cases("heldout_en_de.txt", "heldout_es_fr_pt.txt", "heldout_pl_zh.txt", "fresh.txt")
FIXED = cases("rows_names.txt", "rows_values.txt")
# Words of the names in languages.txt: they must not decide.
NAMES = listed("Inbound Outbound Heron Cold Storage Dock Row Packing Bench Repair A R Kühlhaus Rampa Muelle Żubr")


@pytest.mark.parametrize(("lang", "text", "expected"), FIXED, ids=[f"{lang}-{text}" for lang, text, _ in FIXED])
def test_row(lang: str, text: str, expected: list[str]) -> None:
    assert outcome(lang, text, lang) == expected


@pytest.mark.parametrize("lang", SUPPORTED)
def test_the_sets_written_apart_come_out_right(lang: str) -> None:
    rows = [(text, expected) for row_lang, text, expected in ROWS if row_lang == lang]
    wrong = [(text, expected, got) for text, expected in rows if (got := outcome(lang, text)) != expected]
    assert len(rows) >= 29
    assert len(wrong) <= 0.07 * len(rows), wrong


def _sentences() -> list[tuple[str, str]]:
    lines = (HERE / "languages.txt").read_text("utf-8").splitlines()
    return [(row[:2], row[5:]) for row in lines if row and not row.startswith("#")]


@pytest.mark.parametrize("lang", [*SUPPORTED, "xx"])
def test_the_language_is_known(lang: str) -> None:
    rows = [(text, NAMES) for code, text in _sentences() if code == lang]
    rows += [(text, plain_words(SITES[lang])) for code, text, _ in ROWS if code == lang]
    wrong = [(text, got) for text, names in rows if (got := detect(text, None, names)) != lang]
    assert len(rows) >= 40
    assert len(wrong) <= 0.05 * len(rows), wrong


@pytest.mark.parametrize(
    ("text", "hint", "lang"),
    [
        ("", None, "en"),
        ("", "pl", "pl"),
        ("Heron Dock 4", "de-AT", "de"),
        ("Heron Dock 4", "nl", "en"),
        ("12 34", "zh-Hans", "zh"),
        ("bring the oats to dock 4", "de", "en"),
        ("Breng de haver naar dok 4 en kom terug", "en", "xx"),
        ("Dock 4へ運んで", "en", "xx"),
        ("送到Dock 4", "en", "zh"),
    ],
)
def test_a_hint_settles_only_what_is_open(text: str, hint: str | None, lang: str) -> None:
    assert detect(text, hint, {"heron", "dock"}) == lang


WORDS = [*sorted({w for _, text, _ in ROWS for w in text.split()}), "-", ",", "。", "一", "半", "H", "3.", "x", "'"]


@given(st.sampled_from(sorted(SITES)), st.lists(st.sampled_from(WORDS), max_size=14), st.booleans())
@settings(max_examples=100, deadline=None)
def test_atoms_cover_the_text_in_order(site: str, words: list[str], spaced: bool) -> None:
    text = (" " if spaced else "").join(words)
    reading = read(PlanRequest(text, SITES[site]))
    ends = [0]
    for atom in reading.atoms:
        assert ends[-1] <= atom.start < atom.end <= len(text)
        assert atom.text or atom.kind == "punct"
        ends.append(atom.end)
        if atom.mention is not None:
            assert 0.0 < atom.mention.confidence <= 1.0
            assert (atom.mention.named is None) == (atom.mention.status in ("ambiguous", "unknown", "group"))
        if atom.kind in ("number", "duration", "percent"):
            assert 0 <= atom.value < 10**9
        if atom.clock is not None:
            assert 0 <= atom.clock.hour < 24 and 0 <= atom.clock.minute < 60
    assert [a.first for a in reading.atoms] == [0, *(a.last for a in reading.atoms)][: len(reading.atoms)]
