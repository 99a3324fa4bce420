"""One robot's page: what it reports in the reader's language, what can be asked of it, and what could not be read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from fleet.console.robot_reports import in_language
from fleet.language.said import said
from fleet.ledger.models import Entry
from missions.models import Attempt, Step
from robots.core.commands import RULES
from robots.models import BadMessage, Command, Factsheet, LinkMember, RobotLink, RobotState, RobotType

pytestmark = pytest.mark.django_db


def page(house: Any, role: str = "supervisor") -> str:
    return house.client(role).get(f"/robots/{house.robots[0].public_id}/").content.decode()


def reports(house: Any, **columns: Any) -> None:
    RobotState.objects.filter(robot=house.robots[0]).update(**columns)


def error(level: str, **more: Any) -> dict[str, Any]:
    return {"type": "E", "level": level, "description": "", "hint": "", "references": []} | more


def test_errors_come_gravest_first_each_level_with_a_word_of_its_own(house):
    reports(house, errors=[error(level, type=f"{level.lower()}Thing") for level in ("WARNING", "URGENT", "CRITICAL",
                                                                                  "FATAL")])  # fmt: skip
    text = page(house)
    marks = [f'data-level="{level}"' for level in ("FATAL", "CRITICAL", "URGENT", "WARNING")]
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert all(f">{word}</span>" in text for word in ("Fatal", "Critical", "Urgent", "Warning"))


def test_an_error_is_told_in_the_readers_language_with_its_hint(house):
    said = {"description": "motor hot", "hint": "wait", "descriptions": {"de": "Motor hei\u00df", "fr": "chaud"},
            "hints": {"de": "Bitte warten"}}  # fmt: skip
    reports(house, errors=[error("URGENT", **said)])
    assert "motor hot" in page(house) and "\u2192 wait" in page(house)
    client = house.client("supervisor")
    client.cookies["django_language"] = "de"
    german = client.get(f"/robots/{house.robots[0].public_id}/", headers={"Accept-Language": "de"}).content.decode()
    assert "Motor hei\u00df" in german and "Bitte warten" in german and "motor hot" not in german
    with translation.override("en"):
        assert in_language({"fr": "chaud", "en-GB": "hot"}, "") == "hot"
        assert in_language({"fr": "chaud"}, "") == "chaud"
        assert in_language(None, "plain") == "plain"


def test_references_lead_to_the_mission_step_and_to_the_map(house):
    attempt = Attempt.objects.create(mission=house.mission, number=1, robot=house.robots[0], started_at=timezone.now())
    order = f"{attempt.public_id}.0.1"
    pairs = [("orderId", order), ("actionId", f"{order}.pick"), ("nodeId", "n7"), ("edgeId", "e<7>"), ("zone", "z")]
    reports(house, errors=[error("CRITICAL", references=[{"key": k, "value": v} for k, v in pairs])])
    text = page(house)
    assert text.count(f'href="/missions/{house.mission.public_id}/#step-1"') == 2
    assert 'data-node="n7"' in text and 'data-edge="e&lt;7&gt;"' in text
    assert 'id="step-1"' in house.client("viewer").get(f"/missions/{house.mission.public_id}/").content.decode()


def test_what_a_robot_writes_is_never_markup(house):
    bad = "<script>alert(1)</script>"
    reports(
        house, errors=[error(bad, type=bad, description=bad, hint=bad, references=[{"key": bad, "value": bad}])],
        information=[{"type": bad, "level": bad, "description": bad}], maps=[{"map_id": bad, "map_version": bad}],
        zone_requests=[{"kind": "ACCESS", "zone_id": bad, "status": bad}],
        action_states=[{"action_id": bad, "action_type": bad, "status": "RETRIABLE", "result": bad}],
        planned_path=[[bad, 1], [1, 2]],
    )  # fmt: skip
    BadMessage.objects.create(
        robot=house.robots[0], received_at=timezone.now(), topic=bad, kind="NOT_JSON", text=bad, payload=bad.encode(),
        size=25,
    )  # fmt: skip
    assert bad not in page(house)


def test_clock_link_versions_maps_and_requests_are_shown(house):
    now = timezone.now()
    reports(
        house, clock_offset=-0.3, clock_spread=0.05, sent_at=now, protocol="2.0.0",
        maps=[{"map_id": "hall", "map_version": "7", "status": "ENABLED"}],
        zone_requests=[{"request_id": "1", "kind": "ACCESS", "zone_id": "dock", "status": "REQUESTED"}],
        edge_requests=[{"request_id": "2", "kind": "CORRIDOR", "edge_id": "e1", "status": "GRANTED"}],
        information=[{"type": "note", "level": "INFO", "description": "dusty"}],
    )  # fmt: skip
    RobotLink.objects.create(robot=house.robots[0], member="link-2", since=now)
    LinkMember.objects.create(name="link-2", started_at=now, until=now - timedelta(seconds=1))
    text = page(house)
    for words in ("0.30 s behind ours", "(\u00b1 0.05 s)", "link-2", "its lease has ended", "It speaks 2.0.0 itself.",
                  "zone dock: requested", "the corridor of e1: granted", "1 note for people", "dusty"):  # fmt: skip
        assert words in text, words


def test_a_factsheet_shows_its_software_and_what_the_newest_changed(house):
    now = timezone.now()
    from tests.robots.test_commanding import SHEET

    for age, version in ((2, "1.0"), (1, "1.1")):
        document = SHEET | {"vehicleConfig": {"versions": [{"key": "nav", "value": version}]}}
        Factsheet.objects.create(
            robot=house.robots[0], received_at=now - timedelta(days=age), hash=version, document=document
        )
    text = page(house)
    assert 'nav <span class="mono">1.1</span>' in text
    assert "vehicleConfig.versions[nav].value" in text and "&quot;1.0&quot;" in text
    assert text.count('<details id="sheet-') == 2


def test_messages_that_could_not_be_used_are_bounded_and_readable(house):
    now = timezone.now()
    assert "None kept." in page(house)
    for number in range(12):
        BadMessage.objects.create(
            robot=house.robots[0], received_at=now - timedelta(seconds=number), topic="uagv/v2/acme/C-0/state",
            kind="NOT_JSON", text=f"fault {number}", payload=b"\xff\x00{", size=3,
        )  # fmt: skip
    text = page(house)
    assert "fault 9" in text and "fault 10" not in text
    assert "\\xff\\x00{" in text and "The newest 10 of 12" in text


def test_an_action_that_waits_for_a_decision_has_two_buttons_and_a_second_click_does_no_harm(house):
    RobotType.objects.update(protocol="3.0.0")
    reports(house, action_states=[{"action_id": "a1", "action_type": "pick", "status": "RETRIABLE", "result": "jam"}])
    assert page(house).count('name="p_actionId" value="a1"') == 2
    client, address = house.client("supervisor"), f"/robots/{house.robots[0].public_id}/ask/retry/"
    for _ in range(2):
        assert client.post(address, {"p_actionId": "a1"}).status_code == 302
    assert Command.objects.get().parameters == {"actionId": "a1"}
    text = page(house)
    assert "supervisor-person asked to retry it" in text and 'name="p_actionId"' not in text
    assert house.client("viewer").post(address, {"p_actionId": "a1"}).status_code == 403
    refused = client.post(f"/robots/{house.robots[0].public_id}/ask/skip_retry/", {"p_actionId": "a1"}, follow=True)
    assert "has asked to retry this action already" in refused.content.decode()


def test_more_commands_are_those_of_this_robot_and_a_bad_value_loses_nothing(house):
    from tests.robots.test_commanding import SHEET

    text = page(house)
    assert 'data-open="ask-init_position"' not in text and 'id="ask-shutdown"' not in text
    Factsheet.objects.create(robot=house.robots[0], received_at=timezone.now(), hash="h", document=SHEET)
    text = page(house)
    assert 'data-open="ask-init_position"' in text and 'data-open="ask-shutdown"' not in text
    address = f"/robots/{house.robots[0].public_id}/ask/init_position/"
    wrong = {"p_x": "east", "p_y": "2", "p_theta": "0", "p_mapId": "hall", "p_lastNodeId": "n1", "reason": "carried"}
    answer = house.client("supervisor").post(address, wrong)
    shown = answer.content.decode()
    assert answer.status_code == 422 and "This must be a number." in shown
    assert 'value="east"' in shown and 'value="carried"' in shown and "data-open-now" in shown
    assert Entry.objects.filter(action="robot.init_position", result="refused").exists()
    assert house.client("supervisor").post(address, wrong | {"p_x": "1"}).status_code == 302
    assert Command.objects.get().parameters["x"] == 1.0


def test_every_command_has_german_words():
    with translation.override("de"):
        for rule in RULES.values():
            for text in (rule.label, rule.asks, *(parameter.label for parameter in rule.parameters)):
                assert said(text) != text or text in ("", "x", "y", "SHA-256"), text
            assert said(rule.kind.replace("_", " ")) != rule.kind.replace("_", " ")


def test_its_own_paths_travel_with_the_part_that_the_selection_uses(house):
    reports(house, planned_path=[[0, 0], [1.234, 2]], intermediate_path=[[0, 0, None], [3, 4, "2026-01-01T00:00:00Z"]])
    for name in ("robot", "card"):
        part = house.client("viewer").get(f"/ops/north/part/{name}:{house.robots[0].public_id}/").content.decode()
        assert 'data-planned="0.00,0.00;1.23,2.00"' in part and 'data-next="0.00,0.00;3.00,4.00"' in part


def test_the_page_costs_the_same_however_many_errors_and_references(house, django_assert_max_num_queries):
    attempt = Attempt.objects.create(mission=house.mission, number=1, robot=house.robots[0], started_at=timezone.now())
    Step.objects.create(mission=house.mission, index=1, op="move", line="again", payload={"op": "move"})
    pairs = [{"key": "actionId", "value": f"{attempt.public_id}.{n % 2}.1.a"} for n in range(40)]
    page(house)
    reports(house, errors=[error("WARNING", references=pairs[:1])])
    with CaptureQueriesContext(connection) as few:
        page(house)
    reports(house, errors=[error("WARNING", references=pairs)] * 20)
    with django_assert_max_num_queries(len(few)):
        page(house)


def test_the_login_at_the_broker_is_a_button_for_who_may_configure(house, tmp_path, settings):
    settings.STATE_DIR = tmp_path / "state"
    robot = house.robots[0]
    form = f'action="/robots/{robot.public_id}/login/"'
    for role in ("viewer", "supervisor"):
        assert form not in page(house, role)
        assert house.client(role).post(f"/robots/{robot.public_id}/login/").status_code == 403
    assert form in page(house, "site_admin") and "Login at the broker" in page(house, "site_admin")
    answer = house.client("site_admin").post(f"/robots/{robot.public_id}/login/")
    assert answer.status_code == 200 and "C-0" in answer.content.decode()
    assert Entry.objects.get(action="robot.credentials_shown").target_id == robot.public_id
    client = house.client("site_admin")
    client.cookies["yardmaster_language"] = "de"
    with translation.override("en"):
        assert "Anmeldung am Broker" in client.get(f"/robots/{robot.public_id}/").content.decode()
