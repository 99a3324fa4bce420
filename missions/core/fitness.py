"""Which robots may do a plan, and in plain words why another may not. Shared by the validator and by allocation."""

from __future__ import annotations

from inference.contract import Plan
from missions.core.world import SKILLED_OPS, Robot, World

_SKILL_WORDS = {"pick": "collect things", "drop": "put things down", "scan": "scan", "inspect": "inspect"}


def why_unfit(plan: Plan, robot: Robot) -> list[str]:
    """Every reason why `robot` may not do `plan`; empty when it may. Being busy or low on battery is no such reason."""
    reasons: list[str] = []
    if not robot.available:
        reasons.append("it is out of service")
    if robot.mode != "AUTOMATIC":
        reasons.append(f"it is in {robot.mode.lower()} mode, not automatic")
    lacking = [op for op in dict.fromkeys(s.op for s in plan.steps) if op in SKILLED_OPS and op not in robot.skills]
    if lacking:
        reasons.append(f"it cannot {' or '.join(_SKILL_WORDS[op] for op in lacking)}")
    return reasons


def robots_fit(plan: Plan, world: World) -> list[Robot]:
    """The robots that may do `plan`, in the world's order."""
    return [robot for robot in world.robots.values() if not why_unfit(plan, robot)]
