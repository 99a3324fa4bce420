"""What changed between two states of a robot, as events. Pure comparison, no memory."""

from __future__ import annotations

from .actions import may_be_seen
from .errors import Problem, ProblemKind
from .events import (
    ActionChanged,
    BaseRequested,
    ErrorsChanged,
    FleetEvent,
    ModeChanged,
    NodeReached,
    PauseChanged,
    StateChanged,
)
from .reports import State
from .topics import Topic


def differences(previous: State | None, state: State) -> list[FleetEvent]:
    """Events for everything that is new in `state`; all of it when there is no previous one (a restarted link)."""
    events: list[FleetEvent] = [StateChanged(state, previous)]
    if previous is None or previous.operating_mode is not state.operating_mode:
        events.append(ModeChanged(state.operating_mode, previous.operating_mode if previous else None))
    if bool(state.paused) != bool(previous.paused if previous else False):
        events.append(PauseChanged(bool(state.paused)))
    events += _progress(previous, state)
    events += _actions(previous, state)
    before = previous.errors if previous else ()
    appeared = tuple(e for e in state.errors if e not in before)
    gone = tuple(e for e in before if e not in state.errors)
    if appeared or gone:
        events.append(ErrorsChanged(appeared, gone))
    if state.new_base_request and not (previous and previous.new_base_request and previous.order_id == state.order_id):
        events.append(BaseRequested(state.order_id))
    return events


def _progress(previous: State | None, state: State) -> list[FleetEvent]:
    if not state.order_id or not state.last_node_id:
        # Without a last node its sequence id means nothing (6.10.6).
        return []
    place = (state.order_id, state.last_node_id, state.last_node_sequence_id)
    if previous and (previous.order_id, previous.last_node_id, previous.last_node_sequence_id) == place:
        return []
    return [NodeReached(*place)]


def _actions(previous: State | None, state: State) -> list[FleetEvent]:
    before = {a.action_id: a for a in previous.all_action_states} if previous else {}
    events: list[FleetEvent] = []
    for action in state.all_action_states:
        old = before.get(action.action_id)
        if old is not None and old.status is action.status:
            continue
        if old is not None and not may_be_seen(old.status, action.status):
            text = f"action {action.action_id} went from {old.status} to {action.status}, which cannot be"
            events.append(Problem(ProblemKind.IMPOSSIBLE, text, Topic.STATE))
        events.append(ActionChanged(action, old.status if old else None, state.order_id))
    return events
