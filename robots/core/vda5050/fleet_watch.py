"""What changed between two states of a robot, as events. Pure comparison, no memory.

Most states repeat most of the one before, and the decoder hands out what is repeated as the same object: comparing by
identity first keeps the common case cheap.
"""

from __future__ import annotations

from .actions import may_be_seen
from .errors import Problem, ProblemKind
from .events import (
    ActionChanged,
    ActionRetriable,
    BaseRequested,
    EdgeRequestsChanged,
    ErrorsChanged,
    FleetEvent,
    ModeChanged,
    NodeReached,
    PauseChanged,
    StateChanged,
    ZoneRequestsChanged,
)
from .reports import ActionState, ActionStatus, State
from .topics import Topic


def unchanged(previous: State | None, state: State) -> bool:
    """Whether `state` tells nothing new but position, velocity, battery and the like: nothing that orders, actions,
    requests or errors follow from. False when in doubt."""
    return (
        previous is not None
        and state.order_update_id == previous.order_update_id
        and state.last_node_sequence_id == previous.last_node_sequence_id
        and state.order_id == previous.order_id
        and state.last_node_id == previous.last_node_id
        and state.operating_mode is previous.operating_mode
        and state.paused is previous.paused
        and state.new_base_request is previous.new_base_request
        and _same(state.action_states, previous.action_states)
        and _same(state.node_states, previous.node_states)
        and _same(state.errors, previous.errors)
        and _same(state.instant_action_states, previous.instant_action_states)
        and _same(state.zone_action_states, previous.zone_action_states)
        and _same(state.zone_requests, previous.zone_requests)
        and _same(state.edge_requests, previous.edge_requests)
        and _same(state.zone_sets, previous.zone_sets)
    )


def _same(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    return one is other or one == other


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
    if state.zone_requests != (previous.zone_requests if previous else ()):
        events.append(ZoneRequestsChanged(state.zone_requests))
    if state.edge_requests != (previous.edge_requests if previous else ()):
        events.append(EdgeRequestsChanged(state.edge_requests))
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
    before = _reported(previous) if previous else {}
    events: list[FleetEvent] = []
    for action in _reported(state).values():
        old = before.get(action.action_id)
        if old is not None and old.status is action.status:
            continue
        if old is not None and not may_be_seen(old.status, action.status):
            text = f"action {action.action_id} went from {old.status} to {action.status}, which cannot be"
            events.append(Problem(ProblemKind.IMPOSSIBLE, text, Topic.STATE))
        events.append(ActionChanged(action, old.status if old else None, state.order_id))
        if action.status is ActionStatus.RETRIABLE:
            events.append(ActionRetriable(action.action_id, action.action_type or "", state.order_id))
    return events


def _reported(state: State) -> dict[str, ActionState]:
    """By id; of one that is listed twice the last counts. Zone actions have ids of the robot's own; retry and skipRetry
    may name them all the same."""
    return {action.action_id: action for action in state.all_action_states + state.zone_action_states}
