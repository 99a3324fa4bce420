"""The mobile robot's half of VDA 5050, without any connection: receive, events, data to send.

The driver calls `receive` with what arrives, acts on the events, reports what the hardware does through the setters,
calls `tick` often, and sends what `data_to_send` gives. Several changes between two ticks make one state message
(6.10). To survive a restart it stores `snapshot()` before it acts on events, and calls `restore` afterwards: an action
that was started is never started again; `interrupted()` names those whose end is unknown. `RobotSettings.version` says
which VDA 5050 it speaks; inside, all is in the words of 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from . import actions as rules
from .codec import Received, decode
from .error_types import RejectReason
from .errors import Problem, ProblemKind
from .events import (
    GrantReceived,
    RobotEvent,
    ZoneSetReceived,
)
from .messages import Action, ActionScope, InstantActions, Order, Responses, ZoneSet
from .reports import (
    ActionState,
    ActionStatus,
    Connection,
    ConnectionState,
    Factsheet,
    OperatingMode,
    State,
    Visualization,
)
from .robot_outbox import Outgoing, RobotOutbox
from .robot_settings import RobotSettings as RobotSettings
from .robot_taking import RobotTaking
from .topics import topic_of

_OF_ORDER = (ActionScope.NODE, ActionScope.EDGE)


class RobotSide(RobotTaking):
    def __init__(
        self, serial: str, manufacturer: str, factsheet: Factsheet, settings: RobotSettings | None = None
    ) -> None:
        settings = settings or RobotSettings()
        declared = tuple(replace(a, action_type=rules.canonical(a.action_type)) for a in factsheet.actions)
        super().__init__(replace(factsheet, actions=declared), settings)
        self.serial = serial
        self.manufacturer = manufacturer
        self.outbox = RobotOutbox(serial, manufacturer, settings)
        self._state_at: float | None = None
        self._visualized_at: float | None = None

    @property
    def changes(self) -> int:
        """Grows with maps, zone sets, requests and hibernation: what a driver has to store besides orders."""
        return self.shelf.changes + self.requests.changes + self.sleep.changes

    # ------------------------------------------------------------ connection

    def connected(self, now: float) -> None:
        """The MQTT link is up: say ONLINE (retained), tell the factsheet, then the state at once (6.14).

        A robot that hibernates says so instead and stays silent (3.0 6.5).
        """
        self.sleep.off, self.sleep.news = False, None
        if self.sleep.hibernating:
            self.outbox.send(Connection(ConnectionState.HIBERNATING), now)
            return
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
        if topic_of(topic) not in self.settings.heard:
            return [Problem(ProblemKind.WRONG_TOPIC, f"a robot does not listen to {topic[:200]!r}", topic[:200])]
        got = decode(topic, payload)
        if isinstance(got, Received):
            got = self._not_for_us(got, payload) or got
        if self.sleep.silent:
            return self._while_asleep(got, now)
        if isinstance(got, Problem):
            extra = () if got.header_id is None else (("headerId", str(got.header_id)),)
            self.refuse(RejectReason.MALFORMED, got.text, (("topic", got.topic), *extra))
            return [got, *self.tick(now)]
        return self._heard(got.message, now) + self.tick(now)

    def _not_for_us(self, got: Received, payload: bytes) -> Problem | None:
        header = got.header
        raw = payload[:2048]
        if (header.manufacturer, header.serial_number) != (self.manufacturer, self.serial):
            text = f"meant for {header.manufacturer}/{header.serial_number}"
            return Problem(ProblemKind.WRONG_IDENTITY, text, got.topic, raw, header.header_id)
        if header.version[:1] != self.settings.version[:1]:
            text = f"written in VDA 5050 {header.version[:20]}; this robot speaks {self.settings.version}"
            return Problem(ProblemKind.WRONG_VERSION, text, got.topic, raw, header.header_id)
        return None

    def _while_asleep(self, got: Received | Problem, now: float) -> list[RobotEvent]:
        """3.0 6.2.3.1: only stopHibernation is answered; a robot that was shut down answers nothing."""
        if isinstance(got, Problem) or not isinstance(got.message, InstantActions) or self.sleep.off:
            return []
        waking = [a for a in got.message.actions if a.action_type == "stopHibernation"]
        return [e for a in waking for e in self._on_instant(a, now)] + self.tick(now)

    def _heard(self, message: object, now: float) -> list[RobotEvent]:
        events: list[RobotEvent] = []
        match message:
            case Order():
                return self.on_order(message)
            case InstantActions():
                for action in message.actions:
                    events += self._on_instant(rules.understood(action), now)
            case ZoneSet():
                if self.store_zone_set(message):
                    events.append(ZoneSetReceived(message))
            case Responses():
                for response in message.responses:
                    if self.requests.answer(response, now):
                        self.dirty = True
                        events.append(GrantReceived(response))
                self._tell_losses()
        return events

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

    # ------------------------------------------------------------ time and messages

    def tick(self, now: float) -> list[RobotEvent]:
        """Make the state message when something changed or the interval is over, and the visualization when due.

        Returns what may begin now: after `restore`, and when a hibernation is over.
        """
        events: list[RobotEvent] = []
        if self.sleep.due(now):
            events += self.sleep.wake()
        if self.requests.expire(now):
            self.dirty = True
            self._tell_losses()
        events += self._settle()
        if self.sleep.silent:
            return events
        if self.sleep.news is ConnectionState.ONLINE:
            self._tell_connection(now)
        if self.dirty or _due(self._state_at, min(30.0, self.settings.state_interval), now):
            self.dirty = False
            self._state_at = now
            self.outbox.send(self.state(), now)
        if self.sleep.news is not None:
            self._tell_connection(now)  # the state that says FINISHED has left before it (3.0 6.2.3.1)
            return events
        every = self.settings.visualization_interval
        if every > 0 and self.position is not None and _due(self._visualized_at, every, now):
            self._visualized_at = now
            self.outbox.send(self._visualization(), now)
        return events

    def _tell_connection(self, now: float) -> None:
        news, self.sleep.news = self.sleep.news, None
        if news is not None:
            self.dirty |= news is ConnectionState.ONLINE
            self.outbox.send(Connection(news), now)

    def _visualization(self) -> Visualization:
        paths = (self.planned_path, self.intermediate_path) if self.settings.three else (None, ())
        return Visualization(self.position, self.velocity, *paths)

    def state(self) -> State:
        order = self.route.order
        state = State(
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
            action_states=self._spelled(*(_OF_ORDER if self.settings.three else ())),
            errors=tuple(self.errors),
            position=self.position,
            velocity=self.velocity,
            loads=self.loads,
            paused=self.paused,
            new_base_request=self.new_base_request,
            maps=self.shelf.maps,
        )
        return self._more(state) if self.settings.three else state

    def _more(self, state: State) -> State:
        """What only 3.0 has."""
        return replace(
            state,
            instant_action_states=self._spelled(ActionScope.INSTANT),
            zone_action_states=self._spelled(ActionScope.ZONE),
            zone_sets=self.shelf.zone_infos(),
            zone_requests=self.requests.zone_requests(),
            edge_requests=self.requests.edge_requests(),
            planned_path=self.planned_path,
            intermediate_path=self.intermediate_path,
        )

    def _spelled(self, *scopes: ActionScope) -> tuple[ActionState, ...]:
        """Action states with the names that the version has for their types."""
        states = self.book.states(*scopes)
        older = {"initializePosition"} if not self.settings.three else set()
        if not any(state.action_type in older for state in states):
            return states
        version = self.settings.version
        return tuple(
            replace(s, action_type=rules.ACTIONS[s.action_type].name(version)) if s.action_type in older else s
            for s in states
        )

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
            "shelf": self.shelf.snapshot(),
            "requests": self.requests.snapshot(),
            "sleep": self.sleep.snapshot(),
            "zone_actions": self._zone_actions,
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up where `snapshot` was made. Standing is assumed; the driver reports everything physical anew."""
        self.route.restore(saved["route"])
        self.book.restore(saved["actions"])
        self.outbox.headers.restore(saved["headers"])
        self.mode = OperatingMode(saved["mode"])
        self.paused = bool(saved["paused"])
        self.desk.restore(saved["instants"])
        if "shelf" in saved:  # absent in journals of releases without 3.0
            self.shelf.restore(saved["shelf"])
            self.requests.restore(saved["requests"])
            self.sleep.restore(saved["sleep"])
            self._zone_actions = int(saved["zone_actions"])
        self.driving, self.dirty = False, True
        self._tell_losses()


def _due(last: float | None, every: float, now: float) -> bool:
    """A clock set back must not silence the robot: time before the last message counts as due."""
    return last is None or now - last >= every or now < last
