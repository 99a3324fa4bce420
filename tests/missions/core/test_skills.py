"""What robots of other makers are told: predefined actions in their words, and what their factsheets declare."""

from __future__ import annotations

import pytest

from missions.core import skills
from missions.core.charging import Levels
from missions.core.declared import declared
from missions.core.facts import LegAction, Speech, StepFact
from missions.core.gauge import COARSE, SURE_AFTER_S, Gauge

PICK = StepFact(0, "pick", {"op": "pick", "station": "receiving", "item": "totes", "qty": 3}, "done")
DROP = StepFact(1, "drop", {"op": "drop", "station": "pack-1"}, "pending")
STEPS = {0: PICK, 1: DROP}
OTHERS = Speech(program=False)


def test_our_onboard_worker_is_told_the_program_and_the_quantity_in_one_action() -> None:
    (action,) = skills.actions("o.0.1", "att", "n1", PICK, STEPS, Speech())
    assert action == LegAction(
        "o.0.1.pick",
        "pick",
        {"attempt": "att", "step": 0, "stationName": "receiving", "loadType": "totes", "quantity": 3},
    )


def test_other_robots_get_one_predefined_action_for_each_load_and_each_id_once() -> None:
    picks = skills.actions("o.0.1", "att", "n1", PICK, STEPS, OTHERS)
    assert [action.id for action in picks] == ["o.0.1.pick", "o.0.1.pick.2", "o.0.1.pick.3"]
    assert {tuple(action.parameters) for action in picks} == {("stationName", "loadType")}
    drops = skills.actions("o.1.1", "att", "n2", DROP, STEPS, OTHERS)
    assert len(drops) == 3 and {action.parameters["loadType"] for action in drops} == {"totes"}
    one = skills.actions("o.0.1", "att", "n1", PICK, STEPS, Speech(program=False, quantity=True))
    assert [action.parameters["quantity"] for action in one] == [3]


def test_what_is_carried_follows_from_the_steps_that_are_done() -> None:
    assert skills.carried(STEPS) == 3
    assert skills.carried({**STEPS, 1: StepFact(1, "drop", {}, "done")}) == 0


@pytest.mark.parametrize(
    ("dialect", "kind", "said"),
    [
        (skills.Dialect(), "receiving", {"stationType": "floor", "loadType": "totes"}),
        (skills.Dialect(), "rack", {"stationType": "rack", "loadType": "totes"}),
        (skills.Dialect(load_types=("KLT",)), "rack", {"stationType": "rack", "loadType": "KLT"}),
        (skills.Dialect(load_types=("KLT", "EPAL")), "rack", {"stationType": "rack", "loadType": "totes"}),
        (skills.Dialect({"loadType": {"totes": "T", "*": "X"}}), "", {"stationType": "floor", "loadType": "T"}),
        (
            skills.Dialect({"loadType": {"*": "EPAL"}, "stationType": {"rack": "floor_2"}}),
            "rack",
            {"stationType": "floor_2", "loadType": "EPAL"},
        ),
    ],
)
def test_a_type_of_robot_has_its_own_words(dialect: skills.Dialect, kind: str, said: dict[str, str]) -> None:
    action = dialect.say(LegAction("a", "pick", {"loadType": "totes"}), kind)
    assert action.parameters == said


@pytest.mark.parametrize("name", ["agvActions", "mobileRobotActions"])
def test_a_factsheet_of_either_version_says_what_a_robot_cannot_do(name: str) -> None:
    offered = [
        {"actionType": "drop", "actionScopes": ["NODE"], "actionParameters": [{"key": "loadType"}]},
        {"actionType": "pick", "actionScopes": ["INSTANT"], "actionParameters": [{"key": "quantity"}]},
        {"actionType": "stopCharging", "actionScopes": ["NODE"]},
    ]
    found = declared({"protocolFeatures": {name: offered}, "loadSpecification": {"loadSets": [{"loadType": "KLT"}]}})
    assert found.cannot(["move", "pick", "drop", "charge"]) == {"pick", "charge"}
    assert found.load_types == ("KLT",)
    assert found.speech(onboard=False) == Speech(program=False, quantity=True, unplug="order")
    assert found.speech(onboard=True) == Speech()


@pytest.mark.parametrize("sheet", [{}, {"protocolFeatures": None}, {"protocolFeatures": {"agvActions": "many"}}])
def test_without_a_declaration_the_standard_alone_counts(sheet: dict[str, object]) -> None:
    found = declared(sheet)
    assert found.cannot(["pick", "drop", "charge"]) == frozenset()
    assert found.speech(onboard=False).unplug == "instant"


def test_a_gauge_that_knows_only_good_and_bad_is_found_out() -> None:
    both = Gauge(0.0).shows(80.0, 1.0).shows(20.0, 2.0)
    assert both.coarse
    assert Gauge(0.0).shows(80.0, SURE_AFTER_S).coarse and not Gauge(0.0).shows(80.0, 10.0).coarse
    assert not both.shows(79.5, 3.0).coarse and both.shows(79.5, 3.0).shows(80.0, 9999.0).fine
    assert COARSE.critical >= 20.0 and COARSE.maximum <= 80.0 and isinstance(COARSE, Levels)
    assert not Gauge(0.0).shows(100.0, SURE_AFTER_S).coarse, "mains-fed robots send 100"
