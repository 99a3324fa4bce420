"""Properties S1-S5, S7, S8 and E1 of traffic, under any order of events, seen by a floor that knows no insides."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from robots.core.routing import RoadMap
from robots.core.traffic import AdmissionRefused, Traffic, UnexpectedReport
from tests.robots.core.roads import ladder, ring, scattered
from tests.robots.core.traffic_floor import Floor

ROBOTS = st.sampled_from(["A", "B", "C", "D"])


class TrafficMachine(RuleBasedStateMachine):
    """Robots are admitted, sent, stopped, cancelled and retired; reports come late, twice, in any order; we crash."""

    @initialize(seed=st.integers(0, 400), shape=st.sampled_from(["ring", "ladder", "scattered"]))
    def start(self, seed: int, shape: str) -> None:
        self.layout = {"ring": ring, "ladder": ladder, "scattered": lambda: scattered(seed)}[shape]()
        self.road = RoadMap(self.layout)
        self.floor = Floor(self.layout, Traffic(self.road, robots=4), seed=seed, late=1.0)
        self.names = [n.id for n in self.layout.nodes]
        self.legs = 0
        self.said: list[tuple[str, int, str, int]] = []
        for i, robot in enumerate("ABC"):
            self.admit(robot, 3 * i + seed)
            self.send(robot, 5 * i + seed, 1)

    @property
    def traffic(self) -> Traffic:
        return self.floor.traffic

    def known(self, robot: str) -> bool:
        return robot in self.traffic.robots

    @rule(robot=ROBOTS, at=st.integers(0, 99))
    def admit(self, robot: str, at: int) -> None:
        node = self.names[at % len(self.names)]
        held = dict(self.floor.holder)
        try:
            self.floor.add(robot, node)
        except AdmissionRefused:
            assert self.floor.holder == held
        else:
            assert f"node:{node}" not in held

    @rule(robot=ROBOTS, goal=st.integers(0, 99), avoid=st.integers(0, 99))
    def send(self, robot: str, goal: int, avoid: int) -> None:
        if self.known(robot):
            body, state = self.floor.bodies[robot], self.traffic.robots[robot]
            if len(state.base) == 1 and not body.queue:
                self.legs += 1
                self.traffic.new_leg(robot, f"leg{self.legs}")
                body.order, body.sequence, body.unsent = f"leg{self.legs}", 0, []
            avoided = [self.names[avoid % len(self.names)]] if avoid % 3 == 0 else []
            self.traffic.set_goal(robot, self.names[goal % len(self.names)], now=float(self.floor.now), avoid=avoided)

    @rule(robot=ROBOTS)
    def rest(self, robot: str) -> None:
        if self.known(robot):
            self.traffic.set_goal(robot, None, now=float(self.floor.now))

    @rule(robot=ROBOTS, held=st.booleans())
    def hold(self, robot: str, held: bool) -> None:
        if self.known(robot):
            self.traffic.set_immovable(robot, held, "is loading")

    @rule(closed=st.booleans())
    def zone(self, closed: bool) -> None:
        if self.layout.zones:
            self.traffic.set_zone("corner", closed)

    @rule()
    def cycle(self) -> None:
        bases = {s.id: (s.first, tuple(s.base), s.order_id) for s in self.traffic.robots.values()}
        self.traffic.plan(float(self.floor.now))
        first = self.traffic.plan(float(self.floor.now))
        assert first == self.traffic.plan(float(self.floor.now)), "S8: the same inputs gave another plan"
        assert bases == {s.id: (s.first, tuple(s.base), s.order_id) for s in self.traffic.robots.values()}, "S8"
        effects = self.traffic.release(float(self.floor.now))
        for effect in effects:
            self.floor.receive(effect)
        for state in self.traffic.robots.values():
            first_before, base, order = bases[state.id]
            if state.order_id == order:
                assert state.first == first_before and tuple(state.base[: len(base)]) == base, "S3: a base only grows"
        self.explained({effect.robot for effect in effects})

    def explained(self, moving: set[str]) -> None:
        """E1: who has a goal and does not move names an owner or a rule, what would end it, and a chain to the root."""
        traffic = self.traffic
        for state in traffic.robots.values():
            if state.goal is None or state.id in moving or len(state.base) > 1:
                continue
            reason = traffic.explain(state.id)
            assert reason.text, "E1"
            assert reason.ends, f"E1: {reason} does not end"
            assert reason.since <= self.floor.now, "E1"
            if reason.kind in ("waiting_for_robot", "waiting_for_place"):
                assert reason.holder in traffic.robots and reason.holder != state.id, f"E1: {reason}"
                assert reason.chain[0] == reason.holder and state.id not in reason.chain, f"E1: {reason}"
                root = traffic.explain(reason.chain[-1])
                ring = root.holder == state.id or root.holder in reason.chain
                assert ring or root.holder is None or root.kind == "held", f"E1: {root} is not the root of {reason}"
            elif reason.kind == "waiting_for_turn":
                assert reason.holder is None or reason.holder in traffic.robots, f"E1: {reason}"
            else:
                assert reason.kind in ("at_goal", "held", "no_way", "waiting_for_zone"), f"E1: {reason}"

    @rule(ticks=st.integers(1, 7))
    def drive(self, ticks: int) -> None:
        for _ in range(ticks):
            self.floor.tick(cycle=10**9)

    @rule(rounds=st.integers(1, 8), pick=st.integers(0, 99), robot=ROBOTS)
    def work(self, rounds: int, pick: int, robot: str) -> None:
        """An ordinary stretch of work, so that the rarer events find robots all over the floor."""
        for i in range(rounds):
            self.cycle()
            self.drive(1 + (pick + i) % 5)
            self.report(pick + i)
            self.consistent()
        self.send(robot, pick, 1)

    @rule(pick=st.integers(0, 99))
    def report(self, pick: int) -> None:
        """Any outstanding report, not the oldest first."""
        waiting = [(robot, *one) for robot, body in self.floor.bodies.items() for one in body.unsent]
        if waiting:
            chosen = waiting[pick % len(waiting)]
            self.floor.report(*chosen)
            self.said.append(chosen)
            self.floor.bodies[chosen[0]].unsent.remove(chosen[1:])

    @precondition(lambda self: self.said)
    @rule(pick=st.integers(0, 99))
    def repeat(self, pick: int) -> None:
        robot, sequence, order, at = self.said[pick % len(self.said)]
        if self.known(robot):
            before = self.traffic.snapshot()
            assert self.traffic.progress(robot, sequence, order_id=order, now=float(at)) == [], "S7"
            assert self.traffic.snapshot() == before, "S7: a repeated report changed something"

    @rule(robot=ROBOTS, rarely=st.integers(0, 3))
    def cancel(self, robot: str, rarely: int) -> None:
        """Confirmed when the robot has stopped: at a node, or between two."""
        if self.known(robot) and not rarely:
            body = self.floor.bodies[robot]
            between = bool(body.queue) and body.done > 0
            self.floor._give(self.traffic.abort(robot, body.node, between=between))
            body.queue, body.unsent = body.queue[:1] if between else [], []
            if between:
                self.legs += 1
                self.traffic.new_leg(robot, f"leg{self.legs}")
                body.order, body.sequence, body.queue = f"leg{self.legs}", 0, [(2, body.queue[0][1])]
                self.traffic.robots[robot].sent = 2

    @rule(robot=ROBOTS, rarely=st.integers(0, 5))
    def retire(self, robot: str, rarely: int) -> None:
        if self.known(robot) and not rarely:
            self.floor._give(self.traffic.retire(robot, by="ann", confirmed_by="bob"))
            del self.floor.bodies[robot]

    @rule()
    def crash(self) -> None:
        """S7: whoever restores the snapshot grants the same from then on."""
        kept = json.loads(json.dumps(self.traffic.snapshot()))
        twin = Traffic.restore(kept, self.road, robots=4, verdict=self.traffic.audit)
        other = Traffic.restore(kept, self.road, robots=4, verdict=self.traffic.audit)
        assert twin.snapshot() == kept
        for one in (twin, other, self.traffic):
            one.plan(float(self.floor.now))
        mine = self.traffic.release(float(self.floor.now))
        assert mine == twin.release(float(self.floor.now)) == other.release(float(self.floor.now)), "S7"
        for effect in mine:
            self.floor.receive(effect)
        self.floor.traffic = twin

    @rule(robot=ROBOTS, beyond=st.integers(1, 9))
    def lie(self, robot: str, beyond: int) -> None:
        """A report of a node that was never released frees nothing."""
        if self.known(robot) and self.traffic.robots[robot].order_id:
            state = self.traffic.robots[robot]
            last = state.first + 2 * (len(state.base) - 1)
            before = self.traffic.snapshot()
            with pytest.raises(UnexpectedReport):
                self.traffic.progress(robot, last + 2 * beyond, order_id=str(state.order_id), now=0.0)
            assert self.traffic.snapshot() == before

    @invariant()
    def consistent(self) -> None:
        if hasattr(self, "floor"):
            assert self.traffic.check() == []
            self.floor.watch()
            for robot in self.floor.bodies:
                mine = {resource for resource, holder in self.floor.holder.items() if holder == robot}
                held = {self.road.resources[r] for r in self.traffic.ledger.held(robot)}
                assert mine == held, "S1, S5: what was granted and freed is what is held"


TestTraffic = TrafficMachine.TestCase
TestTraffic.settings = settings(
    max_examples=80, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
