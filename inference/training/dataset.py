"""Training sentences on disk: shards of JSON lines, each made by a seed of its own, so that a run can be resumed.

A shard's name holds the digest of all that makes it (grammars, sampler, linker): changed sources make new shards.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from inference.training import grammar as grammar_file
from inference.training.sampler import sample
from inference.training.sites import make_site

SHARD = 2000
# English is the language of the houses we know; the others share the rest.
SHARES: Mapping[str, float] = {"en": 0.4, "de": 0.1, "es": 0.1, "fr": 0.1, "pl": 0.1, "pt": 0.1, "zh": 0.1}
_SOURCES = (
    "training/grammars/*/*.txt",
    "training/grammar.py",
    "training/sampler.py",
    "training/meaning.py",
    "training/sites.py",
    "training/noise.py",
    "planner/compact/slots.py",
    "planner/text.py",
    "planner/reading.py",
    "planner/linker.py",
    "planner/names.py",
    "planner/lexicon.py",
    "planner/words.py",
    "planner/language.py",
    "planner/quantities*",
    "planner/quantities/*.py",
    "core/plan_tokens.py",
)


@dataclass(frozen=True, slots=True)
class Example:
    """One sentence as the network sees it: the features of its input tokens and the plan tokens to write."""

    features: tuple[tuple[str, ...], ...]
    target: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    language: str
    number: int
    seed: int
    path: Path


def digest() -> str:
    """Twelve hex digits over every source that decides what a training sentence looks like."""
    root = Path(__file__).parent.parent
    sha = hashlib.sha256()
    for path in sorted(p for pattern in _SOURCES for p in root.glob(pattern) if p.is_file()):
        sha.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:12]


def plan_shards(folder: Path, count: int, seed: int, shares: Mapping[str, float] = SHARES) -> list[Shard]:
    """The shards of `count` sentences, whether they exist yet or not."""
    mark = digest()
    return [
        Shard(language, n, seed, folder / mark / f"{language}-{seed}-{n:04d}.jsonl.gz")
        for language, share in shares.items()
        for n in range(max(1, round(count * share / SHARD)))
    ]


def make_shard(shard: Shard) -> tuple[int, int]:
    """Write one shard unless it exists; (sentences kept, sentences tried)."""
    if shard.path.exists():
        return SHARD, SHARD
    shard.path.parent.mkdir(parents=True, exist_ok=True)
    rng = Random(f"{shard.seed}-{shard.language}-{shard.number}")
    rules = grammar_file.load(shard.language)
    lines: list[str] = []
    tried = 0
    site = None
    while len(lines) < SHARD:
        if tried > 20 * SHARD:
            raise RuntimeError(f"{shard.language}: of {tried} sentences only {len(lines)} were read as meant")
        # A site serves a few sentences: making one and indexing its names costs more than a sentence does.
        if site is None or tried % 8 == 0:
            site = make_site(shard.language, rng, shard.language != "en" and rng.random() < 0.5)
        tried += 1
        one = sample(rules, site, rng)
        if one is not None:
            lines.append(json.dumps({"x": one.slotted.features, "y": one.target}, ensure_ascii=False))
    half = shard.path.with_suffix(".part")
    with gzip.open(half, "wt", encoding="utf-8", compresslevel=3) as out:
        out.write("\n".join(lines) + "\n")
    half.rename(shard.path)
    return len(lines), tried


def build(shards: list[Shard], workers: int, progress: Callable[[int, int, str], None]) -> None:
    """Make the shards that are missing with `workers` processes; `progress(done, of, language)` after each."""
    missing = [shard for shard in shards if not shard.path.exists()]
    progress(len(shards) - len(missing), len(shards), "")
    if not missing:
        return
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for n, _ in enumerate(pool.imap_unordered(make_shard, missing), 1):
            progress(len(shards) - len(missing) + n, len(shards), "")


def load(shards: list[Shard]) -> Iterator[Example]:
    for shard in shards:
        with gzip.open(shard.path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                yield Example(tuple(tuple(f) for f in row["x"]), tuple(row["y"]))
