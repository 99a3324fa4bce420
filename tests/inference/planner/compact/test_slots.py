"""What the network sees of a sentence: names and values become slots, one slot per record, doubts keep options."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inference.contract import Named, PlanRequest, Vocabulary
from inference.core.plan_tokens import LIMITS
from inference.planner.compact.slots import MAX_WORDS, Slotted, delexicalise
from inference.planner.reading import read

PLACES = (Named("d1", "Dock 1"), Named("d2", "Dock 2"), Named("bench", "Repair Bench", ("workshop",)))
VOCABULARY = Vocabulary("s", "10:20", PLACES, (Named("oats", "oat pallets", ("oats",)),), (Named("r7", "R-07"),))


def seen(text: str) -> Slotted:
    return delexicalise(read(PlanRequest(text, VOCABULARY)))


def test_names_and_values_are_slots() -> None:
    found = seen("R7, take three oat pallets from dock 1 to the workshop before 11 am, charge to 80 %, wait 5 min")
    assert (
        " ".join(found.words) == "<R0> , take <N0> <I0> from <P0> to the <P1> before <T0> , charge to <C0> , wait <D0>"
    )
    assert found.slots["P1"].named[0].id == "bench"
    assert (found.slots["N0"].value, found.slots["T0"].clock, found.slots["C0"].value) == (3, "11:00", 80)
    assert found.slots["D0"].value == 300


def test_one_record_is_one_slot_however_often_it_is_named() -> None:
    assert " ".join(seen("go to dock 2, scan dock 2 and leave dock 2").words).count("<P0>") == 3


def test_a_bare_number_may_be_a_time() -> None:
    assert seen("bring oats to dock 1 before three").slots["N0"].clock == "15:00"


def test_doubtful_mentions_keep_their_candidates() -> None:
    found = seen("take the oats to dock 9 or the dock")
    assert {(kind, status) for kind, status, _, _ in found.doubtful} >= {("place", "unknown")}
    assert not found.slots.get("P0")


@given(st.text(max_size=200))
def test_any_text_can_be_seen(text: str) -> None:
    found = seen(text)
    assert len(found.features) == len(found.spans) == len(found.words) <= MAX_WORDS
    assert all(0 <= start <= end <= len(text) for start, end in found.spans)
    assert all(n <= LIMITS[kind] for kind, n in found.counts().items())


def test_a_text_too_long_to_see_says_so() -> None:
    assert seen("bring oats to dock 1 " * 40).cut
    assert not seen("bring oats to dock 1").cut
