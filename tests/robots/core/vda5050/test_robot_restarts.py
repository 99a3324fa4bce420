"""A robot of 3.0 that is restarted anywhere goes on as if nothing had happened, and says nothing the schemas forbid."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import Corridor, GrantType, ZoneType
from robots.core.vda5050.orders import Visit, extend_order, new_order
from robots.core.vda5050.reports import ActionStatus, MapInfo, OperatingMode, PlannedPath, RequestKind, State, Waypoint
from tests.robots.core.vda5050.helpers import HARD, NONE, SOFT, place, way
from tests.robots.core.vda5050.robot_helpers import LINE, NOW, Robot, square, zones

SCHEMAS = Path(__file__).parents[5] / "shared" / "vda5050" / "3.0"
ZONES = (square("gate"), square("mix", ZoneType.COORDINATED_REPLANNING))
MODES = tuple(OperatingMode)
STATUSES = (ActionStatus.RUNNING, ActionStatus.PAUSED, ActionStatus.FINISHED, ActionStatus.FAILED)
INSTANTS = (
    ("startPause", {}),
    ("stopPause", {}),
    ("cancelOrder", {}),
    ("stateRequest", {}),
    ("startCharging", {}),
    ("trigger", {}),
    ("retry", {"actionId": "o1.1"}),
    ("skipRetry", {"actionId": "o1.1"}),
    ("clearInstantActions", {}),
    ("clearZoneActions", {}),
    ("startHibernation", {"wakeUpTime": timestamp(NOW + 30)}),
    ("stopHibernation", {}),
    ("enableZoneSet", {"zoneSetId": "z1"}),
    ("enableZoneSet", {"zoneSetId": "z2"}),
    ("deleteZoneSet", {"zoneSetId": "z2"}),
    ("downloadMap", {"mapId": "hall", "mapVersion": "2", "mapDownloadLink": "http://maps/2"}),
    ("enableMap", {"mapId": "hall", "mapVersion": "2"}),
)
KINDS = ("order", "update", "drive", "act", "say", "zone", "ask", "answer", "enter", "drop", "mode", "time", "roll")
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 200)), min_size=1, max_size=40)


class World:
    """Carries out steps (kind, number). What cannot be done now is left out."""

    def __init__(self) -> None:
        self.robot = Robot(visualization_interval=1.0)
        self.robot.side.set_maps((MapInfo("hall", "1", "ENABLED"),))
        self.last = None
        self.orders = self.said = 0
        self.now = NOW
        self.robot.hears(zones("z1", *ZONES), instant("enableZoneSet", "first", zoneSetId="z1"))
        self.do_order(2)

    def step(self, kind: str, number: int) -> None:
        self.now += 0.5
        getattr(self, f"do_{kind}")(number)
        self.robot.tick(self.now)

    def do_order(self, number: int) -> None:
        self.orders += 1
        name = f"o{self.orders}"
        blocking = (NONE, SOFT, HARD)[number % 3]
        acts = (action("scan", f"{name}.0", blocking), replace(action("pick", f"{name}.1", HARD), retriable=True))
        wait = action("waitForTrigger", f"{name}.2", SOFT, triggerType=["FLEET_CONTROL"])
        here = int(self.robot.state.last_node_id[1:] or 0)
        base = [Visit(place(here)), way(here + 1, *acts), way(here + 2, wait)]
        self.last = new_order(name, base, [way(here + 3)])
        corridor = Corridor(0.4, 0.4, release_required=True)
        edges = tuple(replace(e, trajectory=LINE, corridor=corridor) for e in self.last.edges)
        self.last = replace(self.last, edges=edges)
        self.robot.hears(self.last, now=self.now)

    def do_update(self, number: int) -> None:
        if self.last is not None:
            end = int(self.last.decision_point.node_id[1:])
            self.last = extend_order(self.last, [way(end + 1)], [way(end + 2)] if number % 2 else [])
            self.robot.hears(self.last, now=self.now)

    def do_drive(self, number: int) -> None:
        target = self.robot.side.next_base_target()
        if target is not None and target.may_drive:
            self.robot.side.start_edge(target.edge.sequence_id)
            self.robot.side.reached_node(target.node.sequence_id)

    def do_act(self, number: int) -> None:
        running = self.robot.side.interrupted()
        mine = [e for e in running if e.action.action_type in ("scan", "pick", "waitForTrigger", "downloadMap")]
        if mine:
            entry = mine[number % len(mine)]
            try:
                self.robot.side.action_state(entry.action.action_id, STATUSES[number % len(STATUSES)])
            except LocalProtocolError:
                return

    def do_say(self, number: int) -> None:
        self.said += 1
        name, values = INSTANTS[number % len(INSTANTS)]
        self.robot.hears(instant(name, f"i{self.said}", **values), now=self.now)

    def do_zone(self, number: int) -> None:
        self.robot.hears(zones(f"z{number % 3}", *ZONES), now=self.now)

    def do_ask(self, number: int) -> None:
        side = self.robot.side
        try:
            if number % 3 == 0:
                side.request_zone("z1", "gate")
            elif number % 3 == 1:
                side.request_zone("z1", "mix", RequestKind.REPLANNING, LINE)
            else:
                side.request_corridor(side.state().last_node_sequence_id + 1)
        except LocalProtocolError:
            return

    def _asked(self, number: int) -> str:
        asked = list(self.robot.side.requests.asked)
        return asked[number % len(asked)] if asked else ""

    def do_answer(self, number: int) -> None:
        lease = None if number % 2 else (self.now - NOW) + 3.0
        kind = (GrantType.GRANTED, GrantType.GRANTED, GrantType.QUEUED, GrantType.REVOKED, GrantType.REJECTED)[
            number % 5
        ]
        self.robot.grants(self._asked(number), kind, lease)

    def do_enter(self, number: int) -> None:
        if self.robot.side.requests.granted(self._asked(number)):
            self.robot.side.begin_request(self._asked(number))

    def do_drop(self, number: int) -> None:
        self.robot.side.drop_request(self._asked(number))

    def do_mode(self, number: int) -> None:
        self.robot.side.set_operating_mode(MODES[number % len(MODES)] if number % 2 else OperatingMode.AUTOMATIC)

    def do_time(self, number: int) -> None:
        self.now += number / 10

    def do_roll(self, number: int) -> None:
        self.robot.side.set_driving(bool(number % 2) and self.robot.side.next_base_target() is not None)


def remembered(state: State) -> State:
    """Without what the hardware tells anew, and the errors that are only shown."""
    errors = tuple(e for e in state.errors if e.error_type == "RELEASE_LOST")
    return replace(state, driving=False, position=None, errors=errors, new_base_request=False)


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, restarts=st.sets(st.integers(0, 20), min_size=1, max_size=6))
def test_a_restart_anywhere_loses_nothing(steps: list[tuple[str, int]], restarts: set[int]):
    world = World()
    for index, (kind, number) in enumerate(steps):
        world.step(kind, number)
        if index in restarts:
            world.robot.side.set_driving(False)
            world.robot.tick(world.now)
            before, silent = remembered(world.robot.state), world.robot.side.sleep.silent
            headers, sent = world.robot.headers, world.robot.sent
            world.robot = world.robot.restarted()
            world.robot.headers, world.robot.sent = headers, sent
            assert remembered(world.robot.state) == before
            assert world.robot.side.sleep.silent == silent
            world.robot.tick(world.now)
            assert remembered(world.robot.state) == before


@cache
def checker(topic: str):
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(json.loads((SCHEMAS / f"{topic}.schema.json").read_text()))


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the VDA 5050 schemas of ../shared are not here")
@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_the_robot_speaks_by_the_schemas(steps: list[tuple[str, int]]):
    world = World()
    world.robot.side.set_paths(PlannedPath(LINE, ("n1",)), (Waypoint(0.0, 0.0, 0.0, timestamp(NOW)),))
    world.robot.side.connected(NOW)
    for kind, number in steps:
        world.step(kind, number)
    world.robot.side.disconnecting(world.now)
    world.robot.collect()
    for topic, body in world.robot.sent:
        wrong = next(checker(topic).iter_errors(body), None)
        assert wrong is None, f"{topic}: {wrong.message} at {list(wrong.absolute_path)}"


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_no_request_is_used_without_a_grant(steps: list[tuple[str, int]]):
    world = World()
    for kind, number in steps:
        world.step(kind, number)
        for asked in world.robot.side.requests.asked.values():
            granted = asked.request.status == "GRANTED"
            assert not asked.begun or granted or asked.lost
            assert not granted or asked.until is None or asked.until > world.now
        assert not world.robot.side.sleep.hibernating or world.robot.state.node_states == ()
