"""The mobile robot's half of VDA 5050, without any connection: receive, events, data to send.

The driver calls `receive` with what arrives, acts on the events, reports what the hardware does through the setters,
calls `tick` often, and sends what `data_to_send` gives. Several changes between two ticks make one state message
(6.10). To survive a restart it stores `snapshot()` before it acts on events, and calls `restore` afterwards: an action
that was started is never started again; `interrupted()` names those whose end is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .codec import Received, decode
from .errors import LocalProtocolError, Problem, ProblemKind
from .events import (
    BaseExtended,
    HorizonChanged,
    OrderAccepted,
    OrderCleared,
    OrderRefused,
    RejectReason,
    RobotEvent,
    Where,
)
from .messages import Action, ActionScope, InstantActions, Node, Order
from .reports import (
    ActionStatus,
    Connection,
    ConnectionState,
    Factsheet,
    OperatingMode,
    State,
    Visualization,
)
from .robot_actions import ActionBook, Entry
from .robot_instants import InstantDesk
from .robot_orders import Refusal, Situation, Taken, judge
from .robot_outbox import Outgoing, RobotOutbox
from .robot_report import RobotReport
from .robot_route import DriveTarget, Route
from .topics import TO_ROBOT, TopicScheme, topic_of


@dataclass(frozen=True, slots=True)
class RobotSettings:
    """Intervals in seconds: `state_interval` at most 30 (6.10), 1.0 for a live map; `visualization_interval` 0: none.

    `node_tolerance`: metres around the first node of a new order that count as standing on it.
    """

    state_interval: float = 30.0
    visualization_interval: float = 0.0
    node_tolerance: float = 0.5
    topics: TopicScheme = field(default_factory=TopicScheme)


class RobotSide(RobotReport):
    def __init__(
        self, serial: str, manufacturer: str, factsheet: Factsheet, settings: RobotSettings | None = None
    ) -> None:
        super().__init__()
        self.serial = serial
        self.manufacturer = manufacturer
        self.factsheet = factsheet
        self.settings = settings or RobotSettings()
        self.outbox = RobotOutbox(serial, manufacturer, self.settings.topics)
        self.route = Route()
        self.book = ActionBook()
        self.desk = InstantDesk(self.book, self, factsheet)
        self._state_at: float | None = None
        self._visualized_at: float | None = None

    # ------------------------------------------------------------ connection

    def connected(self, now: float) -> None:
        """The MQTT link is up: say ONLINE (retained), tell the factsheet, then the state at once (6.14)."""
        self.outbox.send(Connection(ConnectionState.ONLINE), now)
        self.outbox.send(self.factsheet, now)
        self.dirty = True
        self.tick(now)

    def disconnecting(self, now: float) -> None:
        """Before leaving in an orderly way: OFFLINE (6.14)."""
        self.outbox.send(Connection(ConnectionState.OFFLINE), now)

    def will(self, now: float) -> Outgoing:
        """Topic, payload, qos, retain of the last will, to be set before connecting."""
        return self.outbox.will(now)

    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        """(topic, qos) to subscribe to."""
        return self.outbox.subscriptions()

    def data_to_send(self) -> list[Outgoing]:
        """(topic, payload, qos, retain) since the last call, oldest first."""
        return self.outbox.take()

    # ------------------------------------------------------------ what fleet control says

    def receive(self, topic: str, payload: bytes, now: float) -> list[RobotEvent]:
        """One MQTT message. Never raises for what it contains."""
        events: list[RobotEvent] = []
        if topic_of(topic) not in TO_ROBOT:
            return [Problem(ProblemKind.WRONG_TOPIC, f"a robot does not listen to {topic[:200]!r}", topic[:200])]
        got = decode(topic, payload)
        if isinstance(got, Received) and self._not_for_us(got):
            text = f"meant for {got.header.manufacturer}/{got.header.serial_number}"
            got = Problem(ProblemKind.WRONG_IDENTITY, text, got.topic, payload[:2048], got.header.header_id)
        if isinstance(got, Problem):
            events.append(got)
            self._rejected(RejectReason.MALFORMED, got.text, (("topic", got.topic),), got.header_id)
        elif isinstance(got.message, Order):
            events += self._on_order(got.message)
        elif isinstance(got.message, InstantActions):
            for action in got.message.actions:
                events += self._on_instant(action, now)
        return events + self.tick(now)

    def _not_for_us(self, got: Received) -> bool:
        return (got.header.manufacturer, got.header.serial_number) != (self.manufacturer, self.serial)

    def _on_order(self, order: Order) -> list[RobotEvent]:
        verdict = judge(order, self._situation())
        if verdict is Taken.REPEAT:
            # Fleet control asks again because it saw no confirmation: show it.
            self.dirty = True
            return []
        if isinstance(verdict, Refusal):
            references = (("orderId", order.order_id), ("orderUpdateId", str(order.order_update_id)))
            self._rejected(verdict.reason, verdict.text, references + verdict.references, None)
            return [OrderRefused(order.order_id, order.order_update_id, verdict.reason, verdict.text)]
        self.forget_rejections()
        return self._take_new(order) if verdict is Taken.NEW else self._take_update(order)

    def _situation(self) -> Situation:
        return Situation(
            order=self.route.order,
            executing=self.executing,
            closed=self.route.closed,
            cancelling=bool(self.desk.cancels),
            last_node_id=self.route.last_node_id,
            last_node_sequence_id=self.route.last_sequence_id,
            on_node=self.route.on_node,
            position=self.position,
            mode=self.mode,
            factsheet=self.factsheet,
            earlier_orders=self.route.earlier,
            known_actions=self.book.entries.keys(),
            tolerance=self.settings.node_tolerance,
        )

    def _take_new(self, order: Order) -> list[RobotEvent]:
        self.desk.remember()
        self.book.new_order()
        first = self.route.begin(order)
        self._book_actions(order, after=-1)
        self.book.trigger(ActionScope.NODE, first.sequence_id)
        return [OrderAccepted(order)]

    def _take_update(self, update: Order) -> list[RobotEvent]:
        before = self.route.edges_left()
        stitch = update.nodes[0].sequence_id
        self.book.forget_horizon(stitch)
        self.route.extend(update)
        self._book_actions(update, after=stitch)
        self.new_base_request = False
        events: list[RobotEvent] = []
        end = update.decision_point
        if end is not None and end.sequence_id > stitch:
            events.append(BaseExtended(update.order_id, update.order_update_id, end.node_id, end.sequence_id))
        was = [(e.sequence_id, e.edge_id) for e in before if not e.released]
        if was != [(e.sequence_id, e.edge_id) for e in update.edges if not e.released]:
            events.append(HorizonChanged(update.order_id, update.order_update_id))
        return events

    def _book_actions(self, order: Order, after: int) -> None:
        parts = [(n.sequence_id, ActionScope.NODE, n.node_id, n.actions) for n in order.nodes]
        parts += [(e.sequence_id, ActionScope.EDGE, e.edge_id, e.actions) for e in order.edges]
        for sequence_id, scope, element_id, actions in sorted(parts, key=lambda part: part[0]):
            if sequence_id > after:
                for action in actions:
                    self.book.add(action, Where(scope, element_id, sequence_id))

    def _on_instant(self, action: Action, now: float) -> list[RobotEvent]:
        self.dirty = True
        order = self.route.order if self.executing or self.desk.cancels else None
        before = self.book.entries.get(action.action_id)
        events = self.desk.take(action, order.order_id if order else None)
        entry = self.book.entries.get(action.action_id)
        asked = action.action_type == "factsheetRequest" and before is None
        if asked and entry is not None and entry.status is ActionStatus.FINISHED:
            self.outbox.send(self.factsheet, now)
        return events

    # ------------------------------------------------------------ what the driver says

    def next_base_target(self) -> DriveTarget | None:
        """The next released edge and node, and whether driving may go on; None at the end of the base."""
        following = next(iter(self.route.nodes_left()), None)
        stops = following is not None and self.book.stops_at(following.sequence_id)
        return self.route.target(self._blocked_by(), stops)

    def _blocked_by(self) -> tuple[str, ...]:
        waiting = tuple(f"action {action_id}" for action_id in self.book.drive_blockers())
        return self.hindrances() + self.desk.hindrances() + waiting

    @property
    def executing(self) -> bool:
        return bool(self.route.nodes_left()) or self.book.order_open

    def start_edge(self, sequence_id: int) -> list[RobotEvent]:
        """The robot begins to drive on the next edge: its actions are triggered. Repeats are ignored.

        Raises LocalProtocolError when it is not the next released edge or driving is not allowed now.
        """
        if self.route.edge_entered == sequence_id:
            return []
        blocked = self._blocked_by()
        if blocked:
            raise LocalProtocolError(f"edge {sequence_id} may not be entered: {', '.join(blocked)}")
        self.route.enter_edge(sequence_id)
        self.book.trigger(ActionScope.EDGE, sequence_id)
        self.dirty = True
        return self._settle()

    def reached_node(self, sequence_id: int) -> list[RobotEvent]:
        """The robot passed this node (and any before it that was not reported): edge actions end, node actions begin.

        Repeats are ignored. Raises LocalProtocolError when the node is not in the base.
        """
        events: list[RobotEvent] = []
        for node in self.route.nodes_to(sequence_id):
            events += self._pass(node)
        return events + self._settle()

    def _pass(self, node: Node) -> list[RobotEvent]:
        stops = self.book.leave_edge(node.sequence_id - 1)
        self.route.passed(node)
        # While a cancel runs the robot may roll to the next node, but nothing new begins there.
        if not self.desk.cancels:
            self.book.trigger(ActionScope.NODE, node.sequence_id)
        self.dirty = True
        return list(stops)

    def action_state(self, action_id: str, status: ActionStatus, result: str | None = None) -> list[RobotEvent]:
        """Progress of a started action. Raises LocalProtocolError for unknown actions and impossible changes."""
        self.dirty |= self.book.report(action_id, status, result)
        return self._settle()

    def interrupted(self) -> tuple[Entry, ...]:
        """After `restore`: actions started before, whose end the driver has to find out and report.

        One still INITIALIZING was never reported RUNNING: a driver that reports and stores RUNNING before it moves
        anything may safely begin it.
        """
        return self.book.in_progress()

    def set_last_node(self, node_id: str) -> None:
        """The robot stands on this node though no order led it there (initPosition, a tag read at the start)."""
        if self.executing:
            raise LocalProtocolError("the last node follows from the order while one is being executed")
        self.route.last_node_id, self.route.on_node = node_id, bool(node_id)
        self.dirty = True

    def set_driving(self, driving: bool) -> list[RobotEvent]:
        """Must be told truly: SOFT and HARD actions, startPause and cancelOrder wait for the robot to stand."""
        self.dirty |= driving != self.driving
        self.driving = driving
        self.route.on_node = self.route.on_node and not (driving and self.route.closed)
        return self._settle()

    def set_operating_mode(self, mode: OperatingMode) -> list[RobotEvent]:
        """Entering or leaving a mode without fleet control clears the order at once (6.10.6, table 1)."""
        if mode is self.mode:
            return []
        cleared = not (mode.takes_orders and self.mode.takes_orders)
        before, self.mode, self.dirty = self.mode, mode, True
        if not cleared or not (self.executing or self.desk.cancels or self.book.in_progress()):
            return []
        why = f"operating mode changed from {before} to {mode}"
        abandoned = self.book.fail_all(why)
        self.desk.forget()
        self._close_route()
        order = self.route.order
        return [OrderCleared(order.order_id if order else "", why, abandoned)]

    # ------------------------------------------------------------ time and messages

    def tick(self, now: float) -> list[RobotEvent]:
        """Make the state message when something changed or the interval is over, and the visualization when due.

        Returns what may begin now; empty but after `restore`, since the other calls return theirs themselves.
        """
        events = self._settle()
        if self.dirty or _due(self._state_at, min(30.0, self.settings.state_interval), now):
            self.dirty = False
            self._state_at = now
            self.outbox.send(self.state(), now)
        every = self.settings.visualization_interval
        if every > 0 and self.position is not None and _due(self._visualized_at, every, now):
            self._visualized_at = now
            self.outbox.send(Visualization(self.position, self.velocity), now)
        return events

    def state(self) -> State:
        order = self.route.order
        return State(
            order_id=order.order_id if order else "",
            order_update_id=order.order_update_id if order else 0,
            last_node_id=self.route.last_node_id,
            last_node_sequence_id=self.route.last_sequence_id,
            driving=self.driving,
            operating_mode=self.mode,
            power_supply=self.power,
            safety_state=self.safety,
            node_states=self.route.node_states(),
            edge_states=self.route.edge_states(),
            action_states=self.book.states(),
            errors=tuple(self.errors),
            position=self.position,
            velocity=self.velocity,
            loads=self.loads,
            paused=self.paused,
            new_base_request=self.new_base_request,
        )

    def _settle(self) -> list[RobotEvent]:
        """What follows from the new situation: pauses and cancels that are done now, actions that may start now."""
        events: list[RobotEvent] = []
        self.dirty |= self.desk.stood() if not self.driving else False
        if self.desk.cancels and not self.driving and not self.book.order_open:
            self.desk.cancel_done()
            self._close_route()
            order_id = self.route.order.order_id if self.route.order else ""
            events.append(OrderCleared(order_id, "the order was cancelled"))
        started = self.book.start_ready(self.driving)
        self.dirty |= bool(started)
        return events + list(started)

    def _close_route(self) -> None:
        self.route.closed, self.route.edge_entered = True, None
        self.new_base_request = False

    def _rejected(
        self, reason: RejectReason, text: str, references: tuple[tuple[str, str], ...], header_id: int | None
    ) -> None:
        extra = () if header_id is None else (("headerId", str(header_id)),)
        self.report_rejection(str(reason), text, references + extra)

    # ------------------------------------------------------------ journal

    def snapshot(self) -> dict[str, Any]:
        """Everything a restarted robot needs to go on, as plain JSON values."""
        return {
            "route": self.route.snapshot(),
            "actions": self.book.snapshot(),
            "headers": self.outbox.headers.snapshot(),
            "mode": str(self.mode),
            "paused": self.paused,
            "instants": self.desk.snapshot(),
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up where `snapshot` was made. Standing is assumed; the driver reports everything physical anew."""
        self.route.restore(saved["route"])
        self.book.restore(saved["actions"])
        self.outbox.headers.restore(saved["headers"])
        self.mode = OperatingMode(saved["mode"])
        self.paused = bool(saved["paused"])
        self.desk.restore(saved["instants"])
        self.driving, self.dirty = False, True


def _due(last: float | None, every: float, now: float) -> bool:
    """A clock set back must not silence the robot: time before the last message counts as due."""
    return last is None or now - last >= every or now < last
