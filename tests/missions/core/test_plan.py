"""Grounding and the readback."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from inference.contract import Condition, Plan, Step, canonical
from missions.core.plan import ground
from missions.core.readback import duration, readback, step_lines
from missions.core.world import Item, Station, World
from tests.inference.plans import ITEMS, PLACES, ROBOTS, plans

WORLD = World(
    site="s",
    now=datetime(2025, 3, 3, 10, 20),
    stations={s: Station(s, s.upper(), node=f"n-{s}", closed=s == "shut") for s in ("a", "b", "c", "shut")},
    items={"i": Item("i", "Item")},
    stock={"i": {"a": 2, "b": 9, "c": None, "shut": 50}},
)
NAMES = {"inb": "Inbound", "row-1": "Row", "row-2": "Row", "oats": "3 × Oats", "tape": "Inbound", "finch": "Finch"}


def test_a_pick_without_a_place_is_looked_up_where_there_is_enough() -> None:
    steps = ground(Plan((Step("pick", item="i", qty=3), Step("drop", at="c"))), WORLD).steps
    assert [(s.station, s.node, s.item) for s in steps] == [("b", "n-b", "i"), ("c", "n-c", "i")]


def test_a_closed_place_is_not_looked_up_and_nothing_in_stock_is_nothing() -> None:
    alone = replace(WORLD, stock={"i": {"shut": 50, "a": 0}})
    assert ground(Plan((Step("pick", item="i"),)), alone).steps[0].station is None


def test_the_nearest_charger_stays_open_and_conditions_are_carried() -> None:
    plan = Plan((Step("charge", condition=Condition("battery_below", 20)), Step("patrol", places=("a", "b"), times=2)))
    charge, patrol = ground(plan, WORLD).steps
    assert (charge.station, charge.node, charge.condition) == (None, None, Condition("battery_below", 20))
    assert patrol.nodes == ("n-a", "n-b")


@given(plans)
@settings(max_examples=100)
def test_grounding_keeps_one_step_per_canonical_step(plan: Plan) -> None:
    grounded = ground(plan, WORLD)
    assert [s.op for s in grounded.steps] == [s.op for s in canonical(plan).steps]
    assert len(step_lines(grounded.plan, NAMES)) == len(grounded.steps)


# --- readback ---


def test_it_reads_as_plain_english() -> None:
    plan = Plan(
        (
            Step("inspect", at="row"),
            Step("pick", item="tape", at="bench", qty=3, condition=Condition("empty")),
            Step("drop", at="row", condition=Condition("empty")),
            Step("charge", to_pct=90),
        ),
        robot="heron",
        deadline={"by": "11:00"},
        speed="slow",
    )
    names = {"row": "Row 3", "tape": "tape rolls", "bench": "Repair Bench", "heron": "Heron"}
    assert readback(plan, names) == (
        "Robot Heron: 1. look with the camera at Row 3. "
        "2. if what precedes was found empty, collect 3 × tape rolls at Repair Bench. "
        "3. if what precedes was found empty, put down what is carried at Row 3. "
        "4. charge at the nearest charger to 90 %. Starts now. Due by 11:00. Drives slowly."
    )


names = st.dictionaries(
    st.sampled_from([*PLACES, *ITEMS, *ROBOTS]),
    st.sampled_from(["Row", "Inbound", "everything", "a, then b", "x. 2. home", '"q"', "[inb]", " lab", "Tape"]),
)


@given(plans, plans, names)
@settings(max_examples=100)
def test_two_different_plans_never_read_the_same(a: Plan, b: Plan, called: dict[str, str]) -> None:
    assume(canonical(a) != canonical(b))
    assert readback(canonical(a), called) != readback(canonical(b), called)


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
    assert (readback(canonical(changed), called) == readback(canonical(plan), called)) == same


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (45, "45 s"), (90, "1 min 30 s"), (5400, "1 h 30 min"), (3600.5, "1 h 0.5 s"), (86400, "24 h")],
)
def test_durations_are_exact(seconds: float, words: str) -> None:
    assert duration(seconds) == words
