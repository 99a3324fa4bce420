"""The decoder one token at a time: what earlier tokens and the sentence contribute is kept and not computed again.

Gives the same logits as `CompactModel.decode` (a test holds this) for a fraction of the work. One sentence, no padding.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

from inference.planner.compact.model import CompactModel


class Stepwise:
    """One member's decoder over one encoded sentence. states [1, S, D]; slot_at [1, S] as in `Batch`."""

    def __init__(self, model: CompactModel, states: Tensor, slot_at: Tensor) -> None:
        self.model = model
        self.heads = model.config.heads
        self.slot_at = slot_at
        self.offered = model.offer(states).transpose(1, 2)  # [1, D, S]
        self.memory = []
        for layer in model.decoder.layers:
            _, keys, values = self._project(layer.multihead_attn, states)
            self.memory.append((keys, values))
        self.past: list[tuple[Tensor, Tensor] | None] = [None] * len(self.memory)
        self.written = 0

    def keep(self, parents: Sequence[int]) -> None:
        """Go on with these beams of the last step, in this order; a beam may be taken twice."""
        rows = torch.tensor(parents)
        self.past = [None if held is None else (held[0][rows], held[1][rows]) for held in self.past]

    def step(self, tokens: Tensor) -> Tensor:
        """Logits [beams, V] after `tokens` [beams], the one that each beam wrote last."""
        model = self.model
        x = (model.tokens(tokens) + model.token_places[self.written])[:, None, :]
        for n, layer in enumerate(model.decoder.layers):
            asked, keys, values = self._project(layer.self_attn, layer.norm1(x))
            if (held := self.past[n]) is not None:
                keys, values = torch.cat([held[0], keys], 2), torch.cat([held[1], values], 2)
            self.past[n] = (keys, values)
            x = x + self._attend(layer.self_attn, asked, keys, values)
            asked = self._project(layer.multihead_attn, layer.norm2(x), only_query=True)[0]
            keys, values = (t.expand(len(tokens), -1, -1, -1) for t in self.memory[n])
            x = x + self._attend(layer.multihead_attn, asked, keys, values)
            x = x + layer.linear2(layer.activation(layer.linear1(layer.norm3(x))))
        self.written += 1
        x = model.decoder.norm(x)
        match = (model.ask(x) @ self.offered / model.config.width**0.5)[:, 0]
        match = match.masked_fill(self.slot_at == 0, 0.0)
        logits: Tensor = model.write(x)[:, 0]
        return logits.scatter_add(1, self.slot_at.expand(len(tokens), -1), match)

    def _project(
        self, attention: torch.nn.MultiheadAttention, x: Tensor, *, only_query: bool = False
    ) -> tuple[Tensor, ...]:
        """Queries, keys and values [B, heads, T, D / heads] of x [B, T, D]."""
        width = x.shape[-1]
        rows = width if only_query else 3 * width
        weight, bias = attention.in_proj_weight[:rows], attention.in_proj_bias[:rows]
        parts = functional.linear(x, weight, bias).split(width, -1)
        return tuple(p.unflatten(-1, (self.heads, width // self.heads)).transpose(1, 2) for p in parts)

    @staticmethod
    def _attend(attention: torch.nn.MultiheadAttention, asked: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        mixed = functional.scaled_dot_product_attention(asked, keys, values)
        return attention.out_proj(mixed.transpose(1, 2).flatten(-2))  # type: ignore[no-any-return]
