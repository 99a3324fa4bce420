"""What link does before and around a robot: sorting messages, strangers, bad messages. No broker, no database."""

from __future__ import annotations

import json
from dataclasses import replace

import psycopg
import pytest

from fleet.listen import connection_parameters
from robots.core.vda5050.codec import encode
from robots.core.vda5050.errors import Problem, ProblemKind
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import Header
from robots.core.vda5050.reports import Connection, ConnectionState, Position
from robots.core.vda5050.topics import Topic, TopicScheme
from robots.link_bad import KEPT_PER_ROBOT, PER_MINUTE, Bad, BadMessages
from robots.link_ingest import BACKLOG, CHUNK, Counters, Routes, filters, name_of, pieces, stopped_serials
from robots.link_join import ASK_S, ASKS, GONE_S, KEPT, TOLD_S, Stranger, Strangers, write
from robots.link_restore import new_robot
from robots.models import JoinRequest
from robots.mqtt_inbox import Arrived
from tests.robots.core.vda5050.fleet_helpers import IDLE
from tests.robots.test_stop import card


def arrived(topic: str, n: int) -> Arrived:
    return (f"uagv/v2/acme/R{n % 5}/{topic}", str(n).encode(), False, float(n))


def test_without_a_backlog_everything_is_looked_at_in_its_order() -> None:
    batch = [arrived("visualization", n) for n in range(BACKLOG)]
    counters = Counters()
    assert [item for piece in pieces(batch, counters) for item in piece] == batch
    assert (counters.messages, counters.skipped) == (BACKLOG, 0)


def test_in_a_backlog_only_the_newest_position_of_each_robot_but_every_state() -> None:
    batch = [arrived(("state", "visualization")[n % 2], n) for n in range(4 * BACKLOG)]
    counters = Counters()
    found = [item for piece in pieces(batch, counters) for item in piece]
    states = [item for item in batch if item[0].endswith("state")]
    assert [item for item in found if item[0].endswith("state")] == states
    positions = [int(item[1]) for item in found if not item[0].endswith("state")]
    assert positions == sorted(positions) and len(positions) == 5
    assert min(positions) > len(batch) - 12
    assert counters.skipped == len(batch) - len(found)


def test_pieces_are_short_so_that_others_get_the_lock() -> None:
    assert max(map(len, pieces([arrived("state", n) for n in range(5 * CHUNK + 3)], Counters()))) == CHUNK


def test_a_robot_is_known_by_its_own_topics() -> None:
    robot = new_robot(card("A"), site_pk=1, live_index=0, row=None)
    routes = Routes()
    routes.serve([robot])
    assert routes.by_topic[card("A").topic(Topic.STATE)] is robot
    assert card("A").topic(Topic.ORDER) not in routes.by_topic
    routes.serve([])
    assert not routes.by_topic and not routes.by_name


def test_names_in_topics() -> None:
    assert name_of("uagv/v2/acme/A/state") == ("acme", "A")
    assert name_of("cloud/tenant/uagv/v3/acme/A/state") == ("acme", "A")
    assert name_of("acme/A/state") is None
    assert name_of("yardmaster/v1/demo/x/stop") is None


def test_one_link_hears_everybody_and_several_hear_their_own_and_who_is_there() -> None:
    schemes = [TopicScheme(), TopicScheme("cloud/tenant", "v3")]
    alone = filters(True, schemes, [card("A")])
    assert alone == {
        "+/+/+/+/connection": 1,
        "+/+/+/+/factsheet": 0,
        "+/+/+/+/state": 0,
        "uagv/v2/+/+/visualization": 0,
        **{f"cloud/tenant/v3/+/+/{topic}": topic.qos for topic in ["state", "visualization", "factsheet", "connection"]
           for topic in [Topic(topic)]},
    }  # fmt: skip
    several = filters(False, schemes, [card("A")])
    assert card("A").topic(Topic.STATE) in several and card("A").topic(Topic.VISUALIZATION) in several
    assert "+/+/+/+/state" not in several and several["cloud/tenant/v3/+/+/connection"] == 1


def test_what_stands_is_read_from_the_retained_word() -> None:
    assert stopped_serials(b"") == frozenset()
    assert stopped_serials(json.dumps({"stops": [{"serials": ["A"]}, {"serials": ["B", 3]}]}).encode()) == {
        "A",
        "B",
        "3",
    }
    with pytest.raises(json.JSONDecodeError):
        stopped_serials(b"{")


# --- bad messages -----------------------------------------------------------------------------------------------------


def bad(robot: int, at: float) -> Bad:
    return Bad(robot, at, "t", Problem(ProblemKind.NOT_JSON, "no"), b"x")


def test_ten_a_minute_of_each_robot_are_kept_and_the_rest_is_counted() -> None:
    kept = BadMessages()
    for n in range(100):
        kept.add(bad(1, 600.0 + n / 10))
    kept.add(bad(2, 601.0))
    assert len(kept.take()) == PER_MINUTE + 1 and kept.not_kept == 100 - PER_MINUTE
    kept.add(bad(1, 661.0))
    assert len(kept.take()) == 1 and kept.take() == []
    assert KEPT_PER_ROBOT == 50


# --- strangers --------------------------------------------------------------------------------------------------------


def online(serial: str, named: str = "") -> bytes:
    header = Header(1, timestamp(100.0), "2.1.0", "acme", named or serial)
    return encode(Connection(ConnectionState.ONLINE), header)


def hear(strangers: Strangers, serial: str, now: float, payload: bytes | None = None) -> None:
    said = online(serial) if payload is None else payload
    strangers.hear(("acme", serial), f"uagv/v2/acme/{serial}/connection", said, now)


def everybody(serial: str) -> bool:
    return True


def test_a_stranger_is_told_once_and_then_now_and_again() -> None:
    strangers = Strangers()
    hear(strangers, "Z", 100.0)
    (one,) = strangers.due(100.0, everybody)
    assert (one.connection, one.version, one.interface, one.major, one.problem) == ("online", "2.1.0", "uagv", "v2", "")
    assert strangers.due(100.0, lambda serial: False) == []
    one.news, one.told_at = False, 100.0
    hear(strangers, "Z", 103.0)
    assert strangers.due(103.0, everybody) == []
    assert strangers.due(100.0 + TOLD_S, everybody) == [one]
    hear(strangers, "Z", 104.0, b"{")
    assert strangers.due(104.0, everybody) == [one] and "JSON" in one.problem


def test_one_that_names_itself_otherwise_is_shown_with_that() -> None:
    strangers = Strangers()
    hear(strangers, "Z", 100.0, online("Z", named="A"))
    assert "acme/A" in strangers.known["acme", "Z"].problem


def state_of(serial: str) -> bytes:
    here = Position(1.0, 2.0, 0.0, "m", True)
    return encode(replace(IDLE, position=here), Header(1, timestamp(100.0), "2.1.0", "acme", serial))


def test_a_flood_of_newcomers_is_turned_away_and_counted_not_those_heard_before(
    caplog: pytest.LogCaptureFixture,
) -> None:
    strangers = Strangers()
    for n in range(KEPT):
        hear(strangers, f"Z{n}", 100.0)
    before = set(strangers.known)
    for n in range(30):
        hear(strangers, f"new{n}", 200.0 + n)
    assert set(strangers.known) == before and strangers.dropped == 30
    strangers.due(300.0, everybody)
    strangers.due(301.0, everybody)
    assert caplog.text.count("30 messages or rows") == 1 and strangers.dropped == 0
    strangers.forget(frozenset({("acme", "Z0")}))
    strangers.hear(("x" * 500, "y"), "uagv/v2/" + "x" * 500 + "/y/state", b"", 1.0)
    assert len(strangers.known) == KEPT - 1
    hear(strangers, "next", 400.0)
    assert ("acme", "next") in strangers.known


def test_who_tells_more_than_that_it_is_there_takes_the_place_of_the_last_that_did_not() -> None:
    strangers = Strangers()
    for n in range(KEPT):
        hear(strangers, f"Z{n}", 100.0 + n)
    hear(strangers, "Z199", 400.0, b"{")
    told = ("acme", "told")
    strangers.hear(told, "uagv/v2/acme/told/state", b"{", 500.0)
    assert told not in strangers.known
    strangers.hear(told, "uagv/v2/acme/told/state", state_of("told"), 500.0)
    assert strangers.known[told].position and ("acme", "Z199") not in strangers.known
    assert ("acme", "Z0") in strangers.known and len(strangers.known) == KEPT


def test_the_place_of_one_that_is_gone_for_a_week_is_free() -> None:
    strangers = Strangers()
    for n in range(KEPT):
        hear(strangers, f"Z{n}", 100.0)
    hear(strangers, "Z0", 200.0)
    hear(strangers, "new", 100.0 + GONE_S + 1)
    assert ("acme", "new") in strangers.known and ("acme", "Z1") not in strangers.known
    assert ("acme", "Z0") in strangers.known and len(strangers.known) == KEPT


@pytest.mark.django_db(transaction=True)
def test_rows_of_those_heard_first_and_of_those_that_told_more_stay() -> None:
    now = 1_800_000_000.0
    old = [Stranger("acme", f"old{n}", "uagv", "v2", now - 1000 + n, now - 500) for n in range(KEPT - 1)]
    gone = Stranger("acme", "gone", "uagv", "v2", now - 2 * GONE_S, now - GONE_S - 60, position={"x": 1})
    late = Stranger("acme", "late", "uagv", "v2", now - 1, now, factsheet={"a": 1})
    flood = [Stranger("evil", f"F{n}", "uagv", "v2", now - 10, now) for n in range(KEPT)]
    with psycopg.connect(**connection_parameters(), autocommit=True) as database:
        assert write(database, [gone, *old], now) == 0
        assert write(database, [*flood, late], now) == KEPT + 1
        kept = set(JoinRequest.objects.values_list("serial", flat=True))
        assert kept == {"late", *(one.serial for one in old)}
        JoinRequest.objects.filter(serial="old3").update(state="refused")
        assert write(database, flood[:5], now) == 4
    assert JoinRequest.objects.filter(serial="old3", state="refused").exists()


def test_who_does_not_tell_what_it_is_is_asked_a_few_times_in_its_own_version() -> None:
    strangers = Strangers()
    hear(strangers, "Z", 100.0)
    assert strangers.asks(100.0, lambda serial: False) == []
    ((topic, payload),) = strangers.asks(100.0, everybody)
    assert topic == "uagv/v2/acme/Z/instantActions"
    said = json.loads(payload)
    assert (said["version"], said["serialNumber"]) == ("2.1.0", "Z")
    assert [action["actionType"] for action in said["actions"]] == ["factsheetRequest"]
    assert strangers.asks(100.0 + ASK_S - 1, everybody) == []
    for n in range(1, ASKS + 2):
        hear(strangers, "Z", 100.0 + n * ASK_S)
        assert len(strangers.asks(100.0 + n * ASK_S, everybody)) == (n < ASKS)


def test_who_cannot_be_spoken_to_or_is_gone_is_not_asked() -> None:
    strangers = Strangers()
    hear(strangers, "Z", 100.0, b"{")
    strangers.hear(("a+b", "Y"), "uagv/v2/a+b/Y/connection", online("Y", named="Y"), 100.0)
    hear(strangers, "X", 100.0)
    assert strangers.asks(100.0 + 2 * ASK_S, everybody) == []
