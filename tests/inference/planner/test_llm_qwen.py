"""The qwen planner end to end on checkpoints of random weights in the real on-disk format.

A random model knows nothing: that every sample is a valid answer shows that the schema guarantees it, not the model.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from fleet.supervisor.state import REPO
from inference.contract import Named, PlanRequest, plan_to_json
from inference.core.grammar import plan_from_json
from inference.planner import PLANNERS, get_planner
from inference.planner.errors import PlannerUnavailable
from inference.planner.llm.checkpoint import Limits, inspect_folder
from inference.planner.llm.grounding import ground
from inference.planner.llm.prompt import messages, shown
from inference.planner.llm.reading import to_draft
from inference.planner.llm.schema import offer, schema
from inference.planner.qwen import QwenPlanner, QwenSettings
from tests.inference.planner.llm_site import SITE, asked, grounded
from tests.inference.planner.tiny import make_checkpoint

TEXTS = (
    "Heron, take three oat pallets from inbound 2 to row 3 before eleven",
    "every half hour patrol row 3 and the workshop for ten minutes, avoid cold A",
    "charge to 80 % when the battery is below 20 %, then wait 5 minutes",
    "bring the oats to cold storage",
    "take it there",
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads cost more than they give with matrices this small."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("qwen") / "tiny-qwen3")


@pytest.fixture(scope="module")
def planner(folder: Path) -> QwenPlanner:
    return QwenPlanner(QwenSettings(str(folder), timeout_s=60, max_new_tokens=3000))


@pytest.mark.parametrize("text", TEXTS)
def test_every_sample_of_a_random_model_is_valid_and_grammatical(planner: QwenPlanner, text: str) -> None:
    found, offered = grounded(text)
    form = schema(offered)
    told = messages(found, offered, shown(found))
    validator = jsonschema.Draft202012Validator(form)
    decisions = set()
    for seed in range(6):
        limits = Limits(max_new_tokens=3000, temperature=1.0, seed=seed)
        completion = planner.checkpoint.complete(told, form, limits, time.monotonic() + 60)
        answer = json.loads(completion.text)
        validator.validate(answer)
        decisions.add(answer["answer"]["decision"])
        draft = to_draft(found, offered, completion)
        assert draft.decision in ("plan", "ask", "refuse")
        assert draft.confidence is not None and 0.0 <= draft.confidence < 0.05
        if draft.plan is not None:
            assert plan_from_json(plan_to_json(draft.plan)) == draft.plan
    assert len(decisions) > 1


def test_a_plan_of_a_random_model_names_only_records_of_the_text(planner: QwenPlanner) -> None:
    found, offered = grounded(TEXTS[0])
    form = schema(offered)
    only_plans = {**form["properties"]["answer"]["anyOf"][0]}
    form["properties"] = {"answer": only_plans}
    told = messages(found, offered, shown(found))
    for seed in range(6):
        completion = planner.checkpoint.complete(told, form, Limits(3000, 1.0, seed), time.monotonic() + 60)
        steps = json.loads(completion.text)["answer"]["plan"]["steps"]
        assert {s.get("at") for s in steps} <= {None, "inb-2", "row-3"}
        assert {s.get("item") for s in steps} <= {None, "pal-oat"}
        assert {s.get("qty") for s in steps} <= {None, 3}
        assert to_draft(found, offered, completion).decision in ("plan", "ask")


def test_greedy_answers_are_the_same_each_time_and_stamped(planner: QwenPlanner) -> None:
    first, second = planner.interpret(asked(TEXTS[0])), planner.interpret(asked(TEXTS[0]))
    assert (first.decision, first.plan, first.confidence) == (second.decision, second.plan, second.confidence)
    assert first.model == "qwen" and first.version.startswith("tiny-qwen3@") and first.elapsed_ms > 0
    assert not first.calibrated


def test_probabilities_are_those_before_the_mask(planner: QwenPlanner) -> None:
    """The mask leaves one token at most places; masked, they would all be certain."""
    found, offered = grounded("inspect row 3")
    completion = planner.checkpoint.complete(
        messages(found, offered, shown(found)), schema(offered), Limits(3000), time.monotonic() + 60
    )
    assert completion.tokens is not None
    assert b"".join(piece for piece, _ in completion.tokens).decode() == completion.text
    assert all(logprob < -2 for _, logprob in completion.tokens)


def test_the_guard_speaks_before_the_model(planner: QwenPlanner, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_of_model: list[object] = []
    monkeypatch.setattr(planner.checkpoint, "complete", lambda *a: asked_of_model.append(a))
    draft = planner.interpret(asked("Heron, stop now"))
    assert (draft.decision, draft.reason, draft.model) == ("refuse", "stop_words", "qwen")
    assert asked_of_model == []


def test_it_gives_up_at_the_deadline(folder: Path) -> None:
    ticks = iter(range(10_000))
    slow = QwenPlanner(QwenSettings(str(folder), timeout_s=3), clock=lambda: float(next(ticks)))
    with pytest.raises(PlannerUnavailable, match="in time"):
        slow.interpret(asked(TEXTS[0]))


def test_it_gives_up_when_the_answer_is_too_long(folder: Path) -> None:
    short = QwenPlanner(QwenSettings(str(folder), timeout_s=60, max_new_tokens=8))
    with pytest.raises(PlannerUnavailable, match="within 8 tokens"):
        short.interpret(asked(TEXTS[0]))


@pytest.mark.parametrize("family", ["qwen2", "qwen3_vl"])
def test_the_other_families_load_and_answer(tmp_path: Path, family: str) -> None:
    made = make_checkpoint(tmp_path / family, family)
    other = QwenPlanner(QwenSettings(str(made), timeout_s=60, max_new_tokens=3000))
    assert other.interpret(asked("inspect row 3 and report")).decision in ("plan", "ask", "refuse")


# --- folders that are not loaded --------------------------------------------------------------------------------------


def copy(folder: Path, to: Path) -> Path:
    to.mkdir()
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "training_args.pkl"])
def test_pickled_weights_are_refused(folder: Path, tmp_path: Path, name: str) -> None:
    bad = copy(folder, tmp_path / "bad")
    (bad / name).write_bytes(b"")
    with pytest.raises(PlannerUnavailable, match=name):
        QwenPlanner(QwenSettings(str(bad)))


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("model.safetensors", None, "no weights as safetensors"),
        ("model.safetensors", "not weights", "cannot be loaded"),
        ("tokenizer.json", None, "no tokenizer.json"),
        ("config.json", "{", "not JSON"),
        ("config.json", '{"model_type": "llama"}', "not a Qwen checkpoint"),
        ("config.json", '{"model_type": "qwen3", "auto_map": {"AutoModel": "x.Y"}}', "code of its own"),
        ("tokenizer_config.json", '{"tokenizer_class": "PreTrainedTokenizerFast"}', "no chat template"),
    ],
)
def test_folders_that_are_not_whole_are_refused(
    folder: Path, tmp_path: Path, file: str, text: str | None, words: str
) -> None:
    bad = copy(folder, tmp_path / "bad")
    if text is None:
        (bad / file).unlink()
    else:
        (bad / file).write_text(text)
    with pytest.raises(PlannerUnavailable, match=words):
        QwenPlanner(QwenSettings(str(bad)))


def test_a_missing_folder_is_said_by_the_name_of_its_setting(tmp_path: Path) -> None:
    with pytest.raises(PlannerUnavailable, match="YARDMASTER_QWEN_PATH"):
        inspect_folder(tmp_path / "nowhere")
    with pytest.raises(PlannerUnavailable, match="YARDMASTER_QWEN_PATH"):
        QwenPlanner(QwenSettings(""))


def test_four_bit_without_cuda_is_said_plainly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(PlannerUnavailable, match="FOUR_BIT needs a CUDA device"):
        QwenPlanner(QwenSettings(str(folder), four_bit=True))


def test_planners_are_registered_and_unconfigured_ones_say_what_is_missing() -> None:
    assert {"rules", "qwen", "endpoint"} <= set(PLANNERS)
    with pytest.raises(PlannerUnavailable, match="YARDMASTER_QWEN_PATH"):
        get_planner("qwen")
    with pytest.raises(PlannerUnavailable, match="YARDMASTER_ENDPOINT_URL"):
        get_planner("endpoint")


def test_nothing_heavy_is_imported_before_a_checkpoint_is_loaded() -> None:
    code = (
        "import sys, inference.planner, inference.planner.qwen, inference.planner.endpoint;"
        "from inference.planner import get_planner; get_planner('rules');"
        "print([m for m in ('transformers', 'torch', 'llguidance', 'django') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPO, check=True)
    assert done.stdout.strip() == "[]"


def test_a_large_site_does_not_make_a_large_question() -> None:
    places = tuple(Named(f"bay-{n}", f"Bay {n}") for n in range(700))
    request = PlanRequest("inspect the whatsit over yonder in the baywatch", replace(SITE, places=places))
    found = ground(request, QwenPlanner.guesses)
    assert 0 < len(found.records("place")) <= QwenPlanner.guesses
    offered = offer(found)
    assert len(json.dumps(messages(found, offered, shown(found)))) < 10_000
