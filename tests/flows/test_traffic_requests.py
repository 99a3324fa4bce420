"""What people and door controllers ask of the floor, over REST and pages, in front of the real processes."""

from __future__ import annotations

import urllib.parse

import pytest

from tests.flows.crew import RADIUS_M
from tests.flows.floor_yard import FloorYard
from tests.flows.test_traffic_faults import BEHIND, BESIDE, NEXT, SPOT, goes_on, halted
from tests.flows.yard import Person, until

pytestmark = pytest.mark.slow

BAY, AISLE = "N197-116", "aisle-3"
"""A bay in an aisle that is entered from the south."""
BESIDE_TOO = "N292-343"
"""A parking place in the north, near `BESIDE`."""
BY_DOOR, DOOR, NORTH = "N468-050", "fire-door", "N468-270"
"""Right before the fire door; and a node on the only other way to the east."""


def posted(floor: FloorYard, person: Person, path: str, **form: str) -> str:
    """A form of a page, sent as the page sends it; the page that follows."""
    person.call("GET", "/api/v1/me")  # signs in at the first call
    token = next(cookie.value for cookie in person.jar if "csrf" in cookie.name)
    form["csrfmiddlewaretoken"] = token or ""
    with person.opener.open(floor.stack.url + path, urllib.parse.urlencode(form).encode(), timeout=20) as answer:
        return str(answer.read().decode())


def ledger(floor: FloorYard, request: str) -> list[str]:
    """What was done, oldest first, of everything that names this request."""
    rows = floor.rows(
        "select action from ledger_entry where target_id = %s or after::text like %s order by seq",
        request,
        f"%{request}%",
    )
    return [action for (action,) in rows]


def test_what_a_lost_robot_holds_is_freed_by_two_people_and_not_by_one(floor: FloorYard) -> None:
    robot, mission = halted(floor)
    floor.crew.do(robot.vanish)
    until(lambda: floor.row("R-11")["connection"] == "connection_broken", 20, floor.told)
    asked = floor.ask_floor("free_ahead", "R-11", at=SPOT)
    assert floor.request(asked)["state"] == "waiting_for_second_person"
    with pytest.raises(RuntimeError, match=r"409.*second, different person"):
        floor.person.call("POST", f"/api/v1/floor_requests/{asked}:confirm", {"reason": "I looked twice"})
    assert f"node:{NEXT}" in floor.holds("R-11"), "one person alone frees nothing"
    page = posted(floor, floor.second, f"/floor/{asked}/confirm/", reason="it was carried away")
    assert "Tick that you have looked yourself" in page and not floor.request(asked)["confirmed_by"]
    looked = {"seen_off": "yes", "seen_place": "yes"}
    posted(floor, floor.second, f"/floor/{asked}/confirm/", reason="it was carried away", **looked)
    assert "free again" in floor.applied(asked)
    until(lambda: floor.base("R-11") == [SPOT], 10, floor.told)
    assert f"node:{NEXT}" not in floor.holds("R-11")
    seen = ledger(floor, asked)
    assert {"floor.asked", "floor.confirmed", "floor.free_ahead"} <= set(seen), seen
    # switched on again where it was carried to: without the order, it is admitted there and goes on
    floor.crew.do(lambda: (robot.manual(), robot.put(BESIDE), robot.heal()))
    until(lambda: floor.base("R-11")[:1] == [BESIDE], 20, floor.told)
    goes_on(floor, mission)


def test_a_retired_robot_that_appears_on_anothers_way_is_not_let_in_and_stops_that_one(floor: FloorYard) -> None:
    stranger = floor.crew["R-16"]
    floor.place("R-16", BESIDE)
    floor.crew.do(stranger.vanish)
    until(lambda: floor.row("R-16")["connection"] == "connection_broken", 20, floor.told)
    asked = floor.ask_floor("retire", "R-16")
    floor.second.call("POST", f"/api/v1/floor_requests/{asked}:confirm", {"reason": "it is in the workshop"})
    assert "holds nothing" in floor.applied(asked)
    until(lambda: not floor.holds("R-16") and not floor.base("R-16"), 10, floor.told)
    blocked, mission = halted(floor)
    end = floor.base("R-11")[-1]
    floor.crew.do(lambda: stranger.put(end))
    floor.crew.do(stranger.heal)
    until(lambda: floor.alarms("misplaced", "R-16") and floor.alarms("conflict", "R-11"), 20, floor.told)
    assert not floor.holds("R-16"), "nothing of another's is given to it"
    released, sent = floor.base("R-11"), len(blocked.orders)
    assert "stands on the way that is released to it" in floor.wait_of("R-11")["text"]
    floor.crew.do(lambda: stranger.put(BESIDE_TOO))
    until(lambda: floor.base("R-16")[:1] == [BESIDE_TOO], 20, floor.told)
    assert floor.base("R-11") == released and len(blocked.orders) == sent, "nothing was added meanwhile"
    until(lambda: not floor.alarms("conflict"), 10, floor.alarms)
    floor.crew.forget_distances()
    floor.crew.do(blocked.heal)
    goes_on(floor, mission)


def test_a_zone_is_closing_while_a_robot_is_inside_and_closed_when_it_has_left(floor: FloorYard) -> None:
    floor.place("R-13", BAY)
    inside = floor.crew["R-13"]
    inside.stuck = True
    assert floor.applied(floor.ask_floor("close_zone", AISLE)).startswith("closing")
    zone = until(lambda: (z := floor.zone(AISLE))["state"] == "closing" and z, 10, lambda: floor.zone(AISLE))
    assert [party["serial"] for party in zone["inside"]] == ["R-13"]
    floor.place("R-12", BEHIND)
    other = floor.go("R-12", "rack C2")
    until(lambda: floor.wait_of("R-12")["kind"] in ("no_way", "waiting_for_zone"), 20, floor.told)
    assert "closed" in floor.wait_of("R-12")["text"], floor.wait_of("R-12")
    inside.stuck = False
    leaving = floor.go("R-13", "dock 1")
    floor.while_true(lambda: floor.zone(AISLE)["state"] == "closed", 40, "closed once it is empty")
    ground = floor.layout.nodes_in(next(z for z in floor.layout.zones if z.id == AISLE))
    assert not any(set(robot.over) & ground for robot in floor.crew.robots.values())
    floor.until_mission(leaving, "completed", seconds=60)
    assert floor.mission(other)["state"] != "completed" and floor.zone(AISLE)["state"] == "closed"
    floor.applied(floor.ask_floor("open_zone", AISLE))
    goes_on(floor, other)


def test_a_door_taken_by_its_controller_is_waited_for_even_when_overdue(floor: FloorYard) -> None:
    floor.applied(floor.ask_floor("block", NORTH, seconds=600))  # so that there is no way but through the door
    take = {"site": "demo", "lease_s": 5, "reason": "the forklift of the night shift"}
    status, asked = floor.by_key("door", "POST", f"/api/v1/doors/{DOOR}:take", take)
    assert status == 202 and "taken" in floor.applied(asked["id"])
    assert floor.by_key("other-door", "POST", f"/api/v1/doors/{DOOR}:take", take)[0] == 409
    floor.place("R-12", "N424-050")
    mission = floor.go("R-12", "dock 1")
    waits = until(lambda: (w := floor.wait_of("R-12"))["kind"] == "waiting_for_door" and w, 20, floor.told)
    assert DOOR in waits["text"] and "door" in str(waits["holder"]), waits
    until(lambda: floor.door(DOOR)["overdue"], 15, lambda: floor.door(DOOR))
    until(lambda: floor.crew["R-12"].over == (BY_DOOR,), 5, floor.told)
    until(lambda: floor.wait_of("R-12")["kind"] == "waiting_for_door", 5, floor.told)
    assert floor.crew["R-12"].over == (BY_DOOR,), "overdue is still taken"
    give = {"site": "demo", "reason": ""}
    assert floor.by_key("other-door", "POST", f"/api/v1/doors/{DOOR}:give_back", give)[0] in (403, 409)
    assert floor.by_key("door", "POST", f"/api/v1/doors/{DOOR}:give_back", give)[0] == 202
    goes_on(floor, mission)
    assert floor.crew.closest[0] >= 2 * RADIUS_M
