"""The composer's memory: one's own last texts, and templates with placeholders, own and shared."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from fleet.accounts.models import Membership, Site, User
from fleet.ledger.models import Entry
from missions import phrases
from missions.models import ComposerText, Interpretation, MissionTemplate
from tests.missions.reader import Reader

from .conftest import House

pytestmark = pytest.mark.django_db
TEMPLATES = "/ops/north/composer/templates"
NEW = {"name": "Totes to a place", "text": "take {quantity} totes from receiving to {place}"}


def colleague(house: House) -> None:
    """A second supervisor."""
    user = User.objects.create(username="second-supervisor")
    Membership.objects.create(user=user, site=house.site, role="supervisor")
    house.people["second"] = user


def test_a_template_is_saved_listed_with_its_fields_and_not_saved_twice(house: House) -> None:
    client = house.client("supervisor")
    for _ in range(2):
        assert client.post(TEMPLATES, NEW).status_code == 200
    page = client.get(TEMPLATES).content.decode()
    assert MissionTemplate.objects.count() == 1 and "Totes to a place" in page
    assert 'data-placeholder="quantity"' in page and 'data-placeholder="place" list=' in page
    assert '<option value="Pack 1">' in page


@pytest.mark.parametrize("wrong", [{"name": " "}, {"name": "x" * 61}, {"text": ""}, {"text": "x" * 1001}])
def test_a_template_needs_a_name_and_a_text(house: House, wrong: dict[str, str]) -> None:
    response = house.client("supervisor").post(TEMPLATES, {**NEW, **wrong})
    assert response.status_code == 422 and 'role="alert"' in response.content.decode()
    assert not MissionTemplate.objects.exists()


def test_a_template_is_its_owners_until_it_is_shared(house: House) -> None:
    colleague(house)
    client = house.client("supervisor")
    client.post(TEMPLATES, NEW)
    client.post(TEMPLATES, {**NEW, "name": "For all", "shared": "1"})
    page = house.client("second").get(TEMPLATES).content.decode()
    assert "For all" in page and "shared by supervisor-person" in page and "Totes to a place" not in page
    shared = MissionTemplate.objects.get(name="For all")
    for verb in ("rename", "delete"):
        response = house.client("second").post(f"{TEMPLATES}/{shared.public_id}/{verb}", {"name": "mine"})
        assert response.status_code == 422 and "Only its owner" in response.content.decode()
    house.client("site_admin").post(f"{TEMPLATES}/{shared.public_id}/rename", {"name": "For everybody"})
    assert MissionTemplate.objects.get(pk=shared.pk).name == "For everybody"
    assert list(Entry.objects.filter(action__startswith="template").values_list("action", flat=True)) == [
        "template.shared", "template.renamed",
    ]  # fmt: skip


def test_a_template_is_renamed_and_deleted_and_a_second_press_does_no_harm(house: House) -> None:
    client = house.client("supervisor")
    client.post(TEMPLATES, NEW)
    made = MissionTemplate.objects.get()
    for _ in range(2):
        assert (
            "Totes away" in client.post(f"{TEMPLATES}/{made.public_id}/rename", {"name": "Totes away"}).content.decode()
        )
    assert client.post(f"{TEMPLATES}/{made.public_id}/rename", {"name": ""}).status_code == 422
    for _ in range(2):
        assert client.post(f"{TEMPLATES}/{made.public_id}/delete").status_code == 200
    assert not MissionTemplate.objects.exists()
    assert client.post(f"{TEMPLATES}/{made.public_id}/explode").status_code == 404


def test_templates_need_the_right_to_dispatch(house: House) -> None:
    assert house.client("viewer").get(TEMPLATES).status_code == 403
    assert house.client("stranger").get(TEMPLATES).status_code == 404


def test_the_last_texts_are_ones_own_per_site_and_bounded(house: House) -> None:
    user, now = house.people["supervisor"], timezone.now()
    other = Site.objects.create(slug="south", name="South")
    for number in range(phrases.KEPT + 5):
        phrases.remember(user=user, site=house.site, text=f"text {number}", now=now + timedelta(seconds=number))
    phrases.remember(user=user, site=house.site, text="text 20", now=now + timedelta(minutes=5))
    kept = phrases.history(user, house.site)
    assert (len(kept), kept[0], kept[-1]) == (phrases.KEPT, "text 5", "text 20")
    assert len(set(kept)) == len(kept)
    assert phrases.history(user, other) == [] and phrases.history(house.people["viewer"], house.site) == []


def test_a_dispatched_text_is_remembered_and_forgotten_on_wish(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    Reader(monkeypatch)
    client = house.client("supervisor")
    client.post("/ops/north/composer/preview", {"text": "drive to pack 1"})
    seen = Interpretation.objects.get()
    fields = {"interpretation_id": seen.public_id, "hash": seen.hash}
    assert client.post("/ops/north/composer/dispatch", fields).status_code == 201
    assert '"history": ["drive to pack 1"]' in client.get("/ops/north/").content.decode()
    assert client.post("/settings/history/forget/?site=north").status_code == 302
    assert not ComposerText.objects.exists()
