"""What a bundle says of itself: `evaluation.json` with every figure, and `card.md` for people, from one measurement.

The compact planner is measured on the report split, the rules planner and the majority beside it on the same cases.
That split is read here and by the command that measures, nowhere else: nothing is tuned on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from inference.contract import Json, PlanDraft
from inference.core.calibration import wilson
from inference.core.scoring import Case, Verdict
from inference.evaluations import EVALUATION, FORMAT
from inference.planner.baseline import RulesPlanner
from inference.planner.compact.planner import CompactPlanner
from inference.training import card_text
from inference.training.evaluation import MajorityPlanner, report, run

Judged = Sequence[tuple[Case, PlanDraft, Verdict]]
BINS = 10
_Test = Callable[[Verdict], bool]
# key -> (of which cases, which of them count)
_FIGURES: dict[str, tuple[_Test, _Test]] = {
    "dispatched_wrongly": (lambda v: v.expected != "plan", lambda v: v.dispatched),
    "exact": (lambda v: v.expected == "plan", lambda v: v.exact),
    "steps": (lambda v: v.expected == "plan", lambda v: v.steps),
    "ops": (lambda v: v.expected == "plan", lambda v: v.ops),
    "over_asking": (lambda v: v.expected == "plan", lambda v: not v.dispatched),
    "asked": (lambda v: v.expected == "ask", lambda v: v.correct),
    "refused": (lambda v: v.expected == "refuse", lambda v: v.correct),
    "run_coverage": (lambda v: v.expected == "plan", lambda v: v.run),
    "run_precision": (lambda v: v.run, lambda v: v.correct),
    "hard": (lambda v: "hard" in v.tags, lambda v: v.correct),
}


def measure(folder: Path, cases: Sequence[Case], split: str = "report") -> Json:
    """The evaluation of the bundle in `folder` on `cases`. Raises PlannerUnavailable for a bundle that is not whole."""
    planners = (CompactPlanner(folder), RulesPlanner(), MajorityPlanner())
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # latency is quoted on one core
    try:
        judged = {planner.name: list(run(planner, cases)) for planner in planners}
    finally:
        torch.set_num_threads(threads)
    return {
        "format": FORMAT,
        "bundle": planners[0].version,
        "split": split,
        "cases": {
            "n": len(cases),
            "plan": sum(case.decision == "plan" for case in cases),
            "sites": len({case.request.vocabulary.site for case in cases}),
            "languages": sorted({case.lang for case in cases}),
            "digest": cases_digest(cases),
        },
        "planners": {p.name: _figures(report(p, judged[p.name]), judged[p.name]) for p in planners},
    }


def cases_digest(cases: Sequence[Case]) -> str:
    """Names the cases, so that two evaluations can be told to be of the same ones."""
    rows = sorted(f"{case.request.vocabulary.site}\n{case.id}\n{case.request.text}\n{case.decision}" for case in cases)
    return hashlib.sha256("\n\n".join(rows).encode()).hexdigest()[:16]


def _figures(found: Json, rows: Judged) -> Json:
    verdicts = [verdict for _, _, verdict in rows]
    found["figures"] = {
        key: _counted([v for v in verdicts if among(v)], counts) for key, (among, counts) in _FIGURES.items()
    }
    found["slices"] = [
        {"kind": kind, "name": name, **_counted(part, lambda v: v.correct)}
        for kind, names in (
            ("group", dict.fromkeys(v.group for v in verdicts)),
            ("language", dict.fromkeys(v.lang for v in verdicts)),
            ("tag", dict.fromkeys(tag for v in verdicts for tag in v.tags)),
        )
        for name in sorted(names)
        if (part := [v for v in verdicts if name in _names(v, kind)])
    ]
    found["reliability"] = reliability(verdicts)
    return found


def _names(verdict: Verdict, kind: str) -> tuple[str, ...]:
    return verdict.tags if kind == "tag" else (verdict.group if kind == "group" else verdict.lang,)


def _counted(rows: Sequence[Verdict], test: _Test) -> Json:
    hits = sum(test(v) for v in rows)
    return {"n": len(rows), "right": hits, "share": hits / len(rows) if rows else None,
            "interval": wilson(hits, len(rows))}  # fmt: skip


def reliability(verdicts: Sequence[Verdict]) -> list[Json]:
    """Of the plans, by stated confidence in tenths: what was stated (mean) and how many were right."""
    out: list[Json] = []
    for b in range(BINS):
        part = [v for v in verdicts if v.dispatched and min(int(v.confidence * BINS), BINS - 1) == b]
        if part:
            stated = sum(v.confidence for v in part) / len(part)
            out.append({"from": b / BINS, "to": (b + 1) / BINS, "stated": stated, **_counted(part, _correct)})
    return out


def _correct(verdict: Verdict) -> bool:
    return verdict.correct


def write(folder: Path, found: Json) -> None:
    """`evaluation.json` and `card.md` into the bundle folder, each written aside and moved in place."""
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    fitted = json.loads((folder / "calibration.json").read_text(encoding="utf-8"))
    size = (folder / "model.safetensors").stat().st_size
    texts = {
        EVALUATION: json.dumps(found, indent=1, ensure_ascii=False) + "\n",
        "card.md": card_text.card(config, fitted, found, size),
    }
    for name, text in texts.items():
        half = folder / f"{name}.part"
        half.write_text(text, encoding="utf-8")
        half.rename(folder / name)


def make_card(folder: Path, cases: Sequence[Case]) -> Json:
    """Measure the bundle in `folder` and write both files into it; the evaluation."""
    found = measure(folder, cases)
    write(folder, found)
    return found
