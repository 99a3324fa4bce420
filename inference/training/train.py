"""Trains one member of the compact planner's ensemble: teacher forcing over plan tokens, seeds fixed, resumable.

Matrix products run in bfloat16 where that is fast (CPUs with AVX-512 BF16 or AMX, CUDA); weights stay float32.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from inference.core.plan_tokens import INDEX
from inference.planner.compact.model import UNKNOWN, CompactModel, Config, buckets_of, slot_token
from inference.planner.compact.slots import MARK
from inference.training.dataset import Example

SAVE_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """`passes` over the data in batches of `batch`; learning rates after `warmup` steps, then a cosine to 0.

    `rate` is AdamW's, for tables and vectors; `matrix_rate` is Muon's, for the layers' matrices (Jordan et al. 2024):
    it needs about two thirds of the sentences that AdamW needs to come as far.
    """

    passes: float = 1.0
    batch: int = 128
    rate: float = 2e-3
    matrix_rate: float = 5e-3
    warmup: int = 100
    forget_word: float = 0.06


@dataclass(slots=True)
class Encoded:
    """All examples as numbers: `words` are the different input tokens, `inputs[i]` and `targets[i]` index them."""

    words: list[tuple[str, ...]]
    inputs: list[list[int]]
    targets: list[list[int]]


def encode(examples: Sequence[Example]) -> Encoded:
    numbers: dict[tuple[str, ...], int] = {UNKNOWN: 0}
    inputs, targets = [], []
    for example in examples:
        inputs.append([numbers.setdefault(f, len(numbers)) for f in example.features] or [0])
        targets.append([INDEX[token] for token in example.target])
    return Encoded(list(numbers), inputs, targets)


def order(data: Encoded, schedule: Schedule, seed: int) -> list[list[int]]:
    """Batches of examples of like length, shuffled anew for each pass."""
    rng = Random(seed)
    batches: list[list[int]] = []
    steps = math.ceil(schedule.passes * len(data.inputs) / schedule.batch)
    while len(batches) < steps:
        rows = list(range(len(data.inputs)))
        rng.shuffle(rows)
        chunk = schedule.batch * 40
        made = []
        for at in range(0, len(rows), chunk):
            part = sorted(rows[at : at + chunk], key=lambda r: (len(data.inputs[r]), len(data.targets[r])))
            made += [part[n : n + schedule.batch] for n in range(0, len(part), schedule.batch)]
        rng.shuffle(made)
        batches += made
    return batches[:steps]


class _Tables:
    """What a batch looks up: n-gram rows of every word, and which words are slots."""

    def __init__(self, words: Sequence[tuple[str, ...]], config: Config) -> None:
        self.rows = [torch.tensor(buckets_of(word, config.buckets)) for word in words]
        self.slot = torch.tensor([slot_token(word) for word in words])
        self.mark = torch.tensor([bool(word) and word[0].startswith(MARK) for word in words])


def _batch(
    data: Encoded, tables: _Tables, rows: Sequence[int], forget: float, chance: torch.Generator
) -> tuple[Tensor, ...]:
    length = max(len(data.inputs[r]) for r in rows)
    out = max(len(data.targets[r]) for r in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    padding = torch.ones(len(rows), length, dtype=torch.bool)
    written = torch.zeros(len(rows), out, dtype=torch.long)
    target = torch.full((len(rows), out), -100)
    for b, r in enumerate(rows):
        x, y = data.inputs[r], data.targets[r]
        ids[b, : len(x)] = torch.tensor(x)
        padding[b, : len(x)] = False
        written[b, 0] = INDEX["BEGIN"]
        written[b, 1 : len(y)] = torch.tensor(y[:-1])
        target[b, : len(y)] = torch.tensor(y)
    forgotten = (torch.rand(ids.shape, generator=chance) < forget) & ~tables.mark[ids]
    ids = ids.masked_fill(forgotten, 0)
    slot_at = tables.slot[ids].masked_fill(padding, 0)
    words, which = torch.unique(ids, return_inverse=True)
    bags = [tables.rows[w] for w in words.tolist()]
    offsets = torch.tensor([0, *(len(bag) for bag in bags[:-1])]).cumsum(0)
    return torch.cat(bags), offsets, which, padding, slot_at, written, target


def train(
    data: Encoded,
    config: Config,
    schedule: Schedule,
    *,
    seed: int,
    checkpoint: Path,
    progress: Callable[[int, int, float, float], None],
    clock: Callable[[], float] = time.monotonic,
) -> CompactModel:
    """A trained model. `progress(step, steps, loss, seconds left)`. What `checkpoint` holds is gone on with."""
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = CompactModel(config).to(device).train()
    optimisers = _optimisers(model, schedule)
    batches = order(data, schedule, seed)
    tables = _Tables(data.words, config)
    chance = torch.Generator()
    first = _resume(checkpoint, model, optimisers, {"seed": seed, "steps": len(batches)})
    began = saved = clock()
    smooth = 0.0
    for step in range(first, len(batches)):
        chance.manual_seed(seed * 1_000_003 + step)
        torch.manual_seed(seed * 1_000_003 + step)
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["initial_lr"] * _rate(step, len(batches), schedule.warmup)
        parts = _batch(data, tables, batches[step], schedule.forget_word, chance)
        rows, offsets, which, padding, slot_at, written, target = (t.to(device) for t in parts)
        with torch.autocast(device.type, torch.bfloat16):
            states = model.encode(rows, offsets, which, padding)
            logits = model.decode(states, padding, slot_at, written)
        loss = functional.cross_entropy(logits.float().flatten(0, 1), target.flatten(), ignore_index=-100)
        model.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        value = float(loss.detach())
        smooth = value if step == first else 0.98 * smooth + 0.02 * value
        if step % 20 == 0 or step + 1 == len(batches):
            left = (clock() - began) / (step + 1 - first) * (len(batches) - step - 1)
            progress(step + 1, len(batches), smooth, left)
        if clock() - saved > SAVE_EVERY_S:
            saved = clock()
            _save(checkpoint, model, optimisers, {"seed": seed, "steps": len(batches)}, step + 1)
    return model.cpu().eval()


def _optimisers(model: CompactModel, schedule: Schedule) -> list[torch.optim.Optimizer]:
    """Muon for the matrices between layers, AdamW for the rest."""
    tables = ("grams", "tokens", "places", "write")
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and not name.startswith(tables)]
    held = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in held]
    optimisers: list[torch.optim.Optimizer] = [
        torch.optim.Muon(
            matrices, lr=schedule.matrix_rate, momentum=0.95, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"
        ),
        torch.optim.AdamW(rest, schedule.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["initial_lr"] = group["lr"]
    return optimisers


def _rate(step: int, steps: int, warmup: int) -> float:
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup))))


def _save(
    path: Path, model: CompactModel, optimisers: Sequence[torch.optim.Optimizer], run: dict[str, int], step: int
) -> None:
    """Weights and moments as safetensors, written aside and moved in place: a killed run leaves the one before."""
    tensors = {f"model.{name}": value.detach().cpu() for name, value in model.state_dict().items()}
    for m, optimiser in enumerate(optimisers):
        for n, state in optimiser.state_dict()["state"].items():
            tensors |= {f"moment.{m}.{n}.{key}": torch.as_tensor(value).cpu() for key, value in state.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    save_file({k: v.contiguous() for k, v in tensors.items()}, half, metadata={"run": json.dumps(run | {"step": step})})
    half.rename(path)


def _resume(path: Path, model: CompactModel, optimisers: Sequence[torch.optim.Optimizer], run: dict[str, int]) -> int:
    """The step to go on with: 0 without a checkpoint of this very run."""
    if not path.exists():
        return 0
    with safe_open(path, "pt") as held:
        found = json.loads(held.metadata()["run"])
    step = int(found.pop("step"))
    if found != run:
        return 0
    tensors = load_file(path)
    model.load_state_dict({k[6:]: v for k, v in tensors.items() if k.startswith("model.")})
    states: list[dict[int, dict[str, Tensor]]] = [{} for _ in optimisers]
    for key, value in tensors.items():
        if key.startswith("moment."):
            _, m, n, name = key.split(".")
            states[int(m)].setdefault(int(n), {})[name] = value
    for optimiser, state in zip(optimisers, states, strict=True):
        optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    return step
