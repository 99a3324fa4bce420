"""A leg of a robot as plain values, and its actions as VDA 5050 has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .core.vda5050.messages import Action, ActionParameter, BlockingType


@dataclass(frozen=True, slots=True)
class Leg:
    """What a robot is sent to do: the order's id, its goal, actions there (`actions`) and where it starts (`first`).

    `horizon` False: nothing is told beyond the base, so that the robot is free for a mission wherever the base ends.
    """

    order: str
    goal: str
    actions: tuple[Mapping[str, Any], ...] = ()
    first: tuple[Mapping[str, Any], ...] = ()
    speed: float | None = None
    horizon: bool = True


def action_of(data: Mapping[str, Any]) -> Action:
    """An action from its JSON form {id, type, blocking, parameters}."""
    parameters = tuple(ActionParameter(key, value) for key, value in (data.get("parameters") or {}).items())
    return Action(data["type"], data["id"], BlockingType(data.get("blocking", "HARD")), parameters)


def leg_of(data: Mapping[str, Any]) -> Leg:
    """A leg from its JSON form, see `dataclasses.asdict`."""
    return Leg(
        data["order"],
        data["goal"],
        tuple(data["actions"]),
        tuple(data["first"]),
        data["speed"],
        data.get("horizon", True),
    )
