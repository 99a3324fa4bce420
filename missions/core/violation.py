"""What a check found: shared by the checks of a plan, so that each of them fits in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inference.contract import Plan
from missions.core.world import Robot, World

BLOCK = "block"
CAUTION = "caution"


@dataclass(frozen=True, slots=True)
class Violation:
    """`code` is stable for tests and translations; `pointer` a JSON pointer into the plan; `evidence` the figures
    behind it.
    """

    code: str
    severity: str
    text: str
    pointer: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


def blocks(violations: list[Violation]) -> bool:
    return any(v.severity == BLOCK for v in violations)


def named_robot(plan: Plan, world: World) -> Robot | None:
    return world.robots.get(plan.robot) if plan.robot is not None else None
