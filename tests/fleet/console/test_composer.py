"""The composer: what is shown, what may be dispatched, and the form that works without a planner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.utils import timezone

from fleet.accounts.rights import Actor
from fleet.console.planform import plan_from_fields
from fleet.console.templatetags.console import marked_text
from fleet.ledger.models import Entry
from missions import services, understanding
from missions.api_planner import approval_json
from missions.errors import PlannerUnavailable
from missions.models import Interpretation, Mission

from .conftest import House

pytestmark = pytest.mark.django_db

PLAN = {
    "robot": None,
    "priority": "normal",
    "start": None,
    "deadline": None,
    "avoid": [],
    "speed": None,
    "repeat": None,
}


def draft(**changes: Any) -> dict[str, Any]:
    """A planner's answer for `drive gently to pack 1`."""
    slot = {
        "name": "place",
        "value": "pack-1",
        "text": "pack 1",
        "span": [16, 22],
        "confidence": 0.95,
        "candidates": [],
    }
    plan = {**PLAN, "steps": [{"op": "move", "at": "pack-1"}]}
    return {
        "decision": "plan", "plan": plan, "reason": None, "question": None, "options": [], "slots": [slot],
        "ignored": [[6, 12]], "confidence": 0.97, "calibrated": False, "model": "rules", "version": "1", **changes,
    }  # fmt: skip


@pytest.fixture
def planner(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers with what the test puts into it, or is away."""
    answer: dict[str, Any] = {"draft": draft()}

    def ask(_request: dict[str, Any]) -> dict[str, Any]:
        if answer["draft"] is None:
            raise PlannerUnavailable("The planner did not answer within 3 s. Use the structured form, or try again.")
        return dict(answer["draft"])

    monkeypatch.setattr(understanding, "ask_planner", ask)
    return answer


def preview(house: House, text: str = "drive gently to pack 1") -> Any:
    return house.client("supervisor").post("/ops/north/composer/preview", {"text": text})


def dispatch(house: House, **changes: str) -> Any:
    seen = Interpretation.objects.latest("id")
    fields = {"interpretation_id": seen.public_id, "hash": seen.hash, "accepted": "", **changes}
    return house.client("supervisor").post("/ops/north/composer/dispatch", fields)


def test_the_preview_shows_what_was_understood_and_what_was_not(house: House, planner: dict[str, Any]) -> None:
    page = preview(house).content.decode()
    assert "Ignored: “gently”" in page and '<s title="not understood">gently</s>' in page
    assert "confidence: high" in page and "not calibrated" in page
    assert "deterministic baseline reader (no trained model)" in page
    assert 'data-places="pack-1"' in page and 'data-dispatchable="yes"' in page and "data-dispatch>" in page


def test_without_a_planner_the_form_takes_over(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = None
    response = preview(house)
    assert response.status_code == 503
    page = response.content.decode()
    assert 'id="step-form"' in page and "did not answer" in page


def test_a_question_comes_with_numbered_answers_that_replace_the_unclear_words(
    house: House, planner: dict[str, Any]
) -> None:
    options = [
        {"id": "pack-1", "name": "Pack 1", "aliases": [], "kind": ""},
        {"id": "pack-2", "name": "Pack 2", "aliases": [], "kind": ""},
    ]
    slot = {"name": "place", "value": None, "text": "pack", "span": [16, 20], "confidence": 0.2, "candidates": options}
    planner["draft"] = draft(
        decision="ask", plan=None, question="Which pack?", options=options, slots=[slot], confidence=0.4
    )
    page = preview(house).content.decode()
    assert 'data-option="2" data-edit="pack-2" data-name="Pack 2" data-span="16,20"' in page
    assert "Which pack?" in page and "data-review" not in page and 'data-dispatchable="no"' in page
    assert dispatch(house).status_code == 422


def test_a_question_about_a_robot_opens_its_page(house: House, planner: dict[str, Any]) -> None:
    robot = house.site.robots.first()
    options = [{"id": robot.serial, "name": robot.name, "aliases": [], "kind": ""}]
    planner["draft"] = draft(
        decision="ask", plan=None, reason="question", question="Open it?", options=options, confidence=0.9
    )
    page = preview(house).content.decode()
    assert f'href="/robots/{robot.public_id}/" data-option="1"' in page
    assert "data-replace" not in page


def test_a_refusal_is_said_plainly_and_cannot_be_dispatched(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = draft(
        decision="refuse", plan=None, reason="unsafe", question="Closed zones are opened under Layouts."
    )
    page = preview(house).content.decode()
    assert "This cannot be a mission" in page and "Closed zones are opened under Layouts." in page
    assert dispatch(house).status_code == 422 and Mission.objects.count() == 1
    refusals = Entry.objects.filter(result="refused").order_by("seq")
    assert [(e.action, e.actor_name) for e in refusals] == [
        ("mission.interpret", "supervisor-person"),
        ("mission.dispatch", "supervisor-person"),
    ]
    assert refusals[0].after == {"text": "drive gently to pack 1", "because": "unsafe"}


def test_dispatch_makes_exactly_what_was_shown(house: House, planner: dict[str, Any]) -> None:
    preview(house)
    response = dispatch(house)
    assert response.status_code == 201
    mission = Mission.objects.get(public_id=response.json()["public_id"])
    assert mission.text == "drive gently to pack 1" and mission.requested_by == "supervisor-person"
    assert response.json()["cancel_url"] == f"/missions/{mission.public_id}/cancel/"
    again = dispatch(house)
    assert again.json()["public_id"] == mission.public_id and Mission.objects.count() == 2


def test_what_was_not_shown_is_not_dispatched(house: House, planner: dict[str, Any]) -> None:
    preview(house)
    response = dispatch(house, hash="0" * 64)
    assert response.status_code == 409 and response.json()["difference"]
    assert Mission.objects.count() == 1


def test_an_old_preview_is_not_dispatched(house: House, planner: dict[str, Any]) -> None:
    preview(house)
    Interpretation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    response = dispatch(house)
    assert response.status_code == 409 and "older than a minute" in response.json()["detail"]


def test_medium_confidence_needs_every_unsure_part_accepted(house: House, planner: dict[str, Any]) -> None:
    unsure = {**draft()["slots"][0], "confidence": 0.7}
    planner["draft"] = draft(confidence=0.75, slots=[unsure])
    page = preview(house).content.decode()
    assert "confidence: medium" in page and "data-accept" in page
    refused = dispatch(house)
    assert refused.status_code == 422 and "“pack 1”" in refused.json()["detail"]
    assert dispatch(house, accepted="0").status_code == 201


@pytest.mark.parametrize("confidence", [0.3, None])
def test_low_or_missing_confidence_is_never_dispatched(
    house: House, planner: dict[str, Any], confidence: float | None
) -> None:
    planner["draft"] = draft(confidence=confidence)
    assert 'data-dispatchable="no"' in preview(house).content.decode()
    assert dispatch(house, accepted="0").status_code == 422


def test_the_form_is_read_by_nobody_and_checked_by_the_same_rules(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = None
    client = house.client("supervisor")
    page = client.post(
        "/ops/north/composer/form", {"s0_op": "move", "s0_at": "pack-1", "priority": "high"}
    ).content.decode()
    assert "read by no model" in page and 'data-dispatchable="yes"' in page
    assert dispatch(house).status_code == 201
    wrong = client.post("/ops/north/composer/form", {"s0_op": "move", "s0_at": "nowhere"}).content.decode()
    assert 'data-severity="block"' in wrong and 'data-dispatchable="no"' in wrong


def test_the_form_opens_with_the_plan_that_was_read(house: House, planner: dict[str, Any]) -> None:
    preview(house)
    seen = Interpretation.objects.latest("id")
    page = house.client("supervisor").get(f"/ops/north/composer/form?from={seen.public_id}").content.decode()
    assert '<option value="pack-1" selected>' in page


def test_fields_become_the_plan_they_show() -> None:
    fields = QueryDict(
        "robot=C-1&priority=high&deadline=15:00&slow=1&avoid=aisle-3"
        "&s0_op=pick&s0_item=tote&s0_qty=2&s0_at=receiving&s3_op=wait&s3_seconds=5&s3_confirmed=1"
        "&s4_op=patrol&s4_places=a&s4_places=b&s4_times=3&s5_op=charge&s5_to_pct=80&s5_if=battery_below&s5_pct=30"
    )
    plan = plan_from_fields(fields, {"start": {"in_s": 60}, "deadline": {"within_s": 5}})
    assert plan == {
        "robot": "C-1", "priority": "high", "start": {"in_s": 60}, "deadline": {"by": "15:00"}, "avoid": ["aisle-3"],
        "speed": "slow", "repeat": None,
        "steps": [
            {"op": "pick", "item": "tote", "at": "receiving", "qty": 2},
            {"op": "wait", "until": "confirmed"},
            {"op": "patrol", "times": 3, "places": ["a", "b"]},
            {"op": "charge", "to_pct": 80, "if": {"kind": "battery_below", "pct": 30}},
        ],
    }  # fmt: skip


def test_typed_text_is_escaped_wherever_it_is_marked() -> None:
    slots = [{"span": [0, 3], "name": "place", "mark": "✓", "label": '"><script>'}]
    marked = marked_text("<b> & <i>", slots, [{"start": 6, "end": 9}])
    assert marked == (
        '<u data-mark="✓" data-kind="place" data-of="0" title="&quot;&gt;&lt;script&gt;">&lt;b&gt;</u> &amp; '
        '<s title="not understood">&lt;i&gt;</s>'
    )


def test_a_planner_that_did_not_answer_is_said_on_the_preview(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = draft(model="compact", fallbacks=[{"planner": "endpoint", "why": "timeout"}])
    page = preview(house).content.decode()
    assert "The configured planner &#x27;endpoint&#x27; did not answer (timeout); read by &#x27;compact&#x27;" in page


def test_a_doubt_without_a_doubtful_part_is_accepted_as_a_whole(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = draft(confidence=0.75, slots=[])
    assert 'data-slot="reading"' in preview(house).content.decode()
    assert dispatch(house).status_code == 422
    assert dispatch(house, accepted="reading").status_code == 201


def test_a_clause_that_became_nothing_is_shown_and_blocks(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = draft(blocked="“and sing” became no step.")
    planner["draft"]["alternatives"] = [{**PLAN, "steps": [{"op": "home"}]}]
    page = preview(house).content.decode()
    assert "Did you mean" not in page, "another reading may have lost the same clause"
    assert "✗ “and sing” became no step." in page and 'data-dispatchable="no"' in page
    assert dispatch(house).status_code == 422


def test_another_reading_is_chosen_and_is_then_the_one_that_is_dispatched(
    house: House, planner: dict[str, Any]
) -> None:
    other = {**PLAN, "steps": [{"op": "move", "at": "pack-2"}]}
    planner["draft"] = draft(confidence=0.3, alternatives=[other])
    page = preview(house).content.decode()
    assert 'data-option="1" data-alternative="0"' in page and "Did you mean" in page
    first = Interpretation.objects.latest("id")
    client = house.client("supervisor")
    chosen = client.post("/ops/north/composer/preview", {"from": first.public_id, "alternative": "0"}).content.decode()
    assert "chosen by a person" in chosen and 'data-dispatchable="yes"' in chosen
    assert dispatch(house).status_code == 201
    assert Mission.objects.latest("id").plan["steps"] == [{"op": "move", "at": "pack-2"}]
    for number in ("1", "99"):
        gone = client.post("/ops/north/composer/preview", {"from": first.public_id, "alternative": number})
        assert gone.status_code == 409 and 'id="step-form"' in gone.content.decode()


def test_a_refusal_has_no_other_readings(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = draft(decision="refuse", plan=None, alternatives=[{**PLAN, "steps": [{"op": "home"}]}])
    assert "Did you mean" not in preview(house).content.decode()
    first = Interpretation.objects.latest("id")
    fields = {"from": first.public_id, "alternative": "0"}
    assert house.client("supervisor").post("/ops/north/composer/preview", fields).status_code == 409


def test_a_mission_is_repeated_with_the_plan_it_had(house: House, planner: dict[str, Any]) -> None:
    planner["draft"] = None  # nobody reads it again
    client = house.client("supervisor")
    assert f"?repeat={house.mission.public_id}" in client.get(f"/missions/{house.mission.public_id}/").content.decode()
    page = client.get(f"/ops/north/?repeat={house.mission.public_id}").content.decode()
    assert "Repeat M-1001" in page
    page = client.post("/ops/north/composer/preview", {"repeat": house.mission.public_id}).content.decode()
    assert "read by no model" in page and 'data-by="repeat"' in page
    assert dispatch(house).status_code == 201
    again = Mission.objects.latest("id")
    assert (again.text, again.plan["steps"]) == (house.mission.text, [{"op": "move", "at": "pack-1"}])


def test_a_text_that_came_with_a_link_needs_a_look(house: House, planner: dict[str, Any]) -> None:
    client = house.client("supervisor")
    page = client.get("/ops/north/?text=drive+gently+to+pack+1").content.decode()
    assert "you did not type it" in page and '"origin": "import"' in page
    origins = '[{"start": 0, "end": 22, "origin": "import"}]'
    fields = {"text": "drive gently to pack 1", "origins": origins}
    page = client.post("/ops/north/composer/preview", fields).content.decode()
    assert "Not typed by you" in page and "<q>drive gently to pack 1</q>" in page
    refused = dispatch(house)
    assert refused.status_code == 422 and "approve" in refused.json()["detail"]
    assert dispatch(house, approved="1").status_code == 201


def test_words_that_wait_are_approved_or_declined_on_the_page(house: House, planner: dict[str, Any]) -> None:
    key = Actor("key", "key_1", "erp", {}, frozenset({"missions:write"}), frozenset({house.site.pk}))
    now = timezone.now()
    said = understanding.Said("drive gently to pack 1", origin="wms")
    waiting = understanding.interpret(site=house.site, said=said, actor=key, now=now)
    services.ask_approval(seen=waiting, actor=key, now=now)
    client = house.client("supervisor")
    assert "words that are not its own" in client.get("/ops/north/").content.decode()
    assert "erp asks for this" in client.get(f"/ops/north/?approve={waiting.public_id}").content.decode()
    fields = {"text": "drive gently to pack 1", "approve": waiting.public_id}
    page = client.post("/ops/north/composer/preview", fields).content.decode()
    assert "a note of the warehouse system" in page and f'data-decline="{waiting.public_id}"' in page
    assert dispatch(house, approved="1").status_code == 201
    assert "words that are not its own" not in client.get("/ops/north/").content.decode()
    told = approval_json(Interpretation.objects.get(pk=waiting.pk))
    assert (told["state"], told["mission"]) == ("approved", Mission.objects.latest("id").public_id)
    declined = client.post("/ops/north/composer/decline", {"interpretation_id": waiting.public_id})
    assert declined.status_code == 200 and Mission.objects.count() == 2


def test_foreign_words_stay_foreign_in_the_form(house: House, planner: dict[str, Any]) -> None:
    client = house.client("supervisor")
    fields = {"text": "drive gently to pack 1", "origin": "import"}
    client.post("/ops/north/composer/preview", fields)
    seen = Interpretation.objects.latest("id")
    form = {"s0_op": "move", "s0_at": "pack-2", "text": seen.text, "from": seen.public_id}
    assert "Not typed by you" in client.post("/ops/north/composer/form", form).content.decode()
    assert dispatch(house).status_code == 422
