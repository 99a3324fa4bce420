"""What both sides ask of a factsheet, and the table of predefined actions."""

from __future__ import annotations

import pytest

from robots.core.vda5050.actions import ACTIONS, action, canonical, rule_of, spoken, understood
from robots.core.vda5050.checks import trajectory_refusal, undeclared, usable, why_not
from robots.core.vda5050.error_types import RejectReason
from robots.core.vda5050.messages import ActionScope, BlockingType, ControlPoint, Trajectory
from robots.core.vda5050.reports import ActionDeclaration, ParameterDeclaration
from tests.robots.core.vda5050.helpers import HARD, NONE, factsheet, hard, order

NODE, INSTANT = ActionScope.NODE, ActionScope.INSTANT


def sheet(*parameters: ParameterDeclaration, scopes=(NODE,), blocking=()):
    return factsheet(actions=(ActionDeclaration("pick", scopes, parameters, blocking),))


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("BOOL", True, 1),
        ("NUMBER", 1.5, True),
        ("FLOAT", 2, "2"),
        ("INTEGER", 3, 3.5),
        ("STRING", "x", 4),
        ("OBJECT", {"a": 1}, []),
        ("ARRAY", [1], {}),
        ("of their own", "whatever", None),
    ],
)
def test_types_of_parameters(kind, good, bad):
    found = sheet(ParameterDeclaration("p", kind))
    assert why_not(action("pick", "a", HARD, p=good), NODE, found) is None
    words = why_not(action("pick", "a", HARD, p=bad), NODE, found)
    assert words and ("should be of type" in words or "needs parameter" in words)


def test_scope_blocking_and_what_is_not_there():
    found = sheet(blocking=(BlockingType.HARD,))
    assert why_not(hard("a"), NODE, found) is None
    assert "as NODE action only" in str(why_not(hard("a"), INSTANT, found))
    assert "blocking type HARD" in str(why_not(action("pick", "a", NONE), NODE, found))
    assert "not an action of this robot" in str(why_not(hard("a", "fly"), NODE, found))
    anytime = sheet(scopes=(INSTANT,), blocking=(BlockingType.HARD,))
    assert why_not(action("pick", "a", NONE), INSTANT, anytime) is None, "instant actions block nothing"


def test_what_the_protocol_needs_is_taken_undeclared():
    empty = factsheet(actions=())
    for name in ("cancelOrder", "startPause", "stopPause", "stateRequest", "factsheetRequest"):
        assert why_not(action(name, "a", NONE), INSTANT, empty) is None
    assert why_not(action("logReport", "a", NONE, reason="x"), INSTANT, empty) is not None


def test_names_of_both_versions_are_one_action():
    for declared in ("initPosition", "initializePosition"):
        found = factsheet(actions=(ActionDeclaration(declared, (INSTANT,)),))
        for said in ("initPosition", "initializePosition"):
            assert why_not(action(said, "a", NONE), INSTANT, found) is None


def test_a_refusal_has_reason_and_references():
    refusal = usable(order(actions=(hard("a", "fly"),)), factsheet())
    assert refusal is not None and refusal.reason is RejectReason.INVALID_ACTION
    assert refusal.references == (("actionId", "a"),)
    many = usable(order(base=5), factsheet(maximum_array_lengths={"order.nodes": 2}))
    assert many is not None and many.reason is RejectReason.UNSUPPORTED_PARAMETER
    assert usable(order(), factsheet()) is None


def test_undeclared_parameters():
    known = sheet(ParameterDeclaration("lhd"))
    assert undeclared(action("pick", "a", HARD, lhd="l", attempt="x"), known) == {"attempt"}
    assert undeclared(action("pick", "a", HARD, lhd="l", attempt="x"), sheet()) == {"attempt"}
    assert undeclared(action("fly", "a", HARD, high=True), known) == frozenset()


TWO = (ControlPoint(0.0, 0.0), ControlPoint(1.0, 0.0))


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (Trajectory(1, (0.0, 0.0, 1.0, 1.0), TWO), True, True),
        (Trajectory(1, (0.0, 0.2, 0.8, 1.0), TWO), True, False),
        (Trajectory(1, (), TWO), False, True),
        (Trajectory(1, (0.0, 1.0), TWO), False, False),
        (Trajectory(1, (0.0, 0.0, 1.0, 0.5), TWO), False, False),
        (Trajectory(2, (0.0,) * 5, TWO), False, False),
        (Trajectory(0, (0.0, 0.0, 1.0), TWO), False, False),
    ],
)
def test_trajectories(path, old, new):
    assert (trajectory_refusal(path, "2.1.0") is None, trajectory_refusal(path, "3.0.0") is None) == (old, new)


# Table 4 of 3.0 6.2.3.1 and the table of 2.1 6.8.1: scopes, and the version that brought it.
TABLE = {
    "startPause": "I", "stopPause": "I", "startHibernation": "IN3", "stopHibernation": "I3", "shutdown": "I3",
    "startCharging": "IN", "stopCharging": "IN", "initializePosition": "IN", "enableMap": "IN", "downloadMap": "I",
    "deleteMap": "I", "downloadZoneSet": "I3", "enableZoneSet": "IN3", "deleteZoneSet": "I3",
    "clearInstantActions": "IN3", "clearZoneActions": "IN3", "stateRequest": "I", "logReport": "I", "pick": "NE",
    "drop": "NE", "detectObject": "NEZ", "finePositioning": "NEZ", "waitForTrigger": "NZ", "trigger": "I3",
    "retry": "I3", "skipRetry": "I3", "cancelOrder": "I", "factsheetRequest": "I", "updateCertificate": "I3",
}  # fmt: skip


def test_every_predefined_action_is_known_with_its_scopes():
    found = {
        rule.action_type: "".join(scope[0] for scope in rule.scopes) + ("3" if rule.since == "3.0" else "")
        for rule in ACTIONS.values()
        if rule.predefined
    }
    assert found == TABLE


def test_names_and_forms_go_both_ways():
    for rule in ACTIONS.values():
        said = spoken(action(rule.action_type, "a", NONE), "2.1.0")
        assert understood(said).action_type == rule.action_type == canonical(said.action_type)
        assert rule_of(said.action_type) is rule
        assert rule.declaration(version="2.1.0").action_type == said.action_type
        assert ActionScope.ZONE not in rule.declaration(version="2.1.0").scopes
    own = action("theirOwn", "a", NONE, triggerType="x")
    assert spoken(own, "2.1.0") is own and rule_of("theirOwn") is None
    wait = action("waitForTrigger", "w", HARD, triggerType="LOCAL")
    assert understood(wait).parameter("triggerType") == ["LOCAL"]
    assert spoken(understood(wait), "2.1.0") == wait
