"""Instant actions of people: judged, recorded, put into the outbox, and asked for once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from fleet.accounts.models import Site
from fleet.accounts.rights import Actor
from fleet.ledger.models import Entry
from fleet.outbox.models import Message
from robots import types
from robots.commanding import command, offered, situation_of
from robots.core.vda5050.codec import INTERNAL, decode_body
from robots.core.vda5050.topics import Topic
from robots.errors import CommandInvalid, CommandRefused
from robots.models import Command, Factsheet, Robot, RobotState

pytestmark = pytest.mark.django_db
ANNA, BEN = Actor("person", "1", "anna"), Actor("person", "2", "ben")
SHEET = {
    "typeSpecification": {
        "seriesName": "S", "agvKinematic": "DIFF", "agvClass": "CARRIER", "maxLoadMass": 100,
        "localizationTypes": ["NATURAL"], "navigationTypes": ["AUTONOMOUS"],
    },
    "physicalParameters": {
        "speedMin": 0.1, "speedMax": 1.0, "accelerationMax": 1.0, "decelerationMax": 1.0, "heightMax": 1.0,
        "width": 1.0, "length": 1.0,
    },
    "protocolLimits": {"maxStringLens": {}, "maxArrayLens": {}, "timing": {
        "minOrderInterval": 1.0, "minStateInterval": 1.0}},
    "protocolFeatures": {
        "optionalParameters": [],
        "agvActions": [
            {"actionType": "initPosition", "actionScopes": ["INSTANT"], "actionParameters": []},
            {"actionType": "enableMap", "actionScopes": ["NODE"], "actionParameters": []},
        ],
    },
    "agvGeometry": {}, "loadSpecification": {},
}  # fmt: skip


def robot_of(protocol: str = "2.1.0", **state: Any) -> Robot:
    kind = types.add_type(
        slug="cart", name="Cart", embodiment="cart", skills=["move"], max_speed=1.5, length=0.8, width=0.6,
        max_payload=100, protocol=protocol, actor="test",
    )  # fmt: skip
    site = Site.objects.create(slug="demo", name="Demo")
    robot = Robot.objects.create(site=site, type=kind, serial="A", manufacturer="acme", name="Cart A", live_index=0)
    base = {"connection": "online", "operating_mode": "AUTOMATIC", "state_at": timezone.now()}
    RobotState.objects.create(robot=robot, **(base | state))
    return robot


def failed_once(**more: Any) -> dict[str, Any]:
    return {"action_states": [{"action_id": "a1", "action_type": "pick", "status": "RETRIABLE", "result": "jammed"}]}


def test_a_command_goes_out_with_its_values_and_is_recorded():
    robot = robot_of()
    Factsheet.objects.create(robot=robot, received_at=timezone.now(), hash="h", document=SHEET)
    values = {"x": 1, "y": 2, "theta": 0.5, "mapId": "hall", "lastNodeId": "n1"}
    made = command(robot=robot, kind="init_position", actor=ANNA, reason="carried here", parameters=values)
    (message,) = Message.objects.filter(key=f"command:{made.public_id}")
    assert (message.payload["robot"], message.payload["version"]) == (robot.pk, INTERNAL)
    (action,) = decode_body(Topic.INSTANT_ACTIONS, message.payload["body"], INTERNAL).actions
    assert (action.action_type, action.action_id, action.blocking_type) == (
        "initializePosition",
        made.action_id,
        "NONE",
    )
    assert {parameter.key: parameter.value for parameter in action.parameters} == values
    entry = Entry.objects.get(action="robot.init_position")
    assert (entry.actor_name, entry.after, entry.reason) == ("anna", values, "carried here")


def test_what_the_factsheet_does_not_declare_is_refused_and_leaves_no_trace():
    robot = robot_of()
    with pytest.raises(CommandRefused, match="has sent no factsheet"):
        command(robot=robot, kind="log_report", actor=ANNA, parameters={"reason": "slow"})
    Factsheet.objects.create(robot=robot, received_at=timezone.now(), hash="h", document=SHEET)
    for kind, values in {"log_report": {"reason": "slow"}, "enable_map": {"mapId": "m", "mapVersion": "1"}}.items():
        with pytest.raises(CommandRefused, match="does not declare"):
            command(robot=robot, kind=kind, actor=ANNA, parameters=values)
    with pytest.raises(CommandInvalid) as wrong:
        command(robot=robot, kind="init_position", actor=ANNA, parameters={"x": "here"})
    assert set(wrong.value.fields) == {"x", "y", "theta", "mapId", "lastNodeId"}
    assert not Message.objects.exists() and not Command.objects.exists()
    with pytest.raises(ValueError, match="is not one of"):
        command(robot=robot, kind="dance", actor=ANNA)


def test_a_second_click_is_the_same_command():
    robot = robot_of("3.0.0", **failed_once())
    first = command(robot=robot, kind="retry", actor=ANNA, parameters={"actionId": "a1"})
    assert command(robot=robot, kind="retry", actor=BEN, parameters={"actionId": "a1"}) == first
    with pytest.raises(CommandRefused, match="anna has asked to retry this action already"):
        command(robot=robot, kind="skip_retry", actor=BEN, parameters={"actionId": "a1"})
    assert Message.objects.filter(key__startswith="command:").count() == 1
    Command.objects.update(state="effective")
    RobotState.objects.update(action_states=[{"action_id": "a1", "action_type": "pick", "status": "RUNNING"}])
    with pytest.raises(CommandRefused, match="No action of it waits"):
        command(robot=robot, kind="retry", actor=BEN, parameters={"actionId": "a1"})


CERTIFICATE = {
    "service": "MQTT", "keyDownloadLink": "https://ca.local/k", "certificateDownloadLink": "https://ca.local/c",
}  # fmt: skip


def test_a_certificate_is_renewed_over_tls_only_and_nothing_keeps_where_the_key_lies(settings):
    robot = robot_of("3.0.0")
    types.change_quirks(robot.type, "test", trust_factsheet=False)
    settings.MQTT_URL = "mqtt://broker:1883"
    with pytest.raises(CommandRefused, match="The way to the broker is not encrypted"):
        command(robot=robot, kind="update_certificate", actor=ANNA, parameters=CERTIFICATE)
    settings.MQTT_URL = "mqtts://broker:8883"
    with pytest.raises(CommandRefused, match="begins with https"):
        command(robot=robot, kind="update_certificate", actor=ANNA, parameters=CERTIFICATE | {
            "keyDownloadLink": "http://ca.local/k"})  # fmt: skip
    made = command(robot=robot, kind="update_certificate", actor=ANNA, parameters=CERTIFICATE)
    kept = f"{made.parameters} {Entry.objects.get(action='robot.update_certificate').after}"
    assert "ca.local/k" not in kept and "ca.local/c" in kept
    assert "ca.local/k" in str(Message.objects.get().payload)


def test_the_page_offers_what_this_robot_can_do_and_says_why_not_now():
    robot = robot_of("2.1.0", node_states=[{"node_id": "n", "sequence_id": 0, "released": True}])
    assert {rule.kind for rule, _ in offered(situation_of(robot))} == {
        "cancel_order", "state_request", "factsheet_request",
    }  # fmt: skip
    Factsheet.objects.create(robot=robot, received_at=timezone.now(), hash="h", document=SHEET)
    found = {rule.kind: why for rule, why in offered(situation_of(robot))}
    assert found["init_position"] == "It has an order. Let it finish or cancel the order first."
    assert "enable_map" not in found and "shutdown" not in found


def test_a_robot_that_was_never_heard_may_be_asked_for_its_state():
    robot = robot_of(connection="unknown", operating_mode="", state_at=None)
    assert command(robot=robot, kind="state_request", actor="dispatch").actor == "dispatch"


def test_a_factsheet_that_cannot_be_read_counts_as_none():
    robot = robot_of()
    Factsheet.objects.create(robot=robot, received_at=timezone.now(), hash="h", document={"typeSpecification": 7})
    assert situation_of(robot).factsheet is None
