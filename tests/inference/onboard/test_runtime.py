"""One robot through orders, stops, faults and restarts: the loop on a clock that the test turns, no network."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inference.contract import Decision, Policy, ProgramStep, program_to_json
from tests.inference.onboard.helpers import ENVELOPE, Bench, action, demo_layout, floor, order, program, route

R = "R-01"
LAYOUT = demo_layout()
HOME = floor(1)["robots"][0]["node"]
RACK = LAYOUT.station("charger-3").nodes[0]
WAY = route(HOME, RACK)
PLACE = {n.id: (n.x, n.y) for n in LAYOUT.nodes}


@pytest.fixture
def bench(tmp_path: Path, policy: Policy) -> Bench:
    bench = Bench(tmp_path, policy, floor(1))
    bench.run(0.5)
    return bench


def work(bench: Bench, *actions: dict[str, Any], order_id: str = "a1.0", nodes: list[str] | None = None) -> None:
    nodes = nodes or WAY
    bench.say(R, "order", order(R, order_id, nodes, actions={nodes[-1]: list(actions)}))


def test_an_order_is_driven_to_its_end_and_its_actions_are_done_standing(bench: Bench) -> None:
    one = action("drop", "d", loadType="totes", quantity=1)
    work(bench, action("pick", "p", loadType="totes", quantity=2), one)
    assert bench.run(60, lambda: bench.status(R, "d") == "FINISHED")
    state = bench.last(R)
    assert state["lastNodeId"] == RACK and state["nodeStates"] == [] and state["errors"] == []
    assert [load["loadType"] for load in state["loads"]] == ["totes"]
    assert math.dist((bench.body(R).x, bench.body(R).y), PLACE[RACK]) < 0.1
    started = [s["actionStates"][0]["actionStatus"] for s in bench.wire.states(R) if s["actionStates"]]
    assert started.index("RUNNING") < started.index("FINISHED")
    assert not any(s["driving"] for s in bench.wire.states(R) if s["actionStates"][:1] and started[-1] == "RUNNING")


@pytest.mark.parametrize(("load", "left"), [({}, []), ({"loadType": "totes"}, ["drums"])])
def test_a_drop_without_a_quantity_puts_down_all_that_is_carried_of_it(
    bench: Bench, load: dict[str, str], left: list[str]
) -> None:
    picks = [action("pick", "p", loadType="totes", quantity=2), action("pick", "q", loadType="drums", quantity=1)]
    work(bench, *picks, action("drop", "d", **load))
    assert bench.run(60, lambda: bench.status(R, "d") == "FINISHED")
    assert [load["loadType"] for load in bench.last(R)["loads"]] == left


def test_the_robot_never_leaves_the_base_and_goes_on_when_it_is_extended(bench: Bench) -> None:
    base = 2
    bench.say(R, "order", order(R, "a1.0", WAY, released=base))
    bench.run(20)
    end = PLACE[WAY[base - 1]]
    assert math.dist((bench.body(R).x, bench.body(R).y), end) < 0.1
    state = bench.last(R)
    assert state["lastNodeId"] == WAY[base - 1] and state["newBaseRequest"] is True and not state["driving"]
    bench.say(R, "order", order(R, "a1.0", WAY[base - 1 :], update=1, first=2 * (base - 1)))
    assert bench.run(60, lambda: bench.last(R)["lastNodeId"] == RACK)


def test_without_a_lease_nothing_moves_and_an_expired_one_stops_the_robot_in_time(bench: Bench) -> None:
    bench.leasing = False
    bench.run(2.0)
    work(bench)
    where = bench.body(R)
    bench.run(5)
    assert (bench.body(R).x, bench.body(R).y) == (where.x, where.y) and "leaseExpired" in bench.errors(R)
    bench.leasing = True
    bench.run(6)
    assert bench.body(R).v > 0.5 and bench.errors(R) == set()
    bench.leasing = False
    bench.run(1.5 + 1.6 / 1.4 + 0.3)
    stopped = bench.body(R)
    bench.run(3)
    assert bench.body(R).v == 0 and (bench.body(R).x, bench.body(R).y) == (stopped.x, stopped.y)


def test_a_held_robot_stands_until_it_is_no_longer_held(bench: Bench) -> None:
    work(bench)
    bench.run(4)
    bench.held = (R,)
    bench.run(2)
    where = bench.body(R)
    bench.run(3)
    assert bench.body(R).v == 0 and bench.body(R).x == where.x
    bench.held = ()
    assert bench.run(60, lambda: bench.last(R)["lastNodeId"] == RACK)


def test_pause_stops_and_resume_goes_on(bench: Bench) -> None:
    work(bench)
    bench.run(4)
    bench.instant(R, "startPause", "i1")
    assert bench.run(3, lambda: bench.status(R, "i1") == "FINISHED") and bench.last(R)["paused"] is True
    where = bench.body(R)
    bench.run(3)
    assert bench.body(R).x == where.x
    bench.instant(R, "stopPause", "i2")
    assert bench.run(60, lambda: bench.last(R)["lastNodeId"] == RACK)


def test_cancel_stops_on_the_way_and_the_next_order_starts_there(bench: Bench) -> None:
    work(bench, action("pick", "p"))
    bench.run(4)
    bench.instant(R, "cancelOrder", "c")
    assert bench.run(5, lambda: bench.status(R, "c") == "FINISHED")
    assert bench.status(R, "p") == "FAILED" and bench.last(R)["nodeStates"] == []
    at = bench.last(R)["lastNodeId"]
    nodes = WAY[WAY.index(at) :]
    following = order(R, "a2.0", nodes)
    following["nodes"][0]["nodePosition"]["allowedDeviationXY"] = 3.0
    bench.say(R, "order", following)
    assert bench.run(60, lambda: bench.last(R)["lastNodeId"] == RACK)


def test_an_action_of_a_program_that_has_not_arrived_fails_with_a_named_error(bench: Bench) -> None:
    work(bench, action("pick", "p", attempt="a1", step=0))
    assert bench.run(60, lambda: bench.status(R, "p") == "FAILED")
    assert "programMissing" in bench.errors(R)


@pytest.mark.parametrize(("step", "kind", "error"), [(1, "drop", "programMismatch"), (7, "pick", "programMismatch")])
def test_an_action_that_is_not_its_programs_step_fails(bench: Bench, step: int, kind: str, error: str) -> None:
    stored = program("a1", R, ProgramStep(1, "pick", RACK, "receiving", "totes", "Totes", 1))
    bench.journals.of(R).store_program("a1", program_to_json(stored))
    work(bench, action(kind, "p", attempt="a1", step=step))
    assert bench.run(60, lambda: bench.status(R, "p") == "FAILED")
    assert error in bench.errors(R)


def test_a_programs_step_says_what_and_how_many_and_its_envelope_limits_the_speed(bench: Bench) -> None:
    slow = replace(ENVELOPE, max_speed=0.6)
    stored = program("a1", R, ProgramStep(1, "pick", RACK, "receiving", "totes", "Totes", 3), envelope=slow)
    bench.journals.of(R).store_program("a1", program_to_json(stored))
    work(bench, action("pick", "p", attempt="a1", step=1))
    assert bench.run(90, lambda: bench.status(R, "p") == "FINISHED")
    assert len(bench.last(R)["loads"]) == 3 and bench.fastest[R] <= 0.6 + 1e-9


def test_a_program_cannot_widen_what_the_robot_may_do(bench: Bench) -> None:
    wide = replace(ENVELOPE, max_speed=9.0, person_clearance=0.0, min_confidence=0.0, max_decision_age=60.0)
    bench.journals.of(R).store_program("a1", program_to_json(program("a1", R, envelope=wide)))
    work(bench)
    limits = bench.runtime.robots[R].executor.limits
    assert (limits.max_speed, limits.person_clearance) == (1.6, 0.6)
    assert (limits.min_confidence, limits.max_decision_age) == (0.5, 0.5)


@pytest.mark.parametrize("condition", ["empty", "damaged", "ok"])
def test_an_inspection_tells_what_the_model_saw(tmp_path: Path, policy: Policy, condition: str) -> None:
    bench = Bench(tmp_path, policy, floor(1, stations={"rack-a1": {"condition": condition, "count": 4}}))
    bench.run(0.5)
    work(bench, action("inspect", "i", stationName="rack-a1"))
    assert bench.run(60, lambda: bench.status(R, "i") == "FINISHED")
    found = json.loads(bench.last(R)["actionStates"][0]["resultDescription"])
    assert found == {"result": condition, "count": 4}


class Unsure(Policy):
    """The model with its confidence replaced."""

    name, version = "unsure", "0"

    def __init__(self, inner: Policy, confidence: float | None) -> None:
        self.inner, self.confidence = inner, confidence

    def act(self, observations: Any) -> list[Decision]:
        return [replace(d, confidence=self.confidence) for d in self.inner.act(observations)]


@pytest.mark.parametrize("confidence", [None, 0.2, math.nan])
def test_a_model_that_is_not_sure_stops_the_robot_and_asks(
    tmp_path: Path, policy: Policy, confidence: float | None
) -> None:
    bench = Bench(tmp_path, Unsure(policy, confidence), floor(1))
    where = bench.body(R)
    bench.run(0.5)
    work(bench)
    bench.run(3)
    assert bench.body(R) == replace(where, battery=bench.body(R).battery)
    assert "needsHelp" in bench.errors(R)


def test_a_model_that_is_not_sure_of_a_grip_fails_the_action_instead(tmp_path: Path, policy: Policy) -> None:
    unsure = Unsure(policy, 0.95)
    bench = Bench(tmp_path, unsure, floor(1))
    bench.run(0.5)
    work(bench, action("pick", "p"))
    assert bench.run(60, lambda: bench.last(R)["lastNodeId"] == RACK)
    unsure.confidence = None
    assert bench.run(10, lambda: bench.status(R, "p") == "FAILED")
    assert "confidenceLow" in bench.errors(R) and bench.last(R)["loads"] == []


class Broken(Policy):
    name, version = "broken", "0"

    def act(self, observations: Any) -> list[Decision]:
        raise RuntimeError("no more memory")


def test_a_policy_that_breaks_in_mid_drive_leaves_no_robot_rolling(tmp_path: Path, policy: Policy) -> None:
    bench = Bench(tmp_path, policy, floor(1))
    bench.run(0.5)
    work(bench)
    bench.run(4)
    assert bench.body(R).v > 0.5
    bench.runtime.policy = Broken()
    bench.run(3)
    assert bench.body(R).v == 0 and "needsHelp" in bench.errors(R)


def test_after_a_kill_in_mid_drive_the_robot_goes_on_from_where_it_stands(bench: Bench, policy: Policy) -> None:
    work(bench, action("pick", "p", loadType="totes"))
    bench.run(8)
    before = bench.body(R)
    again = bench.restarted(policy)
    here = again.body(R)
    assert math.dist((here.x, here.y), (before.x, before.y)) < 1.7 and here.v == 0
    again.leasing = False
    again.run(3)
    assert again.body(R).v == 0
    again.leasing = True
    assert again.run(60, lambda: again.status(R, "p") == "FINISHED")
    assert again.errors(R) == set() and again.fastest[R] > 0.5


def test_an_action_that_ran_at_the_kill_is_reported_as_interrupted_and_not_repeated(
    bench: Bench, policy: Policy
) -> None:
    work(bench, action("pick", "p"), action("drop", "d"))
    assert bench.run(60, lambda: bench.status(R, "p") == "RUNNING")
    again = bench.restarted(policy)
    again.run(1)
    assert again.status(R, "p") == "FAILED" and "interrupted" in again.errors(R)
    again.run(10)
    assert again.status(R, "p") == "FAILED"


def test_a_finished_action_is_never_done_again_even_when_the_side_forgot_it(bench: Bench, policy: Policy) -> None:
    work(bench, action("pick", "p", loadType="totes"))
    assert bench.run(60, lambda: bench.status(R, "p") == "FINISHED")
    bench.run(1.5)
    bench.journals.of(R)._db.execute("delete from kept where name = 'side'")
    bench.journals.of(R)._db.commit()
    again = bench.restarted(policy)
    again.run(1)
    again.runtime.robots[R].executor.side.set_last_node(RACK)
    work(again, action("pick", "p", loadType="totes"), order_id="a9.0", nodes=[RACK])
    assert again.run(10, lambda: again.status(R, "p") == "FINISHED")
    again.run(5)
    assert len(again.last(R)["loads"]) == 1


def test_a_repeated_order_changes_nothing(bench: Bench) -> None:
    message = order(R, "a1.0", WAY, actions={RACK: [action("pick", "p", loadType="totes")]})
    for _ in range(3):
        bench.say(R, "order", message)
    assert bench.run(60, lambda: bench.status(R, "p") == "FINISHED")
    bench.say(R, "order", message)
    bench.run(5)
    assert len(bench.last(R)["loads"]) == 1 and bench.errors(R) == set()


def test_charging_raises_the_battery_and_ends_when_told(bench: Bench) -> None:
    work(bench, action("startCharging", "c"))
    assert bench.run(60, lambda: bench.last(R)["batteryState"]["charging"])
    level = bench.body(R).battery
    bench.run(20)
    assert bench.body(R).battery > level + 3
    bench.instant(R, "stopCharging", "s")
    assert bench.run(3, lambda: not bench.last(R)["batteryState"]["charging"])


def test_a_retained_order_is_not_obeyed_and_a_malformed_one_is_reported(bench: Bench) -> None:
    from inference.onboard.link import Inbound

    full = f"uagv/v2/yardmaster/{R}/order"
    payload = json.dumps(order(R, "a1.0", WAY)).encode()
    bench.runtime.handle(Inbound(R, "message", bench.now, full, payload, retained=True))
    bench.runtime.handle(Inbound(R, "message", bench.now, full, b'{"orderId": NaN'))
    bench.run(2)
    assert bench.last(R)["orderId"] == "" and "validationError" in bench.errors(R)


def test_two_robots_on_one_lane_do_not_touch(tmp_path: Path, policy: Policy) -> None:
    """Traffic keeps them apart; should it fail, the one behind stands before it touches the one in front."""
    data = floor(2)
    lane = ["N050-292", "N050-270", "N050-248", "N050-226", "N050-204"]
    data["robots"][0] |= {"node": lane[0]}
    data["robots"][1] |= {"node": lane[2]}
    bench = Bench(tmp_path, policy, data)
    bench.run(0.5)
    bench.say(R, "order", order(R, "a1.0", lane))
    nearest = math.inf

    def look() -> bool:
        nonlocal nearest
        a, b = bench.body("R-01"), bench.body("R-02")
        nearest = min(nearest, math.dist((a.x, a.y), (b.x, b.y)))
        return False

    bench.run(25, look)
    assert 0.65 < nearest < 1.5 and bench.body(R).v == 0.0 and "pathBlocked" in bench.errors(R)


def test_instant_robots_confirm_and_complete_at_once_but_not_without_a_lease(tmp_path: Path, policy: Policy) -> None:
    bench = Bench(tmp_path, policy, floor(1), instant=True)
    work(bench, action("pick", "p", loadType="totes"), action("drop", "d", loadType="totes"))
    bench.runtime.send([R])
    assert bench.status(R, "d") == "WAITING"
    bench.lease()
    bench.runtime.send([R])
    assert bench.status(R, "d") == "FINISHED" and bench.last(R)["lastNodeId"] == RACK


def test_farewell_says_offline(bench: Bench) -> None:
    bench.runtime._thread.start()
    bench.runtime.stop()
    serial, topic, body = bench.wire.sent[-1]
    assert (serial, topic, body["connectionState"]) == (R, "connection", "OFFLINE")
