"""The dispatch leader killed at every step of a release, and a standby that takes over: nobody ever holds another's."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import psycopg
import pytest

from tests.flows.crew import RADIUS_M
from tests.flows.floor_yard import FloorYard
from tests.flows.yard import until
from tests.stack import REPO

pytestmark = pytest.mark.slow

TAKE_OVER_S = 5.0
BUSY_S = 45.0
PLACES = ("dock 1", "dock 3", "pack 2", "receiving", "returns", "staging 1", "inbound 2", "pack 4")


class Standby:
    """A second dispatch process beside the one that `up` keeps running; started again when it was killed."""

    def __init__(self, floor: FloorYard) -> None:
        self.floor = floor
        self.log = (floor.stack.state / "logs" / "standby.log").open("ab")
        self.child = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        env = {**os.environ, **self.floor.stack.env}
        line = [sys.executable, str(REPO / "manage.py"), "dispatch"]
        return subprocess.Popen(line, env=env, cwd=REPO, stdout=self.log, stderr=self.log)

    def keep(self) -> None:
        if self.child.poll() is not None:
            self.child = self._started()

    def close(self) -> None:
        self.child.kill()
        self.child.wait()
        self.log.close()

    def ready(self) -> bool:
        """Both processes are past their start: each listens for what dispatch is told."""
        heard = "select 1 from pg_stat_activity where query like 'listen%%yardmaster_dispatch%%'"
        return self.floor.leader()[0] != 0 and len(self.floor.rows(heard)) >= 2


@pytest.fixture
def standby(floor: FloorYard) -> Iterator[Standby]:
    found = Standby(floor)
    yield found
    found.close()
    until(lambda: floor.leader()[0], 30, floor.told)


def kill_leader(floor: FloorYard) -> tuple[int, int]:
    """SIGKILL; the process id and the epoch that ended."""
    pid, epoch = until(lambda: (found := floor.leader())[0] and found, 30, floor.told)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return pid, epoch


def led_again(floor: FloorYard, epoch: int, seconds: float) -> float:
    """Seconds until a leader after that epoch is there."""
    began = time.monotonic()
    until(lambda: floor.leader()[1] > epoch, seconds, floor.told, every=0.05)
    return time.monotonic() - began


def nobody_shares(floor: FloorYard) -> None:
    """No resource has two holders, nobody came too near, and what is recorded agrees with itself."""
    assert all(len(serials) == 1 for serials in floor.holders().values())
    assert floor.crew.closest[0] >= 2 * RADIUS_M, floor.crew.closest
    assert floor.crew.fault is None
    released: dict[str, str] = {}
    for serial, base in floor.bases().items():
        for node in base:
            assert released.setdefault(node, serial) == serial, (node, serial, released[node])


def unsent(floor: FloorYard) -> int:
    return int(floor.rows("select count(*) from outbox_message where sent_at is null and key like 'order:%%'")[0][0])


def test_killed_before_the_commit_nothing_was_granted_and_nothing_left(floor: FloorYard) -> None:
    """A lock on its own table stops the leader in the middle of its transaction; there it is killed."""
    floor.place("R-11", "N050-160")
    robot = floor.crew["R-11"]
    with psycopg.connect(floor.stack.env["DATABASE_URL"]) as lock:
        lock.execute("lock table robots_resourcehold in share row exclusive mode")
        mission = floor.go("R-11", "dock 1")
        until(lambda: floor.rows("select 1 from pg_locks where not granted"), 10, floor.told)
        held, base = floor.holds("R-11"), floor.base("R-11")
        _, epoch = kill_leader(floor)
        lock.rollback()
    assert (floor.holds("R-11"), floor.base("R-11")) == (held, base) and robot.orders == []
    led_again(floor, epoch, 30)
    floor.while_true(lambda: floor.mission(mission)["state"] == "completed", 60, floor.story(mission))
    nobody_shares(floor)


def test_killed_between_the_commit_and_the_sending_the_order_leaves_once_and_is_driven(floor: FloorYard) -> None:
    floor.place("R-11", "N050-160")
    robot = floor.crew["R-11"]
    with floor.frozen("link"):
        mission = floor.go("R-11", "dock 1")
        until(lambda: unsent(floor), 10, floor.told, every=0.02)
        assert robot.orders == [] and len(floor.base("R-11")) > 1, "granted and written down, not sent"
        base = floor.base("R-11")
        _, epoch = kill_leader(floor)
    led_again(floor, epoch, 30)
    floor.while_true(lambda: floor.mission(mission)["state"] == "completed", 60, floor.story(mission))
    assert len(robot.orders) == len(set(robot.orders)), "no order or update was taken twice"
    assert base[0] == "N050-160" and not floor.alarms()
    nobody_shares(floor)


def test_killed_between_the_sending_and_the_confirmation_the_same_order_is_confirmed(floor: FloorYard) -> None:
    floor.place("R-11", "N050-160")
    robot = floor.crew["R-11"]
    robot.deaf = True
    mission = floor.go("R-11", "dock 1")
    until(lambda: len(floor.base("R-11")) > 1 and not unsent(floor), 10, floor.told, every=0.02)
    assert robot.orders == []
    _, epoch = kill_leader(floor)
    led_again(floor, epoch, 30)
    robot.deaf = False
    floor.while_true(lambda: floor.mission(mission)["state"] == "completed", 60, floor.story(mission))
    assert robot.orders and robot.orders[0].endswith(".0.1"), robot.orders
    nobody_shares(floor)


def test_a_standby_leads_within_five_seconds_and_robots_drive_on(floor: FloorYard, standby: Standby) -> None:
    until(standby.ready, 40, floor.told)
    missions = [floor.go("R-11", "dock 1"), floor.go("R-12", "dock 2")]
    until(lambda: floor.crew["R-11"].on_edge, 20, floor.told)
    before, epoch = kill_leader(floor)
    took = led_again(floor, epoch, TAKE_OVER_S)
    assert took <= TAKE_OVER_S and floor.leader()[0] != before
    for mission in missions:
        floor.while_true(
            lambda mission=mission: floor.mission(mission)["state"] == "completed", 60, floor.story(mission)
        )
    nobody_shares(floor)


def test_a_busy_minute_with_the_leader_killed_again_and_again(floor: FloorYard, standby: Standby) -> None:
    """At chosen moments by chance (with a seed): each kill meets another step of some robot's release."""
    chance = random.Random(4)
    until(standby.ready, 40, floor.told)
    open_missions: dict[str, str] = {}
    done = kills = 0
    over = time.monotonic() + BUSY_S
    next_kill = time.monotonic() + 3
    while time.monotonic() < over:
        for serial in floor.crew.robots:
            mission = open_missions.get(serial)
            if mission is not None and floor.mission(mission)["state"] == "completed":
                done, mission = done + 1, open_missions.pop(serial) and None
            if mission is None:
                open_missions[serial] = floor.go(serial, chance.choice(PLACES))
        if time.monotonic() > next_kill and standby.ready():
            heard = {serial: len(robot.orders) for serial, robot in floor.crew.robots.items()}
            moment = time.monotonic() + 1.0
            if chance.random() < 0.5:  # right when an order has come, or at any moment
                while time.monotonic() < moment and heard == {s: len(r.orders) for s, r in floor.crew.robots.items()}:
                    time.sleep(0.002)
            else:
                time.sleep(chance.random() / 2)
            _, epoch = kill_leader(floor)
            kills += 1
            led_again(floor, epoch, 15)
            next_kill = time.monotonic() + 0.5 + chance.random()
        standby.keep()
        floor.on_own_ground()
        nobody_shares(floor)
        time.sleep(0.05)
    for mission in open_missions.values():
        floor.while_true(
            lambda mission=mission: floor.mission(mission)["state"] == "completed", 90, floor.story(mission), every=0.3
        )
    nobody_shares(floor)
    assert kills >= 3 and done >= 3, (kills, done)
