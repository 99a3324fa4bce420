from __future__ import annotations

import pytest

from robots.core.vda5050.actions import ACTIONS, may_be_seen, may_change
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.headers import STRAGGLER_S, HeaderCounters, Latest, seconds, timestamp
from robots.core.vda5050.messages import Header
from robots.core.vda5050.reports import ActionStatus
from robots.core.vda5050.topics import Topic, TopicScheme, topic_of, valid_id

S = ActionStatus


def test_topics_are_built_and_parsed_under_any_prefix():
    scheme = TopicScheme("site/a/vda", "v2")
    full = scheme.build("maker", "ym-1", Topic.STATE)
    assert full == "site/a/vda/v2/maker/ym-1/state"
    address = scheme.parse(full)
    assert address is not None and (address.serial, address.topic) == ("ym-1", Topic.STATE)
    assert scheme.subscription(Topic.STATE) == "site/a/vda/v2/+/+/state"


@pytest.mark.parametrize(
    "other", ["uagv/v2/m/s/state/x", "uagv/v2/m/state", "uagv/v3/m/s/state", "uagv/v2//s/state", ""]
)
def test_other_topics_are_not_ours(other: str):
    assert TopicScheme().parse(other) is None


@pytest.mark.parametrize(
    ("maker", "serial"), [("a/b", "s"), ("a+", "s"), ("a$", "s"), ("m", "s/1"), ("m", "#"), ("m", "")]
)
def test_forbidden_characters_raise(maker: str, serial: str):
    with pytest.raises(LocalProtocolError):
        TopicScheme().build(maker, serial, Topic.ORDER)


def test_only_connection_and_factsheet_are_retained():
    assert {t for t in Topic if t.retain} == {Topic.CONNECTION, Topic.FACTSHEET}
    assert {t for t in Topic if t.qos} == {Topic.CONNECTION}
    assert topic_of("a/b/state") is Topic.STATE and topic_of("a/b/states") is None


def test_ids():
    assert valid_id("mission-7.2:a_B")
    assert (
        not valid_id("")
        and not valid_id("a b")
        and not valid_id("ä")
        and not valid_id("a\n")
        and not valid_id("x" * 300)
    )


def test_header_ids_count_per_topic_wrap_and_survive_a_restart():
    counters = HeaderCounters("2.1.0", "m", "s", {"order": 2**32 - 1})
    assert counters.next(Topic.ORDER, 0.0).header_id == 2**32 - 1
    assert counters.next(Topic.ORDER, 0.0).header_id == 0
    assert counters.next(Topic.STATE, 0.0).header_id == 0
    other = HeaderCounters("2.1.0", "m", "s")
    other.restore(counters.snapshot())
    assert other.next(Topic.ORDER, 0.0).header_id == 1


def test_timestamps_of_both_versions_are_read():
    assert timestamp(0.25) == "1970-01-01T00:00:00.250Z"
    assert seconds("1970-01-01T00:00:01.25Z") == 1.25 == seconds("1970-01-01T00:00:01.250")
    assert seconds("yesterday") is None


def head(header_id: int, at: float | None) -> Header:
    return Header(header_id, "" if at is None else timestamp(at), "2.1.0", "m", "s")


def test_stragglers_and_repeats_are_no_news_but_a_restart_is():
    latest = Latest()
    assert latest.is_news(head(10, 100.0), 100.0)
    assert not latest.is_news(head(10, 100.0), 100.1)
    assert not latest.is_news(head(9, 99.0), 100.1)
    assert latest.is_news(head(0, 101.0), 101.0)  # restarted, counting anew
    assert latest.is_news(head(1, 50.0), 101.2)  # clock set back, still counting
    assert not latest.is_news(head(0, 40.0), 101.3)
    assert latest.is_news(head(0, 40.0), 101.3 + STRAGGLER_S)  # nothing else came: believe it


def test_header_ids_compare_across_the_wrap():
    latest = Latest()
    assert latest.is_news(head(2**32 - 1, None), 0.0)
    assert latest.is_news(head(0, None), 0.1)
    assert not latest.is_news(head(2**32 - 1, None), 0.2)


@pytest.mark.parametrize(
    ("before", "after", "ok"),
    [
        (S.WAITING, S.INITIALIZING, True),
        (S.WAITING, S.FINISHED, True),
        (S.RUNNING, S.PAUSED, True),
        (S.PAUSED, S.RUNNING, True),
        (S.RUNNING, S.WAITING, False),
        (S.RUNNING, S.INITIALIZING, False),
        (S.FINISHED, S.RUNNING, False),
        (S.FAILED, S.FINISHED, False),
        (S.FINISHED, S.FINISHED, True),
    ],
)
def test_action_transitions(before: ActionStatus, after: ActionStatus, ok: bool):
    assert may_change(before, after) is ok


def test_an_observer_may_miss_states_but_never_sees_a_final_one_change():
    assert may_be_seen(S.WAITING, S.FINISHED) and may_be_seen(S.RUNNING, S.INITIALIZING)
    assert not may_be_seen(S.FINISHED, S.RUNNING) and not may_be_seen(S.RUNNING, S.WAITING)


def test_what_moves_a_robot_or_a_load_is_never_repeated_unasked():
    once = {"pick", "drop", "stopPause", "trigger", "retry", "shutdown", "updateCertificate"}
    assert {r.action_type for r in ACTIONS.values() if not r.repeatable} == once
    assert {r.action_type for r in ACTIONS.values() if r.stops} == {"startPause", "cancelOrder"}
    assert {r.action_type for r in ACTIONS.values() if not r.predefined} == {"scan", "inspect"}
