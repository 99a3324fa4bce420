"""Traffic of one site: who goes where next, and what may be released. No I/O, no clock, one owner thread.

The unit of commitment is the VDA 5050 base: released means held exclusively and not taken back. Everything beyond it is
planned afresh by each `plan`. A cycle is: `progress` for every report, `plan(now)`, `release(now)`; persist
`snapshot()` and the resources of the answers in one transaction, then send. Times are seconds of any one clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from robots.core.routing import NOTHING, RoadMap
from robots.core.traffic import cycle, snapshot
from robots.core.traffic.audit import Audit, audit
from robots.core.traffic.congestion import Cap
from robots.core.traffic.fans import Fan
from robots.core.traffic.guidance import QUIET_SHARE, lane_factors
from robots.core.traffic.ledger import Ledger, Refusal
from robots.core.traffic.liveness import at_risk
from robots.core.traffic.planner import CLOSED, NOT_YET, OPEN
from robots.core.traffic.state import (
    AdmissionRefused,
    ExtendBase,
    Freed,
    RobotState,
    UnexpectedReport,
    WaitReason,
)
from robots.core.traffic.tables import Tables
from robots.core.traffic.tokens import Tokens
from robots.core.traffic.ways import Ways


class Traffic:
    """`robots` is the largest fleet the site is audited for; see `audit` for the verdict.

    `factors` are lane preferences per edge (None: the layout's, or alternating lanes once the site is not quiet),
    `active` how many robots may be under way at once (None: a share of the nodes), `epoch` the leader's fencing number.
    """

    def __init__(
        self, road: RoadMap, *, robots: int = 60, verdict: Audit | None = None, epoch: int = 0,
        factors: Sequence[float] | None = None, active: int | None = None,
    ) -> None:  # fmt: skip
        self.road = road
        self.audit = verdict or audit(road, robots)
        self.ledger = Ledger(road, epoch=epoch)
        self.robots: dict[str, RobotState] = {}
        self.tokens = Tokens(self.audit)
        self.ways = Ways(road, self.audit)
        self.tables = Tables(road, self.ways)
        self.cap = Cap(len(road.names), active)
        self.stopped: frozenset[int] = NOTHING
        self.waits: dict[str, tuple[int, str]] = {}
        self.refused: dict[str, Refusal] = {}
        self.doors: dict[str, tuple[str, float]] = {}
        self.order: list[str] = []
        self.due: dict[int, deque[str]] = {}
        self.yields = 0
        self.guided = False
        self._factors = factors
        self._fans: dict[str, Fan] = {}

    # --- events: robots ------------------------------------------------------------------------------------------

    def admit(
        self, robot: str, node: str, now: float = 0.0, *, vehicle_type: str | None = None, beside: Iterable[str] = (),
        to: str | None = None,
    ) -> tuple[str, ...]:  # fmt: skip
        """Take a robot standing on `node` into traffic; gives the resources it now holds.

        `beside` are further nodes its body touches. `to`: it stands on the lane from `node` to there and drives along
        it before anywhere else. The only way back for one that is misplaced. Raises AdmissionRefused, naming the owner,
        when the place or its pocket belongs to another robot.
        """
        if robot in self.robots and robot not in self.ways.present:
            raise AdmissionRefused(f"{robot} is already in traffic, at {self._name(self.robots[robot].base[0])}")
        if node not in self.road.index:
            raise AdmissionRefused(f"{node!r} is not a node of this layout")
        at, end = self.road.index[node], None if to is None else self._index(to)
        base = [at] if end is None else [at, end]
        pockets = {self.audit.pocket_of[place]: place for place in reversed(base) if self.audit.pocket_of[place] >= 0}
        for pocket, place in pockets.items():
            inside = self.tokens.holder.get(pocket)
            if inside not in (None, robot) and any(self.audit.pocket_of[n] == pocket for n in self.robots[inside].base):
                where = self._name(place)
                raise AdmissionRefused(
                    f"{inside} is in the dead end that {where} belongs to; only one robot may be there"
                )
        near = sorted(self.road.nodes_named(beside))
        self.ledger.admit(robot, at, profile=vehicle_type or "", beside=near, to=end)
        self.robots[robot] = RobotState(robot, base, since=now, type=vehicle_type or "")
        if self.ways.present.pop(robot, None):
            self.ways.refresh()
        self.tokens.holder = {key: holder for key, holder in self.tokens.holder.items() if holder != robot}
        self.tokens.holder.update(dict.fromkeys(pockets, robot))
        return self._names(sorted(self.ledger.held(robot)))

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

    def set_immovable(self, robot: str, immovable: bool, reason: str = "is busy", kind: str = "busy") -> None:
        """A robot that cannot drive now keeps all it holds. `kind`: busy ends by itself; fault, manual, offline do not.

        Others are led round it once it has stood for a few seconds.
        """
        state = self.robots[robot]
        state.held, state.held_since = (reason if immovable else None), None
        state.busy = kind if immovable else ""

    def set_lookahead(self, robot: str, edges: int) -> None:
        """How many edges its base may be ahead of it (1 or more): speed, delay and its factsheet decide. Default 2."""
        if edges < 1:
            raise ValueError(f"a base needs at least 1 edge ahead, not {edges}")
        self.robots[robot].lookahead = edges

    def new_leg(self, robot: str, order_id: str) -> None:
        """From now on `robot` is driven by the order `order_id`, whose sequence ids start at 0 where its base starts.

        Raises ValueError while an earlier order still has released nodes ahead: cancel it and `abort` first.
        """
        state = self.robots[robot]
        if len(state.base) > 1 and state.order_id is not None:
            raise ValueError(f"{robot} is still driving order {state.order_id}; cancel it before a new order")
        self.begin(state, order_id)
        state.yielding = False

    def progress(self, robot: str, last_sequence_id: int, *, order_id: str, now: float) -> list[Freed]:
        """The robot has traversed the node with this sequence id. Repeated, late and foreign reports change nothing.

        Raises UnexpectedReport for a node that was never released to it.
        """
        state = self.robots[robot]
        before = len(state.base)
        behind = list(state.base)
        freed = self.ledger.traversed(robot, order_id, last_sequence_id)
        self.sync(state)
        passed = before - len(state.base)
        if passed == 0:
            return []
        state.came, state.first = behind[passed - 1], state.first + 2 * passed
        state.sent = max(1, state.sent - passed)
        if state.base == [state.goal] and not state.reached:
            state.reached, state.since = True, now
        return [Freed(robot, self._names(sorted(freed)))] if freed else []

    def abort(self, robot: str, at_node: str, *, between: bool = False) -> list[Freed]:
        """A cancel is confirmed: the robot has stopped at `at_node` and drives no further, so what is ahead is freed.

        `between`: it stopped after that node, on the way to the next, which it then keeps. Raises UnexpectedReport
        when the node is not in its base.
        """
        state = self.robots[robot]
        at = self._index(at_node)
        if at not in state.base:
            raise UnexpectedReport(f"{robot} says it stopped at {at_node}, which it was never released to")
        freed = self.ledger.stopped(robot, at, between=between)
        self._stop(state)
        return [Freed(robot, self._names(sorted(freed)))] if freed else []

    def misplaced(self, robot: str, nodes: Iterable[str], now: float = 0.0) -> list[str]:
        """It stands over `nodes` without having been released there; nobody else is sent there while it does.

        Gives the robots whose released way leads there: they are to be stopped, nothing more is released to them. It
        lasts until the robot is admitted or retired.
        """
        where = self.road.nodes_named(nodes)
        conflicts = self.ledger.misplaced(robot, sorted(where))
        self.ways.present[robot] = where
        self.ways.refresh()
        return conflicts

    def retire(self, robot: str, *, by: str, confirmed_by: str) -> list[Freed]:
        """Take a robot out of traffic and free all it holds: two persons vouch that it has left the floor.

        Raises LedgerError, changing nothing, when they are one and the same.
        """
        freed = self.ledger.retire(robot, by=by, confirmed_by=confirmed_by)
        self.robots.pop(robot, None)
        self.tokens.holder = {key: holder for key, holder in self.tokens.holder.items() if holder != robot}
        self.cap.active.discard(robot)
        if self.ways.present.pop(robot, None):
            self.ways.refresh()
        return [Freed(robot, self._names(sorted(freed)))]

    def free_ahead(self, robot: str, node: str, *, by: str, confirmed_by: str) -> list[Freed]:
        """Two persons vouch that the robot stands at `node` and will not drive on: free what it holds beyond that.

        It counts as misplaced there until it is admitted again. Raises LedgerError when they are one and the same, or
        the node is not in its base.
        """
        state, at = self.robots[robot], self._index(node)
        freed = self.ledger.free_ahead(robot, at, by=by, confirmed_by=confirmed_by)
        self._stop(state)
        self.ways.present[robot] = frozenset((at,))
        self.ways.refresh()
        return [Freed(robot, self._names(sorted(freed)))] if freed else []

    # --- events: places ------------------------------------------------------------------------------------------

    def set_zone(self, zone: str, closed: bool, now: float = 0.0) -> str:
        """Close or open the zone with this id: robots inside may leave, none enters. KeyError if there is none.

        Gives its state: open, closing (a released way still touches it), closed.
        """
        if zone not in {z.id for z in self.road.layout.zones}:
            raise KeyError(zone)
        (self.ledger.close if closed else self.ledger.open)(zone)
        self.ways.zones = self.ledger.blocked()
        self.ways.refresh()
        return self.ledger.zone_state(zone)

    def zones(self) -> dict[str, str]:
        """The state of every zone: open, closing or closed."""
        return {zone.id: self.ledger.zone_state(zone.id) for zone in self.road.layout.zones}

    def take_door(self, door: str, owner: str, until: float, now: float) -> str:
        """Somebody else (a lorry, a lift, a person) has the door until `until`; "" or why not. KeyError if unknown.

        Past `until` it is overdue and still theirs: only `give_back_door` ends it.
        """
        refusal = self.ledger.take(self.road.doors[door], owner, until, now)
        if refusal is not None:
            return refusal.text
        self.doors[door] = owner, until
        self.ways.taken_doors.add(door)
        self.ways.refresh()
        return ""

    def give_back_door(self, door: str, owner: str) -> None:
        """Robots may pass again. LedgerError when somebody else has it."""
        self.ledger.give_back(self.road.doors[door], owner)
        self.doors.pop(door, None)
        self.ways.taken_doors.discard(door)
        self.ways.refresh()

    def block(self, node_or_edge: str, until: float, by: str, now: float) -> None:
        """Something stands on a node or edge: nobody is newly sent there until `until`. KeyError if it is unknown."""
        if until > now:
            self.ways.block(node_or_edge, until, by)

    def clear(self, node_or_edge: str) -> None:
        """What stood there is gone."""
        self.ways.clear(node_or_edge)

    # --- the cycle ----------------------------------------------------------------------------------------------

    def plan(self, now: float) -> dict[str, list[str]]:
        """Drop every horizon and plan anew from the ends of the bases; changes no base. Gives robot -> nodes ahead."""
        cycle.plan(self, now)
        return {robot: self.horizon(self.robots[robot]) for robot in self.order}

    def release(self, now: float) -> list[ExtendBase]:
        """Move planned nodes into bases where the ledger grants them; holdings are updated before this returns."""
        return cycle.release(self, now)

    def prepare(self, nodes: Iterable[str], *, vehicle_type: str | None = None, most: int = 4) -> int:
        """Make up to `most` tables to coming goals in the time between cycles; gives how many were made.

        `plan` makes at most a few itself, so on large maps a robot whose goal comes as a surprise may wait a cycle.
        """
        made = 0
        for node in nodes:
            if made >= most:
                break
            made += self.tables.prepare(self._index(node), vehicle_type or "")
        return made

    def explain(self, robot: str) -> WaitReason:
        """Why the robot does what it does, as of the last `release`."""
        return self.robots[robot].wait

    def liveness(self) -> str:
        """Empty, or "liveness at risk: ...": with the robots that cannot drive taken off the map it could lock up."""
        return at_risk(self.road, self.audit, self.robots.values())

    @property
    def active_cap(self) -> int:
        """How many robots may be under way at once now; assigning missions to more has no use."""
        return self.cap.limit

    # --- persistence --------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """All that a restart needs, as JSON: bases, goals, tokens, closures. Horizons are planned anew."""
        return snapshot.to_json(self)

    @classmethod
    def restore(
        cls, data: Mapping[str, Any], road: RoadMap, *, robots: int = 60, verdict: Audit | None = None, epoch: int = 0,
        factors: Sequence[float] | None = None, active: int | None = None,
    ) -> Traffic:  # fmt: skip
        """The Traffic that `snapshot` described. Raises ValueError for another layout or a contradicting record."""
        traffic = cls(road, robots=robots, verdict=verdict, epoch=epoch, factors=factors, active=active)
        snapshot.fill(traffic, data, epoch)
        return traffic

    def check(self) -> list[str]:
        """Every violated invariant in words; an empty list is what it must be."""
        found = self.ledger.check()
        for state in self.robots.values():
            if list(self.ledger.nodes(state.id)) != state.base or self.ledger.order(state.id) != state.order_id:
                found.append(f"the base of {state.id} is not what the ledger has")
            if self.ledger.base(state.id)[0].sequence_id != state.first or not 1 <= state.sent <= len(state.base):
                found.append(f"the sequence ids of {state.id} are wrong")
            for pocket in self.tokens.occupied(state):
                if self.tokens.holder.get(pocket) != state.id:
                    found.append(f"{state.id} is in a dead end without its token")
        return found

    # --- for the parts of this package ---------------------------------------------------------------------------

    def gate(self, robot: str, start: int, end: int) -> int:
        """Whether closures, what it must avoid, doors and tokens let this robot drive from `start` to `end`."""
        state = self.robots[robot]
        if not self.ways.open(state, start, end) or self.led_round(state, start, end):
            return CLOSED
        if not self.tokens.may_enter(robot, start, end):
            # a dead end that its goal is not in is not worth waiting for, though a lane may lead through it
            return NOT_YET if self.tokens.bound_for(state, end) else CLOSED
        return NOT_YET if self.ways.door_of(self.road.edge_of[start, end]) else OPEN

    def led_round(self, state: RobotState, start: int, end: int) -> bool:
        """A stopped robot is gone round: the table of its node says how far that is, not that one may drive there."""
        if end not in self.stopped or start in self.stopped or end == state.goal:
            return False
        return state.id not in self.tables.behind

    def begin(self, state: RobotState, order_id: str) -> None:
        """The ledger numbers its base from 0 for this order; nothing of it is sent yet."""
        self.ledger.begin(state.id, order_id)
        state.order_id, state.first, state.sent = order_id, 0, 1
        self.sync(state)

    def sync(self, state: RobotState) -> None:
        """Take over its base from the ledger, which alone decides it."""
        state.base = list(self.ledger.nodes(state.id))

    def _stop(self, state: RobotState) -> None:
        """Its order is over; it has nowhere to go."""
        self.sync(state)
        state.order_id, state.first, state.sent, state.yielding = None, 0, 1, False
        state.goal, state.reached, state.horizon, state.came = None, False, [], None

    def fan(self, vehicle_type: str) -> Fan:
        found = self._fans.get(vehicle_type)
        if found is None:
            found = self._fans[vehicle_type] = Fan(self.road, vehicle_type)
        return found

    def steer(self, guided: bool | None = None) -> None:
        """Lane preferences as soon as the floor is no longer quiet; they stay on until it is clearly quiet again."""
        if guided is None:
            share = min(len(self.robots), self.cap.most) / max(1, len(self.road.names))
            guided = share >= QUIET_SHARE * (0.8 if self.guided else 1.0)
        if guided == self.guided:
            return
        self.guided = guided
        pockets = (node for pocket in self.audit.pockets for node in pocket)
        factors = self._factors or lane_factors(self.road, both_ways=pockets)
        self.tables.use(self.road.with_factors(factors) if guided else self.road)

    def horizon(self, state: RobotState) -> list[str]:
        """The names of the nodes planned beyond its base."""
        return [self._name(node) for node in state.horizon]

    def _index(self, node: str) -> int:
        if node not in self.road.index:
            raise KeyError(f"{node!r} is not a node of this layout")
        return self.road.index[node]

    def _name(self, node: int) -> str:
        return self.road.names[node]

    def _names(self, resources: Iterable[int]) -> tuple[str, ...]:
        return tuple(self.road.resources[r] for r in resources)
