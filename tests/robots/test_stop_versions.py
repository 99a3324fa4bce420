"""The stop path in each version of VDA 5050, on the topics and with the QoS that a robot's type has."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from robots.core.vda5050.robot_side import RobotSettings
from robots.core.vda5050.topics import Topic, TopicScheme
from robots.stop_roster import Card
from tests.robots.fakes import FakeRobot, eventually
from tests.robots.test_stop import Database, card, known, lines, place  # noqa: F401 - a fixture

SCHEMAS = Path(__file__).parents[3] / "shared" / "vda5050"
VERSIONS = {
    "2.0.0": TopicScheme("uagv", "v2"),
    "2.1.0": TopicScheme("acme/hall", "v2"),
    "3.0.0": TopicScheme("vda5050", "v3"),
}


def speaking(version: str, serial: str = "A", **more: object) -> Card:
    scheme = VERSIONS[version]
    return replace(card(serial), protocol=version, interface=scheme.interface, major=scheme.major, **more)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stop_and_a_resume_are_said_in_the_robots_own_version(place, version):  # noqa: F811
    controller = place.controller(Database(speaking(version)))
    settings = RobotSettings(state_interval=1.0, version=version, topics=VERSIONS[version])
    with FakeRobot("A", place.broker.url, settings=settings) as robot:
        known(controller, "A")
        stop = controller.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: lines(controller, "confirmed") == ["A"])
        controller.resume(stop, ["A"], actor="person:1:anna", reason="clear")
        eventually(lambda: not robot.side.paused)
        sent = [json.loads(payload) for _, topic, payload in robot.received if topic.endswith("/instantActions")]
        assert {message["version"] for message in sent} == {version}
        assert {message["actions"][0]["actionType"] for message in sent} == {"startPause", "stopPause"}
        schema = SCHEMAS / version[:3] / "instantActions.schema.json"
        if not schema.exists():
            pytest.skip("the published schemas are not beside this checkout")
        validator = Draft202012Validator(json.loads(schema.read_text()))
        for message in sent:
            validator.validate(message)


def test_robots_of_several_versions_are_stopped_together(place):  # noqa: F811
    pairs = enumerate(zip("ABC", VERSIONS, strict=True))
    cards = [speaking(version, serial, pk=number) for number, (serial, version) in pairs]
    controller = place.controller(Database(*cards))
    made = [
        FakeRobot(c.serial, place.broker.url, settings=RobotSettings(1.0, version=c.protocol, topics=c.scheme))
        for c in cards
    ]
    with made[0], made[1], made[2]:
        known(controller, "A", "B", "C")
        controller.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: sorted(lines(controller, "confirmed")) == ["A", "B", "C"])


def test_a_changed_type_is_heard_on_its_new_topics(place):  # noqa: F811
    database = Database(speaking("2.0.0"))
    controller = place.controller(database)
    settings = RobotSettings(1.0, version="3.0.0", topics=VERSIONS["3.0.0"])
    with FakeRobot("A", place.broker.url, settings=settings) as robot:
        database.cards = [speaking("3.0.0", qos={"instantActions": 1})]
        eventually(lambda: controller.roster.cards["A"].protocol == "3.0.0", seconds=6)
        robot.do(lambda side: side.set_battery(70.0, False))
        eventually(lambda: controller.roster.of("A").at, what="its state on the new topic")
        assert controller.roster.cards["A"].qos_of(Topic.INSTANT_ACTIONS) == 1
        controller.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: lines(controller, "confirmed") == ["A"])
        kept = json.loads((place.folder / "journal" / "roster.json").read_text())
        assert kept["cards"][0]["protocol"] == "3.0.0"


def test_robots_that_take_only_digits_as_ids_are_stopped_with_digits(place):  # noqa: F811
    controller = place.controller(Database(speaking("2.1.0", numeric_ids=True)))
    settings = RobotSettings(state_interval=1.0, version="2.1.0", topics=VERSIONS["2.1.0"])
    with FakeRobot("A", place.broker.url, settings=settings) as robot:
        known(controller, "A")
        stop = controller.stop("site", "demo", actor="person:1:anna")
        eventually(lambda: lines(controller, "confirmed") == ["A"])
        controller.resume(stop, ["A"], actor="person:1:anna", reason="clear")
        eventually(lambda: not robot.side.paused)
        sent = [json.loads(payload) for _, topic, payload in robot.received if topic.endswith("/instantActions")]
        ids = {message["actions"][0]["actionId"] for message in sent}
        assert len(ids) >= 2 and all(name.isdecimal() for name in ids)
