"""The validator: every reason is found, in plain words, and nothing it is given makes it fall over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.contract import Condition, Plan, Step
from missions.core.validate import BLOCK, CAUTION, Violation, blocks, validate
from missions.core.world import Item, Robot, Station, World
from tests.inference.plans import ITEMS, PLACES, ROBOTS, plans

NOW = datetime(2025, 3, 3, 10, 20)
PICK, DROP = Step("pick", item="oats", at="inb", qty=2), Step("drop", at="lab")


def a_world() -> World:
    stations = [
        Station("inb", "Inbound", node="n1"),
        Station("lab", "Lab", node="n2", capacity=10),
        Station("row", "Row", node="n3", zones=frozenset({"hall"})),
        Station("hall", "Hall", "zone"),
        Station("plug", "Plug", kind="charger", node="n4"),
        Station("closed", "Closed Bay", node="n5", closed=True),
        Station("people", "Canteen", node="n6", human_only=True),
        Station("lost", "Lost Bay", node=None),
        Station("island", "Island", node="n7", reachable=False),
    ]
    return World(
        site="s",
        now=NOW,
        stations={s.id: s for s in stations},
        items={"oats": Item("oats", "Oats", 20.0), "tape": Item("tape", "Tape", 0.1), "ghost": Item("ghost", "Ghost")},
        robots={
            "finch": Robot("finch", "Finch", battery=80.0, payload=100.0, units=6),
            "mouse": Robot("mouse", "Mouse", skills=frozenset({"scan"}), battery=90.0, payload=5.0, units=1),
        },
        stock={"oats": {"inb": 12, "row": None}, "tape": {"lab": 3}},
    )


def found(plan: Plan, world: World | None = None) -> dict[str, Violation]:
    return {v.code: v for v in validate(plan, world or a_world())}


def a_plan(*steps: Step, **fields: object) -> Plan:
    return Plan(steps or (PICK, DROP), **fields)  # type: ignore[arg-type]


def test_a_sound_plan_has_no_violations() -> None:
    assert validate(a_plan(robot="finch"), a_world()) == []
    assert validate(a_plan(), a_world()) == []


@pytest.mark.parametrize(
    ("plan", "code", "pointer"),
    [
        (a_plan(Step("move", at="moon")), "unknown_place", "/steps/0/at"),
        (a_plan(Step("patrol", places=("inb", "moon"), times=1)), "unknown_place", "/steps/0/places/1"),
        (a_plan(avoid=("moon",)), "unknown_place", "/avoid/0"),
        (a_plan(Step("pick", item="gold", at="inb"), DROP), "unknown_item", "/steps/0/item"),
        (a_plan(robot="zeppelin"), "unknown_robot", "/robot"),
        (a_plan(Step("move", at="people")), "human_only", "/steps/0/at"),
        (a_plan(Step("move", at="closed")), "closed_zone", "/steps/0/at"),
        (a_plan(Step("move", at="lost")), "not_on_map", "/steps/0/at"),
        (a_plan(Step("move", at="island")), "unreachable", "/steps/0/at"),
        (a_plan(Step("move", at="row"), avoid=("row",)), "avoids_goal", "/steps/0/at"),
        (a_plan(Step("move", at="row"), avoid=("hall",)), "avoids_goal", "/steps/0/at"),
        (a_plan(Step("scan")), "no_place", "/steps/0/at"),
        (a_plan(Step("pick", item="ghost"), DROP), "no_stock", "/steps/0/at"),
        (a_plan(replace(PICK, qty=4000), DROP), "absurd_quantity", "/steps/0/qty"),
        (a_plan(replace(PICK, qty=13), DROP), "short_stock", "/steps/0/qty"),
        (a_plan(DROP), "nothing_carried", "/steps/0"),
        (a_plan(PICK, replace(DROP, item="tape")), "not_carried", "/steps/1/item"),
        (a_plan(replace(PICK, qty=12), DROP), "over_units", "/steps/0"),
        (a_plan(replace(PICK, qty=6), DROP), "over_payload", "/steps/0"),
        (a_plan(PICK, replace(DROP, at="inb")), "same_place", "/steps/1/at"),
        (a_plan(Step("charge", at="row")), "not_a_charger", "/steps/0/at"),
        (a_plan(robot="mouse"), "robot_not_eligible", "/robot"),
        (a_plan(start={"at": "12:00"}, deadline={"by": "11:00"}), "due_before_start", "/deadline"),
        (a_plan(start={"in_s": 20 * 86400}), "too_far_ahead", "/start"),
        (a_plan(repeat={"times": 101}), "repeat_too_often", "/repeat/times"),
        (a_plan(repeat={"every_s": 10}), "repeat_too_close", "/repeat/every_s"),
        (a_plan(Step("wait", seconds=9 * 3600)), "wait_too_long", "/steps/0/seconds"),
        (a_plan(Step("patrol", places=("row",), seconds=25 * 3600)), "patrol_too_long", "/steps/0/seconds"),
        (a_plan(Step("patrol", places=("row",), times=101)), "patrol_too_often", "/steps/0/times"),
        (a_plan(Step("report", condition=Condition("empty"))), "condition_without_observation", "/steps/0/if"),
    ],
)
def test_blocks(plan: Plan, code: str, pointer: str) -> None:
    violation = found(plan)[code]
    assert (violation.severity, violation.pointer) == (BLOCK, pointer)
    assert violation.text.endswith((".", "?"))
    assert blocks(validate(plan, a_world()))


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (a_plan(replace(PICK, at="lab", qty=None), replace(DROP, at="row")), "not_in_stock"),
        (a_plan(PICK), "still_carrying"),
        (a_plan(deadline={"within_s": 60}), "deadline_tight"),
        (a_plan(deadline={"by": "10:00"}), "tomorrow"),
        (a_plan(repeat={"every_s": 90}), "repeat_overlaps"),
        (a_plan(Step("patrol", places=("row",))), "patrol_without_end"),
    ],
)
def test_cautions_do_not_block(plan: Plan, code: str) -> None:
    assert found(plan)[code].severity == CAUTION
    assert not blocks(validate(plan, a_world()))


def test_every_reason_is_returned_not_the_first() -> None:
    plan = Plan((Step("move", at="moon"), Step("drop", at="people"), Step("wait", seconds=10**6)), robot="zeppelin")
    assert {"unknown_place", "human_only", "nothing_carried", "wait_too_long", "unknown_robot"} <= set(found(plan))


def test_rights() -> None:
    world = replace(a_world(), rights=frozenset())
    assert set(found(a_plan(priority="high"), world)) == {"no_right", "no_right_priority"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mode": "MANUAL"}, "robot_not_eligible"),
        ({"available": False}, "robot_not_eligible"),
        ({"busy": "M-7"}, "robot_busy"),
        ({"battery": 16.0}, "battery_low"),
    ],
)
def test_the_state_of_the_named_robot(change: dict[str, object], code: str) -> None:
    world = a_world()
    finch = replace(world.robots["finch"], **change)  # type: ignore[arg-type]
    assert code in found(a_plan(robot="finch"), replace(world, robots={"finch": finch}))


def test_no_eligible_robot_says_why_for_each() -> None:
    world = replace(a_world(), robots={"mouse": a_world().robots["mouse"]})
    text = found(a_plan(), world)["no_eligible_robot"].text
    assert "Mouse" in text
    assert "cannot collect things" in text


def test_a_full_station_has_no_room() -> None:
    world = replace(a_world(), stock={"oats": {"inb": 12}, "tape": {"lab": 9}})
    assert found(a_plan(), world)["no_room"].severity == CAUTION


def test_a_condition_after_an_observation_is_fine() -> None:
    plan = a_plan(Step("inspect", at="row"), Step("report", condition=Condition("empty")))
    assert validate(plan, a_world()) == []
    unseen = a_plan(Step("inspect", at="row", condition=Condition("ok")), Step("report", condition=Condition("empty")))
    assert "condition_without_observation" in found(unseen)


names = st.sampled_from(PLACES)
stations = st.builds(
    Station,
    id=names,
    name=names,
    kind=st.sampled_from(["storage", "charger"]),
    node=st.none() | st.just("n"),
    reachable=st.booleans(),
    closed=st.booleans(),
    human_only=st.booleans(),
    capacity=st.none() | st.integers(0, 9),
)
robots = st.builds(
    Robot,
    id=st.sampled_from(ROBOTS),
    name=st.text(max_size=4),
    skills=st.sets(st.sampled_from(["pick", "drop", "scan", "inspect"])).map(frozenset),
    battery=st.none() | st.floats(0, 100),
    mode=st.sampled_from(["AUTOMATIC", "MANUAL"]),
    available=st.booleans(),
    payload=st.none() | st.floats(0, 500),
    units=st.none() | st.integers(0, 9),
    busy=st.none() | st.just("M-1"),
)
items = st.builds(Item, id=st.sampled_from(ITEMS), name=st.text(max_size=4), unit_mass=st.none() | st.floats(0, 90))
stock = st.dictionaries(
    st.sampled_from(ITEMS), st.dictionaries(names, st.none() | st.integers(0, 20), max_size=3), max_size=3
)
worlds = st.builds(
    World,
    site=st.just("s"),
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    stations=st.lists(stations, max_size=6).map(lambda rows: {s.id: s for s in rows}),
    items=st.lists(items, max_size=4).map(lambda rows: {i.id: i for i in rows}),
    robots=st.lists(robots, max_size=3).map(lambda rows: {r.id: r for r in rows}),
    stock=stock,
    rights=st.sets(st.sampled_from(["dispatch", "prioritise"])).map(frozenset),
    open_missions=st.dictionaries(st.sampled_from(ROBOTS), st.integers(0, 3)),
)


@given(plans, worlds)
@settings(max_examples=100, deadline=None)
def test_never_raises_and_is_deterministic(plan: Plan, world: World) -> None:
    first = validate(plan, world)
    assert first == validate(plan, world)
    assert all(v.severity in (BLOCK, CAUTION) and v.text and v.code for v in first)
    known = set(world.stations)
    mentioned = {s.at for s in plan.steps if s.at} | {p for s in plan.steps for p in s.places}
    if mentioned - known or (plan.robot and plan.robot not in world.robots):
        assert blocks(first)
