"""Robots that nobody here wrote, on the real broker: the published npm package, and the plain robots (2.0, 2.1, 3.0).

One stack for all; every plain robot has its habit, and all of them work at the same time.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from fleet.supervisor.mqtt import installed as broker_installed
from robots.core.demo_site import demo_layout
from tests import environment
from tests.conftest import require
from tests.flows.yard import Person, Yard, until
from tests.stack import REPO, Stack
from tests.third_party import node
from tests.third_party.cast import CAST, ENGINEER, EPAL_TYPE, Part, set_up
from tests.third_party.plain_robot import PlainRobot

pytestmark = pytest.mark.slow
AGV, AGV_MAKER, AGV_NODE = "agv-1", "coaty", "N050-031"
AGV_WORDS = "bring a tote from receiving to pack 2"


@dataclass
class Guests:
    """`robots` by serial, `missions` by serial as they were given, `logins`: broker, user and password by serial."""

    yard: Yard
    robots: dict[str, PlainRobot]
    logins: dict[str, list[str]]
    missions: dict[str, str]
    agv: node.VirtualAgv | None = None

    def connect(self, serial: str) -> None:
        broker, user, password = self.logins[serial]
        parts = urlsplit(broker)
        self.robots[serial].connect(parts.hostname or "", parts.port or 1883, user, password)

    def admit(self, serial: str, kind: str) -> None:
        """An engineer looks at the robot that wants to join, and admits it as a robot of this type."""
        path, engineer = "/api/v1/robots/joins", Person(self.yard.stack.url, *ENGINEER)

        def asks() -> dict[str, Any] | None:
            rows = engineer.call("GET", f"{path}?site=demo")["data"]
            return next((row for row in rows if row["serial"] == serial and row["position"]), None)

        found = until(asks, 45, lambda: f"{engineer.call('GET', path + '?site=demo')} {self.told(serial)}")
        assert found is not None and serial not in self.yard.robots(), "nobody is trusted for having appeared"
        shown = engineer.call("GET", f"{path}/{found['id']}?site=demo&type={kind}")
        wanted = {"site": "demo", "type": kind, "consent": shown["consent"]}
        engineer.call("POST", f"{path}/{found['id']}:admit", wanted)

    def row(self, serial: str) -> dict[str, Any]:
        return self.yard.robots()[serial]

    def ready(self, serial: str) -> bool:
        robot = self.row(serial)
        query = "select t.base from robots_robottraffic t join robots_robot r on r.id = t.robot_id where r.serial = %s"
        return bool(robot["commandable"]) and not robot["stale"] and bool(self.yard.rows(query, serial))

    def give(self, serial: str, words: str) -> str:
        """A mission in plain words for this very robot."""
        return self.yard.send(f"{serial}: {words}")

    def told(self, serial: str) -> str:
        """Everything that helps to see why a robot stands where it stands."""
        logs = [self.yard.stack.state / "logs" / f"{name}.log" for name in ("link", "dispatch")]
        log = "\n".join(path.read_text(errors="replace")[-800:] for path in logs)
        story = self.yard.story(self.missions[serial]) if serial in self.missions else ""
        robot = self.robots.get(serial)
        seen = [] if robot is None else [robot.wrong, robot.errors, robot.order_id, robot.done, robot.heard[-2:]]
        return "\n".join(map(str, [story, seen, log]))


def manage(stack: Stack, *arguments: str) -> str:
    """What a management command prints, run beside the stack."""
    line = [sys.executable, str(REPO / "manage.py"), *arguments]
    env = {**os.environ, **stack.env}
    done = subprocess.run(line, env=env, cwd=REPO, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def published(logins: dict[str, list[str]], folder: Path) -> node.VirtualAgv | None:
    """The robot of the npm package, which stands on a node but has never passed one; None where there is no Node."""
    found, _ = node.installed(environment.SHARED.root)
    if found is None:
        return None
    here = demo_layout().node(AGV_NODE)
    place = {"mapId": "floor-1", "x": here.x, "y": here.y, "theta": 0, "lastNodeId": "0", "positionInitialized": True}
    broker, user, password = logins[AGV]
    given = {"broker": broker, "user": user, "password": password, "interface": "uagv", "manufacturer": AGV_MAKER}
    return node.VirtualAgv(found, folder / "agv.log", **given, serial=AGV, position=place, adapter={"timeLapse": 4})


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guests]:
    require(broker_installed(), "no mosquitto on PATH: install the package mosquitto")
    layout = demo_layout()
    with Stack(1, instant=True) as stack, contextlib.ExitStack() as closing:
        yard = Yard(stack)
        closing.callback(yard.close)
        said = manage(stack, "shell", "-c", set_up((AGV, AGV_MAKER)))
        logins = {serial: shown for serial, *shown in re.findall(r"^login (\S+) (\S+) (\S+) (\S+)$", said, re.M)}
        robots = {part.serial: part.robot(layout) for part in CAST}
        found = Guests(yard, robots, logins, {}, published(logins, tmp_path_factory.mktemp("agv")))
        for serial, robot in robots.items():
            found.connect(serial)
            closing.callback(robot.close)
        if found.agv is not None:
            closing.enter_context(found.agv)
            found.admit(AGV, EPAL_TYPE)
        here = [*robots, *([AGV] if found.agv else [])]
        until(lambda: all(found.ready(serial) for serial in here), 60, lambda: found.told(CAST[0].serial))
        for serial in here:
            words = next((part.words for part in CAST if part.serial == serial), AGV_WORDS)
            found.missions[serial] = found.give(serial, words)
        yield found


@pytest.mark.parametrize("part", [pytest.param(part, id=part.habit) for part in CAST])
def test_a_robot_with_this_habit_completes_its_mission_or_says_honestly_why_not(guests: Guests, part: Part) -> None:
    robot = guests.robots[part.serial]
    done = guests.yard.until_mission(guests.missions[part.serial], part.ends, seconds=90)
    assert not robot.wrong, guests.told(part.serial)
    for word in part.says:
        assert word in json.dumps(done), guests.told(part.serial)
    if part.ends == "completed":
        assert [step["state"] for step in done["steps"]] == ["done"] * len(done["steps"])
        kinds = [did.split(" ")[0] for did in robot.done if not did.startswith("s")]
        assert kinds == part.does, guests.told(part.serial)


def test_the_published_robot_completes_a_mission_in_plain_words(guests: Guests) -> None:
    require(guests.agv, node.installed(environment.SHARED.root)[1])
    assert guests.agv is not None
    done = guests.yard.until_mission(guests.missions[AGV], "completed", seconds=90)
    assert [(step["op"], step["state"]) for step in done["steps"]] == [("pick", "done"), ("drop", "done")]
    assert guests.row(AGV)["loads"] == 0 and not guests.row(AGV)["errors"], guests.told(AGV)
    assert guests.agv.alive, guests.agv.said()
