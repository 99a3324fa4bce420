"""Whatever a robot says, in whatever order: nothing raises, and each order ends once."""

from __future__ import annotations

from dataclasses import replace

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import instant
from robots.core.vda5050.errors import LocalProtocolError, Problem
from robots.core.vda5050.events import OrderCancelled, OrderFinished, OrderLost, OrderRejected
from robots.core.vda5050.fleet_watch import differences, unchanged
from robots.core.vda5050.reports import ActionState, ActionStatus, OperatingMode, State
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.fleet_helpers import IDLE, VERSIONS, Speaker, error, left
from tests.robots.core.vda5050.generated import WORDS
from tests.robots.core.vda5050.helpers import hard, longer, order

ENDS = (OrderFinished, OrderRejected, OrderCancelled, OrderLost)
MODES = (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC, OperatingMode.MANUAL)
FIRST = order(base=1, actions=(hard("a"),))
ERRORS = (
    error("orderError"),
    error("orderError", orderId="o1", orderUpdateId="0"),
    error("orderUpdateError", orderId="o1"),
    error("noOrderToCancel", actionId="c"),
    error("validationError", topic="order", headerId="1"),
)


@st.composite
def near_states(draw: st.DrawFn) -> State:
    """States that have to do with the order o1 and the cancel c, in any combination."""
    statuses = [s for s in ActionStatus if s is not ActionStatus.RETRIABLE]
    acts = draw(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(statuses)), unique_by=lambda x: x[0]))
    number = draw(st.integers(0, 2))
    return replace(
        IDLE,
        order_id=draw(st.sampled_from(["", "o1", "x"])),
        order_update_id=draw(st.integers(0, 2)),
        last_node_id=draw(st.sampled_from(["", f"n{number}"])),
        last_node_sequence_id=2 * number,
        operating_mode=draw(st.sampled_from(MODES)),
        node_states=left(*draw(st.lists(st.integers(0, 2), unique=True))),
        action_states=tuple(ActionState(name, status) for name, status in acts),
        errors=tuple(draw(st.lists(st.sampled_from(ERRORS), max_size=2))),
    )


SAYING = st.sampled_from(["update", "cancel", "tick", "restart", "online"])
STEPS = st.lists(st.one_of(near_states(), SAYING), max_size=25)


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_no_state_raises_and_an_order_ends_once(version, steps):
    it = Speaker(version)
    it.side.send(FIRST, 0.0)
    seen: list[object] = []
    updates = 0
    for step in steps:
        it.now += 1.0
        if isinstance(step, State):
            it.last = step
            seen += it.says()
        elif step == "update":
            try:
                it.side.send(longer(FIRST, 2), it.now)
                updates = 1
            except LocalProtocolError:
                pass
        elif step == "cancel":
            it.side.cancel("c", it.now)
        elif step == "tick":
            seen += it.side.tick(it.now)
        elif step == "online":
            seen += it.connects()
        else:
            it.restart()
        orjson.dumps(it.side.snapshot())
    ends = [e for e in seen if isinstance(e, ENDS) and not (isinstance(e, OrderRejected) and e.order_update_id)]
    finished = [e for e in ends if isinstance(e, OrderFinished)]
    assert len(ends) - len(finished) <= 1 and len(finished) <= 1 + updates
    track = it.side.track
    assert track is not None
    if track.ended is not None:
        assert ends and not track.pending


@pytest.mark.parametrize("version", ["2.1", "3.0"])
@settings(max_examples=40, deadline=None)
@given(data=st.data(), numeric=st.booleans())
def test_any_message_is_taken_or_recorded(version, data, numeric):
    it = Speaker(f"{version}.0", numeric_ids=numeric)
    words = WORDS[version]
    it.side.send(FIRST, 0.0)
    it.side.instant([instant("stateRequest", "s")], 0.0)
    topics = {
        Topic.STATE: words.state(),
        Topic.VISUALIZATION: words.visualization(),
        Topic.FACTSHEET: words.factsheet(),
    }
    for _ in range(data.draw(st.integers(1, 4))):
        topic = data.draw(st.sampled_from(list(topics)))
        message = data.draw(topics[topic])
        events = it.sends(message, topic)
        assert events and not any(isinstance(e, Problem) and e.kind != "IMPOSSIBLE" for e in events)
        it.side.tick(it.now)
        it.restart()


@settings(max_examples=60, deadline=None)
@given(before=WORDS["3.0"].state(), after=WORDS["3.0"].state(), position=WORDS["3.0"].pose())
def test_what_counts_as_unchanged_has_no_events(before, after, position):
    for later in (after, replace(before, position=position, driving=not before.driving)):
        if unchanged(before, later):
            assert [type(e).__name__ for e in differences(before, later)] == ["StateChanged"]
    assert unchanged(before, replace(before, position=position)) and not unchanged(None, before)
