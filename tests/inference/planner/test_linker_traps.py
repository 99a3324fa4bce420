"""What makes a confident wrong plan: everyday words taken for names, the nearest for the unknown, doubt lost."""

from __future__ import annotations

import statistics
import time

import pytest

from inference.contract import Named, PlanRequest, Vocabulary
from inference.planner.linker import Mention
from inference.planner.reading import read
from tests.inference.planner.linking.sites import HERE, SITES

ODD = Vocabulary(
    "odd",
    "10:20",
    (
        Named("wash", "Wash"),
        Named("press-1", "Press 1"),
        Named("home-1", "Home Goods 1"),
        Named("line-a", "Line A"),
        Named("line-b", "Line B"),
        Named("hall", "Hall"),
        Named("q", "Quality Check"),
        Named("d1", "D1"),
        Named("d2", "D2"),
        Named("d3", "D3"),
        Named("d4", "D4"),
        Named("twenty", "Aisle Twenty Five"),
    ),
    (Named("i1", "oat pallets"), Named("i2", "A4 paper"), Named("i3", "M6 bolts"), Named("i4", "steel")),
    (Named("r1", "R-01"), Named("r2", "R-02"), Named("r3", "R-03"), Named("r4", "R-04"), Named("may", "May")),
)


def mentions(text: str, site: Vocabulary = ODD) -> list[Mention]:
    return [atom.mention for atom in read(PlanRequest(text, site)).atoms if atom.mention is not None]


def linked(text: str, site: Vocabulary = ODD) -> list[str]:
    return [m.named.id for m in mentions(text, site) if m.named is not None]


@pytest.mark.parametrize(
    "text",
    [
        "wait for half an hour",
        "may I ask you something",
        "check the quality of the floor",
        "go home",
        "steal nothing",
        "line up and wait",
        "a 4 minute wait",
        "press on with it",
        "bring pallets of wheat",
        "shall we go",
        "at 6 m from the wall",
        "d 1",
    ],
)
def test_everyday_words_are_no_names(text: str) -> None:
    assert [m for m in mentions(text) if m.named is not None and m.confidence > 0.8 and m.named.id != "d1"] == []


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("take it to the Hall", ["hall"]),
        ("go to hall", ["hall"]),
        ("aisle 25", ["twenty"]),
        ("aisle twenty-five", ["twenty"]),
        ("R-01 through R-04", ["r1", "r4"]),
        ("from D1 to D4", ["d1", "d4"]),
        ("m6 bolts", ["i3"]),
        ("press one", ["press-1"]),
        ("a4 paper", ["i2"]),
        ("lines A and B", ["line-a", "line-b"]),
        ("go home goods 1", ["home-1"]),
    ],
)
def test_names_beside_everyday_words(text: str, ids: list[str]) -> None:
    assert linked(text) == ids


def test_a_range_of_codes_has_those_inside() -> None:
    inside = [m for m in mentions("R-01 to R-04") if m.status == "group"]
    assert [n.id for m in inside for n in m.members] == ["r2", "r3"]
    assert [m.status for m in mentions("from D1 to D4")] == ["linked", "linked"]


@pytest.mark.parametrize("text", ["press 7", "line C", "aisle 26", "R-09", "lines A and B and press 9"])
def test_a_number_nobody_has_is_unknown_and_never_the_nearest(text: str) -> None:
    found = mentions(text)[-1]
    assert found.status == "unknown"
    assert found.named is None and found.candidates


@pytest.mark.parametrize(
    ("lang", "sure", "doubtful"),
    [
        ("en", "the mezzanine", "the mezanine"),
        ("en", "scrap yard", "scrapyard"),
        ("en", "Freezer Aisle", "the freezer"),
        ("de", "Kühlhaus", "Kühlhauses"),
        ("de", "Hochregal 2", "Regal 2"),
        ("pl", "Rampa 2", "rampy 2"),
        ("zh", "维修站", "去维修"),
    ],
)
def test_what_is_said_less_exactly_counts_less(lang: str, sure: str, doubtful: str) -> None:
    exact, loose = (mentions(text, SITES[lang])[0] for text in (sure, doubtful))
    assert exact.named == loose.named is not None
    assert loose.confidence < exact.confidence == 1.0


def test_other_languages_texts_link_next_to_nothing() -> None:
    """Sentences about another site, in all languages: what is linked there all the same would be wrong."""
    lines = (HERE / "languages.txt").read_text("utf-8").splitlines()
    texts = [line[5:] for line in lines if line and not line.startswith("#")]
    wrong = [
        (text, m.named.name)
        for lang, site in SITES.items()
        for text in texts
        for m in mentions(text, site)
        if m.named is not None and m.confidence > 0.9 and m.named.name.casefold() not in text.casefold()
    ]
    assert len(wrong) <= 0.002 * len(texts) * len(SITES), wrong


@pytest.mark.slow
def test_a_large_site_is_linked_fast() -> None:
    heads = "Receiving Freezer Cooler Packing Repair Sorting Outbound Inbound Quality Returns Customs"
    tails = "Aisle Bay Dock Rack Line Zone"
    places = tuple(
        Named(f"p{n}", f"{head} {tail} {number}")
        for n, (head, tail, number) in enumerate(
            (h, t, k) for h in heads.split() for t in tails.split() for k in range(1, 9)
        )
    )
    items = tuple(Named(f"i{n}", f"{n} mm steel valves") for n in range(132))
    site = Vocabulary("large", "10:20", places, items, ())
    texts = [
        "take three of the 7 mm steel valves from Receiving Aisle 1 to Freezer Bay 2 before half past three",
        "pleese inspct the packng rack 1 and 2 and let me no whether somethng is brokn",
        "把Receiving Aisle 1的7 mm steel valves送到Cooler Dock 1,下午三点半之前",
    ]
    for text in texts:
        read(PlanRequest(text, site))
    spent = []
    for text in texts * 20:
        began = time.perf_counter()
        read(PlanRequest(text, site))
        spent.append(time.perf_counter() - began)
    assert len(places) + len(items) == 660
    assert statistics.median(spent) < 0.008
