"""An attempt against a robot that does what it is told, sometimes late and sometimes badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.core import dispatch, requests
from missions.core import lifecycle as life
from missions.core.facts import (
    Abandon,
    ActionFact,
    Decision,
    Drive,
    EndAttempt,
    Instant,
    Memory,
    MissionFact,
    Note,
    RobotFact,
    SendProgram,
    SetMission,
    SetStep,
    Speech,
    StepFact,
)

ROBOT = RobotFact(
    id=1,
    serial="R-01",
    name="R-01",
    reachable=True,
    automatic=True,
    paused=False,
    held=False,
    driving=False,
    battery=60.0,
    charging=False,
    loaded=False,
    order_id="",
    sent_order="",
    at="n0",
    node="n0",
    moving=False,
    remaining=0,
    actions={},
    rejected=frozenset(),
    fault="",
    home="park",
)


class Floor:
    """Carries decisions out on a fake robot and keeps what was decided; time is a number it counts itself."""

    def __init__(self, *steps: Mapping[str, Any], results: Mapping[str, dict[str, Any]] | None = None) -> None:
        facts = tuple(StepFact(i, s["op"], s, "pending") for i, s in enumerate(steps))
        self.mission = MissionFact(7, "M-7", life.ASSIGNED, facts, attempt=1, key="att_x", robot=1)
        self.robot = ROBOT
        self.now = 0.0
        self.results = results or {}
        self.decided: list[Decision] = []
        self.legs: list[Drive] = []
        self.fail: dict[str, list[dict[str, Any]]] = {}

    def nearest(self, robot: RobotFact, kind: str) -> str | None:
        return {"charger": "charge-1", "parking": "park"}.get(kind)

    def cycle(self) -> list[Decision]:
        memory, decisions = dispatch.advance(self.mission, self.robot, self.now, self.nearest)
        self.mission = replace(self.mission, memory=memory)
        self.apply(decisions)
        self.now += 1.0
        return decisions

    def apply(self, decisions: list[Decision]) -> None:
        for decision in decisions:
            self.decided.append(decision)
            match decision:
                case Drive():
                    self.legs.append(decision)
                    self.robot = replace(self.robot, sent_order=decision.order, node=decision.goal, moving=True)
                case SetStep():
                    steps = list(self.mission.steps)
                    old = steps[decision.index]
                    steps[decision.index] = replace(old, state=decision.state, result=decision.result)
                    self.mission = replace(self.mission, steps=tuple(steps))
                case SetMission():
                    if decision.state != self.mission.state:
                        life.move(self.mission.state, decision.state, actor="test", reason="")
                    self.mission = replace(self.mission, state=decision.state)
                case _:
                    pass

    def obey(self) -> None:
        """The robot drives its last leg and does the actions there."""
        leg = self.legs[-1]
        actions = dict(self.robot.actions)
        for action in (*leg.first, *leg.actions):
            failures = self.fail.get(action.type, [])
            if failures:
                actions[action.id] = ActionFact("FAILED", failures.pop(0))
            else:
                actions[action.id] = ActionFact("FINISHED", self.results.get(action.type, {}))
        charging = any(a.type == "startCharging" for a in leg.actions)
        self.robot = replace(
            self.robot,
            order_id=leg.order,
            at=leg.goal,
            node=leg.goal,
            moving=False,
            remaining=0,
            driving=False,
            actions=actions,
            charging=charging,
        )

    def run(self, cycles: int = 60) -> None:
        for _ in range(cycles):
            before = len(self.legs)
            self.cycle()
            if self.mission.state in life.FINAL:
                return
            if len(self.legs) > before:
                self.obey()

    def kinds(self, kind: type) -> list[Any]:
        return [d for d in self.decided if isinstance(d, kind)]


OPS = ["move", "pick", "drop", "scan", "inspect", "home", "report"]
PICK = {"op": "pick", "node": "recv", "station": "receiving", "item": "totes", "qty": 2}
DROP = {"op": "drop", "node": "pack", "station": "pack-1"}


def test_pick_drop_charge_runs_to_completion_with_one_order_per_leg() -> None:
    floor = Floor(PICK, DROP, {"op": "charge"})
    floor.run()
    assert floor.mission.state == life.COMPLETED
    assert [leg.goal for leg in floor.legs] == ["recv", "pack", "charge-1"]
    assert len({leg.order for leg in floor.legs}) == 3
    assert [s.state for s in floor.mission.steps] == ["done"] * 3


def test_nothing_is_progress_before_the_robot_reports_it() -> None:
    floor = Floor(PICK)
    floor.cycle()
    assert [type(d) for d in floor.cycle()] == []
    assert floor.mission.steps[0].state == "active"


def test_the_action_names_the_attempt_and_the_step() -> None:
    floor = Floor(PICK)
    floor.cycle()
    (action,) = floor.legs[0].actions
    assert action.parameters["attempt"] == "att_x"
    assert action.parameters["step"] == 0
    assert action.parameters["quantity"] == 2


def test_a_charging_robot_stops_charging_first() -> None:
    floor = Floor(PICK)
    floor.robot = replace(floor.robot, charging=True)
    floor.cycle()
    assert [a.type for a in floor.legs[0].first] == ["stopCharging"]


def test_a_new_order_waits_until_the_robot_is_idle() -> None:
    floor = Floor(PICK)
    floor.robot = replace(floor.robot, moving=True)
    assert floor.cycle() == []
    floor.robot = replace(floor.robot, moving=False)
    assert any(isinstance(d, Drive) for d in floor.cycle())


def test_missing_program_is_sent_again_and_the_step_repeated_under_new_ids() -> None:
    floor = Floor(PICK)
    floor.fail["pick"] = [{"error": "programMissing"}]
    floor.run()
    assert floor.mission.state == life.COMPLETED
    assert len(floor.kinds(SendProgram)) == 1
    assert len({leg.order for leg in floor.legs}) == 2


def test_an_interrupted_step_needs_a_person_and_a_retry_goes_on() -> None:
    floor = Floor(PICK, DROP)
    floor.fail["pick"] = [{"error": "interrupted"}]
    floor.run(5)
    assert floor.mission.state == life.FAILING
    assert floor.mission.memory.phase == "stuck"
    legs = len(floor.legs)
    floor.run(5)
    assert len(floor.legs) == legs, "never repeated without a person"
    memory, decisions = requests.retried(floor.mission)
    floor.mission = replace(floor.mission, memory=memory)
    floor.apply(decisions)
    floor.run()
    assert floor.mission.state == life.COMPLETED


def test_a_step_that_keeps_failing_ends_the_mission_and_frees_the_robot() -> None:
    floor = Floor(PICK)
    floor.fail["pick"] = [{"error": "missed"}] * 9
    floor.run()
    assert floor.mission.state == life.FAILED
    assert len(floor.legs) == 1 + dispatch.MAX_TRIES
    assert floor.kinds(Abandon) and floor.kinds(EndAttempt)[0].state == "failed"


def test_a_loaded_robot_that_cannot_drop_asks_instead_of_failing() -> None:
    floor = Floor(DROP)
    floor.robot = replace(floor.robot, loaded=True)
    floor.fail["drop"] = [{"error": "blocked"}] * 9
    floor.run()
    assert floor.mission.state == life.FAILING


@pytest.mark.parametrize(("found", "state"), [("empty", "done"), ("ok", "skipped")])
def test_a_condition_is_judged_on_what_was_found(found: str, state: str) -> None:
    floor = Floor(
        {"op": "inspect", "node": "row", "station": "row"},
        {**PICK, "if": {"kind": "empty"}},
        {**DROP, "if": {"kind": "empty"}},
        results={"inspect": {"result": found}},
    )
    floor.run()
    assert floor.mission.state == life.COMPLETED
    assert [s.state for s in floor.mission.steps] == ["done", state, state]


def test_battery_condition_with_unknown_battery_does_not_hold() -> None:
    floor = Floor({"op": "charge", "if": {"kind": "battery_below", "pct": 50}})
    floor.robot = replace(floor.robot, battery=None)
    floor.run()
    assert floor.mission.steps[0].state == "skipped"


def test_patrol_drives_every_place_every_round() -> None:
    floor = Floor({"op": "patrol", "nodes": ["a", "b"], "times": 2})
    floor.run()
    assert [leg.goal for leg in floor.legs] == ["a", "b", "a", "b"]
    assert floor.mission.state == life.COMPLETED


def test_wait_lasts_as_long_as_planned_and_confirm_needs_a_person() -> None:
    floor = Floor({"op": "wait", "seconds": 5}, {"op": "wait", "until": "confirmed"}, {"op": "report"})
    floor.run(5)
    assert floor.mission.memory.phase == "wait"
    floor.run(10)
    assert floor.mission.memory.phase == "confirm"
    memory, decisions = requests.confirmed(floor.mission)
    floor.mission = replace(floor.mission, memory=memory)
    floor.apply(decisions)
    floor.run(3)
    assert floor.mission.state == life.COMPLETED
    assert [d for d in floor.kinds(Note) if d.kind == "report"]


def test_charge_to_a_percentage_waits_for_the_battery() -> None:
    floor = Floor({"op": "charge", "to_pct": 90}, DROP)
    floor.run(6)
    assert floor.mission.memory.phase == "charge"
    floor.robot = replace(floor.robot, battery=91.0)
    floor.run()
    assert floor.mission.state == life.COMPLETED


def cancel(floor: Floor) -> None:
    floor.mission = replace(
        floor.mission, memory=requests.cancelled(floor.mission, after=life.CANCELLED, text="by Ada")
    )


def test_cancel_before_anything_was_sent_ends_at_once() -> None:
    floor = Floor(PICK)
    cancel(floor)
    floor.cycle()
    assert floor.mission.state == life.CANCELLED
    assert not floor.kinds(Instant)


def test_cancel_waits_for_an_order_that_may_still_arrive_then_for_the_robot() -> None:
    floor = Floor(PICK)
    floor.cycle()
    cancel(floor)
    assert floor.cycle() == [], "sent, not confirmed: it may still arrive"
    leg = floor.legs[0]
    floor.robot = replace(floor.robot, order_id=leg.order, remaining=2, driving=True)
    assert [type(d) for d in floor.cycle()] == [Instant]
    assert floor.cycle() == []
    floor.robot = replace(floor.robot, remaining=0, driving=False, moving=True)
    assert floor.cycle() == [], "it stands, but has not answered: what was sent before may still arrive"
    floor.robot = replace(floor.robot, actions={f"{leg.order}.cancel1": ActionFact("FINISHED")})
    floor.cycle()
    assert floor.mission.state == life.CANCELLED
    assert floor.kinds(Abandon)


def test_a_rejected_order_is_tried_again_under_a_new_id() -> None:
    floor = Floor(DROP)
    floor.cycle()
    floor.robot = replace(floor.robot, rejected=frozenset({floor.legs[0].order}))
    floor.cycle()
    assert len(floor.legs) == 2


@settings(max_examples=60, deadline=None)
@given(
    ops=st.lists(
        st.sampled_from(["move", "pick", "drop", "scan", "inspect", "home", "report"]), min_size=1, max_size=6
    ),
    failures=st.lists(st.sampled_from(["programMissing", "missed", "interrupted"]), max_size=4),
    late=st.integers(0, 3),
)
def test_every_action_is_ordered_once_per_leg_and_every_mission_ends_or_asks(
    ops: list[str], failures: list[str], late: int
) -> None:
    floor = Floor(*[{"op": op, "node": f"n{i}", "station": f"s{i}"} for i, op in enumerate(ops)])
    floor.fail["pick"] = [{"error": f} for f in failures]
    for _ in range(80):
        before = len(floor.legs)
        floor.cycle()
        if floor.mission.state in life.FINAL:
            break
        if len(floor.legs) > before:
            for _ in range(late):
                assert floor.cycle() == []
            floor.obey()
    ids = [a.id for leg in floor.legs for a in leg.actions]
    assert len(ids) == len(set(ids))
    assert floor.mission.state in life.FINAL or floor.mission.memory.phase == "stuck"
    if floor.mission.state == life.COMPLETED:
        assert all(s.state == "done" for s in floor.mission.steps)


def test_memory_survives_json() -> None:
    import json
    from dataclasses import asdict

    memory = Memory(phase="drive", step=2, leg=3, order="a.2.3", goal="n", actions=("x", "y"), until=1.5)
    data = json.loads(json.dumps(asdict(memory)))
    assert Memory(**{**data, "actions": tuple(data["actions"])}) == memory


def test_a_retriable_action_is_tried_again_then_skipped_and_an_unanswered_one_is_cancelled() -> None:
    floor = Floor(PICK)
    floor.cycle()
    leg = floor.legs[0]
    waiting = {leg.actions[0].id: ActionFact("RETRIABLE")}
    floor.robot = replace(floor.robot, order_id=leg.order, at=leg.goal, node=leg.goal, moving=False, actions=waiting)
    for number, kind in enumerate(("retry", "retry", "retry", "skipRetry"), start=1):
        floor.cycle()
        asked = floor.kinds(Instant)[-1]
        assert (asked.type, asked.parameters) == (kind, {"actionId": leg.actions[0].id})
        before = len(floor.kinds(Instant))
        floor.cycle()
        assert len(floor.kinds(Instant)) == before, "one answer at a time"
        if number < 4:
            done = {asked.action: ActionFact("FINISHED")}
            floor.robot = replace(floor.robot, actions={**floor.robot.actions, **done})
    floor.now += 30.0
    floor.cycle()
    assert floor.kinds(Instant)[-1].type == "cancelOrder"


def test_a_load_that_the_robot_does_not_report_is_not_forgotten() -> None:
    floor = Floor(PICK, DROP)
    floor.robot = replace(ROBOT, loads_known=False)
    floor.fail = {"drop": [{}] * 9}
    floor.run()
    assert floor.mission.state == life.FAILING, "a person decides: it may still carry what it picked up"


def test_a_robot_that_takes_no_order_while_charging_is_not_told_to_stop_in_the_order() -> None:
    floor = Floor(PICK)
    floor.robot = replace(ROBOT, charging=True, speech=Speech(program=False, unplug="instant"))
    floor.cycle()
    assert floor.legs[0].first == ()
