"""Checkpoints small enough to make in a test, in the format of Qwen's own: random weights, own tokenizer.

A random model knows nothing, so whatever it gets right the schema made right.
"""

from __future__ import annotations

import json
from pathlib import Path

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
CHAT_TEMPLATE = """\
{%- for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor -%}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}{% endif -%}
{%- endif -%}"""
LINES = [
    '{"answer": {"decision": "plan", "plan": {"robot": null, "priority": "normal", "start": null, "deadline": null, ',
    '"avoid": [], "speed": null, "repeat": null, "steps": [{"op": "pick", "item": "tape", "qty": null, "at": null, ',
    '"if": null}, {"op": "drop", "item": null, "at": "row-3", "if": null}, {"op": "inspect", "item": null, "at": ',
    '"if": {"kind": "battery_below", "pct": 20}}, {"op": "charge", "at": null, "to_pct": null, "if": null}, ',
    '{"op": "patrol", "places": ["row-3"], "times": null, "if": null}, {"op": "wait", "until": "confirmed", "if": ',
    '{"op": "scan", "item": null, "at": null, "if": {"kind": "blocked"}}, {"op": "report", "if": null}, ',
    '{"op": "home", "if": null}, {"op": "move", "at": ], "unused": []}} "seconds": {"in_s": {"within_s": {"every_s": ',
    '{"answer": {"decision": "ask", "reason": "not_understood", "options": []}}',
    '{"answer": {"decision": "refuse", "reason": "out_of_scope"}}',
    "bring three pallets of oats from inbound 2 to row 3 before eleven and avoid the lab",
]


def make_checkpoint(folder: Path, family: str = "qwen3", seed: int = 0) -> Path:
    """A random two-layer model of `family` (qwen2 | qwen3 | qwen3_vl) in `folder`, with tokenizer and chat template."""
    import torch

    vocabulary = _make_tokenizer(folder)
    torch.manual_seed(seed)
    model = {"qwen2": _qwen2, "qwen3": _qwen3, "qwen3_vl": _qwen3_vl}[family](vocabulary + 7)
    model.save_pretrained(folder)
    return folder


def _make_tokenizer(folder: Path) -> int:
    """Byte-level BPE as Qwen's, trained on a few lines. Returns how many tokens it has."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False, min_frequency=1
    )
    tokenizer.train_from_iterator(LINES, trainer)
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "model_max_length": 8192,
        "chat_template": CHAT_TEMPLATE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return tokenizer.get_vocab_size()


_SHAPE = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 16384,
    "tie_word_embeddings": True,
    "bos_token_id": None,
    "eos_token_id": 2,
    "pad_token_id": 0,
}


def _qwen2(vocabulary: int) -> object:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    return Qwen2ForCausalLM(Qwen2Config(vocab_size=vocabulary, **_SHAPE))


def _qwen3(vocabulary: int) -> object:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    return Qwen3ForCausalLM(Qwen3Config(vocab_size=vocabulary, head_dim=8, **_SHAPE))


def _qwen3_vl(vocabulary: int) -> object:
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    text = {"vocab_size": vocabulary, "head_dim": 8, **_SHAPE}
    text["rope_scaling"] = {"rope_type": "default", "mrope_section": [2, 1, 1], "mrope_interleaved": True}
    vision = {
        "depth": 1,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_heads": 2,
        "out_hidden_size": 32,
        "deepstack_visual_indexes": [0],
        "num_position_embeddings": 16,
    }
    config = Qwen3VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=True)
    return Qwen3VLForConditionalGeneration(config)
