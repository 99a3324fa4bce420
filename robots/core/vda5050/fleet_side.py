"""Fleet control's half of VDA 5050 for one robot, without any connection: receive, events, data to send.

What we send is checked and raises LocalProtocolError; what the robot sends is recorded and never raises. Acceptance is
read from the robot's state, never from publishing (6.10.6): until then `tick` sends again, with growing intervals. The
robot's type (`Quirks`) says which version is spoken and how; everything inside is in the words of 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import actions as rules
from . import checks
from .codec import Received, decode
from .errors import LocalProtocolError, Problem, ProblemKind
from .events import (
    ConnectionChanged,
    ErrorsChanged,
    FactsheetReceived,
    FleetEvent,
    HibernationChanged,
    InstantRejected,
    StateChanged,
    UnexpectedOrder,
    VisualizationReceived,
)
from .fleet_instants import (
    Asked,
    Held,
    Resend,
    check_ids,
    check_situation,
    check_version,
    to_clear,
)
from .fleet_orders import FleetOrders
from .fleet_speech import Outgoing as Outgoing
from .fleet_track import Ended, OrderTrack, restore_track
from .fleet_watch import differences, unchanged
from .fleet_wire import Dress, dress_for, dressed_action, instants_dress
from .fleet_zones import Offered, ZoneDesk, check_responses
from .headers import Latest
from .memo import Memo
from .messages import Action, InstantActions, Responses, ZoneSet
from .quirks import Quirks
from .reports import Connection, ConnectionState, Factsheet, State, Visualization
from .topics import FROM_ROBOT, Topic, topic_of


class FleetSide(FleetOrders):
    def __init__(self, serial: str, manufacturer: str, quirks: Quirks | None = None) -> None:
        super().__init__(serial, manufacturer, quirks)
        self.state_at: float | None = None
        self.news: Received | None = None
        """The last message that was used: its header, and the robot's own time for it."""
        self.zones = ZoneDesk()
        self._latest = {topic: Latest() for topic in (Topic.STATE, Topic.VISUALIZATION)}
        self._memos = {topic: Memo() for topic in (Topic.STATE, Topic.VISUALIZATION)}
        self._raw_state: State | None = None
        self._strange: tuple[str, int] | None = None

    # ------------------------------------------------------------ what the robot says

    def receive(self, topic: str, payload: bytes, now: float) -> list[FleetEvent]:
        """One MQTT message of this robot. Never raises for what it contains. Stragglers and repeats give no event."""
        name = topic_of(topic)
        if name is None or name not in FROM_ROBOT:
            return [Problem(ProblemKind.WRONG_TOPIC, f"robots do not publish on {topic[:200]!r}", topic[:200])]
        got = decode(topic, payload, memo=self._memos.get(name))
        if isinstance(got, Problem):
            return [self._explained(got)]
        if (bad := self._not_for_us(topic, got)) is not None:
            return [Problem(bad[0], bad[1], got.topic, payload[:2048], got.header.header_id)]
        latest = self._latest.get(got.topic)
        if latest is not None and got.header.timestamp and not latest.is_news(got.header, now):
            return []
        self.news = got
        match got.message:
            case State() as state:
                return self._on_state(state, now)
            case Visualization() as visualization:
                seen = self.numbering.visualization(visualization) if self._numeric else visualization
                return [VisualizationReceived(seen)]
            case Connection() as connection:
                return self._on_connection(connection)
            case Factsheet() as factsheet:
                self.factsheet = factsheet
                return [FactsheetReceived(factsheet)]
        return []

    def _explained(self, bad: Problem) -> Problem:
        """Words of one version under the number of another: the number is what is wrong."""
        if bad.kind is not ProblemKind.WRONG_CONTENT or not bad.version or self.quirks.reads(bad.version):
            return bad
        return replace(bad, kind=ProblemKind.WRONG_VERSION, text=_unread(bad.version))

    def _not_for_us(self, topic: str, got: Received) -> tuple[ProblemKind, str] | None:
        header = got.header
        address = self.quirks.topics.parse(topic)
        if address is not None and (address.manufacturer, address.serial) != (self.manufacturer, self.serial):
            return ProblemKind.WRONG_IDENTITY, f"{topic[:200]} is the topic of another robot"
        bare = not header.serial_number and got.topic is Topic.VISUALIZATION
        if not bare and (header.serial_number != self.serial or header.manufacturer != self.manufacturer):
            text = f"{header.manufacturer}/{header.serial_number} wrote on {topic[:200]}"
            return ProblemKind.WRONG_IDENTITY, text
        if not bare and not self.quirks.reads(header.version):
            return ProblemKind.WRONG_VERSION, _unread(header.version)
        return None

    def _on_connection(self, connection: Connection) -> list[FleetEvent]:
        """In order of arrival: the header of a last will is always old (6.14)."""
        previous, self.connection = self.connection, connection.state
        if connection.state is ConnectionState.ONLINE:
            for latest in self._latest.values():
                latest.forget()
            self._order_resend = Resend(self._order_resend.sent_at, min(self._order_resend.tries, 1))
        if previous is connection.state:
            return []
        events: list[FleetEvent] = [ConnectionChanged(connection.state, previous)]
        if self.hibernating:
            events.append(HibernationChanged(True))
            self.instants.drop("startHibernation")
            if self.track is not None:
                events += self.track.lose("the robot hibernates, which clears its order (3.0 6.6.7)")
        elif previous is ConnectionState.HIBERNATING:
            events.append(HibernationChanged(False))
        return events

    def _on_state(self, raw: State, now: float) -> list[FleetEvent]:
        previous, self.state_at = self.state, now
        state = raw
        if self._numeric:
            state, self._raw_state = self.numbering.state(raw, previous, self._raw_state), raw
        self.state = state
        if not self._look_again and unchanged(previous, state):
            return [StateChanged(state, previous)]
        self._look_again = False
        events = differences(previous, state)
        # After a restart everything looks new, and an old rejection would fail the order that is under way (D72).
        appeared = next((e.appeared for e in events if isinstance(e, ErrorsChanged)), ()) if previous else ()
        self.instants.named(state.all_action_states)
        events += self.instants.refused(appeared or (() if previous else state.errors))
        events += self.zones.observe(state, appeared)
        if self.track is not None:
            if any(isinstance(e, InstantRejected) and e.action_id == self.track.cancel_id for e in events):
                self.track.cancel_id = ""  # it cannot be cancelled: the order goes on
            events += self._observe(self.track, state, appeared, now)
            self._look_again = self.track.blank > 0
        events += self._watch_strangers(state)
        self._clear_lists(state, now)
        return events

    def _observe(self, track: OrderTrack, state: State, appeared: Any, now: float) -> list[FleetEvent]:
        waiting = len(track.pending)
        events = track.observe(state, appeared, self.quirks)
        if len(track.pending) < waiting:
            self._order_resend = Resend()
            self._send_head(now)
        if track.cancel_id:
            ended, again = track.watch_cancel(state)
            events += ended
            if again:
                text = f"cancelOrder failed although order {track.order_id} is still being executed; asking again"
                self.cancel(again, now)
                events.append(Problem(ProblemKind.IMPOSSIBLE, text, Topic.STATE))
        return events

    def _watch_strangers(self, state: State) -> list[FleetEvent]:
        """An order under way that is not ours, or that we gave up: told once."""
        strange = (state.order_id, state.order_update_id)
        ours = self.track is not None and self.track.order_id == state.order_id
        given_up = ours and self.track is not None and self.track.ended in _GIVEN_UP
        if not state.node_states or (ours and not given_up):
            self._strange = None
            return []
        if self._strange == strange:
            return []
        self._strange = strange
        return [UnexpectedOrder(*strange)]

    def _clear_lists(self, state: State, now: float) -> None:
        """3.0 asks for it as soon as practical (D89); not while an open cancel has to be seen ending."""
        if not self.three or self.hibernating or (self.track is not None and self.track.cancel_id):
            return
        for name in to_clear(state, self.factsheet):
            action = rules.instant(name, f"clear.{self.headers.next_ids.get(Topic.INSTANT_ACTIONS, 0)}.{int(now)}")
            under_way = any(asked.action.action_type == name for asked in self.instants.asked.values())
            if not under_way and not self._held().back(action):
                self._ask([action], now)

    # ------------------------------------------------------------ instant actions, zones

    def cancel(self, action_id: str, now: float) -> None:
        """Cancel what the robot executes; unconfirmed updates are not sent any more. Ends with OrderCancelled.

        3.0 is told which order is meant, so that a late copy cannot cancel the next one.
        """
        if self.track is not None and self.track.cancel_id == action_id:
            return
        order_id: str | None = None
        if self.track is not None and self.track.ended is None:
            self.track.pending = []
            self.track.cancel_id = action_id
            order_id = self.track.order_id
        elif self.state is not None and self.state.executing:
            order_id = self.state.order_id or None
        self.instant([rules.instant("cancelOrder", action_id, orderId=order_id)], now)

    def instant(self, actions: Sequence[Action], now: float) -> None:
        """Send instant actions. Repeated until a state names them where that is harmless, see `ActionRule`.

        Raises LocalProtocolError for an empty list, an id that 6.1.2 does not permit, or an action that the robot's
        version, factsheet, mode or situation rules out.
        """
        check_ids(actions)
        held = self._held()
        for action in actions:
            check_version(action, self.quirks.version, self._sheet)
            held.check(action)
            check_situation(action, self.state)
            rule = rules.rule_of(action.action_type)
            if self._sheet is None or (rule is not None and rule.stops):
                continue  # no factsheet keeps a stop from being sent
            said = dressed_action(action, Dress(self.quirks.version))
            if (bad := checks.instant_refusal(said, self._sheet)) is not None:
                raise LocalProtocolError(f"the robot's factsheet rules {action.action_id} out: {bad}")
        self._ask([action for action in actions if not held.back(action)], now)
        for action in actions:
            if held.back(action):
                self.instants.hold(action)

    def _held(self) -> Held:
        return Held(None if self.state is None else self.state.operating_mode, self.hibernating)

    def _ask(self, actions: Sequence[Action], now: float) -> None:
        """In messages no longer than the robot takes."""
        most = checks.limit(self._sheet, "instantActions") if self._sheet is not None else 0
        size = most or max(len(actions), 1)
        for start in range(0, len(actions), size):
            self._say([self.instants.take(action, now) for action in actions[start : start + size]], now)

    def _say(self, asked: Sequence[Asked], now: float) -> None:
        dress = instants_dress(self.quirks, [item.action for item in asked], self._sheet)
        message = InstantActions(tuple(dressed_action(item.action, dress) for item in asked))
        header_id = self._publish(self.numbering.instants(message) if self._numeric else message, now)
        for item in asked:
            item.header_ids = [*item.header_ids, header_id][-4:]

    def zone_set(self, zone_set: ZoneSet, now: float) -> None:
        """Send a zone set (3.0). Ends with ZoneSetConfirmed or ZoneSetRefused; it still has to be enabled.

        Raises LocalProtocolError when the robot's version has none, it has one of that id, or its factsheet rules it
        out.
        """
        if not self.three:
            raise LocalProtocolError(f"zone sets came with VDA 5050 3.0, the robot speaks {self.quirks.version}")
        offered = self.zones.offer(zone_set, self.state, self._sheet)
        if offered is not None and not self.hibernating:
            self._offer(offered, now)

    def _offer(self, offered: Offered, now: float) -> None:
        offered.resend.sent(now)
        said = self.numbering.zone_set(offered.zone_set) if self._numeric else offered.zone_set
        self._publish(said, now)

    def respond(self, responses: Responses, now: float) -> None:
        """Answer zone and corridor requests (3.0). What became of it is read from the requests in later states.

        Raises LocalProtocolError for a version without requests, an empty list, or a lease without a grant.
        """
        if not self.three:
            raise LocalProtocolError(f"requests came with VDA 5050 3.0, the robot speaks {self.quirks.version}")
        check_responses(responses)
        if not self.hibernating:
            self._publish(responses, now)

    # ------------------------------------------------------------ time

    def tick(self, now: float) -> list[FleetEvent]:
        """Send again what is due. Calling it more often changes nothing."""
        if self.track is not None and self.track.pending:
            self._send_head(now)
        events: list[FleetEvent] = []
        if self.instants.asked:
            again, events = self.instants.due(now, self._held())
            for asked in again:
                asked.resend.sent(now)
                self._say([asked], now)
        if self.zones.offered and not self.hibernating:
            offers, given_up = self.zones.due(now)
            events += given_up
            for offered in offers:
                self._offer(offered, now)
        return events

    # ------------------------------------------------------------ restart

    def snapshot(self) -> dict[str, Any]:
        """What a restarted link needs to go on, as plain JSON values."""
        return {
            "headers": self.headers.snapshot(),
            "track": None if self.track is None else self.track.snapshot(),
            "instants": self.instants.snapshot(),
            "zones": self.zones.snapshot(),
            "numbers": self.numbering.snapshot() if self._numeric else None,
            "latest": {str(topic): latest.snapshot() for topic, latest in self._latest.items()},
            "hibernating": self.hibernating,
            "order_sent_at": self._order_sent_at,
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up where `snapshot` was made; whatever was unconfirmed leaves again at the next `tick`."""
        self.headers.restore(saved["headers"])
        track = saved["track"]
        self.track = None if track is None else restore_track(track, dress_for(self.quirks, self._sheet))
        self._order_resend = Resend()
        self.instants.restore(saved["instants"])
        self.zones.restore(saved.get("zones", ()))
        if saved.get("numbers"):
            self.numbering.restore(saved["numbers"])
        for topic, latest in self._latest.items():
            latest.restore(saved["latest"][topic])
        if saved.get("hibernating"):
            self.connection = ConnectionState.HIBERNATING
        self._order_sent_at = saved.get("order_sent_at")
        self._look_again = True


_GIVEN_UP = (Ended.CANCELLED, Ended.REJECTED, Ended.LOST)


def _unread(version: str) -> str:
    return f"protocol version {version[:20]!r} is not one that robots of this type may speak"
