"""Settings, Robot maps: an empty site, a file through all its uses, and who may do it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from fleet.accounts.models import Membership, Site, User
from robots.models import Factsheet, MapFile, Robot, RobotState, RobotType

pytestmark = pytest.mark.django_db
PAGE = "/settings/?tab=maps"


@pytest.fixture
def site() -> Site:
    return Site.objects.create(slug="hall", name="Hall")


def signed_in(site: Site, role: str) -> Client:
    user = User.objects.create_user(username=role, password="long enough 12")
    Membership.objects.create(user=user, site=site, role=role)
    client = Client()
    client.force_login(user)
    return client


def upload(client: Client, version: str = "1", content: bytes = b"map", **more: str) -> Any:
    given = {"map_id": "floor-1", "map_version": version, "file": SimpleUploadedFile("m.bin", content), **more}
    return client.post("/settings/maps/", given, follow=True)


def test_an_empty_page_says_what_it_is_for(site: Site) -> None:
    text = signed_in(site, "site_admin").get(PAGE).content.decode()
    assert "No map file yet. Robots that bring their own map need none." in text


def test_a_file_through_all_its_uses(site: Site) -> None:
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1, length=1, width=1, max_payload=1
    )
    robot = Robot.objects.create(site=site, type=kind, serial="r1", manufacturer="m", name="Rita", live_index=0)
    RobotState.objects.create(robot=robot, maps=[{"map_id": "floor-1", "map_version": "0", "status": "ENABLED"}])
    client = signed_in(site, "site_admin")
    assert "No robot has been told yet." in upload(client).content.decode()
    file = MapFile.objects.get()
    for verb, shown in (
        ("offer", "robots load it"),
        ("enable", "a person has to load it onto the robot"),
        ("release", "robots load it"),
        ("withdraw", "withdrawn"),
    ):
        answer = client.post(f"/settings/maps/{file.public_id}/{verb}/", follow=True)
        assert answer.status_code == 200
        assert shown in answer.content.decode(), verb
    assert "Rita" in answer.content.decode()
    assert client.post(f"/settings/maps/{file.public_id}/dance/").status_code == 404


def test_a_robot_that_cannot_load_a_file_says_why(site: Site) -> None:
    kind = RobotType.objects.create(
        slug="cart", name="Cart", embodiment="cart", max_speed=1, length=1, width=1, max_payload=1
    )
    robot = Robot.objects.create(site=site, type=kind, serial="r1", manufacturer="m", name="Rita", live_index=0)
    declared = [{"actionType": "downloadMap", "actionScopes": ["INSTANT"]}]
    Factsheet.objects.create(
        robot=robot, received_at=timezone.now(), hash="h", document={"protocolFeatures": {"agvActions": declared}}
    )
    tried = [{"action_id": "1", "action_type": "downloadMap", "status": "FAILED", "result": "connection refused"}]
    RobotState.objects.create(robot=robot, action_states=tried)
    client = signed_in(site, "site_admin")
    upload(client)
    client.post(f"/settings/maps/{MapFile.objects.get().public_id}/offer/")
    text = client.get(PAGE).content.decode()
    assert "is told to load it" in text and "failed at the robot: connection refused" in text


def test_what_is_wrong_is_said_and_what_was_typed_kept(site: Site) -> None:
    client = signed_in(site, "site_admin")
    upload(client, "1")
    answer = upload(client, "1", b"other")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "is here already and is never changed" in text
    assert 'value="floor-1"' in text
    assert client.post("/settings/maps/", {"map_id": "a", "map_version": "b"}).status_code == 422


def test_only_who_configures_the_site_may(site: Site) -> None:
    client = signed_in(site, "supervisor")
    assert "Needs the role" in client.get(PAGE).content.decode()
    assert upload(client).status_code == 403
    assert not MapFile.objects.exists()


def test_the_page_speaks_german(site: Site) -> None:
    client = signed_in(site, "site_admin")
    User.objects.update(language="de")
    text = client.get(PAGE, headers={"Accept-Language": "de"}).content.decode()
    assert "Noch keine Kartendatei." in text
