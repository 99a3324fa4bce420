"""`manage.py train planner`: sentences, members of the ensemble, calibration, evaluation, bundle: each step resumable.

Every member is trained by a process of its own on one core; where there is a GPU, one after the other on it.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from inference.planner.compact import bundle as bundles
from inference.planner.compact.doubts import known_words
from inference.planner.compact.model import CompactModel, Config
from inference.training import dataset
from inference.training.calibrate import calibrate
from inference.training.card import make_card
from inference.training.evaluation import CASES, read_folder
from inference.training.train import Schedule, encode, train

Say = Callable[[str, float | None], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides the weights. The shipped bundle is the default recipe's."""

    sentences: int = 560_000
    members: int = 2
    seed: int = 20261121
    config: Config = field(default_factory=Config)
    schedule: Schedule = field(default_factory=Schedule)


def train_planner(recipe: Recipe, *, work: Path, bundle: Path, say: Say, cases: Path = CASES) -> dict[str, Any]:
    """Make the bundle folder. `work` keeps shards and checkpoints between runs; `say(text, share done)` reports.
    `cases` holds the folders `calibration` and `report` of sentences that people wrote.

    Returns the bundle's config.json.
    """
    began = time.monotonic()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    shards = dataset.plan_shards(work / "sentences", recipe.sentences, recipe.seed)
    dataset.build(
        shards, cores, lambda done, of, language: say(f"sentences: {done} of {of} files {language}", done / of)
    )
    made = time.monotonic()
    paths = _members(recipe, shards, work, cores, say)
    trained = time.monotonic()
    members = []
    for path in paths:
        model = CompactModel(recipe.config)
        model.load_state_dict(load_file(path))
        members.append(model.eval())
    words = {f for example in dataset.load(shards) for fs in example.features for f in fs if f.isalpha()}
    config = {
        "recipe": {
            "sentences": len(shards) * dataset.SHARD,
            "shares": dict(dataset.SHARES),
            "seed": recipe.seed,
            "passes": recipe.schedule.passes,
            "sources": shards[0].path.parent.name,
        },
        "languages": list(dataset.SHARES),
        "seconds": {"sentences": round(made - began), "training": round(trained - made)},
    }
    bundles.save(bundle, members, known_words(words), config)
    say("calibration on sentences that people wrote", None)
    calibrate(bundle, read_folder(cases / "calibration"))
    say("figures on sentences that nothing was tuned on", None)
    make_card(bundle, read_folder(cases / "report"))
    return json.loads((bundle / "config.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _members(recipe: Recipe, shards: list[dataset.Shard], work: Path, cores: int, say: Say) -> list[Path]:
    # A member belongs to the very sentences it saw: sources that change while it is trained must not rename it.
    mark = shards[0].path.parent.name
    paths = [work / f"member-{recipe.seed + n}-{mark}.safetensors" for n in range(recipe.members)]
    missing = [n for n, path in enumerate(paths) if not path.exists()]
    if not missing:
        return paths
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    together = 1 if torch.cuda.is_available() else max(1, min(len(missing), cores))
    waiting, running, shares = list(missing), {}, dict.fromkeys(missing, 0.0)
    while waiting or running:
        while waiting and len(running) < together:
            n = waiting.pop(0)
            threads = max(1, cores // together)
            running[n] = context.Process(target=_member, args=(recipe, shards, n, paths[n], threads, queue))
            running[n].start()
        try:
            n, step, steps, loss, left = queue.get(timeout=1.0)
        except Empty:
            pass
        else:
            shares[n] = step / steps
            text = f"member {n + 1} of {recipe.members}: step {step} of {steps}, loss {loss:.3f}"
            say(f"{text}, {left / 60:.0f} min left", sum(shares.values()) / len(shares))
        for n, process in list(running.items()):
            if process.exitcode is not None:
                del running[n]
                if process.exitcode != 0 or not paths[n].exists():
                    for other in running.values():
                        other.terminate()
                    raise RuntimeError(f"training member {n + 1} stopped with code {process.exitcode}")
    return paths


def _member(recipe: Recipe, shards: list[dataset.Shard], n: int, path: Path, threads: int, queue: Any) -> None:
    torch.set_num_threads(threads)
    data = encode(list(dataset.load(shards)))
    model = train(
        data,
        recipe.config,
        recipe.schedule,
        seed=recipe.seed + n,
        checkpoint=path.with_suffix(".run"),
        progress=lambda step, steps, loss, left: queue.put((n, step, steps, loss, left)),
    )
    half = path.with_suffix(".part")
    save_file(model.state_dict(), half)
    half.rename(path)
    path.with_suffix(".run").unlink(missing_ok=True)
