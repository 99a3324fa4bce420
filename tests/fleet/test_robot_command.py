"""`manage.py robot` and `createsite`: a real robot from nothing to its login at the broker."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from fleet.accounts import access
from fleet.accounts.models import Membership, Site, User
from fleet.ledger.models import Entry
from fleet.supervisor import direct, mqtt
from fleet.supervisor.broker_rules import Access
from fleet.supervisor.process import wait_until
from fleet.supervisor.state import State, open_state
from robots.models import Robot, RobotType
from tests.conftest import require
from tests.fleet.rest.people import person, site

pytestmark = pytest.mark.django_db
SIZE = {"max_speed": 1.5, "length": 1.4, "width": 0.8, "max_payload": 600.0}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, settings: Any) -> State:
    settings.STATE_DIR = tmp_path / "state"
    settings.MQTT_URL = "mqtts://fleet:hush@broker.plant.example"
    return open_state(settings.STATE_DIR)


def robot(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("robot", *arguments, stdout=out, **options)
    return out.getvalue()


def a_type(**options: Any) -> str:
    return robot("type", "tugger", **(SIZE | options))


def add(serial: str = "AGV-7", **options: Any) -> str:
    site()
    return robot("add", serial, **({"manufacturer": "acme", "type": "tugger", "site": "demo"} | options))


def test_a_type_is_added_once_and_shown() -> None:
    said = a_type(name="Tugger 600")
    assert "Tugger 600" in said and "VDA 5050 2.1.0" in said
    kind = RobotType.objects.get(slug="tugger")
    assert (kind.onboard, kind.protocol, kind.length) == (False, "2.1.0", 1.4)
    assert Entry.objects.get(action="robot_type.added").target_id == "tugger"
    assert robot("type", "tugger") == said
    with pytest.raises(CommandError, match="a type of its own"):
        a_type(max_speed=2.0)


def test_a_type_is_added_with_its_words() -> None:
    a_type(words='{"loadType": {"totes": "EPAL"}}')
    assert RobotType.objects.get().words == {"loadType": {"totes": "EPAL"}}
    for words, text in [("{", "--words: This must be JSON"), ('{"loadType": 1}', "loadType: give its values")]:
        with pytest.raises(CommandError, match=text):
            robot("type", "other", words=words, **SIZE)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"max_speed": None}, "--max-speed"),
        ({"protocol": "1.1"}, "not spoken here"),
        ({"interface": "a+b"}, "topic level"),
    ],
)
def test_a_type_that_will_not_do_is_refused_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        a_type(**options)
    assert not RobotType.objects.exists()


def test_a_robot_gets_its_login_and_a_broker_of_ours_own_its_lines(state: State) -> None:
    a_type()
    said = add(name="Tugger 7", alias=["the tugger"])
    row = Robot.objects.get(serial="AGV-7")
    assert (row.name, row.aliases, row.manufacturer) == ("Tugger 7", ["the tugger"], "acme")
    password = mqtt.robot_password(mqtt.robot_secret(state), "AGV-7")
    assert "mqtts://broker.plant.example:8883" in said
    assert password in said
    assert "AGV-7:$7$101$" in said
    assert "topic write uagv/v2/acme/AGV-7/state\n" in said and "topic read uagv/v2/acme/AGV-7/order\n" in said
    assert "topic read uagv/v2/acme/AGV-7/state" not in said and "topic write uagv/v2/acme/AGV-7/order" not in said
    assert "hush" not in said, "the fleet's own password is nobody's business"
    assert "lease" not in said, "it has no onboard worker, so it reads no leases"
    assert password in robot("credentials", "AGV-7")
    assert Entry.objects.get(action="robot.registered").actor_name == "robot"


@pytest.mark.parametrize(
    ("serial", "options", "words"),
    [
        ("AGV:8", {}, "user name"),
        ("AGV-8", {"type": "hovercraft"}, "there are: tugger"),
        ("AGV-8", {"site": "elsewhere"}, "there are: demo"),
        ("AGV-8", {"manufacturer": "yardmaster"}, "simulated"),
        ("AGV-8", {"manufacturer": "a/b"}, "manufacturer"),
        ("AGV-8", {"home": "nowhere"}, "no node nowhere"),
        ("AGV-7", {"manufacturer": "other"}, "registered already"),
    ],
)
def test_what_cannot_be_a_robot_is_refused_in_words(serial: str, options: dict[str, Any], words: str) -> None:
    a_type()
    add()
    with pytest.raises(CommandError, match=words):
        add(serial, **options)
    assert Robot.objects.count() == 1


def test_credentials_of_nobody() -> None:
    with pytest.raises(CommandError, match="There is no robot X"):
        robot("credentials", "X")


def test_the_list_tells_what_is_known_of_each(valkey: str) -> None:
    a_type()
    add()
    said = robot("list", site="demo")
    assert "AGV-7" in said and "Nothing heard from it yet" in said
    with pytest.raises(CommandError, match="There is no site"):
        robot("list", site="elsewhere")


def test_the_running_broker_lets_a_new_robot_in_and_still_does_after_a_restart(state: State, settings: Any) -> None:
    require(mqtt.installed(), "no mosquitto on PATH: install the package mosquitto")
    broker = mqtt.Broker(state, ("T-01",), source="path", wanted_port=0)
    program = broker.program()
    child = direct.start(state, program)
    try:
        settings.MQTT_URL, settings.MQTT_ROBOT_URL = broker.url, broker.robots_url
        a_type(interface="plant")
        assert "The broker lets it in." in add()
        password = mqtt.robot_password(broker.secret, "AGV-7")
        login = f"mqtt://AGV-7:{password}@127.0.0.1:{broker.port}"
        assert f"127.0.0.1:{broker.port}" in robot("credentials", "AGV-7")
        assert wait_until(lambda: mqtt.answers(login), 5)
        assert mqtt.answers(f"mqtt://T-01:{mqtt.robot_password(broker.secret, 'T-01')}@127.0.0.1:{broker.port}")
        rules = (broker.folder / "rules").read_text()
        robot("credentials", "AGV-7")
        assert rules.count("user AGV-7") == 1
        assert (broker.folder / "rules").read_text() == rules, "asking again adds nothing"
    finally:
        direct.stop(child, program)
    again = mqtt.Broker(state, ("T-01",), source="path", wanted_port=0)
    again.prepare()
    assert "AGV-7" in again.users()
    assert "topic write plant/v2/acme/AGV-7/state" in (again.folder / "rules").read_text()


def test_without_a_running_broker_it_is_let_in_from_the_next_start_on(state: State, settings: Any) -> None:
    settings.MQTT_URL = f"mqtt://fleet:{state.secret('mqtt_fleet_password')}@127.0.0.1:1"
    a_type()
    assert "from the next `up` on" in add()
    assert mqtt.admitted(state) == {"AGV-7": Access("AGV-7", ("uagv/v2/acme/AGV-7",))}


# --- sites ------------------------------------------------------------------------------------------------------------


def test_a_site_of_ones_own_is_supervised_and_has_an_admin() -> None:
    out = io.StringIO()
    call_command("createsite", slug="plant1", name="Plant 1", time_zone="Europe/Berlin", admin="anna", stdout=out)
    made = Site.objects.get(slug="plant1")
    assert (made.unattended, made.time_zone) == (False, "Europe/Berlin")
    user = User.objects.get(username="anna")
    assert user.check_password(out.getvalue().split()[-1])
    assert access.can(access.person_actor(user), "configure", made)
    assert list(Entry.objects.values_list("action", flat=True)) == ["site.created", "user.created", "role.changed"]


def test_a_person_who_is_known_keeps_their_password() -> None:
    person("viewer", name="anna")
    out = io.StringIO()
    call_command("createsite", slug="plant1", name="Plant 1", admin="anna", stdout=out)
    assert "password" not in out.getvalue()
    assert Membership.objects.get(site__slug="plant1").role == "site_admin"


@pytest.mark.parametrize(
    ("slug", "zone", "words"), [("pl ant", "UTC", "slug"), ("demo", "UTC", "already"), ("plant1", "Mars/Base", "zone")]
)
def test_a_site_that_will_not_do_leaves_nothing(slug: str, zone: str, words: str) -> None:
    site()
    with pytest.raises(CommandError, match=words):
        call_command("createsite", slug=slug, name="Plant", time_zone=zone, admin="anna")
    assert Site.objects.count() == 1
    assert not User.objects.exists()
