"""A robot of VDA 5050 3.0 among others: its zone set, what it asks to enter, and which map it has."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.outbox.models import Message
from robots import maps
from robots.core.layout import Edge, Layout, Node, Station, Zone, layout_hash, layout_to_json
from robots.models import (
    Factsheet,
    FloorRequest,
    Grant,
    LayoutVersion,
    MapFile,
    Robot,
    RobotState,
    RobotType,
    ZoneSetVersion,
)

from .floor import NOON, Fleet

pytestmark = pytest.mark.django_db
ADMIN = Actor("person", "0", "ada", {}, frozenset(), frozenset(), superuser=True)
ZONE = ((4.4, -1.0), (11.0, -1.0), (11.0, 1.0), (4.4, 1.0))
SHEET = {
    "typeSpecification": {"supportedZones": ["RELEASE", "BLOCKED"]},
    "protocolFeatures": {
        "mobileRobotActions": [
            {"actionType": name, "actionScopes": ["INSTANT"], "actionParameters": [{"key": "mapHash"}]}
            for name in maps.MAP_ACTIONS
        ]
    },
}


def hall(capacity: int = 1) -> Layout:
    """A two-way line of nine nodes, 2 m apart, with a second one beside it; the gate lies across the first."""
    nodes = [Node(f"{row}{i}", 2.0 * i, 4.0 * (row == "b")) for row in "ab" for i in range(9)]
    pairs = [(f"{row}{i}", f"{row}{i + 1}") for row in "ab" for i in range(8)] + [("a0", "b0"), ("a8", "b8")]
    edges = [Edge(f"{a}-{b}", a, b) for a, b in pairs] + [Edge(f"{b}-{a}", b, a) for a, b in pairs]
    zone = Zone("gate", "Gate", "release", ZONE, capacity=capacity)
    shut = Zone("shut", "Shut", "closed", ((0.0, 8.0), (2.0, 8.0), (2.0, 9.0), (0.0, 9.0)))
    bench = Station("bench", "Bench", "packing", ("a8",), 16.0, 0.0)
    return Layout("Hall", "1", tuple(nodes), tuple(edges), (bench,), (zone, shut), map_id="hall")


@pytest.fixture
def fleet(db: None) -> Fleet:
    site = Site.objects.create(slug="hall", name="Hall", unattended=True)
    layout = hall()
    LayoutVersion.objects.create(
        site=site, number=1, document=layout_to_json(layout), hash=layout_hash(layout), published_at=NOON
    )
    for number, (serial, node, protocol) in enumerate((("new", "a0", "3.0.0"), ("old", "b0", "2.1.0"))):
        kind = RobotType.objects.create(
            slug=serial, name=serial, embodiment="cart", skills=["pick", "drop"], max_speed=1.0, length=0.8, width=0.6,
            max_payload=10, protocol=protocol, onboard=False,
        )  # fmt: skip
        robot = Robot.objects.create(
            site=site, type=kind, serial=serial, manufacturer="m", name=serial, live_index=number
        )
        at = layout.node(node)
        RobotState.objects.create(
            robot=robot, connection="online", state_at=NOON, operating_mode="AUTOMATIC", x=at.x, y=at.y, map_id="hall",
            localized=True, battery=80.0, last_node_id=node, loads=[],
        )  # fmt: skip
        if protocol == "3.0.0":
            Factsheet.objects.create(robot=robot, received_at=NOON, version="3.0.0", hash="x", document=SHEET)
    return Fleet(site)


def posted(kind: str) -> list[dict[str, Any]]:
    rows = Message.objects.filter(kind="mqtt", payload__type=kind).order_by("id")
    return [row.payload for row in rows]


def instants(action_type: str) -> list[dict[str, Any]]:
    actions = [action for payload in posted("instantActions") for action in payload["body"]["actions"]]
    return [
        {p["key"]: p["value"] for p in action["actionParameters"]}
        for action in actions
        if action["actionType"] == action_type
    ]


def answers() -> list[dict[str, Any]]:
    return [answer for payload in posted("responses") for answer in payload["body"]["responses"]]


def asks(request: str = "q1", status: str = "REQUESTED") -> list[dict[str, Any]]:
    zone_set = ZoneSetVersion.objects.first()
    name = zone_set.zone_set_id if zone_set else ""
    return [{"request_id": request, "kind": "ACCESS", "zone_id": "gate", "zone_set_id": name, "status": status}]


def lead(fleet: Fleet, serial: str, goal: str) -> None:
    """Traffic gives the robot a way, as a leg of dispatch would."""
    traffic = fleet.dispatcher.floor.traffic
    traffic.new_leg(serial, f"leg-{serial}-{goal}")
    traffic.set_goal(serial, goal, now=fleet.now.timestamp())


# --- zone sets ------------------------------------------------------------------------------------------------------


def test_the_set_is_sent_enabled_and_the_old_one_deleted(fleet: Fleet) -> None:
    fleet.turn()
    sent = posted("zoneSet")
    made = ZoneSetVersion.objects.get()
    assert [payload["version"] for payload in sent] == ["3.0"]
    assert sent[0]["body"]["zoneSet"]["zoneSetId"] == made.zone_set_id
    assert made.zone_types == ["BLOCKED", "RELEASE"]
    fleet.turn(3)
    assert len(posted("zoneSet")) == 1  # it has not had time to say so
    here = {"zone_set_id": made.zone_set_id, "map_id": "hall", "status": "DISABLED"}
    fleet.says("new", zone_sets=[here])
    fleet.turn()
    assert instants("enableZoneSet") == [{"zoneSetId": made.zone_set_id}]
    ZoneSetVersion.objects.create(
        site=fleet.site, zone_set_id="zones-old", map_id="hall", layout=made.layout, document=made.document
    )
    fleet.dispatcher.zone_sets.forget()
    old = {**here, "zone_set_id": "zones-old"}
    fleet.says("new", zone_sets=[{**here, "status": "ENABLED"}, old])
    fleet.turn()
    assert instants("deleteZoneSet") == [{"zoneSetId": "zones-old"}]


@pytest.mark.parametrize("mode", ["MANUAL", "SERVICE", "STARTUP", "INTERVENED"])
def test_a_robot_in_a_persons_hands_is_sent_nothing(fleet: Fleet, mode: str) -> None:
    fleet.says("new", operating_mode=mode)
    fleet.turn(3)
    assert posted("zoneSet") == []


def test_a_set_that_never_arrives_is_sent_again_more_and_more_seldom_and_told(fleet: Fleet) -> None:
    for _ in range(40):
        fleet.turn(seconds=5)
    assert 4 <= len(posted("zoneSet")) <= 7
    assert ("new", "zone_set") in fleet.alarms()


# --- requests -------------------------------------------------------------------------------------------------------


def test_whom_traffic_leads_in_is_granted_and_keeps_the_zone_until_it_says_it_left(fleet: Fleet) -> None:
    fleet.deaf = {"new", "old"}
    fleet.turn()
    fleet.says("new", zone_requests=asks())
    fleet.turn()
    assert Grant.objects.get().reason == "the way released to it does not lead there yet"
    assert [answer["grantType"] for answer in answers()] == ["QUEUED"]
    lead(fleet, "new", "a8")
    for node in ("a1", "a2"):
        fleet.turn(2)
        order = fleet.dispatcher.floor.traffic.robots["new"].order_id
        number = fleet.dispatcher.floor.traffic.robots["new"].first + 2
        fleet.stands_at("new", node, order_id=order, last_node_sequence_id=number)
    fleet.turn(2)
    grant = Grant.objects.get()
    assert grant.state == "granted"
    assert answers()[-1]["grantType"] == "GRANTED"
    assert grant.lease_until == grant.answered_at + timedelta(seconds=60)
    assert "zone:gate" in fleet.holds("new")
    fleet.says("new", zone_requests=asks(status="GRANTED"))
    for node in ("a3", "a4", "a5", "a6", "a7"):
        number = fleet.dispatcher.floor.traffic.robots["new"].first + 2
        fleet.stands_at("new", node, last_node_sequence_id=number)
        fleet.turn(2)
    assert "zone:gate" in fleet.holds("new")  # its base is beyond the gate, its request still stands
    fleet.says("new", zone_requests=[])
    fleet.turn()
    assert Grant.objects.get().state == "ended"
    assert "zone:gate" not in fleet.holds("new")


def test_a_robot_of_2_1_in_the_zone_keeps_requests_waiting(fleet: Fleet) -> None:
    fleet.stands_at("new", "a2")  # beside the gate: its contour reaches in
    fleet.turn()
    traffic = fleet.dispatcher.floor.traffic
    resource = traffic.road.release_zones["gate"]
    assert traffic.ledger.grant("old", "test", [resource]) is None
    fleet.says("new", zone_requests=asks())
    fleet.turn()
    assert Grant.objects.get().reason == "old inside Gate already"
    traffic.ledger.ungrant("old", "test")
    fleet.turn()
    assert Grant.objects.get().state == "granted"
    lead(fleet, "old", "b1")
    assert traffic.ledger.who_has(resource) == {"new"}


def test_a_person_closes_the_zone(fleet: Fleet) -> None:
    fleet.stands_at("new", "a2")  # beside the gate: its contour reaches in
    fleet.turn()
    fleet.says("new", zone_requests=asks())
    fleet.turn()
    assert Grant.objects.get().state == "granted"
    fleet.says("new", zone_requests=asks(status="GRANTED"), x=3.8)
    FloorRequest.objects.create(site=fleet.site, kind="close_zone", target="gate", actor="ada")
    fleet.turn()
    assert Grant.objects.get().state == "revoking"
    assert answers()[-1] == {"requestId": "q1", "grantType": "REVOKED"}
    assert fleet.dispatcher.floor.traffic.zones()["gate"] == "closing"
    fleet.says("new", zone_requests=[])
    fleet.turn(2)
    assert Grant.objects.get().state == "ended"
    assert fleet.dispatcher.floor.traffic.zones()["gate"] == "closed"


def test_a_lost_robot_keeps_its_place_and_gets_no_more_lease(fleet: Fleet) -> None:
    fleet.stands_at("new", "a2")  # beside the gate: its contour reaches in
    fleet.turn()
    fleet.says("new", zone_requests=asks())
    fleet.turn()
    fleet.says("new", zone_requests=asks(status="GRANTED"), connection="connection_broken")
    count = len(answers())
    fleet.turn(5, seconds=60)
    assert len(answers()) == count
    assert Grant.objects.get().state == "granted"
    fleet.dispatcher.load()  # as after a cycle that failed: nothing is left but what was recorded
    fleet.turn()
    assert "zone:gate" in fleet.holds("new")


def test_the_lease_is_told_in_the_robots_own_time(fleet: Fleet) -> None:
    fleet.stands_at("new", "a2")  # beside the gate: its contour reaches in
    fleet.turn()
    fleet.says("new", zone_requests=asks(), clock_offset=90.0)
    fleet.turn()
    expected = (Grant.objects.get().lease_until + timedelta(seconds=90)).isoformat(timespec="milliseconds")
    assert answers()[-1]["leaseExpiry"] == expected.replace("+00:00", "Z")


def test_a_request_that_cannot_be_read_stops_nobody(fleet: Fleet) -> None:
    fleet.turn()
    fleet.says("new", zone_requests=[{"request_id": "bad", "kind": "DANCE", "zone_id": "gate", "status": "x"}, *asks()])
    fleet.turn()
    assert [grant.request_id for grant in Grant.objects.all()] == ["q1"]


def test_a_replanned_path_is_answered_by_what_is_released(fleet: Fleet) -> None:
    fleet.deaf = {"new"}
    fleet.turn()
    lead(fleet, "new", "a8")
    fleet.turn(2)
    here = {**asks("here")[0], "kind": "REPLANNING", "trajectory": [[0.0, 0.0], [1.0, 0.2], [2.0, 0.0]]}
    there = {**here, "request_id": "there", "trajectory": [[0.0, 0.0], [0.0, 4.0]]}
    fleet.says("new", zone_requests=[here, there])
    fleet.turn()
    assert {answer["requestId"]: answer["grantType"] for answer in answers()} == {
        "here": "GRANTED",
        "there": "REJECTED",
    }


def test_a_node_that_a_robot_gave_up_is_told(fleet: Fleet) -> None:
    error = {"type": "NODE_UNREACHABLE", "level": "CRITICAL", "references": [{"key": "nodeId", "value": "a5"}]}
    fleet.says("new", errors=[error])
    fleet.turn()
    assert "new has no way to a5 and will not try again" in fleet.alarms()["new", "unreachable"]


# --- maps -----------------------------------------------------------------------------------------------------------


def host(fleet: Fleet, version: str = "2") -> MapFile:
    return maps.add_file(site=fleet.site, map_id="hall", map_version=version, content=b"map", actor=ADMIN)


def has(fleet: Fleet, **versions: str) -> None:
    rows = [{"map_id": "hall", "map_version": name[1:], "status": status} for name, status in versions.items()]
    fleet.says("new", maps=rows)


def test_a_robot_loads_enables_and_then_drives(fleet: Fleet) -> None:
    has(fleet, v1="ENABLED")
    file = host(fleet)
    fleet.turn()
    assert instants("downloadMap") == []
    maps.enable(file=file, actor=ADMIN)
    fleet.turn(3)
    told = instants("downloadMap")[0]
    assert (told["mapId"], told["mapVersion"], told["mapHash"]) == ("hall", "2", file.sha256)
    assert "/maps/hall/hall/2?token=" in told["mapDownloadLink"]
    wrong = "has version 1 of the map hall enabled; the site drives on 2"
    assert fleet.dispatcher.floor.held("new") == wrong
    assert fleet.dispatcher.floor.held("old") == ""  # it says nothing of maps
    lead(fleet, "new", "a1")
    fleet.turn(2)
    assert not [order for order in fleet.orders if order["serial"] == "new"]
    has(fleet, v1="ENABLED", v2="DISABLED")
    fleet.turn()
    assert [(p["mapId"], p["mapVersion"]) for p in instants("enableMap")] == [("hall", "2")]
    has(fleet, v1="DISABLED", v2="ENABLED")
    fleet.turn(2)
    assert fleet.dispatcher.floor.held("new") == ""
    assert [order for order in fleet.orders if order["serial"] == "new"]


def test_what_is_under_way_is_finished_before_another_map_is_enabled(fleet: Fleet) -> None:
    fleet.deaf = {"new"}
    has(fleet, v1="ENABLED", v2="DISABLED")
    fleet.turn()
    lead(fleet, "new", "b3")
    fleet.turn(2)
    maps.enable(file=host(fleet), actor=ADMIN)
    fleet.turn(3)
    assert instants("enableMap") == []
    assert fleet.dispatcher.maps.steps["new"].why == "enabled as soon as the robot stands without an order"
    assert fleet.dispatcher.floor.held("new") == ""


def test_a_withdrawn_version_is_deleted(fleet: Fleet) -> None:
    has(fleet, v1="ENABLED", v2="DISABLED")
    maps.withdraw(file=host(fleet), actor=ADMIN)
    fleet.turn()
    assert [(p["mapId"], p["mapVersion"]) for p in instants("deleteMap")] == [("hall", "2")]
