"""Grammar files: errors name file and line; every production of the shipped ones can be said and means something."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from inference.core.plan_tokens import MAX_TOKENS, OPS, read
from inference.training.grammar import (
    LANGUAGES,
    SECTIONS,
    Choice,
    Grammar,
    GrammarFileError,
    Hole,
    Production,
    Ref,
    load,
    parse_text,
    walk,
)
from inference.training.meaning import Spoken, Word, encode
from inference.training.sampler import Draw, Unsayable
from inference.training.sites import Site, make_site, names

from .helpers import linked


def write(folder: Path, text: str, file: str = "rules.txt") -> Path:
    (folder / "en").mkdir(exist_ok=True)
    (folder / "en" / file).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[clause imp]\ngo to {P1}\n", 2, "needs '=>'"),
        ("go to {P1} => move P1\n", 1, "before the first [section]"),
        ("# fine\n\n[claus imp]\n", 3, "there is no section [claus]"),
        ("[clause imp]\ngo (to|into {P1} => move P1\n", 2, "is not closed"),
        ("[clause imp]\ngo to {P1 => move P1\n", 2, "is not closed"),
        ("[clause imp]\n$go to {P1} => move P1\n", 2, "$go is not defined"),
    ],
)
def test_an_error_names_the_file_and_the_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(GrammarFileError) as error:
        load("en", write(tmp_path, text))
    assert f"en/rules.txt:{line}" in str(error.value) and said in str(error.value)


def test_a_word_list_that_names_another_one_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(GrammarFileError, match=r"\$other, used in \$go, is not defined"):
        load("en", write(tmp_path, "$go = go|$other\n[clause imp]\n$go to {P1} => move P1\n"))


def test_a_language_without_a_grammar(tmp_path: Path) -> None:
    with pytest.raises(GrammarFileError, match="no grammar for 'eo'"):
        load("eo", tmp_path)


def test_names_in_an_unknown_section(tmp_path: Path) -> None:
    with pytest.raises(GrammarFileError, match=r"names.txt:2: there is no section \[plce\]"):
        names("en", write(tmp_path, "[place]\n[plce]\n", "names.txt"))


def test_choices_options_escapes_and_weights(tmp_path: Path) -> None:
    grammar = load("en", write(tmp_path, "$go = go\n| drive\n[clause imp inf]\n$go(?ne) \\(to {P1} => move P1 %0.25\n"))
    (row,) = grammar.sections["clause"]
    assert row.weight == 0.25 and row.meaning == (("move", "P1"),) and row.where == "en/rules.txt:4"
    assert grammar.classes["clause:imp"] == grammar.classes["clause:inf"] == [row]
    site = make_site("en", Random(1))
    drawn = (Draw(grammar, site, Random(seed)).production(row).pieces for seed in range(60))
    said = {"".join(text for text, label in pieces if not label).lstrip() for pieces in drawn}
    assert said == {"go (to ", "gone (to ", "drive (to ", "drivene (to "}


def test_the_parts_of_a_text() -> None:
    said = list(walk(parse_text("x {P1} (y {c1:inf}|)")))
    assert [part.label for part in said if isinstance(part, Hole)] == ["P1", "c1"]
    assert [part.name for part in walk(parse_text("a (b|c) $d")) if isinstance(part, Ref)] == ["d"]
    assert [part for part in walk(parse_text("1) or 2)")) if isinstance(part, Choice)] == [], "a lone ) is plain text"


@pytest.fixture(scope="module")
def sites() -> dict[str, Site]:
    """A site of each language with enough of everything for the longest list."""
    rng = Random(5)
    out = {}
    for language in LANGUAGES:
        out[language] = next(
            site for _ in range(500) if (site := make_site(language, rng))
            and len(site.vocabulary.places) >= 16 and len(site.vocabulary.robots) >= 3
        )  # fmt: skip
    return out


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_production_can_be_said_and_its_meaning_is_of_the_plan_language(
    language: str, sites: dict[str, Site]
) -> None:
    grammar = load(language)
    assert set(grammar.sections) <= SECTIONS
    for section in ("clause", "sentence", "wrap", "join", "then", "cond", "mod", "ask", "refuse"):
        assert grammar.sections[section], f"{language} has no [{section}]"
        for row in grammar.sections[section]:
            tries = (tokens_of(grammar, sites[language], row, section, seed) for seed in range(30))
            found = next((tokens for tokens in tries if tokens), None)
            assert found, f"{row.where}: nothing that can be said has a meaning"
            decision, _ = read(found)
            assert decision.startswith({"ask": "ASK.", "refuse": "REFUSE."}.get(section, "")), row.where


def tokens_of(grammar: Grammar, site: Site, row: Production, section: str, seed: int) -> tuple[str, ...] | None:
    """One saying of a production as plan tokens; None for a draw that contradicts itself or is too long."""
    draw = Draw(grammar, site, Random(seed))
    draw.say(parse_text("{P1} {I1}"), "0.", Spoken(), {})  # what "there" and "it" of a condition go back to
    try:
        spoken = draw.production(row)
    except Unsayable:
        return None
    spoken.words = [Word("REPORT", (), w.condition) if w.head == "COND" else w for w in spoken.words]
    if section in ("mod", "then") or (spoken.decision == "PLAN" and not any(w.head in OPS for w in spoken.words)):
        spoken.words.append(Word("REPORT"))
    heads = [w.head for w in spoken.words if w.head not in OPS]
    if len(set(heads)) < len(heads) or {"HIGH", "LOW"} <= set(heads):
        return None
    slotted, spans = linked(spoken)
    tokens = encode(spoken, {}, slotted, spans)
    if tokens is None or len(tokens) > MAX_TOKENS:
        return None
    try:
        read(tokens)
    except ValueError:
        return None
    return tokens


def test_a_meaning_that_is_none_is_said_with_its_place(tmp_path: Path) -> None:
    grammar = load("en", write(tmp_path, "[clause imp]\ndance on {P1} => dance P1\n"))
    draw = Draw(grammar, make_site("en", Random(2)), Random(2))
    with pytest.raises(GrammarFileError, match=r"en/rules.txt:2: 'dance P1' is no statement"):
        draw.production(grammar.sections["clause"][0])


def test_a_slot_that_does_not_exist_is_said(tmp_path: Path) -> None:
    grammar = load("en", write(tmp_path, "[clause imp]\ngo to {Z1} => move P1\n"))
    with pytest.raises(GrammarFileError, match=r"there is no slot \{Z1\}"):
        Draw(grammar, make_site("en", Random(2)), Random(2)).production(grammar.sections["clause"][0])


def test_a_part_that_an_operation_does_not_take_is_refused() -> None:
    spoken = Spoken([("x", "1.P1")], [Word("MOVE", (("QTY", ("1.P1",)),))])
    slotted, spans = linked(spoken)
    with pytest.raises(GrammarFileError, match="MOVE takes no QTY"):
        encode(spoken, {}, slotted, spans)
