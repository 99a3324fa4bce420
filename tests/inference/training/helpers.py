"""A grammar's meanings checked without the linker, and a small model that trains within seconds."""

from __future__ import annotations

import re
from random import Random

from inference.core.plan_tokens import LIMITS
from inference.planner.compact.model import Config
from inference.planner.compact.slots import Slot, Slotted
from inference.training.dataset import Example
from inference.training.grammar import load
from inference.training.meaning import Spoken
from inference.training.sampler import Sample, sample
from inference.training.sites import make_site
from inference.training.train import Schedule

SMALL = Config(width=24, heads=2, encoder_layers=1, decoder_layers=1, hidden=32, buckets=256, dropout=0.1)
QUICK = Schedule(passes=1.0, batch=32, warmup=2)
_LABEL = re.compile(r"(?:^|\.)(PP|QI|NT|[PIRNTDC])\d*(#?)!?$")


def linked(spoken: Spoken) -> tuple[Slotted, dict[str, tuple[int, int]]]:
    """The sentence as a linker that never errs would give it: a slot of the right kind for each label."""
    spans: dict[str, tuple[int, int]] = {}
    words: list[str] = []
    slots: dict[str, Slot] = {}
    for text, label in spoken.pieces:
        kind = "" if label.startswith("?") else kind_of(label)
        if not kind or label in spans:
            continue
        n = sum(name[0] == kind for name in slots)
        if n >= LIMITS[kind]:
            continue
        start = 10 * len(words)
        spans[label] = (start, start + 5)
        name = f"{kind}{n}"
        slots[name] = Slot(name, start, start + 5, text)
        words.append(f"<{name}>")
    places = tuple((10 * n, 10 * n + 5) for n in range(len(words)))
    return Slotted(tuple((word,) for word in words), places, tuple(words), slots, ()), spans


def kind_of(label: str) -> str:
    """The kind of slot that a label of the sampler stands for; "" for none."""
    if ".PP" in f".{label}" and re.search(r"PP\d*\.", label):
        return "P"
    match = _LABEL.search(label)
    if match is None:
        return ""
    return "N" if match[2] or match[1] == "NT" else {"QI": "I", "PP": "P"}.get(match[1], match[1])


def drawn(language: str, count: int, seed: int = 1) -> list[Sample]:
    """Training sentences of one language."""
    rng, grammar, out = Random(seed), load(language), []
    for _ in range(20 * count):
        one = sample(grammar, make_site(language, rng, language != "en" and rng.random() < 0.5), rng)
        if one is not None:
            out.append(one)
        if len(out) == count:
            return out
    raise AssertionError(f"{language}: only {len(out)} of {20 * count} draws were read as meant")


def examples(language: str, count: int, seed: int = 1) -> list[Example]:
    return [Example(one.slotted.features, one.target) for one in drawn(language, count, seed)]
