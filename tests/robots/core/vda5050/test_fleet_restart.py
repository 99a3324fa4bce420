"""A restarted link goes on where it was: nothing is lost, nothing is said twice, old snapshots are read."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import instant
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.events import OrderCancelled, OrderConfirmed, OrderFinished, OrderRejected
from robots.core.vda5050.fleet_track import Ended
from robots.core.vda5050.orders import extend_order, new_order
from robots.core.vda5050.reports import ActionStatus
from robots.core.vda5050.shapes import UINT32
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.fleet_helpers import VERSIONS, Speaker, acting, error, left, of
from tests.robots.core.vda5050.helpers import hard, longer, order, way

S = ActionStatus
NODE = {
    "nodeId": "n0", "sequenceId": 0, "released": True,
    "nodePosition": {"x": 0.0, "y": 0.0, "mapId": "hall", "allowedDeviationXY": 0.4},
    "actions": [{
        "actionType": "initPosition", "actionId": "o1.a", "blockingType": "HARD",
        "actionParameters": [{"key": "x", "value": 1}],
    }],
}  # fmt: skip
OLD = {
    "headers": {"order": 7, "instantActions": 3},
    "track": {
        "order_id": "o1",
        "pending": [{"orderId": "o1", "orderUpdateId": 0, "nodes": [NODE], "edges": []}],
        "confirmed": None,
        "ended": None,
        "cancel_id": "",
        "final_actions": {},
        "header_ids": [6],
    },
    "instants": [{"actionType": "startPause", "actionId": "p", "blockingType": "NONE"}],
    "latest": {"state": [5, 999.0, 999.0], "visualization": [None, None, 0.0]},
}


def test_what_was_stored_before_3_0_was_spoken_is_read():
    it = Speaker("2.1.0")
    it.side.restore(orjson.loads(orjson.dumps(OLD)))
    it.side.tick(1.0)
    said, asked = it.hears()
    assert (said["headerId"], asked["headerId"]) == (7, 3)
    assert said["nodes"][0]["actions"] == NODE["actions"]  # type: ignore[index]
    assert asked["actions"][0]["actionType"] == "startPause"  # type: ignore[index]
    it.says(order_id="o1", action_states=(acting("o1.a", S.RUNNING),))
    assert of(it.says(action_states=(acting("o1.a", S.FINISHED),)), OrderFinished)


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_goes_on(version):
    it = Speaker(version)
    first = order(base=1, actions=(hard("a"),))
    it.side.send(first, 0.0)
    it.says(order_id="o1", node_states=left(1), action_states=(acting("a", S.WAITING),))
    it.side.send(longer(first, 2), 0.0)
    it.side.instant([instant("startPause", "p")], 0.0)
    before = it.hears()
    it.restart()
    it.side.tick(10.0)
    again = it.hears()
    assert [m.get("orderUpdateId") for m in again] == [1, None]
    headers = [m["headerId"] for m in before if "orderId" in m]
    assert again[0]["headerId"] == headers[-1] + 1  # type: ignore[operator]
    assert again[0]["nodes"] == before[-2]["nodes"]
    it.side.send(longer(first, 2), 11.0)  # the outbox says it again
    events = it.says(order_update_id=1, node_states=left(1, 2))
    assert of(events, OrderConfirmed) == [OrderConfirmed("o1", 1)]
    it.restart()
    done = (acting("a", S.FINISHED),)
    events = it.says(node_states=(), last_node_id="n2", last_node_sequence_id=4, action_states=done)
    assert of(events, OrderFinished) == [OrderFinished("o1", ())]
    it.restart()
    assert not of(it.says(), OrderFinished)
    assert it.side.track is not None and it.side.track.ended is Ended.FINISHED


def test_an_old_rejection_is_no_news_after_a_restart():
    """2.x robots need not say what a rejection is about: only a new one is believed."""
    it = Speaker()
    it.says(errors=(error("orderError"),))
    it.side.send(order(), 0.0)
    it.restart()
    assert not of(it.says(), OrderRejected)
    assert it.side.track is not None and it.side.track.pending
    assert of(it.says(errors=(error("orderError", text="another"),)), OrderRejected)


def test_a_cancel_goes_on():
    it = Speaker("3.0.0")
    it.side.send(order(), 0.0)
    it.says(order_id="o1", node_states=left(1, 2))
    it.side.cancel("c", 0.0)
    it.hears()
    it.restart()
    it.side.tick(5.0)
    (asked,) = it.hears()
    assert asked["actions"][0]["actionParameters"] == [{"key": "orderId", "value": "o1"}]  # type: ignore[index]
    events = it.says(instant_action_states=(acting("c", S.FINISHED),), node_states=())
    assert of(events, OrderCancelled) == [OrderCancelled("o1", had_none=False)]
    with pytest.raises(LocalProtocolError, match="has ended"):
        it.side.send(longer(order(), 3), 9.0)
    it.says()  # orderId stays in the state: it is not active any more
    it.side.send(order("o2"), 10.0)


def test_header_ids_wrap_and_go_on():
    it = Speaker()
    it.side.headers.next_ids[str(Topic.ORDER)] = UINT32 - 1
    it.side.send(order(), 0.0)
    it.restart()
    it.side.tick(9.0)
    assert [m["headerId"] for m in it.hears()] == [0]


@settings(max_examples=30, deadline=None)
@given(pieces=st.lists(st.integers(1, 4), max_size=12), restarts=st.booleans())
def test_a_long_order_stays_small_and_forgets_no_action(pieces, restarts):
    it = Speaker()
    last = new_order("o1", [way(0, hard("a0"))])
    it.side.send(last, 0.0)
    reached, ids = 0, ["a0"]
    it.says(order_id="o1", action_states=(acting("a0", S.FINISHED),))
    sizes = []
    for piece in pieces:
        numbers = range(reached + 1, reached + 1 + piece)
        last = extend_order(last, [way(n, hard(f"a{n}")) for n in numbers])
        ids += [f"a{n}" for n in numbers]
        it.side.send(last, 0.0)
        it.says(order_update_id=last.order_update_id, node_states=left(*numbers))
        reached += piece
        ended = tuple(acting(name, S.FINISHED) for name in ids[:-1])
        it.says(node_states=(), last_node_id=f"n{reached}", last_node_sequence_id=2 * reached, action_states=ended)
        if restarts:
            it.restart()
        assert it.side.track is not None and it.side.track.ended is not Ended.LOST
        sizes.append(len(orjson.dumps(it.side.snapshot())))
        failed = (*ended, acting(ids[-1], S.FAILED))
        (end,) = of(it.says(action_states=failed), OrderFinished)
        assert end.failed == (ids[-1],)  # type: ignore[attr-defined]
        it.side.track.final_actions[ids[-1]] = str(S.FINISHED)
    assert all(size < 2500 + 60 * len(ids) for size in sizes)


@pytest.mark.parametrize("kind", ["stopPause", "shutdown", "updateCertificate"])
def test_what_must_not_be_repeated_is_not_sent_again_by_the_next_link(kind):
    """Somebody may have pressed stop since: a stopPause from memory would set the robot in motion."""
    it = Speaker("3.0.0")
    it.side.instant([instant(kind, "once"), instant("startCharging", "again")], 0.0)
    assert len(it.hears()) == 1
    it.restart()
    assert it.side.tick(50.0) == []
    assert [m["actions"][0]["actionId"] for m in it.hears()] == ["again"]  # type: ignore[index]


def test_a_snapshot_is_due_when_an_instant_action_needs_no_repeating_any_more():
    it = Speaker("2.1.0")
    book = it.side.instants
    it.side.instant([instant("startCharging", "c")], 0.0)
    assert book.unsaved
    it.side.snapshot()
    assert not book.unsaved
    it.says(action_states=(acting("c", S.RUNNING),))
    assert book.unsaved
