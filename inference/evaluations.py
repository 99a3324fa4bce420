"""What is known of the shipped planner: its bundle and its measured figures, read from the bundle folder's JSON files.

For pages: reading these files needs neither the planner nor torch. A folder that is missing, or figures that belong to
other weights, are said so and not shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WEIGHTS = Path(__file__).parent / "planner" / "compact" / "weights"
EVALUATION = "evaluation.json"
FORMAT = 1
# Kinds of error as `inference.training.evaluation` counts them, in words; "other <field>" is put together.
KINDS: Mapping[str, str] = {
    "plan came out as ask": "asked, though the sentence was clear",
    "plan came out as refuse": "refused, though it was ordinary work",
    "ask came out as plan": "planned where a question was due",
    "ask came out as refuse": "refused where a question was due",
    "refuse came out as ask": "asked where a refusal was due",
    "refuse came out as plan": "planned what must be refused",
    "not the same": "another plan than was meant",
}
FIELDS: Mapping[str, str] = {
    "steps": "other steps than were meant",
    "robot": "another robot than was meant",
    "priority": "another priority than was meant",
    "start": "another starting time than was meant",
    "deadline": "another deadline than was meant",
    "avoid": "other places to avoid than were meant",
    "speed": "another speed than was meant",
    "repeat": "another repetition than was meant",
}


@dataclass(frozen=True, slots=True)
class PlannerBundle:
    """A bundle folder as the page shows it. `config`, `calibration` and `evaluation` are the files' JSON, {} where
    there is none; `problem` says in plain words what is missing.
    """

    version: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    evaluation: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


def planner_bundle(folder: Path | None = None) -> PlannerBundle:
    """The bundle in `folder` (the shipped one if left out); never raises for what is missing or malformed there."""
    folder = folder or WEIGHTS
    try:
        config = _read(folder / "config.json")
        calibration = _read(folder / "calibration.json")
        version = str(config["version"])
    except FileNotFoundError:
        return PlannerBundle(problem="This installation has no compact planner: its bundle is not there.")
    except (OSError, ValueError, KeyError) as error:
        return PlannerBundle(problem=f"The compact planner's bundle cannot be read ({type(error).__name__}).")
    try:
        found = _read(folder / EVALUATION)
    except FileNotFoundError:
        return PlannerBundle(version, config, calibration, problem="This bundle has not been measured.")
    except (OSError, ValueError):
        return PlannerBundle(version, config, calibration, problem="The figures of this bundle cannot be read.")
    if found.get("format") != FORMAT or "compact" not in found.get("planners", {}):
        words = "The figures are of a form that this version does not know."
        return PlannerBundle(version, config, calibration, problem=words)
    if found.get("bundle") != version:
        words = f"The figures were measured on {found.get('bundle')}, not on this bundle, and are not shown."
        return PlannerBundle(version, config, calibration, problem=words)
    return PlannerBundle(version, config, calibration, found)


def _read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} is not a JSON object")
    return found


def error_words(kind: str) -> str:
    """A kind of error as people say it."""
    if kind.startswith("other "):
        return FIELDS.get(kind[6:], f"{kind} than was meant")
    return KINDS.get(kind, kind)
