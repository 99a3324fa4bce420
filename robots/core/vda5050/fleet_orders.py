"""Orders of fleet control for one robot: what may be sent now, and what is sent again until a state confirms it."""

from __future__ import annotations

from . import actions as rules
from . import checks
from .codec import encode
from .errors import LocalProtocolError
from .fleet_instants import InstantBook, Resend
from .fleet_speech import FleetSpeech
from .fleet_track import Ended, OrderTrack
from .fleet_wire import Dress, check_for, dress_for, with_actions
from .messages import Header, Order
from .orders import check_order, without_horizon
from .quirks import Quirks


class FleetOrders(FleetSpeech):
    def __init__(self, serial: str, manufacturer: str, quirks: Quirks | None = None) -> None:
        super().__init__(serial, manufacturer, quirks)
        self.track: OrderTrack | None = None
        self.instants = InstantBook()
        self._order_resend = Resend()
        self._order_sent_at: float | None = None
        self._look_again = True

    def send(self, order: Order, now: float) -> bool:
        """Send a new order or an update, whichever `order` is; False: it was sent before, and nothing changes.

        Raises LocalProtocolError as `send_order` and `update_order` do.
        """
        if self.track is not None and order.order_id == self.track.order_id:
            return self.update_order(order, now)
        return self.send_order(order, now)

    def send_order(self, order: Order, now: float) -> bool:
        """Begin a new order. Raises LocalProtocolError when it is not valid, the robot is not idle, its mode takes no
        orders, it hibernates, or its factsheet rules the order out."""
        told, order = order, self._kept(order)
        if self.track is not None and self.track.knows(order):
            return False
        check_order(order, None)
        self._check_free(order)
        dress = with_actions(dress_for(self.quirks, self._sheet), order, self._sheet)
        if self.numbering.passing:
            self.numbering.forget(self._live_ids())
        self._check(order, dress)
        self.track = OrderTrack(order.order_id, [order], dress, open=told != order)
        self._order_resend = Resend()
        self._look_again = True
        self._send_head(now)
        return True

    def update_order(self, update: Order, now: float) -> bool:
        """Extend the base or replace the horizon. Leaves as soon as everything before it is confirmed.

        Raises LocalProtocolError when there is no order to update or the update does not continue it.
        """
        track = self.track
        if track is None or track.order_id != update.order_id:
            raise LocalProtocolError(f"there is no order {update.order_id} to update; send it as a new order")
        told, update = update, self._kept(update)
        if track.knows(update):
            return False
        track.check_update(update)
        self._check_mode()
        if track.ended is Ended.FINISHED and not self.three:
            self._check_stands(update)
        dress = with_actions(track.dress, update, self._sheet)
        self._check(update, dress)
        track.dress, track.open = dress, told != update
        track.add(update)
        self._look_again = True
        if len(track.pending) == 1:
            self._order_resend = Resend()
            self._send_head(now)
        return True

    def _kept(self, order: Order) -> Order:
        return without_horizon(order) if "horizon" in self.quirks.omit else order

    def _check_mode(self) -> None:
        if self.hibernating:
            raise LocalProtocolError("the robot hibernates and takes no orders; send stopHibernation first")
        if self.state is not None and not self.state.operating_mode.takes_orders:
            raise LocalProtocolError(f"operating mode {self.state.operating_mode} takes no orders")

    def _check_free(self, order: Order) -> None:
        track = self.track
        if track is not None and not track.over:
            raise LocalProtocolError(
                f"order {track.order_id} is not finished; wait for its end or cancel it before {order.order_id}"
            )
        self._check_mode()
        state = self.state
        if state is None:
            return
        if track.busy(state) if track is not None else state.executing:
            text = f"the robot still executes order {state.order_id!r}; wait for its end or cancel it"
            raise LocalProtocolError(f"{text} before {order.order_id}")

    def _check_stands(self, update: Order) -> None:
        """2.1 6.6.2 step 8: a finished order goes on only from where the robot says it stands."""
        state, first = self.state, update.nodes[0]
        if state is None or state.order_id != update.order_id:
            return
        if (state.last_node_id, state.last_node_sequence_id) != (first.node_id, first.sequence_id):
            raise LocalProtocolError(
                f"the order is finished and the robot stands at {state.last_node_id!r} (sequenceId "
                f"{state.last_node_sequence_id}), not at {first.node_id}; send a new order"
            )

    def _check(self, order: Order, dress: Dress) -> None:
        said = self._wire(order, dress)
        check_for(said, dress, self.factsheet, trusted=self.quirks.trust_factsheet)
        size = len(encode(said, Header(0, "", self.quirks.version, self.manufacturer, self.serial)))
        most = checks.text_limit(self._sheet, "message") if self._sheet is not None else 0
        if 0 < most < size:
            raise LocalProtocolError(f"the order has {size} bytes, the robot takes at most {most}")
        for node in order.nodes:
            waits = [a for a in node.actions if rules.canonical(a.action_type) == "waitForTrigger"]
            if len(waits) > 1 and any(not a.blocking_type.excludes_others for a in waits):
                text = "trigger could not say which one it releases; make them HARD"
                raise LocalProtocolError(f"node {node.node_id} has several waitForTrigger at a time: {text}")

    def _live_ids(self) -> set[str]:
        """Ids of orders and actions that the robot may still name."""
        found = set(self.instants.asked)
        if self.state is not None:
            found |= {self.state.order_id, *(a.action_id for a in self.state.all_action_states)}
        if self.track is not None and self.track.last is not None:
            found |= {self.track.order_id, *self.track.passed, *(a.action_id for a in self.track.last.actions)}
        return found

    def _send_head(self, now: float) -> None:
        track = self.track
        if track is None or not track.pending or not self._order_resend.due(now) or self.hibernating:
            return
        if self.state is not None and not self.state.operating_mode.takes_orders:
            return
        pause = self._sheet.minimum_order_interval if self._sheet is not None else 0.0
        if self._order_sent_at is not None and 0 <= now - self._order_sent_at < pause:
            return
        self._order_resend.sent(now)
        self._order_sent_at = now
        header_id = self._publish(self._wire(track.pending[0], track.dress), now)
        track.header_ids = [*track.header_ids, header_id][-16:]
