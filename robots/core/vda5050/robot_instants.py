"""Instant actions on the robot: those the protocol answers itself, and when the others go to the driver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .checks import instant_refusal
from .error_types import Fault, fault_type
from .events import (
    CancelRequested,
    PauseRequested,
    ResumeRequested,
    RetryAction,
    RobotEvent,
    StateRequested,
    TriggerReceived,
    Where,
)
from .messages import Action, ActionScope, BlockingType
from .reports import ActionStatus, Error, ErrorLevel, Factsheet, OperatingMode
from .robot_actions import ActionBook, Entry
from .robot_report import RobotReport
from .robot_shelf import Shelf
from .robot_sleep import Sleep
from .topics import Topic

REMEMBERED = 256
SHOWN = 32
FULL, MOST = 64, 128
"""3.0: finished instant actions at which the robot complains that nobody clears them, and beyond which it forgets."""
# Taken in every operating mode: what only asks, and what only stops.
_ALWAYS = frozenset({"stateRequest", "factsheetRequest", "startPause", "stopPause", "cancelOrder"})
# What the protocol answers on a node as well as at once (3.0 6.2.3.1).
DEEDS = frozenset({"clearInstantActions", "clearZoneActions", "enableZoneSet"})


Answer = Callable[[Entry, str | None], list[RobotEvent]]


class InstantDesk:
    """`cancels`, `pauses`: ids of cancelOrder and startPause actions that wait for the robot to stand."""

    def __init__(self, book: ActionBook, report: RobotReport, shelf: Shelf, sleep: Sleep, factsheet: Factsheet) -> None:
        self.book = book
        self.report = report
        self.shelf = shelf
        self.sleep = sleep
        self.factsheet = factsheet
        self.cancels: list[str] = []
        self.pauses: list[str] = []
        self.seen: dict[str, str] = {}

    def take(self, action: Action, executing: str | None) -> list[RobotEvent]:
        """One received instant action; `executing`: the order id under way. An id seen before is never done again.

        If its state is gone meanwhile (a new order, a clear action), it is shown once more: whoever asks again has
        missed it, and would otherwise ask for ever.
        """
        if action.action_id in self.book.entries:
            return []
        self.remember()
        three = self.report.settings.three
        self.book.add(replace(action, blocking_type=BlockingType.NONE) if three else action, Where(ActionScope.INSTANT))
        entry = self.book.entries[action.action_id]
        if action.action_id in self.seen:
            entry.status = ActionStatus(self.seen[action.action_id])
            return []
        self._bounded()
        bad = instant_refusal(action, self.factsheet) or self._not_now(action.action_type)
        if bad is not None:
            return self.failed(entry, Fault.INVALID_INSTANT_ACTION, bad)
        if three:
            self.report.clear_error(str(Fault.INVALID_INSTANT_ACTION))
        answer = self._answers().get(action.action_type)
        if answer is not None:
            return answer(entry, executing)
        if (hindered := self.shelf.hindered(action)) is not None:
            return self.failed(entry, hindered[0] or Fault.INVALID_INSTANT_ACTION, hindered[1])
        entry.triggered = True
        return []

    def _answers(self) -> dict[str, Answer]:
        known: dict[str, Answer] = {
            "cancelOrder": self._cancel,
            "startPause": self._pause,
            "stopPause": self._resume,
            "stateRequest": self._state,
            "factsheetRequest": self._done,
        }
        if self.report.settings.three:
            known |= {
                "retry": self._retry,
                "skipRetry": self._skip,
                "trigger": self._trigger,
                "startHibernation": self._sleep,
                "stopHibernation": self._wake,
                "shutdown": self._shutdown,
                "deleteZoneSet": self._deed,
                **dict.fromkeys(DEEDS, self._deed),
            }
        return known

    def _not_now(self, action_type: str) -> str | None:
        """3.0 table 11: INTERVENED takes cancelOrder only; 2.x and other modes: see `_ALWAYS`."""
        mode = self.report.mode
        if mode is OperatingMode.INTERVENED:
            return None if action_type == "cancelOrder" else "in operating mode INTERVENED only cancelOrder is taken"
        if not mode.takes_orders and action_type not in _ALWAYS:
            return f"no actions are taken in operating mode {mode}"
        return None

    def _bounded(self) -> None:
        if not self.report.settings.three:
            self.book.drop_old(ActionScope.INSTANT, SHOWN)
            return
        self.book.drop_old(ActionScope.INSTANT, MOST)
        done = sum(e.instant and e.status.final for e in self.book.entries.values())
        if done >= FULL:
            text = f"{done} finished instant actions are kept; send clearInstantActions"
            self.report.add_error(Error(str(Fault.INSTANT_ACTION_STATES_FULL), ErrorLevel.URGENT, (), text))

    def remember(self) -> None:
        """Note how instant actions stand, before some that are final are removed."""
        for entry in self.book.entries.values():
            if entry.instant:
                self.seen.pop(entry.action.action_id, None)
                self.seen[entry.action.action_id] = str(entry.status)
        self.seen = dict(list(self.seen.items())[-REMEMBERED:])

    def failed(self, entry: Entry, fault: Fault, text: str) -> list[RobotEvent]:
        """The action cannot be done: it has failed, and an error says why."""
        entry.status, entry.result = ActionStatus.FAILED, text
        topic = Topic.INSTANT_ACTIONS if entry.instant else Topic.ORDER
        references = [("actionId", entry.action.action_id), ("topic", str(topic))]
        wanted = {Fault.DUPLICATE_MAP: ("mapId", "mapVersion"), Fault.DUPLICATE_ZONE_SET: ("zoneSetId",)}
        references += [(key, str(entry.action.parameter(key))) for key in wanted.get(fault, ())]
        self.report.fault(fault, text, tuple(references))
        return []

    # ------------------------------------------------------------ orders and pauses

    def _cancel(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        """6.6.3: waiting actions fail, running ones are asked to end, the cancel runs until all is still."""
        if executing is None or entry.action.parameter("orderId") not in (None, "", executing):
            return self.failed(entry, Fault.NO_ORDER_TO_CANCEL, "there is no such order to cancel")
        entry.status = ActionStatus.RUNNING
        self.cancels.append(entry.action.action_id)
        return self._end_order(executing, "the order was cancelled") if len(self.cancels) == 1 else []

    def _end_order(self, order_id: str, why: str) -> list[RobotEvent]:
        self.book.fail_waiting(why)
        running = tuple(e.action.action_id for e in self.book.of_order() if not e.status.final)
        return [CancelRequested(order_id, running)]

    def _pause(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        entry.status = ActionStatus.RUNNING
        self.pauses.append(entry.action.action_id)
        return [PauseRequested()]

    def _resume(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        for action_id in self.pauses:
            self.book.report(action_id, ActionStatus.FAILED, "stopPause came before the robot stood")
        self.pauses = []
        self.report.paused = False
        entry.status = ActionStatus.FINISHED
        return [ResumeRequested()]

    def _state(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        entry.status = ActionStatus.FINISHED
        return [StateRequested()]

    def _done(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        entry.status = ActionStatus.FINISHED
        return []

    # ------------------------------------------------------------ 3.0

    def _retriable(self, entry: Entry) -> Entry | None:
        wanted = self.book.entries.get(str(entry.action.parameter("actionId")))
        if wanted is not None and wanted.status is ActionStatus.RETRIABLE:
            return wanted
        text = f"action {entry.action.parameter('actionId')} does not wait for a retry"
        self.failed(entry, Fault.INVALID_INSTANT_ACTION, text)
        return None

    def _retry(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        if (wanted := self._retriable(entry)) is None:
            return []
        entry.status = ActionStatus.FINISHED
        wanted.status, wanted.result = ActionStatus.INITIALIZING, None
        return [RetryAction(wanted.action, wanted.where)]

    def _skip(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        if (wanted := self._retriable(entry)) is not None:
            wanted.status, entry.status = ActionStatus.FAILED, ActionStatus.FINISHED
        return []

    def _trigger(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        """It names no wait (a gap of 3.0): the oldest open one that fleet control may release."""
        for waiting in self.book.open_of("waitForTrigger"):
            kinds = waiting.action.parameter("triggerType")
            if kinds == ["LOCAL"] or waiting.status is ActionStatus.PAUSED:
                continue
            waiting.status = entry.status = ActionStatus.FINISHED
            return [TriggerReceived(waiting.action.action_id)]
        return self.failed(entry, Fault.INVALID_INSTANT_ACTION, "nothing waits for a trigger of fleet control")

    def _sleep(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        """startHibernation: the order ends as in a cancel, then the robot falls silent (see `Sleep`)."""
        entry.status = ActionStatus.RUNNING
        events = self.sleep.prepare(entry.action.action_id, str(entry.action.parameter("wakeUpTime") or ""))
        if executing is not None and not self.cancels:
            events += self._end_order(executing, "the robot hibernates")
        return events

    def _wake(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        for action_id in self.sleep.preparing:
            self.book.report(action_id, ActionStatus.FAILED, "stopHibernation came before the robot slept")
        entry.status = ActionStatus.FINISHED
        return self.sleep.wake()

    def _shutdown(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        if executing is not None or self.report.driving or self.book.in_progress():
            return self.failed(entry, Fault.INVALID_INSTANT_ACTION, "the robot is not idle; it cannot be shut down now")
        entry.status = ActionStatus.FINISHED
        return self.sleep.switch_off()

    def _deed(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        bad = self.perform(entry)
        return [] if bad is None else self.failed(entry, Fault.INVALID_INSTANT_ACTION, bad)

    def perform(self, entry: Entry) -> str | None:
        """What needs no hardware (see `DEEDS`, and deleteZoneSet). Returns why it could not be done, or None."""
        zone_set_id = str(entry.action.parameter("zoneSetId"))
        bad = None
        match entry.action.action_type:
            case "clearInstantActions":
                self.remember()
                self.book.clear(ActionScope.INSTANT)
                self.report.clear_error(str(Fault.INSTANT_ACTION_STATES_FULL))
            case "clearZoneActions":
                self.book.clear(ActionScope.ZONE)
                self.report.clear_error(str(Fault.ZONE_ACTION_STATES_FULL))
            case "enableZoneSet":
                bad = self.shelf.enable(zone_set_id)
            case "deleteZoneSet":
                bad = self.shelf.delete(zone_set_id)
        if bad is None:
            entry.status = ActionStatus.FINISHED
            self.report.clear_error(fault_type(Fault.DUPLICATE_ZONE_SET, "3.0"))
        return bad

    # ------------------------------------------------------------ when the robot stands

    def stood(self) -> bool:
        """The robot stands: a pause asked for has begun. Returns whether that changed anything."""
        if not self.pauses:
            return False
        for action_id in self.pauses:
            self.book.report(action_id, ActionStatus.FINISHED, None)
        self.pauses, self.report.paused = [], True
        return True

    def cancel_done(self) -> None:
        for action_id in self.cancels:
            self.book.report(action_id, ActionStatus.FINISHED, None)
        self.cancels = []
        self.report.dirty = True

    def slept(self) -> None:
        """All is still: the hibernation that was prepared begins."""
        for action_id in self.sleep.preparing:
            self.book.report(action_id, ActionStatus.FINISHED, None)
        self.sleep.fall_asleep()
        self.report.dirty = True

    def hindrances(self) -> tuple[str, ...]:
        cancelled = ("the order is being cancelled",) if self.cancels else ()
        return (("pausing",) if self.pauses else ()) + cancelled + self.sleep.hindrances()

    def forget(self) -> None:
        self.cancels, self.pauses = [], []
        self.sleep.preparing = []

    def snapshot(self) -> dict[str, Any]:
        return {"cancels": list(self.cancels), "pauses": list(self.pauses), "seen": dict(self.seen)}

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.cancels, self.pauses = list(saved["cancels"]), list(saved["pauses"])
        self.seen = dict(saved["seen"])
