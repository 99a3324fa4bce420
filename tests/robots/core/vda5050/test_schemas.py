"""Every message that is sent fits the published schemas of its version (../shared/vda5050)."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robots.core.vda5050.actions import action, instant
from robots.core.vda5050.codec import INTERNAL, TOPIC_OF_MESSAGE, encode
from robots.core.vda5050.errors import LocalProtocolError
from robots.core.vda5050.fleet_side import FleetSide
from robots.core.vda5050.headers import HeaderCounters
from robots.core.vda5050.messages import (
    ActionParameter,
    ControlPoint,
    Corridor,
    DeviationEllipse,
    Edge,
    Node,
    NodePosition,
    Trajectory,
)
from robots.core.vda5050.orders import Visit, new_order
from robots.core.vda5050.quirks import Quirks
from robots.core.vda5050.reports import (
    ActionStatus,
    BoundingBox,
    Dimensions,
    EmergencyStop,
    Load,
    OperatingMode,
)
from robots.core.vda5050.robot_settings import RobotSettings
from robots.core.vda5050.robot_side import RobotSide
from robots.core.vda5050.topics import Topic
from tests.robots.core.vda5050.generated import WORDS
from tests.robots.core.vda5050.helpers import HARD, MAKER, NONE, SERIAL, deliver, factsheet, hard, longer, order, way

jsonschema = pytest.importorskip("jsonschema")


# Instant actions of every version that need no parameter.
PLAIN = ("startPause", "stopPause", "startCharging", "stopCharging", "stateRequest", "factsheetRequest")
VERSIONS = {"2.0": "2.0.0", "2.1": "2.1.0", "3.0": "3.0.0"}


class Schemas(dict):
    """version -> topic -> validator; hypothesis prints what a test is given, and a validator prints all it knows."""

    def __repr__(self) -> str:
        return "schemas"


@pytest.fixture(scope="module")
def schemas(shared_material: Path):
    found = Schemas()
    for version in VERSIONS:
        folder = shared_material / "vda5050" / version
        if not folder.exists():
            pytest.skip(f"no VDA 5050 schemas in ../shared/vda5050/{version}")
        found[version] = {file.name.split(".")[0]: _validator(file) for file in folder.glob("*.schema.json")}
    return found


def _validator(file: Path):
    schema = json.loads(file.read_text())
    if file.name.startswith("state") and "agvPosition" in schema["properties"]:
        # The text of 2.x (6.11) has PAUSED, the published schemas forgot it; the text outranks the schema.
        statuses = schema["properties"]["actionStates"]["items"]["properties"]["actionStatus"]["enum"]
        statuses.append("PAUSED")
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.fixture
def check(schemas):
    def run(messages: list[tuple[str, bytes, int, bool]]) -> set[str]:
        names = set()
        for topic, payload, _, _ in messages:
            name = topic.rsplit("/", 1)[1]
            body = orjson.loads(payload)
            schemas[body["version"].rsplit(".", 1)[0]][name].validate(body)
            names.add(name)
        return names

    return run


@settings(max_examples=100, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("version", list(VERSIONS))
def test_whatever_a_version_can_say_fits_its_schemas(schemas, version: str, data: st.DataObject):
    message = data.draw(WORDS[version].any_message)
    topic = TOPIC_OF_MESSAGE[type(message)]
    header = HeaderCounters(VERSIONS[version], MAKER, SERIAL).next(topic, 1000.0)
    schemas[version][str(topic)].validate(orjson.loads(encode(message, header)))


@settings(max_examples=50, deadline=None)
@given(data=st.data())
@pytest.mark.parametrize("version", list(VERSIONS))
def test_what_was_stored_is_sent_in_the_words_of_any_version_that_can_say_it(schemas, version, data: st.DataObject):
    """What the version lacks is left out, or writing it raises: never something that the schema refuses."""
    message = data.draw(WORDS[INTERNAL].any_message)
    topic = TOPIC_OF_MESSAGE[type(message)]
    try:
        body = encode(message, HeaderCounters(VERSIONS[version], MAKER, SERIAL).next(topic, 1000.0))
    except LocalProtocolError:
        return
    value = orjson.loads(body)
    if version != "2.0" or b"actionParameters" not in body:  # its text allows an object as value, its schema does not
        schemas[version][str(topic)].validate(value)


def rich_order():
    curve = Trajectory(1, (0.0, 0.0, 1.0, 1.0), (ControlPoint(0.0, 0.0), ControlPoint(1.0, 0.0, 1.0)))
    edge = Edge(
        "e1",
        0,
        True,
        "",
        "",
        (action("scan", "s", NONE, target="rack"),),
        maximum_speed=1.2,
        maximum_mobile_robot_height=2.0,
        minimum_load_handling_device_height=0.1,
        orientation=0.0,
        orientation_type="TANGENTIAL",
        direction="left",
        reach_orientation_before_entering=False,
        maximum_rotation_speed=0.5,
        length=1.0,
        trajectory=curve,
        corridor=Corridor(0.5, 0.5, "KINEMATIC_CENTER"),
        descriptor="aisle",
    )
    spot = NodePosition(1.0, 0.0, "hall", 1.57, DeviationEllipse(0.1, 0.1), 0.2)
    many = action("inspect", "i", HARD)
    many = type(many)(
        "inspect", "i", HARD, (ActionParameter("subject", "shelf"), ActionParameter("n", [1, {"a": True}]))
    )
    return new_order("o1", [way(0), Visit(Node("n1", 0, True, spot, (many,), "rack"), edge)], [way(2)])


def both_sides(version: str):
    number = VERSIONS[version]
    machine = RobotSide(SERIAL, MAKER, factsheet(), RobotSettings(visualization_interval=0.5, version=number))
    machine.set_pose(0.0, 0.0, 0.0, "hall")
    scheme = RobotSettings(version=number).scheme
    return FleetSide(SERIAL, MAKER, Quirks(version=number, topics=scheme)), machine


@pytest.mark.parametrize("version", list(VERSIONS))
def test_everything_fleet_control_sends(check, version: str):
    side, machine = both_sides(version)
    first = rich_order()
    side.send(first, 0.0)
    said = side.data_to_send()
    names = check(said)
    for topic, payload, _, _ in said:
        machine.receive(topic, payload, 0.0)
    side.tick(9.0)
    deliver(side, machine, 9.0)
    side.send(longer(first, 2), 10.0)
    for number, name in enumerate(PLAIN):
        side.instant([instant(name, f"x{number}")], 10.0)
    side.cancel("c", 10.0)
    names |= check(side.data_to_send())
    assert names == {"order", "instantActions"}


@pytest.mark.parametrize("version", list(VERSIONS))
def test_everything_a_robot_sends(check, version: str):
    side, machine = both_sides(version)
    names = check([machine.will(0.0)])
    machine.set_velocity(0.1, 0.0, 0.2)
    machine.connected(0.0)
    names |= check(machine.data_to_send())
    side.send(order("bad", actions=(hard("x", "fly"),)), 0.5)
    for topic, payload, _, _ in side.data_to_send():
        machine.receive(topic, payload, 0.5)
    names |= check(machine.data_to_send())
    prefix = RobotSettings(version=VERSIONS[version]).scheme
    machine.receive(prefix.build(MAKER, SERIAL, Topic.ORDER), b"{", 0.6)
    names |= check(machine.data_to_send())
    fresh, _ = both_sides(version)
    fresh.send(rich_order(), 1.0)
    for topic, payload, _, _ in fresh.data_to_send():
        machine.receive(topic, payload, 1.0)
    machine.start_edge(1)
    machine.set_driving(True)
    machine.reached_node(2)
    machine.set_driving(False)
    machine.action_state("i", ActionStatus.RUNNING)
    machine.tick(1.5)
    names |= check(machine.data_to_send())
    machine.action_state("i", ActionStatus.PAUSED)
    machine.set_loads((Load("t1", "tote", "top", 4.0, BoundingBox(0, 0, 0), Dimensions(1, 1, 1)), Load()))
    machine.set_battery(33.3, True, 24.1)
    machine.set_safety(EmergencyStop.AUTO_ACK, True)
    machine.request_base(True)
    machine.tick(2.0)
    machine.set_operating_mode(OperatingMode.TEACH_IN)
    machine.tick(3.0)
    machine.disconnecting(4.0)
    names |= check(machine.data_to_send())
    assert names == {"state", "connection", "factsheet", "visualization"}
