"""The proofs bite: a ledger with one planted bug is caught from outside, by the checker or by the machine's own rules.

Each mutant is a Ledger with one rule gone. Stories with fixed seeds are played until one catches it; the ledger's own
`check` is not asked. `caught` is what the finding must say, so that a mutant is not caught by some accident.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from typing import Any

import pytest

from robots.core.routing import Profile, RoadMap
from robots.core.traffic import record
from robots.core.traffic.holdings import Refusal
from robots.core.traffic.ledger import Ledger
from robots.core.traffic.record import Commitment
from robots.core.traffic.zones import CLOSED, CLOSING
from tests.robots.core.traffic.stories import play

STORIES = 250


class GivesTwice(Ledger):
    """S1: what a robot has is given to another."""

    def _has(self, robot: str, resource: int) -> str | None:
        return super()._has(robot, resource) if resource in self.external else None


class ForgetsExternalOwners(Ledger):
    """S1: what an external owner has is given to a robot."""

    def _has(self, robot: str, resource: int) -> str | None:
        return None if resource in self.external else super()._has(robot, resource)


class TakesNamesForOwners(Ledger):
    """S1: a robot that is called like an external owner passes for it."""

    def _has(self, robot: str, resource: int) -> str | None:
        return None if self._owner.get(resource) == robot else super()._has(robot, resource)


class CountsNobody(Ledger):
    """S1: a release zone takes any number."""

    def _has(self, robot: str, resource: int) -> str | None:
        return None if resource in self._capacities and robot else super()._has(robot, resource)


class FreesOnDeparture(Ledger):
    """S4: the node it leaves is freed when it sets out, not when it arrives at the next."""

    def _needed(self, state: Commitment) -> set[int]:
        needed = super()._needed(state)
        if state.order is not None and state.first and len(state.base) > 1:
            own = self._profile(state)
            needed -= set(own.node_resources[state.base[0]]) - set(own.node_resources[state.base[1]])
        return needed


class ForgetsSweep(Ledger):
    """S4: only the nodes are held, not what the way between them sweeps."""

    def _step(self, profile: Profile, start: int, end: int) -> tuple[int, ...]:
        return profile.node_resources[end]

    def _around(self, places: Iterable[int], profile: Profile) -> set[int]:
        return {resource for place in places for resource in profile.node_resources[place]}


class ForgetsBeside(Ledger):
    """S4: a robot admitted between nodes holds one of them only."""

    def admit(self, robot: str, node: int, *, profile: str = "", beside: Iterable[int] = ()) -> None:
        super().admit(robot, node, profile=profile)


class IgnoresBetween(Ledger):
    """S4: a robot stopped on its way is taken to stand on the node it left."""

    def stopped(self, robot: str, node: int, *, between: bool = False) -> frozenset[int]:
        return super().stopped(robot, node)


class StopsAtFirstVisit(Ledger):
    """S4: stopped after the second visit of a node, it keeps the way it took after the first."""

    def stopped(self, robot: str, node: int, *, between: bool = False) -> frozenset[int]:
        if between and robot in self._robots and robot not in self._present and node in self.nodes(robot):
            base = self.nodes(robot)
            self._robots[robot].base = base[: base.index(node) + 2]
        return super().stopped(robot, node, between=between)


class IgnoresPresence(Ledger):
    """S4: robots are sent to where a misplaced one stands."""

    def _in_the_way(self, robot: str, wanted: Iterable[int], touched: Set[int] = frozenset()) -> Refusal | None:
        present, self._present = self._present, {}
        try:
            return super()._in_the_way(robot, wanted, touched)
        finally:
            self._present = present


class SendsOnIntoPresence(Ledger):
    """S4: a robot whose base leads to a misplaced one is sent further."""

    def _in_the_way(self, robot: str, wanted: Iterable[int], touched: Set[int] = frozenset()) -> Refusal | None:
        return super()._in_the_way(robot, wanted)


class SendsOnTheMisplaced(Ledger):
    """S2: a misplaced robot is extended from where it is not."""

    def refusal(self, robot: str, node: int) -> Refusal | None:
        present = self._present.pop(robot, None)
        try:
            return super().refusal(robot, node)
        finally:
            if present:
                self._present[robot] = present


class DrivesAnywhere(Ledger):
    """S2: what the vehicle type may not use is not looked at."""

    def _profile(self, state: Commitment | None) -> Profile:
        own, all_types = super()._profile(state), self.road.profile()
        return Profile(own.type, all_types.ahead, own.behind, all_types.costs, own.node_resources, own.edge_resources)


class RepeatsOrders(Ledger):
    """S3: an order id may come back."""

    def begin(self, robot: str, order_id: str) -> None:
        self._orders.pop(robot, None)
        super().begin(robot, order_id)


class BeginsWhileDriving(Ledger):
    """S3: a new order does not wait for the end of the one before."""

    def begin(self, robot: str, order_id: str) -> None:
        if robot in self._robots and robot not in self._present:
            self._robots[robot].order = None
        super().begin(robot, order_id)


class ReusesSequenceIds(Ledger):
    """S3: sequence ids start again at each report."""

    def traversed(self, robot: str, order_id: str, sequence_id: int) -> frozenset[int]:
        freed = super().traversed(robot, order_id, sequence_id)
        if freed:
            self._robots[robot].first = 0
        return freed


class TrustsTime(Ledger):
    """S5: an external owner that is overdue is taken to be gone."""

    def overdue(self, now: float) -> list[int]:
        late = super().overdue(now)
        for resource in late:
            del self.external[resource], self._owner[resource]
        return late


class TrustsAnyOwner(Ledger):
    """S5: anybody may give back what somebody took."""

    def give_back(self, resource: int, owner: str) -> None:
        super().give_back(resource, self.external[resource][0])


class NeedsOnePerson(Ledger):
    """S5: the second person is not looked at."""

    def retire(self, robot: str, *, by: str, confirmed_by: str) -> frozenset[int]:
        return super().retire(robot, by="Ann", confirmed_by="Bo")


class FreesAheadForOne(Ledger):
    """S5: the second person is not looked at."""

    def free_ahead(self, robot: str, node: int, *, by: str, confirmed_by: str) -> frozenset[int]:
        return super().free_ahead(robot, node, by="Ann", confirmed_by="Bo")


class BelievesAnyOrder(Ledger):
    """S7: a late report of an earlier order counts for the present one."""

    def traversed(self, robot: str, order_id: str, sequence_id: int) -> frozenset[int]:
        return super().traversed(robot, self.order(robot) or order_id, sequence_id)


class BelievesAnySequence(Ledger):
    """S5: a node that was never released counts as the end of the base."""

    def traversed(self, robot: str, order_id: str, sequence_id: int) -> frozenset[int]:
        state = self._robots[robot]
        return super().traversed(robot, order_id, min(sequence_id, state.first + 2 * len(state.base) - 2))


class LetsIntoZones(Ledger):
    """S6: a zone that is not open is entered."""

    def refusal(self, robot: str, node: int) -> Refusal | None:
        shut, self._zones.shut = self._zones.shut, {}
        try:
            return super().refusal(robot, node)
        finally:
            self._zones.shut = shut


class CutsThroughZones(Ledger):
    """S6: only lanes that end in the zone are refused, not those that lead through it."""

    def refusal(self, robot: str, node: int) -> Refusal | None:
        shut = self._zones.shut
        self._zones.shut = {
            e: zone for e, zone in shut.items() if self.road.edge_ends[e][1] in self._zones.of[zone].nodes
        }
        try:
            return super().refusal(robot, node)
        finally:
            self._zones.shut = shut


class ClosesAtOnce(Ledger):
    """S6: a zone counts as closed while robots are still released into it."""

    def _drain(self, *changed: str) -> None:
        self._zones.drain(changed, lambda robot, zone: False)


class ClosesBeforeTheEnd(Ledger):
    """S6: a zone counts as closed when nobody stands in it, whoever is on the way."""

    def _drain(self, *changed: str) -> None:
        for _, zone in self._zones:
            stands = any(state.base[0] in zone.nodes for state in self._robots.values())
            if zone.state == CLOSING and not stands:
                zone.state = CLOSED


class RestoresAnything(Ledger):
    """S7: a record that contradicts itself is taken."""

    def check(self) -> list[str]:
        return []


class OvertakesLaterWriters(Ledger):
    """S7: the record of a later writer is taken over."""

    @classmethod
    def restore(cls, data: Mapping[str, Any], road: RoadMap, *, epoch: int = 0) -> Ledger:
        return super().restore({**data, "epoch": epoch}, road, epoch=epoch)


class ForgetsZonesAtRestart(Ledger):
    """S7: what was closed is open after a restart."""

    @classmethod
    def restore(cls, data: Mapping[str, Any], road: RoadMap, *, epoch: int = 0) -> Ledger:
        return super().restore({**data, "zones": {}}, road, epoch=epoch)


class ForgetsBesideAtRestart(Ledger):
    """S7: after a restart, a robot between nodes holds one of them only."""

    def snapshot(self) -> dict[str, Any]:
        kept = record.to_json(self)
        return {**kept, "robots": {name: {**robot, "beside": []} for name, robot in kept["robots"].items()}}


MUTANTS = {
    GivesTwice: "S1", ForgetsExternalOwners: "S1", TakesNamesForOwners: "S1", CountsNobody: "S1",
    FreesOnDeparture: "S5.*without evidence|S4", ForgetsSweep: "S1|S4", ForgetsBeside: "S1|S4",
    IgnoresBetween: "S5.*without evidence|S4", StopsAtFirstVisit: "S5.*without evidence|S4", IgnoresPresence: "S4",
    SendsOnIntoPresence: "S4", SendsOnTheMisplaced: "S2|disagree", DrivesAnywhere: "S2", RepeatsOrders: "S3",
    BeginsWhileDriving: "S3", ReusesSequenceIds: "S3|S7", TrustsTime: "S5", TrustsAnyOwner: "DID NOT RAISE",
    NeedsOnePerson: "S5", FreesAheadForOne: "S5", BelievesAnyOrder: "S5|S7", BelievesAnySequence: "DID NOT RAISE|S5",
    LetsIntoZones: "S6", CutsThroughZones: "S6", ClosesAtOnce: "S6", ClosesBeforeTheEnd: "S6",
    RestoresAnything: "DID NOT RAISE", OvertakesLaterWriters: "DID NOT RAISE", ForgetsZonesAtRestart: "S7",
    ForgetsBesideAtRestart: "S1|S7",
}  # fmt: skip


def findings(kind: type[Ledger], stories: Iterable[int] = range(STORIES)) -> str:
    """What the first story that catches it says; "" when none does."""
    for seed in stories:
        try:
            play(kind, seed, deaf=True)
        except (AssertionError, pytest.fail.Exception) as caught:
            return str(caught)
    return ""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_planted_bug_is_caught(mutant: type[Ledger]) -> None:
    said = findings(mutant)
    assert said, f"nothing found that {mutant.__doc__}"
    assert re.search(MUTANTS[mutant], said), said


def test_without_a_planted_bug_nothing_is_caught() -> None:
    assert findings(Ledger, range(100)) == ""
