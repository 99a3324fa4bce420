from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.stops import GIVE_UP_S, Latch, StopBook, latch_from_json

ROBOTS = ("A", "B", "C")


def latch(ident: str = "stp_1", *serials: str, at: float = 100.0) -> Latch:
    made = Latch(ident, "site", "demo", at, "person:1:anna")
    made.add(serials or ROBOTS, at)
    return made


def serials(book: StopBook, now: float) -> list[str]:
    return [due.serial for due in book.due(now)]


def test_everybody_is_told_at_once_and_then_every_second_until_confirmed():
    book = StopBook()
    book.open(latch())
    assert serials(book, 100.0) == ["A", "B", "C"]
    assert serials(book, 100.9) == []
    book.observe("A", paused=True, driving=False, now=101.0)
    assert serials(book, 101.0) == ["B", "C"]


def test_paused_but_still_rolling_is_no_confirmation():
    book = StopBook()
    book.open(latch("stp_1", "A"))
    assert book.observe("A", paused=True, driving=True, now=101.0) == []
    assert book.latches["stp_1"].confirmed == {}
    assert book.observe("A", paused=True, driving=False, now=102.0)
    assert book.latches["stp_1"].confirmed == {"A": 102.0}


def test_after_thirty_seconds_it_counts_as_no_answer_and_is_told_again_only_when_it_speaks():
    book = StopBook()
    book.open(latch("stp_1", "A"))
    for second in range(40):
        book.due(100.0 + second)
    assert book.latches["stp_1"].no_answer(100.0 + GIVE_UP_S) == ("A",)
    assert serials(book, 200.0) == []
    book.observe("A", paused=False, driving=True, now=200.0)
    assert serials(book, 200.0) == ["A"]


def test_a_lost_confirmation_is_asked_for_again_with_a_new_action():
    book = StopBook()
    book.open(latch("stp_1", "A"))
    (first,) = book.due(100.0)
    book.observe("A", paused=True, driving=False, now=100.5)
    book.observe("A", paused=False, driving=False, now=150.0)
    (again,) = book.due(150.0)
    assert again.action_id != first.action_id, "a robot leaves out an action id it has seen"


def test_the_action_id_stays_for_a_while_and_then_changes():
    book = StopBook()
    book.open(latch("stp_1", "A"))
    ids = [due.action_id for second in range(8) for due in book.due(100.0 + second)]
    assert len(ids) == 8
    assert len(set(ids[:5])) == 1 and ids[7] != ids[0]


def test_a_second_stop_does_not_ask_twice():
    book = StopBook()
    book.open(latch("stp_1", "A"))
    book.open(latch("stp_2", "A", "B", at=100.0))
    assert serials(book, 100.0) == ["A", "B"]


def test_resume_waits_for_the_robot_too_and_gives_up_in_the_end():
    book = StopBook()
    book.open(latch("stp_1", "A", "B"))
    book.release("stp_1", ["A", "B"], now=110.0, resume_id="stp_1.resume")
    assert {(due.serial, due.resume) for due in book.due(110.0)} == {("A", True), ("B", True)}
    book.observe("A", paused=False, driving=False, now=110.5)
    assert serials(book, 111.0) == ["B"]
    assert serials(book, 111.0 + GIVE_UP_S) == [] and book.resuming == {}


def test_a_new_stop_overrules_a_resume():
    book = StopBook()
    book.open(latch("stp_1", "A"))
    book.release("stp_1", ["A"], now=110.0, resume_id="r")
    book.open(latch("stp_2", "A", at=110.1))
    assert [(due.serial, due.resume) for due in book.due(110.2)] == [("A", False)]


def test_who_was_resumed_from_a_site_stop_is_not_held_by_it_again():
    book = StopBook()
    book.open(latch("stp_1", "A", "B"))
    book.release("stp_1", ["A"], now=110.0, resume_id="r")
    assert book.extend("stp_1", ["A", "B", "C"], 120.0) == ("C",)
    assert book.held_at("demo") == {"B", "C"}


def test_the_json_form_keeps_who_is_held():
    one = latch("stp_1", "A", "B")
    one.release(["A"])
    again = latch_from_json(one.to_json(), 500.0)
    assert (again.held, again.serials, again.at, again.confirmed) == ({"B"}, ("A", "B"), 100.0, {})
    with pytest.raises(ValueError, match="serials"):
        latch_from_json({"id": "x", "scope": "site", "site": "demo", "at": 1, "by": "y"}, 0.0)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(["s1", "s2"]), st.sets(st.sampled_from(ROBOTS), min_size=1)),
        st.tuples(st.just("release"), st.sampled_from(["s1", "s2"]), st.sets(st.sampled_from(ROBOTS), min_size=1)),
        st.tuples(st.just("observe"), st.sampled_from(ROBOTS), st.tuples(st.booleans(), st.booleans())),
    ),
    max_size=30,
)


@settings(max_examples=100)
@given(steps)
def test_nobody_who_is_held_is_ever_told_to_go_on(acts):
    book, now = StopBook(), 0.0
    for kind, name, value in acts:
        now += 0.7
        if kind == "open" and name not in book.latches:
            book.open(latch(name, *sorted(value), at=now))
        elif kind == "release" and name in book.latches:
            book.release(name, value, now=now, resume_id=f"{name}.r")
        elif kind == "observe":
            book.observe(name, paused=value[0], driving=value[1], now=now)
        for due in book.due(now):
            assert due.resume is not book.is_held(due.serial)
        for one in book.latches.values():
            assert one.held and one.held <= set(one.serials)
            assert set(one.confirmed) <= set(one.serials)
