"""The planner's bundle folder: weights of every member, sizes, calibration. A folder that is not whole is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from inference.core.calibration import Calibration, calibration_from_json
from inference.core.plan_tokens import TOKENS
from inference.planner.compact.model import CompactModel, Config
from inference.planner.errors import PlannerUnavailable

BUNDLE = Path(__file__).with_name("weights")
FILES = ("model.safetensors", "config.json", "calibration.json")


@dataclass(frozen=True, slots=True)
class Bundle:
    """`members`: the ensemble, ready to run; `known`: bits of the hashed words that training saw; `version`."""

    version: str
    members: tuple[CompactModel, ...]
    calibration: Calibration
    known: bytes
    config: dict[str, Any]


def grammar_digest() -> str:
    """Names the token language the weights write; a bundle of another one cannot be used."""
    return hashlib.sha256("\n".join(TOKENS).encode()).hexdigest()[:16]


def save(folder: Path, members: list[CompactModel], known: bytes, config: dict[str, Any]) -> None:
    """Weights as half-precision safetensors and `config.json`; the calibration is written by its own step."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {
        f"{n}.{name}": value.detach().to(torch.float16).contiguous()
        for n, member in enumerate(members)
        for name, value in member.state_dict().items()
    }
    tensors["known"] = torch.frombuffer(bytearray(known), dtype=torch.uint8)
    save_file(tensors, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)  # the library writes it for its owner alone; workers are others
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    whole = config | {
        "class": "CompactPlanner",
        "grammar": grammar_digest(),
        "members": len(members),
        "sizes": members[0].config.to_json(),
        "sha256": digest,
        "version": f"compact-{digest[:8]}",
    }
    (folder / "config.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def load(folder: Path = BUNDLE) -> Bundle:
    """The bundle of `folder`. Raises PlannerUnavailable naming what is missing or does not fit."""
    for name in FILES:
        if not (folder / name).is_file():
            how = "`manage.py train planner` makes a whole one"
            raise PlannerUnavailable(f"the bundle {folder.name} has no {name}; {how}")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise PlannerUnavailable(f"the config.json in {folder.name} is not JSON: {error}") from error
    if config.get("class") != "CompactPlanner":
        raise PlannerUnavailable(f"the bundle {folder.name} is of class {config.get('class')!r}, not CompactPlanner")
    if config.get("grammar") != grammar_digest():
        raise PlannerUnavailable(f"the bundle {folder.name} was trained for another plan grammar; train it again")
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != config.get("sha256"):
        raise PlannerUnavailable(f"the weights in {folder.name} are not the ones its config.json names")
    try:
        calibration = calibration_from_json(
            json.loads((folder / "calibration.json").read_text(encoding="utf-8"))["model"]
        )
    except (ValueError, KeyError) as error:
        raise PlannerUnavailable(f"the calibration in {folder.name} cannot be used: {error}") from error
    try:
        members, known = _members(folder, config)
    except (RuntimeError, TypeError, ValueError, KeyError) as error:
        said = str(error).strip().splitlines()[-1].strip()
        raise PlannerUnavailable(
            f"the weights in {folder.name} are of another network than this version's ({said}); train it again"
        ) from error
    return Bundle(str(config["version"]), members, calibration, known, config)


def _members(folder: Path, config: dict[str, Any]) -> tuple[tuple[CompactModel, ...], bytes]:
    """The networks and the known words of the weights file."""
    tensors = load_file(folder / "model.safetensors")
    members = []
    for n in range(int(config["members"])):
        model = CompactModel(Config(**config["sizes"]))
        prefix = f"{n}."
        model.load_state_dict({k[len(prefix) :]: v.float() for k, v in tensors.items() if k.startswith(prefix)})
        members.append(model.eval().requires_grad_(False))
    return tuple(members), tensors["known"].numpy().tobytes()
