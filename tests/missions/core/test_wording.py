"""Plans read back in German: as exact as in English, and every table of words has every entry."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inference.contract import CONDITIONS, Condition, Plan, Step, canonical
from missions.core.readback import readback, result_words, step_lines
from missions.core.wording import ENGLISH, GERMAN, WORDINGS, Wording
from tests.inference.plans import plans
from tests.missions.core.test_plan import names


def test_it_reads_as_plain_german() -> None:
    plan = Plan(
        (
            Step("inspect", at="row"),
            Step("pick", item="tape", at="bench", qty=3, condition=Condition("empty")),
            Step("drop", at="row", condition=Condition("battery_below", 20.5)),
            Step("patrol", places=("row", "bench"), times=2),
        ),
        robot="r1",
        start={"in_s": 90},
        deadline={"by": "15:00"},
        priority="high",
        avoid=("bench",),
    )
    called = {"row": "Reihe 7", "bench": "Bank", "tape": "Klebeband", "r1": "Finch"}
    assert readback(plan, called, "de") == (
        "Roboter Finch: 1. mit der Kamera nachsehen bei Reihe 7. "
        "2. falls das Vorige als leer vorgefunden wurde: abholen: 3 × Klebeband bei Bank. "
        "3. falls der Akku unter 20,5 % ist: absetzen: was er trägt bei Reihe 7. "
        "4. Runde über Reihe 7, dann Bank, 2-mal herum. "
        "Beginnt in 1 min 30 s. Fällig bis 15:00. Hohe Priorität. Meidet Bank."
    )


@given(plans, plans, names)
@settings(max_examples=100)
def test_two_different_plans_never_read_the_same(a: Plan, b: Plan, called: dict[str, str]) -> None:
    assume(canonical(a) != canonical(b))
    assert readback(canonical(a), called, "de") != readback(canonical(b), called, "de")


@given(plans, st.data(), names)
@settings(max_examples=100)
def test_changing_any_one_field_changes_the_readback(plan: Plan, data: st.DataObject, called: dict[str, str]) -> None:
    other = data.draw(plans)
    field = data.draw(st.sampled_from(["robot", "priority", "start", "deadline", "avoid", "speed", "repeat"]))
    changed = replace(plan, **{field: getattr(other, field)})
    n = data.draw(st.integers(0, len(plan.steps) - 1))
    step = data.draw(st.sampled_from([plan.steps[n], other.steps[0]]))
    changed = replace(changed, steps=(*plan.steps[:n], step, *plan.steps[n + 1 :]))
    same = canonical(changed) == canonical(plan)
    assert (readback(canonical(changed), called, "de") == readback(canonical(plan), called, "de")) == same


@pytest.mark.parametrize("words", WORDINGS.values(), ids=WORDINGS)
def test_every_table_is_whole(words: Wording) -> None:
    for field in fields(Wording):
        value, english = getattr(words, field.name), getattr(ENGLISH, field.name)
        assert value, field.name
        if isinstance(value, str):
            assert value.count("{") == english.count("{")
    assert set(words.conditions) == set(CONDITIONS) - {"battery_below"}
    assert len(set(words.conditions.values())) == len(words.conditions), "two findings must not read the same"


@pytest.mark.parametrize("name", ["was er trägt", "Halle und Hof", "Bank, dann Reihe", "Rampe bei Tor", "alles"])
def test_names_that_could_be_taken_for_grammar_are_quoted(name: str) -> None:
    assert step_lines(Plan((Step("move", at="x"),)), {"x": name}, "de") == [f'fahren nach "{name}"']


def test_what_a_step_found() -> None:
    found = {"result": "missing", "count": 3, "rounds": 1, "battery_pct": 81.2, "charging": False}
    assert result_words(found, "de") == "vorgefunden: nicht da, gezählt: 3, 1 Runde, Akku 81 %, lädt nicht"
    assert result_words({"confirmed": True}, "fr") == "confirmed by a person"
    assert GERMAN.decimal == ","
