"""What is released to whom: the safety kernel. It refuses what would break an invariant and trusts nobody's plan.

It owns the bases (VDA 5050 3.0, 6.1.2: released is not taken back), their sequence ids, every resource with its one
owner (robot or external), zone states, and where robots stand that were not released there. Resources are freed by a
report, an acknowledged stop or two persons, never by time. Nodes, edges and resources are the ints of the road map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any, Final

from robots.core.traffic import record
from robots.core.traffic.holdings import Holdings, LedgerError, Refusal
from robots.core.traffic.record import NOTHING, Commitment
from robots.core.traffic.state import AdmissionRefused, UnexpectedReport, Visit
from robots.core.traffic.zones import CLOSING, OPEN, Zones, ZoneState

if TYPE_CHECKING:
    from robots.core.routing import Profile, RoadMap

__all__ = ["Ledger", "LedgerError", "Refusal"]

ORDERS_REMEMBERED: Final = 8


class Ledger(Holdings):
    """`epoch` is the fencing number of the writer that this table belongs to."""

    def __init__(self, road: RoadMap, *, epoch: int = 0) -> None:
        super().__init__(road.resources, road.capacities)
        self.road = road
        self.epoch = epoch
        self._robots: dict[str, Commitment] = {}
        self._orders: dict[str, list[str]] = {}
        self._zones = Zones(road)

    # --- robots ---------------------------------------------------------------------------------------------------

    def admit(
        self, robot: str, node: int, *, profile: str = "", beside: Iterable[int] = (), to: int | None = None
    ) -> None:
        """Take a robot that stands idle on `node` into traffic; the only way back for one that is misplaced.

        `beside` are further nodes it may touch (it stands between them); all are held until it has reached another.
        `to`: it stands on the lane from `node` to there, so its base leads along that lane before anywhere else.
        Raises AdmissionRefused, naming the owner, when it may not have the place.
        """
        was, places = self._robots.get(robot), self._known({node, *beside, *([] if to is None else [to])})
        if was is not None and robot not in self._present:
            raise AdmissionRefused(f"{robot} is already in traffic, at {self.road.names[was.base[0]]}")
        for name, zone in self._zones:
            inside = zone.state == CLOSING and self._touches(robot, zone)
            if zone.state != OPEN and not inside and not places.isdisjoint(zone.nodes):
                raise AdmissionRefused(f"{robot} stands in {name}, which is {zone.state}: bring it out or open it")
        base, kind = (node,) if to is None else (node, to), self.road.profile(profile)
        for a, b in pairwise(base):
            edge = self.road.edge_of.get((a, b))
            if edge is None or b not in kind.ahead[a] or kind.costs[edge] == inf:
                raise AdmissionRefused(f"{robot} may not drive from {self._name(a)} to {self._name(b)}")
        state = Commitment(profile, base, beside=places - {node}, grants=dict(was.grants) if was else {})
        needed = self._needed(state)
        if refused := self._in_the_way(robot, needed):
            raise AdmissionRefused(refused.text)
        self._robots[robot] = state
        self._present.pop(robot, None)
        self._claim(robot, needed)
        self._settle(robot)

    def begin(self, robot: str, order_id: str) -> None:
        """From now on its base belongs to the order `order_id`, with sequence id 0 where the base starts.

        Raises LedgerError while an earlier order has released nodes ahead, and for an order id it had before: a late
        report of the earlier order would pass for one of the new.
        """
        state = self._robots.get(robot)
        if state is None or robot in self._present:
            raise LedgerError(f"{robot} is {'misplaced' if state else 'not in traffic'}: admit it where it stands")
        if len(state.base) > 1 and state.order is not None:
            raise LedgerError(f"{robot} is still driving order {state.order}; cancel it before a new order")
        had = self._orders.get(robot, [])
        if order_id in had:
            raise LedgerError(f"{robot} had an order {order_id} before; a new order needs an id of its own")
        self._orders[robot] = [*had, order_id][-ORDERS_REMEMBERED:]
        state.order, state.first = order_id, 0

    def refusal(self, robot: str, node: int) -> Refusal | None:
        """Why `extend` would be refused now; None if it would not."""
        state = self._robots.get(robot)
        if state is None:
            return Refusal("not_admitted", None, "", f"{robot} is not in traffic")
        if robot in self._present:
            return Refusal("misplaced", None, "", f"{robot} stands where it was not released to; admit it there first")
        if state.order is None:
            return Refusal("no_order", None, "", f"{robot} has no order that could be extended")
        end, profile = state.base[-1], self._profile(state)
        edge = self.road.edge_of.get((end, node))
        if edge is None or node not in profile.ahead[end] or profile.costs[edge] == inf:
            return Refusal("no_edge", None, "", f"{robot} may not drive from {self._name(end)} to {self._name(node)}")
        if zone := self._zones.shut.get(edge):
            return Refusal("zone", None, zone, f"{zone} is {self.zone_state(zone)}: {robot} may not enter it")
        return self._in_the_way(robot, self._step(profile, end, node), self._held[robot])

    def extend(self, robot: str, node: int) -> Refusal | None:
        """Release one more edge, to `node`, and hold what it needs; or say what is in the way and change nothing."""
        if refused := self.refusal(robot, node):
            return refused
        state = self._robots[robot]
        self._claim(robot, self._step(self._profile(state), state.base[-1], node))
        state.base = (*state.base, node)
        return None

    def traversed(self, robot: str, order_id: str, sequence_id: int) -> frozenset[int]:
        """The robot has arrived at the node with this sequence id; gives what is freed behind it.

        Repeated, late and foreign reports free nothing. Raises UnexpectedReport for a node never released to it.
        """
        state = self._robots.get(robot)
        if state is None:
            raise UnexpectedReport(f"{robot} reports a node but is not in traffic")
        if robot in self._present or order_id != state.order or sequence_id <= state.first:
            return NOTHING
        passed = (sequence_id - state.first) // 2
        if passed >= len(state.base):
            raise UnexpectedReport(f"{robot} reports node {sequence_id} of {order_id}, beyond its released base")
        if passed:
            state.base, state.first, state.beside = state.base[passed:], state.first + 2 * passed, NOTHING
        return self._settle(robot)

    def stopped(self, robot: str, node: int, *, between: bool = False) -> frozenset[int]:
        """Evidence that it stands at `node` and its order is over (a finished cancel, idle); gives what is freed.

        `between`: it has left that node towards the next, which it then keeps. Raises UnexpectedReport when the node
        is not in its base, or when it is misplaced and has to be admitted instead.
        """
        state = self._robots.get(robot)
        if state is None or robot in self._present:
            raise UnexpectedReport(f"{robot} says it stopped but is {'misplaced' if state else 'not in traffic'}")
        if node not in state.base:
            raise UnexpectedReport(f"{robot} says it stopped at {self._name(node)}, which is not in its base")
        # a base may pass a node twice: nobody knows after which of the visits it stopped
        start, end = state.base.index(node), len(state.base) - state.base[::-1].index(node)
        state.beside = state.beside if between and start == 0 else NOTHING
        state.base = state.base[start : end + 1] if between else (node,)
        state.order, state.first = None, 0
        return self._settle(robot)

    def misplaced(self, robot: str, nodes: Iterable[int]) -> list[str]:
        """It stands around `nodes` (all that it may touch; on a lane, both ends) without having been released there.

        It keeps what it holds and gets nothing more, and nobody is let in to where it stands, until it is admitted or
        retired; a later call tells a new place. Gives the robots whose holdings it stands in: they are not extended.
        """
        near = self._stand(robot, self._known(nodes))
        self._drain(robot)
        return sorted(other for other, held in self._held.items() if other != robot and not held.isdisjoint(near))

    def free_ahead(self, robot: str, node: int, *, by: str, confirmed_by: str) -> frozenset[int]:
        """Two persons vouch that it stands at `node` of its base and will not drive on; gives what is freed.

        The robot itself has confirmed nothing, so it counts as misplaced there: `admit` takes it back.
        """
        _two_persons(by, confirmed_by)
        state = self._robots.get(robot)
        if state is None or node not in state.base:
            raise LedgerError(f"{robot} is not released to {self._name(node)}; name a node of its base")
        state.base, state.beside, state.order, state.first = (node,), NOTHING, None, 0
        self._stand(robot, frozenset(state.base))
        return self._settle(robot)

    def retire(self, robot: str, *, by: str, confirmed_by: str) -> frozenset[int]:
        """Two persons vouch that it has left the floor; gives what is freed."""
        _two_persons(by, confirmed_by)
        if robot not in self._robots and robot not in self._present:
            raise LedgerError(f"{robot} is not in traffic")
        self._robots.pop(robot, None)
        self._present.pop(robot, None)
        return self._settle(robot)

    @property
    def robots(self) -> list[str]:
        return sorted(self._robots)

    def nodes(self, robot: str) -> tuple[int, ...]:
        """Its base as nodes: the first was reported last. KeyError if it is not in traffic."""
        return self._robots[robot].base

    def base(self, robot: str) -> tuple[Visit, ...]:
        """Its base with the sequence ids of its order. KeyError if it is not in traffic."""
        state = self._robots[robot]
        return tuple(Visit(state.first + 2 * i, self.road.names[node]) for i, node in enumerate(state.base))

    def order(self, robot: str) -> str | None:
        """The order its base belongs to; None before the first and after a stop."""
        return self._robots[robot].order

    # --- what a robot keeps because it asked for it ---------------------------------------------------------------

    def grant(self, robot: str, key: str, resources: Iterable[int]) -> Refusal | None:
        """Hold `resources` for the robot until `ungrant`, whatever its base needs; or say what is in the way.

        For VDA 5050 3.0 zone and corridor requests (6.4.3, 6.6.10): what was granted stays taken until the robot itself
        gives it back, although its base may have left it behind. Granting the same key again changes nothing else.
        """
        state = self._robots.get(robot)
        if state is None:
            return Refusal("not_admitted", None, "", f"{robot} is not in traffic")
        if robot in self._present:
            return Refusal("misplaced", None, "", f"{robot} stands where it was not released to")
        wanted = frozenset(resources)
        if refused := self._in_the_way(robot, wanted):
            return refused
        self._claim(robot, wanted)
        state.grants = {**state.grants, key: wanted}
        self._settle(robot)
        return None

    def ungrant(self, robot: str, key: str) -> frozenset[int]:
        """The robot has given back what it was granted under this key; gives what is freed. Unknown: nothing."""
        state = self._robots.get(robot)
        if state is None or key not in state.grants:
            return NOTHING
        state.grants = {other: held for other, held in state.grants.items() if other != key}
        return self._settle(robot)

    def grants(self, robot: str) -> dict[str, frozenset[int]]:
        """What it keeps by request: key -> resources."""
        state = self._robots.get(robot)
        return dict(state.grants) if state else {}

    def who_has(self, resource: int) -> frozenset[str]:
        """Every robot or external owner that holds it, and misplaced robots that stand in it."""
        owner = self._owner.get(resource)
        standing = {robot for robot, (_, near) in self._present.items() if resource in near}
        return frozenset(standing | self._sharers.get(resource, set()) | ({owner} if owner else set()))

    # --- zones ----------------------------------------------------------------------------------------------------

    def close(self, zone: str) -> str:
        """Let nobody in from now on; gives its state. KeyError for a zone that the layout does not have."""
        self._zones.close(zone)
        self._drain(*self._robots, *self._present)
        return self.zone_state(zone)

    def open(self, zone: str) -> str:
        """Let robots in again. Raises LedgerError for a zone the layout keeps them out of; KeyError if unknown."""
        self._zones.open(zone)
        return self.zone_state(zone)

    def zone_state(self, zone: str) -> str:
        """open, closing (nobody is let in, a robot is still released there) or closed. KeyError if unknown."""
        return self._zones.of[zone].state

    def zone_at(self, edge: int) -> str:
        """A zone that is not open and that this edge leads into or cuts; "" if there is none."""
        return self._zones.shut.get(edge, "")

    def blocked(self) -> frozenset[int]:
        """Zones that are not open, as a block of the road map: nodes, and `~edge` for lanes that cut through."""
        return self._zones.blocked()

    def _drain(self, *changed: str) -> None:
        self._zones.drain(changed, self._touches)

    def _touches(self, robot: str, zone: ZoneState) -> bool:
        """Whether it is released into the zone or, misplaced, stands there."""
        if robot in self._present and not self._present[robot][0].isdisjoint(zone.nodes):
            return True
        state = self._robots.get(robot)
        if state is None:
            return False
        if zone.resource is not None and any(zone.resource in held for held in state.grants.values()):
            return True
        return self._zones.touched_by(zone, state.base, state.beside)

    # --- the record -----------------------------------------------------------------------------------------------

    def check(self) -> list[str]:
        """Every violated invariant in words; an empty list is what it must be."""
        return super().check() + record.problems(self)

    def snapshot(self) -> dict[str, Any]:
        """All of it as JSON, with names for ints."""
        return record.to_json(self)

    @classmethod
    def restore(cls, data: Mapping[str, Any], road: RoadMap, *, epoch: int = 0) -> Ledger:
        """The ledger that `snapshot` described, under a new writer's `epoch`.

        Raises LedgerError for another layout, a record of a later writer, or one that contradicts itself.
        """
        ledger = cls(road, epoch=epoch)
        record.fill(ledger, data)
        return ledger

    # --- inside ---------------------------------------------------------------------------------------------------

    def _name(self, node: int) -> str:
        return self.road.names[node] if 0 <= node < len(self.road.names) else f"node {node}"

    def _known(self, nodes: Iterable[int]) -> frozenset[int]:
        places = frozenset(nodes)
        if unknown := [node for node in places if not 0 <= node < len(self.road.names)]:
            raise LedgerError(f"{self._name(min(unknown))} is not in this layout")
        return places

    def _profile(self, state: Commitment | None) -> Profile:
        return self.road.profile(state.profile if state else None)

    def _step(self, profile: Profile, start: int, end: int) -> tuple[int, ...]:
        """What is held for driving from `start` to `end`, besides what is held on `start`."""
        return profile.node_resources[end] + profile.edge_resources[self.road.edge_of[start, end]]

    def _around(self, places: Iterable[int], profile: Profile) -> set[int]:
        """What a robot that is somewhere around `places` may touch: the nodes, and the lanes between any two."""
        near, places = set[int](), tuple(places)
        for a in places:
            near.update(profile.node_resources[a])
            for b in places:
                if (edge := self.road.edge_of.get((a, b))) is not None:
                    near.update(profile.edge_resources[edge])
        return near

    def _stand(self, robot: str, places: frozenset[int]) -> frozenset[int]:
        near = frozenset(self._around(places, self._profile(self._robots.get(robot))))
        self._present[robot] = places, near
        return near

    def _needed(self, state: Commitment) -> set[int]:
        """What its base stands for: all it must hold, no more and no less."""
        profile = self._profile(state)
        needed = self._around({state.base[0], *state.beside}, profile)
        for a, b in pairwise(state.base):
            needed.update(self._step(profile, a, b))
        return needed.union(*state.grants.values())

    def _settle(self, robot: str) -> frozenset[int]:
        state = self._robots.get(robot)
        freed = self._keep(robot, self._needed(state) if state else NOTHING)
        self._drain(robot)
        return freed


def _two_persons(by: str, confirmed_by: str) -> None:
    if not by.strip() or not confirmed_by.strip() or by.strip().casefold() == confirmed_by.strip().casefold():
        raise LedgerError("freeing by hand needs two different persons: one who asks and one who confirms")
