"""One token at a time gives the same logits as the whole decoder, also when beams fork and swap places."""

from __future__ import annotations

import torch

from inference.core.plan_tokens import INDEX, TOKENS
from inference.planner.compact.decode import search
from inference.planner.compact.model import CompactModel, Config, collate
from inference.planner.compact.slots import MARK
from inference.planner.compact.stepwise import Stepwise

SENTENCE = (
    ("take",),
    (MARK + "I0", MARK + "I"),
    ("from",),
    (MARK + "P0", MARK + "P"),
    ("to",),
    (MARK + "P1", MARK + "P"),
)
SMALL = Config(width=48, heads=4, encoder_layers=1, decoder_layers=2, hidden=64, buckets=512)


def model(seed: int) -> CompactModel:
    torch.manual_seed(seed)
    return CompactModel(SMALL).eval()


@torch.inference_mode()
def test_the_same_logits_as_the_whole_decoder() -> None:
    network = model(1)
    batch = collate([SENTENCE], SMALL)
    states = network.encode(batch.rows, batch.offsets, batch.which, batch.padding)
    stepper = Stepwise(network, states, batch.slot_at)
    written = [[INDEX["BEGIN"]]]
    chance = torch.Generator().manual_seed(5)
    for parents in ([0, 0], [1, 0, 0], [2, 1], [0, 0, 1, 1]):
        logits = stepper.step(torch.tensor([row[-1] for row in written]))
        whole = network.decode(
            states.expand(len(written), -1, -1),
            batch.padding.expand(len(written), -1),
            batch.slot_at.expand(len(written), -1),
            torch.tensor(written),
        )[:, -1]
        torch.testing.assert_close(logits, whole, atol=1e-4, rtol=1e-4)
        new = torch.randint(3, len(TOKENS), (len(parents),), generator=chance).tolist()
        written = [[*written[parent], token] for parent, token in zip(parents, new, strict=True)]
        stepper.keep(parents)


def test_a_search_gives_legal_readings_best_first() -> None:
    readings = search([model(1), model(2)], SENTENCE, {"I": 1, "P": 2})
    assert [h.logp for h in readings.found] == sorted((h.logp for h in readings.found), reverse=True)
    assert all(h.tokens[-1] == "END" for h in readings.found)
    assert 0.0 <= readings.refusal() <= 1.0
