"""What is asked of the floor: who may, what is refused and why, and that two persons means two."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.ledger.models import Entry
from missions.models import DispatchLease
from robots import floor_requests as asking
from robots.core.demo_site import demo_layout
from robots.core.layout import layout_to_json
from robots.errors import FloorConflict, FloorRefused, FloorUnknown
from robots.floor_state import floor_view
from robots.models import FloorRequest, Robot, RobotState, RobotTraffic, RobotType, SiteTraffic
from robots.services import import_layout, publish_layout

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def person(site: Site, ident: str, role: str = "supervisor") -> Actor:
    return Actor("person", ident, f"p{ident}", {site.pk: role}, frozenset(), frozenset({site.pk}))


def key(site: Site, ident: str = "key_plc", *scopes: str) -> Actor:
    return Actor("key", ident, "door-plc", {}, frozenset(scopes or ("doors:write",)), frozenset({site.pk}))


@pytest.fixture
def site() -> Site:
    site = Site.objects.create(slug="demo", name="Demo")
    version, _ = import_layout(site=site, document=layout_to_json(demo_layout()), actor="test")
    publish_layout(version=version, actor="test")
    DispatchLease.objects.create(site=site, holder="d", expires_at=NOW + timedelta(seconds=4))
    return site


@pytest.fixture
def robot(site) -> Robot:
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1.5, length=0.8, width=0.6, max_payload=100
    )
    robot = Robot.objects.create(site=site, type=kind, serial="A", manufacturer="acme", name="Cart A", live_index=0)
    nodes = [node.id for node in demo_layout().nodes[:3]]
    RobotTraffic.objects.create(robot=robot, base=[{"seq": 2 * i, "node": n} for i, n in enumerate(nodes)])
    return robot


def floor(site: Site, **kept: object) -> None:
    layout = site.layouts.get()
    row = {"layout": layout, "snapshot": kept, "updated_at": NOW}
    SiteTraffic.objects.update_or_create(site=site, defaults=row)


def ask(site: Site, kind: str, target: str, actor: Actor, reason: str = "spill", now=NOW, **data: object):
    return asking.ask(site=site, kind=kind, target=target, actor=actor, now=now, data=data, reason=reason)


def test_closing_a_zone_is_written_down_with_who_and_why(site):
    made = ask(site, "close_zone", "aisle-3", person(site, "1"))
    assert (made.kind, made.target, made.actor, made.reason) == ("close_zone", "aisle-3", "person:1:p1", "spill")
    assert made.expires_at is None and asking.open_requests(site, NOW) == [made]
    entry = Entry.objects.get(action="floor.asked")
    assert (entry.actor_name, entry.reason, entry.target_id) == ("p1", "spill", made.public_id)


@pytest.mark.parametrize(
    ("kind", "target", "error", "words"),
    [
        ("close_zone", "nowhere", FloorUnknown, "no zone nowhere"),
        ("open_zone", "aisle-3", FloorRefused, "is open already"),
        ("open_zone", "break-room", FloorRefused, "closed to robots by the layout"),
        ("block", "nowhere", FloorUnknown, "no node and no lane"),
        ("retire", "Z", FloorUnknown, "no robot Z"),
        ("dance", "aisle-3", FloorRefused, "nothing that can be asked"),
    ],
)
def test_what_cannot_be_is_refused_with_what_is_wrong(site, kind, target, error, words):
    floor(site)
    with pytest.raises(error, match=words):
        ask(site, kind, target, person(site, "1"), seconds=600)
    assert not FloorRequest.objects.exists()


def test_a_reason_is_required_and_a_second_request_for_the_same_is_refused(site):
    with pytest.raises(FloorRefused, match="Say why"):
        ask(site, "close_zone", "aisle-3", person(site, "1"), reason="  ")
    ask(site, "close_zone", "aisle-3", person(site, "1"))
    with pytest.raises(FloorConflict, match="p1 has asked for this already"):
        ask(site, "close_zone", "aisle-3", person(site, "1"))
    assert FloorRequest.objects.count() == 1


def test_a_zone_that_is_closed_is_opened_and_not_closed_again(site):
    floor(site, zones={"aisle-3": "closed"})
    with pytest.raises(FloorRefused, match="closed already"):
        ask(site, "close_zone", "aisle-3", person(site, "1"))
    assert ask(site, "open_zone", "aisle-3", person(site, "1")).kind == "open_zone"


def test_what_dispatch_wrote_long_ago_forbids_nothing(site):
    """Dispatch is silent: the zone may have opened since, so the request is taken and dispatch judges it."""
    floor(site, zones={"aisle-3": "closed"})
    DispatchLease.objects.update(expires_at=NOW - timedelta(seconds=30))
    assert ask(site, "close_zone", "aisle-3", person(site, "1")).pk


@pytest.mark.parametrize("role", ["viewer", "integrator", "auditor", "ml_engineer"])
def test_who_has_no_right_on_the_floor_asks_nothing(site, role):
    with pytest.raises(FloorRefused, match="no role here"):
        ask(site, "close_zone", "aisle-3", person(site, "1", role))


@pytest.mark.parametrize("kind", [k for k in FloorRequest.KINDS if k not in asking.DOOR_KINDS])
def test_a_key_asks_for_doors_only(site, robot, kind):
    with pytest.raises(FloorRefused, match="signed-in person"):
        ask(site, kind, "A", key(site, "key_plc", "doors:write", "robots:write"))


class TestDoors:
    def test_a_key_takes_a_door_for_a_lease_and_takes_it_again(self, site):
        first = ask(site, "take_door", "fire-door", key(site), reason="", seconds=30)
        assert first.data == {"owner": "key:key_plc:door-plc", "until": NOW.timestamp() + 30}
        again = ask(site, "take_door", "fire-door", key(site), reason="", seconds=30, now=NOW + timedelta(seconds=20))
        assert again.data["until"] == NOW.timestamp() + 50

    def test_what_another_has_taken_is_refused_and_named(self, site):
        floor(site, doors={"fire-door": {"owner": "key:key_x:crane", "until": NOW.timestamp() + 5}})
        with pytest.raises(FloorConflict, match="taken by crane"):
            ask(site, "take_door", "fire-door", key(site), seconds=30)
        with pytest.raises(FloorConflict, match="cannot give it back"):
            ask(site, "give_back_door", "fire-door", key(site))

    def test_a_supervisor_gives_back_what_its_owner_forgot(self, site):
        floor(site, doors={"fire-door": {"owner": "key:key_x:crane", "until": NOW.timestamp() - 5}})
        (door,) = floor_view(site, NOW).doors
        assert door.overdue and door.owner == "key:key_x:crane"
        assert ask(site, "give_back_door", "fire-door", person(site, "1")).data == {"owner": "key:key_x:crane"}

    def test_a_key_of_the_same_name_is_another_owner(self, site):
        floor(site, doors={"fire-door": {"owner": "key:key_other:door-plc", "until": NOW.timestamp() + 5}})
        with pytest.raises(FloorConflict):
            ask(site, "take_door", "fire-door", key(site), seconds=30)

    @pytest.mark.parametrize("seconds", [None, 0, -1, 4, 3601, float("nan"), True, "30"])
    def test_a_lease_without_an_end_is_refused(self, site, seconds):
        with pytest.raises(FloorRefused, match="how many seconds"):
            ask(site, "take_door", "fire-door", key(site), seconds=seconds)

    def test_an_unknown_door_and_one_nobody_has(self, site):
        floor(site)
        with pytest.raises(FloorUnknown, match="no door gate"):
            ask(site, "take_door", "gate", key(site), seconds=30)
        with pytest.raises(FloorRefused, match="Nobody has taken"):
            ask(site, "give_back_door", "fire-door", key(site))


def test_an_obstacle_expires_and_is_cleared(site):
    node = demo_layout().nodes[0].id
    made = ask(site, "block", node, person(site, "1"), seconds=600)
    assert made.data == {"until": NOW.timestamp() + 600}
    floor(site)
    with pytest.raises(FloorRefused, match="is not blocked"):
        ask(site, "clear", node, person(site, "1"))
    floor(site, blocks={node: {"until": NOW.timestamp() + 600, "by": "person:1:p1"}})
    assert ask(site, "clear", node, person(site, "1")).data == {}


class TestTwoPersons:
    def retire(self, site: Site) -> FloorRequest:
        return ask(site, "retire", "A", person(site, "1"), reason="pushed into the workshop")

    def test_a_second_person_confirms_within_ten_minutes(self, site, robot):
        made = self.retire(site)
        assert asking.state_of(made, NOW) == "waiting_for_second_person"
        late = NOW + timedelta(minutes=9, seconds=59)
        done = asking.confirm(request=made, actor=person(site, "2", "site_admin"), now=late, reason="I saw it")
        assert (done.confirmed_by, done.confirmed_at) == ("person:2:p2", late)
        assert asking.state_of(done, NOW + timedelta(hours=1)) == "asked"
        assert [e.actor_name for e in Entry.objects.filter(action__startswith="floor.").order_by("seq")] == ["p1", "p2"]

    def test_the_same_person_cannot_even_after_a_new_name(self, site, robot):
        made = self.retire(site)
        renamed = Actor("person", "1", "another name", {site.pk: "supervisor"}, frozenset(), frozenset({site.pk}))
        for actor in (person(site, "1"), renamed):
            with pytest.raises(FloorConflict, match="second, different person"):
                asking.confirm(request=made, actor=actor, now=NOW, reason="I saw it")
        assert FloorRequest.objects.get().confirmed_at is None

    def test_after_ten_minutes_it_is_over_and_may_be_asked_anew(self, site, robot):
        made = self.retire(site)
        late = NOW + asking.CONFIRM_WITHIN
        with pytest.raises(FloorConflict, match="within ten minutes"):
            asking.confirm(request=made, actor=person(site, "2"), now=late, reason="I saw it")
        assert asking.open_requests(site, late) == []
        assert ask(site, "retire", "A", person(site, "1"), now=late).pk != made.pk

    @pytest.mark.parametrize("actor", ["viewer", "integrator", "key"])
    def test_who_has_no_right_confirms_nothing(self, site, robot, actor):
        made = self.retire(site)
        who = key(site) if actor == "key" else person(site, "2", actor)
        with pytest.raises(FloorRefused):
            asking.confirm(request=made, actor=who, now=NOW, reason="I saw it")

    def test_twice_confirmed_withdrawn_and_carried_out_are_told_apart(self, site, robot):
        made = self.retire(site)
        asking.confirm(request=made, actor=person(site, "2"), now=NOW, reason="I saw it")
        with pytest.raises(FloorConflict, match="confirmed already"):
            asking.confirm(request=made, actor=person(site, "3"), now=NOW, reason="I saw it")
        FloorRequest.objects.update(applied_at=NOW)
        with pytest.raises(FloorConflict, match="carried out already"):
            asking.withdraw(request=made, actor=person(site, "1"), now=NOW)

    def test_what_is_withdrawn_is_not_confirmed(self, site, robot):
        made = self.retire(site)
        asking.withdraw(request=made, actor=person(site, "3"), now=NOW, reason="it answered")
        with pytest.raises(FloorConflict, match="was withdrawn"):
            asking.confirm(request=made, actor=person(site, "2"), now=NOW, reason="I saw it")
        assert Entry.objects.get(action="floor.withdrawn").reason == "it answered"

    def test_freeing_ahead_names_a_node_of_its_own_way(self, site, robot):
        with pytest.raises(FloorUnknown, match="Say at which node"):
            ask(site, "free_ahead", "A", person(site, "1"), at="elsewhere")
        node = robot.traffic.base[1]["node"]
        assert ask(site, "free_ahead", "A", person(site, "1"), at=node).data == {"at": node}
        with pytest.raises(FloorConflict):
            self.retire(site)

    @pytest.mark.parametrize("moves", [{"driving": True}, {"action_states": [{"id": "a", "status": "RUNNING"}]}])
    def test_what_says_that_it_moves_is_neither_asked_nor_confirmed(self, site, robot, moves):
        state = RobotState.objects.create(robot=robot, connection="online", state_at=NOW, **moves)
        with pytest.raises(FloorRefused, match="hold it first"):
            self.retire(site)
        RobotState.objects.update(connection="offline")
        made = self.retire(site)
        RobotState.objects.update(connection="online")
        with pytest.raises(FloorRefused, match="hold it first"):
            asking.confirm(request=made, actor=person(site, "2"), now=NOW, reason="I saw it")
        long_silent = state.state_at + timedelta(minutes=5)
        done = asking.confirm(request=made, actor=person(site, "2"), now=long_silent, reason="I saw it")
        assert done.confirmed_at == long_silent

    def test_one_that_is_online_and_reports_is_not_retired(self, site, robot):
        words = "Cart A is online and reports from the floor; switch it off or take it away first"
        RobotState.objects.create(robot=robot, connection="online", state_at=NOW)
        with pytest.raises(FloorRefused, match=words):
            self.retire(site)
        RobotState.objects.update(connection="offline")
        made = self.retire(site)
        RobotState.objects.update(connection="online")
        with pytest.raises(FloorRefused, match=words):
            asking.confirm(request=made, actor=person(site, "2"), now=NOW, reason="I saw it")
        with pytest.raises(FloorRefused, match=words):
            asking.stands(site, "A", NOW, "retire")
        silent = NOW + timedelta(minutes=5)
        assert asking.confirm(request=made, actor=person(site, "2"), now=silent, reason="I saw it").confirmed_at

    def test_what_lies_ahead_of_one_that_is_online_and_stands_is_freed(self, site, robot):
        RobotState.objects.create(robot=robot, connection="online", state_at=NOW)
        made = ask(site, "free_ahead", "A", person(site, "1"), at=robot.traffic.base[0]["node"])
        done = asking.confirm(request=made, actor=person(site, "2"), now=NOW, reason="I saw it")
        assert done.confirmed_at == NOW

    def test_the_second_person_says_what_they_saw(self, site, robot):
        made = self.retire(site)
        with pytest.raises(FloorRefused, match="Say what you saw"):
            asking.confirm(request=made, actor=person(site, "2"), now=NOW, reason="  ")
        assert FloorRequest.objects.get().confirmed_at is None

    def test_a_robot_that_traffic_never_had_holds_nothing(self, site, robot):
        robot.traffic.delete()
        with pytest.raises(FloorRefused, match="not in traffic"):
            self.retire(site)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_asks_once(site):
    """Two requests at the same moment, from two threads with connections of their own."""
    results: list[str] = []
    gate = threading.Barrier(2)

    def press() -> None:
        gate.wait(10)
        try:
            ask(site, "close_zone", "aisle-3", person(site, "1"))
            results.append("asked")
        except FloorConflict:
            results.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["asked", "refused"] and FloorRequest.objects.count() == 1


def test_a_closing_zone_names_who_is_still_inside(site, robot):
    layout = demo_layout()
    zone = next(zone for zone in layout.zones if zone.kind == "area" and layout.nodes_in(zone))
    node = sorted(layout.nodes_in(zone))[0]
    RobotTraffic.objects.update(base=[{"seq": 0, "node": node}])
    FloorRequest.objects.create(
        site=site, kind="close_zone", target=zone.id, actor="person:1:p1", reason="spill", applied_at=NOW
    )
    floor(site, zones={zone.id: "closing"})
    seen = next(seen for seen in floor_view(site, NOW).zones if seen.id == zone.id)
    assert (seen.state, seen.inside, seen.by, seen.since) == ("closing", ("A",), "person:1:p1", NOW)


def test_nonsense_in_the_record_is_read_as_nothing(site):
    floor(site, zones=["x"], doors={"fire-door": {"owner": None, "until": "soon"}}, blocks=None, alarms=[{}])
    view = floor_view(site, NOW)
    assert view.blocks == () and view.doors[0].owner == "" and view.known
    assert all(zone.state == "open" for zone in view.zones if not zone.by_layout)
