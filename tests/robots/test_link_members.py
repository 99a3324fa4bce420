"""Two links share the robots; one that lost a robot writes nothing. Members are made by hand, the database is real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection as django_connection
from django.db import transaction

from fleet.accounts.models import Site
from fleet.listen import connection_parameters
from robots import link_history, link_rows, link_store
from robots.link_history import HistoryRow
from robots.link_members import LEASE_S, MARGIN_S, Membership
from robots.link_restore import new_robot
from robots.link_store import Batch
from robots.models import LinkMember, Robot, RobotLink, RobotState, RobotType
from robots.stop_roster import card_of

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def database(services) -> Iterator[psycopg.Connection]:
    with psycopg.connect(**connection_parameters(), autocommit=True) as made:
        link_history.make_partitions(made, datetime.now(UTC).date())
        made.execute("delete from robots_history")
        yield made


@pytest.fixture
def robots(services) -> list[Robot]:
    site = Site.objects.create(slug="demo", name="Demo")
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1.5, length=0.8, width=0.6, max_payload=100
    )
    return [
        Robot.objects.create(site=site, type=kind, serial=f"R{n}", manufacturer="acme", name=f"R{n}", live_index=n)
        for n in range(20)
    ]


def member(database, label: str, **more) -> Membership:
    made = Membership(label, **more)
    made.renew(database, robots=0, figures={})
    return made


def end_lease(name: str) -> None:
    LinkMember.objects.filter(name=name).update(until=datetime.now(UTC) - timedelta(seconds=1))


def test_they_share_the_robots_and_agree_who_serves_which(database, robots):
    a, b = member(database, "link"), member(database, "link2")
    a.renew(database, robots=0, figures={})
    shares = [{robot.serial for robot in robots if one.serves(robot.serial)} for one in (a, b)]
    assert shares[0] | shares[1] == {robot.serial for robot in robots}
    assert not shares[0] & shares[1] and all(shares)
    assert not a.alone


def test_two_processes_of_one_name_are_told_apart(database, robots):
    a, b = member(database, "link"), member(database, "link")
    a.renew(database, robots=0, figures={})
    for robot in robots:
        assert a.serves(robot.serial) is not b.serves(robot.serial)


def test_a_robot_goes_over_when_its_member_is_dead_and_not_before(database, robots):
    a, b = member(database, "link"), member(database, "link2")
    keys = [robot.pk for robot in robots]
    assert a.claim(database, keys) == dict.fromkeys(keys, 1)
    assert b.claim(database, keys) == {}
    end_lease(a.name)
    assert b.claim(database, keys[:5]) == dict.fromkeys(keys[:5], 2)
    assert RobotLink.objects.filter(member=b.name, epoch=2).count() == 5


def test_a_robot_that_was_given_up_goes_over_at_once(database, robots):
    a, b = member(database, "link"), member(database, "link2")
    a.claim(database, [robots[0].pk])
    a.release(database, {robots[0].pk: 1})
    assert b.claim(database, [robots[0].pk]) == {robots[0].pk: 2}
    a.leave(database)
    assert [row.name for row in LinkMember.objects.all()] == [b.name]


def test_it_stops_serving_by_its_own_clock_before_its_lease_ends(database):
    clock = Clock()
    a = member(database, "link", monotonic=clock)
    assert a.serving
    clock.now += LEASE_S - MARGIN_S - 0.01
    assert a.serving
    clock.now += 0.02
    assert not a.serving and not a.issues("demo")


def test_one_issues_the_lease_of_a_site_and_the_next_waits_until_it_says_that_it_stopped(database):
    a = member(database, "link")
    assert a.issues("demo")
    a.sites = frozenset({"demo"})
    a.renew(database, robots=0, figures={})
    others = []
    for n in range(2, 30):  # until one comes that the site belongs to
        others.append(member(database, f"link{n}"))
        if others[-1].serves("site demo"):
            break
    b = others[-1]
    a.renew(database, robots=0, figures={})
    assert not a.issues("demo"), "it is another's now"
    assert not b.issues("demo"), "but that one has not heard that the first stopped"
    a.sites = frozenset()
    a.renew(database, robots=0, figures={})
    b.renew(database, robots=0, figures={})
    assert b.issues("demo")


def test_who_lost_a_robot_writes_nothing_of_it_and_learns_it(database, robots):
    a, b = member(database, "link"), member(database, "link2")
    ours, theirs = robots[0], robots[1]
    owned = a.claim(database, [ours.pk, theirs.pk])
    end_lease(a.name)
    b.claim(database, [theirs.pk])
    now = datetime.now(UTC).timestamp()

    def batch() -> Batch:
        made = Batch()
        for robot in (ours, theirs):
            one = new_robot(card_of(robot, live=False), site_pk=robot.site_id, live_index=0, row=None)
            one.fields["x"] = 5.0
            made.new.append(one.take_full())
            made.history.append(HistoryRow(robot.pk, now, None, 1, 5.0, 1.0, 0.0, "floor", 50.0, 1, "o", 0, "n", b"{}"))
        return made

    lost = link_store.write(database, batch, member=a.name, owned=lambda: owned)
    assert lost == {theirs.pk}
    assert [state.robot_id for state in RobotState.objects.all()] == [ours.pk]
    assert database.execute("select robot_id from robots_history").fetchall() == [(ours.pk,)]


def test_versions_grow_and_a_light_write_touches_what_it_names_only(database, robots):
    a = member(database, "link")
    owned = a.claim(database, [robots[0].pk])
    one = new_robot(card_of(robots[0], live=False), site_pk=1, live_index=0, row=None)
    one.fields |= {"order_id": "o-1", "x": 1.0}
    link_store.write(database, lambda: Batch(new=[one.take_full()]), member=a.name, owned=lambda: owned)
    before = RobotState.objects.get()
    one.fields |= {"x": 2.0, "battery": 70.0, "order_id": "not written"}
    one.state_seen = 1_700_000_000.0
    link_store.write(database, lambda: Batch(light=[one.take_light()]), member=a.name, owned=lambda: owned)
    after = RobotState.objects.get()
    assert after.version > before.version
    assert (after.x, after.battery, after.order_id) == (2.0, 70.0, "o-1")
    assert after.state_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_a_full_write_leaves_the_bookkeeping_where_it_did_not_change(database, robots):
    a = member(database, "link")
    owned = a.claim(database, [robots[0].pk])
    one = new_robot(card_of(robots[0], live=False), site_pk=1, live_index=0, row=None)
    one.side_changed = True
    link_store.write(database, lambda: Batch(new=[one.take_full()]), member=a.name, owned=lambda: owned)
    kept = RobotState.objects.get().link
    one.fields["paused"] = True
    link_store.write(database, lambda: Batch(full=[one.take_full()]), member=a.name, owned=lambda: owned)
    row = RobotState.objects.get()
    assert row.paused and row.link == kept and kept["side"]


@pytest.fixture(autouse=True)
def _close(services) -> Iterator[None]:
    yield
    django_connection.close()


def test_who_lost_a_robot_does_not_count_as_sent_what_the_next_link_knows_nothing_of(database, robots):
    a, b = member(database, "link"), member(database, "link2")
    owned = a.claim(database, [robots[0].pk])
    one = new_robot(card_of(robots[0], live=False), site_pk=robots[0].site_id, live_index=0, row=None)
    sent = {robots[0].pk}

    def keep() -> None:
        batch = Batch(new=[one.take_full()])
        with transaction.atomic():
            link_rows.keep_snapshots(sent, lambda: batch, member=a.name, owned=lambda: owned)

    keep()
    before = RobotState.objects.get(robot=robots[0]).version
    end_lease(a.name)
    b.claim(database, [robots[0].pk])
    with pytest.raises(link_rows.NotOurs) as gone:
        keep()
    assert gone.value.robots == sent
    assert RobotState.objects.get(robot=robots[0]).version == before
    owned = {}  # it has heard of it
    with pytest.raises(link_rows.NotOurs):
        keep()
