"""The pages about who wants to join and what the broker refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone, translation

from fleet.console import link_attention
from fleet.ledger.models import Entry
from robots import admission
from robots.core.demo_site import demo_layout
from robots.models import BrokerRefusal, JoinRequest, Robot

from .conftest import House

pytestmark = pytest.mark.django_db
NODE = max(demo_layout().nodes, key=lambda node: node.x**2 + node.y**2)
FACTSHEET: dict[str, Any] = {
    "typeSpecification": {
        "seriesName": "T600", "agvKinematic": "DIFF", "agvClass": "CARRIER", "maxLoadMass": 100.0,
        "localizationTypes": ["NATURAL"], "navigationTypes": ["AUTONOMOUS"],
    },
    "physicalParameters": {
        "speedMin": 0.0, "speedMax": 1.5, "accelerationMax": 1.0, "decelerationMax": 1.0, "heightMax": 1.0,
        "width": 0.5, "length": 0.6,
    },
    "protocolLimits": {
        "maxStringLens": {}, "maxArrayLens": {}, "timing": {"minOrderInterval": 1, "minStateInterval": 1},
    },
    "protocolFeatures": {"optionalParameters": [], "agvActions": [
        {"actionType": name, "actionScopes": ["NODE"]} for name in ("pick", "drop", "startPause")
    ]},
    "agvGeometry": {}, "loadSpecification": {},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, settings: Any) -> None:
    settings.STATE_DIR = tmp_path / "state"


def knock(serial: str = "AGV-7", **changes: Any) -> JoinRequest:
    now = timezone.now()
    values: dict[str, Any] = {
        "manufacturer": "acme", "serial": serial, "interface": "uagv", "major": "v2", "version": "2.1.0",
        "connection": "online", "first_at": now, "last_at": now, "factsheet": FACTSHEET,
        "position": {"x": NODE.x, "y": NODE.y, "localized": True},
    }  # fmt: skip
    return JoinRequest.objects.create(**(values | changes))


def test_nobody_waits(house: House) -> None:
    page = house.client("viewer").get("/robots/joining/").content.decode()
    assert "No unknown robot is speaking" in page and "Nothing new; what was here" in page
    assert "wants to join" not in house.client("viewer").get("/robots/").content.decode()


def test_the_list_of_robots_and_operations_tell_of_who_waits(house: House) -> None:
    row = knock()
    assert "1 unknown robot wants to join." in house.client("viewer").get("/robots/").content.decode()
    page = house.client("supervisor").get("/ops/north/").content.decode()
    assert "AGV-7 wants to join" in page and f"/robots/joining/{row.public_id}/" in page
    for number in range(5):
        knock(f"X-{number}")
    assert "6 unknown robots want to join" in house.client("supervisor").get("/ops/north/").content.decode()


def test_it_is_compared_admitted_and_its_login_shown(house: House) -> None:
    row, admin = knock(), house.client("site_admin")
    address = f"/robots/joining/{row.public_id}/"
    first = admin.get(address).content.decode()
    assert "T600" in first and "0.60 × 0.50 m" in first and "choose…" in first and "Admit</button>" not in first
    chosen = admin.get(address, {"type": "cart"})
    page = chosen.content.decode()
    assert "What it says fits the type." in page and "It may get work at once." in page
    given = {"type": "cart", "consent": chosen.context["look"].consent, "name": "Tugger 7", "login": "AGV-7"}
    done = admin.post(f"{address}admit/", given)
    robot = Robot.objects.get(serial="AGV-7")
    shown = done.content.decode()
    assert done.status_code == 200 and "Tugger 7 is admitted to North hall" in shown
    assert robot.in_service and done.context["login"].password in shown
    assert done.headers["Cache-Control"] == "no-store"
    again = admin.post(f"{address}admit/", given)
    assert again.status_code == 422 and "does not wait any more: it is admitted." in again.content.decode()
    assert Robot.objects.filter(serial="AGV-7").count() == 1
    assert Entry.objects.filter(action="robot.admit", result="refused").exists()
    assert done.context["login"].password not in admin.get(address).content.decode()
    assert "AGV-7" in admin.post(f"/robots/{robot.public_id}/login/").content.decode()


def test_what_stands_against_it_leaves_no_form(house: House) -> None:
    row = knock(major="v3", version="3.0.0")
    page = house.client("site_admin").get(f"/robots/joining/{row.public_id}/", {"type": "cart"}).content.decode()
    assert "Stands against it:" in page and "would not hear each other" in page and "/admit/" not in page


def test_a_supervisor_sees_everything_and_decides_nothing(house: House) -> None:
    row, client = knock(), house.client("supervisor")
    page = client.get(f"/robots/joining/{row.public_id}/", {"type": "cart"}).content.decode()
    assert "Needs the role" in page or "This needs the role" in page
    for verb in ("admit", "refuse", "reconsider"):
        assert client.post(f"/robots/joining/{row.public_id}/{verb}/", {"type": "cart"}).status_code == 403
    assert client.post("/robots/joining/invite/", {"serial": "Z"}).status_code == 403
    assert client.post(f"/robots/{house.robots[0].public_id}/login/").status_code == 403
    assert JoinRequest.objects.get().state == "waiting"


def test_one_that_is_gone_and_one_that_is_refused(house: House) -> None:
    row, admin = knock(), house.client("site_admin")
    assert admin.get("/robots/joining/jon_gone/").status_code == 404
    admin.post(f"/robots/joining/{row.public_id}/refuse/", {"reason": "not ours"})
    page = admin.get("/robots/joining/").content.decode()
    assert "not ours" in page and "AGV-7 is refused." in page
    assert "Refused by site_admin-person" in admin.get(f"/robots/joining/{row.public_id}/").content.decode()
    admin.post(f"/robots/joining/{row.public_id}/reconsider/")
    assert "Wants to join" in admin.get(f"/robots/joining/{row.public_id}/").content.decode()


def test_an_invitation_shows_its_login_once(house: House) -> None:
    admin = house.client("site_admin")
    done = admin.post("/robots/joining/invite/", {"serial": "NEW-1", "manufacturer": "acme"})
    assert done.context["login"].password in done.content.decode()
    assert done.context["login"].password not in admin.get("/robots/joining/").content.decode()
    wrong = admin.post("/robots/joining/invite/", {"serial": "C-1"})
    assert wrong.status_code == 422 and "C-1 is registered already." in wrong.content.decode()


def test_a_robot_that_wrote_as_another_is_raised_until_somebody_has_looked(house: House) -> None:
    admission.record_refusal("publish", "C-0", "uagv/v2/acme/C-1/state", timezone.now(), count=7)
    page = house.client("supervisor").get("/ops/north/").content.decode()
    assert "Cart 0 tried to write as Cart 1" in page and "/robots/joining/#refusals" in page
    admin = house.client("site_admin")
    listed = admin.get("/robots/joining/").content.decode()
    assert "tried to write as Cart 1" in listed and "<td>7</td>" in listed
    admin.post(f"/robots/joining/refusals/{BrokerRefusal.objects.get().public_id}/seen/")
    assert link_attention.rows(house.site, timezone.now()) == []
    assert "tried to write as" not in admin.get("/robots/joining/").content.decode()


def test_every_kind_of_refusal_has_words(house: House) -> None:
    now = timezone.now()
    for kind, user in (("login", "10.0.0.7"), ("identity", "C-0"), ("subscribe", "C-1"), ("publish", "C-2")):
        admission.record_refusal(kind, user, "x/y" if kind != "login" else "", now)
    (row,) = link_attention.rows(house.site, now)
    assert row.what == "The broker refused 4 different things"
    BrokerRefusal.objects.filter(kind="subscribe").delete()
    assert {row.what for row in link_attention.rows(house.site, now)} == {
        "10.0.0.7 cannot log in at the broker: wrong name or password",
        "Cart 0 names another robot in its messages",
        "Cart 2 tried what it may not at the broker",
    }


def test_the_pages_are_there_in_german(house: House) -> None:
    row, client = knock(major="v3", version="3.0.0"), house.client("site_admin")
    admission.record_refusal("publish", "C-0", "uagv/v2/acme/C-1/state", timezone.now())
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    listed = client.get("/robots/joining/").content.decode()
    one = client.get(f"/robots/joining/{row.public_id}/", {"type": "cart"}).content.decode()
    ops = client.get("/ops/north/").content.decode()
    translation.deactivate()
    assert "Unbekannte Roboter bitten um Aufnahme" in listed and "wollte als Cart 1 schreiben" in listed
    assert "Spricht dagegen:" in one and "Sie würden einander nicht hören." in one
    assert "AGV-7 bittet um Aufnahme" in ops and "Cart 0 wollte als Cart 1 schreiben" in ops
    assert not [word for word in ("wants to join", "Stands against", "tried to write") if word in listed + one + ops]


def test_a_lost_robot_is_not_put_in_service_and_the_page_says_what_to_do(house: House) -> None:
    row = knock(position=None)
    client = house.client("site_admin")
    address = f"/robots/joining/{row.public_id}/"
    consent = client.get(f"{address}?type=cart").context["look"].consent
    client.post(f"{address}admit/", {"type": "cart", "name": "Tugger 7", "consent": consent})
    robot = Robot.objects.get(serial="AGV-7")
    assert not robot.in_service
    text = client.post(f"/robots/{robot.public_id}/service/", {"in_service": "yes"}, follow=True).content.decode()
    assert "Tugger 7 has not said anything since it was admitted" in text and "back in service." not in text
    assert Entry.objects.get(action="robot.in_service").result == "refused"
    client.cookies["yardmaster_language"] = "de"
    with translation.override("en"):
        text = client.post(f"/robots/{robot.public_id}/service/", {"in_service": "yes"}, follow=True).content.decode()
    assert "Tugger 7 hat sich seit der Aufnahme nicht gemeldet" in text
    robot.refresh_from_db()
    assert not robot.in_service
