"""Robots that have broken down on the way: others turn off before them, and asking what to clear stays cheap."""

from __future__ import annotations

import pytest

from robots.core.demo_site import demo_layout
from robots.core.routing import RoadMap
from robots.core.traffic import Traffic
from robots.core.traffic.audit import Audit, Auditor, audit

SPOT, BEFORE, TURN = "N116-050", "N094-050", "N094-072"
"""On the southern lane: where one breaks down, the node behind it, and where that one can still turn off to."""


@pytest.fixture(scope="module")
def road() -> RoadMap:
    return RoadMap(demo_layout())


def behind(road: RoadMap, broken_at: str, at: str) -> Traffic:
    """R2 right behind R1, which drives, breaks down, and has stood for a while."""
    traffic = Traffic(road, robots=8)
    for robot, node, goal in (("R1", broken_at, "N575-116"), ("R2", at, "N575-160")):
        traffic.admit(robot, node)
        traffic.new_leg(robot, f"order of {robot}")
        traffic.set_goal(robot, goal, now=0.0)
    traffic.set_immovable("R2", True, "is held back", "busy")
    traffic.plan(1.0)
    traffic.release(1.0)
    traffic.set_immovable("R2", False)
    traffic.set_immovable("R1", True, "its drive is broken", "fault")
    for second in range(2, 12):
        traffic.plan(float(second))
        traffic.release(float(second))
    return traffic


def test_who_stands_right_behind_a_broken_robot_turns_off_where_there_is_a_way(road: RoadMap) -> None:
    traffic = behind(road, SPOT, BEFORE)
    assert road.names[traffic.robots["R2"].base[1]] == TURN, traffic.explain("R2")
    assert traffic.check() == []


def test_where_there_is_no_way_round_it_waits_and_names_who_it_waits_for(road: RoadMap) -> None:
    traffic = behind(road, "N160-050", "N138-050")
    why = traffic.explain("R2")
    assert (why.kind, why.holder) == ("waiting_for_robot", "R1"), why
    assert len(traffic.robots["R2"].base) == 1


def test_what_to_clear_first_costs_one_verdict_a_node(road: RoadMap, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked again within each trial it would cost the factorial of the robots that stand: dispatch would hang."""
    asked: list[frozenset[int]] = []
    verdict = Auditor.verdict

    def counted(self: Auditor, *args: object, **more: object) -> Audit:
        asked.append(self.without)
        return verdict(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Auditor, "verdict", counted)
    out = frozenset(road.index[n] for n in ("N204-050", "N072-050", "N050-031", "N072-031", "N094-031", SPOT))
    audit(road, 8, out)
    assert len(asked) <= len(out) + 2, len(asked)
