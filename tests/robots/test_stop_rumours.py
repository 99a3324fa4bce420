"""What must not mislead the stop path: another robot's words, old words, and text that no database takes."""

from __future__ import annotations

import pytest

from robots.core.vda5050.codec import encode
from robots.core.vda5050.headers import timestamp
from robots.core.vda5050.messages import Header
from robots.core.vda5050.reports import OperatingMode, PowerSupply, SafetyState, State
from robots.stop import StopController
from robots.stop_word import read_word
from tests.robots.test_stop import Database, card

NOW = 1_700_000_000.0
STANDS = State(
    order_id="",
    order_update_id=0,
    last_node_id="near",
    last_node_sequence_id=0,
    driving=False,
    paused=True,
    operating_mode=OperatingMode.AUTOMATIC,
    power_supply=PowerSupply(80.0, False),
    safety_state=SafetyState(),
)


def says(serial: str, manufacturer: str = "acme") -> bytes:
    return encode(STANDS, Header(1, timestamp(NOW), "2.1.0", manufacturer, serial))


def topic(serial: str, manufacturer: str = "acme") -> str:
    return f"uagv/v2/{manufacturer}/{serial}/state"


@pytest.fixture
def controller(tmp_path) -> StopController:
    """Not started: no broker and no threads."""
    database = Database(card("A"), card("B", pk=2))
    made = StopController(
        state=tmp_path, mqtt_url="mqtt://127.0.0.1:1", read=database.read, tell=database.tell, clock=lambda: NOW
    )
    made.roster.cards = {found.serial: found for found in database.cards}
    made.stop("site", "demo", actor="person:1:anna")
    return made


def confirmed(controller: StopController) -> list[str]:
    (stop,) = controller.status("demo").stops
    return [line.serial for line in stop.of("confirmed")]


def test_a_robots_own_word_confirms(controller):
    controller._message(topic("A"), says("A"), False)
    assert confirmed(controller) == ["A"]


@pytest.mark.parametrize(
    ("where", "what"),
    [
        (topic("A"), says("B")),
        (topic("A", "evil"), says("A")),
        (topic("A"), says("A", "evil")),
    ],
)
def test_no_robot_confirms_for_another(controller, where, what):
    controller._message(where, what, False)
    assert confirmed(controller) == []


def test_a_state_that_the_broker_kept_confirms_nothing(controller):
    controller._message(topic("A"), says("A"), True)
    assert confirmed(controller) == []


def test_a_reason_with_a_nul_does_not_keep_the_ledger_from_being_told(controller):
    stop = controller.stop("robot", "demo", serials=["A"], actor="person:1:anna", reason="spill\x00" + "x" * 5000)
    reason = controller.book.latches[stop].reason
    assert "\x00" not in reason and reason.startswith("spill") and len(reason) <= 300
    controller._message(topic("A"), says("A"), False)
    controller.resume(stop, ["A"], actor="person:1:anna", reason="clear\x00")
    assert "\x00" not in controller._journal.acts[-1]["reason"]


def test_robots_are_read_although_the_database_refuses_what_it_is_told(controller):
    database = Database(card("A"), card("B", pk=2), card("C", pk=3))

    def refuse(*_: object) -> None:
        raise ValueError("it takes no such value")

    controller._read, controller._tell = database.read, refuse
    with pytest.raises(ValueError, match="no such value"):
        controller._refresh()
    assert "C" in controller.roster.cards and controller.held("C"), "a stopped site holds newcomers all the same"


@pytest.mark.parametrize(
    "junk",
    [
        b"[]",
        b'"stop"',
        b"{",
        b'{"stops": 7}',
        b'{"stops": ["a"]}',
        b'{"stops": [{}]}',
        b'{"cleared": [{"id": "stp_1"}]}',
    ],
)
def test_what_is_no_word_on_stops_is_refused_and_changes_nothing(controller, junk):
    with pytest.raises(ValueError):
        controller._message("yardmaster/v1/demo/stop", junk, False)
    assert controller.held("A")
    assert controller.held("B")


def test_no_time_of_the_broker_is_later_than_now_and_no_id_longer_than_a_row_takes():
    word = b'{"stops": [{"id": "stp_1", "at": 1e300}, {"id": "stp_2", "at": null}, {"id": "%s", "at": 1}]}' % (
        b"x" * 33
    )
    stops, cleared = read_word(word, NOW)
    assert [(row["id"], row["at"]) for row in stops] == [("stp_1", NOW), ("stp_2", NOW)]
    assert cleared == []
