"""Both sides over a bad network, in every version: orders, updates, cancels and retries end as they should."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.events import ActionRetriable, OrderCancelled, OrderFinished, OrderLost, OrderRejected
from robots.core.vda5050.fleet_track import Ended
from robots.core.vda5050.messages import Order
from robots.core.vda5050.orders import act_here, extend_order, new_order
from robots.core.vda5050.reports import ActionStatus
from tests.robots.core.vda5050.helpers import HARD, NONE, SOFT, way
from tests.robots.core.vda5050.wire_world import VERSIONS, World

BLOCKING = (NONE, SOFT, HARD)
PARTS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=5)
SEEDS = st.integers(0, 2**32)
versions = pytest.mark.parametrize("version", VERSIONS)


def messages(order_id: str, parts: list[tuple[int, int]], blocking: list[int]) -> tuple[list[Order], list[str]]:
    """An order and its updates: `parts` = (nodes released, horizon nodes) of each; one action on each released node."""
    kinds = iter(blocking * 20)
    ids: list[str] = []

    def stop(number: int, *, acts: bool):
        if not acts:
            return way(number)
        ids.append(f"{order_id}.a{number}")
        return way(number, action("scan", ids[-1], BLOCKING[next(kinds)]))

    sent = [new_order(order_id, [stop(0, acts=True)])]
    reached = 0
    for base, horizon in parts:
        released = [stop(reached + 1 + i, acts=True) for i in range(base)]
        planned = [stop(reached + base + 1 + i, acts=False) for i in range(horizon)]
        sent.append(extend_order(sent[-1], released, planned))
        reached += base
    sent.append(extend_order(sent[-1], []))
    return sent, ids


def finish(world: World, sent: list[Order]) -> None:
    """Send it all, piece by piece, and drive until fleet control knows that the last piece is done."""
    for order in sent:
        world.side.send(order, world.now)
        for _ in range(world.chance.choice((0, 1, 6))):
            world.step()
            world.side.send(order, world.now)  # the outbox delivers at least once
    last = sent[-1].order_update_id

    def done() -> bool:
        track = world.side.track
        whole = track.last if track is not None else None
        return whole is not None and track.ended is Ended.FINISHED and whole.order_update_id == last

    world.run_until(done)


@versions
@settings(max_examples=25, deadline=None)
@given(
    seed=SEEDS,
    loss=st.sampled_from([0.0, 0.2, 0.5]),
    crashes=st.booleans(),
    parts=PARTS,
    blocking=st.lists(st.integers(0, 2), min_size=1, max_size=5),
)
def test_every_order_is_driven_and_every_action_runs_once(version, seed, loss, crashes, parts, blocking):
    world = World(random.Random(seed), loss, crashes, version)
    sent, ids = messages("o1", parts, blocking)
    finish(world, sent)
    assert world.begun == dict.fromkeys(ids, 1)
    assert world.passed == [2 * n for n in range(1, len(ids))]
    assert [e for e in world.seen if isinstance(e, OrderFinished)][-1].failed == ()
    assert not [e for e in world.seen if isinstance(e, OrderRejected | OrderLost)]
    assert world.confirmed("o1") == sorted(set(world.confirmed("o1")))
    assert world.machine.state().order_id == "o1" and not world.machine.executing


@versions
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.3]), crashes=st.booleans())
def test_orders_follow_each_other_and_end_once(version, seed, loss, crashes):
    """Numeric ids, no horizon and padded deviations make no difference to what happens."""
    quirks = {"numeric_ids": True, "deviation_padding": 0.1, "omit": frozenset({"horizon", "descriptors"})}
    world = World(random.Random(seed), loss, crashes, version, quirks)
    ids: list[str] = []
    for number in range(3):
        sent, more = messages(f"mission.{number}", [(2, 1)], [2])
        ids += more
        world.machine.set_last_node(world.side.numbering.out("n0"))  # somebody drove it back
        finish(world, sent)
        world.run_until(lambda: not world.machine.executing)
    assert len(world.begun) == len(ids) and set(world.begun.values()) == {1}
    assert all(name.isdigit() for name in world.begun)
    for number in range(3):
        ends = world.ends(f"mission.{number}")
        assert ends and all(isinstance(end, OrderFinished) for end in ends)


@versions
@settings(max_examples=25, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.3]), crashes=st.booleans(), wait=st.integers(0, 12))
def test_a_cancelled_robot_stands_and_stays_cancelled(version, seed, loss, crashes, wait):
    world = World(random.Random(seed), loss, crashes, version)
    stops = [way(0), *(way(n, action("scan", f"a{n}", HARD)) for n in range(1, 6))]
    world.side.send(new_order("o1", stops), world.now)
    for _ in range(wait):
        world.step()
    world.side.cancel("c1", world.now)
    world.run_until(lambda: any(isinstance(event, OrderCancelled) for event in world.seen))
    assert len(world.ends("o1")) == 1
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


@versions
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.3]), crashes=st.booleans())
def test_after_a_cancel_the_next_order_is_driven(version, seed, loss, crashes):
    world = World(random.Random(seed), loss, crashes, version)
    world.side.send(new_order("o1", [way(0), *(way(n, action("scan", f"a{n}", HARD)) for n in range(1, 6))]), world.now)
    for _ in range(4):
        world.step()
    world.side.cancel("c1", world.now)
    world.run_until(lambda: any(isinstance(event, OrderCancelled) for event in world.seen))
    # a copy of the cancelled order that arrives late is noticed (UnexpectedOrder) and cancelled as dispatch would
    for number in range(2, 200):
        world.step()
        if not world.machine.executing and not world.down.under_way:
            break
        if world.machine.executing and number % 20 == 0:
            world.side.cancel(f"c{number}", world.now)
    world.run_until(lambda: world.side.state is not None and not world.side.state.executing)
    where = world.machine.route.last_node_id or "n0"
    if not world.machine.route.on_node:
        world.machine.set_last_node(where)
    first = replace(way(0), node=replace(way(0).node, node_id=where))
    second = new_order("o2", [first, way(7, action("scan", "b", HARD))])
    for _ in range(200):
        try:
            world.side.send(second, world.now)
            break
        except LocalProtocolError:
            world.step()
    world.run_until(lambda: bool(world.ends("o2")))
    assert [type(end) for end in world.ends("o2")] == [OrderFinished]
    assert world.begun["b"] == 1 and len(world.ends("o1")) == 1


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.3]), skip=st.booleans())
def test_what_failed_is_tried_again_or_skipped(seed, loss, skip):
    """3.0: retriable actions wait in RETRIABLE until fleet control decides; each retry runs it once more."""
    world = World(random.Random(seed), loss, False, "3.0.0", failing=0.6)
    acts = [replace(action("scan", f"a{n}", HARD), retriable=True) for n in range(1, 4)]
    world.side.send(new_order("o1", [way(0), *(way(n, act) for n, act in enumerate(acts, 1))]), world.now)
    asked = 0
    for _ in range(1500):
        world.step()
        if world.ends("o1"):
            break
        state = world.side.state
        stuck = [a for a in (state.action_states if state else ()) if a.status is ActionStatus.RETRIABLE]
        busy = [a.action.action_type for a in world.side.instants.asked.values()]
        if stuck and not {"retry", "skipRetry"} & set(busy):
            asked += 1
            kind = "skipRetry" if skip else "retry"
            world.side.instant([instant(kind, f"r{asked}", actionId=stuck[0].action_id)], world.now)
    (end,) = world.ends("o1")
    assert isinstance(end, OrderFinished)
    told = [e for e in world.seen if isinstance(e, ActionRetriable)]
    assert bool(told) >= bool(end.failed)
    if skip:
        assert all(count == 1 for count in world.begun.values())
    else:
        assert not end.failed and sum(world.begun.values()) <= 3 + asked


@versions
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.3]), crashes=st.booleans())
def test_new_actions_are_released_where_the_robot_stands(version, seed, loss, crashes):
    """D42: the decision node again, and a second one at its place."""
    world = World(random.Random(seed), loss, crashes, version)
    first = new_order("o1", [way(0), way(1, action("scan", "a", HARD))])
    then = act_here(first, [action("scan", "b", HARD)], "stay")
    assert [n.sequence_id for n in then.nodes] == [2, 4] and then.nodes[0] == first.nodes[1]
    finish(world, [first, then])
    assert world.begun == {"a": 1, "b": 1}


@versions
@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.4]))
def test_a_refused_order_ends_once_and_the_next_is_taken(version, seed, loss):
    """The robot's sheet lacks what fleet control, trusting no sheet, orders all the same."""
    world = World(random.Random(seed), loss, False, version, {"trust_factsheet": False})
    world.side.send(new_order("o1", [way(0), way(1, action("fly", "a", HARD))]), world.now)
    world.run_until(lambda: bool(world.ends("o1")))
    (end,) = world.ends("o1")
    assert isinstance(end, OrderRejected) and "fly" in end.text
    for _ in range(10):
        world.step()
    world.side.send(new_order("o2", [way(0), way(1)]), world.now)
    world.run_until(lambda: bool(world.ends("o2")))
    assert [type(e) for e in world.ends("o2")] == [OrderFinished] and len(world.ends("o1")) == 1
