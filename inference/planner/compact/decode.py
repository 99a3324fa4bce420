"""Beam search over plan tokens: only what the automaton allows, with the probabilities from before it forbade anything.

The mask decides what can be written; the score keeps what the network would have said without it, because a
probability renormalised over what is legal hides doubt (an impossible word renormalised away looks certain).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from inference.core.plan_tokens import DECISIONS, INDEX, MAX_TOKENS, State, advance, legal
from inference.planner.compact.model import CompactModel, collate
from inference.planner.compact.stepwise import Stepwise

BEAM = 4
# A reading this much less probable (in nats) than the best one so far cannot matter to anybody.
CUT = 5.0


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One reading: its tokens up to END, its log probability before masking (mean of the members' probabilities), the
    probability of its least sure token, and by how much the members' log probabilities differ.
    """

    tokens: tuple[str, ...]
    logp: float
    weakest: float
    spread: float


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of one sentence, best first, at least one; and the probability of every decision before anything
    else was written.
    """

    found: list[Hypothesis]
    decisions: Mapping[str, float]

    def refusal(self) -> float:
        """How probable it is that this must never be done."""
        return self.decisions.get("REFUSE.unsafe", 0.0) + self.decisions.get("REFUSE.injection", 0.0)


@dataclass(slots=True)
class _Beam:
    tokens: list[str]
    ids: list[int]
    state: State
    logp: float
    weakest: float
    each: list[float]
    parent: int = 0


@torch.inference_mode()
def search(
    models: Sequence[CompactModel],
    features: Sequence[tuple[str, ...]],
    slots: Mapping[str, int],
    beam: int = BEAM,
) -> Readings:
    """The most probable readings of one sentence."""
    batch = collate([features], models[0].config)
    steppers = [
        Stepwise(model, model.encode(batch.rows, batch.offsets, batch.which, batch.padding), batch.slot_at)
        for model in models
    ]
    alive = [_Beam([], [INDEX["BEGIN"]], State(), 0.0, 1.0, [0.0] * len(models))]
    done: list[Hypothesis] = []
    decisions: dict[str, float] = {}
    for _ in range(MAX_TOKENS - 1):
        probabilities = _next(steppers, alive)
        if not decisions:
            first = probabilities[:, 0].mean(0)
            decisions = {token: float(first[INDEX[token]]) for token in DECISIONS}
        grown: list[_Beam] = []
        for n, one in enumerate(alive):
            allowed = legal(one.state, slots)
            mean = probabilities[:, n].mean(0)
            rows = [INDEX[token] for token in allowed]
            best = sorted(zip(mean[rows].tolist(), allowed, rows, strict=True), reverse=True)[: beam + 1]
            for p, token, row in best:
                p = max(p, 1e-9)
                each = [
                    a + math.log(max(float(q), 1e-9)) for a, q in zip(one.each, probabilities[:, n, row], strict=True)
                ]
                grown.append(
                    _Beam(
                        [*one.tokens, token], [*one.ids, row], advance(one.state, token), one.logp + math.log(p),
                        min(one.weakest, p), each, n,
                    )
                )  # fmt: skip
        grown.sort(key=lambda b: -b.logp)
        alive = []
        for one in grown:
            if one.tokens[-1] == "END":
                done.append(Hypothesis(tuple(one.tokens), one.logp, one.weakest, max(one.each) - min(one.each)))
            elif len(alive) < beam and one.logp > grown[0].logp - CUT:
                alive.append(one)
        top = max((h.logp for h in done), default=-math.inf)
        alive = [one for one in alive if one.logp > top - CUT]
        if not alive or len([h for h in done if h.logp > alive[0].logp]) >= beam:
            break
    done.sort(key=lambda h: -h.logp)
    return Readings(done[:beam] or [Hypothesis(("ASK.not_understood", "END"), -math.inf, 0.0, 0.0)], decisions)


def _next(steppers: Sequence[Stepwise], alive: Sequence[_Beam]) -> torch.Tensor:
    """Probabilities [members, beams, V] of each beam's next token, nothing masked."""
    last = torch.tensor([one.ids[-1] for one in alive])
    out = []
    for stepper in steppers:
        stepper.keep([one.parent for one in alive])
        out.append(torch.softmax(stepper.step(last).float(), -1))
    return torch.stack(out)
