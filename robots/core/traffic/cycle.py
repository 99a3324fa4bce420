"""The two halves of a cycle: `plan` looks for the next nodes of every robot, `release` puts what is granted into bases.

Planning only proposes. Whatever it proposes, the ledger alone decides what becomes part of a base.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from robots.core.routing import UNREACHABLE
from robots.core.traffic.explain import explain_all
from robots.core.traffic.planner import OPEN, Mover, plan_steps
from robots.core.traffic.state import EdgeVisit, ExtendBase, RobotState, Visit

if TYPE_CHECKING:
    from robots.core.traffic.traffic import Traffic

STEPS: Final = 3
LARGE_FLEET: Final = 400
"""From so many robots on one step less is planned: the last step is the least likely to be driven as planned."""
REROUTE_AFTER_S: Final = 5.0
NEAR_S: Final = 8.0
"""Nearer than this a robot asks for the token of its goal."""
HOLD_OFF_S: Final = 4.0
"""Nearer than this it comes only with the token: whoever is there must be able to get out."""


def plan(traffic: Traffic, now: float) -> None:
    """Drop every horizon and plan anew from the ends of the bases; changes no base."""
    traffic.ways.expire(now)
    traffic.steer()
    ordered = sorted(traffic.robots.values(), key=lambda s: (s.goal is None, s.since - s.bonus, s.id))
    for state in ordered:
        if state.held is not None and state.held_since is None:
            state.held_since = now
    traffic.stopped = _stopped(traffic, ordered, now)
    traffic.tables.refresh(ordered, traffic.stopped)
    traffic.cap.choose(ordered, {state.id for state in ordered if _lost(traffic, state)})
    traffic.tokens.grant(ordered, lambda state: _comes(traffic, state), lambda state: _gap(traffic, state) <= NEAR_S)
    movers = [_mover(traffic, state) for state in ordered]
    urgency = _urgency(traffic)
    yields = {state.id for state in ordered if traffic.tokens.waits(state) and not traffic.tokens.must_leave(state)}
    movers.sort(key=lambda mover: (mover.table is None, mover.id in yields, urgency[mover.id], mover.id))
    ways, traffic.due, traffic.waits = plan_steps(
        traffic.road, movers, traffic.gate, STEPS - (len(movers) >= LARGE_FLEET), _gates(traffic), traffic.fan("")
    )
    traffic.order = [mover.id for mover in movers]
    for state in ordered:
        state.horizon = ways[state.id]


def _urgency(traffic: Traffic) -> dict[str, float]:
    """The times priorities go by: whoever has what another waits for is as urgent as that one, to get it out."""
    urgency = {state.id: state.since - state.bonus for state in traffic.robots.values()}
    for key, waiting in traffic.tokens.wanted.items():
        holder = traffic.tokens.holder[key]
        urgency[holder] = min(urgency[holder], urgency[waiting])
    return urgency


def _stopped(traffic: Traffic, ordered: Sequence[RobotState], now: float) -> frozenset[int]:
    """Core nodes of robots that have not been able to drive for a while: others are led round them."""
    return frozenset(
        node for s in ordered if s.held_since is not None and now - s.held_since >= REROUTE_AFTER_S
        for node in s.base if traffic.audit.pocket_of[node] < 0
    )  # fmt: skip


def _gates(traffic: Traffic) -> bytes:
    """Nodes that are not simply open to every robot."""
    if not traffic.stopped:
        return traffic.ways.gates
    gates = bytearray(traffic.ways.gates)
    for node in traffic.stopped:
        gates[node] = 1
    return bytes(gates)


def _comes(traffic: Traffic, state: RobotState) -> bool:
    """Whether it stands at its goal or can drive there now."""
    if state.goal is None or state.arriving:
        return state.arriving
    return state.held is None and state.id in traffic.cap.active and traffic.tables.seconds(state) != UNREACHABLE


def _lost(traffic: Traffic, state: RobotState) -> bool:
    """No way leads to its goal now, so a turn would be lost on it."""
    table = traffic.tables.table(state)
    return table is not None and table[state.end] == UNREACHABLE


def _inside(traffic: Traffic, state: RobotState) -> bool:
    """It is in the dead end that its goal is in: it gets on without a turn, for others may want to come in."""
    return traffic.audit.pocket_of[state.end] >= 0 and traffic.tokens.bound_for(state, state.end)


def _gap(traffic: Traffic, state: RobotState) -> float:
    """Seconds from where its base ends to its goal, or to the entrance of the dead end that its goal is in."""
    table = traffic.tables.table(state)
    if state.goal is None or table is None:
        return UNREACHABLE
    pocket = traffic.audit.pocket_of[state.goal]
    if pocket < 0:
        return table[state.end]
    if traffic.audit.pocket_of[state.end] >= 0:
        return 0.0
    return _to_entrance(traffic, state, table)


def _to_entrance(traffic: Traffic, state: RobotState, table: Sequence[float]) -> float:
    """Seconds along its way to the last node before a dead end, as far as that matters."""
    node, spent, fan, pocket_of = state.end, 0.0, traffic.fan(state.type), traffic.audit.pocket_of
    while spent <= NEAR_S and table[node] > 0.0:
        ways = [
            (table[after] + cost, after, cost) for after, cost, *_ in fan.row(node)
            if table[after] < table[node] and traffic.ways.open(state, node, after)
        ]  # fmt: skip
        if not ways:
            return UNREACHABLE
        _, after, cost = min(ways)
        if pocket_of[after] >= 0 and traffic.tokens.bound_for(state, after):
            return spent
        node, spent = after, spent + cost
    return spent


def _mover(traffic: Traffic, state: RobotState) -> Mover:
    tokens, table = traffic.tokens, None
    enabled = tokens.enabled(state)
    if state.id in traffic.ways.present:
        return Mover(state.id, state.end, None, True, fan=traffic.fan(state.type))
    way_out = traffic.ways.way_out(state) if tokens.must_leave(state) else None
    if way_out is not None:
        block = traffic.ways.block_for(way_out, state.avoid)
        table = traffic.road.distances(way_out, block, state.type or None, guided=True)
    elif state.goal is not None and (state.id in traffic.cap.active or _inside(traffic, state)):
        table = traffic.tables.table(state)
        if table is not None and (
            table[state.end] == UNREACHABLE or (_gap(traffic, state) <= HOLD_OFF_S and not enabled)
        ):
            table = None
    fixed = state.held is not None or (state.arriving and enabled)
    fan, before = traffic.fan(state.type), state.base[-2] if len(state.base) > 1 else state.came
    faces = None if before is None else fan.faces(before, state.end)
    return Mover(state.id, state.end, table, fixed, faces, fan, bool(state.avoid), _seed(state.id))


@lru_cache(maxsize=4096)
def _seed(robot: str) -> int:
    return zlib.crc32(robot.encode())


def release(traffic: Traffic, now: float) -> list[ExtendBase]:
    """Move planned nodes into bases where the ledger grants them; it is updated before this returns."""
    grown: dict[str, list[int]] = {}
    traffic.refused = {}
    for robot in traffic.order:
        state = traffic.robots.get(robot)
        while state is not None and state.horizon and _extend(traffic, state, state.horizon[0], grown):
            del state.horizon[0]
    for state in traffic.robots.values():
        if state.order_id is not None and state.sent < len(state.base):
            grown.setdefault(state.id, [])
    effects = [_effect(traffic, traffic.robots[robot], new) for robot, new in grown.items()]
    traffic.cap.note({s.id for s in traffic.robots.values() if len(s.base) == 1})
    explain_all(traffic, now)
    return effects


def _extend(traffic: Traffic, state: RobotState, node: int, grown: dict[str, list[int]]) -> bool:
    if state.held is not None or len(state.base) > state.lookahead:
        return False
    fan, start = traffic.fan(state.type), state.end
    turns = [traffic.due[resource] for resource in fan.turns(start, node)]
    if any(turn[0] != state.id for turn in turns) or traffic.gate(state.id, start, node) != OPEN:
        return False
    refusal = None
    held = traffic.ledger.held(state.id)
    if state.id not in grown and state.order_id is not None:
        refusal = traffic.ledger.refusal(state.id, node)
    if refusal is None:
        if state.id not in grown:
            _start_order(traffic, state)
        refusal = traffic.ledger.extend(state.id, node)
    if refusal is not None:
        traffic.refused[state.id] = refusal
        return False
    for turn in turns:
        turn.popleft()
    grown.setdefault(state.id, []).extend(dict.fromkeys(r for r in fan.needed(start, node) if r not in held))
    traffic.sync(state)
    return True


def _start_order(traffic: Traffic, state: RobotState) -> None:
    """A robot that has nothing to do, or no order, moves on in a yielding order of our own making."""
    finished = state.goal is None and len(state.base) == 1
    if state.order_id is None or finished:
        traffic.yields += 1
        traffic.begin(state, f"{state.id}.y{traffic.yields}")
        state.yielding = True


def _effect(traffic: Traffic, state: RobotState, new: list[int]) -> ExtendBase:
    road, start = traffic.road, state.sent - 1
    nodes = state.base[start:]
    first = state.first + 2 * start
    visits = tuple(Visit(first + 2 * i, road.names[node]) for i, node in enumerate(nodes))
    edges = tuple(
        EdgeVisit(first + 2 * i + 1, road.edge_names[road.edge_of[a, b]]) for i, (a, b) in enumerate(pairwise(nodes))
    )
    state.sent = len(state.base)
    assert state.order_id is not None
    return ExtendBase(
        state.id, state.order_id, first == 0, state.yielding, visits, edges,
        tuple(road.resources[r] for r in new), tuple(traffic.horizon(state)),
    )  # fmt: skip
