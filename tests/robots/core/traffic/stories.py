"""Stories by chance, the same for ever for the same seed: a yard and a list of verbs played in it."""

from __future__ import annotations

import random

from robots.core.traffic.ledger import Ledger
from tests.robots.core.traffic.machine import Yard
from tests.robots.core.traffic.random_roads import SHAPES

WEIGHTS = {
    "work": 40, "report": 10, "drive": 6, "extend": 4, "begin": 3, "admit": 8, "zone": 3, "take": 3, "give_back": 3,
}  # fmt: skip
VERBS = (
    "admit", "begin", "extend", "drive", "report", "repeat", "beyond", "stop", "shove",
    "free_ahead", "retire", "zone", "take", "give_back", "wait", "crash", "tamper", "work",
)  # fmt: skip


def play(kind: type[Ledger], seed: int, *, steps: int = 80, deaf: bool = False) -> None:
    """One story by chance with that seed, the same for ever. AssertionError when an invariant broke."""
    rng = random.Random(seed)
    yard = Yard(kind, shape=SHAPES[seed % len(SHAPES)], seed=seed // len(SHAPES) % 12, deaf=deaf)
    for robot in range(3):
        yard.admit(robot, rng.randrange(1000))
    for _ in range(steps):
        one, two = rng.randrange(1000), rng.randrange(1000)
        verb = rng.choices(VERBS, weights=[WEIGHTS.get(verb, 1) for verb in VERBS])[0]
        if verb in ("give_back", "wait", "repeat"):
            getattr(yard, verb)(one % 60)
        elif verb == "drive":
            yard.drive(one, 1 + two % 5)
        else:
            getattr(yard, verb)(one, two)
