"""Traffic of one site: who goes where next, and what may be released. No I/O, no clock, one owner thread.

The unit of commitment is the VDA 5050 base: released means held exclusively and not taken back. Everything beyond it is
planned afresh by each `plan`. A cycle is: `progress` for every report, `plan(now)`, `release(now)`; persist
`snapshot()` and the resources of the answers in one transaction, then send. Times are seconds of any one clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any, Final

from robots.core.routing import UNREACHABLE, RoadMap
from robots.core.traffic import snapshot
from robots.core.traffic.audit import Audit, audit
from robots.core.traffic.explain import reason_for
from robots.core.traffic.ledger import Ledger
from robots.core.traffic.planner import Mover, plan_steps
from robots.core.traffic.state import (
    AdmissionRefused,
    EdgeVisit,
    ExtendBase,
    Freed,
    RobotState,
    UnexpectedReport,
    Visit,
    WaitReason,
)
from robots.core.traffic.tokens import Tokens
from robots.core.traffic.ways import Ways

STEPS: Final = 3
REROUTE_AFTER_S: Final = 5.0
HOLD_OFF_S: Final = 8.0


class Traffic:
    """`robots` is the largest fleet the site is audited for; see `audit` for the verdict."""

    def __init__(self, road: RoadMap, *, robots: int = 60, verdict: Audit | None = None) -> None:
        self.road = road
        self.audit = verdict or audit(road, robots)
        self.ledger = Ledger()
        self.robots: dict[str, RobotState] = {}
        self.tokens = Tokens(self.audit)
        self.ways = Ways(road, self.audit)
        self.waits: dict[str, tuple[int, str]] = {}
        self.refused: dict[str, tuple[int, str]] = {}
        self.yields = 0
        self._order: list[str] = []

    # --- events -------------------------------------------------------------------------------------------------

    def admit(self, robot: str, node: str, now: float = 0.0) -> tuple[str, ...]:
        """Take a robot standing on `node` into traffic; gives the resources it now holds.

        Raises AdmissionRefused, naming the owner, when the place or its pocket belongs to another robot.
        """
        if robot in self.robots:
            raise AdmissionRefused(f"{robot} is already in traffic, at {self._name(self.robots[robot].base[0])}")
        if node not in self.road.index:
            raise AdmissionRefused(f"{node!r} is not a node of this layout")
        at = self.road.index[node]
        pocket = self.audit.pocket_of[at]
        inside = self.tokens.holder.get(pocket) if pocket >= 0 else None
        if inside is not None and any(self.audit.pocket_of[n] == pocket for n in self.robots[inside].base):
            raise AdmissionRefused(f"{inside} is in the dead end that {node} belongs to; only one robot may be there")
        refused = self.ledger.claim(robot, self.road.resources_for(at))
        if refused:
            raise AdmissionRefused(f"{self._resource(refused[0])} is held by {refused[1]}")
        self.robots[robot] = RobotState(robot, [at], since=now)
        if pocket >= 0:
            self.tokens.holder[pocket] = robot
        return self._names(self.road.resources_for(at))

    def set_goal(
        self, robot: str, node: str | None, *, now: float, avoid: Iterable[str] = (), bonus: float = 0.0
    ) -> None:
        """Where `robot` shall go, or None. `avoid` are nodes it must not enter on the way; `bonus` s of extra age.

        A robot at its goal is not pushed away until its goal is changed: set None once the work there is done.
        """
        state = self.robots[robot]
        goal = None if node is None else self._index(node)
        if state.goal is None or state.reached:
            state.since = now
        state.goal, state.bonus, state.reached = goal, bonus, False
        state.avoid = self.road.nodes_named(avoid)
        if goal is not None and state.base == [goal]:
            state.reached = True

    def set_immovable(self, robot: str, immovable: bool, reason: str = "is busy") -> None:
        """A robot that cannot drive now (an action, a fault, manual mode, no connection) keeps all it holds."""
        state = self.robots[robot]
        state.held, state.held_since = (reason if immovable else None), None

    def set_lookahead(self, robot: str, edges: int) -> None:
        """How many edges its base may be ahead of it (1 or more): speed, delay and its factsheet decide. Default 2."""
        if edges < 1:
            raise ValueError(f"a base needs at least 1 edge ahead, not {edges}")
        self.robots[robot].lookahead = edges

    def set_zone(self, zone: str, closed: bool) -> None:
        """Close or open the zone with this id: robots inside may leave, none enters. KeyError if there is none."""
        self.ways.set_zone(zone, closed)

    def set_door(self, door: str, shut: bool) -> None:
        """Shut or open the door with this id; what is already released through it stays released."""
        self.ways.set_door(door, shut)

    def new_leg(self, robot: str, order_id: str) -> None:
        """From now on `robot` is driven by the order `order_id`, whose sequence ids start at 0 where its base starts.

        Raises ValueError while an earlier order still has released nodes ahead: cancel it and `abort` first.
        """
        state = self.robots[robot]
        if len(state.base) > 1 and state.order_id is not None:
            raise ValueError(f"{robot} is still driving order {state.order_id}; cancel it before a new order")
        state.order_id, state.first, state.sent, state.yielding = order_id, 0, 1, False

    def progress(self, robot: str, last_sequence_id: int, *, order_id: str, now: float) -> list[Freed]:
        """The robot has traversed the node with this sequence id. Repeated, late and foreign reports change nothing.

        Raises UnexpectedReport for a node that was never released to it.
        """
        state = self.robots[robot]
        if order_id != state.order_id or last_sequence_id <= state.first:
            return []
        passed = (last_sequence_id - state.first) // 2
        if passed >= len(state.base):
            raise UnexpectedReport(f"{robot} reports node {last_sequence_id} of {order_id}, beyond its released base")
        if passed == 0:
            return []
        state.base = state.base[passed:]
        state.first += 2 * passed
        state.sent = max(1, state.sent - passed)
        if state.base == [state.goal] and not state.reached:
            state.reached, state.since = True, now
        return self._shrink(state)

    def abort(self, robot: str, at_node: str, *, between: bool = False) -> list[Freed]:
        """A cancel is confirmed: the robot has stopped at `at_node` and drives no further, so what is ahead is freed.

        `between`: it stopped after that node, on the way to the next, which it then keeps. Raises UnexpectedReport
        when the node is not in its base.
        """
        state = self.robots[robot]
        at = self._index(at_node)
        if at not in state.base:
            raise UnexpectedReport(f"{robot} says it stopped at {at_node}, which it was never released to")
        place = state.base.index(at)
        state.base = state.base[place : place + (2 if between else 1)]
        state.order_id, state.first, state.sent, state.yielding = None, 0, 1, False
        state.goal, state.reached, state.horizon = None, False, []
        return self._shrink(state)

    def retire(self, robot: str) -> list[Freed]:
        """Take a robot out of traffic and free all it holds: only when a person vouches that it has left the floor."""
        state = self.robots.pop(robot)
        freed = self.ledger.held(robot)
        self.ledger.free(robot, freed)
        self.tokens.holder = {key: holder for key, holder in self.tokens.holder.items() if holder != robot}
        state.horizon = []
        return [Freed(robot, self._names(sorted(freed)))]

    # --- the cycle ----------------------------------------------------------------------------------------------

    def plan(self, now: float) -> dict[str, list[str]]:
        """Drop every horizon and plan anew from the ends of the bases; changes no base. Gives robot -> nodes ahead."""
        ordered = self._by_priority()
        self.tokens.grant(ordered, self._comes)
        for state in ordered:
            if state.held is not None and state.held_since is None:
                state.held_since = now
        stopped = self._stopped(ordered, now)
        movers = [self._mover(state, stopped) for state in ordered]
        movers.sort(key=lambda mover: (mover.table is None, not self._may_press_on(self.robots[mover.id])))
        ways, self.waits = plan_steps(self.road, movers, self._may_enter, STEPS)
        self._order = [mover.id for mover in movers]
        for state in ordered:
            state.horizon = ways[state.id]
        return {robot: self._horizon(self.robots[robot]) for robot in self._order}

    def release(self, now: float) -> list[ExtendBase]:
        """Move planned nodes into bases where the ledger grants them; holdings are updated before this returns."""
        grown: dict[str, list[int]] = {}
        awaited: set[int] = set()
        self.refused = {}
        stalled: set[str] = set()
        for number in range(STEPS):
            later: set[int] = set()
            for robot in self._order:
                state = self.robots.get(robot)
                if state is None or number >= len(state.horizon):
                    continue
                here = state.horizon[number - 1] if number else state.end
                node = state.horizon[number]
                if node == here:
                    continue
                if robot in stalled or node in awaited or not self._extend(state, node, grown):
                    stalled.add(robot)
                    later.add(node)
            awaited |= later
        for robot in grown:
            state = self.robots[robot]
            ahead = state.horizon
            while ahead and state.end in ahead:
                ahead = ahead[ahead.index(state.end) + 1 :]
            state.horizon = ahead
        for state in self.robots.values():
            if state.order_id is not None and state.sent < len(state.base):
                grown.setdefault(state.id, [])
        effects = [self._effect(self.robots[robot], new) for robot, new in grown.items()]
        for state in self.robots.values():
            state.wait = reason_for(self, state, now)
        return effects

    def explain(self, robot: str) -> WaitReason:
        """Why the robot does what it does, as of the last `release`."""
        return self.robots[robot].wait

    # --- persistence --------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """All that a restart needs, as JSON: bases, goals, tokens, closures. Horizons are planned anew."""
        return snapshot.to_json(self)

    @classmethod
    def restore(
        cls, data: Mapping[str, Any], road: RoadMap, *, robots: int = 60, verdict: Audit | None = None
    ) -> Traffic:
        """The Traffic that `snapshot` described. Raises ValueError for another layout or a contradicting record."""
        traffic = cls(road, robots=robots, verdict=verdict)
        snapshot.fill(traffic, data)
        return traffic

    def check(self) -> list[str]:
        """Every violated invariant in words; an empty list is what it must be."""
        found = self.ledger.check()
        for state in self.robots.values():
            if any(step not in self.road.edge_of for step in pairwise(state.base)):
                found.append(f"the base of {state.id} is not a path")
            elif self.ledger.held(state.id) != self.needed(state):
                found.append(f"{state.id} does not hold exactly what its base needs")
            if not 1 <= state.sent <= len(state.base) or state.first % 2:
                found.append(f"the sequence ids of {state.id} are wrong")
            for pocket in self.tokens.occupied(state):
                if self.tokens.holder.get(pocket) != state.id:
                    found.append(f"{state.id} is in a dead end without its token")
        return found

    # --- inside -------------------------------------------------------------------------------------------------

    def _by_priority(self) -> list[RobotState]:
        return sorted(self.robots.values(), key=lambda s: (s.goal is None, s.since - s.bonus, s.id))

    def _stopped(self, ordered: list[RobotState], now: float) -> frozenset[int]:
        """Core nodes of robots that have not been able to drive for a while: others are led round them."""
        return frozenset(
            node for s in ordered if s.held_since is not None and now - s.held_since >= REROUTE_AFTER_S
            for node in s.base if self.audit.pocket_of[node] < 0
        )  # fmt: skip

    def _comes(self, state: RobotState) -> bool:
        """Whether it stands at its goal or can drive there now."""
        if state.goal is None or state.arriving:
            return state.arriving
        return state.held is None and self.ways.table(state, state.goal)[state.end] != UNREACHABLE

    def _mover(self, state: RobotState, stopped: frozenset[int]) -> Mover:
        table: list[float] | None = None
        way_out = self.ways.way_out(state) if self.tokens.must_leave(state) else None
        if way_out is not None:
            table = self.ways.table(state, way_out)
        elif state.goal is not None:
            table = self.ways.table(state, state.goal, stopped)
            near = table[state.end] <= HOLD_OFF_S or self.audit.pocket_of[state.end] >= 0
            if table[state.end] == UNREACHABLE or (near and not self.tokens.enabled(state)):
                table = None
        fixed = state.held is not None or (state.arriving and self.tokens.enabled(state))
        return Mover(state.id, state.end, table, fixed, state.base[-2] if len(state.base) > 1 else None)

    def _may_press_on(self, state: RobotState) -> bool:
        """Whether it counts as having a goal; one that only comes near a place not yet its own gives way to those."""
        return self.tokens.enabled(state) or self.tokens.must_leave(state)

    def _may_enter(self, robot: str, start: int, end: int) -> bool:
        return self.ways.open(self.robots[robot], start, end) and self.tokens.may_enter(robot, start, end)

    def _extend(self, state: RobotState, node: int, grown: dict[str, list[int]]) -> bool:
        if state.held is not None or len(state.base) > state.lookahead:
            return False
        if not self._may_enter(state.id, state.end, node):
            return False
        needed = self.road.resources_for(node, state.end)
        held = self.ledger.held(state.id)
        refused = self.ledger.claim(state.id, needed)
        if refused:
            self.refused[state.id] = refused
            return False
        if state.id not in grown:
            self._start_order(state)
        state.base.append(node)
        grown.setdefault(state.id, []).extend(r for r in needed if r not in held)
        return True

    def _start_order(self, state: RobotState) -> None:
        """A robot that has nothing to do, or no order, moves on in a yielding order of our own making."""
        finished = state.goal is None and len(state.base) == 1
        if state.order_id is None or finished:
            self.yields += 1
            state.order_id, state.first, state.sent, state.yielding = f"{state.id}.y{self.yields}", 0, 1, True

    def _effect(self, state: RobotState, new: list[int]) -> ExtendBase:
        start = state.sent - 1
        nodes = state.base[start:]
        first = state.first + 2 * start
        visits = tuple(Visit(first + 2 * i, self._name(node)) for i, node in enumerate(nodes))
        edges = tuple(
            EdgeVisit(first + 2 * i + 1, self.road.edge_names[self.road.edge_of[a, b]])
            for i, (a, b) in enumerate(pairwise(nodes))
        )
        state.sent = len(state.base)
        assert state.order_id is not None
        return ExtendBase(
            state.id, state.order_id, first == 0, state.yielding, visits, edges,
            self._names(new), tuple(self._horizon(state)),
        )  # fmt: skip

    def needed(self, state: RobotState) -> set[int]:
        """The resources its base stands for: what it must hold, no more and no less."""
        needed = set(self.road.node_resources[state.base[0]])
        for a, b in pairwise(state.base):
            needed.update(self.road.resources_for(b, a))
        return needed

    def _shrink(self, state: RobotState) -> list[Freed]:
        freed = self.ledger.held(state.id) - self.needed(state)
        if not freed:
            return []
        self.ledger.free(state.id, freed)
        return [Freed(state.id, self._names(sorted(freed)))]

    def _horizon(self, state: RobotState) -> list[str]:
        nodes, last = [], state.end
        for node in state.horizon:
            if node != last:
                nodes.append(self._name(node))
            last = node
        return nodes

    def _index(self, node: str) -> int:
        if node not in self.road.index:
            raise KeyError(f"{node!r} is not a node of this layout")
        return self.road.index[node]

    def _name(self, node: int) -> str:
        return self.road.names[node]

    def _resource(self, resource: int) -> str:
        return self.road.resources[resource]

    def _names(self, resources: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.road.resources[r] for r in resources)
