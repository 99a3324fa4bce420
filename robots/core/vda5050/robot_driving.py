"""What the driver of a robot says about its way and its actions, and what follows from it."""

from __future__ import annotations

from .error_types import Fault
from .errors import LocalProtocolError
from .events import OrderCleared, RobotEvent, StartAction
from .messages import ActionScope, Node
from .reports import ActionStatus, Error, ErrorLevel, Factsheet, OperatingMode, Reference, RequestKind
from .robot_actions import ActionBook, Entry
from .robot_instants import DEEDS, InstantDesk
from .robot_report import RobotReport
from .robot_requests import Asked, RequestDesk
from .robot_route import DriveTarget, Route
from .robot_settings import RobotSettings
from .robot_shelf import MAP_ACTIONS, Shelf
from .robot_sleep import Sleep

# 3.0 table 11: the place is no longer known to be right, so a new order cannot begin at the last node.
_FORGETS_NODE = (OperatingMode.STARTUP, OperatingMode.SERVICE, OperatingMode.TEACH_IN)


class RobotDriving(RobotReport):
    """The parts of a robot's protocol state, joined. No message and no clock are needed here."""

    def __init__(self, factsheet: Factsheet, settings: RobotSettings) -> None:
        super().__init__(settings)
        self.factsheet = factsheet
        self.route = Route()
        self.book = ActionBook()
        self.shelf = Shelf()
        self.requests = RequestDesk()
        self.sleep = Sleep()
        self.desk = InstantDesk(self.book, self, self.shelf, self.sleep, factsheet)

    # ------------------------------------------------------------ the way

    def next_base_target(self) -> DriveTarget | None:
        """The next released edge and node, and whether driving may go on; None at the end of the base."""
        following = next(iter(self.route.nodes_left()), None)
        stops = following is not None and self.book.stops_at(following.sequence_id)
        return self.route.target(self._blocked_by(), stops)

    def _blocked_by(self) -> tuple[str, ...]:
        waiting = tuple(f"action {action_id}" for action_id in self.book.drive_blockers())
        order = self.route.order
        hard = tuple(e.description or e.error_type for e in self.hard_errors(order.order_id if order else ""))
        return self.hindrances() + self.desk.hindrances() + self.requests.hindrances() + waiting + hard

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

    def set_last_node(self, node_id: str) -> None:
        """The robot stands on this node though no order led it there (initializePosition, a tag read at the start)."""
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
        """Entering or leaving a mode without fleet control clears the order at once (6.10.6, table 1).

        3.0: STARTUP, SERVICE and TEACH_IN forget the last node too, INTERVENED keeps the order, and every mode without
        fleet control drops the requests (6.6.6, table 11).
        """
        if mode is self.mode:
            return []
        cleared = not (mode.takes_orders and self.mode.takes_orders)
        before, self.mode, self.dirty = self.mode, mode, True
        if mode.takes_orders:
            self.forget_mode_refusals()
        if mode is OperatingMode.INTERVENED or not mode.takes_orders:
            self.requests.clear()
            self._tell_losses()
        events = self._abandon(f"operating mode changed from {before} to {mode}") if cleared else []
        if self.settings.three and mode in _FORGETS_NODE:
            self.route.last_node_id, self.route.on_node = "", False
        return events + self._settle()

    def _abandon(self, why: str) -> list[RobotEvent]:
        if not (self.executing or self.desk.cancels or self.book.in_progress()):
            return []
        abandoned = self.book.fail_all(why)
        self.desk.forget()
        self._close_route()
        order = self.route.order
        return [OrderCleared(order.order_id if order else "", why, abandoned)]

    # ------------------------------------------------------------ actions

    def action_state(
        self, action_id: str, status: ActionStatus, result: str | None = None, *, for_good: bool = False
    ) -> list[RobotEvent]:
        """Progress of a started action. Raises LocalProtocolError for unknown actions and impossible changes.

        A failed action that the order calls retriable waits in RETRIABLE (3.0 6.6.9), unless it failed `for_good` or
        its order is being cancelled.
        """
        ending = for_good or self.desk.cancels or self.sleep.preparing
        if status is ActionStatus.FAILED and not ending and self.book.may_retry(action_id):
            status = ActionStatus.RETRIABLE
        changed = self.book.report(action_id, status, result)
        self.dirty |= changed
        entry = self.book.entries[action_id]
        if changed and status is ActionStatus.FINISHED and entry.action.action_type in MAP_ACTIONS:
            self.shelf.map_done(entry.action)
        return self._settle()

    def interrupted(self) -> tuple[Entry, ...]:
        """After `restore`: actions started before, whose end the driver has to find out and report.

        One still INITIALIZING was never reported RUNNING: a driver that reports and stores RUNNING before it moves
        anything may safely begin it. One that is RETRIABLE waits for fleet control, not for the driver.
        """
        return tuple(e for e in self.book.in_progress() if e.status is not ActionStatus.RETRIABLE)

    # ------------------------------------------------------------ what follows

    def _settle(self) -> list[RobotEvent]:
        """What follows from the new situation: pauses and cancels that are done now, actions that may start now."""
        events: list[RobotEvent] = []
        self.dirty |= self.desk.stood() if not self.driving else False
        if (self.desk.cancels or self.sleep.preparing) and not self.driving and not self.book.order_open:
            events += self._ended()
        if self.mode is not OperatingMode.INTERVENED:
            events += self._started()
        return events

    def _ended(self) -> list[RobotEvent]:
        was_executing = self.executing or bool(self.desk.cancels)
        why = "the order was cancelled" if self.desk.cancels else "the robot hibernates"
        self.desk.cancel_done()
        order_id = self.route.order.order_id if self.route.order else ""
        if was_executing:
            self._close_route()
        others = [e for e in self.book.in_progress() if e.action.action_id not in self.sleep.preparing]
        if self.sleep.preparing and not others:
            self.desk.slept()
        return [OrderCleared(order_id, why)] if was_executing else []

    def _started(self) -> list[RobotEvent]:
        """Actions that may start, without those that the protocol does by itself."""
        events: list[RobotEvent] = []
        again = True
        while again:
            again = False
            for start in self.book.start_ready(self.driving):
                self.dirty = True
                if self.settings.three and start.where.scope is not ActionScope.INSTANT and self._done_here(start):
                    again = True  # it is over already: what waited behind it may start
                else:
                    events.append(start)
        return events

    def _done_here(self, start: StartAction) -> bool:
        entry = self.book.entries[start.action.action_id]
        if start.action.action_type in DEEDS:
            bad = self.desk.perform(entry)
            if bad is not None:
                self.desk.failed(entry, Fault.INVALID_INSTANT_ACTION, bad)
            return True
        if (hindered := self.shelf.hindered(start.action)) is None:
            return False
        self.desk.failed(entry, hindered[0] or Fault.INVALID_INSTANT_ACTION, hindered[1])
        return True

    def _close_route(self) -> None:
        self.route.closed, self.route.edge_entered = True, None
        self.new_base_request = False
        self.requests.clear()
        self._tell_losses()

    def _tell_losses(self) -> None:
        """RELEASE_LOST while a robot is inside without its grant (3.0 6.6.5.4); a lost way or corridor is a warning."""
        told = {e.references: e for e in self.errors if e.error_type == str(Fault.RELEASE_LOST)}
        lost = {_loss(asked).references: _loss(asked) for asked in self.requests.lost()}
        for references in told.keys() - lost.keys():
            self.clear_error(str(Fault.RELEASE_LOST), references)
        for references in lost.keys() - told.keys():
            self.add_error(lost[references])


def _loss(asked: Asked) -> Error:
    key, value = asked.subject
    access = asked.request.kind is RequestKind.ACCESS
    references = (Reference(key, value), Reference("requestId", asked.request.request_id))
    text = f"the release of {value} is {asked.request.status}; the robot has begun to use it and does: {asked.loss}"
    return Error(str(Fault.RELEASE_LOST), ErrorLevel.CRITICAL if access else ErrorLevel.WARNING, references, text)
