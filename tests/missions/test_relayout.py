"""A layout that is published while the site runs comes into force by itself, and never under a driving robot."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from missions.models import Mission
from robots.core.layout import layout_from_json, layout_hash
from robots.core.traffic.traffic import Traffic
from robots.floor import ground
from robots.models import LayoutVersion, ResourceHold, Robot, RobotState, RobotType
from tests.missions.floor import Fleet, make_site
from tests.missions.test_dispatcher import dispatch

pytestmark = pytest.mark.django_db

MOVE: dict[str, Any] = {"steps": [{"op": "move", "at": "pack-1"}]}


@pytest.fixture
def fleet() -> Fleet:
    return Fleet(make_site())


def publish(fleet: Fleet, *, without: str = "") -> LayoutVersion:
    """The layout again, with every node a little farther east; `without` is a node that it lacks."""
    document = LayoutVersion.objects.get(number=1).document
    for node in document["nodes"]:
        node["x"] += 0.01
    if without:
        names = {node["id"] for node in document["nodes"]} - {without}
        document["nodes"] = [node for node in document["nodes"] if node["id"] in names]
        document["edges"] = [edge for edge in document["edges"] if {edge["start"], edge["end"]} <= names]
        for station in document["stations"]:
            station["nodes"] = [node for node in station["nodes"] if node in names]
    digest = layout_hash(layout_from_json(document))
    return LayoutVersion.objects.create(
        site=fleet.site, number=2, document=document, hash=digest, published_at=timezone.now()
    )


def in_force(fleet: Fleet) -> int:
    return fleet.dispatcher.floor.version.number


def run(fleet: Fleet, mission: Mission, cycles: int = 120) -> str:
    for _ in range(cycles):
        fleet.turn()
        mission.refresh_from_db()
        if mission.state == "completed":
            break
    return mission.state


def test_what_is_under_way_ends_on_the_old_layout_and_what_is_queued_waits_for_the_new(fleet: Fleet) -> None:
    under_way = dispatch(fleet, MOVE)
    fleet.turn(2)
    publish(fleet)
    fleet.turn()
    queued = dispatch(fleet, MOVE)
    fleet.turn(3)
    queued.refresh_from_db()
    assert (in_force(fleet), queued.state) == (1, "queued")
    assert "layout" in queued.reason
    told = fleet.alarms()["", "layout"]
    assert told == f"a new layout is published and waits: {under_way.label} under way"
    assert run(fleet, under_way) == "completed"
    assert run(fleet, queued) == "completed"
    assert in_force(fleet) == 2 and fleet.alarms() == {}
    floor = fleet.dispatcher.floor
    road, ledger = floor.traffic.road, floor.traffic.ledger
    held = {(road.resources[r], serial) for serial in floor.traffic.robots for r in ledger.held(serial)}
    assert held == set(ResourceHold.objects.values_list("resource", "robot__serial"))


def test_a_new_leader_goes_on_with_the_layout_that_the_holdings_belong_to(fleet: Fleet) -> None:
    mission = dispatch(fleet, MOVE)
    fleet.turn(2)
    publish(fleet)
    fleet.now = fleet.now.replace(minute=30)
    fleet.lead("second")
    assert in_force(fleet) == 1
    assert run(fleet, mission) == "completed"
    fleet.turn(30)
    assert in_force(fleet) == 2


def test_a_layout_without_the_place_where_a_robot_stands_says_so(fleet: Fleet) -> None:
    fleet.turn()
    serial = next(iter(fleet.dispatcher.floor.traffic.robots))
    publish(fleet, without=fleet.dispatcher.floor.end(serial))
    fleet.turn(3)
    queued = dispatch(fleet, {"steps": [{"op": "wait", "seconds": 1}]})
    fleet.turn(4)
    queued.refresh_from_db()
    assert (in_force(fleet), queued.state) == (1, "queued")
    assert serial in queued.reason


def test_a_newcomer_for_whom_there_are_no_roads_yet_stops_nobody_else(fleet: Fleet, monkeypatch: Any) -> None:
    """Robots that stand where its size rules them out are told of; they get work, and so come away from there."""
    fleet.turn(2)
    floor, stays = fleet.dispatcher.floor, {"R-02": "R-01 is in the dead end that it belongs to"}
    real, at = ground.carry_over, floor.end("R-02")

    def carry_over(old: Traffic, new: Traffic, now: float, types: Any) -> str:
        if old.road.names[old.robots["R-02"].end] == at:
            return f"R-02 cannot stay where it stands: {stays['R-02']}"
        return real(old, new, now, types)

    monkeypatch.setattr(ground, "carry_over", carry_over)
    kind = RobotType.objects.create(
        slug="tug", name="Tug", embodiment="cart", max_speed=1.0, length=1.4, width=0.8, max_payload=9.0
    )
    node = next(n for n in floor.layout.nodes if n.id not in floor.places.taken(except_for=""))
    robot = Robot.objects.create(site=fleet.site, type=kind, serial="T-1", manufacturer="m", name="Tug", live_index=3)
    RobotState.objects.create(
        robot=robot, state_at=fleet.now, connection="online", operating_mode="AUTOMATIC", localized=True,
        x=node.x, y=node.y, last_node_id=node.id, loads=[],
    )  # fmt: skip
    fleet.turn(3)
    assert fleet.dispatcher.old_layout == ""
    assert floor.refused["T-1"].startswith("the roads cannot be laid out for a Tug yet: R-02 cannot stay")
    mission = dispatch(fleet, MOVE | {"robot": "R-02"})
    assert run(fleet, mission) == "completed"
    fleet.turn(60)
    assert "tug" in {kind.id for kind in fleet.dispatcher.floor.types}
