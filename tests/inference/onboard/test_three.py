"""A simulated robot that speaks VDA 5050 3.0: its plan is told, zones are asked for, retries, hibernation, shutdown."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import pytest

from inference.contract import Policy
from inference.onboard.config import SettingError, spoken
from inference.onboard.factsheet import factsheet_of, type_of
from inference.onboard.maps import MapRefused, Maps, fetch
from inference.onboard.paths import intermediate, planned
from inference.onboard.way import Way
from robots.core.polygons import way_to_polygon
from robots.core.vda5050.headers import seconds
from tests.inference.onboard.helpers import Bench, action, demo_layout, floor, header, order, route

R = "R-01"
LAYOUT = demo_layout()
HOME = floor(1)["robots"][0]["node"]
CHARGER = LAYOUT.station("charger-3").nodes[0]
WAY = route(HOME, CHARGER)
PLACE = {n.id: (n.x, n.y) for n in LAYOUT.nodes}
RADIUS = type_of("cart").radius
MIDDLE = PLACE[WAY[len(WAY) // 2]]


@pytest.fixture
def bench(tmp_path: Path, policy: Policy) -> Bench:
    bench = Bench(tmp_path, policy, floor(1, protocol="3.0.0"))
    bench.runtime.robots[R].executor.side.connected(1.8e9 + bench.now)
    bench.run(0.5)
    return bench


def box(x: float, y: float, half: float = 0.6) -> list[tuple[float, float]]:
    return [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]


def zone(zone_id: str, kind: str, corners: list[tuple[float, float]], **more: Any) -> dict[str, Any]:
    return {"zoneId": zone_id, "zoneType": kind, "vertices": [{"x": x, "y": y} for x, y in corners], **more}


def enable(bench: Bench, *zones: dict[str, Any], name: str = "z1") -> None:
    said = {"zoneSetId": name, "mapId": "floor-1", "zones": list(zones)}
    bench.say(R, "zoneSet", header(1, R) | {"zoneSet": said})
    bench.instant(R, "enableZoneSet", f"enable-{name}", zoneSetId=name)


def requests(bench: Bench) -> list[dict[str, Any]]:
    return bench.last(R).get("zoneRequests", [])


def answer(bench: Bench, request: dict[str, Any], grant: str = "GRANTED") -> None:
    said = [{"requestId": request["requestId"], "grantType": grant}]
    bench.say(R, "responses", header(1, R) | {"responses": said})


GATE = box(*MIDDLE)
RELEASE = zone("gate", "RELEASE", GATE, releaseLossBehavior="STOP")


def test_an_order_is_driven_in_3_0_and_the_plan_is_told_on_the_way(bench: Bench) -> None:
    pick = action("pick", "p", loadType="totes", quantity=2)
    bench.say(R, "order", order(R, "a1.0", WAY, actions={CHARGER: [pick]}))
    bench.run(3)
    state, now = bench.last(R), bench.runtime.wall()
    points = state["plannedPath"]["trajectory"]["controlPoints"]
    here = state["mobileRobotPosition"]
    assert math.dist((points[0]["x"], points[0]["y"]), (here["x"], here["y"])) < 0.5
    assert (points[-1]["x"], points[-1]["y"]) == PLACE[CHARGER]
    assert state["plannedPath"]["traversedNodes"] == [n["nodeId"] for n in state["nodeStates"]]
    times = [seconds(point["eta"]) for point in state["intermediatePath"]["polyline"]]
    assert times == sorted(times) and abs(times[0] - now) < 2.0 and times[-1] > now
    assert bench.run(80, lambda: bench.status(R, "p") == "FINISHED")
    bench.run(1)
    state = bench.last(R)
    assert state["version"] == "3.0.0" and state["lastNodeId"] == CHARGER and "plannedPath" not in state
    assert {topic for _, topic, _ in bench.wire.sent} == {"connection", "factsheet", "state", "visualization"}


def test_the_factsheet_says_what_it_can(bench: Bench) -> None:
    sheet = next(body for _, topic, body in bench.wire.sent if topic == "factsheet")
    assert set(sheet["typeSpecification"]["supportedZones"]) == {"RELEASE", "SPEED_LIMIT", "BLOCKED"}
    names = {a["actionType"] for a in sheet["protocolFeatures"]["mobileRobotActions"]}
    assert {"retry", "skipRetry", "clearInstantActions", "initializePosition", "startHibernation"} <= names
    assert "initPosition" not in names
    older = {a.action_type for a in factsheet_of(type_of("cart"), "m").actions}
    assert "initPosition" in older and "trigger" in older and "retry" not in older


def test_it_asks_before_a_release_zone_waits_at_the_border_and_drops_the_request_behind_it(bench: Bench) -> None:
    enable(bench, RELEASE)
    bench.say(R, "order", order(R, "a1.0", WAY))
    assert bench.run(80, lambda: requests(bench) != [])
    assert way_to_polygon([(bench.body(R).x, bench.body(R).y)], GATE) > 1.0  # asked in time
    bench.run(15)
    waits = bench.body(R)
    assert waits.v == 0 and RADIUS <= way_to_polygon([(waits.x, waits.y)], GATE) < RADIUS + 0.5
    assert bench.last(R)["errors"] == [] and requests(bench)[0]["requestStatus"] == "REQUESTED"
    answer(bench, requests(bench)[0], "QUEUED")
    bench.run(5)
    assert bench.body(R).x == waits.x and bench.body(R).y == waits.y
    answer(bench, requests(bench)[0])
    assert bench.run(80, lambda: way_to_polygon([(bench.body(R).x, bench.body(R).y)], GATE) == 0.0)
    assert requests(bench)[0]["requestStatus"] == "GRANTED"
    assert bench.run(80, lambda: bench.last(R)["lastNodeId"] == CHARGER)
    bench.run(1)
    assert requests(bench) == [] and bench.last(R)["errors"] == []


def test_a_revoked_grant_stops_it_inside_until_it_is_granted_again(bench: Bench) -> None:
    enable(bench, RELEASE)
    bench.say(R, "order", order(R, "a1.0", WAY))
    assert bench.run(80, lambda: requests(bench) != [])
    asked = requests(bench)[0]
    answer(bench, asked)
    assert bench.run(80, lambda: way_to_polygon([(bench.body(R).x, bench.body(R).y)], GATE) == 0.0)
    answer(bench, asked, "REVOKED")
    bench.run(3)
    where = bench.body(R)
    assert where.v == 0 and bench.errors(R) == {"RELEASE_LOST"}
    assert requests(bench)[0]["requestStatus"] == "REVOKED"
    answer(bench, asked)
    assert bench.run(80, lambda: bench.last(R)["lastNodeId"] == CHARGER)


def test_a_rejected_robot_asks_again(bench: Bench) -> None:
    enable(bench, RELEASE)
    bench.say(R, "order", order(R, "a1.0", WAY))
    assert bench.run(80, lambda: requests(bench) != [])
    first = requests(bench)[0]
    answer(bench, first, "REJECTED")
    bench.run(1)
    assert requests(bench) == []
    assert bench.run(20, lambda: requests(bench) != []) and requests(bench)[0]["requestId"] != first["requestId"]


def test_a_cancel_in_front_of_the_zone_takes_the_request_along(bench: Bench) -> None:
    enable(bench, RELEASE)
    bench.say(R, "order", order(R, "a1.0", WAY))
    assert bench.run(80, lambda: requests(bench) != [])
    bench.instant(R, "cancelOrder", "c")
    assert bench.run(10, lambda: bench.status(R, "c") == "FINISHED")
    assert requests(bench) == [] and bench.last(R)["nodeStates"] == []


def test_a_restarted_robot_still_waits_for_its_request(bench: Bench, policy: Policy) -> None:
    enable(bench, RELEASE)
    bench.say(R, "order", order(R, "a1.0", WAY))
    assert bench.run(80, lambda: requests(bench) != [])
    bench.run(15)
    asked = requests(bench)
    again = bench.restarted(policy)
    again.run(5)
    assert requests(again) == asked and way_to_polygon([(again.body(R).x, again.body(R).y)], GATE) >= RADIUS
    answer(again, asked[0])
    assert again.run(80, lambda: again.last(R)["lastNodeId"] == CHARGER)


def test_a_blocked_zone_is_not_entered_and_the_node_is_named(bench: Bench) -> None:
    enable(bench, zone("shut", "BLOCKED", GATE))
    bench.say(R, "order", order(R, "a1.0", WAY))
    assert bench.run(80, lambda: "NODE_UNREACHABLE" in bench.errors(R))
    bench.run(3)
    b = bench.body(R)
    assert b.v == 0 and way_to_polygon([(b.x, b.y)], GATE) >= RADIUS
    error = bench.last(R)["errors"][0]
    named = {ref["referenceKey"]: ref["referenceValue"] for ref in error["errorReferences"]}
    assert error["errorLevel"] == "CRITICAL" and named == {"orderId": "a1.0", "nodeId": WAY[len(WAY) // 2]}
    assert bench.last(R)["nodeStates"] != []  # it never clears its order by itself


def test_a_speed_limit_zone_slows_it_down(bench: Bench) -> None:
    wide = [(0.0, 0.0), (60.0, 0.0), (60.0, 36.0), (0.0, 36.0)]
    enable(bench, zone("slow", "SPEED_LIMIT", wide, maximumSpeed=0.4))
    bench.say(R, "order", order(R, "a1.0", WAY))
    bench.run(8)
    assert 0.2 < bench.fastest[R] <= 0.45


def test_hibernation_is_silent_and_shutdown_leaves_the_broker(bench: Bench) -> None:
    bench.instant(R, "startHibernation", "h")
    assert bench.run(3, lambda: ("connection", "HIBERNATING") in told(bench))
    count = len(bench.wire.sent)
    bench.run(5)
    assert len(bench.wire.sent) == count
    bench.instant(R, "stopHibernation", "w")
    assert bench.run(3, lambda: told(bench)[-1] == ("connection", "ONLINE"))
    bench.instant(R, "shutdown", "x")
    assert bench.run(3, lambda: bench.wire.left == [R]) and told(bench)[-1] == ("connection", "OFFLINE")


def told(bench: Bench) -> list[tuple[str, str]]:
    return [(topic, body["connectionState"]) for _, topic, body in bench.wire.sent if topic == "connection"]


def test_a_failed_action_is_done_again_when_fleet_control_says_so(bench: Bench) -> None:
    world = bench.runtime.driver.world
    missed = action("pick", "p", loadType="totes") | {"retriable": True}
    world.handlers[0].misses = 1.0
    bench.say(R, "order", order(R, "a1.0", [HOME], actions={HOME: [missed]}))
    assert bench.run(20, lambda: bench.status(R, "p") == "RETRIABLE")
    assert "pickMissed" in bench.errors(R)
    world.handlers[0].misses = 0.0
    bench.instant(R, "retry", "r", actionId="p")
    assert bench.run(20, lambda: bench.status(R, "p") == "FINISHED")
    assert bench.status(R, "r") == "FINISHED" and bench.last(R)["errors"] == []
    assert len(bench.last(R)["loads"]) == 1


def test_a_trigger_ends_the_wait(bench: Bench) -> None:
    wait = action("waitForTrigger", "w", triggerType=["FLEET_CONTROL"])
    bench.say(R, "order", order(R, "a1.0", [HOME], actions={HOME: [wait]}))
    assert bench.run(5, lambda: bench.status(R, "w") == "RUNNING")
    bench.instant(R, "trigger", "t")
    assert bench.run(5, lambda: bench.status(R, "w") == "FINISHED")


# ---------------------------------------------------------------- parts


@pytest.mark.parametrize(
    ("row", "topics"),
    [
        ({}, "uagv/v2/m/s/order"),
        ({"protocol": "3.0.0"}, "vda5050/v3/m/s/order"),
        ({"protocol": "3.0.0", "interface": "site", "major": "three"}, "site/three/m/s/order"),
    ],
)
def test_what_a_robot_speaks_is_in_the_floor_file(row: dict[str, str], topics: str) -> None:
    from robots.core.vda5050.topics import Topic

    assert spoken(row).scheme.build("m", "s", Topic.ORDER) == topics


@pytest.mark.parametrize("row", [{"protocol": "9.9.9"}, {"protocol": "3.0.0", "interface": "a+b"}])
def test_a_protocol_that_cannot_be_spoken_is_named(row: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="R-7"):
        spoken(row | {"serial": "R-7"})


def test_a_planned_path_is_a_clamped_line() -> None:
    path = planned((0.5, 0.0), Way(((0.0, 0.0), (1.0, 0.0), (1.0, 2.0))).rest(0.5, 2), ("a", "b"))
    assert path is not None
    curve = path.trajectory
    assert [(p.x, p.y) for p in curve.control_points] == [(0.5, 0.0), (1.0, 0.0), (1.0, 2.0)]
    assert curve.knots == (0.0, 0.0, 0.5, 1.0, 1.0) and curve.degree == 1
    assert planned((1.0, 2.0), ((1.0, 2.0),), ()) is None


def test_waypoints_reach_as_far_as_the_robot_sees() -> None:
    seen = intermediate((0.0, 0.0), ((0.0, 0.0), (2.0, 0.0), (20.0, 0.0)), 1.0, 1000.0)
    assert [(p.x, seconds(p.eta or "")) for p in seen] == [(0.0, 1000.0), (2.0, 1002.0), (6.0, 1006.0)]


# ---------------------------------------------------------------- maps


def maps(bench: Bench) -> dict[str, str]:
    return {m["mapVersion"]: m["mapStatus"] for m in bench.last(R)["maps"]}


def load(bench: Bench, action_id: str, content: bytes | None, checked: bytes) -> None:
    def get(link: str) -> bytes:
        if content is None:
            raise MapRefused("the map server gave no file")
        return content

    bench.runtime.robots[R].executor.actions.maps = Maps(bench.state / "maps", get)
    values = {"mapDownloadLink": "http://maps/2", "mapHash": hashlib.sha256(checked).hexdigest()}
    bench.instant(R, "downloadMap", action_id, mapId="floor-1", mapVersion="2", **values)


def test_a_map_is_loaded_enabled_and_the_old_one_deleted(bench: Bench) -> None:
    assert maps(bench) == {"1": "ENABLED"}
    load(bench, "d", b"walls", b"walls")
    assert ran_until(bench, lambda: bench.status(R, "d") == "FINISHED")
    assert maps(bench) == {"1": "ENABLED", "2": "DISABLED"}
    assert [file.read_bytes() for file in (bench.state / "maps").iterdir()] == [b"walls"]
    bench.instant(R, "enableMap", "e", mapId="floor-1", mapVersion="2")
    bench.instant(R, "deleteMap", "x", mapId="floor-1", mapVersion="1")
    bench.run(1)
    assert maps(bench) == {"2": "ENABLED"} and bench.last(R)["errors"] == []
    bench.say(R, "order", order(R, "a1.0", [HOME]))
    bench.run(1)
    assert bench.last(R)["orderId"] == "a1.0"


@pytest.mark.parametrize(("content", "words"), [(b"other", "hash"), (None, "no file")])
def test_a_map_that_does_not_arrive_whole_is_not_taken(bench: Bench, content: bytes | None, words: str) -> None:
    load(bench, "d", content, b"walls")
    assert ran_until(bench, lambda: bench.status(R, "d") == "FAILED")
    assert maps(bench) == {"1": "ENABLED"} and words in bench.last(R)["errors"][0]["errorDescription"]


def test_a_map_comes_over_http_only(tmp_path: Path) -> None:
    with pytest.raises(MapRefused, match="http or https"):
        fetch((tmp_path / "map").as_uri())


def ran_until(bench: Bench, met: Any) -> bool:
    """A download runs in a thread of its own: the robot's time goes on until it has ended."""
    return any(bench.run(0.1, met) for _ in range(2000))
