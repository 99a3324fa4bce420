"""Fleet control's half of VDA 5050 for one robot, without any connection: receive, events, data to send.

What we send is checked and raises LocalProtocolError; what the robot sends is recorded and never raises. Acceptance is
read from the robot's state, never from publishing (6.10.6): until then `tick` sends again, with growing intervals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import actions as rules
from .codec import V2_1, Received, decode, encode
from .errors import LocalProtocolError, Problem, ProblemKind
from .events import (
    ConnectionChanged,
    ErrorsChanged,
    FactsheetReceived,
    FleetEvent,
    InstantUnconfirmed,
    OrderCancelled,
    UnexpectedOrder,
    VisualizationReceived,
)
from .fleet_track import Ended, OrderTrack, restore_track
from .fleet_watch import differences
from .headers import HeaderCounters, Latest
from .messages import Action, InstantActions, Order
from .orders import check_order
from .reports import ActionStatus, Connection, ConnectionState, Factsheet, State, Visualization
from .robot_orders import usable
from .topics import FROM_ROBOT, Topic, TopicScheme, topic_of, valid_id
from .v2 import ACTION

FIRST_RESEND_S = 1.0
LONGEST_RESEND_S = 16.0
INSTANT_TRIES = 6

Outgoing = tuple[str, bytes, int, bool]


@dataclass(frozen=True, slots=True)
class FleetSettings:
    """`trust_factsheet` False: send what the factsheet does not declare (a quirk some robots need)."""

    topics: TopicScheme = field(default_factory=TopicScheme)
    trust_factsheet: bool = True


@dataclass(slots=True)
class Resend:
    """When something unconfirmed leaves again: after 1, 2, 4, ... 16 s."""

    sent_at: float = 0.0
    tries: int = 0

    def due(self, now: float) -> bool:
        wait = min(FIRST_RESEND_S * 2 ** min(self.tries - 1, 10), LONGEST_RESEND_S)
        return self.tries == 0 or now - self.sent_at >= wait or now < self.sent_at

    def sent(self, now: float) -> None:
        self.sent_at = now
        self.tries += 1


class FleetSide:
    def __init__(self, serial: str, manufacturer: str, settings: FleetSettings | None = None) -> None:
        self.serial = serial
        self.manufacturer = manufacturer
        self.settings = settings or FleetSettings()
        self.headers = HeaderCounters(V2_1.number, manufacturer, serial)
        self.state: State | None = None
        self.state_at: float | None = None
        self.connection: ConnectionState | None = None
        self.factsheet: Factsheet | None = None
        self.track: OrderTrack | None = None
        self._order_resend = Resend()
        self._instants: dict[str, tuple[Action, Resend]] = {}
        self._latest = {topic: Latest() for topic in (Topic.STATE, Topic.VISUALIZATION)}
        self._strange: tuple[str, int] | None = None
        self._outgoing: list[Outgoing] = []

    def subscriptions(self) -> tuple[tuple[str, int], ...]:
        """(topic, qos) of everything this robot publishes."""
        build = self.settings.topics.build
        return tuple((build(self.manufacturer, self.serial, topic), topic.qos) for topic in FROM_ROBOT)

    def data_to_send(self) -> list[Outgoing]:
        """(topic, payload, qos, retain) since the last call, oldest first. Never retained."""
        out, self._outgoing = self._outgoing, []
        return out

    # ------------------------------------------------------------ what the robot says

    def receive(self, topic: str, payload: bytes, now: float) -> list[FleetEvent]:
        """One MQTT message of this robot. Never raises for what it contains. Stragglers and repeats give no event."""
        if topic_of(topic) not in FROM_ROBOT:
            return [Problem(ProblemKind.WRONG_TOPIC, f"robots do not publish on {topic[:200]!r}", topic[:200])]
        got = decode(topic, payload)
        if isinstance(got, Problem):
            return [got]
        if not self._from_our_robot(topic, got):
            text = f"{got.header.manufacturer}/{got.header.serial_number} wrote on {topic[:200]}"
            return [Problem(ProblemKind.WRONG_IDENTITY, text, got.topic, payload[:2048], got.header.header_id)]
        latest = self._latest.get(got.topic)
        if latest is not None and got.header.timestamp and not latest.is_news(got.header, now):
            return []
        match got.message:
            case State() as state:
                return self._on_state(state, now)
            case Connection() as connection:
                return self._on_connection(connection, now)
            case Factsheet() as factsheet:
                self.factsheet = factsheet
                return [FactsheetReceived(factsheet)]
            case Visualization() as visualization:
                return [VisualizationReceived(visualization)]
        return []

    def _from_our_robot(self, topic: str, got: Received) -> bool:
        address = self.settings.topics.parse(topic)
        if address is not None and (address.manufacturer, address.serial) != (self.manufacturer, self.serial):
            return False
        if not got.header.serial_number and got.topic is Topic.VISUALIZATION:
            return True
        return (got.header.manufacturer, got.header.serial_number) == (self.manufacturer, self.serial)

    def _on_connection(self, connection: Connection, now: float) -> list[FleetEvent]:
        """In order of arrival: the header of a last will is always old (6.14)."""
        previous, self.connection = self.connection, connection.state
        if connection.state is ConnectionState.ONLINE:
            for latest in self._latest.values():
                latest.forget()
            self._order_resend = Resend(self._order_resend.sent_at, min(self._order_resend.tries, 1))
        return [] if previous is connection.state else [ConnectionChanged(connection.state, previous)]

    def _on_state(self, state: State, now: float) -> list[FleetEvent]:
        previous, self.state, self.state_at = self.state, state, now
        events = differences(previous, state)
        appeared = next((e.appeared for e in events if isinstance(e, ErrorsChanged)), ())
        if self.track is not None:
            waiting = len(self.track.pending)
            events += self.track.observe(state, appeared)
            if len(self.track.pending) < waiting:
                self._order_resend = Resend()
                self._send_head(now)
        for action in state.all_action_states:
            self._instants.pop(action.action_id, None)
        events += self._watch_cancel(state, now)
        events += self._watch_strangers(state)
        return events

    def _watch_cancel(self, state: State, now: float) -> list[FleetEvent]:
        """A cancel that failed although the order runs (it overtook the order on the way) is asked for anew."""
        track = self.track
        if track is None or not track.cancel_id:
            return []
        status = next((a.status for a in state.all_action_states if a.action_id == track.cancel_id), None)
        if status is None or not status.final:
            return []
        failed, track.cancel_id = track.cancel_id, ""
        had_none = status is ActionStatus.FAILED
        if had_none and state.order_id == track.order_id and state.node_states:
            text = f"cancelOrder failed although order {track.order_id} is still being executed; asking again"
            stem, _, tries = failed.partition(".again")
            self.cancel(f"{stem}.again{int(tries or 1) + 1}", now)
            return [Problem(ProblemKind.IMPOSSIBLE, text, Topic.STATE)]
        track.ended = track.ended or Ended.CANCELLED
        return [OrderCancelled(track.order_id, had_none)]

    def _watch_strangers(self, state: State) -> list[FleetEvent]:
        """An order under way that is not ours, or that we gave up: told once."""
        strange = (state.order_id, state.order_update_id)
        ours = self.track is not None and self.track.order_id == state.order_id
        given_up = ours and self.track is not None and self.track.ended in (Ended.CANCELLED, Ended.REJECTED)
        if not state.node_states or (ours and not given_up):
            self._strange = None
            return []
        if self._strange == strange:
            return []
        self._strange = strange
        return [UnexpectedOrder(*strange)]

    # ------------------------------------------------------------ what we say

    def send(self, order: Order, now: float) -> None:
        """Send a new order or an update, whichever `order` is; the same message again changes nothing.

        Raises LocalProtocolError as `send_order` and `update_order` do.
        """
        if self.track is not None and order.order_id == self.track.order_id:
            self.update_order(order, now)
        else:
            self.send_order(order, now)

    def send_order(self, order: Order, now: float) -> None:
        """Begin a new order. Raises LocalProtocolError when it is not valid, the robot is not free, its mode takes no
        orders, or its factsheet rules the order out."""
        if self.track is not None and self.track.knows(order):
            return
        check_order(order, None)
        if self.track is not None and (self.track.ended is None or self.track.pending):
            raise LocalProtocolError(
                f"order {self.track.order_id} is not finished; wait for its end or cancel it before {order.order_id}"
            )
        if self.state is not None and not self.state.operating_mode.takes_orders:
            raise LocalProtocolError(f"operating mode {self.state.operating_mode} takes no orders")
        self._check_factsheet(order)
        self.track = OrderTrack(order.order_id, [order])
        self._order_resend = Resend()
        self._send_head(now)

    def update_order(self, update: Order, now: float) -> None:
        """Extend the base or replace the horizon. Leaves as soon as everything before it is confirmed.

        Raises LocalProtocolError when there is no order to update or the update does not continue it.
        """
        if self.track is None or self.track.order_id != update.order_id:
            raise LocalProtocolError(f"there is no order {update.order_id} to update; send it as a new order")
        if self.track.knows(update):
            return
        self._check_factsheet(update)
        self.track.add(update)
        if len(self.track.pending) == 1:
            self._order_resend = Resend()
            self._send_head(now)

    def _check_factsheet(self, order: Order) -> None:
        if self.factsheet is None or not self.settings.trust_factsheet:
            return
        refusal = usable(order, self.factsheet)
        if refusal is not None:
            raise LocalProtocolError(f"the robot's factsheet rules this order out: {refusal.text}")

    def cancel(self, action_id: str, now: float) -> None:
        """Cancel whatever the robot executes; unconfirmed updates are not sent any more. Ends with OrderCancelled."""
        if self.track is not None and self.track.cancel_id == action_id:
            return
        if self.track is not None and self.track.ended is None:
            self.track.pending = []
            self.track.cancel_id = action_id
        self.instant([rules.instant("cancelOrder", action_id)], now)

    def forget_order(self) -> None:
        """Stop tracking the order (a person settled it); nothing is sent."""
        self.track = None

    def instant(self, actions: Sequence[Action], now: float) -> None:
        """Send instant actions. Repeated until a state names them where that is harmless, see `ActionRule`.

        Raises LocalProtocolError for an empty list or an id that 6.1.2 does not permit.
        """
        if not actions:
            raise LocalProtocolError("instantActions needs at least one action")
        for action in actions:
            if not valid_id(action.action_id):
                raise LocalProtocolError(f"actionId {action.action_id!r} may only have letters, digits and _ - . :")
        for action in actions:
            rule = rules.ACTIONS.get(action.action_type)
            if rule is not None and rule.counter:
                overtaken = [k for k, (a, _) in self._instants.items() if a.action_type == rule.counter]
                for action_id in overtaken:
                    del self._instants[action_id]
            resend = Resend()
            resend.sent(now)
            self._instants[action.action_id] = (action, resend)
        self._publish(InstantActions(tuple(actions)), Topic.INSTANT_ACTIONS, now)

    # ------------------------------------------------------------ time

    def tick(self, now: float) -> list[FleetEvent]:
        """Send again what is due. Calling it more often changes nothing."""
        self._send_head(now)
        events: list[FleetEvent] = []
        for action_id, (action, resend) in list(self._instants.items()):
            if not resend.due(now):
                continue
            rule = rules.ACTIONS.get(action.action_type)
            endless = rule is not None and rule.stops
            if rule is None or not rule.repeatable or (resend.tries >= INSTANT_TRIES and not endless):
                del self._instants[action_id]
                events.append(InstantUnconfirmed(action_id, action.action_type))
                continue
            resend.sent(now)
            self._publish(InstantActions((action,)), Topic.INSTANT_ACTIONS, now)
        return events

    def _send_head(self, now: float) -> None:
        track = self.track
        if track is None or not track.pending or not self._order_resend.due(now):
            return
        self._order_resend.sent(now)
        header_id = self._publish(track.pending[0], Topic.ORDER, now)
        track.header_ids = [*track.header_ids, header_id][-16:]

    def _publish(self, message: Order | InstantActions, topic: Topic, now: float) -> int:
        header = self.headers.next(topic, now)
        full = self.settings.topics.build(self.manufacturer, self.serial, topic)
        self._outgoing.append((full, encode(message, header), topic.qos, topic.retain))
        return header.header_id

    # ------------------------------------------------------------ restart

    def snapshot(self) -> dict[str, Any]:
        """What a restarted link needs to go on, as plain JSON values."""
        return {
            "headers": self.headers.snapshot(),
            "track": None if self.track is None else self.track.snapshot(),
            "instants": [ACTION.write(action) for action, _ in self._instants.values()],
            "latest": {str(topic): latest.snapshot() for topic, latest in self._latest.items()},
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up where `snapshot` was made; whatever was unconfirmed leaves again at the next `tick`."""
        self.headers.restore(saved["headers"])
        self.track = None if saved["track"] is None else restore_track(saved["track"])
        self._order_resend = Resend()
        actions: list[Action] = [ACTION.read(body) for body in saved["instants"]]
        self._instants = {action.action_id: (action, Resend()) for action in actions}
        for topic, latest in self._latest.items():
            latest.restore(saved["latest"][topic])
