"""Shared by the VDA 5050 tests: a small floor, a factsheet, messages, and the two sides joined in memory."""

from __future__ import annotations

import orjson

from robots.core.vda5050.actions import ACTIONS, action
from robots.core.vda5050.codec import encode
from robots.core.vda5050.events import StartAction
from robots.core.vda5050.fleet_side import FleetSide
from robots.core.vda5050.headers import HeaderCounters
from robots.core.vda5050.messages import Action, BlockingType, InstantActions, Node, NodePosition, Order
from robots.core.vda5050.orders import Visit, extend_order, new_order, visit
from robots.core.vda5050.reports import ActionStatus, ErrorLevel, Factsheet, Message, SoftwareVersion, State
from robots.core.vda5050.robot_side import RobotSettings, RobotSide
from robots.core.vda5050.topics import Topic, TopicScheme

SERIAL, MAKER = "ym-001", "yardmaster"
NONE, SOFT, HARD = BlockingType.NONE, BlockingType.SOFT, BlockingType.HARD


def factsheet(**changes: object) -> Factsheet:
    values: dict[str, object] = {
        "series_name": "Carrier 300",
        "kinematic": "DIFFERENTIAL",
        "robot_class": "CARRIER",
        "maximum_load_mass": 300.0,
        "maximum_speed": 1.8,
        "maximum_acceleration": 0.8,
        "maximum_deceleration": 1.2,
        "maximum_height": 1.4,
        "width": 0.7,
        "length": 1.1,
        "default_state_interval": 30.0,
        "maximum_array_lengths": {"order.nodes": 60},
        "actions": tuple(rule.declaration() for rule in ACTIONS.values()),
        "versions": (SoftwareVersion("policy", "7"),),
    }
    return Factsheet(**{**values, **changes})  # type: ignore[arg-type]


def place(number: int, *actions: Action) -> Node:
    return Node(f"n{number}", 0, False, NodePosition(float(number), 0.0, "hall"), actions)


def way(number: int, *actions: Action, on_edge: tuple[Action, ...] = ()) -> Visit:
    """Node `number` with `actions`; 0 is the first node of an order, others come with their edge."""
    return visit(place(number, *actions), f"e{number}" if number else "", edge_actions=on_edge, speed=1.0)


def order(order_id: str = "o1", base: int = 2, horizon: int = 0, *, actions: tuple[Action, ...] = ()) -> Order:
    """Nodes n0..n<base> released (`actions` at the last of them), `horizon` more not released."""
    stops = [way(i) for i in range(base)] + [way(base, *actions)]
    return new_order(order_id, stops, [way(base + 1 + i) for i in range(horizon)])


def longer(previous: Order, *numbers: int, horizon: tuple[int, ...] = ()) -> Order:
    return extend_order(previous, [way(n) for n in numbers], [way(n) for n in horizon])


def hard(action_id: str, action_type: str = "pick") -> Action:
    return action(action_type, action_id, HARD)


def robot(**settings: float) -> RobotSide:
    side = RobotSide(SERIAL, MAKER, factsheet(), RobotSettings(**settings))  # type: ignore[arg-type]
    side.set_pose(0.0, 0.0, 0.0, "hall")
    return side


def fleet() -> FleetSide:
    return FleetSide(SERIAL, MAKER)


class Sender:
    """Encodes messages as the other side would, with rising header ids."""

    def __init__(self, version: str = "2.1.0", serial: str = SERIAL) -> None:
        self.headers = HeaderCounters(version, MAKER, serial)

    def __call__(self, message: Message, topic: Topic, now: float = 1000.0) -> tuple[str, bytes]:
        full = TopicScheme().build(MAKER, SERIAL, topic)
        return full, encode(message, self.headers.next(topic, now))


def states(side: RobotSide) -> list[dict[str, object]]:
    """The state messages that left, as JSON."""
    return [orjson.loads(payload) for topic, payload, _, _ in side.data_to_send() if topic.endswith("/state")]


def error_types(state: State) -> list[str]:
    return [error.error_type for error in state.errors]


def deliver(fleet_side: FleetSide, robot_side: RobotSide, now: float) -> tuple[list[object], list[object]]:
    """Carry everything both ways until nothing is left; returns (fleet events, robot events)."""
    ours: list[object] = []
    theirs: list[object] = []
    while (down := fleet_side.data_to_send()) or (up := robot_side.data_to_send()):
        for topic, payload, _, _ in down:
            theirs += robot_side.receive(topic, payload, now)
        up = robot_side.data_to_send() if down else up
        for topic, payload, _, _ in up:
            ours += fleet_side.receive(topic, payload, now)
    return ours, theirs


def kinds(events: list[object]) -> list[str]:
    return [type(event).__name__ for event in events]


def give(side: RobotSide, message: Order | Action, sender: Sender | None = None) -> list[object]:
    said = message if isinstance(message, Order) else InstantActions((message,))
    topic = Topic.ORDER if isinstance(message, Order) else Topic.INSTANT_ACTIONS
    return list(side.receive(*(sender or Sender())(said, topic), 1000.0))


def statuses(side: RobotSide) -> dict[str, ActionStatus]:
    return {a.action_id: a.status for a in side.state().action_states}


def started(events: list[object]) -> list[str]:
    return [e.action.action_id for e in events if isinstance(e, StartAction)]


def drive(side: RobotSide) -> list[object]:
    """One edge and its node, if driving is allowed."""
    target = side.next_base_target()
    assert target is not None and target.may_drive, target
    events = side.start_edge(target.edge.sequence_id)
    return list(events + side.reached_node(target.node.sequence_id))


def refused(side: RobotSide, message: Order) -> tuple[str, str]:
    before = (side.state().order_id, side.state().order_update_id, side.state().node_states)
    events = give(side, message)
    assert kinds(events) == ["OrderRefused"]
    assert (side.state().order_id, side.state().order_update_id, side.state().node_states) == before
    error = side.state().errors[-1]
    assert error.level is ErrorLevel.WARNING and error.reference("orderId") == message.order_id
    return error.error_type, error.description or ""
