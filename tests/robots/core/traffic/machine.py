"""A floor of simulated robots around one ledger: the verbs that a state machine or a story plays in any order.

Robots drive what they were released, at their own pace; what they are told and what they report comes late, twice, in
another order or never. Every verb takes plain numbers and does nothing where it makes no sense, so any sequence is a
valid story. `Checker` watches from outside; nothing here looks into the ledger but through its questions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest

from robots.core.traffic import AdmissionRefused, UnexpectedReport
from robots.core.traffic.ledger import Ledger, LedgerError
from tests.robots.core.traffic.checker import Checker
from tests.robots.core.traffic.random_roads import random_road

ROBOTS = ("A", "B", "C", "D")
PERSONS = ("Ann", "Bo", "ann ", "", "Bo")
OWNERS = ("gate", "A")
PARTS = 3


@dataclass
class Body:
    """A robot's body: on `node`, `done` of `PARTS` along the way to `queue[0]`. `mail` are orders not yet arrived."""

    node: int
    order: str | None = None
    mail: list[tuple[str, int, int]] = field(default_factory=list)
    queue: list[tuple[int, int]] = field(default_factory=list)
    done: int = 0
    unsent: list[tuple[str, int]] = field(default_factory=list)


class Yard:
    """One ledger, its robots, and the checker. A broken invariant is an AssertionError, whoever finds it.

    `deaf`: the ledger's own `check` is not asked, so that what is found is found from outside.
    """

    def __init__(
        self, kind: type[Ledger] = Ledger, *, shape: str = "ladder", seed: int = 0, deaf: bool = False
    ) -> None:  # fmt: skip
        self.kind, self.deaf = kind, deaf
        self.road = random_road(shape, seed)
        self.ledger = kind(self.road, epoch=1)
        self.checker = Checker(self.road)
        self.bodies: dict[str, Body] = {}
        self.said: list[tuple[str, str, int]] = []
        self.now, self.orders = 0.0, 0
        for zone in self.road.layout.zones:
            self.checker.zone(zone.id, self.ledger.zone_state(zone.id))

    # --- what robots and people do --------------------------------------------------------------------------------

    def admit(self, robot: int, pick: int) -> None:
        """A robot that was switched on, or that was led back to a node."""
        name, node = ROBOTS[robot % len(ROBOTS)], pick % len(self.road.names)
        body, known = self.bodies.get(name), name in self.ledger.robots
        if (body is not None and name in self.ledger.presence) or (body is not None and not known):
            node = body.node
        beside = [n for n in self.road.ahead[node] if pick % 5 == 0 and not body][:1]
        profile = self.road.types[pick % 2].id if self.road.types else ""
        before = self._holdings()
        try:
            self.ledger.admit(name, node, profile=profile, beside=beside)
        except AdmissionRefused:
            assert self._holdings() == before, "a refused admission changed something"
        else:
            body = self.bodies.setdefault(name, Body(node))
            body.node = node
            self._cleared(body)
            self.checker.admitted(name, node, profile=profile, beside=beside)
            if gone := before.get(name, frozenset()) - self.ledger.held(name):
                self.checker.freed(name, gone)
        self.watch()

    def begin(self, robot: int, pick: int) -> None:
        """Sometimes with an order id that it had."""
        name = ROBOTS[robot % len(ROBOTS)]
        body = self.bodies.get(name)
        if body is None:
            return
        self.orders += 1
        order = f"o{self.orders}" if pick % 6 or body.order is None else body.order
        try:
            self.ledger.begin(name, order)
        except LedgerError:
            pass
        else:
            self.checker.began(name, order)
            body.mail += [(order, visit.sequence_id, self.road.index[visit.node]) for visit in self.ledger.base(name)]
        self.watch()

    def extend(self, robot: int, pick: int) -> None:
        """To a neighbour as a rule, to anywhere at times."""
        name = ROBOTS[robot % len(ROBOTS)]
        known = name in self.ledger.robots
        base = self.ledger.nodes(name) if known else (0,)
        near = self.road.ahead[base[-1]]
        node = pick % len(self.road.names) if pick % 7 == 0 or not near else near[pick % len(near)]
        foreseen, before = self.ledger.refusal(name, node), self._holdings()
        refused = self.ledger.extend(name, node)
        assert (refused is None) == (foreseen is None), "refusal and extend disagree"
        if refused:
            assert self._holdings() == before, "a refusal changed what is held"
            assert not known or self.ledger.nodes(name) == base, "a refusal changed a base"
        else:
            order = self.ledger.order(name) if known else None
            last = self.ledger.base(name)[-1].sequence_id if known else 0
            self.checker.granted(name, order, last, node)
            assert self.ledger.nodes(name) == (*base, node), "S3: a base grows at its end only"
            self.bodies[name].mail.append((order or "", last, node))
        self.watch()

    def drive(self, robot: int, ticks: int) -> None:
        """Its orders arrive, and it drives on for some ticks, as far as it is released and nobody is in its way."""
        body = self.bodies.get(ROBOTS[robot % len(ROBOTS)])
        for _ in range(ticks if body else 0):
            assert body is not None
            self._read_mail(body)
            if body.order is None or not body.queue or self._obstructed(body):
                break
            body.done += 1
            if body.done == PARTS:
                sequence, body.node = body.queue.pop(0)
                body.done = 0
                body.unsent.append((body.order or "", sequence))
            self.watch()

    def _read_mail(self, body: Body) -> None:
        for order, sequence, node in body.mail:
            if order != body.order:
                body.order, body.queue = order, []
            body.queue.append((sequence, node))
        if body.mail and body.queue and body.queue[0][1] == body.node and body.queue[0][0] == 0:
            body.queue.pop(0)
        body.mail = []

    def _obstructed(self, body: Body) -> bool:
        """Its own scanner sees a robot that is not where it was released to."""
        places = {body.node, body.queue[0][1]}
        return any(
            places & {other.node, *(n for _, n in other.queue[:1] if other.done)}
            for name, other in self.bodies.items() if other is not body and name in self.ledger.presence
        )  # fmt: skip

    def report(self, pick: int, fate: int) -> None:
        """Any outstanding report arrives, or is lost; it may arrive again later."""
        waiting = [(name, one) for name, body in self.bodies.items() for one in body.unsent]
        if waiting:
            name, (order, sequence) = waiting[pick % len(waiting)]
            self.bodies[name].unsent.remove((order, sequence))
            if fate % 4:
                self._tell(name, order, sequence)
                self.said.append((name, order, sequence))

    def repeat(self, pick: int) -> None:
        """S7: what was said before changes nothing."""
        if self.said:
            name, order, sequence = self.said[pick % len(self.said)]
            if name in self.ledger.robots:
                before = self.ledger.snapshot()
                assert self.ledger.traversed(name, order, sequence) == frozenset(), "S7: a repeated report freed"
                assert self.ledger.snapshot() == before, "S7: a repeated report changed something"

    def beyond(self, robot: int, pick: int) -> None:
        """A report of a node that was never released."""
        name = ROBOTS[robot % len(ROBOTS)]
        order = self.ledger.order(name) if name in self.ledger.robots else "o1"
        if order is not None and name not in self.ledger.presence:
            before = self.ledger.snapshot()
            last = self.ledger.base(name)[-1].sequence_id if name in self.ledger.robots else 0
            with pytest.raises(UnexpectedReport):
                self.ledger.traversed(name, order, last + 2 + pick % 9)
            assert self.ledger.snapshot() == before, "a refused report changed something"

    def _tell(self, name: str, order: str, sequence: int) -> None:
        if name not in self.ledger.robots:
            return
        before = self.ledger.nodes(name)
        try:
            freed = self.ledger.traversed(name, order, sequence)
        except UnexpectedReport as unexpected:
            raise AssertionError(f"S7: an honest report is refused: {unexpected}") from None
        assert before[len(before) - len(self.ledger.nodes(name)) :] == self.ledger.nodes(name), "S3: shrinks in front"
        self.checker.reported(name, order, sequence)
        self.checker.freed(name, freed)
        self.watch()

    def stop(self, robot: int, pick: int) -> None:
        """A cancel, confirmed: the robot stands, on a node or between two, and has dropped its order."""
        name = ROBOTS[robot % len(ROBOTS)]
        body = self.bodies.get(name)
        if body is None or name not in self.ledger.robots:
            return
        if name in self.ledger.presence or body.node not in self.ledger.nodes(name):
            with pytest.raises(UnexpectedReport):
                self.ledger.stopped(name, body.node)
            return
        between = body.done > 0 or (pick % 4 == 0 and bool(self.checker.tracks[name].beside))
        body.mail, body.queue, body.order = [], body.queue[:1] if body.done else [], None
        freed = self.ledger.stopped(name, body.node, between=between)
        self.checker.stopped(name, body.node, between=between)
        self.checker.freed(name, freed)
        self.watch()

    def shove(self, robot: int, pick: int) -> None:
        """A person pushes a robot, in traffic or not, to a place where nobody stands."""
        name, node = ROBOTS[robot % len(ROBOTS)], pick % len(self.road.names)
        body = self.bodies.get(name)
        near = self.checker.around({node})
        for other, one in self.bodies.items():
            there = {one.node, *(n for _, n in one.queue[:1] if one.done)}
            if other != name and near & self.checker.around(there):
                return
        body = self.bodies.setdefault(name, Body(node))
        body.node, body.order = node, None
        self._cleared(body)
        conflicts = self.ledger.misplaced(name, {node})
        self.checker.stood(name, {node})
        there = self.checker.presence[name]
        expected = sorted(other for other in self.ledger.robots if other != name and self.ledger.held(other) & there)
        assert conflicts == expected, "whoever holds a part of where it stands is told"
        self.watch()

    def _cleared(self, body: Body) -> None:
        body.mail, body.queue, body.done = [], [], 0

    def free_ahead(self, robot: int, pick: int) -> None:
        """Persons switch it off where it stands, on a node, and vouch for that."""
        name = ROBOTS[robot % len(ROBOTS)]
        body = self.bodies.get(name)
        if body is None or body.done or name not in self.ledger.robots or body.node not in self.ledger.nodes(name):
            return
        by, confirmed_by = PERSONS[pick % 5], PERSONS[pick // 5 % 5]
        before = self.ledger.snapshot()
        try:
            freed = self.ledger.free_ahead(name, body.node, by=by, confirmed_by=confirmed_by)
        except LedgerError:
            assert self.ledger.snapshot() == before, "a refused act changed something"
        else:
            self._cleared(body)
            body.order = None
            self.checker.by_hand(name, by, confirmed_by, body.node)
            self.checker.freed(name, freed)
        self.watch()

    def retire(self, robot: int, pick: int) -> None:
        """Persons take it off the floor."""
        name = ROBOTS[robot % len(ROBOTS)]
        by, confirmed_by = PERSONS[pick % 5], PERSONS[pick // 5 % 5]
        before = self.ledger.snapshot()
        try:
            freed = self.ledger.retire(name, by=by, confirmed_by=confirmed_by)
        except LedgerError:
            assert self.ledger.snapshot() == before, "a refused act changed something"
        else:
            self.checker.by_hand(name, by, confirmed_by)
            self.checker.freed(name, freed)
            self.bodies.pop(name, None)
        self.watch()

    def work(self, robot: int, pick: int) -> None:
        """An ordinary stretch of work, so that the rarer events find robots on their way all over the floor."""
        name = ROBOTS[robot % len(ROBOTS)]
        if name not in self.ledger.robots:
            self.admit(robot, pick)
            return
        for i in range(1 + pick % 4):
            if name in self.ledger.robots and (self.ledger.order(name) is None or len(self.ledger.nodes(name)) == 1):
                self.begin(robot, 1)
            self.extend(robot, 1 + pick // 4 + i)
            self.extend(robot, 2 + pick // 8 + i)
            self.drive(robot, 1 + (pick + i) % 7)
            self.report(pick, pick + i)

    # --- zones, external owners, crashes --------------------------------------------------------------------------

    def zone(self, pick: int, closed: int) -> None:
        zone = self.road.layout.zones[pick % len(self.road.layout.zones)]
        try:
            state = self.ledger.close(zone.id) if closed % 3 else self.ledger.open(zone.id)
        except LedgerError:
            state = "closed"
            assert zone.kind in ("human_only", "closed"), "only the layout closes for ever"
        assert state == self.ledger.zone_state(zone.id), "close and open tell the state"
        self.watch()

    def take(self, pick: int, seconds: int) -> None:
        """The door more often than anything else."""
        resource = self.road.doors["gate"] if pick % 3 else pick % len(self.road.resources)
        owner = OWNERS[pick % 2]
        refused = self.ledger.take(resource, owner, self.now + seconds % 9, self.now)
        if refused is None:
            self.checker.taken(resource, owner)
        else:
            assert refused.text, "a refusal says why"
        self.watch()

    def give_back(self, pick: int) -> None:
        held = sorted(self.ledger.external)
        if held:
            resource = held[pick % len(held)]
            owner = self.ledger.external[resource][0]
            if pick % 4 == 0:
                with pytest.raises(LedgerError):
                    self.ledger.give_back(resource, owner + "!")
                return
            self.ledger.give_back(resource, owner)
            self.checker.given_back(resource, owner)
        self.watch()

    def wait(self, seconds: int) -> None:
        """Time passes: nothing is freed by that."""
        before = self.ledger.snapshot()
        self.now += seconds
        late = {resource for resource, (_, until) in self.ledger.external.items() if until < self.now}
        assert set(self.ledger.overdue(self.now)) == late, "overdue is what should have been given back"
        assert self.ledger.snapshot() == before, "S5: time changed something"

    def crash(self, robot: int, pick: int) -> None:
        """S7: whoever restores the record grants the same."""
        kept = json.loads(json.dumps(self.ledger.snapshot()))
        twin = self.kind.restore(kept, self.road, epoch=kept["epoch"] + pick % 2)
        assert {**twin.snapshot(), "epoch": kept["epoch"]} == kept, "S7: the record says something else now"
        for name in ROBOTS:
            for node in range(len(self.road.names)):
                assert twin.refusal(name, node) == self.ledger.refusal(name, node), "S7: restored, it grants otherwise"
        self.ledger = twin
        self.watch()

    def tamper(self, robot: int, pick: int) -> None:
        """A record that contradicts itself, or is a later writer's, is refused."""
        kept = json.loads(json.dumps(self.ledger.snapshot()))
        names = sorted(kept["robots"])
        if not names:
            return
        name = names[robot % len(names)]
        mine = kept["robots"][name]
        how = pick % 7
        if how == 0:
            kept["robots"]["double"] = {**mine, "order": None}
        elif how == 1:
            kept["epoch"] += 1
        elif how == 2:
            kept["map"] = "another"
        elif how == 3:
            mine["base"] = [*mine["base"], mine["base"][-1]]
        elif how == 4:
            mine["first"] += 1
        elif how == 5:
            own = min(self.road.profile(mine["profile"]).node_resources[self.road.index[mine["base"][0]]])
            kept["external"][self.road.resources[own]] = {"owner": "gate", "until": 1.0}
        else:
            del mine["base"]
        with pytest.raises(LedgerError):
            self.kind.restore(kept, self.road, epoch=self.ledger.epoch)

    # --- what must be true at every moment ------------------------------------------------------------------------

    def _holdings(self) -> dict[str, frozenset[int]]:
        return {name: self.ledger.held(name) for name in self.ledger.robots if self.ledger.held(name)}

    def watch(self) -> None:
        for zone in self.road.layout.zones:
            self.checker.zone(zone.id, self.ledger.zone_state(zone.id))
        for name, body in self.bodies.items():
            self.checker.at(name, body.node, body.queue[0][1] if body.done and body.queue else None, body.done / PARTS)
        if not self.road.types:
            self.checker.apart(2 * self.road.radius)
        self.checker.compare(self._holdings())
        assert not self.checker.found, self.checker.found
        for resource, owner in self.checker.owner.items():
            assert self.ledger.owner(resource) == owner.removeprefix("external "), (
                "S1: somebody else is called the owner"
            )
        assert self.deaf or not self.ledger.check(), self.ledger.check()
