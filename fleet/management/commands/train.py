"""`manage.py train planner`: makes the compact planner's bundle again, from sentences to calibration; resumable."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from fleet.supervisor.state import REPO


class Command(BaseCommand):
    help = "Train a part of the robot model. A run that was interrupted goes on where it stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("part", choices=["planner"], help="what to train")
        parser.add_argument(
            "--sentences", type=int, help="how many sentences to generate (the shipped size if left out)"
        )
        parser.add_argument("--passes", type=float, help="how often each sentence is seen")
        parser.add_argument("--members", type=int, help="networks in the ensemble")
        parser.add_argument("--seed", type=int, help="another seed gives other sentences and other weights")
        parser.add_argument("--output", type=Path, help="bundle folder (the shipped one if left out)")
        parser.add_argument("--work", type=Path, default=REPO / ".state" / "training", help="sentences, checkpoints")
        parser.add_argument("--sample", type=int, metavar="N", help="only print N sentences with their meanings")
        parser.add_argument("--language", default="en", help="language of the sample")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["sample"]:
            self._sample(options["sample"], options["language"], options["seed"])
            return
        from dataclasses import replace

        from inference.planner.compact.bundle import BUNDLE
        from inference.training.planner import Recipe, train_planner

        recipe = Recipe()
        for name in ("sentences", "members", "seed"):
            if options[name] is not None:
                recipe = replace(recipe, **{name: options[name]})
        if options["passes"] is not None:
            recipe = replace(recipe, schedule=replace(recipe.schedule, passes=options["passes"]))
        if recipe.sentences < 1 or recipe.members < 1 or recipe.schedule.passes <= 0:
            raise CommandError("--sentences, --members and --passes must be greater than 0")
        began = time.monotonic()
        bar = _Bar()
        config = train_planner(recipe, work=options["work"], bundle=options["output"] or BUNDLE, say=bar.show)
        bar.end()
        self.stdout.write(
            f"{config['version']} in {options['output'] or BUNDLE}, {(time.monotonic() - began) / 60:.0f} min"
        )

    def _sample(self, count: int, language: str, seed: int | None) -> None:
        from inference.training.grammar import LANGUAGES, load
        from inference.training.sampler import sample
        from inference.training.sites import make_site

        if language not in LANGUAGES:
            raise CommandError(f"--language must be one of {', '.join(LANGUAGES)}")
        rng, grammar, made, tried = Random(seed), load(language), 0, 0
        while made < count and tried < 50 * count:
            tried += 1
            one = sample(grammar, make_site(language, rng, language != "en" and rng.random() < 0.5), rng)
            if one is not None:
                made += 1
                self.stdout.write(f"{one.text}\n    {' '.join(one.slotted.words)}\n    {' '.join(one.target)}")
        self.stdout.write(f"{made} of {tried} draws were read as meant")


class _Bar:
    """One line that is written over on a terminal, a line every half minute elsewhere."""

    def __init__(self) -> None:
        self.live = sys.stdout.isatty()
        self.last = 0.0
        self.text = ""

    def show(self, text: str, share: float | None) -> None:
        filled = "" if share is None else f"[{'#' * int(30 * share):<30}] {share:4.0%} "
        if self.live:
            sys.stdout.write(f"\r\x1b[K{filled}{text}")
        elif time.monotonic() - self.last > 30 or share is None or text.split(":")[0] != self.text:
            self.last, self.text = time.monotonic(), text.split(":")[0]
            sys.stdout.write(f"{filled}{text}\n")
        sys.stdout.flush()

    def end(self) -> None:
        if self.live:
            sys.stdout.write("\n")
