"""The closed grammar: what it takes, what it refuses and where, and the one canonical spelling."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.contract import Condition, GrammarError, Plan, Step, plan_to_json
from inference.core.grammar import MAX_STEPS, canonical, plan_from_json, plan_hash
from tests.inference.plans import plans


def plan(*steps: Step, **fields: object) -> Plan:
    return Plan(steps, **fields)  # type: ignore[arg-type]


@given(plans)
@settings(max_examples=100)
def test_json_round_trip(p: Plan) -> None:
    assert plan_from_json(json.loads(json.dumps(plan_to_json(p)))) == p


@given(plans)
@settings(max_examples=100)
def test_canonical_is_idempotent_and_stays_in_the_grammar(p: Plan) -> None:
    once = canonical(p)
    assert canonical(once) == once
    assert plan_from_json(plan_to_json(once)) == once
    assert plan_hash(p) == plan_hash(once)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(json_values)
@settings(max_examples=100)
def test_anything_else_is_refused_with_a_pointer(data: object) -> None:
    with pytest.raises(GrammarError) as caught:
        plan_from_json(data)
    assert caught.value.pointer == "" or caught.value.pointer.startswith("/")


@given(plans, st.data())
@settings(max_examples=100)
def test_a_mutated_plan_is_refused_or_is_another_plan_of_the_grammar(p: Plan, data: st.DataObject) -> None:
    mutated = copy.deepcopy(plan_to_json(p))
    target = data.draw(st.sampled_from([mutated, *mutated["steps"]]))
    key = data.draw(st.sampled_from([*target, "op", "extra"]))
    target[key] = data.draw(json_values)
    try:
        taken = plan_from_json(mutated)
    except GrammarError:
        return
    assert plan_from_json(plan_to_json(taken)) == taken
    assert key != "extra"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"steps": []}, "/steps"),
        ({"steps": "move"}, "/steps"),
        ({"steps": [{"op": "report"}] * (MAX_STEPS + 1)}, "/steps"),
        ({"steps": [{"op": "fly", "at": "a"}]}, "/steps/0/op"),
        ({"steps": [{"op": "move"}]}, "/steps/0/at"),
        ({"steps": [{"op": "move", "at": 3}]}, "/steps/0/at"),
        ({"steps": [{"op": "pick", "at": "a"}]}, "/steps/0/item"),
        ({"steps": [{"op": "pick", "item": "i", "qty": 0}]}, "/steps/0/qty"),
        ({"steps": [{"op": "pick", "item": "i", "qty": True}]}, "/steps/0/qty"),
        ({"steps": [{"op": "pick", "item": "i", "qty": 2.5}]}, "/steps/0/qty"),
        ({"steps": [{"op": "wait"}]}, "/steps/0/seconds"),
        ({"steps": [{"op": "wait", "seconds": 5, "until": "confirmed"}]}, "/steps/0/seconds"),
        ({"steps": [{"op": "wait", "until": "dawn"}]}, "/steps/0/until"),
        ({"steps": [{"op": "wait", "seconds": float("nan")}]}, "/steps/0/seconds"),
        ({"steps": [{"op": "wait", "seconds": 10**400}]}, "/steps/0/seconds"),
        ({"steps": [{"op": "charge", "to_pct": 101}]}, "/steps/0/to_pct"),
        ({"steps": [{"op": "patrol", "places": []}]}, "/steps/0/places"),
        ({"steps": [{"op": "patrol", "places": ["a"], "times": 1, "seconds": 5}]}, "/steps/0/times"),
        ({"steps": [{"op": "report", "at": "a"}]}, "/steps/0/at"),
        ({"steps": [{"op": "report", "a/b~": 1}]}, "/steps/0/a~1b~0"),
        ({"steps": [{"op": "report", "if": {"kind": "sunny"}}]}, "/steps/0/if/kind"),
        ({"steps": [{"op": "report", "if": {"kind": "battery_below"}}]}, "/steps/0/if/pct"),
        ({"steps": [{"op": "report", "if": {"kind": "empty", "pct": 5}}]}, "/steps/0/if/pct"),
        ({"steps": [{"op": "report"}], "start": {"at": "25:00"}}, "/start/at"),
        ({"steps": [{"op": "report"}], "start": {"at": "10:00", "in_s": 4}}, "/start"),
        ({"steps": [{"op": "report"}], "deadline": {"within_s": float("inf")}}, "/deadline/within_s"),
        ({"steps": [{"op": "report"}], "repeat": {"times": 0}}, "/repeat/times"),
        ({"steps": [{"op": "report"}], "priority": "urgent"}, "/priority"),
        ({"steps": [{"op": "report"}], "speed": "fast"}, "/speed"),
        ({"steps": [{"op": "report"}], "avoid": ["a", ""]}, "/avoid/1"),
        ({"steps": [{"op": "report"}], "ignore_zones": True}, "/ignore_zones"),
    ],
)
def test_the_pointer_names_the_place(change: dict[str, object], pointer: str) -> None:
    with pytest.raises(GrammarError) as caught:
        plan_from_json(change)
    assert caught.value.pointer == pointer


def test_a_move_folds_into_the_step_it_leads_to() -> None:
    long = plan(Step("move", at="a"), Step("pick", item="i"), Step("move", at="b"), Step("drop", at="b", item="i"))
    short = plan(Step("pick", at="a", item="i"), Step("drop", at="b"))
    assert canonical(long) == short
    assert plan_hash(long) == plan_hash(short)


def test_a_move_under_another_condition_does_not_fold() -> None:
    p = plan(Step("inspect", at="a"), Step("move", at="b"), Step("scan", at="b", condition=Condition("empty")))
    assert canonical(p) == p


def test_a_pick_looked_up_in_the_inventory_stays_different_from_a_pick_here() -> None:
    looked_up = plan(Step("inspect", at="a"), Step("pick", item="i"), Step("drop", at="b"))
    here = plan(Step("inspect", at="a"), Step("pick", item="i", at="a"), Step("drop", at="b"))
    assert plan_hash(looked_up) != plan_hash(here)


def test_one_of_two_carried_items_stays_named() -> None:
    p = plan(
        Step("pick", item="i", at="a"),
        Step("pick", item="j", at="a"),
        Step("drop", at="b", item="i"),
        Step("drop", at="c", item="j"),
    )
    assert [s.item for s in canonical(p).steps] == ["i", "j", "i", None]


def test_numbers_that_are_equal_hash_equal() -> None:
    a = plan(Step("wait", seconds=60.0), start={"in_s": 600.0})
    assert plan_hash(a) == plan_hash(replace(a, steps=(Step("wait", seconds=60),), start={"in_s": 600}))
