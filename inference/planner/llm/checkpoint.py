"""A checkpoint folder on disk behind one call: messages and a JSON schema in, text and token probabilities out.

Nothing is fetched and nothing of the checkpoint is executed: Qwen classes of the installed transformers only, weights
as safetensors only. The schema is a mask over every token (llguidance), so that what comes out fits it whatever the
weights say. transformers and torch are imported when a checkpoint is loaded, not before.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.contract import Json
from inference.planner.errors import PlannerUnavailable
from inference.planner.llm.answer import Completion

NEEDED = ("torch", "transformers", "llguidance")
# Files that Python or torch would unpickle, which runs what they hold.
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
# Separators as `prompt.dump` writes them, which is also how instruction-tuned models write JSON.
_LAYOUT: Any = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_new_tokens` of an answer; `temperature` 0 is greedy, above it `seed` decides."""

    max_new_tokens: int = 1024
    temperature: float = 0.0
    seed: int = 0


def inspect_folder(folder: Path) -> Json:
    """The checkpoint's config. Raises PlannerUnavailable when it is not a Qwen checkpoint that is safe to load."""
    if not folder.is_dir():
        raise PlannerUnavailable(f"There is no checkpoint folder {folder} (YARDMASTER_QWEN_PATH).")
    pickled = sorted(path.name for path in folder.iterdir() if path.suffix in _PICKLED)
    if pickled:
        raise PlannerUnavailable(
            f"{folder} holds {pickled[0]}, which would be unpickled: use a folder with weights as safetensors only."
        )
    if not any(folder.glob("*.safetensors")):
        raise PlannerUnavailable(f"{folder} holds no weights as safetensors.")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        if not (folder / name).is_file():
            raise PlannerUnavailable(f"{folder} holds no {name}: it is not a complete checkpoint.")
    try:
        config = json.loads((folder / "config.json").read_text())
        tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    except ValueError as error:
        raise PlannerUnavailable(f"{folder} holds a config that is not JSON.") from error
    if "auto_map" in config or "auto_map" in tokenizer:
        raise PlannerUnavailable(f"{folder} wants code of its own to be run (auto_map): that is never done.")
    if not str(config.get("model_type", "")).startswith("qwen"):
        raise PlannerUnavailable(f"{folder} is not a Qwen checkpoint (its model_type is {config.get('model_type')!r}).")
    return dict(config)


def fingerprint(folder: Path) -> str:
    """Twelve hexadecimal digits over the small files and the names and sizes of the weights (hashing gigabytes would
    take longer than loading them).
    """
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.suffix == ".safetensors":
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        elif path.suffix == ".json":
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


class Checkpoint:
    """One loaded model. `clock` gives monotonic seconds."""

    def __init__(self, folder: Path, *, four_bit: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises PlannerUnavailable: what is missing or wrong, in plain words."""
        config = inspect_folder(folder)
        missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise PlannerUnavailable(
                f"The package {missing[0]} is not installed: start again with YARDMASTER_QWEN_PATH set, "
                "or install deploy/requirements-llm.txt."
            )
        # Read by transformers when it is imported; `local_files_only` below says the same for each file.
        os.environ.update({"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"})
        self.clock = clock
        self.version = f"{folder.name}@{fingerprint(folder)}"
        try:
            self._load(folder, config, four_bit)
        except PlannerUnavailable:
            raise
        except Exception as error:  # whatever a broken checkpoint makes the library raise
            raise PlannerUnavailable(f"{folder} cannot be loaded: {type(error).__name__}.") from error

    def _load(self, folder: Path, config: Json, four_bit: bool) -> None:
        import llguidance.hf
        import torch
        import transformers

        transformers.utils.logging.disable_progress_bar()
        local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        options: dict[str, Any] = {"dtype": _precision(self.device), "use_safetensors": True, **local}
        if four_bit:
            options["quantization_config"] = _four_bit(self.device)
        # Vision-language checkpoints are used for text alone; their class has the language model inside.
        with_vision = "vision_config" in config
        kind = transformers.AutoModelForImageTextToText if with_vision else transformers.AutoModelForCausalLM
        self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(folder, use_fast=True, **local)
        if not self.tokenizer.chat_template:
            raise PlannerUnavailable(f"{folder} has no chat template: an instruction-tuned checkpoint is needed.")
        model: Any = kind.from_pretrained(folder, **options)
        self.model = (model if four_bit else model.to(self.device)).eval()
        self.vocabulary = int(self.model.get_output_embeddings().weight.shape[0])
        end = self.tokenizer.eos_token_id
        if end is None:
            raise PlannerUnavailable(f"{folder} has no end-of-text token.")
        self.end = int(end)
        # The checkpoint's own sampling habits (temperature, repetition penalty) would bend the probabilities.
        self.model.generation_config = transformers.GenerationConfig(eos_token_id=self.end, pad_token_id=self.end)
        self.grammar_tokenizer = llguidance.hf.from_tokenizer(
            self.tokenizer, n_vocab=self.vocabulary, eos_token=self.end
        )

    def complete(self, messages: list[Json], schema: Json, limits: Limits, deadline: float) -> Completion:
        """An answer that fits `schema`. `deadline` is a reading of the clock. Raises PlannerUnavailable when the
        answer is not complete by then or within the tokens allowed.
        """
        import torch
        from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

        from inference.planner.llm.masking import Deadline, SchemaMask

        mask = SchemaMask(self.grammar_tokenizer, self._grammar(schema), self.vocabulary)
        prompt = self.tokenizer.apply_chat_template(
            messages,
            add_generation_prompt=True,
            enable_thinking=False,
            return_tensors="pt",
            return_dict=True,
        ).to(self.device)
        sampling = {"do_sample": True, "temperature": limits.temperature} if limits.temperature > 0 else {}
        config = GenerationConfig(
            max_new_tokens=limits.max_new_tokens,
            eos_token_id=self.end,
            pad_token_id=self.end,
            **(sampling or {"do_sample": False}),
        )
        with torch.inference_mode(), _seeded(limits):
            out = self.model.generate(
                **prompt,
                generation_config=config,
                logits_processor=LogitsProcessorList([mask]),
                stopping_criteria=StoppingCriteriaList([Deadline(deadline, self.clock)]),
            )
        written = out[0, prompt["input_ids"].shape[1] :].tolist()
        if written[-1:] != [self.end]:
            late = self.clock() >= deadline
            raise PlannerUnavailable(
                "The language model did not answer in time (YARDMASTER_QWEN_TIMEOUT_S)."
                if late
                else f"The language model did not finish within {limits.max_new_tokens} tokens."
            )
        logprobs = mask.logprobs(written)
        pieces = [self.grammar_tokenizer.decode_bytes([token]) for token in written[:-1]]
        text = b"".join(pieces).decode("utf-8", "replace")
        return Completion(text, tuple(zip(pieces, logprobs, strict=False)))

    def _grammar(self, schema: Json) -> str:
        import llguidance

        return llguidance.LLMatcher.grammar_from_json_schema(schema, overrides=_LAYOUT)


@contextlib.contextmanager
def _seeded(limits: Limits) -> Any:
    """Sampling with a seed of its own, leaving the process's generator as it was; greedy decoding draws nothing."""
    import torch

    if limits.temperature <= 0:
        yield
        return
    with torch.random.fork_rng():
        torch.manual_seed(limits.seed)
        yield


def _precision(device: str) -> Any:
    """bfloat16 where the hardware computes it, else float32."""
    import torch

    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    flags = ""
    with contextlib.suppress(OSError):
        flags = Path("/proc/cpuinfo").read_text()
    return torch.bfloat16 if "amx_bf16" in flags or "avx512_bf16" in flags else torch.float32


def _four_bit(device: str) -> Any:
    """Four-bit weights through bitsandbytes, which needs CUDA. Raises PlannerUnavailable where they cannot be had."""
    if device != "cuda":
        raise PlannerUnavailable(
            "YARDMASTER_QWEN_FOUR_BIT needs a CUDA device; this machine has none that torch can use."
        )
    for name in ("bitsandbytes", "accelerate"):
        if importlib.util.find_spec(name) is None:
            raise PlannerUnavailable(f"YARDMASTER_QWEN_FOUR_BIT needs the package {name}, which is not installed.")
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_use_double_quant=True,
    )
