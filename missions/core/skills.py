"""What a step asks of a robot, as VDA 5050 actions (2.1 section 6.8.1), in the words that the robot knows.

A robot with our onboard worker gets the number of its program and step and does several loads in one action. Any
other gets the predefined actions with the predefined parameters only, once for each load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from robots.core.vda5050.words import Words

from .facts import LegAction, Speech, StepFact

ACTION_OF = {"pick": "pick", "drop": "drop", "scan": "scan", "inspect": "inspect", "charge": "startCharging"}
"""Plan operation -> action at the step's node. scan and inspect are no predefined ones: factsheets declare them."""
MOST_LOADS = 20
ANY = "*"
STATION_TYPES = {"rack": "rack"}
ON_THE_FLOOR = "floor"
NO_WORDS: Mapping[str, Mapping[str, str]] = {}


def actions(
    order: str, key: str, goal: str, step: StepFact, steps: Mapping[int, StepFact], speech: Speech
) -> tuple[LegAction, ...]:
    """What is to be done at `goal` for `step`; none for a step that is a drive only. `key`: the attempt's public id."""
    kind = ACTION_OF.get(step.op)
    if kind is None:
        return ()
    station = step.payload.get("station") or goal
    if speech.program:
        parameters = {"attempt": key, "step": step.index, "stationName": station, "loadType": step.payload.get("item")}
        parameters |= {"quantity": step.payload.get("qty")}
        return (LegAction(f"{order}.{kind}", kind, _known(parameters)),)
    parameters = {"stationName": station, "loadType": handled(steps, step)} if kind in ("pick", "drop") else {}
    if kind in ("scan", "inspect"):
        parameters = {"stationName": station}
    number = loads(steps, step) if kind in ("pick", "drop") else 1
    if speech.quantity and number > 1:
        return (LegAction(f"{order}.{kind}", kind, _known({**parameters, "quantity": number})),)
    ids = [f"{order}.{kind}", *(f"{order}.{kind}.{again}" for again in range(2, number + 1))]
    return tuple(LegAction(action, kind, _known(parameters)) for action in ids)


def handled(steps: Mapping[int, StepFact], step: StepFact) -> str | None:
    """The kind of goods of a pick or drop; a drop that names none puts down what was picked up last."""
    if item := step.payload.get("item"):
        return str(item)
    before = [s for i, s in sorted(steps.items()) if i < step.index and s.op == "pick" and s.payload.get("item")]
    return str(before[-1].payload["item"]) if before else None


def loads(steps: Mapping[int, StepFact], step: StepFact) -> int:
    """How many loads a pick or drop moves; a drop without a number puts down all that is still carried."""
    if qty := step.payload.get("qty"):
        return max(1, min(int(qty), MOST_LOADS))
    return max(1, min(carried(steps, before=step.index), MOST_LOADS)) if step.op == "drop" else 1


def carried(steps: Mapping[int, StepFact], before: int | None = None) -> int:
    """Loads that the mission's own steps have put on the robot and not taken off, as far as they are done."""
    found = 0
    for index, step in sorted(steps.items()):
        if step.state == "done" and (before is None or index < before):
            number = int(step.payload.get("qty") or 0)
            if step.op == "pick":
                found += max(1, number)
            elif step.op == "drop":
                found -= number or found
    return max(0, found)


def _known(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in parameters.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a robot type names things: `words` parameter -> {our value, or "*" for every other: its value}.

    `load_types` are those its factsheet declares; where it is only one, that is meant whatever we call the goods.
    """

    words: Words = field(default_factory=dict)
    load_types: Sequence[str] = ()

    def say(self, action: LegAction, station_kind: str) -> LegAction:
        """The action in its words; `station_kind` as the layout has it, "" beside every station."""
        if action.type not in ("pick", "drop"):
            return action
        found = {"stationType": STATION_TYPES.get(station_kind, ON_THE_FLOOR), **action.parameters}
        load = found.get("loadType")
        if load is not None and load not in self.load_types and len(self.load_types) == 1:
            found["loadType"] = self.load_types[0]
        named = {"stationType": station_kind, "loadType": load, "stationName": found.get("stationName")}
        for parameter, table in self.words.items():
            ours = str(named.get(parameter) or found.get(parameter) or "")
            if (word := table.get(ours, table.get(ANY))) is not None:
                found[parameter] = word
        return LegAction(action.id, action.type, found)
