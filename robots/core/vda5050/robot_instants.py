"""Instant actions on the robot: those the protocol answers itself, and when the others go to the driver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .events import (
    CancelRequested,
    PauseRequested,
    ResumeRequested,
    RobotEvent,
    StateRequested,
    Where,
)
from .messages import Action, ActionScope
from .reports import ActionStatus, Factsheet
from .robot_actions import ActionBook, Entry
from .robot_orders import why_not
from .robot_report import RobotReport
from .topics import Topic

REMEMBERED = 256
SHOWN = 32
# Taken in every operating mode: what only asks, and what only stops.
_ALWAYS = frozenset({"stateRequest", "factsheetRequest", "startPause", "stopPause", "cancelOrder"})


class InstantDesk:
    """`cancels`, `pauses`: ids of cancelOrder and startPause actions that wait for the robot to stand."""

    def __init__(self, book: ActionBook, report: RobotReport, factsheet: Factsheet) -> None:
        self.book = book
        self.report = report
        self.factsheet = factsheet
        self.cancels: list[str] = []
        self.pauses: list[str] = []
        self.seen: dict[str, str] = {}

    def take(self, action: Action, executing: str | None) -> list[RobotEvent]:
        """One received instant action; `executing`: the order id under way. An id seen before is never done again.

        If a new order has removed its state meanwhile, the state is shown once more: whoever asks again has missed it,
        and would otherwise ask for ever.
        """
        if action.action_id in self.book.entries:
            return []
        self.remember()
        self.book.add(action, Where(ActionScope.INSTANT))
        entry = self.book.entries[action.action_id]
        if action.action_id in self.seen:
            entry.status = ActionStatus(self.seen[action.action_id])
            return []
        self.book.drop_old_instants(SHOWN)
        bad = why_not(action, ActionScope.INSTANT, self.factsheet)
        if bad is None and not self.report.mode.takes_orders and action.action_type not in _ALWAYS:
            bad = f"no actions are taken in operating mode {self.report.mode}"
        if bad is not None:
            return self._failed(entry, "instantActionError", bad)
        match action.action_type:
            case "cancelOrder":
                return self._cancel(entry, executing)
            case "startPause":
                entry.status = ActionStatus.RUNNING
                self.pauses.append(action.action_id)
                return [PauseRequested()]
            case "stopPause":
                return self._resume(entry)
            case "stateRequest":
                entry.status = ActionStatus.FINISHED
                return [StateRequested()]
            case "factsheetRequest":
                entry.status = ActionStatus.FINISHED
                return []
        entry.triggered = True
        return []

    def remember(self) -> None:
        """Note how instant actions stand, before a new order removes those that are final."""
        for entry in self.book.entries.values():
            if entry.instant:
                self.seen.pop(entry.action.action_id, None)
                self.seen[entry.action.action_id] = str(entry.status)
        self.seen = dict(list(self.seen.items())[-REMEMBERED:])

    def _failed(self, entry: Entry, error_type: str, text: str) -> list[RobotEvent]:
        entry.status, entry.result = ActionStatus.FAILED, text
        references = (("actionId", entry.action.action_id), ("topic", str(Topic.INSTANT_ACTIONS)))
        self.report.report_rejection(error_type, text, references)
        return []

    def _cancel(self, entry: Entry, executing: str | None) -> list[RobotEvent]:
        """6.6.3: waiting actions fail, running ones are asked to end, the cancel runs until all is still."""
        if executing is None or entry.action.parameter("orderId") not in (None, "", executing):
            return self._failed(entry, "noOrderToCancel", "there is no such order to cancel")
        entry.status = ActionStatus.RUNNING
        self.cancels.append(entry.action.action_id)
        if len(self.cancels) > 1:
            return []
        self.book.fail_waiting("the order was cancelled")
        running = tuple(e.action.action_id for e in self.book.of_order() if not e.status.final)
        return [CancelRequested(executing, running)]

    def _resume(self, entry: Entry) -> list[RobotEvent]:
        for action_id in self.pauses:
            self.book.report(action_id, ActionStatus.FAILED, "stopPause came before the robot stood")
        self.pauses = []
        self.report.paused = False
        entry.status = ActionStatus.FINISHED
        return [ResumeRequested()]

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

    def hindrances(self) -> tuple[str, ...]:
        return (("pausing",) if self.pauses else ()) + (("the order is being cancelled",) if self.cancels else ())

    def forget(self) -> None:
        self.cancels, self.pauses = [], []

    def snapshot(self) -> dict[str, Any]:
        return {"cancels": list(self.cancels), "pauses": list(self.pauses), "seen": dict(self.seen)}

    def restore(self, saved: Mapping[str, Any]) -> None:
        self.cancels, self.pauses = list(saved["cancels"]), list(saved["pauses"])
        self.seen = dict(saved["seen"])
