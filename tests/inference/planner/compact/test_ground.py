"""Plan tokens to plans: every slot becomes a record of the site, and what cannot be decided becomes a question."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inference.contract import Named, Plan, Step, Vocabulary
from inference.core.grammar import plan_from_json
from inference.core.plan_tokens import LIMITS, State, advance, legal
from inference.planner.compact.doubts import is_known, known_words, structural
from inference.planner.compact.ground import Question, ground
from inference.planner.compact.slots import Slot, Slotted

A, B, C = (Named(i, f"Dock {i}") for i in "abc")
OATS, RYE = Named("oats", "oats"), Named("rye", "rye")
HERON = Named("heron", "Heron")
SLOTS = {
    "P0": Slot("P0", 0, 1, "dock a", (A,)),
    "P1": Slot("P1", 2, 3, "dock b", (B,)),
    "P2": Slot("P2", 4, 5, "docks a to c", (A, B, C)),
    "I0": Slot("I0", 6, 7, "oats", (OATS,)),
    "I1": Slot("I1", 8, 9, "oats or rye", (OATS, RYE)),
    "R0": Slot("R0", 10, 11, "heron", (HERON,)),
    "N0": Slot("N0", 12, 13, "three", value=3, clock="15:00"),
    "N1": Slot("N1", 14, 15, "sixty", value=60),
    "D0": Slot("D0", 16, 17, "10 min", value=600),
    "T0": Slot("T0", 18, 19, "2 pm", clock="14:00"),
    "C0": Slot("C0", 20, 21, "80 %", value=80),
}
VOCABULARY = Vocabulary("s", "10:00", (A, B, C), (OATS, RYE), (HERON,))


def plan(text: str) -> Plan:
    found = ground(text.split(), SLOTS)
    assert isinstance(found, Plan), found
    return found


def question(text: str) -> Question:
    found = ground(text.split(), SLOTS)
    assert isinstance(found, Question), found
    return found


def slotted(*doubtful: tuple[str, str, tuple[Named, ...], tuple[int, int]]) -> Slotted:
    return Slotted((), (), (), SLOTS, doubtful)


def test_a_whole_mission() -> None:
    found = plan(
        "PLAN ROBOT R0 HIGH START D0 DUE N0 AVOID P2 SLOW PICK I0 AT P0 QTY N0 DROP AT P1 CHARGE TO C0 REPORT END"
    )
    assert (found.robot, found.priority, found.speed) == ("heron", "high", "slow")
    assert (found.start, found.deadline) == ({"in_s": 600}, {"by": "15:00"})
    assert found.avoid == ("a", "b", "c")
    assert found.steps[0] == Step("pick", item="oats", at="a", qty=3)
    assert found.steps[2] == Step("charge", to_pct=80.0)


def test_a_group_is_visited_place_by_place_and_patrolled_as_one() -> None:
    assert [s.at for s in plan("PLAN SCAN AT P2 END").steps] == ["a", "b", "c"]
    assert plan("PLAN PATROL P2 TIMES N0 END").steps == (Step("patrol", places=("a", "b", "c"), times=3),)


def test_a_round_that_is_repeated_is_one_round() -> None:
    assert plan("PLAN EVERY D0 PATROL P0 P1 END").steps[0].times == 1
    assert plan("PLAN PATROL P0 P1 END").steps[0].times is None
    assert plan("PLAN PATROL P0 P1 ONCE END").steps[0].times == 1


def test_a_condition_stays_with_its_step() -> None:
    found = plan("PLAN INSPECT AT P0 IF.empty PICK I0 AT P1 IF.empty DROP AT P0 IF.battery_below N1 CHARGE FULL END")
    kinds = [s.condition and (s.condition.kind, s.condition.pct) for s in found.steps]
    assert kinds == [None, ("empty", None), ("empty", None), ("battery_below", 60.0)]
    assert found.steps[-1].to_pct == 100.0


def test_what_cannot_be_decided_is_asked() -> None:
    assert question("PLAN PICK I0 DROP AT P2 END").reason == "ambiguous_place"
    assert question("PLAN PICK I1 DROP AT P0 END").options == (OATS, RYE)
    assert question("PLAN DUE N1 HOME END").reason == "unclear_time"


def test_structural_doubts() -> None:
    there_and_back = plan("PLAN PICK I0 AT P0 DROP AT P0 END")
    assert structural(there_and_back, slotted(), VOCABULARY).reason == "same_place"  # type: ignore[union-attr]
    shut = plan("PLAN AVOID P0 PICK I0 DROP AT P0 END")
    assert structural(shut, slotted(), VOCABULARY).reason == "contradiction"  # type: ignore[union-attr]
    good = plan("PLAN PICK I0 AT P0 DROP AT P1 END")
    assert structural(good, slotted(), VOCABULARY) is None
    for start, deadline in (({"at": "12:00"}, {"by": "11:00"}), ({"in_s": 7200}, {"by": "11:00"})):
        late = replace(good, start=start, deadline=deadline)
        assert structural(late, slotted(), VOCABULARY).reason == "contradiction"  # type: ignore[union-attr]
    in_time = replace(good, start={"at": "23:00"}, deadline={"by": "01:00"})
    assert structural(in_time, slotted(), VOCABULARY) is None
    timeless = replace(slotted(), slots={label: slot for label, slot in SLOTS.items() if label != "T0"})
    never = structural(good, timeless, VOCABULARY, "oats to Dock b by half past twenty-six")
    assert never is not None and never.reason == "unclear_time"
    asked = structural(good, slotted(), VOCABULARY, "Who took the oats to Dock 1?")
    assert asked is not None and asked.reason == "not_understood"
    unclear = slotted(("place", "ambiguous", (A, B), (0, 4)))
    assert structural(good, unclear, VOCABULARY).options == (A, B)  # type: ignore[union-attr]
    area = Vocabulary("s", "10:00", (A, Named("b", "Cold", kind="zone"), Named("x", "Cold 1")), (OATS,), ())
    assert structural(good, slotted(), area).options == (Named("x", "Cold 1"),)  # type: ignore[union-attr]


@given(st.data())
def test_whatever_is_written_names_only_records_of_the_sentence(data: st.DataObject) -> None:
    counts = {kind: sum(label[0] == kind for label in SLOTS) for kind in LIMITS}
    state, tokens = State(), []
    while not tokens or tokens[-1] != "END":
        allowed = legal(state, counts)
        token = "END" if "END" in allowed and len(tokens) > 30 else data.draw(st.sampled_from(allowed))
        tokens.append(token)
        state = advance(state, token)
    if tokens[0] != "PLAN":
        return
    found = ground(tokens, SLOTS)
    if isinstance(found, Question):
        assert found.text
        return
    ids = {s.at for s in found.steps} | {s.item for s in found.steps} | {p for s in found.steps for p in s.places}
    assert ids | set(found.avoid) | {found.robot} <= {"a", "b", "c", "oats", "rye", "heron", None}


@given(st.lists(st.text(min_size=1, max_size=12), max_size=30))
def test_known_words_are_known(words: list[str]) -> None:
    bits = known_words(words)
    assert all(is_known(word, bits) for word in words)


def test_most_other_words_are_not_known() -> None:
    bits = known_words(f"word{n}" for n in range(5000))
    assert sum(is_known(f"other{n}", bits) for n in range(1000)) < 100


def test_plans_stay_within_the_closed_grammar() -> None:
    from inference.contract import plan_to_json

    found = plan("PLAN MOVE P0 CONFIRM WAIT D0 HOME END")
    assert plan_from_json(plan_to_json(found)) == found
