"""Which robot gets which mission, in plain examples: the rules, the costs, who waits, and what is said about it."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from missions.core.allocation import SHOWN, Candidate, Choice, Levels, Wanted, allocate
from missions.core.bids import STICKY_M
from missions.core.charging import need
from tests.missions.core.fleet_of import columns, crowd, metres, robot, wanted


def choose(missions: list[Wanted], robots: list[Candidate], **more: object) -> dict[int, Choice]:
    return {c.mission: c for c in allocate(missions, robots, metres, **more)}  # type: ignore[arg-type]


def given(missions: list[Wanted], robots: list[Candidate], **more: object) -> dict[int, int | None]:
    return {number: choice.robot for number, choice in choose(missions, robots, **more).items()}


def why_not(mission: Wanted, candidate: Candidate, **more: object) -> str:
    choice = choose([mission], [candidate], **more)[mission.mission]
    assert choice.robot is None
    assert choice.text == f"No robot can take it now: 1 × {choice.parts[0].excluded}."
    return choice.parts[0].excluded


# --- which robot ---


def test_the_nearest_robot_gets_the_mission_and_the_choice_says_why() -> None:
    choice = choose([wanted(1, "30,0")], [robot(1, "0,0"), robot(2, "20,0"), robot(3, blocked="no contact")])[1]
    assert (choice.robot, choice.kind) == (2, "start")
    assert choice.text == "R-02: 10 m away, cheapest of 2."
    assert [(p.name, p.distance_m, p.total_m, p.excluded) for p in choice.parts] == [
        ("R-02", 10.0, 10.0, ""),
        ("R-01", 30.0, 30.0, ""),
        ("R-03", None, None, "no contact"),
    ]


def test_the_sum_of_the_ways_counts_and_not_who_is_asked_first() -> None:
    # one after the other: mission 1 takes R-01 (5 m), mission 2 is left with R-02 (100 m)
    robots = [robot(1, "10,0"), robot(2, "-20,0")]
    choices = choose([wanted(1, "5,0", age=1), wanted(2, "80,0")], robots)
    assert (choices[1].robot, choices[2].robot) == (2, 1)
    assert choices[1].text == ("R-02: 25 m away, cheapest of 1. R-01 is nearer and was just given to another mission.")
    assert [p.excluded for p in choices[1].parts] == ["", "just given to another mission"]


def test_penalties_are_metres_a_person_can_read() -> None:
    choice = choose([wanted(1, "30,0")], [robot(1, "20,0", charging=True), robot(2, "5,0", battery=28.0, wait_s=3)])[1]
    parts = {p.name: (p.distance_m, p.battery_penalty_m, p.waiting_m, p.total_m) for p in choice.parts}
    assert parts == {"R-01": (10.0, 0.0, 10.0, 20.0), "R-02": (25.0, 8.0, 3.0, 36.0)}


# --- who may ---


@pytest.mark.parametrize(
    ("mission", "candidate", "reason"),
    [
        (wanted(1, "1,0", pinned=7), robot(1), "the mission names another robot"),
        (wanted(1, "1,0"), robot(1, blocked="paused"), "paused"),
        (wanted(1, "1,0", ops=frozenset({"scan", "pick"})), robot(1), "cannot scan"),
        (wanted(1, "1,0", types=frozenset({"lift"})), robot(1), "is of another type than the mission asks for"),
        (wanted(1, "1,0", quantity=6), robot(1), "carries 4 at once, 6 wanted"),
        (wanted(1, "1,0", load=250), robot(1), "carries 100 kg, 250 kg wanted"),
        (wanted(1, "1,0"), robot(1, loaded=True), "still carries a load"),
        (wanted(1, "1,0"), robot(1, battery=None), "its charge is unknown"),
        (wanted(1, "1,0"), robot(1, battery=12.0), "battery 12 % is below the reserve of 15 %"),
        (wanted(1, "1,0"), robot(1, battery=30.0, charging=True), "charges to 50 % first, has 30 %"),
        (wanted(1, "9,9!"), robot(1), "no way there"),
        (wanted(1, "9,9", "1,1!"), robot(1), "no way there"),
    ],
)  # fmt: skip
def test_who_is_out_and_why(mission: Wanted, candidate: Candidate, reason: str) -> None:
    assert why_not(mission, candidate) == reason


def test_a_robot_that_carries_something_may_put_it_down_when_named() -> None:
    carrier = robot(1, loaded=True)
    assert given([wanted(1, "1,0", unloads=True, pinned=1)], [carrier]) == {1: 1}
    assert given([wanted(1, "1,0", unloads=True)], [carrier]) == {1: None}


def test_an_empty_robot_may_still_be_sent_to_charge() -> None:
    to_charger = wanted(1, "5,0", ops=frozenset({"charge"}), pinned=1)
    assert given([to_charger], [robot(1, battery=3.0)]) == {1: 1}


def test_reasons_of_many_robots_are_counted() -> None:
    robots = [robot(n, battery=10.0 + n) for n in range(3)] + [robot(9, blocked="no contact")]
    choice = choose([wanted(1, "1,0")], robots)[1]
    assert choice.text == "No robot can take it now: 3 × battery at or below its critical level; 1 × no contact."
    assert allocate([wanted(1, "1,0")], [], metres)[0].text == "This site has no robots."


def test_a_choice_lists_a_dozen_candidates_the_cheapest_first() -> None:
    choice = choose([wanted(1, "0,0")], [robot(n, f"{n},0") for n in range(40)])[1]
    assert [p.robot for p in choice.parts] == list(range(SHOWN))
    assert choice.text == "R-00: 0 m away, cheapest of 40."


# --- battery (A2) ---


def test_a_mission_must_leave_enough_for_the_way_to_a_charger() -> None:
    far = wanted(1, "1000,0", "2000,0")
    candidate = robot(1, battery=50.0)
    assert given([far], [candidate], to_charger=lambda robot, node: 100.0) == {1: 1}
    reason = why_not(far, candidate, to_charger=lambda robot, node: 5000.0)
    assert reason == "battery 50 % does not last for it and the way to a charger"
    assert why_not(far, candidate, to_charger=lambda robot, node: None) == "no way from there to a charger"


def test_load_waiting_and_the_type_of_robot_count_for_the_battery() -> None:
    mission = wanted(1, "500,0", "1500,0")
    spare = 15.0 + 1.5 * (need(robot(1).energy, 500) + need(robot(1).energy, 1000, load=10, payload=100))
    assert given([mission], [robot(1, battery=spare + 0.1)]) == {1: 1}
    assert given([mission], [robot(1, battery=spare - 0.1)]) == {1: None}
    assert given([replace(mission, load=100.0)], [robot(1, battery=spare + 0.1)]) == {1: None}
    assert given([replace(mission, seconds=3600.0)], [robot(1, battery=spare + 0.1)]) == {1: None}
    assert given([mission], [robot(1, battery=spare + 0.1, levels=Levels(critical=30, minimum=40))]) == {1: None}


def test_a_charging_robot_works_once_it_has_enough_or_for_an_urgent_mission_above_its_minimum() -> None:
    charging = robot(1, battery=40.0, charging=True)
    assert given([wanted(1, "5,0")], [charging]) == {1: None}
    assert given([wanted(1, "5,0")], [replace(charging, battery=50.0)]) == {1: 1}
    assert given([wanted(1, "5,0", priority=1)], [charging]) == {1: 1}
    assert given([wanted(1, "5,0", deadline=1300.0)], [charging], now=1000.0) == {1: 1}
    assert given([wanted(1, "5,0", age=601.0)], [charging]) == {1: 1}
    assert given([wanted(1, "5,0", priority=1)], [replace(charging, battery=34.0)]) == {1: None}
    early = replace(charging, battery=60.0, charged_s=30.0, levels=Levels(minimum_time=60.0))
    assert given([wanted(1, "5,0")], [early]) == {1: None}


def test_a_mission_that_begins_anywhere_must_still_reach_its_stops() -> None:
    anywhere = wanted(1, "3000,0", first_node=None)
    assert given([anywhere], [robot(1, battery=50.0)]) == {1: 1}
    assert given([anywhere], [robot(1, battery=25.0)]) == {1: None}


# --- who waits ---


def test_the_only_robot_goes_to_the_more_urgent_mission_however_near_the_other_is() -> None:
    missions = [wanted(1, "1,0", age=600), wanted(2, "900,0", priority=1)]
    choices = choose(missions, [robot(1)])
    assert (choices[2].robot, choices[1].robot) == (1, None)
    assert choices[1].text == "No robot can take it now: 1 × just given to a more urgent mission."
    assert [c.mission for c in allocate(missions, [robot(1)], metres)] == [2, 1]


def test_a_mission_that_waits_gets_its_turn_before_any_number_of_cheap_ones() -> None:
    robots = [robot(1)]
    old = wanted(1, "901,0")
    for age in (0.0, 500.0, 1000.0):
        turn = given([replace(old, age=age), wanted(2, "1,0")], robots)
        assert turn[1] == (1 if age > 900 else None), "a second that it waited counts like a metre"
    low, high = replace(old, priority=-1, age=5000.0), wanted(2, "1,0", priority=1)
    assert given([low, high], robots)[1] == 1, "not even urgent ones keep it waiting for ever"


def test_the_one_that_is_due_goes_first() -> None:
    missions = [wanted(1, "1,0", age=100), wanted(2, "50,0", deadline=1200.0)]
    assert given(missions, [robot(1)], now=1000.0) == {2: 1, 1: None}
    assert choose(missions, [robot(1)], now=1000.0)[2].urgency.due_m == 1400.0


def test_as_many_missions_as_possible_get_a_robot() -> None:
    lift = robot(2, "200,0", skills=frozenset({"pick", "drop", "scan"}))
    missions = [wanted(1, "200,0", priority=1), wanted(2, "200,0", ops=frozenset({"scan"}))]
    assert given(missions, [robot(1), lift]) == {1: 1, 2: 2}


def test_one_place_is_not_promised_to_two_robots() -> None:
    missions = [wanted(1, "5,0", age=9), wanted(2, "5,0"), wanted(3, "7,0")]
    choices = choose(missions, [robot(1), robot(2), robot(3)], rooms={"5,0": 1})
    assert [choices[n].robot is None for n in (1, 2, 3)] == [False, True, False]
    assert choices[2].text == "It waits for a free place at its first stop, or for more urgent missions."
    assert all(given(missions, [robot(1), robot(2), robot(3)]).values())
    # the room that a mission nobody can do leaves is for the next
    nobody = replace(missions[0], quantity=99)
    assert given([nobody, *missions[1:]], [robot(1), robot(2)], rooms={"5,0": 1})[2] is not None


# --- taking a mission away again ---


def test_a_little_nearer_is_no_reason_for_a_change() -> None:
    robots = [robot(1, "60,0"), robot(2, "20,0")]
    mission = wanted(1, "0,0", current=1)
    assert choose([mission], robots)[1].text == "R-02 takes it over from R-01: that saves 40 m."
    robots[0] = robot(1, "44,0")
    choice = choose([mission], robots)[1]
    assert (choice.kind, choice.robot) == ("keep", 1)
    assert choice.text == "R-01 keeps it: R-02 would save 24 m, too little for a change."
    assert choice.parts[0].kept_m == STICKY_M


def test_a_mission_moves_when_its_robot_cannot_go_on() -> None:
    robots = [robot(1, blocked="paused"), robot(2, "500,0")]
    choice = choose([wanted(1, "0,0", current=1)], robots)[1]
    assert (choice.kind, choice.robot, choice.current) == ("move", 2, 1)
    assert choice.text == "R-02 takes it over from R-01: paused."
    alone = choose([wanted(1, "0,0", current=1)], robots[:1])[1]
    assert (alone.kind, alone.robot) == ("keep", 1)
    assert alone.text == "R-01 keeps it, for no other robot can take it now: paused."


def test_after_pick_up_nothing_takes_a_mission_from_its_robot() -> None:
    robots = [robot(1, "900,0", loaded=True), robot(2, "0,0")]
    missions = [wanted(1, "0,0", current=1, started=True), wanted(2, "900,0", priority=5)]
    choices = choose(missions, robots)
    assert (choices[1].robot, choices[1].kind, choices[2].robot) == (1, "keep", 2)
    assert choices[1].text == "R-01 has begun it and keeps it."
    assert given([wanted(1, "0,0", current=1, started=True)], [robot(1, "900,0"), robot(2, "0,0")]) == {1: 1}


def test_only_a_much_more_urgent_mission_takes_the_robot_of_another() -> None:
    held = wanted(1, "400,0", current=1)
    near, urgent = wanted(2, "1,0", age=100.0), wanted(2, "1,0", priority=1)
    assert given([held, near], [robot(1)]) == {1: 1, 2: None}
    choices = choose([held, urgent], [robot(1)])
    assert (choices[2].robot, choices[1].robot, choices[1].kind) == (1, None, "release")


def test_a_freed_robot_lets_two_missions_swap_when_both_gain() -> None:
    robots = [robot(1, "0,0"), robot(2, "100,0")]
    crossed = [wanted(1, "100,5", current=1), wanted(2, "0,5", current=2)]
    assert given(crossed, robots) == {1: 2, 2: 1}


# --- how fast ---


@pytest.mark.parametrize(("robots", "missions", "usual"), [(200, 300, 0.05), (1000, 1500, 1.0)])
def test_a_large_fleet_is_allocated_in_time(robots: int, missions: int, usual: float) -> None:
    """`usual` s of CPU are enough on an ordinary core; three times that is left for a slow or a busy one."""
    fleet, work, way = crowd(robots, missions)
    column, spent = columns(fleet), []
    for _ in range(5):
        began = time.process_time()
        choices = allocate(work, fleet, way, now=0.0, to_charger=lambda robot, node: 40.0, column=column)
        spent.append(time.process_time() - began)
        if spent[-1] < usual:
            break
    assert sum(c.robot is not None for c in choices) > robots * 0.8
    assert min(spent) < 3 * usual, f"{min(spent):.3f} s of CPU"
