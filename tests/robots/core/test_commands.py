"""Which commands a robot can be given, by its version, its factsheet and what it does just now."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robots.core.commands import RULES, Situation, read_parameters, why_not
from robots.core.vda5050.messages import ActionScope
from robots.core.vda5050.reports import ActionDeclaration, Factsheet, ParameterDeclaration

SHEET = Factsheet("S", "DIFF", "CARRIER", 100, 1, 1, 1, 1, 1, 1)
V3 = Situation("3.0.0", "online", "AUTOMATIC", factsheet=SHEET)
V2 = replace(V3, version="2.1.0")


def declares(*actions: str, scope: ActionScope = ActionScope.INSTANT, parameters: tuple[str, ...] = ()) -> Factsheet:
    known = tuple(ParameterDeclaration(key) for key in parameters)
    return replace(SHEET, actions=tuple(ActionDeclaration(action, (scope,), known) for action in actions))


@pytest.mark.parametrize("kind", [kind for kind, rule in RULES.items() if rule.since == "3.0"])
def test_what_came_with_3_0_is_not_sent_to_an_older_robot(kind):
    assert "it came with 3.0" in why_not(RULES[kind], replace(V2, trusts_factsheet=False))


def test_an_action_must_be_declared_as_instant_unless_the_factsheet_is_not_trusted():
    rule = RULES["log_report"]
    assert why_not(rule, replace(V2, factsheet=None)).startswith("It has sent no factsheet")
    assert why_not(rule, V2) == "Its factsheet does not declare logReport as an instant action."
    assert why_not(rule, replace(V2, factsheet=declares("logReport", scope=ActionScope.NODE)))
    assert why_not(rule, replace(V2, factsheet=declares("logReport"))) == ""
    assert why_not(rule, replace(V2, trusts_factsheet=False)) == ""


def test_values_must_be_of_the_type_that_the_factsheet_declares():
    rule, values = RULES["log_report"], {"reason": "slow"}
    wants = replace(SHEET, actions=(ActionDeclaration("logReport", (ActionScope.INSTANT,), (
        ParameterDeclaration("reason", "INTEGER"),)),))  # fmt: skip
    assert "Its factsheet rules this out" in why_not(rule, replace(V2, factsheet=wants), values)
    assert why_not(rule, replace(V2, factsheet=wants)) == "", "before it is known what will be sent"


def test_an_older_robot_that_declares_a_newer_action_can_take_it():
    assert why_not(RULES["shutdown"], replace(V2, factsheet=declares("shutdown"))) == ""


def test_a_position_is_set_by_the_name_of_the_version():
    rule = RULES["init_position"]
    assert (rule.type_in("2.1.0"), rule.type_in("3.0.0")) == ("initPosition", "initializePosition")
    assert why_not(rule, replace(V2, factsheet=declares("initPosition"))) == ""
    assert why_not(rule, replace(V3, factsheet=declares("initializePosition"))) == ""
    assert why_not(rule, replace(V3, factsheet=declares("initialPosition"))) != ""


@pytest.mark.parametrize("mode", ["STARTUP", "MANUAL", "SERVICE", "TEACH_IN"])
def test_no_command_in_these_modes(mode):
    """2.1 6.10.6, 3.0 6.6.6."""
    for kind, rule in RULES.items():
        now = replace(V3, operating_mode=mode, trusts_factsheet=False, retriable=("a",), triggers=1)
        assert (why_not(rule, now) == "") is (kind == "cancel_order"), "what makes it stand is always sent"


def test_an_intervened_robot_takes_nothing_but_the_cancelling_of_its_order():
    now = replace(V3, operating_mode="INTERVENED", executing=True, retriable=("a",), trusts_factsheet=False)
    assert [kind for kind, rule in RULES.items() if not why_not(rule, now)] == ["cancel_order"]


def test_a_hibernating_robot_is_only_woken_up():
    now = replace(V3, connection="hibernating", trusts_factsheet=False)
    assert [kind for kind, rule in RULES.items() if not why_not(rule, now)] == ["stop_hibernation"]
    assert why_not(RULES["stop_hibernation"], replace(now, connection="online")) == "It does not hibernate."


@pytest.mark.parametrize("connection", ["offline", "connection_broken"])
def test_a_robot_that_is_away_cannot_hear(connection):
    text = why_not(RULES["state_request"], replace(V3, connection=connection))
    assert text == f"It cannot hear commands: its connection is {connection.replace('_', ' ')}."


@pytest.mark.parametrize("kind", ["shutdown", "start_hibernation", "init_position", "enable_map"])
def test_some_need_a_robot_without_an_order(kind):
    now = replace(V3, trusts_factsheet=False)
    assert why_not(RULES[kind], now) == ""
    assert "order" in why_not(RULES[kind], replace(now, executing=True))


def test_a_decision_is_asked_for_only_while_the_action_waits_for_it():
    for rule in (RULES["retry"], RULES["skip_retry"]):
        assert why_not(rule, V3) == "No action of it waits for a decision."
        waits = replace(V3, retriable=("a1",))
        assert why_not(rule, waits, {"actionId": "a1"}) == ""
        assert why_not(rule, waits, {"actionId": "a2"}) == "This action does not wait for a decision any more."
    trigger, trusting = RULES["trigger"], replace(V3, trusts_factsheet=False)
    assert why_not(trigger, trusting) == "It does not wait for a trigger."
    assert why_not(trigger, replace(trusting, triggers=1)) == ""
    assert "several triggers" in why_not(trigger, replace(trusting, triggers=2)), "it says of none which it releases"


def test_values_are_read_as_the_standard_wants_them_and_faults_are_named():
    rule = RULES["init_position"]
    given = {"x": "1,5", "y": 2, "theta": "-1.57", "mapId": " hall ", "lastNodeId": "n1"}
    assert read_parameters(rule, given) == (
        {"x": 1.5, "y": 2.0, "theta": -1.57, "mapId": "hall", "lastNodeId": "n1"}, {},
    )  # fmt: skip
    _, wrong = read_parameters(rule, {"x": "east", "y": "nan", "theta": 7, "mapId": "a\nb", "speed": 3})
    assert set(wrong) == {"x", "y", "theta", "mapId", "lastNodeId", "speed"}
    assert wrong["lastNodeId"] == "This value is needed."
    assert read_parameters(RULES["download_map"], {"mapId": "m", "mapVersion": "1", "mapDownloadLink": "l"})[1] == {}


@pytest.mark.parametrize(
    ("text", "good"), [("2026-05-01T06:00:00Z", True), ("2026-05-01T06:00:00+02:00", False), ("soon", False)]
)
def test_a_wake_up_time_is_in_utc(text, good):
    assert (read_parameters(RULES["start_hibernation"], {"wakeUpTime": text})[1] == {}) is good
