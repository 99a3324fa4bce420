"""The plan tokens: whatever the automaton allows can be read, and nothing else; shapes of the closed grammar."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.contract import OPS as CONTRACT_OPS
from inference.core.plan_tokens import (
    DECISIONS,
    INDEX,
    LIMITS,
    MISSION,
    OPS,
    TOKENS,
    State,
    advance,
    is_slot,
    legal,
    read,
)

SLOTS = st.fixed_dictionaries({kind: st.integers(0, limit) for kind, limit in LIMITS.items()})


def walk(slots: dict[str, int], draw: st.DataObject, most: int = 200) -> list[str]:
    state, out = State(), []
    while state.phase != "end" or not out or out[-1] != "END":
        allowed = legal(state, slots)
        assert allowed, (state, out)
        token = "END" if len(out) > most and "END" in allowed else draw.draw(st.sampled_from(allowed))
        out.append(token)
        state = advance(state, token)
        if token == "END":
            return out
    return out


@given(SLOTS, st.data())
def test_every_walk_ends_in_a_sequence_that_can_be_read(slots: dict[str, int], data: st.DataObject) -> None:
    tokens = walk(slots, data)
    decision, words = read(tokens)
    assert decision in DECISIONS
    assert (decision == "PLAN") == bool(words)


@given(SLOTS, st.data())
def test_only_slots_of_the_sentence_are_written(slots: dict[str, int], data: st.DataObject) -> None:
    for token in walk(slots, data):
        if is_slot(token):
            assert int(token[1:]) < slots[token[0]]


@given(SLOTS, st.data())
def test_mission_words_come_once_and_before_the_steps(slots: dict[str, int], data: st.DataObject) -> None:
    _, words = read(walk(slots, data))
    heads = [word for word, _ in words]
    mission = [word for word in heads if word in MISSION]
    assert heads[: len(mission)] == mission == sorted(set(mission), key=MISSION.index)
    assert not {"HIGH", "LOW"} <= set(mission)


@given(SLOTS, st.data())
def test_a_patrol_has_rounds_or_time_and_a_charge_one_goal(slots: dict[str, int], data: st.DataObject) -> None:
    for _, parts in read(walk(slots, data))[1]:
        assert len({"ONCE", "TIMES", "FOR"} & set(parts)) <= 1
        assert len({"FULL", "TO"} & set(parts)) <= 1


def test_every_operation_of_the_contract_has_its_token() -> None:
    assert {op.lower() for op in OPS} - {"confirm"} == set(CONTRACT_OPS)
    assert len(INDEX) == len(TOKENS)
    assert INDEX["PAD"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PLAN END",
        "PLAN MOVE END",
        "PLAN MOVE P0",
        "PLAN DROP AT END",
        "PLAN PICK I0 AT P0 AT P1 END",
        "PLAN PICK I0 QTY N0 AT P0 END",
        "PLAN SLOW HIGH HOME END",
        "PLAN HOME HIGH END",
        "PLAN IF.empty END",
        "PLAN PATROL P0 TIMES N0 FOR D0 END",
        "REFUSE.unsafe HOME END",
        "HOME END",
    ],
)
def test_what_no_plan_says_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read(text.split())


def test_a_whole_plan_reads_as_written() -> None:
    text = "PLAN ROBOT R0 DUE T0 AVOID P1 P2 PICK I0 AT P0 QTY N0 IF.battery_below C0 CHARGE FULL PATROL P1 P2 ONCE END"
    assert read(text.split()) == (
        "PLAN",
        [
            ("ROBOT", {"": ["R0"]}),
            ("DUE", {"": ["T0"]}),
            ("AVOID", {"": ["P1", "P2"]}),
            ("PICK", {"": ["I0"], "AT": ["P0"], "QTY": ["N0"]}),
            ("CHARGE", {"if": ["battery_below", "C0"], "FULL": []}),
            ("PATROL", {"": ["P1", "P2"], "ONCE": []}),
        ],
    )
