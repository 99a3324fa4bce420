"""Both sides joined by a bad network that drops, repeats and reorders. The order is driven all the same."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import action
from robots.core.vda5050.events import (
    CancelRequested,
    OrderCancelled,
    OrderFinished,
    OrderLost,
    OrderRejected,
    StartAction,
)
from robots.core.vda5050.fleet_side import FleetSide
from robots.core.vda5050.fleet_track import Ended
from robots.core.vda5050.messages import Order
from robots.core.vda5050.orders import extend_order, new_order
from robots.core.vda5050.reports import ActionStatus
from robots.core.vda5050.robot_side import RobotSide
from tests.robots.core.vda5050.helpers import HARD, NONE, SOFT, fleet, robot, way

STEP = 0.5
BLOCKING = (NONE, SOFT, HARD)


@dataclass
class Network:
    """Carries messages with a chance to lose, repeat or delay each one."""

    chance: random.Random
    loss: float
    under_way: list[tuple[float, str, bytes]] = field(default_factory=list)

    def take(self, now: float, messages: list[tuple[str, bytes, int, bool]]) -> None:
        for topic, payload, _, _ in messages:
            for _ in range(self.chance.choice((1, 1, 1, 2))):
                if self.chance.random() >= self.loss:
                    self.under_way.append((now + self.chance.random() * 4 * STEP, topic, payload))

    def due(self, now: float) -> list[tuple[str, bytes]]:
        arrived = sorted(message for message in self.under_way if message[0] <= now)
        self.under_way = [message for message in self.under_way if message[0] > now]
        return [(topic, payload) for _, topic, payload in arrived]


@dataclass
class World:
    """Dispatch, a fleet side, a network, a robot side and a driver that may crash and come back."""

    chance: random.Random
    loss: float
    crashes: bool
    side: FleetSide = field(default_factory=fleet)
    machine: RobotSide = field(default_factory=lambda: robot(state_interval=2.0))
    now: float = 1000.0
    begun: Counter[str] = field(default_factory=Counter)
    passed: list[int] = field(default_factory=list)
    seen: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.down = Network(self.chance, self.loss)
        self.up = Network(self.chance, self.loss)

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
        if self.crashes and self.chance.random() < 0.1:
            self.crash()

    def act(self, events: list) -> None:
        for event in events:
            if isinstance(event, StartAction):
                self.begun[event.action.action_id] += 1
                self.act(self.machine.action_state(event.action.action_id, ActionStatus.RUNNING))
            elif isinstance(event, CancelRequested):
                for action_id in event.running:
                    self.act(self.machine.action_state(action_id, ActionStatus.FAILED))

    def drive(self) -> None:
        for entry in self.machine.book.in_progress():
            if self.chance.random() < 0.5:
                self.act(self.machine.action_state(entry.action.action_id, ActionStatus.FINISHED))
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
            machine = robot(state_interval=2.0)
            machine.restore(self.machine.snapshot())
            self.machine = machine
        else:
            side = fleet()
            side.restore(self.side.snapshot())
            self.side = side

    def run_until(self, kind: type, limit: int = 1500) -> object:
        for _ in range(limit):
            self.step()
            found = next((event for event in self.seen if isinstance(event, kind)), None)
            if found is not None:
                return found
        raise AssertionError(f"no {kind.__name__} after {limit} steps: {self.machine.state()} {self.side.track}")


def messages(parts: list[tuple[int, int]], blocking: list[int]) -> tuple[list[Order], list[str]]:
    """An order and its updates: `parts` = (nodes released, horizon nodes) of each; one action on each released node."""
    kinds = iter(blocking * 20)
    ids: list[str] = []

    def stop(number: int, *, acts: bool):
        if not acts:
            return way(number)
        ids.append(f"a{number}")
        return way(number, action("scan", f"a{number}", BLOCKING[next(kinds)]))

    sent = [new_order("o1", [stop(0, acts=True)])]
    reached = 0
    for base, horizon in parts:
        released = [stop(reached + 1 + i, acts=True) for i in range(base)]
        planned = [stop(reached + base + 1 + i, acts=False) for i in range(horizon)]
        sent.append(extend_order(sent[-1], released, planned))
        reached += base
    sent.append(extend_order(sent[-1], []))
    return sent, ids


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    loss=st.sampled_from([0.0, 0.2, 0.5]),
    crashes=st.booleans(),
    parts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=5),
    blocking=st.lists(st.integers(0, 2), min_size=1, max_size=5),
)
def test_every_order_is_driven_and_every_action_runs_once(seed, loss, crashes, parts, blocking):
    world = World(random.Random(seed), loss, crashes)
    sent, ids = messages(parts, blocking)
    for order in sent:
        world.side.send(order, world.now)
        for _ in range(world.chance.choice((0, 1, 6))):
            world.step()
            world.side.send(order, world.now)  # the outbox delivers at least once
    last = sent[-1]
    for _ in range(1500):
        world.step()
        track = world.side.track
        if (
            track
            and track.ended is Ended.FINISHED
            and track.last
            and track.last.order_update_id == last.order_update_id
        ):
            break
    else:
        raise AssertionError(f"not finished: {world.machine.state()} {world.side.track}")
    assert world.begun == dict.fromkeys(ids, 1)
    assert world.passed == [2 * n for n in range(1, len(ids))]
    assert [e for e in world.seen if isinstance(e, OrderFinished)][-1].failed == ()
    assert not [e for e in world.seen if isinstance(e, OrderRejected | OrderLost)]
    assert world.machine.state().order_id == "o1" and not world.machine.executing


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), loss=st.sampled_from([0.0, 0.3]), crashes=st.booleans(), wait=st.integers(0, 12))
def test_a_cancelled_robot_stands_and_stays_cancelled(seed, loss, crashes, wait):
    world = World(random.Random(seed), loss, crashes)
    stops = [way(0), *(way(n, action("scan", f"a{n}", HARD)) for n in range(1, 6))]
    world.side.send(new_order("o1", stops), world.now)
    for _ in range(wait):
        world.step()
    world.side.cancel("c1", world.now)
    world.run_until(OrderCancelled)
    assert all(count == 1 for count in world.begun.values())
    if world.machine.state().order_id != "o1":
        return  # the order was lost on the way, or comes after the cancel: then the robot side was told of no cancel
    if world.machine.executing:
        # A copy of the order overtook the cancel: the fleet side has to notice and to cancel again.
        world.side.cancel("c2", world.now)
    passed = None
    for _ in range(60):
        world.step()
        if not world.machine.executing:
            passed = passed if passed is not None else len(world.passed)
    assert not world.machine.executing and passed == len(world.passed)
