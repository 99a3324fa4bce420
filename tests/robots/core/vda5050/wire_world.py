"""Both sides joined by a bad network that drops, repeats and reorders, for any version; either process may restart."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field, replace

import orjson

from robots.core.vda5050.actions import ACTIONS
from robots.core.vda5050.events import (
    CancelRequested,
    OrderCancelled,
    OrderConfirmed,
    OrderFinished,
    OrderLost,
    OrderRejected,
    RetryAction,
    StartAction,
)
from robots.core.vda5050.fleet_side import FleetSide
from robots.core.vda5050.quirks import Quirks
from robots.core.vda5050.reports import ActionStatus, Factsheet
from robots.core.vda5050.robot_settings import SCHEMES, RobotSettings
from robots.core.vda5050.robot_side import RobotSide
from tests.robots.core.vda5050.helpers import MAKER, SERIAL, factsheet

STEP = 0.5
VERSIONS = ("2.0.0", "2.1.0", "3.0.0")
ENDS = (OrderFinished, OrderRejected, OrderCancelled, OrderLost)


def sheet_for(version: str) -> Factsheet:
    """Every action, declared in the words of `version`."""
    rules = [rule for rule in ACTIONS.values() if rule.since <= version]
    return factsheet(actions=tuple(rule.declaration(version=version) for rule in rules))


def quirks_for(version: str, **changes: object) -> Quirks:
    return replace(Quirks(version=version, topics=SCHEMES[version[0]]), **changes)  # type: ignore[arg-type]


@dataclass
class Network:
    """Carries messages with a chance to lose, repeat or delay each one."""

    chance: random.Random
    loss: float
    under_way: list[tuple[float, str, bytes]] = field(default_factory=list)

    def take(self, now: float, messages: list[tuple[str, bytes, int, bool]]) -> None:
        for topic, payload, qos, _ in messages:
            if qos:  # the broker sees to it that it arrives, in order
                self.under_way.append((now + STEP, topic, payload))
                continue
            for _ in range(self.chance.choice((1, 1, 1, 2))):
                if self.chance.random() >= self.loss:
                    self.under_way.append((now + self.chance.random() * 4 * STEP, topic, payload))

    def due(self, now: float) -> list[tuple[str, bytes]]:
        arrived = sorted(message for message in self.under_way if message[0] <= now)
        self.under_way = [message for message in self.under_way if message[0] > now]
        return [(topic, payload) for _, topic, payload in arrived]


@dataclass
class World:
    """Dispatch, a fleet side, a network, a robot side and a driver that may crash and come back.

    Held at every step: an update that fleet control believes confirmed is one that the robot has.
    """

    chance: random.Random
    loss: float
    crashes: bool
    version: str = "2.1.0"
    quirks: dict[str, object] = field(default_factory=dict)
    sheet: dict[str, object] = field(default_factory=dict)
    failing: float = 0.0
    now: float = 1000.0
    begun: Counter[str] = field(default_factory=Counter)
    passed: list[int] = field(default_factory=list)
    seen: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.down = Network(self.chance, self.loss)
        self.up = Network(self.chance, self.loss)
        self.side = self.make_side()
        self.machine = self.make_machine()
        self.machine.set_pose(0.0, 0.0, 0.0, "hall")

    @property
    def factsheet(self) -> Factsheet:
        return replace(sheet_for(self.version), **self.sheet)  # type: ignore[arg-type]

    def make_side(self) -> FleetSide:
        side = FleetSide(SERIAL, MAKER, quirks_for(self.version, **self.quirks))
        side.know(self.factsheet)
        return side

    def make_machine(self) -> RobotSide:
        settings = RobotSettings(state_interval=2.0, version=self.version)
        return RobotSide(SERIAL, MAKER, self.factsheet, settings)

    def step(self) -> None:
        self.now += STEP
        self.seen += self.side.tick(self.now)
        self.down.take(self.now, self.side.data_to_send())
        for topic, payload in self.down.due(self.now):
            self.act(self.machine.receive(topic, payload, self.now))
        self.drive()
        self.act(self.machine.tick(self.now))
        self.up.take(self.now, self.machine.data_to_send())
        for topic, payload in self.up.due(self.now):
            self.seen += self.side.receive(topic, payload, self.now)
        self.check()
        if self.crashes and self.chance.random() < 0.1:
            self.crash()

    def check(self) -> None:
        track, order = self.side.track, self.machine.route.order
        if track is not None and track.confirmed is not None and track.ended is None and order is not None:
            name = self.side.numbering.back(order.order_id)
            assert name != track.order_id or track.confirmed.order_update_id <= order.order_update_id

    def act(self, events: list) -> None:
        for event in events:
            if isinstance(event, StartAction | RetryAction):
                self.begun[event.action.action_id] += 1
                self.act(self.machine.action_state(event.action.action_id, ActionStatus.RUNNING))
            elif isinstance(event, CancelRequested):
                for action_id in event.running:
                    self.act(self.machine.action_state(action_id, ActionStatus.FAILED))

    def drive(self) -> None:
        for entry in self.machine.book.in_progress():
            if entry.status is ActionStatus.RETRIABLE or self.chance.random() >= 0.5:
                continue
            fails = entry.action.retriable and self.chance.random() < self.failing
            status = ActionStatus.RETRIABLE if fails else ActionStatus.FINISHED
            self.act(self.machine.action_state(entry.action.action_id, status))
        target = self.machine.next_base_target()
        if target is None or not target.may_drive:
            return
        assert target.edge.released and target.node.released
        if not target.on_edge:
            self.act(self.machine.start_edge(target.edge.sequence_id))
        elif self.chance.random() < 0.7:
            self.passed.append(target.node.sequence_id)
            self.act(self.machine.reached_node(target.node.sequence_id))

    def crash(self) -> None:
        """Either process restarts from what it stored."""
        if self.chance.random() < 0.5:
            machine = self.make_machine()
            machine.restore(orjson.loads(orjson.dumps(self.machine.snapshot())))
            machine.set_pose(0.0, 0.0, 0.0, "hall")
            self.machine = machine
        else:
            side = self.make_side()
            side.restore(orjson.loads(orjson.dumps(self.side.snapshot())))
            self.side = side

    def run_until(self, done, limit: int = 1500) -> None:
        for _ in range(limit):
            if done():
                return
            self.step()
        raise AssertionError(f"not after {limit} steps: {self.machine.state()} {self.side.track}")

    def ends(self, order_id: str) -> list[object]:
        """What ended the order; a refused update does not."""
        return [
            event
            for event in self.seen
            if isinstance(event, ENDS)
            and event.order_id == order_id
            and not (isinstance(event, OrderRejected) and event.order_update_id)
        ]

    def confirmed(self, order_id: str) -> list[int]:
        return [e.order_update_id for e in self.seen if isinstance(e, OrderConfirmed) and e.order_id == order_id]
