"""Settings, Robot types: the table, and a form that names what is wrong and loses nothing."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest
from django.utils import translation

from fleet.ledger.models import Entry
from robots.models import RobotState, RobotType

pytestmark = pytest.mark.django_db
FORM = {
    "protocol": "2.1.0", "interface": "uagv", "major": "", "completion": "standard", "ignored_rejections": "",
    "deviation_padding": "0", "trust_factsheet": "1",
}  # fmt: skip


def test_the_table_tells_what_a_type_is_and_how_it_differs(house):
    RobotType.objects.update(
        omit=["theta"], deviation_padding=0.1, qos={"order": 1}, completion="actions", numeric_ids=True,
        trust_factsheet=False, accepts=["2.0"], ignored_rejections=["x"],
    )  # fmt: skip
    text = house.client("viewer").get("/settings/?tab=types").content.decode()
    for words in ("uagv/v2/", "Not sent: theta.", "Deviations are 0.1 m wider.", "QoS: order 1.",
                  "An order is done when none of its actions runs.", "It may send 2.0.", "No refusal: x.",
                  "Ids are digits only.", "Its factsheet is not trusted."):  # fmt: skip
        assert words in text, words


def test_a_change_is_saved_and_recorded(house):
    client = house.client("site_admin")
    answer = client.post("/settings/types/cart/", FORM | {
        "accepts": ["2.0", "2.1"], "qos_order": "1", "completion": "last_node", "deviation_padding": "0,15",
        "ignored_rejections": "noRoute\n\nother\n", "numeric_ids": "1", "omit": ["theta"], "reason": "as agreed",
    })  # fmt: skip
    assert answer.status_code == 302
    kind = RobotType.objects.get()
    assert (kind.accepts, kind.qos, kind.completion) == (["2.0", "2.1"], {"order": 1}, "last_node")
    assert (kind.deviation_padding, kind.ignored_rejections) == (0.15, ["noRoute", "other"])
    assert (kind.numeric_ids, kind.omit, kind.trust_factsheet) == (True, ["theta"], True)
    assert Entry.objects.get(action="robot_type.quirks_changed").reason == "as agreed"
    shown = client.get("/settings/?tab=types&type=cart").content.decode()
    assert 'value="0.15"' in shown and "noRoute\nother</textarea>" in shown


def test_what_will_not_do_is_named_at_its_field_and_stays_as_typed(house):
    wrong = FORM | {"interface": "a+b", "deviation_padding": "wide", "reason": "my reason", "omit": ["speed"]}
    answer = house.client("site_admin").post("/settings/types/cart/", wrong)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "This must be a number of metres." in text and 'value="wide"' in text
    assert 'value="a+b"' in text and 'value="my reason"' in text
    assert 'value="speed" checked' in text
    answer = house.client("site_admin").post("/settings/types/cart/", wrong | {"deviation_padding": "0"})
    assert "cannot be a topic level" in answer.content.decode() and 'id="w-interface"' in answer.content.decode()
    assert RobotType.objects.get().interface == "uagv"


def test_the_words_of_a_type_are_json_and_stay_as_typed_when_they_are_not(house):
    client = house.client("site_admin")
    for typed, text in [
        ('{"loadType": ', "This must be JSON"), ('{"loadType": "EPAL"}', "loadType: give its values"),
        ('{"loadType": {"totes": NaN}}', "This must be JSON"), ("[" * 30_000, "This must be JSON"),
        ('{"a": {}, "a": {}}', "named twice"),
    ]:  # fmt: skip
        answer = client.post("/settings/types/cart/", FORM | {"words": typed})
        shown = answer.content.decode()
        assert answer.status_code == 422 and text in shown and 'id="w-words"' in shown, typed
        assert html.escape(typed) in shown
    assert RobotType.objects.get().words == {}
    good = {"loadType": {"totes": "EPAL", "*": "Größe 1"}}
    assert client.post("/settings/types/cart/", FORM | {"words": json.dumps(good)}).status_code == 302
    assert RobotType.objects.get().words == good
    shown = client.get("/settings/?tab=types&type=cart").content.decode()
    assert "Größe 1" in shown, "readable, not escaped"
    assert "Its own words for loadType." in shown
    assert client.post("/settings/types/cart/", FORM | {"words": ""}).status_code == 302
    assert RobotType.objects.get().words == {}


def test_the_words_are_explained_in_german_too(house):
    client = house.client("site_admin")
    client.cookies["yardmaster_language"] = "de"
    with translation.override("en"):
        bad = client.post("/settings/types/cart/", FORM | {"words": "{"}).content.decode()
        assert "Seine Wörter für Lasten und Stationen" in bad and "Das muss JSON sein" in bad
        bad = client.post("/settings/types/cart/", FORM | {"words": '{"loadType": "EPAL"}'}).content.decode()
    assert "loadType: Nennen Sie seine Werte" in bad


def test_the_topics_do_not_change_under_a_robot_that_drives(house):
    RobotState.objects.filter(robot=house.robots[1]).update(node_states=[{"node_id": "n"}])
    client = house.client("site_admin")
    assert "Cart 1" in client.get("/settings/?tab=types&type=cart").content.decode()
    answer = client.post("/settings/types/cart/", FORM | {"protocol": "3.0.0"})
    assert answer.status_code == 422 and "Cart 1 still has an order" in answer.content.decode()
    assert client.post("/settings/types/cart/", FORM | {"completion": "actions"}).status_code == 302


@pytest.mark.parametrize("role", ["viewer", "supervisor", "integrator"])
def test_only_who_configures_may_change_it(house, role):
    client = house.client(role)
    text = client.get("/settings/?tab=types&type=cart").content.decode()
    assert "<fieldset disabled>" in text
    assert client.post("/settings/types/cart/", FORM | {"completion": "actions"}).status_code == 403
    assert client.post("/settings/types/", {}).status_code == 403
    assert RobotType.objects.get().completion == "standard"


def test_a_type_is_added_once_and_faults_are_named(house):
    given: dict[str, Any] = {
        "slug": "tug", "name": "Tug", "embodiment": "cart", "protocol": "3.0.0", "length": "1,2", "width": "0.8",
        "max_speed": "1.5", "max_rotation": "1.2", "max_payload": "300", "capacity": "2", "skills": ["move", "pick"],
    }  # fmt: skip
    client = house.client("site_admin")
    bad = client.post("/settings/types/", given | {"length": "long", "capacity": "1.5", "skills": []})
    text = bad.content.decode()
    assert bad.status_code == 422 and 'value="long"' in text and "Tick at least one." in text
    assert client.post("/settings/types/", given).status_code == 302
    kind = RobotType.objects.get(slug="tug")
    assert (kind.length, kind.capacity, kind.interface, kind.onboard) == (1.2, 2, "vda5050", False)
    assert client.post("/settings/types/", given).status_code == 422
