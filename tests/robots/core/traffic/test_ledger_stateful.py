"""S1 to S7 under any order of events: hypothesis tells the yard what happens next, and shortens what goes wrong."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.robots.core.traffic.machine import ROBOTS, Yard
from tests.robots.core.traffic.random_roads import SHAPES

ROBOT = st.integers(0, len(ROBOTS) - 1)
PICK = st.integers(0, 999)


class LedgerMachine(RuleBasedStateMachine):
    """Admissions, orders, reports late and lost and twice, faults, zones, doors, acts by hand, crashes."""

    @initialize(shape=st.sampled_from(SHAPES), seed=st.integers(0, 30), places=st.lists(PICK, min_size=2, max_size=4))
    def start(self, shape: str, seed: int, places: list[int]) -> None:
        self.yard = Yard(shape=shape, seed=seed)
        for robot, place in enumerate(places):
            self.yard.admit(robot, place)

    @rule(robot=ROBOT, pick=PICK)
    def admit(self, robot: int, pick: int) -> None:
        self.yard.admit(robot, pick)

    @rule(robot=ROBOT, pick=PICK)
    def begin(self, robot: int, pick: int) -> None:
        self.yard.begin(robot, pick)

    @rule(robot=ROBOT, pick=PICK)
    def extend(self, robot: int, pick: int) -> None:
        self.yard.extend(robot, pick)

    @rule(robot=ROBOT, ticks=st.integers(1, 7))
    def drive(self, robot: int, ticks: int) -> None:
        self.yard.drive(robot, ticks)

    @rule(robot=ROBOT, pick=PICK)
    def work(self, robot: int, pick: int) -> None:
        self.yard.work(robot, pick)

    @rule(robot=ROBOT, pick=PICK)
    def work_more(self, robot: int, pick: int) -> None:
        self.yard.work(robot, pick)

    @rule(pick=PICK, fate=st.integers(0, 3))
    def report(self, pick: int, fate: int) -> None:
        self.yard.report(pick, fate)

    @rule(pick=PICK)
    def repeat(self, pick: int) -> None:
        self.yard.repeat(pick)

    @rule(robot=ROBOT, pick=PICK)
    def beyond(self, robot: int, pick: int) -> None:
        self.yard.beyond(robot, pick)

    @rule(robot=ROBOT, pick=PICK)
    def stop(self, robot: int, pick: int) -> None:
        self.yard.stop(robot, pick)

    @rule(robot=ROBOT, pick=PICK, act=st.sampled_from(["shove", "free_ahead", "retire"]))
    def by_hand(self, robot: int, pick: int, act: str) -> None:
        getattr(self.yard, act)(robot, pick)

    @rule(pick=PICK, closed=PICK)
    def zone(self, pick: int, closed: int) -> None:
        self.yard.zone(pick, closed)

    @rule(pick=PICK, seconds=PICK)
    def take(self, pick: int, seconds: int) -> None:
        self.yard.take(pick, seconds)

    @rule(pick=PICK)
    def give_back(self, pick: int) -> None:
        self.yard.give_back(pick)

    @rule(seconds=st.integers(1, 60))
    def wait(self, seconds: int) -> None:
        self.yard.wait(seconds)

    @rule(robot=ROBOT, pick=PICK, act=st.sampled_from(["crash", "tamper"]))
    def restart(self, robot: int, pick: int, act: str) -> None:
        getattr(self.yard, act)(robot, pick)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
