"""The robot's actions: which may start now, and whether driving may go on (2.1 sections 6.11, 6.12, figure 17).

3.0 adds SINGLE blocking, RETRIABLE (6.6.9), zone actions, and lists instant and zone actions apart until fleet control
clears them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import actions as rules
from .errors import LocalProtocolError
from .events import StartAction, StopAction, Where
from .messages import Action, ActionScope, BlockingType
from .reports import ActionState, ActionStatus
from .robot_journal import action_written, read_action

# Each starts in the order in which its actions came; none waits for those behind it.
_QUEUES = ((ActionScope.INSTANT,), (ActionScope.NODE, ActionScope.EDGE), (ActionScope.ZONE,))


@dataclass(slots=True)
class Entry:
    """One action. `triggered`: its node was passed or its edge entered (at once for instant actions)."""

    action: Action
    where: Where
    status: ActionStatus = ActionStatus.WAITING
    result: str | None = None
    triggered: bool = False

    @property
    def state(self) -> ActionState:
        return ActionState(self.action.action_id, self.status, self.action.action_type, self.result)

    @property
    def instant(self) -> bool:
        return self.where.scope is ActionScope.INSTANT

    @property
    def of_order(self) -> bool:
        return self.where.scope in (ActionScope.NODE, ActionScope.EDGE)


@dataclass(slots=True)
class ActionBook:
    """Every action of the current order and the instant actions since, in the order in which they came."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def add(self, action: Action, where: Where, *, triggered: bool = False) -> None:
        self.entries.setdefault(action.action_id, Entry(action, where, triggered=triggered))

    def trigger(self, scope: ActionScope, sequence_id: int) -> None:
        """The node was passed, or the edge entered."""
        for entry in self.entries.values():
            if entry.where.scope is scope and entry.where.sequence_id == sequence_id:
                entry.triggered = True

    def leave_edge(self, sequence_id: int) -> list[StopAction]:
        """Actions of an edge end when it is left (6.8): running ones are stopped, waiting ones have failed."""
        stops = []
        for entry in self._of(ActionScope.EDGE):
            if entry.where.sequence_id != sequence_id or entry.status.final:
                continue
            if entry.status is ActionStatus.WAITING:
                entry.status, entry.result = ActionStatus.FAILED, "the edge was left before the action could start"
            else:
                stops.append(StopAction(entry.action.action_id))
        return stops

    def start_ready(self, driving: bool) -> list[StartAction]:
        """Start what may start now. List order holds: nothing overtakes an action that has to wait.

        NONE starts beside anything but an excluding action; SOFT also needs the robot to stand; HARD needs it to stand
        and nothing else in progress; SINGLE needs nothing else in progress. Instant actions come first.
        """
        started: list[StartAction] = []
        for scopes in _QUEUES:
            for entry in [e for e in self.entries.values() if e.where.scope in scopes and e.triggered]:
                if entry.status is not ActionStatus.WAITING:
                    continue
                if not self._may_start(entry.action.blocking_type, driving):
                    if entry.instant and entry.action.blocking_type.excludes_others:
                        return started  # an instant action that needs the robot alone must not starve
                    break
                entry.status = ActionStatus.INITIALIZING
                started.append(StartAction(entry.action, entry.where))
        return started

    def _may_start(self, blocking: BlockingType, driving: bool) -> bool:
        busy = [e.action.blocking_type for e in self.entries.values() if e.status.in_progress]
        if any(other.excludes_others for other in busy) or (blocking.excludes_others and busy):
            return False
        return not (blocking.stops_driving and driving)

    def drive_blockers(self) -> tuple[str, ...]:
        """Ids of triggered actions that are not final and do not allow driving."""
        return tuple(
            e.action.action_id
            for e in self.entries.values()
            if e.triggered and not e.status.final and e.action.blocking_type.stops_driving
        )

    def stops_at(self, sequence_id: int) -> bool:
        """Whether the robot has to stand for an action of this node."""
        return any(
            e.where.sequence_id == sequence_id and not e.status.final and e.action.blocking_type.stops_driving
            for e in self._of(ActionScope.NODE)
        )

    def report(self, action_id: str, status: ActionStatus, result: str | None) -> bool:
        """The driver's word on one action; False when nothing changed. A final state stays (a late report is ignored).

        Raises LocalProtocolError for an unknown action or a change that 6.11 does not know.
        """
        entry = self.entries.get(action_id)
        if entry is None:
            raise LocalProtocolError(f"no action {action_id!r} here; report only actions that were started")
        if entry.status.final or (entry.status is status and (result is None or result == entry.result)):
            return False
        if not rules.may_change(entry.status, status):
            raise LocalProtocolError(f"action {action_id!r} cannot go from {entry.status} to {status}")
        entry.status = status
        entry.result = entry.result if result is None else result
        return True

    def may_retry(self, action_id: str) -> bool:
        """Whether a failure of this action is not the end of it (3.0 6.6.9)."""
        entry = self.entries.get(action_id)
        return entry is not None and bool(entry.action.retriable) and entry.status.in_progress

    def fail_waiting(self, why: str) -> None:
        """Scheduled order actions will not run any more, nor those that only wait for a retry (6.6.3)."""
        for entry in self.of_order():
            if entry.status in (ActionStatus.WAITING, ActionStatus.RETRIABLE):
                entry.status, entry.result = ActionStatus.FAILED, why

    def fail_all(self, why: str) -> tuple[str, ...]:
        """Order and driver actions end now; returns the ids of those that were in progress."""
        running = tuple(e.action.action_id for e in self.entries.values() if e.status.in_progress)
        for entry in self.entries.values():
            if not entry.status.final:
                entry.status, entry.result = ActionStatus.FAILED, why
        return running

    def forget_horizon(self, after: int) -> None:
        """The horizon was replaced: its actions, none of which can have started, go with it."""
        self._keep(e for e in self.entries.values() if not e.of_order or e.where.sequence_id <= after)

    def new_order(self, *, keep_others: bool = False) -> None:
        """Only instant actions that are not over survive a new order (2.1 6.10.6); in 3.0 all but the order's."""
        self._keep(e for e in self.entries.values() if not e.of_order and (keep_others or not e.status.final))

    def clear(self, scope: ActionScope) -> None:
        """3.0 clearInstantActions, clearZoneActions: those that are final go."""
        self._keep(e for e in self.entries.values() if e.where.scope is not scope or not e.status.final)

    def drop_old(self, scope: ActionScope, keep: int) -> None:
        """Without new orders (3.0: clear actions) finished ones would pile up for ever: keep the newest `keep`."""
        done = [e.action.action_id for e in self._of(scope) if e.status.final]
        for action_id in done[: max(0, len(done) - keep)]:
            del self.entries[action_id]

    def of_order(self) -> list[Entry]:
        return [e for e in self.entries.values() if e.of_order]

    @property
    def order_open(self) -> bool:
        return any(not e.status.final for e in self.of_order())

    def in_progress(self) -> tuple[Entry, ...]:
        return tuple(e for e in self.entries.values() if e.status.in_progress)

    def states(self, *scopes: ActionScope) -> tuple[ActionState, ...]:
        """Of these scopes, or of all."""
        return tuple(e.state for e in self.entries.values() if not scopes or e.where.scope in scopes)

    def open_of(self, action_type: str) -> tuple[Entry, ...]:
        """Actions of this type that are in progress, oldest first."""
        return tuple(e for e in self.in_progress() if e.action.action_type == action_type)

    def in_zone(self, zone_id: str) -> tuple[Entry, ...]:
        """Zone actions of this zone that are not over."""
        return tuple(e for e in self._of(ActionScope.ZONE) if e.where.element_id == zone_id and not e.status.final)

    def _of(self, scope: ActionScope) -> list[Entry]:
        return [e for e in self.entries.values() if e.where.scope is scope]

    def _keep(self, entries: Iterable[Entry]) -> None:
        self.entries = {e.action.action_id: e for e in entries}

    def snapshot(self) -> list[dict[str, Any]]:
        return [
            {
                "action": action_written(e.action),
                "where": [str(e.where.scope), e.where.element_id, e.where.sequence_id],
                "status": str(e.status),
                "result": e.result,
                "triggered": e.triggered,
            }
            for e in self.entries.values()
        ]

    def restore(self, saved: Iterable[Mapping[str, Any]]) -> None:
        self.entries = {}
        for item in saved:
            scope, element_id, sequence_id = item["where"]
            self.entries[item["action"]["actionId"]] = Entry(
                action=read_action(item["action"]),
                where=Where(ActionScope(scope), element_id, sequence_id),
                status=ActionStatus(item["status"]),
                result=item["result"],
                triggered=item["triggered"],
            )
