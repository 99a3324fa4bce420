"""Missions over REST: preview, consent, requests, and what is refused with which problem."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from fleet.accounts import services as accounts
from fleet.accounts.models import Site
from fleet.ledger.models import Entry
from missions.models import Interpretation, Mission
from robots.models import LayoutVersion, RobotState
from tests.missions.floor import make_site

pytestmark = pytest.mark.django_db

PLAN = {"steps": [{"op": "pick", "item": "totes", "qty": 2, "at": "receiving"}, {"op": "drop", "at": "pack-1"}]}


@pytest.fixture
def site() -> Site:
    site = make_site(2)
    RobotState.objects.update(state_at=timezone.now())
    return site


def client(site: Site, *scopes: str) -> APIClient:
    _, secret = accounts.create_key(site=site, name="erp", scopes=list(scopes), actor="test")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


@pytest.fixture
def api(site: Site) -> APIClient:
    return client(site, "missions:read", "missions:write")


def preview(api: APIClient, plan: dict[str, Any] = PLAN) -> dict[str, Any]:
    answer = api.post("/api/v1/missions:interpret", {"site": "demo", "plan": plan}, format="json")
    assert answer.status_code == 200, answer.json()
    return dict(answer.json())


def create(api: APIClient, seen: dict[str, Any], key: str | None = None, **changes: Any) -> Any:
    body = {"interpretation_id": seen["interpretation_id"], "hash": seen["hash"], **changes}
    return api.post("/api/v1/missions", body, format="json", headers={"Idempotency-Key": key or uuid.uuid4().hex})


def test_preview_then_consent_gives_a_mission_with_its_steps(api: APIClient) -> None:
    seen = preview(api)
    assert seen["decision"] == "plan"
    assert seen["dispatchable"]
    assert "Totes" in seen["readback"]
    assert seen["places"] == ["receiving", "pack-1"]
    answer = create(api, seen)
    assert answer.status_code == 201
    mission = answer.json()
    assert (mission["state"], [s["op"] for s in mission["steps"]]) == ("queued", ["pick", "drop"])
    assert api.get(answer.headers["Location"]).json()["id"] == mission["id"]
    assert [m["id"] for m in api.get("/api/v1/missions?site=demo&state=queued").json()["data"]] == [mission["id"]]
    assert Entry.objects.filter(action="mission.dispatch", target_id=mission["id"], actor_name="erp").exists()


def test_the_same_key_never_makes_a_second_mission(api: APIClient) -> None:
    seen = preview(api)
    first, again = create(api, seen, "key-00000001"), create(api, seen, "key-00000001")
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Mission.objects.count() == 1


def test_without_a_key_nothing_is_dispatched(api: APIClient) -> None:
    seen = preview(api)
    answer = api.post(
        "/api/v1/missions", {"interpretation_id": seen["interpretation_id"], "hash": seen["hash"]}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_an_expired_preview_is_refused(api: APIClient) -> None:
    seen = preview(api)
    Interpretation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    answer = create(api, seen)
    assert (answer.status_code, answer.json()["code"]) == (409, "interpretation_expired")


def test_another_reading_than_the_one_shown_is_refused(api: APIClient) -> None:
    answer = create(api, preview(api), hash="0" * 64)
    assert (answer.status_code, answer.json()["code"]) == (409, "interpretation_changed")


def test_a_site_that_changed_gives_the_difference(api: APIClient, site: Site) -> None:
    seen = preview(api)
    old = LayoutVersion.objects.get()
    LayoutVersion.objects.create(site=site, number=2, document=old.document, hash=old.hash, published_at=timezone.now())
    answer = create(api, seen)
    assert answer.status_code == 409
    assert "Layout 2 was published" in answer.json()["difference"][0]


def test_a_plan_that_cannot_be_done_is_shown_and_not_dispatched(api: APIClient) -> None:
    seen = preview(api, {"steps": [{"op": "pick", "item": "totes", "qty": 400, "at": "receiving"}]})
    assert not seen["dispatchable"]
    assert any(w["severity"] == "block" for w in seen["warnings"])
    answer = create(api, seen)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_dispatchable")
    assert answer.json()["reasons"]


def test_what_is_not_of_the_grammar_names_the_place(api: APIClient) -> None:
    answer = api.post(
        "/api/v1/missions:interpret", {"site": "demo", "plan": {"steps": [{"op": "explode"}]}}, format="json"
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "plan_invalid")
    assert answer.json()["errors"][0]["pointer"].startswith("/plan/steps/0")


def test_an_empty_text_is_refused_in_words(api: APIClient) -> None:
    answer = api.post("/api/v1/missions:interpret", {"site": "demo", "text": "  "}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"] == "Say what you want done."


def test_without_a_planner_the_answer_says_so_and_the_form_still_works(api: APIClient, settings: Any) -> None:
    settings.YARDMASTER = {**settings.YARDMASTER, "planner_timeout_s": 0.2}
    answer = api.post("/api/v1/missions:interpret", {"site": "demo", "text": "move to pack 1"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (503, "planner_unavailable")
    assert preview(api)["dispatchable"]


def test_requests_are_intents_and_make_sense_only_in_some_states(api: APIClient) -> None:
    mission = create(api, preview(api)).json()
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    answer = api.post(
        f"/api/v1/missions/{mission['id']}:cancel", {"reason": "wrong dock"}, format="json", headers=headers
    )
    assert answer.status_code == 202
    assert Mission.objects.get().intents.get().kind == "cancel"
    headers = {"Idempotency-Key": uuid.uuid4().hex}
    answer = api.post(f"/api/v1/missions/{mission['id']}:resume", {}, format="json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_in_this_state")


def test_another_site_and_another_scope_see_nothing(api: APIClient, site: Site) -> None:
    mission = create(api, preview(api)).json()
    other = Site.objects.create(slug="north", name="North")
    assert client(other, "missions:read").get(f"/api/v1/missions/{mission['id']}").status_code == 404
    reader = client(site, "missions:read")
    assert reader.get(f"/api/v1/missions/{mission['id']}").status_code == 200
    assert create(reader, preview(api)).status_code == 403


def test_an_unknown_state_in_the_filter_is_named(api: APIClient) -> None:
    answer = api.get("/api/v1/missions?state=flying")
    assert answer.status_code == 400
    assert "flying" in answer.json()["detail"]


def test_the_list_costs_a_fixed_number_of_queries(api: APIClient, django_assert_max_num_queries: Any) -> None:
    for _ in range(3):
        create(api, preview(api))
    with django_assert_max_num_queries(8):
        assert len(api.get("/api/v1/missions").json()["data"]) == 3


def test_a_priority_that_is_not_given_is_asked_for(api: APIClient) -> None:
    mission = create(api, preview(api)).json()
    address, key = f"/api/v1/missions/{mission['id']}:prioritise", uuid.uuid4().hex
    answer = api.post(address, {}, format="json", headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/priority")
    assert not Mission.objects.get().intents.exists()
    assert api.post(address, {"priority": 5}, format="json", headers={"Idempotency-Key": key}).status_code == 202


def test_what_is_refused_is_in_the_ledger_with_who_asked_and_why(api: APIClient) -> None:
    create(api, preview(api), hash="0" * 64)
    refused = Entry.objects.get(action="mission.dispatch")
    assert (refused.result, refused.site, refused.actor_name) == ("refused", "demo", "erp")
    assert refused.target_id == Interpretation.objects.latest("id").public_id
    assert "not the reading that was shown" in refused.reason
    mission = create(api, preview(api)).json()
    key = {"Idempotency-Key": uuid.uuid4().hex}
    api.post(f"/api/v1/missions/{mission['id']}:resume", {}, format="json", headers=key)
    refused = Entry.objects.get(action="mission.resume")
    assert (refused.result, refused.target_id) == ("refused", mission["id"])
    assert "is queued" in refused.reason
