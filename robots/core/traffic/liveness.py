"""Whether the floor can still never lock up while some of its robots cannot drive: the audit's check, run again."""

from __future__ import annotations

from collections.abc import Iterable

from robots.core.routing import RoadMap
from robots.core.traffic.audit import Audit, audit
from robots.core.traffic.state import RobotState

PASSING = ("", "busy")
"""Kinds of standing still that end by themselves."""


def at_risk(road: RoadMap, verdict: Audit, states: Iterable[RobotState]) -> str:
    """Empty, or what is at risk and which node had better be cleared.

    Robots that stand for good are taken off the map together with the nodes they hold; the others must still be safe
    on what is left, and no dead end may have come about that more than one of them stands in.
    """
    stuck: list[RobotState] = []
    others: list[RobotState] = []
    for state in states:
        (stuck if state.held is not None and state.busy not in PASSING else others).append(state)
    if not stuck or not others:
        return ""
    gone = frozenset(node for state in stuck for node in state.base)
    found = audit(road, len(others), gone)
    cut_off = [s.id for s in others if s.end in found.traps and s.end not in verdict.traps]
    crowded: dict[int, list[str]] = {}
    for state in others:
        if found.pocket_of[state.end] >= 0:
            crowded.setdefault(found.pocket_of[state.end], []).append(state.id)
    shut_in = sorted(robot for robots in crowded.values() if len(robots) > 1 for robot in robots)
    if found.safe and not cut_off and not shut_in:
        return ""
    names = ", ".join(sorted(state.id for state in stuck))
    clear = f"; clear {road.names[found.clear]} first" if found.clear is not None else ""
    if not found.safe:
        what = f"only {found.robots} robots can never lock up on what is left, not {len(others)}"
    else:
        what = f"{', '.join(sorted(cut_off) or shut_in)} cannot get past"
    return f"liveness at risk: while {names} cannot drive, {what}{clear}"
