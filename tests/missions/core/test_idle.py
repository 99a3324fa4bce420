"""Robots without a mission: who charges, who makes room, who parks where."""

from __future__ import annotations

from dataclasses import replace

from missions.core import idle
from missions.core.facts import Drive, RobotFact
from tests.missions.core.test_dispatch import ROBOT

CHARGERS, BAYS = ("c1", "c2"), ("p1", "p2", "p3")


def robot(number: int, node: str, battery: float, *, charging: bool = False) -> RobotFact:
    serial = f"R-{number:02d}"
    return replace(
        ROBOT,
        id=number,
        serial=serial,
        name=serial,
        at=node,
        node=node,
        battery=battery,
        charging=charging,
        idle_since=0.0,
    )


def moves(*robots: RobotFact, wanted: tuple[str, ...] = (), short: int = 0) -> dict[str, Drive]:
    stands = {r.serial: r.node for r in robots}

    def nearest(asking: RobotFact, kind: str, without: frozenset[str]) -> str | None:
        taken = {node for serial, node in stands.items() if serial != asking.serial} | without
        return next((n for n in (CHARGERS if kind == "charger" else BAYS) if n not in taken), None)

    def resting(node: str) -> str:
        return "charger" if node in CHARGERS else "parking" if node in BAYS else ""

    crowd = idle.Crowd(nearest, resting, lambda serial: serial in wanted, short)
    return {robots[[r.id for r in robots].index(m.robot)].serial: m for m in idle.idle_moves(robots, 100.0, crowd)}


def kinds(move: Drive) -> tuple[list[str], list[str]]:
    return [a.type for a in move.first], [a.type for a in move.actions]


def test_no_place_is_given_to_two_robots_of_one_cycle() -> None:
    sent = moves(robot(1, "x", 20), robot(2, "y", 25), robot(3, "z", 30), robot(4, "w", 80), robot(5, "v", 80))
    goals = [move.goal for move in sent.values()]
    assert len(goals) == len(set(goals))
    assert {s for s, m in sent.items() if m.goal in CHARGERS} == {"R-01", "R-02"}, "the emptiest first"


def test_a_full_robot_leaves_its_charger() -> None:
    sent = moves(robot(1, "c1", 96, charging=True))
    assert sent["R-01"].goal == "p1"
    assert kinds(sent["R-01"]) == (["stopCharging"], [])


def test_a_robot_charges_on_while_nobody_needs_the_place() -> None:
    assert moves(robot(1, "c1", 60, charging=True), robot(2, "p1", 90)) == {}


def test_a_robot_that_has_enough_makes_room_for_one_that_is_low() -> None:
    sent = moves(robot(1, "c1", 60, charging=True), robot(2, "c2", 70, charging=True), robot(3, "p1", 20))
    assert list(sent) == ["R-02"], "only one place is needed, and the fullest gives it"


def test_a_robot_that_needs_its_charge_itself_stays() -> None:
    assert moves(robot(1, "c1", 40, charging=True), robot(2, "c2", 45, charging=True), robot(3, "p1", 20)) == {}


def test_missions_without_a_charger_and_robots_that_wait_for_this_one_count_too() -> None:
    assert list(moves(robot(1, "c1", 60, charging=True), short=1)) == ["R-01"]
    assert list(moves(robot(1, "c1", 60, charging=True), wanted=("R-01",))) == ["R-01"]


def test_a_robot_that_merely_stands_at_a_charger_leaves_it_to_one_that_needs_it() -> None:
    sent = moves(robot(1, "c1", 90), robot(2, "c2", 90), robot(3, "p1", 20))
    assert [m.goal in BAYS for m in sent.values()] == [True]
    assert moves(robot(1, "c1", 90), robot(2, "c2", 90)) == {}


def test_a_low_robot_at_a_free_charger_plugs_in_where_it_stands() -> None:
    sent = moves(robot(1, "c1", 20))
    assert (sent["R-01"].goal, kinds(sent["R-01"])) == ("c1", ([], ["startCharging"]))
