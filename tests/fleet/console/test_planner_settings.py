"""Settings, Planner: the site's choice, and the texts that were read wrongly."""

from __future__ import annotations

import pytest

from fleet.accounts.models import Site
from fleet.ledger.models import Entry
from missions.models import Interpretation, PlannerFeedback
from tests.missions.reader import Reader

from .conftest import House

pytestmark = pytest.mark.django_db
FIELDS = {"planner": "endpoint", "keeps_feedback": "1", "reason": "a better reader"}


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    return Reader(monkeypatch)


def test_the_site_admin_chooses_who_reads(house: House, reader: Reader) -> None:
    client = house.client("site_admin")
    page = client.get("/settings/?tab=planner").content.decode()
    assert "as the installation (rules)" in page and "Now: rules. If it does not answer: compact" in page
    assert client.post("/settings/planner/", FIELDS).status_code == 302
    assert client.post("/settings/planner/", FIELDS).status_code == 302  # the second click
    site = Site.objects.get(slug="north")
    assert (site.planner, site.keeps_feedback) == ("endpoint", True)
    (entry,) = Entry.objects.filter(action="site.reading_changed")
    assert entry.after == {"planner": "endpoint", "keeps_feedback": True} and entry.actor_name == "site_admin-person"
    page = client.get("/settings/?tab=planner").content.decode()
    assert "Now: endpoint. If it does not answer: compact, then rules, then the structured form" in page
    house.client("supervisor").post("/ops/north/composer/preview", {"text": "drive to pack 1"})
    assert reader.asked[-1]["planner"] == "endpoint"


def test_a_planner_there_is_not_is_said_so(house: House) -> None:
    response = house.client("site_admin").post("/settings/planner/", {"planner": "oracle"})
    assert response.status_code == 422 and "is not a planner" in response.content.decode()
    assert Site.objects.get(slug="north").planner == ""


@pytest.mark.parametrize("role", ["viewer", "supervisor", "integrator", "auditor"])
def test_others_see_the_choice_and_cannot_make_it(house: House, role: str) -> None:
    client = house.client(role)
    assert "Changing this needs the role Site admin" in client.get("/settings/?tab=planner").content.decode()
    assert client.post("/settings/planner/", FIELDS).status_code == 403
    assert Site.objects.get(slug="north").planner == ""


def test_a_wrong_reading_is_kept_with_consent_listed_and_deleted(house: House, reader: Reader) -> None:
    Site.objects.update(keeps_feedback=True)
    client = house.client("supervisor")
    client.post("/ops/north/composer/preview", {"text": "drive to pack 1"})
    address = f"/ops/north/composer/feedback/{Interpretation.objects.get().public_id}"
    page = client.get(address).content.decode()
    assert '<option value="pack-1" selected>' in page and "may be kept" in page
    fields = {"decision": "plan", "s0_op": "move", "s0_at": "pack-2", "priority": "normal"}
    refused = client.post(address, fields)
    assert refused.status_code == 422 and "agree to the statement" in refused.content.decode()
    for _ in range(2):
        assert "Kept, thank you" in client.post(address, {**fields, "agreed": "1"}).content.decode()
    entry = PlannerFeedback.objects.get()
    assert entry.correction["steps"] == [{"op": "move", "at": "pack-2"}] and entry.given_by == "supervisor-person"
    assert entry.understood["plan"]["steps"] == [{"op": "move", "at": "pack-1"}]
    assert "drive to pack 1" in client.get("/settings/?tab=planner").content.decode()
    assert "drive to pack 1" not in house.client("viewer").get("/settings/?tab=planner").content.decode()
    delete = f"/settings/feedback/{entry.public_id}/delete/"
    assert house.client("viewer").post(delete).status_code == 403
    assert client.post(delete).status_code == 302 and client.post(delete).status_code == 302
    assert not PlannerFeedback.objects.exists()


def test_a_site_that_keeps_nothing_says_so(house: House, reader: Reader) -> None:
    client = house.client("supervisor")
    client.post("/ops/north/composer/preview", {"text": "drive to pack 1"})
    address = f"/ops/north/composer/feedback/{Interpretation.objects.get().public_id}"
    assert "nothing is stored" in client.get(address).content.decode()
    assert client.post(address, {"decision": "refuse", "agreed": "1"}).status_code == 422
    assert not PlannerFeedback.objects.exists()
