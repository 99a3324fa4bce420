"""One robot as link knows it: its half of the protocol and the columns of its `RobotState` row.

Not thread-safe; link guards it with one lock. Times: `now` in s since 1970, `at` the same as a datetime.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from .core.frames import Blip
from .core.status import ACTING_STATES, Facts, judge, marks
from .core.vda5050.codec import decode_body
from .core.vda5050.errors import LocalProtocolError, Problem
from .core.vda5050.events import (
    ConnectionChanged,
    FactsheetReceived,
    FleetEvent,
    InstantUnconfirmed,
    OrderCancelled,
    OrderConfirmed,
    OrderFinished,
    OrderLost,
    OrderRejected,
    StateChanged,
    UnexpectedOrder,
    VisualizationReceived,
)
from .core.vda5050.fleet_side import FleetSettings, FleetSide, Outgoing
from .core.vda5050.messages import InstantActions, Order
from .core.vda5050.reports import Factsheet, Position, State
from .core.vda5050.topics import Topic
from .stop_roster import Card

POSITION_PERIOD_S = 1.0
BATTERY_STEP_PCT = 5
RELEVANT = (
    "connection", "operating_mode", "map_id", "localized", "charging", "driving", "paused", "physical_stop",
    "field_violation", "order_id", "order_update_id", "last_node_id", "last_node_sequence_id", "node_states",
    "action_states", "loads", "errors", "new_base_request", "problem",
)  # fmt: skip
"""What dispatch acts on: a change of one of these is written at once and wakes it."""


@dataclass(slots=True)
class LinkRobot:
    card: Card
    site_pk: int
    live_index: int
    side: FleetSide
    fields: dict[str, Any] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)
    dirty: bool = False
    urgent: bool = False
    side_changed: bool = False
    factsheet: dict[str, Any] | None = None
    position_at: float = 0.0
    state_seen: float | None = None
    visualization_seen: float | None = None

    # --- what the robot says ------------------------------------------------------------------------------------------

    def receive(self, topic: str, payload: bytes, *, now: float, at: datetime) -> None:
        before = self._relevant()
        for event in self.side.receive(topic, payload, now):
            self._take(event, now, at)
        self._compare(before)

    def tick(self, now: float, at: datetime) -> None:
        """Let what is unconfirmed leave again."""
        before = self._relevant()
        for event in self.side.tick(now):
            self._take(event, now, at)
        self._compare(before)

    def _take(self, event: FleetEvent, now: float, at: datetime) -> None:
        match event:
            case VisualizationReceived(visualization):
                self.visualization_seen = now
                self.fields["visualization_at"] = at
                if visualization.position is not None:
                    self._position(visualization.position)
                if now - self.position_at >= POSITION_PERIOD_S:
                    self.position_at, self.dirty = now, True
            case StateChanged(state):
                self._state(state)
                self.state_seen = self.position_at = now
                self.fields |= {"state_at": at, "problem": ""}
                if self.fields.get("connection", "unknown") == "unknown":
                    self.fields["connection"] = "online"
                self.dirty = True
            case ConnectionChanged(state):
                self.fields |= {"connection": str(state).lower(), "connection_at": at}
            case FactsheetReceived(factsheet):
                self._factsheet(factsheet)
            case Problem(_, text):
                self._problem(text)
            case _:
                self._order_event(event)

    def _order_event(self, event: FleetEvent) -> None:
        match event:
            case OrderConfirmed(order_id, update_id):
                self._order(order_id, "confirmed", update_id)
            case OrderRejected(order_id, update_id, reason, text):
                self._order(order_id, "rejected", update_id, f"{reason}: {text}")
            case OrderFinished(order_id, failed):
                self._order(order_id, "finished", text=", ".join(failed))
            case OrderCancelled(order_id, _):
                self._order(order_id, "cancelled")
            case OrderLost(order_id, text):
                self._order(order_id, "lost", text=text)
            case UnexpectedOrder(order_id, update_id):
                self._problem(f"It executes order {order_id!r} (update {update_id}), which we did not send.")
            case InstantUnconfirmed(action_id, action_type):
                self._problem(f"It never confirmed {action_type} ({action_id}).")

    def _order(self, order_id: str, state: str, update_id: int | None = None, text: str = "") -> None:
        newest = self.order.get("order_id", order_id)
        if newest != order_id and self.order.get("state") == "rejected" and state not in ("sent", "rejected"):
            return  # the end of an older order must not hide that the newest one was refused
        if update_id is None:
            update_id = self.order.get("order_update_id", 0)
        self.order = {"order_id": order_id, "order_update_id": update_id, "state": state, "text": text[:300]}
        self.side_changed = self.urgent = self.dirty = True

    def _problem(self, text: str) -> None:
        self.fields["problem"] = text[:300]

    def _position(self, position: Position) -> None:
        self.fields |= {
            "x": position.x,
            "y": position.y,
            "theta": position.theta,
            "map_id": position.map_id[:60],
            "localized": position.localized,
        }

    def _state(self, state: State) -> None:
        self.fields |= state_columns(state)
        if state.position is not None:
            self._position(state.position)
        else:
            self.fields["localized"] = False

    def _factsheet(self, factsheet: Factsheet) -> None:
        document = dict(factsheet.raw) or asdict(factsheet)
        stable = {key: value for key, value in document.items() if key not in ("headerId", "timestamp")}
        text = json.dumps(stable, sort_keys=True, separators=(",", ":"), default=str)
        self.factsheet = {"hash": hashlib.sha256(text.encode()).hexdigest(), "document": stable}
        self.dirty = True

    # --- what we say --------------------------------------------------------------------------------------------------

    def send(self, kind: str, body: Mapping[str, Any], now: float) -> list[str]:
        """An outbox row: `order` or `instantActions` with the body in VDA 5050 2.1 words, without header.

        Returns the ids of instant actions. Raises LocalProtocolError when it must not be sent; sending it again later
        would not make it right.
        """
        message = decode_body(Topic(kind), body)
        self.side_changed = self.dirty = True
        if isinstance(message, Order):
            self.side.send(message, now)
            self._order(message.order_id, "sent", message.order_update_id)
            return []
        if not isinstance(message, InstantActions):
            raise LocalProtocolError(f"{kind} is not something fleet control sends")
        cancels = [action for action in message.actions if action.action_type == "cancelOrder"]
        others = [action for action in message.actions if action.action_type != "cancelOrder"]
        for action in cancels:
            self.side.cancel(action.action_id, now)
        if others:
            self.side.instant(others, now)
        return [action.action_id for action in message.actions]

    def refuse(self, body: Mapping[str, Any], text: str) -> None:
        """Something of ours that the protocol forbids: shown, and told to dispatch as a rejected order."""
        self._problem(text)
        if "orderId" in body:
            self._order(str(body["orderId"]), "rejected", int(body.get("orderUpdateId", 0)), text)
        self.side_changed = self.urgent = self.dirty = True

    def outgoing(self) -> list[Outgoing]:
        return self.side.data_to_send()

    # --- what is read -------------------------------------------------------------------------------------------------

    def take_row(self) -> dict[str, Any]:
        """The columns to write; the robot counts as clean afterwards."""
        if self.side_changed:
            self.fields["link"] = {"side": self.side.snapshot(), "order": self.order}
        self.dirty = self.urgent = self.side_changed = False
        return dict(self.fields)

    def facts(self, now: float, *, held: bool) -> Facts:
        get = self.fields.get
        acting = any(action["status"] in ACTING_STATES for action in get("action_states", ()))
        return Facts(
            connection=get("connection", "unknown"),
            operating_mode=get("operating_mode", ""),
            in_service=self.card.in_service,
            localized=get("localized", False),
            driving=get("driving", False),
            paused=get("paused", False),
            charging=get("charging", False),
            acting=acting,
            pending=acting or bool(get("node_states")),
            held=held,
            loaded=bool(get("loads")),
            physical_stop=get("physical_stop", "NONE"),
            field_violation=get("field_violation", False),
            error_levels=tuple(error["level"] for error in get("errors", ())),
            battery=get("battery"),
            state_age=None if self.state_seen is None else now - self.state_seen,
            visualization_age=None if self.visualization_seen is None else now - self.visualization_seen,
        )

    def blip(self, now: float, *, held: bool, state_s: float, visualization_s: float) -> Blip | None:
        """Its place in a live frame; None while nobody knows where it is."""
        x, y = self.fields.get("x"), self.fields.get("y")
        if x is None or y is None:
            return None
        facts = self.facts(now, held=held)
        found = marks(facts, state_s=state_s, visualization_s=visualization_s)
        return Blip(self.live_index, x, y, self.fields.get("theta") or 0.0, judge(facts), found, facts.battery)

    def _relevant(self) -> tuple[Any, ...]:
        get = self.fields.get
        battery = get("battery")
        step = None if battery is None else int(battery // BATTERY_STEP_PCT)
        return (step, *(get(name) for name in RELEVANT))

    def _compare(self, before: tuple[Any, ...]) -> None:
        if self._relevant() != before:
            self.dirty = self.urgent = True


def new_robot(
    card: Card, *, site_pk: int, live_index: int, row: Mapping[str, Any] | None, factsheet: bytes | None = None
) -> LinkRobot:
    """A robot at link's start: with what the database remembers of it, if it was known before."""
    side = FleetSide(card.serial, card.manufacturer, FleetSettings(topics=card.scheme))
    robot = LinkRobot(card, site_pk, live_index, side)
    if row is not None:
        robot.fields = {name: value for name, value in row.items() if name not in ("robot_id", "version")}
        for column, seen in (("state_at", "state_seen"), ("visualization_at", "visualization_seen")):
            if row[column] is not None:
                setattr(robot, seen, row[column].timestamp())
        saved = row["link"] or {}
        robot.order = saved.get("order") or {}
        if saved.get("side"):
            side.restore(saved["side"])
    return robot


def state_columns(state: State) -> dict[str, Any]:
    """A VDA 5050 state as the columns of `RobotState`, without the position."""
    stop = str(state.safety_state.active_emergency_stop)
    return {
        "operating_mode": str(state.operating_mode),
        "battery": state.power_supply.state_of_charge,
        "charging": state.power_supply.charging,
        "driving": state.driving,
        "paused": bool(state.paused),
        "physical_stop": stop,
        "field_violation": state.safety_state.field_violation,
        "order_id": state.order_id[:80],
        "order_update_id": state.order_update_id,
        "last_node_id": state.last_node_id[:60],
        "last_node_sequence_id": state.last_node_sequence_id,
        "node_states": [
            {"node_id": node.node_id, "sequence_id": node.sequence_id, "released": node.released}
            for node in state.node_states
        ],
        "action_states": [
            {
                "action_id": action.action_id,
                "action_type": action.action_type or "",
                "status": str(action.status),
                "result": action.result or "",
            }
            for action in state.all_action_states
        ],
        "loads": None
        if state.loads is None
        else [{"load_id": load.load_id, "load_type": load.load_type, "weight": load.weight} for load in state.loads],
        "errors": [
            {
                "type": error.error_type,
                "level": str(error.level),
                "description": error.description or "",
                "hint": error.hint or "",
                "references": [{"key": reference.key, "value": reference.value} for reference in error.references],
            }
            for error in state.errors
        ],
        "new_base_request": bool(state.new_base_request),
    }
