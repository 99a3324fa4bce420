"""Training: a stopped run goes on to the same weights; the whole way from sentences to a bundle that loads."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import torch

from inference.evaluations import planner_bundle
from inference.planner.compact.planner import CompactPlanner
from inference.training import dataset
from inference.training.planner import Recipe, train_planner
from inference.training.train import Encoded, Schedule, encode, order, train

from .conftest import CASES
from .helpers import QUICK, SMALL, examples


class Stopped(Exception):
    """The run is killed here."""


@pytest.fixture(scope="module")
def data() -> Encoded:
    torch.set_num_threads(1)
    return encode(examples("en", 300))


def quiet(step: int, steps: int, loss: float, left: float) -> None:
    pass


def test_a_stopped_run_goes_on_to_the_same_weights(data: Encoded, tmp_path: Path) -> None:
    schedule, said = replace(QUICK, passes=4.0), []
    whole = train(data, SMALL, schedule, seed=3, checkpoint=tmp_path / "no.run", progress=quiet)

    def killed(step: int, steps: int, loss: float, left: float) -> None:
        said.append(step)
        if step > 20:
            raise Stopped

    minutes = count(0, 61)  # each look at the clock is a minute later: every step is saved
    with pytest.raises(Stopped):
        train(data, SMALL, schedule, seed=3, checkpoint=tmp_path / "a.run", progress=killed,
              clock=lambda: float(next(minutes)))  # fmt: skip
    assert said == [1, 21] and (tmp_path / "a.run").is_file()
    steps: list[int] = []
    resumed = train(data, SMALL, schedule, seed=3, checkpoint=tmp_path / "a.run",
                    progress=lambda step, *_: steps.append(step))  # fmt: skip
    assert min(steps) > 20, "what was done is not done again"
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_a_checkpoint_of_another_run_is_not_gone_on_with(data: Encoded, tmp_path: Path) -> None:
    minutes = count(0, 61)
    train(data, SMALL, QUICK, seed=3, checkpoint=tmp_path / "a.run", progress=quiet, clock=lambda: float(next(minutes)))
    steps: list[int] = []
    train(data, SMALL, QUICK, seed=4, checkpoint=tmp_path / "a.run", progress=lambda step, *_: steps.append(step))
    assert steps[0] == 1


def test_the_loss_falls(data: Encoded, tmp_path: Path) -> None:
    losses: list[float] = []
    schedule = replace(QUICK, passes=8.0)
    train(data, SMALL, schedule, seed=1, checkpoint=tmp_path / "no.run", progress=lambda *row: losses.append(row[2]))
    assert losses[-1] < 0.7 * losses[0]


def test_batches_hold_every_sentence_once_a_pass(data: Encoded) -> None:
    batches = order(data, Schedule(passes=1.0, batch=32), 1)
    assert sorted(row for batch in batches for row in batch) == list(range(300))
    assert batches == order(data, Schedule(passes=1.0, batch=32), 1) != order(data, Schedule(passes=1.0, batch=32), 2)


def test_from_sentences_to_a_bundle_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The processes that `build` starts know nothing of this, so the sentences are made here, under a fixed name.
    monkeypatch.setattr(dataset, "SHARD", 40)
    monkeypatch.setattr(dataset, "digest", lambda: "0123456789ab")
    cases = tmp_path / "cases"
    for split in ("calibration", "report"):
        (cases / split).mkdir(parents=True)
        (cases / split / "a.jsonl").write_text(CASES, encoding="utf-8")
    recipe = Recipe(sentences=7, members=1, seed=5, config=SMALL, schedule=QUICK)
    for shard in dataset.plan_shards(tmp_path / "work" / "sentences", recipe.sentences, recipe.seed):
        dataset.make_shard(shard)
    said: list[str] = []
    config = train_planner(
        recipe, work=tmp_path / "work", bundle=tmp_path / "out", say=lambda text, _: said.append(text), cases=cases
    )
    assert CompactPlanner(tmp_path / "out").version == config["version"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "model.safetensors", "config.json", "calibration.json", "evaluation.json", "card.md",
    }  # fmt: skip
    found = planner_bundle(tmp_path / "out")
    assert not found.problem and found.evaluation["cases"]["n"] == 3
    assert set(found.evaluation["planners"]) == {"compact", "rules", "majority"}
    fitted = json.loads((tmp_path / "out" / "calibration.json").read_text())
    assert fitted["model"]["ask_at"] == 1.0, "nothing was right: nothing may be proposed"
    # what is there is used again: no sentence and no step is made anew
    said.clear()
    train_planner(recipe, work=tmp_path / "work", bundle=tmp_path / "out", say=lambda t, _: said.append(t), cases=cases)
    assert not [text for text in said if text.startswith("member")]
