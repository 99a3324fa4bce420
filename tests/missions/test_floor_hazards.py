"""What must not happen on the floor: freed by time or by an old word; one robot or request stopping the site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError

from missions.management.commands.dispatch import Runner
from robots.core.footprint import POSITION_ERROR
from robots.core.layout import layout_from_json, layout_hash
from robots.floor.rows import Rows
from robots.models import FloorRequest, LayoutVersion, ResourceHold, SiteTraffic
from tests.missions.floor import Fleet, make_site
from tests.missions.test_dispatcher import dispatch
from tests.missions.test_floor_live import ended
from tests.missions.test_floor_requests import ADA, BOB, want
from tests.missions.underway import MOVE, away_from, under_way

pytestmark = pytest.mark.django_db


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def publish(fleet: Fleet, number: int, **changes: Any) -> LayoutVersion:
    document = LayoutVersion.objects.get(number=1).document | changes
    digest = layout_hash(layout_from_json(document))
    return LayoutVersion.objects.create(
        site=fleet.site, number=number, document=document, hash=digest, published_at=fleet.now
    )


def test_a_node_is_reported_no_earlier_than_the_footprints_have_room_for(fleet: Fleet) -> None:
    """The report of a node frees what lies behind: farther from it than the footprints allow, its tail is there."""
    under_way(fleet)
    order = fleet.dispatcher.floor.orders["R-01"]
    ahead = [node.position.allowed_deviation_xy for node in order.nodes[1:] if node.position]
    assert ahead and all(one is not None and max(one.a, one.b) <= POSITION_ERROR for one in ahead)


# --- two persons ---


def freeing(fleet: Fleet, **fields: Any) -> dict[str, Any]:
    return {
        "data": {"at": fleet.dispatcher.floor.base("R-01")[0]}, "confirmed_by": BOB, "confirmed_at": fleet.now, **fields
    }  # fmt: skip


def test_what_two_persons_saw_long_ago_frees_nothing(fleet: Fleet) -> None:
    under_way(fleet)
    held = fleet.holds("R-01")
    asked = FloorRequest.objects.create(
        site=fleet.site, kind="free_ahead", target="R-01", reason="test", actor=ADA, **freeing(fleet)
    )
    fleet.now += timedelta(hours=2)
    fleet.lead("second")  # dispatch was down
    fleet.turn()
    asked.refresh_from_db()
    assert "not done" in asked.outcome
    assert fleet.holds("R-01") == held


@pytest.mark.parametrize("kind", ["free_ahead", "retire"])
def test_nothing_is_freed_of_a_robot_that_says_it_moves(fleet: Fleet, kind: str) -> None:
    under_way(fleet)
    held = fleet.holds("R-01")
    fleet.says("R-01", driving=True)
    asked = want(fleet, kind, "R-01", **freeing(fleet))
    assert "not done" in asked.outcome
    assert fleet.holds("R-01") == held


def test_nothing_is_retired_that_is_online_and_would_be_admitted_again(fleet: Fleet) -> None:
    under_way(fleet)
    held = fleet.holds("R-01")
    asked = want(fleet, "retire", "R-01", confirmed_by=BOB, confirmed_at=fleet.now)
    assert "is online and reports from the floor" in asked.outcome
    assert fleet.holds("R-01") == held


def test_one_person_under_two_names_is_one_person(fleet: Fleet) -> None:
    under_way(fleet)
    held = fleet.holds("R-01")
    asked = want(fleet, "free_ahead", "R-01", **freeing(fleet, confirmed_by="person:1:Ada L."))
    assert "second, different person" in asked.outcome
    assert fleet.holds("R-01") == held


def test_a_retired_robot_is_not_put_back_by_what_it_said_before(fleet: Fleet) -> None:
    under_way(fleet)
    fleet.says("R-01", connection="offline")
    fleet.turn()
    want(fleet, "retire", "R-01", confirmed_by=BOB, confirmed_at=fleet.now)
    fleet.turn(2)
    assert "R-01" not in fleet.record()["misplaced"]


# --- what a new layout takes along ---


def test_a_door_that_is_overdue_is_still_taken_on_a_new_layout(fleet: Fleet) -> None:
    fleet.turn()
    door = next(d.id for d in fleet.dispatcher.floor.layout.doors if d.edges)
    want(fleet, "take_door", door, data={"owner": BOB, "until": fleet.now.timestamp() + 3})
    fleet.turn(10)
    publish(fleet, 2, name="renamed")
    fleet.turn(4)
    assert fleet.dispatcher.floor.version.number == 2
    assert fleet.record()["doors"][door]["owner"] == BOB


def test_a_robot_does_not_change_its_place_because_a_node_of_its_name_has_moved(fleet: Fleet) -> None:
    fleet.turn()
    at = fleet.dispatcher.floor.end("R-01")
    nodes = [
        node | ({"x": node["x"] + 0.9} if node["id"] == at else {})
        for node in LayoutVersion.objects.get(number=1).document["nodes"]
    ]
    publish(fleet, 2, nodes=nodes)
    fleet.turn(4)
    assert fleet.dispatcher.floor.version.number == 1
    assert "R-01" in fleet.dispatcher.old_layout


def test_what_a_robot_stands_over_is_held_on_a_new_layout_too(fleet: Fleet) -> None:
    fleet.turn()
    floor = fleet.dispatcher.floor
    at = floor.end("R-01")
    here = floor.traffic.road.index[at]
    lane = next(n for n in floor.traffic.road.ahead[here])
    a, b = floor.traffic.road.points[here], floor.traffic.road.points[lane]
    length = ((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5
    share = 0.45 / length
    fleet.says("R-01", x=a[0] + share * (b[0] - a[0]), y=a[1] + share * (b[1] - a[1]))
    SiteTraffic.objects.all().delete()
    ResourceHold.objects.all().delete()
    fleet.now += timedelta(minutes=1)
    fleet.lead("second")
    fleet.turn()
    held = fleet.holds("R-01")
    assert f"node:{floor.traffic.road.names[lane]}" in held
    publish(fleet, 2, name="renamed")
    fleet.turn(3)
    assert fleet.dispatcher.floor.version.number == 2
    assert fleet.holds("R-01") == held


def test_an_accepted_limit_holds_for_robots_that_only_go_to_park(fleet: Fleet) -> None:
    LayoutVersion.objects.update(accepted_limit=1)
    fleet.turn(4)
    traffic = fleet.dispatcher.floor.traffic
    assert traffic.active_cap == 1
    LayoutVersion.objects.update(accepted_limit=None)
    fleet.turn(4)
    assert fleet.dispatcher.floor.traffic.active_cap > 1, "published again without one"


def test_a_robot_out_of_place_is_still_in_the_way_on_a_new_layout(fleet: Fleet) -> None:
    fleet.turn()
    strange = away_from(fleet, "R-01", "R-02", "R-03")
    fleet.stands_at("R-01", strange, operating_mode="MANUAL")
    fleet.turn()
    there = fleet.record()["misplaced"]["R-01"]
    old = fleet.dispatcher.floor.traffic
    publish(fleet, 2, name="renamed")
    fleet.turn(3)
    floor = fleet.dispatcher.floor
    assert (floor.version.number, floor.traffic is old) == (2, False)
    assert fleet.record()["misplaced"]["R-01"] == there


# --- one robot or one request must not stop the site ---


def test_two_robots_in_one_release_zone_are_both_recorded(fleet: Fleet) -> None:
    document = LayoutVersion.objects.get(number=1).document
    xs, ys = [n["x"] for n in document["nodes"]], [n["y"] for n in document["nodes"]]
    west, south, east, north = min(xs) - 1, min(ys) - 1, max(xs) + 1, max(ys) + 1
    around = [[west, south], [east, south], [east, north], [west, north]]
    zone = {"id": "all", "name": "All", "kind": "release", "polygon": around, "capacity": 3}
    LayoutVersion.objects.all().delete()
    document["zones"] = [*document["zones"], zone]
    digest = layout_hash(layout_from_json(document))
    LayoutVersion.objects.create(site=fleet.site, number=1, document=document, hash=digest, published_at=fleet.now)
    fleet.now += timedelta(minutes=1)
    fleet.lead("second")
    fleet.turn(2)
    assert set(fleet.dispatcher.floor.traffic.robots) == {"R-01", "R-02", "R-03"}
    rows = ResourceHold.objects.filter(resource__startswith="zone:all").values_list("resource", "robot__serial")
    assert sorted(rows) == [("zone:all", "R-01"), ("zone:all#2", "R-02"), ("zone:all#3", "R-03")]
    fleet.now += timedelta(minutes=1)
    fleet.lead("third")
    assert ended(fleet, dispatch(fleet, MOVE)) == "completed"


def test_an_idle_robot_out_of_place_is_sent_nowhere_and_holds_up_nobody(fleet: Fleet) -> None:
    fleet.turn()
    fleet.says("R-01", x=-40.0, y=-40.0, battery=10.0)
    fleet.turn(30)
    assert fleet.alarms()["R-01", "misplaced"]
    assert ended(fleet, dispatch(fleet, MOVE)) == "completed"


def test_a_robot_that_lists_nodes_of_no_layout_has_an_order_we_do_not_know(fleet: Fleet) -> None:
    fleet.turn()
    listed = [{"node_id": "theirs-7", "sequence_id": 2, "released": True}]
    fleet.says("R-01", order_id="theirs", node_states=listed, driving=True)
    fleet.turn()
    assert "was not released here" in fleet.alarms()["R-01", "misplaced"]


def test_a_cancel_that_was_not_committed_is_sent_by_the_next_cycle(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.turn()
    under_way(fleet)
    strange = away_from(fleet, "R-01", "R-02", "R-03")
    fleet.stands_at("R-01", strange)
    fleet.says("R-01", operating_mode="AUTOMATIC", last_node_id=strange, node_states=[
        {"node_id": strange, "sequence_id": 8, "released": True}
    ])  # fmt: skip

    def fails(*_: Any) -> None:
        raise DatabaseError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(Rows, "save", fails)
        with pytest.raises(DatabaseError):
            fleet.turn()
    fleet.dispatcher.load()
    fleet.turn()
    sent = [a["actionType"] for i in fleet.instants if i["serial"] == "R-01" for a in i["actions"]]
    assert "cancelOrder" in sent


@pytest.mark.parametrize("broken", [{"map": "another"}, {"ledger": {}}])
def test_a_site_whose_record_cannot_be_read_does_not_stop_the_others(fleet: Fleet, broken: dict[str, Any]) -> None:
    fleet.turn()
    row = SiteTraffic.objects.get()
    row.snapshot |= broken
    row.save()
    fleet.now += timedelta(minutes=5)
    runner = Runner()
    runner.holder = "first"
    runner.turn()
    assert runner.sites == {}
