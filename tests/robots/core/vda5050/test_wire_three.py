"""Zone sets, grants and hibernation of 3.0 over a bad network."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import instant
from robots.core.vda5050.events import (
    HibernationChanged,
    OrderFinished,
    OrderLost,
    ZoneRequestsChanged,
    ZoneSetConfirmed,
    ZoneSetReceived,
    ZoneSetRefused,
)
from robots.core.vda5050.messages import Vertex, Zone, ZoneSet, ZoneType
from robots.core.vda5050.orders import new_order
from tests.robots.core.vda5050.helpers import way
from tests.robots.core.vda5050.wire_world import World

CORNERS = (Vertex(5.0, 5.0), Vertex(6.0, 5.0), Vertex(5.0, 6.0))
ZONES = ZoneSet("zs1", "hall", (Zone("z1", ZoneType.BLOCKED, CORNERS),))
SEEDS = st.integers(0, 2**32)


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.3]), crashes=st.booleans(), numeric=st.booleans())
def test_a_zone_set_arrives_once_and_is_confirmed_once(seed, loss, crashes, numeric):
    sheet = {"supported_zones": (ZoneType.BLOCKED,)}
    world = World(random.Random(seed), loss, crashes, "3.0.0", {"numeric_ids": numeric}, sheet)
    received: list[object] = []
    act = world.act

    def noting(events: list) -> None:
        received.extend(event for event in events if isinstance(event, ZoneSetReceived))
        act(events)

    world.act = noting  # type: ignore[method-assign]
    for _ in range(5):  # six tries of ours may all be lost; dispatch sends it anew
        world.side.zone_set(ZONES, world.now)
        for _ in range(150):
            world.step()
        told = [e for e in world.seen if isinstance(e, ZoneSetConfirmed | ZoneSetRefused)]
        if told and isinstance(told[-1], ZoneSetConfirmed):
            break
    assert [e for e in told if isinstance(e, ZoneSetConfirmed)] == [ZoneSetConfirmed("zs1")]
    assert len(received) == 1
    assert [world.side.numbering.back(z.zone_set_id) for z in world.machine.state().zone_sets] == ["zs1"]
    assert not [e for e in world.seen if isinstance(e, ZoneRequestsChanged)]


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, loss=st.sampled_from([0.0, 0.3]), wait=st.integers(0, 8))
def test_a_robot_sleeps_and_wakes_and_nothing_is_said_meanwhile(seed, loss, wait):
    world = World(random.Random(seed), loss, False, "3.0.0")
    world.machine.connected(world.now)
    world.side.send(new_order("o1", [way(n) for n in range(6)]), world.now)
    for _ in range(wait):
        world.step()

    def ask(kind: str, wanted: bool) -> None:
        for number in range(20):
            if world.side.hibernating is wanted:
                return
            busy = any(asked.action.action_type == kind for asked in world.side.instants.asked.values())
            if not busy:
                world.side.instant([instant(kind, f"{kind}{number}")], world.now)
            for _ in range(60):
                world.step()
                if world.side.hibernating is wanted:
                    return
        raise AssertionError(f"{kind} was never obeyed: {world.side.connection}")

    ask("startHibernation", wanted=True)
    ends = world.ends("o1")
    assert len(ends) == 1 and isinstance(ends[0], OrderLost | OrderFinished)
    for _ in range(10):
        world.step()
    assert not world.down.under_way, "a hibernating robot is told nothing"
    ask("stopHibernation", wanted=False)
    assert [e for e in world.seen if isinstance(e, HibernationChanged)][-1] == HibernationChanged(False)
