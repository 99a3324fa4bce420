"""The compact planner's network: an encoder over words and slots, a decoder that writes plan tokens.

Shapes: B sentences, S input tokens (at most MAX_WORDS), T plan tokens, W different input tokens of the batch, D width,
V plan tokens of `core.plan_tokens.TOKENS`. Words enter as the sum of hashed character n-grams (fastText, Bojanowski et
al. 2017), so that a typing error changes a word a little and no vocabulary file is needed. Slot tokens are written by
pointing (Vinyals et al. 2015): their logits also come from the match of decoder state and the slot's encoder state.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from inference.core.plan_tokens import INDEX, MAX_TOKENS, TOKENS
from inference.planner.compact.slots import MARK, MAX_WORDS

UNKNOWN = (MARK + "unknown",)


@dataclass(frozen=True, slots=True)
class Config:
    """Sizes of the network. `buckets`: rows of the table that n-grams are hashed into."""

    width: int = 192
    heads: int = 6
    encoder_layers: int = 3
    decoder_layers: int = 2
    hidden: int = 576
    buckets: int = 16384
    dropout: float = 0.1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@lru_cache(maxsize=200_000)
def buckets_of(features: tuple[str, ...], buckets: int) -> tuple[int, ...]:
    """Rows of the n-gram table for one input token: marks as they are, words as character 2- to 4-grams and whole."""
    out: list[int] = []
    for feature in features:
        if feature.startswith(MARK):
            out.append(zlib.crc32(feature.encode()) % buckets)
            continue
        word = f"<{feature}>"
        grams = [word[i : i + n] for n in (2, 3, 4) for i in range(len(word) - n + 1)] if len(word) > 3 else []
        out += [zlib.crc32(gram.encode("utf-8", "surrogatepass")) % buckets for gram in (word, *grams)]
    return tuple(out)


class CompactModel(nn.Module):
    def __init__(self, config: Config) -> None:
        super().__init__()
        d = config.width
        self.config = config
        self.grams = nn.EmbeddingBag(config.buckets, d, mode="sum")
        self.places = nn.Parameter(torch.zeros(MAX_WORDS, d))
        self.tokens = nn.Embedding(len(TOKENS), d)
        self.token_places = nn.Parameter(torch.zeros(MAX_TOKENS, d))
        self.enter = nn.LayerNorm(d)
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(
                d, config.heads, config.hidden, config.dropout, "gelu", batch_first=True, norm_first=True
            ),
            config.encoder_layers,
            norm=nn.LayerNorm(d),
            enable_nested_tensor=False,
        )
        self.decoder = nn.TransformerDecoder(
            nn.TransformerDecoderLayer(
                d, config.heads, config.hidden, config.dropout, "gelu", batch_first=True, norm_first=True
            ),
            config.decoder_layers,
            norm=nn.LayerNorm(d),
        )
        self.write = nn.Linear(d, len(TOKENS))
        self.ask = nn.Linear(d, d, bias=False)
        self.offer = nn.Linear(d, d, bias=False)
        nn.init.normal_(self.grams.weight, std=d**-0.5 / 4)
        nn.init.normal_(self.places, std=0.02)
        nn.init.normal_(self.token_places, std=0.02)
        nn.init.normal_(self.tokens.weight, std=d**-0.5)

    def encode(self, rows: Tensor, offsets: Tensor, which: Tensor, padding: Tensor) -> Tensor:
        """States [B, S, D]. rows [*], offsets [W]: n-grams of the batch's different tokens; which [B, S]: each input
        token's number among them; padding [B, S] is True where there is no token.
        """
        words = self.grams(rows, offsets)
        x = self.enter(words[which] + self.places[: which.shape[1]])
        return self.encoder(x, src_key_padding_mask=padding)  # type: ignore[no-any-return]

    def decode(self, states: Tensor, padding: Tensor, slot_at: Tensor, written: Tensor) -> Tensor:
        """Logits [B, T, V] of the token after each of `written` [B, T]. slot_at [B, S]: the plan token of the slot that
        stands at each input token, 0 where none does.
        """
        length = written.shape[1]
        causal = nn.Transformer.generate_square_subsequent_mask(length, device=written.device).bool()
        x = self.tokens(written) + self.token_places[:length]
        x = self.decoder(x, states, tgt_mask=causal, memory_key_padding_mask=padding, tgt_is_causal=True)
        logits: Tensor = self.write(x)
        match = self.ask(x) @ self.offer(states).transpose(1, 2) / self.config.width**0.5
        match = match.masked_fill((slot_at == 0)[:, None, :], 0.0).to(logits.dtype)
        return logits.scatter_add(2, slot_at[:, None, :].expand(-1, length, -1), match)


@dataclass(frozen=True, slots=True)
class Batch:
    rows: Tensor
    offsets: Tensor
    which: Tensor
    padding: Tensor
    slot_at: Tensor


def collate(sentences: Sequence[Sequence[tuple[str, ...]]], config: Config) -> Batch:
    """Input tokens of B sentences as the encoder wants them."""
    numbers: dict[tuple[str, ...], int] = {}
    length = max(1, *(len(s) for s in sentences))
    which = torch.zeros(len(sentences), length, dtype=torch.long)
    padding = torch.ones(len(sentences), length, dtype=torch.bool)
    slot_at = torch.zeros(len(sentences), length, dtype=torch.long)
    for b, sentence in enumerate(sentences):
        for s, features in enumerate(sentence):
            which[b, s] = numbers.setdefault(features, len(numbers))
            slot_at[b, s] = slot_token(features)
        padding[b, : max(1, len(sentence))] = False
    rows, offsets = [], []
    for features in numbers or {UNKNOWN: 0}:
        offsets.append(len(rows))
        rows += buckets_of(features, config.buckets)
    return Batch(torch.tensor(rows), torch.tensor(offsets), which, padding, slot_at)


def slot_token(features: tuple[str, ...]) -> int:
    """The plan token that points to this input token; 0 for words."""
    return INDEX.get(features[0][1:], 0) if features and features[0].startswith(MARK) else 0
