"""What 3.0 brought: hibernation, modes, zones and requests, retries, triggers, lists to clear."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.events import (
    ActionRetriable,
    ConnectionChanged,
    EdgeRequestsChanged,
    HibernationChanged,
    InstantRejected,
    InstantUnconfirmed,
    OrderCancelled,
    OrderFailed,
    OrderLost,
    OrderRejected,
    RejectReason,
    ZoneRequestsChanged,
    ZoneSetConfirmed,
    ZoneSetRefused,
)
from robots.core.vda5050.messages import GrantType, Response, Responses, Vertex, Zone, ZoneSet, ZoneType
from robots.core.vda5050.orders import new_order
from robots.core.vda5050.reports import (
    ActionStatus,
    ConnectionState,
    EdgeRequest,
    ErrorLevel,
    OperatingMode,
    RequestKind,
    RequestStatus,
    ZoneRequest,
    ZoneSetInfo,
)
from tests.robots.core.vda5050.fleet_helpers import Speaker, acting, error, left, of
from tests.robots.core.vda5050.helpers import HARD, SOFT, factsheet, hard, longer, order, way

S = ActionStatus
THREE = "3.0.0"
CORNERS = (Vertex(0.0, 0.0), Vertex(1.0, 0.0), Vertex(0.0, 1.0))


def zone_set(name: str = "zs1", kind: ZoneType = ZoneType.BLOCKED) -> ZoneSet:
    return ZoneSet(name, "hall", (Zone("z1", kind, CORNERS),))


def under_way(it: Speaker) -> None:
    it.side.send(order(actions=(hard("a"),)), 0.0)
    it.says(order_id="o1", node_states=left(1, 2), action_states=(acting("a", S.WAITING),))
    it.side.data_to_send()


# ---------------------------------------------------------------- rejections, failures


@pytest.mark.parametrize(
    ("word", "level", "references", "reason"),
    [
        ("VALIDATION_FAILURE", "WARNING", {"headerId": "0", "topic": "order"}, RejectReason.MALFORMED),
        ("UNSUPPORTED_PARAMETER", "CRITICAL", {"orderId": "o1"}, RejectReason.UNSUPPORTED_PARAMETER),
        ("INVALID_ORDER_ACTION", "WARNING", {"orderId": "o1", "orderUpdateId": "0"}, RejectReason.INVALID_ACTION),
        ("OUTDATED_ORDER_UPDATE", "WARNING", {"orderId": "o1", "orderUpdateId": "0"}, RejectReason.OUTDATED_UPDATE),
        ("SAME_ORDER_UPDATE_ID", "WARNING", {"orderId": "o1", "orderUpdateId": "0"}, RejectReason.SAME_UPDATE_ID),
        ("OTHER_ORDER_ACTIVE", "WARNING", {"orderId": "o1"}, RejectReason.OTHER_ORDER_ACTIVE),
        ("START_NODE_OUT_OF_RANGE", "WARNING", {"orderId": "o1"}, RejectReason.START_NODE_OUT_OF_RANGE),
        ("NO_ROUTE_TO_TARGET", "WARNING", {"orderId": "o1"}, RejectReason.NO_ROUTE),
        ("MOBILE_ROBOT_NOT_AVAILABLE", "WARNING", {"orderId": "o1"}, RejectReason.NOT_AVAILABLE),
        ("UNKNOWN_MAP_ID", "WARNING", {"orderId": "o1"}, RejectReason.UNKNOWN_MAP),
        ("INSUFFICIENT_MEMORY", "URGENT", {}, RejectReason.NO_MEMORY),
        ("ORDER_UPDATE_FOLLOWING_CANCEL", "WARNING", {"orderId": "o1"}, RejectReason.UPDATE_AFTER_CANCEL),
        ("makersOwn", "WARNING", {"orderId": "o1", "orderUpdateId": "0"}, RejectReason.OTHER),
    ],
)
def test_every_rejection_has_its_reason_and_the_robots_own_text(word, level, references, reason):
    it = Speaker(THREE)
    it.says()
    it.side.send(order(), 0.0)
    it.says(errors=(error("dirtyLidar"),))
    bad = error(word, ErrorLevel(level), "in its own words", **references)
    assert of(it.says(errors=(bad,)), OrderRejected) == [OrderRejected("o1", 0, reason, "in its own words", word)]
    assert it.side.tick(99.0) == [] and len(it.hears()) == 1
    it.side.send(order("o2"), 100.0)
    assert not of(it.says(), OrderRejected), "an old rejection may not fail the next order"


def test_a_rejection_that_names_only_the_order_is_of_the_update_when_it_is_new():
    it = Speaker(THREE)
    it.says()
    first = order(base=1)
    it.side.send(first, 0.0)
    it.says(order_id="o1", node_states=left(1))
    bad = error("NO_ROUTE_TO_TARGET", orderId="o1")
    it.side.send(longer(first, 2), 0.0)
    assert [e.order_update_id for e in of(it.says(errors=(bad,)), OrderRejected)] == [1]  # type: ignore[attr-defined]
    it.side.send(replace(longer(first, 3), order_update_id=2), 1.0)
    assert not of(it.says(), OrderRejected)


@pytest.mark.parametrize(
    ("bad", "fails"),
    [
        (error("liftStuck", ErrorLevel.CRITICAL, actionId="a"), True),
        (error("NODE_UNREACHABLE", ErrorLevel.CRITICAL, nodeId="n2"), True),
        (error("broken", ErrorLevel.FATAL, orderId="o1"), True),
        (error("slow", ErrorLevel.URGENT, orderId="o1"), False),
        (error("dirty", ErrorLevel.WARNING, actionId="a"), False),
        (error("broken", ErrorLevel.FATAL, orderId="o0"), False),
        (error("UNSUPPORTED_PARAMETER", ErrorLevel.CRITICAL, orderId="o1", orderUpdateId="3"), False),
        (error("LOCALIZATION_ERROR", ErrorLevel.FATAL), False),
    ],
)
def test_an_error_that_stops_the_order_is_told_once_and_ends_nothing(bad, fails):
    it = Speaker(THREE)
    under_way(it)
    found = of(it.says(errors=(bad,)), OrderFailed)
    assert found == ([OrderFailed("o1", "no", bad.references, bad.error_type)] if fails else [])
    assert not of(it.says(), OrderFailed)
    it.restart()
    assert not of(it.says(driving=True), OrderFailed)
    assert it.side.track is not None and it.side.track.ended is None
    it.says(errors=())
    assert bool(of(it.says(errors=(bad,)), OrderFailed)) is fails


# ---------------------------------------------------------------- hibernation, modes


def test_a_hibernating_robot_is_left_alone():
    it = Speaker(THREE, sheet=factsheet())
    under_way(it)
    it.side.instant([instant("startHibernation", "h"), instant("logReport", "l", reason="noise")], 0.0)
    events = it.connects(ConnectionState.HIBERNATING)
    assert HibernationChanged(True) in events and of(events, ConnectionChanged)
    assert [e.order_id for e in of(events, OrderLost)] == ["o1"]  # type: ignore[attr-defined]
    it.hears()
    it.side.instant([instant("startPause", "p"), instant("stateRequest", "q")], 1.0)
    assert it.side.tick(500.0) == [] and it.hears() == []
    with pytest.raises(LocalProtocolError, match="hibernates"):
        it.side.send(order("o2"), 1.0)
    with pytest.raises(LocalProtocolError, match="stopHibernation only"):
        it.side.instant([instant("logReport", "s", reason="noise")], 1.0)
    it.restart()
    assert it.side.hibernating
    it.side.instant([instant("stopHibernation", "w")], 1.0)
    it.side.tick(20.0)
    assert [m["actions"][0]["actionId"] for m in it.hears()] == ["w", "w"]  # type: ignore[index]
    assert HibernationChanged(False) in it.connects()
    it.side.tick(40.0)
    assert {"l", "p", "q"} <= {m["actions"][0]["actionId"] for m in it.hears()}  # type: ignore[index]


@pytest.mark.parametrize(
    ("mode", "orders", "asks"),
    [
        (OperatingMode.AUTOMATIC, True, True),
        (OperatingMode.SEMIAUTOMATIC, True, True),
        (OperatingMode.INTERVENED, True, False),
        (OperatingMode.MANUAL, False, False),
        (OperatingMode.SERVICE, False, False),
        (OperatingMode.TEACH_IN, False, False),
        (OperatingMode.STARTUP, False, False),
    ],
)
def test_modes_rule_what_is_said(mode, orders, asks):
    it = Speaker(THREE)
    it.says(operating_mode=mode)
    allowed = []
    for attempt in (
        lambda: it.side.send(order(), 0.0),
        lambda: it.side.instant([instant("logReport", "l", reason="x")], 0.0),
    ):
        try:
            attempt()
            allowed.append(True)
        except LocalProtocolError:
            allowed.append(False)
    assert allowed == [orders, asks]
    it.hears()
    it.side.cancel("c", 0.0)
    it.side.instant([instant("startPause", "p")], 0.0)  # what makes it stand is said in any mode
    it.side.instant([instant("stateRequest", "s")], 0.0)  # a question waits
    said = [m["actions"][0]["actionId"] for m in it.hears()]  # type: ignore[index]
    assert said == ["c", "p", "s"][: 3 if asks else 2]
    it.says(operating_mode=OperatingMode.AUTOMATIC)
    it.side.tick(0.5)
    later = [m["actions"][0]["actionId"] for m in it.hears() if "actions" in m]  # type: ignore[index]
    assert later == ([] if asks else ["s"])


def test_nothing_is_repeated_into_a_mode_that_takes_nothing():
    it = Speaker(THREE)
    it.says()
    it.side.send(order(), 0.0)
    it.side.instant([instant("logReport", "l", reason="noise"), instant("startPause", "p")], 0.0)
    it.hears()
    (lost,) = of(it.says(operating_mode=OperatingMode.MANUAL), OrderLost)
    assert "MANUAL" in lost.text  # type: ignore[attr-defined]
    it.side.tick(60.0)
    assert [m["actions"][0]["actionId"] for m in it.hears()] == ["p"]  # type: ignore[index]


def test_intervened_keeps_the_order_and_drops_the_requests():
    it = Speaker(THREE)
    under_way(it)
    request = ZoneRequest("r1", RequestKind.ACCESS, "z1", "zs1", RequestStatus.REQUESTED)
    assert of(it.says(zone_requests=(request,)), ZoneRequestsChanged) == [ZoneRequestsChanged((request,))]
    assert not of(it.says(), ZoneRequestsChanged)
    events = it.says(operating_mode=OperatingMode.INTERVENED, zone_requests=())
    assert of(events, ZoneRequestsChanged) == [ZoneRequestsChanged(())] and not of(events, OrderLost)
    it.side.send(longer(order(actions=(hard("a"),)), 3), 1.0)
    assert len(it.hears()) == 1


# ---------------------------------------------------------------- zones, requests


def test_a_zone_set_is_sent_until_a_state_lists_it():
    it = Speaker(THREE, sheet=factsheet(supported_zones=(ZoneType.BLOCKED,)))
    it.side.zone_set(zone_set(), 0.0)
    it.side.zone_set(zone_set(), 0.0)
    ((topic, _, _, retain),) = it.side.data_to_send()
    assert topic.endswith("/zoneSet") and not retain
    it.restart()
    it.side.tick(3.0)
    assert it.hears()[0]["zoneSet"]["zoneSetId"] == "zs1"  # type: ignore[index]
    listed = (ZoneSetInfo("zs1", "hall", "DISABLED"),)
    assert ZoneSetConfirmed("zs1") in it.says(zone_sets=listed)
    assert it.side.tick(99.0) == [] and it.hears() == []
    with pytest.raises(LocalProtocolError, match="never changes under its id"):
        it.side.zone_set(zone_set(), 100.0)


def test_a_zone_set_that_is_refused_or_never_seen():
    it = Speaker(THREE)
    it.says()
    it.side.zone_set(zone_set(), 0.0)
    (refused,) = of(it.says(errors=(error("DUPLICATE_ZONE_SET", zoneSetId="zs1"),)), ZoneSetRefused)
    assert refused == ZoneSetRefused("zs1", "no")
    it.hears()
    it.side.zone_set(zone_set("zs2"), 0.0)
    told = [e for second in range(1, 300) for e in it.side.tick(float(second))]
    assert [type(e) for e in told] == [ZoneSetRefused] and len(it.hears()) == 6


def test_what_zone_sets_may_not_be():
    it = Speaker(
        THREE, sheet=factsheet(supported_zones=(ZoneType.BLOCKED,), maximum_array_lengths={"zoneSet.zones": 1})
    )
    with pytest.raises(LocalProtocolError, match="of type RELEASE; the robot supports BLOCKED"):
        it.side.zone_set(zone_set(kind=ZoneType.RELEASE), 0.0)
    with pytest.raises(LocalProtocolError, match="2 zones, at most 1"):
        it.side.zone_set(replace(zone_set(), zones=zone_set().zones * 2), 0.0)
    with pytest.raises(LocalProtocolError, match="may only have"):
        it.side.zone_set(zone_set("z s"), 0.0)
    old = Speaker("2.1.0")
    with pytest.raises(LocalProtocolError, match="came with VDA 5050"):
        old.side.zone_set(zone_set(), 0.0)
    with pytest.raises(LocalProtocolError, match="came with VDA 5050"):
        old.side.respond(Responses((Response("r", GrantType.GRANTED),)), 0.0)


def test_responses_leave_as_they_are():
    it = Speaker(THREE)
    it.side.respond(Responses((Response("r1", GrantType.GRANTED, "2026-01-01T00:00:00.000Z"),)), 0.0)
    (said,) = it.hears()
    assert said["responses"][0]["grantType"] == "GRANTED"  # type: ignore[index]
    with pytest.raises(LocalProtocolError, match="lease goes with GRANTED only"):
        it.side.respond(Responses((Response("r1", GrantType.QUEUED, "2026-01-01T00:00:00.000Z"),)), 0.0)
    with pytest.raises(LocalProtocolError, match="at least one"):
        it.side.respond(Responses(()), 0.0)
    request = EdgeRequest("r2", RequestKind.CORRIDOR, "e1", 1, RequestStatus.REQUESTED)
    assert of(it.says(edge_requests=(request,)), EdgeRequestsChanged) == [EdgeRequestsChanged((request,))]


# ---------------------------------------------------------------- actions


def test_retry_needs_an_action_that_waits_for_it():
    it = Speaker(THREE)
    under_way(it)
    it.says(action_states=(acting("a", S.RUNNING, "pick"),))
    with pytest.raises(LocalProtocolError, match="RETRIABLE"):
        it.side.instant([instant("retry", "r", actionId="a")], 0.0)
    events = it.says(action_states=(acting("a", S.RETRIABLE, "pick"),))
    assert of(events, ActionRetriable) == [ActionRetriable("a", "pick", "o1")]
    it.side.instant([instant("retry", "r", actionId="a")], 0.0)
    assert len(it.hears()) == 1
    assert of(list(it.side.tick(50.0)), InstantUnconfirmed) and it.hears() == [], "a retry is never repeated unasked"
    it.side.instant([instant("skipRetry", "k", actionId="a")], 60.0)
    it.side.tick(70.0)
    assert len(it.hears()) == 2


def test_trigger_needs_exactly_one_open_wait():
    it = Speaker(THREE)
    under_way(it)
    one, two = acting("w1", S.RUNNING, "waitForTrigger"), acting("w2", S.RUNNING, "waitForTrigger")
    for states, ok in [((), False), ((one,), True), ((one, two), False), ((one, replace(two, status=S.WAITING)), True)]:
        it.says(action_states=states)
        if ok:
            it.side.instant([instant("trigger", f"t{len(states)}")], 0.0)
        else:
            with pytest.raises(LocalProtocolError, match="waitForTrigger"):
                it.side.instant([instant("trigger", "t")], 0.0)


def test_several_waits_at_a_time_are_not_ordered():
    waits = [action("waitForTrigger", f"w{n}", SOFT, triggerType=["LOCAL"]) for n in range(2)]
    it = Speaker(THREE)
    with pytest.raises(LocalProtocolError, match="several waitForTrigger"):
        it.side.send(new_order("o1", [way(0, *waits)]), 0.0)
    it.side.send(new_order("o1", [way(0, *(replace(w, blocking_type=HARD) for w in waits))]), 0.0)


def test_only_an_idle_robot_is_shut_down():
    it = Speaker(THREE)
    under_way(it)
    with pytest.raises(LocalProtocolError, match="only an idle robot"):
        it.side.instant([instant("shutdown", "s")], 0.0)


def test_an_instant_action_that_cannot_be_done():
    it = Speaker(THREE)
    it.says()
    it.side.instant([instant("logReport", "l", reason="noise")], 0.0)
    bad = error("INVALID_INSTANT_ACTION", text="no disk", actionId="l")
    assert of(it.says(errors=(bad,)), InstantRejected) == [InstantRejected("l", "logReport", "no disk")]
    assert it.side.tick(90.0) == []
    it.side.instant([instant("logReport", "m", reason="noise")], 100.0)
    header = str(it.hears()[-1]["headerId"])
    mine = error("VALIDATION_FAILURE", topic="instantAction", headerId=header)
    assert [e.action_id for e in of(it.says(errors=(mine,)), InstantRejected)] == ["m"]  # type: ignore[attr-defined]


def test_a_cancel_that_only_an_error_answers():
    it = Speaker(THREE)
    it.says()
    it.side.send(order(), 0.0)
    it.side.cancel("c", 0.0)
    events = it.says(errors=(error("NO_ORDER_TO_CANCEL", actionId="c"),))
    assert of(events, OrderCancelled) == [OrderCancelled("o1", had_none=True)]


def test_grown_lists_are_cleared_where_the_robot_can():
    ended = tuple(acting(f"i{n}", S.FINISHED) for n in range(30))
    for sheet, errors, cleared in [
        (factsheet(), (), True),
        (factsheet(actions=()), (), False),
        (factsheet(actions=()), (error("INSTANT_ACTION_STATES_FULL"),), True),
    ]:
        it = Speaker(THREE, sheet=sheet)
        it.says(instant_action_states=ended[:5], errors=errors)
        early = len(it.hears())
        it.says(instant_action_states=ended)
        it.says(driving=True)
        kinds = [m["actions"][0]["actionType"] for m in it.hears()]  # type: ignore[index]
        assert early + len(kinds) == int(cleared) and set(kinds) <= {"clearInstantActions"}
    small = Speaker(THREE, sheet=factsheet(maximum_array_lengths={"state.zoneActionStates": 5}))
    small.says(zone_action_states=ended[:4])
    assert [m["actions"][0]["actionType"] for m in small.hears()] == ["clearZoneActions"]  # type: ignore[index]


def test_2_x_robots_are_not_asked_for_what_3_0_brought():
    it = Speaker("2.1.0")
    it.says(instant_action_states=tuple(acting(f"i{n}", S.FINISHED) for n in range(30)))
    assert it.hears() == []
    with pytest.raises(LocalProtocolError, match="came with VDA 5050"):
        it.side.instant([instant("startHibernation", "h")], 0.0)
    maker = factsheet(actions=(*factsheet().actions,))
    it.side.know(maker)
    it.side.instant([instant("startHibernation", "h")], 0.0)  # this one declares it all the same
