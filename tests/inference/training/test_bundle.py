"""The bundle folder: whole it reads sentences, in any other state it is refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inference.contract import Named, PlanRequest, Vocabulary
from inference.evaluations import WEIGHTS
from inference.planner.compact import bundle as bundles
from inference.planner.compact.planner import CompactPlanner
from inference.planner.errors import PlannerUnavailable

SITE = Vocabulary("s", "10:00", (Named("a", "Dock 1"), Named("b", "Dock 2")), (Named("i", "totes"),), ())


def test_a_whole_bundle_reads(bundle: Path) -> None:
    planner = CompactPlanner(bundle)
    for text in ("take 3 totes from dock 1 to dock 2", "", "?!", "x" * 3000, "move it", "搬走"):
        draft = planner.interpret(PlanRequest(text, SITE))
        assert draft.decision in ("plan", "ask", "refuse") and draft.model == "compact"
        assert draft.version == json.loads((bundle / "config.json").read_text())["version"]


def test_the_page_reads_the_folder_that_the_planner_reads() -> None:
    assert WEIGHTS == bundles.BUNDLE


def config(key: str, value: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        found = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(found | {key: value}))

    return change


def model(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        found = json.loads((folder / "calibration.json").read_text())["model"]
        (folder / "calibration.json").write_text(json.dumps({"model": found | values}))

    return change


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def flipped(folder: Path) -> None:
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("breaks", "said"),
    [
        (without("model.safetensors"), "has no model.safetensors"),
        (without("config.json"), "has no config.json"),
        (without("calibration.json"), "has no calibration.json"),
        (flipped, "are not the ones its config.json names"),
        (config("grammar", "0" * 16), "trained for another plan grammar"),
        (config("class", "Pickle"), "of class 'Pickle'"),
        (config("sizes", {"width": 24}), "of another network than this version's"),
        (config("sizes", {"depth": 3}), "of another network than this version's"),
        (config("members", 2), "of another network than this version's"),
        (lambda f: (f / "config.json").write_text("{"), "config.json in"),
        (model(run_at=0.2, ask_at=0.5), "ask_at <= run_at"),
        (model(weights={"logp": 1.0, "luck": 2.0}), "must name the same signals"),
        (lambda f: (f / "calibration.json").write_text('{"model": {}}'), "is not complete"),
        (lambda f: (f / "calibration.json").write_text("{"), "cannot be used"),
    ],
)
def test_a_bundle_that_is_not_whole_is_refused(bundle: Path, breaks: Callable[[Path], object], said: str) -> None:
    breaks(bundle)
    with pytest.raises(PlannerUnavailable) as error:
        CompactPlanner(bundle)
    assert said in error.value.reason


def test_half_precision_comes_back_as_it_was_saved(bundle: Path) -> None:
    one, other = bundles.load(bundle), bundles.load(bundle)
    for name, value in one.members[0].state_dict().items():
        assert value.dtype.is_floating_point and (value == other.members[0].state_dict()[name]).all()
    assert one.known == other.known and len(one.known) == 1 << 14
