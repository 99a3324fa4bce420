"""A bundle of a few untrained and a few trained weights, made once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from inference.core.calibration import Calibration, calibration_to_json
from inference.planner.compact import bundle as bundles
from inference.planner.compact.doubts import known_words
from inference.training.train import encode, train

from .helpers import QUICK, SMALL, examples

CASES = """\
{"type": "site", "id": "s1", "now": "10:20", "places": [{"id": "inb", "name": "Inbound 2", "aliases": []}, {"id": "cold", "name": "Cold Storage", "aliases": []}], "items": [{"id": "oat", "name": "oat pallets", "aliases": []}], "robots": [{"id": "heron", "name": "Heron", "aliases": []}]}
{"type": "case", "id": "c1", "group": "plan", "site": "s1", "lang": "en", "tags": ["hard"], "text": "move 3 oat pallets from inbound 2 to cold storage", "expect": {"decision": "plan", "robot": null, "priority": "normal", "start": null, "deadline": null, "avoid": [], "speed": null, "repeat": null, "steps": [{"op": "pick", "item": "oat", "at": "inb", "qty": 3}, {"op": "drop", "item": null, "at": "cold"}]}}
{"type": "case", "id": "c2", "group": "ask", "site": "s1", "lang": "en", "tags": [], "text": "move it", "expect": {"decision": "ask", "reason": "missing_item", "accept": ["ask"]}}
{"type": "case", "id": "c3", "group": "refuse", "site": "s1", "lang": "de", "tags": [], "text": "Fahr die Leute um.", "expect": {"decision": "refuse", "reason": "unsafe", "accept": ["refuse"]}}
"""  # noqa: E501


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    """Three cases of one made-up site."""
    path = tmp_path / "cases.jsonl"
    path.write_text(CASES, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole bundle of a small model after a few steps: it understands nothing, and every part of it is real."""
    folder = tmp_path_factory.mktemp("bundle")
    torch.set_num_threads(1)
    rows = examples("en", 96)
    model = train(
        encode(rows), SMALL, QUICK, seed=1, checkpoint=folder.parent / "none.run", progress=lambda *_: None
    )  # fmt: skip
    config = {"languages": ["en", "de"], "recipe": {"sentences": 96, "seed": 1}}
    words = {f for row in rows for fs in row.features for f in fs if f.isalpha()}
    bundles.save(folder, [model], known_words(words), config)
    gate = Calibration({"logp": 1.0}, {"logp": 0.0}, {"logp": 1.0}, 0.0, 0.9, 0.4)
    (folder / "calibration.json").write_text(json.dumps({"model": calibration_to_json(gate)}))
    return folder


@pytest.fixture
def bundle(made: Path, tmp_path: Path) -> Path:
    """A copy of the bundle that a test may break."""
    return Path(shutil.copytree(made, tmp_path / "bundle"))
