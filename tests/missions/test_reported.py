"""What a robot's report means for its order: errors by level and by whose they are, refusals that stay, forgotten ends.

VDA 5050 knows no failed order (3.0, 6.6.5): errors, action states and link's own word say together what became of it.
"""

from __future__ import annotations

from typing import Any

import pytest

from missions import reported
from robots.core.vda5050.actions import action
from robots.core.vda5050.messages import BlockingType
from robots.models import RobotState
from tests.robots.core.vda5050.helpers import order

GOING = [{"node_id": "n1", "sequence_id": 2, "released": True}]
READY = {"operating_mode": "AUTOMATIC", "localized": True, "order_id": "o1", "node_states": GOING}


def error(kind: str, level: str, text: str = "", **references: str) -> dict[str, Any]:
    pairs = [{"key": key, "value": value} for key, value in references.items()]
    return {"type": kind, "level": level, "references": pairs, "description": text}


def state(*errors: dict[str, Any], link: tuple[str, str, str] | None = None, **columns: Any) -> RobotState:
    word = dict(zip(("order_id", "state", "text"), link, strict=True)) if link else {}
    return RobotState(**{**READY, **columns}, errors=list(errors), link={"order": word} if word else {})


# --- levels, and whose error it is ---


@pytest.mark.parametrize(
    ("found", "broken", "fault"),
    [
        (error("drive", "WARNING", "warm"), "", ""),
        (error("drive", "URGENT", "battery soon empty"), "", ""),
        (error("drive", "CRITICAL", "stuck"), "o1", "stuck"),
        (error("drive", "CRITICAL", "stuck", orderId="o1"), "o1", ""),
        (error("drive", "CRITICAL", "stuck", orderId="o9"), "", ""),
        (error("drive", "FATAL", "motor"), "", "motor"),
        (error("drive", "FATAL", "motor", orderId="o1"), "o1", "motor"),
        (error("drive", "FATAL", "motor", orderId="o9"), "", ""),
        (error("drive", "fatal", "motor"), "", "motor"),
        (error("drive", "CRITICAL"), "o1", "drive"),
    ],
)
def test_an_error_ends_an_order_or_calls_a_person_by_its_level_and_its_order(
    found: dict[str, Any], broken: str, fault: str
) -> None:
    said = state(found)
    assert (reported.broken_order(said), reported.fault_of(said)) == (broken, fault)
    assert reported.why(said) == (str(found["description"] or found["type"]) if broken else "")


def test_an_error_after_the_end_breaks_no_order() -> None:
    done = [{"action_id": "o1.pick", "status": "FINISHED"}]
    stuck = error("drive", "CRITICAL", "stuck")
    assert reported.broken_order(state(stuck, node_states=[], action_states=done)) == ""
    acting = [{"action_id": "o1.pick", "status": "RUNNING"}]
    assert reported.broken_order(state(stuck, node_states=[], action_states=acting)) == "o1"


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"physical_stop": "MANUAL"}, "a stop button at the robot is pressed"),
        ({"field_violation": True}, "its protective field is violated"),
        ({"localized": False}, "it does not know where it is"),
    ],
)
def test_what_needs_a_person_at_the_robot(columns: dict[str, Any], fault: str) -> None:
    assert reported.fault_of(state(**columns)) == fault


# --- refusals stay until a new order is taken (2.1, 6.6.4) ---


@pytest.mark.parametrize("level", ["WARNING", "CRITICAL", "FATAL"])
def test_an_old_refusal_says_nothing_about_the_order_it_has(level: str) -> None:
    said = state(error("orderUpdateError", level, "too late", orderId="o0"), link=("o1", "confirmed", ""))
    assert reported.rejected_orders(said) == {"o0"}
    assert reported.broken_order(said) == reported.fault_of(said) == reported.why(said) == ""


def test_a_refused_update_breaks_the_order_by_links_word_and_not_by_its_level() -> None:
    refusal = error("orderUpdateError", "FATAL", "too late", orderId="o1", orderUpdateId="2")
    assert reported.broken_order(state(refusal, link=("o1", "confirmed", ""))) == ""
    assert reported.fault_of(state(refusal)) == "", "a person can do nothing about it at the robot"
    refused = state(refusal, link=("o1", "rejected", "too late"))
    assert reported.broken_order(refused) == "o1" and reported.why(refused) == "too late"
    assert "o1" not in reported.rejected_orders(refused), "it is the one it has"


def test_an_order_that_was_never_taken_is_told_by_link() -> None:
    said = state(link=("o2", "rejected", "no route to n7"))
    assert reported.rejected_orders(said) == {"o2"}
    assert (reported.broken_order(said), reported.why(said)) == ("", "no route to n7")
    assert reported.rejected_orders(state(order_id="", link=("o2", "rejected", ""))) == {"o2"}


@pytest.mark.parametrize("how", ["lost", "cancelled"])
def test_an_order_that_is_gone_is_broken_whatever_the_robot_shows(how: str) -> None:
    assert reported.broken_order(state(order_id="", node_states=[], link=("o1", how, ""))) == "o1"


# --- what became of its actions ---


def test_why_an_action_failed_is_in_the_error_that_names_it() -> None:
    rows = [
        {"action_id": "a", "status": "FAILED", "result": ""},
        {"action_id": "b", "status": "FINISHED", "result": '{"quantity": 2}'},
        {"action_id": "c", "status": "FAILED", "result": "jam"},
    ]
    said = state(
        error("noLoad", "WARNING", "nothing there", actionId="a"), error("late", "WARNING", actionId="b"),
        error("badAction", "WARNING", actionId="instant"), error("old", "WARNING", actionId="gone", orderId="o0"),
        action_states=rows,
    )  # fmt: skip
    found = reported.action_facts(said)
    assert found["a"].result == {"text": "nothing there", "error": "noLoad"}
    assert (found["b"].status, found["b"].result) == ("FINISHED", {"quantity": 2})
    assert found["c"].result == {"text": "jam"}
    assert (found["instant"].status, found["instant"].result) == ("FAILED", {"error": "badAction"})
    assert "gone" not in found, "an action of an order is told by its state alone"


def test_a_robot_that_forgets_its_order_and_actions_at_the_end_still_did_them() -> None:
    sent = order("o1", actions=(action("pick", "o1.a", BlockingType.HARD), action("pick", "o1.b", BlockingType.HARD)))
    blank = {"order_id": "", "node_states": [], "action_states": []}
    ended = state(link=("o1", "finished", "o1.b"), **blank)
    assert reported.executed(ended) == "o1"
    found = reported.forgotten(ended, sent)
    assert {key: fact.status for key, fact in found.items()} == {"o1.a": "FINISHED", "o1.b": "FAILED"}
    for word in (("o1", "lost", ""), ("o0", "finished", ""), None):
        assert reported.forgotten(state(link=word, **blank), sent) == {}, word
    assert reported.executed(state(link=("o1", "lost", ""), **blank)) == ""
    assert reported.forgotten(ended, None) == {}


def test_nodes_left_are_those_ahead_where_a_robot_goes_on_listing_passed_ones() -> None:
    rows = [{"node_id": f"n{n}", "sequence_id": 2 * n, "released": True} for n in range(3)]
    said = state(node_states=rows, last_node_id="n1", last_node_sequence_id=2)
    assert (reported.remaining(said, "standard"), reported.remaining(said, "last_node")) == (3, 1)


def test_what_is_blocked_is_named_and_passing_reasons_close_nothing() -> None:
    assert reported.obstacle(state(error("pathBlocked", "WARNING", edgeId="e7", nodeId="n7"))) == "e7"
    assert reported.obstacle(state(error("obstacle", "WARNING"))) == ""
    assert reported.obstacle(state(error("blocked", "WARNING", reason="person"))) is None
    assert reported.obstacle(state(error("drive", "WARNING"))) is None
