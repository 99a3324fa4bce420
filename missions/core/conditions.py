"""Conditions between steps, judged on what the robot found, and the report that sums it up."""

from __future__ import annotations

from collections.abc import Mapping

from .facts import RobotFact, StepFact


def unmet(step: StepFact, steps: Mapping[int, StepFact], robot: RobotFact) -> str | None:
    """Why the step's condition does not hold, or None when it does (or there is none)."""
    condition = step.payload.get("if")
    if not condition:
        return None
    kind = condition["kind"]
    if kind == "battery_below":
        limit = float(condition.get("pct") or 0.0)
        if robot.battery is None or robot.battery >= limit:
            return (
                f"battery is {robot.battery:.0f} %, not below {limit:g} %"
                if robot.battery is not None
                else "battery unknown"
            )
        return None
    found = observed(steps, step.index)
    if found is None:
        return "nothing was observed before this step"
    return None if found == kind else f"found: {found}"


def observed(steps: Mapping[int, StepFact], before: int) -> str | None:
    for index in range(before - 1, -1, -1):
        earlier = steps.get(index)
        if (
            earlier is not None
            and earlier.state in ("done", "failed")
            and earlier.result
            and "result" in earlier.result
        ):
            return str(earlier.result["result"])
    return None


def wanted_later(steps: Mapping[int, StepFact], index: int, kind: str) -> bool:
    return any(i > index and (s.payload.get("if") or {}).get("kind") == kind for i, s in steps.items())


def report(steps: Mapping[int, StepFact]) -> str:
    found = [
        f"{s.payload.get('station') or s.op}: {s.result['result']}"
        for s in steps.values()
        if s.result and "result" in s.result
    ]
    return "Reported: " + ("; ".join(found) if found else "all steps so far are done") + "."
