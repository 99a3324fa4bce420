"""Every message that either side emits fits the published 2.1 schemas (../shared/vda5050)."""

from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest

from robots.core.vda5050.actions import ACTIONS, action, instant
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
from robots.core.vda5050.reports import (
    ActionStatus,
    BoundingBox,
    Dimensions,
    EmergencyStop,
    Load,
    OperatingMode,
)
from tests.robots.core.vda5050.helpers import HARD, NONE, deliver, fleet, hard, longer, order, robot, way

jsonschema = pytest.importorskip("jsonschema")


@pytest.fixture
def check(shared_material: Path):
    folder = shared_material / "vda5050" / "2.1"
    if not folder.exists():
        pytest.skip("no VDA 5050 schemas in ../shared/vda5050/2.1")
    validators = {}
    for file in folder.glob("*.schema.json"):
        schema = json.loads(file.read_text())
        name = file.name.split(".")[0]
        if name == "state":
            # The text (6.11) has PAUSED, the published schema forgot it; the text outranks the schema.
            statuses = schema["properties"]["actionStates"]["items"]["properties"]["actionStatus"]["enum"]
            statuses.append("PAUSED")
        validators[name] = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())

    def run(messages: list[tuple[str, bytes, int, bool]]) -> set[str]:
        names = set()
        for topic, payload, _, _ in messages:
            name = topic.rsplit("/", 1)[1]
            validators[name].validate(orjson.loads(payload))
            names.add(name)
        return names

    return run


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


def test_everything_fleet_control_sends(check):
    side = fleet()
    first = rich_order()
    side.send(first, 0.0)
    names = check(side.data_to_send())
    machine = robot()
    for topic, payload, _, _ in [*side.data_to_send()]:
        machine.receive(topic, payload, 0.0)
    side.tick(9.0)
    deliver(side, machine, 9.0)
    side.send(longer(first, 2), 10.0)
    side.instant([instant(name, f"x{i}") for i, name in enumerate(ACTIONS)], 10.0)
    side.cancel("c", 10.0)
    names |= check(side.data_to_send())
    assert names == {"order", "instantActions"}


def test_everything_a_robot_sends(check):
    side, machine = fleet(), robot(visualization_interval=0.5)
    names = check([machine.will(0.0)])
    machine.set_velocity(0.1, 0.0, 0.2)
    machine.connected(0.0)
    names |= check(machine.data_to_send())
    side.send(order("bad", actions=(hard("x", "fly"),)), 0.5)
    deliver(side, machine, 0.5)
    machine.receive("uagv/v2/m/s/order", b"{", 0.6)
    names |= check(machine.data_to_send())
    for topic, payload, _, _ in _said(rich_order()):
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


def _said(message):
    side = fleet()
    side.send(message, 0.0)
    return side.data_to_send()
