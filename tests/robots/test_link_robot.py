"""What link remembers of one robot's newest order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from robots.core.vda5050.actions import instant
from robots.core.vda5050.codec import INTERNAL, encode, encode_body
from robots.core.vda5050.error_types import RejectReason
from robots.core.vda5050.errors import ProblemKind
from robots.core.vda5050.events import OrderCancelled, OrderFinished, OrderRejected
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import ControlPoint, Header, InstantActions, Node, Order, Trajectory
from robots.core.vda5050.reports import (
    ActionState,
    ActionStatus,
    Error,
    ErrorLevel,
    OperatingMode,
    Position,
    PowerSupply,
    SafetyState,
    State,
)
from robots.history import Flag
from robots.link_columns import path
from robots.link_history import Last
from robots.link_restore import new_robot
from robots.link_robot import LinkRobot
from robots.stop_roster import Card
from tests.robots.fakes import FACTSHEET


def body(order: str) -> dict[str, Any]:
    return encode_body(Order(order, 0, (Node("n1", 0, True),)))


AT = datetime(2026, 1, 1, tzinfo=UTC)


def robot() -> LinkRobot:
    card = Card(1, "rob_1", "A", "A", "m", "demo", "uagv", "2.1.0", 0.6)
    return new_robot(card, site_pk=1, live_index=0, row=None)


def test_the_end_of_an_older_order_does_not_hide_that_the_newest_was_refused() -> None:
    a = robot()
    a.send("order", body("one"), 0.0)
    a.refuse(body("two"), "order one is not finished")
    for event in (OrderCancelled("one", True), OrderFinished("one", ())):
        a._order_event(event, AT)
        assert (a.order["order_id"], a.order["state"]) == ("two", "rejected")
    a.refuse(body("three"), "still not")
    assert a.order["order_id"] == "three"


# --- states as columns ------------------------------------------------------------------------------------------------


def say(a: LinkRobot, state: State, now: float, *, header_id: int, offset: float = 0.0, **more: Any) -> None:
    header = Header(header_id, timestamp(now + offset), "2.1.0", "m", "A")
    at = datetime.fromtimestamp(now, UTC)
    a.receive("uagv/v2/m/A/state", encode(state, header), now=now, at=at, **more)


STANDING = State(
    order_id="o-1",
    order_update_id=2,
    last_node_id="n1",
    last_node_sequence_id=4,
    driving=False,
    operating_mode=OperatingMode.AUTOMATIC,
    power_supply=PowerSupply(82.4, False),
    safety_state=SafetyState(),
    position=Position(1.0, 2.0, 0.5, "floor-1"),
    errors=(Error("hot", ErrorLevel.WARNING, description="warm"),),
)


def test_a_position_alone_is_a_light_write_and_wakes_nobody() -> None:
    a = robot()
    say(a, STANDING, 100.0, header_id=1)
    assert a.heavy and a.urgent
    full = a.take_full()
    assert (full["order_id"], full["battery"], full["protocol"], full["errors"][0]["type"]) == (
        "o-1",
        82.4,
        "2.1.0",
        "hot",
    )
    assert full["errors"][0]["descriptions"] == {}
    say(a, replace(STANDING, position=Position(3.0, 2.0, 0.5, "floor-1")), 101.0, header_id=2)
    assert (a.light, a.heavy, a.urgent) == (True, False, False)
    assert a.take_light()[:5] == (1, 101.0, None, 3.0, 2.0)
    say(a, replace(STANDING, driving=True), 102.0, header_id=3)
    assert a.heavy and a.urgent and a.take_full()["driving"] is True


def test_dispatch_is_woken_by_a_step_of_the_battery_only() -> None:
    a = robot()
    say(a, STANDING, 100.0, header_id=1)
    a.take_full()
    say(a, replace(STANDING, power_supply=PowerSupply(80.1, False)), 101.0, header_id=2)
    assert not a.urgent
    say(a, replace(STANDING, power_supply=PowerSupply(79.9, False)), 102.0, header_id=3)
    assert a.urgent and not a.heavy


def test_every_state_goes_into_the_history_with_the_rest_when_it_changed_or_a_minute_passed() -> None:
    a = robot()
    other = replace(STANDING, errors=())
    told = [
        (100.0, STANDING),
        (101.0, STANDING),
        (102.0, other),
        (150.0, STANDING),
        (161.0, STANDING),
        (222.0, STANDING),
    ]
    for n, (now, state) in enumerate(told):
        say(a, state, now, header_id=n + 1)
    assert [row.header_id for row in a.rows] == [1, 2, 3, 4, 5, 6]
    assert [row.rest is not None for row in a.rows] == [True, False, True, True, False, True]
    assert a.rows[0].flags == Flag.LOCALIZED and a.rows[0].sent_at == 100.0


def test_a_message_read_before_the_restart_is_not_read_again() -> None:
    a = robot()
    say(a, STANDING, 100.0, header_id=7)
    a.heavy = a.side_changed = True
    card = a.card
    row = {name: value for name, value in a.take_full().items() if name != "robot_id"}
    row["state_at"] = AT
    again = new_robot(card, site_pk=1, live_index=0, row=row, last=Last(7, 100.0, 100.0))
    say(again, STANDING, 100.0, header_id=7)
    assert again.rows == []
    say(again, STANDING, 101.0, header_id=8)
    assert [kept.header_id for kept in again.rows] == [8]


def test_a_state_that_the_broker_kept_is_used_only_where_nothing_is_known() -> None:
    a = robot()
    say(a, STANDING, 100.0, header_id=1, retained=True)
    assert a.fields["x"] == 1.0
    say(a, replace(STANDING, position=Position(9.0, 9.0, 0.0, "floor-1")), 200.0, header_id=5, retained=True)
    assert a.fields["x"] == 1.0


def test_the_robots_clock_is_estimated_and_decides_nothing() -> None:
    a = robot()
    for n in range(5):
        say(a, STANDING, 100.0 + n, header_id=n + 1, offset=3600.0)
    full = a.take_full()
    assert abs(full["clock_offset"] - 3600.0) < 0.01 and full["clock_spread"] > 0
    assert full["state_at"] == datetime.fromtimestamp(104.0, UTC)
    assert full["sent_at"] == datetime.fromtimestamp(3704.0, UTC)
    assert a.facts(105.0, held=False).state_age == 1.0


def test_a_bad_message_is_shown_until_the_next_good_one() -> None:
    a = robot()
    say(a, STANDING, 100.0, header_id=1)
    a.receive("uagv/v2/m/A/state", b"{nonsense", now=101.0, at=AT)
    assert "not JSON" in a.fields["problem"] and a.fields["problem_at"] == AT
    assert [problem.kind for problem in a.bad] == [ProblemKind.NOT_JSON]
    say(a, STANDING, 102.0, header_id=2)
    assert a.fields["problem"] == "" and a.fields["problem_at"] == AT


def test_the_same_factsheet_is_kept_once() -> None:
    a = robot()
    sheet = replace(FACTSHEET, raw={})
    for header_id in (1, 2):
        payload = encode(sheet, Header(header_id, timestamp(100.0 + header_id), "2.1.0", "m", "A"))
        a.receive("uagv/v2/m/A/factsheet", payload, now=100.0, at=AT, retained=True)
        if header_id == 1:
            assert a.factsheet is not None and a.factsheet["version"] == "2.1.0"
            a.factsheet = None
    assert a.factsheet is None


def test_a_path_is_sampled() -> None:
    corner = Trajectory(2, (0, 0, 0, 1, 1, 1), (ControlPoint(0, 0), ControlPoint(1, 0), ControlPoint(1, 1)))
    found = path(corner)
    assert found[0] == [0, 0] and found[-1] == [1, 1] and 2 < len(found) <= 64
    assert path(None) == []
    assert path(replace(corner, knots=(0, 1))) == [[0, 0], [1, 0], [1, 1]]


def test_what_the_robot_has_confirmed_is_not_asked_of_it_again_after_a_restart() -> None:
    a = robot()
    asked = InstantActions((instant("initializePosition", "pose", x=1.0, y=2.0, theta=0.0, mapId="m", lastNodeId=""),))
    a.send("instantActions", encode_body(asked, INTERNAL), 0.0, version=INTERNAL)
    stored = a.take_full()["link"]
    assert stored["side"]["instants"]
    done = (ActionState("pose", ActionStatus.FINISHED, "initPosition"),)
    say(a, replace(STANDING, action_states=done), 100.0, header_id=1)
    full = a.take_full()
    again = new_robot(a.card, site_pk=1, live_index=0, row=full | {"link": full["link"] or stored})
    again.tick(200.0, AT)
    assert again.outgoing() == []


def test_the_end_of_a_base_does_not_hide_that_its_update_was_refused() -> None:
    a = robot()
    a.send("order", body("one"), 0.0)
    a._order_event(OrderRejected("one", 1, RejectReason.NO_ROUTE, "no way", "noRouteError"), AT)
    a._order_event(OrderFinished("one", ()), AT)
    assert (a.order["state"], a.order["order_update_id"]) == ("rejected", 1)
    a._order_event(OrderCancelled("one", True), AT)
    assert a.order["state"] == "cancelled"


def test_an_order_that_is_relayed_again_does_not_undo_its_end() -> None:
    a = robot()
    a.send("order", body("leg-1"), 100.0)
    assert a.order["state"] == "sent"
    a._order("leg-1", "finished")
    a.send("order", body("leg-1"), 101.0)
    assert a.order["state"] == "finished"


def test_header_ids_that_were_used_are_stored() -> None:
    a = robot()
    a.send("order", body("leg-1"), 100.0)
    a.outgoing()
    a.take_full()
    a.tick(200.0, AT)
    assert a.outgoing()  # sent again
    assert a.dirty
    full = a.take_full()
    assert full["link"]["side"]["headers"]["order"] == 2
