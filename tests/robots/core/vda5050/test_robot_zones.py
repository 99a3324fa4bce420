"""Maps, zone sets, requests and zone actions of a robot (3.0 6.3, 6.4, 6.6.10, 6.9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from robots.core.vda5050.actions import instant
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.messages import (
    ActionParameter,
    Corridor,
    GrantType,
    ReleaseLoss,
    ZoneAction,
    ZoneType,
)
from robots.core.vda5050.reports import ActionStatus, MapInfo, OperatingMode, RequestKind, RequestStatus
from tests.robots.core.vda5050.helpers import NONE, kinds, order, started
from tests.robots.core.vda5050.robot_helpers import LINE, NOW, Robot, of, square, zones

FINISHED = ActionStatus.FINISHED


def ready(*found, **options) -> Robot:
    """A robot with an enabled zone set `z1`."""
    machine = Robot(**options)
    machine.hears(zones("z1", *found), instant("enableZoneSet", "e1", zoneSetId="z1"))
    return machine


def status(machine: Robot, request_id: str) -> str | None:
    both = (*machine.state.zone_requests, *machine.state.edge_requests)
    return next((str(r.status) for r in both if r.request_id == request_id), None)


# ---------------------------------------------------------------- zone sets


def test_a_zone_set_arrives_disabled_and_one_is_enabled_for_a_map():
    machine = Robot()
    for number in (1, 2):
        assert kinds(machine.hears(zones(f"z{number}"))) == ["ZoneSetReceived"]
    assert {z.zone_set_id: z.status for z in machine.state.zone_sets} == {"z1": "DISABLED", "z2": "DISABLED"}
    machine.hears(instant("enableZoneSet", "e1", zoneSetId="z1"))
    machine.hears(instant("enableZoneSet", "e2", zoneSetId="z2"))
    assert {z.zone_set_id: z.status for z in machine.state.zone_sets} == {"z1": "DISABLED", "z2": "ENABLED"}
    machine.hears(zones("k1", map_id="attic"), instant("enableZoneSet", "e3", zoneSetId="k1"))
    assert [z.status for z in machine.state.zone_sets] == ["DISABLED", "ENABLED", "ENABLED"]
    assert machine.side.shelf.in_force("hall") == zones("z2")


def test_a_zone_set_id_is_used_once():
    machine = Robot()
    assert kinds(machine.hears(zones("z1"), zones("z1", square("other")))) == ["ZoneSetReceived"]
    error = machine.state.errors[-1]
    assert (error.error_type, error.reference("zoneSetId")) == ("DUPLICATE_ZONE_SET", "z1")
    machine.hears(instant("downloadZoneSet", "d", zoneSetId="z1", zoneSetDownloadLink="http://x/z1"))
    assert of(machine.state.instant_action_states) == {"d": "FAILED"}
    machine.hears(zones("z2"))
    assert machine.errors() == []


def test_a_zone_type_the_robot_does_not_know_is_not_taken():
    machine = Robot()
    machine.side.factsheet = replace(machine.side.factsheet, supported_zones=(ZoneType.RELEASE,))
    assert machine.hears(zones("z1", square("s", ZoneType.SPEED_LIMIT, maximum_speed=1.0))) == []
    assert machine.errors() == [("UNSUPPORTED_PARAMETER", "CRITICAL")] and machine.state.zone_sets == ()


def test_zone_sets_are_deleted_when_they_are_not_in_use():
    machine = ready()
    machine.hears(zones("z2"))
    for number, (zone_set_id, expected) in enumerate((("z1", "FAILED"), ("z2", "FINISHED"), ("z9", "FAILED"))):
        machine.hears(instant("deleteZoneSet", f"d{number}", zoneSetId=zone_set_id))
        assert of(machine.state.instant_action_states)[f"d{number}"] == expected
    machine.hears(instant("enableZoneSet", "e9", zoneSetId="z9"))
    assert of(machine.state.instant_action_states)["e9"] == "FAILED"
    assert [z.zone_set_id for z in machine.state.zone_sets] == ["z1"]


# ---------------------------------------------------------------- requests


def test_only_zones_of_an_enabled_set_are_asked_for_and_by_their_kind():
    machine = ready(square("gate"), square("hall", ZoneType.COORDINATED_REPLANNING))
    machine.hears(zones("z2"))
    for wrong in (("z2", "gate"), ("z1", "nowhere"), ("z1", "hall")):
        with pytest.raises(LocalProtocolError):
            machine.side.request_zone(*wrong)
    with pytest.raises(LocalProtocolError, match="trajectory"):
        machine.side.request_zone("z1", "hall", RequestKind.REPLANNING)
    with pytest.raises(LocalProtocolError, match="not granted"):
        machine.side.begin_request(machine.side.request_zone("z1", "gate"))


def test_the_life_of_a_zone_request():
    machine = ready()
    asked = machine.side.request_zone("z1", "gate")
    (told,) = machine.state.zone_requests
    assert (told.kind, told.zone_id, told.zone_set_id, told.status) == ("ACCESS", "gate", "z1", "REQUESTED")
    assert kinds(machine.grants(asked, GrantType.QUEUED)) == []
    assert status(machine, asked) == "REQUESTED"  # the table of 7.8 has no QUEUED
    assert kinds(machine.grants(asked)) == ["GrantReceived"]
    assert machine.grants(asked) == []  # a repeat is no news
    machine.side.begin_request(asked)
    assert status(machine, asked) == "GRANTED"
    machine.side.drop_request(asked)
    assert machine.state.zone_requests == () and machine.errors() == []
    assert machine.side.request_zone("z1", "gate") != asked


@pytest.mark.parametrize("kind", [GrantType.REJECTED, GrantType.REVOKED])
def test_a_refused_or_unused_request_is_removed(kind: GrantType):
    machine = ready()
    asked = machine.side.request_zone("z1", "gate")
    if kind is GrantType.REVOKED:
        machine.grants(asked)
    assert kinds(machine.grants(asked, kind)) == ["GrantReceived"]
    assert machine.state.zone_requests == () and machine.errors() == []


def test_a_lease_ends_and_is_extended():
    machine = ready()
    asked = machine.side.request_zone("z1", "gate")
    machine.grants(asked, lease=10.0)
    machine.tick(NOW + 9)
    assert status(machine, asked) == "GRANTED"
    machine.grants(asked, lease=20.0)
    machine.tick(NOW + 19)
    assert status(machine, asked) == "GRANTED"
    machine.tick(NOW + 20)
    assert status(machine, asked) == "EXPIRED" and machine.errors() == []
    with pytest.raises(LocalProtocolError):
        machine.side.begin_request(asked)


def test_a_grant_that_is_over_when_it_arrives_is_none():
    machine = ready()
    asked = machine.side.request_zone("z1", "gate")
    machine.grants(asked, lease=-1.0)
    assert status(machine, asked) == "EXPIRED"


@pytest.mark.parametrize("loss", [ReleaseLoss.STOP, ReleaseLoss.CONTINUE, ReleaseLoss.EVACUATE])
@pytest.mark.parametrize("revoked", [True, False])
def test_a_grant_lost_inside_is_told_and_the_zone_says_what_follows(loss: ReleaseLoss, revoked: bool):
    machine = ready(square("gate", release_loss=loss))
    machine.hears(order("o1"))
    asked = machine.side.request_zone("z1", "gate")
    machine.grants(asked, lease=10.0)
    machine.side.begin_request(asked)
    machine.grants(asked, GrantType.REVOKED) if revoked else machine.tick(NOW + 10)
    assert status(machine, asked) == ("REVOKED" if revoked else "EXPIRED")
    error = machine.state.errors[-1]
    assert (error.error_type, error.level, error.reference("zoneId")) == ("RELEASE_LOST", "CRITICAL", "gate")
    target = machine.side.next_base_target()
    assert target is not None and target.may_drive is (loss is not ReleaseLoss.STOP)
    assert machine.restarted().errors() == machine.errors()
    machine.grants(asked, lease=100.0)
    assert machine.errors() == [] and machine.side.next_base_target().may_drive  # type: ignore[union-attr]
    machine.grants(asked, GrantType.REVOKED)
    machine.side.drop_request(asked)
    assert machine.errors() == []


def test_of_several_ways_through_a_zone_the_first_granted_is_taken():
    machine = ready(square("mix", ZoneType.COORDINATED_REPLANNING), square("gate"))
    ways = [machine.side.request_zone("z1", "mix", RequestKind.REPLANNING, LINE) for _ in range(3)]
    other = machine.side.request_zone("z1", "gate")
    machine.grants(ways[1])
    assert {r.request_id for r in machine.state.zone_requests} == {ways[1], other}
    assert machine.state.zone_requests[0].trajectory == LINE


@pytest.mark.parametrize(
    "end",
    [
        lambda m: m.hears(instant("cancelOrder", "c")),
        lambda m: m.hears(instant("startHibernation", "h")),
        lambda m: m.side.set_operating_mode(OperatingMode.INTERVENED),
        lambda m: m.side.set_operating_mode(OperatingMode.MANUAL),
    ],
)
def test_requests_go_with_the_order_and_with_the_control(end):
    machine = ready()
    machine.hears(order("o1"))
    asked = machine.side.request_zone("z1", "gate")
    machine.grants(asked)
    machine.side.begin_request(asked)
    end(machine)
    assert machine.state.zone_requests == () and machine.errors() == []


def test_nothing_is_asked_for_in_intervened():
    machine = ready()
    machine.side.set_operating_mode(OperatingMode.INTERVENED)
    with pytest.raises(LocalProtocolError, match="INTERVENED"):
        machine.side.request_zone("z1", "gate")


def wide(loss: ReleaseLoss | None = None, **more):
    first = order("o1", base=2, horizon=1)
    corridor = Corridor(0.5, 0.5, release_required=True, release_loss=loss)
    return replace(first, edges=tuple(replace(e, trajectory=LINE, corridor=corridor) for e in first.edges))


def test_corridors_are_asked_for_edge_by_edge_of_the_base():
    machine = Robot()
    machine.hears(wide())
    one, two = machine.side.request_corridor(1), machine.side.request_corridor(3)
    assert [(r.edge_id, r.sequence_id, str(r.kind)) for r in machine.state.edge_requests] == [
        ("e1", 1, "CORRIDOR"),
        ("e2", 3, "CORRIDOR"),
    ]
    machine.grants(two)
    assert (status(machine, one), status(machine, two)) == ("REQUESTED", "GRANTED")
    with pytest.raises(LocalProtocolError, match="not in the base"):
        machine.side.request_corridor(5)
    with pytest.raises(LocalProtocolError, match="not ahead"):
        machine.side.request_corridor(9)


@pytest.mark.parametrize(("loss", "drives"), [(None, False), (ReleaseLoss.STOP, False), (ReleaseLoss.RETURN, True)])
def test_a_lost_corridor(loss: ReleaseLoss | None, drives: bool):
    machine = Robot()
    machine.hears(wide(loss))
    asked = machine.side.request_corridor(1)
    machine.grants(asked, lease=5.0)
    machine.side.begin_request(asked)
    machine.tick(NOW + 5)
    assert machine.errors() == [("RELEASE_LOST", "WARNING")]
    assert machine.side.next_base_target().may_drive is drives  # type: ignore[union-attr]
    assert status(machine, asked) == str(RequestStatus.EXPIRED)


def test_a_corridor_without_release_is_not_asked_for():
    machine = Robot()
    machine.hears(order())
    with pytest.raises(LocalProtocolError, match="no corridor"):
        machine.side.request_corridor(1)


# ---------------------------------------------------------------- zone actions


def test_actions_of_a_zone_begin_and_end_with_the_stay():
    light = ZoneAction("scan", NONE, (ActionParameter("target", "floor"),))
    zone = square("lit", ZoneType.ACTION, entry_actions=(light,), during_actions=(light,), exit_actions=(light,))
    machine = Robot()
    assert started(machine.side.zone_entered(zone)) == ["zone-1", "zone-2"]
    assert of(machine.state.zone_action_states) == {"zone-1": "INITIALIZING", "zone-2": "INITIALIZING"}
    assert machine.state.action_states == ()
    machine.side.action_state("zone-1", FINISHED)
    events = machine.side.zone_left(zone)
    assert kinds(list(events)) == ["StopAction", "StartAction"] and events[0].action_id == "zone-2"  # type: ignore[union-attr]
    machine.hears(order("o1"))
    assert len(machine.state.zone_action_states) == 3
    machine.hears(instant("clearZoneActions", "c"))
    assert list(of(machine.state.zone_action_states)) == ["zone-2", "zone-3"]
    assert started(machine.restarted().side.zone_entered(zone)) == ["zone-4", "zone-5"]


# ---------------------------------------------------------------- maps


@pytest.mark.parametrize("version", ["2.1.0", "3.0.0"])
def test_maps_are_downloaded_enabled_and_deleted(version: str):
    machine = Robot(version)
    machine.side.set_maps((MapInfo("hall", "1", "ENABLED"),))
    link = {"mapId": "hall", "mapVersion": "2", "mapDownloadLink": "http://maps/hall-2"}
    assert started(machine.hears(instant("downloadMap", "d", **link))) == ["d"]
    assert len(machine.state.maps) == 1  # not before it is there
    machine.side.action_state("d", FINISHED)
    assert [(m.map_version, m.status) for m in machine.state.maps] == [("1", "ENABLED"), ("2", "DISABLED")]
    assert started(machine.hears(instant("enableMap", "e", mapId="hall", mapVersion="2"))) == ["e"]
    machine.side.action_state("e", FINISHED)
    assert [(m.map_version, m.status) for m in machine.state.maps] == [("1", "DISABLED"), ("2", "ENABLED")]
    again = machine.restarted()
    assert started(again.hears(instant("deleteMap", "x", mapId="hall", mapVersion="1"))) == ["x"]
    again.side.action_state("x", FINISHED)
    assert [m.map_version for m in again.state.maps] == ["2"]


@pytest.mark.parametrize(
    ("kind", "map_version", "words"),
    [("downloadMap", "1", "already here"), ("enableMap", "7", "no map"), ("deleteMap", "1", "in use")],
)
def test_map_actions_that_cannot_be_done(kind: str, map_version: str, words: str):
    machine = Robot()
    machine.side.set_maps((MapInfo("hall", "1", "ENABLED"),))
    machine.hears(instant(kind, "m", mapId="hall", mapVersion=map_version, mapDownloadLink="http://maps/h"))
    assert of(machine.state.instant_action_states) == {"m": "FAILED"}
    error = machine.state.errors[-1]
    assert words in (error.description or "")
    assert (error.error_type == "DUPLICATE_MAP") is (kind == "downloadMap")
