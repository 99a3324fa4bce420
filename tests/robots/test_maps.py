"""The map server: what can be hosted, what people let robots do with it, and how robots fetch it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from robots import maps
from robots.errors import MapRefused
from robots.map_state import files_of, robots_of
from robots.models import Factsheet, MapFile, Robot, RobotState, RobotType

pytestmark = pytest.mark.django_db
ADMIN = Actor("person", "0", "ada", {}, frozenset(), frozenset(), superuser=True)
ACTIONS = [{"actionType": name, "actionScopes": ["INSTANT"]} for name in maps.MAP_ACTIONS]


@pytest.fixture
def site() -> Site:
    return Site.objects.create(slug="hall", name="Hall")


def robot(site: Site, serial: str, *reported: tuple[str, str, str], can_load: bool = True) -> Robot:
    plain = {"name": "Cart", "embodiment": "cart", "max_speed": 1, "length": 1, "width": 1, "max_payload": 1}
    kind, _ = RobotType.objects.get_or_create(slug="cart", defaults=plain)
    made = Robot.objects.create(
        site=site, type=kind, serial=serial, manufacturer="m", name=serial, live_index=Robot.objects.count()
    )
    rows = [{"map_id": name, "map_version": version, "status": status} for name, version, status in reported]
    RobotState.objects.create(robot=made, maps=rows)
    if can_load:
        document = {"protocolFeatures": {"agvActions": ACTIONS}}
        Factsheet.objects.create(
            robot=made, received_at=datetime(2026, 11, 20, tzinfo=UTC), hash="x", document=document
        )
    return made


def add(site: Site, version: str = "1", content: bytes = b"map", **more: Any) -> MapFile:
    return maps.add_file(site=site, map_id="floor-1", map_version=version, content=content, actor=ADMIN, **more)


def path_of(link: str) -> str:
    return link.partition("//")[2].partition("/")[2].join(("/", ""))


def test_a_robot_fetches_the_file_by_its_link(site: Site, settings: Any) -> None:
    settings.YARDMASTER = {**settings.YARDMASTER, "public_url": "https://yard.example/"}
    file = add(site, content=b"\x00picture\xff" * 1000)
    link = maps.link_for(file, "r1")
    assert link.startswith("https://yard.example/maps/hall/floor-1/1?token=")
    answer = Client().get(path_of(link))
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == file.sha256
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().post(path_of(link)).status_code == 405


def test_nobody_fetches_it_without_a_good_token(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = add(site), add(site, "2")
    link = path_of(maps.link_for(first, "r1"))
    address, _, token = link.partition("?token=")
    for bad in (address, f"{address}?token=", f"{address}?token={token[:-2]}xx", link.replace("/1?", "/2?")):
        assert Client().get(bad).status_code == 403, bad
    assert maps.file_of("other", "floor-1", "1", token) is None
    maps.withdraw(file=second, actor=ADMIN)
    assert Client().get(path_of(maps.link_for(second, "r1"))).status_code == 403
    monkeypatch.setattr(maps, "LINK_LIVES_S", -1)
    assert Client().get(link).status_code == 403


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"map_id": "hall 1"}, "1 to 60 letters"),
        ({"map_version": ""}, "1 to 60 letters"),
        ({"content": b""}, "The file is empty."),
        ({"content": bytes(maps.MAX_BYTES + 1)}, "at most 16"),
    ],
)
def test_what_cannot_be_hosted_is_refused(site: Site, values: dict[str, Any], text: str) -> None:
    given = {"map_id": "floor-1", "map_version": "1", "content": b"map", **values}
    with pytest.raises(MapRefused, match=text):
        maps.add_file(site=site, actor=ADMIN, **given)
    assert not MapFile.objects.exists()


def test_a_version_is_never_changed(site: Site) -> None:
    add(site)
    with pytest.raises(MapRefused, match="is here already and is never changed"):
        add(site, content=b"other")
    kind = robot(site, "r1").type
    assert add(site, type=kind).type == kind  # another format of the same version


def test_one_version_is_driven_on_and_it_is_not_withdrawn(site: Site) -> None:
    first, second = add(site), add(site, "2")
    maps.enable(file=first, actor=ADMIN)
    maps.enable(file=second, actor=ADMIN)
    assert list(MapFile.objects.filter(enabled=True)) == [second]
    with pytest.raises(MapRefused, match="is the one robots drive on"):
        maps.withdraw(file=second, actor=ADMIN)
    first.refresh_from_db()
    maps.withdraw(file=first, actor=ADMIN)
    with pytest.raises(MapRefused, match="was withdrawn"):
        maps.enable(file=first, actor=ADMIN)


def test_who_has_which_version_in_which_state(site: Site) -> None:
    robot(site, "a", ("floor-1", "1", "ENABLED"))
    robot(site, "b", ("floor-1", "1", "DISABLED"), ("floor-1", "0", "ENABLED"))
    robot(site, "c")
    robot(site, "d", can_load=False)  # says nothing of maps: not concerned
    maps.enable(file=add(site), actor=ADMIN)
    robots = robots_of(site)
    row = files_of(site, robots)[0]
    names = [[one.name for one in found] for found in (row.enabled, row.loaded, row.without)]
    assert names == [["a"], ["b"], ["c"]]
    assert [one.step.kind if one.step else "" for one in robots] == ["", "enableMap", "downloadMap"]


def test_a_file_of_its_own_type_goes_before_one_for_any(site: Site) -> None:
    cart = robot(site, "a")
    other = RobotType.objects.create(
        slug="lift", name="Lift", embodiment="forklift", max_speed=1, length=1, width=1, max_payload=1
    )
    add(site), add(site, type=other)
    own = maps.enable(file=add(site, "2", type=cart.type), actor=ADMIN)
    maps.enable(file=MapFile.objects.get(map_version="1", type=None), actor=ADMIN)
    hosted = maps.HostedMaps(site)
    hosted.refresh(0.0)
    assert [(h.map_version, h.enabled) for h in hosted.hosted(cart)] == [("2", True)]
    assert hosted.files and own.enabled


def test_people_do_it_over_rest(site: Site, django_user_model: Any) -> None:
    user = django_user_model.objects.create_superuser(username="root", password="long enough 12")
    api = APIClient()
    api.force_authenticate(user)
    given = {"site": "hall", "map_id": "floor-1", "map_version": "1", "file": SimpleUploadedFile("m.bin", b"map")}
    made = api.post("/api/v1/maps", given, format="multipart")
    assert made.status_code == 201, made.content
    assert made.json()["use"] == "hosted"
    again = {**given, "file": SimpleUploadedFile("m.bin", b"map")}
    refused = api.post("/api/v1/maps", again, format="multipart")
    assert (refused.status_code, refused.json()["code"]) == (422, "map_refused")
    address = f"/api/v1/maps/{made.json()['id']}"
    for verb, use in (("offer", "offered"), ("enable", "enabled"), ("release", "offered"), ("withdraw", "withdrawn")):
        answer = api.post(f"{address}:{verb}", {}, format="json", headers={"Idempotency-Key": f"key-for-{verb}"})
        assert (answer.status_code, answer.json().get("use")) == (200, use), answer.content
    assert [row["use"] for row in api.get("/api/v1/maps?site=hall").json()["data"]] == ["withdrawn"]
