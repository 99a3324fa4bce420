"""Robots without a mission: who charges, who makes room, who parks where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from missions.core import idle
from missions.core.charging import Levels
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


def moves(
    *robots: RobotFact, wanted: tuple[str, ...] = (), short: int = 0, crowd: dict[str, Any] | None = None
) -> dict[str, Drive]:
    stands = {r.serial: r.node for r in robots}

    def nearest(asking: RobotFact, kind: str, without: frozenset[str]) -> str | None:
        taken = {node for serial, node in stands.items() if serial != asking.serial} | without
        return next((n for n in (CHARGERS if kind == "charger" else BAYS) if n not in taken), None)

    def resting(node: str) -> str:
        return "charger" if node in CHARGERS else "parking" if node in BAYS else ""

    room = idle.Crowd(nearest, resting, lambda serial: serial in wanted, short, **(crowd or {}))
    return {robots[[r.id for r in robots].index(m.robot)].serial: m for m in idle.idle_moves(robots, 100.0, room)}


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


# --- with what the site tells about its chargers and roads ---


def with_chargers(*robots: RobotFact, free: int, chargers: int = 3, **more: Any) -> dict[str, Drive]:
    return moves(*robots, crowd={"free_chargers": free, "chargers": chargers, **more})


def test_one_charger_stays_free_for_robots_at_their_critical_level() -> None:
    low = robot(1, "x", 20), robot(2, "y", 25)
    assert list(with_chargers(*low, free=2)) == ["R-01", "R-02"]
    sent = with_chargers(*low, free=2)
    assert (sent["R-01"].goal, sent["R-02"].goal) == ("c1", "p1"), "the other waits where it is out of the way"
    sent = with_chargers(robot(1, "x", 20), robot(2, "y", 10), free=1)
    assert (sent["R-02"].goal, sent["R-01"].goal) == ("c1", "p1")


def test_a_robot_above_its_minimum_makes_room_for_one_at_its_critical_level_only() -> None:
    charging = robot(1, "c1", 40, charging=True), robot(2, "c2", 45, charging=True)
    assert with_chargers(*charging, robot(3, "p1", 20), free=0, chargers=2) == {}
    assert list(with_chargers(*charging, robot(3, "p1", 12), free=0, chargers=2)) == ["R-02"]


def test_nobody_else_is_asked_while_one_is_leaving_its_charger() -> None:
    charging = robot(1, "c1", 60, charging=True), robot(2, "c2", 70, charging=True)
    assert list(with_chargers(*charging, robot(3, "p1", 12), free=0)) == ["R-02"]
    assert with_chargers(*charging, robot(3, "p1", 12), free=0, leaving=1) == {}


def test_the_levels_of_the_robot_decide() -> None:
    own = {1: Levels(critical=40.0, minimum=60.0, maximum=80.0)}
    assert kinds(moves(robot(1, "p1", 50), crowd={"levels": own})["R-01"]) == ([], ["startCharging"])
    assert moves(robot(1, "c1", 81, charging=True), crowd={"levels": own})["R-01"].goal == "p1"
    assert moves(robot(1, "c1", 81, charging=True)) == {}


def test_nobody_rests_where_it_would_cut_the_roads() -> None:
    sent = moves(robot(1, "x", 80), robot(2, "p1", 80), crowd={"bad": frozenset({"p1", "p2"})})
    assert [move.goal for move in sent.values()] == ["p3"], "one place is left, for one of them"
    aside = moves(robot(1, "x", 80), crowd={"bad": frozenset({"x", *BAYS}), "aside": lambda robot, without: "corner"})
    assert aside["R-01"].goal == "corner"
    assert moves(robot(1, "x", 80), crowd={"bad": frozenset(BAYS), "aside": lambda robot, without: "corner"}) == {}


def test_a_parked_robot_goes_elsewhere_when_another_wants_its_place() -> None:
    assert moves(robot(1, "p1", 80)) == {}
    assert moves(robot(1, "p1", 80), wanted=("R-01",))["R-01"].goal == "p2"
    full = robot(1, "p1", 80), robot(2, "p2", 80), robot(3, "p3", 80)
    assert moves(*full, wanted=("R-01",)) == {}, "where nothing is free it stays, and can be pushed"


def test_out_of_a_zone_that_closes_every_robot_goes_at_once() -> None:
    charging, parked = robot(1, "c1", 20, charging=True), robot(2, "p1", 80)
    new = replace(robot(3, "x", 80), idle_since=99.9)
    sent = moves(charging, parked, new, crowd={"shut": frozenset({"c1", "p1", "x"})})
    assert {serial: move.goal in ("c1", "p1", "x") for serial, move in sent.items()} == {
        "R-01": False, "R-02": False, "R-03": False
    }  # fmt: skip
    assert kinds(sent["R-01"])[0] == ["stopCharging"]
    assert moves(charging, parked, new) == {}, "elsewhere they stay, or have time"


def test_a_robot_whose_charge_is_unknown_parks_and_does_not_charge() -> None:
    unknown = replace(robot(1, "x", 0), battery=None)
    assert kinds(moves(unknown)["R-01"]) == ([], [])
    assert moves(replace(unknown, node="c1", charging=True), wanted=("R-01",)) == {}
    assert moves(replace(unknown, node="c1"), wanted=("R-01",))["R-01"].goal == "p1"


NODES = (*CHARGERS, *BAYS, "x", "y", "z")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_one_robot_a_place_and_once_all_arrived_nobody_moves_again(data: st.DataObject) -> None:
    places = data.draw(st.permutations(NODES))
    fleet = [
        robot(n, places[n], data.draw(st.floats(0, 100)), charging=places[n] in CHARGERS and data.draw(st.booleans()))
        for n in range(data.draw(st.integers(1, 6)))
    ]
    bad = frozenset(data.draw(st.sets(st.sampled_from(BAYS), max_size=2)))

    def sent(robots: list[RobotFact]) -> dict[str, Drive]:
        free = len(set(CHARGERS) - {r.node for r in robots})
        found = moves(*robots, crowd={"free_chargers": free, "chargers": len(CHARGERS), "bad": bad})
        goals = [move.goal for move in found.values()]
        assert len(goals) == len(set(goals))
        standing = {r.node for r in robots}
        assert all(m.goal not in standing or m.goal == fleet[m.robot].node or m.actions for m in found.values())
        assert not bad & {m.goal for m in found.values()}
        return found

    for _ in range(2 * len(fleet)):
        found = sent(fleet)
        if not found:
            break
        fleet = [
            replace(r, node=m.goal, at=m.goal, charging=bool(m.actions)) if (m := found.get(r.serial)) else r
            for r in fleet
        ]
    assert sent(fleet) == {}, "they go to and fro"
