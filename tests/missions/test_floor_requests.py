"""What people ask of the floor: applied once, answered in words, entered in the ledger; two people where it must be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fleet.ledger.models import Entry
from robots.core.layout import layout_from_json, layout_hash
from robots.models import FloorRequest, LayoutVersion, ResourceHold
from tests.missions.floor import Fleet, make_site
from tests.missions.test_dispatcher import dispatch
from tests.missions.test_floor_live import ended
from tests.missions.underway import MOVE, away_from, under_way

pytestmark = pytest.mark.django_db
ADA, BOB = "person:1:ada", "person:2:bob"


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def want(fleet: Fleet, kind: str, target: str, **fields: Any) -> FloorRequest:
    """Ask, run a cycle, and give the request as it is then."""
    request = FloorRequest.objects.create(
        site=fleet.site, kind=kind, target=target, reason="test", **{"actor": ADA, **fields}
    )
    fleet.turn()
    request.refresh_from_db()
    return request


def zone_of(fleet: Fleet) -> str:
    """An area with nodes in it that robots may enter."""
    layout = fleet.dispatcher.floor.layout
    return next(z.id for z in layout.zones if z.kind not in ("human_only", "closed") and layout.nodes_in(z))


def test_a_zone_is_closed_and_opened(fleet: Fleet) -> None:
    fleet.turn()
    zone = zone_of(fleet)
    closed = want(fleet, "close_zone", zone)
    assert closed.applied_at == fleet.now
    assert closed.outcome.startswith("clos")
    assert fleet.record()["zones"][zone] in ("closing", "closed")
    entry = Entry.objects.get(action="floor.close_zone")
    assert entry.after["asked_by"] == ADA and entry.after["outcome"] == closed.outcome
    fleet.now += timedelta(minutes=5)
    fleet.lead("second")
    assert fleet.dispatcher.floor.traffic.zones()[zone] in ("closing", "closed"), "a new leader keeps it closed"
    assert want(fleet, "open_zone", zone).outcome == "open"
    assert fleet.record()["zones"][zone] == "open"


def test_a_closed_zone_stays_closed_on_a_new_layout(fleet: Fleet) -> None:
    fleet.turn()
    zone = zone_of(fleet)
    want(fleet, "close_zone", zone)
    document = LayoutVersion.objects.get(number=1).document
    document["name"] = "as before, renamed"
    digest = layout_hash(layout_from_json(document))
    LayoutVersion.objects.create(site=fleet.site, number=2, document=document, hash=digest, published_at=fleet.now)
    fleet.turn(4)
    assert fleet.dispatcher.floor.version.number == 2
    assert fleet.record()["zones"][zone] in ("closing", "closed")


def test_a_robot_without_a_mission_is_sent_out_of_a_zone_that_closes(fleet: Fleet) -> None:
    fleet.turn()
    floor = fleet.dispatcher.floor
    inside = floor.layout.nodes_in(next(z for z in floor.layout.zones if z.id == "east-hall"))
    assert floor.base("R-02")[-1] in inside, "it is parked there"
    assert want(fleet, "close_zone", "east-hall").outcome.startswith("closing")
    fleet.turn()
    assert "R-02" in floor.legs, "at once"
    assert floor.legs["R-02"].goal not in inside
    fleet.turn(40)
    assert floor.base("R-02")[-1] not in inside
    assert fleet.record()["zones"]["east-hall"] == "closed"
    assert all(leg.goal not in inside for leg in floor.legs.values())


def test_a_mission_says_which_zone_closes_its_way(fleet: Fleet) -> None:
    fleet.turn()
    want(fleet, "close_zone", "packing-area")
    mission = dispatch(fleet, {**MOVE, "robot": "R-01"})
    fleet.turn(12)
    mission.refresh_from_db()
    assert mission.reason.startswith("R-01: the way to ")
    assert mission.reason.endswith(" is closed: zone Packing Area is closed")


def test_no_robot_is_sent_to_rest_in_a_zone_that_is_not_open(fleet: Fleet) -> None:
    fleet.turn()
    floor = fleet.dispatcher.floor
    inside = set(floor.layout.nodes_in(next(z for z in floor.layout.zones if z.id == "east-hall")))
    outside = {kind: floor.places.of(kind) - inside for kind in ("parking", "charger")}
    start = floor.base("R-01")[-1]
    for kind, nodes in outside.items():
        assert floor.places.nearest(start, kind, set(nodes)) in inside
    want(fleet, "close_zone", "east-hall")
    for kind, nodes in outside.items():
        assert floor.places.nearest(start, kind, set()) in nodes
        assert floor.places.nearest(start, kind, set(nodes)) is None
    assert floor.places.aside(floor.base("R-02")[-1], set()) not in inside


def test_what_does_not_exist_is_answered_and_holds_up_nobody(fleet: Fleet) -> None:
    assert "there is no" in want(fleet, "close_zone", "nowhere").outcome
    assert "there is no" in want(fleet, "take_door", "nowhere").outcome
    assert "there is no" in want(fleet, "block", "nowhere").outcome
    assert "not in traffic" in want(fleet, "retire", "R-77", confirmed_by=BOB, confirmed_at=fleet.now).outcome


def test_a_door_is_taken_and_only_its_owner_gives_it_back(fleet: Fleet) -> None:
    fleet.turn()
    door = next(d.id for d in fleet.dispatcher.floor.layout.doors if d.edges)
    until = fleet.now.timestamp() + 3
    assert "taken" in want(fleet, "take_door", door, data={"owner": BOB, "until": until}).outcome
    fleet.turn(10)
    assert fleet.record()["doors"][door]["owner"] == BOB, "overdue, and still theirs"
    assert "not done" in want(fleet, "give_back_door", door, data={"owner": ADA}).outcome
    assert want(fleet, "give_back_door", door, data={"owner": BOB}).outcome == "given back"
    assert fleet.record()["doors"] == {}


def test_a_place_is_blocked_until_its_time_or_until_cleared(fleet: Fleet) -> None:
    fleet.turn()
    place = away_from(fleet, "R-01")
    want(fleet, "block", place, data={"until": fleet.now.timestamp() + 5})
    assert fleet.record()["blocks"][place]["by"] == ADA
    fleet.turn(8)
    assert fleet.record()["blocks"] == {}
    want(fleet, "block", place, data={"until": fleet.now.timestamp() + 500})
    assert want(fleet, "clear", place).outcome == "cleared"
    assert fleet.record()["blocks"] == {}


def test_one_person_alone_frees_nothing(fleet: Fleet) -> None:
    under_way(fleet)
    held = fleet.holds("R-01")
    waiting = want(fleet, "free_ahead", "R-01", data={"at": fleet.dispatcher.floor.base("R-01")[0]})
    assert (waiting.applied_at, fleet.holds("R-01")) == (None, held)
    FloorRequest.objects.update(confirmed_by=ADA, confirmed_at=fleet.now)
    fleet.turn()
    waiting.refresh_from_db()
    assert "second, different person" in waiting.outcome
    assert fleet.holds("R-01") == held
    late = want(
        fleet, "retire", "R-01", confirmed_by=BOB, confirmed_at=fleet.now, expires_at=fleet.now - timedelta(minutes=1)
    )
    assert late.applied_at is None


def test_two_persons_free_what_lies_ahead_and_the_robot_comes_back_by_admission(fleet: Fleet) -> None:
    mission, _ = under_way(fleet)
    at = fleet.dispatcher.floor.base("R-01")[0]
    done = want(fleet, "free_ahead", "R-01", data={"at": at}, confirmed_by=BOB, confirmed_at=fleet.now)
    assert "free again" in done.outcome
    assert fleet.dispatcher.floor.base("R-01") == [at]
    entry = Entry.objects.get(action="floor.free_ahead")
    assert (entry.after["asked_by"], entry.after["confirmed_by"]) == (ADA, BOB)
    fleet.deaf.clear()
    fleet.says("R-01", node_states=[])
    assert ended(fleet, mission) == "completed"
    assert fleet.alarms() == {}


def test_two_persons_take_a_robot_out_of_traffic(fleet: Fleet) -> None:
    under_way(fleet)
    fleet.says("R-01", connection="offline")
    fleet.turn()
    want(fleet, "retire", "R-01", confirmed_by=BOB, confirmed_at=fleet.now)
    assert not ResourceHold.objects.filter(robot__serial="R-01").exists()
    assert not fleet.dispatcher.floor.known("R-01")
    row = fleet.dispatcher.floor.rows["R-01"]
    row.refresh_from_db()
    assert row.base == []
    assert ended(fleet, dispatch(fleet, MOVE)) == "completed", "the rest goes on"
