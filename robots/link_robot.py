"""One robot as link knows it: its half of the protocol and the columns of its `RobotState` row.

Not thread-safe; link guards it with one lock. Times: `now` in s since 1970, `at` the same as a datetime.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from .core.clock import RobotClock
from .core.frames import Mark, Status
from .core.status import ACTING_STATES, Facts
from .core.vda5050.codec import decode_body
from .core.vda5050.errors import LocalProtocolError, Problem, ProblemKind
from .core.vda5050.events import (
    ConnectionChanged,
    FactsheetReceived,
    FleetEvent,
    InstantRejected,
    InstantUnconfirmed,
    OrderCancelled,
    OrderConfirmed,
    OrderFailed,
    OrderFinished,
    OrderLost,
    OrderRejected,
    StateChanged,
    UnexpectedOrder,
    VisualizationReceived,
    ZoneSetRefused,
)
from .core.vda5050.fleet_side import FleetSide, Outgoing
from .core.vda5050.messages import InstantActions, Order, Responses, ZoneSet
from .core.vda5050.reports import Factsheet, Position, State, Visualization
from .core.vda5050.topics import Topic
from .history import REST
from .link_columns import QUIET, SECTIONS, paths, scalar_columns, scalars, storable
from .link_history import REST_PERIOD_S, HistoryRow, json_bytes
from .models import RobotState
from .stop_roster import Card

log = logging.getLogger(__name__)

POSITION_PERIOD_S = 1.1
"""How often a position alone is written; a little more than the usual second between states, which bring their own."""
BATTERY_STEP_PCT = 5
BODY_VERSION = "2.1.0"
REFUSED_KEPT = 50
"""Of an outbox row that names none: written before there was another."""
NO_PROBLEM = frozenset({ProblemKind.IMPOSSIBLE, ProblemKind.UNCONFIRMED})
"""Told of a robot, but not of a message of it that could not be read."""
DEFAULTS = {
    column.attname: column.get_default
    for column in RobotState._meta.concrete_fields
    if column.attname not in ("robot_id", "version")
}
LINK_WORD = "link"


@dataclass(slots=True)
class LinkRobot:
    """`epoch`: under which this link may write its row. `light`: position, times, battery, clock or `heavy`: something
    else changed since the row was written. `known`: it has a row. `moved`: its row of the live frame may be another.
    `sheet`: hash of its factsheet. `rows`: states for the history, `bad`: what could not be read, for link to take.
    `refused`: instant actions, by id, that only an error answered, with the robot's words.
    """

    card: Card
    site_pk: int
    live_index: int
    side: FleetSide
    epoch: int = 0
    fields: dict[str, Any] = field(default_factory=lambda: {name: default() for name, default in DEFAULTS.items()})
    order: dict[str, Any] = field(default_factory=dict)
    sheet: str = ""
    light: bool = False
    heavy: bool = False
    urgent: bool = False
    known: bool = False
    side_changed: bool = False
    moved: bool = True
    factsheet: dict[str, Any] | None = None
    position_at: float = 0.0
    spoke_at: float = 0.0
    state_seen: float | None = None
    sent_at: float | None = None
    visualization_seen: float | None = None
    clock: RobotClock = field(default_factory=RobotClock)
    rows: list[HistoryRow] = field(default_factory=list)
    bad: list[Problem] = field(default_factory=list)
    refused: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _last: State | None = None
    _scalars: tuple[Any, ...] = ()
    _rest_changed: bool = True
    _rest_at: float = 0.0
    judged: tuple[bool, Status, Mark] | None = None

    @property
    def dirty(self) -> bool:
        return self.light or self.heavy

    # --- what the robot says ------------------------------------------------------------------------------------------

    def receive(self, topic: str, payload: bytes, *, now: float, at: datetime, retained: bool = False) -> None:
        if retained and self.state_seen is not None and topic.endswith(("/state", "/visualization")):
            return  # it tells how the robot once was; that was read when it was new
        for event in self.side.receive(topic, payload, now):
            if type(event) is StateChanged:
                self._state(event.state, now, at)
            elif type(event) is VisualizationReceived:
                self._visualization(event.visualization, now, at)
            else:
                self._take(event, at)
        self._instants_moved()

    def tick(self, now: float, at: datetime) -> None:
        """Let what is unconfirmed leave again."""
        for event in self.side.tick(now):
            self._take(event, at)
        self._instants_moved()

    def _instants_moved(self) -> None:
        """What was confirmed or given up is stored as that, or the next link would ask for it again."""
        if self.side.instants.unsaved:
            self.side_changed = self.heavy = True

    def _take(self, event: FleetEvent, at: datetime) -> None:
        match event:
            case ConnectionChanged(state):
                self._set("connection", str(state).lower())
                self.fields["connection_at"] = at
            case FactsheetReceived(factsheet):
                self._factsheet(factsheet)
            case Problem(kind, text):
                self._problem(text, at)
                if kind not in NO_PROBLEM:
                    self.bad.append(event)
            case _:
                self._order_event(event, at)

    def _order_event(self, event: FleetEvent, at: datetime) -> None:
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
            case OrderFailed(order_id, why):
                self._problem(f"It cannot go on with order {order_id}: {why}", at)
            case UnexpectedOrder(order_id, update_id):
                self._problem(f"It executes order {order_id!r} (update {update_id}), which we did not send.", at)
            case InstantUnconfirmed(action_id, action_type):
                self._problem(f"It never confirmed {action_type} ({action_id}).", at)
            case InstantRejected(action_id, action_type, text):
                self._problem(f"It refuses {action_type} ({action_id}): {text}", at)
                self.refused[action_id] = text
                if len(self.refused) > REFUSED_KEPT:
                    self.refused.popitem(last=False)
            case ZoneSetRefused(zone_set_id, text):
                self._problem(f"It does not take zone set {zone_set_id}: {text}", at)

    def _order(self, order_id: str, state: str, update_id: int | None = None, text: str = "") -> None:
        newest, refused = self.order.get("order_id", order_id), self.order.get("state") == "rejected"
        if newest != order_id and refused and state not in ("sent", "rejected"):
            return  # the end of an older order must not hide that the newest one was refused
        if newest == order_id and refused and state == "finished":
            return  # only what it had before the refused update: the way is not driven to its end
        if update_id is None:
            update_id = self.order.get("order_update_id", 0)
        self.order = {"order_id": order_id, "order_update_id": update_id, "state": state, "text": text[:300]}
        self.side_changed = self.urgent = self.heavy = True

    def _problem(self, text: str, at: datetime) -> None:
        self._set("problem", storable(text, 300))
        self.fields["problem_at"] = at

    def _set(self, column: str, value: Any) -> None:
        if self.fields[column] != value:
            self.fields[column] = value
            self.heavy = self.urgent = self.moved = True
            self.judged = None

    def _visualization(self, said: Visualization, now: float, at: datetime) -> None:
        self.visualization_seen = now
        self.fields["visualization_at"] = at
        if said.position is not None:
            self._position(said.position)
        if said.planned_path is not None or said.intermediate_path:
            self.fields |= paths(said)
            self.heavy = self.heavy or now - self.position_at >= POSITION_PERIOD_S
        if now - self.position_at >= POSITION_PERIOD_S:
            self.position_at, self.light = now, True

    def _position(self, position: Position) -> None:
        fields = self.fields
        fields["x"], fields["y"], fields["theta"] = position.x, position.y, position.theta
        self.moved = True
        if position.localized is not fields["localized"]:
            self._set("localized", position.localized)
        if position.map_id != fields["map_id"]:
            self._set("map_id", storable(position.map_id, 60))

    def _state(self, state: State, now: float, at: datetime) -> None:
        fields, last, self._last = self.fields, self._last, state
        if last is None or self._scalars != (words := scalars(state)):
            self._scalars = scalars(state) if last is None else words
            for column, value in scalar_columns(state).items():
                if fields[column] != value:
                    fields[column] = value
                    self._changed()
        for attribute, (column, make) in SECTIONS.items():
            value = getattr(state, attribute)
            if last is not None and value is getattr(last, attribute):
                continue
            made = make(state)
            if made != fields[column]:
                fields[column] = made
                self._changed(column)
        if state.position is not None:
            self._position(state.position)
        else:
            self._set("localized", False)
        self._battery(state.power_supply.state_of_charge)
        if fields["problem"]:
            self._set("problem", "")
        if fields["connection"] == "unknown":
            self._set("connection", "online")
        fields["state_at"] = at
        self.state_seen = self.position_at = now
        self.light = self.moved = True
        self._remember(state, now)

    def _changed(self, column: str = "") -> None:
        self.heavy = self._rest_changed = True
        if column not in QUIET:
            self.urgent = True
            self.judged = None

    def _battery(self, level: float) -> None:
        before = self.fields["battery"]
        self.fields["battery"] = level
        if before is None or int(level) != int(before):
            self.judged = None
            if before is None or level // BATTERY_STEP_PCT != before // BATTERY_STEP_PCT:
                self.urgent = True

    def _remember(self, state: State, now: float) -> None:
        """A row for the history, and what the message says about the robot's clock."""
        news, fields = self.side.news, self.fields
        header_id, sent_at, version = (
            (news.header.header_id, news.sent_at, news.header.version) if news else (0, None, "")
        )
        if sent_at is not None:
            self.clock.observe(sent_at, now)
        if version != fields["protocol"]:
            fields["protocol"] = version[:8]
            self._changed()
        self.sent_at = sent_at
        rest = None
        if self._rest_changed or now - self._rest_at >= REST_PERIOD_S:
            rest = json_bytes({name: fields[name] for name in REST})
            self._rest_changed, self._rest_at = False, now
        flags = (
            (1 if fields["driving"] else 0)
            | (2 if fields["paused"] else 0)
            | (4 if fields["charging"] else 0)
            | (8 if fields["localized"] else 0)
            | (16 if fields["field_violation"] else 0)
            | (32 if fields["new_base_request"] else 0)
        )
        self.rows.append(
            HistoryRow(
                self.card.pk, now, sent_at, header_id, fields["x"], fields["y"], fields["theta"],
                fields["map_id"], fields["battery"], flags, fields["order_id"], fields["order_update_id"],
                fields["last_node_id"], rest,
            )
        )  # fmt: skip

    def _factsheet(self, factsheet: Factsheet) -> None:
        document = dict(factsheet.raw) or asdict(factsheet)
        stable = {key: value for key, value in document.items() if key not in ("headerId", "timestamp")}
        text = json.dumps(stable, sort_keys=True, separators=(",", ":"), default=str)
        version = str(document.get("version", ""))[:8] or self.card.protocol
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest == self.sheet:
            return  # the broker keeps it and tells it at every start
        self.sheet = digest
        self.factsheet = {"hash": digest, "document": stable, "version": version}
        self.heavy = True

    # --- what we say --------------------------------------------------------------------------------------------------

    def send(self, kind: str, body: Mapping[str, Any], now: float, *, version: str = BODY_VERSION) -> list[str]:
        """An outbox row: `order`, `instantActions`, `zoneSet` or `responses`; the body in the words of `version`,
        without header.

        Returns the ids of instant actions. Raises LocalProtocolError when it must not be sent; sending it again later
        would not make it right.
        """
        message = decode_body(Topic(kind), body, version)
        self.side_changed = self.heavy = True
        match message:
            case Order():
                if self.side.send(message, now):  # a row that is relayed again says nothing new of its order
                    self._order(message.order_id, "sent", message.order_update_id)
            case InstantActions(actions):
                for action in actions:
                    if action.action_type == "cancelOrder":
                        self.side.cancel(action.action_id, now)
                others = [action for action in actions if action.action_type != "cancelOrder"]
                if others:
                    self.side.instant(others, now)
                return [action.action_id for action in actions]
            case ZoneSet():
                self.side.zone_set(message, now)
            case Responses():
                self.side.respond(message, now)
            case _:
                raise LocalProtocolError(f"{kind} is not something fleet control sends")
        return []

    def refuse(self, body: Mapping[str, Any], text: str, at: datetime | None = None) -> None:
        """Something of ours that the protocol forbids: shown, and told to dispatch as a rejected order."""
        self._problem(text, at or datetime.now(UTC))
        if "orderId" in body:
            self._order(str(body["orderId"]), "rejected", int(body.get("orderUpdateId", 0)), text)
        self.side_changed = self.urgent = self.heavy = True

    def outgoing(self) -> list[Outgoing]:
        """What is to leave now. Its header ids are stored, so that a restart counts on from them (6.4)."""
        if leaving := self.side.data_to_send():
            self.side_changed = self.heavy = True
        return leaving

    # --- what is read -------------------------------------------------------------------------------------------------

    def take_full(self) -> dict[str, Any]:
        """All columns to write; `link` is None when it did not change. The robot counts as clean afterwards."""
        link = None
        if self.side_changed:
            link = self.fields[LINK_WORD] = {"side": self.side.snapshot(), "order": self.order}
        self.light = self.heavy = self.urgent = self.side_changed = False
        sent_at = None if self.sent_at is None else datetime.fromtimestamp(self.sent_at, UTC)
        clock = {"sent_at": sent_at, "clock_offset": self.clock.offset, "clock_spread": self.clock.spread}
        return self.fields | clock | {"robot_id": self.card.pk, LINK_WORD: link}

    def take_light(self) -> tuple[Any, ...]:
        """`link_store.LIGHT` of it; what else changed stays to be written."""
        self.light = False
        get = self.fields.__getitem__
        clock = self.clock
        return (
            self.card.pk, self.state_seen, self.visualization_seen, get("x"), get("y"), get("theta"), get("battery"),
            self.sent_at, clock.offset, clock.spread,
        )  # fmt: skip

    def facts(self, now: float, *, held: bool) -> Facts:
        get = self.fields.get
        acting = any(action["status"] in ACTING_STATES for action in self.fields["action_states"])
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
